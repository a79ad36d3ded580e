package torture

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"linli/internal/calendar"
	"linli/internal/sample"
)

// quickness is how much quicker than the machine's the clock of a quick day runs: a day in ten minutes.
const quickness = 144

// TestADayLeavesNothingBehind: reports, actions, uploads, worklists, searches, sign-ins and sweeps at a steady rate, by a clock
// that lets a day pass in ten minutes (the long form takes as long). It begins on a Monday at eight and is warmed up first, with
// a rush and in the hours in which deadlines fall, so that caches and pools fill. Then memory, file handles and goroutines do not
// grow from noon to the next noon. Of several days each is judged by itself.
func TestADayLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		clock := newQuickClock(nextMonday(time.Now()), quickness)
		n := s.startQuick(clock)
		c := newCrowd(s)
		c.gather(4)
		c.browse(3)
		rush, warm := pick(300*time.Millisecond, 20*time.Second), pick(1500*time.Millisecond, 2*time.Minute)
		length, every := pick(2*time.Second, 10*time.Minute), pick(time.Second, time.Minute)
		time.Sleep(time.Until(clock.base.Add(rush)))
		c.pace.Store(int64(steady))
		look := func(past time.Duration) holding {
			time.Sleep(time.Until(clock.base.Add(past)))
			h := n.holds(t, c)
			t.Logf("%s: %s", h.Now.In(calendar.Zone()).Format("Mon 15:04"), h)
			return h
		}
		noon := look(warm)
		for i := range days(t) {
			day := soak{noon}
			for past := every; past <= length; past += every {
				day = append(day, look(warm+time.Duration(i)*length+past))
			}
			t.Logf("worst: %s; %s", day.worst(), day.trend())
			for _, what := range day.grown(long()) {
				t.Error(what)
			}
			noon = day[len(day)-1]
			if passed := noon.Now.Sub(day[0].Now); long() && passed < 23*time.Hour {
				t.Errorf("by the program's clock the day took %s", passed)
			}
		}
		m := c.disperse(t)
		n.stop()
		s.holds(m, true)
		in := s.inProcess(newClockwork(clock.now().Add(time.Minute)).now, false)
		in.due(t)
		in.sound(t)
	})
}

// nextMonday is the next one at eight in the morning.
func nextMonday(now time.Time) time.Time {
	day := now.In(calendar.Zone()).AddDate(0, 0, 1)
	for day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 8, 0, 0, 0, calendar.Zone())
}

// days is how many of them pass.
func days(t *testing.T) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("LINLI_TORTURE_DAYS"), "1"))
	if err != nil || n < 1 {
		t.Fatalf("LINLI_TORTURE_DAYS is a number of days, not %q", os.Getenv("LINLI_TORTURE_DAYS"))
	}
	return n
}

// soak are the looks at a program over a day, in order.
type soak []holding

// worst is the most of each that was seen after the first look.
func (d soak) worst() (w holding) {
	for _, h := range d[1:] {
		w = holding{Heap: max(w.Heap, h.Heap), Memory: max(w.Memory, h.Memory), Pages: max(w.Pages, h.Pages), Goroutines: max(w.Goroutines, h.Goroutines), Files: max(w.Files, h.Files), Now: h.Now}
	}
	return w
}

// rise is how much a measure grows from the first look to the last, by the straight line with the least squares through
// all looks: one look that is high by chance does not make it, one that is low does not hide it.
func (d soak) rise(measure func(holding) float64) float64 {
	var at, is, square, both float64
	since := func(h holding) float64 { return h.Now.Sub(d[0].Now).Seconds() }
	for _, h := range d {
		at, is = at+since(h)/float64(len(d)), is+measure(h)/float64(len(d))
	}
	for _, h := range d {
		square += (since(h) - at) * (since(h) - at)
		both += (since(h) - at) * (measure(h) - is)
	}
	return both / square * since(d[len(d)-1])
}

func heapOf(h holding) float64       { return float64(h.Heap) / (1 << 20) }
func memoryOf(h holding) float64     { return float64(h.Memory) / (1 << 20) }
func pagesOf(h holding) float64      { return float64(h.Pages) / (1 << 20) }
func goroutinesOf(h holding) float64 { return float64(h.Goroutines) }
func filesOf(h holding) float64      { return float64(h.Files) }

