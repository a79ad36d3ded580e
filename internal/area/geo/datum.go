package geo

import (
	"math"
	"strings"
)

// Datum names the system coordinates are given in.
type Datum string

const (
	WGS84 Datum = "wgs84" // also CGCS2000: they differ by centimetres
	GCJ02 Datum = "gcj02" // the offset system of maps published in China
	BD09  Datum = "bd09"  // Baidu's, an offset on top of GCJ-02
)

// ParseDatum reads a datum's name; none means WGS84.
func ParseDatum(word string) (Datum, bool) {
	switch d := Datum(word); d { // as the program itself writes it, asked for every point
	case "":
		return WGS84, true
	case WGS84, GCJ02, BD09:
		return d, true
	}
	switch strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(word)) {
	case "", "wgs84", "cgcs2000", "epsg:4326", "gps":
		return WGS84, true
	case "gcj02", "gcj", "amap", "tencent":
		return GCJ02, true
	case "bd09", "bd09ll", "baidu":
		return BD09, true
	}
	return "", false
}

// ToWGS84 converts a point. The reverse of GCJ-02 and BD-09 is found by iteration to less than 1e-7
// degrees, about a centimetre.
func ToWGS84(p Point, from Datum) Point {
	switch from {
	case GCJ02:
		return inverse(p, toGCJ)
	case BD09:
		return inverse(inverse(p, toBD), toGCJ)
	}
	return p
}

// FromWGS84 converts a point into another datum, for maps that are drawn in it.
func FromWGS84(p Point, to Datum) Point {
	switch to {
	case GCJ02:
		return toGCJ(p)
	case BD09:
		return toBD(toGCJ(p))
	}
	return p
}

// ShapeToWGS84 converts every point and rounds it to 1e-7 degrees.
func ShapeToWGS84(s Shape, from Datum) Shape {
	if from == WGS84 {
		return s
	}
	out := make(Shape, len(s))
	for i, poly := range s {
		out[i] = make(Polygon, len(poly))
		for j, ring := range poly {
			out[i][j] = make(Ring, len(ring))
			for k, p := range ring {
				p = ToWGS84(p, from)
				out[i][j][k] = Point{Lat: round(p.Lat), Lon: round(p.Lon)}
			}
		}
	}
	return out
}

// round keeps seven decimals, a centimetre.
func round(degrees float64) float64 { return math.Round(degrees*1e7) / 1e7 }

// inverse finds the point that forward takes to p. Both offsets change by less than a hundredth over
// the distance they move, so each step gains two digits.
func inverse(p Point, forward func(Point) Point) Point {
	guess := p
	for range 30 {
		f := forward(guess)
		dLat, dLon := p.Lat-f.Lat, p.Lon-f.Lon
		guess.Lat, guess.Lon = guess.Lat+dLat, guess.Lon+dLon
		if math.Abs(dLat) < 1e-10 && math.Abs(dLon) < 1e-10 {
			break
		}
	}
	return guess
}

// Krasovsky 1940, the ellipsoid the published GCJ-02 formulas use.
const (
	krasovskyAxis         = 6378245.0
	krasovskyEccentricity = 0.00669342162296594323
)

// toGCJ is the widely published approximation of the GCJ-02 offset; outside China it is none.
func toGCJ(p Point) Point {
	if p.Lon < 72.004 || p.Lon > 137.8347 || p.Lat < 0.8293 || p.Lat > 55.8271 {
		return p
	}
	x, y := p.Lon-105, p.Lat-35
	root := math.Sqrt(math.Abs(x))
	waves := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	dLat := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root + waves +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 + (160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	dLon := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root + waves +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 + (150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	sin := math.Sin(p.Lat * radian)
	magic := 1 - krasovskyEccentricity*sin*sin
	meridian := krasovskyAxis * (1 - krasovskyEccentricity) / (magic * math.Sqrt(magic)) * math.Pi / 180
	parallel := krasovskyAxis / math.Sqrt(magic) * math.Cos(p.Lat*radian) * math.Pi / 180
	return Point{Lat: p.Lat + dLat/meridian, Lon: p.Lon + dLon/parallel}
}

func toBD(p Point) Point {
	const wave = math.Pi * 3000 / 180
	z := math.Hypot(p.Lon, p.Lat) + 0.00002*math.Sin(p.Lat*wave)
	theta := math.Atan2(p.Lat, p.Lon) + 0.000003*math.Cos(p.Lon*wave)
	return Point{Lat: z*math.Sin(theta) + 0.006, Lon: z*math.Cos(theta) + 0.0065}
}
