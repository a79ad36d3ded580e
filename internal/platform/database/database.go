// Package database opens the embedded SQLite file or a PostgreSQL server and runs transactions on it.
//
// One SQL text serves both engines: placeholders are $1, $2, times are Unix milliseconds in BIGINT,
// identifiers are TEXT. What differs between the engines stays inside this package.
package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
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
	// Upgrading is told of every migration: when it begins, every few seconds while it runs, and when it is taken. Its calls
	// do not overlap. nil: nobody is told.
	Upgrading func(Upgrade)
	TellEvery time.Duration // how often Upgrading is told while a migration runs; 0: every 5 s
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine  Engine
	now     func() time.Time
	readers *statements   // pool for snapshots
	writers *pgxpool.Pool // PostgreSQL: pool for writing
	queue   *queue        // SQLite: the group commit
	aside   *sql.DB       // for what must not wait for the others: PostgreSQL's sequences, SQLite's checkpoints
	writing atomic.Int64  // callers of Write
	known   sync.Map      // PostgreSQL: sequences that exist
	lock    *folderLock
	ro      bool

	tell      func(Upgrade) // nil: nobody
	tellEvery time.Duration
}

// Open opens the database named by the options. It does not migrate.
//
// Errors: a fault of kind Unavailable when the server cannot be reached or another process has the
// folder; Invalid when the address is not understood.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now //nolint:forbidigo // the machine's clock is handed in here when nobody gave another
	}
	open := openSQLite
	if o.URL != "" {
		open = openPostgres
	}
	db, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	db.tell, db.tellEvery = o.Upgrading, cmp.Or(o.TellEvery, tellEvery)
	return db, nil
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
	if db.engine == Postgres {
		return db.readPostgres(ctx, fn)
	}
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
	db.writing.Add(1)
	defer db.writing.Add(-1)
	if db.queue != nil {
		return db.queue.write(ctx, fn)
	}
	return db.writePostgres(ctx, fn)
}

// Writing is how many callers of Write wait for their answer at this moment: what can wait gives way to many.
func (db *DB) Writing() int { return int(db.writing.Load()) }

// Close waits for the transactions under way and closes. It is called once.
func (db *DB) Close() error {
	var errs []error
	if db.queue != nil {
		errs = append(errs, db.queue.close())
	}
	if db.writers != nil {
		db.writers.Close()
	}
	for _, pool := range []*sql.DB{db.readers.pool, db.aside} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	db.lock.release()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	return nil
}

// Tx is one transaction. Now is its time: every row it writes carries that moment.
type Tx struct {
	Now time.Time

	db    *DB
	ctx   context.Context
	run   runner
	after []func()
}

// MostAhead is how far what is there already may be ahead of the clock and still be waited for. What is further ahead was
// written by a clock that had been wrong by days and was repaired: going on by it would be wrong for as long (ADR 0011).
const MostAhead = 24 * time.Hour

// NotBefore moves the transaction's time on to the moment of what it is about to change: on PostgreSQL a transaction that
// began later may have changed it first, or a node whose clock is ahead. What follows carries no earlier moment then.
func (tx *Tx) NotBefore(moment time.Time) {
	if ahead := moment.Sub(tx.Now); ahead > 0 && ahead <= MostAhead {
		tx.Now = moment
	}
}

// runner runs the statements of a transaction on one engine.
type runner interface {
	exec(ctx context.Context, query string, args []any) (int64, error)
	send(ctx context.Context, query string, args []any, one bool) error
	query(ctx context.Context, query string, args []any) (Rows, error)
	together(ctx context.Context, asks []Ask) error
}

// Rows are the rows of a query being read, in the manner of database/sql.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
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

// OnePlan has PostgreSQL answer what follows in this transaction by one plan for all values. Left to itself it plans anew for
// each value as soon as it thinks that one's own plan might be better; where the best plan is known to be the same for
// everybody, that takes longer than the answer. A plan that was made while the tables were small, or before anything was
// known about them, is used when they have grown, so it goes from row to row by indexes and reads no table from end to end.
func (tx *Tx) OnePlan() error {
	if tx.db.engine != Postgres {
		return nil
	}
	return tx.Send(onePlan)
}

