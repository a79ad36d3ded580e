package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"linli/internal/platform/fault"
)

// Folder keeps blobs below a folder as ab/cd/<hash>, in two levels so that no folder grows beyond what tools can list.
// It is safe for many goroutines and several processes.
type Folder struct {
	dir     string
	scratch func() (scratch, error) // a fresh file in tmp/
}

// scratch is the file a blob is written to before it has its name.
type scratch interface {
	io.Writer
	io.ReaderAt
	Name() string
	Sync() error
	Close() error
}

const scratchDir = "tmp"

// OpenFolder opens, or makes, a folder for blobs.
func OpenFolder(dir string) (*Folder, error) {
	tmp := filepath.Join(dir, scratchDir)
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return nil, fault.Newf(fault.Internal, "blob-folder",
			"无法使用附件目录 %[1]s;请检查目录和权限", "The folder for attachments %[1]s cannot be used; check that it exists and belongs to the user who runs the program", dir).Because(err)
	}
	return &Folder{dir: dir, scratch: func() (scratch, error) { return os.CreateTemp(tmp, "put-*") }}, nil
}

func (f *Folder) path(hash string) string {
	return filepath.Join(f.dir, hash[:2], hash[2:4], hash)
}

// Put implements Store.
func (f *Folder) Put(ctx context.Context, r io.Reader, maxBytes int64) (info Info, err error) {
	head := make([]byte, sniffed)
	in := &source{ctx: ctx, r: r}
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Info{}, in.fault(err)
	}
	head = head[:n]
	if n == 0 {
		return Info{}, fault.New(fault.Invalid, "file-empty", "文件是空的,请重新选择", "The file is empty; choose another")
	}
	t := byHead(head)
	if _, ok := KindOf(t); !ok && !undecided(t) {
		return Info{}, refused(t) // before a byte is written
	}
	limit := limitOf(t, maxBytes)

	tmp, err := f.scratch()
	if err != nil {
		return Info{}, diskFault(err)
	}
	open := true
	defer func() {
		if open {
			_ = tmp.Close()
		}
		_ = os.Remove(tmp.Name()) // gone already when it was renamed
	}()
	sum := sha256.New()
	written, err := io.Copy(io.MultiWriter(tmp, sum), io.LimitReader(io.MultiReader(bytes.NewReader(head), in), limit+1))
	if err != nil {
		return Info{}, in.fault(err)
	}
	if written > limit {
		return Info{}, tooLarge(limit)
	}
	info = Info{Hash: hex.EncodeToString(sum.Sum(nil)), Size: written, Type: t}
	if undecided(t) {
		if info.Type, err = typeOf(tmp, written); err != nil {
			return Info{}, diskFault(err)
		}
		if _, ok := KindOf(info.Type); !ok {
			return Info{}, refused(info.Type)
		}
	}
	if err := tmp.Sync(); err != nil {
		return Info{}, diskFault(err)
	}
	open = false
	if err := tmp.Close(); err != nil {
		return Info{}, diskFault(err)
	}
	if err := f.place(tmp.Name(), info); err != nil {
		return Info{}, diskFault(err)
	}
	return info, nil
}

// place gives the written file its name, unless the same content is there already, and waits until the disk knows.
func (f *Folder) place(tmp string, info Info) error {
	path := f.path(info.Hash)
	dir := filepath.Dir(path)
	if old, err := os.Stat(path); err == nil && old.Size() == info.Size {
		return syncFolder(dir) // whoever put it may still be waiting for the disk
	}
	for _, d := range []string{filepath.Dir(dir), dir} {
		err := os.Mkdir(d, 0o700)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := syncFolder(filepath.Dir(d)); err != nil {
			return err
		}
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// Open implements Store.
func (f *Folder) Open(_ context.Context, hash string) (io.ReadSeekCloser, error) {
	file, _, err := f.open(hash)
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (f *Folder) open(hash string) (*os.File, int64, error) {
	if !valid(hash) {
		return nil, 0, missing()
	}
	file, err := os.Open(f.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, missing()
	}
	if err != nil {
		return nil, 0, diskFault(err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, diskFault(err)
	}
	return file, info.Size(), nil
}

// Stat implements Store.
func (f *Folder) Stat(_ context.Context, hash string) (Info, error) {
	file, size, err := f.open(hash)
	if err != nil {
		return Info{}, err
	}
	defer file.Close()
	t, err := typeOf(file, size)
	if err != nil {
		return Info{}, diskFault(err)
	}
	return Info{Hash: hash, Size: size, Type: t}, nil
}

// Delete implements Store.
func (f *Folder) Delete(_ context.Context, hash string) error {
	if !valid(hash) {
		return missing()
	}
	err := os.Remove(f.path(hash))
	if err == nil {
		return diskFault(syncFolder(filepath.Dir(f.path(hash))))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return diskFault(err)
}

// Walk implements Store. Files that are no blobs are passed over.
func (f *Folder) Walk(ctx context.Context, visit func(Info) error) error {
	return filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // deleted meanwhile
		case err != nil:
			return diskFault(err)
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && d.Name() == scratchDir && filepath.Dir(path) == filepath.Clean(f.dir):
			return fs.SkipDir
		case d.IsDir() || !valid(d.Name()) || path != f.path(d.Name()):
			return nil
		}
		info, err := f.Stat(ctx, d.Name())
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return visit(info)
	})
}

// Sweep removes what interrupted uploads left behind before the given time, and says how many files.
func (f *Folder) Sweep(before time.Time) (int, error) {
	return sweep(filepath.Join(f.dir, scratchDir), before)
}

// sweep removes the files of a folder that were last written before the given time.
func sweep(dir string, before time.Time) (int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, diskFault(err)
	}
	n := 0
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !info.ModTime().Before(before) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err == nil {
			n++
		} else if !errors.Is(err, fs.ErrNotExist) {
			return n, diskFault(err)
		}
	}
	return n, nil
}

// source reads until its context ends, and remembers whether it was the sender who failed.
type source struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		s.err = err
		return 0, err
	}
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// fault tells the sender's failures from the disk's.
func (s *source) fault(err error) error {
	var f *fault.Error
	switch {
	case s.err == nil:
		return diskFault(err)
	case errors.As(s.err, &f): // such as the limit of the whole request
		return s.err
	}
	return fault.New(fault.Invalid, "upload-interrupted", "上传中断,请检查网络后重试", "The upload was cut off; check the network and try again").Because(s.err)
}

// diskFault gives an error of the disk as a fault; nil and faults pass.
func diskFault(err error) error {
	var f *fault.Error
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG):
		return fault.New(fault.Unavailable, "disk-full", "服务器磁盘已满,附件没有保存;请联系管理员清理后重试",
			"The disk of the server is full and the attachment was not kept; tell the administrator and try again").After(300).Because(err)
	}
	return fmt.Errorf("keep the attachment: %w", err)
}

func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be opened for this there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
