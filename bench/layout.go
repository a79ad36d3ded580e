package main

import (
	"context"
	"errors"

	"linli/internal/app"
	"linli/internal/sample"
)

// layOut makes the full sample county: 21 townships, 355 villages, 1,271 grids with outlines, 5,213 people. Every
// measurement starts from a copy of it.
func (s *store) layOut(ctx context.Context) (p place, err error) {
	if p, err = s.fresh(ctx); err != nil {
		return p, err
	}
	a, err := p.open(ctx, app.Options{Bulk: true})
	if err != nil {
		return p, err
	}
	_, err = sample.LayOut(ctx, a, sample.Plan{Size: sample.Full, Seed: 1, Demo: true}, nil)
	return p, errors.Join(err, a.Close())
}

// Who asks for worklists: the dispatcher and the grid member of the demonstration's village, each with one post.
const (
	askedVillage = "320682001001"
	askedGrid    = "320682001001001"
	dispatcher   = "paidan"
	gridMember   = "wangge"
)
