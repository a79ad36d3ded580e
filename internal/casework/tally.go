package casework

import (
	"fmt"
	"sort"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
)

// Measures counted as things happen. On-time is closed on time ÷ (closed + open and overdue): the
// second part is asked of the open cases, not counted here.
const (
	Reported  = "reported"
	Closed    = "closed"
	OnTime    = "on_time"  // closed before the overall deadline
	Reopened  = "reopened" // set going again
	Rated     = "rated"
	Satisfied = "satisfied" // rated 4 or 5
	Overdue   = "overdue"   // passed the overall deadline while open
)

// countAct counts what an action of the model brought.
func (s *Service) countAct(tx *database.Tx, c *Case, d *flow.Definition, dec flow.Decision) error {
	var measures []string
	if dec.End != "" {
		measures = append(measures, Closed)
		if !c.Clock.Late(tx.Now) {
			measures = append(measures, OnTime)
		}
		if end, ok := d.End(dec.End); ok {
			measures = append(measures, end.Counts...)
		}
	}
	if dec.Reopen {
		measures = append(measures, Reopened)
	}
	if dec.Action.Op == flow.OpRate {
		measures = append(measures, Rated)
		if c.Rating >= 4 {
			measures = append(measures, Satisfied)
		}
	}
	return count(tx, c.Path, tx.Now, measures...)
}

const countOne = `INSERT INTO tally (day, path, measure, n) VALUES ($1, $2, $3, 1)
	ON CONFLICT (day, path, measure) DO UPDATE SET n = tally.n + 1`

// count adds one to each measure of an area and day, in a fixed order so that two transactions never
// wait for each other.
func count(tx *database.Tx, path string, at time.Time, measures ...string) error {
	sort.Strings(measures)
	for _, m := range measures {
		if err := tx.Send(countOne, day(at), path, m); err != nil {
			return fmt.Errorf("counting %s: %w", m, err)
		}
	}
	return nil
}
