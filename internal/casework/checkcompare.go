package casework

import (
	"fmt"
	"time"
)

// differing is told what is not as it should be.
type differing func(object string, have, want any)

// hold compares two values of a kind.
func hold[T comparable](tell differing, object string, have, want T) {
	if have != want {
		tell(object, have, want)
	}
}

// holdTime compares two moments, wherever they were written down.
func holdTime(tell differing, object string, have, want time.Time) {
	if !have.Equal(want) {
		tell(object, moment(have), moment(want))
	}
}

// compare holds the case against its timeline.
func (k *checker) compare(w *whole, r *replayed) {
	tell := func(object string, have, want any) {
		k.add("case-differs", w.Case, object, "have", fmt.Sprint(have), "want", fmt.Sprint(want))
	}
	hold(tell, "stage", w.Stage, r.stage)
	hold(tell, "end", w.Ended, r.end)
	holdTime(tell, "ended_at", w.EndedAt, r.endedAt)
	holdTime(tell, "paused_at", w.PausedAt, r.pausedAt)
	hold(tell, "asked", w.Asked, r.asked)
	hold(tell, "supervised", w.Supervised, r.supervised)
	hold(tell, "pauses", w.Pauses, r.pauses)
	hold(tell, "extensions", w.Extensions, r.extensions)
	hold(tell, "reopens", w.Reopens, r.reopens)
	hold(tell, "rating", w.Rating, r.rating)
	hold(tell, "merged_into", w.MergedInto, r.merged)
	holdTime(tell, "received_at", w.ReceivedAt, w.lines[0].at)
	first := ""
	if changes := w.lines[0].changes; len(changes) > 0 {
		first = string(changes[0].Post)
	}
	hold(tell, "first_post", string(w.FirstPost), first)
	if len(r.facts) > 0 {
		k.compareFacts(w, r.facts, tell)
	}
}

// compareFacts holds what was corrected against the case.
func (k *checker) compareFacts(w *whole, facts map[string]any, tell differing) {
	for _, fact := range []struct {
		key  string
		have any
	}{{"category", w.Category}, {"urgency", w.Urgency}, {"confidential", w.Confidential}} {
		if want, ok := facts[fact.key]; ok && fact.have != want {
			tell(fact.key, fact.have, want)
		}
	}
	if want, ok := facts["public"]; ok && !w.Confidential && any(w.Public) != want {
		tell("public", w.Public, want)
	}
	code, ok := facts["area"].(string)
	if !ok || code == w.Area {
		return
	}
	for _, a := range k.tree.Current(code) {
		if a.Code == w.Area {
			return // the area was reorganised after the case had ended
		}
	}
	tell("area", w.Area, code)
}

// compareTasks holds the hand-overs against the timeline.
func (k *checker) compareTasks(w *whole, r *replayed) {
	no := 0
	tell := func(field string, have, want any) {
		k.add("task-differs", w.Case, taskName(no), "field", field, "have", fmt.Sprint(have), "want", fmt.Sprint(want))
	}
	for i := range w.Tasks {
		t := &w.Tasks[i]
		no = t.No
		if i >= len(r.tasks) {
			k.add("task-unexplained", w.Case, taskName(no))
			continue
		}
		said := &r.tasks[i]
		hold(tell, "kind", t.Kind, said.kind)
		hold(tell, "state", t.State, said.state)
		hold(tell, "post", t.Post, said.post)
		hold(tell, "holder", t.Holder, said.holder)
		holdTime(tell, "given_at", t.GivenAt, said.given)
		holdTime(tell, "taken_at", t.TakenAt, said.taken)
		holdTime(tell, "closed_at", t.ClosedAt, said.closed)
		hold(tell, "outcome", t.Outcome, said.outcome)
	}
	for i := len(w.Tasks); i < len(r.tasks); i++ {
		k.add("task-missing", w.Case, taskName(i+1))
	}
}
