package casework

import (
	"fmt"
	"time"

	"linli/internal/flow"
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
	tasks              []Task
	counted            []counted
}

// counted is a measure that an entry brought.
type counted struct {
	entry   int
	measure string
}

// checkTimeline: the entries are gapless, in time, and what they tell adds up to the case as it is stored.
func (k *checker) checkTimeline(w *whole, d *flow.Definition) {
	for i, e := range w.entries {
		if e.Seq != int64(i+1) {
			k.add("timeline-gap", w.Case, fmt.Sprint(i+1))
			return
		}
		if i > 0 && e.At.Before(w.entries[i-1].At.Add(-clockTolerance)) {
			k.add("time-backwards", w.Case, entryName(&e), "by", w.entries[i-1].At.Sub(e.At).String())
		}
	}
	n := int64(len(w.entries))
	if n != w.Version || n == 0 {
		k.add("timeline-version", w.Case, "", "have", fmt.Sprint(w.Version), "want", fmt.Sprint(n))
		return
	}
	if !w.entries[n-1].At.Equal(w.UpdatedAt) {
		k.add("updated-at", w.Case, "")
	}
	r := k.replay(w, d)
	k.compare(w, r)
	k.compareTasks(w, r)
	k.recount(w, r)
	k.unproved--
}

func entryName(e *Entry) string { return fmt.Sprintf("entry %d", e.Seq) }

// replay walks the entries from the report to the last.
func (k *checker) replay(w *whole, d *flow.Definition) *replayed {
	r := &replayed{facts: map[string]any{}}
	for i := range w.entries {
		e := &w.entries[i]
		a := k.action(d, r.stage, e)
		if a == nil {
			k.add("action-unknown", w.Case, entryName(e), "action", e.Action)
			a = &flow.Action{}
		}
		r.clocks(w, e, a)
		r.reach(d, i, e, a)
		for key, v := range e.Data.Fields {
			r.facts[key] = v[1]
		}
		for _, ch := range e.Data.Changes {
			r.change(e, ch)
		}
	}
	return r
}

// ownActions are the entries that no action of a model makes, and what they are like.
var ownActions = map[string]*flow.Action{"report": {}, "remind": {}, "overdue": {}, "escalate": {}, "cover": {}, "area": {}, "calendar": {},
	"merged_in": {}, "attach": {}, "supervise": {Op: flow.OpSupervise}, "resume": {Op: flow.OpResume}}

// action finds what an entry's action does in the model the case runs under; nil when nobody knows it.
func (k *checker) action(d *flow.Definition, stage string, e *Entry) *flow.Action {
	if e.Seq == 1 {
		return ownActions[e.Action]
	}
	table := k.actions[d]
	if table == nil {
		table = actionTable(d)
		k.actions[d] = table
	}
	for _, key := range []string{stage + "/" + e.Action, "/" + e.Action} {
		if a := table[key]; a != nil {
			return a
		}
	}
	return ownActions[e.Action]
}

