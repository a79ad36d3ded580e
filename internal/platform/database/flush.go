package database

import (
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"

	"linli/internal/platform/fault"
)

// flusher answers callers once what they wrote is on the disk.
//
// SQLite's own way, synchronous=FULL, flushes its log inside COMMIT, and the writer stands still meanwhile. Here
// COMMIT only writes the log (synchronous=NORMAL), and the log is flushed beside the writer, one flush for all the
// groups committed so far; nobody is answered before. What survives a power cut is the same: the log up to the last
// flush, never a part of a transaction, and everything that was acknowledged.
//
// When a flush fails nobody can say any more what is on the disk. Then the writer stops for good: the callers are told
// so, the program has to be started anew, and SQLite recovers from what is there.
type flusher struct {
	path  string
	bulk  bool // leave flushing to the engine
	log   *os.File
	sync  func(*os.File) error
	in    chan []*write
	done  chan struct{}
	error atomic.Pointer[fault.Error]
}

// flushesWaiting bounds how far the writer may be ahead of the disk, in groups.
const flushesWaiting = 8

func startFlusher(log string, bulk bool) *flusher {
	f := &flusher{path: log, bulk: bulk, sync: syncData, in: make(chan []*write, flushesWaiting), done: make(chan struct{})}
	go f.run()
	return f
}

// hand takes a committed group; its callers are answered later.
func (f *flusher) hand(group []*write) { f.in <- group }

// close waits until everybody is answered.
func (f *flusher) close() {
	close(f.in)
	<-f.done
}

// broken tells why nothing can be written any more; nil while it can.
func (f *flusher) broken() error {
	if err := f.error.Load(); err != nil {
		return err
	}
	return nil
}

func (f *flusher) run() {
	defer close(f.done)
	for group := range f.in {
		groups := f.waiting(group)
		if err := f.flush(groups); err != nil {
			f.error.CompareAndSwap(nil, errFlush(err))
			slog.Error("the disk did not take what was written; the database accepts nothing more until it is opened anew", "err", err)
			for _, g := range groups {
				fail(g, f.error.Load())
			}
		}
		for _, g := range groups {
			for _, w := range g {
				close(w.ready)
			}
		}
	}
	if f.log != nil {
		_ = f.log.Close()
	}
}

// waiting takes what else has been committed.
func (f *flusher) waiting(first []*write) [][]*write {
	groups := [][]*write{first}
	for len(groups) <= flushesWaiting {
		select {
		case g, ok := <-f.in:
			if !ok {
				return groups
			}
			groups = append(groups, g)
		default:
			return groups
		}
	}
	return groups
}

func (f *flusher) flush(groups [][]*write) error {
	if f.bulk || !anyKept(groups) {
		return nil
	}
	if err := f.broken(); err != nil {
		return err
	}
	if f.log == nil {
		log, err := os.OpenFile(f.path, os.O_RDWR, 0) // the engine keeps the file as long as it is open
		if err != nil {
			return fmt.Errorf("opening the log: %w", err)
		}
		f.log = log
	}
	return f.sync(f.log)
}

// anyKept tells whether any caller has something to lose.
func anyKept(groups [][]*write) bool {
	for _, g := range groups {
		for _, w := range g {
			if w.err == nil {
				return true
			}
		}
	}
	return false
}

func errFlush(err error) *fault.Error {
	return fault.New(fault.Unavailable, "disk-flush", "磁盘没有确认写入,为防丢失已停止写入。请检查磁盘后重新启动程序",
		"The disk did not confirm what was written, so nothing more is written. Check the disk, then start the program anew").After(60).Because(err)
}
