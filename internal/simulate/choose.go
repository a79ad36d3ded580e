package simulate

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/flow"
)

// choice is an action that will be taken.
type choice struct {
	action   *flow.Action
	task     int
	form     map[string]any
	original *tracked // the case that the form names as the one this is a duplicate of
}

// choose gives what whoever holds a hand-over does, out of what is offered at this moment; what was refused is not
// tried twice. Whatever the model, it is the operation that counts: take, rule, approve, leave the stage.
func (e *engine) choose(s sight, h *casework.Task, refused []string) (choice, bool) {
	r := e.draw(s.c, "choose/"+strconv.Itoa(h.No))
	for _, o := range e.wishes(s, h, r) {
		if slices.Contains(refused, o.Action.Name) {
			continue
		}
		if c, ok := e.fillIn(s, h, o, r); ok {
			return c, true
		}
	}
	return choice{}, false
}

// wishes lists what they would do, best first.
func (e *engine) wishes(s sight, h *casework.Task, r *rand.Rand) (out []flow.Offer) {
	mine := make([]flow.Offer, 0, len(s.offers))
	for _, o := range s.offers {
		if o.Task == h.No {
			mine = append(mine, o)
		}
	}
	likely := func(rate float64, yes, no flow.Op) []flow.Offer {
		if r.Float64() >= rate {
			yes, no = no, yes
		}
		for _, op := range []flow.Op{yes, no} {
			if o, ok := offered(mine, op, h.No); ok {
				out = append(out, o)
			}
		}
		return out
	}
	switch {
	case h.Kind == flow.KindApproval:
		return likely(e.staff.Approve, flow.OpApprove, flow.OpRefuse)
	case h.Kind == flow.KindRuling:
		return likely(e.staff.Uphold, flow.OpUphold, flow.OpInsist)
	case h.State == flow.Offered:
		return e.onArrival(s, h, mine, r)
	case h.Kind == flow.KindMember:
		return likely(1, flow.OpReport, flow.OpReject)
	}
	if o, ok := offered(mine, flow.OpMuster, h.No); ok && r.Float64() >= e.rateOf(s, h, "turn_down") {
		out = append(out, o)
	}
	out = append(out, e.requests(s, h, r)...)
	return append(out, e.leave(s, h, mine, r)...)
}

// onArrival: what was offered is taken, or handed back as not ours.
func (e *engine) onArrival(s sight, h *casework.Task, mine []flow.Offer, r *rand.Rand) (out []flow.Offer) {
	back := r.Float64()
	for _, o := range mine {
		switch {
		case o.Action.Op == flow.OpReject && back < e.staff.Decline,
			o.Action.Op == flow.OpGo && o.Action.Untaken && back < e.rateOf(s, h, o.Action.Name):
			out = append(out, o)
		}
	}
	if o, ok := offered(mine, flow.OpTake, h.No); ok {
		out = append(out, o)
	}
	return out
}

// requests are what is asked for on the way, each at most once a case.
func (e *engine) requests(s sight, h *casework.Task, r *rand.Rand) (out []flow.Offer) {
	stage, ok := s.model.Stage(h.Stage)
	if !ok || !stage.Handles && h.Kind != flow.KindLead {
		return nil
	}
	for _, q := range [...]struct {
		op   flow.Op
		rate float64
	}{{flow.OpAsk, e.staff.Ask}, {flow.OpPause, e.staff.Pause}, {flow.OpExtend, e.staff.Extend}, {flow.OpTransfer, e.staff.Transfer}, {flow.OpNote, e.staff.Note}} {
		if chance := r.Float64(); chance >= q.rate {
			continue
		}
		o, ok := offered(s.offers, q.op, 0)
		if ok && !s.t.did(o.Action.Name) && !approving(s.c) {
			out = append(out, o)
		}
	}
	return out
}

// approving tells whether a request waits for its approval.
func approving(c *casework.Case) bool {
	return slices.ContainsFunc(c.Tasks, func(t casework.Task) bool { return t.Open() && t.Kind == flow.KindApproval })
}

// leave chooses the way on: by the rates of the staffing file, and for what is left over the model's first
// action without a rate. The others stand behind it, for the case that the first is refused.
func (e *engine) leave(s sight, h *casework.Task, mine []flow.Offer, r *rand.Rand) []flow.Offer {
	var usual, rated []flow.Offer
	chance, sum := r.Float64(), 0.0
	chosen := -1
	for _, o := range mine {
		a := o.Action
		if a.Op != flow.OpGo || a.To == "" && a.End == "" {
			continue
		}
		rate, ok := e.staff.rate(a.Name, s.model.Name, h.Stage, s.c.Category, s.c.Urgency)
		if !ok {
			usual = append(usual, o)
			continue
		}
		sum += rate
		if chosen < 0 && chance < sum && rate > 0 {
			chosen = len(rated)
		}
		rated = append(rated, o)
	}
	var out []flow.Offer
	if chosen >= 0 {
		out = append(out, rated[chosen])
	}
	out = append(out, usual...)
	for i, o := range rated {
		if i != chosen {
			out = append(out, o)
		}
	}
	return out
}

