package casework

import (
	"fmt"
	"time"

	"linli/internal/calendar"
	"linli/internal/flow"
	"linli/internal/platform/database"
)

// checkClocks: every open hand-over and the case itself run on a clock, or stand on a recorded pause, or
// the model says that there is none; each deadline is what its policy and its moves make it.
func (k *checker) checkClocks(w *whole, d *flow.Definition) {
	paused := !w.PausedAt.IsZero()
	k.checkRunning(w, 0, &w.Clock, d.Overall.For(w.Urgency), w.Open(), paused, paused)
	k.checkReplay(w, 0, &w.Clock)
	for i := range w.Tasks {
		t := &w.Tasks[i]
		held := paused && t.Kind != flow.KindApproval
		k.checkRunning(w, t.No, &t.Clock, policy(d, t, w.Urgency), t.Open(), held, held || t.State == flow.Contested)
		k.checkReplay(w, t.No, &t.Clock)
		if from := t.begun(); !t.Clock.Start.Equal(from) && t.Clock.Start.UnixMilli() != from.UnixMilli() {
			k.add("clock-policy", w.Case, taskName(t.No))
		}
	}
}

// clockName names the clock of a hand-over; 0: the overall one.
func clockName(task int) string {
	if task == 0 {
		return "case"
	}
	return taskName(task)
}

// begun is when the present clock of the hand-over started: when it was taken, or else when it was given.
func (t *Task) begun() time.Time {
	if !t.TakenAt.IsZero() {
		return t.TakenAt
	}
	return t.GivenAt
}

// checkRunning: must says that the clock has to stand, may that it is allowed to.
func (k *checker) checkRunning(w *whole, task int, c *Clock, allow calendar.Allowance, open, must, may bool) {
	switch {
	case !open && c.Stopped.IsZero():
		k.add("clock-running", w.Case, clockName(task))
	case !open:
	case !c.Runs():
		if !allow.IsNone() || !c.Allow.IsNone() {
			k.add("clock-missing", w.Case, clockName(task), "allow", allow.String())
		}
	case !c.Stopped.IsZero():
		k.add("clock-stopped", w.Case, clockName(task))
	case c.Paused() && !may:
		k.add("pause-unrecorded", w.Case, clockName(task))
	case !c.Paused() && must:
		k.add("pause-missing", w.Case, clockName(task))
	}
}

// policy is the allowance the model gives a hand-over in its present state.
func policy(d *flow.Definition, t *Task, urgency string) calendar.Allowance {
	stage, ok := d.Stage(t.Stage)
	if !ok {
		return calendar.Allowance{}
	}
	offered := t.State == flow.Offered
	switch j := stage.Joint; {
	case t.Kind == flow.KindApproval:
		for i := range d.Standing {
			if a := &d.Standing[i]; t.Request != nil && a.Op == t.Request.Op {
				return a.Allow.For(urgency)
			}
		}
		return calendar.Allowance{}
	case j != nil && t.Kind == flow.KindConfirm:
		return j.Within.For(urgency)
	case j != nil && t.Kind == flow.KindRuling:
		return j.Ruling.For(urgency)
	case j != nil && offered:
		return j.Accept.For(urgency)
	case j != nil:
		return j.Allow.For(urgency)
	case offered:
		return stage.Take.For(urgency)
	}
	return stage.Allow.For(urgency)
}

// computable tells whether the clock can be computed again: its calendar is the one it was made under.
func (k *checker) computable(c *Clock) bool {
	cal, known := k.calendars.Lookup(c.Calendar)
	return !c.Runs() || known && cal.Version() == c.Version
}

// checkReplay computes a deadline again from its policy and its moves. Under a newer version of the
// calendar a firm deadline stays as promised; a provisional one that is still open should have moved.
func (k *checker) checkReplay(w *whole, task int, c *Clock) {
	if !c.Runs() {
		return
	}
	cal, known := k.calendars.Lookup(c.Calendar)
	switch {
	case !known:
		k.add("calendar-unknown", w.Case, clockName(task), "calendar", c.Calendar)
		return
	case cal.Version() != c.Version:
		k.found.stats.Frozen++
		if c.Provisional && c.Stopped.IsZero() {
			k.add("provisional-old", w.Case, clockName(task))
		}
		return
	}
	k.found.stats.Clocks++
	if again := c.replay(cal); !same(again.Clock, c.Clock) {
		k.add("clock-replay", w.Case, clockName(task), "have", clockText(c.Clock), "want", clockText(again.Clock))
	}
}

func same(a, b calendar.Clock) bool {
	return a.Measure == b.Measure && a.Due.Equal(b.Due) && a.PausedAt.Equal(b.PausedAt) && a.Left == b.Left && a.Provisional == b.Provisional
}

func clockText(c calendar.Clock) string {
	text := moment(c.Due)
	if c.Paused() {
		text += fmt.Sprintf(" (paused %s, %s left)", moment(c.PausedAt), c.Left)
	}
	if c.Provisional {
		text += " (provisional)"
	}
	return text
}

// moment writes a time so that two different ones look different.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(beijingZone()).Format("2006-01-02 15:04:05.999999999")
}

// checkColumns: the columns by which lists are sorted and the sweep finds its work say what the clocks say.
func (k *checker) checkColumns(w *whole, d *flow.Definition) {
	fresh := *w.Case
	fresh.settle()
	diff := func(column string, have, want time.Time) {
		if have.UnixMilli() != want.UnixMilli() {
			k.add("due-columns", w.Case, column, "have", moment(have), "want", moment(want))
		}
	}
	diff("due_at", w.DueAt, fresh.DueAt)
	if w.sure {
		diff("hop_due_at", w.HopDueAt, fresh.HopDueAt)
	}
	computable := k.computable(&w.Clock)
	for i := range w.Tasks {
		t := &w.Tasks[i]
		want := t.Clock.due()
		if want.IsZero() {
			want = noDue
		}
		if have := w.dues[i]; have != database.Millis(want) {
			k.add("task-due-column", w.Case, taskName(t.No), "have", moment(database.Time(have)), "want", moment(want))
		}
		computable = computable && (!t.Open() || k.computable(&t.Clock))
	}
	k.s.schedule(&fresh, d)
	if computable && fresh.nextAt.UnixMilli() != w.nextAt.UnixMilli() {
		k.add("next-column", w.Case, "next_at", "have", moment(w.nextAt), "want", moment(fresh.nextAt))
	}
	if !w.nextAt.IsZero() && w.nextAt.Before(k.now.Add(-sweepGrace)) {
		if k.found.late++; k.found.oldest.IsZero() || w.nextAt.Before(k.found.oldest) {
			k.found.oldest = w.nextAt
		}
	}
}
