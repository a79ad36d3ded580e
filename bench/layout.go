package main

import (
	"context"
	"errors"
	"time"

	"linli/internal/app"
	"linli/internal/sample"
)

// layOut makes the full sample county: 21 townships, 355 villages, 1,271 grids with outlines, 5,213 people. Every
// measurement starts from a copy of it. Its people hold their posts for a month already.
func (s *store) layOut(ctx context.Context) (p place, err error) {
	if p, err = s.fresh(ctx); err != nil {
		return p, err
	}
	a, err := p.open(ctx, app.Options{Bulk: true, Now: func() time.Time { return now().Add(-sinceLayOut) }})
	if err != nil {
		return p, err
	}
	_, err = sample.LayOut(ctx, a, sample.Plan{Size: sample.Full, Seed: 1, Demo: true}, nil)
	return p, errors.Join(err, a.Close())
}

// sinceLayOut is how long ago the county was laid out, by its own account.
const sinceLayOut = 31 * day

// Who asks for worklists: the dispatcher and the grid member of the demonstration's village, each with one post.
const (
	askedVillage = "320682001001"
	askedGrid    = "320682001001001"
	dispatcher   = "paidan"
	gridMember   = "wangge"
)
