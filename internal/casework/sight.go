package casework

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// sees tells whether the actor may know of the case and read it: the program; whoever reported it
// signed in; whoever answers or answered for a hand-over of it; and posts with case.read over its area
// or over a unit that had it. Confidential cases show only to those who have a hand-over of it and to
// posts named for it.
func (s *Service) sees(actor *staff.Actor, c *Case) bool {
	if actor.System() || s.reported(actor, c) {
		return true
	}
	if actor.Anonymous() {
		return false
	}
	for i := range c.Tasks {
		t := &c.Tasks[i]
		if c.Confidential && !t.Open() {
			continue
		}
		if actor.Holds(t.Holder) || actor.Holds(t.Post) {
			return true
		}
		if unit := t.Post.Place(); actor.MayOrg("case.read", unit) && (!c.Confidential || actor.SeesConfidentialOrg(unit)) {
			return true
		}
	}
	return actor.May("case.read", c.Path) && (!c.Confidential || actor.SeesConfidential(c.Path))
}

// reported tells whether the actor reported the case under the own account.
func (s *Service) reported(actor *staff.Actor, c *Case) bool {
	return c.Account != "" && !actor.Anonymous() && actor.ID() == c.Account
}

// mayAct lets through who may see the case, or proves by the tracking code to be its reporter.
func (s *Service) mayAct(actor *staff.Actor, c *Case, cmd Command) (reporter bool, err error) {
	if cmd.Code != "" {
		serial, err := s.serialOfCode(cmd.Code)
		if err != nil {
			return false, err
		}
		if serial != c.Serial {
			return false, errNoCase()
		}
		return true, nil
	}
	if !s.sees(actor, c) {
		return false, errNoCase()
	}
	if actor.MustChange() {
		return false, fault.New(fault.Forbidden, "change-password", "请先修改初始密码", "Change the initial password first")
	}
	return s.reported(actor, c), nil
}

// shown leaves out of the entries what the reader may not see: who only reported it reads the public ones.
func (s *Service) shown(actor *staff.Actor, c *Case, entries []Entry) []Entry {
	if s.serves(actor, c) {
		return entries
	}
	out := []Entry{}
	for _, e := range entries {
		if e.Public {
			out = append(out, e.outside())
		}
	}
	return out
}

// serves tells whether the actor sees the case by a post, not only as its reporter.
func (s *Service) serves(actor *staff.Actor, c *Case) bool {
	self := *c
	self.Account = ""
	return s.sees(actor, &self)
}

// outside lists the form fields that may be read outside on public entries.
var outside = []string{"result", "question", "answer", "note", "reason", "score", "comment", "resolved", "satisfied",
	"measures", "deadline", "steps", "promise", "progress", "satisfaction", "photo_before", "photo_after"}

// outside is the entry as the reporter and the public may read it: no accounts, no posts, no units'
// inner words.
func (e Entry) outside() Entry {
	out := Entry{Seq: e.Seq, At: e.At, Action: e.Action, Public: true,
		Data: EntryData{By: e.Data.By, Stage: e.Data.Stage, End: e.Data.End}}
	for _, key := range outside {
		if key == "note" && e.Action != "note" && e.Data.By != "reporter" {
			continue // a word among colleagues; reasons and results are written knowing that they are read
		}
		if v, ok := e.Data.Form[key]; ok {
			if out.Data.Form == nil {
				out.Data.Form = map[string]any{}
			}
			out.Data.Form[key] = v
		}
	}
	return out
}

// scope is what of the cases an actor may list, as a condition in SQL.
type scope struct {
	database.Conditions

	walk  string // the path of a case, written so that pages come in the order of the list, not from the indexes of places; or ""
	whole bool   // nothing else says whether the cases are open or have ended
	life  string // which of both, so that the indexes of places can be asked in each part of an OR
	plain bool   // the list does not begin with what units had in hand: it is met soon, or something else comes first
	wide  bool   // the list goes through cases without asking for a place
	units bool   // the list begins with what units had in hand
}

