package archive_test

import (
	"os"
	"path/filepath"
	"testing"

	"linli/internal/archive"
	"linli/internal/platform/blob"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/seal"
)

// Whatever the file holds, verifying it ends with the manifest of a whole archive or with a refusal that
// may be shown; it never panics and never takes a file whose tables are not what its manifest says.
func FuzzVerify(f *testing.F) {
	whole := small(f)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "fuzz.linli")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := archive.Verify(ctx, path, nil)
		if err != nil && fault.Of(err).Code == "internal" {
			t.Errorf("a refusal without words: %v", err)
		}
		if err == nil && m.Format > archive.Format {
			t.Errorf("took the format %d", m.Format)
		}
	})
}

// small is a whole archive of one table.
func small(f *testing.F) []byte {
	f.Helper()
	dir := f.TempDir()
	db, err := database.Open(ctx, database.Options{Dir: dir})
	if err != nil {
		f.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(ctx, shop(1)...); err != nil {
		f.Fatal(err)
	}
	if err := db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO thing (id, n, yes) VALUES ('a', 1, TRUE)`)
		return err
	}); err != nil {
		f.Fatal(err)
	}
	key := filepath.Join(dir, "linli.key")
	if _, _, err := seal.Open(key); err != nil {
		f.Fatal(err)
	}
	files, err := blob.OpenFolder(filepath.Join(dir, "files"))
	if err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(dir, "small.linli")
	src := archive.Source{DB: db, Schemas: shop(1), Files: files, Key: key, Program: "test"}
	if _, err := archive.Backup(ctx, src, path, archive.BackupOptions{WithKey: true}, nil); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	return whole
}