func actionTable(d *flow.Definition) map[string]*flow.Action {
	out := map[string]*flow.Action{}
	add := func(stage string, list []flow.Action) {
		for i := range list {
			out[stage+"/"+list[i].Name] = &list[i]
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
func (r *replayed) clocks(w *whole, e *Entry, a *flow.Action) {
	op := a.Op
	granted := (op == flow.OpPause || op == flow.OpExtend) && a.Approve == nil
	if op == flow.OpApprove {
		if t := w.Task(e.Task); t != nil && t.Request != nil {
			op, granted = t.Request.Op, true
		}
	}
	switch {
	case op == flow.OpResume:
		r.pausedAt, r.asked = time.Time{}, r.asked && e.Data.By != "system"
	case op == flow.OpAnswer:
		r.asked = false
		if a.Pauses {
			r.pausedAt = time.Time{}
		}
	case op == flow.OpAsk:
		r.asked = true
		if a.Pauses && r.pausedAt.IsZero() {
			r.pausedAt = e.At
		}
	case op == flow.OpPause && granted:
		r.pausedAt = e.At
		r.pauses++
	case op == flow.OpExtend && granted:
		r.extensions++
	}
	if e.Data.Stage != "" || e.Data.End != "" {
		r.pausedAt = time.Time{} // what goes on runs again
	}
}

// reach follows stage, end, rating, merger and supervision, and notes what was counted.
func (r *replayed) reach(d *flow.Definition, i int, e *Entry, a *flow.Action) {
	count := func(measure string) { r.counted = append(r.counted, counted{i, measure}) }
	switch {
	case i == 0:
		count(Reported)
	case a.Op == flow.OpReopen:
		r.end, r.endedAt, r.rating, r.merged = "", time.Time{}, 0, ""
		r.reopens++
		count(Reopened)
	case a.Op == flow.OpRate:
		score, _ := e.Data.Form["score"].(float64)
		r.rating = int(score)
		count(Rated)
		if r.rating >= satisfied {
			count(Satisfied)
		}
	case a.Op == flow.OpSupervise:
		r.supervised = true
	case e.Action == "overdue" && e.Task == 0:
		count(Overdue)
	}
	if e.Data.Stage != "" {
		r.stage = e.Data.Stage
	}
	if e.Data.End == "" {
		return
	}
	r.end, r.endedAt, r.asked = e.Data.End, e.At, false
	count(Closed)
	count(OnTime) // taken back by recount when it was late
	if end, ok := d.End(e.Data.End); ok {
		for _, measure := range end.Counts {
			count(measure)
		}
	}
	if r.end == "merged" {
		r.merged = e.Data.Case
	}
}

// change follows one change to a hand-over.
func (r *replayed) change(e *Entry, ch TaskChange) {
	if ch.Op == flow.ChangeOpen {
		r.tasks = append(r.tasks, Task{No: ch.Task, Kind: ch.Kind, State: ch.State, Post: ch.Post, Holder: ch.Holder, GivenAt: e.At})
		return
	}
	if ch.Task < 1 || ch.Task > len(r.tasks) {
		return // compareTasks misses it
	}
	t := &r.tasks[ch.Task-1]
	switch ch.Op {
	case flow.ChangeTake, flow.ChangeContinue:
		t.State, t.TakenAt = flow.Taken, e.At
	case flow.ChangeContest:
		t.State = flow.Contested
	case flow.ChangeClose:
		t.State, t.ClosedAt, t.Outcome = ch.State, e.At, e.Action
	default: // cover and follow
		t.Post, t.Holder = ch.Post, ch.Holder
	}
}

// compare holds the case against its timeline.
func (k *checker) compare(w *whole, r *replayed) {
	diff := func(object string, have, want any) {
		if have != want {
			k.add("case-differs", w.Case, object, "have", fmt.Sprint(have), "want", fmt.Sprint(want))
		}
	}
	diff("stage", w.Stage, r.stage)
	diff("end", w.Ended, r.end)
	diff("ended_at", moment(w.EndedAt), moment(r.endedAt))
	diff("paused_at", moment(w.PausedAt), moment(r.pausedAt))
	diff("asked", w.Asked, r.asked)
	diff("supervised", w.Supervised, r.supervised)
	diff("pauses", w.Pauses, r.pauses)
	diff("extensions", w.Extensions, r.extensions)
	diff("reopens", w.Reopens, r.reopens)
	diff("rating", w.Rating, r.rating)
	diff("merged_into", w.MergedInto, r.merged)
	diff("received_at", moment(w.ReceivedAt), moment(w.entries[0].At))
	first := ""
	if changes := w.entries[0].Data.Changes; len(changes) > 0 {
		first = string(changes[0].Post)
	}
	diff("first_post", string(w.FirstPost), first)
	for key, have := range map[string]any{"category": w.Category, "urgency": w.Urgency, "confidential": w.Confidential} {
		if want, ok := r.facts[key]; ok {
			diff(key, have, want)
		}
	}
	if want, ok := r.facts["public"]; ok && !w.Confidential {
		diff("public", w.Public, want)
	}
	if code, ok := r.facts["area"].(string); ok && code != w.Area {
		for _, a := range k.s.areas.Tree().Current(code) {
			if a.Code == w.Area {
				return // the area was reorganised after the case had ended
			}
		}
		diff("area", w.Area, code)
	}
}

// compareTasks holds the hand-overs against the timeline.
func (k *checker) compareTasks(w *whole, r *replayed) {
	for i := range w.Tasks {
		t := &w.Tasks[i]
		if i >= len(r.tasks) {
			k.add("task-unexplained", w.Case, taskName(t.No))
			continue
		}
		said := &r.tasks[i]
		diff := func(field string, have, want any) {
			if have != want {
				k.add("task-differs", w.Case, taskName(t.No), "field", field, "have", fmt.Sprint(have), "want", fmt.Sprint(want))
			}
		}
		diff("kind", t.Kind, said.Kind)
		diff("state", t.State, said.State)
		diff("post", t.Post, said.Post)
		diff("holder", t.Holder, said.Holder)
		diff("given_at", moment(t.GivenAt), moment(said.GivenAt))
		diff("taken_at", moment(t.TakenAt), moment(said.TakenAt))
		diff("closed_at", moment(t.ClosedAt), moment(said.ClosedAt))
		diff("outcome", t.Outcome, said.Outcome)
	}
	for i := len(w.Tasks); i < len(r.tasks); i++ {
		k.add("task-missing", w.Case, taskName(i+1))
	}
}
