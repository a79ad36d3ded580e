package calendar

import (
	"time"

	"linli/internal/platform/lang"
)

// Day is what one day is to a calendar.
type Day struct {
	Date    string    `json:"date" doc:"2006-01-02" example:"2026-10-01"`
	Kind    StepKind  `json:"kind" doc:"workday, rest, holiday, make_up, closed or opened"`
	Name    lang.Text `json:"name" doc:"of the holiday or closed day; empty otherwise"`
	Workday bool      `json:"workday" doc:"counts as a working day (工作日)"`
	Known   bool      `json:"known" doc:"false: the year's holidays are not announced yet; the day may change"`
	Windows []Window  `json:"windows" doc:"open time in order; empty when closed"`
}

// Days gives every day of a year of the years 1 to 9999, nothing for others.
func (c *Calendar) Days(year int) []Day {
	if year < 1 || year > maxYear {
		return nil
	}
	first := yearStart(year)
	out := make([]Day, 0, 366)
	for d := first; d < yearStart(year+1); d++ {
		at := moment{d, 0}.time()
		_, kind, name := c.rules.shiftOn(d, c.marks)
		day := Day{Date: at.Format(time.DateOnly), Name: name, Windows: c.Windows(at),
			Kind: [...]StepKind{StepWork, StepRest, StepHoliday, StepMakeUp, StepClosed, StepOpened}[kind]}
		day.Workday, day.Known = c.IsWorkday(at)
		out = append(out, day)
	}
	return out
}
