package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// narrow is the face with room for one request at a time, and nobody waits long.
func narrow(t testing.TB) *Server {
	t.Helper()
	s := serve(t, false)
	for i := range s.overload.lanes {
		g := newGate(1, 1, time.Now)
		g.patience, g.short = 20*time.Millisecond, 20*time.Millisecond
		s.overload.lanes[i] = g
	}
	return s
}

// occupy takes the one place of a lane until the test gives it back.
func occupy(t testing.TB, s *Server, lane int) (release func()) {
	t.Helper()
	g := s.overload.lanes[lane]
	entered, why := g.enter(context.Background())
	if why != letIn {
		t.Fatalf("no place is free: %s", why)
	}
	return func() { g.leave(entered) }
}

func ask(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7:1000"
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWhoCannotBeAnsweredInTimeIsToldWhenToComeAgain(t *testing.T) {
	s := narrow(t)
	h := s.Handler()
	release := occupy(t, s, laneWork)
	for tag, words := range map[string]string{"en": "Too many requests", "zh": "使用的人太多"} {
		w := ask(h, http.MethodGet, "/api/v1/categories", "", "Accept-Language", tag, "X-Request-Id", "request-0001")
		var p Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		after, err := strconv.Atoi(w.Header().Get("Retry-After"))
		if w.Code != 503 || err != nil || after < 1 || after > 5 || p.Code != "overloaded" || p.RequestID != "request-0001" || p.Status != 503 || !strings.Contains(p.Title, words) {
			t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
		}
		if w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("headers %v", w.Header())
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if w := ask(h, http.MethodGet, path, ""); w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if text := ask(h, http.MethodGet, "/metrics", "").Body.String(); !strings.Contains(text, `linli_http_turned_away_total{lane="work",reason="waited"} 2`) || !strings.Contains(text, `linli_http_inside{lane="work"} 1`) {
		t.Errorf("the figures do not tell: %s", text)
	}
	release()
	if w := ask(h, http.MethodGet, "/api/v1/categories", ""); w.Code != 200 {
		t.Errorf("with room again: %d", w.Code)
	}
}

func TestSigningInAndLargeBodiesHaveLanesOfTheirOwn(t *testing.T) {
	s := narrow(t)
	h := s.Handler()
	defer occupy(t, s, laneSignIn)()
	defer occupy(t, s, laneLong)()
	long := `{"text":"` + strings.Repeat("x", smallBody) + `"}`
	for what, c := range map[string]struct {
		method, path, body string
		status             int
	}{
		"a look":               {http.MethodGet, "/api/v1/categories", "", 200},
		"a report":             {http.MethodPost, "/api/v1/cases", `{}`, 422},
		"signing in":           {http.MethodPost, "/api/v1/session", `{}`, 503},
		"a new password":       {http.MethodPut, "/api/v1/me/password", `{}`, 503},
		"a large report":       {http.MethodPost, "/api/v1/cases", long, 503},
		"a photo":              {http.MethodPut, "/api/v1/cases/0193a5f0-7c1e-7000-8000-000000000001/files/0193a5f0-7c1e-7000-8000-000000000002?name=a.jpg", long, 503},
		"moving an area":       {http.MethodPost, "/api/v1/areas/320682001/move", `{}`, 503},
		"looking at an area":   {http.MethodGet, "/api/v1/areas/320682001", "", 404},
		"what nobody takes in": {http.MethodPut, "/api/v1/nothing", long, 503},
	} {
		if w := ask(h, c.method, c.path, c.body); w.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", what, w.Code, c.status, w.Body)
		}
	}
}

func TestBodiesInMemoryAreBoundedTogether(t *testing.T) {
	s := serve(t, false)
	h := s.Handler()
	s.overload.bodies.most = 1 << 20
	if !s.overload.bodies.take(1<<20 - 100) {
		t.Fatal("there is no room at all")
	}
	small := `{"text":"` + strings.Repeat("x", 50) + `"}`
	large := `{"text":"` + strings.Repeat("x", 200) + `"}`
	if w := ask(h, http.MethodPost, "/api/v1/cases", small); w.Code != 422 {
		t.Errorf("what fits: %d %s", w.Code, w.Body)
	}
	if w := ask(h, http.MethodPost, "/api/v1/cases", large); w.Code != 503 {
		t.Errorf("what does not fit: %d %s", w.Code, w.Body)
	}
	if w := ask(h, http.MethodGet, "/api/v1/categories", ""); w.Code != 200 {
		t.Errorf("what has no body: %d", w.Code)
	}
	if used := s.overload.bodies.used.Load(); used != 1<<20-100 {
		t.Errorf("%d bytes are still counted", used-(1<<20-100))
	}
	s.overload.bodies.give(1<<20 - 100)
	for path, want := range map[string]int64{"POST /api/v1/cases": defaultBody, "POST /api/v1/imports/areas": maxSheet, "PUT /api/v1/cases/1/files/2": streamBody, "PUT /api/v1/nothing": 0} {
		method, path, _ := strings.Cut(path, " ")
		r := httptest.NewRequest(method, path, strings.NewReader(""))
		r.ContentLength = -1
		if have := s.largeSize(r); have != want {
			t.Errorf("%s %s of unknown length counts %d, want %d", method, path, have, want)
		}
	}
	if !s.overload.bodies.take(1 << 30) {
		t.Error("a body that is alone is refused")
	}
}

// on serves the face on a real connection.
func on(t *testing.T, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

// slowly opens a connection and sends a part of a request.
func slowly(t *testing.T, address, part string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, part); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhoSendsSlowlyKeepsNobodyWaiting(t *testing.T) {
	s := narrow(t)
	s.overload.slowest = 500 * time.Millisecond
	address := on(t, s.Handler())
	var slow []net.Conn
	for range 20 {
		path := []string{"cases", "areas/1/move", "session"}[len(slow)%3] // of every lane
		slow = append(slow, slowly(t, address, "POST /api/v1/"+path+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"))
	}
	res, err := http.Get("http://" + address + "/api/v1/categories")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("while twenty send slowly another is answered %d", res.StatusCode)
	}
	for _, c := range slow {
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusRequestTimeout || !res.Close {
			t.Errorf("what did not arrive is answered %d, and the connection stays: %v", res.StatusCode, !res.Close)
		}
	}
	if used := s.overload.bodies.used.Load(); used != 0 {
		t.Errorf("%d bytes are still counted", used)
	}
}

func TestABodyThatTookItsTimeDoesNotEndTheRequest(t *testing.T) {
	s := narrow(t)
	s.overload.slowest = 300 * time.Millisecond
	ended := make(chan error, 1)
	s.mux.HandleFunc("POST /wait", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(600 * time.Millisecond) // longer than the body had
		ended <- r.Context().Err()
		w.WriteHeader(http.StatusNoContent)
	})
	c := slowly(t, on(t, s.Handler()), "POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
	time.Sleep(100 * time.Millisecond)
	_, _ = io.WriteString(c, "}")
	if err := <-ended; err != nil {
		t.Errorf("the request ended while it was worked on: %v", err)
	}
	if res, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || res.StatusCode != 204 {
		t.Errorf("%v, %v", res, err)
	}
}

// stuck is a connection whose reader takes nothing.
type stuck struct {
	*httptest.ResponseRecorder
	writing, read chan struct{}
}

func (s *stuck) Write(b []byte) (int, error) {
	s.writing <- struct{}{}
	<-s.read
	return s.ResponseRecorder.Write(b)
}

func TestWhoReadsSlowlyKeepsNobodyWaiting(t *testing.T) {
	s := narrow(t)
	h := s.Handler()
	w := &stuck{httptest.NewRecorder(), make(chan struct{}, 100), make(chan struct{})}
	done := make(chan struct{})
	go func() {
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/categories", nil))
		close(done)
	}()
	<-w.writing
	if inside, _, _ := s.overload.lanes[laneWork].figures(); inside != 0 {
		t.Errorf("%d inside while the answer is read", inside)
	}
	if other := ask(h, http.MethodGet, "/api/v1/categories", ""); other.Code != 200 {
		t.Errorf("another is answered %d", other.Code)
	}
	close(w.read)
	<-done
}

// The time a body has to arrive must not call off the work that follows it, nor the next request on the connection.
func TestWorkMayTakeLongerThanItsBodyToArrive(t *testing.T) {
	s := serve(t, false)
	bound := 50 * time.Millisecond
	s.mux.HandleFunc("POST /slow", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bound)) // as Huma does for a body
		if _, err := io.ReadAll(r.Body); err != nil {
			t.Error(err)
		}
		select {
		case <-r.Context().Done():
			w.WriteHeader(http.StatusServiceUnavailable)
		case <-time.After(4 * bound):
		}
	})
	srv := httptest.NewServer(s.Handler())
	defer srv.Close()
	for range 2 { // the second one on the same connection
		res, err := srv.Client().Post(srv.URL+"/slow", "text/plain", strings.NewReader("路灯不亮"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%d %v", res.StatusCode, err)
		}
		_ = res.Body.Close()
	}
}

func TestAPanicGivesThePlaceBack(t *testing.T) {
	s := narrow(t)
	s.mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("a defect") })
	h := s.Handler()
	for range 3 {
		if w := ask(h, http.MethodGet, "/panic", ""); w.Code != 500 {
			t.Errorf("%d", w.Code)
		}
	}
	if inside, _, _ := s.overload.lanes[laneWork].figures(); inside != 0 {
		t.Errorf("%d are inside for ever", inside)
	}
}

