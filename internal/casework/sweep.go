package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"linli/internal/area"
	"linli/internal/calendar"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// sweepBatch bounds how many due cases are looked up at once.
const sweepBatch = 200

// Sweep does what has fallen due: reminders before a deadline, escalations after it, pauses that end by
// themselves. Whatever was missed while the program was down is done once, in the order of time. Several
// nodes may sweep at once: each step is done under the case's lock and moves its next time on.
// It returns how many cases it dealt with. A case that fails is left for the next sweep and does not hold
// up the others; its error is returned with theirs.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	done := 0
	var failed []error
	broken := map[string]bool{}
	for {
		ids, err := s.due(ctx, sweepBatch+len(broken))
		if err != nil {
			return done, errors.Join(append(failed, err)...)
		}
		before := done + len(broken)
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return done, errors.Join(append(failed, fmt.Errorf("sweep: %w", err))...)
			}
			if broken[id] {
				continue
			}
			if err := s.db.Write(ctx, func(tx *database.Tx) error { return s.sweepCase(tx, id) }); err != nil {
				broken[id], failed = true, append(failed, fmt.Errorf("sweeping case %s: %w", id, err))
				continue
			}
			done++
		}
		if done+len(broken) == before {
			return done, errors.Join(failed...)
		}
	}
}

func (s *Service) due(ctx context.Context, most int) (ids []string, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		ids, err = database.Column[string](tx, `SELECT id FROM cases WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at, serial LIMIT $2`,
			database.Millis(tx.Now), most)
		return err
	})
	return ids, err
}

// NextDue is when the next step of any case falls due; zero when nothing waits.
func (s *Service) NextDue(ctx context.Context) (at time.Time, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		var ms int64
		err := tx.Row(`SELECT next_at FROM cases WHERE next_at > 0 ORDER BY next_at LIMIT 1`).Scan(&ms)
		if database.IsNoRows(err) {
			return nil
		}
		at = database.Time(ms)
		return err
	})
	return at, err
}

func (s *Service) sweepCase(tx *database.Tx, id string) error {
	c, err := load(tx, id, true)
	if err != nil {
		return err
	}
	return s.fallDue(tx, c)
}

// fallDue takes every step of a case that is due, and saves it.
func (s *Service) fallDue(tx *database.Tx, c *Case) error {
	d, err := s.model(tx, c.Model)
	if err != nil {
		return err
	}
	base, touched := c.Version, map[int]bool{}
	for {
		step, ok := s.nextStep(c, d)
		if !ok || step.at.After(tx.Now) {
			break
		}
		if err := s.take(tx, c, d, step, touched); err != nil {
			return err
		}
	}
	c.settle()
	s.schedule(c, d)
	return save(tx, c, base, numbers(touched, len(c.Tasks)))
}

// step is one thing that falls due by itself.
type step struct {
	at     time.Time
	task   int    // 0: the overall clock
	kind   string // remind, overdue, escalate, resume
	index  int
	escale flow.Escalation
}

// schedule notes when the case next needs the sweep.
func (s *Service) schedule(c *Case, d *flow.Definition) {
	c.nextAt = time.Time{}
	if step, ok := s.nextStep(c, d); ok {
		c.nextAt = step.at
	}
}

// nextStep is the earliest step of any clock of the case; earlier hand-overs first when two fall together.
func (s *Service) nextStep(c *Case, d *flow.Definition) (first step, found bool) {
	if !c.Open() {
		return step{}, false
	}
	consider := func(next step, ok bool) {
		if ok && (!found || next.at.Before(first.at)) {
			first, found = next, true
		}
	}
	if !c.PausedAt.IsZero() && !c.Clock.AtMost.IsZero() {
		consider(step{at: c.Clock.AtMost, kind: "resume"}, true)
	}
	for i := range c.Tasks {
		if t := &c.Tasks[i]; t.Open() {
			consider(s.clockStep(&t.Clock, d.Overdue, t.No))
		}
	}
	// the whole case: one word when its deadline has passed; the hand-overs escalate
	consider(s.clockStep(&c.Clock, flow.Overdue{Then: []flow.Escalation{{}}}, 0))
	return first, found
}

// clockStep is a clock's next reminder or escalation.
func (s *Service) clockStep(k *Clock, o flow.Overdue, task int) (step, bool) {
	if k.due().IsZero() || !k.Stopped.IsZero() {
		return step{}, false
	}
	cal := s.calendar(k)
	if k.Sent < len(o.Remind) {
		// so much of the allowance is left when the reminder is due
		total := cal.Between(k.Measure, k.Start, cal.Deadline(k.Start, k.Allow).At)
		left := total * time.Duration(100-o.Remind[k.Sent]) / 100
		at, _ := cal.Add(k.Measure, k.Due, -left)
		return step{at: at, task: task, kind: "remind", index: k.Sent}, true
	}
	i := k.Sent - len(o.Remind)
	if i >= len(o.Then) {
		return step{}, false
	}
	at := k.Due
	if o.Then[i].After.Amount > 0 {
		at = cal.Deadline(k.Due, o.Then[i].After).At
	}
	kind := "escalate"
	if i == 0 {
		kind = "overdue"
	}
	return step{at: at, task: task, kind: kind, index: i, escale: o.Then[i]}, true
}

