package database_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/fault"
)

var schemas = []database.Schema{{Name: "shop", Files: fstest.MapFS{
	"0001_thing.sql": {Data: []byte("-- a thing\nCREATE TABLE thing (\n    id TEXT PRIMARY KEY,\n    n BIGINT NOT NULL,\n    raw {{bytes}}\n);\n")},
}}}

func insert(db *database.DB, id string, n int) error {
	return db.Write(context.Background(), func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO thing (id, n, raw) VALUES ($1, $2, $3)`, id, n, []byte{0, 1})
		return err
	})
}

func count(t *testing.T, db *database.DB) (n int) {
	t.Helper()
	if err := db.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row(`SELECT count(*) FROM thing`).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTransactions(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	dbtest.Each(t, func() time.Time { return now }, schemas, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		if err := insert(db, "a", 1); err != nil {
			t.Fatal(err)
		}
		t.Run("a second row with the same key is a duplicate", func(t *testing.T) {
			if err := insert(db, "a", 2); !database.IsDuplicate(err) {
				t.Fatalf("got %v", err)
			}
		})
		t.Run("an error keeps nothing of that caller and all of the others", func(t *testing.T) {
			before := count(t, db)
			var wg sync.WaitGroup
			refused := errors.New("refused")
			for i := range 60 {
				wg.Add(1)
				go func() {
					defer wg.Done()
					err := db.Write(ctx, func(tx *database.Tx) error {
						if _, err := tx.Exec(`INSERT INTO thing (id, n) VALUES ($1, $2)`, fmt.Sprintf("many-%d", i), i); err != nil {
							return err
						}
						if i%3 == 0 {
							return refused
						}
						return nil
					})
					if (i%3 == 0) != errors.Is(err, refused) {
						t.Errorf("caller %d got %v", i, err)
					}
				}()
			}
			wg.Wait()
			if got := count(t, db) - before; got != 40 {
				t.Fatalf("%d rows kept of 40", got)
			}
		})
		t.Run("a panic is that caller's error and the next caller goes on", func(t *testing.T) {
			err := db.Write(ctx, func(*database.Tx) error { panic("boom") })
			if err == nil || !strings.Contains(err.Error(), "boom") {
				t.Fatalf("got %v", err)
			}
			if err := insert(db, "after-panic", 1); err != nil {
				t.Fatal(err)
			}
		})
		t.Run("a placeholder may be used twice", func(t *testing.T) {
			var n int
			err := db.Read(ctx, func(tx *database.Tx) error {
				return tx.Row(`SELECT count(*) FROM thing WHERE (id = $2 OR $2 = '') AND n >= $1 AND n <= $1`, 1, "a").Scan(&n)
			})
			if err != nil || n != 1 {
				t.Fatalf("%d, %v", n, err)
			}
		})
		t.Run("a reader cannot write", func(t *testing.T) {
			err := db.Read(ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(`DELETE FROM thing`)
				return err
			})
			if err == nil {
				t.Fatal("a write in a read was taken")
			}
		})
		t.Run("the transaction carries the injected time", func(t *testing.T) {
			_ = db.Write(ctx, func(tx *database.Tx) error {
				if !tx.Now.Equal(now) {
					t.Errorf("now is %v", tx.Now)
				}
				return nil
			})
		})
		t.Run("series count from one without repeating", func(t *testing.T) {
			seen := map[int64]bool{}
			var mu sync.Mutex
			var wg sync.WaitGroup
			for range 20 {
				wg.Add(1)
				go func() {
					defer wg.Done()
					if err := db.Write(ctx, func(tx *database.Tx) error {
						n, err := tx.Next("case_2026")
						mu.Lock()
						defer mu.Unlock()
						if seen[n] {
							t.Errorf("%d twice", n)
						}
						seen[n] = true
						return err
					}); err != nil {
						t.Error(err)
					}
				}()
			}
			wg.Wait()
			if !seen[1] || len(seen) != 20 {
				t.Fatalf("numbers %v", seen)
			}
		})
		t.Run("what waits for the commit runs only after it", func(t *testing.T) {
			ran := 0
			_ = db.Write(ctx, func(tx *database.Tx) error { tx.AfterCommit(func() { ran++ }); return errors.New("no") })
			_ = db.Write(ctx, func(tx *database.Tx) error { tx.AfterCommit(func() { ran += 10 }); return nil })
			if ran != 10 {
				t.Fatalf("ran %d", ran)
			}
		})
		t.Run("migrating again takes nothing", func(t *testing.T) {
			taken, err := db.Migrate(ctx, schemas...)
			if err != nil || len(taken) != 0 {
				t.Fatalf("%v, %v", taken, err)
			}
		})
		t.Run("a database with unknown steps is refused", func(t *testing.T) {
			if _, err := db.Migrate(ctx); !fault.HasCode(err, "newer-database") {
				t.Fatalf("got %v", err)
			}
		})
	})
}

func TestSecondProcessOnOneFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	dbtest.Open(t, database.Options{Dir: dir})
	_, err := database.Open(context.Background(), database.Options{Dir: dir})
	if !fault.HasCode(err, "folder-in-use") {
		t.Fatalf("got %v", err)
	}
}

func TestReadOnlyBesideARunningProgram(t *testing.T) {
	dir := t.TempDir()
	db := dbtest.Open(t, database.Options{Dir: dir})
	if _, err := db.Migrate(context.Background(), schemas...); err != nil {
		t.Fatal(err)
	}
	if err := insert(db, "a", 1); err != nil {
		t.Fatal(err)
	}
	look := dbtest.Open(t, database.Options{Dir: dir, ReadOnly: true})
	if n := count(t, look); n != 1 {
		t.Fatalf("sees %d rows", n)
	}
	if err := insert(look, "b", 1); !fault.HasCode(err, "read-only") {
		t.Fatalf("got %v", err)
	}
}

func TestUnreachableServerSaysSoWithoutThePassword(t *testing.T) {
	_, err := database.Open(context.Background(), database.Options{URL: "postgres://u:geheim@127.0.0.1:1/x"})
	if !fault.HasCode(err, "database-unreachable") || strings.Contains(fault.Of(err).Text.EN+fault.Of(err).Text.ZH, "geheim") {
		t.Fatalf("got %v", err)
	}
}
