package torture

import (
	"context"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/archive"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// TestABackupUnderLoadRestoresWhole: an archive written while people work holds everything acknowledged before it
// began, and restores to a state that proves itself as it is, before any program was started on it. Then a program goes on
// from there. The long form restores on the other engine, too.
func TestABackupUnderLoadRestoresWhole(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		n := s.start()
		c := newCrowd(s).gather(6)
		bulky(t, c, pick(12, 60))
		for round := range pick(1, 5) {
			before := c.done.Load()
			within(t, 20*time.Second, "work goes on", func() bool { return c.done.Load() > before+50 })
			file := filepath.Join(t.TempDir(), "archive.linli")
			then, began := c.remembered(), time.Now()
			if out, code := s.command("backup", file); code != 0 {
				t.Fatalf("backup: exit code %d: %s", code, out)
			}
			s.backedUp(file, began, time.Now())
			engines := []database.Engine{s.engine}
			if long() && round == 0 {
				engines = dbtest.Engines(t)
			}
			for _, engine := range engines {
				restored := &site{t: t, engine: engine, folder: filepath.Join(t.TempDir(), "restored"), secrets: s.secrets}
				if engine == database.Postgres {
					restored.url = dbtest.For(t, "")
				}
				if out, code := restored.command("restore", file, "--key", filepath.Join(s.folder, app.KeyFile)); code != 0 {
					t.Fatalf("restore on %s: exit code %d: %s", engine, code, out)
				}
				restored.sound() // nothing has been started that could have mended it
				restored.holds(then, false)
				again := restored.start() // it goes on from there
				restored.again(then, rand.New(rand.NewPCG(1, 2)), 5)
				work := newCrowd(restored).gather(2)
				within(t, 20*time.Second, "the restored program works", func() bool { return work.done.Load() > 10 })
				work.disperse(t)
				again.stop()
				restored.sound()
			}
		}
		m := c.disperse(t)
		n.stop()
		s.holds(m, true)
		s.sound()
	})
}

// bulky brings so many matters with a photo of a megabyte, so that writing them takes a while.
func bulky(t *testing.T, c *crowd, megabytes int) {
	t.Helper()
	dice := rand.New(rand.NewPCG(c.seed, 2000))
	p := newProbe(c, dice)
	defer p.close()
	for range megabytes {
		r, err := p.report()
		if err != nil || r.status != http.StatusCreated {
			t.Fatalf("a report: %v %d %.300s", err, r.status, r.raw)
		}
		picture := photo(dice)
		for len(picture) < 1<<20 {
			picture = append(picture, byte(dice.Uint32()))
		}
		id := newID()
		p.must(t, order{method: http.MethodPut, path: "/api/v1/track/" + r.text("code") + "/files/" + id + "?name=photo.jpg", kind: "image/jpeg", body: picture})
		c.mu.Lock()
		c.memory.files[id] = kept{kase: r.text("id"), sum: sumOf(picture)}
		c.mu.Unlock()
	}
}

// backedUp fails unless the archive is of a moment after the backup began, and people's work was committed between that
// moment and its end.
func (s *site) backedUp(file string, began, ended time.Time) {
	s.t.Helper()
	m, err := archive.Verify(context.Background(), file, nil)
	if err != nil {
		s.t.Fatalf("the archive: %v", err)
	}
	if m.At.Before(began.Truncate(time.Millisecond)) || m.At.After(ended) {
		s.t.Errorf("the archive is of %s, the backup went from %s to %s", m.At, began, ended)
	}
	beside := s.number(`SELECT count(*) FROM timeline WHERE at > $1 AND at <= $2`, database.Millis(m.At), database.Millis(ended))
	if s.t.Logf("the backup took %s; %d entries were committed in the %s after the moment it is of", ended.Sub(began).Round(time.Millisecond), beside, ended.Sub(m.At).Round(time.Millisecond)); beside < 5 {
		s.t.Errorf("the backup was not taken under load: %d entries were committed beside it", beside)
	}
}
