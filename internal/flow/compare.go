package flow

import (
	"fmt"
	"slices"
	"strings"

	"linli/internal/calendar"
	"linli/internal/platform/lang"
)

// Difference is one thing in which two versions of a model differ, in words a person decides by.
type Difference struct {
	Kind   string    `json:"kind" enum:"added,removed,changed"`
	Part   string    `json:"part" enum:"model,stage,action,end,overdue"`
	Stage  string    `json:"stage,omitempty" doc:"name of the stage it is at"`
	Name   string    `json:"name,omitempty" doc:"name of the action or end"`
	Where  lang.Text `json:"where" doc:"the place in words: stage, action"`
	What   lang.Text `json:"what" doc:"which property; empty when the whole part was added or removed"`
	Before lang.Text `json:"before"`
	After  lang.Text `json:"after"`
}

// Kinds of difference.
const (
	added   = "added"
	removed = "removed"
	changed = "changed"
)

// Compare tells in what the later version differs from the earlier one: what was added, removed and changed, first of
// the model as a whole, then stage by stage in the order of the later one. Comments and layout of the files are nothing
// a case would notice.
func Compare(earlier, later *Definition) []Difference {
	c := &comparison{old: words{earlier}, now: words{later}}
	whole := Difference{Part: "model", Where: lang.T("整个模型", "The whole model")}
	c.traits(whole, c.old.model(), c.now.model())
	c.stages()
	c.actions("", lang.T("任何环节", "At any stage"), earlier.Standing, later.Standing)
	c.actions("", lang.T("办结以后", "After the end"), earlier.After, later.After)
	c.ends()
	c.traits(Difference{Part: "overdue", Where: lang.T("期限前后", "Around deadlines")}, c.old.overdue(), c.now.overdue())
	return c.out
}

type comparison struct {
	old, now words
	out      []Difference
}

// trait is one property of a part in words.
type trait struct{ what, value lang.Text }

func (c *comparison) add(d Difference, kind string) {
	d.Kind = kind
	c.out = append(c.out, d)
}

// traits compares the properties of a part; both lists name the same ones in the same order.
func (c *comparison) traits(at Difference, before, after []trait) {
	for i := range after {
		if before[i].value != after[i].value {
			at.What, at.Before, at.After = after[i].what, before[i].value, after[i].value
			c.add(at, changed)
		}
	}
}

func (c *comparison) stages() {
	for i := range c.now.d.Stages {
		now := &c.now.d.Stages[i]
		at := Difference{Part: "stage", Stage: now.Name, Where: quoted("环节", "Stage ", now.Title)}
		old, ok := c.old.d.Stage(now.Name)
		if !ok {
			at.After = lang.T(c.now.actor(now.Actor).ZH+","+c.now.allow(now.Allow).ZH, c.now.actor(now.Actor).EN+", "+c.now.allow(now.Allow).EN)
			c.add(at, added)
			continue
		}
		c.traits(at, c.old.stage(old), c.now.stage(now))
		c.actions(now.Name, at.Where, old.Actions, now.Actions)
	}
	for _, old := range c.old.d.Stages {
		if _, ok := c.now.d.Stage(old.Name); !ok {
			c.add(Difference{Part: "stage", Stage: old.Name, Where: quoted("环节", "Stage ", old.Title)}, removed)
		}
	}
	names := func(w words) (out lang.Text) {
		for i := range w.d.Stages {
			out = list(out, w.d.Stages[i].Title)
		}
		return out
	}
	same := func(a, b Stage) bool { return a.Name == b.Name }
	if !slices.EqualFunc(common(c.old.d.Stages, c.now.d.Stages, same), common(c.now.d.Stages, c.old.d.Stages, same), same) {
		c.add(Difference{Part: "model", Where: lang.T("整个模型", "The whole model"), What: lang.T("环节顺序", "order of stages"), Before: names(c.old), After: names(c.now)}, changed)
	}
}

// actions compares what can be done at a place.
func (c *comparison) actions(stage string, place lang.Text, before, after []Action) {
	named := func(name string) func(Action) bool { return func(a Action) bool { return a.Name == name } }
	where := func(a *Action) Difference {
		q := quoted("操作", "action ", a.Title)
		return Difference{Part: "action", Stage: stage, Name: a.Name, Where: lang.T(place.ZH+" · "+q.ZH, place.EN+" · "+q.EN)}
	}
	for i := range after {
		now := &after[i]
		at := where(now)
		old := slices.IndexFunc(before, named(now.Name))
		if old < 0 {
			at.After = c.now.people(now.By)
			c.add(at, added)
			continue
		}
		c.traits(at, c.old.action(&before[old]), c.now.action(now))
	}
	for i := range before {
		if !slices.ContainsFunc(after, named(before[i].Name)) {
			c.add(where(&before[i]), removed)
		}
	}
	same := func(a, b Action) bool { return a.Name == b.Name }
	if stage == "" || slices.EqualFunc(common(before, after, same), common(after, before, same), same) {
		return
	}
	titles := func(actions []Action) (out lang.Text) {
		for i := range actions {
			out = list(out, actions[i].Title)
		}
		return out
	}
	c.add(Difference{Part: "stage", Stage: stage, Where: place, What: lang.T("操作顺序", "order of actions"), Before: titles(before), After: titles(after)}, changed)
}

