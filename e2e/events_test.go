package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/staff"
)

// event is one event of a stream.
type event struct {
	name, id string
	data     map[string]any
}

// listener is somebody who follows events.
type listener struct {
	t      *testing.T
	events chan event
	ended  chan struct{}
	status int
	leave  context.CancelFunc
}

// follow opens a stream; last is the id of the last event received.
func follow(t *testing.T, address, secret, last string) *listener {
	t.Helper()
	ctx, leave := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{t: t, events: make(chan event, 1000), ended: make(chan struct{}), status: res.StatusCode, leave: leave}
	go func() {
		defer close(l.ended)
		defer res.Body.Close()
		var e event
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			key, value, _ := strings.Cut(lines.Text(), ": ")
			switch key {
			case "event":
				e.name = value
			case "id":
				e.id = value
			case "data":
				_ = json.Unmarshal([]byte(value), &e.data) // a test that looks at it sees that it is not there
			case "":
				if e.name != "" {
					l.events <- e
				}
				e = event{}
			}
		}
	}()
	t.Cleanup(func() { leave(); <-l.ended })
	return l
}

// next waits for the next event of a name about a case ("" for any).
func (l *listener) next(name, about string) event {
	l.t.Helper()
	timer := time.NewTimer(10 * time.Second)
	defer timer.Stop()
	for {
		select {
		case e := <-l.events:
			if e.name == name && (about == "" || e.data["id"] == about) {
				return e
			}
		case <-timer.C:
			l.t.Fatalf("no event %s about %q came", name, about)
		}
	}
}

// nothing fails when an event about the case comes before another case's does.
func (l *listener) nothing(about, before string) {
	l.t.Helper()
	timer := time.NewTimer(10 * time.Second)
	defer timer.Stop()
	for {
		select {
		case e := <-l.events:
			if e.data["id"] == about {
				l.t.Errorf("heard of a case that may not be known: %+v", e)
			}
			if e.data["id"] == before {
				return
			}
		case <-timer.C:
			l.t.Fatalf("no event about %q came", before)
		}
	}
}

func TestChangesOfMyCasesAreTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := follow(t, w.srv.URL, w.secret("paidan"), "")
		hello := l.next("hello", "")
		if _, ok := hello.data["unseen"].(float64); !ok || hello.id == "" {
			t.Errorf("hello: %+v", hello)
		}
		m := w.light()
		e := l.next("case", m.id)
		equal(t, "number", e.data["number"], any(m.number))
		equal(t, "version", e.data["version"], any(1.0))
		equal(t, "title", e.data["title"], any("小区东门的路灯不亮了"))
		m.does("paidan", "here", nil)
		e = l.next("case", m.id)
		equal(t, "version", e.data["version"], any(float64(m.now().Version)))
		equal(t, "stage", e.data["stage"], any(m.now().Stage))
	})
}

func TestNobodyHearsOfCasesTheyMayNotRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		grid := follow(t, w.srv.URL, w.secret("wangge"), "")
		grid.next("hello", "")
		secret := w.report("王家的孩子常被打", byModel("seven-step"), func(r *casework.Report) { r.Confidential = true })
		far := w.report("远处的路灯不亮", byModel("seven-step"), inArea("320682001002"))
		near := w.light()
		near.does("paidan", "here", nil)
		grid.nothing(secret.id, near.id)
		later := w.light()
		later.does("paidan", "here", nil)
		grid.nothing(far.id, later.id)
		if a := w.call("", "GET", "/api/v1/events", nil); a.status != http.StatusUnauthorized {
			t.Errorf("somebody who is not signed in: %d", a.status)
		}
	})
}

func TestWordsLeftForMyPostsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "here", nil)
		l := follow(t, w.srv.URL, w.secret("wangge"), "")
		before := l.next("hello", "").data["unseen"].(float64)
		m.does("", "urge", nil)
		equal(t, "unseen", l.next("alert", "").data["unseen"], any(before+1))
		if a := w.call(w.secret("wangge"), "POST", "/api/v1/cases/"+m.id+"/seen", nil); a.status != 204 {
			t.Fatalf("seen: %d %s", a.status, a.raw)
		}
		equal(t, "unseen after they were seen", l.next("alert", "").data["unseen"], any(before))
	})
}

