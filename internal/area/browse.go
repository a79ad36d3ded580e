package area

import (
	"slices"
	"strings"

	"linli/internal/platform/fault"
)

// Largest and usual length of a page of areas, organisations or places.
const (
	usualPage   = 50
	largestPage = 500
)

// AreaQuery narrows a list of areas; empty fields do not. Without Parent, Under, Text and Level the roots
// are meant.
type AreaQuery struct {
	Parent string // directly below this area
	Under  string // this area and everything below it
	Text   string // part of the name or an alias, or the beginning of the code
	Level  string // as ParseLevel reads it
	Closed bool   // closed areas too
	After  string // the path of the last area of the page before
	Limit  int    // 1 to 500; 0 is 50
}

// Find lists areas by path, with the cursor of the next page ("" at the end). The tree is public knowledge,
// like the statistical codes of the country, so no permission is asked.
//
// Errors: Invalid for a level or cursor that is none; NotFound for Parent or Under.
func (t *Tree) Find(q AreaQuery) (page []Area, next string, err error) {
	var level Level
	if q.Level != "" {
		var ok bool
		if level, ok = ParseLevel(q.Level); !ok {
			return nil, "", wrongQuery("level", "层级须为 county、township、village、grid、group 或 building", "The level is county, township, village, grid, group or building")
		}
	}
	if q.After != "" && !strings.HasPrefix(q.After, "/") {
		return nil, "", wrongCursor()
	}
	from := t.sorted
	switch {
	case q.Parent != "":
		if _, ok := t.Area(q.Parent); !ok {
			return nil, "", noArea(q.Parent)
		}
		from = t.Children(q.Parent)
	case q.Under != "":
		a, ok := t.Area(q.Under)
		if !ok {
			return nil, "", noArea(q.Under)
		}
		from = t.Under(a.Path)
	case q.Text == "" && level == "":
		from = t.Root()
	}
	text := strings.ToLower(strings.TrimSpace(q.Text))
	page, next = pageOf(from, q.Limit, func(a *Area) string { return a.Path }, func(a *Area) bool {
		return a.Path > q.After && (q.Closed || !a.Closed) && (level == "" || a.Level == level) && (text == "" || a.called(text))
	})
	return page, next, nil
}

// called tells whether a small-letter text is in the name or an alias, or begins the code.
func (a *Area) called(text string) bool {
	return strings.HasPrefix(strings.ToLower(a.Code), text) || named(text, a.Name, a.Aliases)
}

func named(text, name string, aliases []string) bool {
	return strings.Contains(strings.ToLower(name), text) ||
		slices.ContainsFunc(aliases, func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}

// Ancestors lists the areas above an area or organisation from the root down, the area of an organisation
// included.
func (t *Tree) Ancestors(code string) []Area {
	var out []Area
	a := t.start(code)
	if a != nil && a.Code == code {
		a = t.areas[a.Parent]
	}
	for ; a != nil; a = t.areas[a.Parent] {
		out = append(out, *a)
	}
	slices.Reverse(out)
	return out
}

// OrgQuery narrows a list of organisations; empty fields do not.
type OrgQuery struct {
	Area     string // attached to this area or one below it
	Serving  string // attached to this area or one above it: who can be asked from there
	Text     string // part of the name, or the beginning of the code
	Kind     string
	Function string // one of its functions
	Closed   bool   // closed ones too
	After    string // code of the last of the page before
	Limit    int    // 1 to 500; 0 is 50
}

// FindOrgs lists organisations by code, with the cursor of the next page ("" at the end). Which offices there
// are is public knowledge. Errors: NotFound for Area or Serving.
func (t *Tree) FindOrgs(q OrgQuery) (page []Org, next string, err error) {
	below, above := "", ""
	if q.Area != "" {
		if below = t.areaPath(q.Area); below == "" {
			return nil, "", noArea(q.Area)
		}
	}
	if q.Serving != "" {
		if above = t.areaPath(q.Serving); above == "" {
			return nil, "", noArea(q.Serving)
		}
	}
	text := strings.ToLower(strings.TrimSpace(q.Text))
	page, next = pageOf(t.allOrgs, q.Limit, func(o *Org) string { return o.Code }, func(o *Org) bool {
		return o.Code > q.After && (q.Closed || !o.Closed) && (below == "" || Within(o.Path, below)) && (above == "" || Within(above, o.Path)) &&
			(q.Kind == "" || o.Kind == q.Kind) && (q.Function == "" || slices.Contains(o.Functions(), q.Function)) &&
			(text == "" || strings.HasPrefix(strings.ToLower(o.Code), text) || named(text, o.Name, nil))
	})
	return page, next, nil
}

func (t *Tree) areaPath(code string) string {
	a, ok := t.Area(code)
	if !ok {
		return ""
	}
	return a.Path
}

// PlaceQuery narrows a list of named places; empty fields do not.
type PlaceQuery struct {
	Area  string // stored as lying in this area or one below it
	Text  string // part of the name or an alias, or the beginning of the code
	After string // code of the last of the page before
	Limit int    // 1 to 500; 0 is 50
}

// FindPlaces lists named places by code, with the cursor of the next page ("" at the end). They are public
// knowledge. Errors: NotFound for Area.
func (s *Service) FindPlaces(q PlaceQuery) (page []NamedPlace, next string, err error) {
	tree, below := s.Tree(), ""
	if q.Area != "" {
		if below = tree.areaPath(q.Area); below == "" {
			return nil, "", noArea(q.Area)
		}
	}
	text := strings.ToLower(strings.TrimSpace(q.Text))
	page, next = pageOf(s.Places(), q.Limit, func(p *NamedPlace) string { return p.Code }, func(p *NamedPlace) bool {
		return p.Code > q.After && (below == "" || p.Area != "" && Within(tree.Path(p.Area), below)) &&
			(text == "" || strings.HasPrefix(strings.ToLower(p.Code), text) || named(text, p.Name, p.Aliases))
	})
	return page, next, nil
}

// pageOf takes the first that fit, and the key of the last when more follow.
func pageOf[T any](list []T, limit int, key func(*T) string, fits func(*T) bool) (page []T, next string) {
	if limit <= 0 {
		limit = usualPage
	}
	limit = min(limit, largestPage)
	page = []T{}
	for i := range list {
		if !fits(&list[i]) {
			continue
		}
		if len(page) == limit {
			return page, key(&page[limit-1])
		}
		page = append(page, list[i])
	}
	return page, ""
}

func wrongQuery(field, zh, en string) *fault.Error {
	return fault.New(fault.Invalid, "invalid-filter", "筛选条件有误", "The filter needs correcting").At(field, "unknown", zh, en)
}

func wrongCursor() *fault.Error {
	return fault.New(fault.Invalid, "invalid-filter", "筛选条件有误", "The filter needs correcting").
		At("after", "cursor", "翻页标记不对,请从第一页重新开始", "The cursor is not one of this list; begin at the first page")
}

func noArea(code string) *fault.Error {
	return fault.Newf(fault.NotFound, "area-unknown", "没有编码为 %[1]s 的区域", "There is no area with the code %[1]s", code)
}
