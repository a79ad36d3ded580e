// Package calendar is working time (工作时间) in China: holidays and make-up workdays (调休), several
// windows a day, seasons, a calendar for each organisation, and time outside the office for emergencies.
// It answers when a deadline falls, how much time has passed, and shows the arithmetic. It is pure: it
// reads no clock and no disk of its own, so the same question always has the same answer.
//
// The legal source of counting is the Civil Code (民法典), articles 200 to 204: periods are counted in
// years, months, days and hours; the day of the beginning does not count; a last day that is a rest day
// moves to the next working day; the last day ends at 24:00, or when business ends where there are
// business hours. Which days are holidays the State Council announces each autumn for the year to come.
// A year not yet announced is unknown, not free of holidays: results that touch it are provisional.
package calendar

import (
	"time"

	"linli/internal/platform/lang"
)

// Measure is how an allowance is counted.
type Measure string

const (
	// Working is time inside the office windows of working days and duty days.
	Working Measure = "working"
	// WorkingDays is whole working days (工作日): the day of the start does not count, and the period ends
	// when business ends on its last day (Civil Code art. 201 and 203).
	WorkingDays Measure = "working_days"
	// Hours is elapsed clock hours of every day (Civil Code art. 201: counted from the hour itself).
	Hours Measure = "hours"
	// Days is calendar days (日): the day of the start does not count, the period ends at 24:00 of its last
	// day, and a last day that is a rest day moves to the next working day (Civil Code art. 201 and 203).
	Days Measure = "days"
	// Emergency is time inside the emergency windows, round the clock unless the calendar says otherwise.
	Emergency Measure = "emergency"
	// None says that no clock runs, on purpose.
	None Measure = "none"
)

// Window is one stretch of open time of a day, From inclusive, To exclusive; To is 00:00 of the next day
// where it lasts until 24:00.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Calendar is the working time of one kind of organisation. It is immutable once loaded and safe for
// use by many goroutines. Times given may be in any zone; times returned are in UTC+8.
type Calendar struct {
	rules     *rules
	version   string
	announced map[int]bool // years whose holidays are announced
	marks     map[int]mark // holidays and make-up workdays by day number
	working   *table
	emergency *table
	unknown   []int32 // number of unknown years before each year
}

// ID is the name by which flows and organisations refer to the calendar.
func (c *Calendar) ID() string { return c.rules.id }

// Version names the rules that gave a result: the announced years for people, and a hash over windows,
// own dates and holiday data for machines, as in "2019-2026.1f0c5a7be2d4". It changes whenever a result
// could; not with a title or a comment of the file.
func (c *Calendar) Version() string { return c.version }

// Title is the calendar's name for people.
func (c *Calendar) Title() lang.Text { return c.rules.title }

// KnownYear tells whether the year's holidays are announced. A calendar that keeps no holidays knows every year.
func (c *Calendar) KnownYear(year int) bool { return !c.rules.china || c.announced[year] }

// IsWorkday tells whether the day is a working day (工作日): a day of the working week or a make-up workday,
// and no holiday or closed day. Days with mere duty hours are open but are no working days. known is false
// when the year's holidays are not announced; working is then the plain week's answer.
func (c *Calendar) IsWorkday(day time.Time) (working, known bool) {
	d := momentOf(day).day
	return c.working.shift(d).workday, c.KnownYear(yearOf(d))
}

// Windows gives the open time of the day in order; empty when closed.
func (c *Calendar) Windows(day time.Time) []Window {
	d := momentOf(day).day
	spans := c.working.shift(d).spans
	windows := make([]Window, len(spans))
	for i, s := range spans {
		windows[i] = Window{moment{d, int64(s.from) * minute}.time(), moment{d, int64(s.to) * minute}.time()}
	}
	return windows
}

// Open tells whether the moment lies in a window. The closing minute itself is closed.
func (c *Calendar) Open(at time.Time) bool {
	m := momentOf(at)
	for _, s := range c.working.shift(m.day).spans {
		if int64(s.from)*minute <= m.ns && m.ns < int64(s.to)*minute {
			return true
		}
	}
	return false
}

// NextOpen gives the moment itself when open, or else the next opening.
func (c *Calendar) NextOpen(at time.Time) time.Time {
	m := momentOf(at)
	if c.Open(at) {
		return m.time()
	}
	for _, s := range c.working.shift(m.day).spans {
		if from := int64(s.from) * minute; m.ns < from {
			return moment{m.day, from}.time()
		}
	}
	// The first open minute of the days that follow.
	n := c.working.minutesBefore(m.day) + int64(c.working.shift(m.day).minutes)
	if n >= c.working.minutes[maxYear+1] {
		return moment{lastDay, dayNanos}.time()
	}
	day, _ := c.working.dayOfMinute(n, yearOf(m.day))
	return moment{day, int64(c.working.shift(day).spans[0].from) * minute}.time()
}

// doubtful tells whether any day from first to last lies in a year whose holidays are unknown.
func (c *Calendar) doubtful(first, last int) bool {
	if first > last {
		first, last = last, first
	}
	return c.unknown[yearOf(last)+1] > c.unknown[yearOf(first)]
}
