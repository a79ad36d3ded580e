package sample

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"strings"

	"linli/internal/area"
	"linli/internal/platform/fault"
)

// Grids of a whole county. Rugao's numbers are those it published; other counties get the same density.
const (
	rugaoBasic     = 1182
	rugaoDedicated = 89
	rugaoVillages  = 355
)

// What the smaller sizes have.
const (
	smallVillages  = 12
	smallUrban     = 8 // of these, communities of the town
	smallBasic     = 36
	smallDedicated = 4
)

// readCounty reads the published areas and keeps what the size asks for.
func (b *builder) readCounty(files fs.FS) error {
	list, err := fs.Glob(files, "sample/areas-*.csv")
	if err != nil {
		return fmt.Errorf("looking for sample counties: %w", err)
	}
	var known []string
	for _, name := range list {
		rows, err := readTable(files, name)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fmt.Errorf("%s has no rows", name)
		}
		known = append(known, rows[0]["code"])
		if rows[0]["code"] == b.plan.County {
			b.take(rows)
			return nil
		}
	}
	return fault.Newf(fault.Invalid, "sample-county", "没有 %[1]s 的示例数据,可选:%[2]s", "There is no sample of %[1]s; use one of %[2]s", b.plan.County, strings.Join(known, ", "))
}

func readTable(files fs.FS, name string) ([]map[string]string, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var out []map[string]string
	for {
		line, err := r.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		row := make(map[string]string, len(head))
		for i, title := range head {
			row[strings.TrimPrefix(title, "\ufeff")] = line[i]
		}
		out = append(out, row)
	}
}

// take arranges the published rows: county, townships, villages.
func (b *builder) take(rows []map[string]string) {
	towns := map[string]*place{}
	for _, row := range rows {
		p := &place{Area: area.Area{Code: row["code"], Name: row["name"], Parent: row["parent"]}, weight: 1}
		switch row["level"] {
		case "3":
			p.Level, p.Calendar = area.County, "office"
			b.county = *p
		case "4":
			p.Level = area.Township
			towns[p.Code] = p
			b.townships = append(b.townships, p)
		case "5":
			p.Level, p.Calendar = area.Village, "village"
			p.urban = strings.Contains(p.Name, "居委会") || strings.Contains(p.Name, "社区")
			switch {
			case p.urban:
				p.weight = 1.4
			case strings.HasPrefix(p.Code[len(p.Code)-3:], "4"), strings.HasPrefix(p.Code[len(p.Code)-3:], "5"):
				p.weight = 0.5 // zones and dummy communities
			}
			if t := towns[p.Parent]; t != nil {
				t.below = append(t.below, p)
			}
		}
	}
	b.townships = slices.DeleteFunc(b.townships, func(t *place) bool { return len(t.below) == 0 })
	if b.plan.Size != Full {
		b.townships = b.townships[:1]
	}
	if b.plan.Size == Small {
		t := b.townships[0]
		var urban, rural []*place
		for _, v := range t.below {
			if v.urban {
				urban = append(urban, v)
			} else {
				rural = append(rural, v)
			}
		}
		urban = urban[:min(smallUrban, len(urban))]
		rural = rural[:min(smallVillages-len(urban), len(rural))]
		t.below = slices.Concat(urban, rural)
	}
}

// drawGrids gives every village its grids, at least one.
func (b *builder) drawGrids() {
	r := b.random("grids")
	villages := b.villages()
	basic, dedicated := smallBasic, smallDedicated
	switch {
	case b.plan.Size == Full && b.plan.County == Rugao:
		basic, dedicated = rugaoBasic, rugaoDedicated
	case b.plan.Size != Small:
		basic, dedicated = len(villages)*rugaoBasic/rugaoVillages, len(villages)*rugaoDedicated/rugaoVillages
		basic += len(villages) / 2 // the middle of a county is denser than the whole
	}
	basic = max(basic, len(villages))
	weights := make([]float64, len(villages))
	for i, v := range villages {
		weights[i] = v.weight * (0.75 + 0.5*r.Float64())
	}
	counts := apportion(basic-len(villages), weights)
	special := apportion(dedicated, jitter(r, weights))
	for i, v := range villages {
		for n := 1; n <= counts[i]+1; n++ {
			g := &place{Area: area.Area{Code: fmt.Sprintf("%s%03d", v.Code, n), Name: short(v.Name) + "第" + numeral(n) + "网格",
				Level: area.Grid, Kind: area.KindBasic, Parent: v.Code, Population: 500 + r.IntN(1000)}, weight: 1, urban: v.urban}
			v.below = append(v.below, g)
		}
		for n := 1; n <= special[i]; n++ {
			kind := dedicatedKinds[r.IntN(len(dedicatedKinds))]
			g := &place{Area: area.Area{Code: fmt.Sprintf("%s9%02d", v.Code, n), Name: short(v.Name) + kind + "专属网格",
				Level: area.Grid, Kind: area.KindDedicated, Parent: v.Code, Population: 50 + r.IntN(400)}, weight: 0.12, urban: v.urban}
			if n > 1 {
				g.Name = short(v.Name) + kind + numeral(n) + "号专属网格"
			}
			v.below = append(v.below, g)
		}
		v.weight = 0
		for _, g := range v.below {
			v.weight += g.weight
			v.Population += g.Population
		}
	}
	for _, t := range b.townships {
		t.weight = 0
		for _, v := range t.below {
			t.weight += v.weight
			t.Population += v.Population
		}
		b.county.Population += t.Population
	}
}