func TestDrainingFinishesWhatWasLetInAndStartsNothing(t *testing.T) {
	s := serve(t, false)
	begun, finish := make(chan struct{}), make(chan struct{})
	s.mux.HandleFunc("GET /long", func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-finish
		fmt.Fprint(w, "done")
	})
	h := s.Handler()
	answered := make(chan *httptest.ResponseRecorder, 1)
	go func() { answered <- ask(h, http.MethodGet, "/long", "") }()
	<-begun
	drained := make(chan error, 1)
	go func() { drained <- s.Drain(context.Background()) }()
	for !s.overload.stopped.Load() {
		time.Sleep(time.Millisecond)
	}
	for path, want := range map[string]int{"/api/v1/categories": 503, "/readyz": 503, "/healthz": 200} {
		if w := ask(h, http.MethodGet, path, ""); w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := ask(h, http.MethodPost, "/api/v1/session", `{}`)
	if w.Header().Get("Connection") != "close" || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"closing"`) {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	select {
	case err := <-drained:
		t.Fatalf("drained (%v) while a request was under way", err)
	default:
	}
	short, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := s.Drain(short); err == nil {
		t.Error("it does not say that it could not wait")
	}
	close(finish)
	if err := <-drained; err != nil {
		t.Error(err)
	}
	if w := <-answered; w.Code != 200 || w.Body.String() != "done" {
		t.Errorf("what was let in: %d %s", w.Code, w.Body)
	}
}

// nowhere is an answer that goes nowhere.
type nowhere struct{ header http.Header }

func (p *nowhere) Header() http.Header         { return p.header }
func (p *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (p *nowhere) WriteHeader(int)             {}

// BenchmarkTurnedAway is the whole cost of a refusal above the connection: a few microseconds.
func BenchmarkTurnedAway(b *testing.B) {
	s := narrow(b)
	h := s.Handler()
	defer occupy(b, s, laneWork)()
	s.overload.lanes[laneWork].patience = time.Hour
	waiting, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { _, _ = s.overload.lanes[laneWork].enter(waiting) }()
	for {
		if _, _, n := s.overload.lanes[laneWork].figures(); n == 1 {
			break
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/api/v1/cases", strings.NewReader(`{"text":"路灯不亮"}`))
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(&nowhere{http.Header{}}, r)
	}
}
