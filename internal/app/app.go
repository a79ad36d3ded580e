// Package app builds the program as a value: New opens and wires everything, Run serves until its
// context ends, Close lets go. There are no globals, so a test starts the same program on a port of its
// own with a temporary folder.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"linli/internal/area"
	"linli/internal/board"
	"linli/internal/calendar"
	"linli/internal/casework"
	"linli/internal/category"
	"linli/internal/emergency"
	"linli/internal/flow"
	"linli/internal/httpapi"
	"linli/internal/platform/audit"
	"linli/internal/platform/blob"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/seal"
	"linli/internal/staff"
	"linli/models"
)

// KeyFile is the sealing key inside the data folder.
const KeyFile = "linli.key"

// App is the program. Its services may be used by the command line and by tests as they are.
type App struct {
	Config     config.Config
	Log        *slog.Logger
	DB         *database.DB
	Box        *seal.Box
	Files      blob.Store
	Pieces     *blob.Pieces
	Models     fs.FS
	Library    *flow.Library
	Categories *category.Tree
	Calendars  *calendar.Set
	Emergency  *emergency.List
	Areas      *area.Service
	Staff      *staff.Service
	Cases      *casework.Service
	Board      *board.Service

	Demo *httpapi.DemoPage // what the start page of a demonstration shows; nil: this is none

	clock *steadyClock

	KeyCreated bool // the sealing key was made at this start: it must be kept safe
}

// Options are what a caller may set beside the configuration.
type Options struct {
	Now      func() time.Time // nil: the machine's clock
	Log      *slog.Logger     // nil: discarded
	ReadOnly bool             // look, never write
	Keep     bool             // do not migrate: refuse a database that needs it
	Bulk     bool             // a power cut may lose the last transactions: for data that can be made again
	Hashing  *staff.Hashing   // cost of passwords stored from now on; nil: the recommended one
}

// Schemas are the tables of every concept, in the order they are made.
func Schemas() []database.Schema {
	return []database.Schema{audit.Schema(), area.Schema(), staff.Schema(), casework.Schema(), board.Schema()}
}

// New opens the database, takes the migrations that are due, loads models and people, and wires the
// services. Nothing is served yet.
func New(ctx context.Context, cfg config.Config, o Options) (*App, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Bulk {
		pileUp()
	}
	a := &App{Config: cfg, Log: o.Log, clock: newSteadyClock(o.Now, o.Log)}
	o.Now = a.clock.now
	err := together(a.loadModels, func() (err error) {
		a.DB, err = database.Open(ctx, database.Options{URL: cfg.DB, Dir: cfg.Data, Now: o.Now, ReadOnly: o.ReadOnly, Bulk: o.Bulk, Upgrading: a.tellUpgrade})
		return err
	})
	if err == nil {
		err = a.open(ctx, o)
	}
	if err != nil && a.DB != nil {
		return nil, errors.Join(err, a.DB.Close())
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// together does at once what does not wait for one another, so that the start takes as long as the longest. The first
// error in the order given is returned.
func together(parts ...func() error) error {
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() { errs[i] = part() })
	}
	wg.Wait()
	return cmp.Or(errs...)
}

func (a *App) loadModels() (err error) {
	a.Models = models.Files
	if a.Config.Models != "" {
		a.Models = Overlay(os.DirFS(a.Config.Models), models.Files)
	}
	if a.Library, err = flow.Load(a.Models, "flows"); err != nil {
		return err
	}
	if a.Categories, err = category.Load(a.Models); err != nil {
		return err
	}
	if err = consistent(a.Library, a.Categories); err != nil {
		return err
	}
	if a.Calendars, err = calendar.Load(a.Models); err != nil {
		return err
	}
	a.Emergency, err = emergency.Load(a.Models)
	return err
}

