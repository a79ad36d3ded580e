package casework

import (
	"fmt"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/category"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// effect carries out what an action does beyond hand-overs and clocks, and says which posts to tell.
func (s *Service) effect(tx *database.Tx, actor *staff.Actor, c *Case, dec flow.Decision, entry *Entry) ([]staff.Post, error) {
	if err := s.checkFiles(tx, c, dec); err != nil {
		return nil, err
	}
	told := c.holder()
	switch dec.Action.Op {
	case flow.OpAsk:
		c.Asked = true
		return nil, nil
	case flow.OpAnswer:
		c.Asked = false
		return told, nil
	case flow.OpNote:
		if slices.ContainsFunc(told, actor.Holds) {
			return nil, nil // the holder's own note
		}
		return told, nil
	case flow.OpUrge, flow.OpResume, flow.OpApprove, flow.OpRefuse, flow.OpReopen:
		return told, nil
	case flow.OpSupervise:
		c.Supervised = true
		return told, nil
	case flow.OpRate:
		score, _ := dec.Form["score"].(int64)
		c.Rating = int(score)
		return s.rated(c, dec), nil
	case flow.OpCallBack:
		return s.rated(c, dec), nil
	case flow.OpRateUnit:
		return ratedUnit(tx, c, dec)
	case flow.OpCorrect:
		return told, s.correct(tx, actor, c, dec, entry)
	}
	if dec.End == "merged" {
		return nil, s.merge(tx, actor, c, dec, entry)
	}
	return nil, nil
}

// holder is who answers for the case now, as a list to tell.
func (c *Case) holder() []staff.Post {
	if t := c.owner(); t != nil {
		return []staff.Post{t.Holder}
	}
	return nil
}

// rated tells the last handler, and the first receiver who stays responsible for following up.
func (s *Service) rated(c *Case, dec flow.Decision) []staff.Post {
	var told []staff.Post
	for i := len(c.Tasks) - 1; i >= 0; i-- {
		if t := &c.Tasks[i]; t.State == flow.Done && t.Responsible {
			told = append(told, s.reach(t.Post))
			break
		}
	}
	if first := s.reach(c.FirstPost); first != "" && !slices.Contains(told, first) {
		told = append(told, first)
	}
	return told
}

// reach is who reads a word meant for a post that had the case before: its successor where the area was
// reorganised, its stand-in where it is vacant.
func (s *Service) reach(post staff.Post) staff.Post {
	if post == "" {
		return ""
	}
	tree := s.areas.Tree()
	if a, ok := tree.Area(post.Place()); ok && a.Closed {
		if now := tree.Current(a.Code); len(now) > 0 {
			post = staff.MakePost(post.Role(), now[0].Code)
		}
	}
	return s.cover(post, s.db.Now()).holder
}

// ratedUnit checks that the hand-over rated is a unit's part of a muster, once each, and tells the unit.
func ratedUnit(tx *database.Tx, c *Case, dec flow.Decision) ([]staff.Post, error) {
	no, _ := dec.Form["task"].(int64)
	t := c.Task(int(no))
	if t == nil || t.Kind != flow.KindLead && t.Kind != flow.KindMember {
		return nil, fault.New(fault.Invalid, "invalid-form", "请选择要评价的到场单位", "Choose the unit to rate").
			At("form.task", "not-a-unit", "这一项不是会办单位的任务", "That hand-over is no unit's part of a muster")
	}
	before, err := timeline(tx, c.ID, 0)
	if err != nil {
		return nil, err
	}
	for _, e := range before {
		if rated, _ := e.Data.Form["task"].(float64); e.Action == dec.Action.Name && int64(rated) == no {
			return nil, fault.New(fault.Conflict, "rated", "这个单位已评价过", "This unit has been rated already")
		}
	}
	return []staff.Post{t.Holder}, nil
}

// correct changes facts of the case: category, urgency, area, who may see it. Each change stands in the
// timeline with before and after. A new urgency starts the present clocks again from their own starts.
func (s *Service) correct(tx *database.Tx, actor *staff.Actor, c *Case, dec flow.Decision, entry *Entry) error {
	fields := map[string][2]any{}
	wrong := fault.New(fault.Invalid, "invalid-form", "更正内容有误", "The correction needs correcting")
	text := func(key string) (string, bool) { v, ok := dec.Form[key].(string); return v, ok && v != "" }
	if code, ok := text("category"); ok && code != c.Category {
		cat, known := s.categories.Get(code)
		if !known {
			wrong.At("form.category", "unknown", "没有这个分类代码", "There is no such category code")
		}
		fields["category"] = [2]any{c.Category, code}
		c.Category, c.Why.Category = code, "chosen"
		if known && cat.Kind != "" {
			c.Kind = cat.Kind
		}
		if known {
			hide(c, cat, dec.Form, fields)
		}
	}
	if code, ok := text("area"); ok && code != c.Area {
		a, known := s.areas.Tree().Area(code)
		switch {
		case !known || a.Closed:
			wrong.At("form.area", "unknown", "没有这个区域,或它已撤销", "There is no such area, or it has been closed")
		case !actor.System() && !s.mayMove(actor, c, a):
			wrong.At("form.area", "not-permitted", "只能移到您管辖范围内的区域;其他区域请上报一级", "You may move it only within your own area; send it up a level for others")
		default:
			fields["area"] = [2]any{c.Area, code}
			c.Area, c.Path = code, a.Path
			c.Why.How, c.Why.Confidence, c.Why.Ask = "chosen", 1, false
		}
	}
	if urgency, ok := text("urgency"); ok && urgency != c.Urgency {
		if !slices.Contains(flow.Urgencies, urgency) {
			wrong.At("form.urgency", "unknown", "紧急程度须为 "+strings.Join(flow.Urgencies, "、"), "The urgency must be one of "+strings.Join(flow.Urgencies, ", "))
		} else {
			fields["urgency"] = [2]any{c.Urgency, urgency}
			c.Urgency = urgency
			before := c.dues()
			if err := s.rewind(tx, c); err != nil {
				return err
			}
			entry.Data.Clock = moved(before, c.dues())
		}
	}
	flag := func(key string, value *bool) {
		if v, ok := dec.Form[key].(bool); ok && v != *value {
			fields[key] = [2]any{*value, v}
			*value = v
		}
	}
	flag("confidential", &c.Confidential)
	flag("public", &c.Public)
	if c.Confidential && c.Public {
		if dec.Form["public"] == true {
			wrong.At("form.public", "confidential", "保密事项不能公开", "A confidential case cannot be public")
		}
		fields["public"] = [2]any{true, false}
		c.Public = false
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	if len(fields) == 0 {
		return fault.New(fault.Invalid, "nothing-changed", "没有要更正的内容", "Nothing would change")
	}
	entry.Data.Fields = fields
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

// merge ties the case to the one it duplicates (并案): the original goes on for both.
func (s *Service) merge(tx *database.Tx, actor *staff.Actor, c *Case, dec flow.Decision, entry *Entry) error {
	ref, _ := dec.Form["original"].(string)
	original, err := find(tx, ref)
	if err != nil {
		return fmt.Errorf("looking for the original: %w", err)
	}
	if original != nil { // who has it in hand sees it, too
		if err := loadTasks(tx, original); err != nil {
			return err
		}
	}
	bad := func(code, zh, en string) error {
		return fault.New(fault.Invalid, "invalid-form", "并案目标不对", "The original does not fit").At("form.original", code, zh, en)
	}
	switch {
	case original == nil || !s.sees(actor, original):
		return bad("unknown-case", "没有这个事项,或您无权查看", "There is no such case, or you may not see it")
	case original.ID == c.ID:
		return bad("itself", "不能并入自己", "A case cannot be merged into itself")
	case original.MergedInto != "":
		return bad("merged", "它自己已并入别的事项,请并入那一件", "It has been merged itself; merge into that one")
	case original.Confidential && !c.Confidential:
		return bad("confidential", "不能把公开事项并入保密事项", "An open case cannot be merged into a confidential one")
	}
	c.MergedInto, entry.Data.Case = original.ID, original.ID
	base := original.Version
	if err := record(tx, original, Entry{Account: entry.Account, Action: "merged_in", Data: EntryData{Case: c.ID, By: entry.Data.By}}); err != nil {
		return err
	}
	return save(tx, original, base, nil)
}

// find reads a case by id or by its number for people; nil when there is none.
func find(tx *database.Tx, ref string) (*Case, error) {
	query, arg := `SELECT `+caseColumns+` FROM cases WHERE id = $1`, any(strings.ToLower(ref))
	if serial, ok := serialOf(ref); ok {
		query, arg = `SELECT `+caseColumns+` FROM cases WHERE serial = $1`, serial
	}
	c, found, err := database.One(tx, scanCase, query+tx.Lock(), arg)
	if err != nil || !found {
		return nil, err
	}
	return c, nil
}
