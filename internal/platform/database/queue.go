package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"linli/internal/platform/fault"
)

// A group shares one commit. It ends when nobody waits or at this size, so that the first caller of a
// busy moment does not wait for all the others.
const groupSize = 64

// queue is SQLite's one writer: callers hand it their transactions, it runs them one after the other in a common
// transaction, commits once for all, and hands the group to the flusher, which answers when it is on the disk. While
// the disk is busy the next group is run.
//
// A caller that fails before it wrote anything leaves no trace. When one fails after it wrote, the common transaction
// is taken back and the group run again with care: each caller in a savepoint of its own, so that it takes back only
// its own rows. That is rare, and savepoints would cost every caller a fifth of its time.
type queue struct {
	db      *DB
	conn    *sql.Conn
	kept    map[string]*prepared
	series  series
	most    int // callers in a group
	flusher *flusher
	groups  atomic.Int64 // committed
	in      chan *write
	done    chan struct{}

	checkpointer *checkpointer

	mu     sync.RWMutex
	closed bool
}

type write struct {
	ctx   context.Context
	fn    func(*Tx) error
	apart func() error // instead of fn: runs between two groups, outside of any transaction
	after []func()
	err   error
	ready chan struct{}
}

func startQueue(db *DB, conn *sql.Conn, f *flusher) *queue {
	q := &queue{db: db, conn: conn, kept: map[string]*prepared{}, series: series{last: map[string]int64{}, dirty: map[string]bool{}},
		most: groupSize, flusher: f, in: make(chan *write, 4*groupSize), done: make(chan struct{})}
	if f.bulk {
		q.most = 1 // nobody waits for the disk, so nobody should wait for others either
	}
	go q.run()
	return q
}

func (q *queue) write(ctx context.Context, fn func(*Tx) error) error {
	return q.hand(&write{ctx: ctx, fn: fn, ready: make(chan struct{})})
}

// pause runs f between two groups, outside of any transaction.
func (q *queue) pause(f func() error) error {
	return q.hand(&write{ctx: context.Background(), apart: f, ready: make(chan struct{})})
}

func (q *queue) hand(w *write) error {
	q.mu.RLock()
	if q.closed {
		q.mu.RUnlock()
		return errClosed()
	}
	select {
	case q.in <- w:
		q.mu.RUnlock()
	case <-w.ctx.Done():
		q.mu.RUnlock()
		return explain(w.ctx.Err())
	}
	// Once queued the answer is waited for even if the caller's context ends: whether it took
	// effect must be known.
	<-w.ready
	return w.err
}

func (q *queue) close() error {
	q.checkpointer.close()
	q.mu.Lock()
	q.closed = true
	close(q.in)
	q.mu.Unlock()
	<-q.done
	for _, p := range q.kept {
		q.release(p) // a statement left open would keep the file open
	}
	return q.conn.Close()
}

func (q *queue) run() {
	defer close(q.done)
	defer q.flusher.close()
	for first := range q.in {
		if first.apart != nil {
			first.err = first.apart()
			close(first.ready)
			continue
		}
		group, next := q.commit(first)
		for _, w := range group {
			if w.err == nil {
				for _, f := range w.after {
					f()
				}
			}
		}
		q.flusher.hand(group)
		if next != nil {
			next.err = next.apart()
			close(next.ready)
		}
	}
}

// commit runs the first and those who arrive meanwhile, and commits once. What is to run apart ends the group.
func (q *queue) commit(first *write) (group []*write, apart *write) {
	group = append(make([]*write, 0, q.most), first)
	q.tidy()
	if err := q.flusher.broken(); err != nil {
		fail(group, err)
		return group, nil
	}
	if err := q.control("BEGIN IMMEDIATE"); err != nil {
		fail(group, err)
		return group, nil
	}
	for i := 0; i < len(group); i++ {
		if again := q.one(group[i]); again {
			q.again(group)
			return group, apart
		}
		if len(group) == q.most || apart != nil {
			continue
		}
		w := q.another(i == len(group)-1)
		switch {
		case w == nil:
		case w.apart != nil:
			apart = w
		default:
			group = append(group, w)
		}
	}
	q.end(group)
	return group, apart
}

// another is who else waits. When nobody does and all of the group have been run, it waits for somebody as long as
// the disk is busy with the group before: a commit costs the same for one as for many.
func (q *queue) another(all bool) *write {
	select {
	case w := <-q.in: // nil when the queue is closed
		return w
	default:
	}
	if !all {
		return nil
	}
	select {
	case w := <-q.in:
		return w
	case <-q.flusher.free:
		q.flusher.free <- struct{}{}
		return nil
	}
}

// end writes the series and commits.
func (q *queue) end(group []*write) {
	err := q.series.keep(q)
	if err == nil {
		err = q.control("COMMIT")
	}
	if err != nil {
		q.rollback()
		fail(group, err)
		return
	}
	q.series.settled()
	q.groups.Add(1)
}

func (q *queue) rollback() {
	_ = q.control("ROLLBACK") // the engine may have taken it back already
	q.series.restore()
}

// one runs a caller's transaction. It tells when the group must be run again with care.
func (q *queue) one(w *write) (again bool) {
	if w.ctx.Err() != nil {
		w.err = explain(w.ctx.Err())
		return false
	}
	l := q.call(w)
	if w.err == nil {
		return false
	}
	q.series.undo(l.numbers)
	// on a full disk or a disk error SQLite takes back the whole transaction by itself
	return l.wrote || fault.Is(w.err, fault.Unavailable)
}

// call runs the caller's function.
func (q *queue) call(w *write) *lite {
	l := &lite{q: q}
	// The driver watches a context that can end with a goroutine per statement; the values travel,
	// the cancelling does not: a transaction that has begun is finished.
	tx := &Tx{Now: q.db.now(), db: q.db, ctx: context.WithoutCancel(w.ctx), run: l}
	w.err = explain(guard(func() error { return w.fn(tx) })) // also what a Row said when it was scanned
	w.after = nil
	if w.err == nil {
		w.after = tx.after
	}
	return l
}

// again takes the common transaction back and runs the group's callers once more, each in a savepoint.
func (q *queue) again(group []*write) {
	q.rollback()
	for _, w := range group {
		w.err = nil
	}
	if err := q.control("BEGIN IMMEDIATE"); err != nil {
		fail(group, err)
		return
	}
	for _, w := range group {
		if err := q.apart(w); err != nil {
			// the common transaction is gone: nobody's rows were kept
			q.rollback()
			fail(group, err)
			return
		}
	}
	q.end(group)
}

// apart runs a caller's transaction in a savepoint. It returns an error only when the common transaction cannot go on.
func (q *queue) apart(w *write) error {
	if w.ctx.Err() != nil {
		w.err = explain(w.ctx.Err())
		return nil //nolint:nilerr // it is that caller's answer; the others go on
	}
	if err := q.control("SAVEPOINT one"); err != nil {
		return err
	}
	l := q.call(w)
	if w.err != nil {
		q.series.undo(l.numbers)
		if err := q.control("ROLLBACK TO one"); err != nil {
			// On a full disk or a disk error SQLite takes back the whole transaction by itself and no savepoint
			// is left; what the others are told is the cause, not that.
			if fault.Is(w.err, fault.Unavailable) {
				return w.err
			}
			return err
		}
	}
	return q.control("RELEASE one")
}

func fail(group []*write, cause error) {
	cause = explain(cause)
	for _, w := range group {
		if w.err == nil {
			w.err = cause
			w.after = nil
		}
	}
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
