package area

import (
	"fmt"
	"math"
	"sort"

	"github.com/tidwall/rtree"

	"linli/internal/area/geo"
	"linli/internal/platform/lang"
)

// How much neighbours may disagree. Borders drawn or converted by themselves differ by centimetres, which
// over the border of a county is some hundred square metres; a share of a hundredth is a mistake.
const (
	slackMetres = 100.0 // square metres
	slackShare  = 1e-5
	wrongShare  = 0.01
)

// Severity of a finding.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// Finding is a disagreement between outlines, or between an outline and the tree.
type Finding struct {
	Severity     string    `json:"severity" doc:"error or warning"`
	Code         string    `json:"code" doc:"overlap, gap, outside-parent …"`
	Feature      *int      `json:"feature,omitempty" doc:"index in the file, from 0"`
	Area         string    `json:"area,omitempty"`
	Other        string    `json:"other,omitempty" doc:"the other area"`
	At           *Point    `json:"at,omitempty"`
	SquareMetres float64   `json:"square_metres,omitempty"`
	Share        float64   `json:"share,omitempty" doc:"of the smaller outline; of a gap: of the parent"`
	Text         lang.Text `json:"text"`
}

// surveyed is an outline with what it is compared by.
type surveyed struct {
	area    Area
	shape   geo.Shape
	bounds  geo.Bounds
	surface float64
}

func survey(a Area, s geo.Shape) surveyed {
	return surveyed{area: a, shape: s, bounds: s.Bounds(), surface: s.Area()}
}

// grade tells how bad a disagreement is; "" for none worth a word.
func grade(metres, share float64) string {
	switch {
	case share > wrongShare:
		return SeverityError
	case metres > slackMetres && share > slackShare:
		return SeverityWarning
	}
	return ""
}

// overlaps compares the wanted pairs among the outlines of a level. The sums tell how much of each area its
// siblings cover as well.
func overlaps(all []surveyed, wanted func(a, b Area) bool) (out []Finding, covered map[string]float64) {
	covered = map[string]float64{}
	var tree rtree.RTreeG[int]
	for i, s := range all {
		lo, hi := [2]float64{s.bounds.Min.Lon, s.bounds.Min.Lat}, [2]float64{s.bounds.Max.Lon, s.bounds.Max.Lat}
		var near []int
		tree.Search(lo, hi, func(_, _ [2]float64, j int) bool {
			near = append(near, j)
			return true
		})
		sort.Ints(near)
		for _, j := range near {
			if !wanted(all[j].area, s.area) {
				continue
			}
			if f, metres := overlap(all[j], s); metres > 0 {
				if all[j].area.Parent == s.area.Parent {
					covered[s.area.Code] += metres
				}
				if f != nil {
					out = append(out, *f)
				}
			}
		}
		tree.Insert(lo, hi, i)
	}
	return out, covered
}

func overlap(a, b surveyed) (*Finding, float64) {
	both, err := geo.Overlap(a.shape, b.shape)
	if err != nil {
		return &Finding{Severity: SeverityError, Code: "outlines-broken", Area: b.area.Code, Other: a.area.Code,
			Text: lang.T("两个边界无法比较:"+a.area.Name+"、"+b.area.Name, "These outlines cannot be compared: "+a.area.Name+", "+b.area.Name)}, 1
	}
	metres := both.Area()
	share := metres / math.Max(math.Min(a.surface, b.surface), 1)
	severity := grade(metres, share)
	if severity == "" {
		return nil, metres
	}
	at := both.Largest().Center()
	return &Finding{Severity: severity, Code: "overlap", Area: b.area.Code, Other: a.area.Code, At: &at, SquareMetres: metres, Share: share,
		Text: lang.T(fmt.Sprintf("%s 与 %s 的边界重叠 %.0f 平方米(占较小者的 %.2f%%)", b.area.Name, a.area.Name, metres, 100*share),
			fmt.Sprintf("%s overlaps %s by %.0f m2 (%.2f %% of the smaller)", b.area.Name, a.area.Name, metres, 100*share))}, metres
}

// beyond tells how much of a child lies outside its parent.
func beyond(child, parent surveyed) (*Finding, float64) {
	rest, err := geo.Beyond(child.shape, parent.shape)
	if err != nil {
		return &Finding{Severity: SeverityError, Code: "outlines-broken", Area: child.area.Code, Other: parent.area.Code,
			Text: lang.T("边界无法与上级比较:"+child.area.Name, "The outline cannot be compared with its parent's: "+child.area.Name)}, 0
	}
	metres := rest.Area()
	share := metres / math.Max(child.surface, 1)
	severity := grade(metres, share)
	if severity == "" {
		return nil, metres
	}
	at := rest.Largest().Center()
	return &Finding{Severity: severity, Code: "outside-parent", Area: child.area.Code, Other: parent.area.Code, At: &at, SquareMetres: metres, Share: share,
		Text: lang.T(fmt.Sprintf("%s 有 %.0f 平方米(%.2f%%)超出上级 %s 的边界", child.area.Name, metres, 100*share, parent.area.Name),
			fmt.Sprintf("%s lies outside its parent %s with %.0f m2 (%.2f %%)", child.area.Name, parent.area.Name, metres, 100*share))}, metres
}

