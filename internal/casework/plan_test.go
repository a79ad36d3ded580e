package casework

import (
	"context"
	"strings"
	"testing"
	"time"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// SQLite chooses by rules of thumb; these queries must not read all work there ever was, whatever it prefers.
func TestFrequentQueriesReadNoMoreThanTheyNeed(t *testing.T) {
	db := emptyLite(t)
	newest := Filter{Scope: "area"}
	if err := newest.complete(); err != nil {
		t.Fatal(err)
	}
	list := func(path, after string) string {
		q := &listQuery{id: "c.serial", scope: scope{walk: newest.walking(database.SQLite), whole: true}}
		q.order(newest)
		q.And(q.under(path))
		if err := q.after(after); err != nil {
			t.Fatal(err)
		}
		return `SELECT c.id FROM cases c WHERE ` + q.Where() + ` AND c.confidential = FALSE ORDER BY ` + q.key + ` DESC LIMIT 51`
	}
	places := func(paths ...string) string {
		q := &listQuery{id: "c.serial", dir: "DESC", scope: scope{whole: true}}
		q.order(newest)
		for _, path := range paths {
			q.grounds = append(q.grounds, ground{path: path})
		}
		q.places(database.SQLite, "51")
		return q.sql
	}
	mine := func(posts int) string {
		q := &listQuery{id: byCase, key: "t.due_at", dir: "ASC"}
		var holders []string
		for range posts {
			holders = append(holders, q.Arg("a"))
		}
		q.work(database.SQLite, holders, "51")
		return q.sql
	}
	decisions := func() string {
		q := &listQuery{id: byCase, key: "t.due_at", dir: "ASC"}
		holder := q.Arg("a")
		q.same = deciding{"verify": {"seven-step@2026.1"}}.condition(&q.scope)
		q.work(database.SQLite, []string{holder}, "51")
		return q.sql
	}
	openIn := func(paths ...string) string {
		q := &scope{life: "c.ended_at = 0"}
		var any []string
		for _, path := range paths {
			any = append(any, "("+q.under(path)+" AND c.confidential = FALSE)")
		}
		q.Any(any)
		q.And("c.ended_at = 0")
		return `SELECT c.id FROM cases c WHERE ` + q.Where() + ` ORDER BY c.serial DESC LIMIT 51`
	}
	changed := func() string {
		f := Filter{Scope: "area", State: "ended", Sort: "updated"}
		q := &listQuery{id: "c.serial", scope: scope{walk: f.walking(database.SQLite), life: "c.ended_at > 0"}}
		q.order(f)
		q.And(q.under("/320682/"))
		q.And("c.ended_at > 0")
		q.dir = "DESC"
		return `SELECT c.id FROM cases c WHERE ` + q.Where() + ` ORDER BY ` + q.ordered(q.key, q.id) + ` LIMIT 51`
	}()
	timed := func(path string) string {
		f := Filter{Scope: "area", State: "all", Sort: "newest", From: time.UnixMilli(1), To: time.UnixMilli(2)}
		q := &listQuery{id: "c.serial", scope: scope{walk: f.walking(database.SQLite), whole: true}}
		q.And(q.under(path))
		if err := db.Read(context.Background(), func(tx *database.Tx) error { return q.received(tx, &f) }); err != nil {
			t.Fatal(err)
		}
		return `SELECT c.id FROM cases c WHERE ` + q.Where() + ` ORDER BY c.serial DESC LIMIT 51`
	}
	unit := func() string {
		q := &scope{}
		q.unitsHad([]string{"a", "b"}, []string{"a"})
		return `SELECT c.id FROM cases c WHERE ` + q.Where() + ` ORDER BY c.serial DESC LIMIT 51`
	}()
	words := func() string {
		q := &listQuery{}
		if err := q.afterAlert(writeCursor(alertCursor{At: 1})); err != nil {
			t.Fatal(err)
		}
		return q.alerts([]string{"a"}, AlertQuery{Limit: 50})
	}()
	for _, rule := range []struct{ name, query, want string }{
		{"decisions of a post in the order of its work", decisions(), "SEARCH t USING INDEX task_work (holder=?)"},
		{"work of a post in the order of its index", mine(1), "SEARCH t USING COVERING INDEX task_work (holder=?)"},
		{"and of several, each in its own", mine(3), "SEARCH t USING COVERING INDEX task_work (holder=?)"},
		{"an earlier hand-over of the same case by the case", mine(1), "SEARCH o USING PRIMARY KEY (case_id=?)"},
		{"and its case by its id", mine(1), "SEARCH c USING INDEX cases_id (id=?)"},
		{"work of a post and what it covers, by the index of each", workOf, "SEARCH task USING COVERING INDEX task_work (holder=?)"},
		{"stand-ins from their own index", standIns, "USING COVERING INDEX task_stand_in"},
		{"open pairs from the open work", openPairs, "SCAN task USING INDEX task_work"},
		{"newest of the county in the order of serials", list("/320682/", ""), "SCAN c"},
		{"newest of a township in the order of serials", list("/320682/320682001/", ""), "SCAN c"},
		{"a later page from where the one before ended", list("/320682/", "eyJrIjoyMDI2MDAwMDAwNzcsImkiOiJjIn0"), "SEARCH c USING INTEGER PRIMARY KEY (rowid<?)"},
		{"newest of a village from the run of each place", places("/320682/320682001/320682001001/"), "SEARCH c USING INDEX cases_done (path=? AND serial<?)"},
		{"whose paths are gone through one by one", places("/320682/320682001/320682001001/"), "SEARCH d USING INDEX cases_done (path>? AND path<?)"},
		{"with what is open there", places("/320682/320682001/320682001001/"), "SEARCH c USING INDEX cases_open (path>? AND path<?)"},
		{"and the rows of the page by their numbers", places("/a/b/c/", "/a/d/e/"), "SCAN w\nSEARCH c USING INTEGER PRIMARY KEY (rowid=?)"},
		{"newest of a village of very many places by its path", list("/320682/320682001/320682001001/", ""), "SEARCH c USING INDEX cases_open"},
		{"and those that ended from their own index", list("/320682/320682001/320682001001/", ""), "SEARCH c USING INDEX cases_done"},
		{"what is open in some places from the index of each", openIn("/a/b/c/d/", "/a/b/c/e/"), "SEARCH c USING INDEX cases_open (path>? AND path<?)"},
		{"what changed last of what has ended from its own index", changed, "SCAN c USING INDEX cases_done_changed"},
		{"cases of a time in the county from its serials", timed("/320682/"), "SEARCH c USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{"but those of a village by its path", timed("/320682/320682001/320682001001/"), "SEARCH c USING INDEX cases_done"},
		{"what a unit had in hand from the unit", unit, "SEARCH c USING INDEX cases_id (id=?)"},
		{"words to a post that nobody has seen in their order", words, "SEARCH a USING INDEX alert_new (post=? AND at<?)"},
		{"and the others", words, "SEARCH a USING INDEX alert_seen (post=? AND at<?)"},
		{"counters of an area from day to day", countersUnder, "SEARCH t USING PRIMARY KEY (day=? AND path>? AND path<?)"},
	} {
		var args []any
		for _, holder := range []string{"$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8"} {
			if strings.Contains(rule.query, holder) {
				args = append(args, "a")
			}
		}
		if plan := planOf(t, db, rule.query, args); !strings.Contains(plan, rule.want) {
			t.Errorf("%s: want %q, have\n%s", rule.name, rule.want, plan)
		}
	}
}

// emptyLite is an empty database of the embedded engine.
func emptyLite(t *testing.T) *database.DB {
	t.Helper()
	db := dbtest.Open(t, database.Options{Dir: t.TempDir()})
	if _, err := db.Migrate(context.Background(), audit.Schema(), Schema()); err != nil {
		t.Fatal(err)
	}
	return db
}

// planOf is how SQLite goes about a query, a step a line.
func planOf(t *testing.T, db *database.DB, query string, args []any) string {
	t.Helper()
	var plan []string
	if err := db.Read(context.Background(), func(tx *database.Tx) (err error) {
		plan, err = database.All(tx, func(sc database.Scanner) (step string, err error) {
			var id, parent, zero int
			err = sc.Scan(&id, &parent, &zero, &step)
			return step, err
		}, "EXPLAIN QUERY PLAN "+query, args...)
		return err
	}); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(plan, "\n")
}
