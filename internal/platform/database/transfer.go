package database

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"sort"
	"strings"

	"linli/internal/platform/fault"
)

// Column types as an archive names them: the same on both engines.
const (
	TypeText    = "text"
	TypeInteger = "integer"
	TypeReal    = "real"
	TypeBoolean = "boolean"
	TypeBytes   = "bytes"
)

// Table is one table of the schemas with its columns in their order.
type Table struct {
	Name    string        `json:"name"`
	Columns []TableColumn `json:"columns"`
}

// TableColumn is a column and its type.
type TableColumn struct {
	Name string `json:"name"`
	Type string `json:"type" doc:"text, integer, real, boolean or bytes"`
}

// made finds the names of tables in a migration.
var made = regexp.MustCompile(`(?im)^\s*(?:CREATE TABLE (\w+)|ALTER TABLE \w+ RENAME TO (\w+))`)

// Tables lists the plain tables of the schemas that are in the database, by name. The program's own
// bookkeeping (migrations taken, series) and virtual tables are not among them.
func (tx *Tx) Tables(schemas ...Schema) ([]Table, error) {
	names := map[string]bool{}
	for _, s := range schemas {
		files, err := fs.Glob(s.Files, "*.sql")
		if err != nil {
			return nil, fmt.Errorf("listing migrations of %s: %w", s.Name, err)
		}
		for _, file := range files {
			text, err := fs.ReadFile(s.Files, file)
			if err != nil {
				return nil, fmt.Errorf("reading migration %s/%s: %w", s.Name, file, err)
			}
			for _, m := range made.FindAllStringSubmatch(string(text), -1) {
				names[m[1]+m[2]] = true
			}
		}
	}
	query := `SELECT m.name, c.name, c.type FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
		AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, c.cid`
	if tx.db.engine == Postgres {
		query = `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`
	}
	rows, err := tx.Query(query)
	if err != nil {
		return nil, fmt.Errorf("listing tables: %w", err)
	}
	defer rows.Close()
	var out []Table
	for rows.Next() {
		var table, column, declared string
		if err := rows.Scan(&table, &column, &declared); err != nil {
			return nil, fmt.Errorf("listing tables: %w", err)
		}
		if !names[table] {
			continue
		}
		if n := len(out); n == 0 || out[n-1].Name != table {
			out = append(out, Table{Name: table})
		}
		t := &out[len(out)-1]
		t.Columns = append(t.Columns, TableColumn{column, plainType(declared)})
	}
	return out, explain(rows.Err())
}

func plainType(declared string) string {
	switch d := strings.ToUpper(declared); d {
	case "TEXT":
		return TypeText
	case "BIGINT", "INTEGER":
		return TypeInteger
	case "DOUBLE PRECISION":
		return TypeReal
	case "BOOLEAN":
		return TypeBoolean
	case "BLOB", "BYTEA":
		return TypeBytes
	}
	return strings.ToLower(declared) // such as tsvector: the archive leaves derived tables out
}

// seriesPrefix marks the sequences behind Next on PostgreSQL.
const seriesPrefix = "series_"

// Series gives the last number given out of every series.
func (tx *Tx) Series() (map[string]int64, error) {
	query := `SELECT name, n FROM counter`
	if tx.db.engine == Postgres {
		query = `SELECT substr(sequencename, 8), last_value FROM pg_sequences WHERE schemaname = current_schema() AND sequencename LIKE 'series\_%' AND last_value IS NOT NULL`
	}
	out := map[string]int64{}
	rows, err := tx.Query(query)
	if err != nil {
		return nil, fmt.Errorf("reading series: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return nil, fmt.Errorf("reading series: %w", err)
		}
		out[name] = n
	}
	return out, explain(rows.Err())
}

var seriesName = regexp.MustCompile(`^[a-z0-9_]{1,50}$`)

