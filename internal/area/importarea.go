package area

import "sort"

// areaImport places the rows of a table into the tree: parents before children, each row judged once.
type areaImport struct {
	d       *draft
	report  *Report
	rows    map[string]areaRow
	refused map[string]int // code -> row
	created []string
	moves   []Change
	renames []Change
	updates []Change
}

// run judges and applies every row; then it tells listeners, deepest moves first, so that rewriting one
// prefix after the other is right.
func (im *areaImport) run(list []areaRow) {
	im.refuseCycles(list)
	done := map[string]bool{}
	var visit func(code string)
	visit = func(code string) {
		r, here := im.rows[code]
		if !here || done[code] {
			return
		}
		done[code] = true
		visit(im.parentOf(r.area))
		if _, bad := im.refused[code]; bad {
			return
		}
		if p := im.place(r); p != nil {
			im.refused[code] = r.number
			im.report.refuse(r.number, *p)
		}
	}
	for _, r := range list {
		visit(r.area.Code)
	}
	sort.SliceStable(im.moves, func(i, j int) bool { return len(im.moves[i].OldPath) > len(im.moves[j].OldPath) })
	for _, list := range [][]Change{im.moves, im.renames, im.updates} {
		for _, c := range list {
			im.d.tell(c)
		}
	}
	if len(im.created) > 0 {
		im.d.tell(Change{Kind: ChangeImport, To: im.created})
	}
}

// parentOf is the parent a row means: the one it names, else the one it has, else the one its official
// code names.
func (im *areaImport) parentOf(a Area) string {
	if a.Parent != "" {
		return a.Parent
	}
	if old, exists := im.d.area(a.Code); exists {
		return old.Parent
	}
	above := 0
	switch {
	case a.Level == Township:
		above = countyDigits
	case a.Level == Village:
		above = townshipDigits
	case a.Level == Grid && len(a.Code) == gridDigits:
		above = villageDigits
	}
	if above == 0 {
		return ""
	}
	code := a.Code[:above]
	if _, here := im.rows[code]; here {
		return code
	}
	if _, exists := im.d.area(code); exists {
		return code
	}
	return ""
}

// refuseCycles finds rows whose parents lead back to themselves.
func (im *areaImport) refuseCycles(list []areaRow) {
	const (
		underway = 1
		finished = 2
	)
	mark := map[string]int{}
	for _, r := range list {
		var trail []string
		code := r.area.Code
		for {
			row, here := im.rows[code]
			if !here || mark[code] != 0 {
				break
			}
			mark[code] = underway
			trail = append(trail, code)
			code = im.parentOf(row.area)
		}
		if mark[code] == underway {
			for i := len(trail) - 1; i >= 0; i-- {
				row := im.rows[trail[i]]
				im.refused[trail[i]] = row.number
				im.report.refuse(row.number, *wrong("parent", "cycle", "上级关系成环:%[1]s 的上级最终又是它自己", "The parents form a cycle: going up from %[1]s leads back to it", trail[i]))
				if trail[i] == code {
					break
				}
			}
		}
		for _, c := range trail {
			mark[c] = finished
		}
	}
}

// place puts one row into the draft; it says what is wrong instead when something is.
func (im *areaImport) place(r areaRow) *problem {
	a, d := r.area, im.d
	old, exists := d.area(a.Code)
	if _, isOrg := d.org(a.Code); isOrg {
		return wrong("code", "code-taken", "编码 %[1]s 已被一个组织使用", "The code %[1]s belongs to an organisation", a.Code)
	}
	a.Parent = im.parentOf(a)
	var parent *Area
	if a.Parent != "" {
		if row, bad := im.refused[a.Parent]; bad {
			return wrong("parent", "parent-refused", "上级 %[1]s(第 %[2]d 行)未被接受", "The parent %[1]s (row %[2]d) was refused", a.Parent, row)
		}
		p, known := d.area(a.Parent)
		switch {
		case known:
			parent = &p
		case a.Level == County: // the prefecture above is not part of the tree
			a.Parent = ""
		default:
			return wrong("parent", "orphan", "上级 %[1]s 既不在表中,也不在系统中", "The parent %[1]s is neither in the table nor in the system", a.Parent)
		}
	}
	if p := checkUnder(a, parent, !exists); p != nil {
		return p
	}
	if !exists {
		if !im.may(a.Parent) {
			return forbiddenRow(a.Parent)
		}
		a.Path = "" // computed when the draft is finished
		d.put(ChangeImport, a)
		im.created = append(im.created, a.Code)
		im.report.Created++
		return nil
	}
	return im.update(old, a)
}

// may asks at the nearest area above that is not itself new.
func (im *areaImport) may(code string) bool {
	for code != "" {
		if a, stored := im.d.base.tree.Area(code); stored {
			return im.d.actor.May(PermissionWrite, a.Path)
		}
		a, _ := im.d.area(code)
		code = a.Parent
	}
	return im.d.actor.May(PermissionWrite, "/")
}

func forbiddenRow(parent string) *problem {
	return wrong("code", "forbidden", "您没有在 %[1]s 之下维护区域的权限", "You may not maintain areas under %[1]s", parent)
}

// update compares a row with the area there is. Empty cells say nothing.
func (im *areaImport) update(old, a Area) *problem {
	switch {
	case old.Closed:
		return wrong("code", "area-closed", "%[1]s(%[2]s)已撤销", "%[1]s (%[2]s) is closed", old.Name, old.Code)
	case old.Level != a.Level:
		was, is := old.Level.Name(), a.Level.Name()
		return wrong("level", "level-changed", "%[1]s 原为%[2]s,不能改为%[3]s", "%[1]s is a %[4]s and cannot become a %[5]s", a.Code, was.ZH, is.ZH, was.EN, is.EN)
	}
	now := old
	now.Name, now.Parent = a.Name, a.Parent
	if a.Kind != "" {
		now.Kind = a.Kind
	}
	if len(a.Aliases) > 0 {
		now.Aliases = a.Aliases
	}
	if a.Center != nil {
		now.Center = a.Center
	}
	if a.Calendar != "" {
		now.Calendar = a.Calendar
	}
	if a.Population > 0 {
		now.Population = a.Population
	}
	if same(old, now) {
		im.report.Unchanged++
		return nil
	}
	if !im.may(old.Code) || now.Parent != old.Parent && !im.may(now.Parent) {
		return forbiddenRow(now.Parent)
	}
	c := Change{From: []string{a.Code}, To: []string{a.Code}, OldPath: old.Path}
	switch {
	case now.Parent != old.Parent:
		c.Kind = ChangeMove
		im.moves = append(im.moves, c)
	case now.Name != old.Name:
		c.Kind = ChangeRename
		im.renames = append(im.renames, c)
	default:
		c.Kind = ChangeUpdate
		im.updates = append(im.updates, c)
	}
	im.d.put(ChangeImport, now)
	im.report.Updated++
	return nil
}
