package flow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/internal/platform/fault"
)

// value draws something right for a field.
func value(t *rapid.T, f Field) any {
	units := rapid.SampledFrom([]string{"u1", "u2", "u3", "u4", "u5", "u6"})
	switch f.Type {
	case TypeInteger:
		return float64(rapid.IntRange(f.Min, min(f.Max, f.Min+20)).Draw(t, f.Key))
	case TypeTask:
		return float64(rapid.IntRange(1, 5).Draw(t, f.Key))
	case TypeBool:
		return rapid.Bool().Draw(t, f.Key)
	case TypeDate:
		return "2026-12-01"
	case TypeChoice:
		return rapid.SampledFrom(f.Choices).Draw(t, f.Key).Value
	case TypeUnit:
		return units.Draw(t, f.Key)
	case TypeUnits:
		return slices.Collect(anyOf(rapid.SliceOfN(units, 0, 3).Draw(t, f.Key)))
	case TypeFiles:
		return []any{"f1"}
	case TypePost:
		return "grid-member@g1"
	}
	return "该说的话"
}

func anyOf(list []string) func(func(any) bool) {
	return func(yield func(any) bool) {
		for _, s := range list {
			if !yield(s) {
				return
			}
		}
	}
}

func fill(t *rapid.T, a *Action, all bool) map[string]any {
	form := map[string]any{}
	for _, f := range a.Form {
		if f.Required || all && rapid.Bool().Draw(t, "fill "+f.Key) {
			form[f.Key] = value(t, f.Field)
		}
	}
	return form
}

var almighty = Who{Account: "robot", System: true}

// explained are refusals that a form or the others' work can bring about although the action is offered.
var explained = []string{"members-open", "guard", "awaiting-approval", "invalid-form"}

func TestRandomWalksKeepThePromise(t *testing.T) {
	for _, d := range builtin(t).All() {
		t.Run(d.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				m := newSim(d, rapid.SampledFrom(Urgencies).Draw(t, "urgency"))
				dec, err := Start(d, m.s)
				if err != nil {
					t.Fatal(err)
				}
				m.apply(dec, "start", "")
				for range rapid.IntRange(1, 40).Draw(t, "steps") {
					step(t, m)
					if err := m.invariant(); err != nil {
						t.Fatal(err)
					}
				}
				if !m.endReachable() {
					t.Fatalf("no end can be reached from here: stage %s, tasks %v", m.s.Stage, m.s.Tasks)
				}
			})
		})
	}
}

// step takes one offered action.
func step(t *rapid.T, m *sim) {
	offers := Offers(m.d, m.s, almighty)
	if len(offers) == 0 {
		if m.s.End == "" {
			t.Fatalf("nothing can be done at %s: %v", m.s.Stage, m.s.Tasks)
		}
		return
	}
	o := rapid.SampledFrom(offers).Draw(t, "offer")
	who := Who{Account: rapid.SampledFrom([]string{"zhang", "li", "wang"}).Draw(t, "account"), System: true}
	err := m.act(who, Act{Name: o.Action.Name, Task: o.Task, Form: fill(t, o.Action, true)})
	if err != nil && !slices.Contains(explained, fault.Of(err).Code) {
		t.Fatalf("offered %s on %d, refused: %v", o.Action.Name, o.Task, err)
	}
}

// endReachable searches with the actions of stages only.
func (m *sim) endReachable() bool {
	seen := map[string]bool{}
	queue := []*sim{m.clone()}
	for len(queue) > 0 && len(seen) < 5000 {
		m := queue[0]
		queue = queue[1:]
		if m.s.End != "" {
			return true
		}
		key := m.key()
		if seen[key] {
			continue
		}
		seen[key] = true
		for _, o := range Offers(m.d, m.s, almighty) {
			if stage, _ := m.d.Stage(m.s.Stage); !slices.ContainsFunc(stage.Actions, func(a Action) bool { return a.Name == o.Action.Name }) {
				continue
			}
			if o.Action.Op == OpAdd || o.Action.Op == OpReject {
				continue // these only make more to do
			}
			next := m.clone()
			if next.act(almighty, Act{Name: o.Action.Name, Task: o.Task, Form: plainForm(o.Action)}) == nil {
				queue = append(queue, next)
			}
		}
	}
	return false
}

