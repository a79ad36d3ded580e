package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"linli/internal/platform/database"
	"linli/internal/staff"
)

// Several nodes on one PostgreSQL hear of each other's changes by looking for them, about once a second, in the order of the
// time of change. A transaction becomes visible later than its time says, and clocks differ, so each look begins a little
// before the end of the last one, and what was told already is left out.
const (
	listenOverlap = 15 * time.Second
	mostListened  = 20_000 // more at once are told as a flood
	listenBatch   = 100    // cases read with one question
)

// listening is how far the changes of other nodes were read.
type listening struct {
	known map[string]versionAt // cases that changed within the overlap
	since time.Time            // the newest change read; zero: not begun
}

// versionAt is a version with the time it was heard of.
type versionAt struct {
	version int64
	at      time.Time
}

// note remembers a version that was told. Where nobody listens nothing is remembered.
func (l *listening) note(id string, version int64, at time.Time) {
	if k := l.known[id]; !l.since.IsZero() && version >= k.version {
		l.known[id] = versionAt{version, at}
	}
}

// changedRow is a case with its version, as some node has left it.
type changedRow struct {
	id      string
	version int64
	at      time.Time
	known   int64 // the version told before; 0: none that is remembered
}

// from is the version after which its entries are new.
func (r changedRow) from() int64 {
	if r.known == 0 {
		return r.version - 1
	}
	return r.known
}

// Listen looks for what other nodes have changed and puts it into the feed. The embedded database has no other nodes. It
// returns how many changes were found.
func (s *Service) Listen(ctx context.Context) (int, error) {
	if s.db.Engine() != database.Postgres {
		return 0, nil
	}
	f, now := s.feed, s.db.Now()
	f.mu.Lock()
	begun, since := !f.listen.since.IsZero(), f.listen.since
	if !begun {
		since, f.listen.since = now, now
	}
	f.mu.Unlock()
	var rows []changedRow
	if err := s.db.Read(ctx, func(tx *database.Tx) (err error) {
		rows, err = database.All(tx, scanChanged, `SELECT id, version, updated_at FROM cases WHERE updated_at >= $1 ORDER BY updated_at LIMIT $2`,
			database.Millis(since.Add(-listenOverlap)), mostListened+1)
		return err
	}); err != nil {
		return 0, fmt.Errorf("looking for changes of other nodes: %w", err)
	}
	if len(rows) > mostListened {
		s.flood(now)
		return len(rows), nil
	}
	fresh := f.fresh(rows, begun)
	for from := 0; from < len(fresh); from += listenBatch {
		if err := s.hear(ctx, fresh[from:min(from+listenBatch, len(fresh))]); err != nil {
			return from, err
		}
	}
	f.heard(rows, now)
	return len(fresh), nil
}

// flood tells that very much has changed, and goes on from now.
func (s *Service) flood(now time.Time) {
	s.feed.put(happening{flood: true})
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.listen = listening{known: map[string]versionAt{}, since: now.Add(listenOverlap)}
}

// fresh leaves out what was told already. What was there before anybody listened is not news.
func (f *feed) fresh(rows []changedRow, begun bool) (out []changedRow) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range rows {
		k := f.listen.known[r.id]
		if !begun {
			f.listen.note(r.id, r.version, r.at)
		} else if r.version > k.version {
			r.known = k.version
			out = append(out, r)
		}
	}
	return out
}

// heard moves on and forgets what will not be read again.
func (f *feed) heard(rows []changedRow, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(rows); n > 0 && rows[n-1].at.After(f.listen.since) {
		f.listen.since = rows[n-1].at
	}
	if now.After(f.listen.since) {
		f.listen.since = now
	}
	for id, k := range f.listen.known {
		if k.at.Before(f.listen.since.Add(-2 * listenOverlap)) {
			delete(f.listen.known, id)
		}
	}
}

func scanChanged(sc database.Scanner) (c changedRow, err error) {
	var at int64
	err = sc.Scan(&c.id, &c.version, &at)
	c.at = database.Time(at)
	return c, err
}

// hear reads the changed cases, with the posts that were told, and puts them into the feed.
func (s *Service) hear(ctx context.Context, rows []changedRow) error {
	q := &scope{}
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].id
	}
	in := q.List(ids)
	newer := &scope{}
	for _, r := range rows {
		newer.And("(case_id = " + newer.Arg(r.id) + " AND seq > " + newer.Arg(r.from()) + ")")
	}
	cases, told := map[string]*Case{}, map[string][]staff.Post{}
	if err := s.db.Read(ctx, func(tx *database.Tx) error {
		list, err := database.All(tx, scanCase, `SELECT `+caseColumns+` FROM cases WHERE id IN (`+in+`)`, q.Args...)
		if err != nil {
			return err
		}
		for _, c := range list {
			if err := loadTasks(tx, c); err != nil {
				return err
			}
			cases[c.ID] = c
		}
		entries, err := database.All(tx, scanSaid, `SELECT case_id, data FROM timeline WHERE `+newer.Either(), newer.Args...)
		for _, e := range entries {
			told[e.id] = append(told[e.id], e.data.Told...)
		}
		return err
	}); err != nil {
		return fmt.Errorf("reading changes of other nodes: %w", err)
	}
	for _, r := range rows {
		if c := cases[r.id]; c != nil {
			s.feed.put(happening{what: s.glimpse(c), told: told[r.id]})
		}
	}
	return nil
}

// said is an entry of a case with what it says.
type said struct {
	id   string
	data EntryData
}

func scanSaid(sc database.Scanner) (e said, err error) {
	var data string
	if err := sc.Scan(&e.id, &data); err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(data), &e.data)
}
