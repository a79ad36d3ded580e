package casework

import (
	"context"
	"fmt"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// Budget is how much data an account may still send today (流量额度): it keeps one telephone that sends the same video
// for ever from filling the disk and the line. Reports and other words are never counted.
type Budget struct {
	Used     int64     // bytes of attachments sent since midnight, Beijing time
	Limit    int64     // bytes an account may send a day; 0: not bounded
	ResetsAt time.Time // when it begins anew
}

// DataBudget tells the actor's own budget of the day. Errors: Unauthenticated without an account.
func (s *Service) DataBudget(ctx context.Context, actor *staff.Actor) (b Budget, err error) {
	if actor.Anonymous() {
		return b, errSignIn()
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		b, err = s.budget(tx, actor)
		return err
	})
	return b, err
}

func (s *Service) budget(tx *database.Tx, actor *staff.Actor) (Budget, error) {
	b := Budget{Limit: s.limits.Daily, ResetsAt: midnight(tx.Now)}
	err := tx.Row(`SELECT bytes FROM upload_day WHERE account = $1 AND day = $2`, actor.ID(), day(tx.Now)).Scan(&b.Used)
	if err != nil && !database.IsNoRows(err) {
		return b, fmt.Errorf("reading the data budget: %w", err)
	}
	return b, nil
}

// midnight is when the next day begins in Beijing.
func midnight(now time.Time) time.Time { return time.Unix((day(now)+1)*86400-beijing, 0).In(zone) }

// budgeted tells whether what the actor sends is counted: the program and residents without account have no budget, the
// latter are bounded by their addresses.
func (s *Service) budgeted(actor *staff.Actor) bool {
	return s.limits.Daily > 0 && !actor.Anonymous() && !actor.System()
}

// afford refuses what the rest of the day's budget does not cover. At least one byte is asked for, so that a body of
// unknown length is refused once nothing is left.
func (s *Service) afford(tx *database.Tx, actor *staff.Actor, bytes int64) error {
	if !s.budgeted(actor) {
		return nil
	}
	b, err := s.budget(tx, actor)
	if err != nil {
		return err
	}
	if b.Used+max(bytes, 1) > b.Limit {
		return errBudget(b, tx.Now)
	}
	return nil
}

// spend counts what was sent, or refuses it.
func (s *Service) spend(tx *database.Tx, actor *staff.Actor, bytes int64) error {
	if !s.budgeted(actor) || bytes <= 0 {
		return nil
	}
	if err := s.afford(tx, actor, bytes); err != nil {
		return err
	}
	if err := tx.Send(`INSERT INTO upload_day (account, day, bytes) VALUES ($1, $2, $3)
		ON CONFLICT (account, day) DO UPDATE SET bytes = upload_day.bytes + excluded.bytes`, actor.ID(), day(tx.Now), bytes); err != nil {
		return fmt.Errorf("counting the data budget: %w", err)
	}
	return nil
}

func errBudget(b Budget, now time.Time) error {
	return fault.Newf(fault.TooMany, "data-budget", "今天的附件流量(%[1]d MB)不够用了,明天 0 点恢复;文字照常能报。可先留着,到时自动续传,或连上无线网后压缩再传",
		"What is left of today's %[1]d MB for attachments does not cover it; it begins anew at midnight. Words can still be sent. Keep the file until then, or make it smaller", b.Limit>>20).
		With(map[string]any{"used": b.Used, "limit": b.Limit, "resets_at": b.ResetsAt}).After(int(b.ResetsAt.Sub(now)/time.Second) + 1)
}
