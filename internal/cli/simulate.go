package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/calendar"
	"linli/internal/platform/config"
	"linli/internal/platform/fault"
	"linli/internal/sample"
	"linli/internal/simulate"
)

// rehearsal is what the simulate command was told.
type rehearsal struct {
	from, staffing, report, model, size, county string
	without, begin                              string
	count, days                                 int
	seed                                        uint64
	settle                                      time.Duration
	asJSON                                      bool
}

func (p *program) simulate() *cobra.Command {
	var r rehearsal
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Run reports through the real services on a virtual clock, and say what came of it",
		Long: `simulate lays a stream of reports before the program and lets invented staff work through it on a virtual clock, in
their own hours and by the real calendar: nothing is computed about a case, every step is a real action. The
stream comes from a file (columns id, reported_at, title, text and, if known, lat, lon, address, category) or is
invented (--count over --days). On an empty --data folder the sample county is laid out first. Stopped with Ctrl-C it keeps
what was done; run again it goes on. The same seed and input give the same result.`,
		Example: `  linli simulate --from messages.csv --model seven-step --data ./trial
  linli simulate --count 2000 --days 60 --data ./trial
  linli simulate --count 600 --days 30 --size small --without-member 320682001001001`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.rehearse(cmd, &r) },
	}
	f := cmd.Flags()
	f.StringVar(&r.from, "from", "", "CSV or Excel file of reports")
	f.IntVar(&r.count, "count", 0, "invent so many reports")
	f.IntVar(&r.days, "days", 30, "over so many days")
	f.StringVar(&r.model, "model", "", "governance model for all reports; each category's own when left out")
	f.StringVar(&r.staffing, "staffing", "", "staffing file (YAML); the built-in one when left out")
	f.StringVar(&r.without, "without-member", "", "compare: the same with one grid member fewer in this grid (in temporary folders)")
	f.StringVar(&r.begin, "begin", "", "move the stream so that its first report comes on this day, as 2026-03-02")
	f.DurationVar(&r.settle, "settle", 0, "how long work goes on after the last report (default 45 days)")
	f.Uint64Var(&r.seed, "seed", 1, "seed of chance")
	f.StringVar(&r.county, "county", "", "sample county to lay out on an empty folder (code)")
	f.StringVar(&r.size, "size", sample.Full, "its size: small, town or full")
	f.StringVar(&r.report, "report", "", "folder for the report (default: DATA/simulation)")
	f.BoolVar(&r.asJSON, "json", false, "print the result as JSON")
	return cmd
}

func (p *program) rehearse(cmd *cobra.Command, r *rehearsal) error {
	if (r.from == "") == (r.count == 0) {
		return fault.New(fault.Invalid, "stream", "请给出 --from 文件,或用 --count 指定合成多少件", "Give a file with --from, or say with --count how many reports to invent")
	}
	o, err := r.options()
	if err != nil {
		return err
	}
	cfg, _, err := p.settings(cmd)
	if err != nil {
		return err
	}
	if r.without != "" {
		return p.whatIf(cmd, cfg, r, o)
	}
	started := time.Now()
	a, clock, err := p.stage(cmd.Context(), cfg, r, o)
	if err != nil {
		return err
	}
	var res simulate.Result
	if o, err = r.fill(a, o); err == nil {
		res, err = simulate.Run(cmd.Context(), a, clock, o, p.live())
	}
	if err = errors.Join(err, a.Close()); err != nil {
		return err
	}
	if r.report == "" {
		r.report = filepath.Join(cfg.Data, "simulation")
	}
	if err := res.WriteReport(r.report); err != nil {
		return err
	}
	if r.asJSON {
		return p.json(res)
	}
	if err := res.WriteTable(p.out); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "\n%d commands in %s; report in %s\n", res.Commands, time.Since(started).Round(100*time.Millisecond), r.report)
	if res.Stopped {
		fmt.Fprintln(p.out, "stopped before the end: run the same command again to go on")
	}
	if len(res.Rows) > 0 {
		return errWrong
	}
	return nil
}

