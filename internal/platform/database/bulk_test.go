package database_test

import (
	"context"
	"testing"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

func TestBulkDoesNotFlushEveryTransaction(t *testing.T) {
	ask := map[database.Engine]string{database.SQLite: "PRAGMA synchronous", database.Postgres: "SHOW synchronous_commit"}
	want := map[database.Engine]map[bool]string{database.SQLite: {false: "2", true: "1"}, database.Postgres: {false: "on", true: "off"}}
	for _, engine := range dbtest.Engines(t) {
		for _, bulk := range []bool{false, true} {
			o := dbtest.Options(t, engine, nil)
			o.Bulk = bulk
			db := dbtest.Open(t, o)
			var got string
			if err := db.Write(context.Background(), func(tx *database.Tx) error { return tx.Row(ask[engine]).Scan(&got) }); err != nil {
				t.Fatal(err)
			}
			if got != want[engine][bulk] {
				t.Errorf("%s, bulk %v: synchronous is %s, want %s", engine, bulk, got, want[engine][bulk])
			}
		}
	}
}
