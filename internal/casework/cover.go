package casework

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// postsChanged finds anew who answers for the open hand-overs of posts that changed hands: a post that
// fell vacant passes to its named fall-back, one that was filled takes its work back. It runs inside the
// transaction of the appointment.
func (s *Service) postsChanged(tx *database.Tx, posts []staff.Post) error {
	affected := map[string]bool{}
	for _, p := range posts {
		// work given to the post, and work it covers for others
		ids, err := database.Column[string](tx, workOf, string(p))
		if err != nil {
			return fmt.Errorf("work of %s: %w", p, err)
		}
		for _, id := range ids {
			affected[id] = true
		}
	}
	more, err := s.uncovered(tx)
	if err != nil {
		return err
	}
	for _, id := range more {
		affected[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(affected)) {
		if err := s.recover(tx, id); err != nil {
			return err
		}
	}
	return nil
}

// workOf is two searches, because one with OR makes SQLite read all open work.
const workOf = `SELECT case_id FROM task WHERE closed_at = 0 AND holder = $1
	UNION SELECT case_id FROM task WHERE closed_at = 0 AND post <> holder AND post = $1`

// openOf asks for the open hand-overs given to posts: those they answer for themselves, and those in other hands.
func openOf(posts string) string {
	return `SELECT case_id FROM task WHERE closed_at = 0 AND post = holder AND holder IN (` + posts + `)
		UNION ALL SELECT case_id FROM task WHERE closed_at = 0 AND post <> holder AND post IN (` + posts + `)`
}

// standIns is read in the transaction of every appointment; the index task_stand_in holds these few rows only.
const standIns = `SELECT DISTINCT post, holder FROM task WHERE closed_at = 0 AND post <> holder`

// uncovered lists the cases whose work is answered for by a stand-in who is no longer the right one: a post
// between the two may have been filled or fallen vacant.
func (s *Service) uncovered(tx *database.Tx) (ids []string, err error) {
	pairs, err := database.All(tx, func(sc database.Scanner) (p [2]string, err error) { return p, sc.Scan(&p[0], &p[1]) },
		standIns)
	if err != nil {
		return nil, fmt.Errorf("work done by stand-ins: %w", err)
	}
	for _, p := range pairs {
		cover, err := s.staff.CoverIn(tx, staff.Post(p[0]), tx.Now)
		if err != nil {
			return nil, err
		}
		if cover.Nobody || cover.Holder == staff.Post(p[1]) {
			continue
		}
		more, err := database.Column[string](tx, `SELECT case_id FROM task WHERE closed_at = 0 AND post = $1 AND holder = $2`, p[0], p[1])
		if err != nil {
			return nil, fmt.Errorf("work of %s: %w", p[0], err)
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

func (s *Service) recover(tx *database.Tx, id string) error {
	c, err := load(tx, id, true)
	if err != nil {
		return err
	}
	var touched []int
	entry := Entry{Action: "cover", Data: EntryData{By: "system"}}
	for i := range c.Tasks {
		t := &c.Tasks[i]
		if !t.Open() {
			continue
		}
		g, err := s.answers(tx, t.Post, t.Exclude)
		if err != nil {
			return err
		}
		if g.holder == "" || g.holder == t.Holder {
			continue
		}
		t.Holder, t.Trail = g.holder, g.trail
		touched = append(touched, t.No)
		entry.Data.Changes = append(entry.Data.Changes, TaskChange{Op: "cover", Task: t.No, Post: t.Post, Holder: t.Holder})
		entry.Data.Told = append(entry.Data.Told, t.Holder)
	}
	if len(touched) == 0 {
		return nil
	}
	return s.keep(tx, c, entry, touched)
}

// answers finds who answers for a post as the transaction sees it: its cover, and when everybody there is
// ruled out, the next fall-back that is somebody else. The holder is "" when nobody is there.
func (s *Service) answers(tx *database.Tx, post staff.Post, exclude []string) (given, error) {
	var fail error
	cover := func(p staff.Post) staff.Cover {
		c, err := s.staff.CoverIn(tx, p, tx.Now)
		if err != nil {
			fail = err
		}
		return c
	}
	found := cover(post)
	g := given{post: post, holder: found.Holder, trail: found.Trail}
	if found.Nobody {
		return given{post: post}, fail
	}
	if next, trail, ok := s.besides(found, exclude, cover); ok {
		g.holder, g.trail = next, append(g.trail, trail...)
	}
	return g, fail
}

// keep records a change that no action of the model made, and saves.
func (s *Service) keep(tx *database.Tx, c *Case, entry Entry, touched []int) error {
	d, err := s.model(tx, c.Model)
	if err != nil {
		return err
	}
	base := c.Version
	if err := s.tell(tx, c, entry, nil); err != nil {
		return err
	}
	c.settle()
	s.schedule(c, d)
	return save(tx, c, base, touched)
}

// areaChanged rewrites paths when areas move, are merged or split. Open cases of an area that is gone
// follow to its successor, with an entry in their timeline; counters follow too.
func (s *Service) areaChanged(tx *database.Tx, ch area.Change) error {
	switch ch.Kind {
	case area.ChangeMove, area.ChangeMerge:
		return s.repath(tx, ch)
	case area.ChangeSplit:
		return s.split(tx, ch)
	case area.ChangeClose:
		return s.unfinished(tx, `SELECT count(*) FROM cases WHERE path >= $1 AND path < $2 AND ended_at = 0`, ch.OldPath, ch.OldPath[:len(ch.OldPath)-1]+"0")
	case area.ChangeCloseOrg:
		q := &scope{}
		return s.unfinished(tx, `SELECT count(*) FROM (`+openOf(q.List(s.postsAt(ch.From[0])))+`) o`, q.Args...)
	}
	return nil
}

// unfinished refuses to close a place that still has something open: it would be without a place to belong to.
func (s *Service) unfinished(tx *database.Tx, query string, args ...any) error {
	var n int
	if err := tx.Row(query, args...).Scan(&n); err != nil {
		return fmt.Errorf("open work of a place to be closed: %w", err)
	}
	if n == 0 {
		return nil
	}
	return fault.Newf(fault.Conflict, "open-work", "这里还有 %[1]d 件没有办结,请先办完、转出,或用合并代替撤销", "There are still %[1]d open matters here; end them, pass them on, or merge the area instead of closing it", n)
}

func (s *Service) repath(tx *database.Tx, ch area.Change) error {
	if ch.OldPath == "" || ch.NewPath == "" || ch.OldPath == ch.NewPath {
		return nil
	}
	end := ch.OldPath[:len(ch.OldPath)-1] + "0"
	if ch.Kind == area.ChangeMerge && len(ch.From) > 0 && len(ch.To) > 0 {
		if err := s.moveOpen(tx, ch, ch.From[0], func(*Case) string { return ch.To[0] }); err != nil {
			return err
		}
		for _, part := range eachPart {
			if _, err := tx.Exec(`UPDATE cases SET area = $1 WHERE path = $2 AND `+part, ch.To[0], ch.OldPath); err != nil {
				return fmt.Errorf("moving cases of %s: %w", ch.From[0], err)
			}
		}
	}
	for _, part := range eachPart {
		if _, err := tx.Exec(`UPDATE cases SET path = $1 || substr(path, $2) WHERE path >= $3 AND path < $4 AND `+part,
			ch.NewPath, len(ch.OldPath)+1, ch.OldPath, end); err != nil {
			return fmt.Errorf("rewriting paths of cases: %w", err)
		}
	}
	// counters of the old path are added to those of the new one, in one look: the new path may lie below the old one
	moving, err := database.All(tx, func(sc database.Scanner) (c tallied, err error) {
		return c, sc.Scan(&c.day, &c.path, &c.measure, &c.n)
	}, countersUnder, ch.OldPath, end)
	if err != nil {
		return fmt.Errorf("counters of %s: %w", ch.OldPath, err)
	}
	for _, c := range moving {
		if err := tx.Send(`DELETE FROM tally WHERE day = $1 AND path = $2 AND measure = $3`, c.day, c.path, c.measure); err != nil {
			return fmt.Errorf("clearing counters: %w", err)
		}
	}
	for _, c := range moving {
		if err := tx.Send(`INSERT INTO tally (day, path, measure, n) VALUES ($1, $2, $3, $4)
			ON CONFLICT (day, path, measure) DO UPDATE SET n = tally.n + excluded.n`, c.day, ch.NewPath+c.path[len(ch.OldPath):], c.measure, c.n); err != nil {
			return fmt.Errorf("moving counters: %w", err)
		}
	}
	return nil
}

// eachPart are the two parts of the cases; each has its own index of places.
var eachPart = []string{"ended_at = 0", "ended_at > 0"}

// tallied is a row of the counters.
type tallied struct {
	day           int64
	path, measure string
	n             int64
}

// countersUnder goes from day to day, since the counters of a day lie together.
const countersUnder = `WITH RECURSIVE days (day) AS (
	SELECT min(day) FROM tally UNION ALL SELECT (SELECT min(t.day) FROM tally t WHERE t.day > days.day) FROM days WHERE days.day IS NOT NULL)
	SELECT t.day, t.path, t.measure, t.n FROM days JOIN tally t ON t.day = days.day AND t.path >= $1 AND t.path < $2`

// split sends each open case of the old grid to the new one that holds its point; those without a point,
// and all that have ended, go to the first.
func (s *Service) split(tx *database.Tx, ch area.Change) error {
	if len(ch.From) == 0 || len(ch.To) == 0 {
		return nil
	}
	to := func(c *Case) string {
		if c.Point != nil && ch.Locate != nil {
			if code, ok := ch.Locate(c.Point.Lat, c.Point.Lon); ok {
				return code
			}
		}
		return ch.To[0]
	}
	if err := s.moveOpen(tx, ch, ch.From[0], to); err != nil {
		return err
	}
	parent := strings.TrimSuffix(ch.OldPath, ch.From[0]+"/")
	rest := ch
	rest.Kind, rest.NewPath = area.ChangeMerge, parent+ch.To[0]+"/"
	return s.repath(tx, rest)
}

// moveOpen moves the open cases that lie in the area itself, each with an entry. Hand-overs to posts of
// the old area go to the same post of the new one, wherever their case lies.
func (s *Service) moveOpen(tx *database.Tx, ch area.Change, from string, to func(*Case) string) error {
	ids, err := database.Column[string](tx, `SELECT id FROM cases WHERE path = $1 AND ended_at = 0 ORDER BY id`, ch.OldPath)
	if err != nil {
		return fmt.Errorf("cases of %s: %w", from, err)
	}
	q := &scope{}
	more, err := database.Column[string](tx, `SELECT DISTINCT case_id FROM (`+openOf(q.List(s.postsIn(from)))+`) o ORDER BY case_id`, q.Args...)
	if err != nil {
		return fmt.Errorf("work of %s: %w", from, err)
	}
	for _, id := range more {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		c, err := load(tx, id, true)
		if err != nil {
			return err
		}
		code := to(c)
		entry := Entry{Account: ch.Actor, Action: "area", Data: EntryData{Text: ch.Reason}}
		if c.Path == ch.OldPath {
			entry.Data.Fields = map[string][2]any{"area": {c.Area, code}}
			c.Area, c.Path = code, newPath(ch, code)
		}
		touched, err := s.follow(tx, c, from, code, &entry)
		if err != nil {
			return err
		}
		if err := s.keep(tx, c, entry, touched); err != nil {
			return err
		}
	}
	return nil
}

// postsIn lists the posts that can exist at an area.
func (s *Service) postsIn(code string) []string {
	var posts []string
	for _, role := range s.staff.RoleTable().All() {
		posts = append(posts, string(staff.MakePost(role.Key, code)))
	}
	return posts
}

func newPath(ch area.Change, code string) string {
	if ch.NewPath != "" {
		return ch.NewPath
	}
	return strings.TrimSuffix(ch.OldPath, ch.From[0]+"/") + code + "/"
}

func (s *Service) follow(tx *database.Tx, c *Case, from, to string, entry *Entry) ([]int, error) {
	var touched []int
	for i := range c.Tasks {
		t := &c.Tasks[i]
		if !t.Open() || t.Post.Place() != from {
			continue
		}
		before := t.Post
		t.Post = staff.MakePost(t.Post.Role(), to)
		g, err := s.answers(tx, t.Post, t.Exclude)
		if _, known := s.areas.Tree().Area(to); err == nil && !known && g.holder != t.Post {
			// the tree does not show the new area before the commit; what lies above it is the same
			g, err = s.answers(tx, before, t.Exclude)
		}
		if err != nil {
			return nil, err
		}
		if g.holder != "" {
			t.Holder, t.Trail = g.holder, g.trail
		}
		touched = append(touched, t.No)
		entry.Data.Changes = append(entry.Data.Changes, TaskChange{Op: flow.ChangeOp("follow"), Task: t.No, Post: t.Post, Holder: t.Holder})
	}
	return touched, nil
}
