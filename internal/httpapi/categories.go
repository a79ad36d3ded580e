package httpapi

import (
	"context"
	"net/http"

	"linli/internal/category"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// categoryView is a category in words.
type categoryView struct {
	Code         string            `json:"code" example:"02.04.01"`
	Title        lang.Text         `json:"title"`
	Full         string            `json:"full" doc:"titles from the class down, in the asker's language" example:"公用设施 / 照明 / 路灯不亮"`
	Parent       string            `json:"parent,omitempty"`
	Leaf         bool              `json:"leaf" doc:"nothing below: what a sorted case should have"`
	Duty         map[string]string `json:"duty,omitempty" doc:"level -> function that answers there"`
	Model        string            `json:"model" doc:"governance model its cases follow"`
	Urgency      string            `json:"urgency" enum:"urgent,priority,normal,complex"`
	Kind         string            `json:"kind"`
	Public       bool              `json:"public" doc:"its progress may be shown to everybody"`
	Confidential bool              `json:"confidential"`
	Children     []categoryView    `json:"children,omitempty"`
}

func (s *Server) category(c category.Category, tag lang.Tag) categoryView {
	return categoryView{Code: c.Code, Title: c.Title, Full: s.Cases.Categories().Title(c.Code, string(tag)), Parent: c.Parent, Leaf: c.Leaf, Duty: c.Duty,
		Model: c.Model, Urgency: c.Urgency, Kind: c.Kind, Public: c.Public, Confidential: c.Confidential}
}

type categoriesInput struct {
	Text  string `query:"q" maxLength:"100" doc:"words to search; left out: the whole tree" example:"路灯"`
	Limit int    `query:"limit" minimum:"0" maximum:"200" doc:"most found, 20 when left out"`

	IfNoneMatch string `header:"If-None-Match" doc:"the ETag of what is at hand: 304 when nothing has changed"`
}

type categoriesOutput struct {
	Status int    `header:"-"`
	ETag   string `header:"ETag" doc:"changes with the tree, and with the language it is asked in"`
	Body   *categoriesView
}

type categoriesView struct {
	Version    string         `json:"version" doc:"digest of the tree"`
	Categories []categoryView `json:"categories" doc:"the tree, or what was found, best first"`
}

func (s *Server) categories(ctx context.Context, in *categoriesInput) (*categoriesOutput, error) {
	tree, tag := s.Cases.Categories(), from(ctx).lang
	out := &categoriesOutput{Status: http.StatusOK, ETag: `"` + tree.Version() + "-" + string(tag) + `"`}
	if sameTag(in.IfNoneMatch, out.ETag) {
		out.Status = http.StatusNotModified
		return out, nil
	}
	out.Body = &categoriesView{Version: tree.Version(), Categories: []categoryView{}}
	if in.Text == "" {
		out.Body.Categories = s.categoriesBelow("", tag)
		return out, nil
	}
	limit := in.Limit
	if limit == 0 {
		limit = 20
	}
	for _, c := range tree.Search(in.Text, limit) {
		out.Body.Categories = append(out.Body.Categories, s.category(c, tag))
	}
	return out, nil
}

func (s *Server) categoriesBelow(code string, tag lang.Tag) []categoryView {
	children := s.Cases.Categories().Children(code)
	out := make([]categoryView, 0, len(children))
	for _, c := range children {
		v := s.category(c, tag)
		v.Children = s.categoriesBelow(c.Code, tag)
		out = append(out, v)
	}
	return out
}

type categoryInput struct {
	Code string `path:"code" maxLength:"20" doc:"code" example:"02.04.01"`
}

type categoryOutput struct{ Body categoryView }

func (s *Server) readCategory(ctx context.Context, in *categoryInput) (*categoryOutput, error) {
	c, ok := s.Cases.Categories().Get(in.Code)
	if !ok {
		return nil, fault.Newf(fault.NotFound, "no-category", "没有编码为 %[1]s 的事项分类", "There is no category with the code %[1]s", in.Code)
	}
	v := s.category(c, from(ctx).lang)
	v.Children = s.categoriesBelow(c.Code, from(ctx).lang)
	return &categoryOutput{Body: v}, nil
}

type suggestInput struct {
	Body struct {
		Title string `json:"title,omitempty" example:"路灯不亮"`
		Text  string `json:"text" doc:"the report; the first 20,000 characters are read" example:"小区东门的路灯不亮了,晚上老人走路不安全"`
		Limit int    `json:"limit,omitempty" minimum:"0" maximum:"20" doc:"most suggestions, 5 when left out"`
	}
}

type suggestOutput struct {
	Body struct {
		Suggestions []suggestionView `json:"suggestions" doc:"best first; none when no word of the tree occurs"`
	}
}

// suggestionView is a category a text may be about.
type suggestionView struct {
	Code  string   `json:"code"`
	Full  string   `json:"full" doc:"titles from the class down, in the asker's language"`
	Score float64  `json:"score" doc:"above 0, below 1"`
	Words []string `json:"words" doc:"words of the text that spoke for it, the weightiest first"`
}

func (s *Server) suggest(ctx context.Context, in *suggestInput) (*suggestOutput, error) {
	limit := in.Body.Limit
	if limit == 0 {
		limit = 5
	}
	tree, out := s.Cases.Categories(), &suggestOutput{}
	out.Body.Suggestions = []suggestionView{}
	for _, g := range tree.Suggest(in.Body.Title, in.Body.Text, limit) {
		out.Body.Suggestions = append(out.Body.Suggestions, suggestionView{Code: g.Code, Full: tree.Title(g.Code, string(from(ctx).lang)), Score: g.Score, Words: g.Words})
	}
	return out, nil
}

type functionsOutput struct {
	Body struct {
		Functions []functionView `json:"functions"`
	}
}

// functionView is what units are for (职能).
type functionView struct {
	Key      string     `json:"key" example:"urban-management"`
	Title    lang.Text  `json:"title"`
	County   lang.Text  `json:"county" doc:"ordinary name of the county organisation that carries it"`
	Township *lang.Text `json:"township,omitempty" doc:"ordinary name of the township organisation, where there is one"`
}

func (s *Server) functions(_ context.Context, _ *nothing) (*functionsOutput, error) {
	out := &functionsOutput{}
	for _, f := range s.Cases.Categories().Functions() {
		v := functionView{Key: f.Key, Title: f.Title, County: f.County}
		if f.HasTownship {
			v.Township = &f.Township
		}
		out.Body.Functions = append(out.Body.Functions, v)
	}
	return out, nil
}
