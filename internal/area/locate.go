package area

import (
	"fmt"

	"linli/internal/area/geo"
	"linli/internal/platform/lang"
)

// Place is where something happened, as far as the sender knows.
type Place struct {
	Lat, Lon float64
	HasPoint bool
	Datum    string // wgs84 (default), gcj02, bd09
	Area     string // an area the sender chose
	Building string // code of a building or household group
	Address  string // free text
}

// How a place was found.
const (
	HowPoint    = "point"
	HowBuilding = "building"
	HowChosen   = "chosen"
	HowAddress  = "address"
	HowNearest  = "nearest"
	HowParent   = "parent" // only something above the grid is sure
)

// Found is where a place belongs.
type Found struct {
	Area       string      `json:"area" doc:"code of the grid, or of the deepest area that is sure"`
	Level      Level       `json:"level"`
	How        string      `json:"how" doc:"point building chosen address nearest parent"`
	Confidence float64     `json:"confidence" doc:"0 to 1"`
	Ask        bool        `json:"ask" doc:"somebody should confirm before it is handed out"`
	Candidates []Candidate `json:"candidates,omitempty"`
	Why        lang.Text   `json:"why"`
}

// Candidate is an area a place may belong to.
type Candidate struct {
	Code  string  `json:"code"`
	Name  string  `json:"name"`
	Path  string  `json:"path"`
	Score float64 `json:"score" doc:"0 to 1"`
}

// Distances in metres: how far outside every grid a point may lie and still be the nearest one's, and how
// far candidates are looked for.
const (
	nearestWithin    = 300
	candidatesWithin = 5000
	mostCandidates   = 5
)

// sureEnough is the confidence from which nobody needs to be asked.
const sureEnough = 0.8

// Locate finds the grid of a place, in memory: by the building, the grid chosen, the point, the address,
// in this order. It always answers; what is not sure comes with Ask and candidates, and where nothing is
// known the county's dispatcher gets it.
func (s *Service) Locate(p Place) Found { return s.state.Load().locate(p) }

func (st *state) locate(p Place) Found {
	if f, ok := st.byCode(p.Building, HowBuilding); ok && !f.Ask {
		return f
	}
	chosen, hasChosen := st.byCode(p.Area, HowChosen)
	if hasChosen && !chosen.Ask {
		return chosen
	}
	above := Found{}
	if f, ok := st.byPoint(p); ok {
		if hasChosen && !Within(st.tree.Path(f.Area), st.tree.Path(chosen.Area)) && !Within(st.tree.Path(chosen.Area), st.tree.Path(f.Area)) {
			return st.disagree(f, chosen)
		}
		if f.Level == Grid {
			return f
		}
		above = f
	}
	scope := ""
	if hasChosen {
		scope = st.tree.Path(chosen.Area)
	}
	if f, ok := st.byAddress(p.Address, scope); ok && (above.Area == "" || Within(st.tree.Path(f.Area), st.tree.Path(above.Area))) {
		return f
	}
	// what was named and lies deeper is the better answer
	if hasChosen && (above.Area == "" || chosen.Level.Depth() >= above.Level.Depth()) {
		return chosen
	}
	if above.Area != "" {
		return above
	}
	return st.atRoot()
}

// byCode settles on the area a code names; a closed one leads to its successors.
func (st *state) byCode(code, how string) (Found, bool) {
	if code == "" {
		return Found{}, false
	}
	if o, isOrg := st.tree.Org(code); isOrg {
		code = o.Area
	}
	now := st.tree.Current(code)
	if len(now) == 0 { // closed without successor
		up, ok := st.tree.Above(code)
		if !ok {
			return Found{}, false
		}
		now = []Area{up}
	}
	if len(now) == 1 {
		return st.settle(now[0], how, 1), true
	}
	common := st.common(now)
	if common.Code == "" {
		return Found{}, false
	}
	return Found{Area: common.Code, Level: common.Level, How: how, Confidence: 0.5, Ask: true, Candidates: candidates(now, 1/float64(len(now))),
		Why: lang.T("原区域已拆分,请确认现在的网格", "The area was split; somebody has to name the grid of today")}, true
}

// settle is the answer for an area: its grid, its only grid, or itself with a question.
func (st *state) settle(a Area, how string, confidence float64) Found {
	if grid, ok := st.tree.At(a.Code, Grid); ok && !grid.Closed {
		return Found{Area: grid.Code, Level: Grid, How: how, Confidence: confidence, Ask: confidence < sureEnough,
			Why: lang.T("所在网格:"+grid.Name, "The grid is "+grid.Name)}
	}
	grids := st.openGrids(a)
	if a.Level == Village && len(grids) == 1 {
		return Found{Area: grids[0].Code, Level: Grid, How: how, Confidence: confidence, Ask: confidence < sureEnough,
			Why: lang.T(a.Name+"只有一个网格", a.Name+" has one grid only")}
	}
	f := Found{Area: a.Code, Level: a.Level, How: how, Confidence: confidence, Ask: true,
		Why: lang.T("只知道在"+a.Name+",网格待确认", "Only "+a.Name+" is known; the grid has to be named")}
	if a.Level == Village {
		f.Candidates = candidates(grids, 1/float64(max(len(grids), 1)))
	}
	return f
}

