package area

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"linli/internal/area/geo"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/sheet"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// person may do everything below its paths.
type person struct {
	id    string
	paths []string
}

func (p person) ID() string { return p.id }

func (p person) May(_, path string) bool {
	for _, own := range p.paths {
		if Within(path, own) {
			return true
		}
	}
	return false
}

var root = person{"root", []string{"/"}}

// each runs a test with an empty service on each engine.
func each(t *testing.T, test func(t *testing.T, s *Service)) {
	t.Helper()
	dbtest.Each(t, func() time.Time { return noon }, []database.Schema{Schema()}, func(t *testing.T, db *database.DB) {
		s := New(db)
		if err := s.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

// fast is a service on the embedded engine, for tests of what happens in memory.
func fast(t testing.TB) *Service {
	t.Helper()
	db := dbtest.Open(t, database.Options{Dir: t.TempDir(), Now: func() time.Time { return noon }})
	if _, err := db.Migrate(context.Background(), Schema()); err != nil {
		t.Fatal(err)
	}
	return New(db)
}

// table is rows written in the test: titles first, cells by commas.
type table struct {
	lines []string
	at    int
}

func rows(lines ...string) *table { return &table{lines: lines} }

func (r *table) Next() (int, func(...string) string, error) {
	if r.at+1 >= len(r.lines) {
		return r.at + 1, nil, io.EOF
	}
	r.at++
	titles, cells := strings.Split(r.lines[0], ","), strings.Split(r.lines[r.at], ",")
	return r.at + 1, func(names ...string) string {
		for _, name := range names {
			for i, title := range titles {
				if title == name && i < len(cells) && cells[i] != "" {
					return cells[i]
				}
			}
		}
		return ""
	}, nil
}

func sample(t testing.TB, name string) Rows {
	t.Helper()
	r, err := sheet.OpenFile("../../models/sample/"+name, sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return FromSheet(r)
}

func mustImport(t testing.TB, s *Service, r Rows) Report {
	t.Helper()
	report, err := s.ImportAreas(context.Background(), root, r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range report.Refused {
		t.Fatalf("row %d refused: %s %s", x.Row, x.Column, x.Text.EN)
	}
	return report
}

// small is a county of one township with two villages, three grids, a group and two buildings.
func small(t testing.TB, s *Service) {
	t.Helper()
	mustImport(t, s, rows("code,name,level,parent,aliases,kind",
		"320682,如皋市,县,3206",
		"320682001,如城街道,乡镇,320682",
		"320682102,雪岸镇,乡镇,320682",
		"320682001001,安定社区居委会,村,320682001,安定里",
		"320682001002,花园社区居委会,村,320682001",
		"320682102201,安平村委会,村,320682102",
		"320682001001001,安定社区第1网格,网格,320682001001",
		"320682001001002,安定社区第2网格,网格,320682001001",
		"320682001002001,花园社区第1网格,网格,320682001002",
		"G-1,安定楼组,联户单元,320682001001002",
		"B-1,幸福苑1幢,楼栋,G-1",
		"B-2,幸福苑2幢,楼栋,320682001001002"))
}

func countyOutline(t testing.TB) geo.Shape {
	t.Helper()
	raw, err := os.ReadFile("../../models/sample/outline-rugao.geojson")
	if err != nil {
		t.Fatal(err)
	}
	var fc struct {
		Features []struct{ Geometry geo.Shape }
	}
	if err := json.Unmarshal(raw, &fc); err != nil {
		t.Fatal(err)
	}
	return fc.Features[0].Geometry
}

// collection writes outlines as a GeoJSON file.
func collection(t testing.TB, outlines ...Outline) []byte {
	t.Helper()
	type feature struct {
		Type       string            `json:"type"`
		Properties map[string]string `json:"properties"`
		Geometry   geo.Shape         `json:"geometry"`
	}
	var list []feature
	for _, o := range outlines {
		list = append(list, feature{"Feature", map[string]string{"code": o.Code}, o.Shape})
	}
	raw, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": list})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func box(lat, lon, height, width float64) geo.Shape {
	return geo.Shape{{geo.Ring{{Lat: lat, Lon: lon}, {Lat: lat, Lon: lon + width}, {Lat: lat + height, Lon: lon + width}, {Lat: lat + height, Lon: lon}, {Lat: lat, Lon: lon}}}}
}

// draw gives the small county outlines: two townships side by side, villages in the first, grids in those.
func draw(t testing.TB, s *Service) {
	t.Helper()
	report, err := s.ImportBoundaries(context.Background(), root, collection(t,
		Outline{Code: "320682", Shape: box(32, 120, 0.2, 0.2)},
		Outline{Code: "320682001", Shape: box(32, 120, 0.2, 0.1)},
		Outline{Code: "320682102", Shape: box(32, 120.1, 0.2, 0.1)},
		Outline{Code: "320682001001", Shape: box(32, 120, 0.1, 0.1)},
		Outline{Code: "320682001002", Shape: box(32.1, 120, 0.1, 0.1)},
		Outline{Code: "320682001001001", Shape: box(32, 120, 0.1, 0.05)},
		Outline{Code: "320682001001002", Shape: box(32, 120.05, 0.1, 0.05)},
	), BoundaryOptions{Source: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if report.Created != 7 || len(report.Findings) > 0 {
		t.Fatalf("%+v", report)
	}
}
