package casework

import (
	"fmt"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// intake is a report ready to be written: everything is decided and worded before the transaction, so that it holds
// the writer, and on PostgreSQL the locks, no longer than the writing takes.
type intake struct {
	c      *Case
	entry  Entry
	events []string
	rows   [][]any // of the case, of its hand-overs and of the timeline
	world  int64   // the state of areas and posts it was decided on
}

// world changes whenever areas change or posts change hands.
func (s *Service) world() int64 { return s.staff.Version() + s.areas.Tree().Version() }

// takeIn starts the model.
func (s *Service) takeIn(actor *staff.Actor, r *Report, d *flow.Definition, now time.Time) (intake, error) {
	in := intake{world: s.world()}
	c, err := s.newCase(actor, r, d, now)
	if err != nil {
		return in, err
	}
	dec, err := flow.Start(d, c.state(now, s.level, nil))
	if err != nil {
		return in, err
	}
	c.Clock = startClock(s.calendarOf(c.Area), now, d.Overall.For(c.Urgency))
	entry := Entry{Seq: c.Version, At: now, Account: c.Account, Action: "report", Public: true, Data: EntryData{By: by(actor), Stage: dec.Stage}}
	if c.Account == "" && !actor.System() {
		entry.Data.By = "reporter" // signed in or not: anonymous is anonymous
	}
	if _, err := s.change(now, c, dec, &entry); err != nil {
		return in, err
	}
	c.FirstPost = c.Tasks[0].Post
	c.settle()
	s.schedule(c, d)
	in.c, in.entry, in.events = c, entry, dec.Events
	in.rows = append(in.rows, c.values())
	for i := range c.Tasks {
		in.rows = append(in.rows, c.Tasks[i].values(c.ID))
	}
	in.rows = append(in.rows, entry.values(c.ID))
	c.written()
	return in, nil
}

// submit writes what was taken in: the case, its first hand-overs, its first timeline entry, its counters and its place
// in the search queue. Should areas or posts have changed meanwhile, it is decided again.
func (s *Service) submit(tx *database.Tx, actor *staff.Actor, r *Report, d *flow.Definition, in *intake) (err error) {
	if in.world != s.world() {
		if *in, err = s.takeIn(actor, r, d, tx.Now); err != nil {
			return err
		}
	}
	c := in.c
	if c.Serial, err = nextSerial(tx, c.ReceivedAt); err != nil {
		return err
	}
	in.rows[0][serialColumn] = c.Serial
	for i, row := range in.rows {
		query := insertTask
		switch i {
		case 0:
			query = insertCase // first: a report that comes again is refused here, before anything is written
		case len(in.rows) - 1:
			query = insertEntry
		}
		if err := tx.Send(query, row...); err != nil {
			return fmt.Errorf("storing case %s: %w", c.ID, err)
		}
	}
	if err := s.queueText(tx, c); err != nil {
		return err
	}
	s.tellFollowers(tx, c, nil)
	if err := count(tx, c.Path, c.ReceivedAt, "reported"); err != nil {
		return err
	}
	return s.emit(tx, c, in.entry, in.events)
}
