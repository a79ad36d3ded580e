package httpapi

import (
	"context"
	"time"

	"linli/internal/casework"
	"linli/internal/platform/lang"
)

// publicListRoutes: results for everybody to read.
func (s *Server) publicListRoutes() {
	add(s, operation{get, v1 + "/public/cases", "list-published", anybody, "public", "Public results, or public matters under way, newest first", "Of results words are looked for in titles; of matters under way in the names of category, area and unit, since their words are public only once they have ended. A page may be short and still have a next one.", 0, 0}, s.listPublished)
}

type publicListInput struct {
	State    string `query:"state" enum:"ended,open" doc:"ended when left out: results. open: what is under way, in open"`
	Text     string `query:"q" maxLength:"200" doc:"words of the title, two characters are enough; or a case number" example:"路灯"`
	Area     string `query:"area" maxLength:"40" doc:"code: in this area or below"`
	Category string `query:"category" maxLength:"20" doc:"code: this category or below"`
	After    string `query:"after" maxLength:"300" doc:"the next of the page before"`
	PageSize int    `query:"page_size" doc:"1 to 50, 20 when left out"`
}

type publicListOutput struct {
	Body struct {
		Cases []resultView `json:"cases" doc:"results"`
		Open  []openView   `json:"open,omitempty" doc:"with state open: what is under way"`
		Next  string       `json:"next,omitempty" doc:"cursor of the next page; left out on the last"`
	}
}

// resultView is a public result.
type resultView struct {
	Number       string       `json:"number" doc:"read all of it by …/public/cases/{number}" example:"320682-2026-000123"`
	Title        string       `json:"title"`
	Category     string       `json:"category" doc:"code"`
	CategoryName string       `json:"category_name"`
	Area         string       `json:"area"`
	AreaName     string       `json:"area_name"`
	ReceivedAt   time.Time    `json:"received_at"`
	EndedAt      time.Time    `json:"ended_at"`
	Outcome      lang.Text    `json:"outcome" doc:"how it ended"`
	Answer       string       `json:"answer" doc:"the public words of the last answer; empty where nothing was said"`
	Rating       int          `json:"rating,omitempty" doc:"1 to 5, by the reporter"`
	Files        []resultFile `json:"files" doc:"public pictures, in the order they came"`
}

// resultFile is a public picture.
type resultFile struct {
	ID    string `json:"id"`
	Use   string `json:"use" doc:"evidence, before, after, answer or other"`
	Thumb string `json:"thumb" doc:"address of the picture as the public sees it" example:"/api/v1/files/0193a5f0-7c1e-7000-8000-000000000009"`
}

// openView is a public matter under way: nothing of what was said in it.
type openView struct {
	Number       string     `json:"number" example:"320682-2026-000123"`
	Category     string     `json:"category" doc:"code"`
	CategoryName string     `json:"category_name" example:"路灯"`
	Area         string     `json:"area"`
	AreaName     string     `json:"area_name"`
	Received     string     `json:"received" format:"date" doc:"the day it came, Beijing time"`
	Stage        lang.Text  `json:"stage" doc:"where it is"`
	Unit         lang.Text  `json:"unit" doc:"who has it, by the name of the unit or area"`
	DueAt        *time.Time `json:"due_at,omitempty" doc:"by when this stage is to be done; left out without a clock and while it stands"`
	Paused       bool       `json:"paused,omitempty"`
}

func (s *Server) listPublicOpen(ctx context.Context, f casework.PublicFilter) (*publicListOutput, error) {
	list, next, err := s.Cases.PublicOpen(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &publicListOutput{}
	out.Body.Cases, out.Body.Open, out.Body.Next = []resultView{}, make([]openView, 0, len(list)), next
	tree, tag := s.Areas.Tree(), from(ctx).lang
	for i := range list {
		m := &list[i]
		a, _ := tree.Area(m.Area)
		out.Body.Open = append(out.Body.Open, openView{Number: m.Number, Category: m.Category, CategoryName: s.Cases.Categories().Name(m.Category).In(tag),
			Area: m.Area, AreaName: a.Name, Received: m.Received, Stage: m.Stage, Unit: m.Unit, DueAt: when(m.DueAt), Paused: m.Paused})
	}
	return out, nil
}

func (s *Server) listPublished(ctx context.Context, in *publicListInput) (*publicListOutput, error) {
	filter := casework.PublicFilter{Text: in.Text, Area: in.Area, Category: in.Category, After: in.After, PageSize: in.PageSize}
	if in.State == "open" {
		return s.listPublicOpen(ctx, filter)
	}
	list, next, err := s.Cases.PublicList(ctx, filter)
	if err != nil {
		return nil, err
	}
	out := &publicListOutput{}
	out.Body.Cases, out.Body.Next = make([]resultView, 0, len(list)), next
	tree, tag := s.Areas.Tree(), from(ctx).lang
	for _, r := range list {
		c := r.Case
		v := resultView{Number: r.Number, Title: c.Title, Category: c.Category, CategoryName: s.Cases.Categories().Name(c.Category).In(tag), Area: c.Area,
			ReceivedAt: c.ReceivedAt, EndedAt: c.EndedAt, Outcome: r.Outcome, Answer: r.Answer, Rating: c.Rating, Files: make([]resultFile, 0, len(r.Files))}
		if a, ok := tree.Area(c.Area); ok {
			v.AreaName = a.Name
		}
		for _, f := range r.Files {
			v.Files = append(v.Files, resultFile{ID: f.ID, Use: f.Use, Thumb: v1 + "/files/" + f.ID})
		}
		out.Body.Cases = append(out.Body.Cases, v)
	}
	return out, nil
}
