package geo

import (
	"math"
	"sort"
)

// Index answers which shape holds a point, in memory and without change. Where shapes overlap the one
// that comes first in the list owns the point, so there is always one answer at most.
//
// The ground is divided into small cells; a cell that lies wholly inside one shape answers at once, the
// others know the few shapes that need the exact test.
type Index struct {
	shapes []prepared
	bounds Bounds
	perLat float64 // cells per degree
	perLon float64
	rows   int
	cols   int
	cells  []int32 // 0: nothing; -k: shape k-1 holds the whole cell; k: see lists from k on
	lists  []int32 // runs of shape<<1 | whole, ended by -1
}

// prepared is a shape with its edges in a row, the lower end first.
type prepared struct {
	shape  Shape
	bounds Bounds
	edges  []edge
}

type edge struct{ low, high Point }

func prepare(s Shape) prepared {
	p := prepared{shape: s, bounds: s.Bounds()}
	for _, poly := range s {
		for _, ring := range poly {
			for i := 1; i < len(ring); i++ {
				a, b := ring[i-1], ring[i]
				if a.Lat > b.Lat {
					a, b = b, a
				}
				p.edges = append(p.edges, edge{a, b})
			}
		}
	}
	return p
}

// contains gives the very answer of Shape.Contains.
func (p *prepared) contains(at Point) bool {
	if at.Lat < p.bounds.Min.Lat || at.Lat >= p.bounds.Max.Lat || at.Lon < p.bounds.Min.Lon || at.Lon > p.bounds.Max.Lon {
		return false
	}
	inside := false
	for i := range p.edges {
		a, b := &p.edges[i].low, &p.edges[i].high
		if at.Lat >= a.Lat && at.Lat < b.Lat && float64((b.Lon-a.Lon)*(at.Lat-a.Lat)) > float64((at.Lon-a.Lon)*(b.Lat-a.Lat)) {
			inside = !inside
		}
	}
	return inside
}

// Cells per shape, and how many cells an index has at most: 4 million cost 16 MB.
const (
	cellsPerShape = 256
	mostCells     = 1 << 22
	leastCells    = 1 << 12
)

// NewIndex prepares the shapes; their order is the order of ownership.
func NewIndex(shapes []Shape) *Index {
	x := &Index{bounds: nowhere, lists: []int32{-1}}
	for _, s := range shapes {
		p := prepare(s)
		x.shapes = append(x.shapes, p)
		if !p.bounds.Empty() {
			x.bounds = x.bounds.with(p.bounds.Min).with(p.bounds.Max)
		}
	}
	if x.bounds.Empty() {
		return x
	}
	height, width := x.bounds.Max.Lat-x.bounds.Min.Lat, x.bounds.Max.Lon-x.bounds.Min.Lon
	total := float64(min(max(len(shapes)*cellsPerShape, leastCells), mostCells))
	ratio := math.Max(width*math.Cos(x.bounds.Min.Lat*radian), 1e-9) / math.Max(height, 1e-9)
	x.rows = max(1, min(int(math.Sqrt(total/ratio)), int(total)))
	x.cols = max(1, int(total)/x.rows)
	x.perLat, x.perLon = float64(x.rows)/math.Max(height, 1e-12), float64(x.cols)/math.Max(width, 1e-12)
	x.fill()
	return x
}

// row and col are monotone, so what lies between two coordinates lies between their cells.
func (x *Index) row(lat float64) int {
	return max(0, min(int((lat-x.bounds.Min.Lat)*x.perLat), x.rows-1))
}

func (x *Index) col(lon float64) int {
	return max(0, min(int((lon-x.bounds.Min.Lon)*x.perLon), x.cols-1))
}

type member struct {
	cell  int32
	entry int32 // shape<<1 | whole
}

