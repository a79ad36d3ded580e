package archive

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"linli/internal/platform/blob"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/platform/seal"
)

// RestoreOptions say where the sealing key comes from when it is not in the target's folder already.
type RestoreOptions struct {
	Key        string // path of the linli.key the names and phones were sealed with
	WithoutKey bool   // the key is lost: restore all but names and phones, and do not check who wrote the manifest
}

// Restore lays an archive out in an empty target: all of it, or nothing. It first reads the whole file and
// compares it with its manifest; the rows go in by one transaction and are counted before it ends. An
// archive of an earlier layout is brought up to date. The search index is made again by the program when
// it next runs; numbers go on after the highest given out.
//
// Errors: Invalid "not-an-archive", "broken-archive", "wrong-key"; NotFound "needs-key"; Conflict
// "not-empty", "other-layout"; Unavailable "newer-archive", "newer-database", "disk-full".
func Restore(ctx context.Context, path string, dst Target, o RestoreOptions, progress Progress) (Report, error) {
	f, err := open(path)
	if err != nil {
		return Report{}, err
	}
	defer f.Close()
	r := &restorer{dst: dst, f: f, progress: quiet(progress)}
	if err := r.run(ctx, o); err != nil {
		r.undo(ctx)
		return Report{}, diskFault(err)
	}
	r.report.Path = path
	if info, err := f.Stat(); err == nil {
		r.report.Size = info.Size()
	}
	return r.report, nil
}

type restorer struct {
	dst      Target
	f        *os.File
	in       inside
	progress Progress
	report   Report

	key     []byte   // to be written, when the target has none
	madeKey bool     // the target's key file is ours
	brought []string // attachments that were not there before
}

func (r *restorer) run(ctx context.Context, o RestoreOptions) (err error) {
	if err := r.empty(ctx); err != nil {
		return err
	}
	if r.in, err = verify(ctx, r.f, r.progress); err != nil {
		return err
	}
	r.report.Manifest = r.in.manifest
	if err := r.chooseKey(ctx, o); err != nil {
		return err
	}
	if err := r.files(ctx); err != nil {
		return err
	}
	if err := r.putKey(); err != nil {
		return err
	}
	before := slices.Clone(r.in.manifest.Taken)
	if err := r.dst.DB.Install(ctx, before, r.dst.Schemas, func(tx *database.Tx) error { return r.load(ctx, tx) }); err != nil {
		return err
	}
	return r.dst.DB.Read(ctx, func(tx *database.Tx) error {
		now, err := tx.Taken()
		for _, id := range now {
			if !slices.Contains(before, id) {
				r.report.Taken = append(r.report.Taken, id)
			}
		}
		return err
	})
}

// undo takes back what does not belong to the transaction.
func (r *restorer) undo(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	for _, hash := range r.brought {
		_ = r.dst.Files.Delete(ctx, hash)
	}
	if r.madeKey {
		_ = os.Remove(r.dst.Key)
	}
}

// seeded tells whether a table has rows as soon as it is made or the program has started, so that they
// do not count as somebody's data.
func seeded(table string) bool { return table == "model" || strings.HasSuffix(table, "_revision") }

// empty refuses a target that holds anything already.
func (r *restorer) empty(ctx context.Context) error {
	return r.dst.DB.Read(ctx, func(tx *database.Tx) error {
		tables, err := tx.Tables(r.dst.Schemas...)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if seeded(t.Name) || derived[t.Name] {
				continue
			}
			var n int64
			if err := tx.Row(`SELECT count(*) FROM ` + t.Name).Scan(&n); err != nil {
				return fmt.Errorf("counting %s: %w", t.Name, err)
			}
			if n > 0 {
				return fault.Newf(fault.Conflict, "not-empty", "目标里已有数据(表 %[1]s 有 %[2]d 行)。请恢复到新的数据目录(--data)或新建的数据库(--db)",
					"The target holds data already (%[2]d rows in %[1]s). Restore into a new folder (--data) or a new database (--db)", t.Name, n)
			}
		}
		return nil
	})
}

