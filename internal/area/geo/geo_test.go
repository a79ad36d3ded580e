package geo

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// outline is the sample county's real outline.
func outline(t testing.TB) Shape {
	t.Helper()
	raw, err := os.ReadFile("../../../models/sample/outline-rugao.geojson")
	if err != nil {
		t.Fatal(err)
	}
	var fc struct {
		Features []struct{ Geometry Shape }
	}
	if err := json.Unmarshal(raw, &fc); err != nil {
		t.Fatal(err)
	}
	return fc.Features[0].Geometry
}

func pieces(t testing.TB, n int) []Shape {
	t.Helper()
	out, err := Cut(outline(t), Equal(n))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func square(lat, lon, size float64) Ring {
	return Ring{{lat, lon}, {lat, lon + size}, {lat + size, lon + size}, {lat + size, lon}, {lat, lon}}
}

func TestTheOutlineHasTheCountysSurface(t *testing.T) {
	// the county's own figure is 1,576.6 km2
	if km2 := outline(t).Area() / 1e6; km2 < 1500 || km2 > 1650 {
		t.Errorf("area %.1f km2", km2)
	}
}

func TestDatumsComeBackWithinACentimetre(t *testing.T) {
	for _, datum := range []Datum{WGS84, GCJ02, BD09} {
		t.Run(string(datum), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := Point{Lat: rapid.Float64Range(4, 53).Draw(t, "lat"), Lon: rapid.Float64Range(74, 135).Draw(t, "lon")}
				back := ToWGS84(FromWGS84(p, datum), datum)
				if math.Abs(back.Lat-p.Lat) > 1e-7 || math.Abs(back.Lon-p.Lon) > 1e-7 {
					t.Fatalf("%v came back as %v", p, back)
				}
			})
		})
	}
}

func TestDatumsMoveByTheKnownOffset(t *testing.T) {
	// a widely published pair: Tiananmen in WGS84, GCJ-02 and BD-09
	p := Point{Lat: 39.907333, Lon: 116.391083}
	for datum, want := range map[Datum]Point{GCJ02: {39.908735, 116.397325}, BD09: {39.915063, 116.403699}} {
		got := FromWGS84(p, datum)
		if math.Abs(got.Lat-want.Lat) > 2e-5 || math.Abs(got.Lon-want.Lon) > 2e-5 {
			t.Errorf("%s: %v, want about %v", datum, got, want)
		}
	}
	abroad := Point{Lat: 48.85, Lon: 2.35}
	if FromWGS84(abroad, GCJ02) != abroad {
		t.Error("there is no offset outside China")
	}
}

func TestCutTilesTheOutline(t *testing.T) {
	whole := outline(t)
	for _, n := range []int{1, 2, 3, 7, 64, 1271} {
		cells := pieces(t, n)
		if len(cells) != n {
			t.Fatalf("%d pieces, want %d", len(cells), n)
		}
		sum := 0.0
		for i, c := range cells {
			if flaws := Validate(c); len(flaws) > 0 {
				t.Errorf("piece %d of %d: %+v", i, n, flaws)
			}
			a := c.Area()
			sum += a
			if want := whole.Area() / float64(n); a < 0.97*want || a > 1.03*want {
				t.Errorf("piece %d of %d has %.0f m2, want about %.0f", i, n, a, want)
			}
		}
		if diff := math.Abs(sum - whole.Area()); diff > 200 {
			t.Errorf("%d pieces: surfaces differ from the whole by %.1f m2", n, diff)
		}
	}
}

func TestCutPiecesDoNotOverlap(t *testing.T) {
	cells := pieces(t, 200)
	for i := range cells {
		for j := range i {
			if !cells[i].Bounds().Touches(cells[j].Bounds()) {
				continue
			}
			both, err := Overlap(cells[i], cells[j])
			if err != nil {
				t.Fatal(err)
			}
			if a := both.Area(); a > 0.01 {
				t.Errorf("pieces %d and %d share %.3f m2", i, j, a)
			}
		}
	}
}

