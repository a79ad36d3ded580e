package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"linli/internal/app"
	"linli/internal/calendar"
	"linli/internal/casework"
	"linli/internal/platform/config"
	"linli/internal/platform/fault"
	"linli/internal/sample"
	"linli/internal/simulate"
)

// scaled is what demo --scale was told.
type scaled struct {
	scale   string
	reports int    // 0: as many as the year has
	ending  string // last day; empty: yesterday
	build   bool   // and nothing more
}

// yearFolder is where a year is built when no folder is named: it takes a while, so it is kept.
const yearFolder = "rugao-year"

// Files beside the database of a year.
const (
	yearFile  = "year.json"
	stateFile = "year-state.json"
)

// yearOf is which year a folder holds and how far it is: the same command on another day goes on with the same one.
type yearOf struct {
	Scale   string    `json:"scale"`
	Seed    uint64    `json:"seed"`
	From    time.Time `json:"from"`  // first day
	Days    int       `json:"days"`  //
	Count   int       `json:"count"` // reports and hotline orders; 0: all of the year
	Until   time.Time `json:"until"` // how long work goes on
	LaidOut bool      `json:"laid_out"`
	Built   bool      `json:"built"`

	home // empty until the county is laid out, and in files written before this was kept
}

// showYear builds the year, or goes on with it, and serves it.
func (p *program) showYear(ctx context.Context, cfg config.Config, s scaled) error {
	if s.scale != "rugao" {
		return fault.Newf(fault.Invalid, "scale", "没有“%[1]s”这种规模,可选 rugao", "There is no scale %[1]q; use rugao", s.scale)
	}
	if s.reports < 0 || s.reports > simulate.MostArrivals {
		return fault.Newf(fault.Invalid, "reports", "--reports 应为 0 到 %[1]d", "--reports is between 0 and %[1]d", simulate.MostArrivals)
	}
	y, err := p.yearIn(cfg, s)
	if err != nil {
		return err
	}
	if err := y.atHome(ctx, cfg); err != nil {
		return err
	}
	if !y.Built {
		if done, err := p.buildYear(ctx, cfg, y); err != nil || !done {
			return err
		}
	}
	if s.build {
		fmt.Fprintf(p.out, "built: %s\n", cfg.Data)
		return nil
	}
	return p.serveDemo(ctx, cfg, time.Now())
}

// yearIn reads which year the folder holds, or settles it for an empty one.
func (p *program) yearIn(cfg config.Config, s scaled) (*yearOf, error) {
	text, err := os.ReadFile(filepath.Join(cfg.Data, yearFile))
	if err == nil {
		y := &yearOf{}
		if err := json.Unmarshal(text, y); err != nil {
			return nil, fmt.Errorf("reading %s: %w", yearFile, err)
		}
		if s.reports != 0 && s.reports != y.Count {
			return nil, fault.Newf(fault.Conflict, "another-year", "目录 %[1]s 里的年度是按 %[2]d 件开始的,请用同样的 --reports,或换一个 --data 目录",
				"The year in %[1]s was begun with %[2]d reports: use the same --reports, or name another folder with --data", cfg.Data, y.Count)
		}
		return y, y.endsOn(cfg, s.ending)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading %s: %w", yearFile, err)
	}
	now := time.Now().In(calendar.Zone())
	until := now.Add(-2 * simulate.Window) // two windows may be under way, and nothing may be ahead of the clock
	end := time.Date(until.Year(), until.Month(), until.Day(), 0, 0, 0, 0, calendar.Zone())
	if s.ending != "" {
		if end, err = lastDay(s.ending); err != nil {
			return nil, err
		}
		end = end.AddDate(0, 0, 1)
		if until = end.AddDate(0, 0, 1); until.After(now) {
			return nil, fault.New(fault.Invalid, "ending", "--ending 应在前天或更早", "--ending is the day before yesterday or earlier")
		}
	}
	y := &yearOf{Scale: s.scale, Seed: 1, From: end.AddDate(-1, 0, 0), Count: s.reports, Until: until}
	y.Days = int(end.Sub(y.From).Hours() / 24)
	return y, nil
}

func lastDay(ending string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, ending, calendar.Zone())
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "ending", "--ending 写作 2026-03-01", "Write --ending as 2026-03-01")
	}
	return day, nil
}

// endsOn refuses another last day than that of the year there is; to name none is to mean that year.
func (y *yearOf) endsOn(cfg config.Config, ending string) error {
	if ending == "" {
		return nil
	}
	asked, err := lastDay(ending)
	if err != nil {
		return err
	}
	if last := y.From.In(calendar.Zone()).AddDate(0, 0, y.Days-1); !asked.Equal(last) {
		return fault.Newf(fault.Conflict, "another-year", "目录 %[1]s 里的年度到 %[2]s 为止,请用 --ending %[2]s 或不写 --ending,要另建一个请换一个 --data 目录",
			"The year in %[1]s ends on %[2]s: use --ending %[2]s or leave it out, or name another folder with --data", cfg.Data, last.Format(time.DateOnly))
	}
	return nil
}

