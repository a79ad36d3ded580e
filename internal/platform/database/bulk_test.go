package database_test

import (
	"context"
	"testing"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

func TestBulkLeavesFlushingToPostgreSQL(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		if engine == database.SQLite {
			continue // its flusher is tested in flush_test.go
		}
		for bulk, want := range map[bool]string{false: "on", true: "off"} {
			o := dbtest.Options(t, engine, nil)
			o.Bulk = bulk
			db := dbtest.Open(t, o)
			var got string
			if err := db.Write(context.Background(), func(tx *database.Tx) error { return tx.Row("SHOW synchronous_commit").Scan(&got) }); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("bulk %v: synchronous_commit is %s, want %s", bulk, got, want)
			}
		}
	}
}
