package httpapi

import (
	"context"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/audit"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// nearbyView is a case that may be the same matter.
type nearbyView struct {
	CaseRow
	DistanceM *int      `json:"distance_m,omitempty" doc:"metres between the two; left out when one has no position"`
	Likeness  float64   `json:"likeness" minimum:"0" maximum:"1" doc:"words, place and category together"`
	Why       lang.Text `json:"why" doc:"what is alike"`
}

type nearbyOutput struct {
	Body struct {
		Cases []nearbyView `json:"cases" doc:"most alike first, at most ten; only those I may read"`
	}
}

func (s *Server) nearbyOf(list []casework.Nearby, err error) (*nearbyOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &nearbyOutput{}
	out.Body.Cases = make([]nearbyView, 0, len(list))
	for _, n := range list {
		v := nearbyView{CaseRow: s.row(n.Case), Likeness: n.Likeness, Why: n.Why}
		if n.Metres >= 0 {
			metres := int(n.Metres + 0.5)
			v.DistanceM = &metres
		}
		out.Body.Cases = append(out.Body.Cases, v)
	}
	return out, nil
}

func (s *Server) nearby(ctx context.Context, in *CaseRef) (*nearbyOutput, error) {
	return s.nearbyOf(s.Cases.Nearby(ctx, actor(ctx), in.Ref))
}

// nearbyInput is the place and the words of a report being written. 0,0 lies in the sea and counts as no position.
type nearbyInput struct {
	Lat      float64 `query:"lat" minimum:"-90" maximum:"90" doc:"latitude in degrees; with lon" example:"32.3716"`
	Lon      float64 `query:"lon" minimum:"-180" maximum:"180" doc:"longitude in degrees; with lat" example:"120.5734"`
	Datum    string  `query:"datum" enum:"wgs84,gcj02,bd09" doc:"of the position; wgs84 when left out"`
	Area     string  `query:"area" maxLength:"40" doc:"code of a grid or other area"`
	Address  string  `query:"address" maxLength:"300" doc:"in words"`
	Text     string  `query:"text" maxLength:"2000" doc:"what it is about, as far as it is written"`
	Category string  `query:"category" maxLength:"20" doc:"code"`
}

func (s *Server) nearbyDraft(ctx context.Context, in *nearbyInput) (*nearbyOutput, error) {
	if (in.Lat == 0) != (in.Lon == 0) {
		return nil, fault.New(fault.Invalid, "invalid-place", "位置不完整", "The position is not complete").
			At("lat", "half-position", "纬度 lat 和经度 lon 要一起给", "lat and lon come together")
	}
	d := casework.Draft{Text: in.Text, Category: in.Category}
	d.Place.Lat, d.Place.Lon, d.Place.HasPoint = in.Lat, in.Lon, in.Lat != 0
	d.Place.Datum, d.Place.Area, d.Place.Address = in.Datum, in.Area, in.Address
	return s.nearbyOf(s.Cases.NearbyDraft(ctx, actor(ctx), d))
}

// earlierInput is a place as a caller tells it.
type earlierInput struct {
	Area    string `query:"area" maxLength:"40" doc:"code of a grid or other area"`
	Address string `query:"address" maxLength:"300" doc:"in words" example:"迎新社区第一网格"`
}

// earlierView is a case that was reported at a place before.
type earlierView struct {
	CaseRow
	Address string `json:"address,omitempty" doc:"in words, as it was reported"`
	Here    bool   `json:"here" doc:"at a like address; otherwise elsewhere in the area"`
	Answer  string `json:"answer,omitempty" doc:"what came of it, as it was made public"`
}

type earlierOutput struct {
	Body struct {
		Area     string        `json:"area,omitempty" doc:"code of the area the place lies in; left out when it was not recognised"`
		AreaName string        `json:"area_name,omitempty"`
		Cases    []earlierView `json:"cases" doc:"here first, then the newest, at most twelve; only those I may read"`
	}
}

func (s *Server) earlier(ctx context.Context, in *earlierInput) (*earlierOutput, error) {
	at, list, err := s.Cases.EarlierAt(ctx, actor(ctx), area.Place{Area: in.Area, Address: in.Address})
	if err != nil {
		return nil, err
	}
	out := &earlierOutput{}
	out.Body.Area, out.Body.AreaName, out.Body.Cases = at.Code, at.Name, make([]earlierView, 0, len(list))
	for _, e := range list {
		out.Body.Cases = append(out.Body.Cases, earlierView{CaseRow: s.row(e.Case), Address: e.Case.Address, Here: e.Here, Answer: e.Answer})
	}
	return out, nil
}

// askedFor is an action whose form asks whom it goes to.
type askedFor struct {
	Action string         `json:"action" doc:"name from the case's actions"`
	Field  string         `json:"field" doc:"field of its form" example:"unit"`
	Type   flow.FieldType `json:"type" doc:"unit, units or post: fill in unit or post of a suggestion"`
}

// suggestedPost is a post that the case may be given to.
type suggestedPost struct {
	Post        postView  `json:"post"`
	Unit        string    `json:"unit,omitempty" doc:"code of its organisation, for a field that asks for a unit; left out for a post at an area"`
	Reason      string    `json:"reason" enum:"like,duty,near" doc:"it handled such matters, the category is its duty, or it is on the spot"`
	Handled     int       `json:"handled" doc:"hand-overs of this category in this county that it did within a year"`
	MedianHours *float64  `json:"median_hours,omitempty" doc:"from being given to being done, half of them took no longer; left out without any"`
	OnTimeRate  *float64  `json:"on_time_rate,omitempty" doc:"share of them done before their deadline, 0 to 1; left out without any"`
	Open        int       `json:"open" doc:"hand-overs it answers for now"`
	Why         lang.Text `json:"why"`
}

type suggestionsOutput struct {
	Body struct {
		Actions []askedFor      `json:"actions" doc:"what I may do now that asks for a unit or a post; without any there are no suggestions"`
		Posts   []suggestedPost `json:"posts" doc:"best first, at most eight"`
	}
}

func (s *Server) suggestions(ctx context.Context, in *CaseRef) (*suggestionsOutput, error) {
	asks, list, err := s.Cases.Suggest(ctx, actor(ctx), in.Ref)
	if err != nil {
		return nil, err
	}
	out := &suggestionsOutput{}
	out.Body.Actions, out.Body.Posts = make([]askedFor, 0, len(asks)), make([]suggestedPost, 0, len(list))
	for _, a := range asks {
		out.Body.Actions = append(out.Body.Actions, askedFor{Action: a.Action, Field: a.Field, Type: a.Type})
	}
	for _, g := range list {
		v := suggestedPost{Post: s.postOf(g.Post), Unit: g.Unit, Reason: g.Reason, Handled: g.Handled, Open: g.Open, Why: g.Why}
		if g.Handled > 0 {
			hours, rate := tenth(g.Median), g.OnTime
			v.MedianHours, v.OnTimeRate = &hours, &rate
		}
		out.Body.Posts = append(out.Body.Posts, v)
	}
	return out, nil
}

// tenth is a stretch of time in hours, to a tenth.
func tenth(d time.Duration) float64 { return float64(d.Round(6*time.Minute)) / float64(time.Hour) }

type caseAuditInput struct {
	CaseRef
	Before   string `query:"before" maxLength:"100" doc:"the next of the page before"`
	PageSize int    `query:"page_size" minimum:"0" maximum:"200" doc:"1 to 200, 50 when left out"`
}

func (s *Server) caseAudit(ctx context.Context, in *caseAuditInput) (*accessLogOutput, error) {
	out := &accessLogOutput{}
	var err error
	out.Body.Entries, out.Body.Next, err = s.Cases.CaseAudit(ctx, actor(ctx), in.Ref, audit.Page{Before: in.Before, Limit: in.PageSize})
	if out.Body.Entries == nil {
		out.Body.Entries = []audit.Entry{}
	}
	return out, err
}

type addresseesInput struct {
	CaseRef
	Text string `query:"q" maxLength:"100" doc:"part of the name of the place or the role" example:"派单"`
}

// addresseeView is a post somebody may be asked at.
type addresseeView struct {
	Post   staff.Post `json:"post" example:"dispatcher@320682001001"`
	Title  lang.Text  `json:"title"`
	Place  string     `json:"place" doc:"name of the area or organisation"`
	Path   string     `json:"path" doc:"area path of the place"`
	Unit   string     `json:"unit,omitempty" doc:"code of its organisation; left out for a post at an area"`
	Vacant bool       `json:"vacant,omitempty" doc:"nobody holds it now: its fall-back answers"`
}

func (s *Server) addressee(p staff.Post) addresseeView {
	v := s.postOf(p)
	out := addresseeView{Post: v.Post, Title: v.Title, Place: v.Place, Path: v.Path, Vacant: len(s.Staff.Holders(p, s.DB.Now())) == 0}
	if _, ok := s.Areas.Tree().Org(p.Place()); ok {
		out.Unit = p.Place()
	}
	return out
}

type addresseesOutput struct {
	Body struct {
		Posts []addresseeView `json:"posts" doc:"at most sixty"`
	}
}

func (s *Server) addressees(ctx context.Context, in *addresseesInput) (*addresseesOutput, error) {
	list, err := s.Cases.Addressees(ctx, actor(ctx), in.Ref, in.Text)
	if err != nil {
		return nil, err
	}
	out := &addresseesOutput{}
	out.Body.Posts = make([]addresseeView, 0, len(list))
	for _, p := range list {
		out.Body.Posts = append(out.Body.Posts, s.addressee(p))
	}
	return out, nil
}
