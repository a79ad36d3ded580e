package geo

import (
	"math"

	"github.com/tidwall/rtree"

	"linli/internal/platform/lang"
)

// Flaw is something wrong with a shape, and where.
type Flaw struct {
	Code string
	At   Point
	Text lang.Text
}

// Validate lists what makes a shape unusable: rings that are not closed, have too few points, cross
// themselves or each other, or leave the globe. It stops at the first crossing, for one brings others.
func Validate(s Shape) []Flaw {
	var out []Flaw
	if len(s) == 0 {
		return []Flaw{{Code: "empty", Text: lang.T("边界是空的", "The outline is empty")}}
	}
	for _, poly := range s {
		if len(poly) == 0 {
			out = append(out, Flaw{Code: "empty", Text: lang.T("多边形没有外环", "A polygon has no ring")})
		}
		for _, ring := range poly {
			out = append(out, ring.flaws()...)
		}
	}
	if len(out) > 0 {
		return out
	}
	if at, crossing := s.crossing(); crossing {
		return []Flaw{{Code: "self-crossing", At: at, Text: lang.T("边界线自相交", "The outline crosses itself")}}
	}
	for _, poly := range s {
		for _, ring := range poly {
			if math.Abs(ring.area()) < 1 {
				return []Flaw{{Code: "no-surface", At: ring[0], Text: lang.T("环的面积不足 1 平方米", "The ring encloses less than a square metre")}}
			}
		}
	}
	if err := s.geometry().Validate(); err != nil {
		return []Flaw{{Code: "rings-nested", At: s[0][0][0], Text: lang.T("各环的内外关系不对(洞必须在外环之内,各部分不能重叠)", "The rings do not nest: holes lie inside their outer ring, parts do not overlap")}}
	}
	return nil
}

func (r Ring) flaws() []Flaw {
	if len(r) == 0 {
		return []Flaw{{Code: "too-few-points", Text: lang.T("环没有坐标", "A ring has no coordinates")}}
	}
	for _, p := range r {
		if f := p.flaw(); f != nil {
			return []Flaw{*f}
		}
	}
	if r[0] != r[len(r)-1] {
		return []Flaw{{Code: "ring-not-closed", At: r[len(r)-1], Text: lang.T("环没有闭合:首尾坐标应相同", "The ring is not closed: its first and last positions should be the same")}}
	}
	if len(r) < 4 {
		return []Flaw{{Code: "too-few-points", At: r[0], Text: lang.T("环少于 4 个坐标,围不成面", "The ring has fewer than 4 positions and encloses nothing")}}
	}
	return nil
}

// flaw finds coordinates outside the globe, and those that look like latitude before longitude: China
// lies between 3 and 54 degrees north and 73 and 136 degrees east.
func (p Point) flaw() *Flaw {
	swapped := p.Lat >= 73 && p.Lat <= 136 && p.Lon >= 3 && p.Lon <= 54
	switch {
	case swapped:
		return &Flaw{Code: "coordinates-swapped", At: p, Text: lang.T("经纬度可能颠倒了:GeoJSON 先写经度再写纬度", "Latitude and longitude look swapped: GeoJSON writes the longitude first")}
	case !(p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180):
		return &Flaw{Code: "out-of-range", At: p, Text: lang.T("坐标超出范围:经度 -180 到 180,纬度 -90 到 90", "The position is out of range: longitude -180 to 180, latitude -90 to 90")}
	}
	return nil
}

type side struct{ ring, at int }

// crossing finds a place where two edges meet other than at the common end of neighbours in a ring.
// Rings may touch each other at a point.
func (s Shape) crossing() (Point, bool) {
	var rings []Ring
	for _, poly := range s {
		rings = append(rings, poly...)
	}
	var seen rtree.RTreeG[side]
	for n, ring := range rings {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			b2 := nowhere.with(a).with(b)
			min, max := [2]float64{b2.Min.Lon, b2.Min.Lat}, [2]float64{b2.Max.Lon, b2.Max.Lat}
			var at Point
			found := false
			seen.Search(min, max, func(_, _ [2]float64, e side) bool {
				c, d := rings[e.ring][e.at-1], rings[e.ring][e.at]
				near := e.ring == n && (e.at == i-1 || e.at == 1 && i == len(ring)-1)
				at, found = meet(a, b, c, d, near, e.ring != n)
				return !found
			})
			if found {
				return at, true
			}
			seen.Insert(min, max, side{ring: n, at: i})
		}
	}
	return Point{}, false
}

// meet tells whether two edges meet where they should not. neighbours share an end and may only not fold
// back; edges of different rings may touch at a point but not cross or run along each other.
func meet(a, b, c, d Point, neighbours, apart bool) (Point, bool) {
	o1, o2, o3, o4 := turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)
	if o1*o2 < 0 && o3*o4 < 0 {
		t := float64(o1) // position along c–d by the ratio of distances from a–b
		h1, h2 := math.Abs(cross(a, b, c)), math.Abs(cross(a, b, d))
		if h1+h2 > 0 {
			t = h1 / (h1 + h2)
		}
		return Point{Lat: c.Lat + t*(d.Lat-c.Lat), Lon: c.Lon + t*(d.Lon-c.Lon)}, true
	}
	if o1 == 0 && o2 == 0 && o3 == 0 && o4 == 0 { // on one line
		lo1, hi1, lo2, hi2 := along(a, b, a), along(a, b, b), along(a, b, c), along(a, b, d)
		if lo2 > hi2 {
			lo2, hi2 = hi2, lo2
		}
		if math.Min(hi1, hi2) > math.Max(lo1, lo2) {
			return c, true
		}
		return c, !neighbours && !apart && math.Min(hi1, hi2) == math.Max(lo1, lo2)
	}
	if neighbours || apart {
		return Point{}, false
	}
	for _, x := range []struct {
		o       int
		p, q, r Point
	}{{o1, c, a, b}, {o2, d, a, b}, {o3, a, c, d}, {o4, b, c, d}} {
		if x.o == 0 && nowhere.with(x.q).with(x.r).Contains(x.p) {
			return x.p, true
		}
	}
	return Point{}, false
}

func cross(a, b, p Point) float64 {
	return float64((b.Lon-a.Lon)*(p.Lat-a.Lat)) - float64((b.Lat-a.Lat)*(p.Lon-a.Lon))
}

func turn(a, b, p Point) int {
	switch c := cross(a, b, p); {
	case c > 0:
		return 1
	case c < 0:
		return -1
	}
	return 0
}

func along(a, b, p Point) float64 {
	return (b.Lon-a.Lon)*(p.Lon-a.Lon) + (b.Lat-a.Lat)*(p.Lat-a.Lat)
}
