package httpapi

import (
	"context"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

type placeInput struct {
	Lat      *float64 `json:"lat,omitempty" doc:"latitude in degrees" example:"32.3716"`
	Lon      *float64 `json:"lon,omitempty" doc:"longitude in degrees" example:"120.5734"`
	Datum    string   `json:"datum,omitempty" enum:"wgs84,gcj02,bd09" doc:"of the position; wgs84 when left out"`
	Area     string   `json:"area,omitempty" maxLength:"40" doc:"code of a grid or other area the sender chose"`
	Building string   `json:"building,omitempty" maxLength:"60" doc:"code of a building or household group"`
	Address  string   `json:"address,omitempty" doc:"in words" example:"如城街道安定社区安定小区5幢"`
}

// place is the place as the services take it. Half a position is refused: whoever sent it meant a whole one.
func (p placeInput) place(field string) (area.Place, error) {
	out := area.Place{Datum: p.Datum, Area: p.Area, Building: p.Building, Address: p.Address}
	if (p.Lat == nil) != (p.Lon == nil) {
		return out, fault.New(fault.Invalid, "invalid-place", "位置不完整", "The position is not complete").
			At(field, "half-position", "纬度 lat 和经度 lon 要一起给", "lat and lon come together")
	}
	if p.Lat != nil {
		out.Lat, out.Lon, out.HasPoint = *p.Lat, *p.Lon, true
	}
	return out, nil
}

type reportInput struct {
	Body struct {
		ID           string         `json:"id" format:"uuid" doc:"UUIDv7 made by the sender; sending it twice is once" example:"0193a5f0-7c1e-7000-8000-000000000001"`
		Title        string         `json:"title,omitempty" doc:"left out: the beginning of the text"`
		Text         string         `json:"text" doc:"what it is about" example:"小区东门的路灯不亮了,晚上老人走路不安全"`
		Category     string         `json:"category,omitempty" maxLength:"20" doc:"code; left out: suggested from the words" example:"02.04.01"`
		Urgency      string         `json:"urgency,omitempty" doc:"urgent, priority, normal or complex; left out: the category's"`
		Model        string         `json:"model,omitempty" maxLength:"60" doc:"governance model; left out: the category's" example:"whistle"`
		Channel      string         `json:"channel,omitempty" doc:"resident, staff, hotline, partner, sensor or import; left out: resident, or staff for those who serve"`
		Place        placeInput     `json:"place,omitempty"`
		Reporter     *reporterInput `json:"reporter,omitempty" doc:"sealed at rest, masked in answers"`
		Anonymous    bool           `json:"anonymous,omitempty" doc:"nothing about the reporter is kept"`
		Confidential bool           `json:"confidential,omitempty" doc:"only named posts see it"`
		Secret       string         `json:"secret,omitempty" doc:"random, 16 characters or more, kept by the sender: without an account only a report sent again with it gets its tracking code again"`
		ReportedAt   *time.Time     `json:"reported_at,omitempty" doc:"when it was said, if it was written down elsewhere first"`
	}
}

type reporterInput struct {
	Name  string `json:"name,omitempty" example:"王秀英"`
	Phone string `json:"phone,omitempty" example:"13800005678"`
}

type receiptOutput struct {
	Status   int    `header:"-"`
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     struct {
		ID     string     `json:"id"`
		Number string     `json:"number"`
		Code   string     `json:"code,omitempty" doc:"tracking code: keep it; with it the progress can be followed" example:"3G00-0F1K-7Q2M"`
		Area   string     `json:"area" doc:"name of the grid or area it was given to"`
		Ask    bool       `json:"ask" doc:"the place was not sure; whoever sorts will look"`
		DueAt  *time.Time `json:"due_at,omitempty" doc:"an answer can be expected by then"`
		Again  bool       `json:"again,omitempty" doc:"this report had been received before"`
	}
}

func (s *Server) report(ctx context.Context, in *reportInput) (*receiptOutput, error) {
	b := in.Body
	place, err := b.Place.place("place")
	if err != nil {
		return nil, err
	}
	r := casework.Report{ID: b.ID, Title: b.Title, Text: b.Text, Category: b.Category, Urgency: b.Urgency, Model: b.Model, Channel: b.Channel,
		Place: place, Secret: b.Secret, Anonymous: b.Anonymous, Confidential: b.Confidential}
	if b.Reporter != nil {
		r.Name, r.Phone = b.Reporter.Name, b.Reporter.Phone
	}
	if b.ReportedAt != nil {
		r.ReportedAt = *b.ReportedAt
	}
	if who := actor(ctx); who.Anonymous() && !r.Anonymous {
		if err := s.limits.phone(from(ctx).request(ctx), digits(r.Phone)); err != nil {
			return nil, err
		}
	}
	receipt, err := s.Cases.Submit(ctx, actor(ctx), r)
	if err != nil {
		return nil, err
	}
	c := receipt.Case
	out := &receiptOutput{Status: 201, ETag: etag(c.Version), Location: "/api/v1/cases/" + c.ID}
	if receipt.Again {
		out.Status = 200
	}
	out.Body.ID, out.Body.Number, out.Body.Code, out.Body.Again = receipt.ID, receipt.Number, receipt.Code, receipt.Again
	out.Body.Ask, out.Body.DueAt = c.Why.Ask, when(c.DueAt)
	if a, ok := s.Areas.Tree().Area(c.Area); ok {
		out.Body.Area = a.Name
	}
	return out, nil
}

// digits keeps of a telephone number what makes it the same number however it is written.
func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
}

