package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// overload stands before everything else: before a body is read, before anybody is asked who they are. It bounds
// how many requests are worked on at once and the memory their bodies take, so that whoever is let in is answered
// in good time however many come, and whoever is not is told so at once and when to come again.
type overload struct {
	lanes   [lanes]*gate
	bodies  budget
	slowest time.Duration // that a small body may take to arrive
	stopped atomic.Bool
	refused [lanes]atomic.Int64 // since the last line in the log
	said    atomic.Int64        // when that was, Unix seconds
}

// Lanes: what takes its time must not stand before what is done in a moment.
const (
	laneWork   = iota // nearly everything
	laneSignIn        // checking a password takes a tenth of a second of a core, on purpose
	laneLong          // large bodies take as long as the sender's line needs; moving a township rewrites all its cases
	lanes
)

// laneNames are those of the figures and the log.
var laneNames = [lanes]string{laneWork: "work", laneSignIn: "sign-in", laneLong: "long"}

const (
	// smallBody is read before a place is taken, so that who sends slowly keeps nobody waiting; it has that long.
	smallBody        = 64 << 10
	smallBodyTimeout = 10 * time.Second
	// streamBody is what a body takes that is written to the disk as it comes.
	streamBody = 256 << 10
	// answerTimeout is how long the reader may leave us waiting; a long answer gets it anew as it is taken.
	answerTimeout = 30 * time.Second
	// workTimeout bounds the work itself: a database that has fallen silent must not keep a place for ever.
	workTimeout  = 30 * time.Second
	longTimeout  = 10 * time.Minute
	mostRequests = 256
	mostBodies   = 256 << 20
	// mostLong is mostly bodies on their way: each takes a goroutine and a file, not much memory.
	mostLong    = 256
	mostSignIns = 32
)

// newOverload makes the lanes. A bound of zero is the usual one.
func newOverload(requests int, bodies int64, now func() time.Time) *overload {
	requests, bodies = cmp.Or(requests, mostRequests), cmp.Or(bodies, mostBodies)
	o := &overload{bodies: budget{most: bodies}, slowest: smallBodyTimeout}
	o.lanes[laneWork] = newGate(4*runtime.GOMAXPROCS(0), requests, now)
	o.lanes[laneLong] = newGate(mostLong, mostLong, now)
	signIn := newGate(2, mostSignIns, now)
	signIn.patience, signIn.short = 2*waitPatience, 2*waitPatience // few are let in at once, so it is longer until one's turn
	o.lanes[laneSignIn] = signIn
	return o
}

// bounded lets requests through to next as far as they can be answered in time.
func (s *Server) bounded(next http.Handler) http.Handler {
	o := s.overload
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &answer{ResponseWriter: w}
		defer out.finish()
		if alwaysAnswered(r.URL.Path) || r.URL.Path == eventsPath && r.Method == http.MethodGet {
			next.ServeHTTP(out, r)
			return
		}
		lane := laneOf(r)
		gate := o.lanes[lane]
		if why, none := gate.hopeless(); none {
			s.turnAway(out, r, lane, why)
			return
		}
		small := r.ContentLength >= 0 && r.ContentLength <= smallBody
		size := r.ContentLength
		if !small {
			size = s.largeSize(r)
		}
		if !o.bodies.take(size) {
			s.turnAway(out, r, lane, bodiesFull)
			return
		}
		defer o.bodies.give(size)
		if small && size > 0 {
			if err := readSmall(out, r, o.slowest); err != nil {
				s.incomplete(out, r, lane, err)
				return
			}
		}
		entered, why := gate.enter(r.Context())
		if why != letIn {
			s.turnAway(out, r, lane, why)
			return
		}
		out.place, out.entered = gate, entered
		limit := workTimeout
		if lane == laneLong {
			limit = longTimeout
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		inside := r.WithContext(ctx)
		inside.Body = &arriving{r.Body, out} // of the copy: Go's server looks at its own whether the body was read to its end
		next.ServeHTTP(out, inside)
	})
}

// alwaysAnswered are the addresses by which the program is watched: a node that is busy is not a node that is ill.
func alwaysAnswered(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/metrics"
}

