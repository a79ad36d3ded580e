package calendar

import (
	"time"

	"linli/internal/platform/lang"
)

// StepKind says what a step of the arithmetic is about.
type StepKind string

const (
	StepStart   StepKind = "start"   // the day of the start, which does not count in days
	StepWork    StepKind = "workday" // an ordinary working day
	StepRest    StepKind = "rest"    // a rest day of the week, with or without duty hours
	StepHoliday StepKind = "holiday" // a holiday of the State Council's notice
	StepMakeUp  StepKind = "make_up" // a make-up workday (调休上班)
	StepClosed  StepKind = "closed"  // closed by the organisation itself
	StepOpened  StepKind = "opened"  // opened by the organisation itself
	StepDay     StepKind = "day"     // a day that counts whatever it is
	StepRun     StepKind = "run"     // several days of different kinds in one line
	StepElapsed StepKind = "elapsed" // clock time that simply passes
	StepDue     StepKind = "due"     // the end
	StepNone    StepKind = "none"    // no clock
)

// Step is one line of the arithmetic. The lines are in order; what they count adds up to the allowance.
type Step struct {
	Kind        StepKind      `json:"kind"`
	From        time.Time     `json:"from" doc:"first day of the step, or its moment"`
	To          time.Time     `json:"to" doc:"last day of the step, or its moment"`
	Days        int           `json:"days" doc:"calendar days the step spans"`
	Counted     int           `json:"counted" doc:"days counted, for allowances in days"`
	Time        time.Duration `json:"time" doc:"time counted in nanoseconds, for other allowances"`
	Name        string        `json:"name,omitempty" doc:"name of the holiday or closed day"`
	Provisional bool          `json:"provisional" doc:"the year's holidays are not announced yet"`
	Text        string        `json:"text" doc:"the line in the language asked for"`
}

const (
	singleDays = 31  // up to here every day has its own line
	edgeDays   = 7   // beyond, so many at either end do
	monthDays  = 400 // up to here the middle is told by months and holidays; beyond by years
	yearDays   = 40 * 366
)

// Explain shows the arithmetic of Deadline line by line: which day counted, which was a holiday or a
// make-up workday, which is provisional, and the end. Long runs of days are folded into one line.
func (c *Calendar) Explain(start time.Time, a Allowance, tag lang.Tag) []Step {
	if a.IsNone() {
		at := momentOf(start).time()
		return []Step{{Kind: StepNone, From: at, To: at, Text: Allowance{Measure: None}.Text().In(tag)}}
	}
	e := &explainer{c: c, tag: tag, a: a, from: momentOf(start), due: c.Deadline(start, a), t: c.table(a.Measure)}
	e.to = momentOf(e.due.At)
	if e.to.ns == 0 && e.from.before(e.to) { // 24:00 belongs to the day that ends
		e.to = moment{e.to.day - 1, dayNanos}
	}
	switch {
	case !e.from.before(e.to):
	case e.byDay():
		e.daysBetween()
	default:
		e.elapsed()
	}
	return append(e.steps, e.end())
}

// explainer holds one explanation while it grows.
type explainer struct {
	c        *Calendar
	tag      lang.Tag
	a        Allowance
	from, to moment
	due      Due
	t        *table
	steps    []Step
	counted  int           // days so far
	sum      time.Duration // time so far
}

// byDay tells whether days differ for the measure at all.
func (e *explainer) byDay() bool {
	switch e.a.Measure {
	case Hours:
		return false
	case Emergency:
		r := e.c.rules.emergency
		return len(r) != 1 || r[0] != span{0, dayMinutes}
	}
	return true
}

// inDays tells whether whole days are counted.
func (e *explainer) inDays() bool { return e.a.Measure == WorkingDays || e.a.Measure == Days }

func (e *explainer) elapsed() {
	d := e.c.Between(e.a.Measure, e.from.time(), e.due.At)
	e.steps = append(e.steps, Step{Kind: StepElapsed, From: e.from.time(), To: e.due.At,
		Days: e.to.day - e.from.day + 1, Time: d, Text: e.elapsedText(d)})
}

