package casework

import (
	"context"
	"maps"
	"slices"
)

// CheckCodes lists the rules of Check.
func CheckCodes() []string { return slices.Sorted(maps.Keys(checkRules)) }

// CheckBy is Check with the cases cut into stretches of that many, by that many workers.
func (s *Service) CheckBy(ctx context.Context, stretch, workers int, progress func(done, total int)) ([]Finding, Stats, error) {
	return s.checkBy(ctx, layout{stretch: stretch, workers: workers}, progress)
}
