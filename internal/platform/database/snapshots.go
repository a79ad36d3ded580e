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
	open, err := db.sameMoment(ctx, most)
	defer func() {
		for _, h := range open {
			h.close()
		}
	}()
	if err != nil {
		return explain(err)
	}
	now := db.now()
	txs := make([]*Tx, len(open))
	for i, h := range open {
		txs[i] = &Tx{Now: now, db: db, ctx: ctx, run: h}
	}
	return explain(guard(func() error { return fn(txs) }))
}

// sameMoment opens the transactions. What it gives is to be closed, with an error as well.
func (db *DB) sameMoment(ctx context.Context, most int) (open []*held, err error) {
	for len(open) < max(most, 1) {
		wait := patience
		if len(open) == 0 {
			wait = endless
		}
		conn, err := db.connection(ctx, wait)
		if errors.Is(err, errNoConnection) {
			break
		}
		if err != nil {
			return open, err
		}
		h := &held{reading: reading{pool: db.readers, fresh: map[string]*sql.Stmt{}}, conn: conn}
		open = append(open, h)
		if err := h.begin(ctx, db.engine); err != nil {
			return open, err
		}
	}
	if db.engine == Postgres {
		return open, shareInPostgres(ctx, open)
	}
	return db.shareInSQLite(ctx, open)
}

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

// held is a reading transaction with the connection it keeps.
type held struct {
	reading
	conn   *sql.Conn
	direct *direct // SQLite: reads the same moment, for streams; nil: there is none
}

// begin opens a transaction on the connection, in place of the one before.
func (h *held) begin(ctx context.Context, engine Engine) (err error) {
	if h.tx != nil {
		if err := h.tx.Rollback(); err != nil {
			return err
		}
		clear(h.fresh) // they ended with the transaction
	}
	opts := &sql.TxOptions{ReadOnly: true}
	if engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	h.tx, err = h.conn.BeginTx(ctx, opts)
	return err
}

func (h *held) close() {
	if h.direct != nil {
		h.direct.close()
	}
	if h.tx != nil {
		_ = h.tx.Rollback() // nothing to keep: ending a snapshot is a rollback
	}
	_ = h.conn.Close()
}

func (h *held) stream(ctx context.Context, query string, args []any, take func(*Row) error) error {
	switch {
	case h.direct != nil:
		query, args = h.pool.texts.positional(query, args)
		return h.direct.stream(ctx, query, args, take)
	case h.pool.prepared:
		return scanned(ctx, h, query, args, take)
	}
	return streamPostgres(ctx, h.conn, query, args, take)
}

var errNoConnection = errors.New("no connection was free")

// endless is to wait for a connection for as long as it takes.
const endless = 0

func (db *DB) connection(ctx context.Context, wait time.Duration) (*sql.Conn, error) {
	if wait == endless {
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

// shareInPostgres lets all read what the first one reads: the server hands a snapshot on.
func shareInPostgres(ctx context.Context, open []*held) error {
	if len(open) == 1 {
		return nil
	}
	var name string
	if err := open[0].tx.QueryRowContext(ctx, `SELECT pg_export_snapshot()`).Scan(&name); err != nil {
		return fmt.Errorf("sharing a snapshot: %w", err)
	}
	for _, h := range open[1:] {
		if _, err := h.tx.ExecContext(ctx, `SET TRANSACTION SNAPSHOT '`+name+`'`); err != nil {
			return fmt.Errorf("taking part in a snapshot: %w", err)
		}
	}
	return nil
}

// shareInSQLite sees that nobody has committed anything from before the first one's look to after the last one's:
// data_version changes for a connection with every commit of any other, of this process or another. When somebody
// has, all begin anew; a look takes far less time than a commit.
func (db *DB) shareInSQLite(ctx context.Context, open []*held) ([]*held, error) {
	watch, err := db.connection(ctx, patience)
	if errors.Is(err, errNoConnection) { // one reader without a stream of its own needs nobody to watch
		for _, h := range open[1:] {
			h.close()
		}
		return open[:1], nil
	}
	if err != nil {
		return open, err
	}
	defer watch.Close()
	var path string
	if err := watch.QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
		return open, err
	}
	for _, h := range open {
		if h.direct, err = openDirect(path); err != nil {
			return open, err
		}
	}
	for {
		before, err := dataVersion(ctx, watch)
		if err != nil {
			return open, err
		}
		for _, h := range open {
			if err := h.look(ctx); err != nil {
				return open, err
			}
		}
		after, err := dataVersion(ctx, watch)
		if err != nil || after == before {
			return open, err
		}
		for _, h := range open {
			if err := errors.Join(h.begin(ctx, SQLite), h.direct.end()); err != nil {
				return open, err
			}
		}
	}
}

// look fixes the moment: SQLite does so when a transaction first reads something.
func (h *held) look(ctx context.Context) error {
	var n int64
	err := h.tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM sqlite_master LIMIT 1)`).Scan(&n)
	return errors.Join(err, h.direct.begin())
}

func dataVersion(ctx context.Context, conn *sql.Conn) (n int64, err error) {
	err = conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&n)
	return n, err
}
