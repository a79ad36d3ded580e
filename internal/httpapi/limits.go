package httpapi

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"linli/internal/platform/config"
	"linli/internal/platform/fault"
)

// limits bound what somebody without an account may do from one address: reports, guesses at tracking
// codes, sign-ins. Windows are kept in memory: a restart forgives, several nodes each count their own.
type limits struct {
	reports, tracking, login *window
}

// Guessing a code means 2^30 tries; thirty a minute from an address leave no chance, and a neighbour
// who mistypes is not hindered.
const (
	tracksPerMinute = 30
	loginsPerMinute = 20
)

func newLimits(c config.Config) *limits {
	return &limits{
		reports:  newWindow(c.Reports.PerAddress, c.Reports.Window),
		tracking: newWindow(tracksPerMinute, time.Minute),
		login:    newWindow(loginsPerMinute, time.Minute),
	}
}

func (l *limits) check(r *http.Request, in *incoming) error {
	var w *window
	switch path := r.URL.Path; {
	case r.Method == http.MethodPost && path == "/api/v1/cases" && in.actor.Anonymous():
		w = l.reports
	case strings.HasPrefix(path, "/api/v1/track/"):
		w = l.tracking
	case r.Method == http.MethodPost && path == "/api/v1/session":
		w = l.login
	default:
		return nil
	}
	if wait, ok := w.take(in.address, time.Now()); !ok {
		return fault.New(fault.TooMany, "too-often", "操作太频繁,请稍后再试;紧急情况请直接拨打电话", "Too often; try again shortly. For an emergency please telephone").
			After(int(wait/time.Second) + 1)
	}
	return nil
}

// window allows so many in a sliding period, by address.
type window struct {
	most   int
	period time.Duration

	mu    sync.Mutex
	by    map[string][]time.Time
	swept time.Time
}

func newWindow(most int, period time.Duration) *window {
	return &window{most: most, period: period, by: map[string][]time.Time{}}
}

// take counts one, or tells how long to wait.
func (w *window) take(key string, now time.Time) (wait time.Duration, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.Sub(w.swept) > w.period {
		w.sweep(now)
	}
	times := recent(w.by[key], now.Add(-w.period))
	if len(times) >= w.most {
		w.by[key] = times
		return times[0].Add(w.period).Sub(now), false
	}
	w.by[key] = append(times, now)
	return 0, true
}

// sweep forgets addresses that have been quiet.
func (w *window) sweep(now time.Time) {
	w.swept = now
	for key, times := range w.by {
		if len(recent(times, now.Add(-w.period))) == 0 {
			delete(w.by, key)
		}
	}
}

func recent(times []time.Time, since time.Time) []time.Time {
	for len(times) > 0 && !times[0].After(since) {
		times = times[1:]
	}
	return times
}
