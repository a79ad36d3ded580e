package calendar

import (
	"testing"
	"time"

	"linli/models"
)

func TestDays(t *testing.T) {
	set, err := Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	c := set.Default()
	for _, year := range []int{2024, 2025, 2026, 2027} {
		days := c.Days(year)
		if first, last := days[0].Date, days[len(days)-1].Date; first != time.Date(year, 1, 1, 0, 0, 0, 0, Zone()).Format(time.DateOnly) || last != time.Date(year, 12, 31, 0, 0, 0, 0, Zone()).Format(time.DateOnly) {
			t.Errorf("%d runs from %s to %s", year, first, last)
		}
		for _, d := range days {
			at, err := time.ParseInLocation(time.DateOnly, d.Date, Zone())
			if err != nil {
				t.Fatal(err)
			}
			working, known := c.IsWorkday(at)
			if d.Workday != working || d.Known != known || len(d.Windows) != len(c.Windows(at)) {
				t.Errorf("%s: %+v, but workday %v known %v", d.Date, d, working, known)
			}
			if d.Kind == StepHoliday && d.Name.Empty() {
				t.Errorf("%s is a holiday without a name", d.Date)
			}
		}
	}
	byDate := map[string]Day{}
	for _, d := range c.Days(2026) {
		byDate[d.Date] = d
	}
	if d := byDate["2026-10-01"]; d.Kind != StepHoliday || d.Workday || d.Name.ZH == "" {
		t.Errorf("the National Day is %+v", d)
	}
	if d := c.Days(2027)[0]; d.Known {
		t.Error("2027 is not announced, but its first day is known")
	}
	if c.Days(0) != nil || c.Days(10000) != nil {
		t.Error("years outside 1 to 9999 have days")
	}
}
