package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"linli/internal/app"
	"linli/internal/casework"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// What is made through the services before it is multiplied.
const (
	seedEnded  = 2_000 // walked through the seven steps to their end, all over the county
	seedOpen   = 1_300 // left open, all over the county
	seedSort   = 200   // left with the asked dispatcher: the same number whatever the size
	seedHandle = 80    // left with the asked grid member
)

// seedClock moves on with every report, so that matters come over a month and not all at once.
type seedClock struct{ ms atomic.Int64 }

func newSeedClock() *seedClock {
	c := &seedClock{}
	c.ms.Store(now().Add(time.Hour - sinceLayOut).UnixMilli())
	return c
}

func (c *seedClock) now() time.Time { return time.UnixMilli(c.ms.Load()) }

// seed reports and handles cases as people would.
func seed(ctx context.Context, a *app.App, clock *seedClock) error {
	county, err := newResidents(a, 1, "")
	if err != nil {
		return err
	}
	asked, err := newResidents(a, 2, askedGrid)
	if err != nil {
		return err
	}
	elsewhere := &residents{texts: county.texts, random: county.random}
	for _, at := range county.spots {
		if tree := a.Areas.Tree(); !inAskedVillage(tree.Path(at.grid)) {
			elsewhere.spots = append(elsewhere.spots, at)
		}
	}
	_, sorter := a.Staff.ByLogin(dispatcher)
	_, handler := a.Staff.ByLogin(gridMember)
	if !sorter || !handler {
		return errors.New("the county has no accounts of the demonstration")
	}
	for _, part := range []struct {
		who   *residents
		n     int
		over  time.Duration
		steps []step
	}{
		{county, seedEnded, 10 * day, []step{{"here", nil}, {"take", nil}, {"feed_back", map[string]any{"result": "已处理,现场看过没有问题"}}, {"accept", nil}}},
		{elsewhere, seedOpen, 10 * day, nil},
		{asked, seedSort, 5 * day, nil},
		{asked, seedHandle, 5 * day, []step{{"here", nil}}},
	} {
		pace := part.over / time.Duration(part.n)
		if err := walkAll(ctx, a, clock, pace, part.who.batch(part.n), part.steps); err != nil {
			return err
		}
	}
	_, err = a.Cases.Index(ctx)
	return err
}

func inAskedVillage(path string) bool { return slices.Contains(strings.Split(path, "/"), askedVillage) }

// step is one action of the seven-step model, taken by whoever answers for the case.
type step struct {
	action string
	form   map[string]any
}

func walkAll(ctx context.Context, a *app.App, clock *seedClock, pace time.Duration, reports []casework.Report, steps []step) error {
	return sendAll(len(reports), func(n int) error {
		clock.ms.Add(pace.Milliseconds())
		return walk(ctx, a, reports[n], steps)
	})
}

func walk(ctx context.Context, a *app.App, r casework.Report, steps []step) error {
	r.Model, r.Urgency = "seven-step", "normal"
	receipt, err := a.Cases.Submit(ctx, staff.Resident(lang.ZH), r)
	if err != nil {
		return err
	}
	c := receipt.Case
	for _, st := range steps {
		actor, err := holder(a, c.Holder)
		if err != nil {
			return err
		}
		out, err := a.Cases.Act(ctx, actor, casework.Command{Case: c.ID, Action: st.action, Form: st.form})
		if err != nil {
			return fmt.Errorf("%s of %s by %s: %w", st.action, a.Cases.Number(c), c.Holder, err)
		}
		c = out.Case
	}
	return nil
}

// holder is somebody who holds the post.
func holder(a *app.App, p staff.Post) (*staff.Actor, error) {
	for _, account := range a.Staff.Holders(p, a.DB.Now()) {
		if actor, ok := a.Staff.ActorOf(account.ID, a.DB.Now()); ok {
			return actor, nil
		}
	}
	return nil, fmt.Errorf("nobody holds %s", p)
}
