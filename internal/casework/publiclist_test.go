package casework

import (
	"context"
	"strings"
	"testing"

	"linli/internal/platform/database"
)

// Most of a county's cases have ended some day; the public list must not read them all.
func TestThePublicListReadsInTheOrderOfItsIndex(t *testing.T) {
	db := emptyLite(t)
	s := &Service{}
	for name, after := range map[string]string{"the first page": "", "a later one": resultCursor(listed{key: 5, c: &Case{Serial: 7}})} {
		var q *listQuery
		if err := db.Read(context.Background(), func(tx *database.Tx) (err error) {
			q, err = s.publicQuery(tx, PublicFilter{}, after)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		steps := planOf(t, db, q.sql, q.Args)
		if !strings.Contains(steps, "USING INDEX cases_shown") || strings.Contains(steps, "TEMP B-TREE") {
			t.Errorf("%s:\n%s", name, steps)
		}
	}
}

// What is open is ordered from its index alone, of a village as of the county; rows are read for one batch only.
func TestThePublicListOfOpenMattersOrdersByAnIndexAlone(t *testing.T) {
	db := emptyLite(t)
	s := &Service{}
	for name, after := range map[string]string{"the first page": "", "a later one": serialCursor(7)} {
		q, err := s.openQuery(PublicFilter{}, after)
		if err != nil {
			t.Fatal(err)
		}
		if steps := planOf(t, db, q.sql, q.Args); !strings.Contains(steps, "USING COVERING INDEX cases_open") {
			t.Errorf("%s:\n%s", name, steps)
		}
	}
	for _, path := range []string{"/320682/", "/320682/320682001/320682001001/"} {
		q := &listQuery{id: openOrder, key: openOrder, desc: true}
		q.And(openOnly)
		q.And(q.under(path))
		if err := q.after(serialCursor(7)); err != nil {
			t.Fatal(err)
		}
		if steps := planOf(t, db, q.open(), q.Args); !strings.Contains(steps, "SEARCH c USING COVERING INDEX cases_open (path>? AND path<?)") {
			t.Errorf("%s:\n%s", path, steps)
		}
	}
	one := &scope{}
	one.publicOpen([]int64{7})
	steps := planOf(t, db, one.publicRows(database.SQLite), one.Args)
	if !strings.Contains(steps, "SEARCH c USING INTEGER PRIMARY KEY") || !strings.Contains(steps, "USING PRIMARY KEY (case_id=?)") {
		t.Errorf("rows of a batch:\n%s", steps)
	}
}