// common are those of a list that the other has as well, in the list's own order.
func common[T any](of, other []T, same func(a, b T) bool) []T {
	return slices.DeleteFunc(slices.Clone(of), func(a T) bool {
		return !slices.ContainsFunc(other, func(b T) bool { return same(a, b) })
	})
}

func (c *comparison) ends() {
	for i := range c.now.d.Ends {
		now := &c.now.d.Ends[i]
		at := Difference{Part: "end", Name: now.Name, Where: quoted("结局", "End ", now.Title)}
		if old, ok := c.old.d.End(now.Name); ok {
			c.traits(at, c.old.end(old), c.now.end(now))
			continue
		}
		at.After = now.Public
		c.add(at, added)
	}
	for _, old := range c.old.d.Ends {
		if _, ok := c.now.d.End(old.Name); !ok {
			c.add(Difference{Part: "end", Name: old.Name, Where: quoted("结局", "End ", old.Title)}, removed)
		}
	}
}

// words puts the parts of a model into words.
type words struct{ d *Definition }

func (w words) model() []trait {
	d := w.d
	return []trait{
		{lang.T("名称", "title"), d.Title},
		{lang.T("说明", "description"), d.About},
		{lang.T("依据", "source"), lang.T(d.Source, d.Source)},
		{lang.T("办哪几类事项", "kinds of case"), plain(d.Kinds)},
		{lang.T("全程时限", "allowance in all"), w.allow(d.Overall)},
		{lang.T("事件", "events"), plain(d.Events)},
	}
}

func (w words) stage(s *Stage) []trait {
	j := s.Joint
	if j == nil {
		j = &Joint{}
	}
	kind := lang.T("一个岗位", "one post")
	confirm := lang.Text{}
	if s.Joint != nil {
		kind, confirm = lang.T("几个单位会办", "several units together"), w.actor(&j.Confirm)
	}
	return []trait{
		{lang.T("名称", "title"), s.Title},
		{lang.T("居民看到的话", "what residents read"), s.Public},
		{lang.T("由谁办", "who acts"), w.actor(s.Actor)},
		{lang.T("算不算承办", "counts as handling"), yes(s.Handles)},
		{lang.T("签收时限", "allowance to take it"), w.allow(s.Take)},
		{lang.T("办理时限", "allowance"), w.allow(s.Allow)},
		{lang.T("怎么办", "way of handling"), kind},
		{lang.T("由谁应哨", "who confirms the whistle"), confirm},
		{lang.T("应哨时限", "allowance to confirm"), w.allow(j.Within)},
		{lang.T("应召时限", "allowance to accept"), w.allow(j.Accept)},
		{lang.T("各单位时限", "allowance of each unit"), w.allow(j.Allow)},
		{lang.T("裁定时限", "allowance of a ruling"), w.allow(j.Ruling)},
		{lang.T("什么时候算办好", "when it is done"), lang.T(string(j.Join), string(j.Join))},
	}
}

func (w words) action(a *Action) []trait {
	when, unless := lang.Text{}, lang.Text{}
	if a.When != nil {
		when, unless = lang.T(a.When.Source, a.When.Source), a.When.Hint
	}
	approve := lang.Text{}
	if a.Approve != nil {
		approve = w.actor(a.Approve)
	}
	give := lang.Text{}
	if a.Give != nil {
		give = w.actor(a.Give)
	}
	return []trait{
		{lang.T("名称", "title"), a.Title},
		{lang.T("提示", "hint"), a.Hint},
		{lang.T("做什么", "what it does"), lang.T(string(a.Op), string(a.Op))},
		{lang.T("由谁做", "who may"), w.people(a.By)},
		{lang.T("要填的", "what to fill in"), form(a.Form)},
		{lang.T("条件", "condition"), when},
		{lang.T("条件不满足时的提示", "hint when the condition is not met"), unless},
		{lang.T("去哪里", "where it leads"), w.leads(a)},
		{lang.T("交给谁", "whom it is given to"), give},
		{lang.T("由谁批准", "who approves"), approve},
		{lang.T("时限", "allowance"), w.allow(a.Allow)},
		{lang.T("最长", "at most"), once(a.AtMost)},
		{lang.T("最多几次", "how often at most"), number(a.Times)},
		{lang.T("办结后多久内", "how long after the end"), once(a.Within)},
		{lang.T("等回答时停表", "clocks stop for the answer"), yes(a.Pauses)},
		{lang.T("签收前可以做", "possible before it is taken"), yes(a.Untaken)},
		{lang.T("发出的事件", "events"), plain(a.Events)},
	}
}

