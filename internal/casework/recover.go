package casework

import (
	"context"
	"fmt"

	"linli/internal/platform/database"
	"linli/internal/staff"
)

// openPairs adds nothing to the names so that SQLite goes through the open hand-overs and not, for the order that
// DISTINCT could use, through all there ever were.
const openPairs = `SELECT DISTINCT post || '', holder || '' FROM task WHERE closed_at = 0`

// Recover finds open hand-overs whose holder is not who answers for the post now, and corrects them. The
// transactions of appointments and area changes do this as they happen; Recover catches what two of them
// at the same moment, or a tree that changed under a new code, left behind. It looks only when posts or
// areas have changed since it last looked, so it may be called often.
func (s *Service) Recover(ctx context.Context) (int, error) {
	version := s.world()
	if s.recovered.Load() == version {
		return 0, nil
	}
	type pair struct{ post, holder staff.Post }
	var stale []string
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		pairs, err := database.All(tx, func(sc database.Scanner) (p pair, err error) {
			err = sc.Scan(&p.post, &p.holder)
			return p, err
		}, openPairs)
		if err != nil {
			return fmt.Errorf("posts with open work: %w", err)
		}
		for _, p := range pairs {
			if cover := s.staff.Cover(p.post, tx.Now); cover.Nobody || cover.Holder == p.holder {
				continue
			}
			ids, err := database.Column[string](tx, `SELECT case_id FROM task WHERE closed_at = 0 AND post = $1 AND holder = $2`, string(p.post), string(p.holder))
			if err != nil {
				return fmt.Errorf("work of %s: %w", p.post, err)
			}
			stale = append(stale, ids...)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, id := range stale {
		if err := s.db.Write(ctx, func(tx *database.Tx) error { return s.recover(tx, id) }); err != nil {
			return 0, fmt.Errorf("covering case %s: %w", id, err)
		}
	}
	s.recovered.Store(version)
	return len(stale), nil
}
