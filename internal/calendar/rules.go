package calendar

import (
	"time"

	"linli/internal/platform/lang"
)

// rules is a calendar file, checked and ready for looking up days; holidays come from outside.
type rules struct {
	id        string
	title     lang.Text
	isDefault bool
	china     bool // keeps the State Council's holidays
	rolls     bool // a period in calendar days does not end on a rest day (Civil Code art. 203)
	workday   [7]bool
	usual     week
	seasons   []season
	own       map[int]ownDay
	emergency []span
}

// week is the windows of each weekday, Sunday first, and of a full working day for make-up workdays.
type week struct {
	hours [7][]span
	full  []span
}

// season has other windows from one day of the year to another, both included, as 100*month+day. It runs
// over New Year when from is the later.
type season struct {
	from, to int
	title    lang.Text
	week     week
}

// ownDay is a day the organisation itself closed or opened; it outranks the State Council's notice.
type ownDay struct {
	closed  bool
	workday bool
	spans   []span
	title   lang.Text
}

func (s *season) holds(monthDay int) bool {
	if s.from <= s.to {
		return s.from <= monthDay && monthDay <= s.to
	}
	return s.from <= monthDay || monthDay <= s.to
}

func (s *season) overlaps(o season) bool {
	return s.holds(o.from) || s.holds(o.to) || o.holds(s.from)
}

func (r *rules) weekOn(day int) *week {
	if len(r.seasons) > 0 {
		_, m, d := dateOf(day)
		for i := range r.seasons {
			if r.seasons[i].holds(int(m)*100 + d) {
				return &r.seasons[i].week
			}
		}
	}
	return &r.usual
}

// kind is what sort of day a day is.
type kind uint8

const (
	ordinary kind = iota // a working day of the plain week
	rest                 // no working day of the plain week; it may have duty hours
	holiday
	makeUp
	closed
	opened
)

// shiftOn gives how a day is worked, of what kind it is, and the name of what makes it special.
func (r *rules) shiftOn(day int, marks map[int]mark) (shift, kind, lang.Text) {
	if o, ok := r.own[day]; ok {
		if o.closed {
			return shift{}, closed, o.title
		}
		return newShift(o.spans, o.workday), opened, o.title
	}
	w := weekdayOf(day)
	k := rest
	if r.workday[w] {
		k = ordinary
	}
	if m, ok := marks[day]; ok && r.china {
		switch {
		case m.off:
			return shift{}, holiday, m.name
		case k == rest || w == time.Saturday || w == time.Sunday:
			return newShift(r.weekOn(day).full, true), makeUp, m.name
		}
	}
	return newShift(r.weekOn(day).hours[w], r.workday[w]), k, lang.Text{}
}

// compile lays the calendar out over all years.
func (r *rules) compile(years map[int]*year) *Calendar {
	c := &Calendar{rules: r, announced: map[int]bool{}, marks: map[int]mark{}}
	special := map[int]bool{}
	for day := range r.own {
		special[yearOf(day)] = true
	}
	if r.china {
		// In order of years: where two notices speak of one December day, the later notice holds.
		for _, n := range sortedKeys(years) {
			c.announced[n] = years[n].announced()
			for day, m := range years[n].days {
				c.marks[day] = m
				special[yearOf(day)] = true
			}
		}
	}
	c.working = newTable(func(y int) bool { return special[y] }, func(day int) shift {
		s, _, _ := r.shiftOn(day, c.marks)
		return s
	})
	emergency := newShift(r.emergency, true)
	c.emergency = newTable(func(int) bool { return false }, func(int) shift { return emergency })
	c.unknown = make([]int32, maxYear+2)
	for y := minYear; y <= maxYear; y++ {
		c.unknown[y+1] = c.unknown[y]
		if !c.KnownYear(y) {
			c.unknown[y+1]++
		}
	}
	c.version = r.version(years)
	return c
}