func TestAStreamGoesOnWhereItWasCut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := follow(t, w.srv.URL, w.secret("paidan"), "")
		l.next("hello", "")
		first := w.light()
		last := l.next("case", first.id).id
		l.leave()
		<-l.ended
		missed := []*journey{w.light(), w.light(), w.light()}
		again := follow(t, w.srv.URL, w.secret("paidan"), last)
		for _, m := range missed {
			again.next("case", m.id)
		}
		for name, cursor := range map[string]string{"of another run of the program": "000000000000.1.1", "that is none": "x", "that lies ahead": strings.Replace(last, ".", ".9", 1)} {
			lost := follow(t, w.srv.URL, w.secret("paidan"), cursor)
			lost.next("reset", "")
			lost.leave()
			t.Log(name)
		}
	})
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		res, err := w.app.Staff.Login(w.ctx, staff.LoginCommand{Login: "wangge", Password: demoPassword})
		if err != nil {
			t.Fatal(err)
		}
		l := follow(t, w.srv.URL, res.Secret, "")
		l.next("hello", "")
		if a := w.call(res.Secret, "DELETE", "/api/v1/session", nil); a.status != 204 {
			t.Fatalf("signing out: %d %s", a.status, a.raw)
		}
		select {
		case <-l.ended:
		case <-time.After(15 * time.Second):
			t.Error("the stream goes on after its session has ended")
		}
	})
}

func TestAnOpenPageDoesNotKeepASessionAlive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		secret := w.secret("wangge")
		if a := w.call(secret, "GET", "/api/v1/me", nil); a.status != 200 {
			t.Fatalf("me: %d", a.status)
		}
		for range 5 { // a page that comes back every half hour
			l := follow(t, w.srv.URL, secret, "")
			w.pass(30 * time.Minute)
			l.leave()
			<-l.ended
		}
		if l := follow(t, w.srv.URL, secret, ""); l.status != http.StatusUnauthorized {
			t.Errorf("after two hours and a half without any use: %d", l.status)
		}
	})
}

func TestPostsThatChangeHandsAreHeardOf(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := follow(t, w.srv.URL, w.secret("wangge"), "")
		l.next("hello", "")
		w.appoint("wangge", staff.MakePost("volunteer", village))
		l.next("reset", "")
	})
}

func TestStoppingEndsTheStreams(t *testing.T) {
	w := begin(t, database.SQLite)
	face := w.app.Server("test")
	srv := httptest.NewServer(face.Handler())
	t.Cleanup(srv.Close)
	l := follow(t, srv.URL, w.secret("wangge"), "")
	l.next("hello", "")
	if err := face.Drain(w.ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case <-l.ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the stream goes on")
	}
	if again := follow(t, srv.URL, w.secret("wangge"), ""); again.status != http.StatusServiceUnavailable {
		t.Errorf("a new stream while stopping: %d", again.status)
	}
}

func TestAnAccountMayNotOpenAnyNumberOfStreams(t *testing.T) {
	w := begin(t, database.SQLite)
	refused := 0
	for range 25 {
		if l := follow(t, w.srv.URL, w.secret("wangge"), ""); l.status == http.StatusTooManyRequests {
			refused++
		}
	}
	equal(t, "refused", refused, 5)
	if l := follow(t, w.srv.URL, w.secret("paidan"), ""); l.status != http.StatusOK {
		t.Errorf("somebody else: %d", l.status)
	}
}

// Two nodes on one PostgreSQL: what one does is heard at the other.
func TestTheOtherNodeHearsOfIt(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		if engine != database.Postgres {
			continue
		}
		w := begin(t, engine)
		other := w.open(w.folder, w.url)
		if _, err := other.Cases.Listen(w.ctx); err != nil { // it hears from now on
			t.Fatal(err)
		}
		srv := httptest.NewServer(other.Server("test").Handler())
		t.Cleanup(srv.Close)
		l := follow(t, srv.URL, w.secret("wangge"), "")
		before := l.next("hello", "").data["unseen"].(float64)
		m := w.light()
		m.does("paidan", "here", nil)
		listen(t, w, other, 1)
		e := l.next("case", m.id)
		equal(t, "version", e.data["version"], any(float64(m.now().Version)))
		listen(t, w, other, 0)
		m.does("", "urge", nil)
		m.does("paidan", "note", form{"note": "催过了"})
		listen(t, w, other, 1)
		if unseen := l.next("alert", "").data["unseen"].(float64); unseen <= before {
			t.Errorf("%v words, %v before", unseen, before)
		}
		// and a stream cut here goes on there
		w.pass(time.Minute)
		here := follow(t, w.srv.URL, w.secret("wangge"), "")
		last := here.next("hello", "").id
		w.pass(time.Second)
		next := w.light()
		next.does("paidan", "here", nil)
		listen(t, w, other, 1)
		there := follow(t, srv.URL, w.secret("wangge"), last)
		there.next("case", next.id)
	}
}

func listen(t *testing.T, w *world, node *app.App, want int) {
	t.Helper()
	n, err := node.Cases.Listen(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "changes heard of", n, want)
}
