package area

import (
	"context"
	"strings"
)

// ImportPlaces creates and updates named places by a table with the columns code, name and, if there,
// aliases, kind, area, lat, lon, datum. A place needs an area or a position that lies in a grid.
//
// Permission area.write at the place's area. Errors as ImportAreas.
func (s *Service) ImportPlaces(ctx context.Context, actor Actor, rows Rows, o Options) (Report, error) {
	read := Report{DryRun: o.DryRun}
	type placeRow struct {
		number int
		place  NamedPlace
	}
	var list []placeRow
	first := rowsByCode{}
	if err := require(rows, colCode, colName); err != nil {
		return read, err
	}
	err := read.read(rows, func(number int, get func(...string) string) []problem {
		p, problems := parsePlace(get)
		if twice := first.take(p.Code, number); twice != nil {
			problems = append(problems, *twice)
		}
		if len(problems) == 0 {
			list = append(list, placeRow{number, p})
		}
		return problems
	})
	if err != nil {
		return read, err
	}
	return s.applyRows(ctx, actor, o, read, func(d *draft, report *Report) {
		for _, r := range list {
			if p := d.importPlace(r.place, report); p != nil {
				report.refuse(r.number, *p)
			}
		}
	})
}

func parsePlace(get func(...string) string) (NamedPlace, []problem) {
	p := NamedPlace{Code: strings.TrimSpace(get(colCode...)), Name: strings.TrimSpace(get(colName...)), Aliases: splitList(get(colAliases...)),
		Kind: strings.TrimSpace(get(colKind...)), Area: strings.TrimSpace(get(colArea...))}
	var problems []problem
	for _, bad := range []*problem{checkWritten(p.Code), checkName("name", p.Name)} {
		if bad != nil {
			problems = append(problems, *bad)
		}
	}
	for _, alias := range p.Aliases {
		if bad := checkName("aliases", alias); bad != nil {
			problems = append(problems, *bad)
		}
	}
	if len(p.Kind) > longestCode {
		problems = append(problems, *wrong("kind", "kind-too-long", "类型超过 %[1]d 个字符", "The kind is longer than %[1]d characters", longestCode))
	}
	at, datum, bad := parsePoint(get)
	p.At, p.Datum = at, datum
	return p, append(problems, bad...)
}

func (d *draft) importPlace(p NamedPlace, report *Report) *problem {
	old, exists := d.base.places[p.Code]
	if exists { // empty cells say nothing
		if len(p.Aliases) == 0 {
			p.Aliases = old.Aliases
		}
		if p.Kind == "" {
			p.Kind = old.Kind
		}
		if p.Area == "" {
			p.Area = old.Area
		}
		if p.At == nil {
			p.At, p.Datum = old.At, old.Datum
		}
	}
	if p.Area != "" {
		if a, ok := d.area(p.Area); !ok {
			return wrong("area", "area-unknown", "没有编码为 %[1]s 的区域", "There is no area with the code %[1]s", p.Area)
		} else if a.Closed {
			return wrong("area", "area-closed", "区域 %[1]s 已撤销", "The area %[1]s is closed", p.Area)
		}
	}
	home := p.home(d.base.ground())
	if home == "" {
		return wrong("area", "place-nowhere", "请给出所属区域,或落在某个网格内的坐标", "Give the area, or a position that lies in a grid")
	}
	if p.Area != "" && !Within(d.base.tree.Path(home), d.base.tree.Path(p.Area)) && !Within(d.base.tree.Path(p.Area), d.base.tree.Path(home)) {
		return wrong("lat", "place-elsewhere", "坐标落在 %[1]s,不在所属区域 %[2]s 内", "The position lies in %[1]s, not in the area %[2]s", home, p.Area)
	}
	if samePlace(old, p) {
		report.Unchanged++
		return nil
	}
	if !d.actor.May(PermissionWrite, d.base.tree.Path(home)) || exists && !d.actor.May(PermissionWrite, d.base.tree.Path(old.home(d.base.ground()))) {
		return forbiddenRow(home)
	}
	var before any
	if exists {
		before = old
		report.Updated++
	} else {
		report.Created++
	}
	d.places[p.Code] = &p
	d.notes = append(d.notes, note{ChangePlace, p.Code, before, p})
	return nil
}

func samePlace(a, b NamedPlace) bool {
	if a.Code != b.Code || a.Name != b.Name || a.Kind != b.Kind || a.Area != b.Area || strings.Join(a.Aliases, "\n") != strings.Join(b.Aliases, "\n") {
		return false
	}
	if a.At == nil || b.At == nil {
		return a.At == b.At
	}
	return *a.At == *b.At
}
