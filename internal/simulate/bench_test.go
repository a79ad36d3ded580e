package simulate

import (
	"context"
	"errors"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/platform/config"
	"linli/internal/platform/database/dbtest"
	"linli/internal/sample"
)

// BenchmarkActions is how many actions a second a whole county's stream comes to, on each engine, in bulk mode.
func BenchmarkActions(b *testing.B) {
	for _, engine := range dbtest.Engines(b) {
		b.Run(string(engine), func(b *testing.B) {
			clock := NewClock(monday.Add(-24 * time.Hour))
			cfg := config.Config{Data: b.TempDir()}
			cfg.DB = dbtest.Options(b, engine, nil).URL
			a, err := app.New(context.Background(), cfg, app.Options{Now: clock.Now, Bulk: true})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := sample.LayOut(context.Background(), a, sample.Plan{Size: sample.Full, Seed: 1}, nil); err != nil {
				b.Fatal(errors.Join(err, a.Close()))
			}
			year, err := RugaoYear(a.Models)
			if err != nil {
				b.Fatal(err)
			}
			staffing, err := YearStaffing(a.Models)
			if err != nil {
				b.Fatal(err)
			}
			days := max(b.N/1780, 1) // as many a day as in life
			list, err := year.Stream(a, Span{Seed: 5, From: monday, Days: days, Count: max(b.N, 100)})
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			r, err := Run(context.Background(), a, clock, Options{Seed: 1, Stream: list, Staffing: staffing, Settle: 10 * 24 * time.Hour}, nil)
			b.StopTimer()
			if err = errors.Join(err, a.Close()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(r.Commands+r.Sweeps)/b.Elapsed().Seconds(), "actions/s")
			b.ReportMetric(float64(r.Commands+r.Sweeps)/float64(r.Reported), "actions/case")
		})
	}
}
