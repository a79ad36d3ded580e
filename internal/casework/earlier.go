package casework

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/search"
	"linli/internal/staff"
)

// What is looked through for what happened at a place before.
const (
	earlierAreas  = 24 // of a village: itself and its grids
	earlierOpened = 60 // of the newest whose readers are looked up
	earlierShown  = 12
	earlierAlike  = 0.5 // less is another address of the same grid
)

// Earlier is a case that was reported at a place before.
type Earlier struct {
	Case   *Case
	Here   bool   // at a like address, or within 300 metres; otherwise somewhere in the same area
	Answer string // what came of it, in the words made public; "" while it is open
}

// EarlierAt tells what was reported at a place before, open or ended however long ago, and what came of it: the same address
// first, then the rest of the grid or village, the newest first. It lets who answers a call say what was done about it last
// time. A place that is only known to be in a township or higher has the cases of that very area: a county's matters are not
// looked through. Only cases the actor may read are shown; those merged into another are not, for that one is. The area is ""
// when the place was not recognised.
//
// Any account may ask. Errors: Unauthenticated; Invalid for a place that is none.
func (s *Service) EarlierAt(ctx context.Context, actor *staff.Actor, place area.Place) (at area.Area, out []Earlier, err error) {
	out = []Earlier{}
	if actor.Anonymous() {
		return at, nil, errSignIn()
	}
	wrong := fault.New(fault.Invalid, "invalid-place", "位置有误", "The place needs correcting")
	s.place(wrong, &Report{Place: place})
	if len(wrong.Fields) > 0 {
		return at, nil, wrong
	}
	found := s.areas.Locate(place)
	at, known := s.areas.Tree().Area(found.Area)
	if !known || at.Level == area.County && place.Area == "" {
		return area.Area{}, out, nil // an address that says nothing is put down to the county
	}
	here := &Case{Address: place.Address, Point: wgs84(place)}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		list, err := s.everIn(tx, here, at)
		if err != nil {
			return err
		}
		out, err = firstSeen(s, tx, actor, list[:min(earlierOpened, len(list))], func(e Earlier) *Case { return e.Case }, earlierShown)
		return err
	})
	if err != nil {
		return at, nil, err
	}
	return at, out, s.tellAnswers(ctx, out)
}

// everIn loads the newest cases of the area, and of what lies in it where it is no wider than a village; those here first.
func (s *Service) everIn(tx *database.Tx, here *Case, at area.Area) ([]Earlier, error) {
	paths := []string{at.Path}
	if at.Level.Depth() >= area.Village.Depth() {
		paths = paths[:0]
		for _, a := range s.areas.Tree().Under(at.Path) {
			paths = append(paths, a.Path)
		}
	}
	ever := time.UnixMilli(1) // since before the first case
	var out []Earlier
	for _, path := range paths[:min(earlierAreas, len(paths))] {
		list, err := nearIn(tx, here, path, ever)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			out = append(out, Earlier{Case: c, Here: samePlace(here, c)})
		}
	}
	slices.SortFunc(out, func(a, b Earlier) int {
		if a.Here != b.Here {
			if a.Here {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.Case.Serial, a.Case.Serial)
	})
	return out, nil
}

// samePlace tells whether two cases are about one spot, as far as their positions or addresses say.
func samePlace(a, b *Case) bool {
	if a.Point != nil && b.Point != nil {
		return a.Point.Metres(*b.Point) <= nearMetres
	}
	one, other := search.Normalize(a.Address), search.Normalize(b.Address)
	if one == "" || other == "" {
		return false
	}
	return strings.Contains(one, other) || strings.Contains(other, one) || likeness(pairs(one), pairs(other)) >= earlierAlike
}

// tellAnswers adds what came of those that have ended.
func (s *Service) tellAnswers(ctx context.Context, list []Earlier) error {
	var ended []Result
	var where []int
	for i := range list {
		if !list[i].Case.Open() {
			ended, where = append(ended, Result{Case: list[i].Case}), append(where, i)
		}
	}
	if err := s.tellResults(ctx, ended); err != nil {
		return err
	}
	for i, r := range ended {
		list[where[i]].Answer = r.Answer
	}
	return nil
}
