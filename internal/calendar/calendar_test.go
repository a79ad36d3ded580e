package calendar_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"linli/internal/calendar"
	"linli/internal/platform/lang"
)

// shipped is the calendars that come with the program.
var shipped = sync.OnceValues(func() (*calendar.Set, error) { return calendar.Load(os.DirFS("../../models")) })

// tester is what a test and a property have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
}

func load(t tester) *calendar.Set {
	t.Helper()
	s, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(t tester, s string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Zone())
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func allow(t tester, measure calendar.Measure, amount string) calendar.Allowance {
	t.Helper()
	a, err := calendar.ParseAllowance(string(measure), amount)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestDeadline(t *testing.T) {
	tests := []struct {
		rule        string
		calendar    string
		start       string
		measure     calendar.Measure
		amount      string
		want        string
		provisional bool
	}{
		{"working hours run through the break at noon", "office", "2026-03-03 11:00", calendar.Working, "2h", "2026-03-03 15:00", false},
		{"working hours end at closing, not at the next opening", "office", "2026-03-03 14:00", calendar.Working, "3h30m", "2026-03-03 17:30", false},
		{"one minute over the closing is the next morning", "office", "2026-03-03 14:00", calendar.Working, "3h31m", "2026-03-04 08:31", false},
		{"a start at night counts from the opening", "office", "2026-03-03 22:00", calendar.Working, "1h", "2026-03-04 09:30", false},
		{"a start before opening counts from the opening", "office", "2026-03-03 05:00", calendar.Working, "30m", "2026-03-03 09:00", false},
		{"a start at noon counts from the afternoon", "office", "2026-03-03 12:30", calendar.Working, "30m", "2026-03-03 14:30", false},
		{"a start at closing counts from the next day", "office", "2026-03-03 17:30", calendar.Working, "1m", "2026-03-04 08:31", false},
		{"working hours skip the weekend", "office", "2026-03-06 17:00", calendar.Working, "1h", "2026-03-09 09:00", false},
		{"working hours skip Spring Festival 2026", "office", "2026-02-14 17:00", calendar.Working, "1h", "2026-02-24 09:00", false},
		{"a make-up Saturday is worked", "office", "2026-02-13 17:00", calendar.Working, "1h", "2026-02-14 09:00", false},
		{"a make-up Sunday is worked", "office", "2026-01-03 12:00", calendar.Working, "1h", "2026-01-04 09:30", false},
		{"the extended break of 2020 ends on Monday 3 February", "office", "2020-01-23 17:00", calendar.Working, "1h", "2020-02-03 09:00", false},
		{"the hall is open on Saturday morning", "service-hall", "2026-03-06 16:30", calendar.Working, "1h", "2026-03-07 09:30", false},
		{"the hall works a make-up Saturday in full", "service-hall", "2026-02-14 11:00", calendar.Working, "2h", "2026-02-14 13:00", false},
		{"the hall is closed on a holiday Saturday", "service-hall", "2026-02-21 09:00", calendar.Working, "1h", "2026-02-24 09:30", false},
		{"the village keeps harvest hours", "village", "2026-06-01 09:00", calendar.Working, "1h", "2026-06-01 17:30", false},
		{"the village keeps usual hours after harvest", "village", "2026-06-26 09:00", calendar.Working, "1h", "2026-06-26 10:00", false},
		{"the hotline never closes", "round-the-clock", "2026-10-01 23:30", calendar.Working, "1h", "2026-10-02 00:30", false},

		{"the day of the start does not count", "office", "2026-03-02 08:30", calendar.WorkingDays, "1", "2026-03-03 17:30", false},
		{"the hour of the start makes no difference", "office", "2026-03-02 23:59", calendar.WorkingDays, "1", "2026-03-03 17:30", false},
		{"three working days from Thursday end on Tuesday", "office", "2026-03-05 10:00", calendar.WorkingDays, "3", "2026-03-10 17:30", false},
		{"working days from a Saturday begin on Monday", "office", "2026-03-07 10:00", calendar.WorkingDays, "1", "2026-03-09 17:30", false},
		{"working days skip National Day and count the make-up Saturday", "office", "2026-09-30 10:00", calendar.WorkingDays, "3", "2026-10-10 17:30", false},
		{"a make-up Sunday counts before Labour Day 2025", "office", "2025-04-25 10:00", calendar.WorkingDays, "1", "2025-04-27 17:30", false},
		{"duty on Saturday is no working day", "service-hall", "2026-03-06 10:00", calendar.WorkingDays, "1", "2026-03-09 17:00", false},
		{"working days end when the village closes in harvest", "village", "2026-06-01 10:00", calendar.WorkingDays, "1", "2026-06-02 20:00", false},
		{"round the clock a working day ends at 24:00", "round-the-clock", "2026-10-01 10:00", calendar.WorkingDays, "1", "2026-10-03 00:00", false},

		{"hours pass at night and on holidays", "office", "2026-02-16 20:15", calendar.Hours, "24h", "2026-02-17 20:15", false},
		{"hours do not depend on holidays not announced", "office", "2026-12-31 20:15", calendar.Hours, "24h", "2027-01-01 20:15", false},
		{"calendar days end at 24:00", "office", "2026-03-02 10:00", calendar.Days, "15", "2026-03-18 00:00", false},
		{"a last day on Saturday moves to Monday", "office", "2026-03-06 10:00", calendar.Days, "1", "2026-03-10 00:00", false},
		{"a last day in Spring Festival moves behind it", "office", "2026-02-10 10:00", calendar.Days, "7", "2026-02-25 00:00", false},
		{"a last day on a make-up Saturday stays", "office", "2026-02-13 10:00", calendar.Days, "1", "2026-02-15 00:00", false},
		{"without rest days the last day stays", "round-the-clock", "2026-03-06 10:00", calendar.Days, "1", "2026-03-08 00:00", false},
		{"emergency time runs round the clock", "office", "2026-02-16 23:00", calendar.Emergency, "2h", "2026-02-17 01:00", false},

		{"2027 is unknown: plain weeks, provisional", "office", "2026-12-31 17:00", calendar.Working, "1h", "2027-01-01 09:00", true},
		{"the last closing of 2026 is still known", "office", "2026-12-31 16:30", calendar.Working, "1h", "2026-12-31 17:30", false},
		{"working days into 2027 are provisional", "office", "2026-12-30 10:00", calendar.WorkingDays, "2", "2027-01-01 17:30", true},
		{"calendar days ask only for the last day", "office", "2018-06-01 10:00", calendar.Days, "300", "2019-03-29 00:00", false},
		{"calendar days ending in 2027 are provisional", "office", "2026-12-30 10:00", calendar.Days, "6", "2027-01-06 00:00", true},
		{"years before 2019 are provisional", "office", "2018-03-05 10:00", calendar.Working, "1h", "2018-03-05 11:00", true},
		{"a calendar without holidays is never provisional", "round-the-clock", "2030-01-01 10:00", calendar.WorkingDays, "2", "2030-01-04 00:00", false},
		{"the New Year's break of 2019 began in 2018", "office", "2018-12-29 10:00", calendar.Working, "8h", "2019-01-02 11:00", true},
	}
	set := load(t)
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			c, ok := set.Lookup(tt.calendar)
			if !ok {
				t.Fatalf("no calendar %s", tt.calendar)
			}
			start, a := at(t, tt.start), allow(t, tt.measure, tt.amount)
			got := c.Deadline(start, a)
			if got.At.Format("2006-01-02 15:04:05") != tt.want+":00" || got.Provisional != tt.provisional {
				t.Errorf("%s %s from %s: got %s provisional %t, want %s %t",
					tt.calendar, a, tt.start, got.At, got.Provisional, tt.want, tt.provisional)
			}
			if got.Calendar != tt.calendar || got.Version != c.Version() {
				t.Errorf("the result names %s %s", got.Calendar, got.Version)
			}
			if other := c.Deadline(start.UTC(), a); !other.At.Equal(got.At) {
				t.Errorf("the zone of the question changes the answer: %s", other.At)
			}
		})
	}
}