func (d soak) trend() string {
	return fmt.Sprintf("from the first look to the last by the line through all: heap %+.2f MB, memory %+.2f MB, goroutines %+.1f, files %+.1f",
		d.rise(heapOf), d.rise(memoryOf), d.rise(goroutinesOf), d.rise(filesOf))
}

// grown says what a program that keeps nothing would not show. No look may be far above the first: what a moment's work
// holds, a connection more or two, is allowed. Over a whole day the line through all looks may rise by less than that: 23,000
// reports of which a hundred bytes each were kept would raise the heap by more than 2 MB. In the first seconds, which is all
// the short form sees, caches and pools still fill: there three times as much is allowed, and a line means nothing.
func (d soak) grown(day bool) (out []string) {
	first, worst, filling := d[0], d.worst(), 3.0
	if day {
		filling = 1
	}
	for _, m := range []struct {
		what        string
		of          func(holding) float64
		above, rise float64
	}{
		{"heap (MB)", heapOf, 4, 2},
		{"memory (MB)", memoryOf, 24, 6},   // given back late
		{"goroutines", goroutinesOf, 8, 3}, // a connection has two or three
		{"file handles", filesOf, 8, 3},    // a connection to the database has one or two
	} {
		if m.of(worst) > m.of(first)+m.above*filling {
			out = append(out, fmt.Sprintf("%s: at worst %.1f, first it was %.1f", m.what, m.of(worst), m.of(first)))
		}
		if rise := d.rise(m.of); day && rise > m.rise {
			out = append(out, fmt.Sprintf("%s: rises by %.1f over the day", m.what, rise))
		}
	}
	if pages := pagesOf(worst); pages > mostPages {
		out = append(out, fmt.Sprintf("pages kept (MB): at worst %.1f, more than %d", pages, mostPages))
	}
	return out
}

// mostPages bounds the pages of the embedded database's connections, in MB: 24 MB of them, each of which takes twice its size, and
// what sorts keep beside them.
const mostPages = 64

// A judge that lets everything pass would prove nothing.
func TestADayThatLeavesSomethingBehindIsSeen(t *testing.T) {
	began := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	look := func(hour int, change func(h *holding, hour float64)) holding {
		noise := float64(hour * 7919 % 5)
		h := holding{Heap: uint64((10 + noise/5) * (1 << 20)), Memory: uint64((58 + noise) * (1 << 20)), Goroutines: 24 + int(noise)/2, Files: 33 + int(noise)/2, Now: began.Add(time.Duration(hour) * time.Hour)}
		change(&h, float64(hour))
		return h
	}
	for want, change := range map[string]func(h *holding, hour float64){
		"":                          func(*holding, float64) {},
		"heap (MB): rises":          func(h *holding, hour float64) { h.Heap += uint64(hour * 150_000) },
		"memory (MB): rises":        func(h *holding, hour float64) { h.Memory += uint64(hour * 700_000) },
		"goroutines: rises":         func(h *holding, hour float64) { h.Goroutines += int(hour / 4) },
		"file handles: rises":       func(h *holding, hour float64) { h.Files += int(hour / 4) },
		"file handles: at worst":    func(h *holding, hour float64) { h.Files += 9 * (int(hour) / 12 % 2) },
		"pages kept (MB): at worst": func(h *holding, hour float64) { h.Pages = uint64(hour) * 3 << 20 },
		"heap (MB): at worst":       func(h *holding, hour float64) { h.Heap += uint64(int(hour)/12%2) * 6 << 20 },
		"memory (MB): at worst":     func(h *holding, hour float64) { h.Memory += uint64(int(hour)/12%2) * 30 << 20 },
	} {
		var day soak
		for hour := 4; hour <= 24; hour += 2 {
			day = append(day, look(hour, change))
		}
		got := strings.Join(day.grown(true), "; ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("want %q: got %q", want, got)
		}
	}
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
		least = holding{Heap: min(least.Heap, h.Heap), Memory: min(least.Memory, h.Memory), Pages: max(least.Pages, h.Pages),
			Goroutines: min(least.Goroutines, h.Goroutines), Files: min(least.Files, h.Files), Now: h.Now}
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
				c.pause()
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
