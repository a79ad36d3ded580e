package calendar

import "time"

// Clock is the arithmetic of one running deadline with its pauses and extensions. It is a plain value
// that may be stored; the zero Clock is no clock.
type Clock struct {
	Measure     Measure       `json:"measure"`
	Due         time.Time     `json:"due"`         // while paused: what was due when the pause began
	PausedAt    time.Time     `json:"paused_at"`   // zero while running
	Left        time.Duration `json:"left"`        // while paused: time of the measure left, negative when overdue
	Provisional bool          `json:"provisional"` // rests on a year whose holidays are not announced
}

// Paused tells whether the clock stands still.
func (k Clock) Paused() bool { return !k.PausedAt.IsZero() }

// Runs tells whether there is a deadline at all.
func (k Clock) Runs() bool { return k.Measure != None && k.Measure != "" && !k.Due.IsZero() }

// Start sets a clock for an allowance that begins at the moment.
func (c *Calendar) Start(at time.Time, a Allowance) Clock {
	if a.IsNone() {
		return Clock{Measure: None}
	}
	due := c.Deadline(at, a)
	return Clock{Measure: a.Measure, Due: due.At, Provisional: due.Provisional}
}

// Pause stops the clock and keeps what is left of it, negative when it is overdue already. Pausing a
// paused clock changes nothing.
func (c *Calendar) Pause(k Clock, at time.Time) Clock {
	if k.Paused() || !k.Runs() {
		return k
	}
	k.PausedAt = momentOf(at).time()
	k.Left = c.Between(k.Measure, at, k.Due)
	k.Provisional = k.Provisional || c.touches(k.Measure, at, k.Due)
	return k
}

// Resume lets the clock run on with what was left. A pause outside working time adds nothing, and an
// overdue clock stays overdue by as much. Resuming before the pause began (a computer's clock was set
// back) counts as a pause of no length, so that nobody loses time.
func (c *Calendar) Resume(k Clock, at time.Time) Clock {
	if !k.Paused() {
		return k
	}
	if at.Before(k.PausedAt) {
		at = k.PausedAt
	}
	// Nothing passed and the old due still says the same: keep it to the nanosecond, even where it stands
	// between two windows and Add would give the closing before it.
	unmoved := !k.Due.IsZero() && c.Between(k.Measure, k.PausedAt, at) == 0 &&
		c.Between(k.Measure, k.PausedAt, k.Due) == k.Left
	if !unmoved {
		due, doubt := c.Add(k.Measure, at, k.Left)
		k.Due, k.Provisional = due, k.Provisional || doubt
	}
	k.PausedAt, k.Left = time.Time{}, 0
	return k
}

// Extend lengthens the due by an allowance counted from the due in the allowance's own measure; while
// paused, what is left grows by as much. None, and a clock that does not run, change nothing.
func (c *Calendar) Extend(k Clock, a Allowance) Clock {
	if a.IsNone() || a.Amount <= 0 || k.Measure == None || !k.Runs() && !k.Paused() {
		return k
	}
	if k.Due.IsZero() { // paused, and stored without its due
		k.Due, _ = c.Add(k.Measure, k.PausedAt, k.Left)
	}
	due := c.Deadline(k.Due, a)
	if k.Paused() {
		k.Left += c.Between(k.Measure, k.Due, due.At)
	}
	k.Due, k.Provisional = due.At, k.Provisional || due.Provisional
	return k
}

// touches tells whether time of the measure between two moments depends on an unknown year.
func (c *Calendar) touches(m Measure, a, b time.Time) bool {
	return c.table(m) == c.working && c.doubtful(momentOf(a).day, momentOf(b).day)
}
