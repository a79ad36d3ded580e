package flow

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/calendar"
	"linli/internal/platform/lang"
)

// Roles are the known posts: role key and title. Without them posts are checked for their form only.
type Roles map[string]lang.Text

var versionPattern = regexp.MustCompile(`^20[0-9]{2}\.[0-9]{1,3}(\.[0-9]{1,3})?$`)

// read turns the whole file into a Definition and gathers what cannot be read.
func (r *reader) read() *Definition {
	k := r.keys(r.src.root, "", "flow", "version", "title", "about", "source", "kinds", "overall", "fields",
		"stages", "standing", "overdue", "ends", "after", "events")
	d := &Definition{Name: r.word(k["flow"]), Version: r.word(k["version"]), Source: r.word(k["source"]),
		Digest: r.src.Digest(), Text: string(r.src.Text), Posts: Roles{}}
	for _, key := range []string{"flow", "version", "title", "about", "kinds", "overall", "stages", "ends"} {
		if k[key] == nil || null(k[key]) {
			r.add(place{1, 1}, Error, "missing", lang.T("缺“"+key+"”", key+" is missing"), lang.Text{})
		}
	}
	if n := k["flow"]; n != nil && (!namePattern.MatchString(d.Name) || strings.Contains(d.Name, "_") || len(d.Name) > 40) {
		r.hinted(n, "name", "模型名写得不对", "the name of the model is not right", lang.T("例如 seven-step", "such as seven-step"))
	}
	if n := k["version"]; n != nil && !versionPattern.MatchString(d.Version) {
		r.hinted(n, "version", "版本号写得不对", "the version is not right", lang.T(`写成 "2026.1"(带引号)`, `write it like "2026.1" (in quotes)`))
	} else if n != nil && n.Tag != "!!str" {
		r.hinted(n, "version", "版本号要加引号,否则 2026.10 会变成 2026.1", "the version needs quotes, otherwise 2026.10 becomes 2026.1", lang.T(`写成 "`+n.Value+`"`, `write "`+n.Value+`"`))
	}
	d.Title, d.About = r.text(k["title"], ".title"), r.text(k["about"], ".about")
	for _, x := range r.items(k["kinds"]) {
		if w := r.oneOf(x, "unknown-kind", caseKinds...); w != "" {
			d.Kinds = append(d.Kinds, w)
		}
	}
	d.Overall = r.allow(k["overall"], ".overall")
	d.Events = r.words(k["events"])
	r.readFields(k["fields"])
	for _, p := range r.named(k["stages"], ".stages") {
		d.Stages = append(d.Stages, r.stage(p.key.Value, p.value))
	}
	for i := range d.Stages { // where a joint stage leads when the whistle is turned down is known only now
		r.turnDown(d, &d.Stages[i])
	}
	for _, p := range r.named(k["ends"], ".ends") {
		d.Ends = append(d.Ends, r.end(p.key.Value, p.value))
	}
	d.Standing = r.standing(k["standing"])
	d.After = r.after(k["after"])
	d.Overdue = r.overdue(k["overdue"])
	return d
}

func (r *reader) readFields(n *yaml.Node) {
	for _, p := range r.named(n, ".fields") {
		path := ".fields." + p.key.Value
		k := r.keys(p.value, path, "title", "hint", "type", "min", "max", "choices")
		known, isKnown := r.fields[p.key.Value]
		f := known
		f.Key = p.key.Value
		r.own[f.Key] = true
		if k["title"] != nil {
			f.Title = r.text(k["title"], path+".title")
		} else if !isKnown {
			r.bad(p.key, "missing", "这个字段缺 title", "the field has no title")
		}
		if k["hint"] != nil {
			f.Hint = r.text(k["hint"], path+".hint")
		}
		t := FieldType(r.oneOf(k["type"], "unknown-type", fieldTypes...))
		switch {
		case t == "" && k["type"] == nil && !isKnown:
			r.bad(p.key, "missing", "这个字段缺 type", "the field has no type")
		case t != "" && isKnown && t != known.Type:
			r.bad(k["type"], "field-type", "“"+f.Key+"”是通用字段,类型只能是 "+string(known.Type), f.Key+" is a common field; its type stays "+string(known.Type))
		case t != "":
			f.Type = t
		}
		if k["min"] != nil {
			f.Min = r.number(k["min"], -1_000_000_000, 1_000_000_000)
		}
		if k["max"] != nil {
			f.Max = r.number(k["max"], 1, 1_000_000_000)
		}
		if f.Max != 0 && f.Min > f.Max {
			r.bad(p.key, "range", "min 比 max 大", "min is larger than max")
		}
		r.choices(k["choices"], path, &f, p.key)
		r.fields[f.Key] = f
	}
}

