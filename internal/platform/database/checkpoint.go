package database

import (
	"context"
	"database/sql"
	"log/slog"
	"time"
)

// SQLite's log has to be carried over into the database file from time to time. Done by the writer, as the engine does
// by itself, it stops every caller for as long. So it is done on a connection of its own beside the writer, often, and
// only the last few pages, and the log's new beginning, in a pause of the writer.
const (
	checkpointEvery = 500 * time.Millisecond
	// While a large database is built the same pages change over and over: the longer the log, the fewer times they are
	// carried over, and the fewer times the writer waits for the disk.
	bulkEvery = 10 * time.Second
	// A log longer than this begins anew as soon as nobody reads from it, in pages of 4 KiB.
	logPages = 8192
	// How long the writer may stand still for it; readers that take longer are waited for another time.
	restartWait = "30"
)

// checkpointer carries SQLite's log over.
type checkpointer struct {
	db    *DB
	every time.Duration
	stop  chan struct{}
	done  chan struct{}
	seen  int64 // groups committed when it was looked at last
}

func startCheckpointer(db *DB, bulk bool) *checkpointer {
	c := &checkpointer{db: db, every: checkpointEvery, stop: make(chan struct{}), done: make(chan struct{})}
	if bulk {
		c.every = bulkEvery
	}
	go c.run()
	return c
}

func (c *checkpointer) close() {
	close(c.stop)
	<-c.done
}

func (c *checkpointer) run() {
	defer close(c.done)
	tick := time.NewTicker(c.every)
	defer tick.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-tick.C:
			c.step()
		}
	}
}

// step carries over what is there when anything was written since the last time.
func (c *checkpointer) step() {
	groups := c.db.queue.groups.Load()
	if groups == c.seen {
		return
	}
	c.seen = groups
	pages, err := checkpoint(c.db.aside, "PASSIVE")
	if err != nil {
		slog.Warn("carrying SQLite's log over", "err", err) // the log grows; the next time tries again
		return
	}
	if pages < logPages {
		return
	}
	if err := c.db.queue.pause(c.restart); err != nil {
		slog.Warn("beginning SQLite's log anew", "err", err)
	}
}

// restart carries the rest over while the writer pauses and lets the log begin anew.
func (c *checkpointer) restart() error {
	if _, err := c.db.aside.ExecContext(context.Background(), "PRAGMA busy_timeout = "+restartWait); err != nil {
		return err
	}
	_, err := checkpoint(c.db.aside, "RESTART")
	return err
}

// checkpoint gives the length of the log in pages.
func checkpoint(pool *sql.DB, mode string) (pages int, err error) {
	var busy, carried int
	err = pool.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &carried)
	return pages, explain(err)
}
