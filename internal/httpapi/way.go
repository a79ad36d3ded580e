package httpapi

import (
	"slices"

	"linli/internal/casework"
	"linli/internal/flow"
)

// way is the way of a case: the stages of its model, which it is in now, and through which the usual way leads from
// there. Stages off that way (a ruling, a muster) are entered only when something asks for them.
func way(d *flow.Definition, c *casework.Case) []stageView {
	ahead := map[string]bool{}
	for name := c.Stage; c.Open(); {
		if name = usualNext(d, name); name == "" || name == c.Stage || ahead[name] {
			break
		}
		ahead[name] = true
	}
	out := make([]stageView, 0, len(d.Stages))
	for i := range d.Stages {
		st := &d.Stages[i]
		out = append(out, stageView{Name: st.Name, Title: st.Title, Now: c.Open() && st.Name == c.Stage, Ahead: ahead[st.Name]})
	}
	return out
}

// usualNext is where the usual action of a stage leads: the first that goes on in the order of the model or ends the
// case, else the first that leaves the stage. Empty when that ends the case.
func usualNext(d *flow.Definition, stage string) string {
	at := slices.IndexFunc(d.Stages, func(st flow.Stage) bool { return st.Name == stage })
	if at < 0 {
		return ""
	}
	first := ""
	for i := range d.Stages[at].Actions {
		a := &d.Stages[at].Actions[i]
		if a.Op != flow.OpGo || a.To == stage {
			continue
		}
		if a.End != "" || slices.ContainsFunc(d.Stages[at+1:], func(st flow.Stage) bool { return st.Name == a.To }) {
			return a.To
		}
		if first == "" {
			first = a.To
		}
	}
	return first
}
