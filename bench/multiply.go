package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/internal/platform/database"
)

// multiply copies the seed's cases with all that belongs to them until n are stored.
//
// As in life a county grows by history and by more workers, not by longer lists: ended cases are copied into the two
// years before, open ones of everybody else until a twentieth of all cases is open; those of the village whose workers
// are asked stay as many as they are. Copies have ids in the order of time, as UUIDv7 are, serials of their own, and
// stay in the grid and with the posts of their original. Clocks of what is open run out in ten years, so that no
// figure is disturbed by the sweep.
func (s *store) multiply(ctx context.Context, p place, tables []*dbTable, n int) error {
	m := &multiplier{store: s, ctx: ctx, tables: tables, total: n}
	if err := m.run(p); err != nil {
		return err
	}
	return m.goOnCounting(p)
}

func (m *multiplier) run(p place) (err error) {
	pool, err := m.bare(p, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if m.conn, err = pool.Conn(m.ctx); err != nil {
		return err
	}
	defer m.conn.Close()
	for _, do := range []func() error{m.prepare, m.chooseOriginals, m.mapCopies, m.copyRows, m.recount, m.tidy} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// ownedTables are those of the cases and of what belongs to one.
func ownedTables(ctx context.Context, p place) (owned []*dbTable, err error) {
	db, err := database.Open(ctx, database.Options{URL: p.address(), Dir: p.folder, Now: now})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.Read(ctx, func(tx *database.Tx) error {
		all, err := allTables(tx)
		owned = slices.DeleteFunc(all, func(t *dbTable) bool { return t.Name != "cases" && t.column("case_id") < 0 })
		return err
	})
	return owned, err
}

type multiplier struct {
	*store
	ctx     context.Context // of the whole piece of work
	conn    *sql.Conn
	tables  []*dbTable
	total   int
	serial  int64    // highest of the seed
	indexes []string // taken away while rows come, made again at the end
}

func (m *multiplier) exec(texts ...string) error {
	for _, text := range texts {
		if _, err := m.conn.ExecContext(m.ctx, text); err != nil {
			return fmt.Errorf("%w in: %s", err, text)
		}
	}
	return nil
}

func (m *multiplier) number(text string) (n int64, err error) {
	err = m.conn.QueryRowContext(m.ctx, text).Scan(&n)
	return n, err
}

// prepare makes the connection quick instead of safe, and takes the indexes away.
func (m *multiplier) prepare() error {
	quick := []string{`PRAGMA synchronous = OFF`, `PRAGMA journal_mode = OFF`, `PRAGMA cache_size = -1000000`, `PRAGMA foreign_keys = 0`}
	list := `SELECT 'DROP INDEX ' || name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = $1`
	if m.engine == database.Postgres {
		quick = []string{`SET synchronous_commit = off`, `SET work_mem = '256MB'`, `SET maintenance_work_mem = '1GB'`}
		list = `SELECT 'DROP INDEX ' || indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = $1
			AND indexname NOT IN (SELECT conname FROM pg_constraint)`
	}
	if err := m.exec(quick...); err != nil {
		return err
	}
	for _, t := range m.tables {
		drops, creates, err := m.pairs(list, t.Name)
		if err != nil {
			return err
		}
		if err := m.exec(drops...); err != nil {
			return err
		}
		m.indexes = append(m.indexes, creates...)
	}
	return nil
}

func (m *multiplier) pairs(query string, args ...any) (first, second []string, err error) {
	rows, err := m.conn.QueryContext(m.ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a, b string
		if err := rows.Scan(&a, &b); err != nil {
			return nil, nil, err
		}
		first, second = append(first, a), append(second, b)
	}
	return first, second, rows.Err()
}

// chooseOriginals numbers the cases that are copied and sets their rows aside, so that none is read while it is written.
func (m *multiplier) chooseOriginals() (err error) {
	if m.serial, err = m.number(`SELECT max(serial) FROM cases`); err != nil {
		return err
	}
	asked := `path LIKE '%/` + askedVillage + `/%'`
	if err := m.exec(`UPDATE cases SET next_at = next_at + `+fmt.Sprint((10*365*day).Milliseconds())+` WHERE next_at > 0`,
		`CREATE TABLE bench_original AS SELECT id, received_at, CASE WHEN ended_at > 0 THEN 1 ELSE 0 END AS ended,
			row_number() OVER (PARTITION BY CASE WHEN ended_at > 0 THEN 1 ELSE 0 END ORDER BY id) AS rank
			FROM cases WHERE ended_at > 0 OR NOT `+asked); err != nil {
		return err
	}
	for i, t := range m.tables {
		key := "case_id"
		if i == 0 {
			key = "id"
		}
		set := fmt.Sprintf("bench_set_%d", i)
		if err := m.exec(`CREATE TABLE `+set+` AS SELECT x.* FROM `+t.Name+` x JOIN bench_original o ON o.id = x.`+key,
			`CREATE INDEX `+set+`_key ON `+set+` (`+key+`)`); err != nil {
			return err
		}
	}
	return nil
}

// openShare is the part of all cases that is open: one in twenty.
const openShare = 20

// mapCopies says of each copy whose it is, its id, its number and how far back in time it lies.
func (m *multiplier) mapCopies() error {
	stored, err := m.number(`SELECT count(*) FROM cases`)
	if err != nil {
		return err
	}
	open, err := m.number(`SELECT count(*) FROM cases WHERE ended_at = 0`)
	if err != nil {
		return err
	}
	wanted := int64(m.total) - stored
	if wanted < 0 {
		return fmt.Errorf("the seed alone has %d cases", stored)
	}
	openWanted := min(max(int64(m.total)/openShare-open, 0), wanted)
	if err := m.exec(`CREATE TABLE bench_copy (new_id TEXT PRIMARY KEY, old_id TEXT NOT NULL, n BIGINT NOT NULL, back BIGINT NOT NULL)`); err != nil {
		return err
	}
	if err := m.mapPart(1, wanted-openWanted, 0, 700*day); err != nil {
		return err
	}
	return m.mapPart(0, openWanted, wanted-openWanted, 10*day)
}

// mapPart maps copies of the ended (1) or open (0) originals, spread over a time.
func (m *multiplier) mapPart(ended, wanted, after int64, spread time.Duration) error {
	if wanted == 0 {
		return nil
	}
	originals, err := m.number(fmt.Sprintf(`SELECT count(*) FROM bench_original WHERE ended = %d`, ended))
	if err != nil {
		return err
	}
	if originals == 0 {
		return errors.New("there is nothing to copy")
	}
	rounds := (wanted + originals - 1) / originals
	n := fmt.Sprintf("(%d + (k.k - 1) * %d + o.rank)", after, originals)
	back := fmt.Sprintf("((%d - k.k + 1) * %d)", rounds, spread.Milliseconds()/rounds)
	at, tail := m.hex("o.received_at - "+back), m.hex(n)
	id := "substr(" + at + ", 1, 8) || '-' || substr(" + at + ", 9, 4) || substr(o.id, 14, 11) || " + tail
	return m.exec(fmt.Sprintf(`WITH RECURSIVE k(k) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT k + 1 FROM k WHERE k < %d)
		INSERT INTO bench_copy (new_id, old_id, n, back) SELECT %s, o.id, %s, %s FROM k, bench_original o
		WHERE o.ended = %d AND (k.k - 1) * %d + o.rank <= %d`, rounds, id, n, back, ended, originals, wanted))
}

// hex writes a number as twelve digits, as in the time and the end of a UUID.
func (m *multiplier) hex(value string) string {
	if m.engine == database.Postgres {
		return "lpad(to_hex(CAST(" + value + " AS BIGINT)), 12, '0')"
	}
	return "printf('%012x', " + value + ")"
}

// copyRows inserts the copies, in the order of their ids, as life would have.
func (m *multiplier) copyRows() error {
	for i, t := range m.tables {
		key, values := "case_id", make([]string, len(t.Columns))
		if i == 0 {
			key = "id"
		}
		for j, c := range t.Columns {
			values[j] = m.value(c.Name, key)
		}
		if err := m.exec(fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM bench_copy b JOIN bench_set_%d x ON x.%s = b.old_id ORDER BY b.new_id`,
			t.Name, columnList(t.Table, ""), strings.Join(values, ", "), i, key)); err != nil {
			return err
		}
	}
	return nil
}

// value is a column of a copy: times go back, but for when the sweep looks and for what stands for "never".
func (m *multiplier) value(column, key string) string {
	switch {
	case column == key:
		return "b.new_id"
	case column == "serial":
		return fmt.Sprintf("%d + b.n", m.serial)
	case column == "next_at":
	case column == "at", strings.HasSuffix(column, "_at"):
		return "CASE WHEN x." + column + " > 0 AND x." + column + " < 250000000000000 THEN x." + column + " - b.back ELSE x." + column + " END"
	}
	return "x." + column
}

// recount gives the tally the size it has in life: what was reported and closed, by area and day.
func (m *multiplier) recount() error {
	const dayOf = `CAST(floor((%[1]s / 1000 + 28800) / 86400) AS BIGINT)`
	insert := `INSERT INTO tally (path, day, measure, n) SELECT path, ` + dayOf + `, '%[2]s', count(*) FROM cases WHERE %[1]s > 0 GROUP BY 1, 2`
	return m.exec(`DELETE FROM tally`, fmt.Sprintf(insert, "received_at", "reported"), fmt.Sprintf(insert, "ended_at", "closed"))
}

// tidy makes the indexes again, forgets what was set aside, and lets PostgreSQL learn what is there, as it does by itself in time.
// SQLite has no statistics: the program never makes any, for its texts are to be planned alike everywhere.
func (m *multiplier) tidy() error {
	if err := m.exec(m.indexes...); err != nil {
		return err
	}
	for i := range m.tables {
		if err := m.exec(fmt.Sprintf(`DROP TABLE bench_set_%d`, i)); err != nil {
			return err
		}
	}
	if err := m.exec(`DROP TABLE bench_copy`, `DROP TABLE bench_original`); err != nil {
		return err
	}
	if m.engine == database.Postgres {
		return m.exec(`VACUUM ANALYZE`, `CHECKPOINT`)
	}
	return m.exec(`PRAGMA journal_mode = WAL`, `PRAGMA synchronous = FULL`)
}

// goOnCounting lets the series of numbers begin after the last copy.
func (m *multiplier) goOnCounting(p place) (err error) {
	db, err := database.Open(m.ctx, database.Options{URL: p.address(), Dir: p.folder, Now: now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Write(m.ctx, func(tx *database.Tx) error {
		series, err := tx.Series()
		if err != nil {
			return err
		}
		for name, n := range series {
			if strings.HasPrefix(name, "case_") {
				if err := tx.SetSeries(name, n+int64(m.total)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