// options reads the files that the run needs.
func (r *rehearsal) options() (o simulate.Options, err error) {
	o = simulate.Options{Seed: r.seed, Model: r.model, Settle: r.settle, Wall: time.Now}
	if r.begin != "" {
		if o.Begin, err = time.ParseInLocation(time.DateOnly, r.begin, calendar.Zone()); err != nil {
			return o, fault.New(fault.Invalid, "begin", "--begin 写作 2026-03-02", "Write --begin as 2026-03-02")
		}
	}
	if r.staffing != "" {
		if o.Staffing, err = simulate.LoadStaffing(r.staffing); err != nil {
			return o, err
		}
	}
	if r.from != "" {
		o.Arrivals, o.Refused, err = simulate.ReadArrivals(r.from)
	}
	return o, err
}

// first is when the stream begins, before anything is opened: the virtual clock has to stand before it.
func (r *rehearsal) first(o simulate.Options) time.Time {
	switch {
	case !o.Begin.IsZero():
		return o.Begin
	case len(o.Arrivals) > 0:
		return simulate.FirstOf(o.Arrivals)
	}
	// an invented stream ends yesterday
	y, m, d := time.Now().In(calendar.Zone()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, calendar.Zone()).AddDate(0, 0, -r.days)
}

// stage opens the program on a virtual clock, and lays out the sample county where there is nothing yet.
func (p *program) stage(ctx context.Context, cfg config.Config, r *rehearsal, o simulate.Options) (*app.App, *simulate.Clock, error) {
	clock := simulate.NewClock(r.first(o).AddDate(0, 0, -7))
	a, err := app.New(ctx, cfg, app.Options{Now: clock.Now, Log: p.logger(cfg, slog.LevelWarn)})
	if err != nil {
		return nil, nil, err
	}
	if len(a.Areas.Tree().Areas()) > 0 {
		return a, clock, nil
	}
	report, err := sample.LayOut(ctx, a, r.plan(), p.step())
	if err != nil {
		return nil, nil, errors.Join(err, a.Close())
	}
	p.clear()
	fmt.Fprintf(p.err, "sample county laid out: %d townships, %d villages, %d grids, %d people\n", report.Townships, report.Villages, report.Basic+report.Dedicated, report.Accounts)
	return a, clock, nil
}

// step shows the progress of laying out on one line.
func (p *program) step() sample.Progress {
	return func(step string, done, total int) {
		p.status("laying out the sample county: "+step, int64(done), int64(total))
	}
}

// fill invents the stream where no file gave one.
func (r *rehearsal) fill(a *app.App, o simulate.Options) (simulate.Options, error) {
	if r.count == 0 {
		return o, nil
	}
	var err error
	o.Arrivals, err = simulate.Synthesize(a, simulate.Synthetic{Seed: r.seed, From: r.first(o), Days: r.days, Count: r.count, Hotline: 0.25})
	return o, err
}

// plan is the sample county for an empty folder.
func (r *rehearsal) plan() sample.Plan {
	return sample.Plan{County: r.county, Size: r.size, Seed: r.seed}
}

// whatIf runs the stream twice in temporary folders and puts the results side by side.
func (p *program) whatIf(cmd *cobra.Command, cfg config.Config, r *rehearsal, o simulate.Options) (err error) {
	if cfg.Data, err = os.MkdirTemp("", "linli-what-if-"); err != nil {
		return fmt.Errorf("temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(cfg.Data)) }()
	open := simulate.Fresh(cfg, r.plan(), r.first(o).AddDate(0, 0, -7))
	if r.count > 0 {
		// the stream is invented for the county as it is laid out, once for both runs
		a, _, done, err := open(cmd.Context(), "stream")
		if err != nil {
			return err
		}
		o, err = r.fill(a, o)
		if err = errors.Join(err, done()); err != nil {
			return err
		}
	}
	variant := o
	variant.WithoutMember = r.without
	c, err := simulate.Compare(cmd.Context(), open, o, variant, p.live())
	if err != nil {
		return err
	}
	if r.asJSON {
		return p.json(c)
	}
	return c.WriteTable(p.out)
}
