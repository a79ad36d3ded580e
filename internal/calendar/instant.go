package calendar

import (
	"math"
	"time"
)

// zone is the official time of China, UTC+8 the year round: summer time was given up in 1991. A fixed
// zone keeps the arithmetic the same on machines without a time zone database.
var zone = time.FixedZone("UTC+8", 8*60*60)

// Zone gives the zone in which calendars count and answer: UTC+8 without summer time.
func Zone() *time.Location { return zone }

const (
	dayMinutes = 24 * 60
	dayNanos   = int64(24 * time.Hour)
	minute     = int64(time.Minute)

	// Years a timestamp can be written for in RFC 3339; whatever lies outside is clamped to them.
	minYear = 1
	maxYear = 9999

	epochDay = 719162 // days from 0001-01-01 to 1970-01-01
)

// moment is a point in time as the calendar sees it: the day, counted from 0001-01-01, and the
// nanoseconds since its midnight.
type moment struct {
	day int
	ns  int64
}

var lastDay = yearStart(maxYear+1) - 1

func momentOf(t time.Time) moment {
	// Years first: the seconds of a time far outside would wrap.
	switch y := t.Year(); {
	case y < minYear-1:
		return moment{}
	case y > maxYear+1:
		return moment{lastDay, dayNanos - 1}
	}
	s := t.Unix() + 8*60*60 + epochDay*24*60*60
	switch {
	case s < 0:
		return moment{}
	case s >= int64(lastDay+1)*24*60*60:
		return moment{lastDay, dayNanos - 1}
	}
	return moment{int(s / (24 * 60 * 60)), s%(24*60*60)*int64(time.Second) + int64(t.Nanosecond())}
}

// time gives the point back in the calendars' zone; 24:00 of a day is 00:00 of the next.
func (m moment) time() time.Time {
	if m.day > lastDay || m.day == lastDay && m.ns >= dayNanos {
		m = moment{lastDay, dayNanos - 1}
	}
	return time.Unix(int64(m.day-epochDay)*24*60*60-8*60*60, m.ns).In(zone)
}

func (m moment) before(o moment) bool { return m.day < o.day || m.day == o.day && m.ns < o.ns }

// yearStart gives the day number of 1 January.
func yearStart(y int) int {
	y--
	return 365*y + y/4 - y/100 + y/400
}

// yearOf gives the year a day number lies in.
func yearOf(day int) int {
	y := 1 + int(int64(day)*400/146097)
	if day < yearStart(y) {
		return y - 1
	}
	if day >= yearStart(y+1) {
		return y + 1
	}
	return y
}

// dayOf gives the day number of a date.
func dayOf(y int, m time.Month, d int) int {
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/(24*60*60)) + epochDay
}

// weekdayOf gives the weekday of a day number; 0001-01-01 was a Monday.
func weekdayOf(day int) time.Weekday { return time.Weekday((day + 1) % 7) }

// dateOf takes a day number apart.
func dateOf(day int) (int, time.Month, int) {
	return time.Unix(int64(day-epochDay)*24*60*60, 0).UTC().Date()
}

// saturated turns minutes and nanoseconds into a duration, held at its limits (292 years).
func saturated(minutes, ns int64) time.Duration {
	const most = math.MaxInt64/minute - dayMinutes
	switch {
	case minutes > most:
		return math.MaxInt64
	case minutes < -most:
		return math.MinInt64
	}
	return time.Duration(minutes*minute + ns)
}
