package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// patience is how long a further snapshot waits for a connection. Only the first one waits for as long as it
// takes: whoever holds one and waited for the next without end could wait for somebody who does the same.
const patience = time.Second

// Snapshots runs fn with up to most transactions that read one and the same moment of the database, each on a
// connection of its own, so that as many goroutines can share a long reading. There is always one; there are
// fewer than most when connections are short. Others go on writing meanwhile.
func (db *DB) Snapshots(ctx context.Context, most int, fn func([]*Tx) error) error {
	var open []*Tx
	defer func() { rollback(open) }()
	begin := db.sameInSQLite
	if db.engine == Postgres {
		begin = db.sameInPostgres
	}
	first, err := db.beginReading(ctx, patienceOfFirst)
	if err != nil {
		return explain(err)
	}
	open = append(open, first)
	if most > 1 {
		if open, err = begin(ctx, open, most); err != nil {
			return explain(err)
		}
	}
	now := db.now()
	for _, tx := range open {
		tx.Now = now
	}
	return explain(guard(func() error { return fn(open) }))
}

// patienceOfFirst has no end.
const patienceOfFirst = 0

// Abreast runs do for every transaction at once and returns when all have ended, with the first error. do should look
// from time to time whether stop is closed: then another one has failed, and nothing it could find is asked for.
func Abreast(open []*Tx, do func(tx *Tx, stop <-chan struct{}) error) error {
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	stop := make(chan struct{})
	for _, tx := range open {
		wg.Go(func() {
			if err := guard(func() error { return do(tx, stop) }); err != nil {
				once.Do(func() { first = err; close(stop) })
			}
		})
	}
	wg.Wait()
	return first
}

// beginReading opens a snapshot; errNoConnection when none was free within the time.
func (db *DB) beginReading(ctx context.Context, wait time.Duration) (*Tx, error) {
	opts := &sql.TxOptions{ReadOnly: true}
	if db.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	conn, err := db.connection(ctx, wait)
	if err != nil {
		return nil, err
	}
	stx, err := conn.BeginTx(ctx, opts)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	run := &held{reading{pool: db.readers, tx: stx, fresh: map[string]*sql.Stmt{}}, conn}
	return &Tx{db: db, ctx: ctx, run: run}, nil
}

// held is a reading transaction that keeps its connection until it is rolled back.
type held struct {
	reading
	conn *sql.Conn
}

func rollback(open []*Tx) {
	for _, tx := range open {
		if h, ok := tx.run.(*held); ok {
			_ = h.tx.Rollback() // nothing to keep: ending a snapshot is a rollback
			_ = h.conn.Close()
		}
	}
}

var errNoConnection = errors.New("no connection was free")

func (db *DB) connection(ctx context.Context, wait time.Duration) (*sql.Conn, error) {
	if wait == patienceOfFirst {
		return db.readers.pool.Conn(ctx)
	}
	short, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	conn, err := db.readers.pool.Conn(short)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return nil, errNoConnection
	}
	return conn, err
}

// sameInPostgres opens further snapshots of the first one's moment: the server hands a snapshot on.
func (db *DB) sameInPostgres(ctx context.Context, open []*Tx, most int) ([]*Tx, error) {
	var name string
	if err := open[0].Row(`SELECT pg_export_snapshot()`).Scan(&name); err != nil {
		return open, fmt.Errorf("sharing a snapshot: %w", err)
	}
	for len(open) < most {
		tx, err := db.beginReading(ctx, patience)
		if errors.Is(err, errNoConnection) {
			return open, nil
		}
		if err != nil {
			return open, err
		}
		open = append(open, tx)
		if _, err := tx.Exec(`SET TRANSACTION SNAPSHOT '` + name + `'`); err != nil {
			return open, fmt.Errorf("taking part in a snapshot: %w", err)
		}
	}
	return open, nil
}

// sameInSQLite opens the snapshots one after the other and sees that nobody has committed anything from before
// the first to after the last: data_version changes for a connection with every commit of any other, of this
// process or another. When somebody has, it begins anew; opening takes far less time than a commit.
func (db *DB) sameInSQLite(ctx context.Context, open []*Tx, most int) ([]*Tx, error) {
	watch, err := db.connection(ctx, patience)
	if errors.Is(err, errNoConnection) {
		return open, looked(open[0])
	}
	if err != nil {
		return open, err
	}
	defer watch.Close()
	for len(open) < most {
		tx, err := db.beginReading(ctx, patience)
		if errors.Is(err, errNoConnection) {
			break
		}
		if err != nil {
			return open, err
		}
		open = append(open, tx)
	}
	for {
		before, err := dataVersion(ctx, watch)
		if err != nil {
			return open, err
		}
		for _, tx := range open {
			if err := looked(tx); err != nil {
				return open, err
			}
		}
		after, err := dataVersion(ctx, watch)
		if err != nil || after == before {
			return open, err
		}
		for _, tx := range open {
			if err := tx.run.(*held).again(ctx); err != nil {
				return open, err
			}
		}
	}
}

// looked makes the engine fix the moment a deferred transaction reads: it does so at the first look.
func looked(tx *Tx) error {
	var n int64
	return tx.Row(`SELECT count(*) FROM (SELECT 1 FROM sqlite_master LIMIT 1)`).Scan(&n)
}

func dataVersion(ctx context.Context, conn *sql.Conn) (n int64, err error) {
	err = conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&n)
	return n, err
}

// again lets the moment go and begins a new transaction on the same connection.
func (h *held) again(ctx context.Context) (err error) {
	if err := h.tx.Rollback(); err != nil {
		return err
	}
	h.fresh = map[string]*sql.Stmt{}
	h.tx, err = h.conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	return err
}
