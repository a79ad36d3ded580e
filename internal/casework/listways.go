package casework

import (
	"cmp"
	"fmt"
	"slices"

	"linli/internal/platform/database"
	"linli/internal/staff"
)

// listed reads what the page is made of. On SQLite, what changed last in an area is what changed last of all that is open
// there, which is little, and of what has ended, which has its own index.
func (s *Service) listed(tx *database.Tx, actor *staff.Actor, f Filter, q *listQuery) ([]listed, error) {
	queries := []*listQuery{q}
	if tx.Engine() == database.SQLite && f.Scope == "area" && f.Sort == "updated" && f.State == "all" && f.free() && !f.timed() && len(actor.Paths("case.read")) > 0 {
		queries = queries[:0]
		for _, state := range []string{"open", "ended"} {
			f.State = state
			part, err := s.listQuery(tx, actor, f)
			if err != nil {
				return nil, err
			}
			queries = append(queries, part)
		}
	}
	if len(queries) == 1 && f.Text == "" && !f.WithTasks {
		tx.Last()
	}
	if f.Scope == "mine" && f.free() || len(q.grounds) > 0 { // each post's, or each place's, from its own run of an index
		if err := tx.OnePlan(); err != nil {
			return nil, err
		}
	}
	var found []listed
	for _, q := range queries {
		rows, err := database.All(tx, scanListed, q.sql, q.Args...)
		if err != nil {
			return nil, fmt.Errorf("listing cases: %w", err)
		}
		found = append(found, rows...)
	}
	if len(queries) > 1 {
		slices.SortFunc(found, func(a, b listed) int {
			return cmp.Or(cmp.Compare(b.key, a.key), cmp.Compare(b.c.Serial, a.c.Serial))
		})
		found = found[:min(len(found), f.PageSize+1)]
	}
	return found, nil
}

// walks tells whether the list is the newest or oldest of a whole area, open or not: the cases are then best read
// in the order of their serials until the page is full.
func (f *Filter) walks() bool { return (f.Sort == "newest" || f.Sort == "oldest") && f.lasting() }

// ranges tells whether the list is of a time, or what changed last of what has ended: the cases of a whole area are then best
// read among those of the time, or in the order of their changes.
func (f *Filter) ranges() bool {
	return f.lasting() && (f.timed() || f.Sort == "updated" && f.State == "ended")
}

// walking is the path of a case, written so that a wide area is walked through: SQLite has no figures about ranges, and
// PostgreSQL none when it plans for all values, and would gather and sort all cases there ever were.
func (f *Filter) walking(engine database.Engine) string {
	switch {
	case engine == database.SQLite && (f.walks() || f.ranges()):
		return "+c.path"
	case engine == database.Postgres && f.walks() && f.timed():
		return "c.path || ''"
	default:
		return ""
	}
}

// lasting tells whether the list goes on into what has ended, and no unit and no words narrow it.
func (f *Filter) lasting() bool { return f.free() && (f.State == "all" || f.State == "ended") }

// free tells whether neither a unit nor words narrow the list, which have indexes of their own.
func (f *Filter) free() bool { return f.Unit == "" && f.Text == "" }

// plain tells whether nothing narrows the list but whether the cases have ended, and it comes in the order of an index.
func (f *Filter) plain() bool {
	return f.lasting() && !f.timed() && f.Sort != "due" &&
		f.Area+f.Stage+f.Category+f.Urgency+f.Channel+f.Kind+f.Model == ""
}