func TestNoClock(t *testing.T) {
	c := load(t).Default()
	for _, a := range []calendar.Allowance{{}, {Measure: calendar.None}} {
		if due := c.Deadline(at(t, "2026-03-02 10:00"), a); !due.At.IsZero() || due.Provisional {
			t.Errorf("%v has the deadline %v", a, due)
		}
		k := c.Start(at(t, "2026-03-02 10:00"), a)
		if k.Runs() || c.Pause(k, at(t, "2026-03-02 11:00")) != k || c.Extend(k, allow(t, calendar.Days, "3")) != k {
			t.Errorf("no clock must stay no clock: %+v", k)
		}
	}
}

func TestWorkdaysAreKnownOrPlain(t *testing.T) {
	tests := []struct {
		rule           string
		day            string
		working, known bool
	}{
		{"an ordinary Tuesday", "2026-03-03 00:00", true, true},
		{"an ordinary Sunday", "2026-03-08 23:59", false, true},
		{"a holiday Monday", "2026-02-16 10:00", false, true},
		{"a make-up Saturday", "2026-02-28 10:00", true, true},
		{"New Year's Day not announced is a plain Friday", "2027-01-01 10:00", true, false},
		{"a Sunday long ago", "1949-10-02 10:00", false, false},
		{"a Saturday given as off in the notice for the next year", "2022-12-31 10:00", false, true},
	}
	c := load(t).Default()
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			if working, known := c.IsWorkday(at(t, tt.day)); working != tt.working || known != tt.known {
				t.Errorf("%s: got %t %t, want %t %t", tt.day, working, known, tt.working, tt.known)
			}
		})
	}
	if c.KnownYear(2027) || c.KnownYear(2018) || !c.KnownYear(2019) || !c.KnownYear(2026) {
		t.Error("2019 to 2026 are announced, and no other year")
	}
}

