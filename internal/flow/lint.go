package flow

import (
	"regexp"
	"slices"

	"linli/internal/platform/lang"
)

// Lint gives everything wrong in a model's file, sorted by place. Given the known posts it checks those
// too. A file without errors (warnings may remain) compiles and is sound: every stage can be reached,
// every stage leads to an end, every hand-over has somebody and an allowance.
func Lint(src *Source, roles ...Roles) []Problem {
	_, problems := examine(src, roles...)
	return problems
}

// Compile makes a model's file into a Definition. The error is Problems: all errors that Lint finds.
func Compile(src *Source, roles ...Roles) (*Definition, error) {
	d, problems := examine(src, roles...)
	if bad := problems.Errors(); len(bad) > 0 {
		return nil, bad
	}
	return d, nil
}

func examine(src *Source, roles ...Roles) (*Definition, Problems) {
	r := &reader{src: src, at: map[string]place{}, fields: wellKnown(), own: map[string]bool{}, roles: Roles{}}
	for _, set := range roles {
		for key, title := range set {
			r.roles[key] = title
		}
	}
	d := r.read()
	l := &linter{reader: r, d: d}
	l.check()
	r.nameposts(d)
	r.problems.sort()
	return d, slices.Compact(r.problems)
}

// linter checks what only the whole model shows.
type linter struct {
	*reader
	d *Definition
}

func (l *linter) fault(path, code, zh, en string) {
	l.add(l.place(path), Error, code, lang.T(zh, en), lang.Text{})
}

func (l *linter) check() {
	if len(l.d.Stages) == 0 || len(l.d.Ends) == 0 {
		return // already told
	}
	l.checkEvents()
	for i := range l.d.Stages {
		l.checkStage(&l.d.Stages[i])
	}
	for i := range l.d.Standing {
		l.checkGeneral(&l.d.Standing[i], ".standing.")
	}
	for i := range l.d.After {
		l.checkGeneral(&l.d.After[i], ".after.")
	}
	for i := range l.d.Ends {
		l.checkWording(".ends."+l.d.Ends[i].Name+".public", l.d.Ends[i].Public, "reason", "result", "original", "unit")
	}
	l.checkEndFields()
	l.checkFieldUse()
	if !slices.ContainsFunc(l.d.Stages, func(s Stage) bool { return s.Handles }) {
		l.add(l.place(".stages"), Error, "no-handler", lang.T("没有一个环节是真正办事的", "no stage is one where the case is handled"),
			lang.T("在办事的环节写 handles: true", "write handles: true at the stage that does the work"))
	}
	torn := func(p Problem) bool { return slices.Contains([]string{"unknown-stage", "unknown-end", "name"}, p.Code) }
	if !slices.ContainsFunc(l.problems, torn) { // otherwise the ways are not those that were meant
		l.checkGraph()
	}
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// checkWording refuses placeholders that nothing fills in.
func (l *linter) checkWording(path string, t lang.Text, known ...string) {
	for _, s := range []string{t.ZH, t.EN} {
		for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
			if !slices.Contains(known, m[1]) {
				l.add(l.place(path), Error, "placeholder", lang.T("不认识“{"+m[1]+"}”", "unknown placeholder {"+m[1]+"}"), meant(m[1], known))
			}
		}
	}
}

// checkEndFields tells where the public wording of an end needs something that nobody fills in.
func (l *linter) checkEndFields() {
	for _, e := range l.d.Ends {
		for _, m := range placeholder.FindAllStringSubmatch(e.Public.ZH+e.Public.EN, -1) {
			asked := func(list []Action) bool {
				return slices.ContainsFunc(list, func(a Action) bool {
					return slices.ContainsFunc(a.Form, func(f FormField) bool { return f.Key == m[1] })
				})
			}
			if !asked(l.d.Standing) && !slices.ContainsFunc(l.d.Stages, func(s Stage) bool { return asked(s.Actions) }) {
				l.fault(".ends."+e.Name+".public", "placeholder", "没有哪一步填写“"+m[1]+"”", "no step asks for "+m[1])
			}
		}
	}
}

func (l *linter) checkEvents() {
	for _, e := range l.d.Events {
		if !namePattern.MatchString(e) {
			l.fault(".events", "name", "事件名“"+shown(e)+"”写得不对", "the event name "+shown(e)+" is not right")
		} else if !slices.Contains(ownEvents, e) && !l.sends(e) {
			l.add(l.place(".events"), Warning, "unused", lang.T("没有哪一步发出事件“"+e+"”", "no step sends the event "+e), meant(e, ownEvents))
		}
	}
}

func (l *linter) sends(event string) bool {
	in := func(list []Action) bool {
		return slices.ContainsFunc(list, func(a Action) bool { return slices.Contains(a.Events, event) })
	}
	return in(l.d.Standing) || in(l.d.After) || slices.ContainsFunc(l.d.Stages, func(s Stage) bool { return in(s.Actions) })
}

