package flow

import (
	"slices"

	"linli/internal/calendar"
	"linli/internal/platform/fault"
)

// Start says what happens when a report arrives: the first stage begins.
func Start(d *Definition, s State) (Decision, error) {
	dec := Decision{Events: []string{"reported"}}
	err := dec.enter(d, &s, &d.Stages[0], d.Stages[0].Actor, false)
	return dec, err
}

// Decide says what an action leads to, or refuses it.
//
// Errors: Invalid with the wrong form fields; Forbidden when the person may not; Conflict when the
// action does not fit the state of the case. Nothing in d or s is changed.
func Decide(d *Definition, s State, who Who, act Act) (Decision, error) {
	a, task, err := find(d, &s, who, act)
	if err != nil {
		return Decision{}, err
	}
	form, err := checkForm(a.Form, act.Form)
	if err != nil {
		return Decision{}, err
	}
	if err := a.allowed(d, &s, form); err != nil {
		return Decision{}, err
	}
	dec := Decision{Action: a, Task: task.No, Form: form, Events: slices.Clone(a.Events), by: who.Account}
	if err := dec.apply(d, &s, a, task); err != nil {
		return Decision{}, err
	}
	dec.dropRequests(&s)
	return dec, nil
}

// dropRequests withdraws approvals about tasks that end here: nothing is left to pause or lengthen.
func (dec *Decision) dropRequests(s *State) {
	closed := func(no int) bool {
		return slices.ContainsFunc(dec.Changes, func(c Change) bool { return c.Op == ChangeClose && c.Task == no })
	}
	for _, t := range s.Tasks {
		if t.Kind == KindApproval && t.State.Open() && closed(t.About) && !closed(t.No) {
			dec.change(Change{Op: ChangeClose, Task: t.No, State: Withdrawn})
		}
	}
}

func (dec *Decision) apply(d *Definition, s *State, a *Action, task Task) error {
	switch a.Op {
	case OpGo:
		return dec.leave(d, s, a, task)
	case OpTake:
		stage, _ := d.Stage(task.Stage)
		dec.change(Change{Op: ChangeTake, Task: task.No, Allow: stage.allowance(task.Kind).For(s.Urgency)})
	case OpMuster, OpReport, OpReject, OpUphold, OpInsist, OpAdd:
		return dec.joint(d, s, a, task)
	case OpPause, OpExtend:
		return dec.request(d, s, a)
	case OpApprove, OpRefuse:
		return dec.rule(d, s, a, task)
	case OpResume:
		if !s.Paused {
			return conflict("not-paused", "计时没有暂停", "The clock is not paused")
		}
		dec.Resume = true
	case OpAsk:
		if a.Pauses && !s.Paused {
			dec.Pause = &Pause{AtMost: a.AtMost, Reason: PauseAsked}
		}
	case OpAnswer:
		if !s.Asked {
			return conflict("not-asked", "目前没有待回答的问题", "There is no open question")
		}
		dec.Resume = s.Paused && a.Pauses
	case OpTransfer:
		return dec.transfer(d, s, a)
	case OpWithdraw:
		dec.finish(s, a.End, task)
	case OpReopen:
		return dec.reopen(d, s, a)
	}
	return nil
}

// leave ends the task and the stage it belongs to, and enters the next or ends the case.
func (dec *Decision) leave(d *Definition, s *State, a *Action, task Task) error {
	if a.End != "" {
		dec.finish(s, a.End, task)
		return nil
	}
	if a.To == "" {
		return nil // an action that only records
	}
	if stage, ok := d.Stage(task.Stage); ok && stage.Joint != nil {
		if err := stage.Joint.ready(s, task); err != nil {
			return err
		}
	}
	dec.close(s, task)
	next, _ := d.Stage(a.To)
	give := a.Give
	if give == nil {
		give = next.Actor
	}
	return dec.enter(d, s, next, give, a.Up)
}

// finish ends the case: the task acted on is done, whatever else is open is no longer needed.
func (dec *Decision) finish(s *State, end string, task Task) {
	dec.End = end
	dec.close(s, task)
	dec.Resume = s.Paused
	dec.Events = append(dec.Events, "closed")
}

// close ends the acted task as done and every other open one as withdrawn.
func (dec *Decision) close(s *State, task Task) {
	for _, t := range s.Tasks {
		switch {
		case !t.State.Open():
		case t.No == task.No:
			dec.change(Change{Op: ChangeClose, Task: t.No, State: Done})
		default:
			dec.change(Change{Op: ChangeClose, Task: t.No, State: Withdrawn})
		}
	}
	dec.Resume = s.Paused
}

// enter begins a stage with its first task.
func (dec *Decision) enter(d *Definition, s *State, stage *Stage, give *Actor, up bool) error {
	dec.Stage = stage.Name
	n := &NewTask{Kind: KindMain, Stage: stage.Name, Responsible: true,
		Take: stage.Take.For(s.Urgency), Allow: stage.Allow.For(s.Urgency)}
	actor := give
	if stage.Joint != nil {
		n.Kind, n.Take, n.Allow = KindConfirm, calendar.Allowance{}, stage.Joint.Within.For(s.Urgency)
		actor = &stage.Joint.Confirm
	}
	resolved, err := dec.actor(d, s, actor, stage.Actor)
	if err != nil {
		return err
	}
	if up {
		resolved = Actor{Post: resolved.Post, At: "up", Exclude: resolved.Exclude}
	}
	n.Actor = resolved
	dec.open(n)
	dec.Events = append(dec.Events, "given")
	return nil
}

