package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"linli/internal/platform/fault"
)

// A group shares one commit. It ends when nobody waits or at this size, so that the first caller of a
// busy moment does not wait for all the others.
const groupSize = 64

// queue is SQLite's one writer: callers hand it their transactions, it runs each inside a savepoint of
// a common transaction, commits once for all, and only then answers. A caller that failed takes back
// only its own rows.
type queue struct {
	db    *DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	in    chan *write
	done  chan struct{}

	mu     sync.RWMutex
	closed bool
}

type write struct {
	ctx   context.Context
	fn    func(*Tx) error
	after []func()
	err   error
	ready chan struct{}
}

func startQueue(db *DB, conn *sql.Conn) *queue {
	q := &queue{db: db, conn: conn, stmts: map[string]*sql.Stmt{}, in: make(chan *write, 4*groupSize), done: make(chan struct{})}
	go q.run()
	return q
}

func (q *queue) write(ctx context.Context, fn func(*Tx) error) error {
	w := &write{ctx: ctx, fn: fn, ready: make(chan struct{})}
	q.mu.RLock()
	if q.closed {
		q.mu.RUnlock()
		return errClosed()
	}
	select {
	case q.in <- w:
		q.mu.RUnlock()
	case <-ctx.Done():
		q.mu.RUnlock()
		return explain(ctx.Err())
	}
	// Once queued the answer is waited for even if the caller's context ends: whether it took
	// effect must be known.
	<-w.ready
	return w.err
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	close(q.in)
	q.mu.Unlock()
	<-q.done
}

func (q *queue) run() {
	defer close(q.done)
	defer q.conn.Close()
	group := make([]*write, 0, groupSize)
	for first := range q.in {
		group = append(group[:0], first)
		q.commit(&group)
		for _, w := range group {
			if w.err == nil {
				for _, f := range w.after {
					f()
				}
			}
			close(w.ready)
		}
	}
}

// commit runs the group's transactions, taking in those who arrive meanwhile, and commits once.
func (q *queue) commit(group *[]*write) {
	bg := context.Background()
	q.tidy()
	if _, err := q.exec(bg, "BEGIN IMMEDIATE"); err != nil {
		q.fail(*group, err)
		return
	}
	for i := 0; i < len(*group); i++ {
		if err := q.one((*group)[i]); err != nil {
			// the common transaction is gone: nobody's rows were kept
			_, _ = q.exec(bg, "ROLLBACK")
			q.fail(*group, err)
			return
		}
		if len(*group) < groupSize {
			select {
			case w, ok := <-q.in:
				if ok {
					*group = append(*group, w)
				}
			default:
			}
		}
	}
	if _, err := q.exec(bg, "COMMIT"); err != nil {
		_, _ = q.exec(bg, "ROLLBACK")
		q.fail(*group, err)
	}
}

// one runs a caller's transaction in a savepoint. It returns an error only when the common
// transaction cannot go on.
func (q *queue) one(w *write) error {
	if w.ctx.Err() != nil {
		w.err = explain(w.ctx.Err())
		return nil //nolint:nilerr // it is that caller's answer; the others go on
	}
	bg := context.Background()
	if _, err := q.exec(bg, "SAVEPOINT one"); err != nil {
		return err
	}
	// The driver watches a context that can end with a goroutine per statement; the values travel,
	// the cancelling does not: a transaction that has begun is finished.
	tx := &Tx{Now: q.db.now(), db: q.db, ctx: context.WithoutCancel(w.ctx), conn: q.conn, prepare: q.statement}
	w.err = explain(guard(func() error { return w.fn(tx) })) // also what a Row said when it was scanned
	if w.err != nil {
		if _, err := q.exec(bg, "ROLLBACK TO one"); err != nil {
			// On a full disk or a disk error SQLite takes back the whole transaction by itself and no savepoint
			// is left; what the others are told is the cause, not that.
			if fault.Is(w.err, fault.Unavailable) {
				return w.err
			}
			return err
		}
	} else {
		w.after = tx.after
	}
	_, err := q.exec(bg, "RELEASE one")
	return err
}

func (q *queue) fail(group []*write, cause error) {
	cause = explain(cause)
	for _, w := range group {
		if w.err == nil {
			w.err = cause
		}
	}
}

func (q *queue) statement(query string) (*sql.Stmt, error) {
	if s := q.stmts[query]; s != nil {
		return s, nil
	}
	s, err := q.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	q.stmts[query] = s
	return s, nil
}

// tidy lets go of the prepared texts when there are too many. It runs between groups, when nobody reads rows of
// one: closing a statement under its rows would crash the program.
func (q *queue) tidy() {
	if len(q.stmts) < keptStatements {
		return
	}
	for k, old := range q.stmts {
		_ = old.Close()
		delete(q.stmts, k)
	}
}

func (q *queue) exec(ctx context.Context, query string) (sql.Result, error) {
	s, err := q.statement(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx)
}

// guard turns a panic of a caller's function into an error, so that one caller's defect does not take
// the writer down with everybody's rows.
func guard(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

func errClosed() error {
	return fault.New(fault.Unavailable, "closing", "系统正在关闭,请稍后再试", "The program is stopping; try again shortly").After(5)
}

func errReadOnly() error {
	return fault.New(fault.Unavailable, "read-only", "数据库以只读方式打开,不能写入", "The database is open for reading only").
		Because(errors.New("write on a read-only database"))
}
