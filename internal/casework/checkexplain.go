package casework

import (
	"context"
	"time"

	"linli/internal/calendar"
	"linli/internal/platform/database"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// Explanation is the arithmetic of one case's deadlines.
type Explanation struct {
	Case   string          `json:"case"`
	Number string          `json:"number"`
	Clocks []ClockArgument `json:"clocks" doc:"the overall clock first, then each hand-over's"`
}

// ClockArgument shows how a deadline came about.
type ClockArgument struct {
	Task     int             `json:"task" doc:"0: the whole case"`
	Stage    string          `json:"stage,omitempty"`
	Post     staff.Post      `json:"post,omitempty"`
	Start    time.Time       `json:"start"`
	Allow    lang.Text       `json:"allow" doc:"the allowance, frozen when the clock started"`
	Calendar string          `json:"calendar,omitempty"`
	Version  string          `json:"version,omitempty" doc:"of the calendar when the clock started"`
	Steps    []calendar.Step `json:"steps" doc:"from the start to the first deadline, day by day"`
	Moves    []MoveArgument  `json:"moves,omitempty" doc:"what moved it since"`
	Due      time.Time       `json:"due,omitzero"`
	Again    time.Time       `json:"again,omitzero" doc:"the deadline computed again now"`
	Stopped  time.Time       `json:"stopped,omitzero" doc:"when the work was done"`
	Paused   bool            `json:"paused,omitempty"`
	Frozen   bool            `json:"frozen,omitempty" doc:"made under another version of the calendar: kept as promised"`
	Agrees   bool            `json:"agrees" doc:"stored and computed deadline are the same"`
}

// MoveArgument is one move with the deadline before and after it.
type MoveArgument struct {
	Op     string        `json:"op" enum:"pause,resume,extend"`
	At     time.Time     `json:"at"`
	Allow  string        `json:"allow,omitempty"`
	Before time.Time     `json:"before"`
	After  time.Time     `json:"after"`
	Left   time.Duration `json:"left,omitempty" doc:"what a pause has kept, in nanoseconds of the measure"`
}

// Explain shows the arithmetic of a case's deadlines: the allowance, the days that counted, each pause
// and extension, and the same computed again now. ref is an id or a number.
//
// Whoever may see the case may ask. Errors: NotFound when there is none, or none the actor may know of.
func (s *Service) Explain(ctx context.Context, actor *staff.Actor, ref string, tag lang.Tag) (Explanation, error) {
	var out Explanation
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		c, err := s.seen(tx, actor, ref)
		if err != nil {
			return err
		}
		out = Explanation{Case: c.ID, Number: s.Number(c), Clocks: []ClockArgument{s.argue(&c.Clock, tag)}}
		for i := range c.Tasks {
			t := &c.Tasks[i]
			a := s.argue(&t.Clock, tag)
			a.Task, a.Stage, a.Post = t.No, t.Stage, t.Post
			out.Clocks = append(out.Clocks, a)
		}
		return nil
	})
	return out, err
}

func (s *Service) argue(k *Clock, tag lang.Tag) ClockArgument {
	cal := s.calendar(k)
	a := ClockArgument{Start: k.Start, Allow: k.Allow.Text(), Calendar: k.Calendar, Version: k.Version, Steps: cal.Explain(k.Start, k.Allow, tag),
		Due: k.due(), Stopped: k.Stopped, Paused: k.Paused(), Frozen: k.Runs() && k.Version != cal.Version()}
	again := cal.Start(k.Start, k.Allow)
	for _, m := range k.Moves {
		move := MoveArgument{Op: m.Op, At: m.At, Before: again.Due}
		switch m.Op {
		case "pause":
			again = cal.Pause(again, m.At)
			move.Left = again.Left
		case "resume":
			again = cal.Resume(again, m.At)
		case "extend":
			again = cal.Extend(again, m.Allow)
			move.Allow = m.Allow.Text().In(tag)
		}
		move.After = again.Due
		a.Moves = append(a.Moves, move)
	}
	if !again.Paused() {
		a.Again = again.Due
	}
	a.Agrees = same(again, k.Clock)
	return a
}
