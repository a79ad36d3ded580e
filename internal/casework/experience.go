package casework

import (
	"context"
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

// forgetExperience removes what was done before a moment. The table lies in the order of categories, then of time, so it is
// gone through category by category: as a whole it would be read from end to end while nobody else can write.
func (s *Service) forgetExperience(ctx context.Context, before time.Time) error {
	const old = `category = $1 AND closed_at < $2`
	for category := ""; ; {
		var more, found bool
		err := s.db.Read(ctx, func(tx *database.Tx) (err error) {
			if category, more, err = database.One(tx, word, `SELECT category FROM handled WHERE category > $1 ORDER BY category LIMIT 1`, category); err != nil || !more {
				return err
			}
			_, found, err = database.One(tx, word, `SELECT case_id FROM handled WHERE `+old+` LIMIT 1`, category, database.Millis(before))
			return err
		})
		if err != nil {
			return fmt.Errorf("looking for old experience: %w", err)
		}
		if !more {
			return nil
		}
		if !found {
			continue
		}
		if err := s.db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`DELETE FROM handled WHERE `+old, category, database.Millis(before))
			return err
		}); err != nil {
			return fmt.Errorf("removing old experience: %w", err)
		}
	}
}

// word reads a single text.
func word(s database.Scanner) (v string, err error) { return v, s.Scan(&v) }
