package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/category"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// What of the areas is taken along is bounded; nobody walks about with a whole county.
const (
	mostFieldAreas  = 500
	mostFieldPlaces = 500
)

// fieldView is what somebody takes along to work without signal: their own posts' areas, colleagues and hand-overs.
type fieldView struct {
	At         time.Time       `json:"at" doc:"as of this moment"`
	Posts      []postView      `json:"posts" doc:"my own, by which everything here was chosen"`
	Areas      []fieldArea     `json:"areas" doc:"of my posts and directly below; below grids everything"`
	Team       []fieldMate     `json:"team" doc:"who else answers there: my areas, those above up to the township, my organisation"`
	Places     []fieldPlace    `json:"places" doc:"names of places in my villages and grids"`
	Tasks      []caseView      `json:"tasks" doc:"cases with an open hand-over of my posts, first to fall due first, with what I may do and its forms"`
	Notices    []NoticeView    `json:"notices" doc:"what stands on the boards of my places now, for residents and for staff; pinned ones first, then the newest"`
	Duty       []dutyPhoneView `json:"duty" doc:"duty phones of my places and those above, the nearest first"`
	Units      []fieldUnit     `json:"units" doc:"organisations that serve my places and those of the cases taken along: whom a form may name as a unit"`
	Addressees []addresseeView `json:"addressees" doc:"posts there: whom a form may name as a post"`
	Categories []fieldCategory `json:"categories" doc:"the tree, briefly"`
	Recent     []string        `json:"recent_categories" doc:"codes of the categories I used lately, the most used first"`
	Models     []fieldModel    `json:"models"`
	Budget     budgetView      `json:"budget" doc:"as of the moment above; see my-budget for now"`
	More       []string        `json:"more,omitempty" doc:"what there is more of than is taken along: areas, places, tasks, units, addressees"`
}

// fieldArea is an area as it is taken along.
type fieldArea struct {
	Code     string      `json:"code"`
	Name     string      `json:"name"`
	Level    area.Level  `json:"level"`
	Kind     string      `json:"kind,omitempty" doc:"grids: basic or dedicated"`
	Parent   string      `json:"parent,omitempty"`
	Path     string      `json:"path"`
	FullName string      `json:"full_name"`
	Own      bool        `json:"own,omitempty" doc:"of one of my posts; the others lie below"`
	Centre   *area.Point `json:"centre,omitempty" doc:"WGS84"`
	Outline  *geometry   `json:"outline,omitempty" doc:"GeoJSON geometry, WGS84; of villages and what is below, where one is stored"`
}

// fieldMate is somebody who answers for a post, or a post that somebody else answers for.
type fieldMate struct {
	Post    staff.Post `json:"post"`
	Title   lang.Text  `json:"title"`
	Place   string     `json:"place"`
	Path    string     `json:"path"`
	Name    string     `json:"name" doc:"empty while the post is vacant"`
	Account string     `json:"account,omitempty" doc:"where I may see people: to ask for the whole number by show-phone"`
	Phone   string     `json:"phone,omitempty" doc:"masked, where I may see people"`
	Deputy  bool       `json:"deputy,omitempty"`
	Cover   *postView  `json:"cover,omitempty" doc:"who answers while it is vacant"`
}

// fieldPlace is a name of a place.
type fieldPlace struct {
	Code    string      `json:"code"`
	Name    string      `json:"name"`
	Aliases []string    `json:"aliases,omitempty"`
	Kind    string      `json:"kind,omitempty"`
	Area    string      `json:"area,omitempty"`
	At      *area.Point `json:"at,omitempty" doc:"WGS84"`
}

// fieldCategory is a category, briefly.
type fieldCategory struct {
	Code         string          `json:"code"`
	Title        lang.Text       `json:"title"`
	Urgency      string          `json:"urgency" enum:"urgent,priority,normal,complex"`
	Kind         string          `json:"kind"`
	Confidential bool            `json:"confidential,omitempty"`
	Words        []string        `json:"words,omitempty" doc:"words of a report that speak for it, to suggest it without signal"`
	Children     []fieldCategory `json:"children,omitempty"`
}

// fieldModel is a governance model by name, with the titles of its stages.
type fieldModel struct {
	ID     string      `json:"id" example:"seven-step@2026.1"`
	Title  lang.Text   `json:"title"`
	Stages []stageView `json:"stages"`
}

type fieldInput struct {
	IfNoneMatch string `header:"If-None-Match" doc:"the ETag of the package at hand: 304 when nothing has changed"`
}

type fieldOutput struct {
	Status int    `header:"-"`
	ETag   string `header:"ETag" doc:"changes with everything but the moment and the budget"`
	Body   *fieldView
}

