package flow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/calendar"
)

// sim is a case as whoever stores it would keep it: it applies decisions to a State.
type sim struct {
	d     *Definition
	s     State
	posts map[int]string // what each task's actor was, for the walks
	log   []string       // what the last decision changed
}

var simStart = time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("", 8*3600))

func newSim(d *Definition, urgency string) *sim {
	return &sim{d: d, s: State{Now: simStart, Urgency: urgency, Facts: map[string]any{"kind": "event"}}, posts: map[int]string{}}
}

func (m *sim) start(t testing.TB) {
	t.Helper()
	dec, err := Start(m.d, m.s)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	m.apply(dec, "start", "")
}

// clone lets a search try something without changing the case.
func (m *sim) clone() *sim {
	out := &sim{d: m.d, s: m.s, posts: m.posts}
	out.posts = map[int]string{}
	for no, p := range m.posts {
		out.posts[no] = p
	}
	out.s.Tasks = slices.Clone(m.s.Tasks)
	for i := range out.s.Tasks {
		out.s.Tasks[i].By = slices.Clone(out.s.Tasks[i].By)
	}
	return out
}

func (m *sim) act(who Who, act Act) error {
	dec, err := Decide(m.d, m.s, who, act)
	if err != nil {
		return err
	}
	m.apply(dec, act.Name, who.Account)
	return nil
}

func (m *sim) task(no int) *Task { return &m.s.Tasks[no-1] }

func (m *sim) say(format string, args ...any) { m.log = append(m.log, fmt.Sprintf(format, args...)) }

func (m *sim) apply(dec Decision, action, account string) {
	m.log = nil
	if dec.Task > 0 && account != "" && !slices.Contains(m.task(dec.Task).By, account) {
		m.task(dec.Task).By = append(m.task(dec.Task).By, account)
	}
	if dec.Reopen {
		m.s.End, m.s.EndedAt, m.s.Rating, m.s.Reopens = "", time.Time{}, 0, m.s.Reopens+1
		m.say("reopened")
	}
	for _, c := range dec.Changes {
		m.change(c, action)
	}
	m.events(dec)
	if dec.Stage != "" {
		m.s.Stage = dec.Stage
		m.say("stage %s", dec.Stage)
	}
	if dec.End != "" {
		m.s.End, m.s.EndedAt, m.s.Asked = dec.End, m.s.Now, false
		m.say("end %s", dec.End)
	}
	if len(dec.Events) > 0 {
		m.say("events %s", strings.Join(dec.Events, " "))
	}
}

// events applies what concerns the case as a whole.
func (m *sim) events(dec Decision) {
	if dec.Resume {
		m.s.Paused = false
		m.say("clocks run again")
	}
	if dec.Pause != nil {
		m.s.Paused = true
		if dec.Pause.Reason != "asked" {
			m.s.Pauses++ // a question is no pause that somebody asked for
		}
		m.say("clocks stop, at most %s, reason %s", dec.Pause.AtMost, dec.Pause.Reason)
	}
	if dec.Extend.Amount > 0 {
		m.s.Extensions++
		m.say("task %d gets %s more", dec.Extends, dec.Extend)
	}
	if dec.Action == nil {
		return
	}
	switch dec.Action.Op {
	case OpAsk:
		m.s.Asked = true
	case OpAnswer:
		m.s.Asked = false
	case OpRate:
		m.s.Rating = int(dec.Form["score"].(int64))
		m.say("rating %d", m.s.Rating)
	}
}

func (m *sim) change(c Change, action string) {
	switch c.Op {
	case ChangeOpen:
		t := Task{No: len(m.s.Tasks) + 1, Kind: c.New.Kind, Stage: c.New.Stage, State: Taken, Responsible: c.New.Responsible,
			About: c.New.About, Request: c.New.Request, Exclude: c.New.Actor.Exclude, Post: actorPost(c.New.Actor)}
		allow := c.New.Allow
		if c.New.Take.Measure != "" && !c.New.Take.IsNone() {
			t.State, allow = Offered, c.New.Take
		}
		m.s.Tasks = append(m.s.Tasks, t)
		m.say("+%d %s %s for %s, %s, %s%s%s", t.No, t.Kind, t.Stage, t.Post, t.State, allow, about(t), mark(t.Responsible))
	case ChangeTake:
		m.task(c.Task).State = Taken
		m.say("~%d taken, %s", c.Task, c.Allow)
	case ChangeContinue:
		m.task(c.Task).State, m.task(c.Task).Responsible = Taken, c.Responsible
		m.say("~%d goes on, %s%s", c.Task, c.Allow, mark(c.Responsible))
	case ChangeContest:
		m.task(c.Task).State, m.task(c.Task).Responsible = Contested, c.Responsible
		m.say("~%d contested%s", c.Task, mark(c.Responsible))
	case ChangeClose:
		m.task(c.Task).State, m.task(c.Task).Outcome = c.State, action
		m.say("-%d %s", c.Task, c.State)
	}
}

func about(t Task) string {
	s := ""
	if t.About > 0 {
		s += fmt.Sprintf(", about %d", t.About)
	}
	if len(t.Exclude) > 0 {
		s += ", not by " + strings.Join(t.Exclude, " ")
	}
	return s
}

func mark(responsible bool) string {
	if responsible {
		return ", responsible"
	}
	return ""
}

func actorPost(a Actor) string {
	switch {
	case a.Fixed != "":
		return a.Fixed
	case a.Unit != "":
		role := a.Post
		if role == "" {
			role = "unit-officer"
		}
		return role + "@" + a.Unit
	}
	return a.Post + "@" + a.At
}

// invariant is the promise of the product: an open case has exactly one responsible open task, an ended
// one has no open task at all.
func (m *sim) invariant() error {
	open, responsible := 0, 0
	for _, t := range m.s.Tasks {
		if t.State.Open() {
			open++
			if t.Responsible {
				responsible++
			}
		}
	}
	switch {
	case m.s.End == "" && responsible != 1:
		return fmt.Errorf("open case with %d responsible tasks: %v", responsible, m.s.Tasks)
	case m.s.End != "" && open != 0:
		return fmt.Errorf("ended case with %d open tasks: %v", open, m.s.Tasks)
	case m.s.End != "" && (m.s.Paused || m.s.Asked):
		return fmt.Errorf("ended case is paused or asked")
	}
	for _, t := range m.s.Tasks {
		if t.State == Contested && !slices.ContainsFunc(m.s.Tasks, func(r Task) bool { return r.Kind == KindRuling && r.State.Open() && r.About == t.No }) {
			return fmt.Errorf("task %d is contested and nobody rules on it", t.No)
		}
		if t.Kind == KindApproval && t.State.Open() && !m.task(t.About).State.Open() {
			return fmt.Errorf("approval %d is about task %d, which is over", t.No, t.About)
		}
	}
	return nil
}

var _ = calendar.None
