package casework

import (
	"context"
	"fmt"

	"linli/internal/platform/database"
	"linli/internal/staff"
)

// exportBatch is how many cases of an export are read with one question.
const exportBatch = 1000

// Export gives all cases of a list, one after the other, as they are at one moment, until take returns an error, which is
// returned. Permission and errors are those of List; whether somebody may take them away in a sheet is asked before.
func (s *Service) Export(ctx context.Context, actor *staff.Actor, f Filter, take func(*Case) error) error {
	if actor.Anonymous() {
		return errSignIn()
	}
	if err := f.complete(); err != nil {
		return err
	}
	f.PageSize = exportBatch
	return s.db.Read(ctx, func(tx *database.Tx) error {
		for {
			q, err := s.listQuery(tx, actor, f)
			if err != nil {
				return err
			}
			found, err := database.All(tx, scanListed, q.sql, q.Args...)
			if err != nil {
				return fmt.Errorf("exporting cases: %w", err)
			}
			page, err := q.page(tx, f, found)
			if err != nil {
				return err
			}
			for _, c := range page.Cases {
				if err := take(c); err != nil {
					return err
				}
			}
			if f.After = page.Next; f.After == "" {
				return nil
			}
		}
	})
}
