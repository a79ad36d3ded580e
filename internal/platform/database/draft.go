package database

import (
	"context"
	"errors"
	"time"
)

// Draft is what a transaction is going to send, made up before it. Deciding and wording then cost neither SQLite's one
// writer nor the time that PostgreSQL keeps rows locked.
type Draft struct {
	sent  []drafted
	after []func()
}

type drafted struct {
	query string
	args  []any
	one   bool
}

// ErrReads is inside the error of a draft that wanted to know something from the database: it has to be done in the
// transaction itself.
var ErrReads = errors.New("a draft cannot read")

// Draft runs fn without a transaction, at the moment now, and keeps what it sends. Nothing is asked of the database
// and nothing reaches it before Carry. Errors: those of fn; ErrReads when fn does anything but send.
func (db *DB) Draft(ctx context.Context, now time.Time, fn func(*Tx) error) (*Draft, error) {
	d := &Draft{}
	tx := &Tx{Now: now, db: db, ctx: ctx, run: d}
	if err := fn(tx); err != nil {
		return nil, err
	}
	d.after = tx.after
	return d, nil
}

// Carry sends what was drafted. It may be carried several times, as when a transaction is run again.
func (tx *Tx) Carry(d *Draft) error {
	for i := range d.sent {
		s := &d.sent[i]
		if err := tx.run.send(tx.ctx, s.query, s.args, s.one); err != nil {
			return explain(err)
		}
	}
	tx.after = append(tx.after, d.after...)
	return nil
}

func (d *Draft) send(_ context.Context, query string, args []any, one bool) error {
	d.sent = append(d.sent, drafted{query, args, one})
	return nil
}

func (d *Draft) exec(context.Context, string, []any) (int64, error) { return 0, ErrReads }
func (d *Draft) query(context.Context, string, []any) (Rows, error) { return nil, ErrReads }
func (d *Draft) together(context.Context, []Ask) error              { return ErrReads }