func (e *engine) rateOf(s sight, h *casework.Task, action string) float64 {
	rate, _ := e.staff.rate(action, s.model.Name, h.Stage, s.c.Category, s.c.Urgency)
	return rate
}

// fillIn makes a choice of an offer if its form can be filled in. h is nil for somebody who does not have the case.
func (e *engine) fillIn(s sight, h *casework.Task, o flow.Offer, r *rand.Rand) (choice, bool) {
	out := choice{action: o.Action, task: o.Task, form: make(map[string]any, len(o.Action.Form))}
	for i := range o.Action.Form {
		f := &o.Action.Form[i]
		if f.Type == flow.TypeCase {
			out.original = e.original(s.c, h)
			if out.original == nil {
				return out, false
			}
			out.form[f.Key] = out.original.c.ID
			continue
		}
		value, ok := e.fill(s, h, o.Action, f, r)
		if !ok {
			if f.Required {
				return out, false
			}
			continue
		}
		out.form[f.Key] = value
	}
	if members, ok := out.form["members"].([]string); ok {
		out.form["members"] = slices.DeleteFunc(members, func(code string) bool { return code == out.form["lead"] })
	}
	if o.Action.Op == flow.OpTransfer {
		if _, ok := out.form["unit"]; !ok {
			return out, false
		}
	}
	return out, true
}

// fill gives the value of one field, as a person would; false leaves it empty.
func (e *engine) fill(s sight, h *casework.Task, a *flow.Action, f *flow.FormField, r *rand.Rand) (any, bool) {
	switch f.Type {
	case flow.TypeText, flow.TypeLine:
		return e.text(a.Op, f, r)
	case flow.TypeInteger:
		return e.integer(f, r), f.Required
	case flow.TypeBool:
		return truth(s.model, a, f, r), f.Required
	case flow.TypeDate:
		return e.now.In(beijing).AddDate(0, 0, 3+r.IntN(10)).Format(time.DateOnly), f.Required
	case flow.TypeChoice:
		return f.Choices[r.IntN(len(f.Choices))].Value, f.Required && len(f.Choices) > 0
	case flow.TypeChoices:
		return []string{f.Choices[r.IntN(len(f.Choices))].Value}, f.Required && len(f.Choices) > 0
	case flow.TypeUnit:
		return e.unit(s.c, h, a, f, r)
	case flow.TypeUnits:
		if f.Key != "members" {
			return nil, false
		}
		return e.members(s.c, r), true
	case flow.TypeTask:
		return taskToRate(s.c)
	}
	return nil, false // posts and files are not made up
}

// text is what people write in a field: in this kind of step, else in any.
func (e *engine) text(op flow.Op, f *flow.FormField, r *rand.Rand) (any, bool) {
	if !f.Required && f.Key != "note" && f.Key != "comment" {
		return nil, false // category, area and the like stay as they are
	}
	list := e.staff.Words[string(op)+"."+f.Key]
	if len(list) == 0 {
		list = e.staff.Words[f.Key]
	}
	if len(list) == 0 {
		list = e.staff.Words["other"]
	}
	if len(list) == 0 {
		list = []string{"按要求办理。"}
	}
	return list[r.IntN(len(list))], true
}

func (e *engine) integer(f *flow.FormField, r *rand.Rand) int64 {
	switch f.Key {
	case "score":
		return int64(pick(e.staff.Scores, r)) + 1
	case "days":
		return 2 + int64(r.IntN(3))
	}
	least, most := f.Min, f.Max
	if most <= least {
		most = least + 1
	}
	return int64(least + r.IntN(min(most-least, 100)))
}

// truth answers a yes-or-no field: yes where the action says the matter is solved.
func truth(d *flow.Definition, a *flow.Action, f *flow.FormField, r *rand.Rand) bool {
	if f.Key == "reached" {
		return true
	}
	if end, ok := d.End(a.End); ok {
		return slices.Contains(end.Counts, "resolved")
	}
	return a.To == "" && r.Float64() < 0.85
}