// CaseFilter are the parameters that say which cases.
type CaseFilter struct {
	Scope    string    `query:"scope" doc:"mine (default): hand-overs of my posts; area: what my posts may read; reported: by me; watched"`
	Post     string    `query:"post" doc:"of one of my posts only"`
	Area     string    `query:"area" doc:"code: in this area or below"`
	Unit     string    `query:"unit" doc:"code of an organisation that has it in hand"`
	State    string    `query:"state" doc:"open, ended, paused, overdue, today (still due today, Beijing time), later (due after today), supervised, unsorted or all"`
	Decision string    `query:"decision" doc:"with scope mine: yes lists what waits for my decision (by the models: rulings, approvals, confirmations, verification, call-backs), no the rest"`
	Stage    string    `query:"stage"`
	Category string    `query:"category" doc:"code: this category or below"`
	Urgency  string    `query:"urgency"`
	Channel  string    `query:"channel"`
	Kind     string    `query:"kind"`
	Model    string    `query:"model" doc:"name without version"`
	Text     string    `query:"q" maxLength:"200" doc:"words, two characters are enough; or a case number"`
	From     time.Time `query:"from" doc:"received at or after"`
	To       time.Time `query:"to" doc:"received before"`
	Sort     string    `query:"sort" doc:"due (default for mine), newest, oldest or updated"`
}

// filter is the same for the service.
func (f *CaseFilter) filter() casework.Filter {
	return casework.Filter{Scope: f.Scope, Post: staff.Post(f.Post), Area: f.Area, Unit: f.Unit, State: f.State, Decision: f.Decision, Stage: f.Stage, Category: f.Category,
		Urgency: f.Urgency, Channel: f.Channel, Kind: f.Kind, Model: f.Model, Text: f.Text, From: f.From, To: f.To, Sort: f.Sort}
}

type listInput struct {
	CaseFilter
	After    string `query:"after" doc:"the next of the page before"`
	PageSize int    `query:"page_size" doc:"1 to 200, 50 when left out"`
}

type listOutput struct {
	Body caseList
}

func (s *Server) list(ctx context.Context, in *listInput) (*listOutput, error) {
	f := in.filter()
	f.After, f.PageSize = in.After, in.PageSize
	page, err := s.Cases.List(ctx, actor(ctx), f)
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Cases, out.Body.Next = make([]CaseRow, 0, len(page.Cases)), page.Next
	for _, c := range page.Cases {
		out.Body.Cases = append(out.Body.Cases, s.row(c))
	}
	return out, nil
}

// CaseRef names a case in the address.
type CaseRef struct {
	Ref string `path:"ref" maxLength:"60" doc:"id or number of the case" example:"320682-2026-000123"`
}

type caseOutput struct {
	ETag string `header:"ETag"`
	Body caseView
}

func (s *Server) get(ctx context.Context, in *CaseRef) (*caseOutput, error) {
	v, err := s.Cases.Read(ctx, actor(ctx), in.Ref)
	if err != nil {
		return nil, err
	}
	return &caseOutput{ETag: etag(v.Case.Version), Body: s.full(v)}, nil
}

type actBody struct {
	Command string         `json:"command,omitempty" format:"uuid" doc:"UUIDv7 made by the sender; sending it twice is once"`
	Base    int64          `json:"base,omitempty" minimum:"0" doc:"version the sender had seen, unless sent as If-Match"`
	Task    int            `json:"task,omitempty" minimum:"0" doc:"which hand-over; left out: the one that fits"`
	Form    map[string]any `json:"form,omitempty" doc:"the fields of the action, see the case's actions"`
}

type actInput struct {
	ID      string `path:"id" format:"uuid" doc:"id of the case"`
	Action  string `path:"action" maxLength:"60" doc:"name from the case's actions" example:"feed_back"`
	IfMatch string `header:"If-Match" doc:"the ETag seen: refused when somebody changed the case meanwhile"`
	Body    actBody
}

