package staff

import (
	"cmp"
	"slices"
	"time"

	"linli/internal/area"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// Person gives one account with the open appointments the actor may see. Permission: one's own, or as for
// People. Errors: NotFound "no-account" for one that is not there, or not for the actor to know of.
func (s *Service) Person(actor *Actor, account string) (Person, error) {
	reg := s.reg.Load()
	a := reg.accounts[account]
	if a == nil || actor.Anonymous() {
		return Person{}, noAccount()
	}
	shown, open := s.openOf(reg, actor, account, s.now())
	if account == actor.ID() || actor.Anywhere(StaffRead) && (len(shown) > 0 || open == 0 && actor.Anywhere(StaffWrite)) {
		return Person{Account: *a, Appointments: shown}, nil
	}
	return Person{}, noAccount()
}

// openOf gives the appointments of an account that are not over and that the actor may see, and how many
// there are.
func (s *Service) openOf(reg *registry, actor *Actor, account string, now time.Time) (shown []Appointment, open int) {
	shown = []Appointment{}
	for _, ap := range reg.byAccount[account] {
		if !ap.To.IsZero() && !ap.To.After(now) {
			continue
		}
		open++
		if account == actor.ID() || s.mayAtPost(actor, StaffRead, ap.Post) {
			shown = append(shown, *ap)
		}
	}
	return shown, open
}

// Holding is somebody who holds a post now.
type Holding struct {
	Account string    `json:"account,omitempty" doc:"left out on the public notice board"`
	Name    string    `json:"name"`
	Phone   string    `json:"phone,omitempty" doc:"masked; left out on the public notice board"`
	Deputy  bool      `json:"deputy,omitempty"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
}

// PostView is a post with who holds it and, when it is vacant, who answers meanwhile.
type PostView struct {
	Post    Post      `json:"post"`
	Title   lang.Text `json:"title"`
	About   lang.Text `json:"about" doc:"its duties in a sentence"`
	Place   string    `json:"place" doc:"name of the area or organisation"`
	Path    string    `json:"path" doc:"area path of the place"`
	Holders []Holding `json:"holders" doc:"deputies last"`
	Cover   *Cover    `json:"cover,omitempty" doc:"who answers while nobody holds it"`
}

// ReadPost shows one post with its holders and its cover, the posts passed over included. Permission:
// staff.read at the post, or holding it.
//
// Errors: NotFound "no-post" when the role or the place does not exist; Forbidden.
func (s *Service) ReadPost(actor *Actor, p Post, at time.Time) (PostView, error) {
	role, known := s.roles.Get(p.Role())
	path := s.tree().Path(p.Place())
	if !known || path == "" && p.Place() != Everywhere {
		return PostView{}, fault.Newf(fault.NotFound, "no-post", "没有岗位 %[1]s。写法是“岗位@区域或组织编码”", "There is no post %[1]s. Write it as role@code of an area or organisation", p)
	}
	if !s.mayAtPost(actor, StaffRead, p) && !slices.Contains(actor.Posts(), p) {
		return PostView{}, forbidden("您不能查看这个岗位的人员", "You may not see who holds this post")
	}
	v := s.postView(s.reg.Load(), role, p, at, true)
	c := s.Cover(p, at)
	v.Cover = &c
	return v, nil
}

// postView is the post in words; full with accounts and masked phones.
func (s *Service) postView(reg *registry, role Role, p Post, at time.Time, full bool) PostView {
	tree := s.tree()
	v := PostView{Post: p, Title: role.Title, About: role.About, Path: tree.Path(p.Place()), Holders: []Holding{}}
	if org, ok := tree.Org(p.Place()); ok {
		v.Place = org.Name
	} else if a, ok := tree.Area(p.Place()); ok {
		v.Place = a.Name
	}
	for _, ap := range reg.byPost[p] {
		account := reg.accounts[ap.Account]
		if !ap.Spans(at) || account == nil || !account.Active {
			continue
		}
		h := Holding{Name: account.Name, Deputy: ap.Deputy}
		if full {
			h.Account, h.Phone, h.From, h.To = account.ID, account.Phone, ap.From, ap.To
		}
		v.Holders = append(v.Holders, h)
	}
	return v
}

// Team lists the posts of an area or organisation: those expected there with who holds or covers them, and
// the others that somebody holds. Permission staff.read there. Errors: NotFound, Forbidden.
func (s *Service) Team(actor *Actor, code string, at time.Time) ([]PostView, error) {
	fits, err := s.placeOf(code)
	if err != nil {
		return nil, err
	}
	if !actor.May(StaffRead, s.tree().Path(code)) && !actor.MayOrg(StaffRead, code) {
		return nil, forbidden("您没有查看这里人员的权限", "You may not see the people of this place")
	}
	reg, out := s.reg.Load(), []PostView{}
	for _, role := range s.roles.All() {
		if !fits(role) {
			continue
		}
		p := MakePost(role.Key, code)
		v := s.postView(reg, role, p, at, true)
		if len(v.Holders) == 0 {
			if !role.Expected {
				continue
			}
			c := s.Cover(p, at)
			v.Cover = &c
		}
		out = append(out, v)
	}
	return out, nil
}

// placeOf tells which roles can be held at a place.
func (s *Service) placeOf(code string) (fits func(Role) bool, err error) {
	tree := s.tree()
	if a, ok := tree.Area(code); ok {
		return func(r Role) bool { return r.AtLevel(a.Level) }, nil
	}
	if o, ok := tree.Org(code); ok {
		return func(r Role) bool { return r.OfOrg() && slices.Contains(r.Orgs, o.Kind) }, nil
	}
	return nil, fault.Newf(fault.NotFound, "area-unknown", "没有编码为 %[1]s 的区域或组织", "There is no area or organisation with the code %[1]s", code)
}

// Board is what the notice board (公示牌) at the corner of an area says about its team: the posts that every
// such area must have, with the names of those who hold them. Neighbours who help are not named, nor is
// anybody's phone shown. It is public, so no permission is asked. Errors: NotFound.
func (s *Service) Board(code string, at time.Time) ([]PostView, error) {
	a, ok := s.tree().Area(code)
	if !ok || a.Closed {
		return nil, fault.Newf(fault.NotFound, "area-unknown", "没有编码为 %[1]s 的区域", "There is no area with the code %[1]s", code)
	}
	reg, out := s.reg.Load(), []PostView{}
	for _, role := range s.roles.All() {
		if role.Expected && role.AtLevel(a.Level) && role.Key != RoleAdministrator {
			out = append(out, s.postView(reg, role, MakePost(role.Key, code), at, false))
		}
	}
	return out, nil
}

// VacancyQuery narrows the list of vacant posts; empty fields do not.
type VacancyQuery struct {
	Area  string // at or below this area
	Role  string
	After string // cursor of the page before
	Limit int    // 1 to 500; 0 is 50
}

// FindVacancies lists the expected posts without a living holder that the actor may see, with who covers, by
// place, with the cursor of the next page ("" at the end). Permission staff.read at the place of the post.
//
// Errors: Forbidden without staff.read at Area, or anywhere when none is named; NotFound for Area.
func (s *Service) FindVacancies(actor *Actor, at time.Time, q VacancyQuery) (page []Vacancy, next string, err error) {
	paths := actor.Paths(StaffRead)
	if q.Area != "" {
		a, ok := s.tree().Area(q.Area)
		if !ok {
			return nil, "", fault.Newf(fault.NotFound, "area-unknown", "没有编码为 %[1]s 的区域", "There is no area with the code %[1]s", q.Area)
		}
		if !actor.May(StaffRead, a.Path) {
			return nil, "", forbidden("您没有查看这里人员的权限", "You may not see the people of this place")
		}
		paths = []string{a.Path}
	}
	if len(paths) == 0 && len(actor.Orgs(StaffRead)) == 0 {
		return nil, "", forbidden("您没有查看人员的权限", "You may not see people")
	}
	var all []Vacancy
	for _, path := range paths {
		all = append(all, s.Vacancies(at, path)...)
	}
	if q.Area == "" {
		all = append(all, s.orgVacancies(actor, at, paths)...)
	}
	slices.SortFunc(all, func(a, b Vacancy) int { return cmp.Compare(a.key(), b.key()) })
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 500)
	page = []Vacancy{}
	for _, v := range all {
		if v.key() <= q.After || q.Role != "" && v.Post.Role() != q.Role {
			continue
		}
		if len(page) == limit {
			return page, page[limit-1].key(), nil
		}
		page = append(page, v)
	}
	return page, "", nil
}

// orgVacancies are those of the organisations where alone the actor may see people.
func (s *Service) orgVacancies(actor *Actor, at time.Time, seen []string) (out []Vacancy) {
	tree := s.tree()
	for _, code := range actor.Orgs(StaffRead) {
		path := tree.Path(code)
		if slices.ContainsFunc(seen, func(above string) bool { return area.Within(path, above) }) {
			continue
		}
		for _, v := range s.Vacancies(at, path) {
			if v.Post.Place() == code {
				out = append(out, v)
			}
		}
	}
	return out
}

// key orders vacancies by place and then by post.
func (v Vacancy) key() string { return v.Path + " " + string(v.Post) }
