package torture

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// onPostgres runs a test where there is a connection to speak of.
func onPostgres(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	for _, engine := range dbtest.Engines(t) {
		if engine == database.Postgres {
			t.Run(string(engine), func(t *testing.T) { test(t, newSite(t, engine)) })
		}
	}
}

// TestTheDatabaseGoesAndComesBack: connections to PostgreSQL are cut and refused for a while, again and again, under
// load. Meanwhile everybody is told to come again, and afterwards it goes on by itself with nothing lost.
func TestTheDatabaseGoesAndComesBack(t *testing.T) {
	onPostgres(t, func(t *testing.T, s *site) {
		line := between(t, s)
		n := s.start()
		c := newCrowd(s).gather(6)
		dice := rand.New(rand.NewPCG(c.seed, 1000))
		probe := newProbe(c, dice)
		for range pick(2, 12) {
			time.Sleep(time.Duration(300+dice.IntN(pick(200, 2000))) * time.Millisecond)
			line.cut()
			away(t, s, probe, time.Duration(300+dice.IntN(pick(400, 8000)))*time.Millisecond)
			line.mend()
			back(t, probe, c)
		}
		probe.settle()
		m := c.disperse(t)
		n.stop()
		s.holds(m, true)
		s.sound()
	})
}

// probe is somebody who tries things while they cannot be done, and remembers every report tried: what was refused is
// sent again in the end, so that all that was ever sent is acknowledged.
type probe struct {
	*client
	crowd   *crowd
	pending map[string]order // reports not acknowledged
}

func newProbe(c *crowd, dice *rand.Rand) *probe {
	return &probe{client: newClient(c.site, dice), crowd: c, pending: map[string]order{}}
}

// report tries a new one, once.
func (p *probe) report() (reply, error) {
	id, o := reportOf(p.dice)
	p.pending[id] = o
	r, err := p.send(o)
	if err == nil && r.status < 300 {
		p.crowd.heard(id, o, r)
		delete(p.pending, id)
	}
	return r, err
}

// settle sends what was not acknowledged until it is.
func (p *probe) settle() {
	who := &person{crowd: p.crowd, dice: p.dice, client: p.client}
	for id, o := range p.pending {
		if r, ok := who.pursue(o); ok {
			p.crowd.heard(id, o, r)
		}
	}
	clear(p.pending)
}

// away looks at the program while its database is gone.
func away(t *testing.T, s *site, probe *probe, long time.Duration) {
	t.Helper()
	for end, first := time.Now().Add(long), true; first || time.Now().Before(end); first = false {
		for what, try := range map[string]func() (reply, error){
			"a report": probe.report,
			"a list": func() (reply, error) {
				return probe.send(newOrder(http.MethodGet, "/api/v1/cases", s.secrets[member], nil))
			},
			"following a case": func() (reply, error) {
				return probe.send(newOrder(http.MethodGet, "/api/v1/track/3G00-0F1K-7Q2M", "", nil))
			},
		} {
			began := time.Now()
			r, err := try()
			if err != nil {
				t.Errorf("%s while the database is gone: %v", what, err)
				continue
			}
			if r.status == 404 {
				continue // a code that cannot be right is known without the database
			}
			if r.status != 503 || r.header.Get("Retry-After") == "" || r.text("title") == "" || r.text("code") == "internal" {
				t.Errorf("%s while the database is gone: %d %v %.300s", what, r.status, r.header, r.raw)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s while the database is gone was refused after %s", what, took)
			}
		}
		for path, want := range map[string]int{"/healthz": 200, "/readyz": 503} {
			if r, err := probe.send(newOrder(http.MethodGet, path, "", nil)); err != nil || r.status != want {
				t.Errorf("%s while the database is gone: %v %d", path, err, r.status)
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// back waits until the program does its work again, and the crowd gets somewhere.
func back(t *testing.T, probe *probe, c *crowd) {
	t.Helper()
	began := time.Now()
	within(t, 15*time.Second, "the program is ready again", func() bool {
		r, err := probe.send(newOrder(http.MethodGet, "/readyz", "", nil))
		return err == nil && r.status == 200
	})
	before := c.done.Load()
	within(t, 15*time.Second, "work goes on", func() bool { return c.done.Load() > before+10 })
	t.Logf("work went on %s after it could", time.Since(began).Round(time.Millisecond))
}

// TestADatabaseThatFallsSilent: the connections stay and nothing comes through them, as when a switch dies. Nobody
// waits for ever, and when it speaks again all goes on.
func TestADatabaseThatFallsSilent(t *testing.T) {
	onPostgres(t, func(t *testing.T, s *site) {
		line := between(t, s)
		n := s.start()
		c := newCrowd(s).gather(6)
		dice := rand.New(rand.NewPCG(c.seed, 1000))
		probe := newProbe(c, dice)
		time.Sleep(300 * time.Millisecond)
		line.silence()
		began := time.Now()
		if r, err := probe.send(newOrder(http.MethodGet, "/readyz", "", nil)); err != nil || r.status != 503 || time.Since(began) > 5*time.Second {
			t.Errorf("ready while the database is silent: %v %d after %s", err, r.status, time.Since(began))
		}
		if long() { // half a minute
			began := time.Now()
			r, err := probe.report()
			if took := time.Since(began); err != nil || r.status != 503 || r.header.Get("Retry-After") == "" || took > 40*time.Second {
				t.Errorf("a report while the database is silent: %v %d %v after %s", err, r.status, r.header, took)
			}
		}
		line.speak()
		back(t, probe, c)
		probe.settle()
		m := c.disperse(t)
		n.stop()
		s.holds(m, true)
		s.sound()
	})
}