func (st *state) openGrids(a Area) []Area {
	var out []Area
	for _, c := range st.tree.Children(a.Code) {
		if c.Level == Grid && !c.Closed {
			out = append(out, c)
		}
	}
	return out
}

func candidates(areas []Area, score float64) []Candidate {
	var out []Candidate
	for _, a := range areas {
		out = append(out, Candidate{Code: a.Code, Name: a.Name, Path: a.Path, Score: score})
	}
	return out
}

// byPoint finds the grid that holds the point, else the nearest, else the deepest area whose outline
// holds it; ok is false where the point says nothing.
func (st *state) byPoint(p Place) (Found, bool) {
	datum, known := geo.ParseDatum(p.Datum)
	given := Point{Lat: p.Lat, Lon: p.Lon}
	if !p.HasPoint || !known || checkCenter(&given) != nil || p.Lat == 0 && p.Lon == 0 {
		return Found{}, false
	}
	at := geo.ToWGS84(given, datum)
	g := st.ground()
	if code, ok := g.at(Grid, at); ok {
		return Found{Area: code, Level: Grid, How: HowPoint, Confidence: 1, Why: whyPoint}, true
	}
	codes, metres := g.near(at, candidatesWithin, mostCandidates)
	var list []Candidate
	for i, code := range codes {
		a := st.tree.areas[code]
		list = append(list, Candidate{Code: code, Name: a.Name, Path: a.Path, Score: 1 / (1 + metres[i]/nearestWithin)})
	}
	if len(codes) > 0 && metres[0] <= nearestWithin {
		return Found{Area: codes[0], Level: Grid, How: HowNearest, Confidence: 0.7 * list[0].Score, Ask: true, Candidates: list,
			Why: lang.T(fmt.Sprintf("位置在所有网格之外,离最近的网格 %.0f 米", metres[0]), fmt.Sprintf("The point lies outside every grid, %.0f m from the nearest", metres[0]))}, true
	}
	for _, level := range []Level{Village, Township, County} {
		if code, ok := g.at(level, at); ok {
			f := st.settle(*st.tree.areas[code], HowPoint, 0.9)
			if f.Level != Grid {
				f.How = HowParent
				if len(list) > 0 {
					f.Candidates = list
				}
			}
			return f, true
		}
	}
	if len(list) == 0 {
		return Found{}, false
	}
	f := st.atRoot()
	f.Candidates = list
	f.Why = lang.T("位置在所有网格之外,请人工确认", "The point lies outside every grid; somebody has to name the grid")
	return f, true
}

var whyPoint = lang.T("位置在网格边界之内", "The point lies inside the grid")

// disagree is the answer when the point lies elsewhere than the area chosen: the point, with a question.
func (st *state) disagree(point, chosen Found) Found {
	point.Ask, point.Confidence = true, 0.5*point.Confidence
	for _, code := range []string{point.Area, chosen.Area} {
		if a, ok := st.tree.Area(code); ok {
			point.Candidates = append(point.Candidates, Candidate{Code: a.Code, Name: a.Name, Path: a.Path, Score: 0.5})
		}
	}
	point.Why = lang.T("位置与所选区域不一致,请确认", "The point lies outside the area chosen; somebody has to decide")
	return point
}

// atRoot is where everything goes of which nothing is known: the first open county.
func (st *state) atRoot() Found {
	for _, a := range st.tree.Root() {
		if !a.Closed {
			return Found{Area: a.Code, Level: a.Level, How: HowParent, Ask: true,
				Why: lang.T("没有可用的位置信息,请人工确认网格", "Nothing tells where this is; somebody has to name the grid")}
		}
	}
	return Found{How: HowParent, Ask: true, Why: lang.T("还没有导入区域", "No areas have been imported yet")}
}

// common is the deepest open area above or among the given ones.
func (st *state) common(areas []Area) Area {
	if len(areas) == 0 {
		return Area{}
	}
	for a := st.tree.areas[areas[0].Code]; a != nil; a = st.tree.areas[a.Parent] {
		all := !a.Closed
		for _, b := range areas {
			all = all && Within(b.Path, a.Path)
		}
		if all {
			return *a
		}
	}
	return Area{}
}
