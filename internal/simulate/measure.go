package simulate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"linli/internal/area"
	"linli/internal/calendar"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/staff"
)

// Result is what came of a simulation. Rates are given with what they are parts of.
type Result struct {
	Seed     uint64    `json:"seed"`
	Model    string    `json:"model,omitempty" doc:"the model all reports followed; empty: by category and channel"`
	First    time.Time `json:"first" doc:"first report"`
	Last     time.Time `json:"last" doc:"last report"`
	Until    time.Time `json:"until" doc:"virtual time at the end"`
	Unknown  []int     `json:"unknown_years,omitempty" doc:"years the run touches whose holidays are not in the calendar"`
	Stopped  bool      `json:"stopped" doc:"ended before the stream did; running it again goes on"`
	Arrivals int       `json:"arrivals" doc:"good rows of the stream"`
	Reported int       `json:"reported" doc:"taken in"`
	Again    int       `json:"again" doc:"of these, in already from an earlier run"`
	Rows     []Refusal `json:"rows" doc:"rows that were not taken, and why"`
	Commands int       `json:"commands" doc:"actions taken, reports included"`
	Sweeps   int       `json:"sweeps" doc:"cases that something fell due for by itself"`
	Stuck    int       `json:"stuck" doc:"hand-overs nobody could act on; a defect of the model or the posts"`

	Totals    Totals         `json:"totals"`
	Focus     *Focus         `json:"focus,omitempty" doc:"the cases of one grid by themselves"`
	Ends      map[string]int `json:"ends" doc:"ended cases by kind of end"`
	Stages    []StageTime    `json:"stages"`
	Townships []Township     `json:"townships"`
	Queue     []Queue        `json:"queue" doc:"open cases by stage at midnight"`
	Actions   map[string]int `json:"actions" doc:"how often each action was taken in this run"`
	Refusals  map[string]int `json:"refusals" doc:"actions the services refused, by code, in this run"`

	ended int
}

// Totals are the counts over all reports of the stream.
type Totals struct {
	Cases       int `json:"cases"`
	Open        int `json:"open"`
	Ended       int `json:"ended" doc:"declined, merged and withdrawn included"`
	Completed   int `json:"completed" doc:"ended by an end that counts as completed"`
	Resolved    int `json:"resolved" doc:"of these, solved"`
	OnTime      int `json:"on_time" doc:"ended before the overall deadline"`
	ClosedLate  int `json:"closed_late"`
	OpenLate    int `json:"open_late" doc:"open and past the overall deadline"`
	Paused      int `json:"paused" doc:"open and paused at the end"`
	HandBacks   int `json:"hand_backs" doc:"not ours: hand-overs given back"`
	Joint       int `json:"joint" doc:"cases several units handled together"`
	Reworked    int `json:"reworked" doc:"times something was to be done again"`
	Reopened    int `json:"reopened" doc:"times a case was opened again"`
	Pauses      int `json:"pauses"`
	Extensions  int `json:"extensions"`
	Reminders   int `json:"reminders" doc:"words before a deadline"`
	Escalations int `json:"escalations" doc:"words after a deadline"`
	Supervised  int `json:"supervised"`
	Rated       int `json:"rated"`
	Satisfied   int `json:"satisfied" doc:"rated 4 or 5"`
	Provisional int `json:"provisional" doc:"cases with a deadline that touches a year whose holidays are not announced"`
	Steps       int `json:"steps" doc:"entries in the timelines"`
}

// OnTimeRate is closed on time ÷ (closed + open and overdue).
func (t Totals) OnTimeRate() float64 { return part(t.OnTime, t.Ended+t.OpenLate) }

// CompletionRate is completed ÷ (all cases less those ended without being handled).
func (t Totals) CompletionRate() float64 { return part(t.Completed, t.Completed+t.Open) }

// ResolutionRate is solved ÷ completed.
func (t Totals) ResolutionRate() float64 { return part(t.Resolved, t.Completed) }

// SatisfactionRate is rated 4 or 5 ÷ rated.
func (t Totals) SatisfactionRate() float64 { return part(t.Satisfied, t.Rated) }

