package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// probeDisk is how long the disk takes to keep 4 KiB written into a file that is there already, as an engine's log is
// after its first round, in ms: the physical limit of a durable answer to somebody who is alone.
func probeDisk(dir string) (p50 float64, err error) {
	f, err := os.Create(filepath.Join(dir, "probe"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	page := make([]byte, 4096)
	if _, err := f.Write(make([]byte, len(page)*aloneReports)); err != nil {
		return 0, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	calls := make([]time.Duration, 0, aloneReports)
	for range aloneReports {
		took, err := timed(func() error {
			if _, err := f.Write(page); err != nil {
				return err
			}
			return syscall.Fdatasync(int(f.Fd()))
		})
		if err != nil {
			return 0, err
		}
		calls = append(calls, took)
	}
	return quantile(sortedCalls(calls), 0.5), nil
}
