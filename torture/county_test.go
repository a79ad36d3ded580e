package torture

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"linli/internal/app"
	"linli/internal/area"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/sample"
	"linli/internal/staff"
)

// The corner of the sample county where the tests play, and who works there.
const (
	county  = "320682"
	village = "320682001001"
	grid    = "320682001001001"

	dispatcher    = "paidan" // sorts what comes in for the village
	member        = "wangge" // of the grid
	administrator = "guanli"
)

// counties are the sample county laid out once for each engine, with everybody of the cast signed in; each
// test works on a copy.
type counties struct {
	mu   sync.Mutex
	made map[database.Engine]*laidOut
}

type laidOut struct {
	folder   string
	database string            // its name on PostgreSQL
	secrets  map[string]string // login -> session
	others   []string          // grids of the other villages
	err      error
}

// cheap is a cost of passwords at which signing in takes no time worth speaking of.
var cheap = staff.Hashing{Memory: 1 << 10, Time: 1, Threads: 1}

func (c *counties) of(engine database.Engine) *laidOut {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		c.made = map[database.Engine]*laidOut{}
	}
	if c.made[engine] == nil {
		l := &laidOut{folder: filepath.Join(shared.folder, "county-"+string(engine)), secrets: map[string]string{}}
		c.made[engine], l.err = l, l.layOut(engine)
	}
	return c.made[engine]
}

func (l *laidOut) layOut(engine database.Engine) (err error) {
	cfg, _, err := config.Load("", nil)
	if err != nil {
		return err
	}
	cfg.Data = l.folder
	if engine == database.Postgres {
		if l.database, err = dbtest.Create(""); err != nil {
			return err
		}
		cfg.DB = dbtest.Address(l.database)
	}
	ctx := context.Background()
	a, err := app.New(ctx, cfg, app.Options{Log: slog.New(slog.DiscardHandler), Hashing: &cheap, Bulk: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if _, err := sample.LayOut(ctx, a, sample.Plan{Size: sample.Small, Seed: 1, Demo: true}, nil); err != nil {
		return err
	}
	for _, at := range a.Areas.Tree().Areas() {
		if at.Level == area.Grid && at.Parent != village {
			l.others = append(l.others, at.Code)
		}
	}
	for _, login := range []string{dispatcher, member, administrator} {
		in, err := a.Staff.Login(ctx, staff.LoginCommand{Login: login, Password: sample.DemoPassword, Client: "torture", Address: "127.0.0.1"})
		if err != nil {
			return err
		}
		l.secrets[login] = in.Secret
	}
	return nil
}

// copyTo lays the county out in an empty folder, which it makes, and gives the address of its database.
func (l *laidOut) copyTo(t testing.TB, folder string) (address string) {
	t.Helper()
	if l.err != nil {
		t.Fatalf("laying out the sample county: %v", l.err)
	}
	if err := os.CopyFS(folder, os.DirFS(l.folder)); err != nil {
		t.Fatalf("copying the county: %v", err)
	}
	if err := os.Chmod(filepath.Join(folder, app.KeyFile), 0o600); err != nil {
		t.Fatalf("copying the key: %v", err)
	}
	if l.database == "" {
		return ""
	}
	return dbtest.For(t, "TEMPLATE "+l.database)
}

func (c *counties) remove() (err error) {
	for _, l := range c.made {
		if l.database != "" {
			err = errors.Join(err, dbtest.Drop(l.database))
		}
	}
	return err
}
