// Package staff knows the people who answer: accounts, the posts they hold, who covers for whom, what each may
// see and do, and how they sign in.
//
// A post (岗位) is a role at a place. Work is given to posts, so it survives holiday, illness and a change of
// staff; an appointment (任职) ties an account to a post from a moment to another.
package staff

import "strings"

// Post is a role at an area or organisation, written "grid-member@320682001001003" or
// "unit-officer@320682-housing".
type Post string

// Everywhere is the place of the first administrator: the whole installation, also before any area is known.
const Everywhere = "*"

// everywherePath is above every path.
const everywherePath = "/"

// MakePost writes the post of a role at a place.
func MakePost(role, place string) Post { return Post(role + "@" + place) }

// Role is the key of the role.
func (p Post) Role() string { role, _, _ := strings.Cut(string(p), "@"); return role }

// Place is the code of the area or organisation.
func (p Post) Place() string { _, place, _ := strings.Cut(string(p), "@"); return place }

// String is the written form.
func (p Post) String() string { return string(p) }