func (r *reader) choices(n *yaml.Node, path string, f *Field, key *yaml.Node) {
	if n != nil {
		f.Choices = nil
		for _, c := range r.named(n, path+".choices") {
			f.Choices = append(f.Choices, Choice{c.key.Value, r.text(c.value, path+".choices."+c.key.Value)})
		}
	}
	choosing := f.Type == TypeChoice || f.Type == TypeChoices
	switch {
	case choosing && len(f.Choices) == 0:
		r.bad(key, "choices", "选择字段要写出可选的值(choices)", "a choice field must list its choices")
	case !choosing && n != nil:
		r.bad(n, "choices", "只有 choice 和 choices 字段才有选项", "only fields of type choice or choices have choices")
	}
}

func (r *reader) stage(name string, n *yaml.Node) Stage {
	path := ".stages." + name
	k := r.keys(n, path, "title", "public", "actor", "handles", "take", "allow", "joint", "actions")
	s := Stage{Name: name, Title: r.text(k["title"], path+".title"), Public: r.text(k["public"], path+".public"),
		Actor: r.actor(k["actor"], path+".actor"), Handles: r.flag(k["handles"]),
		Take: r.allow(k["take"], path+".take"), Allow: r.allow(k["allow"], path+".allow")}
	for _, key := range []string{"title", "public"} {
		if k[key] == nil {
			r.add(r.place(path), Error, "missing", lang.T("环节“"+name+"”缺 "+key, "stage "+name+" has no "+key), lang.Text{})
		}
	}
	if k["joint"] != nil {
		s.Joint = r.joint(k["joint"], path+".joint")
		s.Handles = k["handles"] == nil || s.Handles
		for _, key := range []string{"actor", "take", "allow"} {
			if k[key] != nil {
				r.hinted(k[key], "joint", "会办环节不写 "+key, "a joint stage has no "+key+" of its own", lang.T("写在 joint 里", "it goes inside joint"))
			}
		}
	}
	s.Actions = r.actions(k["actions"], path, &s)
	return s
}

func (r *reader) joint(n *yaml.Node, path string) *Joint {
	k := r.keys(n, path, "confirm", "accept", "allow", "ruling", "done", "refused")
	j := &Joint{Accept: r.allow(k["accept"], path+".accept"), Allow: r.allow(k["allow"], path+".allow"),
		Ruling: r.allow(k["ruling"], path+".ruling"), Join: Join(r.oneOf(k["done"], "unknown-join", "all", "any", "lead"))}
	if k["done"] == nil {
		j.Join = JoinAll
	}
	if k["confirm"] == nil {
		r.add(r.place(path), Error, "missing", lang.T("会办要写明由谁应哨(confirm)", "a joint stage must say who confirms the whistle (confirm)"), lang.Text{})
	} else if a, within := r.actorWithin(k["confirm"], path+".confirm"); a != nil {
		j.Confirm, j.Within = *a, within
	}
	for _, key := range []string{"accept", "allow", "ruling"} {
		if k[key] == nil {
			r.add(r.place(path), Error, "allowance", lang.T("会办缺“"+key+"”的时限", "the joint stage has no allowance for "+key), allowanceHint())
		}
	}
	r.word(k["refused"])
	return j
}

// actorWithin reads {post, at, allow}: who, and how long they have.
func (r *reader) actorWithin(n *yaml.Node, path string) (*Actor, Allow) {
	k := r.keys(n, path, "post", "at", "unit", "not", "allow")
	a := &Actor{Post: r.word(k["post"]), At: r.level(k["at"]), Unit: r.word(k["unit"]), Not: r.oneOf(k["not"], "unknown-actor", "handler")}
	r.checkActor(n, a, k["at"] != nil)
	if k["allow"] == nil {
		r.add(r.place(path), Error, "allowance", lang.T("没有写时限", "there is no allowance"), allowanceHint())
	}
	return a, r.allow(k["allow"], path+".allow")
}

func (r *reader) level(n *yaml.Node) string {
	return r.oneOf(n, "unknown-level", append(slices.Clone(levels), "up")...)
}

var refs = []string{"previous", "handler", "lead", "whistler", "first"}

// actor reads who acts: {post: dispatcher, at: village}, {unit: form.unit}, duty, or one who had it before.
func (r *reader) actor(n *yaml.Node, path string) *Actor {
	if n == nil {
		return nil
	}
	r.at[path] = place{n.Line, n.Column}
	if n.Kind == yaml.ScalarNode {
		switch w := r.oneOf(n, "unknown-actor", append([]string{"duty"}, refs...)...); w {
		case "":
			return &Actor{Ref: "first"}
		case "duty":
			return &Actor{Unit: "duty"}
		default:
			return &Actor{Ref: w}
		}
	}
	k := r.keys(n, path, "post", "at", "unit", "ref", "not")
	a := &Actor{Post: r.word(k["post"]), At: r.level(k["at"]), Unit: r.word(k["unit"]),
		Ref: r.oneOf(k["ref"], "unknown-actor", refs...), Not: r.oneOf(k["not"], "unknown-actor", "handler")}
	r.checkActor(n, a, k["at"] != nil)
	return a
}

