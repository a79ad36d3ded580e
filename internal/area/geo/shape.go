// Package geo is the plane geometry behind areas: shapes, datums, cutting, and finding the shape a point
// lies in. It knows nothing of areas, storage or people. All coordinates are degrees.
package geo

import "math"

// Point is a position in degrees.
type Point struct {
	Lat float64 `json:"lat" doc:"latitude in degrees, WGS84"`
	Lon float64 `json:"lon" doc:"longitude in degrees, WGS84"`
}

// Ring is a closed line: its last point repeats the first.
type Ring []Point

// Polygon is an outer ring followed by the rings of its holes.
type Polygon []Ring

// Shape is one or more polygons that belong together.
type Shape []Polygon

// Contains tells whether the point lies in the shape. Every edge belongs to one side only, by its own
// coordinates and not by the direction it is drawn in, so of two shapes that share an edge exactly one
// contains a point on it.
func (s Shape) Contains(p Point) bool {
	inside := false
	for _, poly := range s {
		for _, ring := range poly {
			for i := 1; i < len(ring); i++ {
				if crosses(ring[i-1], ring[i], p) {
					inside = !inside
				}
			}
		}
	}
	return inside
}

// crosses tells whether the edge passes the point's parallel to the east of it. The lower end counts, the
// upper does not; the products are rounded one by one so that every machine gives the same answer.
func crosses(a, b, p Point) bool {
	if a.Lat > b.Lat {
		a, b = b, a
	}
	if p.Lat < a.Lat || p.Lat >= b.Lat {
		return false
	}
	return float64((b.Lon-a.Lon)*(p.Lat-a.Lat)) > float64((p.Lon-a.Lon)*(b.Lat-a.Lat))
}

// Bounds is a rectangle of latitudes and longitudes.
type Bounds struct{ Min, Max Point }

// Empty tells whether the bounds hold nothing.
func (b Bounds) Empty() bool { return b.Min.Lat > b.Max.Lat }

// Touches tells whether two rectangles have a point in common.
func (b Bounds) Touches(c Bounds) bool {
	return b.Min.Lat <= c.Max.Lat && c.Min.Lat <= b.Max.Lat && b.Min.Lon <= c.Max.Lon && c.Min.Lon <= b.Max.Lon
}

// Contains tells whether the point lies in the rectangle, its border included.
func (b Bounds) Contains(p Point) bool {
	return p.Lat >= b.Min.Lat && p.Lat <= b.Max.Lat && p.Lon >= b.Min.Lon && p.Lon <= b.Max.Lon
}

var nowhere = Bounds{Min: Point{math.Inf(1), math.Inf(1)}, Max: Point{math.Inf(-1), math.Inf(-1)}}

func (b Bounds) with(p Point) Bounds {
	b.Min.Lat, b.Max.Lat = math.Min(b.Min.Lat, p.Lat), math.Max(b.Max.Lat, p.Lat)
	b.Min.Lon, b.Max.Lon = math.Min(b.Min.Lon, p.Lon), math.Max(b.Max.Lon, p.Lon)
	return b
}

// Bounds is the smallest rectangle around the shape.
func (s Shape) Bounds() Bounds {
	b := nowhere
	for _, poly := range s {
		for _, ring := range poly {
			for _, p := range ring {
				b = b.with(p)
			}
		}
	}
	return b
}

// earth is the radius in metres of the sphere with the ellipsoid's surface.
const earth = 6371007.2

const radian = math.Pi / 180

// Area is the surface in square metres.
func (s Shape) Area() float64 {
	total := 0.0
	for _, poly := range s {
		for i, ring := range poly {
			if a := math.Abs(ring.area()); i == 0 {
				total += a
			} else {
				total -= a
			}
		}
	}
	return total
}

// area is signed, positive when the ring runs against the clock. The cylindrical projection it uses
// keeps areas; offsets from the first point keep digits.
func (r Ring) area() float64 {
	if len(r) < 4 {
		return 0
	}
	x0, y0 := r[0].Lon, math.Sin(r[0].Lat*radian)
	sum, px, py := 0.0, 0.0, 0.0
	for _, p := range r[1:] {
		x, y := (p.Lon-x0)*radian, math.Sin(p.Lat*radian)-y0
		sum += px*y - x*py
		px, py = x, y
	}
	return sum / 2 * earth * earth
}

// Center is a point inside the shape where its centre of mass is one, else the middle of its bounds.
func (s Shape) Center() Point {
	var lat, lon, weight float64
	b := s.Bounds()
	for _, poly := range s {
		for _, ring := range poly {
			for i := 1; i < len(ring); i++ {
				a, c := ring[i-1], ring[i]
				ax, ay, cx, cy := a.Lon-b.Min.Lon, a.Lat-b.Min.Lat, c.Lon-b.Min.Lon, c.Lat-b.Min.Lat
				w := ax*cy - cx*ay
				lon, lat, weight = lon+w*(ax+cx), lat+w*(ay+cy), weight+w
			}
		}
	}
	if weight != 0 {
		c := Point{Lat: b.Min.Lat + lat/(3*weight), Lon: b.Min.Lon + lon/(3*weight)}
		if s.Contains(c) {
			return c
		}
	}
	return Point{Lat: (b.Min.Lat + b.Max.Lat) / 2, Lon: (b.Min.Lon + b.Max.Lon) / 2}
}

// Distance is how many metres the point lies from the border of the shape, 0 inside. It is meant for
// distances of some kilometres.
func (s Shape) Distance(p Point) float64 {
	if s.Contains(p) {
		return 0
	}
	best := math.Inf(1)
	kx := math.Cos(p.Lat * radian)
	for _, poly := range s {
		for _, ring := range poly {
			for i := 1; i < len(ring); i++ {
				ax, ay := (ring[i-1].Lon-p.Lon)*kx, ring[i-1].Lat-p.Lat
				dx, dy := (ring[i].Lon-p.Lon)*kx-ax, ring[i].Lat-p.Lat-ay
				t := 0.0
				if l := dx*dx + dy*dy; l > 0 {
					t = math.Max(0, math.Min(1, -(ax*dx+ay*dy)/l))
				}
				best = math.Min(best, math.Hypot(ax+t*dx, ay+t*dy))
			}
		}
	}
	return best * radian * earth
}

// distance is a lower bound of the metres from the point to anything in the rectangle.
func (b Bounds) distance(p Point) float64 {
	dy := math.Max(0, math.Max(b.Min.Lat-p.Lat, p.Lat-b.Max.Lat))
	dx := math.Max(0, math.Max(b.Min.Lon-p.Lon, p.Lon-b.Max.Lon)) * math.Cos(p.Lat*radian)
	return math.Hypot(dx, dy) * radian * earth
}

// oriented gives the shape with outer rings against the clock and holes with it.
func (s Shape) oriented() Shape {
	out := make(Shape, 0, len(s))
	for _, poly := range s {
		var q Polygon
		for i, ring := range poly {
			if (ring.area() > 0) != (i == 0) {
				ring = reversed(ring)
			}
			q = append(q, ring)
		}
		out = append(out, q)
	}
	return out
}

func reversed(r Ring) Ring {
	out := make(Ring, len(r))
	for i, p := range r {
		out[len(r)-1-i] = p
	}
	return out
}