func TestOpenWindows(t *testing.T) {
	c := load(t).Default()
	var got string
	for _, w := range c.Windows(at(t, "2026-03-03 20:00")) {
		got += w.From.Format("2006-01-02 15:04") + "/" + w.To.Format("15:04") + " "
	}
	if want := "2026-03-03 08:30/12:00 2026-03-03 14:00/17:30 "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if w := c.Windows(at(t, "2026-02-17 10:00")); len(w) != 0 {
		t.Errorf("Spring Festival has windows %v", w)
	}
	for when, open := range map[string]bool{"2026-03-03 08:29": false, "2026-03-03 08:30": true, "2026-03-03 11:59": true,
		"2026-03-03 12:00": false, "2026-03-03 17:30": false, "2026-02-14 10:00": true} {
		if c.Open(at(t, when)) != open {
			t.Errorf("open at %s: want %t", when, open)
		}
	}
	for when, next := range map[string]string{"2026-03-03 08:00": "2026-03-03 08:30", "2026-03-03 09:17": "2026-03-03 09:17",
		"2026-03-03 12:00": "2026-03-03 14:00", "2026-03-06 17:30": "2026-03-09 08:30", "2026-02-14 18:00": "2026-02-24 08:30"} {
		if got := c.NextOpen(at(t, when)); !got.Equal(at(t, next)) {
			t.Errorf("next open from %s: got %s, want %s", when, got, next)
		}
	}
}

func TestFarTimesAreHeldAtTheBorder(t *testing.T) {
	for _, c := range load(t).All() {
		for _, start := range []time.Time{{}, time.Unix(-1<<60, 0), time.Unix(1<<60, 0), time.Unix(1<<62, 0), time.Unix(-1<<62, 0),
			time.Date(9999, 12, 31, 23, 59, 59, 999, time.UTC), time.Date(9999, 12, 31, 15, 0, 0, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)} {
			for _, m := range []calendar.Measure{calendar.Working, calendar.WorkingDays, calendar.Hours, calendar.Days, calendar.Emergency} {
				a := calendar.Allowance{Measure: m, Amount: 1 << 62}
				due := c.Deadline(start, a)
				if y := due.At.Year(); y < 1 || y > 9999 {
					t.Errorf("%s %s from %s ends in the year %d", c.ID(), m, start, y)
				}
				if _, err := due.At.MarshalJSON(); err != nil {
					t.Errorf("%s %s from %s cannot be sent: %v", c.ID(), m, start, err)
				}
				if len(c.Explain(start, a, lang.EN)) == 0 {
					t.Errorf("%s %s from %s explains nothing", c.ID(), m, start)
				}
				for _, d := range []time.Duration{1<<63 - 1, -1 << 63, 1, -1} {
					end, _ := c.Add(m, start, d)
					if y := end.Year(); y < 1 || y > 9999 {
						t.Errorf("%s: adding %s of %s to %s gives the year %d", c.ID(), d, m, start, y)
					}
				}
				c.Between(m, start, at(t, "2026-01-01 00:00"))
			}
			c.NextOpen(start)
			c.Windows(start)
			c.Open(start)
		}
	}
	far := time.Date(9990, 5, 3, 2, 0, 0, 0, time.UTC) // far out the plain week still holds
	if d := load(t).Default().Between(calendar.Working, far, far.AddDate(0, 0, 28)); d != 20*7*time.Hour {
		t.Errorf("four weeks in 9990 hold %s", d)
	}
}

func TestBetweenCountsBackwards(t *testing.T) {
	c := load(t).Default()
	a, b := at(t, "2026-03-06 17:00"), at(t, "2026-03-09 09:00")
	if d := c.Between(calendar.Working, a, b); d != time.Hour {
		t.Errorf("forward %s", d)
	}
	if d := c.Between(calendar.Working, b, a); d != -time.Hour {
		t.Errorf("backward %s", d)
	}
	if got, _ := c.Add(calendar.Working, b, -time.Hour); !got.Equal(a) {
		t.Errorf("an hour back from Monday 09:00 is %s", got)
	}
}
