package area

import (
	"sort"
	"strings"
	"unicode"
)

// Tree is an unchanging picture of all areas and organisations. It is safe for concurrent use; slices it
// returns must not be changed.
type Tree struct {
	version  int64
	areas    map[string]*Area
	orgs     map[string]*Org
	sorted   []Area              // by path, so that a subtree is one run
	children map[string][]Area   // by parent code, by code; roots under ""
	attached map[string][]Org    // organisations by area code
	allOrgs  []Org               // by code
	function map[string][]string // area code + "\x00" + function -> codes of open organisations
}

// newTree arranges areas and organisations whose paths are right already.
func newTree(version int64, areas []Area, orgs []Org) *Tree {
	t := &Tree{
		version:  version,
		areas:    make(map[string]*Area, len(areas)),
		orgs:     make(map[string]*Org, len(orgs)),
		children: map[string][]Area{},
		attached: map[string][]Org{},
		function: map[string][]string{},
		sorted:   append([]Area(nil), areas...),
		allOrgs:  append([]Org(nil), orgs...),
	}
	sort.Slice(t.sorted, func(i, j int) bool { return t.sorted[i].Path < t.sorted[j].Path })
	for i := range t.sorted {
		a := &t.sorted[i]
		t.areas[a.Code] = a
		t.children[a.Parent] = append(t.children[a.Parent], *a)
	}
	for _, list := range t.children {
		sort.Slice(list, func(i, j int) bool { return list[i].Code < list[j].Code })
	}
	sort.Slice(t.allOrgs, func(i, j int) bool { return t.allOrgs[i].Code < t.allOrgs[j].Code })
	for i := range t.allOrgs {
		o := &t.allOrgs[i]
		if at, ok := t.areas[o.Area]; ok {
			o.Path = at.Path
		}
		t.orgs[o.Code] = o
		t.attached[o.Area] = append(t.attached[o.Area], *o)
		if !o.Closed {
			for _, function := range o.Functions() {
				key := o.Area + "\x00" + function
				t.function[key] = append(t.function[key], o.Code)
			}
		}
	}
	return t
}

// Functions lists what the organisation is for: Function holds one word or several, for one township
// office often carries the functions of several county departments.
func (o Org) Functions() []string {
	return strings.FieldsFunc(o.Function, func(r rune) bool { return r == ',' || r == '，' || r == '、' || unicode.IsSpace(r) })
}

// Version is the revision of the tree; it grows with every change.
func (t *Tree) Version() int64 { return t.version }

// Area gives the area with the code, closed ones included.
func (t *Tree) Area(code string) (Area, bool) {
	a, ok := t.areas[code]
	if !ok {
		return Area{}, false
	}
	return *a, true
}

// Org gives the organisation with the code, closed ones included.
func (t *Tree) Org(code string) (Org, bool) {
	o, ok := t.orgs[code]
	if !ok {
		return Org{}, false
	}
	return *o, true
}

// Root lists the areas that have none above.
func (t *Tree) Root() []Area { return t.children[""] }

// Path gives the area path of an area or organisation; "" when the code is unknown.
func (t *Tree) Path(code string) string {
	if a, ok := t.areas[code]; ok {
		return a.Path
	}
	if o, ok := t.orgs[code]; ok {
		return o.Path
	}
	return ""
}

// At gives the area itself or its nearest ancestor of that level. An organisation counts as its area.
func (t *Tree) At(code string, level Level) (Area, bool) {
	for a := t.start(code); a != nil; a = t.areas[a.Parent] {
		if a.Level == level {
			return *a, true
		}
	}
	return Area{}, false
}

// Above gives the nearest ancestor that is open.
func (t *Tree) Above(code string) (Area, bool) {
	a := t.start(code)
	if a == nil {
		return Area{}, false
	}
	for a = t.areas[a.Parent]; a != nil; a = t.areas[a.Parent] {
		if !a.Closed {
			return *a, true
		}
	}
	return Area{}, false
}

// start is the area of a code, where an organisation stands for the area it is attached to.
func (t *Tree) start(code string) *Area {
	if a, ok := t.areas[code]; ok {
		return a
	}
	if o, ok := t.orgs[code]; ok {
		return t.areas[o.Area]
	}
	return nil
}

// Children lists the areas directly below, closed ones included, by code.
func (t *Tree) Children(code string) []Area {
	if code == "" {
		return nil
	}
	return t.children[code]
}

// Under lists the area of the path and everything below it, by path, closed ones included.
func (t *Tree) Under(path string) []Area {
	if path == "" {
		return nil
	}
	if path == "/" {
		return t.sorted
	}
	end := path[:len(path)-1] + "0"
	i := sort.Search(len(t.sorted), func(i int) bool { return t.sorted[i].Path >= path })
	j := sort.Search(len(t.sorted), func(i int) bool { return t.sorted[i].Path >= end })
	return t.sorted[i:j]
}

// Areas lists every area by path.
func (t *Tree) Areas() []Area { return t.sorted }

// Orgs lists the organisations attached to an area, closed ones included, by code.
func (t *Tree) Orgs(areaCode string) []Org { return t.attached[areaCode] }

// AllOrgs lists every organisation by code.
func (t *Tree) AllOrgs() []Org { return t.allOrgs }

// OrgFor gives the nearest open organisation of a function attached to the area or an ancestor. Where an
// area has several, the one with the lowest code is meant.
func (t *Tree) OrgFor(code, function string) (Org, bool) {
	for a := t.start(code); a != nil; a = t.areas[a.Parent] {
		if found := t.function[a.Code+"\x00"+function]; len(found) > 0 {
			return *t.orgs[found[0]], true
		}
	}
	return Org{}, false
}

// Current follows the successors of areas that were split or merged away to the open areas that hold
// their ground now; an open area is its own.
func (t *Tree) Current(code string) []Area {
	var out []Area
	seen := map[string]bool{}
	var follow func(code string)
	follow = func(code string) {
		a, ok := t.areas[code]
		if !ok || seen[code] {
			return
		}
		seen[code] = true
		if !a.Closed {
			out = append(out, *a)
			return
		}
		for _, next := range a.Successors {
			follow(next)
		}
	}
	follow(code)
	return out
}

// FullName joins the names from below the root down to the area, as people write it.
func (t *Tree) FullName(code string) string {
	var names []string
	for a := t.start(code); a != nil; a = t.areas[a.Parent] {
		names = append([]string{a.Name}, names...)
	}
	return strings.Join(names, " ")
}

// Within tells whether path lies at or below the path above.
func Within(path, above string) bool { return above == "/" || strings.HasPrefix(path, above) }
