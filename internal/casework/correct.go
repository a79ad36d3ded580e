package casework

import (
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/category"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// correction is a change of facts under way: what the form says, what is wrong with it, and each fact
// that changes with before and after.
type correction struct {
	c      *Case
	form   map[string]any
	wrong  *fault.Error
	fields map[string][2]any
}

// text is what the form says of a field, if it says anything else than the case has now.
func (k *correction) text(key, now string) (string, bool) {
	v, _ := k.form[key].(string)
	return v, v != "" && v != now
}

// flag takes a yes or no of the form over.
func (k *correction) flag(key string, value *bool) {
	if v, ok := k.form[key].(bool); ok && v != *value {
		k.fields[key] = [2]any{*value, v}
		*value = v
	}
}

// correct changes facts of the case: category, urgency, area, who may see it. Each change stands in the
// timeline with before and after. A new urgency starts the present clocks again from their own starts.
func (s *Service) correct(tx *database.Tx, actor *staff.Actor, c *Case, dec flow.Decision, entry *Entry) error {
	k := &correction{c: c, form: dec.Form, fields: map[string][2]any{},
		wrong: fault.New(fault.Invalid, "invalid-form", "更正内容有误", "The correction needs correcting")}
	s.correctCategory(k)
	s.correctArea(k, actor)
	if err := s.correctUrgency(tx, k, entry); err != nil {
		return err
	}
	k.flag("confidential", &c.Confidential)
	k.flag("public", &c.Public)
	if c.Confidential && c.Public {
		if dec.Form["public"] == true {
			k.wrong.At("form.public", "confidential", "保密事项不能公开", "A confidential case cannot be public")
		}
		k.fields["public"] = [2]any{true, false}
		c.Public = false
	}
	if len(k.wrong.Fields) > 0 {
		return k.wrong
	}
	if len(k.fields) == 0 {
		return fault.New(fault.Invalid, "nothing-changed", "没有要更正的内容", "Nothing would change")
	}
	entry.Data.Fields = k.fields
	return nil
}

func (s *Service) correctCategory(k *correction) {
	code, ok := k.text("category", k.c.Category)
	if !ok {
		return
	}
	cat, known := s.categories.Get(code)
	if !known {
		k.wrong.At("form.category", "unknown", "没有这个分类代码", "There is no such category code")
		return
	}
	k.fields["category"] = [2]any{k.c.Category, code}
	k.c.Category, k.c.Why.Category = code, "chosen"
	if cat.Kind != "" {
		k.c.Kind = cat.Kind
	}
	hide(k.c, cat, k.form, k.fields)
}

func (s *Service) correctArea(k *correction, actor *staff.Actor) {
	code, ok := k.text("area", k.c.Area)
	if !ok {
		return
	}
	a, known := s.areas.Tree().Area(code)
	switch {
	case !known || a.Closed:
		k.wrong.At("form.area", "unknown", "没有这个区域,或它已撤销", "There is no such area, or it has been closed")
	case !actor.System() && !s.mayMove(actor, k.c, a):
		k.wrong.At("form.area", "not-permitted", "只能移到您管辖范围内的区域;其他区域请上报一级", "You may move it only within your own area; send it up a level for others")
	default:
		k.fields["area"] = [2]any{k.c.Area, code}
		k.c.Area, k.c.Path = code, a.Path
		k.c.Why.How, k.c.Why.Confidence, k.c.Why.Ask = "chosen", 1, false
	}
}

func (s *Service) correctUrgency(tx *database.Tx, k *correction, entry *Entry) error {
	urgency, ok := k.text("urgency", k.c.Urgency)
	if !ok {
		return nil
	}
	if !slices.Contains(flow.Urgencies, urgency) {
		k.wrong.At("form.urgency", "unknown", "缓急须为 "+strings.Join(flow.Urgencies, "、"), "The urgency must be one of "+strings.Join(flow.Urgencies, ", "))
		return nil
	}
	k.fields["urgency"] = [2]any{k.c.Urgency, urgency}
	k.c.Urgency = urgency
	before := k.c.dues()
	if err := s.rewind(tx, k.c); err != nil {
		return err
	}
	entry.Data.Clock = moved(before, k.c.dues())
	return nil
}

// hide takes the secrecy of a corrected category along, unless the form says otherwise. It never makes
// public or opens what was closed: that is somebody's decision.
func hide(c *Case, cat category.Category, form map[string]any, fields map[string][2]any) {
	if _, said := form["public"]; !said && c.Public && !cat.Public {
		fields["public"] = [2]any{true, false}
		c.Public = false
	}
	if _, said := form["confidential"]; !said && !c.Confidential && cat.Confidential {
		fields["confidential"] = [2]any{false, true}
		c.Confidential = true
	}
}

// mayMove: a case may be moved by who dispatches both where it is and where it goes, or within a
// common area they serve.
func (s *Service) mayMove(actor *staff.Actor, c *Case, to area.Area) bool {
	return actor.May("case.correct", to.Path) || actor.May("case.dispatch", to.Path)
}

// rewind starts the running clocks again from their own starts under the case's new urgency.
func (s *Service) rewind(tx *database.Tx, c *Case) error {
	d, err := s.model(tx, c.Model)
	if err != nil {
		return err
	}
	again := func(k *Clock, a flow.Allow) {
		allow := a.For(c.Urgency)
		if !a.Set() || allow == k.Allow || !k.Stopped.IsZero() {
			return
		}
		k.Allow = allow
		cal := s.calendarOf(c.Area)
		if k.Calendar != "" {
			cal = s.calendar(k)
		}
		*k = k.replay(cal)
		k.Sent = 0
		if !c.PausedAt.IsZero() {
			k.pause(cal, tx.Now) // one that had no deadline before has to stand as the others do
		}
	}
	again(&c.Clock, d.Overall)
	var touched []int
	for i := range c.Tasks {
		t := &c.Tasks[i]
		stage, ok := d.Stage(t.Stage)
		if !ok || !t.Open() || t.Kind == flow.KindApproval {
			continue
		}
		now, later := stageAllow(stage, t.Kind)
		t.Handle = later.For(c.Urgency)
		if t.State == flow.Offered {
			again(&t.Clock, now)
		} else {
			again(&t.Clock, later)
		}
		touched = append(touched, t.No)
	}
	return saveTasks(tx, c, touched)
}

// stageAllow is what a stage allows a hand-over of this kind: to take it, and once it is taken.
func stageAllow(stage *flow.Stage, kind flow.TaskKind) (take, handle flow.Allow) {
	j := stage.Joint
	switch {
	case j == nil:
		return stage.Take, stage.Allow
	case kind == flow.KindConfirm:
		return flow.Allow{}, j.Within
	case kind == flow.KindRuling:
		return flow.Allow{}, j.Ruling
	}
	return j.Accept, j.Allow
}
