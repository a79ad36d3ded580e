package flow

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/calendar"
	"linli/internal/platform/lang"
)

// actions expands a stage: what the language gives every such stage, and what the file adds.
func (r *reader) actions(n *yaml.Node, path string, s *Stage) []Action {
	given := map[string]pair{}
	var own []pair
	var before, after []preset
	switch {
	case s.Joint != nil:
		before, after = jointBefore(), jointAfter()
	case s.Take.Set() && !s.Take.Default.IsNone() || len(s.Take.By) > 0:
		before = []preset{takePreset()}
	}
	implicit := func(name string) bool {
		is := func(p preset) bool { return p.name() == name }
		return slices.ContainsFunc(before, is) || slices.ContainsFunc(after, is)
	}
	for _, p := range r.named(n, path+".actions") {
		if implicit(p.key.Value) {
			given[p.key.Value] = p
		} else {
			own = append(own, p)
		}
	}
	var out []Action
	expand := func(list []preset) {
		for _, p := range list {
			out = append(out, r.reword(p, given[p.name()], path))
		}
	}
	expand(before)
	for _, p := range own {
		out = append(out, r.action(p, path+".actions."+p.key.Value, s))
	}
	expand(after)
	return out
}

// reword makes an action of the language; the file may change its words.
func (r *reader) reword(p preset, given pair, path string) Action {
	a := r.preset(p)
	a.Name = p.name()
	if given.value == nil {
		return a
	}
	path += ".actions." + a.Name
	k := r.keys(given.value, path, "title", "hint", "events")
	if k["title"] != nil {
		a.Title = r.text(k["title"], path+".title")
	}
	if k["hint"] != nil {
		a.Hint = r.text(k["hint"], path+".hint")
	}
	a.Events = append(a.Events, r.words(k["events"])...)
	return a
}

func (r *reader) preset(p preset) Action {
	a := Action{Name: string(p.op), Op: p.op, Title: p.title, Hint: p.hint, On: p.on, By: p.by, Events: slices.Clone(p.events)}
	if len(p.on) > 0 && len(p.by) == 0 {
		a.By = []string{"holder"}
	}
	for _, name := range p.form {
		key, required := strings.CutSuffix(name, "!")
		a.Form = append(a.Form, FormField{Field: r.fields[key], Required: required})
	}
	return a
}

// action reads one that the file gives a stage.
func (r *reader) action(p pair, path string, s *Stage) Action {
	k := r.keys(p.value, path, "title", "hint", "form", "to", "at", "give", "end", "when", "by", "untaken", "events")
	a := Action{Name: p.key.Value, Op: OpGo, Title: r.text(k["title"], path+".title"), Hint: r.text(k["hint"], path+".hint"),
		Form: r.form(k["form"]), To: r.word(k["to"]), End: r.word(k["end"]), Give: r.actor(k["give"], path+".give"),
		When: r.guard(k["when"], path+".when"), By: []string{"holder"}, On: []TaskKind{KindMain},
		Untaken: r.flag(k["untaken"]), Events: r.words(k["events"])}
	if k["title"] == nil {
		r.bad(p.key, "missing", "操作“"+a.Name+"”缺 title", "action "+a.Name+" has no title")
	}
	if k["at"] != nil && r.oneOf(k["at"], "unknown-level", "up") == "up" {
		a.Up = true
	}
	if k["by"] != nil {
		a.By = r.by(k["by"])
	}
	if s.Joint != nil {
		a.On = []TaskKind{KindLead}
		for i, by := range a.By {
			if by == "lead" {
				a.By[i] = "holder"
			}
		}
	}
	r.checkGuardForm(&a, path)
	return a
}

// turnDown finishes the action by which a whistle is not answered: it leads where the file says, or
// back to the first stage.
func (r *reader) turnDown(d *Definition, s *Stage) {
	if s.Joint == nil {
		return
	}
	for i := range s.Actions {
		a := &s.Actions[i]
		if a.Name != "turn_down" {
			continue
		}
		a.To = d.Stages[0].Name
		if n := child(r.src.root, "stages", s.Name, "joint", "refused"); n != nil && n.Value != "" {
			a.To = n.Value
			r.at[".stages."+s.Name+".actions.turn_down.to"] = place{n.Line, n.Column}
		}
	}
}

// child walks down mappings by key.
func child(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var next *yaml.Node
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				next = n.Content[i+1]
			}
		}
		n = next
	}
	return n
}

// people an action can name besides posts.
var people = []string{"holder", "handler", "involved", "confirmer", "whistler", "reporter"}

