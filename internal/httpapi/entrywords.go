package httpapi

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// saidView is one thing that an entry says, in words: what was filled in, or a fact and what it became. It says nothing
// that the data of the entry, as the reader gets it, does not say.
type saidView struct {
	Key   string         `json:"key" doc:"of the form's field or of the fact; case or task N: a deadline that was moved" example:"urgency"`
	Type  flow.FieldType `json:"type" doc:"of the field; text and line are as somebody wrote them"`
	Title lang.Text      `json:"title" doc:"the field as its model calls it"`
	From  *lang.Text     `json:"from,omitempty" doc:"what it was before, of what was changed"`
	To    lang.Text      `json:"to" doc:"what was filled in, or what it became"`
}

// factTitles name the facts of a case that a correction changes, where its form does not ask for them.
var factTitles = map[string]lang.Text{"category": lang.T("分类", "Category"), "area": lang.T("区域", "Area"), "urgency": lang.T("缓急", "Urgency"),
	"confidential": lang.T("保密", "Confidential"), "public": lang.T("公开", "Public")}

// attachForm is what the program's own entry about a file says besides its name.
var attachForm = []flow.FormField{{Field: flow.Field{Key: "use", Title: lang.T("用途", "Use"), Type: flow.TypeChoice, Choices: []flow.Choice{
	{Value: "evidence", Title: lang.T("现场", "On site")}, {Value: "before", Title: lang.T("处理前", "Before")},
	{Value: "after", Title: lang.T("处理后", "After")}, {Value: "answer", Title: lang.T("答复", "Answer")}, {Value: "other", Title: lang.T("其他", "Other")}}}}}

// beijing is the country's one time zone.
var beijing = time.FixedZone("CST", 8*60*60)

