package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"

	"linli/internal/sample"
)

// measureHTTPWorklist is the dispatcher's list over HTTP by signed-in clients: by 32 with few cases stored, by few and by
// many clients with very many stored. In the same rounds: the bare SELECT on all processors, and Go's HTTP server alone.
func measureHTTPWorklist(ctx context.Context, b *bench, s *store, post string, t *table) error {
	few, many := b.plan.sizes[0], b.plan.sizes[len(b.plan.sizes)-1]
	lists := []*httpLists{{size: few, levels: newLevels([]int{senders})}, {size: many, levels: newLevels(b.plan.clients)}}
	for round := range b.plan.httpRounds {
		b.say("  worklist over HTTP, round %d of %d", round+1, b.plan.httpRounds)
		for _, l := range lists {
			if err := l.round(ctx, s, post); err != nil {
				return fmt.Errorf("%s cases: %w", size(l.size), err)
			}
		}
	}
	for _, l := range lists {
		l.describe(s, t)
	}
	return nil
}

// httpLists is what the rounds gave with one number of cases stored.
type httpLists struct {
	size        int
	levels      *levels
	bare, least samples
	answer      []byte // one of the program's own, for the floor to repeat
}

func (l *httpLists) round(ctx context.Context, s *store, post string) error {
	p, err := s.filled(ctx, l.size)
	if err != nil {
		return err
	}
	if err := l.serve(ctx, s, p); err != nil {
		return err
	}
	rate, err := s.bareTogether(ctx, p, post)
	if err != nil {
		return err
	}
	l.bare.add(rate)
	least, err := s.leastOutcome(ctx, p, l.answer, readers("", senders))
	l.least.add(least.rate)
	return err
}

// serve asks the program with every number of clients.
func (l *httpLists) serve(ctx context.Context, s *store, p place) (err error) {
	srv, err := s.serve(ctx, p, s.profile(fmt.Sprintf("http-worklist-%s-%d", s.engine, l.size)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	secret, err := signIn(ctx, srv.address, dispatcher)
	if err != nil {
		return err
	}
	if l.answer, err = oneAnswer(ctx, srv, newReader(secret)); err != nil {
		return err
	}
	if _, err := load(ctx, srv, s.plan.burst/4, readers(secret, senders)); err != nil {
		return fmt.Errorf("warming up: %w", err)
	}
	for _, n := range l.levels.clients {
		o, err := load(ctx, srv, s.plan.burst, readers(secret, n))
		if err != nil {
			return fmt.Errorf("%d clients: %w", n, err)
		}
		l.levels.add(n, o)
	}
	return nil
}

func (l *httpLists) describe(s *store, t *table) {
	for _, n := range l.levels.clients {
		at := l.levels.at[n]
		what := fmt.Sprintf("dispatcher's list over HTTP, %d clients, %s cases stored", n, size(l.size))
		said := at.describe(" requests/s") + ", p99 " + at.p99.with(" ms")
		if n != senders {
			t.figure(what, said)
			continue
		}
		t.bar(what, "≥ "+figure(barHTTPList)+" requests/s", said, at.rate.median() >= barHTTPList)
		t.figure("— the bare SELECT on all processors at once, no program and no HTTP around it, same rounds", l.bare.with(" pages/s"))
		t.figure("— list over HTTP ÷ bare SELECT on all processors", at.rate.over(l.bare).with(""))
		t.figure("— Go's HTTP server alone, giving the same bytes to the same clients", l.least.with(" requests/s"))
		t.figure("— list over HTTP ÷ Go's HTTP server alone", at.rate.over(l.least).with(""))
		t.figure("— processor time of the program a page", cost(at.server, at.rate).with(" µs"))
		s.serverCost(t, "— processor time of PostgreSQL's processes a page", cost(at.engine, at.rate))
		at.note(t, fmt.Sprintf("Listing over HTTP with %d clients, %s cases stored,", n, size(l.size)), s)
	}
}

// bareTogether is how many pages a second the bare SELECT gives when every processor does nothing else.
func (s *store) bareTogether(ctx context.Context, p place, post string) (rate float64, err error) {
	db, err := s.bare(p, runtime.GOMAXPROCS(0))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	page := pages{post: post}
	if page.bare, err = db.PrepareContext(ctx, bareList); err != nil {
		return 0, err
	}
	defer page.bare.Close()
	if _, err := page.together(ctx, s.plan.lists); err != nil { // warming up
		return 0, err
	}
	return page.together(ctx, 5*s.plan.lists)
}

// signIn opens a session with the program at an address and gives its secret.
func signIn(ctx context.Context, address, login string) (string, error) {
	c, err := dial(ctx, address)
	if err != nil {
		return "", err
	}
	defer c.conn.Close()
	body := fmt.Sprintf(`{"login":%q,"password":%q}`, login, sample.DemoPassword)
	status, answer, err := c.ask(fmt.Appendf(nil, "POST /api/v1/session HTTP/1.1\r\nHost: linli.example\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	if err != nil {
		return "", err
	}
	var session struct{ Secret string }
	if err := json.Unmarshal(answer, &session); err != nil || status != 201 || session.Secret == "" {
		return "", fmt.Errorf("signing in as %s: status %d: %s", login, status, answer)
	}
	return session.Secret, nil
}

// reader asks for the first page of a list again and again.
type reader struct {
	ask  []byte
	read bool
}

func newReader(secret string) *reader {
	return &reader{ask: fmt.Appendf(nil, "GET /api/v1/cases HTTP/1.1\r\nHost: linli.example\r\nAuthorization: Bearer %s\r\n\r\n", secret)}
}

// readers are clients with one session.
func readers(secret string, n int) []visitor {
	crowd := make([]visitor, n)
	for i := range crowd {
		crowd[i] = newReader(secret)
	}
	return crowd
}

func (r *reader) request() []byte { return r.ask }

// judge parses the first answer whole; of the others it counts the rows.
func (r *reader) judge(status int, body []byte) error {
	rows := bytes.Count(body, []byte(`"number":"`))
	if !r.read {
		var page struct {
			Cases []struct{ ID, Number, Title string }
			Next  string
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return err
		}
		if rows = len(page.Cases); page.Next == "" {
			return errors.New("the list has no second page")
		}
		r.read = true
	}
	if status != 200 || rows != listed {
		return fmt.Errorf("status %d with %d rows instead of 200 with %d", status, rows, listed)
	}
	return nil
}
