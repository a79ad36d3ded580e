package app

import (
	"context"
	"sync"
	"time"
)

// Background runs what has to be done without anybody asking until the context ends: the sweep of
// clocks, appointments that begin and end, the search index, and what other nodes have changed.
func (a *App) Background(ctx context.Context) {
	var wg sync.WaitGroup
	start := func(name string, every time.Duration, wake <-chan struct{}, do func(context.Context) error) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			a.repeat(ctx, name, every, wake, do)
		}()
	}
	start("sweep", a.Config.SweepInterval, nil, func(ctx context.Context) error {
		_, err := a.Cases.Sweep(ctx)
		return err
	})
	start("cover", 2*time.Second, nil, func(ctx context.Context) error {
		_, err := a.Cases.Recover(ctx)
		return err
	})
	start("turn-over", a.Config.SweepInterval, nil, a.Staff.TurnOver)
	start("index", time.Minute, a.Cases.Wake(), func(ctx context.Context) error {
		_, err := a.Cases.Index(ctx)
		return err
	})
	start("listen", time.Second, nil, func(ctx context.Context) error {
		_, err := a.Cases.Listen(ctx)
		return err
	})
	start("refresh", 2*time.Second, nil, func(ctx context.Context) error {
		if _, err := a.Areas.Refresh(ctx); err != nil {
			return err
		}
		if _, err := a.Staff.Refresh(ctx); err != nil {
			return err
		}
		if err := a.Cases.LoadHolidays(ctx); err != nil {
			return err
		}
		return a.Cases.LoadModels(ctx)
	})
	start("tidy", time.Hour, nil, func(ctx context.Context) error {
		if err := a.Staff.FlushUse(ctx); err != nil {
			return err
		}
		if err := a.Staff.Tidy(ctx); err != nil {
			return err
		}
		return a.Cases.Tidy(ctx)
	})
	wg.Wait()
}

// longestJob is after what time a job is broken off, to be tried again: a database that has fallen silent must not
// keep it for ever. What it had done by then is done.
const longestJob = 10 * time.Minute

// repeat does a job at once, then every so often or when woken. An error is logged and the job tried
// again at the next time: nothing is lost by it, since every job asks the database what there is to do.
func (a *App) repeat(ctx context.Context, name string, every time.Duration, wake <-chan struct{}, do func(context.Context) error) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		limited, cancel := context.WithTimeout(ctx, longestJob)
		err := do(limited)
		cancel()
		if err != nil && ctx.Err() == nil {
			a.Log.Error("background job failed; it is tried again", "job", name, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-wake:
		}
	}
}
