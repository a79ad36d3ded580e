package database

import (
	"context"
	"fmt"
)

// series are the running numbers of SQLite. Its one writer keeps them in memory and writes those that moved once for
// each common transaction.
type series struct {
	last  map[string]int64 // given out last, of the series met
	dirty map[string]bool  // moved since the last commit
}

// unread stands for the last number of a series whose row was not looked at.
const unread = -1

// given is a number taken, for giving it back.
type given struct {
	name   string
	before int64
}

const (
	readSeries  = `SELECT n FROM counter WHERE name = $1`
	writeSeries = `INSERT INTO counter (name, n) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET n = excluded.n`
)

func (l *lite) next(ctx context.Context, name string) (int64, error) {
	s := &l.q.series
	n, ok := s.last[name]
	if !ok {
		rows, err := l.query(ctx, readSeries, []any{name})
		if err := (oneRow{rows, err}).Scan(&n); err != nil && !IsNoRows(err) {
			return 0, fmt.Errorf("reading series %s: %w", name, err)
		}
	}
	l.numbers = append(l.numbers, given{name, n})
	s.last[name], s.dirty[name] = n+1, true
	return n + 1, nil
}

// set makes a series go on after n.
func (l *lite) set(name string, n int64) {
	s := &l.q.series
	before, ok := s.last[name]
	if !ok {
		before = unread
	}
	l.numbers = append(l.numbers, given{name, before})
	s.last[name], s.dirty[name] = n, true
}

// undo gives back the numbers of a caller that failed.
func (s *series) undo(taken []given) {
	for i := len(taken) - 1; i >= 0; i-- {
		if taken[i].before == unread {
			delete(s.last, taken[i].name)
			delete(s.dirty, taken[i].name)
			continue
		}
		s.last[taken[i].name] = taken[i].before
	}
}

// keep writes what moved.
func (s *series) keep(q *queue) error {
	if len(s.dirty) == 0 {
		return nil
	}
	l := &lite{q: q}
	for name := range s.dirty {
		if err := l.send(context.Background(), writeSeries, []any{name, s.last[name]}, true); err != nil {
			return fmt.Errorf("keeping series %s: %w", name, err)
		}
	}
	return nil
}

// settled: what moved is committed.
func (s *series) settled() { clear(s.dirty) }

// restore forgets what was not committed; the rows are read again.
func (s *series) restore() {
	for name := range s.dirty {
		delete(s.last, name)
	}
	clear(s.dirty)
}