func (r *reader) checkActor(n *yaml.Node, a *Actor, levelGiven bool) {
	hint := lang.T("写成 {post: dispatcher, at: village}、{unit: form.unit}、duty 或 handler", "write {post: dispatcher, at: village}, {unit: form.unit}, duty or handler")
	field, fromForm := formField(a.Post)
	switch {
	case a.Ref != "" && (a.Post != "" || a.Unit != "" || a.At != ""), a.Unit != "" && a.At != "":
		r.hinted(n, "actor", "只能用一种方式写由谁办", "say who acts in one way only", hint)
	case a.Ref == "" && a.Post == "" && a.Unit == "":
		r.hinted(n, "actor", "没有写由谁办", "it does not say who acts", hint)
	case a.Unit != "" && a.Unit != "duty" && !strings.HasPrefix(a.Unit, "form."):
		r.hinted(n, "unknown-unit", "不认识单位“"+shown(a.Unit)+"”", "unknown unit "+shown(a.Unit), lang.T("用 duty(该类别的责任单位)或 form.字段", "use duty (the category's duty unit) or form.FIELD"))
	case a.Post != "" && a.Unit == "" && !levelGiven && !fromForm:
		r.hinted(n, "actor", "没有写从哪一级找起(at)", "it does not say at which level to look (at)", lang.T("可用:"+strings.Join(levels, ", "), "known: "+strings.Join(levels, ", ")))
	case fromForm && field == "":
		r.hinted(n, "actor", "form. 后面要写字段名", "form. needs the name of a field", hint)
	}
	if a.Post != "" && !fromForm {
		r.role(n, a.Post)
	}
}

// role checks a post against those known.
func (r *reader) role(n *yaml.Node, key string) {
	if len(r.roles) == 0 {
		if !namePattern.MatchString(key) {
			r.bad(n, "unknown-post", "岗位名“"+shown(key)+"”写得不对", "the post "+shown(key)+" is not a right name")
		}
		return
	}
	if _, ok := r.roles[key]; !ok {
		r.hinted(n, "unknown-post", "没有“"+shown(key)+"”这个岗位", "there is no post "+shown(key), meant(key, sorted(r.roles)))
	}
}

func (r *reader) end(name string, n *yaml.Node) End {
	path := ".ends." + name
	k := r.keys(n, path, "title", "public", "counts")
	for _, key := range []string{"title", "public"} {
		if k[key] == nil {
			r.add(r.place(path), Error, "missing", lang.T("结局“"+name+"”缺 "+key, "end "+name+" has no "+key), lang.Text{})
		}
	}
	e := End{Name: name, Title: r.text(k["title"], path+".title"), Public: r.text(k["public"], path+".public")}
	for _, x := range r.items(k["counts"]) {
		if w := r.oneOf(x, "unknown-measure", "completed", "resolved", "invalid"); w != "" {
			e.Counts = append(e.Counts, w)
		}
	}
	return e
}

func (r *reader) overdue(n *yaml.Node) Overdue {
	k := r.keys(n, ".overdue", "remind", "then")
	var o Overdue
	for _, x := range r.items(k["remind"]) {
		y := *x
		y.Value = strings.TrimSuffix(strings.TrimSpace(x.Value), "%")
		p := r.number(&y, 1, 99)
		if p > 0 && len(o.Remind) > 0 && p <= o.Remind[len(o.Remind)-1] {
			r.bad(x, "not-rising", "提醒的百分比应一个比一个大", "the percentages must rise")
		}
		o.Remind = append(o.Remind, p)
	}
	if k["then"] != nil && k["then"].Kind != yaml.SequenceNode {
		r.bad(k["then"], "type", "这里应写一组步骤", "a list of steps is expected here")
		return o
	}
	for _, x := range r.items(k["then"]) {
		o.Then = append(o.Then, r.escalation(x))
	}
	return o
}

func (r *reader) escalation(n *yaml.Node) Escalation {
	k := r.keys(n, ".overdue.then", "after", "tell", "supervise")
	var e Escalation
	if v := k["after"]; v != nil && !(v.Kind == yaml.ScalarNode && v.Value == "0") {
		e.After = r.single(v, ".overdue.then.after")
		if e.After.Measure == calendar.None {
			r.bad(v, "allowance", "这里不能写 none", "none makes no sense here")
		}
	}
	if v := k["tell"]; v != nil && v.Kind == yaml.ScalarNode && v.Value == "head" {
		e.Tell = &Actor{Ref: "head"}
	} else {
		e.Tell = r.actor(v, ".overdue.then.tell")
	}
	e.Supervise = r.flag(k["supervise"])
	if e.Tell == nil && !e.Supervise {
		r.bad(n, "nothing", "这一步什么也没做", "this step does nothing")
	}
	return e
}
