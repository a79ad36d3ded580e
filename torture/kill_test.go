package torture

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestKilledAtAnyMomentNothingAcknowledgedIsLost: the process is killed (SIGKILL) at random moments under load. After
// every start everything that was acknowledged is there exactly once, and in the end nothing is half there.
func TestKilledAtAnyMomentNothingAcknowledgedIsLost(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		n := s.start()
		c := newCrowd(s).gather(8)
		m := killed(t, s, c, n, pick(5, 20), func() *node { return s.start() })
		s.sound()
		if len(m.reports) < 20 || len(m.commands) < 20 {
			t.Errorf("hardly anything was done: %d reports, %d actions", len(m.reports), len(m.commands))
		}
	})
}

// TestKilledWhileDeadlinesFallDue: the same by a clock that runs two hours in a second, so that reminders and
// escalations are under way when the process is killed. Each is done once.
func TestKilledWhileDeadlinesFallDue(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		clock := newQuickClock(time.Now(), 7200)
		start := func() *node { return s.startQuick(clock) }
		n := start()
		c := newCrowd(s).gather(4)
		c.pace.Store(int64(steady))
		due := func() int { return s.number(`SELECT count(*) FROM timeline WHERE action IN ('remind', 'overdue')`) }
		for begun := time.Now(); due() == 0; time.Sleep(10 * time.Millisecond) {
			if time.Since(begun) > time.Minute {
				t.Fatal("nothing falls due")
			}
		}
		before := due()
		killed(t, s, c, n, pick(4, 20), start)
		if due() == before {
			t.Error("nothing fell due while the process was killed again and again")
		}
		nothingTwice(t, s)
		in := s.inProcess(newClockwork(clock.now().Add(time.Hour)).now, false)
		in.due(t)
		in.sound(t)
		nothingTwice(t, s)
	})
}

// killed kills the process so often under the load of a crowd, which then disperses, and holds what was acknowledged
// against what is there. It fails unless the kills met requests under way, some of them done already.
func killed(t *testing.T, s *site, c *crowd, n *node, times int, start func() *node) memory {
	t.Helper()
	dice := rand.New(rand.NewPCG(c.seed, 1000))
	met := func() bool { cut, replayed := c.cutOff(); return cut > 0 && (!long() || replayed > 0) }
	kills := 0
	for ; kills < times || kills < 5*times && !met(); kills++ { // a quick program has often answered everybody when it is killed
		time.Sleep(time.Duration(50+dice.IntN(pick(350, 1500))) * time.Millisecond)
		n.kill()
		n = start()
		m := c.remembered()
		s.holds(m, false)
		s.again(m, dice, 5)
	}
	m := c.disperse(t)
	s.again(m, dice, 20)
	n.stop()
	s.holds(m, true)
	cut, replayed := c.cutOff()
	t.Logf("%d kills: %d orders were cut off, %d of them had been done", kills, cut, replayed)
	if !met() {
		t.Error("the kills met nothing that was under way")
	}
	return m
}
