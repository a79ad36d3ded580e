package calendar

import (
	"slices"
	"sort"
)

// span is one window of a day in minutes since midnight; to is 1440 when it lasts until 24:00.
type span struct{ from, to int }

// shift is how one day is worked.
type shift struct {
	spans   []span
	workday bool // counts as a working day; duty on a Saturday is open and yet no working day
	minutes int  // open minutes of the day
}

func newShift(spans []span, workday bool) shift {
	s := shift{spans: spans, workday: workday}
	for _, w := range spans {
		s.minutes += w.to - w.from
	}
	return s
}

// opened gives the open nanoseconds of the day before the moment.
func (s *shift) opened(ns int64) int64 {
	var sum int64
	for _, w := range s.spans {
		from, to := int64(w.from)*minute, int64(w.to)*minute
		if ns <= from {
			break
		}
		sum += min(ns, to) - from
	}
	return sum
}

// closing gives the earliest nanosecond of the day by which the day has been open for rest minutes
// (fewer than it has in all) plus ns nanoseconds; ns is 1 minute at most.
func (s *shift) closing(rest, ns int64) int64 {
	for _, w := range s.spans {
		if n := int64(w.to - w.from); rest >= n {
			rest -= n
			continue
		}
		return (int64(w.from)+rest)*minute + ns
	}
	return dayNanos // never reached: rest is fewer than the day's minutes
}

// plan is one year, day by day, with running sums at the start of each day and one past the last.
type plan struct {
	shifts   []uint16
	minutes  []int32
	workdays []int32
}

// table holds running sums of open minutes and working days over all years that a timestamp can be
// written for. Years without dates of their own differ only by leap day and weekday, so fourteen plans
// serve nearly all of them, and no question ever leaves the table.
type table struct {
	shifts   []shift
	plans    []plan
	year     []uint16 // the plan of each year
	minutes  []int64  // open minutes before 1 January of each year
	workdays []int64
}

// newTable lays out every year. own tells the years that have dates of their own; on says how a day is worked.
func newTable(own func(year int) bool, on func(day int) shift) *table {
	t := &table{
		year:     make([]uint16, maxYear+1),
		minutes:  make([]int64, maxYear+2),
		workdays: make([]int64, maxYear+2),
	}
	ordinary := map[[2]int]uint16{}
	for y := minYear; y <= maxYear; y++ {
		start, days := yearStart(y), yearStart(y+1)-yearStart(y)
		key := [2]int{days, int(weekdayOf(start))}
		index, ok := ordinary[key]
		special := own(y)
		if special || !ok {
			index = uint16(len(t.plans))
			t.plans = append(t.plans, t.lay(start, days, on))
			if !special {
				ordinary[key] = index
			}
		}
		p := &t.plans[index]
		t.year[y] = index
		t.minutes[y+1] = t.minutes[y] + int64(p.minutes[days])
		t.workdays[y+1] = t.workdays[y] + int64(p.workdays[days])
	}
	return t
}

func (t *table) lay(start, days int, on func(day int) shift) plan {
	p := plan{make([]uint16, days), make([]int32, days+1), make([]int32, days+1)}
	for i := range days {
		s := on(start + i)
		index := slices.IndexFunc(t.shifts, func(o shift) bool { return o.workday == s.workday && slices.Equal(o.spans, s.spans) })
		if index < 0 {
			index = len(t.shifts)
			t.shifts = append(t.shifts, s)
		}
		p.shifts[i] = uint16(index)
		p.minutes[i+1] = p.minutes[i] + int32(s.minutes)
		p.workdays[i+1] = p.workdays[i]
		if s.workday {
			p.workdays[i+1]++
		}
	}
	return p
}

// shift gives how a day is worked; the day must lie in the table.
func (t *table) shift(day int) *shift {
	y := yearOf(day)
	return &t.shifts[t.plans[t.year[y]].shifts[day-yearStart(y)]]
}

// minutesBefore gives the open minutes of all days before the day.
func (t *table) minutesBefore(day int) int64 {
	y := yearOf(day)
	return t.minutes[y] + int64(t.plans[t.year[y]].minutes[day-yearStart(y)])
}

// workdaysBefore gives the number of working days before the day.
func (t *table) workdaysBefore(day int) int64 {
	y := yearOf(day)
	return t.workdays[y] + int64(t.plans[t.year[y]].workdays[day-yearStart(y)])
}

// dayOfMinute finds the day that holds open minute number n, counted from 0, and the open minutes before
// that day. near is a year to try first. The number must lie in the table.
func (t *table) dayOfMinute(n int64, near int) (day int, before int64) {
	y := yearIn(t.minutes, n, near)
	sums := t.plans[t.year[y]].minutes
	i := dayIn(sums, int32(n-t.minutes[y]))
	return yearStart(y) + i, t.minutes[y] + int64(sums[i])
}

// dayOfWorkday finds working day number n, counted from 0, which must lie in the table.
func (t *table) dayOfWorkday(n int64, near int) int {
	y := yearIn(t.workdays, n, near)
	return yearStart(y) + dayIn(t.plans[t.year[y]].workdays, int32(n-t.workdays[y]))
}

// yearIn finds the year with sums[y] <= n < sums[y+1].
func yearIn(sums []int64, n int64, near int) int {
	for y := near; y <= near+1 && y <= maxYear; y++ {
		if sums[y] <= n && n < sums[y+1] {
			return y
		}
	}
	return minYear + sort.Search(maxYear-minYear, func(i int) bool { return sums[minYear+i+1] > n })
}

// dayIn finds the day with sums[i] <= n < sums[i+1].
func dayIn(sums []int32, n int32) int {
	low, high := 0, len(sums)-2
	for low < high {
		if mid := (low + high) / 2; sums[mid+1] > n {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}
