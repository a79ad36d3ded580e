package casework

import (
	"fmt"
	"time"

	"linli/internal/flow"
	"linli/internal/staff"
)

// replayed is a case as its timeline alone tells it.
type replayed struct {
	stage, end         string
	endedAt, pausedAt  time.Time
	asked, supervised  bool
	pauses, extensions int
	reopens, rating    int
	merged             string
	facts              map[string]any // as last corrected
	tasks              []handed
	counted            []counted
}

// handed is a hand-over as the timeline tells it.
type handed struct {
	kind                 flow.TaskKind
	state                flow.TaskState
	post, holder         staff.Post
	given, taken, closed time.Time
	outcome              string
}

// counted is a measure that an entry brought.
type counted struct {
	entry   int
	measure string
}

// checkTimeline: the entries are gapless, in time, and what they tell adds up to the case as it is stored.
func (k *checker) checkTimeline(w *whole, d *flow.Definition) {
	for i := range w.lines {
		l := &w.lines[i]
		if l.seq != int64(i+1) {
			k.add("timeline-gap", w.Case, fmt.Sprint(i+1))
			return
		}
		if i > 0 && l.at.Before(w.lines[i-1].at.Add(-clockTolerance)) {
			k.add("time-backwards", w.Case, lineName(l), "by", w.lines[i-1].at.Sub(l.at).String())
		}
	}
	n := int64(len(w.lines))
	if n != w.Version || n == 0 {
		k.add("timeline-version", w.Case, "", "have", fmt.Sprint(w.Version), "want", fmt.Sprint(n))
		return
	}
	if !w.lines[n-1].at.Equal(w.UpdatedAt) {
		k.add("updated-at", w.Case, "")
	}
	r := k.replay(w, d)
	k.compare(w, r)
	k.compareTasks(w, r)
	k.recount(w, r)
	k.found.unproved--
}

// replay walks the entries from the report to the last. What it gives is good until the next case.
func (k *checker) replay(w *whole, d *flow.Definition) *replayed {
	r := &k.replayed
	*r = replayed{tasks: r.tasks[:0], counted: r.counted[:0]}
	for i := range w.lines {
		l := &w.lines[i]
		a := k.action(d, r.stage, l)
		if a == nil {
			k.add("action-unknown", w.Case, lineName(l), "action", l.action)
			a = &flow.Action{}
		}
		r.clocks(w, l, a)
		r.reach(d, i, l, a)
		for key, v := range l.fields {
			if r.facts == nil {
				r.facts = map[string]any{}
			}
			r.facts[key] = v[1]
		}
		for j := range l.changes {
			r.change(l, &l.changes[j])
		}
	}
	return r
}

// ownActions are the entries that no action of a model makes, and what they are like.
var ownActions = map[string]*flow.Action{"report": {}, "remind": {}, "overdue": {}, "escalate": {}, "cover": {}, "area": {}, "calendar": {},
	"merged_in": {}, "attach": {}, "supervise": {Op: flow.OpSupervise}, "resume": {Op: flow.OpResume}}

// actionKey is an action by its stage; the actions that stand beside all stages have none.
type actionKey struct{ stage, name string }

// action finds what an entry's action does in the model the case runs under; nil when nobody knows it.
func (k *checker) action(d *flow.Definition, stage string, l *line) *flow.Action {
	if l.seq == 1 {
		return ownActions[l.action]
	}
	table := k.actions[d]
	if table == nil {
		table = actionTable(d)
		k.actions[d] = table
	}
	for _, key := range []actionKey{{stage, l.action}, {"", l.action}} {
		if a := table[key]; a != nil {
			return a
		}
	}
	return ownActions[l.action]
}

func actionTable(d *flow.Definition) map[actionKey]*flow.Action {
	out := map[actionKey]*flow.Action{}
	add := func(stage string, list []flow.Action) {
		for i := range list {
			out[actionKey{stage, list[i].Name}] = &list[i]
		}
	}
	add("", d.After)
	add("", d.Standing)
	for i := range d.Stages {
		add(d.Stages[i].Name, d.Stages[i].Actions)
	}
	return out
}

// clocks follows pauses, extensions and questions.
func (r *replayed) clocks(w *whole, l *line, a *flow.Action) {
	op := a.Op
	granted := (op == flow.OpPause || op == flow.OpExtend) && a.Approve == nil
	if op == flow.OpApprove {
		if t := w.Task(l.task); t != nil && t.Request != nil {
			op, granted = t.Request.Op, true
		}
	}
	switch {
	case op == flow.OpResume:
		r.pausedAt, r.asked = time.Time{}, r.asked && l.by != "system"
	case op == flow.OpAnswer:
		r.asked = false
		if a.Pauses {
			r.pausedAt = time.Time{}
		}
	case op == flow.OpAsk:
		r.asked = true
		if a.Pauses && r.pausedAt.IsZero() {
			r.pausedAt = l.at
		}
	case op == flow.OpPause && granted:
		r.pausedAt = l.at
		r.pauses++
	case op == flow.OpExtend && granted:
		r.extensions++
	}
	if l.stage != "" || l.end != "" {
		r.pausedAt = time.Time{} // what goes on runs again
	}
}

// reach follows stage, end, rating, merger and supervision, and notes what was counted.
func (r *replayed) reach(d *flow.Definition, i int, l *line, a *flow.Action) {
	count := func(measure string) { r.counted = append(r.counted, counted{i, measure}) }
	switch {
	case i == 0:
		count(Reported)
	case a.Op == flow.OpReopen:
		r.end, r.endedAt, r.rating, r.merged = "", time.Time{}, 0, ""
		r.reopens++
		count(Reopened)
	case a.Op == flow.OpRate:
		r.rating = l.score
		count(Rated)
		if r.rating >= satisfied {
			count(Satisfied)
		}
	case a.Op == flow.OpSupervise:
		r.supervised = true
	case l.action == "overdue" && l.task == 0:
		count(Overdue)
	}
	if l.stage != "" {
		r.stage = l.stage
	}
	if l.end == "" {
		return
	}
	r.end, r.endedAt, r.asked = l.end, l.at, false
	count(Closed)
	count(OnTime) // taken back by recount when it was late
	if end, ok := d.End(l.end); ok {
		for _, measure := range end.Counts {
			count(measure)
		}
	}
	if r.end == "merged" {
		r.merged = l.other
	}
}

// change follows one change to a hand-over.
func (r *replayed) change(l *line, ch *TaskChange) {
	if ch.Op == flow.ChangeOpen {
		r.tasks = append(r.tasks, handed{kind: ch.Kind, state: ch.State, post: ch.Post, holder: ch.Holder, given: l.at})
		return
	}
	if ch.Task < 1 || ch.Task > len(r.tasks) {
		return // compareTasks misses it
	}
	t := &r.tasks[ch.Task-1]
	switch ch.Op {
	case flow.ChangeTake, flow.ChangeContinue:
		t.state, t.taken = flow.Taken, l.at
	case flow.ChangeContest:
		t.state = flow.Contested
	case flow.ChangeClose:
		t.state, t.closed, t.outcome = ch.State, l.at, l.action
	default: // cover and follow
		t.post, t.holder = ch.Post, ch.Holder
	}
}
