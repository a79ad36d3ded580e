package casework_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

func announced(year int) []byte {
	return fmt.Appendf(nil, `{"year": %[1]d, "papers": ["test"], "days": [{"name": "元旦", "date": "%[1]d-01-01", "isOffDay": true}]}`, year)
}

func TestAYearAddedByAnotherNodeIsKeptWhenOneIsAddedHere(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		other := prooftest.Open(t, c.DB, c.Dir, c.Clock)
		if _, _, err := other.Cases.AddHolidays(ctx, staff.System(), announced(2027)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Cases.AddHolidays(ctx, staff.System(), announced(2028)); err != nil {
			t.Fatal(err)
		}
		for _, year := range []int{2027, 2028} {
			if have := c.Cases.Calendars().Years(); !slices.Contains(have, year) {
				t.Errorf("%d is not known: %v", year, have)
			}
		}
		if err := other.Cases.LoadHolidays(ctx); err != nil {
			t.Fatal(err)
		}
		if have := other.Cases.Calendars().Years(); !slices.Contains(have, 2028) {
			t.Errorf("the other node does not learn of 2028: %v", have)
		}
	})
}

func TestYearsAddedAtTheSameMomentAreAllKept(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		var wg sync.WaitGroup
		for year := 2027; year <= 2034; year++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if _, _, err := c.Cases.AddHolidays(context.Background(), staff.System(), announced(year)); err != nil {
					t.Errorf("%d: %v", year, err)
				}
			}()
		}
		wg.Wait()
		for year := 2027; year <= 2034; year++ {
			if have := c.Cases.Calendars().Years(); !slices.Contains(have, year) {
				t.Errorf("%d is not known: %v", year, have)
			}
		}
	})
}
