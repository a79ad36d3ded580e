package httpapi

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// ModelRow is a version of a governance model in a list.
type ModelRow struct {
	ID      string     `json:"id" doc:"name@version, as a case stores it" example:"seven-step@2026.1"`
	Name    string     `json:"name"`
	Version string     `json:"version"`
	Active  bool       `json:"active" doc:"new cases begin with this version at the moment"`
	Since   *time.Time `json:"since,omitempty" doc:"from when new cases begin with it, as decided; left out: from the beginning, or never"`
	Until   *time.Time `json:"until,omitempty" doc:"until when; left out while nothing else is decided"`
	Title   lang.Text  `json:"title"`
	About   lang.Text  `json:"about"`
	Source  string     `json:"source,omitempty" doc:"the report, law or standard it follows"`
	Kinds   []string   `json:"kinds" doc:"kinds of case it is for"`
	Digest  string     `json:"digest" doc:"SHA-256 of the file"`
}

func (s *Server) modelRow(d *flow.Definition) ModelRow {
	since, until, active := s.Cases.ModelTimes(d, s.DB.Now())
	return ModelRow{ID: d.ID(), Name: d.Name, Version: d.Version, Active: active, Since: when(since), Until: when(until), Title: d.Title, About: d.About,
		Source: d.Source, Kinds: d.Kinds, Digest: d.Digest}
}

// listedModel is a version of a model with its stages by name, by which lists of cases are narrowed.
type listedModel struct {
	ModelRow
	Stages []stageName `json:"stages" doc:"in order"`
}

type stageName struct {
	Name  string    `json:"name" example:"handle"`
	Title lang.Text `json:"title"`
}

type modelsOutput struct {
	Body struct {
		Models []listedModel `json:"models" doc:"by name and version"`
	}
}

func (s *Server) listModels(_ context.Context, _ *nothing) (*modelsOutput, error) {
	out := &modelsOutput{}
	for _, d := range s.Cases.Models().All() {
		m := listedModel{s.modelRow(d), make([]stageName, len(d.Stages))}
		for i, st := range d.Stages {
			m.Stages[i] = stageName{st.Name, st.Title}
		}
		out.Body.Models = append(out.Body.Models, m)
	}
	return out, nil
}

// modelView is a compiled model with its file.
type modelView struct {
	ModelRow
	Overall  allowView        `json:"overall" doc:"the clock of the whole case"`
	Stages   []modelStage     `json:"stages" doc:"in order; the first is where a report arrives"`
	Ends     []modelEnd       `json:"ends"`
	Standing []modelAction    `json:"standing" doc:"possible at every stage"`
	After    []modelAction    `json:"after" doc:"possible once the case has ended"`
	Remind   []int            `json:"remind" doc:"reminders before a deadline: percent of the allowance used"`
	Overdue  []escalationView `json:"overdue" doc:"what happens after a missed deadline, in order"`
	Events   []string         `json:"events" doc:"what other parts of the program may listen to"`
	Text     string           `json:"text" doc:"the file itself, YAML"`
}

// allowView is an allowance in words, by urgency where it differs.
type allowView struct {
	Text lang.Text            `json:"text" doc:"how long somebody has"`
	By   map[string]lang.Text `json:"by,omitempty" doc:"urgency -> allowance where it differs"`
}

func allowOf(a flow.Allow) allowView {
	v := allowView{Text: a.Default.Text()}
	for urgency, allowance := range a.By {
		if v.By == nil {
			v.By = map[string]lang.Text{}
		}
		v.By[urgency] = allowance.Text()
	}
	return v
}

type modelStage struct {
	Name    string        `json:"name"`
	Title   lang.Text     `json:"title"`
	Public  lang.Text     `json:"public" doc:"what the resident reads"`
	Actor   *flow.Actor   `json:"actor,omitempty" doc:"who gets the case; none: every way in names somebody"`
	Handles bool          `json:"handles" doc:"whoever has the case here counts as its handler"`
	Take    *allowView    `json:"take,omitempty" doc:"must be taken within"`
	Allow   allowView     `json:"allow"`
	Joint   *modelJoint   `json:"joint,omitempty" doc:"several units handle it together"`
	Actions []modelAction `json:"actions" doc:"the first is the usual one"`
}

type modelJoint struct {
	Confirm flow.Actor `json:"confirm" doc:"who confirms the whistle and names the units"`
	Within  allowView  `json:"within" doc:"for confirming"`
	Accept  allowView  `json:"accept" doc:"for each unit, to accept or decline"`
	Allow   allowView  `json:"allow" doc:"for each unit's part"`
	Ruling  allowView  `json:"ruling" doc:"for ruling on \"not ours\""`
	Join    flow.Join  `json:"join" doc:"all, any or lead: when the lead may conclude"`
}

