package torture

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestFourTimesMoreThanItCanDo: first it is measured what the program can do, then four times as much is asked of it.
// Who is let in is answered within a second, the others are told at once when to come again, memory stays flat, and
// afterwards all is as before. Nothing that was refused was done.
func TestFourTimesMoreThanItCanDo(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		n := s.start("--log-level", "warn")
		l := newLoad(s, mixed(s))
		idle := l.closed(t, 1, 300*time.Millisecond)
		t.Logf("one client:        %s", idle)
		began := time.Now()
		usual := l.closed(t, 64, pick(800*time.Millisecond, 10*time.Second))
		t.Logf("64 clients:        %s", usual)
		within(t, 30*time.Second, "every text is indexed", func() bool { return s.number(`SELECT count(*) FROM search_todo`) == 0 })
		sustained := float64(usual.accepted) / time.Since(began).Seconds()
		t.Logf("it can sustain:    %.0f/s, with all work behind the answers", sustained)
		few := l.closed(t, 8, pick(500*time.Millisecond, 5*time.Second))
		t.Logf("8 clients:         %s", few)
		fine(t, "before", idle, usual, few)

		watch := watchMemory(t, s)
		clients := min(max(512, int(sustained)), 3500) // more than can be answered within the time that somebody is let wait
		storm := l.open(t, clients, 4*sustained, pick(2*time.Second, time.Minute))
		memory := watch()
		offered := float64(storm.accepted+storm.refused) / storm.long.Seconds()
		t.Logf("%.1f times as much: %s", offered/sustained, storm)
		t.Logf("memory (MB):       %s", memory)
		fine(t, "in the storm", storm)
		if offered < pick(1.3, 3)*sustained || storm.refused == 0 {
			t.Errorf("no storm: %.0f/s were sent, %d refused", offered, storm.refused)
		}
		// the bar is a second on a machine that has nothing else to do (the long form); one on which other tests run
		// answers slowly without any storm
		if bar := pick(max(2*time.Second, 5*usual.p99), time.Second); storm.p99 > bar {
			t.Errorf("p99 of what was let in is %s, the bar is %s", storm.p99, bar)
		}
		if storm.rate < sustained/8 { // those who send the storm take their part of the same cores
			t.Errorf("in the storm %.0f/s were done, %.0f/s can be", storm.rate, sustained)
		}
		// the connections themselves take their part; what counts is that it does not go on growing
		if memory.most(0, 100) > memory.before+220+0.06*float64(clients) || long() && memory.most(50, 100) > 1.15*memory.most(0, 50) {
			t.Errorf("memory in the storm: %s", memory)
		}
		reports := worklist + idle.byStatus[201] + usual.byStatus[201] + few.byStatus[201] + storm.byStatus[201]
		within(t, 30*time.Second, "it does as much as before, and nobody is refused", func() bool {
			after := l.closed(t, 8, 500*time.Millisecond)
			t.Logf("8 clients after:   %s", after)
			fine(t, "after the storm", after)
			reports += after.byStatus[201]
			return after.refused == 0 && after.rate > few.rate/2
		})
		n.stop()
		if have := s.number(`SELECT count(*) FROM cases`); have != reports {
			t.Errorf("%d reports were acknowledged, %d are there", reports, have)
		}
		s.sound()
	})
}

func fine(t *testing.T, when string, all ...measured) {
	t.Helper()
	for _, m := range all {
		for i, w := range m.wrong {
			if i < 5 {
				t.Errorf("%s: %s", when, w)
			}
		}
	}
}

// worklist is how many matters wait for the dispatcher.
const worklist = 60

