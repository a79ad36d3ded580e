package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

// settled is how long the program is left alone before its memory is read. It gives back what it does not need when nobody
// has asked for anything for five to ten seconds.
const settled = 12 * time.Second

// measureStart is the time from making the process to its first answers with the largest database stored, and its
// memory when it is left alone.
func measureStart(ctx context.Context, b *bench, s *store, t *table) error {
	n := b.plan.sizes[len(b.plan.sizes)-1]
	p, err := s.filled(ctx, n)
	if err != nil {
		return err
	}
	return s.measureStarts(ctx, t, p, fmt.Sprintf("start with %s cases stored%s", size(n), onDisk(p)), "start-"+string(s.engine))
}

// measureStarts starts the program on a place, some times for a dispatcher whose session is older than the process, and
// in between for one who signs in to it: a password is checked in 64 MB, and whether they stay is to be seen.
func (s *store) measureStarts(ctx context.Context, t *table, p place, what, profile string) error {
	secret, err := s.session(ctx, p)
	if err != nil {
		return err
	}
	var healthy, answered, idle, signedIn samples
	var rows int
	for round := range s.plan.starts {
		s.say("  start, round %d of %d", round+1, s.plan.starts)
		m, err := s.startOnce(ctx, p, starting{secret: secret, wait: true})
		if err != nil {
			return err
		}
		healthy.add(m.healthy)
		answered.add(m.answered)
		idle.add(m.idle)
		rows = m.rows
		if round >= s.plan.signIns {
			continue
		}
		if m, err = s.startOnce(ctx, p, starting{wait: true}); err != nil {
			return err
		}
		signedIn.add(m.idle)
	}
	if s.profiles != "" {
		for range profiledStarts {
			if _, err := s.startOnce(ctx, p, starting{secret: secret, profile: s.profileAgain(profile)}); err != nil {
				return err
			}
		}
	}
	after := fmt.Sprintf("— memory %.0f s after that (resident)", settled.Seconds())
	t.figure(what+" until /healthz answers", healthy.with(" ms"))
	t.atMost(fmt.Sprintf("— until the dispatcher's list (%d cases on the first page) is answered", rows), barStart, " ms", answered)
	t.atMost(after, barIdle, " MB", idle)
	t.atMost(after+", when the dispatcher has signed in to this very process", barIdle, " MB", signedIn)
	return nil
}

// profiledStarts is how many starts are profiled: a single one leaves a few dozen samples.
const profiledStarts = 8

// session signs the dispatcher in; it outlives the program that opened it.
func (s *store) session(ctx context.Context, p place) (secret string, err error) {
	srv, err := s.serve(ctx, p, "")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	return signIn(ctx, srv.address, dispatcher)
}

func onDisk(p place) string {
	info, err := os.Stat(filepath.Join(p.folder, "linli.db"))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (%s MB on disk)", commas(info.Size()>>20))
}

// starting says how the program is started and for whom.
type starting struct {
	secret  string // of a session that is open already; empty: the dispatcher signs in to this process
	wait    bool   // until it has settled
	profile string
}

type startFigures struct {
	healthy, answered float64 // ms
	idle              float64 // MB
	rows              int     // on the page that was answered
}

// startOnce starts the program on a port known beforehand and asks until it answers: first /healthz, then for a worklist.
func (b *bench) startOnce(ctx context.Context, p place, how starting) (f startFigures, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return f, err
	}
	args := []string{"serve", "--data", p.folder, "--listen", address}
	if p.name != "" {
		args = append(args, "--db", p.address())
	}
	program, env, err := b.program(how.profile)
	if err != nil {
		return f, err
	}
	begun := make(chan time.Time, 1)
	heard := make(chan error, 1)
	go func() { heard <- f.hear(ctx, address, how.secret, <-begun) }()
	// the time before the process is made counts, what start does after it does not delay the asking
	begun <- now()
	srv, err := start(ctx, program, args, env, filepath.Join(p.folder, "start.log"))
	if err != nil {
		return startFigures{}, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	if err := <-heard; err != nil || !how.wait {
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

// hear asks a program that began at a time until it answers.
func (f *startFigures) hear(ctx context.Context, address, secret string, at time.Time) (err error) {
	if f.healthy, _, err = answersWithin(ctx, address, []byte("GET /healthz HTTP/1.1\r\nHost: linli.example\r\n\r\n"), at); err != nil {
		return err
	}
	if secret == "" {
		if secret, err = signIn(ctx, address, dispatcher); err != nil {
			return err
		}
	}
	f.answered, f.rows, err = answersWithin(ctx, address, newReader(secret).ask, at)
	return err
}

// answersWithin asks every millisecond until the answer is good and tells how long after the start that was, in ms, and
// how many cases it lists.
func answersWithin(ctx context.Context, address string, request []byte, start time.Time) (ms float64, rows int, err error) {
	for last := error(nil); ; {
		if now().Sub(start) > time.Minute || ctx.Err() != nil {
			return 0, 0, errors.Join(errors.New("no answer within a minute"), ctx.Err(), last)
		}
		c, err := dial(ctx, address)
		if err == nil {
			var status int
			var body []byte
			status, body, err = c.ask(request)
			err = errors.Join(err, c.conn.Close())
			if err == nil && status == 200 {
				return float64(now().Sub(start).Microseconds()) / 1000, bytes.Count(body, []byte(`"number":"`)), nil
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