func TestCutIsTheSameEveryTime(t *testing.T) {
	a, _ := json.Marshal(pieces(t, 50))
	b, _ := json.Marshal(pieces(t, 50))
	if string(a) != string(b) {
		t.Error("two runs differ")
	}
}

func TestCutFollowsShares(t *testing.T) {
	whole := outline(t)
	parts, err := Cut(whole, []float64{1, 3, 6})
	if err != nil {
		t.Fatal(err)
	}
	for i, share := range []float64{0.1, 0.3, 0.6} {
		if got := parts[i].Area() / whole.Area(); math.Abs(got-share) > 0.01 {
			t.Errorf("part %d has %.3f of the whole, want %.1f", i, got, share)
		}
	}
}

func TestCutGoesRoundHoles(t *testing.T) {
	s := Shape{{square(30, 120, 1), square(30.2, 120.2, 0.3), square(30.7, 120.7, 0.1)}, {square(32, 121, 0.5)}}
	cells, err := Cut(s, Equal(37))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i, c := range cells {
		sum += c.Area()
		if flaws := Validate(c); len(flaws) > 0 {
			t.Errorf("piece %d: %+v", i, flaws)
		}
	}
	if math.Abs(sum/s.Area()-1) > 1e-6 {
		t.Errorf("pieces have %.9f of the whole", sum/s.Area())
	}
	for _, at := range []Point{{30.3, 120.3}, {30.75, 120.75}} {
		if NewIndex(cells).Find(at) >= 0 {
			t.Errorf("a piece covers the hole at %v", at)
		}
	}
}

func TestCutRefusesTheImpossible(t *testing.T) {
	if _, err := Cut(Shape{{square(30, 120, 2e-7)}}, Equal(50)); err == nil {
		t.Error("a square of two centimetres was cut into 50")
	}
	if _, err := Cut(outline(t), []float64{1, 0}); err == nil {
		t.Error("a share of nothing was accepted")
	}
}

// brute is the definition: the first shape that contains the point.
func brute(shapes []Shape, p Point) int {
	for i, s := range shapes {
		if s.Contains(p) {
			return i
		}
	}
	return -1
}

func TestIndexNeverDiffersFromGeometry(t *testing.T) {
	cells := pieces(t, 1271)
	x := NewIndex(cells)
	whole := outline(t)
	b := whole.Bounds()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPoint(t, cells, b)
		if got, want := x.Find(p), brute(cells, p); got != want {
			t.Fatalf("%v: index says %d, geometry %d", p, got, want)
		}
	})
}

// drawPoint takes points anywhere, and often just where it is hard: on corners, on borders, a hair aside.
func drawPoint(t *rapid.T, cells []Shape, b Bounds) Point {
	if rapid.Bool().Draw(t, "anywhere") {
		return Point{Lat: rapid.Float64Range(b.Min.Lat-0.01, b.Max.Lat+0.01).Draw(t, "lat"), Lon: rapid.Float64Range(b.Min.Lon-0.01, b.Max.Lon+0.01).Draw(t, "lon")}
	}
	ring := cells[rapid.IntRange(0, len(cells)-1).Draw(t, "cell")][0][0]
	i := rapid.IntRange(1, len(ring)-1).Draw(t, "edge")
	f := rapid.SampledFrom([]float64{0, 0.5, 1, 0.25, 1.0 / 3}).Draw(t, "along")
	p := Point{Lat: ring[i-1].Lat + f*(ring[i].Lat-ring[i-1].Lat), Lon: ring[i-1].Lon + f*(ring[i].Lon-ring[i-1].Lon)}
	hair := rapid.SampledFrom([]float64{0, 0, 1e-9, -1e-9, 1e-14, -1e-14}).Draw(t, "hair")
	if rapid.Bool().Draw(t, "aside in latitude") {
		p.Lat += hair
	} else {
		p.Lon += hair
	}
	return p
}