// fill finds for every cell the shapes that touch it.
func (x *Index) fill() {
	var all []member
	for id := range x.shapes {
		all = x.cover(int32(id), all)
	}
	// sorted by cell by counting; within a cell the order of ownership stays
	starts := make([]int32, x.rows*x.cols+1)
	for _, m := range all {
		starts[m.cell+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	entries, next := make([]int32, len(all)), append([]int32(nil), starts...)
	for _, m := range all {
		entries[next[m.cell]] = m.entry
		next[m.cell]++
	}
	x.cells = make([]int32, x.rows*x.cols)
	for cell := range x.cells {
		here := entries[starts[cell]:starts[cell+1]]
		switch {
		case len(here) == 0:
		case here[0]&1 == 1:
			x.cells[cell] = -(here[0] >> 1) - 1
		default:
			x.cells[cell] = int32(len(x.lists))
			for _, entry := range here {
				x.lists = append(x.lists, entry)
				if entry&1 == 1 {
					break // nothing behind a shape that holds the whole cell is ever asked
				}
			}
			x.lists = append(x.lists, -1)
		}
	}
}

// cover lists the cells of one shape: those an edge passes, and between them those wholly inside.
func (x *Index) cover(id int32, out []member) []member {
	p := &x.shapes[id]
	if p.bounds.Empty() {
		return out
	}
	r0, r1, c0, c1 := x.row(p.bounds.Min.Lat), x.row(p.bounds.Max.Lat), x.col(p.bounds.Min.Lon), x.col(p.bounds.Max.Lon)
	width := c1 - c0 + 1
	touched := make([]bool, (r1-r0+1)*width)
	for _, e := range p.edges {
		x.trace(e, func(row, from, to int) {
			if row < r0 || row > r1 {
				return
			}
			for c := max(from, c0); c <= min(to, c1); c++ {
				touched[(row-r0)*width+c-c0] = true
			}
		})
	}
	for r := r0; r <= r1; r++ {
		known, whole := false, false
		for c := c0; c <= c1; c++ {
			cell := int32(r*x.cols + c)
			if touched[(r-r0)*width+c-c0] {
				known = false
				out = append(out, member{cell, id << 1})
				continue
			}
			if !known { // no edge between neighbours: one test answers for the run
				whole = p.contains(Point{Lat: x.bounds.Min.Lat + (float64(r)+0.5)/x.perLat, Lon: x.bounds.Min.Lon + (float64(c)+0.5)/x.perLon})
				known = true
			}
			if whole {
				out = append(out, member{cell, id<<1 | 1})
			}
		}
	}
	return out
}

// trace gives for each row the columns an edge passes, a little wider than it is, so that rounding
// never hides an edge.
func (x *Index) trace(e edge, mark func(row, from, to int)) {
	const wide = 1e-6 // of a cell
	padLat, padLon := wide/x.perLat, wide/x.perLon
	first, last := x.row(e.low.Lat-padLat), x.row(e.high.Lat+padLat)
	west, east := math.Min(e.low.Lon, e.high.Lon), math.Max(e.low.Lon, e.high.Lon)
	for r := first; r <= last; r++ {
		from, to := west, east
		if last > first && e.high.Lat > e.low.Lat {
			south := math.Max(e.low.Lat, x.bounds.Min.Lat+float64(r)/x.perLat-padLat)
			north := math.Min(e.high.Lat, x.bounds.Min.Lat+float64(r+1)/x.perLat+padLat)
			slope := (e.high.Lon - e.low.Lon) / (e.high.Lat - e.low.Lat)
			a, b := e.low.Lon+(south-e.low.Lat)*slope, e.low.Lon+(north-e.low.Lat)*slope
			from, to = math.Max(west, math.Min(a, b)), math.Min(east, math.Max(a, b))
			if from > to {
				from, to = west, east
			}
		}
		mark(r, x.col(from-padLon), x.col(to+padLon))
	}
}

// Find gives the number of the shape that owns the point, -1 for none.
func (x *Index) Find(p Point) int {
	if !x.bounds.Contains(p) {
		return -1
	}
	k := x.cells[x.row(p.Lat)*x.cols+x.col(p.Lon)]
	if k <= 0 {
		return int(-k) - 1
	}
	for ; x.lists[k] >= 0; k++ {
		entry := x.lists[k]
		if entry&1 == 1 || x.shapes[entry>>1].contains(p) {
			return int(entry >> 1)
		}
	}
	return -1
}

// Covering lists every shape that contains the point, by the definition and not by the cells.
func (x *Index) Covering(p Point) []int {
	var out []int
	for i := range x.shapes {
		if x.shapes[i].bounds.Contains(p) && x.shapes[i].shape.Contains(p) {
			out = append(out, i)
		}
	}
	return out
}

// Near is a shape and how far it is.
type Near struct {
	Shape  int
	Metres float64
}

// Nearest lists the shapes within the distance, nearest first, at most n.
func (x *Index) Nearest(p Point, metres float64, n int) []Near {
	var out []Near
	for i := range x.shapes {
		if x.shapes[i].bounds.distance(p) > metres {
			continue
		}
		if d := x.shapes[i].shape.Distance(p); d <= metres {
			out = append(out, Near{i, d})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Metres < out[j].Metres })
	return out[:min(n, len(out))]
}
