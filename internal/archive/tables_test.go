package archive_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"testing/fstest"

	"linli/internal/archive"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/seal"
	"linli/internal/proof/prooftest"
)

func TestNoTableIsForgotten(t *testing.T) {
	c := county(t, database.SQLite, 1, 0)
	_, r := backup(t, c, archive.BackupOptions{})
	kept := map[string]bool{"migration": true, "counter": true, "case_text": true, "search_todo": true, "upload_piece": true} // manifest, series, made again, begun again
	for _, table := range r.Manifest.Tables {
		kept[table.Name] = true
		for _, column := range table.Columns {
			switch column.Type {
			case database.TypeText, database.TypeInteger, database.TypeReal, database.TypeBoolean, database.TypeBytes:
			default:
				t.Errorf("%s.%s has the type %s, which no archive can carry", table.Name, column.Name, column.Type)
			}
		}
	}
	err := c.DB.Read(ctx, func(tx *database.Tx) error {
		names, err := database.Column[string](tx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'case_text_%'`)
		for _, name := range names {
			if !kept[name] {
				t.Errorf("the table %s is not in the backup", name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// shop is a concept that has grown by a column since the backup was made.
func shop(steps int) []database.Schema {
	files := fstest.MapFS{"0001_thing.sql": {Data: []byte("CREATE TABLE thing (\n    id {{path}} PRIMARY KEY,\n    n BIGINT NOT NULL,\n    x DOUBLE PRECISION,\n    raw {{bytes}},\n    yes BOOLEAN NOT NULL\n);\n")}}
	if steps > 1 {
		files["0002_price.sql"] = &fstest.MapFile{Data: []byte("ALTER TABLE thing ADD COLUMN price BIGINT NOT NULL DEFAULT 0;\nUPDATE thing SET price = n - 1;\nALTER TABLE thing RENAME TO goods;\n")}
	}
	return []database.Schema{{Name: "shop", Files: files}}
}

func TestAnArchiveOfAnEarlierLayoutIsBroughtUpToDate(t *testing.T) {
	for _, from := range dbtest.Engines(t) {
		for _, to := range dbtest.Engines(t) {
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				clock := &prooftest.Clock{}
				clock.Set(prooftest.Start)
				src, dst := target(t, from, clock), target(t, to, clock)
				src.Schemas, dst.Schemas = shop(1), shop(2)
				if _, err := src.DB.Migrate(ctx, src.Schemas...); err != nil {
					t.Fatal(err)
				}
				if _, _, err := seal.Open(src.Key); err != nil {
					t.Fatal(err)
				}
				if err := src.DB.Write(ctx, func(tx *database.Tx) error {
					if _, err := tx.Exec(`INSERT INTO thing (id, n, x, raw, yes) VALUES ($1, $2, $3, $4, $5), ($6, $7, $8, $9, $10)`,
						"𠮷\n\"", int64(1)<<62, 0.1+0.2, []byte{0, 255}, true, "", -1, nil, nil, false); err != nil {
						return err
					}
					_, err := tx.Next("thing")
					return err
				}); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(t.TempDir(), "old.linli")
				if _, err := archive.Backup(ctx, src, path, archive.BackupOptions{WithKey: true}, nil); err != nil {
					t.Fatal(err)
				}
				r, err := archive.Restore(ctx, path, dst, archive.RestoreOptions{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				if len(r.Taken) != 1 || r.Taken[0] != "shop/0002_price" {
					t.Errorf("steps taken: %v", r.Taken)
				}
				err = dst.DB.Read(ctx, func(tx *database.Tx) error {
					var n, price int64
					var x float64
					var raw []byte
					var yes bool
					err := tx.Row(`SELECT n, price, x, raw, yes FROM goods WHERE id = $1`, "𠮷\n\"").Scan(&n, &price, &x, &raw, &yes)
					if n != 1<<62 || x != 0.1+0.2 || !bytes.Equal(raw, []byte{0, 255}) || !yes {
						t.Errorf("came back as %d %v %v %v", n, x, raw, yes)
					}
					var nulls int
					if err := tx.Row(`SELECT count(*) FROM goods WHERE x IS NULL AND raw IS NULL AND price = -2`).Scan(&nulls); err != nil || nulls != 1 {
						t.Errorf("nulls did not come back: %d, %v", nulls, err)
					}
					return err
				})
				if err == nil {
					err = dst.DB.Write(ctx, func(tx *database.Tx) error {
						n, err := tx.Next("thing")
						if n != 2 {
							t.Errorf("the series goes on with %d", n)
						}
						return err
					})
				}
				if err != nil {
					t.Fatal(err)
				}
				t.Run("and one of a later layout is refused", func(t *testing.T) {
					older := target(t, to, clock)
					older.Schemas = shop(1)
					dst.Key, older.Key = src.Key, src.Key
					path := filepath.Join(t.TempDir(), "new.linli")
					if _, err := archive.Backup(ctx, dst, path, archive.BackupOptions{}, nil); err != nil {
						t.Fatal(err)
					}
					_, err := archive.Restore(ctx, path, older, archive.RestoreOptions{}, nil)
					wantCode(t, err, "newer-database")
				})
			})
		}
	}
}
