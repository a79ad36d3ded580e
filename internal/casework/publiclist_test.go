package casework

import (
	"context"
	"strings"
	"testing"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// Most of a county's cases have ended some day; the public list must not read them all.
func TestThePublicListReadsInTheOrderOfItsIndex(t *testing.T) {
	db := dbtest.Open(t, database.Options{Dir: t.TempDir()})
	ctx := context.Background()
	if _, err := db.Migrate(ctx, audit.Schema(), Schema()); err != nil {
		t.Fatal(err)
	}
	s := &Service{}
	for name, after := range map[string]string{"the first page": "", "a later one": resultCursor(listed{key: 5, c: &Case{Serial: 7}})} {
		var plan []string
		if err := db.Read(ctx, func(tx *database.Tx) error {
			q, err := s.publicQuery(tx, PublicFilter{}, after)
			if err != nil {
				return err
			}
			plan, err = database.All(tx, func(sc database.Scanner) (step string, err error) {
				var id, parent, zero int
				err = sc.Scan(&id, &parent, &zero, &step)
				return step, err
			}, "EXPLAIN QUERY PLAN "+q.sql, q.Args...)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		steps := strings.Join(plan, "\n")
		if !strings.Contains(steps, "USING INDEX cases_shown") || strings.Contains(steps, "TEMP B-TREE") {
			t.Errorf("%s:\n%s", name, steps)
		}
	}
}
