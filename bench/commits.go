package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// commitRows is how many rows the table has whose rows are changed one by one: enough for two hardly ever to meet.
const commitRows = 100_000

// commits is what PostgreSQL keeps when connections do nothing but change one row and commit.
type commits struct {
	rate, p50, p99 samples // per second, ms
	effort         effort
}

// measure lets as many connections as there are senders commit one row each, one after the other, as `pgbench -N` does:
// nobody who commits for every report is quicker than that.
func (c *commits) measure(ctx context.Context, s *store, lasting time.Duration) (err error) {
	p, err := s.fresh(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.drop(ctx, p)) }()
	db, err := s.bare(p, senders)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, text := range []string{`CREATE TABLE bench_commit (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)`,
		fmt.Sprintf(`INSERT INTO bench_commit SELECT i, 0 FROM generate_series(0, %d) i`, commitRows-1), `VACUUM ANALYZE bench_commit`, `CHECKPOINT`} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%w in: %s", err, text)
		}
	}
	if _, err := commitFor(ctx, db, lasting/8); err != nil { // connections are opened, the server knows the statement
		return err
	}
	var calls []time.Duration
	var took time.Duration
	one := effort{}
	err = s.spent(&one, 1, func() (err error) {
		took, err = timed(func() (err error) {
			calls, err = commitFor(ctx, db, lasting)
			return err
		})
		return err
	})
	if err != nil {
		return err
	}
	each := func(v float64) float64 { return v / float64(len(calls)) }
	c.rate.add(perSecond(len(calls), took))
	c.p50.add(quantile(calls, 0.5))
	c.p99.add(quantile(calls, 0.99))
	c.effort.own = append(c.effort.own, one.own.each(each)...)
	c.effort.engine = append(c.effort.engine, one.engine.each(each)...)
	return nil
}

// commitFor commits until the time is over and gives how long each commit took, sorted.
func commitFor(ctx context.Context, db *sql.DB, lasting time.Duration) ([]time.Duration, error) {
	calls, failed := make([][]time.Duration, senders), make([]error, senders)
	end := now().Add(lasting)
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() { calls[i], failed[i] = commitUntil(ctx, db, end) })
	}
	all.Wait()
	list := sortedCalls(slices.Concat(calls...))
	if len(list) == 0 {
		failed = append(failed, errors.New("nothing was committed"))
	}
	return list, errors.Join(failed...)
}

func commitUntil(ctx context.Context, db *sql.DB, end time.Time) (calls []time.Duration, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	change, err := conn.PrepareContext(ctx, `UPDATE bench_commit SET n = n + 1 WHERE id = $1`)
	if err != nil {
		return nil, err
	}
	defer change.Close()
	for at := now(); at.Before(end); {
		if _, err := change.ExecContext(ctx, rand.IntN(commitRows)); err != nil {
			return calls, err
		}
		done := now()
		calls = append(calls, done.Sub(at))
		at = done
	}
	return calls, nil
}

// describe adds the rows of the floor.
func (c *commits) describe(s *store, t *table) {
	t.figure(fmt.Sprintf("— the server alone: commits of one changed row, %d connections", senders),
		c.rate.with(" commits/s")+", p50 "+c.p50.with(" ms")+", p99 "+c.p99.with(" ms"))
	s.serverCost(t, "— — processor time of the server's processes a commit", c.effort.engine)
}
