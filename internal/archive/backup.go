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
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"linli/internal/platform/blob"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/platform/seal"
)

// BackupOptions change what is written.
type BackupOptions struct {
	WithKey   bool // put linli.key inside: who has the file can then read the sealed names and phones
	Overwrite bool // replace a file of that name
}

// Backup writes everything into one file, on one consistent snapshot, while the program goes on. The
// file appears under its name when it is whole and on the disk, or not at all. Only its owner may read it.
//
// Errors: Conflict "file-exists"; Unavailable "disk-full"; NotFound "no-key" when there is no key file.
func Backup(ctx context.Context, src Source, path string, o BackupOptions, progress Progress) (Report, error) {
	if _, err := os.Stat(path); err == nil && !o.Overwrite {
		return Report{}, fault.Newf(fault.Conflict, "file-exists", "文件 %[1]s 已经存在,请换一个名字", "The file %[1]s is there already; choose another name", path)
	}
	box, err := openKey(src.Key)
	if err != nil {
		return Report{}, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part") // mode 0600
	if err != nil {
		return Report{}, diskFault(err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	report := Report{Path: path}
	if report.Manifest, err = write(ctx, src, box, tmp, o, quiet(progress)); err != nil {
		return Report{}, diskFault(err)
	}
	if report.Size, err = settle(tmp, path); err != nil {
		return Report{}, diskFault(err)
	}
	for _, t := range report.Manifest.Tables {
		report.Rows += t.Rows
	}
	report.Notes = notes(report.Manifest)
	return report, nil
}

// notes say what the operator must know.
func notes(m Manifest) []lang.Text {
	var out []lang.Text
	if m.WithKey {
		out = append(out, lang.T("备份里带有密钥 linli.key:拿到这个文件的人能读出报事人的姓名和电话,请妥善保管",
			"The key linli.key is inside: whoever has this file can read reporters' names and phones. Keep it safe"))
	} else {
		out = append(out, lang.T("备份里没有密钥。恢复时需要 linli.key:请另存一份,与备份分开放;没有它,姓名和电话再也读不出来",
			"The key is not inside. To restore you need linli.key: keep a copy of it, apart from the backups. Without it names and phones are lost for good"))
	}
	if len(m.Damaged) > 0 {
		out = append(out, lang.T(fmt.Sprintf("有 %d 个附件的内容已损坏,没有备份;linli check 会列出它们", len(m.Damaged)),
			fmt.Sprintf("%d attachments were damaged already and were left out; linli check names them", len(m.Damaged))))
	}
	return out
}

// openKey opens the key file, and never makes one.
func openKey(path string) (*seal.Box, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Newf(fault.NotFound, "no-key", "找不到密钥文件 %[1]s", "There is no key file %[1]s", path)
	}
	box, _, err := seal.Open(path)
	return box, err
}

func keyCheck(box *seal.Box) string { return box.Blind("archive-key", "linli") }

func proof(box *seal.Box, manifest []byte) string {
	return box.Blind("archive-manifest", string(manifest))
}

// settle puts the finished file under its name and waits until the disk has it.
func settle(tmp *os.File, path string) (int64, error) {
	info, err := tmp.Stat()
	if err != nil {
		return 0, err
	}
	if err := tmp.Sync(); err != nil {
		return 0, err
	}
	if err := tmp.Close(); err != nil {
		return 0, err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return 0, err
	}
	return info.Size(), syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// diskFault gives a full disk as a fault that says what to do; others pass.
func diskFault(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)) {
		return fault.New(fault.Unavailable, "disk-full", "磁盘已满,没有写完,未留下不完整的文件;请清理磁盘或换一个位置", "The disk is full; nothing incomplete was left behind. Free some space or choose another place").Because(err)
	}
	return err
}

// writer adds entries to the archive.
type writer struct {
	tar *tar.Writer
	at  time.Time
}

func (w *writer) head(name string, size int64) error {
	return w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: w.at.Truncate(time.Second), Format: tar.FormatPAX})
}

func (w *writer) plain(name string, content []byte) error {
	if err := w.head(name, int64(len(content))); err != nil {
		return err
	}
	_, err := w.tar.Write(content)
	return err
}

