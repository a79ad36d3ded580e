package httpapi

import (
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// CaseRow is a case in a list.
type CaseRow struct {
	ID            string    `json:"id"`
	Number        string    `json:"number" example:"320682-2026-000123"`
	Version       int64     `json:"version" doc:"send it back as base or If-Match"`
	Title         string    `json:"title"`
	Category      string    `json:"category" doc:"code; empty: unsorted"`
	CategoryTitle lang.Text `json:"category_title,omitzero" doc:"none while it is unsorted"`
	Kind          string    `json:"kind"`
	Urgency       string    `json:"urgency" enum:"urgent,priority,normal,complex"`
	Channel       string    `json:"channel"`
	Model         string    `json:"model" example:"seven-step@2026.1"`
	Stage         string    `json:"stage"`
	StageTitle    lang.Text `json:"stage_title"`
	Ended         string    `json:"ended,omitempty" doc:"name of the end; empty while open"`
	EndTitle      lang.Text `json:"end_title,omitzero"`
	Area          string    `json:"area"`
	AreaName      string    `json:"area_name"`
	Path          string    `json:"path"`
	Owner         postView  `json:"owner,omitzero" doc:"the responsible post"`
	Holder        postView  `json:"holder,omitzero" doc:"who answers for it now, when the post is vacant and covered"`
	ReportedAt    time.Time `json:"reported_at"`
	ReceivedAt    time.Time `json:"received_at"`
	UpdatedAt     time.Time `json:"updated_at"`
	EndedAt       time.Time `json:"ended_at,omitzero"`
	DueAt         time.Time `json:"due_at,omitzero" doc:"of the whole case; none while paused"`
	HopDueAt      time.Time `json:"hop_due_at,omitzero" doc:"of the present hand-over; none while paused"`
	PausedAt      time.Time `json:"paused_at,omitzero"`
	Overdue       bool      `json:"overdue"`
	Supervised    bool      `json:"supervised"`
	Asked         bool      `json:"asked" doc:"a question to the reporter is open"`
	Confidential  bool      `json:"confidential"`
	Rating        int       `json:"rating,omitempty"`
	MergedInto    string    `json:"merged_into,omitempty"`
}

func (s *Server) row(c *casework.Case) CaseRow {
	r := CaseRow{ID: c.ID, Number: s.Cases.Number(c), Version: c.Version, Title: c.Title, Category: c.Category, Kind: c.Kind,
		Urgency: c.Urgency, Channel: c.Channel, Model: c.Model, Stage: c.Stage, Ended: c.Ended, Area: c.Area, Path: c.Path,
		ReportedAt: c.ReportedAt, ReceivedAt: c.ReceivedAt, UpdatedAt: c.UpdatedAt, EndedAt: c.EndedAt, DueAt: c.DueAt,
		HopDueAt: c.HopDueAt, PausedAt: c.PausedAt, Supervised: c.Supervised, Asked: c.Asked,
		Confidential: c.Confidential, Rating: c.Rating, MergedInto: c.MergedInto}
	r.Overdue = c.Open() && !c.HopDueAt.IsZero() && s.DB.Now().After(c.HopDueAt)
	if c.Category != "" {
		r.CategoryTitle = s.Cases.Categories().Name(c.Category)
	}
	if a, ok := s.Areas.Tree().Area(c.Area); ok {
		r.AreaName = a.Name
	}
	if d, ok := s.Cases.Models().Lookup(c.Model); ok {
		if st, ok := d.Stage(c.Stage); ok {
			r.StageTitle = st.Title
		}
		if end, ok := d.End(c.Ended); ok {
			r.EndTitle = end.Title
		}
	}
	if c.Owner != "" {
		r.Owner = s.postOf(c.Owner)
		if c.Holder != c.Owner {
			r.Holder = s.postOf(c.Holder)
		}
	}
	return r
}

// when leaves a time out that is not set.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// taskView is one hand-over.
type taskView struct {
	No          int            `json:"no"`
	Kind        flow.TaskKind  `json:"kind" doc:"main, confirm, lead, member, ruling or approval"`
	Stage       string         `json:"stage"`
	Post        postView       `json:"post" doc:"given to"`
	Holder      *postView      `json:"holder,omitempty" doc:"who answers, when the post is vacant"`
	State       flow.TaskState `json:"state" doc:"offered, taken, contested, done, released or withdrawn"`
	Responsible bool           `json:"responsible"`
	About       int            `json:"about,omitempty" doc:"the hand-over that a ruling or approval is about"`
	Request     *flow.Request  `json:"request,omitempty" doc:"what an approval decides on"`
	GivenAt     time.Time      `json:"given_at"`
	TakenAt     *time.Time     `json:"taken_at,omitempty"`
	ClosedAt    *time.Time     `json:"closed_at,omitempty"`
	Outcome     string         `json:"outcome,omitempty" doc:"the action that closed it"`
	Clock       casework.Clock `json:"clock" doc:"the policy frozen when it was given, and what moved the deadline since"`
	Trail       []staff.Step   `json:"trail,omitempty" doc:"why it came here: the posts that were passed over"`
}

func (s *Server) task(t *casework.Task) taskView {
	v := taskView{No: t.No, Kind: t.Kind, Stage: t.Stage, Post: s.postOf(t.Post), State: t.State, Responsible: t.Responsible, About: t.About,
		Request: t.Request, GivenAt: t.GivenAt, TakenAt: when(t.TakenAt), ClosedAt: when(t.ClosedAt), Outcome: t.Outcome, Clock: t.Clock, Trail: t.Trail}
	if t.Holder != t.Post {
		holder := s.postOf(t.Holder)
		v.Holder = &holder
	}
	return v
}

// offerView is an action the reader may take now, with its form.
type offerView struct {
	Action  string           `json:"action" doc:"use it in the address of the action"`
	Title   lang.Text        `json:"title"`
	Hint    *lang.Text       `json:"hint,omitempty"`
	Task    int              `json:"task,omitempty" doc:"the hand-over it is done on"`
	Primary bool             `json:"primary,omitempty" doc:"the usual next step"`
	Form    []flow.FormField `json:"form" doc:"what to fill in"`
}

func offers(list []flow.Offer) []offerView {
	out := make([]offerView, 0, len(list))
	for _, o := range list {
		v := offerView{Action: o.Action.Name, Title: o.Action.Title, Task: o.Task, Primary: o.Primary, Form: o.Action.Form}
		if v.Form == nil {
			v.Form = []flow.FormField{}
		}
		if !o.Action.Hint.Empty() {
			v.Hint = &o.Action.Hint
		}
		out = append(out, v)
	}
	return out
}

// caseView is a case with everything a server of it reads.
type caseView struct {
	CaseRow
	ModelTitle lang.Text             `json:"model_title"`
	Body       string                `json:"body"`
	Address    string                `json:"address,omitempty"`
	Point      *area.Point           `json:"point,omitempty" doc:"WGS84"`
	Why        casework.Why          `json:"why" doc:"how the grid was found"`
	Public     bool                  `json:"public"`
	Anonymous  bool                  `json:"anonymous"`
	Reporter   casework.Reporter     `json:"reporter" doc:"masked; see the reveal operation"`
	Reveal     bool                  `json:"reveal,omitempty" doc:"the reader may see the reporter whole, by the reveal operation"`
	FirstPost  postView              `json:"first_post" doc:"first to receive it: stays responsible for following it up"`
	Clock      casework.Clock        `json:"clock" doc:"of the whole case"`
	Tasks      []taskView            `json:"tasks"`
	Timeline   []entryView           `json:"timeline"`
	Actions    []offerView           `json:"actions" doc:"what the reader may do now"`
	Files      []casework.Attachment `json:"files"`
	Merged     []string              `json:"merged,omitempty" doc:"cases merged into this one"`
	Watched    bool                  `json:"watched"`
	Newer      *newerModel           `json:"newer,omitempty" doc:"new cases begin with another version of its model; this one goes on by its own"`
}

// newerModel is the version that counts for new cases beside the one a case began with.
type newerModel struct {
	ID    string     `json:"id" example:"seven-step@2026.2"`
	Since *time.Time `json:"since,omitempty" doc:"from when"`
}

func (s *Server) newer(c *casework.Case) *newerModel {
	d, ok := s.Cases.Models().Lookup(c.Model)
	if !ok || !c.Open() {
		return nil
	}
	now, ok := s.Cases.InForce(d.Name, s.DB.Now())
	if !ok || now == d {
		return nil
	}
	since, _, _ := s.Cases.ModelTimes(now, s.DB.Now())
	return &newerModel{ID: now.ID(), Since: when(since)}
}

// full is a case for its reader. Somebody who only reported it gets no hand-overs, and no names.
func (s *Server) full(v casework.View) caseView {
	c := v.Case
	out := caseView{CaseRow: s.row(c), ModelTitle: v.Model.Title, Body: c.Body, Address: c.Address, Point: c.Point, Why: c.Why, Public: c.Public, Anonymous: c.Anonymous,
		Reporter: v.Reporter, Reveal: v.Reveal, FirstPost: s.postOf(c.FirstPost), Clock: c.Clock, Timeline: s.entries(v.Timeline, v.Model, c, len(c.Tasks) > 0), Actions: offers(v.Offers),
		Files: v.Files, Merged: v.Merged, Watched: v.Watched, Newer: s.newer(c), Tasks: make([]taskView, 0, len(c.Tasks))}
	for i := range c.Tasks {
		out.Tasks = append(out.Tasks, s.task(&c.Tasks[i]))
	}
	return out
}

// progressView is a case as its reporter or the public reads it.
type progressView struct {
	ID         string                `json:"id,omitempty" doc:"only with the tracking code"`
	Number     string                `json:"number"`
	Version    int64                 `json:"version,omitempty"`
	Title      string                `json:"title"`
	Now        lang.Text             `json:"now" doc:"where it is, in plain words"`
	Unit       *lang.Text            `json:"unit,omitempty" doc:"who has it"`
	DueAt      *time.Time            `json:"due_at,omitempty"`
	ReceivedAt time.Time             `json:"received_at"`
	EndedAt    *time.Time            `json:"ended_at,omitempty"`
	Ended      string                `json:"ended,omitempty"`
	Call       *dutyPhoneView        `json:"call,omitempty" doc:"the duty phone of who has it, or the nearest one of its place; while it is open and one is set"`
	Stages     []stageView           `json:"stages" doc:"the way of the case, in order"`
	Steps      []entryView           `json:"steps" doc:"what happened, without names of people"`
	Actions    []offerView           `json:"actions" doc:"what the reporter may do now"`
	Files      []casework.Attachment `json:"files"`
	Rating     int                   `json:"rating,omitempty"`
	Merged     *progressView         `json:"merged,omitempty" doc:"the case it was merged into"`
}

// stageView is one step of the way.
type stageView struct {
	Name  string     `json:"name"`
	Title lang.Text  `json:"title"`
	Now   bool       `json:"now,omitempty"`
	Ahead bool       `json:"ahead,omitempty" doc:"the usual way leads through it from here"`
	Unit  *lang.Text `json:"unit,omitempty" doc:"progress: who has or had it there, an organisation or the post of an area, never a person"`
}

func (s *Server) progress(p casework.Progress, own bool) progressView {
	c := p.Case
	v := progressView{Number: p.Number, Title: c.Title, Now: p.Now, ReceivedAt: c.ReceivedAt, EndedAt: when(c.EndedAt), Ended: c.Ended,
		Steps: s.entries(p.Steps, p.Model, c, false), Actions: offers(p.Offers), Files: p.Files, Rating: c.Rating}
	if own {
		v.ID, v.Version = c.ID, c.Version
	}
	if c.Open() {
		v.Unit, v.DueAt = &p.Unit, when(p.Due)
	}
	v.Stages = way(p.Model, c)
	for i := range v.Stages {
		if unit, ok := p.Units[v.Stages[i].Name]; ok {
			v.Stages[i].Unit = &unit
		}
	}
	if p.Merged != nil {
		m := s.progress(*p.Merged, false)
		v.Merged = &m
	}
	return v
}