// chooseKey finds the key the archive was sealed with: the one named, the one in the target's folder, or
// the one inside. It must be the right one, and it proves that the manifest is the one written.
func (r *restorer) chooseKey(ctx context.Context, o RestoreOptions) error {
	path, there := o.Key, true
	if path == "" {
		path = r.dst.Key
		_, err := os.Stat(path)
		there = !errors.Is(err, fs.ErrNotExist)
	}
	switch {
	case !there && r.in.manifest.WithKey:
		return r.keyInside(ctx)
	case !there && o.WithoutKey:
		r.report.Notes = append(r.report.Notes, lang.T("没有密钥:恢复后姓名和电话读不出来,linli check 会逐件指出",
			"Without the key: names and phones cannot be read after this, and linli check names every case concerned"))
		return nil
	case !there:
		return fault.New(fault.NotFound, "needs-key", "备份里没有密钥。请用 --key 指出当时的 linli.key;如果确已丢失,用 --without-key 恢复其余内容(姓名和电话将读不出来)",
			"The key is not inside. Name the linli.key of that time by --key; if it is lost for good, --without-key restores the rest (names and phones stay unreadable)")
	}
	box, err := openKey(path)
	if err != nil {
		return err
	}
	if err := r.proved(box, path); err != nil {
		return err
	}
	if path != r.dst.Key {
		if r.key, err = os.ReadFile(path); err != nil {
			return fmt.Errorf("reading the key file: %w", err)
		}
	}
	return nil
}

func (r *restorer) proved(box *seal.Box, path string) error {
	if keyCheck(box) != r.in.manifest.KeyCheck {
		return fault.Newf(fault.Invalid, "wrong-key", "%[1]s 不是做这份备份时的密钥", "%[1]s is not the key of the time of this backup", path)
	}
	if proof(box, r.in.text) != r.in.mac {
		return broken("清单被改过", "its manifest has been changed")
	}
	return nil
}

// keyInside takes the key out of the archive, by way of a file that only its owner may read.
func (r *restorer) keyInside(ctx context.Context) error {
	if _, err := scan(ctx, r.f, visitor{key: func(key []byte) error { r.key = key; return nil }}); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(r.dst.Key), ".key-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a left-over folder is no failure of the restore
	path := filepath.Join(dir, keyName)
	if err := os.WriteFile(path, r.key, 0o600); err != nil {
		return err
	}
	box, err := openKey(path)
	if err != nil {
		return err
	}
	return r.proved(box, keyName)
}

// putKey lays the key into the target's folder; never over one that is there.
func (r *restorer) putKey() error {
	if r.key == nil {
		return nil
	}
	f, err := os.OpenFile(r.dst.Key, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		have, err := os.ReadFile(r.dst.Key)
		if err == nil && bytes.Equal(have, r.key) {
			return nil
		}
		return fault.Newf(fault.Conflict, "other-key", "%[1]s 是另一个密钥;请恢复到新的数据目录", "%[1]s is another key; restore into a new data folder", r.dst.Key)
	}
	if err != nil {
		return fmt.Errorf("writing the key file: %w", err)
	}
	r.madeKey = true
	_, err = f.Write(r.key)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("writing the key file: %w", err)
	}
	return syncFolder(filepath.Dir(r.dst.Key))
}

func (r *restorer) files(ctx context.Context) error {
	var n int64
	_, err := scan(ctx, r.f, visitor{file: func(hash string, size int64, content io.Reader) error {
		if have, err := r.dst.Files.Stat(ctx, hash); err == nil && have.Size == size {
			return nil
		}
		var info blob.Info
		info, err := r.dst.Files.Put(ctx, content, size)
		if err != nil {
			return fmt.Errorf("restoring attachment %s: %w", hash, err)
		}
		r.brought = append(r.brought, info.Hash)
		if info.Hash != hash {
			return broken("附件 "+hash+" 的内容变了", "the content of the attachment "+hash+" has changed")
		}
		n++
		r.progress(lang.T("正在恢复附件", "Restoring attachments"), n, r.in.manifest.Files)
		return nil
	}})
	return err
}