func part(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// StageTime is how long hand-overs of a stage took from being given to being done.
type StageTime struct {
	Model         string        `json:"model"`
	Stage         string        `json:"stage"`
	Kind          flow.TaskKind `json:"kind"`
	Done          int           `json:"done"`
	Late          int           `json:"late" doc:"done after their own deadline"`
	Waiting       int           `json:"waiting" doc:"open at the end"`
	MedianWorking time.Duration `json:"median_working" doc:"nanoseconds of working time of the post's calendar"`
	P90Working    time.Duration `json:"p90_working"`
	MedianElapsed time.Duration `json:"median_elapsed" doc:"nanoseconds by the clock on the wall"`
	P90Elapsed    time.Duration `json:"p90_elapsed"`

	working, elapsed []time.Duration
}

// Township is the part of one township.
type Township struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Totals Totals `json:"totals"`
}

// Focus is the part of one grid.
type Focus struct {
	Grid   string        `json:"grid"`
	Totals Totals        `json:"totals"`
	Median time.Duration `json:"median" doc:"nanoseconds from report to end by the clock on the wall"`
	P90    time.Duration `json:"p90"`

	took []time.Duration
}

func (f *Focus) add(c *casework.Case, t Totals) {
	if f == nil || c.Area != f.Grid {
		return
	}
	f.Totals.sum(t)
	if !c.Open() {
		f.took = append(f.took, c.EndedAt.Sub(c.ReceivedAt))
	}
}

// Queue is how many open cases stood at each stage, written model/stage.
type Queue struct {
	At     time.Time      `json:"at"`
	Stages map[string]int `json:"stages"`
}

func (e *engine) sampleQueue() {
	q := Queue{At: e.clock.Now(), Stages: map[string]int{}}
	for stage, n := range e.waiting {
		if n > 0 {
			q.Stages[stage] = n
		}
	}
	e.result.Queue = append(e.result.Queue, q)
}

// measure reads every case of the stream as it stands at the end. It is the same whether the run was made
// in one go or several.
func (e *engine) measure(ctx context.Context) error {
	e.result.Until = e.clock.Now()
	e.result.Ends = map[string]int{}
	for y := e.result.First.In(beijing).Year(); y <= e.result.Until.In(beijing).Year(); y++ {
		if !e.app.Cases.Calendars().Default().KnownYear(y) {
			e.result.Unknown = append(e.result.Unknown, y)
		}
	}
	stages := map[string]*StageTime{}
	towns := map[string]*Township{}
	if e.o.Focus != "" {
		e.result.Focus = &Focus{Grid: e.o.Focus}
	}
	ids := make([]string, 0, len(e.cases))
	for id := range e.cases {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		v, err := e.app.Cases.Read(ctx, staff.System(), id)
		if err != nil {
			return fmt.Errorf("reading case %s: %w", id, err)
		}
		town, ok := e.tree.At(v.Case.Area, area.Township)
		if !ok {
			town = area.Area{Name: "—"}
		}
		if towns[town.Code] == nil {
			towns[town.Code] = &Township{Code: town.Code, Name: town.Name}
		}
		var one Totals
		one.add(&v, e.result.Until)
		e.result.Totals.sum(one)
		towns[town.Code].Totals.sum(one)
		e.result.Focus.add(v.Case, one)
		if !v.Case.Open() {
			e.result.Ends[v.Case.Ended]++
		}
		e.timeStages(stages, v.Case)
	}
	if f := e.result.Focus; f != nil {
		f.Median, f.P90 = quantile(f.took, 0.5), quantile(f.took, 0.9)
	}
	for _, s := range stages {
		s.settle()
		e.result.Stages = append(e.result.Stages, *s)
	}
	order := func(s StageTime) int {
		if d, ok := e.app.Library.Get(s.Model); ok {
			return slices.IndexFunc(d.Stages, func(st flow.Stage) bool { return st.Name == s.Stage })
		}
		return 0
	}
	slices.SortFunc(e.result.Stages, func(a, b StageTime) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(order(a), order(b)), cmp.Compare(a.Kind, b.Kind))
	})
	for _, t := range towns {
		e.result.Townships = append(e.result.Townships, *t)
	}
	slices.SortFunc(e.result.Townships, func(a, b Township) int { return cmp.Compare(a.Code, b.Code) })
	return nil
}