func (s *Server) fieldPackage(ctx context.Context, in *fieldInput) (*fieldOutput, error) {
	who, tag := actor(ctx), ""
	notices, err := s.noticesShown(s.Board.ShownTo(ctx, who))
	if err != nil {
		return nil, err
	}
	duty, err := s.fieldDuty(ctx, who)
	if err != nil {
		return nil, err
	}
	work, err := s.Cases.FieldWork(ctx, who, func(mark string) bool {
		tag = s.fieldTag(ctx, mark, notices, duty)
		return sameTag(in.IfNoneMatch, tag)
	})
	if err != nil {
		return nil, err
	}
	if sameTag(in.IfNoneMatch, tag) {
		return &fieldOutput{Status: http.StatusNotModified, ETag: tag}, nil
	}
	budget, err := s.Cases.DataBudget(ctx, who)
	if err != nil {
		return nil, err
	}
	v := &fieldView{At: s.DB.Now(), Posts: []postView{}, Areas: []fieldArea{}, Team: []fieldMate{}, Places: []fieldPlace{}, Tasks: []caseView{},
		Notices: notices, Duty: duty, Units: []fieldUnit{}, Addressees: []addresseeView{},
		Categories: s.fieldCategories(""), Recent: work.Recent, Models: []fieldModel{}, Budget: budgetOf(budget)}
	for _, p := range who.Posts() {
		v.Posts = append(v.Posts, s.postOf(p))
	}
	if err := s.fieldGround(v, who); err != nil {
		return nil, err
	}
	if err := s.fieldTeam(v, who); err != nil {
		return nil, err
	}
	for _, t := range work.Tasks {
		v.Tasks = append(v.Tasks, s.full(t))
	}
	s.fieldAddressees(v, who, work.Tasks)
	if work.More {
		v.More = append(v.More, "tasks")
	}
	for _, d := range s.Cases.Models().All() {
		m := fieldModel{ID: d.ID(), Title: d.Title, Stages: []stageView{}}
		for _, st := range d.Stages {
			m.Stages = append(m.Stages, stageView{Name: st.Name, Title: st.Title})
		}
		v.Models = append(v.Models, m)
	}
	return &fieldOutput{Status: http.StatusOK, ETag: tag, Body: v}, nil
}

// fieldTag names a state of the package: of the work, of the world around it, and of the program that words it.
func (s *Server) fieldTag(ctx context.Context, mark string, around ...any) string {
	sum := sha256.New()
	if err := json.NewEncoder(sum).Encode(around); err != nil {
		fmt.Fprintln(sum, err) // such a tag is another one each time
	}
	fmt.Fprintln(sum, mark, s.Version, from(ctx).lang, s.Areas.Tree().Version(), s.Staff.Version(), s.Cases.Categories().Version(), actor(ctx).ID(), actor(ctx).Posts())
	for _, d := range s.Cases.Models().All() {
		fmt.Fprintln(sum, d.Digest)
	}
	return fmt.Sprintf(`W/"%x"`, sum.Sum(nil)[:16])
}

