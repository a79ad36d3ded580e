package casework

import (
	"context"
	"time"

	"linli/internal/platform/database"
)

// Newest is when the case with the highest number was last changed; zero when there is none. It tells a program that
// starts how late it was when it stopped, give or take what was done to older cases since.
func (s *Service) Newest(ctx context.Context) (at time.Time, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		var ms int64
		err := tx.Row(`SELECT updated_at FROM cases ORDER BY serial DESC LIMIT 1`).Scan(&ms)
		if database.IsNoRows(err) {
			return nil
		}
		at = database.Time(ms)
		return err
	})
	return at, err
}
