package calendar_test

import (
	"testing"
	"testing/fstest"
	"time"

	"linli/internal/calendar"
	"linli/internal/platform/fault"
)

func FuzzParseAllowance(f *testing.F) {
	for _, s := range []string{"4h", "30m", "1h30m", "3", "", "true", "-1", "9999999999999999h", "1h 30m"} {
		for _, m := range []string{"working", "working_days", "hours", "days", "emergency", "none", "x"} {
			f.Add(m, s)
		}
	}
	c := load(f).Default()
	start := at(f, "2026-03-03 09:00")
	f.Fuzz(func(t *testing.T, measure, amount string) {
		a, err := calendar.ParseAllowance(measure, amount)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if due := c.Deadline(start, a); a.IsNone() != due.At.IsZero() || !a.IsNone() && !due.At.After(start) {
			t.Fatalf("%s from %s ends %s", a, start, due.At)
		}
		if a.IsNone() {
			return
		}
		if a.Text().Empty() {
			t.Fatalf("%+v has no words", a)
		}
	})
}

func FuzzHolidays(f *testing.F) {
	f.Add([]byte(`{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}`))
	f.Add([]byte(`{"year": 2027, "days": []}`))
	f.Add([]byte(`{"year": 2027, "days": null}`))
	f.Add([]byte(`{"year": 1e99}`))
	set := load(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		next, err := set.WithYear(data)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		works(t, next)
	})
}

func FuzzCalendarFile(f *testing.F) {
	f.Add([]byte(plain))
	f.Add([]byte(plain + "workdays: [mon]\nweekdays: {tue: [\"00:00-24:00\"]}\nlast_day: keep"))
	f.Add([]byte(plain + "seasons: [{from: \"11-01\", to: \"02-29\", windows: [\"10:00-12:00\"]}]"))
	f.Add([]byte(plain + "closed: [{date: 2026-01-01, until: 2026-12-31}]\nopen: [{date: 2027-01-02}]\nemergency: [\"00:00-00:01\"]"))
	f.Add([]byte(bomb()))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := calendar.Load(fstest.MapFS{"calendars/x.yaml": {Data: data}})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		works(t, set)
	})
}

// works tries what must hold for every set that was accepted: there is open time, and arithmetic is exact.
func works(t *testing.T, set *calendar.Set) {
	start := time.Date(2026, 12, 30, 9, 17, 3, 5, calendar.Zone())
	for _, c := range set.All() {
		for _, m := range []calendar.Measure{calendar.Working, calendar.Emergency} {
			end, _ := c.Add(m, start, 100*time.Minute)
			if d := c.Between(m, start, end); d != 100*time.Minute {
				t.Fatalf("%s: 100 minutes are %s", c.ID(), d)
			}
		}
		if due := c.Deadline(start, calendar.Allowance{Measure: calendar.WorkingDays, Amount: 3}); !due.At.After(start) {
			t.Fatalf("%s: three working days end %s", c.ID(), due.At)
		}
		if next := c.NextOpen(start); !c.Open(next) {
			t.Fatalf("%s: closed at its opening %s", c.ID(), next)
		}
	}
}

func BenchmarkDeadline5WorkingDays(b *testing.B) {
	c, start, a := load(b).Default(), at(b, "2026-09-28 10:17"), allow(b, calendar.WorkingDays, "5")
	b.ReportAllocs()
	for b.Loop() {
		c.Deadline(start, a)
	}
}

func BenchmarkDeadlineWorkingYear(b *testing.B) {
	c, start, a := load(b).Default(), at(b, "2025-09-28 10:17"), allow(b, calendar.Working, "1750h")
	b.ReportAllocs()
	for b.Loop() {
		c.Deadline(start, a)
	}
}

func BenchmarkBetween(b *testing.B) {
	c, from, to := load(b).Default(), at(b, "2026-01-05 10:17"), at(b, "2026-11-20 16:02")
	b.ReportAllocs()
	for b.Loop() {
		c.Between(calendar.Working, from, to)
	}
}

func BenchmarkWithYear(b *testing.B) {
	set := load(b)
	data := []byte(`{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}`)
	for b.Loop() {
		if _, err := set.WithYear(data); err != nil {
			b.Fatal(err)
		}
	}
}
