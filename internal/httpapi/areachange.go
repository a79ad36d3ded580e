package httpapi

import (
	"context"
	"encoding/json"
	"fmt"

	"linli/internal/area"
	"linli/internal/area/geo"
	"linli/internal/platform/fault"
)

func decodeJSON(raw []byte, into any) error { return json.Unmarshal(raw, into) }

// ChangeOf are the parameters of every change of one area or organisation.
type ChangeOf struct {
	Code    string `path:"code" maxLength:"40" doc:"code" example:"320682001001003"`
	IfMatch string `header:"If-Match" doc:"the ETag seen: refused when somebody changed it meanwhile"`
}

func (in *ChangeOf) version() (int64, error) { return version(in.IfMatch) }

// changedOutput is the area as it is after the change.
type changedOutput struct {
	ETag string `header:"ETag"`
	Body area.Area
}

func changed(a area.Area, err error) (*changedOutput, error) {
	return &changedOutput{ETag: etag(a.Version), Body: a}, err
}

// pointInput is a position.
type pointInput struct {
	Lat float64 `json:"lat" minimum:"-90" maximum:"90" doc:"latitude in degrees, WGS84" example:"32.3716"`
	Lon float64 `json:"lon" minimum:"-180" maximum:"180" doc:"longitude in degrees, WGS84" example:"120.5734"`
}

func (p *pointInput) point() *area.Point {
	if p == nil {
		return nil
	}
	return &area.Point{Lat: p.Lat, Lon: p.Lon}
}

type createAreaInput struct {
	Body struct {
		Code       string      `json:"code" maxLength:"40" doc:"official code; grids and below: the parent's code and two or three digits" example:"320682001001099"`
		Name       string      `json:"name" doc:"name" example:"第九十九网格"`
		Level      area.Level  `json:"level" enum:"county,township,village,grid,group,building" doc:"rank" example:"grid"`
		Kind       string      `json:"kind,omitempty" doc:"grids: basic or dedicated; zone for a development zone" example:"basic"`
		Parent     string      `json:"parent,omitempty" maxLength:"40" doc:"code of the area above; none for a root" example:"320682001001"`
		Aliases    []string    `json:"aliases,omitempty" maxItems:"50" doc:"other names people use in addresses"`
		Center     *pointInput `json:"center,omitempty"`
		Calendar   string      `json:"calendar,omitempty" maxLength:"60" doc:"working calendar; none: the one above"`
		Population int         `json:"population,omitempty" minimum:"0" maximum:"2000000000"`
		Reason     string      `json:"reason" doc:"kept in the history" example:"新建小区入住"`
	}
}

type createdAreaOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     area.Area
}

func (s *Server) createArea(ctx context.Context, in *createAreaInput) (*createdAreaOutput, error) {
	b := in.Body
	a, err := s.Areas.Create(ctx, actor(ctx), area.CreateArea{Reason: b.Reason, Area: area.Area{Code: b.Code, Name: b.Name, Level: b.Level, Kind: b.Kind,
		Parent: b.Parent, Aliases: b.Aliases, Center: b.Center.point(), Calendar: b.Calendar, Population: b.Population}})
	return &createdAreaOutput{ETag: etag(a.Version), Location: "/api/v1/areas/" + a.Code, Body: a}, err
}

type updateAreaInput struct {
	ChangeOf
	Body struct {
		Kind       *string     `json:"kind,omitempty" doc:"grids: basic or dedicated"`
		Aliases    *[]string   `json:"aliases,omitempty" maxItems:"50" doc:"other names people use in addresses"`
		Center     *pointInput `json:"center,omitempty"`
		Calendar   *string     `json:"calendar,omitempty" maxLength:"60" doc:"working calendar; empty: the one above"`
		Population *int        `json:"population,omitempty" minimum:"0" maximum:"2000000000" example:"912"`
		Reason     string      `json:"reason" doc:"kept in the history" example:"年度核对"`
	}
}

func (s *Server) updateArea(ctx context.Context, in *updateAreaInput) (*changedOutput, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	return changed(s.Areas.Update(ctx, actor(ctx), area.UpdateArea{Code: in.Code, Kind: b.Kind, Aliases: b.Aliases, Center: b.Center.point(),
		Calendar: b.Calendar, Population: b.Population, Version: seen, Reason: b.Reason}))
}

type renameAreaInput struct {
	ChangeOf
	Body struct {
		Name   string `json:"name" example:"安定社区第三网格"`
		Alias  bool   `json:"alias,omitempty" doc:"keep the old name, so that addresses still find it" example:"true"`
		Reason string `json:"reason" doc:"kept in the history" example:"更名批复"`
	}
}

func (s *Server) renameArea(ctx context.Context, in *renameAreaInput) (*changedOutput, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	return changed(s.Areas.Rename(ctx, actor(ctx), area.RenameArea{Code: in.Code, Name: in.Body.Name, Alias: in.Body.Alias, Version: seen, Reason: in.Body.Reason}))
}

