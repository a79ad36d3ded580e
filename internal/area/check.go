package area

import (
	"context"
	"fmt"

	"linli/internal/platform/database"
	"linli/internal/platform/lang"
)

// Check proves what must always hold of areas, from the database and not from memory: paths agree with
// parents, nothing open hangs under something closed, outlines tile, every building and named place lies
// in exactly one grid. It lists what does not; warnings are for people to look at, errors are defects.
func (s *Service) Check(ctx context.Context) ([]Finding, error) {
	var st *state
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		rev, err := readRevision(tx, "")
		if err != nil {
			return err
		}
		st, err = readState(tx, rev, &state{rev: revision{-1, -1, -1}, tree: newTree(0, nil, nil)})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading areas to check them: %w", err)
	}
	var out []Finding
	for _, a := range st.tree.Areas() {
		out = append(out, st.checkTree(a)...)
	}
	for _, o := range st.tree.AllOrgs() {
		out = append(out, st.checkOrg(o)...)
	}
	out = append(out, st.checkDrawn()...)
	var outlines []Outline
	for _, a := range st.tree.Areas() {
		if o, ok := st.outlines[a.Code]; ok {
			outlines = append(outlines, o)
		}
	}
	for code := range st.outlines {
		if _, ok := st.tree.Area(code); !ok {
			out = append(out, defect("outline-of-nothing", code, "", "边界 %[1]s 没有对应的区域", "The outline %[1]s belongs to no area", code))
		}
	}
	out = append(out, surveyAll(st.tree.Area, st.tree.Children, outlines, nil)...)
	return append(out, st.checkPoints()...), nil
}

func defect(code, area, other, zh, en string, args ...any) Finding {
	return Finding{Severity: SeverityError, Code: code, Area: area, Other: other, Text: lang.T(fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))}
}

// checkTree looks at an area and the one above.
func (st *state) checkTree(a Area) []Finding {
	want := "/" + a.Code + "/"
	var out []Finding
	if a.Parent != "" {
		parent, ok := st.tree.Area(a.Parent)
		if !ok {
			return []Finding{defect("orphan", a.Code, a.Parent, "%[1]s 的上级 %[2]s 不存在", "The parent %[2]s of %[1]s does not exist", a.Code, a.Parent)}
		}
		want = parent.Path + a.Code + "/"
		if parent.Closed && !a.Closed {
			out = append(out, defect("open-under-closed", a.Code, parent.Code, "%[1]s 未撤销,但上级 %[2]s 已撤销", "%[1]s is open under %[2]s, which is closed", a.Name, parent.Name))
		}
		if !fits(a, parent) {
			out = append(out, defect("level-order", a.Code, parent.Code, "%[1]s 的层级不能挂在 %[2]s 之下", "The level of %[1]s does not fit under %[2]s", a.Name, parent.Name))
		}
	}
	if a.Path != want {
		out = append(out, defect("path", a.Code, "", "%[1]s 的路径是 %[2]s,应为 %[3]s", "The path of %[1]s is %[2]s; it should be %[3]s", a.Code, a.Path, want))
	}
	return out
}

func (st *state) checkOrg(o Org) []Finding {
	a, ok := st.tree.Area(o.Area)
	switch {
	case !ok:
		return []Finding{defect("org-nowhere", o.Code, o.Area, "组织 %[1]s 所属区域 %[2]s 不存在", "The area %[2]s of the organisation %[1]s does not exist", o.Name, o.Area)}
	case a.Closed && !o.Closed:
		return []Finding{defect("org-at-closed", o.Code, o.Area, "组织 %[1]s 所属区域 %[2]s 已撤销", "The area %[2]s of the organisation %[1]s is closed", o.Name, a.Name)}
	}
	return nil
}

// checkDrawn finds open grids without an outline where others of the same parent have one.
func (st *state) checkDrawn() []Finding {
	var out []Finding
	for _, parent := range st.tree.Areas() {
		var missing []Area
		drawn := 0
		for _, c := range st.tree.Children(parent.Code) {
			if c.Closed || c.Level != Grid {
				continue
			}
			if _, ok := st.outlines[c.Code]; ok {
				drawn++
			} else {
				missing = append(missing, c)
			}
		}
		if drawn == 0 {
			continue
		}
		for _, c := range missing {
			f := defect("no-outline", c.Code, parent.Code, "%[1]s 没有边界,而同级网格有", "%[1]s has no outline, while its siblings have", c.Name)
			f.Severity = SeverityWarning
			out = append(out, f)
		}
	}
	return out
}

// checkPoints asks for every building and named place with a position which grids contain it; there is
// exactly one, and a building's is the one it hangs under.
func (st *state) checkPoints() []Finding {
	if st.ground().levels[Grid] == nil {
		return nil
	}
	var out []Finding
	look := func(code, name string, at Point, under string) {
		in := st.ground().covering(at)
		switch {
		case len(in) == 0:
			f := defect("in-no-grid", code, "", "%[1]s(%[2]s)的位置不在任何网格内", "%[1]s (%[2]s) lies in no grid", name, code)
			f.At = &at
			out = append(out, f)
		case len(in) > 1:
			f := defect("in-several-grids", code, in[1], "%[1]s(%[2]s)的位置落在 %[3]d 个网格内", "%[1]s (%[2]s) lies in %[3]d grids", name, code, len(in))
			f.At = &at
			out = append(out, f)
		case under != "" && in[0] != under:
			f := defect("in-other-grid", code, in[0], "%[1]s 挂在 %[2]s 之下,位置却在 %[3]s 内", "%[1]s hangs under %[2]s but lies in %[3]s", name, under, in[0])
			f.At, f.Severity = &at, SeverityWarning
			out = append(out, f)
		}
	}
	for _, a := range st.tree.Areas() {
		if a.Closed || a.Center == nil || a.Level != Building && a.Level != Group {
			continue
		}
		under := ""
		if grid, ok := st.tree.At(a.Code, Grid); ok {
			under = grid.Code
		}
		look(a.Code, a.Name, *a.Center, under)
	}
	for _, p := range st.places {
		if p.At != nil {
			look(p.Code, p.Name, *p.At, "")
		}
	}
	return out
}