// add reads one case.
func (t *Totals) add(v *casework.View, now time.Time) {
	c := v.Case
	t.Cases = 1
	t.Pauses, t.Extensions, t.Reopened, t.Steps = c.Pauses, c.Extensions, c.Reopens, len(v.Timeline)
	late := c.Clock.Late(now)
	switch {
	case c.Open():
		t.Open = 1
		t.OpenLate = one(late)
		t.Paused = one(!c.PausedAt.IsZero())
	default:
		t.Ended = 1
		t.OnTime, t.ClosedLate = one(!late), one(late)
		if end, ok := v.Model.End(c.Ended); ok {
			t.Completed = one(slices.Contains(end.Counts, "completed"))
			t.Resolved = one(slices.Contains(end.Counts, "resolved"))
		}
	}
	t.Supervised = one(c.Supervised)
	t.Rated, t.Satisfied = one(c.Rating > 0), one(c.Rating >= 4)
	provisional := c.Clock.Provisional
	for i := range c.Tasks {
		provisional = provisional || c.Tasks[i].Clock.Provisional
	}
	t.Provisional = one(provisional)
	t.actions(v)
}

// actions counts what happened on the way.
func (t *Totals) actions(v *casework.View) {
	joint := false
	handled := 0
	for _, entry := range v.Timeline {
		switch entry.Action {
		case "remind":
			t.Reminders++
			continue
		case "overdue", "escalate", "supervise":
			if entry.Data.By == "system" {
				t.Escalations++
			}
			continue
		case "decline", "hand_back":
			if entry.Data.End == "" {
				t.HandBacks++
			}
		}
		if st, ok := v.Model.Stage(entry.Data.Stage); ok {
			joint = joint || st.Joint != nil
			if st.Handles && (entry.Action == "rework" || entry.Action == "again") {
				handled++
			}
		}
	}
	t.Joint, t.Reworked = one(joint), handled
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (t *Totals) sum(o Totals) {
	for _, p := range []struct {
		to *int
		n  int
	}{{&t.Cases, o.Cases}, {&t.Open, o.Open}, {&t.Ended, o.Ended}, {&t.Completed, o.Completed}, {&t.Resolved, o.Resolved}, {&t.OnTime, o.OnTime},
		{&t.ClosedLate, o.ClosedLate}, {&t.OpenLate, o.OpenLate}, {&t.Paused, o.Paused}, {&t.HandBacks, o.HandBacks}, {&t.Joint, o.Joint},
		{&t.Reworked, o.Reworked}, {&t.Reopened, o.Reopened}, {&t.Pauses, o.Pauses}, {&t.Extensions, o.Extensions}, {&t.Reminders, o.Reminders},
		{&t.Escalations, o.Escalations}, {&t.Supervised, o.Supervised}, {&t.Rated, o.Rated}, {&t.Satisfied, o.Satisfied}, {&t.Provisional, o.Provisional}, {&t.Steps, o.Steps}} {
		*p.to += p.n
	}
}

// timeStages adds the hand-overs of a case to the times of their stages.
func (e *engine) timeStages(stages map[string]*StageTime, c *casework.Case) {
	d, ok := e.app.Library.Lookup(c.Model)
	if !ok {
		return
	}
	for i := range c.Tasks {
		h := &c.Tasks[i]
		key := d.Name + "/" + h.Stage + "/" + string(h.Kind)
		s := stages[key]
		if s == nil {
			s = &StageTime{Model: d.Name, Stage: h.Stage, Kind: h.Kind}
			stages[key] = s
		}
		switch {
		case h.Open():
			s.Waiting++
		case h.State == flow.Done:
			s.Done++
			s.Late += one(h.Clock.Late(h.ClosedAt))
			s.working = append(s.working, e.calendarAt(h.Post.Place()).Between(calendar.Working, h.GivenAt, h.ClosedAt))
			s.elapsed = append(s.elapsed, h.ClosedAt.Sub(h.GivenAt))
		}
	}
}

func (s *StageTime) settle() {
	s.MedianWorking, s.P90Working = quantile(s.working, 0.5), quantile(s.working, 0.9)
	s.MedianElapsed, s.P90Elapsed = quantile(s.elapsed, 0.5), quantile(s.elapsed, 0.9)
	s.working, s.elapsed = nil, nil
}

// quantile is the smallest value that at least this part does not exceed (nearest rank).
func quantile(list []time.Duration, q float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	at := int(q*float64(len(list))+0.999999) - 1
	return list[min(max(at, 0), len(list)-1)]
}
