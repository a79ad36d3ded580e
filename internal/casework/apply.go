package casework

import (
	"fmt"
	"time"

	"linli/internal/calendar"
	"linli/internal/flow"
	"linli/internal/platform/database"
)

// change applies a decision to the case in memory: hand-overs, clocks, stage and end. It notes in the
// entry what happened and returns the numbers of the hand-overs that changed.
func (s *Service) change(now time.Time, c *Case, dec flow.Decision, entry *Entry) ([]int, error) {
	touched := map[int]bool{}
	before := c.dues()
	if dec.Reopen {
		c.reopen(s, now)
	}
	if dec.Resume {
		s.resumeClocks(c, now, touched)
	}
	if dec.Stage != "" {
		c.Stage = dec.Stage
	}
	for _, ch := range dec.Changes {
		no, err := s.changeTask(now, c, ch, entry)
		if err != nil {
			return nil, err
		}
		touched[no] = true
	}
	if dec.Pause != nil {
		s.pauseClocks(c, now, dec.Pause.AtMost, touched)
		if dec.Pause.Reason != flow.PauseAsked {
			c.Pauses++ // waiting for the reporter's answer uses up nobody's pauses
		}
	}
	if dec.Extends != 0 {
		s.extend(c, dec, now, touched)
	}
	if dec.End != "" {
		c.Ended, c.EndedAt = dec.End, now
		c.Clock.stop(s.calendar(&c.Clock), now)
		c.Asked = false
	}
	entry.Data.Clock = moved(before, c.dues())
	return numbers(touched, len(c.Tasks)), nil
}

func (s *Service) changeTask(now time.Time, c *Case, ch flow.Change, entry *Entry) (int, error) {
	if ch.Op == flow.ChangeOpen {
		return s.open(now, c, ch.New, entry)
	}
	t := c.Task(ch.Task)
	if t == nil {
		return 0, fmt.Errorf("case %s has no task %d to %s", c.ID, ch.Task, ch.Op)
	}
	cal := s.calendarOf(t.Post.Place())
	switch ch.Op {
	case flow.ChangeTake, flow.ChangeContinue:
		t.State, t.TakenAt = flow.Taken, now
		t.Clock = startClock(cal, now, ch.Allow)
		if ch.Op == flow.ChangeContinue {
			t.Responsible = ch.Responsible
		}
		s.pauseWith(c, t, now)
	case flow.ChangeContest:
		t.State, t.Responsible = flow.Contested, ch.Responsible
		t.Clock.pause(s.calendar(&t.Clock), now) // by the calendar it was started under
	case flow.ChangeClose:
		t.State, t.ClosedAt, t.Outcome = ch.State, now, entry.Action
		t.Clock.stop(s.calendar(&t.Clock), now)
	}
	entry.Data.Changes = append(entry.Data.Changes, TaskChange{Op: ch.Op, Task: t.No, State: t.State, Due: t.Clock.due()})
	return t.No, nil
}

// open makes a hand-over: finds its post and who answers for it, and starts its clock.
func (s *Service) open(now time.Time, c *Case, n *flow.NewTask, entry *Entry) (int, error) {
	g, err := s.resolve(c, n.Actor, now)
	if err != nil {
		return 0, err
	}
	t := Task{No: len(c.Tasks) + 1, Kind: n.Kind, Stage: n.Stage, Post: g.post, Holder: g.holder, Trail: g.trail,
		State: flow.Taken, Responsible: n.Responsible, About: n.About, Request: n.Request, Exclude: n.Actor.Exclude,
		GivenAt: now, Handle: n.Allow}
	cal := s.calendarOf(g.post.Place())
	allow := n.Allow
	if n.Take.Measure != "" && !n.Take.IsNone() {
		t.State, allow = flow.Offered, n.Take
	}
	t.Clock = startClock(cal, now, allow)
	s.pauseWith(c, &t, now)
	c.Tasks = append(c.Tasks, t)
	entry.Data.Changes = append(entry.Data.Changes, TaskChange{Op: flow.ChangeOpen, Task: t.No, Kind: t.Kind, State: t.State,
		Post: t.Post, Holder: t.Holder, Due: t.Clock.due()})
	return t.No, nil
}

// pauseWith stops a clock that starts while the case is paused.
func (s *Service) pauseWith(c *Case, t *Task, now time.Time) {
	if !c.PausedAt.IsZero() && t.Kind != flow.KindApproval {
		t.Clock.pause(s.calendar(&t.Clock), now)
	}
}

func (s *Service) pauseClocks(c *Case, now time.Time, atMost calendar.Allowance, touched map[int]bool) {
	c.PausedAt = now
	c.Clock.pause(s.calendar(&c.Clock), now)
	if atMost.Amount > 0 {
		c.Clock.AtMost = s.calendar(&c.Clock).Deadline(now, atMost).At
	}
	for i := range c.Tasks {
		if t := &c.Tasks[i]; t.Open() && t.Kind != flow.KindApproval {
			t.Clock.pause(s.calendar(&t.Clock), now)
			touched[t.No] = true
		}
	}
}

func (s *Service) resumeClocks(c *Case, now time.Time, touched map[int]bool) {
	c.PausedAt = time.Time{}
	c.Clock.resume(s.calendar(&c.Clock), now)
	for i := range c.Tasks {
		// a contested task keeps standing until the ruling
		if t := &c.Tasks[i]; t.Open() && t.State != flow.Contested {
			t.Clock.resume(s.calendar(&t.Clock), now)
			touched[t.No] = true
		}
	}
}

func (s *Service) extend(c *Case, dec flow.Decision, now time.Time, touched map[int]bool) {
	c.Extensions++
	c.Clock.extend(s.calendar(&c.Clock), now, dec.Extend)
	if t := c.Task(dec.Extends); t != nil {
		t.Clock.extend(s.calendar(&t.Clock), now, dec.Extend)
		touched[t.No] = true
	}
}

// reopen sets the case going again, on a new overall clock with the same allowance.
func (c *Case) reopen(s *Service, now time.Time) {
	c.Ended, c.EndedAt = "", time.Time{}
	c.Reopens++
	c.Rating, c.MergedInto = 0, "" // it goes its own way again
	c.Clock = startClock(s.calendarOf(c.Area), now, c.Clock.Allow)
}

// dues lists the running deadlines, overall and by hand-over, for the entry that moves them.
func (c *Case) dues() map[string]int64 {
	out := map[string]int64{"case": database.Millis(c.Clock.due())}
	for i := range c.Tasks {
		if t := &c.Tasks[i]; t.Open() {
			out[fmt.Sprintf("task %d", t.No)] = database.Millis(t.Clock.due())
		}
	}
	return out
}

func moved(before, after map[string]int64) map[string][2]int64 {
	out := map[string][2]int64{}
	for key, b := range before {
		if a, ok := after[key]; ok && a != b {
			out[key] = [2]int64{b, a}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func numbers(set map[int]bool, most int) []int {
	var out []int
	for no := 1; no <= most; no++ {
		if set[no] {
			out = append(out, no)
		}
	}
	return out
}