func TestEveryPointOfTheCountyHasExactlyOnePiece(t *testing.T) {
	cells := pieces(t, 300)
	whole, err := Union(cells)
	if err != nil {
		t.Fatal(err)
	}
	b := whole.Bounds()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPoint(t, cells, b)
		n := 0
		for _, c := range cells {
			if c.Contains(p) {
				n++
			}
		}
		if n > 1 {
			t.Fatalf("%v lies in %d pieces", p, n)
		}
		if n == 0 && whole.Contains(p) && whole.Distance(p) == 0 && borderDistance(whole, p) > 0.05 {
			t.Fatalf("%v lies in no piece", p)
		}
	})
}

// borderDistance is how many metres a point inside lies from the border.
func borderDistance(s Shape, p Point) float64 {
	var lines Shape
	for _, poly := range s {
		for _, ring := range poly {
			for i := 1; i < len(ring); i++ { // flat triangles have a border but no inside
				lines = append(lines, Polygon{{ring[i-1], ring[i], ring[i-1]}})
			}
		}
	}
	return lines.Distance(p)
}

func TestIndexGivesOverlapsToTheFirst(t *testing.T) {
	shapes := []Shape{{{square(30, 120, 1)}}, {{square(30.5, 120.5, 1)}}, {{square(30.6, 120.6, 0.1)}}}
	x := NewIndex(shapes)
	for p, want := range map[Point]int{{30.1, 120.1}: 0, {30.7, 120.7}: 0, {31.2, 121.2}: 1, {29, 120}: -1, {30.1, 121.4}: -1} {
		if got := x.Find(p); got != want {
			t.Errorf("%v belongs to %d, want %d", p, got, want)
		}
	}
	if NewIndex(nil).Find(Point{30, 120}) != -1 {
		t.Error("an index of nothing found something")
	}
	if x.Find(Point{Lat: math.NaN(), Lon: 120}) != -1 {
		t.Error("no number is a point nowhere")
	}
}

func TestNearestCountsMetres(t *testing.T) {
	x := NewIndex([]Shape{{{square(30, 120, 1)}}, {{square(30, 121.001, 1)}}})
	near := x.Nearest(Point{Lat: 30.5, Lon: 121.0004}, 300, 5)
	if len(near) != 2 || near[0].Shape != 0 || math.Abs(near[0].Metres-38.3) > 1 || near[1].Shape != 1 {
		t.Errorf("%+v", near)
	}
	if far := x.Nearest(Point{Lat: 35, Lon: 121}, 300, 5); len(far) != 0 {
		t.Errorf("%+v is near nothing", far)
	}
}