func laneOf(r *http.Request) int {
	switch {
	case r.ContentLength < 0 || r.ContentLength > smallBody, strings.HasPrefix(r.URL.Path, v1+"/exports/"), r.Method != http.MethodGet && takesLong(r.URL.Path):
		return laneLong
	case r.Method == http.MethodPost && (r.URL.Path == v1+"/session" || r.URL.Path == v1+"/setup/account"), r.Method == http.MethodPut && r.URL.Path == v1+"/me/password":
		return laneSignIn
	}
	return laneWork
}

// takesLong are the operations that change very much at once.
func takesLong(path string) bool {
	for _, under := range []string{v1 + "/areas/", v1 + "/imports/", v1 + "/calendars/", v1 + "/cases/bulk"} {
		if strings.HasPrefix(path, under) {
			return true
		}
	}
	return false
}

// largeSize is the memory that a large body will take, as far as the operation takes it at all.
func (s *Server) largeSize(r *http.Request) int64 {
	_, pattern := s.mux.Handler(r)
	most, known := s.bodyLimits[pattern]
	switch {
	case !known:
		return 0 // nothing reads it
	case most == maxUpload:
		return streamBody
	case r.ContentLength < 0:
		return most
	}
	return min(r.ContentLength, most)
}

type listenKey struct{}

// Listening makes the face tell, for a connection, while it waits for a small body to arrive: until then the client has
// not said what it wants.
func Listening(ctx context.Context, tell func(waiting bool)) context.Context {
	return context.WithValue(ctx, listenKey{}, tell)
}

// readSmall takes the body in before a place is taken.
func readSmall(w http.ResponseWriter, r *http.Request, slowest time.Duration) error {
	if tell, ok := r.Context().Value(listenKey{}).(func(bool)); ok {
		tell(true)
		defer tell(false)
	}
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(slowest)) //nolint:forbidigo // of the connection; not every transport has one
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return err
	}
	_ = rc.SetReadDeadline(time.Time{})
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// arriving is a body that may take only so long to arrive. Once it is there the bound is taken off the connection: when
// it passes while the request is worked on, Go's server calls the request off, and with it all that follow on the same
// connection, such as a proxy's.
type arriving struct {
	io.ReadCloser
	w http.ResponseWriter
}

func (a *arriving) Read(b []byte) (int, error) {
	n, err := a.ReadCloser.Read(b)
	if errors.Is(err, io.EOF) {
		_ = http.NewResponseController(a.w).SetReadDeadline(time.Time{}) // not every transport has one
	}
	return n, err
}

// incomplete answers a request whose body did not arrive, as Huma does for those it reads.
func (s *Server) incomplete(w *answer, r *http.Request, lane int, cause error) {
	s.metrics.turnedAway(laneNames[lane], cutOff)
	in, status, words := s.bare(r), http.StatusBadRequest, "cannot read request body"
	if errors.Is(cause, os.ErrDeadlineExceeded) {
		status, words = http.StatusRequestTimeout, "request body read timeout"
	}
	s.headers(w.Header(), in)
	w.Header().Set("Connection", "close")
	s.send(w, decodingProblem(with(r.Context(), in), status, words, nil))
}

// turnAway refuses a request that was not let in. There may be very many of them, so it costs a few microseconds
// and the log hears of them once a second.
func (s *Server) turnAway(w *answer, r *http.Request, lane int, why reason) {
	s.metrics.turnedAway(laneNames[lane], why)
	if why == wentAway {
		return // nobody is there to be told
	}
	s.mention(lane)
	in, h := s.bare(r), w.Header()
	f := errBusy()
	if why == stopping {
		f = errStopping()
		h["Connection"] = []string{"close"}
	}
	// clients that were refused together should not come back together
	h["Retry-After"] = []string{strconv.Itoa(f.RetryAfter + int(in.id[len(in.id)-1])%3)}
	h["X-Request-Id"], h["Content-Language"] = []string{in.id}, []string{string(in.lang)}
	h["Content-Type"], h["X-Content-Type-Options"], h["Cache-Control"] = refusalType, refusalSniff, refusalCache
	w.WriteHeader(http.StatusServiceUnavailable)
	// as the encoder would write a Problem; neither the words nor an id need escaping
	body := make([]byte, 0, 512)
	for _, part := range []string{`{"type":"/api/#problem-`, f.Code, `","title":"`, f.Text.In(in.lang), `","status":503,"code":"`, f.Code, `","request_id":"`, in.id, "\"}\n"} {
		body = append(body, part...)
	}
	_, _ = w.Write(body) // the connection may be gone
}

