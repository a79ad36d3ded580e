package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"linli/internal/app"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// home is the database that a year is in. The folder is kept beside it and may be opened with another one by mistake.
type home struct {
	Engine database.Engine `json:"engine,omitempty"`
	// Account is the id of the account made first. It is drawn anew wherever a county is laid out and never changes, so it tells
	// databases apart and stays with a copy.
	Account string `json:"first_account,omitempty"`
}

// laidOutAt is the moment, by the virtual clock, at which the county of the year is laid out: its people are appointed
// before the first report comes.
func (y *yearOf) laidOutAt() time.Time { return y.From.AddDate(0, 0, -7) }

// atHome refuses a database other than the one the year is in. It looks and writes nothing there: a wrong database
// stays as it is. A year from before its database was remembered is known by the moment it was laid out at, and
// remembers it from now on.
//
// Errors: Conflict "another-database".
func (y *yearOf) atHome(ctx context.Context, cfg config.Config) error {
	if !y.LaidOut {
		return nil // nothing is anywhere yet
	}
	here, at, err := homeOf(ctx, cfg)
	if err != nil {
		return err
	}
	switch {
	case here.Engine == database.SQLite && here.Account == "" && !y.Built && y.Engine != database.Postgres:
		y.LaidOut = false // a power cut took the last transactions of the bulk mode: it is laid out again
		return nil
	case here.Account != "" && y.home == here:
		return nil
	case here.Account != "" && y.home == home{} && at.Equal(y.laidOutAt()):
		y.home = here
		return y.save(cfg)
	}
	name := "PostgreSQL"
	if cfg.DB == "" {
		name = "SQLite"
	}
	return fault.Newf(fault.Conflict, "another-database",
		"目录 %[1]s 里的年度不在现在这个数据库(%[2]s)里。请像建它时那样写 --db(建在目录里的就不写);要在这个数据库里新建一个,请用 --data 另指一个空目录",
		"The year in %[1]s is not in this database (%[2]s). Use --db as when it was built (none if it is in the folder itself); to build one in this database, name an empty folder with --data",
		cfg.Data, name)
}

// homeOf looks at the database that the settings name; without tables, rows or file it is nobody's.
func homeOf(ctx context.Context, cfg config.Config) (h home, at time.Time, err error) {
	db, err := database.Open(ctx, database.Options{URL: cfg.DB, Dir: cfg.Data, ReadOnly: true, Readers: 1})
	if fault.HasCode(err, "no-database") {
		return home{}, time.Time{}, nil
	}
	if err != nil {
		return home{}, time.Time{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	taken, err := db.Migrations(ctx, append([]database.Schema{database.OwnSchema()}, app.Schemas()...)...)
	if err != nil {
		return home{}, time.Time{}, err
	}
	if !slices.ContainsFunc(taken, func(m database.Migration) bool { return m.Done && m.ID == "staff/0001_staff" }) {
		return home{Engine: db.Engine()}, time.Time{}, nil
	}
	return homeIn(ctx, db)
}

func homeIn(ctx context.Context, db *database.DB) (h home, at time.Time, err error) {
	h.Engine = db.Engine()
	err = db.Read(ctx, func(tx *database.Tx) (err error) {
		h.Account, at, err = staff.FirstAccount(tx)
		return err
	})
	return h, at, err
}