func (e *explainer) end() Step {
	return Step{Kind: StepDue, From: e.due.At, To: e.due.At, Provisional: e.due.Provisional, Text: e.dueText()}
}

// daysBetween cuts the days from start to due into steps.
func (e *explainer) daysBetween() {
	first, last := e.from.day, e.to.day
	if last-first < singleDays {
		e.single(first, last)
		return
	}
	e.single(first, first+edgeDays-1)
	e.folded(first+edgeDays, last-edgeDays)
	e.single(last-edgeDays+1, last)
}

func (e *explainer) single(first, last int) {
	for day := first; day <= last; day++ {
		e.add(day, day, e.kindOf(day))
	}
}

// folded tells the middle of a long period: by months, with holidays on their own, or by years.
func (e *explainer) folded(first, last int) {
	total := last - first + 1
	if e.a.Measure == Days || e.a.Measure == Emergency || total > yearDays {
		e.add(first, last, StepRun)
		return
	}
	for day := first; day <= last; {
		end := day
		if total > monthDays {
			end = min(last, yearStart(yearOf(day)+1)-1)
		} else {
			for end < last && e.sameRun(day, end+1) {
				end++
			}
		}
		kind := StepRun
		if end == day || e.kindOf(day) != StepWork && e.kindOf(day) != StepRest && total <= monthDays {
			kind = e.kindOf(day)
		}
		e.add(day, end, kind)
		day = end + 1
	}
}

// sameRun tells whether a day goes on the same line: ordinary days of one month, or one holiday.
func (e *explainer) sameRun(first, day int) bool {
	_, k1, name1 := e.c.rules.shiftOn(first, e.c.marks)
	_, k2, name2 := e.c.rules.shiftOn(day, e.c.marks)
	if k1 > rest || k2 > rest {
		return k1 == k2 && name1 == name2
	}
	y1, m1, _ := dateOf(first)
	y2, m2, _ := dateOf(day)
	return y1 == y2 && m1 == m2
}

// kindOf says what a day is to this allowance.
func (e *explainer) kindOf(day int) StepKind {
	if e.inDays() && day == e.from.day {
		return StepStart
	}
	if e.a.Measure == Emergency || e.a.Measure == Days && int64(day-e.from.day) <= e.a.Amount {
		return StepDay
	}
	_, k, _ := e.c.rules.shiftOn(day, e.c.marks)
	return [...]StepKind{StepWork, StepRest, StepHoliday, StepMakeUp, StepClosed, StepOpened}[k]
}

// add appends the step over the days from first to last.
func (e *explainer) add(first, last int, kind StepKind) {
	s := Step{Kind: kind, From: moment{first, 0}.time(), To: moment{last, 0}.time(), Days: last - first + 1}
	switch e.a.Measure {
	case WorkingDays:
		a, b := max(first, e.from.day+1), last+1
		s.Counted = int(max(0, e.c.working.workdaysBefore(b)-e.c.working.workdaysBefore(a)))
	case Days:
		a, b := max(first, e.from.day+1), min(last, e.from.day+int(e.a.Amount))
		s.Counted = max(0, b-a+1)
	default:
		a, b := moment{first, 0}, moment{last + 1, 0}
		if a.before(e.from) {
			a = e.from
		}
		if e.to.before(b) {
			b = e.to
		}
		s.Time = e.c.Between(e.a.Measure, a.time(), b.time())
	}
	switch kind {
	case StepDay, StepHoliday, StepMakeUp, StepClosed, StepOpened:
		_, _, name := e.c.rules.shiftOn(first, e.c.marks)
		s.Name = name.In(e.tag)
	}
	s.Provisional = e.doubt(first, last)
	e.counted += s.Counted
	e.sum += s.Time
	s.Text = e.dayText(s)
	e.steps = append(e.steps, s)
}

// doubt tells whether the step hangs on an unknown year. Calendar days ask only for the last day.
func (e *explainer) doubt(first, last int) bool {
	switch e.a.Measure {
	case Emergency:
		return false
	case WorkingDays:
		first = max(first, e.from.day+1)
	case Days:
		first = max(first, e.from.day+int(e.a.Amount))
		if !e.c.rules.rolls {
			return false
		}
	}
	return first <= last && e.c.doubtful(first, last)
}
