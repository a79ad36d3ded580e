package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strconv"

	"linli/internal/app"
	"linli/internal/platform/database"
)

// measureHTTPIntake is the intake over HTTP: the program as a process of its own, clients that come through a proxy on
// the same machine, each report from another resident. The program's background work runs as always. In the same rounds:
// the bare loop with the rows of such reports, Go's HTTP server alone and, on PostgreSQL, commits alone.
func measureHTTPIntake(ctx context.Context, b *bench, s *store, t *table) error {
	wave, err := s.burst(ctx, bareWave, s.plan.of(s.engine)/2)
	if err != nil {
		return err
	}
	found := httpIntake{levels: newLevels(b.plan.clients)}
	for round := range b.plan.httpRounds {
		b.say("  intake over HTTP, round %d of %d", round+1, b.plan.httpRounds)
		if err := found.round(ctx, s, round, wave.rows); err != nil {
			return err
		}
	}
	found.describe(s, t)
	return nil
}

// bareWave is the round whose rows the bare loop writes beside the intake over HTTP.
const bareWave = 900

// httpIntake is what the rounds gave.
type httpIntake struct {
	levels           *levels
	sustained, least samples
	bare             samples
	bareEffort       effort
	commits          commits
}

// round is all of it once, on a copy of the county.
func (h *httpIntake) round(ctx context.Context, s *store, round int, rows *written) (err error) {
	p, err := s.copy(ctx, s.county)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.drop(ctx, p)) }()
	texts, err := s.bodies(ctx, p, round)
	if err != nil {
		return err
	}
	if err := h.serve(ctx, s, p, texts); err != nil {
		return err
	}
	rate, err := s.bareRound(ctx, rows, s.barePool(), &h.bareEffort)
	if err != nil {
		return err
	}
	h.bare.add(rate)
	least, err := s.floorOutcome(ctx, p, senderCrowd(texts, httpBarAtClients))
	if err != nil {
		return err
	}
	h.least.add(least.rate)
	if s.engine == database.Postgres {
		return h.commits.measure(ctx, s, s.plan.burst)
	}
	return nil
}

