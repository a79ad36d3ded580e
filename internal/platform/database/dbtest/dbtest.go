// Package dbtest gives tests a fresh database on each engine.
package dbtest

import (
	"context"
	"os"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"linli/internal/platform/database"
)

// Variable names the environment variable with the address of a PostgreSQL server that tests may
// make databases on; "off" leaves PostgreSQL out, which only a developer does, never CI.
const Variable = "LINLI_TEST_POSTGRES"

// Each runs the test once per engine on a fresh, migrated database with the given clock
// (nil: the machine's).
func Each(t *testing.T, now func() time.Time, schemas []database.Schema, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	for _, engine := range Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			db := Open(t, Options(t, engine, now))
			if _, err := db.Migrate(context.Background(), schemas...); err != nil {
				t.Fatalf("migrating: %v", err)
			}
			test(t, db)
		})
	}
}

// Engines lists the engines to test on. Without the variable the test fails: PostgreSQL is not optional.
func Engines(t testing.TB) []database.Engine {
	t.Helper()
	switch os.Getenv(Variable) {
	case "":
		t.Fatalf("%s is not set: run the tests by `make test-go`, or set it to the address of a PostgreSQL server (or to off)", Variable)
	case "off":
		return []database.Engine{database.SQLite}
	}
	return []database.Engine{database.SQLite, database.Postgres}
}

// Options describe a fresh database of the engine that is removed after the test.
func Options(t testing.TB, engine database.Engine, now func() time.Time) database.Options {
	t.Helper()
	if engine == database.SQLite {
		return database.Options{Dir: t.TempDir(), Now: now}
	}
	return database.Options{URL: For(t, ""), Now: now, Readers: 4}
}

// Open opens a database and closes it after the test.
func Open(t testing.TB, o database.Options) *database.DB {
	t.Helper()
	db, err := database.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("opening the database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return db
}
