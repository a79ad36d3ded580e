package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"linli/internal/calendar"
	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// steadyClock is the program's clock: the machine's, in Beijing time and whole milliseconds, as everything is stored,
// so that what is told at once is what is read back later. It never goes back: when the machine's clock is corrected
// backwards, time stands still until it has caught up. A timeline stays in order, an appointment that has begun has
// begun, and nothing falls due twice.
type steadyClock struct {
	machine func() time.Time
	log     *slog.Logger

	mu   sync.Mutex
	last time.Time
	said bool
}

func newSteadyClock(machine func() time.Time, log *slog.Logger) *steadyClock {
	return &steadyClock{machine: machine, log: log}
}

func (c *steadyClock) now() time.Time {
	t := c.machine().Truncate(time.Millisecond).In(calendar.Zone())
	c.mu.Lock()
	defer c.mu.Unlock()
	back := c.last.Sub(t)
	if back > 0 && !c.said {
		c.log.Warn("the machine's clock was set back; see to its time service", "by", back.String(), "followed", back > database.MostAhead)
		c.said = true
	}
	if back > 0 && back <= database.MostAhead {
		return c.last
	}
	if back <= 0 {
		c.said = false
	}
	c.last = t
	return t
}

// notBefore makes the clock go on from a moment that was there already, before the program was started again. It
// tells how far the machine's clock is behind that moment, when that is too far to stand still for.
func (c *steadyClock) notBefore(moment time.Time) (behind time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if behind = moment.Sub(c.machine()); behind > database.MostAhead {
		return behind
	}
	if moment.After(c.last) {
		c.last = moment.In(calendar.Zone())
	}
	return 0
}

// resume lets the clock go on from the newest thing that is stored.
func (a *App) resume(ctx context.Context) (newest time.Time, behind time.Duration, err error) {
	if newest, err = a.Cases.Newest(ctx); err != nil {
		return newest, 0, fmt.Errorf("looking for the newest case: %w", err)
	}
	var logged time.Time
	if err := a.DB.Read(ctx, func(tx *database.Tx) (err error) {
		logged, err = audit.Newest(tx)
		return err
	}); err != nil {
		return newest, 0, fmt.Errorf("looking for the newest entry of the access log: %w", err)
	}
	if logged.After(newest) {
		newest = logged
	}
	return newest, a.clock.notBefore(newest), nil
}

// mayServe refuses to take anything in while the machine's clock is days behind what is stored, as after a start
// without battery or time service: numbers, deadlines and timelines of a wrong year could not be mended.
func (a *App) mayServe(ctx context.Context) error {
	newest, behind, err := a.resume(ctx)
	if err != nil || behind == 0 {
		return err
	}
	return fault.Newf(fault.Unavailable, "clock-behind", "这台机器的时间是 %[1]s,而数据里最新的记录是 %[2]s。请先校准机器时间再启动",
		"The machine's clock says %[1]s, but the newest record is of %[2]s. Set the clock of the machine, then start again",
		a.DB.Now().Format(time.DateTime), newest.In(calendar.Zone()).Format(time.DateTime))
}