// take does one step and records it.
func (s *Service) take(tx *database.Tx, c *Case, d *flow.Definition, next step, touched map[int]bool) error {
	entry := Entry{Action: next.kind, Task: next.task, Data: EntryData{By: "system"}}
	if next.kind == "resume" {
		before := c.dues()
		s.resumeClocks(c, next.at, touched) // when it ended, not when the program came to see it
		c.Asked = false
		entry.Data.Clock = moved(before, c.dues())
		entry.Data.Told = c.holder()
		return s.tell(tx, c, entry, nil)
	}
	k := &c.Clock
	if t := c.Task(next.task); t != nil {
		k, entry.Post = &t.Clock, t.Post
		touched[t.No] = true
		entry.Data.Told = append(entry.Data.Told, t.Holder)
	} else {
		entry.Data.Told = c.holder()
		if first := s.reach(c.FirstPost, tx.Now); !slices.Contains(entry.Data.Told, first) {
			entry.Data.Told = append(entry.Data.Told, first)
		}
	}
	k.Sent++
	if next.escale.Supervise {
		c.Supervised = true
		entry.Action = "supervise"
	}
	if post, ok := s.toTell(c, next); ok && !slices.Contains(entry.Data.Told, post) {
		entry.Data.Told = append(entry.Data.Told, post)
	}
	var events []string
	if next.task == 0 && next.kind == "overdue" {
		if err := count(tx, c.Path, tx.Now, Overdue); err != nil {
			return err
		}
		events = []string{"overdue"}
	}
	return s.tell(tx, c, entry, events)
}

// tell records the entry and leaves word with the posts it names.
func (s *Service) tell(tx *database.Tx, c *Case, entry Entry, events []string) error {
	entry.Data.Told = slices.DeleteFunc(entry.Data.Told, func(p staff.Post) bool { return p == "" })
	if err := s.record(tx, c, entry); err != nil {
		return err
	}
	entry.Seq, entry.At = c.Version, tx.Now
	for _, post := range entry.Data.Told {
		if err := alert(tx, c, post, entry.Action); err != nil {
			return err
		}
	}
	return s.emit(tx, c, entry, events)
}

// toTell is whom an escalation names: the head of who holds the task, or a post of the tree.
func (s *Service) toTell(c *Case, next step) (staff.Post, bool) {
	tell := next.escale.Tell
	if tell == nil {
		return "", false
	}
	now := s.db.Now()
	if tell.Ref == "head" {
		t := c.Task(next.task)
		if t == nil {
			return "", false
		}
		role, ok := s.staff.RoleTable().Get(t.Holder.Role())
		if !ok {
			return "", false
		}
		for _, cover := range role.Covers {
			head := staff.Post(cover)
			if post, ok := s.staff.Find(head.Role(), s.placeOfHead(t.Holder, head), area.Level(levelOrNone(head.Place()))); ok {
				if holder := s.cover(post, now).holder; holder != t.Holder {
					return holder, true // the head of a stand-in can be the very post it stands in for
				}
			}
		}
		return "", false
	}
	g, err := s.resolve(c, *tell, now)
	if err != nil {
		return "", false
	}
	return g.holder, true
}

// placeOfHead: "role@org" is at the same organisation, a level is at or above its area.
func (s *Service) placeOfHead(holder, head staff.Post) string {
	if head.Place() == "org" {
		return holder.Place()
	}
	return s.placeArea(holder.Place())
}

func levelOrNone(place string) string {
	if place == "org" {
		return ""
	}
	return place
}

// RecomputeProvisional computes again the open deadlines that rested on a year whose holidays were not
// announced, now that a new calendar set is in use. Deadlines that were firm stay as they were.
func (s *Service) RecomputeProvisional(ctx context.Context, set *calendar.Set) (changed int, err error) {
	s.calendars.Store(set)
	return s.recomputeProvisional(ctx)
}

func (s *Service) recomputeProvisional(ctx context.Context) (changed int, err error) {
	var ids []string
	if err := s.db.Read(ctx, func(tx *database.Tx) error {
		ids, err = database.Column[string](tx, `SELECT id FROM cases WHERE ended_at = 0 AND (clock LIKE $1 OR id IN
			(SELECT case_id FROM task WHERE closed_at = 0 AND clock LIKE $1)) ORDER BY id`, `%"provisional":true%`)
		return err
	}); err != nil {
		return 0, err
	}
	for _, id := range ids {
		err := s.db.Write(ctx, func(tx *database.Tx) error {
			did, err := s.recompute(tx, id)
			if did {
				changed++
			}
			return err
		})
		if err != nil {
			return changed, fmt.Errorf("computing the deadlines of %s again: %w", id, err)
		}
	}
	return changed, nil
}

func (s *Service) recompute(tx *database.Tx, id string) (bool, error) {
	c, err := load(tx, id, true)
	if err != nil {
		return false, err
	}
	d, err := s.model(tx, c.Model)
	if err != nil {
		return false, err
	}
	before, touched := c.dues(), map[int]bool{}
	again := func(k *Clock) bool {
		cal := s.calendar(k)
		if !k.Provisional || k.Version == cal.Version() {
			return false
		}
		*k = k.replay(cal)
		return true
	}
	did := again(&c.Clock)
	for i := range c.Tasks {
		if t := &c.Tasks[i]; t.Open() && again(&t.Clock) {
			touched[t.No], did = true, true
		}
	}
	if !did {
		return false, nil
	}
	base := c.Version
	if err := s.record(tx, c, Entry{Action: "calendar", Data: EntryData{By: "system", Clock: moved(before, c.dues())}}); err != nil {
		return false, err
	}
	c.settle()
	s.schedule(c, d)
	return true, save(tx, c, base, numbers(touched, len(c.Tasks)))
}
