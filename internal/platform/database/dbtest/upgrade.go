package dbtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"linli/internal/platform/database"
)

// Upgrade proves that rows written under each step of a schema survive to the newest one, on both engines.
//
// For every step NNNN_name.sql the folder must hold NNNN.jsonl: rows as the program wrote them when that
// step was the newest, one JSON object a line, its table under "table", binary columns in base64. They are
// loaded at that step and the later steps are taken. The result must be NNNN.newest.jsonl; for the newest
// step it must be the rows themselves. Every table of the step must have a row. With update the
// expectation is written anew, to be looked at before it is kept.
func Upgrade(t *testing.T, schema database.Schema, folder string, update bool) {
	t.Helper()
	steps, err := fs.Glob(schema.Files, "*.sql")
	if err != nil || len(steps) == 0 {
		t.Fatalf("%s has no migrations: %v", schema.Name, err)
	}
	sort.Strings(steps)
	for i, step := range steps {
		number, _, _ := strings.Cut(path.Base(step), "_")
		fixture := filepath.Join(folder, number+".jsonl")
		t.Run(number, func(t *testing.T) {
			rows, err := os.ReadFile(fixture)
			if err != nil {
				t.Fatalf("the migration %s/%s has no fixture rows: %v", schema.Name, step, err)
			}
			taken := []string{"database/0001_start"}
			for _, s := range steps[:i+1] {
				taken = append(taken, schema.Name+"/"+strings.TrimSuffix(path.Base(s), ".sql"))
			}
			for _, engine := range Engines(t) {
				t.Run(string(engine), func(t *testing.T) {
					got := upgraded(t, engine, schema, taken, rows)
					want, expected := sorted(string(rows)), fixture
					if i+1 < len(steps) {
						expected = filepath.Join(folder, number+".newest.jsonl")
						if update {
							if err := os.WriteFile(expected, []byte(got), 0o600); err != nil {
								t.Fatal(err)
							}
						}
						text, err := os.ReadFile(expected)
						if err != nil {
							t.Fatalf("nothing says what becomes of the rows: %v", err)
						}
						want = sorted(string(text))
					}
					if got != want {
						t.Errorf("after the upgrade the rows are not those of %s:\n%s", expected, differ(want, got))
					}
				})
			}
		})
	}
}

// upgraded loads the rows at their step, takes the later ones and gives all rows back.
func upgraded(t *testing.T, engine database.Engine, schema database.Schema, taken []string, rows []byte) string {
	t.Helper()
	ctx := context.Background()
	db := Open(t, Options(t, engine, nil))
	schemas := []database.Schema{schema}
	err := db.Install(ctx, taken, schemas, func(tx *database.Tx) error {
		tables, err := tx.Tables(schemas...)
		if err != nil {
			return err
		}
		return load(tx, tables, rows)
	})
	if err != nil {
		t.Fatalf("loading the fixture rows and upgrading: %v", err)
	}
	var out string
	if err := db.Read(ctx, func(tx *database.Tx) (err error) {
		out, err = Rows(tx, schemas...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func load(tx *database.Tx, tables []database.Table, rows []byte) error {
	filled := map[string]bool{}
	for _, t := range tables {
		if _, err := tx.Exec(`DELETE FROM ` + t.Name); err != nil { // what the step itself put there
			return err
		}
	}
	lines := bufio.NewScanner(bytes.NewReader(rows))
	lines.Buffer(nil, 64<<20)
	for n := 1; lines.Scan(); n++ {
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.UseNumber()
		var row map[string]any
		if err := d.Decode(&row); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		name, _ := row["table"].(string)
		i := slices.IndexFunc(tables, func(t database.Table) bool { return t.Name == name })
		if i < 0 {
			return fmt.Errorf("line %d: there is no table %q at this step", n, name)
		}
		filled[name] = true
		if err := insertRow(tx, tables[i], row); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	for _, t := range tables {
		if !filled[t.Name] && plain(t) {
			return fmt.Errorf("no fixture row is in %s, so nothing would be proved of it", t.Name)
		}
	}
	return lines.Err()
}

// plain tells whether a table holds plain values only; the others are made from these.
func plain(t database.Table) bool {
	for _, c := range t.Columns {
		switch c.Type {
		case database.TypeText, database.TypeInteger, database.TypeReal, database.TypeBoolean, database.TypeBytes:
		default:
			return false
		}
	}
	return true
}

func insertRow(tx *database.Tx, t database.Table, row map[string]any) error {
	var names, marks []string
	var args []any
	for _, c := range t.Columns {
		v, ok := row[c.Name]
		if !ok {
			return fmt.Errorf("%s has no %s", t.Name, c.Name)
		}
		var err error
		switch x := v.(type) {
		case json.Number:
			if c.Type == database.TypeReal {
				v, err = x.Float64()
			} else {
				v, err = x.Int64()
			}
		case string:
			if c.Type == database.TypeBytes {
				v, err = base64.StdEncoding.DecodeString(x)
			}
		}
		if err != nil {
			return fmt.Errorf("%s.%s: %w", t.Name, c.Name, err)
		}
		names, args = append(names, c.Name), append(args, v)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	if len(row) != len(names)+1 {
		return fmt.Errorf("a row of %s has columns that the table has not", t.Name)
	}
	_, err := tx.Exec(`INSERT INTO `+t.Name+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, args...)
	return err
}

// Rows writes every row of the schemas' plain tables in the form of a fixture, in a fixed order.
func Rows(tx *database.Tx, schemas ...database.Schema) (string, error) {
	tables, err := tx.Tables(schemas...)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, t := range tables {
		if !plain(t) {
			continue
		}
		names := make([]string, len(t.Columns))
		for i, c := range t.Columns {
			names[i] = c.Name
		}
		if err := database.Values(tx, `SELECT `+strings.Join(names, ", ")+` FROM `+t.Name, t.Columns, func(values []any) error {
			row := map[string]any{"table": t.Name}
			for i, name := range names {
				row[name] = values[i]
			}
			line, err := json.Marshal(row)
			out.Write(line)
			out.WriteByte('\n')
			return err
		}); err != nil {
			return "", err
		}
	}
	return sorted(out.String()), nil
}

func sorted(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	sort.Strings(lines)
	return strings.Join(lines, "\n") + "\n"
}

// differ shows the lines that only one side has.
func differ(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out strings.Builder
	for _, line := range a {
		if !slices.Contains(b, line) {
			fmt.Fprintf(&out, "- %s\n", line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			fmt.Fprintf(&out, "+ %s\n", line)
		}
	}
	return out.String()
}
