package sample

import (
	"context"
	"strings"

	"linli/internal/area"
	"linli/internal/category"
)

// office is an organisation of the plan.
type office struct {
	area.Org
	vacant bool // its intake officer is missing on purpose
}

// Functions that no category names: the centres themselves.
const (
	functionCentre  = "grid-centre"
	functionHotline = "hotline"
)

// offices lists the organisations: for the county and for each township one per ordinary name of
// models/categories/functions.yaml, carrying all functions that share it; and the centres.
func (b *builder) offices() []office {
	functions := b.app.Categories.Functions()
	var out []office
	add := func(at *place, suffix, name, kind, function, calendar string) {
		for i := range out {
			if out[i].Area == at.Code && out[i].Name == name {
				out[i].Function += " " + function
				return
			}
		}
		out = append(out, office{Org: area.Org{Code: at.Code + "-" + suffix, Name: name, Kind: kind, Function: function, Area: at.Code, Calendar: calendar}})
	}
	county := short2(b.county.Name)
	add(&b.county, "centre", county+"网格化服务管理中心", "centre", functionCentre, "round-the-clock")
	add(&b.county, "hotline", county+"12345热线中心", "centre", functionHotline, "round-the-clock")
	for _, f := range functions {
		add(&b.county, f.Key, county+f.County.ZH, f.CountyKind, f.Key, calendarOf(f, f.CountyKind))
	}
	for _, t := range b.townships {
		name := short2(t.Name)
		add(t, "centre", name+"网格化服务管理中心", "centre", functionCentre, "")
		for _, f := range functions {
			if f.HasTownship {
				add(t, f.Key, name+f.Township.ZH, f.TownshipKind, f.Key, calendarOf(f, f.TownshipKind))
			}
		}
	}
	r := b.random("vacant offices")
	for i := range out {
		// a station in the country now and then waits for somebody; the demonstration's own township is complete
		out[i].vacant = out[i].Area != b.county.Code && out[i].Area != b.townships[0].Code && r.IntN(40) == 0
	}
	return out
}

// short2 is the name of a county or township without its ending, for names of offices.
func short2(name string) string {
	for _, end := range []string{"街道", "镇", "乡", "市", "县", "区"} {
		if s, ok := strings.CutSuffix(name, end); ok && len([]rune(s)) >= 2 {
			return s
		}
	}
	return name
}

// calendarOf gives those who work other hours than an office their calendar.
func calendarOf(f category.Function, kind string) string {
	switch {
	case f.Key == "administrative-service":
		return "service-hall"
	case f.Key == "public-security" || f.Key == "fire-rescue" || f.Key == "traffic-police" || f.Key == "emergency":
		return "round-the-clock"
	case kind == "centre" && (strings.HasSuffix(f.Key, "-supply") || f.Key == "health"):
		return "round-the-clock" // repair crews and clinics
	}
	return ""
}

func (b *builder) importOrgs(ctx context.Context) error {
	var t table
	for _, o := range b.offices() {
		t.add(map[string]string{"code": o.Code, "name": o.Name, "kind": o.Kind, "function": o.Function, "area": o.Area, "calendar": o.Calendar})
		b.report.Orgs++
	}
	done, err := b.app.Areas.ImportOrgs(ctx, b.actor, &t, area.Options{Reason: "sample"})
	return whole(done, err)
}
