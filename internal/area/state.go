package area

import (
	"fmt"
	"sort"
	"sync"

	"linli/internal/area/geo"
	"linli/internal/platform/database"
)

// state is everything held in memory, replaced as a whole after a change. What is costly to arrange is
// arranged when first asked for, and carried over while nothing it rests on has changed.
type state struct {
	rev      revision
	tree     *Tree
	outlines map[string]Outline
	places   map[string]NamedPlace
	ground   func() *ground
	names    func() *names
}

func newState() *state {
	st := &state{tree: newTree(0, nil, nil)}
	st.arrangeLater(nil)
	return st
}

// arrangeLater sets the lazy parts; the ground of another state is kept when it still holds.
func (st *state) arrangeLater(same *state) {
	if same != nil {
		st.ground = same.ground
	} else {
		st.ground = sync.OnceValue(func() *ground { return newGround(st.tree, st.outlines) })
	}
	st.names = sync.OnceValue(func() *names { return newNames(st.tree, st.places, st.ground()) })
}

// readState reads what is newer than the old state.
func readState(tx *database.Tx, rev revision, old *state) (*state, error) {
	tree, err := readTree(tx, rev.version)
	if err != nil {
		return nil, err
	}
	st := &state{rev: rev, tree: tree, outlines: old.outlines, places: old.places}
	same := old
	if rev.boundaries != old.rev.boundaries {
		list, err := database.All(tx, scanOutline, `SELECT code, geometry, datum, source FROM area_boundary`)
		if err != nil {
			return nil, fmt.Errorf("reading boundaries: %w", err)
		}
		st.outlines = make(map[string]Outline, len(list))
		for _, o := range list {
			st.outlines[o.Code] = o
		}
		same = nil
	}
	if rev.places != old.rev.places {
		list, err := database.All(tx, scanPlace, `SELECT code, name, aliases, kind, area, lat, lon, datum FROM area_place`)
		if err != nil {
			return nil, fmt.Errorf("reading named places: %w", err)
		}
		st.places = make(map[string]NamedPlace, len(list))
		for _, p := range list {
			st.places[p.Code] = p
		}
	}
	if same != nil && !sameGround(old.tree, tree, st.outlines) {
		same = nil
	}
	st.arrangeLater(same)
	return st, nil
}

// follow takes over what the draft left of the base's outlines and places.
func (st *state) follow(base *state, outlines map[string]*Outline, places map[string]*NamedPlace) {
	st.outlines, st.places = base.outlines, base.places
	if len(outlines) > 0 {
		st.outlines = make(map[string]Outline, len(base.outlines)+len(outlines))
		for code, o := range base.outlines {
			st.outlines[code] = o
		}
		for code, o := range outlines {
			if o == nil {
				delete(st.outlines, code)
			} else {
				st.outlines[code] = *o
			}
		}
	}
	if len(places) > 0 {
		st.places = make(map[string]NamedPlace, len(base.places)+len(places))
		for code, p := range base.places {
			st.places[code] = p
		}
		for code, p := range places {
			st.places[code] = *p
		}
	}
	same := base
	if len(outlines) > 0 || !sameGround(base.tree, st.tree, st.outlines) {
		same = nil
	}
	st.arrangeLater(same)
}

// sameGround tells whether the same areas are open, at the same level and of the same kind, in both trees.
func sameGround(a, b *Tree, outlines map[string]Outline) bool {
	for code := range outlines {
		x, y := a.areas[code], b.areas[code]
		if x == nil || y == nil || x.Closed != y.Closed || x.Level != y.Level || x.Kind != y.Kind {
			return false
		}
	}
	return true
}

// ground finds areas by position: one index per level over the outlines of open areas.
type ground struct {
	levels map[Level]*layer
}

type layer struct {
	codes []string
	index *geo.Index
}

// newGround orders the areas of a level by ownership: a dedicated grid before the basic one around it,
// then by code.
func newGround(tree *Tree, outlines map[string]Outline) *ground {
	g := &ground{levels: map[Level]*layer{}}
	for code := range outlines {
		a, ok := tree.areas[code]
		if !ok || a.Closed {
			continue
		}
		if g.levels[a.Level] == nil {
			g.levels[a.Level] = &layer{}
		}
		g.levels[a.Level].codes = append(g.levels[a.Level].codes, code)
	}
	for _, l := range g.levels {
		sort.Slice(l.codes, func(i, j int) bool {
			di, dj := tree.areas[l.codes[i]].Kind == KindDedicated, tree.areas[l.codes[j]].Kind == KindDedicated
			if di != dj {
				return di
			}
			return l.codes[i] < l.codes[j]
		})
		shapes := make([]geo.Shape, len(l.codes))
		for i, code := range l.codes {
			shapes[i] = outlines[code].Shape
		}
		l.index = geo.NewIndex(shapes)
	}
	return g
}

// at gives the area of a level whose outline holds the point.
func (g *ground) at(level Level, p Point) (code string, ok bool) {
	l := g.levels[level]
	if l == nil {
		return "", false
	}
	i := l.index.Find(p)
	if i < 0 {
		return "", false
	}
	return l.codes[i], true
}

// near lists grids around the point.
func (g *ground) near(p Point, metres float64, n int) (codes []string, distances []float64) {
	l := g.levels[Grid]
	if l == nil {
		return nil, nil
	}
	for _, x := range l.index.Nearest(p, metres, n) {
		codes, distances = append(codes, l.codes[x.Shape]), append(distances, x.Metres)
	}
	return codes, distances
}

// covering lists every grid whose outline contains the point, by the definition and not by the index.
func (g *ground) covering(p Point) []string {
	l := g.levels[Grid]
	if l == nil {
		return nil
	}
	var out []string
	for _, i := range l.index.Covering(p) {
		out = append(out, l.codes[i])
	}
	return out
}
