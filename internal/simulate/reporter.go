package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// giveUpAfter is how long an answer is waited for.
const giveUpAfter = 3 * 24 * time.Hour

func hours(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

// expect plans what a reporter may do while the matter is open.
func (e *engine) expect(c *casework.Case) {
	r := e.draw(c, "reporter")
	if r.Float64() < e.staff.Withdraws {
		e.push(event{at: e.clock.Now().Add(hours(1 + 30*r.Float64())), kind: evWithdraw, id: c.ID})
	}
	if r.Float64() < e.staff.Urges && !c.DueAt.IsZero() {
		e.push(event{at: c.DueAt.Add(hours(1 + 20*r.Float64())), kind: evUrge, id: c.ID})
	}
}

// asked plans the answer, or that none comes.
func (e *engine) asked(c *casework.Case) {
	r := e.draw(c, "asked")
	if r.Float64() < e.staff.Answers {
		after := min(hours(e.staff.AnswerHours.draw(r)), giveUpAfter-time.Hour)
		e.push(event{at: e.clock.Now().Add(after), kind: evAnswer, id: c.ID})
		return
	}
	e.push(event{at: e.clock.Now().Add(giveUpAfter), kind: evNoAnswer, id: c.ID})
}

// afterEnd plans what follows once a case has ended.
func (e *engine) afterEnd(c *casework.Case) {
	if c.MergedInto != "" || c.EndedAt.IsZero() {
		return
	}
	r := e.draw(c, "after")
	at := c.EndedAt.Add(hours(0.2 + e.staff.RateHours.draw(r)))
	rates, reopens, calls, units := r.Float64() < e.staff.Rated, r.Float64() < e.staff.Reopens, r.Float64() < e.staff.CallBack, r.Float64() < e.staff.RateUnit
	call := c.EndedAt.Add(hours(20 + 10*r.Float64()))
	later := func(at time.Time, kind eventKind) {
		if at.After(e.clock.Now()) {
			e.push(event{at: at, kind: kind, id: c.ID})
		}
	}
	if rates && c.Rating == 0 {
		later(at, evRate)
	}
	if reopens {
		later(at.Add(hours(2)), evReopen)
	}
	if calls {
		later(call, evCallBack)
	}
	if units && slices.ContainsFunc(c.Tasks, func(t casework.Task) bool { return t.Kind == flow.KindConfirm }) {
		later(call.Add(hours(1)), evRateUnit)
	}
}

var reporterOps = map[eventKind]flow.Op{evAnswer: flow.OpAnswer, evNoAnswer: flow.OpAnswer, evResume: flow.OpResume, evUrge: flow.OpUrge,
	evWithdraw: flow.OpWithdraw, evRate: flow.OpRate, evReopen: flow.OpReopen, evCallBack: flow.OpCallBack, evRateUnit: flow.OpRateUnit}

// reporterActs takes an action at its time if the model still offers it.
func (e *engine) reporterActs(ctx context.Context, ev event) error {
	t := e.cases[ev.id]
	if t == nil {
		return nil
	}
	v, err := e.app.Cases.Read(ctx, staff.System(), ev.id)
	if err != nil {
		return fmt.Errorf("reading case %s: %w", ev.id, err)
	}
	op := reporterOps[ev.kind]
	var actor *staff.Actor
	code := ""
	switch ev.kind {
	case evNoAnswer, evResume:
		if ev.kind == evNoAnswer {
			t.gaveUp = true
		}
		actor = e.handlerOf(v.Case)
	case evCallBack:
		actor = e.caller(&v)
	case evRateUnit:
		actor = e.whistler(v.Case)
	default:
		actor, code = staff.Resident(lang.ZH), t.code
	}
	if actor != nil {
		if err := e.outside(ctx, actor, code, op, &v, ev.kind == evUrge); err != nil {
			return err
		}
	}
	if ev.kind == evNoAnswer {
		return e.look(ctx, ev.id)
	}
	return nil
}

// outside takes the operation if it is offered to the actor: by tracking code, or by the posts held.
func (e *engine) outside(ctx context.Context, actor *staff.Actor, code string, op flow.Op, v *casework.View, late bool) error {
	c := v.Case
	if late && !c.Clock.Late(e.clock.Now()) {
		return nil
	}
	var offers []flow.Offer
	if code != "" {
		p, err := e.app.Cases.Track(ctx, actor, code)
		if err != nil {
			return fmt.Errorf("tracking case %s: %w", c.ID, err)
		}
		offers = p.Offers
	} else {
		mine, err := e.app.Cases.Read(ctx, actor, c.ID)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading case %s: %w", c.ID, err)
		}
		offers = mine.Offers
	}
	o, ok := offered(offers, op, 0)
	if !ok || op == flow.OpReopen && (c.Rating == 0 || c.Rating > 2) {
		return nil
	}
	list := e.with(nil, v, nil, o, e.draw(c, string(op)))
	if len(list) == 0 {
		return nil
	}
	done, err := e.act(ctx, actor, casework.Command{Case: c.ID, Base: c.Version, Action: o.Action.Name, Task: o.Task, Form: list[0].form, Code: code})
	if err != nil || done == nil {
		return err
	}
	e.follow(done, o.Action)
	return nil
}

// caller is somebody who may call back once the case has ended.
func (e *engine) caller(v *casework.View) *staff.Actor {
	now := e.clock.Now()
	for i := range v.Model.After {
		a := &v.Model.After[i]
		if a.Op != flow.OpCallBack {
			continue
		}
		for _, role := range a.By {
			post, ok := e.app.Staff.Find(role, v.Case.Area, "")
			if !ok {
				continue
			}
			for _, account := range e.app.Staff.Cover(post, now).Accounts {
				if actor, ok := e.app.Staff.ActorOf(account, now); ok {
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
			return e.holder(&c.Tasks[i], &job{})
		}
	}
	return nil
}
