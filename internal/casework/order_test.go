package casework_test

import (
	"context"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

// TestATimelineStaysInOrderWhereClocksDiffer: a change that began before another, or comes from a node whose clock is behind,
// carries the moment of what it changes.
func TestATimelineStaysInOrderWhereClocksDiffer(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		id := c.Report()
		for _, behind := range []time.Duration{0, time.Second, 5 * time.Minute, 23 * time.Hour} {
			c.Clock.Pass(time.Minute)
			before := note(t, c, id)
			c.Clock.Pass(-behind)
			out := note(t, c, id)
			if !out.Entry.At.Equal(before.Entry.At) || !out.Case.UpdatedAt.Equal(out.Entry.At) {
				t.Errorf("%s behind: entry of %s, case of %s, the one before of %s", behind, out.Entry.At, out.Case.UpdatedAt, before.Entry.At)
			}
			c.Clock.Pass(behind)
		}
		c.Clock.Pass(-25 * time.Hour) // a clock that had been wrong by days and was repaired
		if out := note(t, c, id); !out.Entry.At.Equal(c.Clock.Now()) {
			t.Errorf("after the repair: %s instead of %s", out.Entry.At, c.Clock.Now())
		}
	})
}

func note(t *testing.T, c *prooftest.County, id string) casework.Outcome {
	t.Helper()
	out, err := c.Cases.Act(context.Background(), staff.System(), casework.Command{ID: c.NewID(), Case: id, Action: "note", Form: map[string]any{"note": "又看了一遍"}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
