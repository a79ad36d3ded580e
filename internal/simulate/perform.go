package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// mostTries bounds how often somebody tries a hand-over whose actions are refused.
const mostTries = 12

// perform takes the action a piece of work ends with.
func (e *engine) perform(ctx context.Context, j *job) error {
	t := e.cases[j.id]
	if t.planned[j.task] != j.state {
		return nil // it is no longer needed
	}
	actor := e.holder(t.last.Task(j.task), j)
	v, err := e.readAs(ctx, actor, j.id)
	if err != nil {
		return err
	}
	c := v.Case
	h := c.Task(j.task)
	if h == nil || !h.Open() || h.State != j.state {
		return nil // somebody else was faster
	}
	delete(t.planned, j.task)
	t.last = c
	if !c.Open() || e.rests(c, t, h) {
		return nil // it is planned again when it goes on
	}
	if !holds(actor, h) { // the post changed hands meanwhile
		if actor = e.holder(h, j); actor == nil {
			e.result.Refusals["nobody"]++
			return e.again(c, h, j)
		}
		if v, err = e.readAs(ctx, actor, j.id); err != nil {
			return err
		}
	}
	for _, choice := range e.choose(&v, h) {
		done, err := e.act(ctx, actor, casework.Command{Case: c.ID, Base: c.Version, Action: choice.action.Name, Task: choice.task, Form: choice.form})
		if err != nil {
			return err
		}
		if done != nil {
			e.follow(done, choice.action)
			return nil
		}
	}
	return e.again(c, h, j)
}

// readAs reads the case as the actor sees it, or, should the actor not see it any more, as it is.
func (e *engine) readAs(ctx context.Context, actor *staff.Actor, id string) (casework.View, error) {
	if actor != nil {
		v, err := e.app.Cases.Read(ctx, actor, id)
		if !fault.Is(err, fault.NotFound) {
			return v, err
		}
	}
	v, err := e.app.Cases.Read(ctx, staff.System(), id)
	if err != nil {
		return v, fmt.Errorf("reading case %s: %w", id, err)
	}
	return v, nil
}

func holds(actor *staff.Actor, h *casework.Task) bool {
	return actor != nil && (actor.Holds(h.Holder) || actor.Holds(h.Post))
}

// act takes an action; nil without error when it was refused, which is counted.
func (e *engine) act(ctx context.Context, actor *staff.Actor, cmd casework.Command) (*casework.Case, error) {
	out, err := e.app.Cases.Act(ctx, actor, cmd)
	if err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
			return nil, fmt.Errorf("%s on case %s: %w", cmd.Action, cmd.Case, err)
		}
		code := f.Code
		for _, field := range f.Fields {
			code += " " + field.Name + ":" + field.Code
		}
		e.result.Refusals[cmd.Action+": "+code]++
		return nil, nil
	}
	e.result.Commands++
	e.result.Actions[cmd.Action]++
	return out.Case, e.askSweep(ctx)
}

// again tries a hand-over later that could not be done now.
func (e *engine) again(c *casework.Case, h *casework.Task, j *job) error {
	if j.tries >= mostTries {
		e.result.Stuck++
		return nil
	}
	e.cases[c.ID].planned[h.No] = h.State
	e.hand(c, h, j.tries+1)
	return nil
}

// holder is somebody who answers for the hand-over: whose desk it lay on, or a colleague.
func (e *engine) holder(h *casework.Task, j *job) *staff.Actor {
	now := e.clock.Now()
	accounts := e.app.Staff.Cover(h.Holder, now).Accounts
	if slices.Contains(accounts, j.account) {
		accounts = append([]string{j.account}, accounts...)
	}
	for _, account := range accounts {
		if slices.Contains(h.Exclude, account) {
			continue
		}
		if actor, ok := e.app.Staff.ActorOf(account, now); ok {
			return actor
		}
	}
	return nil
}

// follow plans what comes of an action.
func (e *engine) follow(c *casework.Case, a *flow.Action) {
	switch a.Op {
	case flow.OpAsk:
		e.asked(c)
	case flow.OpReopen:
		e.cases[c.ID].ended = false
		e.result.ended--
	}
	if !c.PausedAt.IsZero() {
		e.paused(c)
	}
	e.plan(c)
}

// paused plans the end of a pause: when its reason is over, and a look after its longest time.
func (e *engine) paused(c *casework.Case) {
	if !c.Asked {
		days := e.staff.PauseDays.draw(e.draw(c, "pause"))
		e.push(event{at: e.clock.Now().Add(time.Duration(days * 24 * float64(time.Hour))), kind: evResume, id: c.ID})
	}
	if !c.Clock.AtMost.IsZero() {
		e.push(event{at: c.Clock.AtMost.Add(2 * time.Minute), kind: evLook, id: c.ID})
	}
}

// look plans again what may have gone on by itself.
func (e *engine) look(ctx context.Context, id string) error {
	v, err := e.app.Cases.Read(ctx, staff.System(), id)
	if err != nil {
		return fmt.Errorf("reading case %s: %w", id, err)
	}
	e.plan(v.Case)
	return nil
}

// handlerOf is somebody who answers for the case now.
func (e *engine) handlerOf(c *casework.Case) *staff.Actor {
	for i := range c.Tasks {
		if h := &c.Tasks[i]; h.Responsible && h.Open() {
			return e.holder(h, &job{})
		}
	}
	return nil
}

// offered finds an offer of an operation.
func offered(offers []flow.Offer, op flow.Op, task int) (flow.Offer, bool) {
	i := slices.IndexFunc(offers, func(o flow.Offer) bool { return o.Action.Op == op && (task == 0 || o.Task == task || o.Task == 0) })
	if i < 0 {
		return flow.Offer{}, false
	}
	return offers[i], true
}

// did counts the entries of an action in the timeline.
func did(v *casework.View, action string) (n int) {
	for _, entry := range v.Timeline {
		if entry.Action == action {
			n++
		}
	}
	return n
}

// dismiss ends the appointment of a grid's newest member.
func (e *engine) dismiss(ctx context.Context, grid string) error {
	post := staff.MakePost("grid-member", grid)
	list, err := e.app.Staff.History(ctx, staff.System(), post, "")
	if err != nil {
		return fmt.Errorf("looking for the member of %s: %w", grid, err)
	}
	now := e.clock.Now()
	for _, a := range list { // newest first
		if a.Deputy || !a.Spans(now) {
			continue
		}
		_, err := e.app.Staff.End(ctx, staff.System(), staff.EndCommand{Appointment: a.ID, Reason: "simulation: one member fewer"})
		return err
	}
	return fault.Newf(fault.Invalid, "no-member", "网格 %[1]s 没有在任的网格员", "The grid %[1]s has no member in office", grid)
}

// anybody tells whether some post is held now.
func (e *engine) anybody() bool {
	now := e.clock.Now()
	for _, a := range e.tree.Areas() {
		for _, role := range []string{"administrator", "duty-officer", "dispatcher", "grid-member"} {
			if len(e.app.Staff.Holders(staff.MakePost(role, a.Code), now)) > 0 {
				return true
			}
		}
	}
	return false
}

// lastChange is when anything last happened to a case; zero on a fresh folder.
func (e *engine) lastChange(ctx context.Context) (time.Time, error) {
	page, err := e.app.Cases.List(ctx, staff.System(), casework.Filter{Scope: "area", Sort: "updated", PageSize: 1})
	if err != nil {
		return time.Time{}, fmt.Errorf("looking for earlier work: %w", err)
	}
	if len(page.Cases) == 0 {
		return time.Time{}, nil
	}
	return page.Cases[0].UpdatedAt, nil
}
