package httpapi

import (
	"context"
	"slices"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// What of the offices is taken along is bounded, too.
const (
	mostFieldUnits      = 300
	mostFieldAddressees = 400
)

// fieldUnit is an organisation as it is taken along.
type fieldUnit struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Function string `json:"function,omitempty"`
	Path     string `json:"path" doc:"of its area: it serves cases whose path begins with it"`
}

// fieldDuty takes along the duty phones of the actor's places, each once.
func (s *Server) fieldDuty(ctx context.Context, who *staff.Actor) ([]dutyPhoneView, error) {
	out := []dutyPhoneView{}
	for _, p := range who.Posts() {
		list, err := s.Board.Duties(ctx, p.Place())
		if fault.Is(err, fault.NotFound) {
			continue // of the whole installation, or of a place that is gone
		}
		if err != nil {
			return nil, err
		}
		for i := range list {
			if !slices.ContainsFunc(out, func(d dutyPhoneView) bool { return d.Place == list[i].Place }) {
				out = append(out, dutyOf(&list[i]))
			}
		}
	}
	return out, nil
}

// fieldAddressees takes along whom a case of one's own may be given to, so that a form can be filled in without signal.
func (s *Server) fieldAddressees(v *fieldView, who *staff.Actor, tasks []casework.View) {
	var places []string
	for _, p := range who.Posts() {
		places = append(places, p.Place())
	}
	for _, t := range tasks {
		places = append(places, t.Case.Area)
	}
	slices.Sort(places)
	tree, seen := s.Areas.Tree(), map[staff.Post]bool{}
	for _, place := range slices.Compact(places) {
		for _, p := range s.Cases.PostsServing(place, nil) {
			if seen[p] {
				continue
			}
			seen[p] = true
			if len(v.Addressees) == mostFieldAddressees {
				v.more("addressees")
				break
			}
			v.Addressees = append(v.Addressees, s.addressee(p))
		}
		at := tree.Path(place)
		for _, o := range tree.AllOrgs() {
			if o.Closed || at == "" || !area.Within(at, o.Path) || slices.ContainsFunc(v.Units, func(u fieldUnit) bool { return u.Code == o.Code }) {
				continue
			}
			if len(v.Units) == mostFieldUnits {
				v.more("units")
				break
			}
			v.Units = append(v.Units, fieldUnit{Code: o.Code, Name: o.Name, Kind: o.Kind, Function: o.Function, Path: o.Path})
		}
	}
}
