package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// AddHolidays takes the announced holidays and make-up workdays of a year, in the form of the built-in
// files, and computes the open deadlines that had to be provisional again. Firm deadlines stay.
//
// It needs calendar.write anywhere. Errors: what calendar.WithYear refuses.
func (s *Service) AddHolidays(ctx context.Context, actor *staff.Actor, text []byte) (year, recomputed int, err error) {
	if !actor.System() && !actor.Anywhere("calendar.write") {
		return 0, 0, fault.New(fault.Forbidden, "not-permitted", "您的岗位不能维护日历(需要权限 calendar.write)", "Your post may not keep calendars (permission calendar.write needed)")
	}
	if _, err := s.calendars.Load().WithYear(text); err != nil {
		return 0, 0, err
	}
	var head struct {
		Year int `json:"year"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return 0, 0, fmt.Errorf("year of the holidays: %w", err) // WithYear has read it
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`INSERT INTO holiday_year (year, text, at, account) VALUES ($1, $2, $3, $4)
			ON CONFLICT (year) DO UPDATE SET text = excluded.text, at = excluded.at, account = excluded.account`,
			head.Year, string(text), database.Millis(tx.Now), actor.ID()); err != nil {
			return fmt.Errorf("storing the holidays of %d: %w", head.Year, err)
		}
		return audit.Record(tx, audit.Entry{Actor: actor.ID(), Name: actor.Name(), What: "calendar.year", Object: fmt.Sprintf("year:%d", head.Year), Address: actor.Address()})
	})
	if err != nil {
		return 0, 0, err
	}
	// all years that are stored: another node, or another administrator at this moment, may have added one
	if err := s.LoadHolidays(ctx); err != nil {
		return 0, 0, err
	}
	recomputed, err = s.recomputeProvisional(ctx)
	return head.Year, recomputed, err
}

// LoadHolidays joins the years stored by AddHolidays to the built-in ones. It runs at the start and
// every few seconds after, since another node may have added a year; with nothing new it only looks.
func (s *Service) LoadHolidays(ctx context.Context) error {
	s.holidays.Lock()
	defer s.holidays.Unlock()
	var years []string
	if err := s.db.Read(ctx, func(tx *database.Tx) (err error) {
		years, err = database.Column[string](tx, `SELECT text FROM holiday_year ORDER BY year`)
		return err
	}); err != nil {
		return fmt.Errorf("stored holidays: %w", err)
	}
	if slices.Equal(years, s.years) {
		return nil
	}
	set := s.base
	for _, text := range years {
		next, err := set.WithYear([]byte(text))
		if err != nil {
			return fmt.Errorf("stored holidays: %w", err)
		}
		set = next
	}
	s.calendars.Store(set)
	s.years = years
	return nil
}
