package httpapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"linli/internal/platform/config"
	"linli/internal/platform/fault"
)

// limits bound what somebody without an account may do from one address: reports, guesses at tracking
// codes, sign-ins. They are kept in memory: a restart forgives, several nodes each count their own.
type limits struct {
	reports, phones, tracking, pictures, login, others *httprate.RateLimiter
	window                                             time.Duration
}

// Guessing a code means 2^30 tries; thirty a minute from an address leave no chance, and a neighbour
// who mistypes is not hindered.
const (
	tracksPerMinute   = 30
	picturesPerMinute = 200 // by code; a case has up to a hundred
	loginsPerMinute   = 20
	othersPerMinute   = 600 // looking up places, categories, results: a page asks for a handful
)

func newLimits(c config.Config) *limits {
	window := max(c.Reports.Window, time.Minute)
	return &limits{
		reports:  httprate.NewRateLimiter(max(c.Reports.PerAddress, 1), window),
		phones:   httprate.NewRateLimiter(max(c.Reports.PerPhone, 1), window),
		tracking: httprate.NewRateLimiter(tracksPerMinute, time.Minute),
		pictures: httprate.NewRateLimiter(picturesPerMinute, time.Minute),
		login:    httprate.NewRateLimiter(loginsPerMinute, time.Minute),
		others:   httprate.NewRateLimiter(othersPerMinute, time.Minute),
		window:   window,
	}
}

// check counts the request against the limit that concerns it.
func (l *limits) check(w http.ResponseWriter, r *http.Request, in *incoming) error {
	by, wait := (*httprate.RateLimiter)(nil), time.Minute
	switch path := r.URL.Path; {
	case r.Method == http.MethodPost && path == "/api/v1/cases" && in.actor.Anonymous():
		by, wait = l.reports, l.window
	case strings.HasPrefix(path, "/api/v1/track/"):
		by = l.tracking
	case strings.HasPrefix(path, "/api/v1/files/") && r.URL.Query().Has("code"):
		by = l.pictures // a code can be guessed here, too
	case r.Method == http.MethodPost && (path == "/api/v1/session" || path == "/api/v1/setup/account"):
		by = l.login
	case in.actor.Anonymous() && strings.HasPrefix(path, "/api/v1/"):
		by = l.others
	}
	// one household's IPv6 network counts as one address
	if by != nil && by.OnLimit(w, r, httprate.CanonicalizeIP(in.address)) {
		return tooOften(wait)
	}
	return nil
}

// phone counts an anonymous report against the telephone number it names.
func (l *limits) phone(r *http.Request, digits string) error {
	if digits != "" && l.phones.OnLimit(discard{}, r, digits) {
		return tooOften(l.window)
	}
	return nil
}

// discard takes headers that belong to no answer.
type discard struct{ http.ResponseWriter }

func (discard) Header() http.Header { return http.Header{} }

func tooOften(wait time.Duration) error {
	return fault.New(fault.TooMany, "too-often", "操作太频繁,请稍后再试;紧急情况请直接拨打电话", "Too often; try again later. For an emergency please telephone").
		After(int(wait / time.Second))
}
