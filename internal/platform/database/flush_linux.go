package database

import (
	"os"
	"syscall"
)

// syncData puts the file's contents, and what is needed to find them, on the disk.
func syncData(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err != syscall.EINTR {
			return err
		}
	}
}
