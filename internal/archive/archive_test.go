package archive_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"linli/internal/archive"
	"linli/internal/casework"
	"linli/internal/platform/blob"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

var ctx = context.Background()

func source(c *prooftest.County) archive.Source {
	return archive.Source{DB: c.DB, Schemas: prooftest.Schemas(), Files: c.Files, Key: filepath.Join(c.Dir, "linli.key"), Program: "test"}
}

// county is a lived-in one on an engine.
func county(t *testing.T, engine database.Engine, cases, steps int) *prooftest.County {
	t.Helper()
	clock := &prooftest.Clock{}
	clock.Set(prooftest.Start)
	db := dbtest.Open(t, dbtest.Options(t, engine, clock.Now))
	if _, err := db.Migrate(ctx, prooftest.Schemas()...); err != nil {
		t.Fatal(err)
	}
	c := prooftest.New(t, db, clock)
	c.Walk(cases, steps)
	return c
}

// target is an empty place on an engine.
func target(t *testing.T, engine database.Engine, clock *prooftest.Clock) archive.Target {
	t.Helper()
	o := dbtest.Options(t, engine, clock.Now)
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	files, err := blob.OpenFolder(filepath.Join(o.Dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	return archive.Target{DB: dbtest.Open(t, o), Schemas: prooftest.Schemas(), Files: files, Key: filepath.Join(o.Dir, "linli.key"), Program: "test"}
}

func backup(t *testing.T, c *prooftest.County, o archive.BackupOptions) (string, archive.Report) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "all.linli")
	r, err := archive.Backup(ctx, source(c), path, o, nil)
	if err != nil {
		t.Fatalf("backup: %v", err)
	}
	return path, r
}