func (a *App) open(ctx context.Context, o Options) error {
	if err := a.migrate(ctx, o); err != nil {
		return err
	}
	if err := a.putBack(ctx, o); err != nil {
		return err
	}
	var err error
	if err := os.MkdirAll(a.Config.Data, 0o750); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	key := filepath.Join(a.Config.Data, KeyFile)
	if o.ReadOnly {
		a.Box, err = seal.Read(key)
	} else {
		a.Box, a.KeyCreated, err = seal.Open(key)
	}
	if err != nil {
		return err
	}
	if a.Files, err = blob.OpenFolder(filepath.Join(a.Config.Data, "files")); err != nil {
		return err
	}
	if a.Pieces, err = blob.OpenPieces(filepath.Join(a.Config.Data, "pieces")); err != nil {
		return err
	}
	roles, err := staff.LoadRoles(a.Models)
	if err != nil {
		return err
	}
	a.Areas = area.New(a.DB)
	staffing := []staff.Option{staff.WithSessions(a.Config.Session.Idle, a.Config.Session.Lifetime)}
	if o.Hashing != nil {
		staffing = append(staffing, staff.WithHashing(*o.Hashing))
	}
	a.Staff = staff.New(a.DB, a.Areas.Tree, roles, a.Box, a.DB.Now, staffing...)
	a.Areas.OnChange(a.Staff.AreaChanged)
	a.Cases = casework.New(casework.Parts{DB: a.DB, Areas: a.Areas, Staff: a.Staff, Models: a.Library, Categories: a.Categories,
		Calendars: a.Calendars, Box: a.Box, Files: a.Files, Pieces: a.Pieces, Log: a.Log,
		Limits: casework.Limits{Image: int64(a.Config.Attachments.Image), File: int64(a.Config.Attachments.File), Daily: int64(a.Config.Attachments.Daily)}})
	a.Board = board.New(a.DB, a.Areas.Tree, a.Staff)
	a.Areas.OnChange(a.Board.AreaChanged)
	if err := together(func() error { return a.Areas.Load(ctx) }, func() error { return a.Staff.Load(ctx) }); err != nil {
		return err
	}
	if err := a.Cases.LoadHolidays(ctx); err != nil {
		return err
	}
	if err := a.Cases.LoadModels(ctx); err != nil {
		return err
	}
	if _, _, err := a.resume(ctx); err != nil {
		return err
	}
	if o.ReadOnly {
		return nil
	}
	return a.Cases.RememberModels(ctx)
}

func (a *App) migrate(ctx context.Context, o Options) error {
	if o.ReadOnly || o.Keep {
		return a.DB.Current(ctx, Schemas()...)
	}
	_, err := a.DB.Migrate(ctx, Schemas()...)
	return err
}

// putBack makes the indexes again that were set aside while very much was written, unless it goes on.
func (a *App) putBack(ctx context.Context, o Options) error {
	if o.ReadOnly || o.Bulk {
		return nil
	}
	n, err := a.DB.PutBack(ctx)
	if n > 0 {
		a.Log.Info("indexes set aside while the data was made are there again", "indexes", n)
	}
	return err
}

// tellUpgrade writes to the log how far the upgrade of the database is. That it takes long is a warning, so that it is seen
// where nothing else is: nothing is answered meanwhile, and the program must not be taken for dead.
func (a *App) tellUpgrade(u database.Upgrade) {
	step := fmt.Sprintf("%d of %d", u.Step, u.Steps)
	switch {
	case u.Done:
		a.Log.Info("migration taken", "id", u.ID, "step", step)
	case u.For == 0:
		a.Log.Info("migration begins", "id", u.ID, "step", step)
	default:
		a.Log.Warn("the database is being upgraded, let it finish: nothing is answered until then", "id", u.ID, "step", step,
			"at", fmt.Sprintf("%s (%d of %d)", u.Doing, u.Part, u.Parts), "rows", u.Rows, "for", u.For)
	}
}

// Close lets go of everything. It is called once, after Run has returned.
func (a *App) Close() error { return a.DB.Close() }

// Overlay reads a file from the operator's folder, or the built-in one of the same name.
func Overlay(over, under fs.FS) fs.FS { return overlay{over: over, under: under} }

type overlay struct{ over, under fs.FS }

func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.over.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.under.Open(name)
	}
	return f, err
}

// ReadDir lists both folders, the operator's files in place of built-in ones of the same name.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	over, err := fs.ReadDir(o.over, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	under, err := fs.ReadDir(o.under, name)
	if err != nil && len(over) == 0 {
		return nil, err
	}
	seen := map[string]bool{}
	var out []fs.DirEntry
	for _, e := range append(over, under...) {
		if !seen[e.Name()] {
			seen[e.Name()] = true
			out = append(out, e)
		}
	}
	return out, nil
}
