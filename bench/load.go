package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// visitor makes the requests of one client and judges the answers. The bytes are used before the next is asked for.
type visitor interface {
	request() []byte
	judge(status int, body []byte) error
}

// outcome is what came of a load.
type outcome struct {
	rate, p50, p99 float64 // of answers, not of refusals: per second, milliseconds
	answers        int
	refused        int     // told to come again later, as an overloaded program may
	client, server float64 // processors busy with the load itself, and with the program
	engine         float64 // with PostgreSQL's processes; 0 where they cannot be seen
}

// load lets clients ask one request after the other for a while, each over its own connection. Every answer is judged;
// one that is not as it must be ends the measurement.
func load(ctx context.Context, srv *server, lasting time.Duration, visitors []visitor) (o outcome, err error) {
	clients := make([]*client, 0, len(visitors))
	defer func() {
		for _, c := range clients {
			_ = c.conn.Close() // everything was read
		}
	}()
	for range visitors {
		c, err := dial(ctx, srv.address)
		if err != nil {
			return o, err
		}
		clients = append(clients, c)
	}
	calls, refused := make([][]time.Duration, len(visitors)), make([]int, len(visitors))
	failed := make([]error, len(visitors))
	own, theirs, behind := ownCPU(), srv.cpu(), srv.engineCPU()
	start := now()
	end := start.Add(lasting)
	var all sync.WaitGroup
	for i, v := range visitors {
		all.Go(func() { calls[i], refused[i], failed[i] = visit(ctx, clients[i], v, end) })
	}
	all.Wait()
	took := now().Sub(start)
	if err := errors.Join(failed...); err != nil {
		return o, err
	}
	list := sortedCalls(slices.Concat(calls...))
	o = outcome{rate: perSecond(len(list), took), p50: quantile(list, 0.5), p99: quantile(list, 0.99), answers: len(list)}
	for _, n := range refused {
		o.refused += n
	}
	busy := func(used time.Duration) float64 { return used.Seconds() / took.Seconds() }
	o.client, o.server, o.engine = busy(ownCPU()-own), busy(srv.cpu()-theirs), busy(srv.engineCPU()-behind)
	return o, nil
}

// cost is the processor time of one answer, in us: it hardly depends on what else the machine does.
func cost(busy, rate samples) samples {
	return busy.over(rate).each(func(v float64) float64 { return v * 1e6 })
}

// backOff is how long a client waits that was told to come again later.
const backOff = 50 * time.Millisecond

func visit(ctx context.Context, c *client, v visitor, end time.Time) (calls []time.Duration, refused int, err error) {
	for at := now(); at.Before(end) && ctx.Err() == nil; {
		status, body, err := c.ask(v.request())
		if err != nil {
			return calls, refused, err
		}
		done := now()
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			refused++
			time.Sleep(backOff)
			at = now()
			continue
		}
		calls = append(calls, done.Sub(at))
		if err := v.judge(status, body); err != nil {
			return calls, refused, fmt.Errorf("answer %d: %w: %.300s", status, err, body)
		}
		at = done
	}
	return calls, refused, ctx.Err()
}

func sortedCalls(calls []time.Duration) []time.Duration {
	slices.Sort(calls)
	return calls
}