type modelAction struct {
	Name   string           `json:"name"`
	Title  lang.Text        `json:"title"`
	Hint   lang.Text        `json:"hint"`
	Op     flow.Op          `json:"op" doc:"what it does"`
	By     []string         `json:"by" doc:"holder, handler, involved, confirmer, whistler, reporter, or role keys"`
	Form   []flow.FormField `json:"form" doc:"what to fill in"`
	When   string           `json:"when,omitempty" doc:"condition, in the expression language"`
	To     string           `json:"to,omitempty" doc:"stage it leads to"`
	End    string           `json:"end,omitempty" doc:"end it leads to"`
	Events []string         `json:"events,omitempty"`
}

type modelEnd struct {
	Name   string    `json:"name"`
	Title  lang.Text `json:"title"`
	Public lang.Text `json:"public"`
	Counts []string  `json:"counts" doc:"measures it counts for"`
}

type escalationView struct {
	After     lang.Text   `json:"after,omitzero" doc:"since the deadline; left out: at once"`
	Tell      *flow.Actor `json:"tell,omitempty" doc:"who is told"`
	Supervise bool        `json:"supervise,omitempty" doc:"the case comes under supervision (督办)"`
}

func actionsOf(list []flow.Action) []modelAction {
	out := make([]modelAction, 0, len(list))
	for _, a := range list {
		v := modelAction{Name: a.Name, Title: a.Title, Hint: a.Hint, Op: a.Op, By: a.By, Form: a.Form, To: a.To, End: a.End, Events: a.Events}
		if a.When != nil {
			v.When = a.When.Source
		}
		if v.Form == nil {
			v.Form = []flow.FormField{}
		}
		out = append(out, v)
	}
	return out
}

func stageOf(st flow.Stage) modelStage {
	v := modelStage{Name: st.Name, Title: st.Title, Public: st.Public, Actor: st.Actor, Handles: st.Handles, Allow: allowOf(st.Allow), Actions: actionsOf(st.Actions)}
	if st.Take.Set() {
		take := allowOf(st.Take)
		v.Take = &take
	}
	if j := st.Joint; j != nil {
		v.Joint = &modelJoint{Confirm: j.Confirm, Within: allowOf(j.Within), Accept: allowOf(j.Accept), Allow: allowOf(j.Allow), Ruling: allowOf(j.Ruling), Join: j.Join}
	}
	return v
}

// ModelRef names a governance model in the address.
type ModelRef struct {
	ID string `path:"id" maxLength:"80" doc:"name, or name@version" example:"seven-step"`
}

type modelOutput struct {
	ETag string `header:"ETag" doc:"digest of the file"`
	Body modelView
}

// model finds a version; of a bare name the one that new cases begin with.
func (s *Server) model(id string) (*flow.Definition, error) {
	if d, ok := s.Cases.Models().Lookup(id); ok {
		return d, nil
	}
	if d, ok := s.Cases.InForce(id, s.DB.Now()); ok {
		return d, nil
	}
	if d, ok := s.Cases.Models().Get(id); ok {
		return d, nil // planned, or taken back: no case begins with it now
	}
	return nil, fault.Newf(fault.NotFound, "no-model", "没有“%[1]s”这个模型", "There is no model %[1]q", id)
}

func (s *Server) readModel(_ context.Context, in *ModelRef) (*modelOutput, error) {
	d, err := s.model(in.ID)
	if err != nil {
		return nil, err
	}
	v := modelView{ModelRow: s.modelRow(d), Overall: allowOf(d.Overall), Standing: actionsOf(d.Standing), After: actionsOf(d.After),
		Remind: d.Overdue.Remind, Overdue: []escalationView{}, Events: d.Events, Text: d.Text}
	for _, st := range d.Stages {
		v.Stages = append(v.Stages, stageOf(st))
	}
	for _, e := range d.Ends {
		v.Ends = append(v.Ends, modelEnd{Name: e.Name, Title: e.Title, Public: e.Public, Counts: e.Counts})
	}
	for _, e := range d.Overdue.Then {
		x := escalationView{Tell: e.Tell, Supervise: e.Supervise}
		if e.After.Amount > 0 {
			x.After = e.After.Text()
		}
		v.Overdue = append(v.Overdue, x)
	}
	return &modelOutput{ETag: `"` + d.Digest + `"`, Body: v}, nil
}

type diagramInput struct {
	ModelRef
	Format string `query:"format" enum:"svg,mermaid" doc:"svg when left out"`
	Lang   string `query:"lang" enum:"zh,en" doc:"left out: the asker's"`
}

// diagram draws a model.
func (s *Server) diagram(ctx context.Context, in *diagramInput) (*huma.StreamResponse, error) {
	d, err := s.model(in.ID)
	if err != nil {
		return nil, err
	}
	tag := from(ctx).lang
	if in.Lang != "" {
		tag = lang.Tag(in.Lang)
	}
	kind, body := "image/svg+xml", []byte(nil)
	if in.Format == "mermaid" {
		kind, body = "text/plain; charset=utf-8", []byte(flow.Mermaid(d, tag))
	} else {
		body = flow.SVG(d, tag)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", kind)
		hc.SetHeader("Content-Language", string(tag))
		hc.SetHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox") // the picture carries its own colours
		if _, err := hc.BodyWriter().Write(body); err != nil {
			s.Log.Warn("sending a diagram was cut off", "error", err)
		}
	}}, nil
}
