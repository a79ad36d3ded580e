package flow

import (
	"fmt"
	"slices"
	"strings"

	"linli/internal/platform/lang"
)

// Print gives a compiled model as plain text, everything the language expanded included: what
// `linli flow show` prints, and what a change of a model is compared by.
func Print(d *Definition, tag lang.Tag) string {
	p := &printer{tag: tag}
	p.line(0, "%s — %s", d.ID(), d.Title.In(tag))
	p.line(0, "kinds %s; overall %s", strings.Join(d.Kinds, " "), p.allow(d.Overall))
	for i := range d.Stages {
		p.stage(&d.Stages[i])
	}
	p.group("standing", d.Standing)
	p.group("after", d.After)
	p.line(0, "")
	for _, e := range d.Ends {
		p.line(0, "end %s: %s (%s)", e.Name, e.Title.In(tag), strings.Join(e.Counts, " "))
		p.line(1, "public: %s", e.Public.In(tag))
	}
	p.overdue(d.Overdue)
	p.line(0, "events %s", strings.Join(d.Events, " "))
	return p.b.String()
}

type printer struct {
	b   strings.Builder
	tag lang.Tag
}

func (p *printer) line(indent int, format string, args ...any) {
	p.b.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(&p.b, format, args...)
	p.b.WriteByte('\n')
}

func (p *printer) stage(s *Stage) {
	p.line(0, "")
	p.line(0, "stage %s: %s%s", s.Name, s.Title.In(p.tag), word(s.Handles, ", handles"))
	p.line(1, "public: %s", s.Public.In(p.tag))
	switch {
	case s.Joint != nil:
		p.line(1, "confirm: %s, %s", s.Joint.Confirm, p.allow(s.Joint.Within))
		p.line(1, "accept %s; part %s; ruling %s; done %s", p.allow(s.Joint.Accept), p.allow(s.Joint.Allow), p.allow(s.Joint.Ruling), s.Joint.Join)
	case s.Actor != nil:
		p.line(1, "actor: %s", s.Actor)
	default:
		p.line(1, "actor: named by every way in")
	}
	if s.Take.Set() {
		p.line(1, "take %s", p.allow(s.Take))
	}
	if s.Joint == nil {
		p.line(1, "allow %s", p.allow(s.Allow))
	}
	for i := range s.Actions {
		p.action(&s.Actions[i])
	}
}

func (p *printer) group(name string, list []Action) {
	p.line(0, "")
	p.line(0, "%s", name)
	for i := range list {
		p.action(&list[i])
	}
}

func (p *printer) action(a *Action) {
	head := fmt.Sprintf("%s: %s", a.Name, a.Title.In(p.tag))
	if string(a.Op) != a.Name {
		head = fmt.Sprintf("%s (%s): %s", a.Name, a.Op, a.Title.In(p.tag))
	}
	on := "case"
	if len(a.On) > 0 {
		kinds := make([]string, len(a.On))
		for i, k := range a.On {
			kinds[i] = string(k)
		}
		on = strings.Join(kinds, " ")
	}
	p.line(1, "- %s [on %s, by %s]%s", head, on, strings.Join(a.By, " "), lead(a))
	if len(a.Form) > 0 {
		fields := make([]string, len(a.Form))
		for i, f := range a.Form {
			fields[i] = fmt.Sprintf("%s%s:%s", f.Key, word(f.Required, "!"), f.Type)
		}
		p.line(3, "form %s", strings.Join(fields, " "))
	}
	if a.When != nil {
		p.line(3, "when %s", a.When.Source)
	}
	p.limits(a)
	if len(a.Events) > 0 {
		p.line(3, "events %s", strings.Join(a.Events, " "))
	}
}

func (p *printer) limits(a *Action) {
	var out []string
	if a.Approve != nil {
		out = append(out, fmt.Sprintf("approved by %s within %s", a.Approve, p.allow(a.Allow)))
	} else if a.Allow.Set() {
		out = append(out, "take "+p.allow(a.Allow))
	}
	if a.AtMost.Measure != "" {
		out = append(out, "at most "+a.AtMost.Text().In(p.tag))
	}
	if a.Times > 0 {
		out = append(out, fmt.Sprintf("%d times", a.Times))
	}
	if a.Within.Measure != "" {
		out = append(out, "within "+a.Within.Text().In(p.tag)+" of the end")
	}
	if a.Pauses && a.Op == OpAsk {
		out = append(out, "the clocks stop")
	}
	if len(out) > 0 {
		p.line(3, "%s", strings.Join(out, "; "))
	}
}

// lead says where an action leads.
func lead(a *Action) string {
	s := ""
	if a.To != "" {
		s = " -> " + a.To
	}
	if a.End != "" {
		s = " -> end " + a.End
	}
	if a.Up {
		s += ", one level up"
	}
	if a.Give != nil {
		s += ", given to " + a.Give.String()
	}
	return s + word(a.Untaken, ", also before it is taken")
}

func (p *printer) overdue(o Overdue) {
	p.line(0, "")
	p.line(0, "remind at %s percent", strings.Trim(fmt.Sprint(o.Remind), "[]"))
	for _, e := range o.Then {
		when := "at the deadline"
		if e.After.Amount > 0 {
			when = e.After.Text().In(p.tag) + " after it"
		}
		what := word(e.Supervise, "supervise")
		if e.Tell != nil {
			what = strings.TrimSpace("tell " + e.Tell.String() + " " + what)
		}
		p.line(1, "- %s: %s", when, what)
	}
}

func (p *printer) allow(a Allow) string {
	s := a.Default.Text().In(p.tag)
	for _, u := range Urgencies {
		if v, ok := a.By[u]; ok {
			s += fmt.Sprintf(", %s %s", u, v.Text().In(p.tag))
		}
	}
	return s
}

// String is the actor as a model writes it.
func (a Actor) String() string {
	parts := slices.DeleteFunc([]string{a.Post, word(a.At != "", "@"+a.At), word(a.Unit != "", " unit "+a.Unit), a.Ref,
		word(a.Not != "", " not "+a.Not), a.Fixed}, func(s string) bool { return s == "" })
	return strings.TrimSpace(strings.Join(parts, ""))
}

func word(is bool, s string) string {
	if is {
		return s
	}
	return ""
}
