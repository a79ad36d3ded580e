package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"linli/internal/platform/fault"
)

func openPostgres(ctx context.Context, o Options) (*DB, error) {
	cfg, err := pgx.ParseConfig(o.URL)
	if err != nil {
		// the parser's own words may repeat the password
		return nil, fault.New(fault.Invalid, "database-url", "数据库地址看不懂,应形如 postgres://用户:密码@主机/库名", "The database address is not understood; it looks like postgres://user:password@host/name")
	}
	if o.Bulk {
		cfg.RuntimeParams["synchronous_commit"] = "off"
	}
	readers := o.Readers
	if readers == 0 {
		readers = max(8, 4*runtime.NumCPU())
	}
	open := func(n int) *sql.DB {
		pool := stdlib.OpenDB(*cfg)
		pool.SetMaxOpenConns(n)
		pool.SetMaxIdleConns(n)
		pool.SetConnMaxIdleTime(5 * time.Minute)
		return pool
	}
	db := &DB{engine: Postgres, now: o.Now, ro: o.ReadOnly,
		readers: &statements{pool: open(readers)}, writers: open(readers), aside: open(2)}
	if err := db.writers.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fault.New(fault.Unavailable, "database-unreachable", "连不上数据库,请检查地址、网络和服务是否启动", "The database cannot be reached; check the address, the network and that the server runs").Because(err)
	}
	return db, nil
}

// triesOnConflict bounds how often a transaction is run again when PostgreSQL asks for it.
const triesOnConflict = 8

func (db *DB) writePostgres(ctx context.Context, fn func(*Tx) error) error {
	for try := 1; ; try++ {
		after, err := db.onePostgres(ctx, fn)
		if err == nil {
			for _, f := range after {
				f()
			}
			return nil
		}
		if try == triesOnConflict || !again(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return explain(ctx.Err())
		case <-time.After(time.Duration(rand.IntN(1<<try)) * time.Millisecond):
		}
	}
}

func (db *DB) onePostgres(ctx context.Context, fn func(*Tx) error) (after []func(), err error) {
	stx, err := db.writers.BeginTx(ctx, nil)
	if err != nil {
		return nil, explain(err)
	}
	tx := &Tx{Now: db.now(), db: db, ctx: ctx, conn: stx}
	if err := guard(func() error { return fn(tx) }); err != nil {
		_ = stx.Rollback()
		return nil, explain(err) // also what a Row said when it was scanned
	}
	if err := stx.Commit(); err != nil {
		return nil, explain(err)
	}
	return tx.after, nil
}

func again(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// Next gives the next number of a named series, starting at 1. Numbers are unique and grow. On SQLite
// they have no gaps; on PostgreSQL a sequence serves them, so a transaction taken back leaves one.
// The name consists of small letters, digits and underscores.
func (tx *Tx) Next(name string) (int64, error) {
	var n int64
	if tx.db.engine == SQLite {
		err := tx.Row(`INSERT INTO counter (name, n) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET n = counter.n + 1 RETURNING n`, name).Scan(&n)
		return n, explain(err)
	}
	if _, ok := tx.db.known.Load(name); !ok {
		// outside the transaction: it must not wait for others nor vanish with this one
		if _, err := tx.db.aside.ExecContext(tx.ctx, `CREATE SEQUENCE IF NOT EXISTS "series_`+name+`"`); err != nil && !IsDuplicate(explain(err)) {
			return 0, fmt.Errorf("making series %s: %w", name, explain(err))
		}
		tx.db.known.Store(name, true)
	}
	err := tx.Row(`SELECT nextval('"series_` + name + `"')`).Scan(&n)
	return n, explain(err)
}
