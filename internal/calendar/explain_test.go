package calendar_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linli/internal/calendar"
	"linli/internal/platform/lang"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestExplainReadsLikeTheGolden(t *testing.T) {
	tests := []struct {
		name, calendar, start string
		measure               calendar.Measure
		amount                string
	}{
		{"working-days-over-national-day", "office", "2026-09-29 10:00", calendar.WorkingDays, "5"},
		{"working-hours-over-spring-festival", "service-hall", "2026-02-13 16:00", calendar.Working, "12h"},
		{"working-hours-into-unknown-year", "office", "2026-12-31 16:00", calendar.Working, "2h30m"},
		{"calendar-days-moved-off-a-holiday", "office", "2026-09-16 10:00", calendar.Days, "15"},
		{"hours-pass-anyway", "office", "2026-02-16 20:15", calendar.Hours, "24h"},
		{"sixty-working-days-by-month", "office", "2026-08-03 10:00", calendar.WorkingDays, "60"},
		{"five-hundred-working-days-by-year", "office", "2025-01-06 10:00", calendar.WorkingDays, "500"},
		{"no-clock", "office", "2025-01-06 10:00", calendar.None, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			for _, tag := range []lang.Tag{lang.ZH, lang.EN} {
				for _, s := range load(t).Get(tt.calendar).Explain(at(t, tt.start), allow(t, tt.measure, tt.amount), tag) {
					fmt.Fprintf(&b, "%-8s %s\n", s.Kind, s.Text)
				}
				b.WriteByte('\n')
			}
			file := filepath.Join("testdata", tt.name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", b.String(), want)
			}
		})
	}
}
