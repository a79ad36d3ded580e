package simulate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/models"
)

func TestSampleReportsSayWhatTheyAreAbout(t *testing.T) {
	a, _ := town(t, database.SQLite)
	w, err := readWords(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range w.reports {
		var got []string
		for _, s := range a.Categories.Suggest(r.Title, r.Text, 3) {
			got = append(got, s.Code)
		}
		if !slices.Contains(got, r.Category) {
			t.Errorf("%s %s: its words suggest %v, not %s", r.Title, r.Text, got, r.Category)
		}
	}
}

// tally counts the reports of a year by whatever key gives.
func tally[K comparable](s *Stream, key func(*Arrival) K) map[K]int {
	n := map[K]int{}
	for r := (&reader{Stream: s}); ; {
		x, _, ok := r.next()
		if !ok {
			return n
		}
		n[key(&x)]++
	}
}

func rugaoYear(t *testing.T, span Span) *Stream {
	t.Helper()
	a, _ := town(t, database.SQLite)
	y, err := RugaoYear(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	s, err := y.Stream(a, span)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, beijing)

func TestAYearHasItsTotals(t *testing.T) {
	y, err := RugaoYear(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	if y.Reports != 510_000 || y.Hotline != 140_285 || y.Informants != 8832 {
		t.Errorf("%d reports, %d orders, %d informants", y.Reports, y.Hotline, y.Informants)
	}
	const count = 65_000
	s := rugaoYear(t, Span{Seed: 1, From: newYear, Count: count})
	by := tally(s, func(a *Arrival) string { return a.from })
	calls := y.Hotline * count / (y.Reports + y.Hotline)
	if s.Count != count || by[fromHotline] != calls || by[fromAuxiliary]+by[fromMember]+by[fromResident] != count-calls {
		t.Errorf("%d in all, %v", s.Count, by)
	}
	if by[fromAuxiliary] < by[fromMember] || by[fromMember] < by[fromResident] {
		t.Errorf("who brings them: %v", by)
	}
}

func TestAYearHasSeasonsWeeksAndHoursLikeLife(t *testing.T) {
	s := rugaoYear(t, Span{Seed: 1, From: newYear, Count: 65_000})
	type slot struct {
		what string
		n    int
	}
	n := tally(s, func(a *Arrival) slot { return slot{"month", int(a.At.In(beijing).Month())} })
	for k, v := range tally(s, func(a *Arrival) slot { return slot{a.from, a.At.In(beijing).Hour()} }) {
		n[k] = v
	}
	for k, v := range tally(s, func(a *Arrival) slot { return slot{"day", int(a.At.In(beijing).Weekday())} }) {
		n[k] = v
	}
	for k, v := range tally(s, func(a *Arrival) slot { return slot{a.Category, int(a.At.In(beijing).Month())} }) {
		n[k] = v
	}
	for k, v := range tally(s, func(a *Arrival) slot { return slot{"of the year", a.At.In(beijing).YearDay()} }) {
		n[k] = v
	}
	day := func(m time.Month, d int) slot {
		return slot{"of the year", time.Date(2026, m, d, 0, 0, 0, 0, beijing).YearDay()}
	}
	for _, c := range []struct {
		rule       string
		more, less slot
		times      int
	}{
		{"summer is livelier than February", slot{"month", 7}, slot{"month", 2}, 1},
		{"Monday is livelier than Sunday", slot{"day", 1}, slot{"day", 0}, 1},
		{"people call in the morning, not at night", slot{fromHotline, 9}, slot{fromHotline, 3}, 10},
		{"grid members are on their round at ten, not at eight in the evening", slot{fromMember, 10}, slot{fromMember, 20}, 4},
		{"residents write in the evening", slot{fromResident, 20}, slot{fromResident, 6}, 2},
		{"straw is burnt at the harvest of wheat", slot{"01.08.01", 6}, slot{"01.08.01", 3}, 8},
		{"and of rice", slot{"01.08.01", 11}, slot{"01.08.01", 9}, 4},
		{"wages are asked for before the Spring Festival", slot{"09.01.01", 2}, slot{"09.01.01", 7}, 1},
		{"examinations need quiet", slot{"01.05.01", 6}, slot{"01.05.01", 4}, 2},
		{"gas and heating are for the cold", slot{"02.05.03", 12}, slot{"02.05.03", 7}, 5},
		{"health insurance is paid in autumn", slot{"09.03.06", 11}, slot{"09.03.06", 5}, 3},
		{"the week of storm is the fullest", day(time.August, 11), day(time.September, 15), 1},
		{"the Spring Festival is quiet", day(time.January, 6), day(time.February, 18), 1},
	} {
		if n[c.more] <= c.times*n[c.less] {
			t.Errorf("%s: %v %d, %v %d", c.rule, c.more, n[c.more], c.less, n[c.less])
		}
	}
}

func TestAStreamCanBeTakenUpOnAnyDay(t *testing.T) {
	s, again := rugaoYear(t, Span{Seed: 4, From: newYear, Days: 20, Count: 900}), rugaoYear(t, Span{Seed: 4, From: newYear, Days: 20, Count: 900})
	other := rugaoYear(t, Span{Seed: 5, From: newYear, Days: 20, Count: 900})
	seen := map[string]bool{}
	last, row, differs := time.Time{}, 0, false
	for day := range 20 {
		list := s.day(day)
		if !slices.Equal(list, again.day(day)) {
			t.Fatalf("day %d differs between two streams of one seed", day)
		}
		differs = differs || !slices.Equal(list, other.day(day))
		for _, a := range list {
			if row++; a.Row != row || a.At.Before(last) || seen[a.ID] || int(a.At.Sub(newYear).Hours()/24) != day {
				t.Errorf("day %d: %+v after %s", day, a, last)
			}
			seen[a.ID], last = true, a.At
		}
	}
	if row != 900 || !differs || !s.Last.Equal(last) {
		t.Errorf("%d reports to %s, another seed differs: %v", row, s.Last, differs)
	}
}

func TestAYearsFileIsCheckedLineByLine(t *testing.T) {
	ones := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }
	senders := "senders:\n"
	for _, name := range []string{"auxiliary", "grid-member", "resident", "hotline"} {
		senders += "  " + name + ": {days: " + ones(7) + ", hours: " + ones(24) + "}\n"
	}
	good := senders + "months: {even: " + ones(12) + "}\nmatters: [{category: \"01\", reports: 1, hotline: 1, months: even}]\n"
	if _, err := ParseYear("y.yaml", []byte(good)); err != nil {
		t.Fatalf("%v %+v", err, fault.Of(err).Fields)
	}
	for _, c := range []struct{ rule, text, want string }{
		{"an unknown key is named", good + "report: 3\n", "y.yaml:8:1 unknown-key"},
		{"a count is a number", good + "reports: many\n", "y.yaml:8:10 number"},
		{"all senders are there", strings.Replace(good, "  resident: {days: "+ones(7)+", hours: "+ones(24)+"}\n", "", 1), "y.yaml:1:1 missing"},
		{"no others are", strings.Replace(good, "resident", "drone", 1), "y.yaml:4:3 unknown-sender"},
		{"a week has seven days", strings.Replace(good, ones(7), "[1]", 1), "y.yaml:2:21 strengths"},
		{"strengths by month are known", strings.Replace(good, "months: even", "months: odd", 1), "y.yaml:7:11 unknown-months"},
		{"there is something it is about", senders, "y.yaml:1:1 missing"},
		{"a matter has its category", strings.Replace(good, `category: "01", `, "", 1), "y.yaml:7:11 missing"},
		{"a period has its days", good + "periods: [{from: june, to: \"06-30\"}]\n", "y.yaml:8:18 date"},
		{"a new year is a date", good + "new_years: [soon]\n", "y.yaml:8:13 date"},
		{"it is YAML", "matters: [\n", "y.yaml:1 yaml"},
	} {
		_, err := ParseYear("y.yaml", []byte(c.text))
		if got := places(err); !slices.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.rule, got, c.want)
		}
	}
}