func (m *sim) key() string {
	open := []string{m.s.Stage}
	for _, t := range m.s.Tasks {
		if t.State.Open() {
			open = append(open, fmt.Sprint(t.Kind, t.State, t.Responsible))
		}
	}
	slices.Sort(open)
	return strings.Join(open, " ")
}

// plainForm fills in everything required with one fixed value.
func plainForm(a *Action) map[string]any {
	form := map[string]any{}
	for _, f := range a.Form {
		if !f.Required && f.Type != TypeUnit {
			continue
		}
		switch f.Type {
		case TypeInteger:
			form[f.Key] = max(f.Min, 1)
		case TypeTask:
			form[f.Key] = 1
		case TypeBool:
			form[f.Key] = true
		case TypeDate:
			form[f.Key] = "2026-12-01"
		case TypeChoice:
			form[f.Key] = f.Choices[0].Value
		case TypeUnits, TypeFiles:
			form[f.Key] = []string{"x1"}
		default:
			form[f.Key] = "u1"
		}
	}
	return form
}

func TestOffersAndDecideAgree(t *testing.T) {
	for _, d := range builtin(t).All() {
		names := map[string]*Action{}
		for _, list := range [][]Action{d.Standing, d.After} {
			for i := range list {
				names[list[i].Name] = &list[i]
			}
		}
		for i := range d.Stages {
			for j := range d.Stages[i].Actions {
				names[d.Stages[i].Actions[j].Name] = &d.Stages[i].Actions[j]
			}
		}
		ordered := slices.Sorted(maps.Keys(names))
		t.Run(d.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				m := newSim(d, "normal")
				dec, err := Start(d, m.s)
				if err != nil {
					t.Fatal(err)
				}
				m.apply(dec, "start", "")
				for range rapid.IntRange(0, 25).Draw(t, "steps") {
					step(t, m)
				}
				who := somebody(t, m)
				agree(t, m, who, ordered, names)
			})
		})
	}
}

// somebody draws a person: perhaps the reporter, with some roles, holding some tasks.
func somebody(t *rapid.T, m *sim) Who {
	held := map[int]bool{}
	for _, task := range m.s.Tasks {
		held[task.No] = rapid.Bool().Draw(t, fmt.Sprint("holds ", task.No))
	}
	return Who{Account: rapid.SampledFrom([]string{"zhang", "li", "zhao"}).Draw(t, "who"),
		Reporter: rapid.Bool().Draw(t, "reporter"), System: rapid.Bool().Draw(t, "system"),
		Roles: rapid.SliceOfN(rapid.SampledFrom([]string{"dispatcher", "duty-officer", "supervisor", "supervisory-committee"}), 0, 2).Draw(t, "roles"),
		Holds: func(task Task) bool { return held[task.No] }}
}

func agree(t *rapid.T, m *sim, who Who, ordered []string, actions map[string]*Action) {
	offered := map[string]bool{}
	for _, o := range Offers(m.d, m.s, who) {
		offered[o.Action.Name] = true
		bare := o.Action.When == nil && !slices.ContainsFunc(o.Action.Form, func(f FormField) bool { return f.Required })
		if !bare {
			continue
		}
		if _, err := Decide(m.d, m.s, who, Act{Name: o.Action.Name, Task: o.Task, Form: uncontested(m, o)}); err != nil && fault.Of(err).Code != "members-open" {
			t.Fatalf("%s is offered on task %d and refused: %v", o.Action.Name, o.Task, err)
		}
	}
	for _, name := range ordered {
		dec, err := Decide(m.d, m.s, who, Act{Name: name, Form: plainForm(actions[name])})
		switch {
		case err == nil && !offered[name]:
			t.Fatalf("%s is not offered and yet decided: %+v", name, dec)
		case err != nil && fault.Of(err).Kind == fault.Internal:
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// uncontested gives an optional form what the situation needs: a lead let go is replaced.
func uncontested(m *sim, o Offer) map[string]any {
	if o.Action.Op == OpUphold {
		return map[string]any{"unit": "u9"}
	}
	return nil
}