// SetSeries makes a series go on after n. It is for loading an archive, when nobody else uses the database.
func (tx *Tx) SetSeries(name string, n int64) error {
	if !seriesName.MatchString(name) || n < 1 {
		return fmt.Errorf("series %q cannot stand at %d", name, n)
	}
	if l, ok := tx.run.(*lite); ok {
		l.set(name, n)
		return nil
	}
	sequence := `"` + seriesPrefix + name + `"`
	if _, err := tx.Exec(`CREATE SEQUENCE IF NOT EXISTS ` + sequence); err != nil {
		return err
	}
	var got int64
	return explain(tx.Row(`SELECT setval('`+sequence+`', $1)`, n).Scan(&got))
}

// Install loads a database in one transaction, all or nothing: it takes exactly the steps listed in
// taken, runs load, and takes the steps that came later. Nothing may be there yet but the same steps.
//
// Errors: Unavailable "newer-database" when taken has a step this program does not know; Conflict
// "other-layout" when the database has taken steps beyond those.
func (db *DB) Install(ctx context.Context, taken []string, schemas []Schema, load func(*Tx) error) error {
	all, err := db.Migrations(ctx, append([]Schema{OwnSchema()}, schemas...)...)
	if err != nil {
		return err
	}
	var first, later []Migration
	known := map[string]bool{}
	for _, m := range all {
		known[m.ID] = true
		switch {
		case !slices.Contains(taken, m.ID) && m.Done:
			return fault.Newf(fault.Conflict, "other-layout",
				"目标数据库已升级到比备份更新的版式(%[1]s)。请换一个全新的数据目录或数据库再恢复", "The target has a newer layout than the backup (%[1]s). Restore into a fresh data folder or database", m.ID)
		case !slices.Contains(taken, m.ID):
			later = append(later, m)
		case !m.Done:
			first = append(first, m)
		}
	}
	for _, id := range taken {
		if !known[id] {
			return fault.Newf(fault.Unavailable, "newer-database", "备份来自更新版本的 linli(%[1]s),请先升级程序", "The backup was made by a newer linli (%[1]s); upgrade the program first", id)
		}
	}
	return db.Write(ctx, func(tx *Tx) error {
		if err := tx.takeAll(first); err != nil {
			return err
		}
		if err := load(tx); err != nil {
			return err
		}
		return tx.takeAll(later)
	})
}

func (tx *Tx) takeAll(list []Migration) error {
	for i, m := range list {
		if err := tx.db.watched(m, i+1, len(list), func(u *upgrading) error { return tx.take(m, u) }); err != nil {
			return fmt.Errorf("migration %s: %w", m.ID, err)
		}
	}
	return nil
}

// Taken lists the steps the database has taken, in the order of their names.
func (tx *Tx) Taken() ([]string, error) {
	ids, err := Column[string](tx, `SELECT id FROM migration`)
	sort.Strings(ids)
	return ids, err
}

// Values reads every row of a query as plain values: string, int64, float64, bool, []byte or nil.
func Values(tx *Tx, query string, columns []TableColumn, row func([]any) error) error {
	rows, err := tx.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	dest, out := make([]any, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		switch c.Type {
		case TypeInteger:
			dest[i] = new(sql.NullInt64)
		case TypeReal:
			dest[i] = new(sql.NullFloat64)
		case TypeBoolean:
			dest[i] = new(sql.NullBool)
		case TypeBytes:
			dest[i] = new([]byte)
		default:
			dest[i] = new(sql.NullString)
		}
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("reading a row: %w", err)
		}
		for i := range dest {
			out[i] = plainValue(dest[i])
		}
		if err := row(out); err != nil {
			return err
		}
	}
	return explain(rows.Err())
}

func plainValue(dest any) any {
	switch v := dest.(type) {
	case *sql.NullInt64:
		if v.Valid {
			return v.Int64
		}
	case *sql.NullFloat64:
		if v.Valid {
			return v.Float64
		}
	case *sql.NullBool:
		if v.Valid {
			return v.Bool
		}
	case *sql.NullString:
		if v.Valid {
			return v.String
		}
	case *[]byte:
		if *v != nil {
			return *v
		}
	}
	return nil
}
