package calendar

import "time"

// Due is the end of an allowance, with what is needed to check it later.
type Due struct {
	At          time.Time `json:"at" doc:"zero where there is no clock"`
	Provisional bool      `json:"provisional" doc:"depends on a year whose holidays are not announced yet; may move"`
	Calendar    string    `json:"calendar" doc:"id of the calendar used"`
	Version     string    `json:"version" doc:"version of the calendar used"`
}

// Deadline gives the end of an allowance that begins at start. None gives the zero time. An allowance of
// nothing or less ends where it begins; more than the limits of ParseAllowance is held at the limit.
func (c *Calendar) Deadline(start time.Time, a Allowance) Due {
	due := Due{Calendar: c.rules.id, Version: c.version}
	if a.IsNone() {
		return due
	}
	amount := min(a.Amount, a.Measure.limit())
	from := momentOf(start)
	switch {
	case amount <= 0:
		due.At = from.time()
	case a.Measure == WorkingDays:
		due.At, due.Provisional = c.afterWorkingDays(from, amount)
	case a.Measure == Days:
		due.At, due.Provisional = c.afterDays(from, amount)
	default:
		due.At, due.Provisional = c.Add(a.Measure, start, time.Duration(amount)*time.Minute)
	}
	return due
}

func (c *Calendar) afterWorkingDays(from moment, amount int64) (time.Time, bool) {
	if from.day == lastDay {
		return from.time(), true
	}
	first := from.day + 1 // the day of the start does not count
	n := c.working.workdaysBefore(first) + amount - 1
	if n >= c.working.workdays[maxYear+1] {
		return moment{lastDay, dayNanos}.time(), true
	}
	last := c.working.dayOfWorkday(n, yearOf(first))
	spans := c.working.shift(last).spans
	return moment{last, int64(spans[len(spans)-1].to) * minute}.time(), c.doubtful(first, last)
}

func (c *Calendar) afterDays(from moment, amount int64) (time.Time, bool) {
	nominal := int64(from.day) + amount
	if nominal >= int64(lastDay) {
		return moment{lastDay, dayNanos}.time(), true
	}
	last := c.lastDayOf(int(nominal))
	// Only the last day asks whether it is a rest day: the days between count whatever they are.
	return moment{last, dayNanos}.time(), c.rules.rolls && c.doubtful(int(nominal), last)
}

// lastDayOf moves the last day of a period in calendar days off a rest day (Civil Code art. 203).
func (c *Calendar) lastDayOf(day int) int {
	if !c.rules.rolls || c.working.shift(day).workday {
		return day
	}
	n := c.working.workdaysBefore(day)
	if n >= c.working.workdays[maxYear+1] {
		return lastDay
	}
	return c.working.dayOfWorkday(n, yearOf(day))
}

// Add moves by a duration of the measure: forward when it is positive, back when negative. Where the
// result falls between two windows it is the closing of the earlier one, so that a deadline is never the
// next opening. WorkingDays is taken as Working time and Days as Hours. Adding nothing gives the moment
// itself. The second result tells that a year with unknown holidays was touched. What lies beyond the
// years 1 to 9999 is held at their border and provisional.
func (c *Calendar) Add(measure Measure, from time.Time, d time.Duration) (time.Time, bool) {
	m := momentOf(from)
	if d == 0 {
		return m.time(), false
	}
	t := c.table(measure)
	if t == nil {
		at := momentOf(m.time().Add(d))
		return at.time(), at == moment{} || at == moment{lastDay, dayNanos - 1}
	}
	// The sum of minutes and of nanoseconds apart, since open time over all years overflows nanoseconds.
	within := t.shift(m.day).opened(m.ns)
	ns := within%minute + int64(d)%minute
	target := t.minutesBefore(m.day) + within/minute + int64(d)/minute
	if ns >= minute {
		ns, target = ns-minute, target+1
	} else if ns < 0 {
		ns, target = ns+minute, target-1
	}
	if ns == 0 { // the earliest moment with this sum is the end of the open minute before it
		ns, target = minute, target-1
	}
	switch {
	case target < 0:
		return moment{}.time(), true
	case target >= t.minutes[maxYear+1]:
		return moment{lastDay, dayNanos}.time(), true
	}
	day, before := t.dayOfMinute(target, yearOf(m.day))
	at := moment{day, t.shift(day).closing(target-before, ns)}
	return at.time(), t == c.working && c.doubtful(m.day, day)
}

// Between gives how much time of the measure lies in [from, to); negative when to is before from. It is
// held at the limits of a duration, 292 years. WorkingDays is taken as Working time and Days as Hours.
func (c *Calendar) Between(measure Measure, from, to time.Time) time.Duration {
	a, b := momentOf(from), momentOf(to)
	t := c.table(measure)
	if t == nil {
		return saturated(int64(b.day-a.day)*dayMinutes, b.ns-a.ns)
	}
	return saturated(t.minutesBefore(b.day)-t.minutesBefore(a.day),
		t.shift(b.day).opened(b.ns)-t.shift(a.day).opened(a.ns))
}

// table gives the running sums of a measure; nil where time simply elapses.
func (c *Calendar) table(m Measure) *table {
	switch m {
	case Working, WorkingDays:
		return c.working
	case Emergency:
		return c.emergency
	}
	return nil
}
