package simulate

import (
	"slices"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/staff"
)

// mostTries bounds how often somebody tries a hand-over whose actions are refused.
const mostTries = 12

// sight is a case as somebody sees it who may act on it.
type sight struct {
	t      *tracked
	c      *casework.Case
	model  *flow.Definition
	offers []flow.Offer
}

// perform takes the action a piece of work ends with.
func (e *engine) perform(ev event) {
	j, t := ev.job, ev.job.t
	if t.window != 0 {
		e.deferred = append(e.deferred, ev)
		return
	}
	if !t.lies(j.task, j.state) {
		return // it is no longer needed
	}
	c := t.c
	h := c.Task(j.task)
	if h == nil || !h.Open() || h.State != j.state {
		return // somebody else was faster
	}
	t.take(j.task)
	if !c.Open() || e.rests(c, t, h) {
		return // it is planned again when it goes on
	}
	actor := e.holder(h, j.account)
	if !holds(actor, h) { // the post changed hands meanwhile
		if actor = e.holder(h, ""); actor == nil {
			e.result.Refusals["nobody"]++
			e.again(t, h, j)
			return
		}
	}
	s := e.see(t, actor)
	choice, ok := e.choose(s, h, j.refused)
	if !ok {
		e.again(t, h, j)
		return
	}
	e.ask(&order{what: toWork, t: t, also: choice.original, action: choice.action, job: j,
		deed: casework.Deed{Actor: actor, Command: casework.Command{Case: c.ID, Base: c.Version, Action: choice.action.Name, Task: choice.task, Form: choice.form}}})
}

// see gives the case as the actor sees it, or, should the actor not see it any more, as it is.
func (e *engine) see(t *tracked, actor *staff.Actor) sight {
	s := sight{t: t, c: t.c, model: e.model(t.c.Model)}
	if s.model == nil {
		return s
	}
	var seen bool
	if s.offers, seen = e.app.Cases.Offers(s.model, actor, t.c, e.now); !seen {
		s.offers, _ = e.app.Cases.Offers(s.model, staff.System(), t.c, e.now)
	}
	return s
}

func holds(actor *staff.Actor, h *casework.Task) bool {
	return actor != nil && (actor.Holds(h.Holder) || actor.Holds(h.Post))
}

// again tries a hand-over later that could not be done now.
func (e *engine) again(t *tracked, h *casework.Task, j *job) {
	if j.tries >= mostTries {
		e.result.Stuck++
		return
	}
	t.put(h.No, h.State)
	e.hand(t, h, j.tries+1)
}

// holder is somebody who answers for the hand-over: whose desk it lay on, or a colleague.
func (e *engine) holder(h *casework.Task, account string) *staff.Actor {
	accounts := e.cover(h.Holder)
	if account != "" && slices.Contains(accounts, account) && !slices.Contains(h.Exclude, account) {
		if actor := e.actor(account); actor != nil {
			return actor
		}
	}
	for _, account := range accounts {
		if slices.Contains(h.Exclude, account) {
			continue
		}
		if actor := e.actor(account); actor != nil {
			return actor
		}
	}
	return nil
}

// follow plans what comes of an order.
func (e *engine) follow(o *order) {
	if o.what == toReport {
		e.received(o)
		return
	}
	t := o.t
	switch {
	case o.refused != nil:
		e.refused(o)
		return
	case o.what == toWork || o.what == toOutside:
		e.acted(o)
	}
	t.c = o.deed.Case
	if o.what == toWork || o.what == toOutside {
		if o.action.Op == flow.OpAsk {
			e.asked(t)
		}
		if !t.c.PausedAt.IsZero() {
			e.paused(t)
		}
	}
	e.plan(t)
	if o.what == toOutside && o.action.Op == flow.OpRate {
		e.discontent(t, e.now)
	}
}

// acted counts an action that was taken.
func (e *engine) acted(o *order) {
	e.result.Commands++
	if !o.t.did(o.deed.Command.Action) {
		o.t.done = append(o.t.done, o.deed.Command.Action)
	}
	if o.action.Op == flow.OpReopen {
		o.t.ended = false
		e.result.ended--
	}
	if o.original != nil {
		o.also.c = o.original
		e.watch(o.also)
	}
}

// refused counts what the services did not do, and lets it be tried another way.
func (e *engine) refused(o *order) {
	f := o.refused
	code := f.Code
	for _, field := range f.Fields {
		code += " " + field.Name + ":" + field.Code
	}
	e.result.Refusals[o.deed.Command.Action+": "+code]++
	t := o.t
	if f.Code == staleVersion {
		e.push(event{at: e.now, kind: evLook, t: t})
	}
	if o.what != toWork {
		return
	}
	h := t.c.Task(o.job.task)
	t.put(h.No, h.State)
	if f.Code != staleVersion {
		o.job.refused = append(o.job.refused, o.deed.Command.Action)
	}
	e.push(event{at: e.now, kind: evAct, job: o.job})
}

// staleVersion is the code of an action based on what has changed meanwhile.
const staleVersion = "stale-version"

// paused plans the end of a pause: when its reason is over, and a look after its longest time.
func (e *engine) paused(t *tracked) {
	c := t.c
	if !c.Asked {
		days := e.staff.PauseDays.draw(e.draw(c, "pause"))
		e.push(event{at: e.now.Add(time.Duration(days * 24 * float64(time.Hour))), kind: evResume, t: t})
	}
}

// sweep does what has fallen due by itself.
func (e *engine) sweep(ev event) {
	t := ev.t
	if !t.sweepAt.Equal(ev.at) { // it was put off, or is not needed any more
		e.forget(t)
		return
	}
	if t.window != 0 {
		e.deferred = append(e.deferred, ev)
		return
	}
	t.sweepAt = time.Time{}
	if next := t.c.NextStep(); next.IsZero() || next.After(e.now) {
		e.watch(t)
		e.forget(t)
		return
	}
	e.result.Sweeps++
	e.ask(&order{what: toSweep, t: t})
}

// watch puts the case on the agenda for when something falls due by itself. The program looks every few seconds,
// here at the full minute after.
func (e *engine) watch(t *tracked) {
	due := t.c.NextStep()
	if due.IsZero() {
		t.sweepAt = time.Time{}
		return
	}
	at := due.Truncate(time.Minute)
	if at.Before(due) {
		at = at.Add(time.Minute)
	}
	if !t.sweepAt.Equal(at) {
		t.sweepAt = at
		e.push(event{at: at, kind: evSweep, t: t})
	}
}

// look reads a case again that was changed by others.
func (e *engine) look(ev event) {
	if ev.t.window != 0 {
		e.deferred = append(e.deferred, ev)
		return
	}
	e.ask(&order{what: toLook, t: ev.t})
}