// load puts every row in, inside the one transaction.
func (r *restorer) load(ctx context.Context, tx *database.Tx) error {
	have, err := tx.Tables(r.dst.Schemas...)
	if err != nil {
		return err
	}
	loaders := map[string]*loader{}
	var total, done int64
	for _, t := range r.in.manifest.Tables {
		i := slices.IndexFunc(have, func(h database.Table) bool { return h.Name == t.Name })
		if i < 0 || !slices.Equal(have[i].Columns, t.Columns) {
			return broken("表 "+t.Name+" 的列与其版式不符", "the columns of "+t.Name+" do not fit its layout")
		}
		loaders[t.Name] = newLoader(tx, t.Table)
		total += t.Rows
		if _, err := tx.Exec(`DELETE FROM ` + t.Name); err != nil { // what came with the layout
			return fmt.Errorf("clearing %s: %w", t.Name, err)
		}
	}
	if _, err := scan(ctx, r.f, visitor{rows: func(table string, piece []byte) error {
		l := loaders[table]
		if l == nil {
			return strange(tableFolder + table)
		}
		n, err := l.piece(piece)
		done += n
		r.progress(lang.T("正在恢复数据", "Restoring rows"), done, total)
		return err
	}}); err != nil {
		return err
	}
	for _, t := range r.in.manifest.Tables {
		var n int64
		if err := tx.Row(`SELECT count(*) FROM ` + t.Name).Scan(&n); err != nil {
			return fmt.Errorf("counting %s: %w", t.Name, err)
		}
		if n != t.Rows {
			return broken(fmt.Sprintf("表 %s 恢复了 %d 行,应为 %d 行", t.Name, n, t.Rows), fmt.Sprintf("%d of %d rows of %s came back", n, t.Rows, t.Name))
		}
		r.report.Rows += n
	}
	for name, n := range r.in.manifest.Series {
		if err := tx.SetSeries(name, n); err != nil {
			return fmt.Errorf("setting the series %s: %w", name, err)
		}
	}
	if loaders["cases"] != nil {
		if _, err := tx.Exec(rebuild); err != nil {
			return fmt.Errorf("queueing the search index: %w", err)
		}
	}
	return nil
}

// loader inserts the rows of one table, many at a time.
type loader struct {
	tx    *database.Tx
	table database.Table
	most  int // rows of one statement
}

func newLoader(tx *database.Tx, t database.Table) *loader {
	most := 1 // SQLite looks every $n up by name: a long statement costs the square of its values
	if tx.Engine() == database.Postgres {
		most = max(1, min(200, 20000/len(t.Columns))) // one round trip for many rows
	}
	return &loader{tx: tx, table: t, most: most}
}

func (l *loader) statement(rows int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO ` + l.table.Name + ` (` + columnList(l.table) + `) VALUES `)
	n := 0
	for i := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		for j := range l.table.Columns {
			n++
			sep := ", "
			if j == 0 {
				sep = "("
			}
			fmt.Fprintf(&b, "%s$%d", sep, n)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// piece inserts the rows of one piece and tells how many.
func (l *loader) piece(text []byte) (int64, error) {
	var done int64
	var batch []any
	width := len(l.table.Columns)
	for len(text) > 0 {
		line, rest, found := bytes.Cut(text, []byte{'\n'})
		if !found {
			return done, broken("表 "+l.table.Name+" 的一行不完整", "a row of "+l.table.Name+" is cut short")
		}
		text = rest
		values, err := l.row(line)
		if err != nil {
			return done, err
		}
		batch = append(batch, values...)
		done++
		if len(batch) == l.most*width {
			if err := l.insert(batch, l.most); err != nil {
				return done, err
			}
			batch = batch[:0]
		}
	}
	for len(batch) > 0 {
		if err := l.insert(batch[:width], 1); err != nil {
			return done, err
		}
		batch = batch[width:]
	}
	return done, nil
}

func (l *loader) insert(values []any, rows int) error {
	if _, err := l.tx.Exec(l.statement(rows), values...); err != nil {
		return fmt.Errorf("restoring %s: %w", l.table.Name, err)
	}
	return nil
}

// row reads one row as its columns are typed.
func (l *loader) row(line []byte) ([]any, error) {
	bad := func(why string) error {
		return broken("表 "+l.table.Name+" 有一行读不懂", "a row of "+l.table.Name+" cannot be read").Because(errors.New(why))
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var raw []any
	if err := d.Decode(&raw); err != nil {
		return nil, bad(err.Error())
	}
	if len(raw) != len(l.table.Columns) {
		return nil, bad("wrong number of columns")
	}
	for i, c := range l.table.Columns {
		if raw[i] == nil {
			continue
		}
		v, err := typed(c.Type, raw[i])
		if err != nil {
			return nil, bad(c.Name + ": " + err.Error())
		}
		raw[i] = v
	}
	return raw, nil
}

func typed(kind string, raw any) (any, error) {
	switch v := raw.(type) {
	case json.Number:
		if kind == database.TypeReal {
			return v.Float64()
		}
		if kind == database.TypeInteger {
			return v.Int64()
		}
	case bool:
		if kind == database.TypeBoolean {
			return v, nil
		}
	case string:
		if kind == database.TypeBytes {
			return base64.StdEncoding.DecodeString(v)
		}
		if kind == database.TypeText {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%T in a column of type %s", raw, kind)
}
