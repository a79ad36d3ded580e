package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/calendar"
	"linli/internal/httpapi"
	"linli/internal/platform/config"
	"linli/internal/platform/fault"
	"linli/internal/sample"
	"linli/internal/simulate"
	"linli/internal/staff"
)

// A demonstration shows a fortnight of one township. In its last days more happens around those who have a ready-made
// account, and they leave lying what reaches them, so that whoever signs in finds work: the later it comes to a post on
// its way, the longer.
const (
	demoDays    = 14
	demoReports = 120
	recentDays  = 3
	recently    = 66 // reports of the last days

	sortersRest = 9 * time.Hour
	othersRest  = 40 * time.Hour
)

func (p *program) demo() *cobra.Command {
	var size string
	var s scaled
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Start a living sample county on this machine",
		Long: `demo lays out a sample county with real names of places and invented people, lets a fortnight of matters run through
it, and serves it on this machine only. It prints ready-made accounts from grid member to administrator. Without --data nothing
is kept; with it the next start goes on where this one ended.

With --scale rugao it is the whole of Rugao and a whole year: 1,271 grids, 8,832 informants, 510,000 reports and 140,285
hotline orders, worked through by some five thousand staff. That is built once, in about a quarter of an hour on two
cores, in the folder ./rugao-year unless --data or --db says where. Ctrl-C stops it; the same command goes on.`,
		Example: `  linli demo
  linli demo --listen 127.0.0.1:9000 --data ./demo
  linli demo --scale rugao
  linli demo --scale rugao --reports 20000 --until-built --data ./year`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, src, err := p.settings(cmd)
			if err != nil {
				return err
			}
			if err := onlyHere(cfg.Listen); err != nil {
				return err
			}
			if s.scale != "" {
				if cmd.Flags().Changed("size") {
					return fault.New(fault.Invalid, "size-and-scale", "--size 和 --scale 只能用一个", "Use either --size or --scale")
				}
				if src.Of("data") == "default" {
					cfg.Data = yearFolder
				}
				return p.showYear(cmd.Context(), cfg, s)
			}
			if src.Of("data") == "default" && cfg.DB == "" {
				if cfg.Data, err = os.MkdirTemp("", "linli-demo-"); err != nil {
					return fmt.Errorf("temporary folder: %w", err)
				}
				defer func() { err = errors.Join(err, os.RemoveAll(cfg.Data)) }()
			}
			return p.show(cmd.Context(), cfg, size)
		},
	}
	f := cmd.Flags()
	f.StringVar(&size, "size", sample.Small, "size of the county: small, town or full")
	f.StringVar(&s.scale, "scale", "", "a whole year of a whole county: rugao")
	f.IntVar(&s.reports, "reports", 0, "with --scale: so many reports and orders instead of all 650,285, in the same proportions")
	f.StringVar(&s.ending, "ending", "", "with --scale: last day of the year, as 2026-03-01 (default yesterday)")
	f.BoolVar(&s.build, "until-built", false, "with --scale: build it and end, without serving")
	return cmd
}

// onlyHere refuses an address that others could reach: the demonstration's password is published.
func onlyHere(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "localhost" || ip != nil && ip.IsLoopback()) {
		return nil
	}
	return fault.Newf(fault.Invalid, "demo-loopback", "演示账号的密码是公开的,只能监听本机(127.0.0.1),不能监听 %[1]s", "The demonstration's password is published, so it listens on this machine only (127.0.0.1), not on %[1]s", listen)
}

func (p *program) show(ctx context.Context, cfg config.Config, size string) (err error) {
	cfg.Demo = true
	started := time.Now()
	clock := newDemoClock(started.AddDate(0, 0, -demoDays-1))
	a, err := app.New(ctx, cfg, app.Options{Now: clock.now, Log: p.logger(cfg, slog.LevelWarn), Hashing: &demoHashing})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if len(a.Areas.Tree().Areas()) == 0 {
		if err := p.bringToLife(ctx, a, clock, size); err != nil {
			return err
		}
	}
	clock.goReal()
	return p.present(ctx, a, started)
}

// serveDemo opens what was built earlier and serves it.
func (p *program) serveDemo(ctx context.Context, cfg config.Config, started time.Time) (err error) {
	cfg.Demo = true
	a, err := app.New(ctx, cfg, app.Options{Log: p.logger(cfg, slog.LevelWarn), Hashing: &demoHashing})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return p.present(ctx, a, started)
}

