package main

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"linli/internal/app"
	"linli/internal/platform/database"
)

// snapshot is all rows of all tables of the program by primary key. Two of them tell what was written between,
// whatever tables the program has.
type snapshot struct {
	tables []*dbTable
	rows   map[string]map[string][]any // table -> key -> values
}

// dbTable is a table with the places of its key's columns.
type dbTable struct {
	database.Table
	key []int
}

func (t *dbTable) column(name string) int {
	return slices.IndexFunc(t.Columns, func(c database.TableColumn) bool { return c.Name == name })
}

func (t *dbTable) keyOf(values []any) string {
	parts := make([]any, len(t.key))
	for i, k := range t.key {
		parts[i] = values[k]
	}
	return fmt.Sprint(parts...)
}

func takeSnapshot(ctx context.Context, db *database.DB) (*snapshot, error) {
	s := &snapshot{rows: map[string]map[string][]any{}}
	err := db.Read(ctx, func(tx *database.Tx) (err error) {
		if s.tables, err = allTables(tx); err != nil {
			return err
		}
		for _, t := range s.tables {
			rows := map[string][]any{}
			err := database.Values(tx, `SELECT `+columnList(t.Table, "")+` FROM `+t.Name, t.Columns, func(values []any) error {
				rows[t.keyOf(values)] = slices.Clone(values)
				return nil
			})
			if err != nil {
				return fmt.Errorf("reading %s: %w", t.Name, err)
			}
			s.rows[t.Name] = rows
		}
		return nil
	})
	return s, err
}

// allTables lists the tables of every concept and of the database package, the cases first.
func allTables(tx *database.Tx) ([]*dbTable, error) {
	found, err := tx.Tables(append([]database.Schema{database.OwnSchema()}, app.Schemas()...)...)
	if err != nil {
		return nil, err
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].Name == "cases" && found[j].Name != "cases" })
	var out []*dbTable
	for _, f := range found {
		t := &dbTable{Table: f}
		keys, err := primaryKey(tx, f.Name)
		if err != nil {
			return nil, fmt.Errorf("key of %s: %w", f.Name, err)
		}
		for _, k := range keys {
			t.key = append(t.key, t.column(k))
		}
		if len(t.key) == 0 {
			return nil, fmt.Errorf("the table %s has no primary key: its rows cannot be told apart", f.Name)
		}
		out = append(out, t)
	}
	return out, nil
}

func primaryKey(tx *database.Tx, table string) ([]string, error) {
	if tx.Engine() == database.Postgres {
		return database.Column[string](tx, `SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
			WHERE i.indrelid = CAST($1 AS regclass) AND i.indisprimary ORDER BY array_position(CAST(i.indkey AS smallint[]), a.attnum)`, table)
	}
	return database.Column[string](tx, `SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`, table)
}

// columnList writes the columns of a table, each behind the prefix.
func columnList(t database.Table, prefix string) string {
	list := ""
	for i, c := range t.Columns {
		if i > 0 {
			list += ", "
		}
		list += prefix + c.Name
	}
	return list
}