func TestValidateNamesWhatIsWrong(t *testing.T) {
	bow := Ring{{30, 120}, {31, 121}, {31, 120}, {30, 121}, {30, 120}}
	for _, c := range []struct {
		rule string
		s    Shape
		want string
	}{
		{"a square is fine", Shape{{square(30, 120, 1)}}, ""},
		{"nothing is no outline", nil, "empty"},
		{"a ring ends where it began", Shape{{square(30, 120, 1)[:4]}}, "ring-not-closed"},
		{"three positions enclose nothing", Shape{{Ring{{30, 120}, {31, 121}, {30, 120}}}}, "too-few-points"},
		{"a bow tie crosses itself", Shape{{bow}}, "self-crossing"},
		{"latitude comes second in GeoJSON", Shape{{square(120, 30, 1)}}, "coordinates-swapped"},
		{"the globe ends at 90 degrees", Shape{{square(95, 60, 1)}}, "out-of-range"},
		{"no number is nowhere", Shape{{Ring{{30, 120}, {math.NaN(), 121}, {31, 121}, {30, 120}}}}, "out-of-range"},
		{"a hole lies inside", Shape{{square(30, 120, 1), square(33, 123, 0.1)}}, "rings-nested"},
		{"a hole does not cross the outer ring", Shape{{square(30, 120, 1), square(30.5, 120.5, 1)}}, "self-crossing"},
		{"a line that comes back crosses itself", Shape{{Ring{{30, 120}, {31, 121}, {32, 122}, {30, 120}}}}, "self-crossing"},
		{"a speck has no surface", Shape{{square(30, 120, 1e-6)}}, "no-surface"},
		{"a spike runs along itself", Shape{{Ring{{30, 120}, {30, 121}, {31, 121}, {32, 121}, {31, 121}, {31, 120}, {30, 120}}}}, "self-crossing"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			got := ""
			if flaws := Validate(c.s); len(flaws) > 0 {
				got = flaws[0].Code
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestGeoJSONComesBackExactly(t *testing.T) {
	for _, s := range pieces(t, 40) {
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		back, flaw := ParseShape(raw)
		if flaw != nil {
			t.Fatal(flaw)
		}
		again, _ := json.Marshal(back)
		if string(again) != string(raw) {
			t.Fatalf("%s came back as %s", raw, again)
		}
	}
}

func FuzzParseShape(f *testing.F) {
	f.Add([]byte(`{"type":"Polygon","coordinates":[[[120,30],[121,30],[121,31],[120,30]]]}`))
	f.Add([]byte(`{"type":"MultiPolygon","coordinates":[[[[120,30],[121]]]]}`))
	f.Add([]byte(`{"type":"Polygon","coordinates":{}}`))
	f.Add([]byte(`{"type":"Polygon","coordinates":[[[1e308,-1e308],[1e-320,0],[0,1],[1e308,-1e308]]]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, flaw := ParseShape(raw)
		if flaw != nil {
			if flaw.Text.EN == "" || flaw.Text.ZH == "" {
				t.Error("a refusal without words")
			}
			return
		}
		if len(Validate(s)) > 0 {
			return
		}
		back, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, flaw := ParseShape(back); flaw != nil {
			t.Errorf("%s cannot be read back: %s", back, flaw.Text.EN)
		}
		x := NewIndex([]Shape{s})
		for _, poly := range s {
			for _, p := range poly[0] {
				if (x.Find(p) == 0) != s.Contains(p) {
					t.Errorf("index and geometry differ at %v of %s", p, back)
				}
			}
		}
	})
}

func BenchmarkFind1271(b *testing.B) {
	cells := pieces(b, 1271)
	x := NewIndex(cells)
	box := outline(b).Bounds()
	points := make([]Point, 4096)
	for i := range points { // a fixed scatter
		points[i] = Point{Lat: box.Min.Lat + math.Mod(float64(i)*0.6180339887, 1)*(box.Max.Lat-box.Min.Lat), Lon: box.Min.Lon + math.Mod(float64(i)*0.7548776662, 1)*(box.Max.Lon-box.Min.Lon)}
	}
	b.ResetTimer()
	for i := range b.N {
		x.Find(points[i%len(points)])
	}
}

func BenchmarkNewIndex1271(b *testing.B) {
	cells := pieces(b, 1271)
	b.ResetTimer()
	for range b.N {
		NewIndex(cells)
	}
}

func BenchmarkCut1271(b *testing.B) {
	s := outline(b)
	for range b.N {
		if _, err := Cut(s, Equal(1271)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFind100000(b *testing.B) {
	cells := pieces(b, 100_000)
	x := NewIndex(cells)
	box := outline(b).Bounds()
	points := make([]Point, 1<<16)
	for i := range points {
		points[i] = Point{Lat: box.Min.Lat + math.Mod(float64(i)*0.6180339887, 1)*(box.Max.Lat-box.Min.Lat), Lon: box.Min.Lon + math.Mod(float64(i)*0.7548776662, 1)*(box.Max.Lon-box.Min.Lon)}
	}
	b.ResetTimer()
	for i := range b.N {
		x.Find(points[i%len(points)])
	}
}
