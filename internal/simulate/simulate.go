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
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/staff"
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
	Stream   *Stream       // instead of Arrivals; see Year
	Refused  []Refusal     // rows that could not be read: they are named in the result
	Staffing *Staffing     // nil: the built-in one
	Model    string        // name of the model all reports follow; empty: the one of their category and channel
	Settle   time.Duration // how long after the last arrival work goes on; 0: 45 days

	// Begin moves the whole stream so that its first report arrives at this moment. Zero: as it was.
	Begin time.Time
	// WithoutMember names a grid whose newest grid member leaves before the first report.
	WithoutMember string
	// Idle names posts whose holders leave lying, from a moment on, what reaches them: somebody else is to go on there.
	Idle map[staff.Post]time.Time
	// Focus names a grid whose cases are also counted by themselves; Compare sets it.
	Focus string

	// Together is how many transactions are under way at a time; 0: what suits the database. The result does not
	// depend on it.
	Together int

	// State is a file in which a run that is stopped in good order leaves where it stands, so that going on gives the
	// same result as not stopping. Without it a run goes on from what the database knows.
	State string
	// Brief leaves the figures out of the result of a run that is stopped: they take a while.
	Brief bool

	Wall  func() time.Time // for the progress line; nil: none is written
	Lines bool             // progress in lines of their own, now and then, instead of one that renews itself
}

// settle is how long work goes on after the last arrival unless said otherwise.
const settle = 45 * 24 * time.Hour

// engine is one run. Everything in it is touched by one goroutine only; see window for what runs beside it.
type engine struct {
	app   *app.App
	clock *Clock
	o     Options
	staff *Staffing
	tree  *area.Tree
	words *words

	now          time.Time // how far decisions have come; the services' clock follows window by window
	stream       *reader
	missed       []missed // of it: taken off it and not in yet
	arrival      Arrival  // the one on the agenda
	arrivalIndex int
	agenda       heapOf[event]
	deferred     []event // of cases that have an action under way
	open         *batch  // the window being gathered
	window       int64
	seq          int64

	desks   map[string]*desk
	cases   map[int]*tracked          // by the index of their arrival, while something may happen to them
	recent  map[neighbourhood][]int32 // for finding the original of a duplicate
	horizon time.Time
	spread  *spread

	// found once: until posts change hands, and for good
	covers  map[staff.Post][]string
	actors  map[string]*staff.Actor
	models  map[string]*flow.Definition
	offices map[string][]string

	result   Result
	progress *meter
}

// Run lays the reports before the services, works through them and says what came of it. The area tree and
// the people must be there. On a folder where an earlier run was stopped it goes on: reports that are in
// are not sent twice. The same seed and input on an empty folder give the same result.
//
// When ctx ends, what is done stays and the result says Stopped. Errors: Invalid "nobody-then" when no post
// was held yet at the first report; whatever the services answer that is no refusal.
func Run(ctx context.Context, a *app.App, clock *Clock, o Options, progress io.Writer) (Result, error) {
	e, err := newEngine(ctx, a, clock, o, progress)
	if err != nil && ctx.Err() != nil {
		return Result{Stopped: true}, nil //nolint:nilerr // before it had begun: there is nothing to leave behind
	}
	if err != nil {
		return Result{}, err
	}
	result := e.result
	if err = e.run(ctx); err == nil {
		result, err = e.round(ctx)
	}
	e.progress.end()
	if err == nil || ctx.Err() == nil {
		return result, err
	}
	e.result.Stopped = true
	quiet := context.WithoutCancel(ctx)
	if err := e.leaveBehind(quiet); err != nil || o.Brief {
		return e.result, err
	}
	return e.measure(quiet)
}

// round ends a run: while the texts that wait are put into the search index, the cases are counted.
func (e *engine) round(ctx context.Context) (Result, error) {
	e.progress.say("filling the search index, counting")
	indexed := make(chan error, 1)
	go func() {
		_, err := e.app.Cases.IndexAll(ctx, func(n int) { e.progress.count("filling the search index, counting", n) })
		indexed <- err
	}()
	result, err := e.measure(ctx)
	if ierr := <-indexed; ierr != nil {
		return result, fmt.Errorf("filling the search index: %w", ierr)
	}
	return result, err
}

func newEngine(ctx context.Context, a *app.App, clock *Clock, o Options, progress io.Writer) (*engine, error) {
	if o.Settle == 0 {
		o.Settle = settle
	}
	if len(o.Arrivals) == 0 && o.Stream == nil {
		return nil, fault.New(fault.Invalid, "no-arrivals", "没有可模拟的上报", "There are no reports to simulate")
	}
	if len(a.Areas.Tree().Areas()) == 0 {
		return nil, fault.New(fault.Invalid, "no-areas", "还没有区域,请先导入区域或建立示例县", "There are no areas yet; import them or lay out the sample county")
	}
	if _, ok := a.Library.Get(o.Model); o.Model != "" && !ok {
		return nil, fault.Newf(fault.Invalid, "unknown-model", "没有“%[1]s”这个办理模型", "There is no governance model %[1]q", o.Model)
	}
	stream := o.Stream
	if stream == nil {
		stream = streamOf(o.Arrivals, o.Begin)
		o.Arrivals = nil
	}
	e := &engine{stream: &reader{Stream: stream}, app: a, clock: clock, o: o, staff: o.Staffing, tree: a.Areas.Tree(), desks: map[string]*desk{},
		cases: map[int]*tracked{}, recent: map[neighbourhood][]int32{}, models: map[string]*flow.Definition{}, offices: map[string][]string{}}
	e.forgetPosts()
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
	e.spread = newSpread(a, "")
	if e.spread.total == 0 {
		return nil, fault.New(fault.Invalid, "no-grids", "区域里还没有网格", "There are no grids among the areas")
	}
	e.result = Result{Seed: o.Seed, Model: o.Model, Arrivals: stream.Count, Rows: append([]Refusal{}, o.Refused...),
		Refusals: map[string]int{}, Actions: map[string]int{}, First: stream.First, Last: stream.Last}
	e.horizon = e.result.Last.Add(o.Settle)
	e.progress = newMeter(progress, o.Wall, stream.Count, o.Lines)
	return e, e.prepare(ctx)
}