// serve asks the program with every number of clients.
func (h *httpIntake) serve(ctx context.Context, s *store, p place, texts [][]byte) (err error) {
	srv, err := s.serve(ctx, p, s.profile("http-intake-"+string(s.engine)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	aside, err := s.bare(p, 1)
	if err != nil {
		return err
	}
	defer aside.Close()
	if _, err := load(ctx, srv, s.plan.burst/4, senderCrowd(texts, httpBarAtClients)); err != nil {
		return fmt.Errorf("warming up: %w", err)
	}
	if err := indexedAside(ctx, aside); err != nil {
		return err
	}
	answers, start := 0, now()
	for _, n := range h.levels.clients {
		o, err := load(ctx, srv, s.plan.burst, senderCrowd(texts, n))
		if err != nil {
			return fmt.Errorf("%d clients: %w", n, err)
		}
		h.levels.add(n, o)
		answers += o.answers
	}
	err = indexedAside(ctx, aside)
	h.sustained.add(perSecond(answers, now().Sub(start)))
	return err
}

func (h *httpIntake) describe(s *store, t *table) {
	for _, n := range h.levels.clients {
		l, what := h.levels.at[n], fmt.Sprintf("intake over HTTP, %d clients", n)
		switch {
		case n != httpBarAtClients:
			t.figure(what, l.describe(" reports/s")+", p99 "+l.p99.with(" ms"))
		case s.engine == database.SQLite:
			t.bar(what, "≥ "+figure(barHTTPIntake)+" reports/s", l.describe(" reports/s"), l.rate.median() >= barHTTPIntake)
			h.describeBar(s, t, l)
		default:
			t.figure(what, l.describe(" reports/s"))
			h.describeBar(s, t, l)
		}
	}
	t.figure(fmt.Sprintf("intake over HTTP, all levels of clients, until the last text is in the search index (%d clients last)", h.levels.last()), h.sustained.with(" reports/s"))
	h.levels.at[httpBarAtClients].note(t, fmt.Sprintf("Over HTTP with %d clients", httpBarAtClients), s)
}

// describeBar adds what stands beside the level that has a bar, from the same rounds.
func (h *httpIntake) describeBar(s *store, t *table, l *level) {
	t.atMost("— p99", barHTTPTail, " ms", l.p99)
	t.figure("— bare loop, "+s.barePool().String()+", same rounds", h.bare.with(" reports/s"))
	over := l.rate.over(h.bare)
	if s.engine == database.SQLite {
		t.figure(fmt.Sprintf("— HTTP intake ÷ bare loop (where the bar comes from: %s ÷ %s = %s)", figure(barHTTPIntake), figure(barsBareLoop), figure(float64(barHTTPIntake)/barsBareLoop)), over.with(""))
	} else {
		t.atLeast("— HTTP intake ÷ bare loop", barIntake, "", over)
	}
	t.figure("— Go's HTTP server alone, parsing the same JSON and giving the same bytes to the same clients", h.least.with(" requests/s"))
	t.figure("— HTTP intake ÷ Go's HTTP server alone", l.rate.over(h.least).with(""))
	t.figure("— processor time of the program a report, with its background work", cost(l.server, l.rate).with(" µs"))
	s.serverCost(t, "— processor time of PostgreSQL's processes a report", cost(l.engine, l.rate))
	s.serverCost(t, "— — the same in the bare loop", h.bareEffort.engine)
	if s.engine == database.Postgres {
		h.commits.describe(s, t)
		t.figure("— HTTP intake ÷ those commits", l.rate.over(h.commits.rate).with(""))
	}
}

// indexedAside is indexed from outside the program.
func indexedAside(ctx context.Context, db *sql.DB) error {
	return untilNone(ctx, func() (n int, err error) {
		err = db.QueryRowContext(ctx, waiting).Scan(&n)
		return n, err
	})
}

// bodies are the parts of reports that do not differ from sender to sender, as JSON.
func (s *store) bodies(ctx context.Context, p place, round int) (list [][]byte, err error) {
	a, err := p.open(ctx, app.Options{Keep: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	people, err := newResidents(a, uint64(round)+100, "")
	if err != nil {
		return nil, err
	}
	for range 5_000 {
		r := people.next()
		text, err := json.Marshal(r.Text)
		if err != nil {
			return nil, err
		}
		list = append(list, fmt.Appendf(nil, `","text":%s,"place":{"lat":%.6f,"lon":%.6f},"reporter":{"name":"%s","phone":"13`, text, r.Place.Lat, r.Place.Lon, r.Name))
	}
	return list, nil
}

// sender is a client that brings reports of ever new residents through the proxy.
type sender struct {
	texts [][]byte
	rand  *mathrand.ChaCha8
	body  []byte
	whole []byte
}

func senderCrowd(texts [][]byte, n int) []visitor {
	crowd := make([]visitor, n)
	for i := range crowd {
		var seed [32]byte
		_, _ = rand.Read(seed[:])
		crowd[i] = &sender{texts: texts, rand: mathrand.NewChaCha8(seed)}
	}
	return crowd
}

const (
	hexDigits = "0123456789abcdef"
	phoneTail = 1_000_000_000
)

func (s *sender) request() []byte {
	a, b := s.rand.Uint64(), s.rand.Uint64()
	s.body = append(s.body[:0], `{"id":"`...)
	s.body = appendUUIDv7(s.body, now().UnixMilli(), a, b)
	s.body = append(s.body, s.texts[b%uint64(len(s.texts))]...)
	s.body = appendPadded(s.body, a%phoneTail, 9)
	s.body = append(s.body, `"},"secret":"`...)
	s.body = appendHex(s.body, s.rand.Uint64(), 16)
	s.body = appendHex(s.body, s.rand.Uint64(), 16)
	s.body = append(s.body, `"}`...)
	// an address of the provider's network 100.64.0.0/10, as the proxy passes it on
	s.whole = append(s.whole[:0], "POST /api/v1/cases HTTP/1.1\r\nHost: linli.example\r\nContent-Type: application/json\r\nX-Forwarded-For: 100."...)
	s.whole = strconv.AppendUint(s.whole, 64+a>>40&63, 10)
	for _, part := range [...]uint64{a >> 48 & 255, a >> 56} {
		s.whole = strconv.AppendUint(append(s.whole, '.'), part, 10)
	}
	s.whole = append(s.whole, "\r\nContent-Length: "...)
	s.whole = strconv.AppendInt(s.whole, int64(len(s.body)), 10)
	s.whole = append(s.whole, "\r\n\r\n"...)
	s.whole = append(s.whole, s.body...)
	return s.whole
}

// judge asks for a receipt with a tracking code, such as 3G00-0F1K-7Q2M.
func (s *sender) judge(status int, body []byte) error {
	const field = `"code":"`
	at := bytes.Index(body, []byte(field))
	if status != 201 || at < 0 || len(body) < at+len(field)+15 || body[at+len(field)+14] != '"' {
		return fmt.Errorf("status %d instead of 201 with a tracking code", status)
	}
	return nil
}

func appendUUIDv7(to []byte, ms int64, a, b uint64) []byte {
	to = appendHex(to, uint64(ms)>>16, 8)
	to = append(to, '-')
	to = appendHex(to, uint64(ms)&0xffff, 4)
	to = append(to, '-', '7')
	to = appendHex(to, a&0xfff, 3)
	to = append(to, '-', hexDigits[8+a>>12&3])
	to = appendHex(to, b>>52, 3)
	to = append(to, '-')
	return appendHex(to, b&0xffff_ffff_ffff, 12)
}

func appendHex(to []byte, v uint64, digits int) []byte {
	for i := digits - 1; i >= 0; i-- {
		to = append(to, hexDigits[v>>(4*i)&15])
	}
	return to
}

func appendPadded(to []byte, v uint64, digits int) []byte {
	for unit := uint64(1); digits > 1; digits-- {
		unit *= 10
		if v < unit {
			to = append(to, '0')
		}
	}
	return strconv.AppendUint(to, v, 10)
}
