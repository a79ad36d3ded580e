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
