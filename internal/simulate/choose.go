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

// choice is an action that will be tried.
type choice struct {
	action *flow.Action
	task   int
	form   map[string]any
}

// choose lists what whoever holds a hand-over tries, best first, out of what is offered at this moment.
// Whatever the model, it is the operation that counts: take, rule, approve, leave the stage.
func (e *engine) choose(v *casework.View, h *casework.Task) []choice {
	r := e.draw(v.Case, "choose/"+strconv.Itoa(h.No))
	var out []choice
	add := func(o flow.Offer) { out = e.with(out, v, h, o, r) }
	mine := slices.DeleteFunc(slices.Clone(v.Offers), func(o flow.Offer) bool { return o.Task != h.No })
	has := func(op flow.Op) (flow.Offer, bool) { return offered(mine, op, h.No) }
	likely := func(rate float64, yes, no flow.Op) {
		if r.Float64() >= rate {
			yes, no = no, yes
		}
		for _, op := range []flow.Op{yes, no} {
			if o, ok := has(op); ok {
				add(o)
			}
		}
	}
	switch {
	case h.Kind == flow.KindApproval:
		likely(e.staff.Approve, flow.OpApprove, flow.OpRefuse)
		return out
	case h.Kind == flow.KindRuling:
		likely(e.staff.Uphold, flow.OpUphold, flow.OpInsist)
		return out
	case h.State == flow.Offered:
		return e.received(v, h, mine, r, add, &out)
	case h.Kind == flow.KindMember:
		likely(1, flow.OpReport, flow.OpReject)
		return out
	}
	if o, ok := has(flow.OpMuster); ok && r.Float64() >= e.rateOf(v, h, "turn_down") {
		add(o)
	}
	e.requests(v, h, r, add)
	e.leave(v, h, mine, r, add)
	return out
}

// received: what was offered is taken, or handed back as not ours.
func (e *engine) received(v *casework.View, h *casework.Task, mine []flow.Offer, r *rand.Rand, add func(flow.Offer), out *[]choice) []choice {
	back := r.Float64()
	for _, o := range mine {
		switch {
		case o.Action.Op == flow.OpReject && back < e.staff.Decline,
			o.Action.Op == flow.OpGo && o.Action.Untaken && back < e.rateOf(v, h, o.Action.Name):
			add(o)
		}
	}
	if o, ok := offered(mine, flow.OpTake, h.No); ok {
		add(o)
	}
	return *out
}

// requests are what is asked for on the way, each at most once a case.
func (e *engine) requests(v *casework.View, h *casework.Task, r *rand.Rand, add func(flow.Offer)) {
	stage, ok := v.Model.Stage(h.Stage)
	if !ok || !stage.Handles && h.Kind != flow.KindLead {
		return
	}
	for _, q := range []struct {
		op   flow.Op
		rate float64
	}{{flow.OpAsk, e.staff.Ask}, {flow.OpPause, e.staff.Pause}, {flow.OpExtend, e.staff.Extend}, {flow.OpTransfer, e.staff.Transfer}, {flow.OpNote, e.staff.Note}} {
		chance := r.Float64()
		o, ok := offered(v.Offers, q.op, 0)
		if ok && chance < q.rate && did(v, o.Action.Name) == 0 && !approving(v.Case) {
			add(o)
		}
	}
}

// approving tells whether a request waits for its approval.
func approving(c *casework.Case) bool {
	return slices.ContainsFunc(c.Tasks, func(t casework.Task) bool { return t.Open() && t.Kind == flow.KindApproval })
}

