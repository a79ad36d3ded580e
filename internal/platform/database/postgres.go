package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"linli/internal/platform/fault"
)

// idleConnections are let go after this time.
const idleConnections = 5 * time.Minute

func openPostgres(ctx context.Context, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		// the parser's own words may repeat the password
		return nil, fault.New(fault.Invalid, "database-url", "数据库地址看不懂,应形如 postgres://用户:密码@主机/库名", "The database address is not understood; it looks like postgres://user:password@host/name")
	}
	if o.Bulk {
		cfg.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	}
	readers := o.Readers
	if readers == 0 {
		readers = max(8, 4*runtime.NumCPU())
	}
	open := func(n int) *sql.DB {
		pool := stdlib.OpenDB(*cfg.ConnConfig)
		pool.SetMaxOpenConns(n)
		pool.SetMaxIdleConns(n)
		pool.SetConnMaxIdleTime(idleConnections)
		return pool
	}
	cfg.MaxConns = int32(readers) //nolint:gosec // a few dozen
	cfg.MaxConnIdleTime = idleConnections
	writers, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening the pool: %w", err)
	}
	db := &DB{engine: Postgres, now: o.Now, ro: o.ReadOnly, readers: &statements{pool: open(readers)}, writers: writers, aside: open(2)}
	if err := writers.Ping(ctx); err != nil {
		_ = db.Close()
		return nil, fault.New(fault.Unavailable, "database-unreachable", "连不上数据库,请检查地址、网络和服务是否启动", "The database cannot be reached; check the address, the network and that the server runs").Because(err)
	}
	return db, nil
}

// triesOnConflict bounds how often a transaction is run again when PostgreSQL asks for it.
const triesOnConflict = 8

func (db *DB) writePostgres(ctx context.Context, fn func(*Tx) error) error {
	for try := 1; ; try++ {
		after, again, err := db.onePostgres(ctx, fn)
		if err == nil {
			for _, f := range after {
				f()
			}
			return nil
		}
		if try == triesOnConflict || !again {
			return err
		}
		select {
		case <-ctx.Done():
			return explain(ctx.Err())
		case <-time.After(time.Duration(rand.IntN(1<<try)) * time.Millisecond):
		}
	}
}

// onePostgres runs the transaction once. again: nothing of it was kept, and another try may go well.
func (db *DB) onePostgres(ctx context.Context, fn func(*Tx) error) (after []func(), again bool, err error) {
	conn, err := db.writers.Acquire(ctx)
	if err != nil {
		return nil, false, explain(err)
	}
	defer conn.Release()
	run := &piped{conn: conn.Conn(), begin: beginWriting}
	tx := &Tx{Now: db.now(), db: db, ctx: ctx, run: run}
	if err := guard(func() error { return fn(tx) }); err != nil {
		lost := conn.Conn().IsClosed()
		run.rollback(ctx)
		if lost && ctx.Err() == nil && !run.committing {
			db.writers.Reset() // the server went away; the other connections are as old
		}
		return nil, ctx.Err() == nil && (lost || wantsAgain(err)), explain(err) // also what a Row said when it was scanned
	}
	if err := run.commit(ctx); err != nil {
		run.rollback(ctx)
		return nil, wantsAgain(err), explain(err)
	}
	return tx.after, false, nil
}

// begins of transactions.
const (
	beginWriting  = "BEGIN"
	beginSnapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	rollback      = "ROLLBACK"
)

// endingTakes bounds how long the end of a snapshot is waited for before its connection is given up.
const endingTakes = 5 * time.Second

// readPostgres runs fn on one snapshot, which begins with its first question. The caller has its answer before the
// snapshot is ended.
func (db *DB) readPostgres(ctx context.Context, fn func(*Tx) error) error {
	conn, err := db.readers.pool.Conn(ctx)
	if err != nil {
		return explain(err)
	}
	run := &piped{begin: beginSnapshot}
	err = conn.Raw(func(raw any) error {
		run.conn = raw.(*stdlib.Conn).Conn() //nolint:forcetypeassert // the driver is ours
		return guard(func() error { return fn(&Tx{Now: db.now(), db: db, ctx: ctx, run: run}) })
	})
	if !run.begun || run.conn.IsClosed() || run.conn.PgConn().TxStatus() == idle {
		return explain(cmp.Or(err, conn.Close()))
	}
	go func() {
		defer conn.Close()
		short, done := context.WithTimeout(context.WithoutCancel(ctx), endingTakes)
		defer done()
		_ = conn.Raw(func(any) error { run.rollback(short); return nil }) // a connection that is lost is not used again
	}()
	return explain(err) // also what a Row said when it was scanned
}