// mixed are the requests of a busy day: reports from the other villages, a worklist of an ordinary length, its figures, a
// look at an area.
func mixed(s *site) func(*rand.Rand) []byte {
	s.t.Helper()
	first := newClient(s, rand.New(rand.NewPCG(7, 8)))
	defer first.close()
	for range worklist {
		_, o := reportOf(first.dice)
		first.must(s.t, o)
	}
	others := shared.counties.of(s.engine).others
	return func(dice *rand.Rand) []byte {
		from := someAddress(dice)
		switch chance := dice.IntN(10); {
		case chance < 5:
			_, o := reportIn(others[dice.IntN(len(others))], dice)
			return bytesOf(o, from)
		case chance < 8:
			return bytesOf(newOrder(http.MethodGet, "/api/v1/cases?page_size=20", s.secrets[dispatcher], nil), from)
		case chance < 9:
			return bytesOf(newOrder(http.MethodGet, "/api/v1/counts", s.secrets[dispatcher], nil), from)
		}
		return bytesOf(newOrder(http.MethodGet, "/api/v1/areas/"+village, "", nil), from)
	}
}

// memoryUse is how much memory the program had, in MB.
type memoryUse struct {
	before float64
	looks  []float64
}

// most is the most in a part of the time, from and to in hundredths.
func (m memoryUse) most(from, to int) (most float64) {
	for _, x := range m.looks[len(m.looks)*from/100 : len(m.looks)*to/100] {
		most = max(most, x)
	}
	return most
}

func (m memoryUse) String() string {
	return fmt.Sprintf("%.0f before, at most %.0f in the first half and %.0f in the second", m.before, m.most(0, 50), m.most(50, 100))
}

// watchMemory looks at the program's memory until the function returned is called. That the figures are answered
// meanwhile is part of the test.
func watchMemory(t *testing.T, s *site) func() memoryUse {
	t.Helper()
	look := func() float64 {
		return figures(t, s, "process_resident_memory_bytes")["process_resident_memory_bytes"] / (1 << 20)
	}
	m := memoryUse{before: look()}
	stop, done := make(chan struct{}), make(chan memoryUse)
	go func() {
		for {
			select {
			case <-stop:
				done <- m
				return
			case <-time.After(200 * time.Millisecond):
				m.looks = append(m.looks, look())
			}
		}
	}()
	return func() memoryUse { close(stop); return <-done }
}

// TestWhoIsSlowHindersNobody: hundreds of connections that send their headers or their bodies drop by drop, and
// hundreds that do not read their answers. Everybody else is answered as before.
func TestWhoIsSlowHindersNobody(t *testing.T) {
	s := newSite(t, "sqlite")
	n := s.start("--log-level", "warn", "--overload-connections", "300", "--overload-requests", "16")
	address := (*s.nodes.Load())[0]
	l := newLoad(s, mixed(s))
	before := l.closed(t, 4, 300*time.Millisecond)
	var held []net.Conn
	t.Cleanup(func() {
		for _, c := range held {
			_ = c.Close()
		}
	})
	for i := range pick(600, 3000) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
		_, o := reportOf(rand.New(rand.NewPCG(uint64(i), 1)))
		request := bytesOf(o, "10.0.0.1")
		switch i % 3 {
		case 0:
			request = request[:30] // in the middle of the headers
		case 1:
			request = request[:len(request)-10] // in the middle of the body
		default:
			request = bytesOf(newOrder(http.MethodGet, "/api/openapi.json", "", nil), "10.0.0.1") // and never read
		}
		_, _ = c.Write(request) // it may have been closed for others by now
	}
	within(t, 20*time.Second, "what could be answered of the slow ones is answered", func() bool {
		return figures(t, s, `linli_http_inside{lane="work"}`)[`linli_http_inside{lane="work"}`] == 0
	})
	during := l.closed(t, 4, pick(500*time.Millisecond, 5*time.Second))
	t.Logf("before: %s; beside %d slow ones: %s", before, len(held), during)
	fine(t, "beside the slow ones", before, during)
	if during.refused > 0 || during.accepted == 0 || during.p99 > 500*time.Millisecond+10*before.p99 {
		t.Errorf("the slow ones hinder the others: %s; before: %s", during, before)
	}
	for _, c := range held {
		_ = c.Close()
	}
	n.stop()
}
