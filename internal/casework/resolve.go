package casework

import (
	"slices"
	"time"

	"linli/internal/area"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// given is who gets a hand-over.
type given struct {
	post, holder staff.Post
	trail        []staff.Step
}

// resolve turns the actor of a model into a post and finds who answers for it now. The walk is kept, so
// that "why here?" has an answer.
//
// Errors: Invalid for a unit or post that does not exist or has been closed.
func (s *Service) resolve(c *Case, a flow.Actor, at time.Time) (given, error) {
	post, trail, err := s.postFor(c, a)
	if err != nil {
		return given{}, err
	}
	g := s.cover(post, at)
	cover := func(p staff.Post) staff.Cover { return s.staff.Cover(p, at) }
	g.trail = append(trail, g.trail...)
	if next, passed, ok := s.besides(cover(post), a.Exclude, cover); ok {
		g.holder, g.trail = next, append(g.trail, passed...)
		g.post = next
	}
	return g, nil
}

func (s *Service) cover(post staff.Post, at time.Time) given {
	cover := s.staff.Cover(post, at)
	g := given{post: post, holder: cover.Holder, trail: cover.Trail}
	if cover.Nobody {
		g.holder = post
	}
	return g
}

// besides passes a hand-over on when everybody who answers for it is ruled out: to the next of the post's
// fall-backs that somebody else answers for.
func (s *Service) besides(found staff.Cover, exclude []string, cover func(staff.Post) staff.Cover) (next staff.Post, passed []staff.Step, ok bool) {
	ruledOut := func(c staff.Cover) bool {
		return !slices.ContainsFunc(c.Accounts, func(account string) bool { return !slices.Contains(exclude, account) })
	}
	role, known := s.staff.RoleTable().Get(found.Post.Role())
	if len(exclude) == 0 || found.Nobody || !ruledOut(found) || !known {
		return "", nil, false
	}
	why := lang.T("办理人不能核查自己办的事", "Whoever handled it may not verify it")
	passed = append(passed, staff.Step{Post: found.Holder, Reason: why})
	for _, name := range role.Covers {
		step := staff.Post(name)
		post, ok := s.staff.Find(step.Role(), s.placeOfHead(found.Post, step), area.Level(levelOrNone(step.Place())))
		if !ok {
			continue
		}
		if c := cover(post); !c.Nobody && !ruledOut(c) {
			return c.Holder, passed, true
		}
	}
	return "", nil, false
}

// placeArea is the area of a place: itself, or the one its organisation is attached to.
func (s *Service) placeArea(place string) string {
	if org, ok := s.areas.Tree().Org(place); ok {
		return org.Area
	}
	return place
}

func (s *Service) postFor(c *Case, a flow.Actor) (staff.Post, []staff.Step, error) {
	tree := s.areas.Tree()
	switch {
	case a.Fixed != "":
		return s.fixed(tree, c, staff.Post(a.Fixed))
	case a.Unit == "duty":
		return s.duty(c, a)
	case a.Unit != "":
		org, ok := tree.Org(a.Unit)
		if !ok || org.Closed {
			return "", nil, fault.Newf(fault.Invalid, "invalid-form", "没有“%[1]s”这个单位,或它已撤销", "There is no unit %[1]q, or it has been closed", a.Unit).
				At("form.unit", "unknown-unit", "请从单位列表中选择", "Choose one from the list of units")
		}
		post, trail := s.unitPost(unitRole(a), org.Code)
		return post, trail, nil
	case a.At == "up":
		return s.above(c, a)
	}
	if post, ok := s.staff.Find(a.Post, c.Area, area.Level(a.At)); ok {
		return post, nil, nil
	}
	// The case is placed above that level, or no such area is there: the role's fall-backs are asked
	// from where it is.
	post, trail := s.fallback(a.Post, c.Area, "")
	return post, trail, nil
}

// unitPost is the role at the organisation; where such an organisation has no such role (a team has no
// intake officer), the role's first fall-back there.
func (s *Service) unitPost(role, org string) (staff.Post, []staff.Step) {
	post := staff.MakePost(role, org)
	if _, ok := s.staff.Find(role, org, ""); ok {
		return post, nil
	}
	if r, ok := s.staff.RoleTable().Get(role); ok {
		for _, next := range r.Covers {
			if cover := staff.Post(next); cover.Place() == "org" {
				if post, ok := s.staff.Find(cover.Role(), org, ""); ok {
					return post, nil
				}
			}
		}
	}
	return post, nil
}

func unitRole(a flow.Actor) string {
	if a.Post != "" {
		return a.Post
	}
	return "unit-officer"
}

// fixed is a post that had the case before or was named in a form. Its place must still be there, and one
// that never had the case must be a post that somebody can hold.
func (s *Service) fixed(tree *area.Tree, c *Case, post staff.Post) (staff.Post, []staff.Step, error) {
	had := slices.ContainsFunc(c.Tasks, func(t Task) bool { return t.Post == post })
	if _, ok := s.staff.RoleTable().Get(post.Role()); ok && (had || s.staff.Holdable(post)) {
		if org, ok := tree.Org(post.Place()); ok && !org.Closed {
			return post, nil, nil
		}
		if a, ok := tree.Area(post.Place()); ok {
			if !a.Closed {
				return post, nil, nil
			}
			if now := tree.Current(a.Code); len(now) > 0 {
				return staff.MakePost(post.Role(), now[0].Code), []staff.Step{{Post: post,
					Reason: lang.T("该区域已调整,由接续的区域承办", "That area was reorganised; its successor takes over")}}, nil
			}
		}
	}
	return "", nil, fault.Newf(fault.Invalid, "invalid-form", "没有“%[1]s”这个岗位", "There is no post %[1]q", string(post)).
		At("form.post", "unknown-post", "岗位写作 角色@区域或单位代码,请从列表中选择", "A post is written role@code; choose one from the list")
}

// duty is the unit whose duty the category is, nearest first; without one the township's duty officer
// decides.
func (s *Service) duty(c *Case, a flow.Actor) (staff.Post, []staff.Step, error) {
	tree := s.areas.Tree()
	if cat, ok := s.categories.Get(c.Category); ok {
		for _, level := range []area.Level{area.Village, area.Township, area.County} {
			function := cat.Duty[string(level)]
			at, ok := tree.At(c.Area, level)
			if function == "" || !ok {
				continue
			}
			if org, ok := tree.OrgFor(at.Code, function); ok {
				post, trail := s.unitPost(unitRole(a), org.Code)
				return post, trail, nil
			}
		}
	}
	if post, ok := s.staff.Find("duty-officer", c.Area, area.Township); ok {
		return post, []staff.Step{{Post: post, Reason: lang.T("该类事项没有登记责任单位,由镇级中心值班员决定",
			"No unit is registered for this category; the township duty officer decides")}}, nil
	}
	post, trail := s.fallback("duty-officer", c.Area, "")
	return post, trail, nil
}

// above is the same kind of post one level higher than the present holder; where the role does not
// exist there, its first fall-back of that level.
func (s *Service) above(c *Case, a flow.Actor) (staff.Post, []staff.Step, error) {
	tree := s.areas.Tree()
	from := c.Area
	if t := c.lastOwner(); t != nil {
		from = s.placeArea(t.Post.Place())
	}
	up, ok := tree.Above(from)
	if !ok {
		return "", nil, fault.New(fault.Conflict, "at-the-top", "已在最高一级,不能再上报", "It is at the highest level already")
	}
	if post, ok := s.staff.Find(a.Post, up.Code, up.Level); ok {
		return post, nil, nil
	}
	if post, ok := s.staff.Find(a.Post, up.Code, ""); ok {
		return post, nil, nil // the role begins further up
	}
	post, trail := s.fallback(a.Post, up.Code, up.Level)
	return post, trail, nil
}

// fallback is the first of a role's named fall-backs that exists from the place upward, at the level if
// one is given.
func (s *Service) fallback(role, place string, level area.Level) (staff.Post, []staff.Step) {
	why := []staff.Step{{Post: staff.MakePost(role, place), Reason: lang.T("这一级没有这个岗位", "There is no such post at this level")}}
	if r, ok := s.staff.RoleTable().Get(role); ok {
		for _, next := range r.Covers {
			cover := staff.Post(next)
			if level != "" && area.Level(cover.Place()) != level {
				continue
			}
			if post, ok := s.staff.Find(cover.Role(), place, area.Level(cover.Place())); ok {
				return post, why
			}
		}
	}
	if level != "" {
		return s.fallback(role, place, "")
	}
	return staff.MakePost(role, place), why
}

// level is the level of a post's place, "" for a unit.
func (s *Service) level(post staff.Post) string {
	a, ok := s.areas.Tree().Area(post.Place())
	if !ok {
		return ""
	}
	return string(a.Level)
}
