package casework

import (
	"fmt"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
)

// Experience is looked at over a year; a little more is kept, so that a year is always whole.
const (
	experienceYear = 365 * 24 * time.Hour
	experienceKept = 400 * 24 * time.Hour
)

// noteHandled writes down the hand-overs that the action just taken has done, by what the case is about: the experience
// from which posts are suggested. Reports never come here.
func noteHandled(tx *database.Tx, c *Case, touched []int) error {
	if c.Category == "" {
		return nil
	}
	for _, no := range touched {
		t := c.Task(no)
		if t.State != flow.Done || !t.ClosedAt.Equal(tx.Now) || t.Kind != flow.KindMain && t.Kind != flow.KindLead && t.Kind != flow.KindMember {
			continue
		}
		if err := tx.Send(`INSERT INTO handled (category, closed_at, case_id, no, path, post, model, stage, given_at, late)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (category, closed_at, case_id, no) DO NOTHING`,
			c.Category, database.Millis(t.ClosedAt), c.ID, no, c.Path, string(t.Post), c.Model, t.Stage, database.Millis(t.GivenAt), t.Clock.Late(tx.Now)); err != nil {
			return fmt.Errorf("noting what was handled: %w", err)
		}
	}
	return nil
}
