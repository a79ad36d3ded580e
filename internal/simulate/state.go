package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
)

// state is a run between two windows, as it is left behind when it is stopped. Cases are named by their place in the
// stream; what they are is in the database.
type state struct {
	Format int
	Seed   uint64
	First  time.Time // of the stream
	Last   time.Time
	Extent casework.Extent // of the database: of another one the state knows nothing

	Now    time.Time
	Seq    int64
	Window int64
	Next   int // place in the stream of the next report to arrive; -1: none

	Cases   []savedCase
	Jobs    []savedJob
	Desks   []savedDesk
	Events  []savedEvent
	Recent  []savedRecent
	Result  Result
	EndedBy int // cases that have ended
}

const stateFormat = 1

type savedCase struct {
	At      int
	ID      string
	Given   []lying
	GaveUp  bool      `json:",omitempty"`
	Ended   bool      `json:",omitempty"`
	Kept    bool      `json:",omitempty"` // it may become the original of a duplicate
	SweepAt time.Time `json:",omitzero"`
}

type savedJob struct {
	Case    int
	Task    int
	State   flow.TaskState
	Account string
	Rank    int
	Seq     int64
	Hands   float64
	Wait    float64
	Tries   int      `json:",omitempty"`
	Refused []string `json:",omitempty"`
}

type savedDesk struct {
	Key      string
	Calendar string
	Seats    int
	Busy     int
	Queue    []int // jobs
	Woken    time.Time
	Freed    time.Time
}

type savedEvent struct {
	At   time.Time
	Seq  int64
	Kind eventKind
	Case int // -1: none
	Desk int // -1: none
	Job  int // -1: none
}

type savedRecent struct {
	Place, Category string
	Cases           []int32
}

