package calendar_test

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/internal/calendar"
)

// announcement is the test's own reading of the holiday files.
type announcement struct {
	Year int      `json:"year"`
	Days []dayOff `json:"days"`
}

type dayOff struct {
	Name     string `json:"name"`
	Date     string `json:"date"`
	IsOffDay bool   `json:"isOffDay"`
}

func announcementOf(t tester, year int) announcement {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("../../models/calendars/holidays/%d.json", year))
	if err != nil {
		t.Fatal(err)
	}
	var a announcement
	if err := json.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

var marked = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for y := 2019; y <= 2026; y++ {
		data, _ := os.ReadFile(fmt.Sprintf("../../models/calendars/holidays/%d.json", y))
		var a announcement
		_ = json.Unmarshal(data, &a)
		for _, d := range a.Days {
			all[d.Date] = d.IsOffDay
		}
	}
	return all
})

// openHours says, independently of the program, which windows ("HHMM" pairs) a shipped calendar has on a day.
func openHours(id string, day time.Time) [][2]int {
	off, special := marked()[day.Format(time.DateOnly)]
	weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
	if id == "round-the-clock" {
		return [][2]int{{0, 2400}}
	}
	if special && off {
		return nil
	}
	saturday := day.Weekday() == time.Saturday && !special
	if weekend && !special && !saturday {
		return nil
	}
	monthDay := int(day.Month())*100 + day.Day()
	switch id {
	case "office":
		if saturday {
			return nil
		}
		return [][2]int{{830, 1200}, {1400, 1730}}
	case "service-hall":
		if saturday {
			return [][2]int{{900, 1200}}
		}
		return [][2]int{{830, 1700}}
	}
	morning, evening := [2]int{800, 1130}, [2]int{1430, 1730}
	if monthDay >= 525 && monthDay <= 625 {
		morning, evening = [2]int{630, 930}, [2]int{1700, 2000}
	} else if monthDay >= 920 && monthDay <= 1031 {
		morning, evening = [2]int{700, 1030}, [2]int{1630, 1930}
	}
	if saturday {
		return [][2]int{morning}
	}
	return [][2]int{morning, evening}
}

// plod walks minute by minute from a whole minute until so many open minutes have passed, and tells
// whether an unknown year was walked in.
func plod(id string, start time.Time, minutes int64) (time.Time, bool) {
	at, unknown := start, false
	var day time.Time
	var open [1440]bool
	for minutes > 0 {
		if d := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location()); !d.Equal(day) {
			day, open = d, [1440]bool{}
			for _, w := range openHours(id, d) {
				for i := w[0]/100*60 + w[0]%100; i < w[1]/100*60+w[1]%100; i++ {
					open[i] = true
				}
			}
			unknown = unknown || at.Year() < 2019 || at.Year() > 2026
		}
		if open[at.Hour()*60+at.Minute()] {
			minutes--
		}
		at = at.Add(time.Minute)
	}
	return at, unknown && id != "round-the-clock"
}

func calendars(t tester) *rapid.Generator[*calendar.Calendar] {
	return rapid.SampledFrom(load(t).All())
}

// moments gives whole minutes of the years 2017 to 2030.
func moments() *rapid.Generator[time.Time] {
	first := time.Date(2017, 1, 1, 0, 0, 0, 0, calendar.Zone())
	return rapid.Map(rapid.Int64Range(0, 14*366*1440), func(n int64) time.Time {
		return first.Add(time.Duration(n) * time.Minute)
	})
}

// instants gives moments to the nanosecond.
func instants() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		return moments().Draw(t, "minute").Add(time.Duration(rapid.Int64Range(0, int64(time.Minute)-1).Draw(t, "ns")))
	})
}

func durations() *rapid.Generator[time.Duration] {
	return rapid.Map(rapid.Int64Range(1, int64(4000*time.Hour)), func(n int64) time.Duration { return time.Duration(n) })
}

var measures = rapid.SampledFrom([]calendar.Measure{calendar.Working, calendar.Hours, calendar.Emergency, calendar.WorkingDays, calendar.Days})

func TestDeadlinesAgreeWithCountingMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := calendars(t).Draw(t, "calendar")
		start := moments().Draw(t, "start")
		n := rapid.OneOf(rapid.Just(int64(1)), rapid.Int64Range(1, 3000), rapid.Just(int64(250*7*60))).Draw(t, "minutes")
		want, unknown := plod(c.ID(), start, n)
		got := c.Deadline(start, calendar.Allowance{Measure: calendar.Working, Amount: n})
		if !got.At.Equal(want) || got.Provisional != unknown {
			t.Fatalf("got %s provisional %t, counted %s %t", got.At, got.Provisional, want, unknown)
		}
		if d := c.Between(calendar.Working, start, got.At); d != time.Duration(n)*time.Minute {
			t.Fatalf("%d minutes are %s between", n, d)
		}
	})
}

func TestWorkingDaysAgreeWithCountingDayByDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := calendars(t).Draw(t, "calendar")
		start := moments().Draw(t, "start")
		n := rapid.Int64Range(1, 250).Draw(t, "days")
		day, unknown := start, false
		for left := n; left > 0; {
			day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, calendar.Zone())
			off, special := marked()[day.Format(time.DateOnly)]
			weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
			if c.ID() == "round-the-clock" || special && !off || !special && !weekend {
				left--
			}
			unknown = unknown || c.ID() != "round-the-clock" && (day.Year() < 2019 || day.Year() > 2026)
		}
		hours := openHours(c.ID(), day)
		end := hours[len(hours)-1][1]
		want := day.Add(time.Duration(end/100)*time.Hour + time.Duration(end%100)*time.Minute)
		got := c.Deadline(start, calendar.Allowance{Measure: calendar.WorkingDays, Amount: n})
		if !got.At.Equal(want) || got.Provisional != unknown {
			t.Fatalf("got %s provisional %t, counted %s %t", got.At, got.Provisional, want, unknown)
		}
	})
}

func TestSplittingAnIntervalChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m := calendars(t).Draw(t, "calendar"), measures.Draw(t, "measure")
		x, y, z := instants().Draw(t, "x"), instants().Draw(t, "y"), instants().Draw(t, "z")
		if c.Between(m, x, y)+c.Between(m, y, z) != c.Between(m, x, z) {
			t.Fatalf("%s + %s != %s", c.Between(m, x, y), c.Between(m, y, z), c.Between(m, x, z))
		}
		a, b := durations().Draw(t, "a"), durations().Draw(t, "b")
		once, p := c.Add(m, x, a+b)
		half, p1 := c.Add(m, x, a)
		twice, p2 := c.Add(m, half, b)
		if !once.Equal(twice) || p != (p1 || p2) {
			t.Fatalf("at once %s %t, in two parts %s %t", once, p, twice, p1 || p2)
		}
	})
}

func TestAddAndBetweenAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m := calendars(t).Draw(t, "calendar"), measures.Draw(t, "measure")
		x, d := instants().Draw(t, "x"), durations().Draw(t, "d")
		if rapid.Bool().Draw(t, "back") {
			d = -d
		}
		y, _ := c.Add(m, x, d)
		if got := c.Between(m, x, y); got != d {
			t.Fatalf("adding %s gives %s, which is %s away", d, y, got)
		}
		if z, _ := c.Add(m, x, c.Between(m, x, y)); !z.Equal(y) {
			t.Fatalf("%s comes back as %s", y, z)
		}
		if (d > 0) != y.After(x) {
			t.Fatalf("adding %s to %s gives %s", d, x, y)
		}
	})
}

func TestAPauseOutsideWorkingTimeAddsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := calendars(t).Draw(t, "calendar")
		k := c.Start(instants().Draw(t, "start"), calendar.Allowance{Measure: calendar.Working, Amount: rapid.Int64Range(1, 6000).Draw(t, "minutes")})
		from := instants().Draw(t, "from")
		if c.Open(from) {
			from = from.Add(12 * time.Hour)
		}
		to := from.Add(time.Duration(rapid.Int64Range(0, int64(12*time.Hour)).Draw(t, "length")))
		if next := c.NextOpen(from); to.After(next) {
			to = next
		}
		if got := c.Resume(c.Pause(k, from), to); !got.Due.Equal(k.Due) {
			t.Fatalf("a pause from %s to %s moved %s to %s", from, to, k.Due, got.Due)
		}
	})
}

