package database_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

func TestIndexesSetAsideAreMadeAgain(t *testing.T) {
	ctx := context.Background()
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			db := dbtest.Open(t, dbtest.Options(t, engine, nil))
			if _, err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			write := func(statements ...string) {
				t.Helper()
				for _, s := range statements {
					if err := db.Write(ctx, func(tx *database.Tx) error { _, err := tx.Exec(s); return err }); err != nil {
						t.Fatal(err)
					}
				}
			}
			write(`CREATE TABLE thing (id BIGINT PRIMARY KEY, kind TEXT NOT NULL, n BIGINT NOT NULL)`, `CREATE INDEX thing_kind ON thing (kind, n) WHERE n > 3`, `CREATE INDEX thing_n ON thing (n)`)
			indexes := func() []string {
				t.Helper()
				query := `SELECT name || ': ' || coalesce(sql, '') FROM sqlite_master WHERE type = 'index' AND tbl_name = 'thing' ORDER BY name`
				if engine == database.Postgres {
					query = `SELECT indexname || ': ' || indexdef FROM pg_indexes WHERE tablename = 'thing' ORDER BY indexname`
				}
				var out []string
				if err := db.Read(ctx, func(tx *database.Tx) (err error) { out, err = database.Column[string](tx, query); return err }); err != nil {
					t.Fatal(err)
				}
				return out
			}
			before := indexes()
			for range 2 { // also when they are aside already
				if err := db.SetAside(ctx, "thing_kind", "thing_n"); err != nil {
					t.Fatal(err)
				}
			}
			if n := len(indexes()); engine == database.Postgres && n != 1 {
				t.Errorf("%d indexes are there while two of three are set aside", n)
			}
			write(`INSERT INTO thing (id, kind, n) VALUES (1, 'a', 5)`)

			var total atomic.Int64
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					n, err := db.PutBack(ctx)
					if err != nil {
						t.Error(err)
					}
					total.Add(int64(n))
				})
			}
			wg.Wait()
			if after := indexes(); !slices.Equal(before, after) {
				t.Errorf("before %q, made again %q", before, after)
			}
			if want := map[database.Engine]int64{database.Postgres: 2}[engine]; total.Load() != want {
				t.Errorf("%d were made by three nodes together, want %d", total.Load(), want)
			}
			if err := db.SetAside(ctx, "thing_ghost"); (err != nil) != (engine == database.Postgres) {
				t.Errorf("an index that is not there: %v", err)
			}
		})
	}
}
