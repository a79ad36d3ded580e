package area

import (
	"context"
	"strings"

	"linli/internal/area/geo"
	"linli/internal/platform/fault"
)

// MoveArea asks to hang an area, with all below it, under another parent.
type MoveArea struct {
	Code    string
	Parent  string
	Version int64
	Reason  string
}

// Move rewrites the paths of the area and everything below in one transaction. The code stays.
//
// Permission area.write at the area and at the new parent. Errors: Invalid "cycle", "level-order",
// "parent-closed"; Conflict; NotFound.
func (s *Service) Move(ctx context.Context, actor Actor, cmd MoveArea) (Area, error) {
	err := s.change(ctx, actor, cmd.Reason, func(d *draft) error {
		a, err := d.open("code", cmd.Code, cmd.Version)
		if err != nil {
			return err
		}
		parent, err := d.parent(strings.TrimSpace(cmd.Parent))
		if err != nil {
			return err
		}
		if parent != nil && Within(parent.Path, a.Path) {
			return refuse(*wrong("parent", "cycle", "不能把 %[1]s 移到它自己的下级 %[2]s 之下", "%[1]s cannot move below itself (%[2]s)", a.Name, parent.Name))
		}
		if p := checkUnder(a, parent, false); p != nil {
			return refuse(*p)
		}
		if a.Parent == strings.TrimSpace(cmd.Parent) {
			return nil
		}
		d.move(a, strings.TrimSpace(cmd.Parent))
		return nil
	})
	if err != nil {
		return Area{}, err
	}
	return s.now(cmd.Code), nil
}

func (d *draft) move(a Area, parent string) {
	a.Parent = parent
	d.put(ChangeMove, a)
	d.tell(Change{Kind: ChangeMove, From: []string{a.Code}, To: []string{a.Code}, OldPath: a.Path})
}

// Part is one of the areas that a split leaves.
type Part struct {
	Code    string
	Name    string
	Aliases []string
	Outline geo.Shape // WGS84; empty: see SplitArea.Cut
}

// SplitArea asks to divide an area. One of Parts may keep the old code; otherwise the old area is closed
// with the parts as its successors.
type SplitArea struct {
	Code     string
	Parts    []Part
	Cut      bool              // cut the outline into equal parts, in the order of Parts
	Children map[string]string // child, organisation or named place -> part; others go by their position, else to the first part
	Version  int64
	Reason   string
}

