package geo

import (
	"fmt"

	"github.com/peterstace/simplefeatures/geom"
)

// geometry is the shape as the geometry library has it.
func (s Shape) geometry() geom.Geometry {
	polys := make([]geom.Polygon, 0, len(s))
	for _, poly := range s {
		rings := make([]geom.LineString, 0, len(poly))
		for _, ring := range poly {
			flat := make([]float64, 0, 2*len(ring))
			for _, p := range ring {
				flat = append(flat, p.Lon, p.Lat)
			}
			rings = append(rings, geom.NewLineString(geom.NewSequence(flat, geom.DimXY)))
		}
		polys = append(polys, geom.NewPolygon(rings))
	}
	return geom.NewMultiPolygon(polys).AsGeometry()
}

// shapeOf keeps the polygons of a geometry; lines and points have no area.
func shapeOf(g geom.Geometry) Shape {
	var out Shape
	for _, part := range g.Dump() {
		if !part.IsPolygon() || part.IsEmpty() {
			continue
		}
		var poly Polygon
		for _, seq := range part.MustAsPolygon().Coordinates() {
			var ring Ring
			for i := range seq.Length() {
				xy := seq.GetXY(i)
				ring = append(ring, Point{Lat: xy.Y, Lon: xy.X})
			}
			poly = append(poly, ring)
		}
		out = append(out, poly)
	}
	return out
}

// Union joins shapes; shared borders vanish.
func Union(shapes []Shape) (Shape, error) {
	gs := make([]geom.Geometry, len(shapes))
	for i, s := range shapes {
		gs[i] = s.geometry()
	}
	u, err := geom.UnionMany(gs)
	if err != nil {
		return nil, fmt.Errorf("joining shapes: %w", err)
	}
	return shapeOf(u), nil
}

// Overlap is what two shapes have in common.
func Overlap(a, b Shape) (Shape, error) {
	if !a.Bounds().Touches(b.Bounds()) {
		return nil, nil
	}
	g, err := geom.Intersection(a.geometry(), b.geometry())
	if err != nil {
		return nil, fmt.Errorf("intersecting shapes: %w", err)
	}
	return shapeOf(g), nil
}

// Beyond is what of a lies outside b.
func Beyond(a, b Shape) (Shape, error) {
	g, err := geom.Difference(a.geometry(), b.geometry())
	if err != nil {
		return nil, fmt.Errorf("subtracting shapes: %w", err)
	}
	return shapeOf(g), nil
}

// Largest is the polygon with the greatest surface.
func (s Shape) Largest() Shape {
	var best Shape
	for _, poly := range s {
		if one := (Shape{poly}); best == nil || one.Area() > best.Area() {
			best = one
		}
	}
	return best
}
