package flow

import (
	"fmt"
	"slices"
	"strings"

	"linli/internal/calendar"
	"linli/internal/platform/fault"
)

// Offer is an action somebody may take now.
type Offer struct {
	Action  *Action
	Task    int  // the task it would be done on; 0: the case
	Primary bool // the usual next step
}

// Offers lists what a person may do with a case at this moment, in the order of the model. Actions
// whose guard depends on the form are listed and judged when taken.
func Offers(d *Definition, s State, who Who) []Offer {
	var out []Offer
	for _, a := range d.possible(&s) {
		for _, t := range a.targets(&s) {
			if !a.may(&s, who, t) || !a.fits(&s, t) || a.exhausted(&s) != nil || a.late(&s) != nil {
				continue
			}
			if a.When != nil && a.When.check(&s, nil) != nil && len(a.Form) == 0 {
				continue
			}
			primary := len(out) == 0 && t.No != 0 && t.Responsible
			out = append(out, Offer{Action: a, Task: t.No, Primary: primary})
		}
	}
	return out
}

// possible lists the actions of the case's present situation.
func (d *Definition) possible(s *State) []*Action {
	out := make([]*Action, 0, 32)
	pick := func(list []Action) {
		for i := range list {
			out = append(out, &list[i])
		}
	}
	if s.End != "" {
		pick(d.After)
		return out
	}
	if stage, ok := d.Stage(s.Stage); ok {
		pick(stage.Actions)
	}
	pick(d.Standing)
	return out
}

// find looks up the action by name and the task it is done on.
func find(d *Definition, s *State, who Who, act Act) (*Action, Task, error) {
	var known, shown bool
	var why error
	for _, a := range d.possible(s) {
		if a.Name != act.Name {
			continue
		}
		known = true
		for _, t := range a.targets(s) {
			if act.Task != 0 && t.No != 0 && t.No != act.Task || !a.fits(s, t) {
				continue
			}
			shown = true
			if a.may(s, who, t) {
				return a, t, nil
			}
			if why == nil {
				why = a.notAllowed(d, s, who, t)
			}
		}
	}
	switch {
	case why != nil:
		return nil, Task{}, why
	case known && !shown:
		return nil, Task{}, conflict("not-now", "这一步现在不能做,请刷新后再看", "This cannot be done at the present step; reload and look again")
	case d.names(act.Name):
		return nil, Task{}, conflict("not-at-this-stage", "事项已不在这一步,请刷新后再看", "The case is no longer at that step; reload and look again")
	}
	return nil, Task{}, fault.Newf(fault.Invalid, "unknown-action", "没有“%[1]s”这个操作", "There is no action %[1]q", act.Name).
		At("action", "unknown", "可用的操作见事项的 actions", "See the case's actions for those possible")
}

func (d *Definition) names(action string) bool {
	has := func(list []Action) bool {
		return slices.ContainsFunc(list, func(a Action) bool { return a.Name == action })
	}
	return has(d.Standing) || has(d.After) || slices.ContainsFunc(d.Stages, func(s Stage) bool { return has(s.Actions) })
}

// targets lists the open tasks the action could be done on; the zero task stands for the case.
func (a *Action) targets(s *State) []Task {
	if len(a.On) == 0 {
		return []Task{{}}
	}
	var out []Task
	for _, t := range s.Tasks {
		if t.State.Open() && slices.Contains(a.On, t.Kind) && (t.Stage == s.Stage || s.End != "") {
			out = append(out, t)
		}
	}
	return out
}

// fits tells whether the task is in the state that the action starts from.
func (a *Action) fits(s *State, t Task) bool {
	switch a.Op {
	case OpTake:
		return t.State == Offered
	case OpReport:
		return t.State == Taken
	case OpReject:
		return t.State == Offered || t.State == Taken
	case OpGo:
		// work is done by who has taken it; a stage without "take" gives it taken
		return t.No == 0 || t.State == Taken || t.State == Offered && a.Untaken
	case OpPause:
		return !s.Paused
	case OpApprove:
		// the clocks stand already, for a question: approve once they run again, or refuse
		return t.Request == nil || t.Request.Op != OpPause || !s.Paused
	case OpTransfer:
		_, ok := s.transferable()
		return ok
	case OpResume:
		return s.Paused && !(s.Asked && a.Pauses)
	case OpAnswer:
		return s.Asked
	case OpAsk:
		return !s.Asked && !(s.Paused && a.Pauses) // the answer would end a pause granted for another reason
	case OpRate:
		return s.Rating == 0
	}
	return true
}