// present serves a demonstration and prints who can come in.
func (p *program) present(ctx context.Context, a *app.App, started time.Time) error {
	if err := a.Staff.TurnOver(ctx); err != nil {
		return err
	}
	accounts, err := sample.DemoAccounts(a)
	if err != nil {
		return err
	}
	a.Demo = demoPage(accounts)
	return a.Serve(ctx, app.Version(p.version), func(address string) { p.banner(address, accounts, time.Since(started)) })
}

// demoHashing is cheap: the password it stores is published anyway, and the start should not wait for it.
var demoHashing = staff.Hashing{Memory: 1 << 10, Time: 1, Threads: 1}

// demoPage is the banner as the start page shows it.
func demoPage(accounts []sample.DemoAccount) *httpapi.DemoPage {
	page := &httpapi.DemoPage{Password: sample.DemoPassword}
	for _, acc := range accounts {
		page.Accounts = append(page.Accounts, httpapi.DemoAccount{Login: acc.Login, Name: acc.Name, Title: acc.Title, Where: acc.Where, Try: acc.Try})
	}
	return page
}

// bringToLife lays out the county and lets a fortnight pass in it.
func (p *program) bringToLife(ctx context.Context, a *app.App, clock *demoClock, size string) error {
	if _, err := sample.LayOut(ctx, a, sample.Plan{Size: size, Seed: 1, Demo: true}, p.step()); err != nil {
		return err
	}
	p.clear()
	now := time.Now()
	arrivals, err := simulate.Synthesize(a, simulate.Synthetic{Seed: 1, From: now.In(calendar.Zone()).AddDate(0, 0, -demoDays), Days: demoDays, Count: demoReports, Hotline: 0.2})
	if err != nil {
		return err
	}
	recent, idle, err := recentLife(a, now)
	if err != nil {
		return err
	}
	arrivals = append(arrivals, recent...)
	last := arrivals[0].At
	for i := range arrivals {
		if arrivals[i].At.After(last) {
			last = arrivals[i].At
		}
	}
	_, err = simulate.Run(ctx, a, clock.virtual, simulate.Options{Seed: 1, Arrivals: arrivals, Idle: idle, Settle: max(now.Sub(last), time.Minute), Wall: time.Now}, p.live())
	return err
}

// recentLife is what comes in the last days around the ready-made accounts, and since when each of them rests.
func recentLife(a *app.App, now time.Time) (arrivals []simulate.Arrival, idle map[staff.Post]time.Time, err error) {
	accounts, err := sample.DemoAccounts(a)
	if err != nil {
		return nil, nil, err
	}
	idle = map[staff.Post]time.Time{}
	village := ""
	for _, acc := range accounts {
		switch acc.Post.Role() {
		case "":
		case "dispatcher":
			village = acc.Post.Place()
			idle[acc.Post] = now.Add(-sortersRest)
		case "hotline-agent", "duty-officer":
			idle[acc.Post] = now.Add(-sortersRest)
		default:
			idle[acc.Post] = now.Add(-othersRest)
		}
	}
	all, err := simulate.Synthesize(a, simulate.Synthetic{Seed: 2, From: now.In(calendar.Zone()).AddDate(0, 0, -recentDays), Days: recentDays + 1, Count: recently, Hotline: 0.25, Within: village})
	for i := range all {
		if all[i].At.Before(now) {
			arrivals = append(arrivals, all[i])
		}
	}
	return arrivals, idle, err
}

func (p *program) banner(address string, accounts []sample.DemoAccount, took time.Duration) {
	tag := terminalLang()
	fmt.Fprintf(p.out, `
  ┌──────┐  Linli 邻里 %s: demonstration with invented people 演示数据,人物均为虚构
  │ 邻里 │  http://%s/          ready after %s
  └──────┘  http://%s/api/      API reference 接口参考

  Password of all accounts 所有账号的密码: %s   (this machine only 仅限本机)

`, p.version, address, took.Round(100*time.Millisecond), address, sample.DemoPassword)
	w := tabwriter.NewWriter(p.out, 4, 8, 2, ' ', 0)
	for _, acc := range accounts {
		login := acc.Login
		if login == "" {
			login = "-"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", login, acc.Title.In(tag), acc.Where, acc.Try.In(tag))
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(p.err, "linli:", err)
	}
	fmt.Fprintln(p.out, "\n  Ctrl-C ends it. docs/quick-start.md walks one case through the whole loop.")
}

// demoClock is virtual while the fortnight passes, then the machine's.
type demoClock struct {
	virtual *simulate.Clock
	real    atomic.Bool
}

func newDemoClock(at time.Time) *demoClock { return &demoClock{virtual: simulate.NewClock(at)} }

func (c *demoClock) now() time.Time {
	if c.real.Load() {
		return time.Now()
	}
	return c.virtual.Now()
}

func (c *demoClock) goReal() { c.real.Store(true) }