// gap tells how much of a parent no child covers. It is computed by sums first; where it lies is looked
// for only when it matters.
func gap(parent surveyed, children []surveyed, outside, covered float64) *Finding {
	sum := -covered - outside
	for _, c := range children {
		sum += c.surface
	}
	metres := parent.surface - sum
	share := metres / math.Max(parent.surface, 1)
	severity := grade(metres, share)
	if severity == "" {
		return nil
	}
	f := &Finding{Severity: severity, Code: "gap", Area: parent.area.Code, SquareMetres: metres, Share: share,
		Text: lang.T(fmt.Sprintf("%s 内有 %.0f 平方米(%.2f%%)不属于任何下级", parent.area.Name, metres, 100*share),
			fmt.Sprintf("In %s, %.0f m2 (%.2f %%) belong to no area below", parent.area.Name, metres, 100*share))}
	shapes := make([]geo.Shape, len(children))
	for i, c := range children {
		shapes[i] = c.shape
	}
	if all, err := geo.Union(shapes); err == nil {
		if rest, err := geo.Beyond(parent.shape, all); err == nil && len(rest) > 0 {
			at := rest.Largest().Center()
			f.At = &at
		}
	}
	return f
}

// surveyAll looks at the outlines of a tree: overlaps within a level, children against parents. With
// only, just what concerns those areas is reported.
func surveyAll(area func(string) (Area, bool), children func(string) []Area, outlines []Outline, only map[string]bool) []Finding {
	byLevel := map[Level][]surveyed{}
	known := map[string]surveyed{}
	for _, o := range outlines {
		if a, ok := area(o.Code); ok && !a.Closed {
			s := survey(a, o.Shape)
			known[a.Code] = s
			byLevel[a.Level] = append(byLevel[a.Level], s)
		}
	}
	concerned := func(codes ...string) bool {
		if only == nil {
			return true
		}
		for _, c := range codes {
			if only[c] {
				return true
			}
		}
		return false
	}
	around := map[string]bool{} // whose children matter for a gap
	for code := range only {
		around[code] = true
		if a, ok := area(code); ok {
			around[a.Parent] = true
		}
	}
	wanted := func(a, b Area) bool {
		return concerned(a.Code, b.Code) || a.Parent == b.Parent && around[a.Parent]
	}
	var out []Finding
	covered := map[string]float64{}
	for _, level := range Levels() {
		list := byLevel[level]
		sort.Slice(list, func(i, j int) bool { return list[i].area.Code < list[j].area.Code })
		findings, sums := overlaps(list, wanted)
		for code, metres := range sums {
			covered[code] = metres
		}
		for _, f := range findings {
			if concerned(f.Area, f.Other) {
				out = append(out, f)
			}
		}
	}
	var guests []surveyed // dedicated grids, which may take ground from villages they do not hang under
	for _, s := range byLevel[Grid] {
		if s.area.Kind == KindDedicated {
			guests = append(guests, s)
		}
	}
	for _, level := range Levels() {
		for _, parent := range byLevel[level] {
			out = append(out, surveyBelow(parent, children(parent.area.Code), known, covered, guests, concerned)...)
		}
	}
	return out
}

// surveyBelow compares a parent with the outlines of its open children of the level right below; a gap is
// looked for only when all of them have one.
func surveyBelow(parent surveyed, children []Area, known map[string]surveyed, covered map[string]float64, guests []surveyed, concerned func(...string) bool) []Finding {
	var out []Finding
	var drawn []surveyed
	complete := true
	outside, twice := 0.0, 0.0
	any := concerned(parent.area.Code)
	for _, c := range children {
		if c.Closed || c.Level.Depth() != parent.area.Level.Depth()+1 {
			continue
		}
		s, has := known[c.Code]
		if !has {
			complete = false
			continue
		}
		any = any || concerned(c.Code)
		drawn = append(drawn, s)
		twice += covered[c.Code]
	}
	if !any || len(drawn) == 0 {
		return nil
	}
	for _, s := range drawn {
		f, metres := beyond(s, parent)
		outside += metres
		if f != nil && concerned(s.area.Code, parent.area.Code) {
			out = append(out, *f)
		}
	}
	if complete {
		if drawn[0].area.Level == Grid {
			for _, g := range guests {
				if g.area.Parent != parent.area.Code && g.bounds.Touches(parent.bounds) {
					if both, err := geo.Overlap(g.shape, parent.shape); err == nil && both.Area() > slackMetres {
						drawn = append(drawn, survey(g.area, both))
					}
				}
			}
		}
		if f := gap(parent, drawn, outside, twice); f != nil {
			out = append(out, *f)
		}
	}
	return out
}
