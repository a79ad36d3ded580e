package area

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"linli/internal/area/geo"
	"linli/internal/platform/fault"
)

func importBoundaries(t testing.TB, s *Service, raw []byte, datum geo.Datum) BoundaryReport {
	t.Helper()
	report, err := s.ImportBoundaries(context.Background(), root, raw, BoundaryOptions{Datum: datum, Source: "test.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestBoundariesAreStoredInWGS84(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		small(t, s)
		for _, datum := range []geo.Datum{geo.GCJ02, geo.BD09} {
			shape := box(32, 120, 0.2, 0.2)
			for i, p := range shape[0][0] {
				shape[0][0][i] = geo.FromWGS84(p, datum)
			}
			raw := []byte(strings.Replace(string(collection(t, Outline{Code: "320682", Shape: shape})), `"code":"320682"`, `"adcode":320682`, 1))
			if report := importBoundaries(t, s, raw, datum); report.Created+report.Updated+report.Unchanged != 1 || len(report.Findings) > 0 {
				t.Fatalf("%s: %+v", datum, report)
			}
			o, ok := s.Outline("320682")
			if !ok {
				t.Fatal("no outline")
			}
			for i, p := range box(32, 120, 0.2, 0.2)[0][0] {
				if q := o.Shape[0][0][i]; math.Abs(p.Lat-q.Lat) > 1e-7 || math.Abs(p.Lon-q.Lon) > 1e-7 {
					t.Errorf("%s: corner %d is %v, want %v", datum, i, q, p)
				}
			}
			if report := importBoundaries(t, s, raw, datum); report.Unchanged != 1 {
				t.Errorf("%s: a second time: %+v", datum, report)
			}
			again := New(s.db)
			if err := again.Load(context.Background()); err != nil {
				t.Fatal(err)
			}
			if o2, _ := again.Outline("320682"); !sameShape(o.Shape, o2.Shape) || o2.Source != "test.geojson" {
				t.Errorf("%s: stored as %+v", datum, o2)
			}
		}
	})
}

func TestBrokenFeaturesAreNamedAndGoodOnesTaken(t *testing.T) {
	s := fast(t)
	small(t, s)
	feature := func(properties, geometry string) string {
		return `{"type":"Feature","properties":{` + properties + `},"geometry":` + geometry + `}`
	}
	ring := func(points string) string { return `{"type":"Polygon","coordinates":[[` + points + `]]}` }
	good := ring(`[120,32],[120.1,32],[120.1,32.1],[120,32]`)
	for _, c := range []struct{ rule, feature, want string }{
		{"a feature names its area", feature(`"title":"x"`, good), "no-code"},
		{"the area exists", feature(`"code":"999999"`, good), "area-unknown"},
		{"a geometry is needed", feature(`"code":"320682"`, `null`), "no-geometry"},
		{"a line is no boundary", feature(`"code":"320682"`, `{"type":"LineString","coordinates":[[120,32],[121,33]]}`), "geometry-type"},
		{"coordinates are numbers", feature(`"code":"320682"`, ring(`["120","32"]`)), "geometry-form"},
		{"a position has two numbers", feature(`"code":"320682"`, ring(`[120],[121]`)), "geometry-form"},
		{"a ring closes", feature(`"code":"320682"`, ring(`[120,32],[120.1,32],[120.1,32.1],[120.2,32.2]`)), "ring-not-closed"},
		{"a ring has four positions", feature(`"code":"320682"`, ring(`[120,32],[120.1,32],[120,32]`)), "too-few-points"},
		{"a ring does not cross itself", feature(`"code":"320682"`, ring(`[120,32],[120.1,32.1],[120.1,32],[120,32.1],[120,32]`)), "self-crossing"},
		{"longitude comes first", feature(`"code":"320682"`, ring(`[32,120],[32.1,120],[32.1,120.1],[32,120]`)), "coordinates-swapped"},
		{"the globe has limits", feature(`"code":"320682"`, ring(`[190,32],[190.1,32],[190.1,32.1],[190,32]`)), "out-of-range"},
		{"an area comes once", feature(`"code":"320682102"`, good), "duplicate"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			raw := `{"type":"FeatureCollection","features":[` + feature(`"name":"雪岸镇"`, good) + "," + c.feature + `]}`
			report, err := s.ImportBoundaries(context.Background(), root, []byte(raw), BoundaryOptions{Options: Options{DryRun: true}})
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Findings) != 1 || report.Findings[0].Code != c.want || *report.Findings[0].Feature != 1 {
				t.Errorf("%+v", report.Findings)
			}
			if report.Features != 2 || report.Created != 1 || report.Refused != 1 {
				t.Errorf("%+v", report)
			}
		})
	}
}

