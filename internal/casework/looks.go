package casework

import (
	"context"
	"fmt"
	"time"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// lookAnew is after what time a look is written down again: who goes back and forth between pages has looked once.
const lookAnew = time.Hour

// noteLooks writes to the access log who opened confidential cases (保密), before they are shown: whoever such a matter is
// about can be told who looked. Ordinary matters are read all day by many and are not written down; the program and the
// reporter are never.
func (s *Service) noteLooks(ctx context.Context, actor *staff.Actor, shown ...*Case) error {
	if actor.System() || actor.Anonymous() {
		return nil
	}
	var fresh []*Case
	for _, c := range shown {
		if !c.Confidential || s.reported(actor, c) {
			continue
		}
		if err := s.db.Read(ctx, func(tx *database.Tx) error {
			var n int
			if err := tx.Row(`SELECT count(*) FROM access_log WHERE object = $1 AND at >= $2 AND actor = $3 AND what = 'case.read'`,
				"case:"+c.ID, database.Millis(tx.Now.Add(-lookAnew)), actor.ID()).Scan(&n); err != nil {
				return fmt.Errorf("who looked at %s: %w", c.ID, err)
			}
			if n == 0 {
				fresh = append(fresh, c)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		for _, c := range fresh {
			if err := audit.Record(tx, audit.Entry{Actor: actor.ID(), Name: actor.Name(), What: "case.read", Object: "case:" + c.ID, Path: c.Path, Address: actor.Address()}); err != nil {
				return err
			}
		}
		return nil
	})
}