// unit names an organisation: the duty unit where one is asked for, another one where the first was not
// the right one.
func (e *engine) unit(c *casework.Case, h *casework.Task, a *flow.Action, f *flow.FormField, r *rand.Rand) (any, bool) {
	if !f.Required && a.Op == flow.OpGo {
		return nil, false // left open it goes to the duty unit
	}
	if a.Op == flow.OpUphold && !f.Required {
		if about := c.Task(h.About); about == nil || about.Kind != flow.KindLead {
			return nil, false // a member may go without another in its place
		}
	}
	had := func(code string) bool {
		return slices.ContainsFunc(c.Tasks, func(t casework.Task) bool { return t.Post.Place() == code })
	}
	if code, ok := e.duty(c); ok && !had(code) {
		return code, true
	}
	list := slices.DeleteFunc(slices.Clone(e.around(c)), had)
	if len(list) == 0 {
		return nil, false
	}
	return list[r.IntN(len(list))], true
}

// duty is the unit whose duty the category is, the township's before the county's.
func (e *engine) duty(c *casework.Case) (string, bool) {
	cat, ok := e.app.Categories.Get(c.Category)
	if !ok {
		return "", false
	}
	for _, level := range []area.Level{area.Township, area.County} {
		if at, ok := e.tree.At(c.Area, level); ok && cat.Duty[string(level)] != "" {
			if org, ok := e.tree.OrgFor(at.Code, cat.Duty[string(level)]); ok {
				return org.Code, true
			}
		}
	}
	return "", false
}

// around lists the offices of the case's township, else of the county.
func (e *engine) around(c *casework.Case) []string {
	for _, level := range []area.Level{area.Township, area.County} {
		at, ok := e.tree.At(c.Area, level)
		if !ok {
			continue
		}
		list, known := e.offices[at.Code]
		if !known {
			for _, o := range e.tree.Orgs(at.Code) {
				if !o.Closed && o.Kind != "committee" {
					list = append(list, o.Code)
				}
			}
			e.offices[at.Code] = list
		}
		if len(list) > 2 {
			return list
		}
	}
	return nil
}

// members draws the units that come besides the lead.
func (e *engine) members(c *casework.Case, r *rand.Rand) []string {
	list := slices.Clone(e.around(c))
	lead, _ := e.duty(c)
	list = slices.DeleteFunc(list, func(code string) bool {
		return code == lead || slices.ContainsFunc(c.Tasks, func(t casework.Task) bool { return t.Post.Place() == code })
	})
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	out := list[:min(len(list), pick(e.staff.Members, r)+1)]
	slices.Sort(out)
	return out
}

// pick draws an index by weight.
func pick(weights []float64, r *rand.Rand) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	at := r.Float64() * sum
	for i, w := range weights {
		if at < w {
			return i
		}
		at -= w
	}
	return max(len(weights)-1, 0)
}

// neighbourhood is a village, or what stands for it, and a category.
type neighbourhood struct{ place, category string }

// mostRecent is how many reports of a neighbourhood are remembered.
const mostRecent = 8

// remember keeps the latest reports of a neighbourhood: what a duplicate may be merged into.
func (e *engine) remember(t *tracked) {
	key := e.nearby(t.c)
	list := e.recent[key]
	if len(list) == mostRecent {
		copy(list, list[1:])
		list = list[:mostRecent-1]
	}
	e.recent[key] = append(list, int32(t.at)) //nolint:gosec // a stream has two million at most
}

func (e *engine) nearby(c *casework.Case) neighbourhood {
	if v, ok := e.tree.At(c.Area, area.Village); ok {
		return neighbourhood{v.Code, c.Category}
	}
	return neighbourhood{c.Area, c.Category}
}

// original is an earlier report about the same that is open: in the village, or where a grid's member looks, in the
// grid. One that is being acted on is left alone.
func (e *engine) original(c *casework.Case, h *casework.Task) *tracked {
	wide := false
	if h != nil {
		at, ok := e.tree.Area(h.Holder.Place())
		wide = ok && at.Level != area.Grid
	}
	for _, index := range slices.Backward(e.recent[e.nearby(c)]) {
		t := e.cases[int(index)]
		if t == nil || t.ended || t.window != 0 || t.c.ID == c.ID || t.c.Confidential != c.Confidential || !t.c.ReceivedAt.Before(c.ReceivedAt) {
			continue
		}
		if wide || t.c.Area == c.Area {
			return t
		}
	}
	return nil
}

// taskToRate is a hand-over of a unit that came to a muster.
func taskToRate(c *casework.Case) (any, bool) {
	for i := range c.Tasks {
		if t := &c.Tasks[i]; t.State == flow.Done && (t.Kind == flow.KindLead || t.Kind == flow.KindMember) {
			return int64(t.No), true
		}
	}
	return nil, false
}
