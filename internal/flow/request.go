package flow

import (
	"slices"

	"linli/internal/calendar"
	"linli/internal/platform/fault"
)

// request asks for a pause or an extension: done at once, or after an approval.
func (dec *Decision) request(d *Definition, s *State, a *Action) error {
	if a.Op == OpPause && s.Paused {
		return conflict("paused", "计时已经暂停", "The clock is paused already")
	}
	if _, ok := s.last(func(t Task) bool { return t.Kind == KindApproval && t.State.Open() }); ok {
		return conflict("awaiting-approval", "已有一项申请在等审批", "A request is waiting for approval already")
	}
	main, ok := s.Responsible()
	if !ok {
		return conflict("no-task", "现在没有人在办", "Nobody has the case at this moment")
	}
	if days := formDays(dec.Form); a.Op == OpExtend && a.AtMost.Amount > 0 && days > a.AtMost.Amount {
		text := a.AtMost.Text()
		return fault.New(fault.Invalid, "invalid-form", "延期太长", "The extension is too long").
			At("form.days", "too-large", "最多延长 "+text.ZH, "At most "+text.EN)
	}
	if a.Approve == nil {
		return dec.grant(a, &Request{Op: a.Op, Form: dec.Form}, main.No)
	}
	approver, err := dec.actor(d, s, a.Approve, nil)
	if err != nil {
		return err
	}
	if dec.by != "" && !slices.Contains(approver.Exclude, dec.by) {
		approver.Exclude = append(approver.Exclude, dec.by) // nobody approves the own request
	}
	dec.open(&NewTask{Kind: KindApproval, Stage: s.Stage, Actor: approver, About: main.No,
		Allow: a.Allow.For(s.Urgency), Request: &Request{Op: a.Op, Form: dec.Form}})
	return nil
}

// rule decides on a request.
func (dec *Decision) rule(d *Definition, s *State, a *Action, approval Task) error {
	if approval.Request == nil {
		return conflict("no-request", "这里没有要审批的申请", "There is no request to decide on")
	}
	dec.change(Change{Op: ChangeClose, Task: approval.No, State: Done})
	if a.Op == OpRefuse {
		return nil
	}
	if about, ok := s.task(approval.About); !ok || !about.State.Open() {
		return conflict("too-late", "这项工作已经办完,不用再批", "That task is over; there is nothing left to approve")
	}
	for i := range d.Standing {
		if asked := &d.Standing[i]; asked.Op == approval.Request.Op {
			return dec.grant(asked, approval.Request, approval.About)
		}
	}
	return conflict("no-request", "模型不再允许这种申请", "The model does not allow this request")
}

func (dec *Decision) grant(a *Action, r *Request, task int) error {
	if r.Op == OpPause {
		reason, _ := r.Form["reason"].(string)
		dec.Pause = &Pause{AtMost: a.AtMost, Reason: reason}
		return nil
	}
	measure := a.AtMost.Measure
	if measure == "" {
		measure = calendar.WorkingDays
	}
	dec.Extend = calendar.Allowance{Measure: measure, Amount: formDays(r.Form)}
	dec.Extends = task
	return nil
}

// formDays reads the number of days asked for; a stored request has been through JSON.
func formDays(form map[string]any) int64 {
	switch v := form["days"].(type) {
	case int64:
		return v
	case int:
		return int64(v)
	case float64:
		return int64(v)
	}
	return 0
}
