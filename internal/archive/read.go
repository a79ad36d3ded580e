package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// visitor is told of each entry in the order of the file; what it does not read is passed over.
type visitor struct {
	rows func(table string, piece []byte) error
	file func(hash string, size int64, r io.Reader) error
	key  func(key []byte) error
}

// inside is what lies at the end of an archive.
type inside struct {
	text     []byte // the manifest as it is written
	mac      string
	manifest Manifest
}

// scan reads an archive from its beginning to its very end. Names are taken only as this program writes
// them, so nothing in the file can point outside it.
func scan(ctx context.Context, f *os.File, v visitor) (inside, error) {
	var in inside
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return in, fmt.Errorf("reading the archive: %w", err)
	}
	zip, err := gzip.NewReader(f)
	if err != nil {
		return in, fault.New(fault.Invalid, "not-an-archive", "这不是 linli 的备份文件", "This is not a backup made by linli").Because(err)
	}
	seen := map[string]bool{}
	for r := tar.NewReader(zip); ; {
		if err := ctx.Err(); err != nil {
			return in, err
		}
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return in, broken("读到一半就断了", "it breaks off or cannot be read").Because(err)
		}
		if head.Typeflag != tar.TypeReg || seen[head.Name] || in.mac != "" {
			return in, strange(head.Name)
		}
		seen[head.Name] = true
		if err := in.entry(head, r, v); err != nil {
			return in, err
		}
	}
	if _, err := io.Copy(io.Discard, zip); err != nil { // the checksum stands at the end
		return in, broken("校验和不符", "its checksum is wrong").Because(err)
	}
	if in.text == nil || in.mac == "" {
		return in, broken("缺少清单", "its manifest is missing")
	}
	return in, in.parse()
}

func strange(name string) error {
	return broken(fmt.Sprintf("含有不该有的内容 %q", name), fmt.Sprintf("it holds %q, which does not belong there", name))
}

func (in *inside) entry(head *tar.Header, r io.Reader, v visitor) error {
	whole := func(most int64) ([]byte, error) {
		if head.Size > most {
			return nil, strange(head.Name)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return nil, broken("读到一半就断了", "it breaks off or cannot be read").Because(err)
		}
		return text, nil
	}
	var err error
	switch table, file := tableEntry.FindStringSubmatch(head.Name), fileEntry.FindStringSubmatch(head.Name); {
	case in.text != nil && head.Name != macName:
		return strange(head.Name)
	case table != nil:
		piece, err := whole(mostPiece)
		if err == nil && v.rows != nil {
			err = v.rows(table[1], piece)
		}
		return err
	case file != nil && head.Size <= mostFile:
		if v.file != nil {
			return v.file(file[1], head.Size, r)
		}
	case head.Name == keyName:
		key, err := whole(mostKeyFile)
		if err == nil && v.key != nil {
			err = v.key(key)
		}
		return err
	case head.Name == manifestName:
		in.text, err = whole(mostPlain)
	case head.Name == macName:
		var mac []byte
		mac, err = whole(mostPlain)
		in.mac = string(mac)
	default:
		return strange(head.Name)
	}
	return err
}

func (in *inside) parse() error {
	d := json.NewDecoder(bytes.NewReader(in.text))
	if err := d.Decode(&in.manifest); err != nil {
		return broken("清单读不懂", "its manifest cannot be read").Because(err)
	}
	if in.manifest.Format > Format {
		return fault.Newf(fault.Unavailable, "newer-archive", "备份由更新版本的 linli(%[1]s)写成,请先升级程序", "The backup was written by a newer linli (%[1]s); upgrade the program first", in.manifest.Program)
	}
	return nil
}

// Verify reads an archive from end to end and compares every table and attachment with the manifest. It
// needs no key and no database. Whether the manifest itself is the one written shows when it is restored,
// because that takes the key.
func Verify(ctx context.Context, path string, progress Progress) (Manifest, error) {
	f, err := open(path)
	if err != nil {
		return Manifest{}, err
	}
	defer f.Close()
	in, err := verify(ctx, f, quiet(progress))
	return in.manifest, err
}

func open(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.Newf(fault.NotFound, "no-archive", "没有文件 %[1]s", "There is no file %[1]s", path)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the archive: %w", err)
	}
	return f, nil
}

func verify(ctx context.Context, f *os.File, progress Progress) (inside, error) {
	sums, rows := map[string]hash.Hash{}, map[string]int64{}
	var files, size int64
	withKey := false
	in, err := scan(ctx, f, visitor{
		rows: func(table string, piece []byte) error {
			if sums[table] == nil {
				sums[table] = sha256.New()
			}
			sums[table].Write(piece)
			rows[table] += int64(bytes.Count(piece, []byte{'\n'}))
			return nil
		},
		file: func(name string, n int64, r io.Reader) error {
			sum := sha256.New()
			got, err := io.Copy(sum, r)
			if err != nil || got != n {
				return broken("读到一半就断了", "it breaks off or cannot be read").Because(err)
			}
			if hex.EncodeToString(sum.Sum(nil)) != name {
				return broken("附件 "+name+" 的内容变了", "the content of the attachment "+name+" has changed")
			}
			files++
			size += n
			progress(lang.T("正在核对备份", "Verifying the archive"), files, 0)
			return nil
		},
		key: func([]byte) error { withKey = true; return nil },
	})
	if err != nil {
		return in, err
	}
	m := in.manifest
	for _, t := range m.Tables {
		sum := sums[t.Name]
		if sum == nil {
			sum = sha256.New()
		}
		if hex.EncodeToString(sum.Sum(nil)) != t.SHA256 || rows[t.Name] != t.Rows {
			return in, broken("表 "+t.Name+" 的内容与清单不符", "the table "+t.Name+" is not what the manifest says")
		}
		delete(sums, t.Name)
	}
	if len(sums) > 0 || files != m.Files || size != m.Bytes || withKey != m.WithKey {
		return in, broken("内容与清单不符", "the content is not what the manifest says")
	}
	return in, nil
}