// leave chooses the way on: by the rates of the staffing file, and for what is left over the model's first
// action without a rate. The others stand behind it, for the case that the first is refused.
func (e *engine) leave(v *casework.View, h *casework.Task, mine []flow.Offer, r *rand.Rand, add func(flow.Offer)) {
	var usual, rated []flow.Offer
	chance, sum := r.Float64(), 0.0
	chosen := -1
	for _, o := range mine {
		a := o.Action
		if a.Op != flow.OpGo || a.To == "" && a.End == "" {
			continue
		}
		rate, ok := e.staff.rate(a.Name, v.Model.Name, h.Stage, v.Case.Category, v.Case.Urgency)
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
	if chosen >= 0 {
		add(rated[chosen])
	}
	for _, o := range usual {
		add(o)
	}
	for i, o := range rated {
		if i != chosen {
			add(o)
		}
	}
}

func (e *engine) rateOf(v *casework.View, h *casework.Task, action string) float64 {
	rate, _ := e.staff.rate(action, v.Model.Name, h.Stage, v.Case.Category, v.Case.Urgency)
	return rate
}

// with adds an offer if its form can be filled in.
func (e *engine) with(list []choice, v *casework.View, h *casework.Task, o flow.Offer, r *rand.Rand) []choice {
	form := map[string]any{}
	for _, f := range o.Action.Form {
		value, ok := e.fill(v, h, o.Action, f, r)
		if !ok {
			if f.Required {
				return list
			}
			continue
		}
		form[f.Key] = value
	}
	if members, ok := form["members"].([]string); ok {
		form["members"] = slices.DeleteFunc(members, func(code string) bool { return code == form["lead"] })
	}
	if o.Action.Op == flow.OpTransfer {
		if _, ok := form["unit"]; !ok {
			return list
		}
	}
	return append(list, choice{o.Action, o.Task, form})
}

// fill gives the value of one field, as a person would; false leaves it empty.
func (e *engine) fill(v *casework.View, h *casework.Task, a *flow.Action, f flow.FormField, r *rand.Rand) (any, bool) {
	switch f.Type {
	case flow.TypeText, flow.TypeLine:
		return e.text(f, r)
	case flow.TypeInteger:
		return e.integer(f, r), f.Required
	case flow.TypeBool:
		return truth(v.Model, a, f, r), f.Required
	case flow.TypeDate:
		return e.clock.Now().In(beijing).AddDate(0, 0, 3+r.IntN(10)).Format(time.DateOnly), f.Required
	case flow.TypeChoice:
		return f.Choices[r.IntN(len(f.Choices))].Value, f.Required && len(f.Choices) > 0
	case flow.TypeChoices:
		return []string{f.Choices[r.IntN(len(f.Choices))].Value}, f.Required && len(f.Choices) > 0
	case flow.TypeUnit:
		return e.unit(v, h, a, f, r)
	case flow.TypeUnits:
		if f.Key != "members" {
			return nil, false
		}
		return e.members(v.Case, r), true
	case flow.TypeCase:
		return e.original(v.Case, h)
	case flow.TypeTask:
		return e.taskToRate(v.Case)
	}
	return nil, false // posts and files are not made up
}

func (e *engine) text(f flow.FormField, r *rand.Rand) (any, bool) {
	if !f.Required && f.Key != "note" && f.Key != "comment" {
		return nil, false // category, area and the like stay as they are
	}
	list := e.staff.Words[f.Key]
	if len(list) == 0 {
		list = e.staff.Words["other"]
	}
	if len(list) == 0 {
		list = []string{"按要求办理。"}
	}
	return list[r.IntN(len(list))], true
}

func (e *engine) integer(f flow.FormField, r *rand.Rand) int64 {
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
func truth(d *flow.Definition, a *flow.Action, f flow.FormField, r *rand.Rand) bool {
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
func (e *engine) unit(v *casework.View, h *casework.Task, a *flow.Action, f flow.FormField, r *rand.Rand) (any, bool) {
	if !f.Required && a.Op == flow.OpGo {
		return nil, false // left open it goes to the duty unit
	}
	if a.Op == flow.OpUphold && !f.Required {
		if about := v.Case.Task(h.About); about == nil || about.Kind != flow.KindLead {
			return nil, false // a member may go without another in its place
		}
	}
	had := map[string]bool{}
	for i := range v.Case.Tasks {
		had[v.Case.Tasks[i].Post.Place()] = true
	}
	if code, ok := e.duty(v.Case); ok && !had[code] {
		return code, true
	}
	var list []string
	for _, org := range e.around(v.Case) {
		if !had[org] {
			list = append(list, org)
		}
	}
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
		var out []string
		for _, o := range e.tree.Orgs(at.Code) {
			if !o.Closed && o.Kind != "committee" {
				out = append(out, o.Code)
			}
		}
		if len(out) > 2 {
			return out
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

// remember keeps the latest reports of a village and category: what a duplicate may be merged into.
func (e *engine) remember(c *casework.Case) {
	key := e.nearby(c)
	e.recent[key] = append(e.recent[key], c.ID)
	e.recent[key] = e.recent[key][max(0, len(e.recent[key])-8):]
}

func (e *engine) nearby(c *casework.Case) string {
	place := c.Area
	if v, ok := e.tree.At(c.Area, area.Village); ok {
		place = v.Code
	}
	return place + "/" + c.Category
}

// original is an earlier report about the same: in the village, or where a grid's member looks, in the grid.
func (e *engine) original(c *casework.Case, h *casework.Task) (any, bool) {
	wide := false
	if h != nil {
		at, ok := e.tree.Area(h.Holder.Place())
		wide = ok && at.Level != area.Grid
	}
	for _, id := range slices.Backward(e.recent[e.nearby(c)]) {
		t := e.cases[id]
		if id == c.ID || t == nil || t.last == nil || t.last.Confidential != c.Confidential || !t.last.ReceivedAt.Before(c.ReceivedAt) {
			continue
		}
		if wide || t.last.Area == c.Area {
			return id, true
		}
	}
	return nil, false
}

// taskToRate is a hand-over of a unit that came to a muster.
func (e *engine) taskToRate(c *casework.Case) (any, bool) {
	for i := range c.Tasks {
		if t := &c.Tasks[i]; t.State == flow.Done && (t.Kind == flow.KindLead || t.Kind == flow.KindMember) {
			return int64(t.No), true
		}
	}
	return nil, false
}
