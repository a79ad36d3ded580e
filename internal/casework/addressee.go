package casework

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// mostAddressees is how many posts are offered at once; typing narrows them.
const mostAddressees = 60

// Addressees are the posts a case may be given to, for a form that asks for a post: those of its grid and of the places above,
// and of the organisations that serve there, the nearest and those whose duty it is first. text narrows them by the name of the
// place or the role. It is for who may take an action now that asks for a post; others get none.
//
// Errors: NotFound for a case the actor may not see.
func (s *Service) Addressees(ctx context.Context, actor *staff.Actor, ref, text string) (out []staff.Post, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		c, asks, err := s.addressing(tx, actor, ref)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(asks, func(a Addressed) bool { return a.Type == flow.TypePost }) {
			return nil
		}
		duty := s.dutyUnits(c, c.Category)
		for _, post := range s.PostsServing(c.Area, duty) {
			if len(out) < mostAddressees && post != c.Holder && s.speaks(post, text) {
				out = append(out, post)
			}
		}
		return nil
	})
	return out, err
}

// PostsServing are the posts somebody could be asked from a place: of its area and the areas above, and of the organisations
// attached to them, the nearest first, organisations of first choice before the others of their area. Administrators, who keep
// the program, are none of them.
func (s *Service) PostsServing(code string, first []string) (out []staff.Post) {
	tree := s.areas.Tree()
	around := tree.Ancestors(code)
	if a, ok := tree.Area(code); ok {
		around = append(around, a)
	}
	slices.Reverse(around)
	roles := s.staff.RoleTable().All()
	add := func(place string) {
		for i := range roles {
			post := staff.MakePost(roles[i].Key, place)
			if roles[i].Key != staff.RoleAdministrator && s.staff.Holdable(post) && (roles[i].Expected || len(s.staff.Holders(post, s.db.Now())) > 0) {
				out = append(out, post)
			}
		}
	}
	for _, a := range around {
		add(a.Code)
	}
	orgs := slices.DeleteFunc(slices.Clone(tree.AllOrgs()), func(o area.Org) bool {
		return o.Closed || !slices.ContainsFunc(around, func(a area.Area) bool { return a.Code == o.Area })
	})
	slices.SortStableFunc(orgs, func(a, b area.Org) int {
		return cmp.Or(rank(first, a.Code)-rank(first, b.Code), strings.Count(b.Path, "/")-strings.Count(a.Path, "/"))
	})
	for _, o := range orgs {
		add(o.Code)
	}
	return out
}

// rank is the place in a list, behind all of it for what is not in it.
func rank(list []string, word string) int {
	if i := slices.Index(list, word); i >= 0 {
		return i
	}
	return len(list)
}

// speaks tells whether the words are in the name of the post's place or of its role.
func (s *Service) speaks(post staff.Post, text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return true
	}
	tree := s.areas.Tree()
	a, _ := tree.Area(post.Place())
	o, _ := tree.Org(post.Place())
	role, _ := s.staff.RoleTable().Get(post.Role())
	name := a.Name + o.Name
	return strings.Contains(strings.ToLower(name+role.Title.ZH+" "+role.Title.EN+" "+name), text)
}
