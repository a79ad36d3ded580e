package database_test

import (
	"context"
	"errors"
	"testing"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// The last question of a snapshot has its answer as every other, wherever it stands and whatever becomes of it, and the
// connection is good for the next.
func TestTheLastQuestionOfASnapshot(t *testing.T) {
	number := func(r database.Scanner) (n int, err error) { return n, r.Scan(&n) }
	dbtest.Each(t, nil, schemas, func(t *testing.T, db *database.DB) {
		if err := insert(db, "one", 1); err != nil {
			t.Fatal(err)
		}
		asked := map[string]func(tx *database.Tx) ([]int, error){
			"alone": func(tx *database.Tx) ([]int, error) {
				tx.Last()
				return database.All(tx, number, `SELECT n FROM thing WHERE n = $1`, 1)
			},
			"after another": func(tx *database.Tx) ([]int, error) {
				if _, err := database.All(tx, number, `SELECT n FROM thing`); err != nil {
					return nil, err
				}
				tx.Last()
				return database.All(tx, number, `SELECT n FROM thing WHERE n = $1`, 1)
			},
			"several together": func(tx *database.Tx) (a []int, err error) {
				var b []int
				tx.Last()
				err = tx.Together(database.Into(&a, number, `SELECT n FROM thing`), database.Into(&b, number, `SELECT count(*) FROM thing`))
				return b, err
			},
			"alone, with what is sent before it": func(tx *database.Tx) ([]int, error) {
				tx.Last()
				if err := tx.OnePlan(); err != nil {
					return nil, err
				}
				return database.All(tx, number, `SELECT n FROM thing WHERE n = $1`, 1)
			},
			"several together after another": func(tx *database.Tx) (a []int, err error) {
				if _, err := database.All(tx, number, `SELECT n FROM thing`); err != nil {
					return nil, err
				}
				var b []int
				tx.Last()
				err = tx.Together(database.Into(&a, number, `SELECT n FROM thing`), database.Into(&b, number, `SELECT count(*) FROM thing`))
				return b, err
			},
			"given up before it is read": func(tx *database.Tx) ([]int, error) {
				tx.Last()
				rows, err := tx.Query(`SELECT n FROM thing`)
				if err != nil {
					return nil, err
				}
				return []int{1}, rows.Close()
			},
		}
		for name, ask := range asked {
			for range 3 {
				if err := db.Read(context.Background(), func(tx *database.Tx) error {
					found, err := ask(tx)
					if err == nil && (len(found) != 1 || found[0] != 1) {
						t.Errorf("%s: %v", name, found)
					}
					return err
				}); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		for range 3 {
			if err := db.Read(context.Background(), func(tx *database.Tx) error {
				tx.Last()
				_, err := database.All(tx, number, `SELECT no_such_column FROM thing`)
				return err
			}); err == nil {
				t.Error("a wrong question was answered")
			}
		}
		if db.Engine() == database.Postgres {
			if err := db.Read(context.Background(), func(tx *database.Tx) error {
				tx.Last()
				if err := tx.OnePlan(); err != nil {
					return err
				}
				if have := setting(tx); have != "off" {
					t.Errorf("one plan: enable_material is %q", have)
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
			for range 8 {
				if err := db.Read(context.Background(), func(tx *database.Tx) error {
					if have := setting(tx); have != "on" {
						t.Errorf("after one plan: enable_material is %q", have)
					}
					return nil
				}); err != nil {
					t.Error(err)
				}
			}
			if err := db.Read(context.Background(), func(tx *database.Tx) error {
				tx.Last()
				if _, err := database.All(tx, number, `SELECT n FROM thing`); err != nil {
					return err
				}
				_, err := database.All(tx, number, `SELECT n FROM thing`)
				return err
			}); err == nil || errors.Is(err, context.Canceled) {
				t.Errorf("a question after the last was answered: %v", err)
			}
		}
		// in a transaction that writes nothing is the last: it is not taken back
		if err := db.Write(context.Background(), func(tx *database.Tx) error {
			tx.Last()
			if _, err := database.All(tx, number, `SELECT n FROM thing`); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE thing SET n = 1 WHERE n = $1`, 1)
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

// setting is whether the planner may keep rows in memory; "" when the server does not say.
func setting(tx *database.Tx) (value string) {
	_ = tx.Row(`SELECT current_setting('enable_material') WHERE 1 = $1`, 1).Scan(&value)
	return value
}
