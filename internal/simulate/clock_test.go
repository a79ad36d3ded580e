package simulate

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"linli/internal/area"
	"linli/internal/platform/database"
)

func TestTheClockNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewClock(monday)
		last := c.Now()
		for _, s := range rapid.SliceOf(rapid.Int64Range(-1e6, 1e6)).Draw(t, "seconds") {
			to := last.Add(time.Duration(s) * time.Second)
			c.Set(to)
			if c.Now().Before(last) || s > 0 && !c.Now().Equal(to) {
				t.Fatalf("set to %s it shows %s after %s", to, c.Now(), last)
			}
			last = c.Now()
		}
	})
}

func TestAReportsIDIsAUUIDv7OfItsTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Arrival{ID: rapid.String().Draw(t, "id"), At: time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "ms"))}
		seed := rapid.Uint64().Draw(t, "seed")
		id := arrivalID(seed, &a)
		u, err := uuid.Parse(id)
		if err != nil || u.Version() != 7 || u.Variant() != uuid.RFC4122 || id != arrivalID(seed, &a) {
			t.Fatalf("%s: %v", id, err)
		}
		ms := int64(u[0])<<40 | int64(u[1])<<32 | int64(u[2])<<24 | int64(u[3])<<16 | int64(u[4])<<8 | int64(u[5])
		if ms != a.At.UnixMilli() {
			t.Fatalf("%s carries %d, not %d", id, ms, a.At.UnixMilli())
		}
	})
}

func TestTimesAreReadAsPeopleWriteThem(t *testing.T) {
	want := time.Date(2026, 3, 2, 8, 30, 0, 0, beijing)
	for _, s := range []string{"2026-03-02T08:30:00+08:00", "2026-03-02T00:30:00Z", "2026-03-02 08:30:00", "2026-03-02 08:30", "2026/3/2 8:30", "2026/3/2 08:30:00"} {
		if got, ok := readTime(s); !ok || !got.Equal(want) {
			t.Errorf("%s: %s, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "tomorrow", "2026-13-01", "1899-01-01", "03/02/2026"} {
		if _, ok := readTime(s); ok {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestReportsWithoutAPlaceAreSpreadByPopulation(t *testing.T) {
	a, _ := town(t, database.SQLite)
	s := newSpread(a, "")
	n := map[string]int{}
	for i := range 4000 {
		x := Arrival{ID: strings.Repeat("x", i%50) + time.Duration(i).String(), At: monday, Title: "反映A市A3区的问题"}
		grid := s.find(&x, arrivalID(1, &x))
		if grid != s.find(&x, arrivalID(1, &x)) {
			t.Fatal("the same report goes to two grids")
		}
		n[grid]++
	}
	for code, k := range n {
		g, _ := a.Areas.Tree().Area(code)
		want := 4000 * float64(g.Population) / float64(s.total)
		if float64(k) < want/2-10 || float64(k) > want*2+10 {
			t.Errorf("%s with %d people got %d of 4000 reports, want about %.0f", code, g.Population, k, want)
		}
	}
	named := a.Areas.Places()[0]
	x := Arrival{ID: "1", At: monday, Title: named.Name + "有人反映"}
	found := a.Areas.Locate(area.Place{Address: named.Name})
	if got := s.find(&x, "any"); !found.Ask && got != found.Area {
		t.Errorf("the title names %s in %s, the report goes to %s", named.Name, found.Area, got)
	}
}

func TestASyntheticStreamHasWeeksAndHoursLikeLife(t *testing.T) {
	a, _ := town(t, database.SQLite)
	list, err := Synthesize(a, Synthetic{Seed: 1, From: monday, Days: 364, Count: 20_000, Hotline: 0.25})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Synthesize(a, Synthetic{Seed: 1, From: monday, Days: 364, Count: 20_000, Hotline: 0.25})
	if err != nil {
		t.Fatal(err)
	}
	week, hour, channel, month := map[time.Weekday]int{}, map[int]int{}, map[string]int{}, map[time.Month]int{}
	for i, x := range list {
		if x != again[i] {
			t.Fatalf("report %d differs between two streams of one seed", i)
		}
		at := x.At.In(beijing)
		week[at.Weekday()]++
		hour[at.Hour()]++
		month[at.Month()]++
		channel[x.Channel]++
	}
	if week[time.Monday] < week[time.Sunday]*3/2 || hour[9] < hour[3]*10 || month[time.July] < month[time.February] {
		t.Errorf("not like life: %v %v %v", week, hour, month)
	}
	if channel["hotline"] < 4600 || channel["hotline"] > 5400 || channel["staff"] == 0 || channel["resident"] == 0 {
		t.Errorf("channels %v", channel)
	}
	for _, s := range []Synthetic{{Days: 1}, {Count: 1}, {Count: MostArrivals + 1, Days: 1}} {
		if _, err := Synthesize(a, s); err == nil {
			t.Errorf("%+v was taken", s)
		}
	}
}

func TestProgressTellsRateAndTimeLeft(t *testing.T) {
	for _, lines := range []bool{false, true} {
		at := monday
		var out strings.Builder
		m := newMeter(&out, func() time.Time { return at }, 100, lines)
		m.begin(counted{commands: 80, reported: 10})
		for range 64 {
			at = at.Add(500 * time.Millisecond)
			m.tick(monday, counted{commands: 400, reported: 50, ended: 40})
		}
		m.end()
		for _, want := range []string{"50 %", "50 of 100 reports", "40 ended", "11 actions/s", "37s left"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q lacks %q", out.String(), want)
			}
		}
		if n := strings.Count(out.String(), "\n"); lines != (n == 2) || lines == strings.Contains(out.String(), "\r") {
			t.Errorf("lines %v: %q", lines, out.String())
		}
	}
	quiet := newMeter(nil, nil, 100, false)
	quiet.tick(monday, counted{1, 1, 1})
	quiet.say("counting")
	quiet.end()
}
