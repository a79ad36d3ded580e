package area

import (
	"sort"

	"linli/internal/area/geo"
)

// NamedPlace is a place people name in addresses: a school, market, estate or street.
type NamedPlace struct {
	Code    string    `json:"code"`
	Name    string    `json:"name"`
	Aliases []string  `json:"aliases,omitempty"`
	Kind    string    `json:"kind,omitempty" doc:"school, market, estate, street …"`
	Area    string    `json:"area,omitempty" doc:"the area it lies in; none: by its position"`
	At      *Point    `json:"at,omitempty"`
	Datum   geo.Datum `json:"datum,omitempty" doc:"the datum its position came in"`
}

// Places lists the named places by code. They are public knowledge.
func (s *Service) Places() []NamedPlace {
	st := s.state.Load()
	out := make([]NamedPlace, 0, len(st.places))
	for _, p := range st.places {
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Code < out[j].Code })
	return out
}

// home is the deepest area a place is known to lie in: the grid of its position, else its area.
func (p NamedPlace) home(g *ground) string {
	if p.At != nil {
		if code, ok := g.at(Grid, *p.At); ok {
			return code
		}
	}
	return p.Area
}
