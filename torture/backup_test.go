package torture

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// TestABackupUnderLoadRestoresWhole: an archive written while people work holds everything acknowledged before it
// began, and restores to a state that proves itself; the long form restores on the other engine, too.
func TestABackupUnderLoadRestoresWhole(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		n := s.start()
		c := newCrowd(s).gather(6)
		for round := range pick(1, 5) {
			before := c.done.Load()
			within(t, 20*time.Second, "work goes on", func() bool { return c.done.Load() > before+50 })
			archive := filepath.Join(t.TempDir(), "archive.linli")
			then, begun := c.remembered(), c.done.Load()
			if out, code := s.command("backup", archive); code != 0 {
				t.Fatalf("backup: exit code %d: %s", code, out)
			}
			if c.done.Load() < begun+5 {
				t.Error("the backup was not taken under load")
			}
			engines := []database.Engine{s.engine}
			if long() && round == 0 {
				engines = dbtest.Engines(t)
			}
			for _, engine := range engines {
				restored := &site{t: t, engine: engine, folder: filepath.Join(t.TempDir(), "restored"), secrets: s.secrets}
				if engine == database.Postgres {
					restored.url = dbtest.For(t, "")
				}
				if out, code := restored.command("restore", archive, "--key", filepath.Join(s.folder, app.KeyFile)); code != 0 {
					t.Fatalf("restore on %s: exit code %d: %s", engine, code, out)
				}
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
