// Package audit keeps the access log (GB/T 22239 MLPS 2.0, 8.1.4.3 "security audit": who, when, what, result; kept six
// months or longer): sign-ins, names revealed, appointments, tokens. Entries are written in the transaction of what they
// tell of, so neither is without the other, and are never changed or deleted by the program.
package audit

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables this package owns.
func Schema() database.Schema { return database.SchemaIn("audit", schemaFiles) }

// Entry is one thing done. At and ID are given by Record.
type Entry struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Actor   string    `json:"actor" doc:"account, system, or empty for nobody known"`
	Name    string    `json:"name" doc:"name or login as it was then"`
	What    string    `json:"what" doc:"such as staff.login, staff.appoint, case.reveal"`
	Object  string    `json:"object,omitempty" doc:"what it was done to"`
	Path    string    `json:"path,omitempty" doc:"area path of the object"`
	Purpose string    `json:"purpose,omitempty" doc:"the reason given"`
	Address string    `json:"address,omitempty" doc:"client address"`
	Detail  string    `json:"detail,omitempty"`
}

// longest is how much of a text is kept; what comes from outside must not fill the disk.
const longest = 500

// Record adds an entry in the transaction, with its time. What is required.
func Record(tx *database.Tx, e Entry) error {
	if e.What == "" {
		return fmt.Errorf("access log: an entry without what was done")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("access log: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO access_log (id, at, actor, name, what, object, path, purpose, address, detail) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		id.String(), database.Millis(tx.Now), short(e.Actor), short(e.Name), e.What, short(e.Object), e.Path, short(e.Purpose), short(e.Address), short(e.Detail))
	if err != nil {
		return fmt.Errorf("writing the access log: %w", err)
	}
	return nil
}

// Newest is the time of the newest entry; zero when there is none.
func Newest(tx *database.Tx) (time.Time, error) {
	var ms int64
	err := tx.Row(`SELECT at FROM access_log ORDER BY at DESC LIMIT 1`).Scan(&ms)
	if database.IsNoRows(err) {
		return time.Time{}, nil
	}
	return database.Time(ms), err
}

// short cuts a text at a whole character and drops what PostgreSQL cannot hold.
func short(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	for n := range s {
		if n > longest-utf8.UTFMax {
			return s[:n] + "…"
		}
	}
	return s
}

// Scope is what the asker may see: entries at or below one of the paths, entries whose What begins with one of the
// prefixes, or their own. An empty Scope sees nothing.
type Scope struct {
	Paths    []string
	Prefixes []string
	Actor    string
}

// Filter narrows what is shown; empty fields do not.
type Filter struct {
	Actor, What, Object string
	From, To            time.Time // from inclusive, to exclusive
}

// Page asks for the entries before (older than) a cursor, newest first.
type Page struct {
	Before string // Next of the page before; "" for the newest
	Limit  int    // 1 to 200; 0 is 50
}

// Find gives a page of entries, newest first, and the cursor of the next one ("" when this was the last).
func Find(tx *database.Tx, scope Scope, f Filter, page Page) (entries []Entry, next string, err error) {
	limit := page.Limit
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 200)
	q := &query{}
	q.scope(scope)
	q.equal("actor", f.Actor)
	q.equal("what", f.What)
	q.equal("object", f.Object)
	if !f.From.IsZero() {
		q.And("at >= " + q.Arg(database.Millis(f.From)))
	}
	if !f.To.IsZero() {
		q.And("at < " + q.Arg(database.Millis(f.To)))
	}
	if page.Before != "" {
		at, id, ok := cursor(page.Before)
		if !ok {
			return nil, "", fault.New(fault.Invalid, "bad-cursor", "翻页标记无效,请从第一页开始", "The page cursor is not valid; begin with the first page").At("before", "bad-cursor", "翻页标记无效", "not a cursor")
		}
		a := q.Arg(at)
		q.And("(at < " + a + " OR at = " + a + " AND id < " + q.Arg(id) + ")")
	}
	entries, err = database.All(tx, scan, `SELECT id, at, actor, name, what, object, path, purpose, address, detail FROM access_log WHERE `+
		q.Where()+` ORDER BY at DESC, id DESC LIMIT `+q.Arg(limit+1), q.Args...)
	if err != nil {
		return nil, "", fmt.Errorf("reading the access log: %w", err)
	}
	if len(entries) > limit {
		entries = entries[:limit]
		last := entries[limit-1]
		next = strconv.FormatInt(last.At.UnixMilli(), 10) + "." + last.ID
	}
	return entries, next, nil
}

func scan(s database.Scanner) (Entry, error) {
	var e Entry
	var at int64
	err := s.Scan(&e.ID, &at, &e.Actor, &e.Name, &e.What, &e.Object, &e.Path, &e.Purpose, &e.Address, &e.Detail)
	e.At = database.Time(at)
	return e, err
}

func cursor(s string) (at int64, id string, ok bool) {
	head, id, found := strings.Cut(s, ".")
	at, err := strconv.ParseInt(head, 10, 64)
	_, idErr := uuid.Parse(id)
	return at, id, found && err == nil && idErr == nil
}

// query is what is asked of the log.
type query struct{ database.Conditions }

func (q *query) equal(column, value string) {
	if value != "" {
		q.And(column + " = " + q.Arg(short(value))) // as it was stored
	}
}

func (q *query) scope(s Scope) {
	var any []string
	for _, p := range s.Paths {
		if p != "" {
			any = append(any, "("+q.Under("path", p)+")")
		}
	}
	for _, p := range s.Prefixes {
		// the character after the last one bounds the run of words that begin with the prefix
		if p != "" {
			any = append(any, "(what >= "+q.Arg(p)+" AND what < "+q.Arg(p[:len(p)-1]+string(rune(p[len(p)-1]+1)))+")")
		}
	}
	if s.Actor != "" {
		any = append(any, "actor = "+q.Arg(s.Actor))
	}
	q.Any(any)
}
