package simulate

import (
	"slices"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// giveUpAfter is how long an answer is waited for.
const giveUpAfter = 3 * 24 * time.Hour

func hours(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

// expect plans what a reporter may do while the matter is open.
func (e *engine) expect(t *tracked) {
	c := t.c
	r := e.drawAt(c, 1, "reporter")
	if r.Float64() < e.staff.Withdraws {
		e.expected(t, c.ReceivedAt.Add(hours(1+30*r.Float64())), evWithdraw)
	}
	if r.Float64() < e.staff.Urges && !c.DueAt.IsZero() {
		e.expected(t, c.DueAt.Add(hours(1+20*r.Float64())), evUrge)
	}
}

// asked plans the answer, or that none comes.
func (e *engine) asked(t *tracked) {
	r := e.draw(t.c, "asked")
	if r.Float64() < e.staff.Answers {
		after := min(hours(e.staff.AnswerHours.draw(r)), giveUpAfter-time.Hour)
		e.push(event{at: e.now.Add(after), kind: evAnswer, t: t})
		return
	}
	e.push(event{at: e.now.Add(giveUpAfter), kind: evNoAnswer, t: t})
}

// afterEnd plans what follows once a case has ended.
func (e *engine) afterEnd(t *tracked) {
	c := t.c
	if c.MergedInto != "" || c.EndedAt.IsZero() {
		return
	}
	r := e.draw(c, "after")
	at := c.EndedAt.Add(hours(0.2 + e.staff.RateHours.draw(r)))
	rates, calls, units := r.Float64() < e.staff.Rated, r.Float64() < e.staff.CallBack, r.Float64() < e.staff.RateUnit
	call := c.EndedAt.Add(hours(20 + 10*r.Float64()))
	if rates && c.Rating == 0 {
		e.expected(t, at, evRate)
	}
	if calls {
		e.expected(t, call, evCallBack)
	}
	if units && slices.ContainsFunc(c.Tasks, func(h casework.Task) bool { return h.Kind == flow.KindConfirm }) {
		e.expected(t, call.Add(hours(1)), evRateUnit)
	}
}

// expected plans something unless its time has gone by.
func (e *engine) expected(t *tracked, at time.Time, kind eventKind) {
	if at.After(e.now) {
		e.push(event{at: at, kind: kind, t: t})
	}
}

// discontent plans that who was not content wants it done again.
func (e *engine) discontent(t *tracked, rated time.Time) {
	if t.c.Rating > 0 && t.c.Rating <= 2 && e.draw(t.c, "content").Float64() < e.staff.Reopens {
		e.expected(t, rated.Add(hours(2)), evReopen)
	}
}

var reporterOps = map[eventKind]flow.Op{evAnswer: flow.OpAnswer, evNoAnswer: flow.OpAnswer, evResume: flow.OpResume, evUrge: flow.OpUrge,
	evWithdraw: flow.OpWithdraw, evRate: flow.OpRate, evReopen: flow.OpReopen, evCallBack: flow.OpCallBack, evRateUnit: flow.OpRateUnit}

// outside takes an action of the reporter, or of somebody who does not have the case, at its time if the model
// still offers it.
func (e *engine) outside(ev event) {
	t := ev.t
	if t.window != 0 {
		e.deferred = append(e.deferred, ev)
		return
	}
	asked := false
	switch ev.kind {
	case evNoAnswer:
		t.gaveUp = true
		asked = e.offer(t, e.handlerOf(t.c), "", flow.OpAnswer)
		if !asked {
			e.plan(t)
		}
	case evResume:
		asked = e.offer(t, e.handlerOf(t.c), "", flow.OpResume)
	case evCallBack:
		asked = e.offer(t, e.caller(t.c), "", flow.OpCallBack)
	case evRateUnit:
		asked = e.offer(t, e.whistler(t.c), "", flow.OpRateUnit)
	default:
		if ev.kind != evUrge || t.c.Clock.Late(e.now) {
			asked = e.offer(t, staff.Resident(lang.ZH), t.code, reporterOps[ev.kind])
		}
	}
	if !asked {
		e.forget(t)
	}
}

// offer takes the operation if it is offered to the actor: by tracking code, or by the posts held.
func (e *engine) offer(t *tracked, actor *staff.Actor, code string, op flow.Op) bool {
	c := t.c
	s := sight{t: t, c: c, model: e.model(c.Model)}
	if actor == nil || s.model == nil {
		return false
	}
	if code != "" {
		s.offers = e.app.Cases.ReporterOffers(s.model, c, e.now)
	} else {
		s.offers, _ = e.app.Cases.Offers(s.model, actor, c, e.now)
	}
	o, ok := offered(s.offers, op, 0)
	if !ok || op == flow.OpReopen && (c.Rating == 0 || c.Rating > 2) {
		return false
	}
	choice, ok := e.fillIn(s, nil, o, e.draw(c, string(op)))
	if !ok {
		return false
	}
	e.ask(&order{what: toOutside, t: t, action: o.Action, deed: casework.Deed{Actor: actor, Command: casework.Command{Case: c.ID, Base: c.Version, Action: o.Action.Name, Task: o.Task, Form: choice.form, Code: code}}})
	return true
}

// offered finds an offer of an operation.
func offered(offers []flow.Offer, op flow.Op, task int) (flow.Offer, bool) {
	i := slices.IndexFunc(offers, func(o flow.Offer) bool { return o.Action.Op == op && (task == 0 || o.Task == task || o.Task == 0) })
	if i < 0 {
		return flow.Offer{}, false
	}
	return offers[i], true
}

// handlerOf is somebody who answers for the case now.
func (e *engine) handlerOf(c *casework.Case) *staff.Actor {
	for i := range c.Tasks {
		if h := &c.Tasks[i]; h.Responsible && h.Open() {
			return e.holder(h, "")
		}
	}
	return nil
}

// caller is somebody who may call back once the case has ended.
func (e *engine) caller(c *casework.Case) *staff.Actor {
	d := e.model(c.Model)
	if d == nil {
		return nil
	}
	for i := range d.After {
		a := &d.After[i]
		if a.Op != flow.OpCallBack {
			continue
		}
		for _, role := range a.By {
			post, ok := e.app.Staff.Find(role, c.Area, "")
			if !ok {
				continue
			}
			for _, account := range e.cover(post) {
				if actor := e.actor(account); actor != nil {
					return actor
				}
			}
		}
	}
	return nil
}

// whistler is who called the units: the holder of the hand-over before the last confirmation.
func (e *engine) whistler(c *casework.Case) *staff.Actor {
	confirm := 0
	for i := range c.Tasks {
		if c.Tasks[i].Kind == flow.KindConfirm {
			confirm = i
		}
	}
	for i := confirm - 1; i >= 0; i-- {
		if c.Tasks[i].Kind == flow.KindMain {
			return e.holder(&c.Tasks[i], "")
		}
	}
	return nil
}
