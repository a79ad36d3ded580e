//go:build !unix

package database

// folderLock does nothing here: SQLite's own lock still keeps two writers apart.
type folderLock struct{}

func lockFolder(string) (*folderLock, error) { return &folderLock{}, nil }

func (l *folderLock) release() {}
