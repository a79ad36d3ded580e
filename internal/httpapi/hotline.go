package httpapi

import (
	"context"
	"slices"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/category"
	"linli/internal/emergency"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

type callerInput struct {
	Phone string `query:"phone" required:"true" maxLength:"40" doc:"the whole number, with or without 86" example:"13800005678"`
}

type callerOutput struct {
	Body struct {
		Cases []CaseRow `json:"cases" doc:"reported from this number, newest first, at most fifty; only those I may read"`
		Open  int       `json:"open" doc:"of all of them"`
		Total int       `json:"total"`
	}
}

func (s *Server) caller(ctx context.Context, in *callerInput) (*callerOutput, error) {
	c, err := s.Cases.Caller(ctx, actor(ctx), in.Phone)
	if err != nil {
		return nil, err
	}
	out := &callerOutput{}
	out.Body.Cases, out.Body.Open, out.Body.Total = make([]CaseRow, 0, len(c.Cases)), c.Open, c.Total
	for _, one := range c.Cases {
		out.Body.Cases = append(out.Body.Cases, s.row(one))
	}
	return out, nil
}

// How much of each kind is shown for a question.
const (
	knownCategories = 6
	knownOffices    = 8
	knownResults    = 5
)

// sourceView is where something that is told comes from, so that it can be looked up and quoted.
type sourceView struct {
	Title lang.Text `json:"title"`
	Ref   string    `json:"ref,omitempty" doc:"address below /api/v1, or version of the data"`
}

// normView is how long a matter may take.
type normView struct {
	Urgency string    `json:"urgency" enum:"urgent,priority,normal,complex"`
	Within  lang.Text `json:"within" doc:"from report to end"`
	Usual   bool      `json:"usual,omitempty" doc:"the urgency that reports of this category get"`
}

// knownCategory is what can be said about a kind of matter.
type knownCategory struct {
	Code         string     `json:"code"`
	Title        lang.Text  `json:"title"`
	Full         string     `json:"full" doc:"titles from the class down, in the asker's language"`
	Kind         string     `json:"kind"`
	Confidential bool       `json:"confidential,omitempty"`
	Public       bool       `json:"public" doc:"its result may be shown to everybody"`
	Model        string     `json:"model" doc:"governance model"`
	ModelTitle   lang.Text  `json:"model_title"`
	Norms        []normView `json:"norms" doc:"overall deadline by urgency"`
	Duty         []dutyView `json:"duty" doc:"whose duty it is, the nearest first"`
	Source       sourceView `json:"source"`
	Basis        string     `json:"basis,omitempty" doc:"the report, law or standard that the model follows"`
}

// dutyView is the office of a level that answers.
type dutyView struct {
	Level        string    `json:"level" enum:"village,township,county"`
	Function     lang.Text `json:"function" doc:"what it is for"`
	Organisation string    `json:"organisation,omitempty" doc:"code of the office that serves my area; left out where none is registered"`
	Name         string    `json:"name,omitempty"`
}

// knownOffice is an organisation that may be asked.
type knownOffice struct {
	Code      string      `json:"code"`
	Name      string      `json:"name"`
	Kind      string      `json:"kind"`
	AreaName  string      `json:"area_name"`
	Functions []lang.Text `json:"functions"`
	Why       lang.Text   `json:"why" doc:"its name has the words, or the category is its duty"`
	Source    sourceView  `json:"source"`
}

// knownResult is how such a matter was answered before, as everybody may read it.
type knownResult struct {
	Number       string     `json:"number"`
	Title        string     `json:"title"`
	Category     string     `json:"category,omitempty"`
	CategoryName string     `json:"category_name,omitempty"`
	AreaName     string     `json:"area_name"`
	EndedAt      time.Time  `json:"ended_at"`
	Answer       string     `json:"answer"`
	Source       sourceView `json:"source"`
}

type knowledgeInput struct {
	Text string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"what somebody asks, in their words" example:"路灯不亮"`
}

type knowledgeOutput struct {
	Body struct {
		Emergency     []emergency.Number `json:"emergency" doc:"numbers that the words point to: hand over first"`
		Categories    []knownCategory    `json:"categories"`
		Organisations []knownOffice      `json:"organisations"`
		Results       []knownResult      `json:"results" doc:"public results with the words, newest first"`
	}
}

// knowledge gathers what is known about a question: what it is and how long it may take, whose duty it is, how it was
// answered before. Every piece names its source.
func (s *Server) knowledge(ctx context.Context, in *knowledgeInput) (*knowledgeOutput, error) {
	out := &knowledgeOutput{}
	b, tag, here := &out.Body, from(ctx).lang, s.Cases.OwnArea(actor(ctx))
	b.Emergency, b.Categories, b.Organisations, b.Results = s.Emergency.Fitting(in.Text), []knownCategory{}, []knownOffice{}, []knownResult{}
	found := s.categoriesAbout(in.Text)
	for _, c := range found {
		b.Categories = append(b.Categories, s.knownCategory(c, tag, here))
	}
	err := s.knownOffices(b.Categories, in.Text, here, &b.Organisations)
	if err != nil {
		return nil, err
	}
	b.Results, err = s.knownResults(ctx, in.Text, found, tag)
	return out, err
}

// knownResults are public results whose titles have the words, then others of the kind that the words suggest.
func (s *Server) knownResults(ctx context.Context, text string, about []category.Category, tag lang.Tag) ([]knownResult, error) {
	out := []knownResult{}
	filters := []casework.PublicFilter{{Text: text, PageSize: 4 * knownResults}}
	if len(about) > 0 && about[0].Leaf {
		filters = append(filters, casework.PublicFilter{Category: about[0].Code, PageSize: 4 * knownResults})
	}
	for _, f := range filters {
		list, _, err := s.Cases.PublicList(ctx, f)
		if fault.HasCode(err, "invalid-filter") {
			continue // a question without any letter, digit or character
		}
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if len(out) == knownResults || r.Answer == "" || slices.ContainsFunc(out, func(k knownResult) bool { return k.Number == r.Number }) {
				continue
			}
			v := knownResult{Number: r.Number, Title: r.Case.Title, Category: r.Case.Category, CategoryName: s.Cases.Categories().Name(r.Case.Category).In(tag), EndedAt: r.Case.EndedAt, Answer: r.Answer,
				Source: sourceView{Title: lang.T("公开的办理结果 "+r.Number, "Public result "+r.Number), Ref: "/public/cases/" + r.Number}}
			if a, ok := s.Areas.Tree().Area(r.Case.Area); ok {
				v.AreaName = a.Name
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// categoriesAbout are those whose titles or words have the text, and those its words suggest.
func (s *Server) categoriesAbout(text string) []category.Category {
	tree := s.Cases.Categories()
	found := tree.Search(text, knownCategories)
	for _, g := range tree.Suggest("", text, knownCategories) {
		if c, ok := tree.Get(g.Code); ok && !slices.ContainsFunc(found, func(f category.Category) bool { return f.Code == c.Code }) {
			found = append(found, c)
		}
	}
	return found[:min(knownCategories, len(found))]
}

func (s *Server) knownCategory(c category.Category, tag lang.Tag, here string) knownCategory {
	tree := s.Cases.Categories()
	v := knownCategory{Code: c.Code, Title: c.Title, Full: tree.Title(c.Code, string(tag)), Kind: c.Kind, Confidential: c.Confidential, Public: c.Public, Model: c.Model,
		Norms: []normView{}, Duty: []dutyView{}, Source: sourceView{Title: lang.T("事项分类 "+c.Code, "Category "+c.Code), Ref: "/categories/" + c.Code}}
	if d, ok := s.Cases.InForce(c.Model, s.DB.Now()); ok {
		v.ModelTitle, v.Basis = d.Title, d.Source
		for _, u := range flow.Urgencies {
			if allow := d.Overall.For(u); !allow.IsNone() {
				v.Norms = append(v.Norms, normView{Urgency: u, Within: allow.Text(), Usual: u == c.Urgency})
			}
		}
	}
	areas := s.Areas.Tree()
	for _, level := range []area.Level{area.Village, area.Township, area.County} {
		key := c.Duty[string(level)]
		f, ok := tree.Function(key)
		if !ok {
			continue
		}
		duty := dutyView{Level: string(level), Function: f.Title}
		if at, ok := areas.At(here, level); ok {
			if org, ok := areas.OrgFor(at.Code, key); ok {
				duty.Organisation, duty.Name = org.Code, org.Name
			}
		}
		v.Duty = append(v.Duty, duty)
	}
	return v
}

// knownOffices are the organisations whose duty one of the categories is, and those whose name has the words.
func (s *Server) knownOffices(found []knownCategory, text, here string, into *[]knownOffice) error {
	tree := s.Areas.Tree()
	add := func(code string, why lang.Text) {
		org, ok := tree.Org(code)
		if !ok || org.Closed || len(*into) == knownOffices || slices.ContainsFunc(*into, func(k knownOffice) bool { return k.Code == code }) {
			return
		}
		v := knownOffice{Code: org.Code, Name: org.Name, Kind: org.Kind, Why: why, Functions: []lang.Text{},
			Source: sourceView{Title: lang.T("组织名录", "Register of organisations"), Ref: "/organisations/" + org.Code}}
		if a, ok := tree.Area(org.Area); ok {
			v.AreaName = a.Name
		}
		for _, key := range org.Functions() {
			if f, ok := s.Cases.Categories().Function(key); ok {
				v.Functions = append(v.Functions, f.Title)
			}
		}
		*into = append(*into, v)
	}
	for _, c := range found {
		for _, d := range c.Duty {
			add(d.Organisation, lang.T("“"+c.Title.ZH+"”归它管", "“"+c.Title.EN+"” is its duty"))
		}
	}
	named, _, err := tree.FindOrgs(area.OrgQuery{Text: text, Serving: here, Limit: knownOffices})
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return nil // no areas have been imported yet
		}
		return err
	}
	for _, org := range named {
		add(org.Code, lang.T("名称相符", "its name has the words"))
	}
	return nil
}

type emergencyInput struct {
	Text string `query:"q" maxLength:"200" doc:"what the caller says: fitting then lists the numbers its words point to" example:"厨房着火了"`
}

type emergencyOutput struct {
	Body struct {
		emergency.List
		Fitting []string `json:"fitting" doc:"numbers that the words point to, danger first"`
	}
}

func (s *Server) emergencyNumbers(_ context.Context, in *emergencyInput) (*emergencyOutput, error) {
	out := &emergencyOutput{}
	out.Body.List, out.Body.Fitting = *s.Emergency, []string{}
	for _, n := range s.Emergency.Fitting(in.Text) {
		out.Body.Fitting = append(out.Body.Fitting, n.Number)
	}
	return out, nil
}
