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
	"temp_store(MEMORY)", "cache_size(-32000)", "journal_size_limit(67108864)", "wal_autocheckpoint(0)",
}

// readerCache is for each of the connections for reading; the operating system keeps the file's pages for all.
const readerCache = "cache_size(-8000)"

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
	pool, err := sql.Open("sqlite", dsn(path, append(slices.Clone(sqlitePragmas), "query_only(1)", readerCache), "deferred"))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	pool.SetMaxOpenConns(readers)
	pool.SetMaxIdleConns(readers)
	db.readers = &statements{pool: pool, prepared: true}
	return db, explain(pool.PingContext(ctx))
}

// bulkPragmas are for building a large database at once: its indexes are written all over, and its log grows long.
var bulkPragmas = []string{"cache_size(-256000)", "journal_size_limit(1073741824)"}

// openWriter opens the writing connection and the one that carries the log over.
func (db *DB) openWriter(ctx context.Context, path string, bulk bool) error {
	pragmas := sqlitePragmas
	if bulk {
		pragmas = slices.Concat(pragmas, bulkPragmas)
	}
	pool, err := sql.Open("sqlite", dsn(path, pragmas, "immediate"))
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	pool.SetMaxOpenConns(2)
	pool.SetMaxIdleConns(2)
	conn, err := pool.Conn(ctx)
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