func (in *actInput) command(code string) (casework.Command, error) {
	base := in.Body.Base
	if base == 0 {
		var err error
		if base, err = version(in.IfMatch); err != nil {
			return casework.Command{}, err
		}
	}
	return casework.Command{Case: in.ID, ID: in.Body.Command, Base: base, Action: in.Action, Task: in.Body.Task, Form: in.Body.Form, Code: code}, nil
}

type actOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Version int64          `json:"version"`
		Entry   casework.Entry `json:"entry" doc:"what was recorded"`
		Again   bool           `json:"again,omitempty" doc:"this command had been received before"`
		Case    CaseRow        `json:"case"`
	}
}

func (s *Server) act(ctx context.Context, in *actInput) (*actOutput, error) {
	cmd, err := in.command("")
	if err != nil {
		return nil, err
	}
	res, err := s.Cases.Act(ctx, actor(ctx), cmd)
	if err != nil {
		return nil, err
	}
	out := &actOutput{ETag: etag(res.Case.Version)}
	out.Body.Version, out.Body.Entry, out.Body.Again, out.Body.Case = res.Case.Version, res.Entry, res.Again, s.row(res.Case)
	return out, nil
}

type bulkInput struct {
	Body struct {
		Action string         `json:"action" maxLength:"60"`
		Form   map[string]any `json:"form,omitempty"`
		Cases  []bulkCase     `json:"cases" minItems:"1" maxItems:"200"`
	}
}

type bulkCase struct {
	ID      string `json:"id" format:"uuid"`
	Command string `json:"command,omitempty" format:"uuid"`
	Base    int64  `json:"base,omitempty" minimum:"0"`
}

type bulkOutput struct {
	Body struct {
		Done    int          `json:"done"`
		Refused int          `json:"refused"`
		Cases   []bulkAnswer `json:"cases" doc:"in the order they were sent"`
	}
}

type bulkAnswer struct {
	ID      string   `json:"id"`
	Version int64    `json:"version,omitempty"`
	Problem *Problem `json:"problem,omitempty" doc:"why it was refused; the others went through"`
}

func (s *Server) bulk(ctx context.Context, in *bulkInput) (*bulkOutput, error) {
	cmds := make([]casework.Command, len(in.Body.Cases))
	for i, c := range in.Body.Cases {
		cmds[i] = casework.Command{Case: c.ID, ID: c.Command, Base: c.Base, Action: in.Body.Action, Form: in.Body.Form}
	}
	results, err := s.Cases.Bulk(ctx, actor(ctx), cmds)
	if err != nil {
		return nil, err
	}
	out := &bulkOutput{}
	for _, r := range results {
		a := bulkAnswer{ID: r.Case, Version: r.Version}
		if r.Refused != nil {
			a.Problem = problem(ctx, s.Log, r.Refused)
			out.Body.Refused++
		} else {
			out.Body.Done++
		}
		out.Body.Cases = append(out.Body.Cases, a)
	}
	return out, nil
}

type revealInput struct {
	CaseRef
	Body struct {
		Purpose string `json:"purpose" doc:"why; kept in the access log" example:"回访确认处理结果"`
	}
}

type revealOutput struct{ Body casework.Reporter }

func (s *Server) reveal(ctx context.Context, in *revealInput) (*revealOutput, error) {
	r, err := s.Cases.Reveal(ctx, actor(ctx), in.Ref, in.Body.Purpose)
	return &revealOutput{Body: r}, err
}

func (s *Server) watch(ctx context.Context, in *CaseRef) (*nothing, error) {
	return nil, s.Cases.Watch(ctx, actor(ctx), in.Ref, true)
}

func (s *Server) unwatch(ctx context.Context, in *CaseRef) (*nothing, error) {
	return nil, s.Cases.Watch(ctx, actor(ctx), in.Ref, false)
}

type countsOutput struct {
	Body struct {
		Open     int `json:"open" doc:"open hand-overs of my posts"`
		Overdue  int `json:"overdue"`
		Today    int `json:"today" doc:"still due today, Beijing time"`
		Paused   int `json:"paused"`
		Deciding int `json:"deciding" doc:"cases that wait for my decision"`
		Unseen   int `json:"unseen" doc:"words left for my posts that nobody has seen"`
	}
}

func (s *Server) counts(ctx context.Context, _ *nothing) (*countsOutput, error) {
	n, err := s.Cases.Counts(ctx, actor(ctx))
	out := &countsOutput{}
	b := &out.Body
	b.Open, b.Overdue, b.Today, b.Paused, b.Deciding, b.Unseen = n.Open, n.Overdue, n.Today, n.Paused, n.Deciding, n.Unseen
	return out, err
}