func TestAPauseMovesTheDueByTheWorkingTimeInIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m := calendars(t).Draw(t, "calendar"), measures.Draw(t, "measure")
		k := c.Start(instants().Draw(t, "start"), calendar.Allowance{Measure: m, Amount: rapid.Int64Range(1, 500).Draw(t, "amount")})
		from := instants().Draw(t, "from")
		to := from.Add(durations().Draw(t, "length"))
		paused := c.Pause(k, from)
		if again := c.Pause(paused, to); again != paused {
			t.Fatalf("pausing twice: %+v and %+v", paused, again)
		}
		got := c.Resume(paused, to)
		if left := c.Between(m, to, got.Due); left != paused.Left {
			t.Fatalf("%s were left, %s after the pause", paused.Left, left)
		}
		if moved, pause := c.Between(m, k.Due, got.Due), c.Between(m, from, to); moved != pause {
			t.Fatalf("the pause held %s, the due moved by %s", pause, moved)
		}
	})
}

func TestAddingAHolidayNeverBringsADeadlineForward(t *testing.T) {
	set := load(t)
	rapid.Check(t, func(t *rapid.T) {
		a := announcementOf(t, 2026)
		date := time.Date(2026, 1, 1+rapid.IntRange(0, 364).Draw(t, "day"), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		days := []dayOff{{"加放", date, true}}
		for _, d := range a.Days {
			if d.Date != date {
				days = append(days, d)
			}
		}
		a.Days = days
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		more, err := set.WithYear(data)
		if err != nil {
			t.Fatal(err)
		}
		id := rapid.SampledFrom([]string{"office", "service-hall", "village", "round-the-clock"}).Draw(t, "id")
		m := measures.Draw(t, "measure")
		start := time.Date(2025, 12, 1, 0, rapid.IntRange(0, 400*1440).Draw(t, "start"), 0, 0, calendar.Zone())
		allowance := calendar.Allowance{Measure: m, Amount: rapid.Int64Range(1, 300).Draw(t, "amount")}
		before, after := set.Get(id).Deadline(start, allowance), more.Get(id).Deadline(start, allowance)
		if after.At.Before(before.At) {
			t.Fatalf("a holiday on %s moved %s from %s to %s", date, allowance, before.At, after.At)
		}
		if working, _ := more.Get(id).IsWorkday(at(t, date+" 10:00")); working != (id == "round-the-clock") {
			t.Fatalf("%s is %t after the change", date, working)
		}
	})
}

func TestTheArithmeticShownAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m := calendars(t).Draw(t, "calendar"), measures.Draw(t, "measure")
		start := moments().Draw(t, "start")
		a := calendar.Allowance{Measure: m, Amount: rapid.OneOf(rapid.Int64Range(1, 30), rapid.Int64Range(1, 2600)).Draw(t, "amount")}
		due, steps := c.Deadline(start, a), c.Explain(start, a, "en")
		var counted int64
		var sum time.Duration
		doubt := false
		for i, s := range steps[:len(steps)-1] {
			counted, sum, doubt = counted+int64(s.Counted), sum+s.Time, doubt || s.Provisional
			if s.Text == "" || s.To.Before(s.From) {
				t.Fatalf("step %d is %+v", i, s)
			}
			if i > 0 && s.From.Sub(steps[i-1].To) != 24*time.Hour {
				t.Fatalf("step %d begins at %s, the one before ends at %s", i, s.From, steps[i-1].To)
			}
		}
		end := steps[len(steps)-1]
		if end.Kind != calendar.StepDue || !end.From.Equal(due.At) || end.Provisional != due.Provisional || doubt != due.Provisional {
			t.Fatalf("ends with %+v, due %+v, doubt in the steps %t", end, due, doubt)
		}
		switch m {
		case calendar.WorkingDays, calendar.Days:
			if counted != a.Amount {
				t.Fatalf("%d days counted, not %d", counted, a.Amount)
			}
		default:
			if sum != time.Duration(a.Amount)*time.Minute {
				t.Fatalf("%s counted, not %d minutes", sum, a.Amount)
			}
		}
		if len(steps) > 80 {
			t.Fatalf("%d steps are too many to read", len(steps))
		}
	})
}
