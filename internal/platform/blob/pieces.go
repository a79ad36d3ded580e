package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"linli/internal/platform/fault"
)

// Pieces keeps files that come piece by piece over a bad line until they are whole, each under its id. How much of one
// is there for certain its owner remembers: what lies beyond may be torn and is written again. Writing the same bytes
// at the same place again changes nothing, so a piece sent twice, or twice at once, does no harm.
type Pieces struct{ dir string }

// OpenPieces opens, or makes, a folder for files that are not whole yet.
func OpenPieces(dir string) (*Pieces, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Newf(fault.Internal, "blob-folder",
			"无法使用附件目录 %[1]s;请检查目录和权限", "The folder for attachments %[1]s cannot be used; check that it exists and belongs to the user who runs the program", dir).Because(err)
	}
	return &Pieces{dir: dir}, nil
}

// path is where the file of an id lies; nothing but an id may become part of a path.
func (p *Pieces) path(id string) (string, error) {
	u, err := uuid.Parse(id)
	if err != nil {
		return "", missing()
	}
	return filepath.Join(p.dir, u.String()), nil
}

// Write puts what r gives, most bytes of it, at an offset of the file, and tells how many of them are on the disk: all
// that came, also when the sender was cut off. The first piece of a kind of file that is not taken is refused
// before a byte is kept.
//
// Errors: Invalid "file-type", "file-empty" for a piece of nothing, "upload-interrupted" with the bytes kept;
// Unavailable "disk-full".
func (p *Pieces) Write(ctx context.Context, id string, at int64, r io.Reader, most int64) (n int64, err error) {
	path, err := p.path(id)
	if err != nil {
		return 0, err
	}
	in := &source{ctx: ctx, r: io.LimitReader(r, most)}
	head := make([]byte, sniffed)
	got, err := io.ReadFull(in, head)
	head = head[:got]
	if got == 0 && errors.Is(err, io.EOF) {
		return 0, fault.New(fault.Invalid, "file-empty", "文件是空的,请重新选择", "The file is empty; choose another")
	}
	if at == 0 && got == sniffed { // a shorter beginning says too little
		if t := byHead(head); !undecided(t) {
			if _, ok := KindOf(t); !ok {
				return 0, refused(t)
			}
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return 0, diskFault(err)
	}
	n, cut := io.Copy(io.NewOffsetWriter(f, at), io.MultiReader(bytes.NewReader(head), in))
	err = f.Sync()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = syncFolder(p.dir)
	}
	if err != nil {
		return 0, diskFault(err)
	}
	if cut != nil {
		return n, in.fault(cut)
	}
	if in.err != nil {
		return n, in.fault(in.err)
	}
	return n, nil
}

// Open gives what is there of a file; NotFound "file-missing".
func (p *Pieces) Open(id string) (io.ReadSeekCloser, error) {
	path, err := p.path(id)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing()
	}
	if err != nil {
		return nil, diskFault(err)
	}
	return f, nil
}

// Size is how many bytes of a file are there; 0 when none are.
func (p *Pieces) Size(id string) (int64, error) {
	path, err := p.path(id)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, diskFault(err)
	}
	return info.Size(), nil
}

// Delete removes a file; one that is not there is no error.
func (p *Pieces) Delete(id string) error {
	path, err := p.path(id)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diskFault(err)
	}
	return nil
}

// Sweep removes what nobody has added to since the given time, and says how many files.
func (p *Pieces) Sweep(before time.Time) (int, error) { return sweep(p.dir, before) }
