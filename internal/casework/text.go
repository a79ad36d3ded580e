package casework

import (
	"context"
	"fmt"
	"strings"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/search"
)

// The search index is kept beside the intake, not in it: a case is queued in its own transaction and
// indexed right after, so that a long text never makes a reporter wait and a crash loses nothing.

// indexBatch bounds how many texts share a transaction: few enough that nobody who reports meanwhile waits noticeably,
// or, when nobody does, many, which costs the index less.
const (
	indexBatch     = 100
	indexBatchIdle = 1000
)

// Searching may lag behind reporting for a while: when many wait for the writer, indexing gives way to them, for so
// long at most.
const (
	manyWriting = 4
	mostBehind  = time.Minute
	lookAgain   = 20 * time.Millisecond
)

func (s *Service) queueText(tx *database.Tx, c *Case) error {
	if err := tx.Send(`INSERT INTO search_todo (serial) VALUES ($1) ON CONFLICT (serial) DO NOTHING`, c.Serial); err != nil {
		return fmt.Errorf("queueing the text of %s: %w", c.ID, err)
	}
	tx.AfterCommit(func() {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	})
	return nil
}

// Wake is signalled when a text waits for the index.
func (s *Service) Wake() <-chan struct{} { return s.wake }

// Index puts the waiting texts into the search index and tells how many.
func (s *Service) Index(ctx context.Context) (int, error) {
	total := 0
	for {
		batch := s.giveWay(ctx)
		var texts []text
		if err := s.db.Read(ctx, func(tx *database.Tx) (err error) {
			texts, err = database.All(tx, scanText, waitingTexts, 0, batch)
			return err
		}); err != nil {
			return total, fmt.Errorf("reading texts to index: %w", err)
		}
		if len(texts) == 0 {
			s.behind.Store(0)
			return total, nil
		}
		// cutting the words needs no database, so it is done before the transaction
		for i := range texts {
			texts[i].terms = search.Document(texts[i].words)
		}
		if err := s.db.Write(ctx, func(tx *database.Tx) error {
			for _, t := range texts {
				if err := t.put(tx); err != nil {
					return fmt.Errorf("indexing %d: %w", t.serial, err)
				}
			}
			return keepSpans(tx, texts)
		}); err != nil {
			return total, err
		}
		total += len(texts)
	}
}

// giveWay waits while many write and gives the number of texts for one transaction.
func (s *Service) giveWay(ctx context.Context) int {
	for s.db.Writing() > manyWriting {
		if ctx.Err() != nil || time.Duration(s.behind.Add(int64(lookAgain))) > mostBehind {
			return indexBatch
		}
		time.Sleep(lookAgain)
	}
	if s.db.Writing() > 0 {
		return indexBatch
	}
	return indexBatchIdle
}

type text struct {
	serial   int64
	received int64
	words    string
	terms    string
	phone    string // blind index of the number it was reported with
}

// waitingTexts are the next texts that wait, after a serial. The queue is cut before its cases are looked up: joined first,
// PostgreSQL goes through all cases to find those few that wait.
const waitingTexts = `SELECT c.serial, c.received_at, c.title, c.body, c.address, c.phone_blind
	FROM (SELECT serial FROM search_todo WHERE serial > $1 ORDER BY serial LIMIT $2) q JOIN cases c ON c.serial = q.serial ORDER BY q.serial`

func scanText(s database.Scanner) (text, error) {
	var t text
	var title, body, address string
	err := s.Scan(&t.serial, &t.received, &title, &body, &address, &t.phone)
	t.words = title + "\n" + body + "\n" + address
	return t, err
}

// statement is an SQL text with its values.
type statement struct {
	query string
	args  []any
}

func (t text) put(tx *database.Tx) error {
	steps := []statement{
		{`DELETE FROM case_text WHERE rowid = $1`, []any{t.serial}},
		{`INSERT INTO case_text (rowid, terms) VALUES ($1, $2)`, []any{t.serial, t.terms}},
		{`DELETE FROM search_todo WHERE serial = $1`, []any{t.serial}},
	}
	if t.phone != "" {
		steps = append(steps, statement{`INSERT INTO caller (phone_blind, serial) VALUES ($1, $2) ON CONFLICT (phone_blind, serial) DO NOTHING`, []any{t.phone, t.serial}})
	}
	if tx.Engine() == database.Postgres {
		steps[0].query = `DELETE FROM case_text WHERE serial = $1`
		steps[1].query = `INSERT INTO case_text (serial, terms) VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))`
	}
	for _, step := range steps {
		if err := tx.Send(step.query, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// matching is the condition that a case's text has all the terms of a query.
func (q *scope) matching(engine database.Engine, terms []string) string {
	quoted := make([]string, len(terms))
	for i, t := range terms {
		quoted[i] = `"` + t + `"`
	}
	if engine == database.Postgres {
		// encoded terms are letters and digits only, so they need no further quoting
		return `c.serial IN (SELECT serial FROM case_text WHERE terms @@ CAST(` + q.Arg(strings.Join(terms, " & ")) + ` AS tsquery))`
	}
	return `c.serial IN (SELECT rowid FROM case_text WHERE case_text MATCH ` + q.Arg(strings.Join(quoted, " AND ")) + `)`
}