type moveAreaInput struct {
	ChangeOf
	Body struct {
		Parent string `json:"parent" maxLength:"40" doc:"code of the new area above" example:"320682001002"`
		Reason string `json:"reason" doc:"kept in the history" example:"区划调整"`
	}
}

func (s *Server) moveArea(ctx context.Context, in *moveAreaInput) (*changedOutput, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	return changed(s.Areas.Move(ctx, actor(ctx), area.MoveArea{Code: in.Code, Parent: in.Body.Parent, Version: seen, Reason: in.Body.Reason}))
}

// partInput is one of the areas that a split leaves.
type partInput struct {
	Code    string    `json:"code" maxLength:"40" doc:"one part may keep the old code" example:"320682001001003"`
	Name    string    `json:"name" example:"第三网格"`
	Aliases []string  `json:"aliases,omitempty" maxItems:"50"`
	Outline *geometry `json:"outline,omitempty" doc:"GeoJSON geometry, WGS84; none: see cut"`
}

type splitAreaInput struct {
	ChangeOf
	Body struct {
		Parts    []partInput       `json:"parts" minItems:"2" maxItems:"100"`
		Cut      bool              `json:"cut,omitempty" doc:"cut the outline into equal parts, in the order of parts"`
		Children map[string]string `json:"children,omitempty" doc:"code of what lies below -> code of the part it goes to; others go by their position, else to the first part"`
		Reason   string            `json:"reason" doc:"kept in the history" example:"户数超过 500"`
	}
}

type areasListOutput struct {
	Body struct {
		Areas []area.Area `json:"areas"`
	}
}

func (s *Server) splitArea(ctx context.Context, in *splitAreaInput) (*areasListOutput, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	cmd := area.SplitArea{Code: in.Code, Cut: in.Body.Cut, Children: in.Body.Children, Version: seen, Reason: in.Body.Reason}
	for i, p := range in.Body.Parts {
		part := area.Part{Code: p.Code, Name: p.Name, Aliases: p.Aliases}
		if p.Outline != nil {
			if part.Outline, err = shapeOf(p.Outline, fmt.Sprintf("parts[%d].outline", i)); err != nil {
				return nil, err
			}
		}
		cmd.Parts = append(cmd.Parts, part)
	}
	out := &areasListOutput{}
	out.Body.Areas, err = s.Areas.Split(ctx, actor(ctx), cmd)
	return out, err
}

// shapeOf reads a geometry of the document.
func shapeOf(g *geometry, field string) (geo.Shape, error) {
	raw, err := json.Marshal(g)
	if err != nil {
		return nil, err
	}
	shape, flaw := geo.ParseShape(raw)
	if flaw != nil {
		return nil, fault.New(fault.Invalid, "invalid-outline", "边界有误", "The outline needs correcting").At(field, flaw.Code, flaw.Text.ZH, flaw.Text.EN)
	}
	return shape, nil
}

type mergeAreasInput struct {
	Body struct {
		From []mergedArea `json:"from" minItems:"2" maxItems:"100" doc:"areas of one level"`
		Into struct {
			Code    string   `json:"code" maxLength:"40" doc:"one of those merged, or a new code" example:"320682001001003"`
			Name    string   `json:"name,omitempty" doc:"of a new area" example:"第三网格"`
			Kind    string   `json:"kind,omitempty"`
			Parent  string   `json:"parent,omitempty" maxLength:"40" doc:"none: that of the first"`
			Aliases []string `json:"aliases,omitempty" maxItems:"50"`
		} `json:"into"`
		Reason string `json:"reason" doc:"kept in the history" example:"网格优化"`
	}
}

// mergedArea is one of the areas that become one.
type mergedArea struct {
	Code    string `json:"code" maxLength:"40" example:"320682001001004"`
	Version int64  `json:"version,omitempty" minimum:"0" doc:"as it was seen; left out: whatever it is"`
}

func (s *Server) mergeAreas(ctx context.Context, in *mergeAreasInput) (*changedOutput, error) {
	b := in.Body
	cmd := area.MergeAreas{Reason: b.Reason, Version: map[string]int64{},
		Into: area.Area{Code: b.Into.Code, Name: b.Into.Name, Kind: b.Into.Kind, Parent: b.Into.Parent, Aliases: b.Into.Aliases}}
	for _, f := range b.From {
		cmd.From = append(cmd.From, f.Code)
		if f.Version > 0 {
			cmd.Version[f.Code] = f.Version
		}
	}
	if a, ok := s.Areas.Tree().Area(cmd.From[0]); ok {
		cmd.Into.Level = a.Level
	}
	return changed(s.Areas.Merge(ctx, actor(ctx), cmd))
}

type closeInput struct {
	ChangeOf
	Body struct {
		Reason string `json:"reason" doc:"kept in the history" example:"整体拆迁"`
	}
}

func (s *Server) closeArea(ctx context.Context, in *closeInput) (*nothing, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	return nil, s.Areas.Close(ctx, actor(ctx), area.CloseArea{Code: in.Code, Version: seen, Reason: in.Body.Reason})
}
