package casework

import (
	"linli/internal/area"
	"linli/internal/flow"
	"linli/internal/staff"
)

// Unresolvable is an actor of a model that is no post of its own for some grids of the loaded tree: the
// level or the role does not exist there, and a named fall-back answers instead.
type Unresolvable struct {
	Model string `json:"model"`
	flow.Unresolved
	Instead staff.Post `json:"instead" doc:"who answers for the first of the grids"`
}

// Unresolvable tries every actor of every model that new cases begin with for every open grid.
func (s *Service) Unresolvable() []Unresolvable {
	tree := s.areas.Tree()
	var grids []string
	for _, a := range tree.Areas() {
		if a.Level == area.Grid && !a.Closed {
			grids = append(grids, a.Code)
		}
	}
	find := func(a flow.Actor, _ string, grid string) (string, bool) {
		post, ok := s.staff.Find(a.Post, grid, area.Level(a.At))
		return string(post), ok
	}
	var out []Unresolvable
	for _, d := range s.AllInForce(s.db.Now()) {
		for _, u := range flow.Resolve(d, find, grids) {
			instead, _ := s.fallback(u.Actor.Post, u.Grids[0], "")
			out = append(out, Unresolvable{Model: d.ID(), Unresolved: u, Instead: instead})
		}
	}
	return out
}