func (y *yearOf) save(cfg config.Config) error {
	text, err := json.MarshalIndent(y, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", yearFile, err)
	}
	// written beside and moved: a file cut off in the middle would forget the year
	path := filepath.Join(cfg.Data, yearFile)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", yearFile, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing %s: %w", yearFile, err)
	}
	return nil
}

// buildYear lays the county out and lets the year pass, in bulk mode: what a power cut takes is made again. It tells
// whether it came to the end.
func (p *program) buildYear(ctx context.Context, cfg config.Config, y *yearOf) (done bool, err error) {
	began := time.Now()
	clock := simulate.NewClock(y.laidOutAt())
	a, err := app.New(ctx, cfg, app.Options{Now: clock.Now, Log: p.logger(cfg, slog.LevelWarn), Hashing: &demoHashing, Bulk: true})
	if err != nil {
		return false, err
	}
	res, err := p.passYear(ctx, cfg, a, clock, y)
	if err = errors.Join(err, a.Close()); err != nil {
		return false, err
	}
	if res.Stopped {
		fmt.Fprintf(p.err, "stopped at %s with %d reports; the same command goes on\n", clock.Now().In(calendar.Zone()).Format("2006-01-02 15:04"), res.Reported)
		return false, nil
	}
	if err := res.WriteReport(filepath.Join(cfg.Data, "simulation")); err != nil {
		return false, err
	}
	if err := res.WriteTable(p.out); err != nil {
		return false, err
	}
	fmt.Fprintf(p.out, "\n%d commands in %s; report in %s\n", res.Commands, time.Since(began).Round(time.Second), filepath.Join(cfg.Data, "simulation"))
	if err := p.catchUp(context.WithoutCancel(ctx), cfg); err != nil {
		return false, err
	}
	y.Built = true
	return true, y.save(cfg)
}

// catchUp opens what was built as it is served, so that it is on the disk for good, and does what has fallen due since
// the year ended.
func (p *program) catchUp(ctx context.Context, cfg config.Config) (err error) {
	a, err := app.New(ctx, cfg, app.Options{Log: p.logger(cfg, slog.LevelWarn), Hashing: &demoHashing})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Staff.TurnOver(ctx); err != nil {
		return err
	}
	_, err = a.Cases.Sweep(ctx)
	return err
}

// passYear makes what there is not yet.
func (p *program) passYear(ctx context.Context, cfg config.Config, a *app.App, clock *simulate.Clock, y *yearOf) (simulate.Result, error) {
	year, err := simulate.RugaoYear(a.Models)
	if err != nil {
		return simulate.Result{}, err
	}
	switch empty := len(a.Areas.Tree().Areas()) == 0; {
	case empty:
		if err := y.save(cfg); err != nil {
			return simulate.Result{}, err
		}
		// some seconds, done whole: a county half laid out cannot be gone on with
		report, err := sample.LayOut(context.WithoutCancel(ctx), a, sample.Plan{Size: sample.Full, Seed: y.Seed, Informants: year.Informants, Demo: true}, p.step())
		if err != nil {
			return simulate.Result{}, err
		}
		p.clear()
		fmt.Fprintf(p.err, "county laid out: %d townships, %d villages, %d basic and %d dedicated grids, %d people\n", report.Townships, report.Villages, report.Basic, report.Dedicated, report.Accounts)
		if y.home, _, err = homeIn(context.WithoutCancel(ctx), a.DB); err != nil {
			return simulate.Result{}, err
		}
		y.LaidOut = true
		if err := y.save(cfg); err != nil {
			return simulate.Result{}, err
		}
	case !y.LaidOut:
		return simulate.Result{}, fault.New(fault.Conflict, "half-laid-out", "这里已有区域,但不是完整建好的年度示例。请换一个空的 --data 目录(或空的数据库)",
			"There are areas already, and not those of a year laid out to the end. Name an empty folder with --data (or an empty database)")
	}
	// they are made again when what was built is opened to be served, or this one has been given up
	if err := a.DB.SetAside(ctx, casework.ForReaders()...); err != nil {
		return simulate.Result{}, err
	}
	stream, err := year.Stream(a, simulate.Span{Seed: y.Seed, From: y.From, Days: y.Days, Count: y.Count})
	if err != nil {
		return simulate.Result{}, err
	}
	staffing, err := simulate.YearStaffing(a.Models)
	if err != nil {
		return simulate.Result{}, err
	}
	out, lines := p.report()
	return simulate.Run(ctx, a, clock, simulate.Options{Seed: y.Seed, Stream: stream, Staffing: staffing, Settle: max(y.Until.Sub(stream.Last), time.Minute),
		State: filepath.Join(cfg.Data, stateFile), Brief: true, Wall: time.Now, Lines: lines}, out)
}

// report is where the progress of long work goes: on a terminal a line that renews itself, else a line now and then.
func (p *program) report() (out io.Writer, lines bool) {
	if live := p.live(); live != io.Discard {
		return live, false
	}
	return p.err, true
}