// Split divides an area at its level and parent. What lies below goes to the part that Children names,
// or in which its centre lies, or to the first.
//
// Permission area.write at the area and its parent. Errors: Invalid naming the part, Conflict, NotFound.
func (s *Service) Split(ctx context.Context, actor Actor, cmd SplitArea) ([]Area, error) {
	err := s.change(ctx, actor, cmd.Reason, func(d *draft) error {
		old, err := d.open("code", cmd.Code, cmd.Version)
		if err != nil {
			return err
		}
		if len(cmd.Parts) < 2 {
			return refuse(*wrong("parts", "too-few-parts", "拆分后至少要有两个区域", "A split leaves at least two areas"))
		}
		cut, err := d.splitOutlines(old, cmd)
		if err != nil {
			return err
		}
		codes, err := d.splitParts(old, cmd)
		if err != nil {
			return err
		}
		locate := func(lat, lon float64) (string, bool) {
			for i, shape := range cut {
				if shape.Contains(geo.Point{Lat: lat, Lon: lon}) {
					return codes[i], true
				}
			}
			return "", false
		}
		if err := d.splitBelow(old, codes, cmd.Children, locate); err != nil {
			return err
		}
		for i, shape := range cut {
			if len(shape) > 0 {
				d.putOutline(codes[i], shape, geo.WGS84, "split of "+old.Code)
			}
		}
		d.tell(Change{Kind: ChangeSplit, From: []string{old.Code}, To: codes, OldPath: old.Path, Locate: locate})
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []Area
	for _, p := range cmd.Parts {
		out = append(out, s.now(strings.TrimSpace(p.Code)))
	}
	return out, nil
}

// splitOutlines gives the outline of each part: all given, all cut, or none.
func (d *draft) splitOutlines(old Area, cmd SplitArea) ([]geo.Shape, error) {
	cut := make([]geo.Shape, len(cmd.Parts))
	given := 0
	for i, p := range cmd.Parts {
		if cut[i] = p.Outline; len(p.Outline) > 0 {
			given++
		}
	}
	whole, has := d.outline(old.Code)
	switch {
	case given == len(cmd.Parts):
		for i, shape := range cut {
			if fs := geo.Validate(shape); len(fs) > 0 {
				return nil, refuse(*outlineProblem("parts."+cmd.Parts[i].Code, fs[0]))
			}
		}
		if has {
			return cut, partsTile(survey(old, whole.Shape), cmd.Parts)
		}
	case given > 0:
		return nil, refuse(*wrong("parts", "outlines-partly", "拆分的边界要么全部给出,要么都不给", "Give the outline of every part or of none"))
	case cmd.Cut && !has:
		return nil, refuse(*wrong("cut", "no-outline", "%[1]s 没有边界,无法自动切分", "%[1]s has no outline to cut", old.Name))
	case cmd.Cut:
		return SplitGrid(whole.Shape, len(cmd.Parts))
	case has:
		return nil, refuse(*wrong("parts", "outlines-missing", "%[1]s 有边界,请给出各部分的边界或选择自动切分", "%[1]s has an outline; give those of the parts or ask for it to be cut", old.Name))
	}
	return cut, nil
}

// partsTile refuses parts that do not make up the old outline.
func partsTile(old surveyed, parts []Part) error {
	var pieces []surveyed
	outside, twice := 0.0, 0.0
	var findings []Finding
	for _, p := range parts {
		piece := survey(Area{Code: p.Code, Name: p.Name, Parent: old.area.Code}, p.Outline)
		f, metres := beyond(piece, old)
		if outside += metres; f != nil {
			findings = append(findings, *f)
		}
		pieces = append(pieces, piece)
	}
	found, covered := overlaps(pieces, func(Area, Area) bool { return true })
	findings = append(findings, found...)
	for _, metres := range covered {
		twice += metres
	}
	if f := gap(old, pieces, outside, twice); f != nil {
		findings = append(findings, *f)
	}
	var problems []problem
	for _, f := range findings {
		if f.Severity == SeverityError {
			problems = append(problems, problem{Name: "parts." + f.Area, Code: f.Code, Text: f.Text})
		}
	}
	return refuse(problems...)
}

// splitParts makes the parts and closes the old area unless a part keeps its code.
func (d *draft) splitParts(old Area, cmd SplitArea) (codes []string, err error) {
	kept := false
	for i, part := range cmd.Parts {
		code := strings.TrimSpace(part.Code)
		if contains(codes, code) {
			return nil, refuse(*wrong("parts."+code, "duplicate", "部分 %[1]s 出现了两次", "The part %[1]s appears twice", code))
		}
		codes = append(codes, code)
		a := Area{Code: code, Name: strings.TrimSpace(part.Name), Aliases: part.Aliases, Level: old.Level, Kind: old.Kind, Parent: old.Parent, Calendar: old.Calendar}
		if i < len(cmd.Parts) && code == old.Code {
			kept = true
			a.Path, a.Version = old.Path, old.Version
			if a.Name == "" {
				a.Name = old.Name
			}
			if err := d.check(a); err != nil {
				return nil, err
			}
			d.put(ChangeSplit, a)
			continue
		}
		if err := d.create(a); err != nil {
			return nil, err
		}
	}
	if !kept {
		old.Closed, old.Successors = true, codes
		d.put(ChangeSplit, old)
		if _, has := d.outline(old.Code); has {
			d.outlines[old.Code] = nil
		}
	}
	return codes, nil
}

// splitBelow hands what lies below the old area to the parts.
func (d *draft) splitBelow(old Area, codes []string, chosen map[string]string, locate func(lat, lon float64) (string, bool)) error {
	heir := func(code string, at *Point) (string, error) {
		if to, ok := chosen[code]; ok {
			if !contains(codes, to) {
				return "", refuse(*wrong("children."+code, "not-a-part", "%[1]s 不是拆分后的区域", "%[1]s is not one of the parts", to))
			}
			return to, nil
		}
		if at != nil {
			if to, ok := locate(at.Lat, at.Lon); ok {
				return to, nil
			}
		}
		return codes[0], nil
	}
	for _, child := range d.children(old.Code) {
		to, err := heir(child.Code, child.Center)
		if err != nil {
			return err
		}
		if to != old.Code {
			d.move(child, to)
		}
	}
	return d.reattach(old.Code, heir)
}

// reattach moves organisations and named places of an area to its heirs.
func (d *draft) reattach(code string, heir func(code string, at *Point) (string, error)) error {
	for _, o := range d.base.tree.Orgs(code) {
		to, err := heir(o.Code, nil)
		if err != nil {
			return err
		}
		if to != code {
			o.Area = to
			d.putOrg(ChangeUpdateOrg, o)
			d.tell(Change{Kind: ChangeUpdateOrg, From: []string{o.Code}, To: []string{o.Code}, OldPath: o.Path})
		}
	}
	for _, p := range d.base.places {
		if p.Area != code {
			continue
		}
		to, err := heir(p.Code, p.At)
		if err != nil {
			return err
		}
		if to != code {
			p.Area = to
			d.places[p.Code] = &p
		}
	}
	return nil
}

// MergeAreas asks to make one area of several.
type MergeAreas struct {
	From    []string // areas of one level
	Into    Area     // one of From by its code, or a new area; a new one without a parent hangs under that of the first
	Reason  string
	Version map[string]int64 // as the asker saw them; absent: whatever they are
}

// Merge closes the areas with Into as their successor; all that lay below them hangs under Into, outlines
// are joined. Listeners hear one change per area merged away.
//
// Permission area.write at each and at the new parent. Errors: Invalid "mixed-levels", "too-few-areas";
// Conflict; NotFound.
func (s *Service) Merge(ctx context.Context, actor Actor, cmd MergeAreas) (Area, error) {
	err := s.change(ctx, actor, cmd.Reason, func(d *draft) error { return d.merge(cmd) })
	if err != nil {
		return Area{}, err
	}
	return s.now(strings.TrimSpace(cmd.Into.Code)), nil
}

func (d *draft) merge(cmd MergeAreas) error {
	into := clean(cmd.Into)
	var from []Area
	kept := false
	for _, code := range cmd.From {
		a, err := d.open("from."+code, code, cmd.Version[code])
		if err != nil {
			return err
		}
		if len(from) > 0 && a.Level != from[0].Level {
			return refuse(*wrong("from."+code, "mixed-levels", "只能合并同一层级的区域", "Only areas of one level can be merged"))
		}
		for _, b := range from {
			if b.Code == code {
				return refuse(*wrong("from."+code, "duplicate", "区域 %[1]s 出现了两次", "The area %[1]s appears twice", code))
			}
		}
		kept = kept || code == into.Code
		from = append(from, a)
	}
	if len(from) == 0 || len(from) == 1 && kept {
		return refuse(*wrong("from", "too-few-areas", "至少要有两个区域才能合并", "It takes at least two areas to merge"))
	}
	if !kept {
		into.Level = from[0].Level
		if cmd.Into.Kind == "" {
			into.Kind = from[0].Kind
		}
		if into.Parent == "" {
			into.Parent = from[0].Parent
		}
		for _, a := range from {
			into.Population += a.Population
		}
		if err := d.create(into); err != nil {
			return err
		}
	}
	if err := d.joinOutlines(into.Code, from); err != nil {
		return err
	}
	for _, a := range from {
		if a.Code == into.Code {
			if name := strings.TrimSpace(cmd.Into.Name); name != "" && name != a.Name {
				if p := checkName("into.name", name); p != nil {
					return refuse(*p)
				}
				d.rename(a, name, true)
			}
			continue
		}
		d.tell(Change{Kind: ChangeMerge, From: []string{a.Code}, To: []string{into.Code}, OldPath: a.Path})
		for _, child := range d.children(a.Code) {
			child.Parent = into.Code
			d.put(ChangeMerge, child)
		}
		if err := d.reattach(a.Code, func(string, *Point) (string, error) { return into.Code, nil }); err != nil {
			return err
		}
		a.Closed, a.Successors = true, []string{into.Code}
		d.put(ChangeMerge, a)
	}
	return nil
}

// joinOutlines gives the merged area the ground of all; where some have no outline it gets none, for
// half an outline would be a wrong one.
func (d *draft) joinOutlines(into string, from []Area) error {
	var shapes []geo.Shape
	for _, a := range from {
		if o, has := d.outline(a.Code); has {
			shapes = append(shapes, o.Shape)
			d.outlines[a.Code] = nil
		}
	}
	if len(shapes) < len(from) {
		return nil
	}
	whole, err := geo.Union(shapes)
	if err != nil {
		return fault.New(fault.Invalid, "outlines-broken", "边界合并不成,请先修正边界", "The outlines cannot be joined; mend them first").Because(err)
	}
	d.putOutline(into, whole, geo.WGS84, "merge")
	return nil
}
