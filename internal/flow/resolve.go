package flow

import "strings"

// usedActor is an actor with the place it stands in the model.
type usedActor struct {
	stage, action string
	actor         *Actor
	from          string // level of the post that had it before: for "up"
}

// actors lists everybody a model names: who acts at stages, gets it, confirms, approves, is told.
func (d *Definition) actors() []usedActor {
	var out []usedActor
	add := func(stage, action string, a *Actor, from string) {
		if a != nil {
			out = append(out, usedActor{stage, action, a, from})
		}
	}
	for i := range d.Stages {
		s := &d.Stages[i]
		add(s.Name, "", s.Actor, "")
		from := ""
		if s.Actor != nil {
			from = s.Actor.At
		}
		if s.Joint != nil {
			add(s.Name, "muster", &s.Joint.Confirm, "")
			from = s.Joint.Confirm.At
		}
		for j := range s.Actions {
			a := &s.Actions[j]
			give := a.Give
			if next, ok := d.Stage(a.To); ok && a.Up && give == nil && next.Actor != nil {
				give = next.Actor
			}
			if a.Up && give != nil {
				raised := *give
				raised.At = "up"
				give = &raised
			}
			add(s.Name, a.Name, give, from)
		}
	}
	for _, list := range [][]Action{d.Standing, d.After} {
		for i := range list {
			add("", list[i].Name, list[i].Approve, "")
			add("", list[i].Name, list[i].Give, "")
		}
	}
	for i := range d.Overdue.Then {
		add("", "overdue", d.Overdue.Then[i].Tell, "")
	}
	return out
}

// Unresolved is an actor that finds nobody for some grids.
type Unresolved struct {
	Stage  string   `json:"stage" doc:"empty for standing actions"`
	Action string   `json:"action" doc:"empty for the actor of the stage itself"`
	Actor  Actor    `json:"actor"`
	Grids  []string `json:"grids" doc:"codes of the grids for which nobody is found"`
}

// Resolve finds the actors of a model that nobody answers to in a loaded area tree. The resolver walks up
// from the grid as it would for a case there. Units named in a form and those who had the case before
// depend on the case and are left out. "One level up" is tried from the level above the stage's own post.
func Resolve(d *Definition, resolver func(a Actor, stage string, gridCode string) (post string, ok bool), grids []string) []Unresolved {
	var out []Unresolved
	for _, u := range d.actors() {
		a := *u.actor
		if a.Post == "" || strings.HasPrefix(a.Post, "form.") || a.Unit != "" {
			continue
		}
		if a.At == "up" {
			a.At = above(u.from)
		}
		row := Unresolved{Stage: u.stage, Action: u.action, Actor: a}
		for _, grid := range grids {
			if _, ok := resolver(a, u.stage, grid); !ok {
				row.Grids = append(row.Grids, grid)
			}
		}
		if len(row.Grids) > 0 {
			out = append(out, row)
		}
	}
	return out
}

// above is the next higher level; the county is the highest.
func above(level string) string {
	for i, l := range levels {
		if l == level && i > 0 {
			return levels[i-1]
		}
	}
	return levels[0]
}
