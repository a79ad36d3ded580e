package area

import (
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

// Locate finds the grid of a place, in memory.
func (s *Service) Locate(p Place) Found {
	st := s.state.Load()
	for _, way := range []struct{ code, how string }{{p.Building, HowBuilding}, {p.Area, HowChosen}} {
		if a, ok := st.tree.Area(way.code); ok && !a.Closed {
			return st.tree.settle(a, way.how)
		}
	}
	for _, a := range st.tree.Root() {
		if !a.Closed {
			return Found{Area: a.Code, Level: a.Level, How: HowParent, Ask: true,
				Why: lang.T("没有可用的位置信息,请人工确认网格", "Nothing tells where this is; somebody has to name the grid")}
		}
	}
	return Found{How: HowParent, Ask: true, Why: lang.T("还没有导入区域", "No areas have been imported yet")}
}

// settle is the answer for an area named by its code: its grid, or itself with a question when it lies
// above the grids.
func (t *Tree) settle(a Area, how string) Found {
	if grid, ok := t.At(a.Code, Grid); ok && !grid.Closed {
		return Found{Area: grid.Code, Level: Grid, How: how, Confidence: 1,
			Why: lang.T("按所给编码确定网格", "The grid of the code given")}
	}
	return Found{Area: a.Code, Level: a.Level, How: how, Confidence: 1, Ask: true,
		Why: lang.T("只知道"+a.Name+",网格待确认", "Only "+a.Name+" is known; the grid has to be named")}
}
