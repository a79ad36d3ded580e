package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"linli/internal/app"
	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// measureIntake is the full intake of a report as a service call by 32 senders, in turns with a bare loop that
// writes the very rows the service has just written.
func measureIntake(ctx context.Context, b *bench, s *store, t *table) error {
	var found intake
	for round := range b.plan.rounds {
		b.say("  intake, round %d of %d", round+1, b.plan.rounds)
		if err := found.round(ctx, s, round); err != nil {
			return err
		}
	}
	found.describe(s, t)
	return nil
}

// intake is what the rounds gave.
type intake struct {
	burst, sustained, tail, alone, flush samples
	effort                               effort // of the burst
	one, batches                         samples
	oneEffort, batchEffort               effort
	commits                              commits
	rowsEach                             float64
}

func (f *intake) round(ctx context.Context, s *store, round int) error {
	w, err := s.burst(ctx, round, s.plan.of(s.engine))
	if err != nil {
		return err
	}
	f.burst.add(w.rate)
	f.tail.add(w.p99)
	f.alone.add(w.alone)
	f.effort.own = append(f.effort.own, w.effort.own...)
	f.effort.engine = append(f.effort.engine, w.effort.engine...)
	f.rowsEach = float64(w.rows.count()) / float64(len(w.rows.cases))
	probe, err := probeDisk(s.work)
	if err != nil {
		return err
	}
	f.flush.add(probe)
	if s.engine == database.Postgres {
		rate, err := s.bareRound(ctx, w.rows, s.barePool(), &f.oneEffort)
		if err != nil {
			return err
		}
		f.one.add(rate)
		if err := f.commits.measure(ctx, s, s.plan.burst/2); err != nil {
			return err
		}
	}
	rate, err := s.bareRound(ctx, w.rows, s.batched(), &f.batchEffort)
	if err != nil {
		return err
	}
	f.batches.add(rate)
	if rate, err = s.sustained(ctx, round); err != nil {
		return err
	}
	f.sustained.add(rate)
	return nil
}

func (f *intake) describe(s *store, t *table) {
	t.figure("intake as a service call, 32 senders, burst (search index waits)", f.burst.with(" reports/s"))
	t.figure("— p99 of a call in it", f.tail.with(" ms"))
	t.figure("— processor time a report, of the program with its senders", f.effort.own.with(" µs"))
	s.serverCost(t, "— processor time a report, of PostgreSQL's processes", f.effort.engine)
	bare := f.batches
	if s.engine == database.Postgres {
		bare = f.one
	}
	t.figure(fmt.Sprintf("bare loop, the same rows (%s a report), %s", figure(f.rowsEach), s.barePool()), bare.with(" reports/s"))
	t.atLeast("service ÷ bare loop", barIntake, "", f.burst.over(bare))
	t.figure("sustained service (all background work, until the last text is in the search index) ÷ bare loop", f.sustained.over(bare).with(""))
	if s.engine == database.Postgres {
		s.serverCost(t, "— processor time a report, of PostgreSQL's processes in the bare loop", f.oneEffort.engine)
		t.figure("bare loop, the same rows, "+s.batched().String(), f.batches.with(" reports/s"))
		t.figure("service ÷ bare loop of batches", f.burst.over(f.batches).with(""))
		f.commits.describe(s, t)
		t.figure("service ÷ those commits", f.burst.over(f.commits.rate).with(""))
	} else {
		t.figure("— processor time a report, of the bare loop", f.batchEffort.own.with(" µs"))
	}
	t.figure("one sender alone, p50 of a call", f.alone.with(" ms"))
	t.figure("— a bare write of 4 KiB with fdatasync on the same disk, p50", f.flush.with(" ms"))
	t.figure("intake as a service call, sustained: until the last text is in the search index", f.sustained.with(" reports/s"))
}

// barePool is the bare loop of the bar: with batches of 32 on SQLite, over a pool of connections on PostgreSQL.
func (s *store) barePool() bareRun {
	if s.engine == database.SQLite {
		return s.batched()
	}
	return bareRun{writers: senders, batch: 1}
}

// batched is the bare loop at its best: SQLite has one writer; on PostgreSQL a few connections keep both processors
// and the disk busy.
func (s *store) batched() bareRun {
	if s.engine == database.SQLite {
		return bareRun{writers: 1, batch: 32}
	}
	return bareRun{writers: 8, batch: 32}
}

// wave is what came of one burst.
type wave struct {
	rate, p99 float64
	alone     float64 // ms, p50 of a sender without company
	effort    effort
	rows      *written
}