// wantsAgain tells whether the server asks for another try.
func wantsAgain(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// piped runs the statements of a transaction on PostgreSQL. What was sent waits for the next statement that is waited
// for, its beginning among it, and COMMIT goes with the last.
type piped struct {
	conn       *pgx.Conn
	begin      string // how the transaction begins
	begun      bool
	last       bool // the next question is the last; see Last
	only       bool // and the first
	over       bool // and has been asked
	waiting    *pgx.Batch
	ones       []string // by place in the batch: the statement, when it has to change one row
	committing bool
}

// batch begins the transaction with the first statements.
func (p *piped) batch() *pgx.Batch {
	if p.waiting == nil {
		p.waiting = &pgx.Batch{}
		if !p.begun && !p.only {
			p.waiting.Queue(p.begin)
		}
		p.begun = true
	}
	return p.waiting
}

// ask sends what waits together with n more statements, and reads over the answers to what waited.
func (p *piped) ask(ctx context.Context, queue func(*pgx.Batch)) (pgx.BatchResults, error) {
	if p.over {
		return nil, errAfterLast
	}
	b, ones := p.batch(), p.ones
	before := b.Len()
	queue(b)
	p.waiting, p.ones = nil, nil
	results := p.conn.SendBatch(ctx, b)
	for i := range before {
		tag, err := results.Exec()
		if err == nil && i < len(ones) && ones[i] != "" {
			err = oneRowChanged(tag.RowsAffected(), ones[i])
		}
		if err != nil {
			return nil, errors.Join(err, quiet(results.Close(), err))
		}
	}
	return results, nil
}

// quiet leaves out an error that says the same again.
func quiet(err, said error) error {
	if err == nil || errors.Is(said, err) || err.Error() == said.Error() {
		return nil
	}
	return err
}

func (p *piped) send(_ context.Context, query string, args []any, one bool) error {
	b := p.batch()
	b.Queue(query, args...)
	if one {
		p.ones = append(p.ones, make([]string, b.Len()-len(p.ones))...)
		p.ones[b.Len()-1] = query
	}
	return nil
}

func (p *piped) exec(ctx context.Context, query string, args []any) (int64, error) {
	if len(args) == 0 {
		return p.script(ctx, query)
	}
	results, err := p.ask(ctx, func(b *pgx.Batch) { b.Queue(query, args...) })
	if err != nil {
		return 0, err
	}
	tag, err := results.Exec()
	if cerr := results.Close(); err == nil {
		err = cerr
	}
	return tag.RowsAffected(), err
}

// script runs a text that may hold several statements, such as a migration.
func (p *piped) script(ctx context.Context, text string) (int64, error) {
	results, err := p.ask(ctx, func(*pgx.Batch) {})
	if err != nil {
		return 0, err
	}
	if err := results.Close(); err != nil {
		return 0, err
	}
	tag, err := p.conn.Exec(ctx, text)
	return tag.RowsAffected(), err
}

// ending puts the end of the snapshot behind the last question. What is sent at once and begins none is a transaction of its own.
func (p *piped) ending(b *pgx.Batch) {
	if p.last && !p.only {
		b.Queue(rollback)
	}
	p.over = p.last
}

// errAfterLast is a mistake in the program.
var errAfterLast = errors.New("a question after the one that was said to be the last")

func (p *piped) query(ctx context.Context, query string, args []any) (Rows, error) {
	if p.begun && p.waiting == nil && !p.last {
		rows, err := p.conn.Query(ctx, query, args...)
		return pgRows{rows, nil}, err
	}
	results, err := p.ask(ctx, func(b *pgx.Batch) {
		b.Queue(query, args...)
		p.ending(b)
	})
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		return nil, errors.Join(err, quiet(results.Close(), err))
	}
	return pgRows{rows, results}, nil
}

func (p *piped) together(ctx context.Context, asks []Ask) (err error) {
	if p.waiting == nil {
		p.only = false // each of them would see another moment
	} else if p.only && len(asks) > 1 {
		return errAfterLast
	}
	results, err := p.ask(ctx, func(b *pgx.Batch) {
		for _, a := range asks {
			b.Queue(a.query, a.args...)
		}
		p.ending(b)
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, quiet(results.Close(), err)) }()
	for _, a := range asks {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		if err := a.read(pgRows{rows, nil}); err != nil {
			return err
		}
	}
	return nil
}

func (p *piped) commit(ctx context.Context) error {
	if !p.begun {
		return nil
	}
	p.committing = true
	// Whether it took effect must be known, so the caller's end does not cut the answer off.
	results, err := p.ask(context.WithoutCancel(ctx), func(b *pgx.Batch) { b.Queue("COMMIT") })
	if err != nil {
		return err
	}
	tag, err := results.Exec()
	if err == nil && tag.String() == "ROLLBACK" {
		err = pgx.ErrTxCommitRollback // a statement had failed and its error was passed over
	}
	return errors.Join(err, quiet(results.Close(), err))
}

// idle is how the server says that no transaction is open.
const idle = 'I'

// rollback ends the transaction. When the server is gone it has ended already.
func (p *piped) rollback(ctx context.Context) {
	if p.conn.IsClosed() || p.conn.PgConn().TxStatus() == idle {
		return
	}
	_, _ = p.conn.Exec(context.WithoutCancel(ctx), rollback)
}

// pgRows are the rows of a query, and the batch it was the last of.
type pgRows struct {
	pgx.Rows
	batch pgx.BatchResults
}

func (r pgRows) Close() error {
	r.Rows.Close()
	err := r.Rows.Err()
	if r.batch != nil {
		err = errors.Join(err, quiet(r.batch.Close(), err))
	}
	return err
}

// Next gives the next number of a named series, starting at 1. Numbers are unique and grow. On SQLite
// they have no gaps; on PostgreSQL a sequence serves them, so a transaction taken back leaves one.
// The name consists of small letters, digits and underscores.
func (tx *Tx) Next(name string) (int64, error) {
	if l, ok := tx.run.(*lite); ok {
		n, err := l.next(tx.ctx, name)
		return n, explain(err)
	}
	if _, ok := tx.db.known.Load(name); !ok {
		// outside the transaction: it must not wait for others nor vanish with this one
		if _, err := tx.db.aside.ExecContext(tx.ctx, `CREATE SEQUENCE IF NOT EXISTS "series_`+name+`"`); err != nil && !IsDuplicate(explain(err)) {
			return 0, fmt.Errorf("making series %s: %w", name, explain(err))
		}
		tx.db.known.Store(name, true)
	}
	var n int64
	err := tx.Row(`SELECT nextval('"series_` + name + `"')`).Scan(&n)
	return n, explain(err)
}
