package area

import (
	"context"
	"strings"
)

// ImportOrgs creates and updates organisations by a table with the columns code, name, area and, if
// there, kind, function, parent, calendar. Empty cells leave a property as it is.
//
// Permission area.write at the area. Errors as ImportAreas.
func (s *Service) ImportOrgs(ctx context.Context, actor Actor, rows Rows, o Options) (Report, error) {
	read := Report{DryRun: o.DryRun}
	type orgRow struct {
		number int
		org    Org
	}
	var list []orgRow
	first := rowsByCode{}
	if err := require(rows, colCode); err != nil {
		return read, err
	}
	err := read.read(rows, func(number int, get func(...string) string) []problem {
		org := Org{Code: strings.TrimSpace(get(colCode...)), Name: get(colName...), Kind: get(colKind...), Function: get(colFunction...),
			Area: get(colArea...), Parent: get(colParent...), Calendar: get(colCalendar...)}
		if twice := first.take(org.Code, number); twice != nil {
			return []problem{*twice}
		}
		list = append(list, orgRow{number, org})
		return nil
	})
	if err != nil {
		return read, err
	}
	return s.applyRows(ctx, actor, o, read, func(d *draft, report *Report) {
		left := list
		for len(left) > 0 { // parents may stand below: go round as long as that helps
			var later []orgRow
			waiting := map[string]bool{}
			for _, r := range left {
				waiting[r.org.Code] = true
			}
			for _, r := range left {
				above := strings.TrimSpace(r.org.Parent)
				if _, known := d.org(above); waiting[above] && above != r.org.Code && !known {
					later = append(later, r)
					continue
				}
				for _, p := range d.importOrg(r.org, report) {
					report.refuse(r.number, p)
				}
			}
			if len(later) == len(left) {
				for _, r := range later {
					report.refuse(r.number, *wrong("parent", "cycle", "上级组织成环:%[1]s", "The organisations above form a cycle at %[1]s", r.org.Code))
				}
				break
			}
			left = later
		}
	})
}

// importOrg puts one organisation into the draft or says what is wrong with it.
func (d *draft) importOrg(row Org, report *Report) []problem {
	old, exists := d.org(strings.TrimSpace(row.Code))
	now := cleanOrg(row)
	if exists {
		if old.Closed {
			return []problem{*wrong("code", "org-closed", "组织 %[1]s 已撤销", "The organisation %[1]s is closed", old.Code)}
		}
		now = old
		for _, f := range []struct {
			to   *string
			from string
		}{{&now.Name, row.Name}, {&now.Kind, row.Kind}, {&now.Function, row.Function}, {&now.Area, row.Area}, {&now.Parent, row.Parent}, {&now.Calendar, row.Calendar}} {
			if f.from = strings.TrimSpace(f.from); f.from != "" {
				*f.to = f.from
			}
		}
	}
	if problems := d.checkOrg(now); len(problems) > 0 {
		return problems
	}
	if _, isArea := d.area(now.Code); isArea {
		return []problem{*wrong("code", "code-taken", "编码 %[1]s 已被一个区域使用", "The code %[1]s belongs to an area", now.Code)}
	}
	if exists && now == old {
		report.Unchanged++
		return nil
	}
	at, _ := d.area(now.Area)
	if !d.actor.May(PermissionWrite, at.Path) || exists && !d.actor.May(PermissionWrite, old.Path) {
		return []problem{*forbiddenRow(now.Area)}
	}
	if exists {
		report.Updated++
		d.tell(Change{Kind: ChangeUpdateOrg, From: []string{now.Code}, To: []string{now.Code}, OldPath: old.Path})
	} else {
		report.Created++
		d.tell(Change{Kind: ChangeCreateOrg, To: []string{now.Code}})
	}
	d.putOrg(ChangeImport, now)
	return nil
}
