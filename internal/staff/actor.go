package staff

import (
	"slices"
	"sort"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/platform/lang"
)

// Actor is somebody asking: an account with the posts it holds at that moment, a resident without account, or
// the system itself. It is a picture: Authenticate makes it anew when posts or areas have changed. An Actor does
// not change and is safe for concurrent use; a nil Actor may nothing.
type Actor struct {
	kind     actorKind
	account  string
	login    string
	name     string
	lang     lang.Tag
	address  string
	posts    []Post
	grants   []grant
	scopes   uint64 // all bits for a session
	access   string // id of the session or token, "" for none
	token    bool
	mustTurn bool // the password must be changed before anything else
}

type actorKind uint8

const (
	nobody actorKind = iota
	resident
	member
	system
)

// grant is what one living post gives.
type grant struct {
	post         Post
	role         string
	path         string // of the area, or of the area the organisation is attached to
	org          string // the organisation; "" for a post at an area
	atArea       uint64 // permissions for the path and below
	atOrg        uint64 // permissions for the organisation's own
	confidential bool
}

// Resident is somebody without an account, such as a reporter on the portal. It may nothing by permission; what
// residents can do is decided by the use cases that are open to them.
func Resident(tag lang.Tag) *Actor { return &Actor{kind: resident, lang: tag} }

// System is the program acting by itself: sweeps, imports at the command line, simulation. It may everything.
func System() *Actor { return &Actor{kind: system, name: "系统", lang: lang.ZH} }

// ID is the account, "system", or "" for a resident.
func (a *Actor) ID() string {
	switch {
	case a == nil:
		return ""
	case a.kind == system:
		return "system"
	}
	return a.account
}

// Name is how to show the actor.
func (a *Actor) Name() string {
	if a == nil {
		return ""
	}
	return a.name
}

// Login is the login of the account, "" for others.
func (a *Actor) Login() string {
	if a == nil {
		return ""
	}
	return a.login
}

// Lang is the language to answer in.
func (a *Actor) Lang() lang.Tag {
	if a == nil || a.lang == "" {
		return lang.ZH
	}
	return a.lang
}

// Address is where the request came from, for the access log; "" when it did not come over the network.
func (a *Actor) Address() string {
	if a == nil {
		return ""
	}
	return a.address
}

// From gives the same actor asking from a client address in a language; either may be empty.
func (a *Actor) From(address string, tag lang.Tag) *Actor {
	if a == nil {
		return nil
	}
	b := *a
	b.address = address
	if tag != "" {
		b.lang = tag
	}
	return &b
}

// Posts lists the posts held now, also as deputy. The slice must not be changed.
func (a *Actor) Posts() []Post {
	if a == nil {
		return nil
	}
	return a.posts
}

// Anonymous tells whether no account is behind.
func (a *Actor) Anonymous() bool { return a == nil || a.kind == nobody || a.kind == resident }

// System tells whether the program itself acts.
func (a *Actor) System() bool { return a != nil && a.kind == system }

// ByToken tells whether a personal token was used instead of a session; Access is the id of either.
func (a *Actor) ByToken() bool { return a != nil && a.token }

// Access is the id of the session or token, "" for none.
func (a *Actor) Access() string {
	if a == nil {
		return ""
	}
	return a.access
}

// MustChange tells whether the one-time password has to be replaced first; until then nothing else is permitted.
func (a *Actor) MustChange() bool { return a != nil && a.mustTurn }

// May tells whether some living post grants the permission at that path or above. A post at an organisation
// counts only for permissions whose Area says so. Scopes of a token narrow it.
func (a *Actor) May(permission, areaPath string) bool {
	if a == nil || a.kind != member {
		return a != nil && a.kind == system
	}
	bit := bitOf(permission) & a.scopes
	if bit == 0 || areaPath == "" {
		return false
	}
	for i := range a.grants {
		if g := &a.grants[i]; g.atArea&bit != 0 && strings.HasPrefix(areaPath, g.path) {
			return true
		}
	}
	return false
}

// MayOrg tells whether a post held at that organisation grants the permission.
func (a *Actor) MayOrg(permission, orgCode string) bool {
	if a == nil || a.kind != member {
		return a != nil && a.kind == system
	}
	bit := bitOf(permission) & a.scopes
	if bit == 0 || orgCode == "" {
		return false
	}
	for i := range a.grants {
		if g := &a.grants[i]; g.atOrg&bit != 0 && g.org == orgCode {
			return true
		}
	}
	return false
}

// Anywhere tells whether some post grants the permission somewhere: for things that belong to no place.
func (a *Actor) Anywhere(permission string) bool {
	if a == nil || a.kind != member {
		return a != nil && a.kind == system
	}
	bit := bitOf(permission) & a.scopes
	for i := range a.grants {
		if (a.grants[i].atArea|a.grants[i].atOrg)&bit != 0 {
			return true
		}
	}
	return false
}

