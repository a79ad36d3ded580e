package database_test

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// fill writes a table of so many pages of 4 KiB.
func fill(t *testing.T, db *database.DB, pages int) {
	t.Helper()
	if err := db.Write(context.Background(), func(tx *database.Tx) error {
		if _, err := tx.Exec(`CREATE TABLE page (id BIGINT PRIMARY KEY, body TEXT NOT NULL)`); err != nil {
			return err
		}
		body := strings.Repeat("a", 3000)
		for i := range pages {
			if err := tx.Send(`INSERT INTO page (id, body) VALUES ($1, $2)`, i, body); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// readAll has four read the whole table at once.
func readAll(t *testing.T, db *database.DB) {
	t.Helper()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := db.Read(context.Background(), func(tx *database.Tx) error {
				var n int
				return tx.Row(`SELECT sum(length(body)) FROM page`).Scan(&n)
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// At rest the pages that were read and written are given back, by every connection, and all goes on.
func TestAtRestPagesAreGivenBack(t *testing.T) {
	dbtest.Each(t, nil, nil, func(t *testing.T, db *database.DB) {
		fill(t, db, 2000)
		readAll(t, db)
		before := kept()
		if err := db.Rest(context.Background()); err != nil {
			t.Fatal(err)
		}
		if after := kept(); db.Engine() == database.SQLite && before > 0 && after > before-6<<20 {
			t.Errorf("%d of %d bytes are kept", after, before)
		}
		readAll(t, db)
	})
}

// However much is written and read, the connections together keep no more than a few dozen megabytes of it: 24 MB of
// pages, of which each takes twice its size.
func TestPagesKeptAreBounded(t *testing.T) {
	dbtest.Each(t, nil, nil, func(t *testing.T, db *database.DB) {
		if err := db.Rest(context.Background()); err != nil {
			t.Fatal(err)
		}
		before := kept()
		fill(t, db, 25_000)
		for range 3 {
			readAll(t, db)
		}
		if after := kept(); db.Engine() == database.SQLite && before > 0 && after > before+80<<20 {
			t.Errorf("%d MB are kept of a table of 100", (after-before)>>20)
		}
	})
}

// kept is how much memory the process keeps beside the files it has mapped; 0 where the system does not tell.
func kept() int64 {
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident, shared int64
	if _, err := fmt.Sscan(string(text), &size, &resident, &shared); err != nil {
		return 0
	}
	return (resident - shared) * int64(os.Getpagesize())
}
