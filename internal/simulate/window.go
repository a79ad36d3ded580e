package simulate

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// Window is the stretch of virtual time whose actions are sent together, so that they share transactions and both the
// machine's cores and the database are busy. Each action carries its own moment, and whoever acts knows their case as
// it is; of what others do at the same time they learn when the window is taken in.
//
// The order in which a window is carried out is not fixed, so nothing may depend on it: a case has one action in a
// window at most, what is decided depends on what had come of the windows before, and what comes of this one is taken
// in, in the order of its decisions, when all of it is done. What then lies in the past already, such as the end of a
// short piece of work, is sent with the next window, at its own moment.
const Window = 20 * time.Minute

// mostInWindow bounds a window by number.
const mostInWindow = 512

// batch is the actions of one window.
type batch struct {
	no     int64
	until  time.Time // the last of their moments
	orders []*order
	busy   sync.WaitGroup
}

// purpose says what an order is about.
type purpose uint8

const (
	toReport  purpose = iota // lay a report before the services
	toWork                   // end a piece of work with an action
	toOutside                // an action of the reporter, or of somebody who does not have the case
	toSweep                  // do what falls due by itself
	toLook                   // read the case again
)

// order is one thing the services are asked, and what came of it.
type order struct {
	what   purpose
	t      *tracked // nil: of a report that is not in yet
	also   *tracked // the other case that the action changes: the original of a duplicate
	place  string   // code of the area it is about
	action *flow.Action
	job    *job
	index  int    // of the report in the stream
	id     string // of its source
	row    int

	deed     casework.Deed
	original *casework.Case // the other case, as it is then
	refused  *fault.Error
	err      error
}

// share is the orders of a window that go into one transaction. All orders about one area are in the same share, so that
// no two transactions wait for the same rows.
type share struct {
	*batch
	orders []*order
}

// send carries the share out. It runs beside others and touches nothing of the run but its orders.
func (p share) send(ctx context.Context, cases *casework.Service) {
	deeds := make([]*casework.Deed, 0, len(p.orders))
	for _, o := range p.orders {
		if o.what != toLook {
			deeds = append(deeds, &o.deed)
		}
	}
	cases.Together(ctx, deeds)
	for _, o := range p.orders {
		if o.err = o.deed.Err; o.err == nil && o.what == toLook {
			o.deed.Case, o.err = cases.Current(ctx, o.t.c.ID)
		}
		if o.err == nil && o.also != nil {
			o.original, o.err = cases.Current(ctx, o.also.c.ID)
		}
		if f := fault.Of(o.err); o.err != nil && f.Kind != fault.Internal && f.Kind != fault.Unavailable {
			o.refused, o.err = f, nil
		}
	}
}

// crew is who carries orders out. Each lane does what it is given in the order it is given.
type crew struct {
	lanes []chan share
	whole bool // a window goes to one lane, the next one to the other
	gone  sync.WaitGroup
}

// newCrew makes a lane for each transaction that may be under way. An engine with one writer gets two all the same: what
// the next window wants is prepared while the writer is busy with the one before.
func newCrew(ctx context.Context, cases *casework.Service, transactions int) *crew {
	c := &crew{lanes: make([]chan share, max(2, transactions)), whole: transactions == 1}
	for i := range c.lanes {
		lane := make(chan share, 2)
		c.lanes[i] = lane
		c.gone.Go(func() {
			for p := range lane {
				p.send(ctx, cases)
				p.busy.Done()
			}
		})
	}
	return c
}

// start hands a window out.
func (c *crew) start(b *batch) {
	lanes := uint64(len(c.lanes))
	shares := make([][]*order, lanes)
	if c.whole {
		shares[uint64(b.no)%lanes] = b.orders
	} else {
		for _, o := range b.orders {
			n := hash(o.place) % lanes
			shares[n] = append(shares[n], o)
		}
	}
	for i, orders := range shares {
		if len(orders) > 0 {
			b.busy.Add(1)
			c.lanes[i] <- share{b, orders}
		}
	}
}

func (c *crew) dismiss() {
	for _, lane := range c.lanes {
		close(lane)
	}
	c.gone.Wait()
}

