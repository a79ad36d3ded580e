package casework_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"linli/internal/platform/database"
	"linli/internal/proof/prooftest"
)

func TestOnlyExperienceOlderThanAYearAndALittleIsForgotten(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx, now := context.Background(), c.DB.Now()
		day := func(n int) int64 { return database.Millis(now.Add(-time.Duration(n) * 24 * time.Hour)) }
		rows := []struct {
			category string
			days     int
		}{{"01.01", 500}, {"01.01", 399}, {"01.01", 1}, {"02", 401}, {"withdrawn.code", 402}, {"withdrawn.code", 398}}
		if err := c.DB.Write(ctx, func(tx *database.Tx) error {
			for i, r := range rows {
				if _, err := tx.Exec(`INSERT INTO handled (category, closed_at, case_id, no, path, post, model, stage, given_at, late)
					VALUES ($1, $2, $3, 1, '/', 'x@y', 'm@1', 's', 0, FALSE)`, r.category, day(r.days), string(rune('a'+i))); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := c.Cases.Tidy(ctx); err != nil {
			t.Fatal(err)
		}
		var left []string
		if err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
			left, err = database.Column[string](tx, `SELECT case_id FROM handled WHERE post = 'x@y' ORDER BY case_id`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if want := []string{"b", "c", "f"}; !slices.Equal(left, want) {
			t.Errorf("left: %v, want %v", left, want)
		}
	})
}
