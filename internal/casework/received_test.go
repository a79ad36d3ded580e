package casework

import (
	"context"
	"slices"
	"testing"
	"time"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// Several writers index at once, and the later cases may come first.
func TestTheSerialsOfADayAreWidenedToBothSides(t *testing.T) {
	dbtest.Each(t, time.Now, []database.Schema{audit.Schema(), Schema()}, func(t *testing.T, db *database.DB) {
		at := func(day, hour int) int64 {
			return database.Millis(time.Date(2026, 3, day, hour, 0, 0, 0, zone))
		}
		for _, batch := range [][]text{
			{{serial: 50, received: at(3, 0)}, {serial: 40, received: at(2, 23)}},
			{{serial: 41, received: at(3, 23)}, {serial: 60, received: at(2, 0)}, {serial: 39, received: at(2, 1)}},
			{{serial: 45, received: at(3, 1)}},
		} {
			if err := db.Write(context.Background(), func(tx *database.Tx) error { return keepSpans(tx, batch) }); err != nil {
				t.Fatal(err)
			}
		}
		var got []span
		if err := db.Read(context.Background(), func(tx *database.Tx) (err error) {
			got, err = database.All(tx, func(sc database.Scanner) (s span, err error) { return s, sc.Scan(&s.lowest, &s.highest) },
				`SELECT lowest, highest FROM received_day ORDER BY day`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if want := []span{{39, 60}, {41, 50}}; !slices.Equal(got, want) {
			t.Errorf("have %v, want %v", got, want)
		}
	})
}