type alertsInput struct {
	Unseen   bool   `query:"unseen" doc:"only what nobody has seen"`
	After    string `query:"after" maxLength:"300" doc:"the next of the page before"`
	PageSize int    `query:"page_size" minimum:"0" maximum:"200" doc:"1 to 200, 50 when left out"`
}

type alertView struct {
	Post   postView  `json:"post"`
	Case   string    `json:"case"`
	Number string    `json:"number"`
	Title  string    `json:"title" doc:"empty for a confidential case that I may not read"`
	Seq    int64     `json:"seq" doc:"the timeline entry it is about"`
	At     time.Time `json:"at"`
	Kind   string    `json:"kind" doc:"remind, overdue, escalate, supervise, urge, answer, rate …"`
	Seen   bool      `json:"seen"`
}

type alertsOutput struct {
	Body struct {
		Alerts []alertView `json:"alerts" doc:"newest first"`
		Next   string      `json:"next,omitempty" doc:"cursor of the next page; left out on the last"`
	}
}

func (s *Server) alerts(ctx context.Context, in *alertsInput) (*alertsOutput, error) {
	list, next, err := s.Cases.Alerts(ctx, actor(ctx), casework.AlertQuery{Unseen: in.Unseen, After: in.After, Limit: in.PageSize})
	if err != nil {
		return nil, err
	}
	out := &alertsOutput{}
	out.Body.Alerts, out.Body.Next = make([]alertView, 0, len(list)), next
	for _, a := range list {
		out.Body.Alerts = append(out.Body.Alerts, alertView{Post: s.postOf(a.Post), Case: a.Case, Number: a.Number, Title: a.Title, Seq: a.Seq, At: a.At, Kind: a.Kind, Seen: a.Seen})
	}
	return out, nil
}

type seenInput struct {
	ID string `path:"id" format:"uuid"`
}

func (s *Server) seenAlerts(ctx context.Context, in *seenInput) (*nothing, error) {
	return nil, s.Cases.Seen(ctx, actor(ctx), in.ID)
}

// TrackRef names a case by its tracking code.
type TrackRef struct {
	Code string `path:"code" maxLength:"40" doc:"tracking code" example:"3G00-0F1K-7Q2M"`
}

type progressOutput struct{ Body progressView }

func (s *Server) track(ctx context.Context, in *TrackRef) (*progressOutput, error) {
	p, err := s.Cases.Track(ctx, actor(ctx), in.Code)
	if err != nil {
		return nil, err
	}
	out := &progressOutput{Body: s.progress(p, true)}
	out.Body.Call, err = s.callable(ctx, p)
	return out, err
}

type trackActInput struct {
	TrackRef
	Action string `path:"action" maxLength:"60" doc:"answer, urge, rate, reopen …: see the actions of the progress"`
	Body   actBody
}

type trackActOutput struct{ Body progressView }

func (s *Server) trackAct(ctx context.Context, in *trackActInput) (*trackActOutput, error) {
	p, err := s.Cases.Track(ctx, actor(ctx), in.Code)
	if err != nil {
		return nil, err
	}
	if _, err := s.Cases.Act(ctx, actor(ctx), casework.Command{Case: p.Case.ID, ID: in.Body.Command, Base: in.Body.Base, Action: in.Action,
		Task: in.Body.Task, Form: in.Body.Form, Code: in.Code}); err != nil {
		return nil, err
	}
	if p, err = s.Cases.Track(ctx, actor(ctx), in.Code); err != nil {
		return nil, err
	}
	out := &trackActOutput{Body: s.progress(p, true)}
	out.Body.Call, err = s.callable(ctx, p)
	return out, err
}

func (s *Server) published(ctx context.Context, in *CaseRef) (*progressOutput, error) {
	p, err := s.Cases.Published(ctx, in.Ref)
	if err != nil {
		return nil, err
	}
	return &progressOutput{Body: s.progress(p, false)}, nil
}

type locateInput struct{ Body placeInput }

type locateOutput struct{ Body area.Found }

func (s *Server) locate(_ context.Context, in *locateInput) (*locateOutput, error) {
	p, err := in.Body.place("body")
	if err != nil {
		return nil, err
	}
	if p.HasPoint && (p.Lat < -90 || p.Lat > 90 || p.Lon < -180 || p.Lon > 180) {
		return nil, fault.New(fault.Invalid, "invalid-place", "坐标超出范围", "The position is out of range").At("lat", "range", "纬度 -90~90,经度 -180~180", "Latitude -90..90, longitude -180..180")
	}
	return &locateOutput{Body: s.Areas.Locate(p)}, nil
}
