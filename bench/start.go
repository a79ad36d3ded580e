package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// settled is how long the program is left alone before its memory is read.
const settled = 10 * time.Second

// measureStart is the time from making the process to its first answers, with the largest database stored, and its
// memory after ten idle seconds.
func measureStart(ctx context.Context, b *bench, s *store, t *table) error {
	n := b.plan.sizes[len(b.plan.sizes)-1]
	p, err := s.filled(ctx, n)
	if err != nil {
		return err
	}
	secret, err := s.session(ctx, p)
	if err != nil {
		return err
	}
	var healthy, answered, idle samples
	for round := range b.plan.starts {
		b.say("  start, round %d of %d", round+1, b.plan.starts)
		m, err := b.startOnce(ctx, p, secret, round == 0)
		if err != nil {
			return err
		}
		healthy.add(m.healthy)
		answered.add(m.answered)
		if round == 0 {
			idle.add(m.idle)
		}
	}
	what := fmt.Sprintf("start with %s cases stored%s", size(n), onDisk(p))
	t.figure(what+" until /healthz answers", healthy.with(" ms"))
	t.atMost("— until the dispatcher's list is answered", barStart, " ms", answered)
	t.atMost("— memory 10 s after that (resident)", barIdle, " MB", idle)
	return nil
}

// session signs the dispatcher in; it outlives the program that opened it.
func (s *store) session(ctx context.Context, p place) (secret string, err error) {
	srv, err := s.serve(ctx, p, "")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	return signIn(ctx, srv, dispatcher)
}

func onDisk(p place) string {
	info, err := os.Stat(filepath.Join(p.folder, "linli.db"))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (%s MB on disk)", commas(info.Size()>>20))
}

type startFigures struct{ healthy, answered, idle float64 }

// startOnce starts the program on a port known beforehand and asks until it answers: first /healthz, then a real
// question, for which the secret of a session is given; without one the tree of areas.
func (b *bench) startOnce(ctx context.Context, p place, secret string, wait bool) (f startFigures, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return f, err
	}
	args := []string{"serve", "--data", p.folder, "--listen", address}
	if p.name != "" {
		args = append(args, "--db", p.address())
	}
	begun := make(chan time.Time, 1)
	heard := make(chan error, 1)
	go func() {
		var err error
		at := <-begun
		f.healthy, err = answersWithin(ctx, address, []byte("GET /healthz HTTP/1.1\r\nHost: linli.example\r\n\r\n"), at)
		question := []byte("GET /api/v1/areas HTTP/1.1\r\nHost: linli.example\r\n\r\n")
		if secret != "" {
			question = newReader(secret).ask
		}
		if err == nil {
			f.answered, err = answersWithin(ctx, address, question, at)
		}
		heard <- err
	}()
	// the time before the process is made counts, what start does after it does not delay the asking
	begun <- now()
	srv, err := start(ctx, b.binary, args, cleanEnvironment(), filepath.Join(p.folder, "start.log"))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	if err := <-heard; err != nil || !wait {
		return f, err
	}
	select {
	case <-ctx.Done():
		return f, ctx.Err()
	case <-time.After(settled):
	}
	f.idle, err = srv.memory()
	return f, err
}

// answersWithin asks every millisecond until the answer is good and tells how long after the start that was, in ms.
func answersWithin(ctx context.Context, address string, request []byte, start time.Time) (float64, error) {
	for last := error(nil); ; {
		if now().Sub(start) > time.Minute || ctx.Err() != nil {
			return 0, errors.Join(errors.New("no answer within a minute"), ctx.Err(), last)
		}
		c, err := dial(ctx, address)
		if err == nil {
			var status int
			status, _, err = c.ask(request)
			err = errors.Join(err, c.conn.Close())
			if err == nil && status == 200 {
				return float64(now().Sub(start).Microseconds()) / 1000, nil
			}
			if err == nil {
				err = fmt.Errorf("status %d", status)
			}
		}
		last = err
		time.Sleep(time.Millisecond)
	}
}

// freeAddress is a port of this machine that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// measureYear is start, memory and check on a simulated year given as a data folder. It works on a copy: the program
// would do what has fallen due since.
func measureYear(ctx context.Context, b *bench, t *table) (err error) {
	p := place{folder: filepath.Join(b.work, "year")}
	if err := copyFolder(p.folder, b.year); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(p.folder)) }()
	if b.wants(checkSection) {
		b.say("year: check")
		took, err := timed(func() error {
			cmd := exec.CommandContext(ctx, b.binary, "check", "--data", p.folder)
			cmd.Env = cleanEnvironment()
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("linli check: %w\n%s", err, out)
			}
			return nil
		})
		if err != nil {
			return err
		}
		t.atMost("`linli check`"+onDisk(p), barCheck, " s", samples{took.Seconds()})
	}
	if !b.wants("start") {
		return nil
	}
	var healthy, answered, idle samples
	for round := range b.plan.starts {
		b.say("year: start, round %d of %d", round+1, b.plan.starts)
		m, err := b.startOnce(ctx, p, "", round == b.plan.starts-1)
		if err != nil {
			return err
		}
		healthy.add(m.healthy)
		answered.add(m.answered)
		if m.idle > 0 {
			idle.add(m.idle)
		}
	}
	t.figure("start until /healthz answers"+onDisk(p), healthy.with(" ms"))
	t.atMost("— until the areas are listed", barStart, " ms", answered)
	t.atMost("— memory 10 s after the last start (resident)", barIdle, " MB", idle)
	return nil
}