// actor fills a model's actor from the form and the case's history. The stage's own actor lends what
// an override does not say (who may not act).
func (dec *Decision) actor(d *Definition, s *State, give, own *Actor) (Actor, error) {
	if give == nil {
		return Actor{}, fault.New(fault.Internal, "no-actor", "模型没有写明由谁办", "The model does not say who acts")
	}
	out := *give
	if out.Not == "" && own != nil {
		out.Not = own.Not
	}
	if out.Not == "handler" {
		out.Exclude = handlers(d, s, dec)
	}
	if field, ok := formField(out.Unit); ok {
		unit, _ := dec.Form[field].(string)
		if unit == "" {
			out.Unit = "duty" // left open: the category's duty unit
		} else {
			out.Unit = unit
		}
	}
	if field, ok := formField(out.Post); ok {
		post, _ := dec.Form[field].(string)
		out.Post, out.Fixed = "", post
	}
	if out.Ref != "" && out.Ref != "head" {
		t, ok := referred(d, s, out.Ref, dec.Task)
		if !ok {
			return Actor{}, conflict("nobody-before", "之前没有可以交回的办理人", "There is nobody before to give it back to")
		}
		out.Fixed = t.Post
	}
	return out, nil
}

// handlers lists the accounts that handled the case, the person acting now included when the present
// stage is a handling one.
func handlers(d *Definition, s *State, dec *Decision) []string {
	var out []string
	add := func(by string) {
		if by != "" && !slices.Contains(out, by) {
			out = append(out, by)
		}
	}
	for _, t := range s.Tasks {
		stage, ok := d.Stage(t.Stage)
		if !ok || !stage.Handles || t.Kind != KindMain && t.Kind != KindLead && t.Kind != KindMember {
			continue
		}
		for _, by := range t.By {
			add(by)
		}
		if t.No == dec.Task {
			add(dec.by)
		}
	}
	return out
}

// referred finds the earlier task a model refers to.
func referred(d *Definition, s *State, ref string, current int) (Task, bool) {
	switch ref {
	case "previous":
		return s.last(func(t Task) bool {
			// who passed the present task on, or was let go, is not the one before
			return t.No < current && t.State != Released && (t.Kind == KindMain || t.Kind == KindLead || t.Kind == KindConfirm)
		})
	case "handler":
		return s.last(func(t Task) bool {
			stage, ok := d.Stage(t.Stage)
			return ok && stage.Handles && (t.Kind == KindMain || t.Kind == KindLead) && t.State != Withdrawn
		})
	case "lead":
		return s.last(func(t Task) bool { return t.Kind == KindLead })
	case "whistler":
		return whistler(s)
	case "first":
		if len(s.Tasks) > 0 {
			return s.Tasks[0], true
		}
	}
	return Task{}, false
}

// whistler is the task whose holder called the units: the one before the last confirmation.
func whistler(s *State) (Task, bool) {
	confirm, ok := s.last(func(t Task) bool { return t.Kind == KindConfirm })
	if !ok {
		return Task{}, false
	}
	return s.last(func(t Task) bool { return t.No < confirm.No && t.Kind == KindMain })
}

func (dec *Decision) transfer(d *Definition, s *State, a *Action) error {
	t, ok := s.transferable()
	if !ok {
		return conflict("not-transferable", "现在不能转办", "It cannot be passed on at this moment")
	}
	unit, _ := dec.Form["unit"].(string)
	post, _ := dec.Form["post"].(string)
	if (unit == "") == (post == "") {
		return fault.New(fault.Invalid, "invalid-form", "请写明转给谁", "Say who it is passed on to").
			At("form.unit", "one-of", "请填单位或岗位,二选一", "Fill in either the unit or the post")
	}
	dec.change(Change{Op: ChangeClose, Task: t.No, State: Released})
	n := &NewTask{Kind: t.Kind, Stage: t.Stage, Responsible: true, Actor: Actor{Unit: unit, Fixed: post, Exclude: t.Exclude}}
	if stage, ok := d.Stage(t.Stage); ok {
		n.Allow = stage.allowance(t.Kind).For(s.Urgency)
		if stage.taken(t.Kind) {
			n.Take = a.Allow.For(s.Urgency)
		}
	}
	dec.open(n)
	dec.Events = append(dec.Events, "given")
	return nil
}

func (dec *Decision) reopen(d *Definition, s *State, a *Action) error {
	stage, _ := d.Stage(a.To)
	dec.Reopen = true
	dec.Events = append(dec.Events, "reopened")
	give := a.Give
	if give == nil {
		give = stage.Actor
	}
	return dec.enter(d, s, stage, give, false)
}

func (dec *Decision) change(c Change) { dec.Changes = append(dec.Changes, c) }

func (dec *Decision) open(n *NewTask) { dec.change(Change{Op: ChangeOpen, New: n}) }

// allowance is how long the holder of a task of this kind has once it is taken.
func (s *Stage) allowance(kind TaskKind) Allow {
	if s.Joint != nil && (kind == KindLead || kind == KindMember) {
		return s.Joint.Allow
	}
	return s.Allow
}

// taken tells whether a task of this kind can be taken, so that it may be given as an offer. Where the
// model has no such action it counts as taken when given, otherwise nobody could ever work on it.
func (s *Stage) taken(kind TaskKind) bool {
	return slices.ContainsFunc(s.Actions, func(a Action) bool { return a.Op == OpTake && slices.Contains(a.On, kind) })
}

// transferable gives the task that can be passed on: the responsible one, if it is work and not a ruling.
func (s *State) transferable() (Task, bool) {
	t, ok := s.Responsible()
	return t, ok && (t.Kind == KindMain || t.Kind == KindLead)
}

func conflict(code, zh, en string) error { return fault.New(fault.Conflict, code, zh, en) }
