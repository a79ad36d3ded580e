package database

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"linli/internal/platform/fault"
)

// watched opens an SQLite database whose flushes go through f.
func watched(t *testing.T, o Options, f func(*os.File) error) *DB {
	t.Helper()
	o.Dir = t.TempDir()
	db, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.queue.flusher.sync = f
	if err := db.Write(context.Background(), func(tx *Tx) error { _, err := tx.Exec("CREATE TABLE t (n BIGINT NOT NULL)"); return err }); err != nil {
		t.Fatal(err)
	}
	return db
}

// Every answer comes after a flush that began when the caller's rows were in the log: the log, cut off where that flush
// found it, holds them.
func TestNobodyIsAnsweredBeforeTheLogIsFlushed(t *testing.T) {
	var flushed atomic.Int64 // length of the log at the last flush that ended
	var flushes atomic.Int64
	db := watched(t, Options{}, func(log *os.File) error {
		info, err := log.Stat()
		if err != nil {
			return err
		}
		if err := syncData(log); err != nil {
			return err
		}
		flushed.Store(info.Size())
		flushes.Add(1)
		return nil
	})
	ctx := context.Background()
	const callers, each = 16, 40
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				var length int64
				err := db.Write(ctx, func(tx *Tx) error {
					// what is committed before this transaction lies below the log's present end
					info, err := os.Stat(db.queue.flusher.path)
					if err != nil {
						return err
					}
					length = info.Size()
					_, err = tx.Exec("INSERT INTO t VALUES ($1)", c*each+i)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if got := flushed.Load(); got <= length && length < 16<<20 {
					t.Errorf("answered when %d bytes were flushed; the row lies above %d", got, length)
				}
			}
		})
	}
	wg.Wait()
	if n := flushes.Load(); n == 0 || n >= callers*each {
		t.Errorf("%d flushes for %d transactions: they are to be shared", n, callers*each)
	}
}

func TestAFailedFlushStopsTheWriterForGood(t *testing.T) {
	var broken atomic.Bool
	db := watched(t, Options{}, func(*os.File) error {
		if broken.Load() {
			return errors.New("input/output error")
		}
		return nil
	})
	ctx := context.Background()
	insert := func() error {
		return db.Write(ctx, func(tx *Tx) error { _, err := tx.Exec("INSERT INTO t VALUES (1)"); return err })
	}
	if err := insert(); err != nil {
		t.Fatal(err)
	}
	broken.Store(true)
	if err := insert(); !fault.HasCode(err, "disk-flush") {
		t.Fatalf("a write that may be lost is answered with %v", err)
	}
	broken.Store(false)
	if err := insert(); !fault.HasCode(err, "disk-flush") {
		t.Fatalf("after a failed flush nobody knows what is on the disk, but a write is answered with %v", err)
	}
	if err := db.Ping(ctx); err != nil {
		t.Errorf("reading goes on: %v", err)
	}
}

func TestBulkDoesNotFlush(t *testing.T) {
	var flushes atomic.Int64
	db := watched(t, Options{Bulk: true}, func(*os.File) error { flushes.Add(1); return nil })
	if err := db.Write(context.Background(), func(tx *Tx) error { _, err := tx.Exec("INSERT INTO t VALUES (1)"); return err }); err != nil {
		t.Fatal(err)
	}
	if flushes.Load() != 0 {
		t.Error("flushed")
	}
}

// Who closes the database leaves a file that can be copied: nothing in the log, no file open.
func TestClosingCarriesTheLogOver(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(context.Background(), func(tx *Tx) error {
		if _, err := tx.Exec("CREATE TABLE t (n BIGINT NOT NULL)"); err != nil {
			return err
		}
		var n int
		_, err := tx.Exec("INSERT INTO t VALUES ($1)", 1)
		return errors.Join(err, tx.Row("SELECT count(*) FROM t").Scan(&n))
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, rest := range []string{"-wal", "-shm"} {
		if info, err := os.Stat(filepath.Join(dir, fileName+rest)); err == nil {
			t.Errorf("%s is left with %d bytes", info.Name(), info.Size())
		}
	}
}
