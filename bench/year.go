package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"linli/internal/platform/database"
)

// yearEngines are those that a simulated year was given for, when something that needs it is wanted.
func (b *bench) yearEngines() (list []database.Engine) {
	if !b.wants(startSection) && !b.wants(checkSection) {
		return nil
	}
	if b.year != "" && b.engines != "postgres" {
		list = append(list, database.SQLite)
	}
	if b.yearDB != "" && b.engines != "sqlite" {
		list = append(list, database.Postgres)
	}
	return list
}

// measureYear is start, memory, search and check on a simulated year. It works on a copy, on PostgreSQL one made by its own
// server: the program would do what has fallen due since. Nobody may be connected to that database meanwhile.
func (b *bench) measureYear(ctx context.Context, engine database.Engine) (t *table, err error) {
	t = &table{title: "A simulated year of a county on SQLite"}
	if engine == database.Postgres {
		t.title = "A simulated year of a county on PostgreSQL"
	}
	b.say("%s: the year", engine)
	s, p, err := b.copyYear(ctx, engine)
	if s != nil {
		defer func() { err = errors.Join(err, s.remove(context.WithoutCancel(ctx))) }()
	}
	if err != nil {
		return t, err
	}
	if b.wants(startSection) {
		if err := s.measureStarts(ctx, t, p, "start"+s.stored(ctx, p), "start-year-"+string(engine)); err != nil {
			return t, err
		}
		if err := s.measureYearSearch(ctx, t, p); err != nil {
			return t, err
		}
	}
	if b.wants(checkSection) {
		return t, s.measureCheck(ctx, t, p)
	}
	return t, nil
}

// copyYear makes the copy; the store removes it.
func (b *bench) copyYear(ctx context.Context, engine database.Engine) (*store, place, error) {
	from, at := place{folder: b.year}, ""
	if engine == database.Postgres {
		u, err := url.Parse(b.yearDB)
		if err != nil {
			return nil, from, errors.New("the address of the year's database is not understood") // an error would repeat the password
		}
		from = place{folder: b.yearFolder, name: strings.TrimPrefix(u.Path, "/")}
		u.Path = "/postgres" // a database in use cannot be copied
		at = u.String()
	}
	s, err := b.connect(ctx, engine, at)
	if err != nil {
		return s, from, err
	}
	took, err := timed(func() (err error) {
		from, err = s.copy(ctx, from)
		return err
	})
	if err != nil {
		return s, from, err
	}
	s.say("  copied in %.0f s", took.Seconds())
	return s, from, s.rest(ctx)
}

// stored tells how large a database is, for a row's name.
func (s *store) stored(ctx context.Context, p place) string {
	if s.server == nil {
		return onDisk(p)
	}
	var bytes int64
	if err := s.server.QueryRowContext(ctx, `SELECT pg_database_size($1)`, p.name).Scan(&bytes); err != nil {
		return ""
	}
	return fmt.Sprintf(" (%s MB on disk)", commas(bytes>>20))
}

// yearSearches is how often a word is looked for in a round.
const yearSearches = 20

// searched is a word that many reports have: two characters, as people look for.
const searched = "路灯"

// measureYearSearch asks for a word and for a number over HTTP, one client, all of the dispatcher's cases.
func (s *store) measureYearSearch(ctx context.Context, t *table, p place) (err error) {
	srv, err := s.serve(ctx, p, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	secret, err := signIn(ctx, srv.address, dispatcher)
	if err != nil {
		return err
	}
	c, err := dial(ctx, srv.address)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	question := fmt.Appendf(nil, "GET /api/v1/cases?scope=area&state=all&q=%s HTTP/1.1\r\nHost: linli.example\r\nAuthorization: Bearer %s\r\n\r\n", url.QueryEscape(searched), secret)
	var p50, p99 samples
	rows := 0
	for range s.plan.httpRounds {
		calls := make([]time.Duration, 0, yearSearches)
		for range yearSearches {
			took, err := timed(func() error {
				status, body, err := c.ask(question)
				if err == nil && status != http.StatusOK {
					err = fmt.Errorf("searching: status %d: %.300s", status, body)
				}
				rows = strings.Count(string(body), `"number":"`)
				return err
			})
			if err != nil {
				return err
			}
			calls = append(calls, took)
		}
		p50.add(quantile(sortedCalls(calls), 0.5))
		p99.add(quantile(calls, 0.99))
	}
	t.figure(fmt.Sprintf("“%s” looked for in the texts of the year over HTTP, one client (%d cases on the first page)", searched, rows), "p50 "+p50.with(" ms")+", p99 "+p99.with(" ms"))
	return nil
}

// measureCheck runs `linli check`. A year that is not in order is no broken measurement but a bar that is missed.
func (s *store) measureCheck(ctx context.Context, t *table, p place) error {
	var seconds, peak samples
	clean, last := true, ""
	for round := range s.plan.checks {
		s.say("  check, round %d of %d", round+1, s.plan.checks)
		out, took, memory, err := s.checkOnce(ctx, p, "")
		var wrong *exec.ExitError
		if err != nil && !errors.As(err, &wrong) || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		clean, last = clean && err == nil, lastLine(out)
		seconds.add(took.Seconds())
		peak.add(memory)
	}
	if target := s.profile("check-year-" + string(s.engine)); target != "" {
		if _, _, _, err := s.checkOnce(ctx, p, target); err != nil {
			return fmt.Errorf("linli check: %w", err)
		}
	}
	t.atMost("`linli check`", barCheck, " s", seconds)
	t.bar("— is clean", "clean", last, clean)
	t.figure("— memory at most (resident)", peak.with(" MB"))
	return nil
}

// checkOnce runs the program's check and tells what it said, how long it took and how much memory it had at most, in MB.
func (s *store) checkOnce(ctx context.Context, p place, profile string) (out string, took time.Duration, peak float64, err error) {
	program, env, err := s.program(profile)
	if err != nil {
		return "", 0, 0, err
	}
	args := []string{"check", "--data", p.folder}
	if p.name != "" {
		args = append(args, "--db", p.address())
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = env
	var said []byte
	took, err = timed(func() (err error) {
		said, err = cmd.CombinedOutput()
		return err
	})
	if cmd.ProcessState != nil {
		if used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			peak = float64(used.Maxrss) / 1024
		}
	}
	return string(said), took, peak, err
}

// lastLine is the last line with something in it, without what would end a table's cell.
func lastLine(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) == 0 {
		return ""
	}
	return strings.ReplaceAll(strings.TrimSpace(lines[len(lines)-1]), "|", "/")
}
