//go:build !linux

package database

import "os"

// syncData puts the file's contents on the disk.
func syncData(f *os.File) error { return f.Sync() }
