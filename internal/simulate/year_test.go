package simulate

import (
	"slices"
	"testing"

	"linli/internal/platform/database"
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

func TestAYearHasItsTotalsAndItsShape(t *testing.T) {
	a, _ := town(t, database.SQLite)
	y, err := RugaoYear(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	s, err := y.Stream(a, Span{Seed: 1, From: monday, Count: 65_000})
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	month := map[int]int{}
	for r := (&reader{Stream: s}); ; {
		x, _, ok := r.next()
		if !ok {
			break
		}
		n[x.from]++
		month[int(x.At.In(beijing).Month())]++
	}
	t.Log(n, month)
}
