package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"linli/internal/app"
	"linli/internal/platform/database"
	"linli/models"
)

// fillVersion is raised when databases have to be filled otherwise than before.
const fillVersion = "2"

// fillDigest names what a filled database depends on: how it is filled, the tables, the models.
func fillDigest() (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, fillVersion)
	add := func(files fs.FS) error {
		return fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, path)
			fmt.Fprintf(h, "%s %d\n%s", path, len(text), text)
			return err
		})
	}
	for _, s := range append([]database.Schema{database.OwnSchema()}, app.Schemas()...) {
		if err := add(s.Files); err != nil {
			return "", err
		}
	}
	if err := add(models.Files); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil))[:12], nil
}

// digestName is how the folder of a digest looks.
var digestName = regexp.MustCompile(`^[0-9a-f]{12}$`)

// tidyCache removes what was filled for other schemas, and what killed runs left behind: a filled database takes
// gigabytes.
func (b *bench) tidyCache() error {
	entries, err := os.ReadDir(b.cache)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return err
		}
		stale := digestName.MatchString(e.Name()) && e.Name() != b.digest ||
			strings.HasPrefix(e.Name(), runPrefix) && now().Sub(info.ModTime()) > 24*time.Hour
		if !e.IsDir() || !stale {
			continue
		}
		if err := os.RemoveAll(filepath.Join(b.cache, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func filledPrefix(digest string) string { return "linli_bench_" + digest + "_" }

// filled gives this run's copy of a county with n cases. Filled databases are kept in the cache folder (on PostgreSQL:
// on the server) for the next run; a copy is what is measured on, so that they stay as they are.
func (s *store) filled(ctx context.Context, n int) (place, error) {
	if p, ok := s.sized[n]; ok {
		return p, nil
	}
	kept := s.keptPlace(n)
	if err := s.keep(ctx, kept, n); err != nil {
		return place{}, err
	}
	p, err := s.copy(ctx, kept)
	if err != nil {
		return p, err
	}
	s.sized[n] = p
	return p, s.rest(ctx)
}

// restAtMost is how long a server is waited for that tidies by itself.
const restAtMost = 2 * time.Minute

// rest waits until PostgreSQL has written out what was copied and looks after no table by itself: else that is in the
// figures of whatever is measured next.
func (s *store) rest(ctx context.Context) error {
	if s.server == nil {
		return nil
	}
	if _, err := s.server.ExecContext(ctx, `CHECKPOINT`); err != nil {
		return err
	}
	end := now().Add(restAtMost)
	return untilNone(ctx, func() (n int, err error) {
		err = s.server.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'`).Scan(&n)
		if now().After(end) && n > 0 {
			s.say("  PostgreSQL has been tidying for %s: measuring beside it", restAtMost)
			n = 0
		}
		return n, err
	})
}

// fillAll fills what the measurement would fill, so that it need not.
func (b *bench) fillAll(ctx context.Context) error {
	engines, err := b.chosenEngines()
	if err != nil {
		return err
	}
	for _, engine := range engines {
		if err := b.fillEngine(ctx, engine); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

func (b *bench) fillEngine(ctx context.Context, engine database.Engine) (err error) {
	s, err := b.newStore(ctx, engine)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove(context.WithoutCancel(ctx))) }()
	for _, n := range b.plan.sizes {
		if err := s.keep(ctx, s.keptPlace(n), n); err != nil {
			return err
		}
	}
	return nil
}

// keptPlace is where a filled database is kept.
func (s *store) keptPlace(n int) place {
	p := place{folder: filepath.Join(s.cache, s.digest, fmt.Sprintf("%s-%d", s.engine, n))}
	if s.engine == database.Postgres {
		p.name, p.server = fmt.Sprintf("%s%d", filledPrefix(s.digest), n), s.at
	}
	return p
}

// keep fills a place unless it is filled.
func (s *store) keep(ctx context.Context, p place, n int) error {
	there, err := s.kept(ctx, p)
	if err != nil || there {
		return err
	}
	s.say("  filling %s with %s cases; it is kept in %s", s.engine, size(n), s.cache)
	took, err := timed(func() error { return s.fill(ctx, p, n) })
	if err != nil {
		return fmt.Errorf("filling %s cases: %w", size(n), err)
	}
	s.say("  filled in %.0f s", took.Seconds())
	return nil
}

// completeMark is written last: a folder without it was not filled to the end.
const completeMark = "complete"

func (s *store) kept(ctx context.Context, p place) (bool, error) {
	if _, err := os.Stat(filepath.Join(p.folder, completeMark)); err != nil || s.refill {
		return false, nil //nolint:nilerr // then it is filled
	}
	if p.name == "" {
		return true, nil
	}
	var there bool
	err := s.server.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, p.name).Scan(&there)
	return there, err
}

// fill makes a few thousand cases through the services and multiplies them with SQL. The multiplying is done on a copy
// that the services have never had open.
func (s *store) fill(ctx context.Context, p place, n int) (err error) {
	sown, err := s.copy(ctx, s.county)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.drop(ctx, sown)) }()
	clock := newSeedClock()
	a, err := sown.open(ctx, app.Options{Bulk: true, Now: clock.now})
	if err != nil {
		return err
	}
	if err := errors.Join(seed(ctx, a, clock), a.Close()); err != nil {
		return err
	}
	tables, err := ownedTables(ctx, sown)
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(p.folder), os.MkdirAll(filepath.Dir(p.folder), 0o755)); err != nil {
		return err
	}
	if err := copyFolder(p.folder, sown.folder); err != nil {
		return err
	}
	if p.name != "" {
		for _, text := range []string{`DROP DATABASE IF EXISTS ` + p.name + ` WITH (FORCE)`, `CREATE DATABASE ` + p.name + ` TEMPLATE ` + sown.name} {
			if _, err := s.server.ExecContext(ctx, text); err != nil {
				return err
			}
		}
	}
	if err := s.multiply(ctx, p, tables, n); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.folder, completeMark), nil, 0o644)
}
