package database

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// SetAside drops indexes that only readers need, while very much is written, and keeps their definitions in the database
// itself: PutBack makes them again, at the latest at the next start of the program. PostgreSQL writes every index at each
// change of a row; the embedded engine only those whose columns changed, so there nothing is done.
//
// An index that is not there is an error.
func (db *DB) SetAside(ctx context.Context, indexes ...string) error {
	if db.engine != Postgres {
		return nil
	}
	return db.Write(ctx, func(tx *Tx) error {
		for _, name := range indexes {
			var aside bool
			if err := tx.Row(`SELECT EXISTS (SELECT 1 FROM index_aside WHERE name = $1)`, name).Scan(&aside); err != nil {
				return fmt.Errorf("setting index %s aside: %w", name, err)
			}
			if aside {
				continue
			}
			if _, err := tx.Exec(`INSERT INTO index_aside (name, definition) SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname = $1`, name); err != nil {
				return fmt.Errorf("setting index %s aside: %w", name, err)
			}
			if _, err := tx.Exec(`DROP INDEX ` + pgx.Identifier{name}.Sanitize()); err != nil {
				return fmt.Errorf("setting index %s aside: %w", name, err)
			}
		}
		return nil
	})
}

// PutBack makes the indexes again that were set aside; it tells how many. Of several nodes that start at once one does it.
func (db *DB) PutBack(ctx context.Context) (made int, err error) {
	if db.engine != Postgres {
		return 0, nil
	}
	waits := func(tx *Tx) (err error) {
		made = 0
		return tx.Row(`SELECT count(*) FROM index_aside`).Scan(&made)
	}
	if err := db.Read(ctx, waits); err != nil || made == 0 {
		return 0, explain(err)
	}
	err = db.Write(ctx, func(tx *Tx) error {
		for _, statement := range []string{`LOCK TABLE index_aside IN EXCLUSIVE MODE`, `SET LOCAL maintenance_work_mem = '256MB'`} {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		definitions, err := Column[string](tx, `SELECT definition FROM index_aside ORDER BY name`)
		if err != nil {
			return err
		}
		for _, definition := range definitions {
			if _, err := tx.Exec(definition); err != nil {
				return fmt.Errorf("%w in: %s", err, definition)
			}
		}
		made = len(definitions)
		_, err = tx.Exec(`DELETE FROM index_aside`)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("making indexes again: %w", err)
	}
	return made, nil
}
