// Package simulate drives the real services on a virtual clock: reports arrive as they did or as they
// would in life, and invented staff work through them in their own hours. It answers how long things take,
// where they wait, and what would change with one member fewer. Nothing in it decides about a case: every
// step is an action that the case's model offered to an account that may take it.
package simulate

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"linli/internal/app"
	"linli/internal/area"
	"linli/internal/calendar"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/fault"
)

// Clock is the virtual clock. Give its Now to app.Options, so that everything the program writes carries
// the virtual time. It never goes back.
type Clock struct{ ms atomic.Int64 }

// NewClock makes a clock that shows the moment.
func NewClock(at time.Time) *Clock {
	c := &Clock{}
	c.ms.Store(at.UnixMilli())
	return c
}

// Now is the virtual time, to the millisecond.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.ms.Load()) }

// Set moves the clock on; an earlier moment changes nothing.
func (c *Clock) Set(at time.Time) {
	for {
		now := c.ms.Load()
		if at.UnixMilli() <= now || c.ms.CompareAndSwap(now, at.UnixMilli()) {
			return
		}
	}
}

// Options say what to simulate.
type Options struct {
	Seed     uint64
	Arrivals []Arrival     // in any order; see ReadArrivals and Synthesize
	Refused  []Refusal     // rows that could not be read: they are named in the result
	Staffing *Staffing     // nil: the built-in one
	Model    string        // name of the model all reports follow; empty: the one of their category and channel
	Settle   time.Duration // how long after the last arrival work goes on; 0: 45 days

	// Begin moves the whole stream so that its first report arrives at this moment. Zero: as it was.
	Begin time.Time
	// WithoutMember names a grid whose newest grid member leaves before the first report.
	WithoutMember string
	// Focus names a grid whose cases are also counted by themselves; Compare sets it.
	Focus string

	Wall func() time.Time // for the progress line; nil: none is written
}

// settle is how long work goes on after the last arrival unless said otherwise.
const settle = 45 * 24 * time.Hour

// engine is one run.
type engine struct {
	app   *app.App
	clock *Clock
	o     Options
	staff *Staffing
	tree  *area.Tree
	words *words

	events  agenda
	seq     int64
	desks   map[string]*desk
	cases   map[string]*tracked
	recent  map[string][]string // grid + category -> ids, for finding the original of a duplicate
	sweep   time.Time           // when the services next have something due by themselves
	waiting map[string]int      // open cases by model/stage
	horizon time.Time
	spread  *spread

	result   Result
	progress *meter
}

// tracked is what a run remembers of a case.
type tracked struct {
	at      int // index of its arrival
	code    string
	planned map[int]flow.TaskState // hand-overs that lie on somebody's desk
	gaveUp  bool                   // the reporter did not answer
	ended   bool
	stage   string         // model/stage it is counted under while open
	last    *casework.Case // as it was last seen, while open
}

// Run lays the reports before the services, works through them and says what came of it. The area tree and
// the people must be there. On a folder where an earlier run was stopped it goes on: reports that are in
// are not sent twice. The same seed and input on an empty folder give the same result.
//
// When ctx ends, what is done stays and the result says Stopped. Errors: Invalid "nobody-then" when no post
// was held yet at the first report; whatever the services answer that is no refusal.
func Run(ctx context.Context, a *app.App, clock *Clock, o Options, progress io.Writer) (Result, error) {
	e, err := newEngine(ctx, a, clock, o, progress)
	if err != nil {
		return Result{}, err
	}
	err = e.run(ctx)
	if ctx.Err() != nil {
		e.result.Stopped = true
	} else if err != nil {
		return e.result, err
	}
	quiet := context.WithoutCancel(ctx)
	if !e.result.Stopped {
		if _, err := a.Cases.Index(quiet); err != nil {
			return e.result, fmt.Errorf("filling the search index: %w", err)
		}
	}
	e.progress.end()
	return e.result, e.measure(quiet)
}

func newEngine(ctx context.Context, a *app.App, clock *Clock, o Options, progress io.Writer) (*engine, error) {
	if o.Settle == 0 {
		o.Settle = settle
	}
	if len(o.Arrivals) == 0 {
		return nil, fault.New(fault.Invalid, "no-arrivals", "没有可模拟的上报", "There are no reports to simulate")
	}
	if len(a.Areas.Tree().Areas()) == 0 {
		return nil, fault.New(fault.Invalid, "no-areas", "还没有区域,请先导入区域或建立示例县", "There are no areas yet; import them or lay out the sample county")
	}
	if _, ok := a.Library.Get(o.Model); o.Model != "" && !ok {
		return nil, fault.Newf(fault.Invalid, "unknown-model", "没有“%[1]s”这个办理模型", "There is no governance model %[1]q", o.Model)
	}
	o.Arrivals = arrange(o.Arrivals, o.Begin)
	e := &engine{app: a, clock: clock, o: o, staff: o.Staffing, tree: a.Areas.Tree(), desks: map[string]*desk{},
		cases: map[string]*tracked{}, recent: map[string][]string{}, waiting: map[string]int{}}
	if e.staff == nil {
		s, err := DefaultStaffing(a.Models)
		if err != nil {
			return nil, err
		}
		e.staff = s
	}
	if err := e.staff.fits(a); err != nil {
		return nil, err
	}
	var err error
	if e.words, err = readWords(a.Models); err != nil {
		return nil, err
	}
	e.spread = newSpread(a)
	if e.spread.total == 0 {
		return nil, fault.New(fault.Invalid, "no-grids", "区域里还没有网格", "There are no grids among the areas")
	}
	e.result = Result{Seed: o.Seed, Model: o.Model, Arrivals: len(o.Arrivals), Rows: append([]Refusal{}, o.Refused...),
		Refusals: map[string]int{}, Actions: map[string]int{}, First: o.Arrivals[0].At, Last: o.Arrivals[len(o.Arrivals)-1].At}
	e.horizon = e.result.Last.Add(o.Settle)
	e.progress = newMeter(progress, o.Wall, len(o.Arrivals))
	return e, e.prepare(ctx)
}