// readable is the condition for the cases that the actor's posts may read: of their areas, and of their
// organisations what these have or had in hand.
func (s *Service) readable(actor *staff.Actor, q *scope) {
	if actor.System() {
		q.wide = true
		return
	}
	var any []string
	paths, units := actor.Paths("case.read"), actor.Orgs("case.read")
	if len(paths) == 0 && len(units) > 0 && !q.plain {
		s.unitsAlone(actor, q, units)
		return
	}
	for _, path := range paths {
		for _, cond := range q.parts(path) {
			if !actor.SeesConfidential(path) {
				cond += " AND c.confidential = FALSE"
			}
			any = append(any, "("+cond+")")
		}
	}
	q.Any(append(any, s.ofUnits(actor, q)...))
}

// ofUnits are the conditions for what the actor's organisations have or had in hand.
func (s *Service) ofUnits(actor *staff.Actor, q *scope) (any []string) {
	for _, unit := range actor.Orgs("case.read") {
		posts := q.List(s.postsAt(unit))
		any = append(any, "(c.confidential = FALSE AND c.id IN ("+openOf(posts)+" UNION ALL SELECT case_id FROM task WHERE closed_at > 0 AND post IN ("+posts+")))")
		if actor.SeesConfidentialOrg(unit) { // only while the unit has it in hand, see sees
			any = append(any, "c.id IN ("+openOf(posts)+")")
		}
	}
	return any
}

// unitsAlone is the condition for who reads by organisations alone: the engines then begin with what these have or had in
// hand, a small part of all, and look no case up that is none of it.
func (s *Service) unitsAlone(actor *staff.Actor, q *scope, units []string) {
	var posts, secret []string
	for _, unit := range units {
		posts = append(posts, s.postsAt(unit)...)
		if actor.SeesConfidentialOrg(unit) { // only while the unit has it in hand, see sees
			secret = append(secret, s.postsAt(unit)...)
		}
	}
	q.unitsHad(posts, secret)
}

// unitsHad is the condition for what posts have or had in hand: confidential ones only what some of them have.
func (q *scope) unitsHad(posts, secret []string) {
	q.units = true
	all := q.List(posts)
	q.And("c.id IN (" + openOf(all) + " UNION ALL SELECT case_id FROM task WHERE closed_at > 0 AND post IN (" + all + "))")
	either := []string{"c.confidential = FALSE"}
	if len(secret) > 0 {
		either = append(either, "c.id IN ("+openOf(q.List(secret))+")")
	}
	q.Any(either)
}

// wideDepth is how many slashes the path of a township has, with the county above it.
const wideDepth = 3

// parts are the conditions that together mean "in the area of this path or below", one for each index of places that
// has to be asked.
func (q *scope) parts(path string) []string {
	if path == "/" {
		q.wide = true
		return []string{"1 = 1"}
	}
	if q.walk != "" && strings.Count(path, "/") <= wideDepth {
		q.wide = true
		return []string{q.Under(q.walk, path)}
	}
	in := q.Under("c.path", path)
	if q.life != "" {
		return []string{q.life + " AND " + in}
	}
	if !q.whole {
		return []string{in}
	}
	return []string{"c.ended_at = 0 AND " + in, "c.ended_at > 0 AND " + in}
}

// under is the condition "in the area of this path or below".
func (q *scope) under(path string) string {
	return "(" + strings.Join(q.parts(path), " OR ") + ")"
}

// begins is the condition that the column's text begins so; nothing in the text is a pattern.
func (q *scope) begins(column, text string) string {
	return "substr(" + column + ", 1, " + strconv.Itoa(utf8.RuneCountInString(text)) + ") = " + q.Arg(text)
}

// postsAt lists the posts that can exist at an organisation.
func (s *Service) postsAt(unit string) []string {
	var posts []string
	for _, role := range s.staff.RoleTable().All() {
		if slices.Contains(role.At, "org") {
			posts = append(posts, string(staff.MakePost(role.Key, unit)))
		}
	}
	return posts
}

// offers are the actions the actor may take now.
func (s *Service) offers(d *flow.Definition, actor *staff.Actor, c *Case, reporter bool, st flow.State) []flow.Offer {
	return flow.Offers(d, st, s.who(actor, c, reporter))
}
