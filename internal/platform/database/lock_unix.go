//go:build unix

package database

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"linli/internal/platform/fault"
)

// folderLock keeps a second process from writing into the same folder. The operating system drops it
// when the process ends, however it ends.
type folderLock struct{ file *os.File }

func lockFolder(dir string) (*folderLock, error) {
	path := filepath.Join(dir, "linli.lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "data-folder", "数据目录 %[1]s 不能写入,请检查权限", "The data folder %[1]s cannot be written; check its permissions", dir).Because(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		who, _ := os.ReadFile(path)
		_ = f.Close()
		return nil, fault.Newf(fault.Unavailable, "folder-in-use",
			"数据目录 %[1]s 正被另一个 linli 进程使用(进程号 %[2]s)。请先停掉它,或换一个 --data 目录",
			"The data folder %[1]s is in use by another linli process (pid %[2]s). Stop that one first, or choose another --data folder",
			dir, strings.TrimSpace(string(who)))
	}
	_ = f.Truncate(0)
	_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return &folderLock{file: f}, nil
}

func (l *folderLock) release() {
	if l != nil && l.file != nil {
		_ = l.file.Close()
	}
}