// sameTag tells whether a tag is among those of an If-None-Match header, weakly compared.
func sameTag(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// fieldGround takes along the areas of the posts and the places in them.
func (s *Server) fieldGround(v *fieldView, who *staff.Actor) error {
	tree, seen := s.Areas.Tree(), map[string]bool{}
	var walked []string // paths of villages and grids of one's own
	take := func(a area.Area, own bool) error {
		if seen[a.Code] || a.Closed {
			return nil
		}
		if len(v.Areas) == mostFieldAreas {
			v.more("areas")
			return nil
		}
		seen[a.Code] = true
		f := fieldArea{Code: a.Code, Name: a.Name, Level: a.Level, Kind: a.Kind, Parent: a.Parent, Path: a.Path, FullName: tree.FullName(a.Code), Own: own, Centre: a.Center}
		if o, ok := s.Areas.Outline(a.Code); ok && a.Level.Depth() >= area.Village.Depth() {
			g, err := geometryOf(o.Shape)
			if err != nil {
				return err
			}
			f.Outline = &g
			if f.Centre == nil {
				centre := o.Shape.Center()
				f.Centre = &centre
			}
		}
		v.Areas = append(v.Areas, f)
		return nil
	}
	for _, p := range who.Posts() {
		a, ok := tree.Area(p.Place())
		if !ok {
			continue // of an organisation: its people go anywhere
		}
		below := tree.Children(a.Code)
		if a.Level.Depth() >= area.Grid.Depth() {
			below = tree.Under(a.Path)
		}
		if a.Level.Depth() >= area.Village.Depth() {
			walked = append(walked, a.Path)
		}
		for i, b := range append([]area.Area{a}, below...) {
			if err := take(b, i == 0); err != nil {
				return err
			}
		}
	}
	s.fieldPlaces(v, walked)
	return nil
}

// more notes that there is more of something than is taken along.
func (v *fieldView) more(what string) {
	if !slices.Contains(v.More, what) {
		v.More = append(v.More, what)
	}
}

func (s *Server) fieldPlaces(v *fieldView, walked []string) {
	tree := s.Areas.Tree()
	within := func(code string) bool {
		path := tree.Path(code)
		return path != "" && slices.ContainsFunc(walked, func(above string) bool { return area.Within(path, above) })
	}
	if len(walked) == 0 {
		return
	}
	for _, p := range s.Areas.Places() {
		in := p.Area
		if p.At != nil && !within(in) {
			in = s.Areas.Locate(area.Place{Lat: p.At.Lat, Lon: p.At.Lon, HasPoint: true}).Area
		}
		if !within(in) {
			continue
		}
		if len(v.Places) == mostFieldPlaces {
			v.more("places")
			return
		}
		v.Places = append(v.Places, fieldPlace{Code: p.Code, Name: p.Name, Aliases: p.Aliases, Kind: p.Kind, Area: in, At: p.At})
	}
}

// fieldTeam takes along who else answers: where the actor may see people with masked phones, elsewhere as the notice
// board says, with names only.
func (s *Server) fieldTeam(v *fieldView, who *staff.Actor) error {
	tree, now := s.Areas.Tree(), s.DB.Now()
	var places []string
	for _, p := range who.Posts() {
		code := p.Place()
		places = append(places, code)
		above := tree.Ancestors(code)
		slices.Reverse(above)
		for _, a := range above {
			if a.Level.Depth() >= area.Township.Depth() {
				places = append(places, a.Code)
			}
		}
	}
	seen := map[string]bool{}
	for _, code := range places {
		if seen[code] {
			continue
		}
		seen[code] = true
		_, org := tree.Org(code)
		var posts []staff.PostView
		var err error
		switch {
		case who.May(staff.StaffRead, tree.Path(code)) || who.MayOrg(staff.StaffRead, code):
			posts, err = s.Staff.Team(who, code, now)
		case !org && code != staff.Everywhere:
			posts, err = s.Staff.Board(code, now)
		}
		if err != nil {
			return err
		}
		v.mates(s, posts)
	}
	for _, p := range who.Posts() { // those who hold the same post know one another
		if !slices.ContainsFunc(v.Team, func(m fieldMate) bool { return m.Post == p && m.Account != "" }) && tree.Path(p.Place()) != "" {
			own, err := s.Staff.ReadPost(who, p, now)
			if err != nil {
				return err
			}
			v.Team = slices.DeleteFunc(v.Team, func(m fieldMate) bool { return m.Post == p })
			v.mates(s, []staff.PostView{own})
		}
	}
	return nil
}

func (v *fieldView) mates(s *Server, posts []staff.PostView) {
	for _, p := range posts {
		m := fieldMate{Post: p.Post, Title: p.Title, Place: p.Place, Path: p.Path}
		if len(p.Holders) == 0 {
			if cover := s.Staff.Cover(p.Post, v.At); !cover.Nobody && cover.Holder != p.Post {
				holder := s.postOf(cover.Holder)
				m.Cover = &holder
			}
			v.Team = append(v.Team, m)
			continue
		}
		for _, h := range p.Holders {
			one := m
			one.Name, one.Account, one.Phone, one.Deputy = h.Name, h.Account, h.Phone, h.Deputy
			v.Team = append(v.Team, one)
		}
	}
}

func (s *Server) fieldCategories(parent string) []fieldCategory {
	children := s.Cases.Categories().Children(parent)
	out := make([]fieldCategory, 0, len(children))
	for _, c := range children {
		out = append(out, s.fieldCategory(c))
	}
	return out
}

func (s *Server) fieldCategory(c category.Category) fieldCategory {
	f := fieldCategory{Code: c.Code, Title: c.Title, Urgency: c.Urgency, Kind: c.Kind, Confidential: c.Confidential, Words: c.Words}
	if !c.Leaf {
		f.Children = s.fieldCategories(c.Code)
	}
	return f
}

// budgetView is how much data an account may still send today.
type budgetView struct {
	Used     int64     `json:"used" doc:"bytes of attachments since midnight, Beijing time"`
	Limit    int64     `json:"limit" doc:"bytes a day; 0: not bounded"`
	ResetsAt time.Time `json:"resets_at"`
}

func budgetOf(b casework.Budget) budgetView {
	return budgetView{Used: b.Used, Limit: b.Limit, ResetsAt: b.ResetsAt}
}

type budgetOutput struct{ Body budgetView }

func (s *Server) myBudget(ctx context.Context, _ *nothing) (*budgetOutput, error) {
	b, err := s.Cases.DataBudget(ctx, actor(ctx))
	return &budgetOutput{Body: budgetOf(b)}, err
}
