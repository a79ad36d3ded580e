package simulate

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"linli/internal/app"
	"linli/internal/platform/config"
	"linli/internal/sample"
)

// Fresh opens programs on empty folders below cfg.Data, each laid out by the same plan, for Compare. They
// use the embedded database whatever cfg says: two ways of being staffed must not share one.
func Fresh(cfg config.Config, plan sample.Plan, start time.Time) Open {
	return func(ctx context.Context, name string) (*app.App, *Clock, func() error, error) {
		own := cfg
		own.Data = filepath.Join(cfg.Data, name)
		own.DB = ""
		clock := NewClock(start)
		a, err := app.New(ctx, own, app.Options{Now: clock.Now, Bulk: true})
		if err != nil {
			return nil, nil, nil, err
		}
		if _, err := sample.LayOut(ctx, a, plan, nil); err != nil {
			return nil, nil, nil, errors.Join(err, a.Close())
		}
		return a, clock, a.Close, nil
	}
}
