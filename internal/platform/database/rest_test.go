package database_test

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"testing"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// At rest the pages that were read and written are given back, by every connection, and all goes on.
func TestAtRestPagesAreGivenBack(t *testing.T) {
	dbtest.Each(t, nil, nil, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		if err := db.Write(ctx, func(tx *database.Tx) error {
			if _, err := tx.Exec(`CREATE TABLE page (id BIGINT PRIMARY KEY, body TEXT NOT NULL)`); err != nil {
				return err
			}
			body := make([]byte, 3000)
			for i := range body {
				body[i] = 'a'
			}
			for i := range 2000 {
				if err := tx.Send(`INSERT INTO page (id, body) VALUES ($1, $2)`, i, string(body)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		read := func() {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if err := db.Read(ctx, func(tx *database.Tx) error {
						var n int
						return tx.Row(`SELECT sum(length(body)) FROM page`).Scan(&n)
					}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		read()
		before := kept()
		if err := db.Rest(ctx); err != nil {
			t.Fatal(err)
		}
		if after := kept(); db.Engine() == database.SQLite && before > 0 && after > before-6<<20 {
			t.Errorf("%d of %d bytes are kept", after, before)
		}
		read()
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
