package staff

import (
	"slices"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/platform/database"
	"linli/internal/platform/lang"
)

// Cover says who answers for a post at a moment, and how that was found.
type Cover struct {
	Post     Post     `json:"post" doc:"the post asked for"`
	Holder   Post     `json:"holder" doc:"the post that answers: itself or a named fall-back"`
	Accounts []string `json:"accounts" doc:"who holds that post, deputies last"`
	Trail    []Step   `json:"trail,omitempty" doc:"the posts that were passed over, with the reason"`
	Nobody   bool     `json:"nobody,omitempty" doc:"not even an administrator is there"`
}

// Step is one post that could not answer, and why the next one was asked.
type Step struct {
	Post   Post      `json:"post"`
	Reason lang.Text `json:"reason"`
}

// Cover finds who answers for the post at the moment, in memory: its holders or deputies, else the named
// fall-backs of its role in their order, else any administrator. The answer has Nobody only when no
// administrator is left either.
func (s *Service) Cover(p Post, at time.Time) Cover {
	return cover(s.reg.Load(), s.tree(), s.roles, p, at)
}

// CoverIn is Cover as the transaction sees it: inside a listener, or beside an appointment whose transaction is
// not yet shown to everybody. It costs one row when nothing has changed.
func (s *Service) CoverIn(tx *database.Tx, p Post, at time.Time) (Cover, error) {
	reg, err := s.registryIn(tx)
	if err != nil {
		return Cover{}, err
	}
	return cover(reg, s.tree(), s.roles, p, at), nil
}

func cover(reg *registry, tree *area.Tree, roles *Roles, p Post, at time.Time) Cover {
	c := Cover{Post: p}
	if c.take(reg, p, at) {
		return c
	}
	role, known := roles.byKey[p.Role()]
	if !known {
		c.pass(p, lang.T("没有这种岗位", "There is no such role"))
	} else {
		c.pass(p, vacancyReason(reg, p, at))
		for _, st := range role.steps {
			next, ok := st.from(tree, p)
			if !ok || c.asked(next) {
				continue // a place of that level does not exist here
			}
			if c.take(reg, next, at) {
				return c
			}
			c.pass(next, vacancyReason(reg, next, at))
		}
	}
	if next, ok := reg.admin(at); ok {
		c.take(reg, next, at)
		return c
	}
	c.Nobody = true
	return c
}

// from is the post the step means for somebody at p.
func (st step) from(tree *area.Tree, p Post) (Post, bool) {
	if st.level == "" {
		org, ok := tree.Org(p.Place())
		return MakePost(st.role, p.Place()), ok && !org.Closed
	}
	a, ok := areaAt(tree, p.Place(), st.level)
	return MakePost(st.role, a.Code), ok
}

// areaAt is the nearest area of the level at or above the place. Where a tree begins below the county, as for a
// township that runs the program by itself, its root stands for the county.
func areaAt(tree *area.Tree, place string, level area.Level) (area.Area, bool) {
	if a, ok := tree.At(place, level); ok {
		return a, !a.Closed
	}
	if level != area.County {
		return area.Area{}, false
	}
	root := strings.TrimPrefix(tree.Path(place), "/")
	root, _, _ = strings.Cut(root, "/")
	a, ok := tree.Area(root)
	return a, ok && !a.Closed
}

func (c *Cover) take(reg *registry, p Post, at time.Time) bool {
	if c.Accounts = reg.holders(p, at); len(c.Accounts) == 0 {
		return false
	}
	c.Holder = p
	return true
}

func (c *Cover) pass(p Post, why lang.Text) { c.Trail = append(c.Trail, Step{Post: p, Reason: why}) }

func (c *Cover) asked(p Post) bool {
	for _, s := range c.Trail {
		if s.Post == p {
			return true
		}
	}
	return false
}

// vacancyReason tells how the post comes to be empty.
func vacancyReason(reg *registry, p Post, at time.Time) lang.Text {
	why := lang.T("空岗:无人任职", "Vacant: nobody is appointed")
	for _, a := range reg.byPost[p] {
		switch {
		case a.Spans(at):
			return lang.T("空岗:任职账号已停用", "Vacant: the account appointed is switched off")
		case a.From.After(at):
			why = lang.T("空岗:任职尚未开始", "Vacant: the appointment has not begun")
		case why.EN == "Vacant: nobody is appointed":
			why = lang.T("空岗:任期已满", "Vacant: the term is over")
		}
	}
	return why
}

// Find gives the post of a role as seen from a place: at the area of that level at or above it; for a role of
// organisations at the organisation itself. Without a level the nearest area where the role can exist is taken.
// Whether anybody holds it is Cover's question.
func (s *Service) Find(role, areaCode string, level area.Level) (Post, bool) {
	r, ok := s.roles.byKey[role]
	if !ok {
		return "", false
	}
	tree := s.tree()
	if r.OfOrg() {
		org, ok := tree.Org(areaCode)
		return MakePost(role, areaCode), ok && !org.Closed && slices.Contains(r.Orgs, org.Kind)
	}
	if level != "" {
		a, ok := areaAt(tree, areaCode, level)
		return MakePost(role, a.Code), ok && r.AtLevel(level)
	}
	levels := area.Levels()
	for i := len(levels) - 1; i >= 0; i-- {
		if !r.AtLevel(levels[i]) {
			continue
		}
		if a, ok := areaAt(tree, areaCode, levels[i]); ok {
			return MakePost(role, a.Code), true
		}
	}
	return "", false
}

// Holders lists who holds the post at the moment, deputies last.
func (s *Service) Holders(p Post, at time.Time) []Account {
	reg := s.reg.Load()
	var out []Account
	for _, id := range reg.holders(p, at) {
		out = append(out, *reg.accounts[id])
	}
	return out
}

// PostsOf lists the posts the account holds at the moment, also as deputy.
func (s *Service) PostsOf(account string, at time.Time) []Post {
	reg := s.reg.Load()
	var out []Post
	for _, a := range reg.byAccount[account] {
		if reg.living(a, at) {
			out = append(out, a.Post)
		}
	}
	return out
}

// Account gives somebody from memory, for showing who did something.
func (s *Service) Account(id string) (Account, bool) {
	a, ok := s.reg.Load().accounts[id]
	if !ok {
		return Account{}, false
	}
	return *a, true
}
