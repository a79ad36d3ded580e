package geo

import (
	"errors"
	"fmt"
	"math"
	"sort"
)

// ErrTooSmall is given when a shape cannot be cut into that many pieces.
var ErrTooSmall = errors.New("the shape is too small for so many pieces")

// Cut divides a shape into pieces whose areas have the given shares, by straight north-south and
// east-west lines. The pieces tile the shape exactly: where a line meets the outline both neighbours get
// the very same point. The result is the same on every run.
func Cut(s Shape, shares []float64) ([]Shape, error) {
	for _, share := range shares {
		if !(share > 0) || math.IsInf(share, 0) {
			return nil, fmt.Errorf("a share is %v; shares are positive numbers", share)
		}
	}
	if len(shares) == 0 {
		return nil, nil
	}
	return cut(s.oriented(), shares)
}

// Equal is n equal shares.
func Equal(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// cut halves the list of shares and the shape with it, across its longer side, until one share is left.
func cut(s Shape, shares []float64) ([]Shape, error) {
	if len(shares) == 1 {
		return []Shape{s}, nil
	}
	half := len(shares) / 2
	first, all := 0.0, 0.0
	for i, share := range shares {
		if all += share; i < half {
			first += share
		}
	}
	b := s.Bounds()
	upright := (b.Max.Lon-b.Min.Lon)*math.Cos((b.Min.Lat+b.Max.Lat)/2*radian) >= b.Max.Lat-b.Min.Lat
	low, high, err := divide(s, upright, first/all)
	if err != nil {
		return nil, err
	}
	left, err := cut(low, shares[:half])
	if err != nil {
		return nil, err
	}
	right, err := cut(high, shares[half:])
	if err != nil {
		return nil, err
	}
	return append(left, right...), nil
}

// divide cuts along a meridian (upright) or a parallel so that the western or southern side has the share.
func divide(s Shape, upright bool, share float64) (low, high Shape, err error) {
	if !upright {
		s = s.flipped()
	}
	b := s.Bounds()
	from, to := b.Min.Lon, b.Max.Lon
	whole := s.planeBelow(to)
	for range 60 {
		if mid := (from + to) / 2; s.planeBelow(mid) < share*whole {
			from = mid
		} else {
			to = mid
		}
	}
	// Half a unit of the last kept digit lies between all rounded vertices, so the line meets none of
	// them; where it does after all, the next line is tried.
	at := (math.Floor(from*1e7) + 0.5) / 1e7
	for try := range 64 {
		step := float64((try+1)/2) * 1e-7
		if try%2 == 1 {
			step = -step
		}
		low, high, ok := s.split(at + step)
		if !ok || len(low) == 0 || len(high) == 0 {
			continue
		}
		if !upright {
			low, high = low.flipped(), high.flipped()
		}
		if len(Validate(low)) > 0 || len(Validate(high)) > 0 {
			continue
		}
		return low, high, nil
	}
	return nil, nil, ErrTooSmall
}

// flipped swaps latitude and longitude, turning rings round so that their sense stays.
func (s Shape) flipped() Shape {
	out := make(Shape, len(s))
	for i, poly := range s {
		out[i] = make(Polygon, len(poly))
		for j, ring := range poly {
			r := make(Ring, len(ring))
			for k, p := range ring {
				r[len(ring)-1-k] = Point{Lat: p.Lon, Lon: p.Lat}
			}
			out[i][j] = r
		}
	}
	return out
}

// planeBelow is the area in square degrees west of a meridian. What a ring adds beyond the line while
// running along it cancels, so the ring needs no repair.
func (s Shape) planeBelow(lon float64) float64 {
	b := s.Bounds()
	sum := 0.0
	for _, poly := range s {
		for _, ring := range poly {
			for i := 1; i < len(ring); i++ {
				p, q := ring[i-1], ring[i]
				if p.Lon > lon && q.Lon > lon {
					// beyond the line it runs along it
					sum += (lon - b.Min.Lon) * (q.Lat - p.Lat)
					continue
				}
				if p.Lon > lon || q.Lon > lon {
					m := Point{Lat: p.Lat + (lon-p.Lon)/(q.Lon-p.Lon)*(q.Lat-p.Lat), Lon: lon}
					if p.Lon > lon {
						sum += (lon - b.Min.Lon) * (m.Lat - p.Lat)
						p = m
					} else {
						sum += (lon - b.Min.Lon) * (q.Lat - m.Lat)
						q = m
					}
				}
				sum += ((p.Lon+q.Lon)/2 - b.Min.Lon) * (q.Lat - p.Lat)
			}
		}
	}
	return sum
}

// chain is a run of points on one side of the line, from a crossing to a crossing.
type chain struct {
	points     Ring
	start, end int // positions of its crossings along the line
}

type crossing struct {
	exact float64 // latitude before rounding, for the order
	at    Point
}

// split cuts a shape whose rings are oriented along a meridian. ok is false when the line meets a vertex or
// crossings do not pair.
func (s Shape) split(lon float64) (low, high Shape, ok bool) {
	for _, poly := range s {
		l, h, ok := poly.split(lon)
		if !ok {
			return nil, nil, false
		}
		low, high = append(low, l...), append(high, h...)
	}
	return low, high, true
}

func (poly Polygon) split(lon float64) (low, high Shape, ok bool) {
	var crossings []crossing
	var lows, highs []chain
	var outer, holes [2][]Ring
	for i, ring := range poly {
		chains, whole, ok := ring.chains(lon, &crossings)
		switch {
		case !ok:
			return nil, nil, false
		case !whole:
			for _, c := range chains {
				if c.points[1].Lon < lon {
					lows = append(lows, c)
				} else {
					highs = append(highs, c)
				}
			}
		default:
			side := 0
			if ring[0].Lon > lon {
				side = 1
			}
			if i == 0 {
				outer[side] = append(outer[side], ring)
			} else {
				holes[side] = append(holes[side], ring)
			}
		}
	}
	order := make([]int, len(crossings)) // crossings from south to north
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return crossings[order[i]].exact < crossings[order[j]].exact })
	partner := make([]int, len(crossings))
	for i := 0; i+1 < len(order); i += 2 {
		if crossings[order[i]].at == crossings[order[i+1]].at {
			return nil, nil, false
		}
		partner[order[i]], partner[order[i+1]] = order[i+1], order[i]
	}
	for side, chains := range [][]chain{lows, highs} {
		rings, ok := join(chains, partner)
		if !ok {
			return nil, nil, false
		}
		outer[side] = append(outer[side], rings...)
	}
	low, okLow := nest(outer[0], holes[0])
	high, okHigh := nest(outer[1], holes[1])
	return low, high, okLow && okHigh
}

