package app_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"linli/internal/app"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

var update = flag.Bool("update", false, "write what becomes of the fixture rows anew")

// Every step of every concept has rows that were written under it, in testdata/fixtures/NNNN.jsonl of its
// package. A new migration brings its own, and NNNN.newest.jsonl of the earlier ones is written with -update.
func TestFixtureRowsOfEveryMigrationSurviveToTheNewest(t *testing.T) {
	for _, schema := range app.Schemas() {
		t.Run(schema.Name, func(t *testing.T) {
			folder := ""
			for _, parent := range []string{"..", "../platform"} {
				if dir := filepath.Join(parent, schema.Name); exists(dir) {
					folder = filepath.Join(dir, "testdata", "fixtures")
				}
			}
			dbtest.Upgrade(t, schema, folder, *update)
		})
	}
}

func exists(dir string) bool {
	_, err := os.Stat(dir)
	return err == nil
}

// The proof itself is held against a migration that loses rows.
func TestAnUpgradeThatLosesARowIsSeen(t *testing.T) {
	first := &fstest.MapFile{Data: []byte("CREATE TABLE thing (\n    id TEXT PRIMARY KEY,\n    n BIGINT NOT NULL\n);\n")}
	second := &fstest.MapFile{Data: []byte("DELETE FROM thing WHERE n = 2;\n")}
	for _, engine := range dbtest.Engines(t) {
		db := dbtest.Open(t, dbtest.Options(t, engine, nil))
		schema := database.Schema{Name: "shop", Files: fstest.MapFS{"0001_thing.sql": first, "0002_lossy.sql": second}}
		err := db.Install(context.Background(), []string{"database/0001_start", "shop/0001_thing"}, []database.Schema{schema}, func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO thing (id, n) VALUES ('a', 1), ('b', 2)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var rows string
		if err := db.Read(context.Background(), func(tx *database.Tx) (err error) {
			rows, err = dbtest.Rows(tx, schema)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if want := `{"id":"a","n":1,"table":"thing"}` + "\n"; rows != want {
			t.Errorf("%s: the rows are %q, want %q", engine, rows, want)
		}
	}
}