// dedicatedKinds are what a dedicated grid (专属网格) is drawn around.
var dedicatedKinds = []string{"学校", "医院", "农贸市场", "工业园", "车站", "商业街"}

// short is a village's name as people say it: without 居委会 and 村委会.
func short(name string) string {
	for _, end := range []string{"社区居委会", "居委会"} {
		if s, ok := strings.CutSuffix(name, end); ok && s != "" {
			return s + "社区"
		}
	}
	if s, ok := strings.CutSuffix(name, "委会"); ok && s != "" {
		return s
	}
	return name
}

// apportion shares n out by weight, whole numbers, the largest remainders first.
func apportion(n int, weights []float64) []int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	out := make([]int, len(weights))
	type rest struct {
		at   int
		part float64
	}
	rests := make([]rest, len(weights))
	left := n
	for i, w := range weights {
		exact := float64(n) * w / sum
		out[i] = int(exact)
		left -= out[i]
		rests[i] = rest{i, exact - float64(out[i])}
	}
	slices.SortStableFunc(rests, func(a, b rest) int {
		switch {
		case a.part > b.part:
			return -1
		case a.part < b.part:
			return 1
		}
		return a.at - b.at
	})
	for i := range left {
		out[rests[i].at]++
	}
	return out
}

func jitter(r *rand.Rand, weights []float64) []float64 {
	out := make([]float64, len(weights))
	for i, w := range weights {
		out[i] = w * r.Float64()
	}
	return out
}

// importAreas brings county, townships, villages, grids, and for some villages groups and buildings.
func (b *builder) importAreas(ctx context.Context) error {
	var t table
	add := func(a area.Area) {
		population := ""
		if a.Population > 0 {
			population = strconv.Itoa(a.Population)
		}
		t.add(map[string]string{"code": a.Code, "name": a.Name, "level": string(a.Level), "parent": a.Parent, "kind": a.Kind,
			"calendar": a.Calendar, "population": population, "aliases": strings.Join(a.Aliases, ";")})
	}
	add(b.county.Area)
	for _, town := range b.townships {
		add(town.Area)
		b.report.Townships++
		for _, v := range town.below {
			add(v.Area)
			b.report.Villages++
			for _, g := range v.below {
				add(g.Area)
				if g.Kind == area.KindBasic {
					b.report.Basic++
				} else {
					b.report.Dedicated++
				}
			}
		}
	}
	for _, v := range b.townships[0].below {
		b.below(v, add)
	}
	done, err := b.app.Areas.ImportAreas(ctx, b.actor, &t, area.Options{Reason: "sample"})
	return whole(done, err)
}

// below adds buildings to the grids of a community and household groups to those of a village.
func (b *builder) below(v *place, add func(area.Area)) {
	r := b.random("below " + v.Code)
	group := 0
	for gi, g := range v.below {
		if g.Kind != area.KindBasic {
			continue
		}
		n := 3 + r.IntN(4)
		for i := 1; i <= n; i++ {
			if g.urban {
				estate := b.estate(v, gi)
				add(area.Area{Code: fmt.Sprintf("%s-b%02d", g.Code, i), Name: fmt.Sprintf("%s%d幢", estate, i), Level: area.Building, Parent: g.Code, Population: 40 + r.IntN(60)})
				b.report.Buildings++
				continue
			}
			name := numeral(group+1) + "组"
			if group < len(b.style.Groups) {
				name = b.style.Groups[group]
			}
			group++
			add(area.Area{Code: fmt.Sprintf("%s-g%02d", g.Code, i), Name: short(v.Name) + name, Level: area.Group, Parent: g.Code, Population: 20 + r.IntN(25)})
			b.report.Groups++
		}
	}
}

