package database

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"

	"linli/internal/platform/fault"
)

// Schema is the numbered SQL of one concept: files 0001_name.sql, 0002_name.sql …, never edited after
// they landed. One text serves both engines: {{bytes}} stands for the type of binary columns, {{path}}
// for text that is compared byte by byte (paths, codes, keys of ranges), {{clustered}} after a table's
// closing bracket keeps its rows in the order of its key on SQLite; lines between "-- sqlite:" or "-- postgres:" and "-- end" are for that engine only.
type Schema struct {
	Name  string
	Files fs.FS
}

// Migration is one numbered step and whether it has been taken.
type Migration struct {
	ID   string `json:"id"`   // such as casework/0001_cases
	Done bool   `json:"done"` // already in the database
	text string
}

// Migrations lists every step of the schemas in order, with what the database has taken.
//
// Errors: a fault "newer-database" when the database has steps this program does not know, because
// then an older program would write into a newer layout.
func (db *DB) Migrations(ctx context.Context, schemas ...Schema) ([]Migration, error) {
	done, err := db.migrated(ctx)
	if err != nil {
		return nil, err
	}
	var all []Migration
	for _, s := range schemas {
		names, err := fs.Glob(s.Files, "*.sql")
		if err != nil {
			return nil, fmt.Errorf("listing migrations of %s: %w", s.Name, err)
		}
		sort.Strings(names)
		for _, name := range names {
			text, err := fs.ReadFile(s.Files, name)
			if err != nil {
				return nil, fmt.Errorf("reading migration %s/%s: %w", s.Name, name, err)
			}
			id := s.Name + "/" + strings.TrimSuffix(path.Base(name), ".sql")
			all = append(all, Migration{ID: id, Done: done[id], text: string(text)})
			delete(done, id)
		}
	}
	for id := range done {
		return nil, fault.Newf(fault.Unavailable, "newer-database",
			"数据库由更新版本的 linli 使用过(%[1]s),请升级程序后再打开", "The database has been used by a newer linli (%[1]s); upgrade the program before opening it", id)
	}
	return all, nil
}

// Current refuses a database that has not taken every step.
//
// Errors: Unavailable "needs-migration" naming the first step missing.
func (db *DB) Current(ctx context.Context, schemas ...Schema) error {
	all, err := db.Migrations(ctx, append([]Schema{OwnSchema()}, schemas...)...)
	if err != nil {
		return err
	}
	for _, m := range all {
		if !m.Done {
			return fault.Newf(fault.Unavailable, "needs-migration", "数据库需要先升级(%[1]s):请运行 linli migrate", "The database has to be upgraded first (%[1]s): run linli migrate", m.ID)
		}
	}
	return nil
}

// Migrate takes every step not yet taken, each in its own transaction, and tells which it took.
func (db *DB) Migrate(ctx context.Context, schemas ...Schema) ([]Migration, error) {
	own := OwnSchema()
	all, err := db.Migrations(ctx, append([]Schema{own}, schemas...)...)
	if err != nil {
		return nil, err
	}
	due := slices.DeleteFunc(all, func(m Migration) bool { return m.Done })
	var taken []Migration
	for i, m := range due {
		err := db.watched(m, i+1, len(due), func(u *upgrading) error {
			return db.Write(ctx, func(tx *Tx) error { return tx.take(m, u) })
		})
		if err != nil {
			if IsDuplicate(err) {
				continue // another node took it at the same moment
			}
			return taken, fmt.Errorf("migration %s: %w", m.ID, err)
		}
		m.Done = true
		taken = append(taken, m)
	}
	return taken, nil
}

func (tx *Tx) take(m Migration, u *upgrading) error {
	statements := split(tx.db.engine, m.text)
	var rows int64
	for i, statement := range statements {
		u.at(i+1, len(statements), statement, rows)
		n, err := tx.Exec(statement)
		if err != nil {
			return fmt.Errorf("%w in: %s", err, statement)
		}
		if fills.MatchString(statement) { // SQLite repeats the last count for statements that change no rows
			rows += n
		}
	}
	_, err := tx.Exec(`INSERT INTO migration (id, taken_at) VALUES ($1, $2)`, m.ID, Millis(tx.Now))
	return err
}

// fills tells the statements that change rows from those that change the layout.
var fills = regexp.MustCompile(`(?i)^(?:INSERT|UPDATE|DELETE)\s`)

// migrated reads which steps were taken; none when the table is not there yet.
func (db *DB) migrated(ctx context.Context) (map[string]bool, error) {
	done := map[string]bool{}
	err := db.Read(ctx, func(tx *Tx) error {
		exists := `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'migration'`
		if db.engine == Postgres {
			exists = `SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'migration'`
		}
		var n int
		if err := tx.Row(exists).Scan(&n); err != nil || n == 0 {
			return explain(err)
		}
		ids, err := Column[string](tx, `SELECT id FROM migration`)
		for _, id := range ids {
			done[id] = true
		}
		return err
	})
	return done, err
}

// split cuts a migration into the engine's statements: they end with a semicolon at the end of a line.
func split(engine Engine, text string) []string {
	types := strings.NewReplacer("{{bytes}}", "BLOB", "{{path}}", "TEXT", "{{clustered}}", " WITHOUT ROWID")
	if engine == Postgres {
		types = strings.NewReplacer("{{bytes}}", "BYTEA", "{{path}}", `TEXT COLLATE "C"`, "{{clustered}}", "")
	}
	var kept []string
	only := Engine("")
	for _, line := range strings.Split(types.Replace(text), "\n") {
		switch mark := strings.TrimSpace(line); {
		case mark == "-- sqlite:":
			only = SQLite
		case mark == "-- postgres:":
			only = Postgres
		case mark == "-- end":
			only = ""
		case strings.HasPrefix(mark, "--"), only != "" && only != engine:
		default:
			kept = append(kept, line)
		}
	}
	var out []string
	for _, s := range strings.Split(strings.Join(kept, "\n")+"\n", ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
