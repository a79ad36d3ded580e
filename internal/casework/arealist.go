package casework

import (
	"fmt"
	"strings"

	"linli/internal/platform/database"
	"linli/internal/staff"
)

// fewPlaces is how many areas may lie in what a list is about for the newest of each to be looked at. Where there are more,
// enough of all cases belong there for going through all of them in the order of their serials.
const fewPlaces = 40

// ground is a piece of the county that a list is about.
type ground struct {
	path         string
	confidential bool // also what is confidential there
}

// grounds are what the actor's posts at areas may read of the area that is asked for, when that is so little that its places can
// be looked at one by one; nil for other lists.
func (s *Service) grounds(actor *staff.Actor, f *Filter) []ground {
	tree, asked := s.areas.Tree(), "/"
	if f.Area != "" {
		asked = tree.Path(f.Area)
	}
	if asked == "" || !f.walks() {
		return nil
	}
	var list []ground
	places := 0
	for _, path := range actor.Paths("case.read") {
		g := ground{path: path, confidential: actor.SeesConfidential(path)}
		switch {
		case strings.HasPrefix(asked, path):
			g.path = asked
		case !strings.HasPrefix(path, asked):
			continue
		}
		if g.path == "/" { // of all there is, also what lies nowhere
			return nil
		}
		places += len(tree.Under(g.path))
		list = append(list, g)
	}
	if places > fewPlaces {
		return nil
	}
	return list
}

// elsewhere are the conditions for what the actor's organisations have or had in hand in the area that is asked for, wherever
// the posts at areas may read.
func (s *Service) elsewhere(actor *staff.Actor, q *scope, area string) []string {
	list := s.ofUnits(actor, q)
	if area != "" {
		for i := range list {
			list[i] += " AND " + q.begins("c.path", s.areas.Tree().Path(area))
		}
	}
	return list
}

// places is the newest or oldest of a few places. What has ended lies in the index by place and serial, where the first of a
// place are the beginning of a run; what is open is never much. Only the cases of the page are then read whole.
func (q *listQuery) places(engine database.Engine, limit string) {
	where := q.Where()
	var parts []string
	for _, g := range q.grounds {
		cond := where
		if !g.confidential {
			cond += " AND c.confidential = FALSE"
		}
		if q.whole {
			parts = append(parts, "SELECT c.serial FROM cases c WHERE c.ended_at = 0 AND "+q.Under("c.path", g.path)+" AND "+cond)
		}
		if engine == database.SQLite {
			parts = append(parts, q.inTurn(g.path, cond, limit))
		} else {
			parts = append(parts, q.ofEach(g.path, cond, limit))
		}
	}
	for _, other := range q.others {
		parts = append(parts, "SELECT c.serial FROM cases c WHERE "+other+" AND "+where)
	}
	// UNION, for a case may be read by more than one post
	q.sql = fmt.Sprintf(`SELECT %[1]s, w.serial FROM (SELECT serial FROM (%[2]s) u ORDER BY serial %[3]s LIMIT %[4]s) w JOIN cases c ON c.serial = w.serial
		ORDER BY w.serial %[3]s`, listRow(engine), strings.Join(parts, " UNION "), q.dir, limit)
}

// endedIn begins a query with the paths at or below one at which cases have ended, from one to the next by the index.
func (q *listQuery) endedIn(path string) string {
	from, to := q.Arg(path), q.Arg(path[:len(path)-1]+"0")
	return fmt.Sprintf(`WITH RECURSIVE place (path) AS (SELECT min(d.path) FROM cases d WHERE d.ended_at > 0 AND d.path >= %s AND d.path < %[2]s
		UNION ALL SELECT (SELECT min(d.path) FROM cases d WHERE d.ended_at > 0 AND d.path > place.path AND d.path < %[2]s) FROM place WHERE place.path IS NOT NULL)`, from, to)
}

// inTurn takes what has ended from place to place, always the next there is. SQLite keeps a recursion's rows in order: of each
// place the next one waits, and the first of them is taken.
func (q *listQuery) inTurn(path, cond, limit string) string {
	beyond := ">"
	if q.desc {
		beyond = "<"
	}
	next := func(of, more string) string {
		return fmt.Sprintf("(SELECT c.serial FROM cases c WHERE c.ended_at > 0 AND c.path = %[1]s.path AND %[2]s ORDER BY c.serial %[3]s LIMIT 1), %[1]s.path", of, cond+more, q.dir)
	}
	return fmt.Sprintf(`SELECT serial FROM (%s, turn (serial, path) AS (SELECT %s FROM place WHERE place.path IS NOT NULL
		UNION ALL SELECT %s FROM turn WHERE turn.serial IS NOT NULL ORDER BY 1 %s NULLS LAST LIMIT %s) SELECT turn.serial FROM turn WHERE turn.serial IS NOT NULL) t`,
		q.endedIn(path), next("place", ""), next("turn", " AND c.serial "+beyond+" turn.serial"), q.dir, limit)
}

// ofEach takes what fills a page from every place.
func (q *listQuery) ofEach(path, cond, limit string) string {
	return fmt.Sprintf(`SELECT x.serial FROM (%s SELECT path FROM place WHERE path IS NOT NULL) p CROSS JOIN LATERAL
		(SELECT c.serial FROM cases c WHERE c.ended_at > 0 AND c.path = p.path AND %s ORDER BY c.serial %s LIMIT %s) x`, q.endedIn(path), cond, q.dir, limit)
}