func write(ctx context.Context, src Source, box *seal.Box, out io.Writer, o BackupOptions, progress Progress) (Manifest, error) {
	zip, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Format: Format, Program: src.Program, Engine: src.DB.Engine(), WithKey: o.WithKey, KeyCheck: keyCheck(box)}
	w := &writer{tar: tar.NewWriter(zip)}
	if err := src.DB.Read(ctx, func(tx *database.Tx) error { return w.tables(tx, src, &m, progress) }); err != nil {
		return m, err
	}
	// Attachments are on the disk before their rows are, and never change: copying them after the
	// snapshot gives all that it names.
	if err := w.files(ctx, src.Files, &m, progress); err != nil {
		return m, err
	}
	if o.WithKey {
		key, err := os.ReadFile(src.Key)
		if err != nil {
			return m, fmt.Errorf("reading the key file: %w", err)
		}
		if err := w.plain(keyName, key); err != nil {
			return m, err
		}
	}
	text, err := marshal(m)
	if err != nil {
		return m, err
	}
	for _, step := range []func() error{
		func() error { return w.plain(manifestName, text) },
		func() error { return w.plain(macName, []byte(proof(box, text))) },
		w.tar.Close, zip.Close,
	} {
		if err := step(); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (w *writer) tables(tx *database.Tx, src Source, m *Manifest, progress Progress) (err error) {
	m.At, w.at = tx.Now, tx.Now
	if m.Taken, err = tx.Taken(); err != nil {
		return fmt.Errorf("reading the steps taken: %w", err)
	}
	if m.Series, err = tx.Series(); err != nil {
		return err
	}
	tables, err := tx.Tables(src.Schemas...)
	if err != nil {
		return err
	}
	var total, done int64
	for _, t := range tables {
		if !derived[t.Name] {
			var n int64
			if err := tx.Row(`SELECT count(*) FROM ` + t.Name).Scan(&n); err != nil {
				return fmt.Errorf("counting %s: %w", t.Name, err)
			}
			total += n
		}
	}
	for _, t := range tables {
		if derived[t.Name] {
			continue
		}
		p := &pieces{w: w, table: t, sum: sha256.New(), tick: func(n int64) { progress(lang.T("正在写出数据", "Writing rows"), done+n, total) }}
		if err := database.Values(tx, `SELECT `+columnList(t)+` FROM `+t.Name, t.Columns, p.row); err != nil {
			return fmt.Errorf("reading %s: %w", t.Name, err)
		}
		if err := p.flush(); err != nil {
			return err
		}
		done += p.rows
		m.Tables = append(m.Tables, TableManifest{Table: t, Rows: p.rows, SHA256: hex.EncodeToString(p.sum.Sum(nil))})
	}
	return nil
}

func columnList(t database.Table) string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// pieces writes the rows of one table.
type pieces struct {
	w     *writer
	table database.Table
	buf   bytes.Buffer
	no    int
	rows  int64
	sum   hash.Hash
	tick  func(rows int64)
}

func (p *pieces) row(values []any) error {
	for i, v := range values {
		// JSON would silently replace what is not UTF-8
		if s, ok := v.(string); ok && !utf8.ValidString(s) {
			return fmt.Errorf("row %d, column %s: not valid UTF-8", p.rows+1, p.table.Columns[i].Name)
		}
	}
	line, err := json.Marshal(values)
	if err != nil {
		return fmt.Errorf("row %d: %w", p.rows+1, err)
	}
	p.buf.Write(line)
	p.buf.WriteByte('\n')
	if p.rows++; p.rows%2000 == 0 {
		p.tick(p.rows)
	}
	if p.buf.Len() >= pieceSize {
		return p.flush()
	}
	return nil
}

func (p *pieces) flush() error {
	if p.buf.Len() == 0 {
		return nil
	}
	p.no++
	p.sum.Write(p.buf.Bytes())
	err := p.w.plain(fmt.Sprintf("%s%s/%06d.jsonl", tableFolder, p.table.Name, p.no), p.buf.Bytes())
	p.buf.Reset()
	p.tick(p.rows)
	return err
}

// files copies every attachment whose content is what its name says.
func (w *writer) files(ctx context.Context, store blob.Store, m *Manifest, progress Progress) error {
	return store.Walk(ctx, func(info blob.Info) error {
		whole, err := sound(ctx, store, info)
		if err != nil {
			return err
		}
		if !whole {
			m.Damaged = append(m.Damaged, info.Hash)
			return nil
		}
		f, err := store.Open(ctx, info.Hash)
		if fault.Is(err, fault.NotFound) {
			return nil // deleted meanwhile: nothing names it any more
		}
		if err != nil {
			return err
		}
		defer f.Close()
		if err := w.head(fileFolder+info.Hash, info.Size); err != nil {
			return err
		}
		if _, err := io.Copy(w.tar, io.LimitReader(f, info.Size)); err != nil {
			return err
		}
		m.Files++
		m.Bytes += info.Size
		progress(lang.T("正在写出附件", "Writing attachments"), m.Files, 0)
		return nil
	})
}

// sound reads an attachment and compares it with its name.
func sound(ctx context.Context, store blob.Store, info blob.Info) (bool, error) {
	f, err := store.Open(ctx, info.Hash)
	if fault.Is(err, fault.NotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return false, err
	}
	return hex.EncodeToString(sum.Sum(nil)) == info.Hash, nil
}
