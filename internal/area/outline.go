package area

import (
	"fmt"

	"linli/internal/area/geo"
)

// Outline is the boundary of an area in WGS84.
type Outline struct {
	Code   string    `json:"code"`
	Shape  geo.Shape `json:"geometry" doc:"GeoJSON geometry, WGS84"`
	Datum  geo.Datum `json:"datum" doc:"the datum it came in"`
	Source string    `json:"source" doc:"the file or change it came from"`
}

// Outline gives the boundary of an area. It is public knowledge, like the notice boards at the corner.
func (s *Service) Outline(code string) (Outline, bool) {
	o, ok := s.state.Load().outlines[code]
	return o, ok
}

// DeriveGrids cuts an outline into n cells of nearly equal surface that tile it exactly, the same on
// every run. It serves demonstrations and places whose grids were never drawn.
func DeriveGrids(outline geo.Shape, n int) ([]geo.Shape, error) {
	return DeriveShares(outline, geo.Equal(max(n, 0)))
}

// DeriveShares is DeriveGrids with a share of the surface for each cell: cut a county by the number of
// grids of its townships, each township by those of its villages, each village into its grids, and
// every level tiles the one above.
func DeriveShares(outline geo.Shape, shares []float64) ([]geo.Shape, error) {
	if fs := geo.Validate(outline); len(fs) > 0 {
		return nil, refuse(*outlineProblem("outline", fs[0]))
	}
	cells, err := geo.Cut(outline, shares)
	if err != nil {
		return nil, fmt.Errorf("cutting the outline into %d: %w", len(shares), err)
	}
	return cells, nil
}

// SplitGrid cuts the outline of one grid into n of equal surface.
func SplitGrid(outline geo.Shape, n int) ([]geo.Shape, error) { return DeriveGrids(outline, n) }

func outlineProblem(field string, f geo.Flaw) *problem {
	return wrong(field, f.Code, "%[1]s(坐标 %.6[2]f, %.6[3]f)", "%[4]s (at %.6[2]f, %.6[3]f)", f.Text.ZH, f.At.Lon, f.At.Lat, f.Text.EN)
}

// outline gives the boundary of an area as the draft has it.
func (d *draft) outline(code string) (Outline, bool) {
	if o, touched := d.outlines[code]; touched {
		if o == nil {
			return Outline{}, false
		}
		return *o, true
	}
	o, ok := d.base.outlines[code]
	return o, ok
}

// putOutline records a new boundary. The history keeps the one before, whole.
func (d *draft) putOutline(code string, shape geo.Shape, datum geo.Datum, source string) {
	var before any
	if o, had := d.outline(code); had {
		before = o
	}
	now := Outline{Code: code, Shape: shape, Datum: datum, Source: source}
	d.outlines[code] = &now
	d.notes = append(d.notes, note{ChangeBoundary, code, before, map[string]any{
		"code": code, "datum": datum, "source": source, "square_metres": int64(shape.Area()), "polygons": len(shape)}})
}
