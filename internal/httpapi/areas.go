package httpapi

import (
	"context"

	"linli/internal/area"
	"linli/internal/area/geo"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// PageOf are the parameters of every list that comes by pages.
type PageOf struct {
	After    string `query:"after" maxLength:"300" doc:"the next of the page before"`
	PageSize int    `query:"page_size" minimum:"0" maximum:"500" doc:"1 to 500, 50 when left out" example:"50"`
}

type areasInput struct {
	Parent string `query:"parent" maxLength:"40" doc:"code: directly below this area" example:"320682001"`
	Under  string `query:"under" maxLength:"40" doc:"code: this area and all below it"`
	Text   string `query:"q" maxLength:"100" doc:"part of the name or of another name, or the beginning of the code" example:"安定"`
	Level  string `query:"level" maxLength:"20" doc:"county, township, village, grid, group or building"`
	Closed bool   `query:"closed" doc:"closed areas too"`
	PageOf
}

type areasOutput struct {
	Body struct {
		Areas []area.Area `json:"areas" doc:"by path"`
		Next  string      `json:"next,omitempty" doc:"cursor of the next page; left out on the last"`
	}
}

func (s *Server) listAreas(_ context.Context, in *areasInput) (*areasOutput, error) {
	out := &areasOutput{}
	var err error
	out.Body.Areas, out.Body.Next, err = s.Areas.Tree().Find(area.AreaQuery{Parent: in.Parent, Under: in.Under, Text: in.Text, Level: in.Level, Closed: in.Closed, After: in.After, Limit: in.PageSize})
	return out, err
}

type areaInput struct {
	Code string `path:"code" maxLength:"40" doc:"code of the area" example:"320682001001003"`
}

// areaView is an area with what surrounds it.
type areaView struct {
	area.Area
	FullName  string      `json:"full_name" example:"如皋市 如城街道 安定社区 第三网格"`
	LevelName string      `json:"level_name" doc:"the level in the asker's language" example:"网格"`
	Ancestors []area.Area `json:"ancestors" doc:"from the root down"`
	Current   []area.Area `json:"current,omitempty" doc:"of a closed area: the open ones that hold its ground now"`
	Children  int         `json:"children" doc:"open areas directly below"`
	Orgs      []area.Org  `json:"organisations" doc:"open, attached to this very area"`
	Outlined  bool        `json:"outlined" doc:"an outline is stored, see …/outline"`
}

type areaOutput struct {
	ETag string `header:"ETag"`
	Body areaView
}

func (s *Server) readArea(ctx context.Context, in *areaInput) (*areaOutput, error) {
	tree := s.Areas.Tree()
	a, ok := tree.Area(in.Code)
	if !ok {
		return nil, errNoArea(in.Code)
	}
	v := areaView{Area: a, FullName: tree.FullName(a.Code), LevelName: a.Level.Name().In(from(ctx).lang), Ancestors: tree.Ancestors(a.Code), Orgs: []area.Org{}}
	if v.Ancestors == nil {
		v.Ancestors = []area.Area{}
	}
	if a.Closed {
		v.Current = tree.Current(a.Code)
	}
	for _, c := range tree.Children(a.Code) {
		if !c.Closed {
			v.Children++
		}
	}
	for _, o := range tree.Orgs(a.Code) {
		if !o.Closed {
			v.Orgs = append(v.Orgs, o)
		}
	}
	_, v.Outlined = s.Areas.Outline(a.Code)
	return &areaOutput{ETag: etag(a.Version), Body: v}, nil
}

func errNoArea(code string) error {
	return fault.Newf(fault.NotFound, "area-unknown", "没有编码为 %[1]s 的区域", "There is no area with the code %[1]s", code)
}

type outlineOutput struct {
	ContentType string `header:"Content-Type"`
	Body        outlineFeature
}

// outlineFeature is an outline as GeoJSON.
type outlineFeature struct {
	Type       string         `json:"type" enum:"Feature"`
	Properties map[string]any `json:"properties" doc:"code, name, datum it came in, source"`
	Geometry   geometry       `json:"geometry"`
}

// geometry is a GeoJSON geometry in the document; the service reads and checks it.
type geometry struct {
	Type        string `json:"type" enum:"Polygon,MultiPolygon"`
	Coordinates any    `json:"coordinates" doc:"rings of [longitude, latitude], WGS84"`
}

func (s *Server) outline(_ context.Context, in *areaInput) (*outlineOutput, error) {
	o, ok := s.Areas.Outline(in.Code)
	if !ok {
		return nil, fault.Newf(fault.NotFound, "no-outline", "%[1]s 没有边界", "There is no outline of %[1]s", in.Code)
	}
	g, err := geometryOf(o.Shape)
	if err != nil {
		return nil, err
	}
	name := ""
	if a, ok := s.Areas.Tree().Area(in.Code); ok {
		name = a.Name
	}
	return &outlineOutput{ContentType: "application/geo+json", Body: outlineFeature{Type: "Feature", Geometry: g,
		Properties: map[string]any{"code": o.Code, "name": name, "datum": o.Datum, "source": o.Source}}}, nil
}

type outlinesOutput struct {
	ContentType string `header:"Content-Type"`
	Body        struct {
		Type     string           `json:"type" enum:"FeatureCollection"`
		Features []outlineFeature `json:"features" doc:"of the area itself, then of those directly below it, in their order; those without an outline are left out"`
	}
}

// mostOutlines bounds one answer; an area has a few dozen below it.
const mostOutlines = 200

// outlines are those of an area and of what lies directly below it, so that a map asks once.
func (s *Server) outlines(ctx context.Context, in *areaInput) (*outlinesOutput, error) {
	tree := s.Areas.Tree()
	if _, ok := tree.Area(in.Code); !ok {
		return nil, errNoArea(in.Code)
	}
	out := &outlinesOutput{ContentType: "application/geo+json"}
	out.Body.Type, out.Body.Features = "FeatureCollection", []outlineFeature{}
	add := func(code string) error {
		if _, ok := s.Areas.Outline(code); !ok {
			return nil
		}
		one, err := s.outline(ctx, &areaInput{Code: code})
		if err == nil {
			out.Body.Features = append(out.Body.Features, one.Body)
		}
		return err
	}
	if err := add(in.Code); err != nil {
		return nil, err
	}
	for _, a := range tree.Children(in.Code) {
		if a.Closed || len(out.Body.Features) == mostOutlines {
			continue
		}
		if err := add(a.Code); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type historyOutput struct {
	Body struct {
		Entries []area.Entry `json:"entries" doc:"oldest first"`
	}
}

func (s *Server) areaHistory(ctx context.Context, in *areaInput) (*historyOutput, error) {
	out := &historyOutput{}
	var err error
	out.Body.Entries, err = s.Areas.History(ctx, actor(ctx), in.Code)
	if out.Body.Entries == nil {
		out.Body.Entries = []area.Entry{}
	}
	return out, err
}

type teamOutput struct {
	Body struct {
		Posts []staff.PostView `json:"posts" doc:"in the order of the roles file"`
	}
}

func (s *Server) team(ctx context.Context, in *areaInput) (*teamOutput, error) {
	out := &teamOutput{}
	var err error
	out.Body.Posts, err = s.Staff.Team(actor(ctx), in.Code, s.DB.Now())
	return out, err
}

type boardOutput struct {
	Body struct {
		Code     string           `json:"code"`
		Name     string           `json:"name"`
		FullName string           `json:"full_name"`
		Level    area.Level       `json:"level"`
		Team     []staff.PostView `json:"team" doc:"posts that every such area must have, with the names that stand on the board at the corner; no phones"`
		Open     int              `json:"open" doc:"matters under way here or below, confidential ones not counted"`
		Notices  []NoticeView     `json:"notices" doc:"for residents, of this area and those above: pinned ones first, then the newest"`
		Duty     []dutyPhoneView  `json:"duty" doc:"duty phones one can call, of the nearest place first; empty while none is set"`
	}
}

// noticeBoard is the public notice (公示牌) of an area.
func (s *Server) noticeBoard(ctx context.Context, in *areaInput) (*boardOutput, error) {
	out := &boardOutput{}
	var err error
	if out.Body.Team, err = s.Staff.Board(in.Code, s.DB.Now()); err != nil {
		return nil, err
	}
	if out.Body.Open, err = s.Cases.OpenMatters(ctx, in.Code); err != nil {
		return nil, err
	}
	if out.Body.Notices, err = s.noticesShown(s.Board.Shown(ctx, actor(ctx), in.Code, false)); err != nil {
		return nil, err
	}
	if out.Body.Duty, err = s.dutiesShown(s.Board.Duties(ctx, in.Code)); err != nil {
		return nil, err
	}
	tree := s.Areas.Tree()
	a, _ := tree.Area(in.Code)
	out.Body.Code, out.Body.Name, out.Body.FullName, out.Body.Level = a.Code, a.Name, tree.FullName(a.Code), a.Level
	return out, nil
}

type placesInput struct {
	Area string `query:"area" maxLength:"40" doc:"code: stored as lying in this area or below"`
	Text string `query:"q" maxLength:"100" doc:"part of a name, or the beginning of the code"`
	PageOf
}

type placesOutput struct {
	Body struct {
		Places []area.NamedPlace `json:"places" doc:"by code"`
		Next   string            `json:"next,omitempty" doc:"cursor of the next page; left out on the last"`
	}
}

func (s *Server) listPlaces(_ context.Context, in *placesInput) (*placesOutput, error) {
	out := &placesOutput{}
	var err error
	out.Body.Places, out.Body.Next, err = s.Areas.FindPlaces(area.PlaceQuery{Area: in.Area, Text: in.Text, After: in.After, Limit: in.PageSize})
	return out, err
}

// geometryOf writes a shape for the document.
func geometryOf(s geo.Shape) (g geometry, err error) {
	raw, err := s.MarshalJSON()
	if err != nil {
		return g, err
	}
	return g, decodeJSON(raw, &g)
}