// leaveBehind writes the state down when a run was stopped in good order.
func (e *engine) leaveBehind(ctx context.Context) error {
	if e.o.State == "" || len(e.missed) > 0 {
		return nil
	}
	extent, err := e.app.Cases.Extent(ctx)
	if err != nil {
		return err
	}
	text, err := json.Marshal(e.saved(extent))
	if err != nil {
		return fmt.Errorf("writing the state of the run: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(e.o.State), 0o750); err != nil {
		return fmt.Errorf("making the folder of the state: %w", err)
	}
	if err := os.WriteFile(e.o.State, text, 0o600); err != nil {
		return fmt.Errorf("writing the state of the run: %w", err)
	}
	return nil
}

// saver numbers what refers to each other.
type saver struct {
	state
	cases map[*tracked]int
	jobs  map[*job]int
	desks map[*desk]int
}

func (e *engine) saved(extent casework.Extent) *state {
	s := &saver{state: state{Format: stateFormat, Seed: e.o.Seed, First: e.result.First, Last: e.result.Last, Extent: extent, Now: e.now, Seq: e.seq,
		Window: e.window, Next: -1, Result: e.result, EndedBy: e.result.ended}, cases: map[*tracked]int{}, jobs: map[*job]int{}, desks: map[*desk]int{}}
	for _, d := range e.desks {
		saved := savedDesk{Key: d.key, Calendar: d.cal.ID(), Seats: d.seats, Busy: d.busy, Woken: d.woken, Freed: d.freed}
		for _, j := range d.queue {
			saved.Queue = append(saved.Queue, s.job(j))
		}
		s.desks[d] = len(s.Desks)
		s.Desks = append(s.Desks, saved)
	}
	for _, ev := range e.agenda {
		if ev.kind == evArrival {
			s.Next = e.arrivalIndex
		}
		saved := savedEvent{At: ev.at, Seq: ev.seq, Kind: ev.kind, Case: -1, Desk: -1, Job: -1}
		if ev.t != nil {
			saved.Case = s.tracked(ev.t)
		}
		if ev.desk != nil {
			saved.Desk = s.desks[ev.desk]
		}
		if ev.job != nil {
			saved.Job = s.job(ev.job)
		}
		s.Events = append(s.Events, saved)
	}
	for _, t := range e.cases {
		s.Cases[s.tracked(t)].Kept = true
	}
	for n, list := range e.recent {
		s.Recent = append(s.Recent, savedRecent{n.place, n.category, list})
	}
	return &s.state
}

func (s *saver) tracked(t *tracked) int {
	if n, ok := s.cases[t]; ok {
		return n
	}
	s.cases[t] = len(s.Cases)
	s.Cases = append(s.Cases, savedCase{At: t.at, ID: t.c.ID, Given: t.given, GaveUp: t.gaveUp, Ended: t.ended, SweepAt: t.sweepAt})
	return len(s.Cases) - 1
}

func (s *saver) job(j *job) int {
	if n, ok := s.jobs[j]; ok {
		return n
	}
	s.jobs[j] = len(s.Jobs)
	s.Jobs = append(s.Jobs, savedJob{s.tracked(j.t), j.task, j.state, j.account, j.rank, j.seq, j.hands, j.wait, j.tries, j.refused})
	return len(s.Jobs) - 1
}

// restore takes the state of a run that was stopped in good order; false when there is none of this very database.
func (e *engine) restore(ctx context.Context, extent casework.Extent) (bool, error) {
	if e.o.State == "" {
		return false, nil
	}
	text, err := os.ReadFile(e.o.State)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the state of the run: %w", err)
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil || !s.of(e, extent) {
		return false, nil //nolint:nilerr // the database tells the same, if less exactly
	}
	cases, err := e.savedCases(ctx, &s)
	if err != nil {
		return false, err
	}
	e.now, e.seq, e.window = s.Now, s.Seq, s.Window
	arrivals := e.result.Arrivals
	e.result, e.result.ended, e.result.Stopped = s.Result, s.EndedBy, false
	e.result.Arrivals = arrivals
	jobs := make([]*job, len(s.Jobs))
	for i, j := range s.Jobs {
		jobs[i] = &job{cases[j.Case], j.Task, j.State, j.Account, j.Rank, j.Seq, j.Hands, j.Wait, j.Tries, j.Refused}
	}
	desks := make([]*desk, len(s.Desks))
	for i, d := range s.Desks {
		desks[i] = &desk{key: d.Key, seats: d.Seats, busy: d.Busy, cal: e.app.Cases.Calendars().Get(d.Calendar), woken: d.Woken, freed: d.Freed}
		for _, j := range d.Queue {
			desks[i].queue.push(jobs[j])
		}
		e.desks[d.Key] = desks[i]
	}
	for _, r := range s.Recent {
		e.recent[neighbourhood{r.Place, r.Category}] = r.Cases
	}
	e.skipTo(s.Next)
	for _, saved := range s.Events {
		ev := event{at: saved.At, seq: saved.Seq, kind: saved.Kind}
		if saved.Case >= 0 {
			ev.t = cases[saved.Case]
		}
		if saved.Desk >= 0 {
			ev.desk = desks[saved.Desk]
		}
		if saved.Job >= 0 {
			ev.job = jobs[saved.Job]
		}
		e.later(ev)
	}
	return true, os.Remove(e.o.State)
}

// of tells whether the state is that of this very run, and nothing has happened since it was left behind.
func (s *state) of(e *engine, extent casework.Extent) bool {
	return s.Format == stateFormat && s.Seed == e.o.Seed && s.First.Equal(e.result.First) && s.Last.Equal(e.result.Last) &&
		s.Extent.Cases == extent.Cases && s.Extent.Changes == extent.Changes && s.Extent.Last.Equal(extent.Last)
}

// savedCases finds the cases of a state in the database.
func (e *engine) savedCases(ctx context.Context, s *state) ([]*tracked, error) {
	out := make([]*tracked, len(s.Cases))
	byID := make(map[string]*tracked, len(s.Cases))
	for i, c := range s.Cases {
		out[i] = &tracked{at: c.At, given: c.Given, gaveUp: c.GaveUp, ended: c.Ended, sweepAt: c.SweepAt}
		byID[c.ID] = out[i]
	}
	err := e.app.Cases.Living(ctx, s.Extent.Last.Add(-remembered), func(l casework.Living) error {
		if t := byID[l.ID]; t != nil {
			t.c, t.code, t.done = l.Case, e.app.Cases.Code(l.Case), distinct(l.Actions)
		}
		return nil
	})
	for i, t := range out {
		c := s.Cases[i]
		if t.c == nil {
			t.c = &casework.Case{ID: c.ID} // it ended long ago, and lies on a desk still
		}
		if c.Kept {
			e.cases[t.at] = t
		}
	}
	return out, err
}

// skipTo goes on with the report that was about to arrive.
func (e *engine) skipTo(next int) {
	for {
		a, index, ok := e.stream.next()
		if !ok || index == next {
			e.arrival, e.arrivalIndex = a, index
			return
		}
	}
}
