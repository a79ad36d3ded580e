package database

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"

	"linli/internal/platform/fault"
)

// flusher answers callers once what they wrote is on the disk.
//
// SQLite's own way, synchronous=FULL, flushes its log inside COMMIT, and the writer stands still meanwhile. Here
// COMMIT only writes the log (synchronous=NORMAL), and the log is flushed beside the writer, which runs the next group
// meanwhile; nobody is answered before. What survives a power cut is the same: the log up to the last
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
	free  chan struct{} // holds one token while no group is on its way to the disk
	done  chan struct{}
	error atomic.Pointer[fault.Error]
}

func startFlusher(log string, bulk bool) *flusher {
	f := &flusher{path: log, bulk: bulk, sync: syncData, in: make(chan []*write), free: make(chan struct{}, 1), done: make(chan struct{})}
	f.free <- struct{}{}
	go f.run()
	return f
}

// hand takes a committed group when the one before is on the disk; its callers are answered later.
func (f *flusher) hand(group []*write) {
	<-f.free
	f.in <- group
}

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
		if err := f.flush(group); err != nil {
			f.error.CompareAndSwap(nil, errFlush(err))
			slog.Error("the disk did not take what was written; the database accepts nothing more until it is opened anew", "err", err)
			fail(group, f.error.Load())
		}
		for _, w := range group {
			close(w.ready)
		}
		f.free <- struct{}{}
	}
	if f.log != nil {
		_ = f.log.Close()
	}
}

func (f *flusher) flush(group []*write) error {
	if f.bulk || !slices.ContainsFunc(group, func(w *write) bool { return w.err == nil }) {
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

func errFlush(err error) *fault.Error {
	return fault.New(fault.Unavailable, "disk-flush", "磁盘没有确认写入,为防丢失已停止写入。请检查磁盘后重新启动程序",
		"The disk did not confirm what was written, so nothing more is written. Check the disk, then start the program anew").After(60).Because(err)
}