// estate is the name of the housing estate of a grid. Names of the style are given out once, in order;
// where they are used up the village's own name is put in front.
func (b *builder) estate(v *place, grid int) string {
	at := slices.IndexFunc(b.townships[0].below, func(p *place) bool { return p.Code == v.Code })
	n := grid
	for i := range max(at, 0) {
		n += len(b.townships[0].below[i].below)
	}
	if at >= 0 && n < len(b.style.Estates) {
		return b.style.Estates[n]
	}
	return strings.TrimSuffix(short(v.Name), "社区") + b.style.Estates[n%len(b.style.Estates)]
}

// importPlaces names streets by village and a spot or estate for each grid.
func (b *builder) importPlaces(ctx context.Context) error {
	var t table
	add := func(code, name, kind, in string) {
		row := map[string]string{"code": code, "name": name, "kind": kind, "area": in}
		// the centre of a bent outline may lie outside of it; then the area alone says where the place is
		if o, ok := b.app.Areas.Outline(in); ok && o.Shape.Contains(o.Shape.Center()) {
			at := o.Shape.Center()
			row["lat"], row["lon"] = strconv.FormatFloat(at.Lat, 'f', 6, 64), strconv.FormatFloat(at.Lon, 'f', 6, 64)
		}
		t.add(row)
		b.report.Places++
	}
	for ti, town := range b.townships {
		if ti == 0 {
			for i, street := range b.style.Streets[:min(len(b.style.Streets), len(town.below))] {
				add(fmt.Sprintf("street-%s-%02d", town.Code, i+1), street, "street", town.below[i].Code)
			}
		}
		for vi, v := range town.below {
			for gi, g := range v.below {
				switch {
				case g.Kind == area.KindDedicated:
					add("place-"+g.Code, strings.TrimSuffix(g.Name, "专属网格"), "site", g.Code)
				case g.urban && ti == 0:
					add("estate-"+g.Code, b.estate(v, gi), "estate", g.Code)
				default:
					spot := spotOf(v, b.style.Spots[(vi+gi)%len(b.style.Spots)])
					add("spot-"+g.Code, spot, "spot", g.Code)
				}
			}
		}
	}
	done, err := b.app.Areas.ImportPlaces(ctx, b.actor, &t, area.Options{Reason: "sample"})
	return whole(done, err)
}

// spotOf puts the village's name in front of a spot, so that it can be told from those of other villages.
func spotOf(v *place, spot string) string {
	name := short(v.Name)
	for _, end := range []string{"虚拟生活区", "虚拟社区", "社区"} {
		name = strings.TrimSuffix(name, end)
	}
	if name == "" || !strings.HasSuffix(name, "村") {
		return name + spot
	}
	return strings.TrimSuffix(name, "村") + spot
}

// table is rows for an import, held in memory.
type table struct {
	rows []map[string]string
	next int
}

func (t *table) add(row map[string]string) { t.rows = append(t.rows, row) }

// Next gives the next row as the imports of areas ask for it; row 1 is the heading.
func (t *table) Next() (int, func(titles ...string) string, error) {
	if t.next == len(t.rows) {
		return 0, nil, io.EOF
	}
	row := t.rows[t.next]
	t.next++
	return t.next + 1, func(titles ...string) string {
		for _, title := range titles {
			if v, ok := row[title]; ok {
				return v
			}
		}
		return ""
	}, nil
}

// whole makes an error of rows that were refused: a sample is right or not made.
func whole(r area.Report, err error) error {
	if err != nil {
		return err
	}
	if len(r.Refused) > 0 {
		first := r.Refused[0]
		return fmt.Errorf("%d of %d rows refused, first row %d, %s: %s", len(r.Refused), r.Rows, first.Row, first.Column, first.Text.EN)
	}
	return nil
}

// outlineFile is the outline of a county among the models; "" where there is none.
func outlineFile(files fs.FS, county string) string {
	list, err := fs.Glob(files, "sample/outline-*.geojson")
	if err != nil {
		return ""
	}
	for _, name := range list {
		if text, err := fs.ReadFile(files, name); err == nil && strings.Contains(string(text), `"`+county+`"`) {
			return path.Clean(name)
		}
	}
	return ""
}