const onePlan = `SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
	set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
	set_config('enable_material', 'off', true)`

// Last says that the next question, of one or of several asked together, is the last of this snapshot. PostgreSQL gets the end
// of the snapshot with it, one way there and back less, and refuses what is asked after it. One question alone sees one moment
// anyhow: no snapshot is begun for it.
func (tx *Tx) Last() {
	if p, ok := tx.run.(*piped); ok && p.begin == beginSnapshot {
		p.last, p.only = true, !p.begun
	}
}

// AfterCommit runs f once the transaction is committed, before its caller is answered; never when it is rolled back.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// Exec runs a statement and gives the number of rows it changed. The text is kept prepared, so it
// must not be built from values.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	n, err := tx.run.exec(tx.ctx, query, args)
	return n, explain(err)
}

// Send runs a statement of which only its success matters. PostgreSQL gets it together with the next statement that
// is waited for, at the latest with the commit: one way there and back for many. So an error may come later, from
// another statement or from Write itself.
func (tx *Tx) Send(query string, args ...any) error {
	return explain(tx.run.send(tx.ctx, query, args, false))
}

// SendOne is Send for a statement that has to change exactly one row; ErrNotOne when it does not.
func (tx *Tx) SendOne(query string, args ...any) error {
	return explain(tx.run.send(tx.ctx, query, args, true))
}

// ErrNotOne is inside the error of a statement that was to change one row and changed none or several.
var ErrNotOne = errors.New("not exactly one row was changed")

// oneRowChanged checks what SendOne promised.
func oneRowChanged(n int64, query string) error {
	if n != 1 {
		return fmt.Errorf("%w but %d by: %s", ErrNotOne, n, query)
	}
	return nil
}

// Query runs a query; the caller closes the rows. Prefer All and One.
func (tx *Tx) Query(query string, args ...any) (Rows, error) {
	rows, err := tx.run.query(tx.ctx, query, args)
	if err != nil {
		return nil, explain(err)
	}
	return rows, nil
}

// Row runs a query for one row; Scan gives sql.ErrNoRows when there is none.
func (tx *Tx) Row(query string, args ...any) Scanner {
	rows, err := tx.Query(query, args...)
	return oneRow{rows, err}
}

// oneRow reads the first row of a query.
type oneRow struct {
	rows Rows
	err  error
}

func (r oneRow) Scan(dest ...any) (err error) {
	if r.err != nil {
		return r.err
	}
	defer func() {
		if cerr := r.rows.Close(); err == nil && cerr != nil {
			err = explain(cerr)
		}
	}()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return explain(err)
		}
		return sql.ErrNoRows
	}
	return r.rows.Scan(dest...)
}

// Ask is a query whose rows are read by a function of its own; see Together.
type Ask struct {
	query string
	args  []any
	read  func(Rows) error
}

// Into is the question whose rows are read through scan into a list.
func Into[T any](list *[]T, scan func(Scanner) (T, error), query string, args ...any) Ask {
	return Ask{query, args, func(rows Rows) (err error) {
		*list, err = readAll(rows, scan)
		return err
	}}
}

// Together asks several questions in their order. PostgreSQL gets them at once: one way there and back.
func (tx *Tx) Together(asks ...Ask) error {
	return explain(tx.run.together(tx.ctx, asks))
}

// oneByOne asks where going there and back costs nothing.
func oneByOne(ctx context.Context, run runner, asks []Ask) error {
	for _, a := range asks {
		rows, err := run.query(ctx, a.query, a.args)
		if err != nil {
			return err
		}
		if err := a.read(rows); err != nil {
			return err
		}
	}
	return nil
}

// Scanner is a row being read.
type Scanner interface{ Scan(dest ...any) error }

// All reads every row of a query through scan.
func All[T any](tx *Tx, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	return readAll(rows, scan)
}

// readAll reads the rows to their end and closes them.
func readAll[T any](rows Rows, scan func(Scanner) (T, error)) ([]T, error) {
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
