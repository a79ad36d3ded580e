package staff

import (
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/platform/lang"
)

// atOrg is the level of roles held at an organisation.
const atOrg = "org"

// Two roles the program itself relies on: every fall-back ends with them.
const (
	RoleDutyOfficer   = "duty-officer"  // 值班员
	RoleAdministrator = "administrator" // 系统管理员
)

// Role is a kind of post, as models/roles.yaml describes it.
type Role struct {
	Key          string    `json:"key"`
	Title        lang.Text `json:"title"`
	About        lang.Text `json:"about"`
	At           []string  `json:"at" doc:"levels of areas where the post can exist, or org"`
	Orgs         []string  `json:"orgs,omitempty" doc:"kinds of organisations where it can exist"`
	Expected     bool      `json:"expected" doc:"one must exist at every such place"`
	Covers       []string  `json:"covers" doc:"who answers while the post is vacant, in order"`
	May          []string  `json:"may" doc:"permissions at the place and below"`
	Confidential bool      `json:"confidential" doc:"opens confidential matters in its scope"`

	mask  uint64
	steps []step
}

// step is one entry of covers: a role at a level, or at the same organisation (level empty).
type step struct {
	role  string
	level area.Level
}

// OfOrg tells whether the role is held at organisations.
func (r Role) OfOrg() bool { return slices.Contains(r.At, atOrg) }

// AtLevel tells whether the role can be held at an area of the level.
func (r Role) AtLevel(l area.Level) bool { return slices.Contains(r.At, string(l)) }

// Roles is the table of roles of one county. It does not change once loaded.
type Roles struct {
	version string
	byKey   map[string]*Role
	order   []string
}

// Version is the version written in the file.
func (r *Roles) Version() string { return r.version }

// Get gives a role by its key.
func (r *Roles) Get(key string) (Role, bool) {
	role, ok := r.byKey[key]
	if !ok {
		return Role{}, false
	}
	return *role, true
}

// All lists the roles in the order of the file.
func (r *Roles) All() []Role {
	out := make([]Role, 0, len(r.order))
	for _, key := range r.order {
		out = append(out, *r.byKey[key])
	}
	return out
}

// find takes a key or a Chinese or English title, as people write them into sheets.
func (r *Roles) find(word string) (*Role, bool) {
	word = strings.TrimSpace(word)
	if role, ok := r.byKey[word]; ok {
		return role, true
	}
	for _, key := range r.order {
		role := r.byKey[key]
		if word != "" && (role.Title.ZH == word || strings.EqualFold(role.Title.EN, word)) {
			return role, true
		}
	}
	return nil, false
}
