package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"linli/internal/sample"
)

// measureHTTPWorklist is the dispatcher's list over HTTP by 32 signed-in clients, the sizes in turns.
func measureHTTPWorklist(ctx context.Context, b *bench, s *store, t *table) error {
	sizes := []int{b.plan.sizes[0], b.plan.sizes[len(b.plan.sizes)-1]}
	found := make([]struct{ rate, p50, p99, client, server samples }, len(sizes))
	for round := range b.plan.httpRounds {
		b.say("  worklist over HTTP, round %d of %d", round+1, b.plan.httpRounds)
		for i, n := range sizes {
			o, err := s.httpLists(ctx, n)
			if err != nil {
				return err
			}
			found[i].rate.add(o.rate)
			found[i].p50.add(o.p50)
			found[i].p99.add(o.p99)
			found[i].client.add(o.client)
			found[i].server.add(o.server)
		}
	}
	for i, n := range sizes {
		f := found[i]
		t.atLeast(fmt.Sprintf("dispatcher's list over HTTP, %d clients, %s cases stored", senders, size(n)), barHTTPList, " requests/s", f.rate)
		t.figure("— time to the answer", "p50 "+f.p50.with(" ms")+", p99 "+f.p99.with(" ms"))
	}
	least, err := s.leastList(ctx, sizes[0])
	if err != nil {
		return err
	}
	t.figure("— Go's HTTP server alone, giving the same bytes to the same clients", samples{least.rate}.with(" requests/s"))
	last := found[len(found)-1]
	t.note("Listing over HTTP, the load itself kept %s processors busy, the program %s.", last.client.with(""), last.server.with(""))
	t.note("That is %s of processor time a page for the load, %s for the program.", cost(last.client, last.rate).with(" µs"), cost(last.server, last.rate).with(" µs"))
	return nil
}

func (s *store) httpLists(ctx context.Context, n int) (o outcome, err error) {
	p, err := s.filled(ctx, n)
	if err != nil {
		return o, err
	}
	srv, err := s.serve(ctx, p, s.profile(fmt.Sprintf("http-worklist-%s-%d", s.engine, n)))
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	secret, err := signIn(ctx, srv, dispatcher)
	if err != nil {
		return o, err
	}
	readers := make([]visitor, senders)
	for i := range readers {
		readers[i] = newReader(secret)
	}
	if _, err := load(ctx, srv, s.plan.burst/4, readers); err != nil {
		return o, fmt.Errorf("warming up: %w", err)
	}
	return load(ctx, srv, s.plan.burst, readers)
}

// leastList is what is left of such an answer when nothing has to be found out.
func (s *store) leastList(ctx context.Context, n int) (o outcome, err error) {
	p, err := s.filled(ctx, n)
	if err != nil {
		return o, err
	}
	srv, err := s.serve(ctx, p, "")
	if err != nil {
		return o, err
	}
	secret, err := signIn(ctx, srv, dispatcher)
	if err = errors.Join(err, srv.stop()); err != nil {
		return o, err
	}
	readers := make([]visitor, senders)
	for i := range readers {
		readers[i] = newReader(secret)
	}
	return s.floorOutcome(ctx, p, readers)
}

// signIn opens a session and gives its secret.
func signIn(ctx context.Context, srv *server, login string) (string, error) {
	c, err := dial(ctx, srv.address)
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
