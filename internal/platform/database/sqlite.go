package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	_ "modernc.org/sqlite" // the driver "sqlite", pure Go

	"linli/internal/platform/fault"
)

// fileName is the embedded database inside its folder.
const fileName = "linli.db"

// The log is flushed by the flusher before anybody is answered, and carried over by the checkpointer.
var sqlitePragmas = []string{
	"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)",
	"temp_store(MEMORY)", "journal_size_limit(67108864)", "wal_autocheckpoint(0)",
}

// How much of the file the connections keep in pages, in KiB. What bounds their memory is the sum: SQLite is built to keep all pages
// in one order of use, in which a connection that needs one takes the one that was not used for longest, whosever it is. A
// page of 4 KiB takes 8 KiB of memory. The operating system keeps the file's pages besides, as long as it has room.
const (
	writerCache  = 8_000
	readersCache = 16_000 // all of them together
	asideCache   = 100    // carries the log over without keeping a page
	directCache  = 8_000  // each, for a while: streaming reads pages once
	bulkCache    = 256_000
)

func cache(kib int) string { return fmt.Sprintf("cache_size(-%d)", kib) }

func openSQLite(ctx context.Context, o Options) (*DB, error) {
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return nil, fault.Newf(fault.Unavailable, "data-folder", "数据目录 %[1]s 打不开,请检查路径和权限", "The data folder %[1]s cannot be opened; check the path and its permissions", o.Dir).Because(err)
	}
	path := filepath.Join(o.Dir, fileName)
	if o.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, fault.Newf(fault.NotFound, "no-database", "目录 %[1]s 里没有数据库,请检查 --data", "There is no database in %[1]s; check --data", o.Dir).Because(err)
		}
	}
	db := &DB{engine: SQLite, now: o.Now, ro: o.ReadOnly}
	if !o.ReadOnly {
		lock, err := lockFolder(o.Dir)
		if err != nil {
			return nil, err
		}
		db.lock = lock
		if err := db.openWriter(ctx, path, o.Bulk); err != nil {
			lock.release()
			return nil, err
		}
	}
	readers := o.Readers
	if readers == 0 {
		readers = max(4, 2*runtime.NumCPU())
	}
	pool, err := sql.Open("sqlite", dsn(path, append(slices.Clone(sqlitePragmas), "query_only(1)", cache(readersCache/readers)), "deferred"))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	pool.SetMaxOpenConns(readers)
	pool.SetMaxIdleConns(readers)
	db.readers = &statements{pool: pool, prepared: true}
	return db, explain(pool.PingContext(ctx))
}

// bulkLog is for building a large database at once: its log grows long, and its indexes are written all over.
const bulkLog = "journal_size_limit(1073741824)"

// openWriter opens the writing connection and the one that carries the log over.
func (db *DB) openWriter(ctx context.Context, path string, bulk bool) error {
	pragmas, writers := append(slices.Clone(sqlitePragmas), cache(asideCache)), writerCache
	if bulk {
		pragmas, writers = append(pragmas, bulkLog), bulkCache
	}
	pool, err := sql.Open("sqlite", dsn(path, pragmas, "immediate"))
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	pool.SetMaxOpenConns(2)
	pool.SetMaxIdleConns(2)
	conn, err := pool.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, "PRAGMA "+cache(writers))
	}
	if err != nil {
		return explain(errors.Join(err, pool.Close()))
	}
	db.aside = pool
	db.queue = startQueue(db, conn, startFlusher(path+"-wal", bulk))
	db.queue.checkpointer = startCheckpointer(db, bulk)
	return nil
}

func dsn(path string, pragmas []string, lock string) string {
	v := url.Values{"_txlock": {lock}, "_pragma": pragmas}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}