// prepare sets the clock, sees that people are there and lets the named member go.
func (e *engine) prepare(ctx context.Context) error {
	resumed, err := e.lastChange(ctx)
	if err != nil {
		return err
	}
	if resumed.IsZero() && e.clock.Now().After(e.result.First) {
		return fault.Newf(fault.Invalid, "clock-ahead", "虚拟时钟已到 %[1]s,而第一件上报的时间是 %[2]s。请用 --begin 把上报往后移",
			"The virtual clock shows %[1]s already and the first report is of %[2]s. Move the reports with --begin", e.clock.Now().In(beijing).Format(time.DateOnly), e.result.First.In(beijing).Format(time.DateOnly))
	}
	e.clock.Set(e.result.First.Add(-time.Hour))
	e.clock.Set(resumed)
	if err := e.app.Staff.TurnOver(ctx); err != nil {
		return fmt.Errorf("turning over appointments: %w", err)
	}
	if !e.anybody() {
		return fault.Newf(fault.Invalid, "nobody-then", "第一件上报的时间是 %[1]s,那时还没有任何人任职。请用 --begin 把上报移到任职之后,或换空的数据目录",
			"The first report is of %[1]s, when nobody held a post yet. Move the reports with --begin, or use an empty folder", e.result.First.Format(time.DateOnly))
	}
	if e.o.WithoutMember != "" && resumed.IsZero() {
		return e.dismiss(ctx, e.o.WithoutMember)
	}
	return nil
}

func (e *engine) run(ctx context.Context) error {
	e.push(event{at: e.result.First, kind: evArrival})
	e.push(event{at: midnight(e.clock.Now()), kind: evMidnight})
	if err := e.askSweep(ctx); err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		next, ok := e.events.peek()
		if !ok || next.at.After(e.horizon) {
			return e.finish(ctx)
		}
		if !e.sweep.IsZero() && !e.sweep.After(next.at) {
			if err := e.runSweep(ctx); err != nil {
				return err
			}
			continue
		}
		e.events.pop()
		e.clock.Set(next.at)
		if err := e.do(ctx, next); err != nil {
			return err
		}
		e.progress.tick(e.clock.Now(), e.result.Commands, e.result.Reported, e.result.ended)
	}
}

// finish lets the clock reach the horizon, with everything that falls due on the way.
func (e *engine) finish(ctx context.Context) error {
	for !e.sweep.IsZero() && !e.sweep.After(e.horizon) {
		if err := e.runSweep(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	e.clock.Set(e.horizon)
	return nil
}

// runSweep moves to the next thing due by itself. The program looks every few seconds, here at the full
// minute after.
func (e *engine) runSweep(ctx context.Context) error {
	e.clock.Set(e.sweep)
	done, err := e.app.Cases.Sweep(ctx)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	e.result.Sweeps += done
	before := e.sweep
	if err := e.askSweep(ctx); err != nil {
		return err
	}
	if !e.sweep.IsZero() && !e.sweep.After(before) {
		return fmt.Errorf("the sweep at %s leaves something due at that very time", before)
	}
	return nil
}

func (e *engine) askSweep(ctx context.Context) error {
	due, err := e.app.Cases.NextDue(ctx)
	if err != nil {
		return fmt.Errorf("asking what is due: %w", err)
	}
	e.sweep = due
	if !due.IsZero() {
		e.sweep = due.Truncate(time.Minute)
		if e.sweep.Before(due) {
			e.sweep = e.sweep.Add(time.Minute)
		}
	}
	return nil
}

func (e *engine) do(ctx context.Context, ev event) error {
	switch ev.kind {
	case evArrival:
		return e.arrive(ctx, ev.index)
	case evMidnight:
		return e.midnight(ctx)
	case evSeat:
		return e.seatFree(ctx, ev)
	case evWake:
		e.serve(e.desks[ev.desk])
		return nil
	case evAct:
		return e.perform(ctx, ev.job)
	case evLook:
		return e.look(ctx, ev.id)
	}
	return e.reporterActs(ctx, ev)
}

// midnight takes over appointments that begin or end and notes how long the queues are.
func (e *engine) midnight(ctx context.Context) error {
	if err := e.app.Staff.TurnOver(ctx); err != nil {
		return fmt.Errorf("turning over appointments: %w", err)
	}
	e.sampleQueue()
	e.push(event{at: midnight(e.clock.Now()), kind: evMidnight})
	return e.askSweep(ctx)
}

// beijing is the one time zone of the country.
var beijing = time.FixedZone("CST", 8*3600)

// midnight is the next beginning of a day.
func midnight(at time.Time) time.Time {
	y, m, d := at.In(beijing).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, beijing)
}

// calendarAt is the calendar somebody at the place works by, as the services find it.
func (e *engine) calendarAt(place string) *calendar.Calendar {
	set := e.app.Cases.Calendars()
	if org, ok := e.tree.Org(place); ok {
		if org.Calendar != "" {
			return set.Get(org.Calendar)
		}
		place = org.Area
	}
	for at, ok := e.tree.Area(place); ok; at, ok = e.tree.Area(at.Parent) {
		if at.Calendar != "" {
			return set.Get(at.Calendar)
		}
	}
	return set.Default()
}