func (r *reader) by(n *yaml.Node) []string {
	var out []string
	for _, x := range r.items(n) {
		w := r.word(x)
		if w == "" {
			continue
		}
		if !slices.Contains(people, w) && w != "lead" {
			r.person(x, w)
		}
		out = append(out, w)
	}
	if len(out) == 0 {
		r.bad(n, "by", "没有写由谁做", "it does not say who may do it")
	}
	return out
}

func (r *reader) person(n *yaml.Node, key string) {
	if _, ok := r.roles[key]; ok || len(r.roles) == 0 && namePattern.MatchString(key) {
		return
	}
	known := append(slices.Clone(people), sorted(r.roles)...)
	r.hinted(n, "unknown-post", "没有“"+shown(key)+"”这个岗位或人", "there is no post or person "+shown(key), meant(key, known))
}

// form reads the fields an action asks for; ! marks those that must be filled in.
func (r *reader) form(n *yaml.Node) []FormField {
	var out []FormField
	for _, x := range r.items(n) {
		key, required := strings.CutSuffix(r.word(x), "!")
		f, ok := r.fields[key]
		switch {
		case key == "":
		case !ok:
			r.hinted(x, "unknown-field", "没有“"+shown(key)+"”这个字段", "there is no field "+shown(key), meant(key, sorted(r.fields)))
		case slices.ContainsFunc(out, func(o FormField) bool { return o.Key == key }):
			r.bad(x, "twice", "“"+key+"”写了两次", key+" is listed twice")
		default:
			out = append(out, FormField{Field: f, Required: required})
		}
	}
	return out
}

// guard reads a condition: the expression, or {if: expression, hint: words shown when it does not hold}.
func (r *reader) guard(n *yaml.Node, path string) *Guard {
	if n == nil {
		return nil
	}
	expression, hint := n, lang.Text{}
	if n.Kind == yaml.MappingNode {
		k := r.keys(n, path, "if", "hint")
		expression, hint = k["if"], r.text(k["hint"], path+".hint")
		if expression == nil {
			r.bad(n, "missing", "缺条件(if)", "the condition (if) is missing")
			return nil
		}
	}
	source := r.word(expression)
	if source == "" {
		return nil
	}
	if hint.Empty() {
		r.add(place{expression.Line, expression.Column}, Warning, "guard-hint", lang.T("条件没有写给人看的说明", "the condition has no words for people"),
			lang.T("写成 {if: 条件, hint: {zh: …, en: …}}", "write {if: condition, hint: {zh: …, en: …}}"))
	}
	g, bad := compileGuard(source, hint)
	if bad != nil {
		at := place{expression.Line, expression.Column}
		if expression.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && bad.line == 1 {
			at.column += bad.column - 1
			if expression.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
				at.column++
			}
		}
		r.add(at, Error, "guard", lang.T("条件写得不对:"+shown(bad.message), "the condition is not right: "+bad.message),
			lang.T("可用:rating urgency kind category channel level confidential public handed_back reworked reopened form",
				"known: rating urgency kind category channel level confidential public handed_back reworked reopened form"))
		return nil
	}
	return g
}

func (r *reader) checkGuardForm(a *Action, path string) {
	if a.When == nil {
		return
	}
	names, ok := formNames(a.When.Source)
	for _, name := range names {
		if !slices.ContainsFunc(a.Form, func(f FormField) bool { return f.Key == name }) {
			r.add(r.place(path+".when"), Error, "unknown-field", lang.T("条件用到的字段“"+shown(name)+"”这一步没有填", "the condition uses "+shown(name)+", which this step does not ask for"), lang.Text{})
		}
	}
	if !ok {
		r.add(r.place(path+".when"), Error, "guard", lang.T("条件里只能写 form.字段", "a condition may use form.FIELD only"), lang.Text{})
	}
}

// standing reads the actions possible at every stage, with those that belong to them: an answer to a
// question, a resumption to a pause, an approval to a request.
func (r *reader) standing(n *yaml.Node) []Action {
	presets := standingPresets()
	var out []Action
	has := func(op Op) bool { return slices.ContainsFunc(out, func(a Action) bool { return a.Op == op }) }
	given := r.lifelong(n, ".standing", presets)
	names := map[string]bool{}
	for _, p := range given {
		names[p.key.Value] = true
	}
	implied := func(op Op) {
		if !names[string(op)] && !has(op) {
			out = append(out, r.preset(presets[op]))
		}
	}
	for _, p := range given {
		a := r.general(p, ".standing."+p.key.Value, presets)
		out = append(out, a)
		switch a.Op {
		case OpAsk:
			implied(OpAnswer)
		case OpPause:
			implied(OpResume)
		}
	}
	if slices.ContainsFunc(out, func(a Action) bool { return a.Approve != nil }) {
		implied(OpApprove)
		implied(OpRefuse)
	}
	asking := slices.ContainsFunc(out, func(a Action) bool { return a.Op == OpAsk && a.Pauses })
	for i := range out {
		if out[i].Op == OpAnswer || out[i].Op == OpResume {
			out[i].Pauses = asking
		}
	}
	return out
}

