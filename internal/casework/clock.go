package casework

import (
	"time"

	"linli/internal/calendar"
)

// Clock is a deadline with the policy it was made under, frozen, and everything that moved it since:
// enough to compute it again and to show the arithmetic.
type Clock struct {
	Start    time.Time          `json:"start"`
	Allow    calendar.Allowance `json:"allow"`
	Calendar string             `json:"calendar,omitempty"`
	Version  string             `json:"version,omitempty"` // of the calendar when it was started
	Moves    []Move             `json:"moves,omitempty"`
	Stopped  time.Time          `json:"stopped,omitzero"` // when the work was done
	Sent     int                `json:"sent,omitempty"`   // reminders and escalations already made
	AtMost   time.Time          `json:"at_most,omitzero"` // when a pause ends by itself

	calendar.Clock
}

// Move is one thing that moved a deadline.
type Move struct {
	Op    string             `json:"op"` // pause, resume, extend
	At    time.Time          `json:"at"`
	Allow calendar.Allowance `json:"allow,omitzero"`
}

func startClock(cal *calendar.Calendar, at time.Time, a calendar.Allowance) Clock {
	k := Clock{Start: at, Allow: a, Clock: cal.Start(at, a)}
	if k.Runs() {
		k.Calendar, k.Version = cal.ID(), cal.Version()
	}
	return k
}

func (k *Clock) pause(cal *calendar.Calendar, at time.Time) {
	if k.Runs() && !k.Paused() && k.Stopped.IsZero() {
		k.Clock = cal.Pause(k.Clock, at)
		k.Moves = append(k.Moves, Move{Op: "pause", At: at})
	}
}

func (k *Clock) resume(cal *calendar.Calendar, at time.Time) {
	if k.Paused() {
		k.Clock = cal.Resume(k.Clock, at)
		k.Moves = append(k.Moves, Move{Op: "resume", At: at})
	}
	k.AtMost = time.Time{}
}

func (k *Clock) extend(cal *calendar.Calendar, at time.Time, a calendar.Allowance) {
	if k.Runs() && k.Stopped.IsZero() {
		k.Clock = cal.Extend(k.Clock, a)
		k.Moves = append(k.Moves, Move{Op: "extend", At: at, Allow: a})
		k.Sent = 0 // a new deadline is reminded of anew
	}
}

// stop ends the clock when the work is done; what it said stays to be read.
func (k *Clock) stop(cal *calendar.Calendar, at time.Time) {
	if k.Stopped.IsZero() {
		k.resume(cal, at)
		k.Stopped = at
	}
}

// due is the deadline as it is listed and compared; zero while there is none or it is paused.
func (k *Clock) due() time.Time {
	if !k.Runs() || k.Paused() {
		return time.Time{}
	}
	return k.Due
}

// Late tells whether the deadline was missed at the moment, or when the work was done.
func (k *Clock) Late(now time.Time) bool {
	if !k.Stopped.IsZero() {
		now = k.Stopped
	}
	if k.Paused() {
		return k.Left < 0
	}
	return k.Runs() && now.After(k.Due)
}

// replay computes the clock again from its policy and moves under a calendar.
func (k *Clock) replay(cal *calendar.Calendar) Clock {
	out := Clock{Start: k.Start, Allow: k.Allow, Clock: cal.Start(k.Start, k.Allow), Moves: k.Moves,
		Stopped: k.Stopped, Sent: k.Sent, AtMost: k.AtMost}
	if out.Runs() {
		out.Calendar, out.Version = cal.ID(), cal.Version()
	}
	for _, m := range k.Moves {
		switch m.Op {
		case "pause":
			out.Clock = cal.Pause(out.Clock, m.At)
		case "resume":
			out.Clock = cal.Resume(out.Clock, m.At)
		case "extend":
			out.Clock = cal.Extend(out.Clock, m.Allow)
		}
	}
	return out
}
