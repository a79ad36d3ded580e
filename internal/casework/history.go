package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// Past is a case as figures over all cases need it: no words, nothing of the reporter.
type Past struct {
	ID, Area, Model, Ended string
	ReceivedAt, EndedAt    time.Time // EndedAt is zero while it is open
	Late                   bool      // ended after the overall deadline, or open and past it
	Paused, Supervised     bool
	Provisional            bool // a deadline rests on a year whose holidays were not announced
	Pauses, Extensions     int
	Reopens, Rating        int
	Tasks                  []PastTask
	Steps                  []PastStep
}

// PastTask is a hand-over of it.
type PastTask struct {
	Stage             string
	Kind              flow.TaskKind
	State             flow.TaskState
	Post              staff.Post
	GivenAt, ClosedAt time.Time
	Late              bool // closed after its own deadline
}

// PastStep is an entry of its timeline.
type PastStep struct {
	Action string
	System bool   // done by the program, no account
	Stage  string // entered, and End reached, of those actions only that send a matter back: decline, hand_back, rework, again
	End    string
}

// historyPage is how many cases are read at a time.
const historyPage = 1000

// History gives every case, in order of its id, to each. It reads one snapshot in pages, so it takes little memory
// and may run beside the program. It is for the program itself: nobody's permission is asked.
func (s *Service) History(ctx context.Context, each func(*Past) error) error {
	return s.db.Read(ctx, func(tx *database.Tx) error {
		for after := ""; ; {
			page, err := s.historyPage(tx, after)
			if err != nil {
				return fmt.Errorf("reading the history of cases: %w", err)
			}
			for i := range page {
				if err := each(&page[i]); err != nil {
					return err
				}
			}
			if len(page) < historyPage {
				return nil
			}
			after = page[len(page)-1].ID
		}
	})
}

func (s *Service) historyPage(tx *database.Tx, after string) ([]Past, error) {
	page, err := database.All(tx, func(sc database.Scanner) (Past, error) { return scanPast(sc, tx.Now) },
		`SELECT id, area, model, ended, received_at, ended_at, due_at, supervised, paused_at, pauses, extensions, reopens, rating,
		clock LIKE '%"provisional":true%', CASE WHEN ended_at = 0 THEN clock ELSE '' END FROM cases WHERE id > $1 ORDER BY id LIMIT $2`, after, historyPage)
	if err != nil || len(page) == 0 {
		return page, err
	}
	last := page[len(page)-1].ID
	at := 0
	of := func(id string) *Past { // rows come in the order of the page
		for at < len(page) && page[at].ID < id {
			at++
		}
		if at < len(page) && page[at].ID == id {
			return &page[at]
		}
		return nil
	}
	rows := func(query string, scan func(database.Scanner) error) error {
		list, err := tx.Query(query, after, last)
		if err != nil {
			return err
		}
		defer list.Close()
		for at = 0; list.Next(); {
			if err := scan(list); err != nil {
				return err
			}
		}
		return list.Err()
	}
	err = rows(`SELECT case_id, stage, kind, state, post, given_at, closed_at, due_at, clock LIKE '%"provisional":true%' FROM task
		WHERE case_id > $1 AND case_id <= $2 ORDER BY case_id, no`, func(sc database.Scanner) error {
		var id string
		var t PastTask
		var given, closed, due int64
		var provisional bool
		if err := sc.Scan(&id, &t.Stage, &t.Kind, &t.State, &t.Post, &given, &closed, &due, &provisional); err != nil {
			return err
		}
		t.GivenAt, t.ClosedAt, t.Late = database.Time(given), database.Time(closed), closed > due
		if p := of(id); p != nil {
			p.Tasks, p.Provisional = append(p.Tasks, t), p.Provisional || provisional
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return page, rows(`SELECT case_id, action, account, CASE WHEN action IN ('decline', 'hand_back', 'rework', 'again') THEN data ELSE '' END FROM timeline
		WHERE case_id > $1 AND case_id <= $2 ORDER BY case_id, seq`, func(sc database.Scanner) error {
		var id, account, data string
		var step PastStep
		if err := sc.Scan(&id, &step.Action, &account, &data); err != nil {
			return err
		}
		if data != "" {
			var d EntryData
			if err := json.Unmarshal([]byte(data), &d); err != nil {
				return fmt.Errorf("case %s: entry: %w", id, err)
			}
			step.Stage, step.End = d.Stage, d.End
		}
		step.System = account == ""
		if p := of(id); p != nil {
			p.Steps = append(p.Steps, step)
		}
		return nil
	})
}

// scanPast tells from the columns whether the deadline was missed; only an open case's clock has to be read for it.
func scanPast(sc database.Scanner, now time.Time) (p Past, err error) {
	var received, ended, due, paused int64
	var clock string
	if err := sc.Scan(&p.ID, &p.Area, &p.Model, &p.Ended, &received, &ended, &due, &p.Supervised, &paused, &p.Pauses, &p.Extensions, &p.Reopens,
		&p.Rating, &p.Provisional, &clock); err != nil {
		return p, err
	}
	p.ReceivedAt, p.EndedAt, p.Paused = database.Time(received), database.Time(ended), paused > 0
	p.Late = due > 0 && ended > due
	if clock != "" {
		var k Clock
		if err := json.Unmarshal([]byte(clock), &k); err != nil {
			return p, fmt.Errorf("case %s: clock: %w", p.ID, err)
		}
		p.Late = k.Late(now)
	}
	return p, nil
}
