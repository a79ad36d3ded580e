package database_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/fault"
)

// Readers that all meet a query for the first time must not wait for one another's connections.
func TestManyReadersPreparingAtOnceDoNotStarve(t *testing.T) {
	dbtest.Each(t, nil, nil, func(t *testing.T, db *database.DB) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		const readers = 64
		var in, wg sync.WaitGroup
		errs := make([]error, readers)
		in.Add(1)
		for i := range readers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				in.Wait()
				errs[i] = db.Read(ctx, func(tx *database.Tx) error {
					var n int
					time.Sleep(10 * time.Millisecond)
					return tx.Row(fmt.Sprintf("SELECT %d", i)).Scan(&n)
				})
			}()
		}
		in.Done()
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// What goes wrong while a row is read is told as what it is, however the caller wrapped it.
func TestADatabaseErrorFoundWhileScanningIsExplained(t *testing.T) {
	dbtest.Each(t, nil, nil, func(t *testing.T, db *database.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		err := db.Read(ctx, func(tx *database.Tx) error {
			var n int
			if err := tx.Row("SELECT 1").Scan(&n); err != nil {
				return err
			}
			cancel()
			if err := tx.Row("SELECT 2").Scan(&n); err != nil {
				return fmt.Errorf("counting: %w", err)
			}
			return nil
		})
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("a request that was given up is answered with %v", err)
		}
	})
}

// A full disk makes SQLite take back the whole common transaction; every caller in it learns why.
func TestAFullDiskIsToldToEveryCallerOfTheGroup(t *testing.T) {
	db := dbtest.Open(t, database.Options{Dir: t.TempDir()})
	ctx := context.Background()
	write := func(query string, args ...any) error {
		return db.Write(ctx, func(tx *database.Tx) error { _, err := tx.Exec(query, args...); return err })
	}
	if err := write("CREATE TABLE t (x TEXT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(ctx, func(tx *database.Tx) error {
		var n int
		return tx.Row("PRAGMA max_page_count = 8").Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	hold, begun := make(chan struct{}), make(chan struct{})
	var once sync.Once
	errs := make([]error, 3)
	var wg sync.WaitGroup
	run := func(i int, f func() error) {
		wg.Add(1)
		go func() { defer wg.Done(); errs[i] = f() }()
	}
	run(0, func() error {
		return db.Write(ctx, func(tx *database.Tx) error {
			once.Do(func() { close(begun) }) // it may be run again
			<-hold
			_, err := tx.Exec("INSERT INTO t VALUES ('small')")
			return err
		})
	})
	<-begun
	run(1, func() error { return write("INSERT INTO t VALUES ($1)", strings.Repeat("x", 1<<20)) })
	run(2, func() error { return write("INSERT INTO t VALUES ('other')") })
	time.Sleep(50 * time.Millisecond)
	close(hold)
	wg.Wait()
	if !fault.HasCode(errs[1], "disk-full") {
		t.Fatalf("the one too large is told %v", errs[1])
	}
	for _, i := range []int{0, 2} {
		if errs[i] != nil && !fault.HasCode(errs[i], "disk-full") {
			t.Errorf("caller %d of the same group is told %v", i, errs[i])
		}
	}
	if err := write("INSERT INTO t VALUES ('later')"); err != nil {
		t.Errorf("the queue does not go on: %v", err)
	}
}

// Rows being read stay whole while the same transaction meets more texts than are kept prepared.
func TestRowsStayReadableWhileManyTextsArePrepared(t *testing.T) {
	dbtest.Each(t, nil, nil, func(t *testing.T, db *database.DB) {
		seen := 0
		err := db.Write(context.Background(), func(tx *database.Tx) error {
			if tx.Engine() == database.Postgres {
				return nil // one connection reads one result at a time there
			}
			rows, err := tx.Query(`WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 1200) SELECT i FROM g`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var i, j int
				if err := rows.Scan(&i); err != nil {
					return err
				}
				if err := tx.Row(fmt.Sprintf("SELECT %d", i)).Scan(&j); err != nil {
					return err
				}
				seen++
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := map[database.Engine]int{database.SQLite: 1200}[db.Engine()]; seen != want {
			t.Errorf("%d rows were read of %d", seen, want)
		}
	})
}