// clean opens what was restored and proves it.
func clean(t *testing.T, dst archive.Target, clock *prooftest.Clock) (*prooftest.County, casework.Stats) {
	t.Helper()
	c := prooftest.Open(t, dst.DB, filepath.Dir(dst.Key), clock)
	if _, err := c.Cases.Index(ctx); err != nil {
		t.Fatal(err)
	}
	findings, stats, err := c.Cases.Check(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Errorf("%s %s %s: %s", f.Code, f.Number, f.Object, f.Text.EN)
	}
	return c, stats
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if !fault.HasCode(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestABackupIsRestoredOnEitherEngine(t *testing.T) {
	for _, from := range dbtest.Engines(t) {
		c := county(t, from, 20, 260)
		path, made := backup(t, c, archive.BackupOptions{})
		_, had, err := c.Cases.Check(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if made.Manifest.Files == 0 || made.Rows < had.Entries {
			t.Fatalf("little was written: %+v", made)
		}
		for _, to := range dbtest.Engines(t) {
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				dst := target(t, to, c.Clock)
				got, err := archive.Restore(ctx, path, dst, archive.RestoreOptions{Key: filepath.Join(c.Dir, "linli.key")}, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got.Rows != made.Rows {
					t.Errorf("%d rows came back of %d", got.Rows, made.Rows)
				}
				there, stats := clean(t, dst, c.Clock)
				if stats.Cases != had.Cases || stats.Entries != had.Entries || stats.Files != had.Files || stats.Counters != had.Counters {
					t.Errorf("restored %+v, had %+v", stats, had)
				}
				again, err := archive.Backup(ctx, source(there), filepath.Join(t.TempDir(), "again.linli"), archive.BackupOptions{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				for i, table := range again.Manifest.Tables {
					if table.Name != "model" && table.Rows != made.Manifest.Tables[i].Rows {
						t.Errorf("%s has %d rows, had %d", table.Name, table.Rows, made.Manifest.Tables[i].Rows)
					}
				}
				same(t, c, there)
			})
		}
	}
}

// same compares what people see of the first cases, and that numbers go on.
func same(t *testing.T, a, b *prooftest.County) {
	t.Helper()
	named := 0
	for _, id := range a.IDs {
		x, err := a.Cases.Read(ctx, staff.System(), id)
		if err != nil {
			t.Fatal(err)
		}
		y, err := b.Cases.Read(ctx, staff.System(), id)
		if err != nil {
			t.Fatal(err)
		}
		xs, _ := json.Marshal([]any{x.Case, x.Reporter, x.Timeline, x.Files, x.Number})
		ys, _ := json.Marshal([]any{y.Case, y.Reporter, y.Timeline, y.Files, y.Number})
		if !bytes.Equal(xs, ys) {
			t.Errorf("case %s differs:\n%s\n%s", id, xs, ys)
		}
		if x.Reporter.Phone != "" {
			named++
		}
	}
	if named == 0 {
		t.Error("no case has a sealed phone, so nothing was shown about the key")
	}
	page, err := b.Cases.List(ctx, staff.System(), casework.Filter{Scope: "area", Text: "垃圾"})
	if err != nil || len(page.Cases) == 0 {
		t.Errorf("search finds %d cases after the restore: %v", len(page.Cases), err)
	}
	r, err := b.Cases.Submit(ctx, staff.System(), casework.Report{ID: b.NewID(), Text: "恢复之后的第一件", Channel: "staff"})
	if err == nil && r.Case.Serial%100_000_000 != int64(len(a.IDs)+1) {
		t.Errorf("the next number is %s after %d cases", r.Number, len(a.IDs))
	}
}

func TestABackupWhileTheProgramWorksIsOneMoment(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			c := county(t, engine, 10, 40)
			path := filepath.Join(t.TempDir(), "busy.linli")
			done := make(chan error, 1)
			started := make(chan struct{})
			go func() {
				first := true
				_, err := archive.Backup(ctx, source(c), path, archive.BackupOptions{WithKey: true}, func(lang.Text, int64, int64) {
					if first {
						close(started)
						first = false
					}
					time.Sleep(15 * time.Millisecond) // so that much happens meanwhile
				})
				done <- err
			}()
			<-started
			c.Walk(10, 120)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			dst := target(t, engine, c.Clock)
			if _, err := archive.Restore(ctx, path, dst, archive.RestoreOptions{}, nil); err != nil {
				t.Fatal(err)
			}
			c.Clock.Set(prooftest.Start.AddDate(0, 0, 1)) // before anything could be called late
			_, stats := clean(t, dst, c.Clock)
			if stats.Cases != 10 {
				t.Errorf("the backup holds %d cases; 10 were there when it began", stats.Cases)
			}
		})
	}
}

func TestTheKeyIsAskedForAndProved(t *testing.T) {
	c := county(t, database.SQLite, 6, 30)
	without, _ := backup(t, c, archive.BackupOptions{})
	with, report := backup(t, c, archive.BackupOptions{WithKey: true})
	if !report.Manifest.WithKey || len(report.Notes) == 0 {
		t.Error("nothing is said about the key inside")
	}
	t.Run("without the key nothing is restored", func(t *testing.T) {
		dst := target(t, database.SQLite, c.Clock)
		_, err := archive.Restore(ctx, without, dst, archive.RestoreOptions{}, nil)
		wantCode(t, err, "needs-key")
	})
	t.Run("another key is refused", func(t *testing.T) {
		other := county(t, database.SQLite, 1, 0)
		dst := target(t, database.SQLite, c.Clock)
		_, err := archive.Restore(ctx, without, dst, archive.RestoreOptions{Key: filepath.Join(other.Dir, "linli.key")}, nil)
		wantCode(t, err, "wrong-key")
	})
	t.Run("the key inside is put into place, readable by its owner only", func(t *testing.T) {
		dst := target(t, database.SQLite, c.Clock)
		if _, err := archive.Restore(ctx, with, dst, archive.RestoreOptions{}, nil); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(dst.Key)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("key file: %v, %v", info, err)
		}
		clean(t, dst, c.Clock)
	})
	t.Run("a lost key loses names and phones only, and check says so", func(t *testing.T) {
		dst := target(t, database.SQLite, c.Clock)
		if _, err := archive.Restore(ctx, without, dst, archive.RestoreOptions{WithoutKey: true}, nil); err != nil {
			t.Fatal(err)
		}
		there := prooftest.Open(t, dst.DB, filepath.Dir(dst.Key), c.Clock)
		if _, err := there.Cases.Index(ctx); err != nil {
			t.Fatal(err)
		}
		_, stats, err := there.Cases.Check(ctx, nil)
		if err != nil || stats.ByCode["sealed"] == 0 || len(stats.ByCode) != 1 {
			t.Errorf("found %v, %v", stats.ByCode, err)
		}
	})
}

func TestATargetThatHoldsAnythingIsLeftAlone(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			c := county(t, engine, 4, 10)
			path, _ := backup(t, c, archive.BackupOptions{WithKey: true})
			_, err := archive.Restore(ctx, path, source(c), archive.RestoreOptions{}, nil)
			wantCode(t, err, "not-empty")
			if _, stats := clean(t, source(c), c.Clock); stats.Cases != 4 {
				t.Errorf("%d cases are left", stats.Cases)
			}
			if _, err := archive.Backup(ctx, source(c), path, archive.BackupOptions{}, nil); !fault.HasCode(err, "file-exists") {
				t.Errorf("an older backup was written over: %v", err)
			}
		})
	}
}