// after reads the actions possible once a case has ended.
func (r *reader) after(n *yaml.Node) []Action {
	presets := afterPresets()
	var out []Action
	for _, p := range r.lifelong(n, ".after", presets) {
		out = append(out, r.general(p, ".after."+p.key.Value, presets))
	}
	return out
}

// lifelong reads a mapping whose keys are operations.
func (r *reader) lifelong(n *yaml.Node, path string, presets map[Op]preset) []pair {
	var out []pair
	known := make([]string, 0, len(presets))
	for op := range maps.Keys(presets) {
		known = append(known, string(op))
	}
	slices.Sort(known)
	for _, p := range r.named(n, path) {
		if _, ok := presets[Op(p.key.Value)]; !ok {
			r.hinted(p.key, "unknown-key", "不认识“"+p.key.Value+"”", "unknown key \""+p.key.Value+"\"", meant(p.key.Value, known))
			continue
		}
		out = append(out, p)
	}
	return out
}

// settings each operation takes besides the common ones.
func settings(op Op) []string {
	switch op {
	case OpPause, OpExtend:
		return []string{"approve", "at_most", "times"}
	case OpAsk:
		return []string{"pauses", "at_most"}
	case OpTransfer:
		return []string{"take"}
	case OpWithdraw:
		return []string{"end"}
	case OpRate, OpRateUnit, OpCallBack:
		return []string{"within"}
	case OpReopen:
		return []string{"within", "times", "to", "give"}
	}
	return nil
}

// general reads a standing or later action: a list of who may, or a mapping of settings.
func (r *reader) general(p pair, path string, presets map[Op]preset) Action {
	a := r.preset(presets[Op(p.key.Value)])
	n := p.value
	if n.Kind != yaml.MappingNode && !null(n) {
		a.By = r.by(n)
		n = &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column}
	}
	k := r.keys(n, path, append([]string{"title", "hint", "by", "form", "when", "events"}, settings(a.Op)...)...)
	if k["title"] != nil {
		a.Title = r.text(k["title"], path+".title")
	}
	if k["hint"] != nil {
		a.Hint = r.text(k["hint"], path+".hint")
	}
	if k["by"] != nil {
		a.By = r.by(k["by"])
	}
	if len(a.By) == 0 {
		r.bad(p.key, "by", "没有写由谁做(by)", "it does not say who may do it (by)")
	}
	if k["form"] != nil {
		a.Form = r.form(k["form"])
	}
	a.When = r.guard(k["when"], path+".when")
	a.Events = append(a.Events, r.words(k["events"])...)
	if k["approve"] != nil {
		a.Approve, a.Allow = r.actorWithin(k["approve"], path+".approve")
	}
	a.AtMost = r.single(k["at_most"], path+".at_most")
	a.Times = r.number(k["times"], 1, 99)
	a.Pauses = r.flag(k["pauses"])
	if k["take"] != nil {
		a.Allow = r.allow(k["take"], path+".take")
	}
	a.End, a.To = r.word(k["end"]), r.word(k["to"])
	a.Give = r.actor(k["give"], path+".give")
	a.Within = r.within(k["within"], path+".within")
	r.checkGuardForm(&a, path)
	return a
}

// within reads how long after the end something stays possible: plain clock time, so days or hours.
func (r *reader) within(n *yaml.Node, path string) calendar.Allowance {
	a := r.single(n, path)
	if n != nil && a.Measure != "" && a.Measure != calendar.Days && a.Measure != calendar.Hours {
		r.hinted(n, "allowance", "办结后的期限只用自然日或小时", "the time after the end is counted in calendar days or hours", lang.T("写成 {days: 30}", "write {days: 30}"))
	}
	return a
}

// place finds where a part stands, or the nearest part around it.
func (r *reader) place(path string) place {
	for path != "" {
		if p, ok := r.at[path]; ok {
			return p
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return place{1, 1}
}

func sorted[V any, M ~map[string]V](m M) []string { return slices.Sorted(maps.Keys(m)) }
