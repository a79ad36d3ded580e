package casework

import (
	"context"
	"fmt"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// OpenMatters counts the open cases at or below an area, confidential ones left out: the figure on the public
// notice board. It is public, so no permission is asked. Errors: NotFound.
func (s *Service) OpenMatters(ctx context.Context, code string) (n int, err error) {
	a, ok := s.areas.Tree().Area(code)
	if !ok {
		return 0, fault.Newf(fault.NotFound, "area-unknown", "没有编码为 %[1]s 的区域", "There is no area with the code %[1]s", code)
	}
	var q scope
	where := q.under(a.Path)
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT count(*) FROM cases c WHERE c.ended_at = 0 AND c.confidential = FALSE AND `+where, q.Args...).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("counting open cases: %w", err)
	}
	return n, nil
}