// may tells whether the person is one of those the action names.
func (a *Action) may(s *State, who Who, t Task) bool {
	if who.System {
		return true
	}
	return slices.ContainsFunc(a.By, func(by string) bool { return who.is(by, s, t) }) && !who.excluded(s, t)
}

func (who Who) is(by string, s *State, t Task) bool {
	holds := func(t Task, ok bool) bool { return ok && who.Holds != nil && who.Holds(t) }
	switch by {
	case "holder":
		return holds(t, t.No != 0)
	case "handler":
		return holds(s.Responsible())
	case "involved":
		return who.Holds != nil && slices.ContainsFunc(s.Tasks, who.Holds)
	case "confirmer":
		return holds(s.last(func(t Task) bool { return t.Kind == KindConfirm }))
	case "whistler":
		return holds(whistler(s))
	case "reporter":
		return who.Reporter
	}
	return slices.Contains(who.Roles, by)
}

// excluded tells whether this very person was ruled out when the task was given (the handler does not
// verify the own work).
func (who Who) excluded(s *State, t Task) bool {
	return who.Account != "" && slices.Contains(t.Exclude, who.Account)
}

func (a *Action) notAllowed(d *Definition, s *State, who Who, t Task) error {
	if who.excluded(s, t) && t.Kind == KindApproval {
		return fault.New(fault.Forbidden, "own-request", "自己的申请不能自己批,请由他人审批", "Nobody decides on the own request; somebody else must")
	}
	if who.excluded(s, t) {
		return fault.New(fault.Forbidden, "not-by-handler", "办理人不能核查自己办的事,请由他人核查", "Whoever handled it may not verify it; somebody else must")
	}
	var zh, en []string
	for _, by := range a.By {
		title := d.personTitle(by)
		zh, en = append(zh, title.ZH), append(en, title.EN)
	}
	return fault.New(fault.Forbidden, "not-yours", "这一步不归您办,由"+strings.Join(zh, "、")+"办", "This step is not yours to take; it is for "+strings.Join(en, ", "))
}

// allowed checks what the model says beyond who: the guard, how often, how long after the end.
func (a *Action) allowed(d *Definition, s *State, form map[string]any) error {
	if err := a.exhausted(s); err != nil {
		return err
	}
	if err := a.late(s); err != nil {
		return err
	}
	if a.When != nil {
		return a.When.check(s, form)
	}
	return nil
}

func (a *Action) exhausted(s *State) error {
	used := 0
	switch a.Op {
	case OpPause:
		used = s.Pauses
	case OpExtend:
		used = s.Extensions
	case OpReopen:
		used = s.Reopens
	}
	if a.Times > 0 && used >= a.Times {
		return fault.New(fault.Conflict, "used-up", fmt.Sprintf("最多 %d 次,已用完", a.Times), fmt.Sprintf("Possible %d time(s), all used", a.Times))
	}
	return nil
}

// late tells whether the time after the end has run out. Such periods are plain clock time: days here
// are 24 hours each since the end.
func (a *Action) late(s *State) error {
	if s.EndedAt.IsZero() || a.Within.Amount == 0 {
		return nil
	}
	minutes := a.Within.Amount
	if a.Within.Measure == calendar.Days || a.Within.Measure == calendar.WorkingDays {
		minutes *= 24 * 60
	}
	if int64(s.Now.Sub(s.EndedAt).Minutes()) > minutes {
		text := a.Within.Text()
		return fault.New(fault.Conflict, "too-late", "已过期限(办结后 "+text.ZH+" 内)", "Too late (possible within "+text.EN+" of the end)")
	}
	return nil
}

func formField(ref string) (string, bool) { return strings.CutPrefix(ref, "form.") }
