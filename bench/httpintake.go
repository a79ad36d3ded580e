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
)

// measureHTTPIntake is the intake over HTTP: the program as a process of its own, clients that come through a proxy on
// the same machine, each report from another resident. The program's background work runs as always.
func measureHTTPIntake(ctx context.Context, b *bench, s *store, t *table) error {
	rate, p50, p99 := map[int]*samples{}, map[int]*samples{}, map[int]*samples{}
	for _, n := range b.plan.clients {
		rate[n], p50[n], p99[n] = &samples{}, &samples{}, &samples{}
	}
	var busy, loaded, sustained, least samples
	refused := map[int]int{}
	for round := range b.plan.httpRounds {
		b.say("  intake over HTTP, round %d of %d", round+1, b.plan.httpRounds)
		r, err := s.httpRound(ctx, round)
		if err != nil {
			return err
		}
		for n, o := range r.levels {
			rate[n].add(o.rate)
			p50[n].add(o.p50)
			p99[n].add(o.p99)
			refused[n] += o.refused
			if n == httpBarAtClients {
				busy.add(o.server)
				loaded.add(o.client)
			}
		}
		sustained.add(r.sustained)
		least.add(r.least.rate)
	}
	for _, n := range b.plan.clients {
		what := fmt.Sprintf("intake over HTTP, %d clients", n)
		detail := fmt.Sprintf("%s, p50 %s", rate[n].with(" reports/s"), p50[n].with(" ms"))
		if refused[n] > 0 {
			detail += fmt.Sprintf(", %s told to come later", commas(int64(refused[n])))
		}
		if n != httpBarAtClients {
			t.figure(what, detail+", p99 "+p99[n].with(" ms"))
			continue
		}
		if s.settings.engine == "sqlite" {
			t.bar(what, "≥ "+figure(barHTTPIntake)+" reports/s", detail, rate[n].median() >= barHTTPIntake)
		} else {
			t.figure(what, detail)
		}
		t.atMost("— p99", barHTTPTail, " ms", *p99[n])
		t.figure("— Go's HTTP server alone, parsing the same JSON and giving the same bytes to the same clients", least.with(" requests/s"))
	}
	t.figure(fmt.Sprintf("intake over HTTP, all levels of clients, until the last text is in the search index (%d clients last)", b.plan.clients[len(b.plan.clients)-1]), sustained.with(" reports/s"))
	at := *rate[httpBarAtClients]
	t.note("Over HTTP with %d clients the load itself kept %s processors busy, the program %s.", httpBarAtClients, loaded.with(""), busy.with(""))
	t.note("That is %s of processor time a report for the load, %s for the program with its background work (a PostgreSQL server's own not counted).",
		cost(loaded, at).with(" µs"), cost(busy, at).with(" µs"))
	return nil
}

type httpRound struct {
	levels    map[int]outcome
	sustained float64
	least     outcome // Go's HTTP server alone, with the clients of the bar
}

func (s *store) httpRound(ctx context.Context, round int) (r httpRound, err error) {
	p, err := s.copy(ctx, s.county)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.drop(ctx, p)) }()
	texts, err := s.bodies(ctx, p, round)
	if err != nil {
		return r, err
	}
	srv, err := s.serve(ctx, p, s.profile("http-intake-"+string(s.engine)))
	if err != nil {
		return r, err
	}
	defer func() {
		if err = errors.Join(err, srv.stop()); err == nil {
			r.least, err = s.floorOutcome(ctx, p, senderCrowd(texts, httpBarAtClients))
		}
	}()
	aside, err := s.bare(p, 1)
	if err != nil {
		return r, err
	}
	defer aside.Close()
	if _, err := load(ctx, srv, s.plan.burst/4, senderCrowd(texts, httpBarAtClients)); err != nil {
		return r, fmt.Errorf("warming up: %w", err)
	}
	if err := indexedAside(ctx, aside); err != nil {
		return r, err
	}
	r.levels = map[int]outcome{}
	answers, start := 0, now()
	for _, n := range s.plan.clients {
		o, err := load(ctx, srv, s.plan.burst, senderCrowd(texts, n))
		if err != nil {
			return r, fmt.Errorf("%d clients: %w", n, err)
		}
		r.levels[n] = o
		answers += o.answers
	}
	err = indexedAside(ctx, aside)
	r.sustained = perSecond(answers, now().Sub(start))
	return r, err
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
