package httpapi

import (
	"context"

	"linli/internal/area"
	"linli/internal/platform/fault"
)

type orgsInput struct {
	Area     string `query:"area" maxLength:"40" doc:"code: attached to this area or below"`
	Serving  string `query:"serving" maxLength:"40" doc:"code: attached to this area or above, so it can be asked from there" example:"320682001001003"`
	Text     string `query:"q" maxLength:"100" doc:"part of the name, or the beginning of the code"`
	Kind     string `query:"kind" maxLength:"40" doc:"department, centre, team, committee, judicial-office or station"`
	Function string `query:"function" maxLength:"60" doc:"what it is for, such as housing"`
	Closed   bool   `query:"closed" doc:"closed ones too"`
	PageOf
}

type orgsOutput struct {
	Body struct {
		Orgs []area.Org `json:"organisations" doc:"by code"`
		Next string     `json:"next,omitempty" doc:"cursor of the next page; left out on the last"`
	}
}

func (s *Server) listOrgs(_ context.Context, in *orgsInput) (*orgsOutput, error) {
	out := &orgsOutput{}
	var err error
	out.Body.Orgs, out.Body.Next, err = s.Areas.Tree().FindOrgs(area.OrgQuery{Area: in.Area, Serving: in.Serving, Text: in.Text, Kind: in.Kind, Function: in.Function,
		Closed: in.Closed, After: in.After, Limit: in.PageSize})
	return out, err
}

type orgOutput struct {
	ETag string `header:"ETag"`
	Body orgView
}

// orgView is an organisation with where it is.
type orgView struct {
	area.Org
	FullName string `json:"full_name" doc:"names of the areas it is attached to, from the root down" example:"如皋市 如城街道"`
}

func (s *Server) orgOut(o area.Org) *orgOutput {
	return &orgOutput{ETag: etag(o.Version), Body: orgView{Org: o, FullName: s.Areas.Tree().FullName(o.Area)}}
}

// OrgRef names an organisation in the address.
type OrgRef struct {
	Code string `path:"code" maxLength:"60" doc:"code of the organisation" example:"320682-housing"`
}

func (s *Server) readOrg(_ context.Context, in *OrgRef) (*orgOutput, error) {
	o, ok := s.Areas.Tree().Org(in.Code)
	if !ok {
		return nil, fault.Newf(fault.NotFound, "org-unknown", "没有编码为 %[1]s 的组织", "There is no organisation with the code %[1]s", in.Code)
	}
	return s.orgOut(o), nil
}

type createOrgInput struct {
	Body struct {
		Code     string `json:"code" maxLength:"60" doc:"small letters, digits and dashes after the area's code" example:"320682-parks"`
		Name     string `json:"name" example:"市园林绿化中心"`
		Kind     string `json:"kind" enum:"department,centre,team,committee,judicial-office,station" example:"centre"`
		Function string `json:"function,omitempty" doc:"what it is for; several words with blanks between" example:"landscaping"`
		Area     string `json:"area" maxLength:"40" doc:"code of the area it is attached to" example:"320682"`
		Parent   string `json:"parent,omitempty" maxLength:"60" doc:"code of the organisation above"`
		Calendar string `json:"calendar,omitempty" maxLength:"60" doc:"working calendar; none: its area's"`
		Reason   string `json:"reason" doc:"kept in the history" example:"机构改革"`
	}
}

type createdOrgOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     orgView
}

func (s *Server) createOrg(ctx context.Context, in *createOrgInput) (*createdOrgOutput, error) {
	b := in.Body
	o, err := s.Areas.CreateOrg(ctx, actor(ctx), area.CreateOrg{Reason: b.Reason, Org: area.Org{Code: b.Code, Name: b.Name, Kind: b.Kind, Function: b.Function,
		Area: b.Area, Parent: b.Parent, Calendar: b.Calendar}})
	out := s.orgOut(o)
	return &createdOrgOutput{ETag: out.ETag, Location: "/api/v1/organisations/" + o.Code, Body: out.Body}, err
}

type updateOrgInput struct {
	OrgRef
	IfMatch string `header:"If-Match" doc:"the ETag seen: refused when somebody changed it meanwhile"`
	Body    struct {
		Name     *string `json:"name,omitempty" example:"市住建局"`
		Kind     *string `json:"kind,omitempty" doc:"department, centre, team, committee, judicial-office or station"`
		Function *string `json:"function,omitempty" doc:"what it is for; several words with blanks between"`
		Area     *string `json:"area,omitempty" maxLength:"40" doc:"code of the area it is attached to"`
		Parent   *string `json:"parent,omitempty" maxLength:"60" doc:"code of the organisation above"`
		Calendar *string `json:"calendar,omitempty" maxLength:"60"`
		Reason   string  `json:"reason" doc:"kept in the history" example:"机构更名"`
	}
}

func (s *Server) updateOrg(ctx context.Context, in *updateOrgInput) (*orgOutput, error) {
	seen, err := version(in.IfMatch)
	if err != nil {
		return nil, err
	}
	b := in.Body
	o, err := s.Areas.UpdateOrg(ctx, actor(ctx), area.UpdateOrg{Code: in.Code, Name: b.Name, Kind: b.Kind, Function: b.Function, Area: b.Area, Parent: b.Parent,
		Calendar: b.Calendar, Version: seen, Reason: b.Reason})
	return s.orgOut(o), err
}

type closeOrgInput struct {
	OrgRef
	IfMatch string `header:"If-Match" doc:"the ETag seen: refused when somebody changed it meanwhile"`
	Body    struct {
		Reason string `json:"reason" doc:"kept in the history" example:"职能并入住建局"`
	}
}

func (s *Server) closeOrg(ctx context.Context, in *closeOrgInput) (*nothing, error) {
	seen, err := version(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return nil, s.Areas.CloseOrg(ctx, actor(ctx), area.CloseOrg{Code: in.Code, Version: seen, Reason: in.Body.Reason})
}

func (s *Server) orgHistory(ctx context.Context, in *OrgRef) (*historyOutput, error) {
	return s.areaHistory(ctx, &areaInput{Code: in.Code})
}

func (s *Server) orgTeam(ctx context.Context, in *OrgRef) (*teamOutput, error) {
	return s.team(ctx, &areaInput{Code: in.Code})
}
