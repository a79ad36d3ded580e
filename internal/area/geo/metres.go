package geo

import "math"

// Metres is how far two points are apart. It is meant for distances of some kilometres.
func (p Point) Metres(q Point) float64 {
	dy := (q.Lat - p.Lat) * radian
	dx := (q.Lon - p.Lon) * radian * math.Cos((p.Lat+q.Lat)/2*radian)
	return math.Hypot(dx, dy) * earth
}
