// Package database opens the embedded SQLite file or a PostgreSQL server and runs transactions on it.
//
// One SQL text serves both engines: placeholders are $1, $2, times are Unix milliseconds in BIGINT,
// identifiers are TEXT. What differs between the engines stays inside this package.
package database

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"
)

// Engine names a database engine.
type Engine string

const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Options say what to open.
type Options struct {
	URL      string           // postgres://… for PostgreSQL; empty for the embedded file
	Dir      string           // folder of the embedded file linli.db
	ReadOnly bool             // look, never write: may be opened beside a running program
	Readers  int              // connections for reading; 0: a default that suits the machine
	Now      func() time.Time // the clock of every transaction; nil: the machine's
	// Bulk leaves flushing to the disk to the engine: a power cut may lose the last transactions, never
	// tear one, and the end of the process loses nothing. For databases that can be made again.
	Bulk bool
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine  Engine
	now     func() time.Time
	readers *statements // pool for snapshots
	writers *sql.DB     // PostgreSQL: pool for writing; SQLite: the one writing connection's pool
	queue   *queue      // SQLite: the group commit
	aside   *sql.DB     // PostgreSQL: small pool for what must not wait for the others (sequences)
	known   sync.Map    // sequences that exist
	lock    *folderLock
	ro      bool
}

// Open opens the database named by the options. It does not migrate.
//
// Errors: a fault of kind Unavailable when the server cannot be reached or another process has the
// folder; Invalid when the address is not understood.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now //nolint:forbidigo // the machine's clock is handed in here when nobody gave another
	}
	if o.URL != "" {
		return openPostgres(ctx, o)
	}
	return openSQLite(ctx, o)
}

// Engine tells which engine is behind.
func (db *DB) Engine() Engine { return db.engine }

// Now is the clock that transactions carry.
func (db *DB) Now() time.Time { return db.now() }

// Ping tells whether the database answers and can be read.
func (db *DB) Ping(ctx context.Context) error {
	return db.Read(ctx, func(tx *Tx) error {
		var one int
		return tx.Row("SELECT 1").Scan(&one)
	})
}

// Read runs fn on one consistent snapshot. Nothing fn does is kept.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return db.readers.snapshot(ctx, db, fn)
}

// Write runs fn in one transaction that is durable, through a power cut, when Write returns nil.
// When fn returns an error nothing of it is kept and that error is returned.
//
// On SQLite the transactions of many callers share one commit; on PostgreSQL fn is run again when
// the server asks for it (serialization failure, deadlock). So fn must be free of effects outside
// the transaction, and must not call Read or Write itself.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if db.ro {
		return errReadOnly()
	}
	if db.queue != nil {
		return db.queue.write(ctx, fn)
	}
	return db.writePostgres(ctx, fn)
}

// Close waits for the transactions under way and closes. It is called once.
func (db *DB) Close() error {
	if db.queue != nil {
		db.queue.close()
	}
	var first error
	for _, pool := range []*sql.DB{db.readers.pool, db.writers, db.aside} {
		if pool == nil {
			continue
		}
		if err := pool.Close(); err != nil && first == nil {
			first = fmt.Errorf("closing the database: %w", err)
		}
	}
	db.lock.release()
	return first
}

// Tx is one transaction. Now is its time: every row it writes carries that moment.
type Tx struct {
	Now time.Time

	db      *DB
	ctx     context.Context
	conn    querier
	prepare func(query string) (*sql.Stmt, error) // nil: the driver keeps its own statements
	after   []func()
}

type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Context is the context the transaction runs under.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Engine tells which engine is behind, for the few texts that must differ.
func (tx *Tx) Engine() Engine { return tx.db.engine }

// Lock is the clause that keeps a row read from being changed by another transaction until this one
// ends. SQLite has one writer, so nothing is needed there.
func (tx *Tx) Lock() string {
	if tx.db.engine == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// AfterCommit runs f once the transaction is durable; never when it is rolled back.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// Exec runs a statement and gives the number of rows it changed. The text is kept prepared, so it
// must not be built from values.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	var res sql.Result
	var err error
	if tx.prepare != nil {
		stmt, perr := tx.prepare(query)
		if perr != nil {
			return 0, explain(perr)
		}
		res, err = stmt.ExecContext(tx.ctx, args...)
	} else {
		res, err = tx.conn.ExecContext(tx.ctx, query, args...)
	}
	if err != nil {
		return 0, explain(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, explain(err)
	}
	return n, nil
}

// Query runs a query; the caller closes the rows. Prefer All and One.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	var rows *sql.Rows
	var err error
	if tx.prepare != nil {
		stmt, perr := tx.prepare(query)
		if perr != nil {
			return nil, explain(perr)
		}
		rows, err = stmt.QueryContext(tx.ctx, args...)
	} else {
		rows, err = tx.conn.QueryContext(tx.ctx, query, args...)
	}
	return rows, explain(err)
}

// Row runs a query for one row; Scan gives sql.ErrNoRows when there is none.
func (tx *Tx) Row(query string, args ...any) *sql.Row {
	if tx.prepare != nil {
		if stmt, err := tx.prepare(query); err == nil {
			return stmt.QueryRowContext(tx.ctx, args...)
		}
	}
	return tx.conn.QueryRowContext(tx.ctx, query, args...)
}

// Scanner is a row being read.
type Scanner interface{ Scan(dest ...any) error }

// All reads every row of a query through scan.
func All[T any](tx *Tx, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("reading a row: %w", err)
		}
		out = append(out, v)
	}
	return out, explain(rows.Err())
}

// One reads the first row of a query; found is false when there is none.
func One[T any](tx *Tx, scan func(Scanner) (T, error), query string, args ...any) (v T, found bool, err error) {
	v, err = scan(tx.Row(query, args...))
	if IsNoRows(err) {
		return v, false, nil
	}
	if err != nil {
		return v, false, explain(err)
	}
	return v, true, nil
}

// Column reads a query of a single column.
func Column[T any](tx *Tx, query string, args ...any) ([]T, error) {
	return All(tx, func(s Scanner) (T, error) {
		var v T
		err := s.Scan(&v)
		return v, err
	}, query, args...)
}

// Millis is how a time is stored: Unix milliseconds, 0 for none.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time reads what Millis stored.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