func (l *linter) checkActionEvents(a *Action, path string) {
	known := slices.Concat(ownEvents, l.d.Events)
	for _, e := range a.Events {
		if !slices.Contains(known, e) {
			l.add(l.place(path+".events"), Error, "unknown-event", lang.T("没有“"+shown(e)+"”这个事件", "there is no event "+shown(e)), meant(e, known))
		}
	}
}

func (l *linter) checkStage(s *Stage) {
	path := ".stages." + s.Name
	if _, given := l.at[path+".allow"]; s.Joint == nil && !given {
		l.add(l.place(path), Error, "allowance", lang.T("环节“"+s.Name+"”没有时限", "stage "+s.Name+" has no allowance"), allowanceHint())
	}
	l.checkWording(path+".public", s.Public, "unit", "due")
	if s.Actor != nil && (s.Actor.Unit != "" && s.Actor.Unit != "duty" || s.Actor.At == "up") {
		l.fault(path+".actor", "actor", "环节本身的承办人不能取自表单或“上一级”", "the actor of a stage cannot come from a form or be one level up")
	}
	for i := range s.Actions {
		a := &s.Actions[i]
		ap := path + ".actions." + a.Name
		if slices.ContainsFunc(l.d.Standing, func(o Action) bool { return o.Name == a.Name }) {
			l.fault(ap, "name-taken", "“"+a.Name+"”已是通用操作的名字", a.Name+" is the name of a standing action")
		}
		l.checkAction(a, ap, s)
	}
}

func (l *linter) checkAction(a *Action, path string, s *Stage) {
	l.checkActionEvents(a, path)
	l.checkPeople(a, path)
	if slices.Contains(a.By, "lead") {
		l.fault(path+".by", "unknown-post", "lead 只用在会办环节", "lead is for joint stages only")
	}
	if a.Op != OpGo {
		return
	}
	if a.To != "" && a.End != "" {
		l.fault(path, "two-ways", "“"+a.Name+"”不能既去环节又结束", a.Name+" cannot lead to a stage and to an end")
	}
	l.checkEnd(a, path)
	next := l.checkTo(a, path)
	l.checkGive(a, path, next)
	if a.Up && next != nil && (a.Give != nil && a.Give.Post == "" || a.Give == nil && (next.Actor == nil || next.Actor.Post == "")) {
		l.fault(path+".at", "actor", "往上一级时要知道找什么岗位", "one level up needs a post to look for")
	}
	if a.To == "" && (a.Give != nil || a.Up) {
		l.fault(path, "give", "没有去处,就不能写交给谁", "without a stage to go to there is nobody to give it to")
	}
}

func (l *linter) checkTo(a *Action, path string) *Stage {
	if a.To == "" {
		return nil
	}
	next, ok := l.d.Stage(a.To)
	if !ok {
		l.add(l.place(path+".to"), Error, "unknown-stage", lang.T("没有“"+shown(a.To)+"”这个环节", "there is no stage "+shown(a.To)), meant(a.To, l.stageNames()))
		return nil
	}
	return next
}

func (l *linter) checkEnd(a *Action, path string) {
	if _, ok := l.d.End(a.End); a.End != "" && !ok {
		names := make([]string, len(l.d.Ends))
		for i, e := range l.d.Ends {
			names[i] = e.Name
		}
		l.add(l.place(path+".end"), Error, "unknown-end", lang.T("没有“"+shown(a.End)+"”这个结局", "there is no end "+shown(a.End)), meant(a.End, names))
	}
}

// checkGive makes sure that whoever is given the case is known by then.
func (l *linter) checkGive(a *Action, path string, next *Stage) {
	if next == nil {
		return
	}
	if a.Give == nil {
		if next.Actor == nil && next.Joint == nil {
			l.add(l.place(path), Error, "no-actor", lang.T("“"+a.Name+"”去“"+next.Name+"”,但没有写交给谁", a.Name+" leads to "+next.Name+" without saying who gets it"),
				lang.T("在这里写 give,或在环节写 actor", "write give here, or actor at the stage"))
		}
		return
	}
	if next.Joint != nil {
		l.fault(path+".give", "give", "会办环节的人由 joint.confirm 决定", "in a joint stage joint.confirm decides who acts")
	}
	for _, ref := range []string{a.Give.Unit, a.Give.Post} {
		field, ok := formField(ref)
		if !ok {
			continue
		}
		i := slices.IndexFunc(a.Form, func(f FormField) bool { return f.Key == field })
		switch {
		case i < 0:
			l.fault(path+".give", "unknown-field", "这一步的表单里没有“"+shown(field)+"”", "the form of this step does not ask for "+shown(field))
		case ref == a.Give.Unit && a.Form[i].Type != TypeUnit:
			l.fault(path+".give", "field-type", "“"+field+"”不是单位字段", field+" is not a field of type unit")
		case ref == a.Give.Post && (a.Form[i].Type != TypePost || !a.Form[i].Required):
			l.fault(path+".give", "field-type", "“"+field+"”应是必填的岗位字段", field+" must be a required field of type post")
		}
	}
}

