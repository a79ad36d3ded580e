package torture

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"linli/internal/sample"
)

// TestADayLeavesNothingBehind: reports, actions, uploads, worklists, searches, sign-ins and sweeps at a steady rate, by a
// clock that lets a day pass in ten minutes (the long form takes as long). Memory, file handles and goroutines are
// after the day what they were after its first hours.
func TestADayLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.starts++
		cmd := exec.Command(os.Args[0], s.serving()[1:]...)
		cmd.Env = append(os.Environ(), childVariable+"=quick-day")
		n, err := s.launch(cmd)
		if err != nil {
			t.Fatal(err)
		}
		s.answers(n.address)
		c := newCrowd(s)
		c.pace = 20 * time.Millisecond
		c.gather(4)
		c.browse(3)
		time.Sleep(pick(1500*time.Millisecond, 2*time.Minute))
		early := n.holds(t, c)
		t.Logf("early: %s", early)
		worst := early
		for range pick(1, 7) {
			time.Sleep(pick(2*time.Second, time.Minute))
			worst = n.holds(t, c)
			t.Logf("later: %s", worst)
		}
		m := c.disperse(t)
		virtual := newClockwork(worst.Now.Add(time.Minute))
		n.stop()
		if late, most := float64(worst.Heap), 1.2*float64(early.Heap)+8<<20; late > most {
			t.Errorf("the heap grew from %d to %d bytes", early.Heap, worst.Heap)
		}
		if worst.Goroutines > early.Goroutines+10 || worst.Files > early.Files+10 {
			t.Errorf("left behind: %s; early it was %s", worst, early)
		}
		if long() && float64(worst.Resident) > 1.25*float64(early.Resident)+32<<20 {
			t.Errorf("memory grew from %d to %d bytes", early.Resident, worst.Resident)
		}
		s.holds(m, true)
		in := s.inProcess(virtual.now, false)
		in.due(t)
		in.sound(t)
	})
}

// holds lets everybody rest and asks the program what it holds: the least of a few looks.
func (n *node) holds(t *testing.T, c *crowd) holding {
	t.Helper()
	c.rest.Lock()
	defer c.rest.Unlock()
	var least holding
	for i := range 3 {
		time.Sleep(150 * time.Millisecond)
		if err := n.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		var h holding
		select {
		case words := <-n.words:
			if err := json.NewDecoder(strings.NewReader(words)).Decode(&h); err != nil {
				t.Fatalf("%v: %s", err, words)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("the program does not say what it holds\n%s", n.said())
		}
		if i == 0 {
			least = h
		}
		least = holding{Heap: min(least.Heap, h.Heap), Resident: min(least.Resident, h.Resident), Goroutines: min(least.Goroutines, h.Goroutines), Files: min(least.Files, h.Files), Now: h.Now}
	}
	return least
}

// browse are people who look: at lists, cases, figures and files, who search, sign in and out.
func (c *crowd) browse(n int) {
	for i := range n {
		c.wg.Go(func() {
			dice := rand.New(rand.NewPCG(c.seed, uint64(500+i)))
			p := &person{crowd: c, dice: dice, client: newClient(c.site, dice)}
			defer p.client.close()
			for !c.stop.Load() {
				c.rest.RLock()
				p.look()
				c.rest.RUnlock()
				time.Sleep(c.pace)
			}
		})
	}
}

func (p *person) look() {
	var one told
	var id string
	p.crowd.mu.Lock()
	for id, one = range p.crowd.memory.reports { // some
		break
	}
	p.crowd.mu.Unlock()
	if id == "" {
		return
	}
	paths := []struct{ login, path string }{
		{dispatcher, "/api/v1/cases?page_size=50"},
		{dispatcher, "/api/v1/cases?scope=area&state=all&page_size=20"},
		{dispatcher, "/api/v1/cases?scope=area&q=" + url.QueryEscape(troubles[p.dice.IntN(len(troubles))])},
		{member, "/api/v1/counts"},
		{member, "/api/v1/alerts?unseen=true"},
		{dispatcher, "/api/v1/cases/" + id},
		{dispatcher, "/api/v1/cases/" + one.number},
		{"", "/api/v1/track/" + one.code},
		{"", "/api/v1/notice-board/" + grid},
		{"", "/api/v1/areas/" + village},
		{"", "/api/v1/categories?q=" + url.QueryEscape("路灯")},
		{"", "/"},
		{"", "/metrics"},
	}
	if p.dice.IntN(40) == 0 {
		p.visit()
		return
	}
	look := paths[p.dice.IntN(len(paths))]
	o := newOrder(http.MethodGet, look.path, "", nil)
	o.login = look.login
	p.pursue(o)
}

// visit is somebody who signs in, looks who they are, and signs out.
func (p *person) visit() {
	r, err := p.client.send(newOrder(http.MethodPost, "/api/v1/session", "", form{"login": administrator, "password": sample.DemoPassword}))
	if err != nil || r.status != 201 {
		if err == nil && r.status != 503 && r.status != 429 {
			p.crowd.complain("signing in: %d %.300s", r.status, r.raw)
		}
		return
	}
	for _, o := range []order{newOrder(http.MethodGet, "/api/v1/me", r.text("secret"), nil), newOrder(http.MethodDelete, "/api/v1/session", r.text("secret"), nil)} {
		if r, err := p.client.send(o); err != nil || r.status >= 300 && r.status != 503 {
			p.crowd.complain("%s %s after signing in: %v %d %.300s", o.method, o.path, err, r.status, r.raw)
		}
	}
}
