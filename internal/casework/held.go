package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// What the program itself does with cases that it holds in memory as they came out of their report or last action.
// The simulation works a year of a county through: it must neither read a case before each action nor make the
// writer read it, nor pay for a transaction each. Everything is asked and checked as Submit, Act and Sweep do it. Saving
// names the version held, so a case that has changed meanwhile is refused as stale; Current then gives it anew.

// Deed is one of the things done together: a report, an action on a case held, or, with neither a report nor an
// action named, what has fallen due on a case held.
type Deed struct {
	Actor   *staff.Actor
	At      time.Time // the moment it carries, not after now
	Report  *Report
	Held    *Case
	Command Command

	Receipt Receipt // of a report
	Case    *Case   // as it is then; nil when Err is set
	Err     error

	model *flow.Definition
	in    intake
	world int64           // the state of areas and posts it was decided on
	draft *database.Draft // of an action; nil: to be decided in the transaction
}

// Together does several things in one transaction, each at its own moment and each as Submit, Act and Sweep would do
// it. No two of them may be about one case. What is refused takes nothing with it: it is left out when it is decided,
// before the transaction; should the transaction itself fail, each is done by itself. Of what is sent twice an action is
// stale, and a report is answered as Submit answers it.
//
// The errors of each are in Err: those of Submit and Act; a stale version comes without the entries since.
func (s *Service) Together(ctx context.Context, deeds []*Deed) {
	decided := make([]*Deed, 0, len(deeds))
	for _, d := range deeds {
		d.Case, d.draft = nil, nil
		if d.Err = s.decide(ctx, d); d.Err != nil {
			s.refuse(ctx, d)
			continue
		}
		decided = append(decided, d)
	}
	if len(decided) == 0 || s.carryOut(ctx, decided) == nil {
		return
	}
	for _, d := range decided {
		if d.Err = s.carryOut(ctx, []*Deed{d}); d.Err != nil {
			s.refuse(ctx, d)
		}
	}
}

// decide does all that needs no transaction.
func (s *Service) decide(ctx context.Context, d *Deed) (err error) {
	if d.Report != nil {
		if d.model, err = s.prepare(d.Actor, d.Report); err != nil {
			return err
		}
		d.in, err = s.takeIn(d.Actor, d.Report, d.model, d.At)
		return err
	}
	d.world = s.world()
	d.draft, err = s.db.Draft(ctx, d.At, func(tx *database.Tx) error { return s.doOne(tx, d) })
	if errors.Is(err, database.ErrReads) {
		return nil
	}
	return err
}

// refuse says what an error means for the deed it belongs to.
func (s *Service) refuse(ctx context.Context, d *Deed) {
	d.Case = nil
	switch {
	case d.Held != nil && (database.IsDuplicate(d.Err) || errors.Is(d.Err, database.ErrNotOne)):
		d.Err = errStale(nil) // its place in the timeline is taken
	case d.Report != nil && !fault.Is(d.Err, fault.Unavailable):
		if known, found, err := s.repeated(ctx, d.Actor, d.Report); found || err != nil {
			d.Receipt, d.Case, d.Err = known, known.Case, err
		}
	}
}

// carryOut writes all of them or none.
func (s *Service) carryOut(ctx context.Context, deeds []*Deed) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		world := s.world()
		for _, d := range deeds {
			tx.Now = d.At
			var err error
			if d.draft != nil && d.world == world {
				err = tx.Carry(d.draft)
			} else {
				err = s.doOne(tx, d)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, d := range deeds {
		if d.Report != nil {
			d.Receipt, d.Case = s.receipt(d.in.c, false), d.in.c
		}
	}
	return nil
}

func (s *Service) doOne(tx *database.Tx, d *Deed) (err error) {
	switch {
	case d.Report != nil:
		return s.submit(tx, d.Actor, d.Report, d.model, &d.in)
	case d.Command.Action != "":
		d.Case, err = s.actOn(tx, d.Actor, d.Held, d.Command)
	default:
		d.Case, err = s.sweepOn(tx, d.Held)
	}
	return err
}

// actOn is Act on a case held; the case held stays as it was.
func (s *Service) actOn(tx *database.Tx, actor *staff.Actor, held *Case, cmd Command) (*Case, error) {
	c := held.copied()
	reporter, err := s.mayAct(actor, c, cmd)
	if err != nil {
		return nil, err
	}
	if cmd.Code != "" {
		actor = staff.Resident(actor.Lang()) // as in Act: who uses the code is the reporter and nobody else
	}
	out, err := s.act(tx, actor, c, cmd, reporter)
	return out.Case, err
}

// sweepOn is Sweep on a case held.
func (s *Service) sweepOn(tx *database.Tx, held *Case) (*Case, error) {
	c := held.copied()
	if err := s.fallDue(tx, c); err != nil {
		return nil, fmt.Errorf("sweeping case %s: %w", c.ID, err)
	}
	return c, nil
}

// copied is the case for an action to change; what it has in common with the original is not changed in place.
func (c *Case) copied() *Case {
	out := *c
	out.Tasks = make([]Task, len(c.Tasks), len(c.Tasks)+1)
	copy(out.Tasks, c.Tasks)
	for i := range out.Tasks {
		t := &out.Tasks[i]
		t.Acted, t.Clock.Moves = slices.Clip(t.Acted), slices.Clip(t.Clock.Moves)
	}
	out.Clock.Moves = slices.Clip(out.Clock.Moves)
	return &out
}

// Current reads a case with its hand-overs and nothing else. Errors: NotFound.
func (s *Service) Current(ctx context.Context, id string) (c *Case, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		c, err = load(tx, id, false)
		return err
	})
	return c, err
}

// Model gives a governance model by name and version, as a case names the one it began with.
func (s *Service) Model(ctx context.Context, id string) (d *flow.Definition, err error) {
	if d, ok := s.Models().Lookup(id); ok {
		return d, nil
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		d, err = s.model(tx, id)
		return err
	})
	return d, err
}

// Offers are the actions the actor may take on the case at the moment; seen is false when the actor may not know
// of it.
func (s *Service) Offers(d *flow.Definition, actor *staff.Actor, c *Case, at time.Time) (offers []flow.Offer, seen bool) {
	if !s.sees(actor, c) {
		return nil, false
	}
	return s.offers(d, actor, c, s.reported(actor, c), c.state(at, s.level, s.facts(c))), true
}

// ReporterOffers are the actions that whoever has the tracking code may take at the moment.
func (s *Service) ReporterOffers(d *flow.Definition, c *Case, at time.Time) []flow.Offer {
	return flow.Offers(d, c.state(at, s.level, s.facts(c)), flow.Who{Reporter: true})
}

// Code is the tracking code of a case. It makes a reporter of whoever has it.
func (s *Service) Code(c *Case) string { return s.trackingCode(c) }

// NextStep is when the case needs the sweep; zero: not before something else happens to it.
func (c *Case) NextStep() time.Time { return c.nextAt }
