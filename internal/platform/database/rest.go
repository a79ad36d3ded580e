package database

import (
	"context"
	"database/sql"
	"errors"
)

// shrink has a connection of SQLite give back the pages it keeps.
const shrink = "PRAGMA shrink_memory"

// Rest gives back to the system what the embedded engine keeps in memory of what it has read and written, up to some
// dozens of megabytes. For when nobody asks for anything: the system keeps the pages of the file anyway, for as long as
// it has nothing better to do with the memory.
func (db *DB) Rest(ctx context.Context) error {
	if db.engine != SQLite {
		return nil
	}
	pools := []*sql.DB{db.readers.pool}
	if db.queue != nil {
		pools = append(pools, db.aside)
		if err := db.Write(ctx, func(tx *Tx) error {
			_, err := tx.Exec(shrink)
			return err
		}); err != nil {
			return err
		}
	}
	for _, pool := range pools {
		if err := shrinkIdle(ctx, pool); err != nil {
			return explain(err)
		}
	}
	return nil
}

// shrinkIdle takes all connections at once that nobody has, so that none is asked twice.
func shrinkIdle(ctx context.Context, pool *sql.DB) (err error) {
	var taken []*sql.Conn
	defer func() {
		for _, conn := range taken {
			err = errors.Join(err, conn.Close())
		}
	}()
	for range pool.Stats().Idle {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return err
		}
		taken = append(taken, conn)
		if _, err := conn.ExecContext(ctx, shrink); err != nil {
			return err
		}
	}
	return nil
}
