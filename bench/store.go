package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"linli/internal/app"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// store makes databases of one engine for this run and removes them at its end.
type store struct {
	*bench
	engine   database.Engine
	title    string
	at       string    // PostgreSQL: its address
	server   *sql.DB   // where databases are made
	backends *backends // its processes, when they can be seen
	settings settings
	county   place         // the laid out county, copied for every measurement
	sized    map[int]place // working copies of the filled databases
	made     []place
}

// place is where a county lives: its folder and, on PostgreSQL, its database.
type place struct {
	folder string
	name   string
	server string // the address of the server, with whatever database
}

func (b *bench) newStore(ctx context.Context, engine database.Engine) (*store, error) {
	s, err := b.connect(ctx, engine, os.Getenv(dbtest.Variable))
	if err != nil {
		return nil, err
	}
	if s.county, err = s.layOut(ctx); err != nil {
		return nil, fmt.Errorf("laying out the county: %w", err)
	}
	if s.settings, err = s.readSettings(ctx, s.county); err != nil {
		return nil, err
	}
	s.title, err = s.settings.title()
	return s, err
}

// connect makes a store without anything in it; on PostgreSQL on the server of an address.
func (b *bench) connect(ctx context.Context, engine database.Engine, at string) (*store, error) {
	s := &store{bench: b, engine: engine, sized: map[int]place{}}
	if engine == database.SQLite {
		return s, nil
	}
	s.at = at
	var err error
	if s.server, err = sql.Open("pgx", at); err != nil {
		return nil, err
	}
	if err := s.dropLeftOvers(ctx); err != nil {
		return nil, err
	}
	s.backends, err = s.findBackends(ctx)
	return s, err
}

// fresh is an empty folder and, on PostgreSQL, an empty database.
func (s *store) fresh(ctx context.Context) (place, error) {
	p, err := s.reserve()
	if err != nil || s.engine == database.SQLite {
		return p, err
	}
	_, err = s.server.ExecContext(ctx, `CREATE DATABASE `+p.name)
	return p, err
}

// copy is a place of its own with the same content.
func (s *store) copy(ctx context.Context, from place) (place, error) {
	p, err := s.reserve()
	if err != nil {
		return p, err
	}
	if err := copyFolder(p.folder, from.folder); err != nil {
		return p, fmt.Errorf("copying the county: %w", err)
	}
	if s.engine == database.Postgres {
		if _, err := s.server.ExecContext(ctx, `CREATE DATABASE `+p.name+` TEMPLATE `+pgx.Identifier{from.name}.Sanitize()+` STRATEGY FILE_COPY`); err != nil {
			return p, fmt.Errorf("copying the database: %w", err)
		}
	}
	return p, nil
}

func (s *store) reserve() (place, error) {
	raw := make([]byte, 6)
	_, _ = rand.Read(raw)
	p := place{folder: filepath.Join(s.work, hex.EncodeToString(raw))}
	if s.engine == database.Postgres {
		p.name, p.server = "linli_bench_run_"+hex.EncodeToString(raw), s.at
	}
	s.made = append(s.made, p)
	return p, os.MkdirAll(p.folder, 0o750)
}

// drop removes what is no longer needed, so that the disk holds few copies at a time.
func (s *store) drop(ctx context.Context, p place) error {
	s.made = slices.DeleteFunc(s.made, func(q place) bool { return q == p })
	err := os.RemoveAll(p.folder)
	if p.name != "" {
		_, dropped := s.server.ExecContext(ctx, `DROP DATABASE IF EXISTS `+p.name+` WITH (FORCE)`)
		err = errors.Join(err, dropped)
	}
	return err
}

func (s *store) remove(ctx context.Context) (err error) {
	for _, p := range slices.Clone(s.made) {
		err = errors.Join(err, s.drop(ctx, p))
	}
	if s.server != nil {
		err = errors.Join(err, s.server.Close())
	}
	return err
}

// dropLeftOvers removes databases of runs that were killed, and filled ones made by other schemas.
func (s *store) dropLeftOvers(ctx context.Context) error {
	rows, err := s.server.QueryContext(ctx, `SELECT datname FROM pg_database WHERE datname LIKE 'linli\_bench\_%'`)
	if err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	defer rows.Close()
	var old []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if !strings.HasPrefix(name, filledPrefix(s.digest)) {
			old = append(old, name)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range old {
		if _, err := s.server.ExecContext(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`); err != nil {
			return err
		}
	}
	return nil
}

// address of a database on the server; empty for the embedded one.
func (p place) address() string {
	if p.name == "" {
		return ""
	}
	u, err := url.Parse(p.server)
	if err != nil {
		return ""
	}
	u.Path = "/" + p.name
	return u.String()
}

// config is that of a program started with nothing but a data folder and a database.
func (p place) config() (config.Config, error) {
	cfg, _, err := config.Load("", nil)
	cfg.Data, cfg.DB = p.folder, p.address()
	return cfg, err
}

// open starts the program's services on a place.
func (p place) open(ctx context.Context, o app.Options) (*app.App, error) {
	cfg, err := p.config()
	if err != nil {
		return nil, err
	}
	return app.New(ctx, cfg, o)
}

func copyFolder(to, from string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	key := filepath.Join(to, app.KeyFile)
	if _, err := os.Stat(key); err != nil {
		return nil //nolint:nilerr // a folder without a county has no key
	}
	return os.Chmod(key, 0o600) // the program refuses a key that others may read
}
