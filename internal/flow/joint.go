package flow

import (
	"fmt"
	"slices"

	"linli/internal/platform/fault"
)

// mostUnits bounds how many units one whistle may call.
const mostUnits = 30

// joint decides on the actions of a joint stage: naming the units, declining, ruling, reporting.
func (dec *Decision) joint(d *Definition, s *State, a *Action, task Task) error {
	switch a.Op {
	case OpMuster:
		return dec.muster(d, s, task)
	case OpReport:
		dec.change(Change{Op: ChangeClose, Task: task.No, State: Done})
	case OpReject:
		return dec.contest(d, s, task)
	case OpUphold:
		return dec.uphold(d, s, task)
	case OpInsist:
		return dec.insist(d, s, task)
	case OpAdd:
		return dec.add(d, s)
	}
	return nil
}

func (dec *Decision) muster(d *Definition, s *State, task Task) error {
	lead, _ := dec.Form["lead"].(string)
	members, _ := dec.Form["members"].([]string)
	if len(members) > mostUnits {
		return fault.New(fault.Invalid, "invalid-form", "一次召集的单位太多", "Too many units at once").
			At("form.members", "too-many", fmt.Sprintf("最多 %d 个单位", mostUnits), fmt.Sprintf("At most %d units", mostUnits))
	}
	if slices.Contains(members, lead) {
		return fault.New(fault.Invalid, "invalid-form", "牵头单位不能同时是协办单位", "The lead cannot also be a member").
			At("form.members", "lead-is-member", "请从协办单位中去掉牵头单位", "Take the lead out of the members")
	}
	dec.change(Change{Op: ChangeClose, Task: task.No, State: Done})
	dec.call(d, s, task.Stage, KindLead, lead)
	for i, unit := range members {
		if !slices.Contains(members[:i], unit) {
			dec.call(d, s, task.Stage, KindMember, unit)
		}
	}
	dec.Events = append(dec.Events, "given")
	return nil
}

// call gives a unit its part.
func (dec *Decision) call(d *Definition, s *State, stage string, kind TaskKind, unit string) {
	st, _ := d.Stage(stage)
	dec.open(&NewTask{Kind: kind, Stage: stage, Actor: Actor{Unit: unit}, Responsible: kind == KindLead,
		Take: st.Joint.Accept.For(s.Urgency), Allow: st.Joint.Allow.For(s.Urgency)})
}

// contest stops the unit's clock and asks the confirmer to rule. Until then the confirmer answers for
// the case when it is the lead that says "not ours".
func (dec *Decision) contest(d *Definition, s *State, task Task) error {
	stage, _ := d.Stage(task.Stage)
	confirm, ok := s.last(func(t Task) bool { return t.Kind == KindConfirm })
	if !ok {
		return conflict("nobody-before", "没有可以裁定的人", "There is nobody to rule on it")
	}
	dec.change(Change{Op: ChangeContest, Task: task.No})
	dec.open(&NewTask{Kind: KindRuling, Stage: task.Stage, About: task.No, Responsible: task.Responsible,
		Actor: Actor{Fixed: confirm.Post}, Allow: stage.Joint.Ruling.For(s.Urgency)})
	return nil
}

func (dec *Decision) uphold(d *Definition, s *State, ruling Task) error {
	about, ok := s.task(ruling.About)
	if !ok || about.State != Contested {
		return conflict("ruled", "这项退回已有裁定", "This has been ruled on already")
	}
	unit, _ := dec.Form["unit"].(string)
	dec.change(Change{Op: ChangeClose, Task: about.No, State: Released})
	dec.change(Change{Op: ChangeClose, Task: ruling.No, State: Done})
	if about.Kind == KindLead && unit == "" {
		return fault.New(fault.Invalid, "invalid-form", "退回的是牵头单位,请另定一个牵头单位", "The lead is let go; name another lead").
			At("form.unit", "required", "请选新的牵头单位", "Choose the new lead")
	}
	if unit != "" {
		dec.call(d, s, about.Stage, about.Kind, unit)
		dec.Events = append(dec.Events, "given")
	}
	return nil
}

func (dec *Decision) insist(d *Definition, s *State, ruling Task) error {
	about, ok := s.task(ruling.About)
	if !ok || about.State != Contested {
		return conflict("ruled", "这项退回已有裁定", "This has been ruled on already")
	}
	stage, _ := d.Stage(about.Stage)
	dec.change(Change{Op: ChangeClose, Task: ruling.No, State: Done})
	dec.change(Change{Op: ChangeContinue, Task: about.No, Responsible: about.Kind == KindLead, Allow: stage.Joint.Allow.For(s.Urgency)})
	return nil
}

func (dec *Decision) add(d *Definition, s *State) error {
	stage, ok := d.Stage(s.Stage)
	if !ok || stage.Joint == nil {
		return conflict("not-joint", "现在不是会办环节", "The case is not handled jointly at this moment")
	}
	if _, named := s.last(func(t Task) bool { return t.Kind == KindLead && t.State.Open() }); !named {
		return conflict("no-lead", "还没有确定牵头单位", "No lead has been named yet")
	}
	unit, _ := dec.Form["unit"].(string)
	dec.call(d, s, stage.Name, KindMember, unit)
	dec.Events = append(dec.Events, "given")
	return nil
}

// ready tells whether the lead may conclude under the join rule.
func (j *Joint) ready(s *State, acting Task) error {
	if acting.Kind != KindLead {
		return nil
	}
	var open, done int
	wrong := conflictError("members-open", "协办单位还没有全部反馈,暂不能办结会办", "Not every member has reported yet")
	for _, t := range s.Tasks {
		if t.Kind != KindMember || t.Stage != acting.Stage || t.No < acting.No && !sameMuster(s, acting, t) {
			continue
		}
		switch {
		case t.State.Open():
			open++
			wrong.At(fmt.Sprintf("tasks[%d]", t.No), "open", t.Post+" 还没有反馈", t.Post+" has not reported")
		case t.State == Done:
			done++
		}
	}
	switch {
	case j.Join == JoinAll && open > 0, j.Join == JoinAny && open > 0 && done == 0:
		return wrong
	}
	return nil
}

// sameMuster tells whether the member was called by the same confirmation as the lead: a lead named
// later by a ruling comes after its members.
func sameMuster(s *State, lead, member Task) bool {
	confirm, ok := s.last(func(t Task) bool { return t.Kind == KindConfirm && t.No < lead.No })
	return ok && member.No > confirm.No
}

func conflictError(code, zh, en string) *fault.Error { return fault.New(fault.Conflict, code, zh, en) }
