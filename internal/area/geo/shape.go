// Package geo is the plane geometry behind areas: shapes, datums, cutting, and finding the shape a point
// lies in. It knows nothing of areas, storage or people. All coordinates are degrees.
package geo

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
