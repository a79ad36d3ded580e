package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

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

// seed reports and handles cases as people would.
func seed(ctx context.Context, a *app.App) error {
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
		steps []step
	}{
		{county, seedEnded, []step{{"here", nil}, {"take", nil}, {"feed_back", map[string]any{"result": "已处理,现场看过没有问题"}}, {"accept", nil}}},
		{elsewhere, seedOpen, nil},
		{asked, seedSort, nil},
		{asked, seedHandle, []step{{"here", nil}}},
	} {
		if err := walkAll(ctx, a, part.who.batch(part.n), part.steps); err != nil {
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

func walkAll(ctx context.Context, a *app.App, reports []casework.Report, steps []step) error {
	var next atomic.Int64
	failed := make([]error, senders)
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() {
			for failed[i] == nil {
				n := int(next.Add(1)) - 1
				if n >= len(reports) {
					return
				}
				failed[i] = walk(ctx, a, reports[n], steps)
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
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
	for _, account := range a.Staff.Holders(p, now()) {
		if actor, ok := a.Staff.ActorOf(account.ID, now()); ok {
			return actor, nil
		}
	}
	return nil, fmt.Errorf("nobody holds %s", p)
}