// said puts into words what an entry says, in the order of the form; a is the action as the case's model has it.
func (s *Server) said(e *casework.Entry, a *flow.Action, c *casework.Case) []saidView {
	var form []flow.FormField
	switch {
	case a != nil:
		form = a.Form
	case e.Action == "attach":
		form = attachForm
	}
	var out []saidView
	told := map[string]bool{}
	for i := range form {
		f := &form[i].Field
		told[f.Key] = true
		if change, ok := e.Data.Fields[f.Key]; ok {
			out = append(out, s.changed(f, change))
			continue
		}
		_, fact := factTitles[f.Key]
		if fact && a != nil && a.Op == flow.OpCorrect {
			continue // it was that already
		}
		if v, ok := e.Data.Form[f.Key]; ok {
			if to := s.valueWords(f, v, c); !to.Empty() {
				out = append(out, saidView{Key: f.Key, Type: typeOfWords(f), Title: f.Title, To: to})
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(e.Data.Fields)) {
		if !told[key] {
			out = append(out, s.changed(&flow.Field{Key: key, Title: word(factTitles, key), Type: flow.TypeLine}, e.Data.Fields[key]))
		}
	}
	if a != nil && a.Op == flow.OpTake {
		return out // that the time to handle it begins goes without saying
	}
	for _, key := range slices.Sorted(maps.Keys(e.Data.Clock)) {
		out = append(out, movedDeadline(key, e.Data.Clock[key]))
	}
	return out
}

// typeOfWords is the type of a field; a code put into words is nothing anybody wrote.
func typeOfWords(f *flow.Field) flow.FieldType {
	if f.Type == flow.TypeLine && slices.Contains([]string{"category", "area", "urgency"}, f.Key) {
		return flow.TypeChoice
	}
	return f.Type
}

func (s *Server) changed(f *flow.Field, change [2]any) saidView {
	known := *f
	if _, yes := change[1].(bool); yes {
		known.Type = flow.TypeBool
	}
	words := func(v any) lang.Text {
		t := s.valueWords(&known, v, nil)
		if t.Empty() {
			t = lang.T("未定", "none")
		}
		return t
	}
	from := words(change[0])
	return saidView{Key: f.Key, Type: typeOfWords(&known), Title: f.Title, From: &from, To: words(change[1])}
}

// movedDeadline words a deadline before and after; the key is "case" or "task N".
func movedDeadline(key string, move [2]int64) saidView {
	title := lang.T("全程时限", "Deadline of the case")
	if no, ok := strings.CutPrefix(key, "task "); ok {
		title = lang.T("第"+no+"件交办件的时限", "Deadline of hand-over "+no)
	}
	from := deadlineWords(move[0])
	return saidView{Key: key, Type: flow.TypeDate, Title: title, From: &from, To: deadlineWords(move[1])}
}

func deadlineWords(ms int64) lang.Text {
	if ms <= 0 { // while it is paused a clock has none
		return lang.T("暂不计时", "not running")
	}
	at := time.UnixMilli(ms).In(beijing)
	return lang.T(at.Format("2006年1月2日15:04"), at.Format("2 Jan 2006 15:04"))
}

// valueWords is what was filled in, in words: names for codes, titles for choices. Empty when there is nothing to say.
func (s *Server) valueWords(f *flow.Field, v any, c *casework.Case) lang.Text {
	switch v := v.(type) {
	case bool:
		if v {
			return lang.T("是", "yes")
		}
		return lang.T("否", "no")
	case float64:
		return s.numberWords(f, int(v), c)
	case int64:
		return s.numberWords(f, int(v), c)
	case string:
		return s.textWords(f, v)
	case []string:
		return s.listWords(f, v)
	case []any:
		list := make([]string, 0, len(v))
		for _, x := range v {
			if text, ok := x.(string); ok {
				list = append(list, text)
			}
		}
		return s.listWords(f, list)
	}
	return lang.Text{}
}

func (s *Server) numberWords(f *flow.Field, n int, c *casework.Case) lang.Text {
	no := strconv.Itoa(n)
	if f.Type == flow.TypeTask && c != nil {
		if t := c.Task(n); t != nil {
			at := s.postWords(t.Post)
			return lang.T(no+". "+at.ZH, no+". "+at.EN)
		}
	}
	return lang.T(no, no)
}

func (s *Server) listWords(f *flow.Field, list []string) lang.Text {
	if len(list) == 0 {
		return lang.Text{}
	}
	if f.Type == flow.TypeFiles { // the files themselves are shown beside the entry
		n := len(list)
		if strings.HasPrefix(f.Key, "photo") {
			return lang.T(fmt.Sprintf("%d张照片", n), counting(n, "photo"))
		}
		return lang.T(fmt.Sprintf("%d个文件", n), counting(n, "file"))
	}
	var zh, en []string
	for _, v := range list {
		t := s.textWords(f, v)
		zh, en = append(zh, t.ZH), append(en, t.EN)
	}
	return lang.T(strings.Join(zh, "、"), strings.Join(en, ", "))
}

func counting(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// textWords is a text as it was written, or the name of what a code stands for; an unknown code stays as it is.
func (s *Server) textWords(f *flow.Field, v string) lang.Text {
	switch f.Type {
	case flow.TypeChoice, flow.TypeChoices:
		for _, choice := range f.Choices {
			if choice.Value == v {
				return choice.Title
			}
		}
	case flow.TypeUnit, flow.TypeUnits:
		if org, ok := s.Areas.Tree().Org(v); ok {
			return lang.T(org.Name, org.Name)
		}
	case flow.TypePost:
		return s.postWords(staff.Post(v))
	case flow.TypeDate:
		if day, err := time.Parse(time.DateOnly, v); err == nil {
			return lang.T(day.Format("2006年1月2日"), day.Format("2 Jan 2006"))
		}
	case flow.TypeLine:
		if t := s.codeWords(f.Key, v); !t.Empty() {
			return t
		}
	}
	return lang.T(v, v)
}

// codeWords names what a correction gives as a code.
func (s *Server) codeWords(key, code string) lang.Text {
	switch key {
	case "category":
		return s.Cases.Categories().Name(code)
	case "area":
		if a, ok := s.Areas.Tree().Area(code); ok {
			return lang.T(a.Name, a.Name)
		}
	case "urgency":
		return urgencyWords[code]
	}
	return lang.Text{}
}

// postWords is a post by name, or as it is written where it is not known any more.
func (s *Server) postWords(p staff.Post) lang.Text {
	v := s.postOf(p)
	if v.Place == "" || v.Title.Empty() {
		return lang.T(string(p), string(p))
	}
	return s.unitText(v)
}
