package casework

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"linli/internal/platform/database"
	"linli/internal/platform/search"
)

// allBatch is how many texts share a transaction when very many wait.
const allBatch = 2000

// IndexAll does what Index does for very many texts, such as those of a year: while some are written others are read and
// their words cut, and PostgreSQL gets a batch in a few statements from as many writers as there are cores. Nothing
// gives way to anybody meanwhile. done is told how many there are so far; it may be nil.
func (s *Service) IndexAll(ctx context.Context, done func(n int)) (int, error) {
	if done == nil {
		done = func(int) {}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	batches := make(chan []text, 1)
	var reading, writing sync.WaitGroup
	reading.Go(func() {
		defer close(batches)
		if err := s.readTexts(ctx, batches); err != nil {
			stop(err)
		}
	})
	writers := 1
	if s.db.Engine() == database.Postgres {
		writers = runtime.NumCPU()
	}
	var mu sync.Mutex
	total := 0
	for range writers {
		writing.Go(func() {
			for texts := range batches {
				if err := s.db.Write(ctx, func(tx *database.Tx) error { return putTexts(tx, texts) }); err != nil {
					stop(err)
					continue // what is read already is let go, so that the reader ends
				}
				mu.Lock()
				total += len(texts)
				done(total)
				mu.Unlock()
			}
		})
	}
	reading.Wait()
	writing.Wait()
	if err := context.Cause(ctx); err != nil {
		return total, fmt.Errorf("indexing: %w", err)
	}
	return total, nil
}

// readTexts reads the waiting texts batch by batch and cuts their words.
func (s *Service) readTexts(ctx context.Context, batches chan<- []text) error {
	for after := int64(0); ; {
		var texts []text
		if err := s.db.Read(ctx, func(tx *database.Tx) (err error) {
			texts, err = database.All(tx, scanText, waitingTexts, after, allBatch)
			return err
		}); err != nil {
			return fmt.Errorf("reading texts: %w", err)
		}
		if len(texts) == 0 {
			return nil
		}
		after = texts[len(texts)-1].serial
		for i := range texts {
			texts[i].terms = search.Document(texts[i].words)
		}
		select {
		case batches <- texts:
		case <-ctx.Done():
			return nil // who ended it knows why
		}
	}
}

// putTexts puts a batch into the index and takes it off the queue.
func putTexts(tx *database.Tx, texts []text) error {
	if tx.Engine() != database.Postgres {
		for _, t := range texts {
			if err := t.put(tx); err != nil {
				return err
			}
		}
		return keepSpans(tx, texts)
	}
	serials, terms, phones := make([]int64, len(texts)), make([]string, len(texts)), make([]string, len(texts))
	for i, t := range texts {
		serials[i], terms[i], phones[i] = t.serial, t.terms, t.phone
	}
	if err := tx.Send(`INSERT INTO case_text (serial, terms)
		SELECT t.serial, array_to_tsvector(string_to_array(t.terms, ' ')) FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[])) AS t (serial, terms)
		ON CONFLICT (serial) DO UPDATE SET terms = excluded.terms`, serials, terms); err != nil {
		return err
	}
	if err := tx.Send(`INSERT INTO caller (phone_blind, serial)
		SELECT t.phone, t.serial FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS BIGINT[])) AS t (phone, serial) WHERE t.phone <> ''
		ON CONFLICT (phone_blind, serial) DO NOTHING`, phones, serials); err != nil {
		return err
	}
	if err := tx.Send(`DELETE FROM search_todo WHERE serial = ANY(CAST($1 AS BIGINT[]))`, serials); err != nil {
		return err
	}
	return keepSpans(tx, texts)
}