// checkPeople refuses those who exist only in joint stages where there is none.
func (l *linter) checkPeople(a *Action, path string) {
	joint := slices.ContainsFunc(l.d.Stages, func(s Stage) bool { return s.Joint != nil })
	for _, by := range a.By {
		if (by == "whistler" || by == "confirmer") && !joint {
			l.fault(path+".by", "no-joint", "没有会办环节,就没有“"+by+"”", "without a joint stage there is no "+by)
		}
	}
}

func (l *linter) checkGeneral(a *Action, group string) {
	path := group + a.Name
	l.checkActionEvents(a, path)
	l.checkPeople(a, path)
	if slices.Contains(a.By, "lead") || slices.Contains(a.By, "holder") && len(a.On) == 0 {
		l.fault(path+".by", "unknown-post", "这里应写 handler", "write handler here")
	}
	if group == ".after." && (slices.Contains(a.By, "handler") || slices.Contains(a.By, "holder")) {
		l.add(l.place(path+".by"), Error, "nobody", lang.T("办结以后没有承办人", "once the case has ended nobody has it"),
			lang.T("写 involved、whistler、reporter 或岗位", "write involved, whistler, reporter or a post"))
	}
	needs := func(key string, missing bool) {
		if missing {
			l.fault(path, "missing", "“"+a.Name+"”缺 "+key, a.Name+" has no "+key)
		}
	}
	switch a.Op {
	case OpWithdraw:
		needs("end", a.End == "")
		l.checkEnd(a, path)
	case OpReopen:
		needs("to", a.To == "")
		needs("within", a.Within.Measure == "")
		l.checkGive(a, path, l.checkTo(a, path))
	case OpPause:
		needs("at_most", a.AtMost.Measure == "")
	case OpExtend:
		needs("at_most", a.AtMost.Measure == "")
		if m := a.AtMost.Measure; m != "" && m != "working_days" && m != "days" {
			l.fault(path+".at_most", "allowance", "延期按天数,请用 working_days 或 days", "extensions are counted in days: use working_days or days")
		}
	case OpTransfer:
		needs("take", !a.Allow.Set())
	}
	for _, ref := range []string{refOf(a.Give), refOf(a.Approve)} {
		if ref == "previous" {
			l.fault(path, "ref", "这里没有“上一个办理人”", "there is no previous one here")
		}
	}
}

// checkFieldUse makes sure that the deciding finds the fields it reads.
func (l *linter) checkFieldUse() {
	used := map[Op][]string{OpExtend: {"days"}, OpRate: {"score"}, OpRateUnit: {"task", "score"}, OpNote: {"note"}, OpAsk: {"question"}, OpAnswer: {"answer"}}
	check := func(list []Action, group string) {
		for _, a := range list {
			for _, key := range used[a.Op] {
				if !slices.ContainsFunc(a.Form, func(f FormField) bool { return f.Key == key && f.Required }) {
					l.fault(group+a.Name, "form", "“"+a.Name+"”的表单要有必填的 "+key, "the form of "+a.Name+" must ask for "+key+"!")
				}
			}
			if a.Op == OpTransfer && !slices.ContainsFunc(a.Form, func(f FormField) bool { return f.Key == "unit" || f.Key == "post" }) {
				l.fault(group+a.Name, "form", "“transfer”的表单要有 unit 或 post", "the form of transfer must ask for unit or post")
			}
		}
	}
	check(l.d.Standing, ".standing.")
	check(l.d.After, ".after.")
	for key := range l.own {
		if !l.asks(key) {
			l.add(l.place(".fields."+key), Warning, "unused", lang.T("字段“"+key+"”没有用到", "the field "+key+" is not used"), lang.Text{})
		}
	}
}

func (l *linter) asks(key string) bool {
	in := func(list []Action) bool {
		return slices.ContainsFunc(list, func(a Action) bool {
			return slices.ContainsFunc(a.Form, func(f FormField) bool { return f.Key == key })
		})
	}
	return in(l.d.Standing) || in(l.d.After) || slices.ContainsFunc(l.d.Stages, func(s Stage) bool { return in(s.Actions) })
}

func (l *linter) stageNames() []string {
	names := make([]string, len(l.d.Stages))
	for i, s := range l.d.Stages {
		names[i] = s.Name
	}
	return names
}

func refOf(a *Actor) string {
	if a == nil {
		return ""
	}
	return a.Ref
}

// nameposts keeps the titles of the posts that the model names.
func (r *reader) nameposts(d *Definition) {
	for _, u := range d.actors() {
		if t, ok := r.roles[u.actor.Post]; ok {
			d.Posts[u.actor.Post] = t
		}
	}
	by := func(list []Action) {
		for _, a := range list {
			for _, key := range a.By {
				if t, ok := r.roles[key]; ok {
					d.Posts[key] = t
				}
			}
		}
	}
	by(d.Standing)
	by(d.After)
	for _, s := range d.Stages {
		by(s.Actions)
	}
}
