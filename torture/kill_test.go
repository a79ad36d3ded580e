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
		dice := rand.New(rand.NewPCG(c.seed, 1000))
		for range pick(5, 20) {
			time.Sleep(time.Duration(50+dice.IntN(pick(350, 1500))) * time.Millisecond)
			n.kill()
			n = s.start()
			m := c.remembered()
			s.holds(m, false)
			s.again(m, dice, 5)
		}
		m := c.disperse(t)
		s.again(m, dice, 20)
		n.stop()
		s.holds(m, true)
		s.sound()
		if len(m.reports) < 20 || len(m.commands) < 20 {
			t.Errorf("hardly anything was done: %d reports, %d actions", len(m.reports), len(m.commands))
		}
	})
}