// chains cuts a ring at the line. whole is true when the ring lies on one side.
func (r Ring) chains(lon float64, crossings *[]crossing) (out []chain, whole, ok bool) {
	begin := -1
	for i := 1; i < len(r); i++ {
		if r[i].Lon == lon {
			return nil, false, false
		}
		if (r[i-1].Lon < lon) != (r[i].Lon < lon) && begin < 0 {
			begin = i
		}
	}
	if begin < 0 {
		return nil, true, true
	}
	n := len(r) - 1
	cross := func(i int) int { // the edge that ends at vertex i
		a, b := r[(i-1+n)%n], r[i%n]
		if a.Lat > b.Lat {
			a, b = b, a
		}
		exact := a.Lat + (lon-a.Lon)/(b.Lon-a.Lon)*(b.Lat-a.Lat)
		*crossings = append(*crossings, crossing{exact: exact, at: Point{Lat: math.Min(math.Max(round(exact), a.Lat), b.Lat), Lon: lon}})
		return len(*crossings) - 1
	}
	first := cross(begin)
	now := chain{points: Ring{(*crossings)[first].at}, start: first}
	for k := range n {
		i := begin + k
		now.points = append(now.points, r[i%n])
		next := r[(i+1)%n]
		if (r[i%n].Lon < lon) == (next.Lon < lon) {
			continue
		}
		c := first
		if k < n-1 {
			c = cross(i + 1)
		}
		now.points, now.end = append(now.points, (*crossings)[c].at), c
		out = append(out, now)
		now = chain{points: Ring{(*crossings)[c].at}, start: c}
	}
	return out, false, true
}

// join closes chains of one side into rings along the line: from where a chain ends to the crossing
// paired with it, where another begins.
func join(chains []chain, partner []int) ([]Ring, bool) {
	starts := map[int]int{}
	for i, c := range chains {
		starts[c.start] = i
	}
	used := make([]bool, len(chains))
	var rings []Ring
	for i := range chains {
		if used[i] {
			continue
		}
		var ring Ring
		for j := i; !used[j]; {
			used[j] = true
			for _, p := range chains[j].points {
				if len(ring) == 0 || ring[len(ring)-1] != p {
					ring = append(ring, p)
				}
			}
			next, ok := starts[partner[chains[j].end]]
			if !ok {
				return nil, false
			}
			j = next
		}
		if len(ring) < 3 {
			return nil, false
		}
		if ring[0] != ring[len(ring)-1] {
			ring = append(ring, ring[0])
		}
		rings = append(rings, ring)
	}
	return rings, true
}

// nest puts each hole into the outer ring around it.
func nest(outer, holes []Ring) (Shape, bool) {
	var s Shape
	for _, ring := range outer {
		s = append(s, Polygon{ring})
	}
	for _, hole := range holes {
		found := false
		for i := range s {
			if (Shape{{s[i][0]}}).Contains(hole[0]) {
				s[i], found = append(s[i], hole), true
				break
			}
		}
		if !found {
			return nil, false
		}
	}
	return s, true
}