// Holds tells whether the account holds, or deputises for, the post now, and may act for it: a token without
// the scope case.act holds nothing.
func (a *Actor) Holds(p Post) bool {
	if a == nil || a.kind != member || a.scopes&bitOf(CaseAct) == 0 {
		return false
	}
	for i := range a.grants {
		if a.grants[i].post == p {
			return true
		}
	}
	return false
}

// Roles lists the keys of the roles held at the path or above, or at an organisation attached there or above;
// each once, in order of the alphabet.
func (a *Actor) Roles(areaPath string) []string {
	if a == nil || areaPath == "" {
		return nil
	}
	var out []string
	for i := range a.grants {
		if g := &a.grants[i]; strings.HasPrefix(areaPath, g.path) && !slices.Contains(out, g.role) {
			out = append(out, g.role)
		}
	}
	sort.Strings(out)
	return out
}

// SeesConfidential tells whether a post at an area whose role opens confidential matters reaches the path. A
// token needs the scope case.confidential besides.
func (a *Actor) SeesConfidential(areaPath string) bool {
	return a.confidential(func(g *grant) bool { return g.org == "" && areaPath != "" && strings.HasPrefix(areaPath, g.path) })
}

// SeesConfidentialOrg is the same for what belongs to an organisation.
func (a *Actor) SeesConfidentialOrg(orgCode string) bool {
	return a.confidential(func(g *grant) bool { return g.org != "" && g.org == orgCode })
}

func (a *Actor) confidential(at func(*grant) bool) bool {
	if a == nil || a.kind != member {
		return a != nil && a.kind == system
	}
	if a.scopes&bitOf(Confidential) == 0 {
		return false
	}
	for i := range a.grants {
		if g := &a.grants[i]; g.confidential && at(g) {
			return true
		}
	}
	return false
}

// Paths lists the areas where the permission is granted: the smallest set of paths of which none lies below
// another, in order. The system has "/", which is above all.
func (a *Actor) Paths(permission string) []string {
	if a == nil || a.kind != member {
		if a != nil && a.kind == system {
			return []string{everywherePath}
		}
		return nil
	}
	bit := bitOf(permission) & a.scopes
	var all []string
	for i := range a.grants {
		if a.grants[i].atArea&bit != 0 {
			all = append(all, a.grants[i].path)
		}
	}
	sort.Strings(all)
	var out []string
	for _, p := range all {
		if len(out) == 0 || !strings.HasPrefix(p, out[len(out)-1]) {
			out = append(out, p)
		}
	}
	return out
}

// Orgs lists the organisations for whose own matters the permission is granted, in order.
func (a *Actor) Orgs(permission string) []string {
	if a == nil || a.kind != member {
		return nil
	}
	bit := bitOf(permission) & a.scopes
	var out []string
	for i := range a.grants {
		if g := &a.grants[i]; g.atOrg&bit != 0 && !slices.Contains(out, g.org) {
			out = append(out, g.org)
		}
	}
	sort.Strings(out)
	return out
}

// makeActor is the account with what it holds at the moment. Posts at places that are not in the tree, or whose
// role is not in the table, give nothing.
func makeActor(reg *registry, tree *area.Tree, roles *Roles, account *Account, scopes uint64, at time.Time) *Actor {
	a := &Actor{kind: member, account: account.ID, login: account.Login, name: account.Name, scopes: scopes, mustTurn: account.MustChange}
	for _, ap := range reg.byAccount[account.ID] {
		if !reg.living(ap, at) || a.has(ap.Post) {
			continue
		}
		a.posts = append(a.posts, ap.Post)
		role, ok := roles.byKey[ap.Post.Role()]
		if !ok || a.mustTurn {
			continue
		}
		if g, ok := grantOf(tree, role, ap.Post); ok {
			a.grants = append(a.grants, g)
		}
	}
	return a
}

func (a *Actor) has(p Post) bool {
	for _, have := range a.posts {
		if have == p {
			return true
		}
	}
	return false
}

func grantOf(tree *area.Tree, role *Role, p Post) (grant, bool) {
	g := grant{post: p, role: role.Key, confidential: role.Confidential}
	place := p.Place()
	switch {
	case role.OfOrg():
		org, ok := tree.Org(place)
		if !ok || org.Path == "" {
			return g, false
		}
		g.org, g.path, g.atOrg, g.atArea = place, org.Path, role.mask, role.mask&areaBits
	case place == Everywhere:
		g.path, g.atArea = everywherePath, role.mask
	default:
		here, ok := tree.Area(place)
		if !ok || here.Path == "" {
			return g, false
		}
		g.path, g.atArea = here.Path, role.mask
	}
	return g, true
}