// Headers that are the same for every refusal; never changed.
var (
	refusalType  = []string{"application/problem+json"}
	refusalSniff = []string{"nosniff"}
	refusalCache = []string{"no-store"}
)

// bare is what is known of a request that nobody has looked into.
func (s *Server) bare(r *http.Request) *incoming {
	in := &incoming{id: requestID(r), lang: s.Config.Lang}
	if accept := r.Header.Get("Accept-Language"); accept != "" {
		in.lang = lang.Pick(accept)
	}
	return in
}

// mention writes one line a second about all that were turned away.
func (s *Server) mention(lane int) {
	o := s.overload
	o.refused[lane].Add(1)
	now, said := time.Now().Unix(), o.said.Load() //nolint:forbidigo // paces the log, decides nothing
	if now == said || !o.said.CompareAndSwap(said, now) {
		return
	}
	args := make([]any, 0, 2*len(laneNames))
	for i, name := range laneNames {
		if n := o.refused[i].Swap(0); n > 0 {
			args = append(args, name, n)
		}
	}
	s.Log.Warn("more requests than can be answered in time: turned away since the last such line", args...)
}

func errBusy() *fault.Error {
	return fault.New(fault.Unavailable, "overloaded", "现在使用的人太多,请稍候再试;紧急情况请直接拨打电话", "Too many requests at this moment; try again shortly. For an emergency please telephone").After(1)
}

func errStopping() *fault.Error {
	return fault.New(fault.Unavailable, "closing", "系统正在关闭,请稍后再试", "The program is stopping; try again shortly").After(5)
}

// Drain lets in nothing new and waits until what was let in is answered, or the context ends. New requests are
// told to try again shortly; /readyz says that the node is going.
func (s *Server) Drain(ctx context.Context) error {
	s.overload.stopped.Store(true)
	s.streams.end()
	var empty [lanes]<-chan struct{}
	for i, gate := range s.overload.lanes {
		empty[i] = gate.close()
	}
	for i := range empty {
		select {
		case <-empty[i]:
		case <-ctx.Done():
			return fmt.Errorf("waiting for requests under way: %w", ctx.Err())
		}
	}
	return nil
}

// answer sends what comes out. The place inside is for working: it is free as soon as the first byte goes out, so
// that who reads slowly keeps nobody waiting.
type answer struct {
	http.ResponseWriter
	place   *gate // nil: none is taken
	entered time.Time
	allowed time.Time // until when the connection may wait for its reader
}

func (a *answer) Write(b []byte) (int, error) {
	a.leave()
	a.allow()
	return a.ResponseWriter.Write(b)
}

func (a *answer) leave() {
	if a.place != nil {
		a.place.leave(a.entered)
		a.place = nil
	}
}

// allow gives the reader its time, anew for each part of a long answer.
func (a *answer) allow() {
	now := time.Now() //nolint:forbidigo // of the connection
	if a.allowed.Sub(now) > answerTimeout-answerTimeout/4 {
		return
	}
	a.allowed = now.Add(answerTimeout)
	_ = http.NewResponseController(a.ResponseWriter).SetWriteDeadline(a.allowed) // not every transport has one
}

// finish is called when the request is over, whether or not anything was written.
func (a *answer) finish() {
	a.leave()
	a.allow()
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// budget bounds a sum.
type budget struct {
	most int64
	used atomic.Int64
}

// take adds to the sum, unless it would be too much. One that is alone is always taken.
func (b *budget) take(n int64) bool {
	if n <= 0 {
		return true
	}
	if after := b.used.Add(n); after > b.most && after > n {
		b.used.Add(-n)
		return false
	}
	return true
}

func (b *budget) give(n int64) {
	if n > 0 {
		b.used.Add(-n)
	}
}