// prepare sets the clock, sees that people are there, lets the named member go, and plans what comes first.
func (e *engine) prepare(ctx context.Context) error {
	extent, err := e.app.Cases.Extent(ctx)
	if err != nil {
		return err
	}
	fresh := extent.Cases == 0
	if fresh && e.clock.Now().After(e.result.First) {
		return fault.Newf(fault.Invalid, "clock-ahead", "虚拟时钟已到 %[1]s,而第一件上报的时间是 %[2]s。请用 --begin 把上报往后移",
			"The virtual clock shows %[1]s already and the first report is of %[2]s. Move the reports with --begin", e.clock.Now().In(beijing).Format(time.DateOnly), e.result.First.In(beijing).Format(time.DateOnly))
	}
	e.clock.Set(e.result.First.Add(-time.Hour))
	e.clock.Set(extent.Last)
	e.now = e.clock.Now()
	if err := e.app.Staff.TurnOver(ctx); err != nil {
		return fmt.Errorf("turning over appointments: %w", err)
	}
	if !e.anybody() {
		return fault.Newf(fault.Invalid, "nobody-then", "第一件上报的时间是 %[1]s,那时还没有任何人任职。请用 --begin 把上报移到任职之后,或换空的数据目录",
			"The first report is of %[1]s, when nobody held a post yet. Move the reports with --begin, or use an empty folder", e.result.First.Format(time.DateOnly))
	}
	if e.o.WithoutMember != "" && fresh {
		if err := e.dismiss(ctx, e.o.WithoutMember); err != nil {
			return err
		}
	}
	if !fresh {
		if done, err := e.resume(ctx, extent); err != nil || done {
			e.progress.begin(e.counted())
			return err
		}
	}
	e.progress.begin(e.counted())
	e.await()
	e.push(event{at: midnight(e.now), kind: evMidnight})
	return nil
}

// dismiss ends the appointment of a grid's newest member.
func (e *engine) dismiss(ctx context.Context, grid string) error {
	post := staff.MakePost("grid-member", grid)
	list, err := e.app.Staff.History(ctx, staff.System(), post, "")
	if err != nil {
		return fmt.Errorf("looking for the member of %s: %w", grid, err)
	}
	for _, a := range list { // newest first
		if a.Deputy || !a.Spans(e.now) {
			continue
		}
		_, err := e.app.Staff.End(ctx, staff.System(), staff.EndCommand{Appointment: a.ID, Reason: "simulation: one member fewer"})
		return err
	}
	return fault.Newf(fault.Invalid, "no-member", "网格 %[1]s 没有在任的网格员", "The grid %[1]s has no member in office", grid)
}

// anybody tells whether some post is held now.
func (e *engine) anybody() bool {
	for _, a := range e.tree.Areas() {
		for _, role := range []string{"administrator", "duty-officer", "dispatcher", "grid-member"} {
			if len(e.app.Staff.Holders(staff.MakePost(role, a.Code), e.now)) > 0 {
				return true
			}
		}
	}
	return false
}

// happen lets an event take effect.
func (e *engine) happen(ev event) {
	switch ev.kind {
	case evArrival:
		e.arrive()
	case evSeat:
		e.seatFree(ev)
	case evWake:
		e.serve(ev.desk)
	case evAct:
		e.perform(ev)
	case evSweep:
		e.sweep(ev)
	case evLook:
		e.look(ev)
	default:
		e.outside(ev)
	}
}

// midnight takes over appointments that begin or end. Nothing is under way then.
func (e *engine) midnight(ctx context.Context) error {
	e.clock.Set(e.now)
	if err := e.app.Staff.TurnOver(ctx); err != nil {
		return fmt.Errorf("turning over appointments: %w", err)
	}
	e.forgetPosts()
	e.push(event{at: midnight(e.now), kind: evMidnight})
	return nil
}

// forgetPosts lets who holds which post be found anew.
func (e *engine) forgetPosts() {
	e.covers, e.actors = map[staff.Post][]string{}, map[string]*staff.Actor{}
}

// cover lists who answers for a post.
func (e *engine) cover(p staff.Post) []string {
	list, known := e.covers[p]
	if !known {
		list = e.app.Staff.Cover(p, e.now).Accounts
		e.covers[p] = list
	}
	return list
}

// actor is somebody with the posts held today; nil when the account is switched off.
func (e *engine) actor(account string) *staff.Actor {
	a, known := e.actors[account]
	if !known {
		a, _ = e.app.Staff.ActorOf(account, e.now)
		e.actors[account] = a
	}
	return a
}

// model is what a case runs under, by name and version; nil for one that the services do not find.
func (e *engine) model(id string) *flow.Definition {
	d, known := e.models[id]
	if !known {
		var err error
		if d, err = e.app.Cases.Model(context.Background(), id); err != nil {
			d = nil
		}
		e.models[id] = d
	}
	return d
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
