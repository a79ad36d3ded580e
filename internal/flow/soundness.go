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
	l.checkRefs()
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

// earlier are those a model may refer to who need not have been there yet, with what brings them about:
// leaving a stage by an action.
func (l *linter) earlier() map[string]func(s *Stage, a *Action) bool {
	mustered := func(s *Stage, a *Action) bool { return s.Joint != nil && a.Name != "turn_down" }
	whistled := true // somebody had the case before the whistle was confirmed
	for _, name := range l.begins() {
		s, _ := l.d.Stage(name)
		whistled = whistled && s.Joint == nil
	}
	return map[string]func(s *Stage, a *Action) bool{
		"handler":  func(s *Stage, a *Action) bool { return s.Handles && (s.Joint == nil || mustered(s, a)) },
		"lead":     mustered,
		"whistler": func(s *Stage, _ *Action) bool { return s.Joint != nil && whistled },
		"previous": func(s *Stage, _ *Action) bool { return s.Name != l.d.Stages[0].Name },
	}
}

// without gives the stages that a case can come to without there ever having been somebody, and whether
// it can also end so (and be reopened).
func (l *linter) without(brought func(s *Stage, a *Action) bool) (stages map[string]bool, ends bool) {
	stages = map[string]bool{}
	for _, a := range l.d.Standing {
		ends = ends || a.End != ""
	}
	queue := l.begins()[:1]
	for len(queue) > 0 {
		s, _ := l.d.Stage(queue[0])
		queue = queue[1:]
		if stages[s.Name] {
			continue
		}
		stages[s.Name] = true
		for i := range s.Actions {
			a := &s.Actions[i]
			if a.Op != OpGo || brought(s, a) {
				continue
			}
			ends = ends || a.End != ""
			if a.To != "" {
				queue = append(queue, a.To)
			}
		}
		if ends {
			queue = append(queue, l.begins()[1:]...)
		}
	}
	return stages, ends
}

// checkRefs proves that whoever a model refers to has always been there: on no way to the stage can the
// case have passed them by.
func (l *linter) checkRefs() {
	who := map[string]lang.Text{"handler": lang.T("处置人", "handler"), "lead": lang.T("牵头单位", "lead"),
		"whistler": lang.T("吹哨人", "whistler"), "previous": lang.T("上一个办理人", "previous holder")}
	for ref, brought := range l.earlier() {
		stages, ends := l.without(brought)
		for i := range l.d.Stages {
			s := &l.d.Stages[i]
			if i == 0 && refOf(s.Actor) == ref {
				l.fault(".stages."+s.Name+".actor", "ref", "第一个环节之前没有"+who[ref].ZH, "before the first stage there is no "+who[ref].EN)
			}
			for j := range s.Actions {
				a := &s.Actions[j]
				if a.Op == OpGo && l.given(a) == ref && stages[s.Name] && !brought(s, a) {
					l.fault(".stages."+s.Name+".actions."+a.Name+".give", "ref", "案件可能直接走到“"+s.Name+"”,那时还没有"+who[ref].ZH,
						"the case may come straight to "+s.Name+", when there may be no "+who[ref].EN+" yet")
				}
			}
		}
		for i := range l.d.After {
			a := &l.d.After[i]
			if l.given(a) == ref && (ends || ref == "previous") {
				l.fault(".after."+a.Name+".give", "ref", "案件可能没经过"+who[ref].ZH+"就结束", "the case may have ended without a "+who[ref].EN)
			}
		}
	}
}

// given is the reference by which an action hands the case on: its own or that of the stage it leads to.
func (l *linter) given(a *Action) string {
	if a.Give != nil {
		return a.Give.Ref
	}
	if next, ok := l.d.Stage(a.To); ok {
		return refOf(next.Actor)
	}
	return ""
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