func TestASubjectWithoutWordsIsNamed(t *testing.T) {
	a, _ := town(t, database.SQLite)
	y, err := RugaoYear(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	y.matters = append(y.matters, matter{category: "99", reports: 1, months: []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}})
	if _, err := y.Stream(a, Span{Seed: 1, From: newYear}); !fault.HasCode(err, "year-words") {
		t.Errorf("%v", err)
	}
	for _, s := range []Span{{Count: -1}, {Days: -3}, {Count: MostArrivals + 1}} {
		if _, err := y.Stream(a, s); !fault.HasCode(err, "synthetic") {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestTheYearsStaffingFitsTheSample(t *testing.T) {
	s, err := YearStaffing(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := town(t, database.SQLite)
	if err := s.fits(a); err != nil {
		t.Fatal(err)
	}
	actions, stages := map[string]bool{"turn_down": true}, map[string]bool{}
	for _, d := range a.Library.All() {
		for _, st := range d.Stages {
			stages[st.Name], stages[d.Name+"/"+st.Name] = true, true
			for _, action := range st.Actions {
				actions[action.Name] = true
			}
		}
	}
	for _, r := range s.Rates {
		if !actions[r.Action] || r.Stage != "" && !stages[r.Stage] {
			t.Errorf("no model has the action %s at %s", r.Action, r.Stage)
		}
	}
	for key := range s.Times {
		if kind := slices.Contains([]string{"default", "take", "confirm", "ruling", "approval", "member", "lead", "handle"}, key); !kind && !stages[key] {
			t.Errorf("no model has the stage %s", key)
		}
	}
}

func FuzzParseYear(f *testing.F) {
	f.Add("senders: {resident: {days: [1]}}\nmonths: {even: [1]}\nmatters: [{category: a, months: even}]\n")
	f.Add("periods: [{from: -3, to: \"02-30\"}]\nnew_years: [2026-02-17]\n")
	f.Add("openings: {hotline: [a, b]}\n? [1]\n: 2\n")
	f.Fuzz(func(t *testing.T, text string) {
		y, err := ParseYear("y.yaml", []byte(text))
		if err != nil && len(fault.Of(err).Fields) == 0 {
			t.Errorf("an error that names nothing: %v", err)
		}
		if err == nil && len(y.matters) == 0 {
			t.Error("a year about nothing was taken")
		}
	})
}