func TestABrokenArchiveIsRefusedAndLeavesTheTargetEmpty(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			c := county(t, engine, 8, 60)
			path, _ := backup(t, c, archive.BackupOptions{WithKey: true})
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dst := target(t, engine, c.Clock)
			refused := func(t *testing.T, content []byte, codes ...string) {
				t.Helper()
				bad := filepath.Join(t.TempDir(), "bad.linli")
				if err := os.WriteFile(bad, content, 0o600); err != nil {
					t.Fatal(err)
				}
				_, err := archive.Restore(ctx, bad, dst, archive.RestoreOptions{}, nil)
				if err == nil || !strings.Contains(strings.Join(codes, " "), fault.Of(err).Code) {
					t.Errorf("got %v, want one of %v", err, codes)
				}
				n := 0
				if err := dst.Files.Walk(ctx, func(blob.Info) error { n++; return nil }); err != nil || n > 0 {
					t.Errorf("%d attachments were left behind (%v)", n, err)
				}
				if _, err := os.Stat(dst.Key); !errors.Is(err, os.ErrNotExist) {
					t.Error("a key was left behind")
				}
			}
			for _, cut := range []int{0, 1, 20, len(whole) / 3, len(whole) / 2, len(whole) - 200, len(whole) - 9, len(whole) - 1} {
				refused(t, whole[:cut], "broken-archive not-an-archive")
			}
			flipped := bytes.Clone(whole)
			flipped[len(flipped)/2] ^= 1
			refused(t, flipped, "broken-archive")
			entries := unpack(t, whole)
			changed := func(edit func([]entry) []entry) []byte {
				list := make([]entry, len(entries))
				copy(list, entries)
				return pack(t, edit(list))
			}
			refused(t, changed(func(l []entry) []entry { // one row changed
				for i := range l {
					if strings.HasPrefix(l[i].Name, "tables/cases/") {
						l[i].content = bytes.Replace(l[i].content, []byte("垃圾"), []byte("花园"), 1)
					}
				}
				return l
			}), "broken-archive")
			refused(t, changed(func(l []entry) []entry { // one row changed, the manifest made to fit
				return l[:len(l)-1]
			}), "broken-archive")
			refused(t, changed(func(l []entry) []entry {
				for i := range l {
					if l[i].Name == "manifest.json" {
						l[i].content = bytes.Replace(l[i].content, []byte(`"program": "test"`), []byte(`"program": "else"`), 1)
					}
				}
				return l
			}), "broken-archive")
			refused(t, changed(func(l []entry) []entry { // an attachment with other content
				for i := range l {
					if strings.HasPrefix(l[i].Name, "files/") {
						l[i].content = append(bytes.Clone(l[i].content[:len(l[i].content)-1]), 'x')
					}
				}
				return l
			}), "broken-archive")
			refused(t, changed(func(l []entry) []entry { return append([]entry{l[0]}, l...) }), "broken-archive")
			refused(t, changed(func(l []entry) []entry { return l[1:] }), "broken-archive")
			refused(t, changed(func(l []entry) []entry {
				return append(l, entry{Header: tar.Header{Name: "tables/cases/000099.jsonl", Typeflag: tar.TypeReg}})
			}), "broken-archive")
			for _, name := range []string{"../evil", "/etc/passwd", "files/../../evil", "files/" + strings.Repeat("a", 63), "tables/cases/../x.jsonl", `files\evil`, "tables/sqlite_master/000001.jsonl", "tables/cases; DROP TABLE cases/000001.jsonl"} {
				refused(t, changed(func(l []entry) []entry {
					return append([]entry{{Header: tar.Header{Name: name, Typeflag: tar.TypeReg}, content: []byte("x\n")}}, l...)
				}), "broken-archive")
			}
			refused(t, changed(func(l []entry) []entry {
				return append([]entry{{Header: tar.Header{Name: "files/" + strings.Repeat("a", 64), Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}}}, l...)
			}), "broken-archive")
			// after all that the target takes the right one
			if _, err := archive.Restore(ctx, path, dst, archive.RestoreOptions{}, nil); err != nil {
				t.Fatal(err)
			}
			clean(t, dst, c.Clock)
		})
	}
}

type entry struct {
	tar.Header
	content []byte
}

func unpack(t *testing.T, whole []byte) []entry {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	var out []entry
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, entry{*h, content})
	}
}

func pack(t *testing.T, list []entry) []byte {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	w := tar.NewWriter(zip)
	for _, e := range list {
		h := e.Header
		h.Size, h.Mode, h.PAXRecords = int64(len(e.content)), 0o600, nil
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAFullDiskIsSaidAndLeavesNothingBehind(t *testing.T) {
	c := county(t, database.SQLite, 1, 0)
	src := source(c)
	src.Files = full{src.Files}
	dir := t.TempDir()
	_, err := archive.Backup(ctx, src, filepath.Join(dir, "a.linli"), archive.BackupOptions{}, nil)
	wantCode(t, err, "disk-full")
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// full is a store on a disk that has no room.
type full struct{ blob.Store }

func (full) Walk(context.Context, func(blob.Info) error) error {
	return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
}

func TestADamagedAttachmentIsLeftOutAndSaid(t *testing.T) {
	c := county(t, database.SQLite, 6, 10)
	hash := ""
	if err := c.Files.Walk(ctx, func(i blob.Info) error { hash = i.Hash; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "files", hash[:2], hash[2:4], hash), []byte("rotten"), 0o600); err != nil {
		t.Fatal(err)
	}
	path, r := backup(t, c, archive.BackupOptions{})
	if len(r.Manifest.Damaged) != 1 || r.Manifest.Damaged[0] != hash || len(r.Notes) < 2 {
		t.Errorf("said: %v %v", r.Manifest.Damaged, r.Notes)
	}
	if _, err := archive.Verify(ctx, path, nil); err != nil {
		t.Errorf("the rest is no whole archive: %v", err)
	}
}