func TestBrokenFilesSayWhere(t *testing.T) {
	for _, c := range []struct{ rule, raw, code, says string }{
		{"it is JSON", `{"type":"FeatureCollection","features":[{]}`, "geojson-broken", "byte 42"},
		{"it contains no NUL", "{\"type\":\"FeatureCollection\",\x00}", "geojson-broken", "byte 29"},
		{"it is UTF-8", "{\"type\":\"\xb0\xb2\"}", "geojson-broken", "byte 9"},
		{"it is not empty", ``, "geojson-broken", "byte 0"},
		{"it is a collection", `{"type":"Topology"}`, "geojson-type", "Topology"},
		{"features are a list", `{"type":"FeatureCollection","features":7}`, "geojson-broken", "features"},
		{"it has an end", `{"type":"FeatureCollection","features":[` + strings.Repeat("[", 200000), "geojson-broken", "byte"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			_, _, err := ParseGeoJSON([]byte(c.raw))
			if !fault.HasCode(err, c.code) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, _, err := ParseGeoJSON(make([]byte, LargestGeoJSON+1)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("%v", err)
	}
}

func TestALargeOutlineIsRead(t *testing.T) {
	s := fast(t)
	small(t, s)
	const n = 300_000
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"320682"},"geometry":{"type":"Polygon","coordinates":[[`)
	for i := range n + 1 {
		if i > 0 {
			b.WriteByte(',')
		}
		a := 2 * math.Pi * float64(i%n) / n
		fmt.Fprintf(&b, "[%.14f,%.14f]", 120+0.3*math.Cos(a), 32+0.3*math.Sin(a))
	}
	b.WriteString(`]]}}]}`)
	if b.Len() < 10<<20 {
		t.Fatalf("only %d bytes", b.Len())
	}
	if report := importBoundaries(t, s, []byte(b.String()), geo.WGS84); report.Created != 1 {
		t.Errorf("%+v", report)
	}
}

func TestNeighboursTileTheirParent(t *testing.T) {
	village, first, second := "320682001001", "320682001001001", "320682001001002"
	parent := Outline{Code: village, Shape: box(32, 120, 0.1, 0.1)}
	for _, c := range []struct {
		rule          string
		a, b          geo.Shape
		code          string
		severity      string
		square        float64
		taken, placed int
	}{
		{rule: "halves tile", a: box(32, 120, 0.1, 0.05), b: box(32, 120.05, 0.1, 0.05), taken: 3},
		{rule: "a centimetre is nothing", a: box(32, 120, 0.1, 0.0500001), b: box(32, 120.05, 0.1, 0.05), taken: 3},
		{rule: "some metres are worth a word", a: box(32, 120, 0.1, 0.05005), b: box(32, 120.05, 0.1, 0.05), code: "overlap", severity: SeverityWarning, square: 52433, taken: 3},
		{rule: "a tenth is wrong", a: box(32, 120, 0.1, 0.055), b: box(32, 120.05, 0.1, 0.05), code: "overlap", severity: SeverityError, square: 5243300, taken: 1},
		{rule: "a strip is missing", a: box(32, 120, 0.1, 0.045), b: box(32, 120.05, 0.1, 0.05), code: "gap", severity: SeverityError, square: 5243300, taken: 3},
		{rule: "a corner sticks out", a: box(31.99, 120, 0.11, 0.05), b: box(32, 120.05, 0.1, 0.05), code: "outside-parent", severity: SeverityError, square: 5243300, taken: 2},
	} {
		t.Run(c.rule, func(t *testing.T) {
			s := fast(t)
			small(t, s)
			report := importBoundaries(t, s, collection(t, parent, Outline{Code: first, Shape: c.a}, Outline{Code: second, Shape: c.b}), geo.WGS84)
			if report.Created != c.taken || report.Refused != 3-c.taken {
				t.Errorf("%d created, %d refused", report.Created, report.Refused)
			}
			if c.code == "" {
				if len(report.Findings) > 0 {
					t.Errorf("%+v", report.Findings)
				}
				return
			}
			if len(report.Findings) != 1 {
				t.Fatalf("%+v", report.Findings)
			}
			f := report.Findings[0]
			if f.Code != c.code || f.Severity != c.severity || math.Abs(f.SquareMetres/c.square-1) > 0.02 || f.At == nil || f.Feature == nil {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestTheSampleCountyIsCutIntoItsGrids(t *testing.T) {
	whole := countyOutline(t)
	cells, err := DeriveGrids(whole, 1271)
	if err != nil || len(cells) != 1271 {
		t.Fatalf("%d cells, %v", len(cells), err)
	}
	for i, c := range cells {
		if a := c.Area() / (whole.Area() / 1271); a < 0.97 || a > 1.03 {
			t.Errorf("cell %d has %.2f of the mean surface", i, a)
		}
	}
	bow := geo.Shape{{geo.Ring{{Lat: 30, Lon: 120}, {Lat: 31, Lon: 121}, {Lat: 31, Lon: 120}, {Lat: 30, Lon: 121}, {Lat: 30, Lon: 120}}}}
	if _, err := DeriveGrids(bow, 5); !fault.HasCode(err, "self-crossing") {
		t.Errorf("%v", err)
	}
}

func FuzzGeoJSON(f *testing.F) {
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"320682"},"geometry":{"type":"Polygon","coordinates":[[[120,32],[120.1,32],[120.1,32.1],[120,32]]]}}]}`))
	f.Add([]byte(`{"type":"Feature","properties":{"adcode":1e3,"name":null},"geometry":{"type":"MultiPolygon","coordinates":[[[[1,2]]]]}}`))
	f.Add([]byte(`{"type":"FeatureCollection","features":[null,{},7,"x"]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		features, findings, err := ParseGeoJSON(raw)
		if err != nil {
			if fault.Of(err).Kind == fault.Internal {
				t.Fatalf("not explained: %v", err)
			}
			return
		}
		for _, f := range findings {
			if f.Feature == nil || f.Text.ZH == "" || f.Text.EN == "" {
				t.Errorf("not named: %+v", f)
			}
		}
		for _, f := range features {
			if len(geo.Validate(f.Shape)) == 0 && !(f.Shape.Area() > 0) {
				t.Errorf("a valid shape without surface: %v", f.Shape)
			}
		}
	})
}