// run goes from window to window. While one is carried out the one before it is taken in and the next one decided and
// handed out behind it, unless nothing happens within a window of it or a day ends: then what comes of it is waited for.
// A run is stopped only where nothing is under way, so that going on is the same as not having stopped.
func (e *engine) run(ctx context.Context) error {
	crew := newCrew(context.WithoutCancel(ctx), e.app.Cases, e.transactions())
	defer crew.dismiss()
	var under *batch // being carried out
	for {
		if under == nil && ctx.Err() != nil {
			return fmt.Errorf("stopped: %w", ctx.Err())
		}
		b, err := e.gather(context.WithoutCancel(ctx), under)
		if err != nil { // at the end of a day; nothing is under way then
			return err
		}
		if under == nil && len(b.orders) == 0 {
			e.now = e.horizon
			e.clock.Set(e.horizon)
			return nil
		}
		last := under
		under = nil
		if len(b.orders) > 0 {
			e.clock.Set(b.until)
			crew.start(b)
			under = b
			e.progress.tick(b.until, e.counted())
		}
		if last != nil {
			last.busy.Wait()
			if err := e.takeIn(last); err != nil {
				return err
			}
		}
	}
}

// transactions is how many are under way at a time: SQLite has one writer, PostgreSQL keeps every core busy.
func (e *engine) transactions() int {
	switch {
	case e.o.Together > 0:
		return e.o.Together
	case e.app.DB.Engine() == database.Postgres:
		return 2 * runtime.NumCPU()
	}
	return 1
}

// counted is how far the run is.
func (e *engine) counted() counted {
	return counted{e.result.Commands, e.result.Reported, e.result.ended}
}

// over tells whether nothing more happens before the horizon.
func (e *engine) over() bool {
	return len(e.agenda) == 0 || e.agenda.first().at.After(e.horizon)
}

// gather lets the agenda go on to the end of a window and collects what is to be sent. under is the window being
// carried out: time does not leave it behind by more than a window.
func (e *engine) gather(ctx context.Context, under *batch) (*batch, error) {
	e.window++
	b := &batch{no: e.window}
	e.open = b
	end := e.horizon
	if under != nil {
		end = under.until.Add(Window)
	}
	for !e.over() && len(b.orders) < mostInWindow {
		if e.agenda.first().at.After(end) {
			break
		}
		day := e.agenda.first().kind == evMidnight
		if day && (under != nil || len(b.orders) > 0) {
			break // a day ends when all of it is done
		}
		ev := e.next()
		e.now = ev.at
		if day {
			if err := e.midnight(ctx); err != nil {
				return b, err
			}
			continue
		}
		e.happen(ev)
		if under == nil && len(b.orders) == 1 {
			end = e.now.Add(Window) // it begins with the first thing to be sent
		}
	}
	return b, nil
}

// ask adds an order to the window being gathered. Its moment is not before the last thing that happened to its cases.
func (e *engine) ask(o *order) {
	o.deed.At = e.now
	for _, t := range []*tracked{o.t, o.also} {
		if t != nil {
			t.window = e.open.no
			if t.c.UpdatedAt.After(o.deed.At) {
				o.deed.At = t.c.UpdatedAt
			}
		}
	}
	if o.t != nil {
		o.place, o.deed.Held = o.t.c.Area, o.t.c
	}
	if o.deed.At.After(e.open.until) {
		e.open.until = o.deed.At
	}
	e.open.orders = append(e.open.orders, o)
}

// giveBack undoes what ask noted of an order that will not be sent.
func (e *engine) giveBack(o *order) {
	for _, t := range []*tracked{o.t, o.also} {
		if t != nil {
			t.window = 0
		}
	}
}

// takeIn plans what follows from a window, in the order of its decisions.
func (e *engine) takeIn(b *batch) error {
	for _, o := range b.orders {
		if o.err != nil {
			return e.broken(o)
		}
		e.giveBack(o)
	}
	for _, o := range b.orders {
		e.now = o.deed.At
		e.follow(o)
	}
	for _, ev := range e.deferred {
		e.later(ev)
	}
	e.deferred = e.deferred[:0]
	return nil
}

// broken is the error of an order that failed for reasons of the machine.
func (e *engine) broken(o *order) error {
	switch o.what {
	case toReport:
		return fmt.Errorf("report %s: %w", o.id, o.err)
	case toSweep, toLook:
		return o.err
	}
	return fmt.Errorf("%s on case %s: %w", o.deed.Command.Action, o.deed.Command.Case, o.err)
}
