package calendar_test

import (
	"testing"
	"time"

	"linli/internal/calendar"
)

func TestClock(t *testing.T) {
	c := load(t).Default()
	working, days, hours := allow(t, calendar.Working, "4h"), allow(t, calendar.WorkingDays, "3"), allow(t, calendar.Hours, "24h")
	pause := func(when string) func(calendar.Clock) calendar.Clock {
		return func(k calendar.Clock) calendar.Clock { return c.Pause(k, at(t, when)) }
	}
	resume := func(when string) func(calendar.Clock) calendar.Clock {
		return func(k calendar.Clock) calendar.Clock { return c.Resume(k, at(t, when)) }
	}
	extend := func(a calendar.Allowance) func(calendar.Clock) calendar.Clock {
		return func(k calendar.Clock) calendar.Clock { return c.Extend(k, a) }
	}
	tests := []struct {
		rule  string
		start string
		allow calendar.Allowance
		steps []func(calendar.Clock) calendar.Clock
		want  string
	}{
		{"a pause of two working hours moves the due by two working hours", "2026-03-03 09:00", working,
			[]func(calendar.Clock) calendar.Clock{pause("2026-03-03 10:00"), resume("2026-03-03 14:00")}, "2026-03-03 17:00"},
		{"a pause at noon adds nothing", "2026-03-03 09:00", working,
			[]func(calendar.Clock) calendar.Clock{pause("2026-03-03 12:00"), resume("2026-03-03 14:00")}, "2026-03-03 15:00"},
		{"a pause over the weekend adds nothing to a due at Friday's closing", "2026-03-06 10:30", allow(t, calendar.Working, "5h"),
			[]func(calendar.Clock) calendar.Clock{pause("2026-03-07 10:00"), resume("2026-03-08 10:00")}, "2026-03-06 17:30"},
		{"pausing twice is pausing once", "2026-03-03 09:00", working,
			[]func(calendar.Clock) calendar.Clock{pause("2026-03-03 10:00"), pause("2026-03-03 11:00"), resume("2026-03-03 11:00")}, "2026-03-03 16:00"},
		{"resuming a running clock changes nothing", "2026-03-03 09:00", working,
			[]func(calendar.Clock) calendar.Clock{resume("2026-03-09 09:00")}, "2026-03-03 15:00"},
		{"an overdue clock stays overdue by as much", "2026-03-03 09:00", working, // due 15:00, an hour over at 16:00
			[]func(calendar.Clock) calendar.Clock{pause("2026-03-03 16:00"), resume("2026-03-04 10:00")}, "2026-03-04 09:00"},
		{"resuming before the pause costs no time", "2026-03-03 09:00", working,
			[]func(calendar.Clock) calendar.Clock{pause("2026-03-03 10:00"), resume("2026-03-03 09:00")}, "2026-03-03 15:00"},
		{"a clock in working days moves by working time", "2026-03-03 09:00", days, // due Friday 17:30
			[]func(calendar.Clock) calendar.Clock{pause("2026-03-04 08:30"), resume("2026-03-05 08:30")}, "2026-03-09 17:30"},
		{"a clock in hours moves by the night too", "2026-03-03 09:00", hours,
			[]func(calendar.Clock) calendar.Clock{pause("2026-03-03 20:00"), resume("2026-03-04 06:00")}, "2026-03-04 19:00"},
		{"an extension counts from the due", "2026-03-03 09:00", days,
			[]func(calendar.Clock) calendar.Clock{extend(days)}, "2026-03-11 17:30"},
		{"an extension counts in its own measure", "2026-03-03 09:00", days,
			[]func(calendar.Clock) calendar.Clock{extend(allow(t, calendar.Working, "2h"))}, "2026-03-09 10:30"},
		{"an extension in the pause is there after it", "2026-03-03 09:00", working,
			[]func(calendar.Clock) calendar.Clock{pause("2026-03-03 10:00"), extend(allow(t, calendar.Working, "1h")), resume("2026-03-03 11:00")}, "2026-03-03 17:00"},
		{"no extension is no change", "2026-03-03 09:00", working,
			[]func(calendar.Clock) calendar.Clock{extend(calendar.Allowance{Measure: calendar.None})}, "2026-03-03 15:00"},
		{"a paused clock stored without its due comes back", "2026-03-03 09:00", working,
			[]func(calendar.Clock) calendar.Clock{pause("2026-03-03 10:00"), func(k calendar.Clock) calendar.Clock { k.Due = time.Time{}; return k },
				extend(allow(t, calendar.Working, "1h")), resume("2026-03-03 11:00")}, "2026-03-03 17:00"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			k := c.Start(at(t, tt.start), tt.allow)
			for _, step := range tt.steps {
				k = step(k)
			}
			if !k.Due.Equal(at(t, tt.want)) || k.Paused() || k.Left != 0 || k.Provisional {
				t.Errorf("got %+v, want due %s", k, tt.want)
			}
		})
	}
}

func TestPauseKeepsWhatIsLeft(t *testing.T) {
	c := load(t).Default()
	k := c.Start(at(t, "2026-03-03 09:00"), allow(t, calendar.Working, "4h"))
	for when, left := range map[string]time.Duration{"2026-03-03 10:00": 3 * time.Hour, "2026-03-03 13:00": time.Hour,
		"2026-03-03 15:00": 0, "2026-03-03 16:00": -time.Hour, "2026-03-04 08:30": -150 * time.Minute} {
		if got := c.Pause(k, at(t, when)); got.Left != left || !got.Paused() {
			t.Errorf("paused at %s: %+v, want %s left", when, got, left)
		}
	}
}

func TestClockIntoUnknownYearIsProvisional(t *testing.T) {
	c := load(t).Default()
	k := c.Start(at(t, "2026-12-31 09:00"), allow(t, calendar.Working, "4h"))
	if k.Provisional {
		t.Error("ends in 2026 and is known")
	}
	k = c.Resume(c.Pause(k, at(t, "2026-12-31 10:00")), at(t, "2027-03-01 10:00"))
	if !k.Provisional {
		t.Error("resumed in 2027 it is provisional")
	}
	k = c.Extend(c.Start(at(t, "2026-12-31 09:00"), allow(t, calendar.Working, "4h")), allow(t, calendar.WorkingDays, "1"))
	if !k.Provisional {
		t.Error("extended into 2027 it is provisional")
	}
}
