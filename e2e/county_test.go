package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/sample"
)

// counties are the sample county laid out once per engine; every test starts from a copy. Laying out
// takes seconds, copying a blink.
type counties struct {
	mu   sync.Mutex
	dir  string
	made map[database.Engine]laidOut
}

// laidOut is a finished county: its folder, and on PostgreSQL its database.
type laidOut struct {
	folder string
	name   string // database on PostgreSQL
	err    error
}

var prepared = counties{made: map[database.Engine]laidOut{}}

func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); checks != nil && checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set("30") // a whole county for each: a default run takes seconds, more can be asked for
	}
	code := m.Run()
	if err := prepared.remove(); err != nil {
		fmt.Fprintln(os.Stderr, "removing the prepared county:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// of gives the county of an engine, laying it out the first time.
func (p *counties) of(engine database.Engine) laidOut {
	p.mu.Lock()
	defer p.mu.Unlock()
	made, ok := p.made[engine]
	if !ok {
		made.err = p.layOut(engine, &made)
		p.made[engine] = made
	}
	return made
}

func (p *counties) layOut(engine database.Engine, made *laidOut) (err error) {
	if p.dir == "" {
		if p.dir, err = os.MkdirTemp("", "linli-e2e-"); err != nil {
			return err
		}
	}
	made.folder = filepath.Join(p.dir, string(engine))
	cfg, _, err := config.Load("", nil)
	if err != nil {
		return err
	}
	cfg.Data = made.folder
	if engine == database.Postgres {
		if made.name, err = dbtest.Create(""); err != nil {
			return err
		}
		cfg.DB = dbtest.Address(made.name)
	}
	a, err := app.New(context.Background(), cfg, app.Options{Now: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler), Hashing: &cheap})
	if err != nil {
		return err
	}
	_, err = sample.LayOut(context.Background(), a, sample.Plan{Size: sample.Small, Seed: 1, Demo: true}, nil)
	return errors.Join(err, a.Close())
}

// copyFor gives a test its own copy: a folder, and the address of its own database on PostgreSQL.
func (p *counties) copyFor(t testing.TB, engine database.Engine) (folder, url string) {
	t.Helper()
	made := p.of(engine)
	if made.err != nil {
		t.Fatalf("laying out the sample county: %v", made.err)
	}
	folder = t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(made.folder)); err != nil {
		t.Fatalf("copying the county: %v", err)
	}
	if err := os.Chmod(filepath.Join(folder, "linli.key"), 0o600); err != nil {
		t.Fatalf("copying the key: %v", err)
	}
	if engine != database.Postgres {
		return folder, ""
	}
	return folder, dbtest.For(t, "TEMPLATE "+made.name)
}

func (p *counties) remove() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, made := range p.made {
		if made.name != "" {
			err = errors.Join(err, dbtest.Drop(made.name))
		}
	}
	if p.dir != "" {
		err = errors.Join(err, os.RemoveAll(p.dir))
	}
	return err
}
