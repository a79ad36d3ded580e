package torture

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/platform/config"
	"linli/internal/proof"
)

// inside is the program as a value in the test's own process, by a clock of the test.
type inside struct {
	*app.App
	srv     *httptest.Server
	address string
	stop    func()
}

// clockwork is a machine's clock that the test sets.
type clockwork struct{ at atomic.Pointer[time.Time] }

func newClockwork(at time.Time) *clockwork {
	c := &clockwork{}
	c.set(at)
	return c
}

func (c *clockwork) now() time.Time       { return *c.at.Load() }
func (c *clockwork) set(at time.Time)     { c.at.Store(&at) }
func (c *clockwork) pass(d time.Duration) { c.set(c.now().Add(d)) }

// inProcess opens the program on the site and serves it; background says whether it does by itself what falls due.
func (s *site) inProcess(now func() time.Time, background bool) *inside {
	s.t.Helper()
	cfg, _, err := config.Load("", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	cfg.Data, cfg.DB, cfg.SweepInterval = s.folder, s.url, 50*time.Millisecond
	cfg.Reports.PerAddress, cfg.Reports.PerPhone = 100_000, 100_000
	ctx, cancel := context.WithCancel(context.Background())
	a, err := app.New(ctx, cfg, app.Options{Now: now, Log: slog.New(slog.DiscardHandler), Hashing: &cheap})
	if err != nil {
		s.t.Fatal(err)
	}
	in := &inside{App: a, srv: httptest.NewServer(a.Server("torture").Handler())}
	var wg sync.WaitGroup
	if background {
		wg.Go(func() { a.Background(ctx) })
	}
	in.stop = sync.OnceFunc(func() {
		in.srv.Close()
		cancel()
		wg.Wait()
		if err := a.Close(); err != nil {
			s.t.Errorf("closing: %v", err)
		}
	})
	s.t.Cleanup(in.stop)
	in.address = strings.TrimPrefix(in.srv.URL, "http://")
	s.answers(in.address)
	return in
}

// due does what has fallen due, as the background work does.
func (in *inside) due(t testing.TB) {
	t.Helper()
	if err := in.doDue(); err != nil {
		t.Fatal(err)
	}
}

func (in *inside) doDue() error {
	ctx := context.Background()
	_, swept := in.Cases.Sweep(ctx)
	_, covered := in.Cases.Recover(ctx)
	_, indexed := in.Cases.Index(ctx)
	return errors.Join(in.Staff.TurnOver(ctx), swept, covered, indexed)
}

// sound proves the county by the test's clock; no finding may be an error, and only the named ones a warning of the
// loop.
func (in *inside) sound(t testing.TB, doubts ...string) {
	t.Helper()
	r, err := proof.Run(context.Background(), proof.Parts{Areas: in.Areas, Staff: in.Staff, Cases: in.Cases}, in.DB.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Severity == "error" || f.Concept == "casework" && !strings.Contains(strings.Join(doubts, " "), f.Code) {
			t.Errorf("check: %s %s %s %s: %s", f.Severity, f.Concept, f.Code, f.Object, f.Text.EN)
		}
	}
}
