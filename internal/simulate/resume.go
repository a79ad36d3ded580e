package simulate

import (
	"context"
	"slices"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
)

// remembered is how long after its end something may still be expected of a case: ratings and calls come within it.
const remembered = 30 * 24 * time.Hour

// resume goes on where an earlier run ended. When that run was stopped in good order it left its state behind, and the
// result is the same as if it had not been stopped. Otherwise the state is made anew from what the database knows:
// reports that are in are not sent twice, open hand-overs are worked on by whoever has them, what was planned in
// between is planned anew.
//
// It tells whether everything is planned already, the next report and midnight among it.
func (e *engine) resume(ctx context.Context, extent casework.Extent) (planned bool, err error) {
	if ok, err := e.restore(ctx, extent); ok || err != nil {
		return ok, err
	}
	last := extent.Last
	e.now = last
	living := map[string]casework.Living{}
	err = e.app.Cases.Living(ctx, last.Add(-remembered), func(l casework.Living) error {
		living[l.ID] = l
		return nil
	})
	if err != nil {
		return false, err
	}
	known := map[string]bool{}
	if err := e.app.Cases.Known(ctx, func(id string) { known[id] = true }); err != nil {
		return false, err
	}
	var found []*tracked
	for {
		a, index, ok := e.stream.next()
		if !ok {
			break
		}
		id := arrivalID(e.o.Seed, &a)
		l, alive := living[id]
		switch {
		case alive:
			found = append(found, &tracked{at: index, c: l.Case, code: e.app.Cases.Code(l.Case), done: distinct(l.Actions)})
			fallthrough
		case known[id]:
			e.result.Reported++
			e.result.Again++
			e.result.ended += one(!alive || !l.Open())
		case !a.At.After(last):
			e.missed = append(e.missed, missed{a, index}) // it was under way when the run ended
		default:
			e.missed = append(e.missed, missed{a, index})
			e.pickUp(found)
			return false, nil
		}
	}
	e.pickUp(found)
	return false, nil
}

// missed is a report taken off the stream that is not in yet.
type missed struct {
	Arrival
	index int
}

// distinct leaves of a list each word once.
func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Clone(slices.Compact(list))
}

// pickUp plans for the cases of an earlier run, in the order in which something last happened to them.
func (e *engine) pickUp(found []*tracked) {
	slices.SortStableFunc(found, func(a, b *tracked) int { return a.c.UpdatedAt.Compare(b.c.UpdatedAt) })
	for _, t := range found {
		c := t.c
		e.cases[t.at] = t
		e.remember(t)
		if !c.Open() {
			t.ended = true
			e.afterEnd(t)
			if c.Rating > 0 {
				e.discontent(t, c.UpdatedAt)
			}
			e.forget(t)
			continue
		}
		e.expect(t)
		if !c.PausedAt.IsZero() {
			e.paused(t)
		}
		if c.Asked {
			e.asked(t)
		}
		e.watch(t)
		for i := range c.Tasks {
			if h := &c.Tasks[i]; h.Open() && h.State != flow.Contested && !e.rests(c, t, h) {
				t.put(h.No, h.State)
				e.handedOn(t, h)
			}
		}
	}
}

// handedOn plans the end of work that was under way: as if it had been begun when it was given, and not before now.
func (e *engine) handedOn(t *tracked, h *casework.Task) {
	j := e.job(t, h, 0)
	if j == nil {
		return
	}
	desk := e.deskOf(h, j)
	begun := h.GivenAt
	if h.TakenAt.After(begun) {
		begun = h.TakenAt
	}
	anyHour := e.staff.AnyHour && j.rank == 0
	at := e.after(desk.cal, e.after(desk.cal, begun, j.hands, anyHour), j.wait, anyHour)
	if at.Before(e.now) {
		at = e.now
	}
	e.push(event{at: at, kind: evAct, job: j})
}

// arrivals that were under way come before those of the stream.
func (e *engine) nextArrival() (Arrival, int, bool) {
	if len(e.missed) > 0 {
		m := e.missed[0]
		e.missed = e.missed[1:]
		return m.Arrival, m.index, true
	}
	return e.stream.next()
}