// burst measures a burst of n reports on a county without cases and reads back what it wrote.
func (s *store) burst(ctx context.Context, round, n int) (w wave, err error) {
	p, err := s.copy(ctx, s.county)
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, s.drop(ctx, p)) }()
	a, err := p.open(ctx, app.Options{})
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	reports, err := s.ready(ctx, a, round, n)
	if err != nil {
		return w, err
	}
	before, err := takeSnapshot(ctx, a.DB)
	if err != nil {
		return w, err
	}
	err = s.profiled("intake-"+string(s.engine), func() error {
		return s.spent(&w.effort, n, func() (err error) {
			w.rate, w.p99, err = submitAll(ctx, a, reports)
			return err
		})
	})
	if err != nil {
		return w, err
	}
	after, err := takeSnapshot(ctx, a.DB)
	if err != nil {
		return w, err
	}
	if w.alone, err = s.oneByOne(ctx, a, round); err != nil {
		return w, err
	}
	if w.rows, err = after.since(before); err == nil && len(w.rows.cases) != len(reports) {
		err = fmt.Errorf("%d reports were acknowledged and %d cases are stored", len(reports), len(w.rows.cases))
	}
	return w, err
}

// aloneReports is how many reports one sender brings one after the other.
const aloneReports = 300

// oneByOne is how long a sender waits who is alone: never less than a flush of the disk takes.
func (s *store) oneByOne(ctx context.Context, a *app.App, round int) (float64, error) {
	people, err := newResidents(a, uint64(round)+300, "")
	if err != nil {
		return 0, err
	}
	calls := make([]time.Duration, 0, aloneReports)
	for _, r := range people.batch(aloneReports) {
		took, err := timed(func() error { return submitOne(ctx, a, r) })
		if err != nil {
			return 0, err
		}
		calls = append(calls, took)
	}
	return quantile(sortedCalls(calls), 0.5), nil
}

// ready makes the n reports of a round and lets the service warm up.
func (s *store) ready(ctx context.Context, a *app.App, round, n int) ([]casework.Report, error) {
	people, err := newResidents(a, uint64(round)+7, "")
	if err != nil {
		return nil, err
	}
	if _, _, err := submitAll(ctx, a, people.batch(s.plan.warm)); err != nil {
		return nil, err
	}
	reports := people.batch(n)
	runtime.GC() // what was made for the measurement is not its cost
	return reports, nil
}

// sustained measures with all the background work of a running program, until no text waits for the search index.
func (s *store) sustained(ctx context.Context, round int) (rate float64, err error) {
	p, err := s.copy(ctx, s.county)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.drop(ctx, p)) }()
	a, err := p.open(ctx, app.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	background, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { a.Background(background) })
	defer func() { stop(); running.Wait() }()
	reports, err := s.ready(ctx, a, round, s.plan.of(s.engine))
	if err != nil {
		return 0, err
	}
	if err := indexed(ctx, a.DB); err != nil {
		return 0, err
	}
	var took time.Duration
	err = s.profiled("intake-sustained-"+string(s.engine), func() (err error) {
		took, err = timed(func() error {
			if _, _, err := submitAll(ctx, a, reports); err != nil {
				return err
			}
			return indexed(ctx, a.DB)
		})
		return err
	})
	return perSecond(len(reports), took), err
}

// waiting asks how many texts wait for the search index.
const waiting = `SELECT count(*) FROM search_todo`

// indexed waits until no text waits for the search index.
func indexed(ctx context.Context, db *database.DB) error {
	return untilNone(ctx, func() (n int, err error) {
		err = db.Read(ctx, func(tx *database.Tx) error { return tx.Row(waiting).Scan(&n) })
		return n, err
	})
}

// untilNone asks until there are none.
func untilNone(ctx context.Context, count func() (int, error)) error {
	for {
		n, err := count()
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// submitAll sends the reports by 32 senders and gives the rate and the p99 of a call. Every answer is checked.
func submitAll(ctx context.Context, a *app.App, reports []casework.Report) (rate, p99 float64, err error) {
	calls := make([]time.Duration, len(reports))
	start := now()
	err = sendAll(len(reports), func(n int) (err error) {
		calls[n], err = timed(func() error { return submitOne(ctx, a, reports[n]) })
		return err
	})
	rate = perSecond(len(reports), now().Sub(start))
	return rate, quantile(sortedCalls(calls), 0.99), err
}

// sendAll does n things by all senders at once; a sender that fails ends.
func sendAll(n int, do func(i int) error) error {
	var next atomic.Int64
	failed := make([]error, senders)
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() {
			for failed[i] == nil {
				at := int(next.Add(1)) - 1
				if at >= n {
					return
				}
				failed[i] = do(at)
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

func submitOne(ctx context.Context, a *app.App, r casework.Report) error {
	receipt, err := a.Cases.Submit(ctx, staff.Resident(lang.ZH), r)
	if err == nil && (receipt.Code == "" || receipt.Again || receipt.ID != r.ID) {
		err = fmt.Errorf("report %s was not taken in as a new one", r.ID)
	}
	return err
}
