package simulate

import (
	"cmp"
	"context"
	"slices"
	"strings"
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

func (f *Focus) add(p *casework.Past, t Totals) {
	if f == nil || p.Area != f.Grid {
		return
	}
	f.Totals.sum(t)
	if p.Ended != "" {
		f.took = append(f.took, p.EndedAt.Sub(p.ReceivedAt))
	}
}

// measure counts over every case as it stands at the end. It is the same whether the run was made in one go or
// several.
func (e *engine) measure(ctx context.Context) (Result, error) {
	f := &figures{e: e, Result: e.result, stages: map[stageKey]*StageTime{}, towns: map[string]*Township{}, calendars: map[staff.Post]*calendar.Calendar{}}
	f.Until, f.Ends, f.Actions, f.Unknown = e.clock.Now(), map[string]int{}, map[string]int{}, nil
	f.queue = newQueue(f.First, f.Until)
	for y := f.First.In(beijing).Year(); y <= f.Until.In(beijing).Year(); y++ {
		if !e.app.Cases.Calendars().Default().KnownYear(y) {
			f.Unknown = append(f.Unknown, y)
		}
	}
	if e.o.Focus != "" {
		f.Focus = &Focus{Grid: e.o.Focus}
	}
	if err := e.app.Cases.History(ctx, func(p *casework.Past) error { f.add(p); return nil }); err != nil {
		return e.result, err
	}
	f.settle()
	return f.Result, nil
}

// figures are gathered case by case.
type figures struct {
	Result
	e         *engine
	stages    map[stageKey]*StageTime
	towns     map[string]*Township
	calendars map[staff.Post]*calendar.Calendar
	queue     *queue
}

type stageKey struct {
	model, stage string
	kind         flow.TaskKind
}

func (f *figures) add(p *casework.Past) {
	town, ok := f.e.tree.At(p.Area, area.Township)
	if !ok {
		town = area.Area{Name: "—"}
	}
	if f.towns[town.Code] == nil {
		f.towns[town.Code] = &Township{Code: town.Code, Name: town.Name}
	}
	var one Totals
	one.add(p, f.e.model(p.Model))
	f.Totals.sum(one)
	f.towns[town.Code].Totals.sum(one)
	f.Focus.add(p, one)
	if p.Ended != "" {
		f.Ends[p.Ended]++
	}
	for _, s := range p.Steps {
		if s.Action != "report" && !(s.System && byItself[s.Action]) {
			f.Actions[s.Action]++
		}
	}
	name, _, _ := strings.Cut(p.Model, "@")
	f.queue.add(name, p)
	for i := range p.Tasks {
		f.time(name, &p.Tasks[i])
	}
}

// byItself are the steps that the program takes, unless a person did.
var byItself = map[string]bool{"resume": true, "remind": true, "overdue": true, "escalate": true, "supervise": true, "cover": true, "move": true, "merged_in": true, "calendar": true}

// time adds a hand-over to the times of its stage.
func (f *figures) time(model string, h *casework.PastTask) {
	key := stageKey{model, h.Stage, h.Kind}
	s := f.stages[key]
	if s == nil {
		s = &StageTime{Model: model, Stage: h.Stage, Kind: h.Kind}
		f.stages[key] = s
	}
	switch {
	case h.State.Open():
		s.Waiting++
	case h.State == flow.Done:
		cal := f.calendars[h.Post]
		if cal == nil {
			cal = f.e.calendarAt(h.Post.Place())
			f.calendars[h.Post] = cal
		}
		s.Done++
		s.Late += one(h.Late)
		s.working = append(s.working, cal.Between(calendar.Working, h.GivenAt, h.ClosedAt))
		s.elapsed = append(s.elapsed, h.ClosedAt.Sub(h.GivenAt))
	}
}

// settle puts the figures in order.
func (f *figures) settle() {
	r := &f.Result
	if r.Focus != nil {
		r.Focus.Median, r.Focus.P90 = quantile(r.Focus.took, 0.5), quantile(r.Focus.took, 0.9)
	}
	for _, s := range f.stages {
		s.settle()
		r.Stages = append(r.Stages, *s)
	}
	order := func(s StageTime) int {
		if d, ok := f.e.app.Library.Get(s.Model); ok {
			return slices.IndexFunc(d.Stages, func(st flow.Stage) bool { return st.Name == s.Stage })
		}
		return 0
	}
	slices.SortFunc(r.Stages, func(a, b StageTime) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(order(a), order(b)), cmp.Compare(a.Kind, b.Kind))
	})
	for _, t := range f.towns {
		r.Townships = append(r.Townships, *t)
	}
	slices.SortFunc(r.Townships, func(a, b Township) int { return cmp.Compare(a.Code, b.Code) })
	r.Queue = f.queue.list()
}

// add reads one case.
func (t *Totals) add(p *casework.Past, d *flow.Definition) {
	t.Cases = 1
	t.Pauses, t.Extensions, t.Reopened, t.Steps = p.Pauses, p.Extensions, p.Reopens, len(p.Steps)
	if p.Ended == "" {
		t.Open, t.OpenLate, t.Paused = 1, one(p.Late), one(p.Paused)
	} else {
		t.Ended, t.OnTime, t.ClosedLate = 1, one(!p.Late), one(p.Late)
		if d != nil {
			if end, ok := d.End(p.Ended); ok {
				t.Completed, t.Resolved = one(slices.Contains(end.Counts, "completed")), one(slices.Contains(end.Counts, "resolved"))
			}
		}
	}
	t.Supervised, t.Provisional = one(p.Supervised), one(p.Provisional)
	t.Rated, t.Satisfied = one(p.Rating > 0), one(p.Rating >= 4)
	t.Joint = one(slices.ContainsFunc(p.Tasks, func(h casework.PastTask) bool { return h.Kind == flow.KindConfirm }))
	for _, s := range p.Steps {
		t.step(s, d)
	}
}

// step counts what happened on the way.
func (t *Totals) step(s casework.PastStep, d *flow.Definition) {
	switch s.Action {
	case "remind":
		t.Reminders++
	case "overdue", "escalate", "supervise":
		t.Escalations += one(s.System)
	case "decline", "hand_back":
		t.HandBacks += one(s.End == "")
	case "rework", "again":
		if d != nil {
			st, ok := d.Stage(s.Stage)
			t.Reworked += one(ok && st.Handles)
		}
	}
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
