package casework

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// The plan of a post's list is made once and kept. Made while there is next to nothing, with or without figures about it, it
// must still go from each hand-over to the others of its case, and to the case, by their keys.
func TestThePlanOfAPostsWorkHoldsWhileTheTablesGrow(t *testing.T) {
	for _, known := range []struct{ name, before string }{
		{"nothing known", ""}, {"known to be small", small + "; ANALYZE task; ANALYZE cases"},
	} {
		t.Run(known.name, func(t *testing.T) {
			db := dbtest.Open(t, dbtest.Options(t, database.Postgres, nil))
			if _, err := db.Migrate(context.Background(), audit.Schema(), Schema()); err != nil {
				t.Fatal(err)
			}
			if err := db.Write(context.Background(), func(tx *database.Tx) error {
				for _, statement := range strings.Split(known.before, "; ") {
					if _, err := tx.Exec(statement); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			for posts := 1; posts <= 3; posts++ {
				for _, sort := range []string{"due", "newest", "updated"} {
					plan := workPlan(t, db, posts, Filter{Scope: "mine", Sort: sort})
					for _, key := range []string{`Index Cond: \(case_id = t\.case_id\)`, `Index Cond: \(id = (t|b\d|u)\.case_id\)`} {
						if !regexp.MustCompile(key).MatchString(plan) {
							t.Errorf("%d posts by %s: no %s in\n%s", posts, sort, key, plan)
						}
					}
					for _, step := range []string{"Seq Scan on task", "Seq Scan on cases", "Materialize"} {
						if strings.Contains(plan, step) {
							t.Errorf("%d posts by %s: %s in\n%s", posts, sort, step, plan)
						}
					}
				}
			}
		})
	}
}

// small fills the hand-overs and the cases with some hundreds of rows, of which half the hand-overs are open, all with one post.
var small = fill("cases", "") + "; " + fill("task", `|| jsonb_build_object('closed_at', n % 2, 'holder', 'a')`)

func fill(table, more string) string {
	return `INSERT INTO ` + table + ` SELECT r.* FROM generate_series(1, 400) n, jsonb_populate_record(NULL::` + table + `, (SELECT jsonb_object_agg(column_name,
		CASE data_type WHEN 'text' THEN to_jsonb(n::text) WHEN 'boolean' THEN to_jsonb(FALSE) ELSE to_jsonb(n) END)
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '` + table + `') ` + more + `) r`
}

// workPlan is how PostgreSQL goes about the work of some posts by the plan it keeps.
func workPlan(t *testing.T, db *database.DB, posts int, f Filter) string {
	t.Helper()
	q := &listQuery{id: byCase, dir: "ASC"}
	q.order(f)
	holders := make([]string, posts)
	given := make([]string, posts)
	for i := range holders {
		holders[i], given[i] = q.Arg("a"), "'a'"
	}
	if q.desc {
		q.dir = "DESC"
	}
	q.work(database.Postgres, holders, "51")
	var plan []string
	if err := db.Read(context.Background(), func(tx *database.Tx) (err error) {
		if err := tx.OnePlan(); err != nil {
			return err
		}
		if _, err := tx.Exec("PREPARE work (text" + strings.Repeat(", text", posts-1) + ") AS " + q.sql); err != nil {
			return err
		}
		plan, err = database.All(tx, func(sc database.Scanner) (step string, err error) {
			err = sc.Scan(&step)
			return step, err
		}, "EXPLAIN EXECUTE work ("+strings.Join(given, ", ")+")")
		if _, free := tx.Exec("DEALLOCATE work"); err == nil {
			err = free
		}
		return err
	}); err != nil {
		t.Fatalf("%s: %v", q.sql, err)
	}
	return strings.Join(plan, "\n")
}
