package calendar_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"linli/internal/calendar"
	"linli/internal/platform/fault"
)

const plain = `
id: plain
title: {zh: 简单, en: Plain}
holidays: none
windows: ["09:00-12:00", "13:00-17:00"]
`

func models(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, data := range files {
		m[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return m
}

// wrongPlaces gives the field names and codes of a refusal.
func wrongPlaces(t *testing.T, err error) string {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Invalid {
		t.Fatalf("not a refusal of bad input: %v", err)
	}
	var places []string
	for _, f := range e.Fields {
		if f.Text.ZH == "" || f.Text.EN == "" {
			t.Errorf("%s has no words in both languages", f.Name)
		}
		places = append(places, f.Name+" "+f.Code)
	}
	return strings.Join(places, "\n")
}

func TestWrongCalendarsAreRefusedWithThePlace(t *testing.T) {
	head := "id: x\ntitle: {zh: 甲, en: X}\nholidays: none\n"
	tests := []struct{ rule, file, want string }{
		{"an empty file", "", "empty"},
		{"broken YAML", "id: [", "syntax"},
		{"an unknown key", plain + "colour: red", "syntax"},
		{"two calendars in a file", plain + "---\nid: y", "syntax"},
		{"a bomb of aliases", bomb(), "syntax"},
		{"a bad id", strings.Replace(plain, "id: plain", "id: Plain!", 1), "id wrong"},
		{"a title in one language", "id: x\ntitle: {zh: 甲}\nholidays: none\nwindows: [\"08:00-12:00\"]", "title missing"},
		{"holidays not said", "id: x\ntitle: {zh: 甲, en: X}\nwindows: [\"08:00-12:00\"]", "holidays unknown"},
		{"no windows at all", head, "windows empty\n"},
		{"an empty list of windows", head + "windows: []", "windows empty\n"},
		{"no working day", plain + "workdays: []", "workdays empty"},
		{"an unknown weekday", plain + "workdays: [monday]", "workdays[0] unknown"},
		{"a weekday twice", plain + "workdays: [mon, mon]", "workdays[1] duplicate"},
		{"a working day closed by an empty list", plain + "weekdays: {wed: []}", "windows empty"},
		{"windows that overlap", head + `windows: ["08:00-12:00", "11:59-17:00"]`, "windows overlap"},
		{"a window past midnight", head + `windows: ["22:00-06:00"]`, "windows[0] past-midnight"},
		{"a window without length", head + `windows: ["08:00-08:00"]`, "windows[0] empty"},
		{"a window that is no time", head + `windows: ["08:00-25:00"]`, "windows[0] not-a-window"},
		{"a window of one time", head + `windows: ["08:00"]`, "windows[0] not-a-window"},
		{"minutes past 59", head + `windows: ["08:60-09:00"]`, "windows[0] not-a-window"},
		{"a season with wrong days", plain + `seasons: [{from: "06-31", to: "9", windows: ["08:00-12:00"]}]`, "seasons[0].from not-a-date\nX seasons[0].to not-a-date"},
		{"a season that changes nothing", plain + `seasons: [{from: "06-01", to: "09-30"}]`, "seasons[0].windows missing"},
		{"a season without any window", plain + `seasons: [{from: "06-01", to: "09-30", windows: []}]`, "seasons[0].windows empty\n"},
		{"seasons that overlap over New Year", plain + `seasons: [{from: "11-01", to: "02-15", windows: ["08:00-12:00"]}, {from: "02-15", to: "03-01", windows: ["08:00-12:00"]}]`, "seasons[1].from overlap"},
		{"a closed day that is no date", plain + `closed: [{date: 2026-02-30}]`, "closed[0].date not-a-date"},
		{"a closed stretch that runs backwards", plain + `closed: [{date: 2026-02-20, until: 2026-02-19}]`, "closed[0].until not-a-date"},
		{"a day both closed and open", plain + "closed: [{date: 2026-02-20}]\nopen: [{date: 2026-02-20}]", "open[0].date duplicate"},
		{"an open day without windows", plain + "open: [{date: 2026-02-21, windows: []}]", "open[0].windows empty"},
		{"an empty emergency", plain + "emergency: []", "emergency empty"},
		{"a last day that is neither", plain + "last_day: maybe", "last_day unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			_, err := calendar.Load(models(map[string]string{"calendars/x.yaml": tt.file}))
			const place = "calendars/x.yaml: "
			got := strings.ReplaceAll(wrongPlaces(t, err), place, "X ") + "\n"
			if !strings.HasPrefix(got, "X "+tt.want) && !strings.HasPrefix(got, "calendars/x.yaml:"+" "+tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String()
}

func TestASetNeedsOneDefault(t *testing.T) {
	second := strings.Replace(plain, "id: plain", "id: second", 1)
	tests := []struct {
		rule  string
		files map[string]string
		want  string
	}{
		{"no calendar at all", map[string]string{"calendars/readme.txt": "x"}, "calendars empty"},
		{"no folder", map[string]string{}, "calendars empty"},
		{"two and no default", map[string]string{"calendars/a.yaml": plain, "calendars/b.yaml": second}, "calendars no-default"},
		{"two defaults", map[string]string{"calendars/a.yaml": plain + "default: true", "calendars/b.yaml": second + "default: true"}, "calendars/b.yaml: default duplicate"},
		{"one id twice", map[string]string{"calendars/a.yaml": plain + "default: true", "calendars/b.yaml": plain}, "calendars/b.yaml: id duplicate"},
		{"everything wrong is told at once", map[string]string{"calendars/a.yaml": "id: [", "calendars/holidays/2027.json": "{"}, "calendars/holidays/2027.json: syntax\ncalendars/a.yaml: syntax"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			_, err := calendar.Load(models(tt.files))
			if got := wrongPlaces(t, err); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	set, err := calendar.Load(models(map[string]string{"calendars/a.yaml": plain}))
	if err != nil {
		t.Fatal(err)
	}
	if set.Default().ID() != "plain" || set.Get("nowhere") != set.Default() || len(set.All()) != 1 {
		t.Error("the only calendar is the default and answers for unknown ids")
	}
	if _, ok := set.Lookup("nowhere"); ok {
		t.Error("an unknown id is not found")
	}
}

func TestOwnDaysAndSeasons(t *testing.T) {
	set, err := calendar.Load(models(map[string]string{"calendars/a.yaml": `
id: own
title: {zh: 自定, en: Own}
holidays: china
windows: ["09:00-12:00"]
weekdays: {fri: ["09:00-10:00"], sat: ["10:00-11:00"]}
seasons:
  - {title: {zh: 冬, en: Winter}, from: "11-01", to: "02-29", windows: ["10:00-12:00"], weekdays: {sat: []}}
closed: [{date: 2026-03-10, until: 2026-03-11, title: {zh: 停电, en: Power cut}}]
open:
  - {date: 2026-02-17, title: {zh: 值班, en: Duty}, windows: ["08:00-09:00"], workday: false}
  - {date: 2026-03-08}
emergency: ["06:00-22:00"]
`, "calendars/holidays/2026.json": `{"year": 2026, "days": [{"name": "春节", "date": "2026-02-17", "isOffDay": true}, {"name": "春节", "date": "2026-02-28", "isOffDay": false}]}`}))
	if err != nil {
		t.Fatal(err)
	}
	c := set.Default()
	for day, want := range map[string]string{
		"2026-03-05": "09:00-12:00 true", "2026-03-06": "09:00-10:00 true", "2026-03-07": "10:00-11:00 false",
		"2026-01-05": "10:00-12:00 true", "2026-01-09": "10:00-12:00 true", "2026-01-10": " false", // a season's windows stand for every working day
		"2026-03-10": " false", "2026-03-11": " false", "2026-02-17": "08:00-09:00 false", "2026-03-08": "09:00-12:00 true",
		"2026-02-28": "10:00-12:00 true",
	} {
		got := ""
		for _, w := range c.Windows(at(t, day+" 00:00")) {
			got += w.From.Format("15:04") + "-" + w.To.Format("15:04")
		}
		working, _ := c.IsWorkday(at(t, day+" 00:00"))
		if got = fmt.Sprint(got, " ", working); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
	if due := c.Deadline(at(t, "2026-03-09 21:00"), allow(t, calendar.Emergency, "2h")); !due.At.Equal(at(t, "2026-03-10 07:00")) || due.Provisional {
		t.Errorf("emergency time ends %s %t", due.At, due.Provisional)
	}
}

func TestWithYear(t *testing.T) {
	old := load(t)
	next, err := old.WithYear([]byte(`{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true},
		{"name": "元旦", "date": "2027-01-03", "isOffDay": false}, {"name": "元旦", "date": "2026-12-31", "isOffDay": true}]}`))
	if err != nil {
		t.Fatal(err)
	}
	start, hour := at(t, "2026-12-30 17:00"), allow(t, calendar.Working, "1h")
	if due := next.Default().Deadline(start, hour); !due.At.Equal(at(t, "2027-01-03 09:00")) || due.Provisional {
		t.Errorf("with the notice it ends %s %t", due.At, due.Provisional)
	}
	if due := old.Default().Deadline(start, hour); !due.At.Equal(at(t, "2026-12-31 09:00")) || old.Default().KnownYear(2027) {
		t.Errorf("the old set changed: %s", due.At)
	}
	if old.Default().Version() == next.Default().Version() || !strings.HasPrefix(next.Default().Version(), "2019-2027.") {
		t.Errorf("versions %s and %s", old.Default().Version(), next.Default().Version())
	}
	if old.Get("round-the-clock") != next.Get("round-the-clock") {
		t.Error("a calendar without holidays does not change")
	}
	if got := fmt.Sprint(next.Years()); got != "[2019 2020 2021 2022 2023 2024 2025 2026 2027]" {
		t.Errorf("announced: %s", got)
	}
	if got := fmt.Sprint(next.Missing(2027)); got != "[2027-05-01 2027-10-01 2027-10-02 2027-10-03]" {
		t.Errorf("missing: %s", got)
	}
	for y := 2019; y <= 2028; y++ {
		if m := old.Missing(y); len(m) != 0 {
			t.Errorf("%d misses %v", y, m)
		}
	}
}

func TestWrongHolidaysAreRefusedWithThePlace(t *testing.T) {
	day := func(days string) string { return `{"year": 2027, "days": [` + days + `]}` }
	tests := []struct{ rule, file, want string }{
		{"not JSON", `{"year"`, " syntax"},
		{"something after it", `{"year": 2027, "days": []} x`, " syntax"},
		{"an unknown field", `{"year": 2027, "days": [], "dayz": []}`, " syntax"},
		{"no year", `{"days": []}`, "year out-of-range"},
		{"a year far off", `{"year": 99999, "days": []}`, "year out-of-range"},
		{"no list", `{"year": 2027}`, "days missing"},
		{"not announced yet", day(``), "days empty"},
		{"no date", day(`{"name": "元旦", "date": "1 January", "isOffDay": true}`), "days[0].date not-a-date"},
		{"a date of another year", day(`{"name": "元旦", "date": "2026-01-01", "isOffDay": true}`), "days[0].date other-year"},
		{"a date too early in December", day(`{"name": "元旦", "date": "2026-12-19", "isOffDay": true}`), "days[0].date other-year"},
		{"a date twice", day(`{"name": "元旦", "date": "2027-01-01", "isOffDay": true}, {"name": "元旦", "date": "2027-01-01", "isOffDay": true}`), "days[1].date duplicate"},
		{"no name", day(`{"name": " ", "date": "2027-01-01", "isOffDay": true}`), "days[0].name missing"},
		{"neither off nor worked", day(`{"name": "元旦", "date": "2027-01-01"}`), "days[0].isOffDay missing"},
		{"a make-up workday on a Tuesday", day(`{"name": "元旦", "date": "2027-01-05", "isOffDay": false}`), "days not-a-weekend"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			_, err := load(t).WithYear([]byte(tt.file))
			if got := wrongPlaces(t, err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	_, err := calendar.Load(models(map[string]string{"calendars/a.yaml": plain, "calendars/holidays/2026.json": `{"year": 2027, "days": []}`}))
	if got := wrongPlaces(t, err); got != "calendars/holidays/2026.json: year other-file" {
		t.Errorf("got %q", got)
	}
}

func TestTheExampleInTheDocumentsIsACalendar(t *testing.T) {
	doc, err := os.ReadFile("../../docs/calendars.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "```yaml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("docs/calendars.md has no example")
	}
	set, err := calendar.Load(models(map[string]string{"calendars/example.yaml": example}))
	if err != nil {
		t.Fatal(err)
	}
	c := set.Default()
	for when, open := range map[string]bool{"2026-03-06 17:15": false, "2026-03-07 09:30": true, "2026-07-03 17:45": true,
		"2026-07-04 09:30": false, "2026-07-15 10:00": false, "2026-10-03 10:00": true} {
		if c.Open(at(t, when)) != open {
			t.Errorf("open at %s: want %t, as the example says", when, open)
		}
	}
}
