// Package e2e tests the whole program as it is used: over HTTP and the command line, on both engines.
package e2e

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"linli/internal/app"
	"linli/internal/calendar"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/sample"
	"linli/internal/staff"
)

// demoPassword is that of the ready-made accounts.
const demoPassword = sample.DemoPassword

// cheap is a cost of passwords at which tests can have many.
var cheap = staff.Hashing{Memory: 1 << 10, Time: 1, Threads: 1}

// world is a running program with the small sample county and a clock the test moves.
type world struct {
	t    testing.TB
	ctx  context.Context
	app  *app.App
	srv  *httptest.Server
	now  atomic.Pointer[time.Time]
	keys map[string]string // login -> session secret

	folder, url string // of the data
	backwards   bool   // the test set the clock back: the proof says so, and nothing else
}

// start is Monday 2026-11-16, 09:00 Beijing time: inside the office hours.
var start = time.Date(2026, 11, 16, 9, 0, 0, 0, calendar.Zone())

func begin(t testing.TB, engine database.Engine) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), keys: map[string]string{}}
	w.now.Store(&start)
	folder, url := prepared.copyFor(t, engine)
	w.app = w.open(folder, url)
	w.srv = httptest.NewServer(w.app.Server("test").Handler())
	t.Cleanup(w.srv.Close)
	return w
}

// open starts the program on a folder, or on a PostgreSQL database; it is closed after the test.
func (w *world) open(folder, url string) *app.App {
	w.t.Helper()
	cfg, _, err := config.Load("", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.folder, w.url = folder, url
	cfg.Data, cfg.DB = folder, url
	cfg.Reports.PerAddress = 100000
	a, err := app.New(w.ctx, cfg, app.Options{Now: func() time.Time { return *w.now.Load() }, Log: slog.New(slog.DiscardHandler), Hashing: &cheap})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := a.Close(); err != nil {
			w.t.Errorf("closing: %v", err)
		}
	})
	return a
}

// each runs a test on both engines.
func each(t *testing.T, test func(*testing.T, *world)) {
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			w := begin(t, engine)
			test(t, w)
			if !t.Failed() {
				w.sound() // whatever a test did, the county must prove itself afterwards
			}
		})
	}
}

// pass moves the clock on.
func (w *world) pass(d time.Duration) {
	next := w.now.Load().Add(d)
	w.now.Store(&next)
}

// holder signs in somebody who answers for the post now.
func (w *world) holder(post staff.Post) *staff.Actor {
	w.t.Helper()
	cover := w.app.Staff.Cover(post, *w.now.Load())
	if len(cover.Accounts) == 0 {
		w.t.Fatalf("nobody answers for %s", post)
	}
	actor, ok := w.app.Staff.ActorOf(cover.Accounts[0], *w.now.Load())
	if !ok {
		w.t.Fatalf("no actor for %s", post)
	}
	return actor
}

// answer is a response read.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

// call sends a request with a session secret ("" for nobody).
func (w *world) call(secret, method, path string, body any, headers ...string) answer {
	w.t.Helper()
	if body == nil {
		return w.raw(secret, method, path, "", nil, headers...)
	}
	b, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.raw(secret, method, path, "application/json", b, headers...)
}

func id(t testing.TB) string {
	t.Helper()
	v, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return v.String()
}