func (w words) end(e *End) []trait {
	return []trait{
		{lang.T("名称", "title"), e.Title},
		{lang.T("居民看到的话", "what residents read"), e.Public},
		{lang.T("计入", "counted as"), plain(e.Counts)},
	}
}

func (w words) overdue() []trait {
	var remind, then lang.Text
	for _, p := range w.d.Overdue.Remind {
		remind = list(remind, lang.T(fmt.Sprintf("%d%%", p), fmt.Sprintf("%d%%", p)))
	}
	for _, e := range w.d.Overdue.Then {
		step := lang.T("超期时", "at the deadline")
		if e.After.Amount > 0 {
			step = lang.T("超期 "+e.After.Text().ZH+"后", e.After.Text().EN+" after it")
		}
		if e.Tell != nil {
			step = lang.T(step.ZH+"告知"+w.actor(e.Tell).ZH, step.EN+" tell "+w.actor(e.Tell).EN)
		}
		if e.Supervise {
			step = lang.T(step.ZH+"列入督办", step.EN+" under supervision")
		}
		then = list(then, step)
	}
	return []trait{{lang.T("提醒(时限用去)", "reminders (of the allowance)"), remind}, {lang.T("超期以后", "after a missed deadline"), then}}
}

// actor says who acts.
func (w words) actor(a *Actor) lang.Text {
	if a != nil && a.Ref == "head" {
		return lang.T("上一级负责人", "the head above")
	}
	if a != nil && (strings.HasPrefix(a.Unit, "form.") || strings.HasPrefix(a.Post, "form.")) {
		return lang.T("表单里选的", "whom the form names")
	}
	zh, en := &Layout{tag: lang.ZH, d: w.d}, &Layout{tag: lang.EN, d: w.d}
	return lang.T(zh.who(a), en.who(a))
}

func (w words) people(by []string) (out lang.Text) {
	for _, key := range by {
		out = list(out, w.d.personTitle(key))
	}
	return out
}

// allow says how long, with every variant as it is counted.
func (w words) allow(a Allow) lang.Text {
	if !a.Set() {
		return lang.Text{}
	}
	out := a.Default.Text()
	for _, f := range wellKnown()["urgency"].Choices {
		if v, ok := a.By[f.Value]; ok {
			out = list(out, lang.T(f.Title.ZH+" "+v.Text().ZH, f.Title.EN+" "+v.Text().EN))
		}
	}
	return out
}

func (w words) leads(a *Action) lang.Text {
	out := lang.Text{}
	if s, ok := w.d.Stage(a.To); ok {
		out = s.Title
	}
	if e, ok := w.d.End(a.End); ok {
		out = lang.T("办结:"+e.Title.ZH, "end: "+e.Title.EN)
	}
	if a.Up {
		out = list(out, lang.T("上一级", "one level up"))
	}
	return out
}

// form names the fields of a form, with what each demands.
func form(fields []FormField) (out lang.Text) {
	for _, f := range fields {
		t := f.Title
		if f.Required {
			t = lang.T(t.ZH+"(必填)", t.EN+" (required)")
		}
		if f.Min > 0 || f.Max > 0 {
			t = lang.T(fmt.Sprintf("%s %d–%d", t.ZH, f.Min, f.Max), fmt.Sprintf("%s %d–%d", t.EN, f.Min, f.Max))
		}
		for i, c := range f.Choices {
			sep := lang.T("/", "/")
			if i == 0 {
				sep = lang.T(":", ": ")
			}
			t = lang.T(t.ZH+sep.ZH+c.Title.ZH, t.EN+sep.EN+c.Title.EN)
		}
		if !f.Hint.Empty() {
			t = lang.T(t.ZH+"["+f.Hint.ZH+"]", t.EN+" ["+f.Hint.EN+"]")
		}
		out = list(out, t)
	}
	return out
}

// list puts one more behind those that are there.
func list(have, more lang.Text) lang.Text {
	if have.Empty() {
		return more
	}
	return lang.T(have.ZH+"、"+more.ZH, have.EN+", "+more.EN)
}

func plain(words []string) lang.Text {
	return lang.T(strings.Join(words, "、"), strings.Join(words, ", "))
}

func quoted(zh, en string, title lang.Text) lang.Text {
	return lang.T(zh+"“"+title.ZH+"”", en+"\""+title.EN+"\"")
}

func yes(is bool) lang.Text {
	if is {
		return lang.T("是", "yes")
	}
	return lang.T("否", "no")
}

func number(n int) lang.Text {
	if n == 0 {
		return lang.Text{}
	}
	return lang.T(fmt.Sprintf("%d 次", n), fmt.Sprintf("%d times", n))
}

// once is an allowance that may be missing.
func once(a calendar.Allowance) lang.Text {
	if a.Measure == "" {
		return lang.Text{}
	}
	return a.Text()
}
