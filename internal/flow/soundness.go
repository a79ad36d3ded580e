package flow

import (
	"linli/internal/platform/lang"
)

// graph is the ways between stages. Every way is an action of a person, so no loop runs by itself.
type graph struct {
	names []string
	next  map[string][]string // stage to stages
	ends  map[string][]string // stage to ends
}

func (d *Definition) graph() graph {
	g := graph{next: map[string][]string{}, ends: map[string][]string{}}
	for _, s := range d.Stages {
		g.names = append(g.names, s.Name)
		for _, a := range s.Actions {
			if a.Op != OpGo {
				continue
			}
			if _, ok := d.Stage(a.To); ok {
				g.next[s.Name] = append(g.next[s.Name], a.To)
			}
			if _, ok := d.End(a.End); ok {
				g.ends[s.Name] = append(g.ends[s.Name], a.End)
			}
		}
	}
	return g
}

// reach gives the stages one can come to from some, never entering those avoided.
func (g graph) reach(from []string, avoid func(string) bool) map[string]bool {
	seen := map[string]bool{}
	for len(from) > 0 {
		name := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[name] || avoid != nil && avoid(name) {
			continue
		}
		seen[name] = true
		from = append(from, g.next[name]...)
	}
	return seen
}

// begins are the stages where a case can begin: the first, and those it is reopened to.
func (l *linter) begins() []string {
	out := []string{l.d.Stages[0].Name}
	for _, a := range l.d.After {
		if _, ok := l.d.Stage(a.To); ok && a.Op == OpReopen {
			out = append(out, a.To)
		}
	}
	return out
}

func (l *linter) checkGraph() {
	g := l.d.graph()
	if l.d.Stages[0].Joint == nil && l.d.Stages[0].Actor == nil {
		l.fault(".stages."+l.d.Stages[0].Name, "no-actor", "第一个环节要写由谁接(actor)", "the first stage must say who receives (actor)")
	}
	reached := g.reach(l.begins(), nil)
	for _, name := range g.names {
		if !reached[name] {
			l.fault(".stages."+name, "unreachable", "没有哪一步会走到环节“"+name+"”", "nothing leads to stage "+name)
		}
		if !g.ending(name) {
			l.fault(".stages."+name, "no-end", "环节“"+name+"”走不到任何结局", "no end can be reached from stage "+name)
		}
	}
	l.checkEndsReached(g, reached)
	l.checkRefs(g)
	l.checkVerifiers(g)
}

func (g graph) ending(name string) bool {
	for s := range g.reach([]string{name}, nil) {
		if len(g.ends[s]) > 0 {
			return true
		}
	}
	return false
}

func (l *linter) checkEndsReached(g graph, reached map[string]bool) {
	used := map[string]bool{}
	for name := range reached {
		for _, e := range g.ends[name] {
			used[e] = true
		}
	}
	for _, a := range l.d.Standing {
		used[a.End] = true
	}
	for _, e := range l.d.Ends {
		if !used[e.Name] {
			l.fault(".ends."+e.Name, "unreachable", "没有哪一步会以“"+e.Name+"”结束", "nothing leads to end "+e.Name)
		}
	}
}

// checkRefs proves that whoever a model refers to has always been there: on no way to the stage can the
// case have passed them by.
func (l *linter) checkRefs(g graph) {
	handles := func(name string) bool { s, _ := l.d.Stage(name); return s.Handles }
	joint := func(name string) bool { s, _ := l.d.Stage(name); return s.Joint != nil }
	avoidable := func(avoid func(string) bool) map[string]bool { return g.reach(l.begins()[:1], avoid) }
	without := map[string]map[string]bool{"handler": avoidable(handles), "lead": avoidable(joint), "whistler": avoidable(joint),
		"previous": {l.d.Stages[0].Name: true}}
	who := map[string]lang.Text{"handler": lang.T("处置人", "handler"), "lead": lang.T("牵头单位", "lead"),
		"whistler": lang.T("吹哨人", "whistler"), "previous": lang.T("上一个办理人", "previous holder")}
	tell := func(path, ref, zh, en string) {
		l.fault(path, "ref", zh+",那时还没有"+who[ref].ZH, en+", when there may be no "+who[ref].EN+" yet")
	}
	for i := range l.d.Stages {
		s := &l.d.Stages[i]
		for _, a := range s.Actions {
			if ref := refOf(a.Give); without[ref][s.Name] && !(ref == "handler" && s.Handles) {
				tell(".stages."+s.Name+".actions."+a.Name+".give", ref, "可能直接走到“"+s.Name+"”", "the case may come straight to "+s.Name)
			}
		}
		// the stage's own actor counts where it is entered: before it, not at it
		if ref := refOf(s.Actor); ref != "" && (i == 0 || l.entered(g, without[ref], s.Name)) {
			tell(".stages."+s.Name+".actor", ref, "可能直接走到“"+s.Name+"”", "the case may come straight to "+s.Name)
		}
	}
	for _, a := range l.d.After {
		ref := refOf(a.Give)
		for name := range without[ref] {
			if len(g.ends[name]) > 0 {
				tell(".after."+a.Name, ref, "可能在“"+name+"”就结束", "the case may end at "+name)
				break
			}
		}
	}
	for _, a := range l.d.Standing {
		if ref := refOf(a.Approve); ref != "" && len(without[ref]) > 0 {
			tell(".standing."+a.Name, ref, "任何环节都能申请", "it is possible at every stage")
		}
	}
}

// entered tells whether the stage can be come to from one of those.
func (l *linter) entered(g graph, from map[string]bool, name string) bool {
	for s := range from {
		for _, to := range g.next[s] {
			if to == name {
				return true
			}
		}
	}
	return false
}

// checkVerifiers makes sure that "not the handler" means something.
func (l *linter) checkVerifiers(g graph) {
	after := map[string]bool{}
	for _, s := range l.d.Stages {
		if s.Handles {
			for name := range g.reach(g.next[s.Name], nil) {
				after[name] = true
			}
		}
	}
	for _, s := range l.d.Stages {
		path := ".stages." + s.Name
		if s.Actor != nil && s.Actor.Not == "handler" && !after[s.Name] {
			l.fault(path+".actor", "not-handler", "在“"+s.Name+"”之前没有办事的环节,not: handler 没有意义", "no handling stage comes before "+s.Name+", so not: handler means nothing")
		}
	}
}
