package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"linli/internal/app"
)

// measureIntakeAtSizes is a burst of reports with few, more and very many cases stored, the sizes in turns.
func measureIntakeAtSizes(ctx context.Context, b *bench, s *store, t *table) error {
	rates := make([]samples, len(b.plan.sizes))
	for round := range b.plan.rounds {
		b.say("  intake at sizes, round %d of %d", round+1, b.plan.rounds)
		for i, n := range b.plan.sizes {
			rate, err := s.burstAt(ctx, n, round)
			if err != nil {
				return err
			}
			rates[i].add(rate)
		}
	}
	for i, n := range b.plan.sizes {
		t.figure(fmt.Sprintf("intake as a service call, 32 senders, %s cases stored", size(n)), rates[i].with(" reports/s"))
	}
	last := len(rates) - 1
	t.figure(fmt.Sprintf("— cost of a report at %s ÷ at %s cases", size(b.plan.sizes[last]), size(b.plan.sizes[0])), rates[0].over(rates[last]).with(""))
	return nil
}

// burstAt leaves what it writes: a copy grows by a few hundredths over the rounds at most.
func (s *store) burstAt(ctx context.Context, n, round int) (rate float64, err error) {
	p, err := s.filled(ctx, n)
	if err != nil {
		return 0, err
	}
	a, err := p.open(ctx, app.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	people, err := newResidents(a, uint64(round)+200, "")
	if err != nil {
		return 0, err
	}
	if _, _, err := submitAll(ctx, a, people.batch(s.plan.warm)); err != nil {
		return 0, err
	}
	reports := people.batch(s.plan.atSize)
	runtime.GC()
	err = s.profiled(fmt.Sprintf("intake-at-%d-%s", n, s.engine), func() (err error) {
		rate, _, err = submitAll(ctx, a, reports)
		return err
	})
	return rate, err
}
