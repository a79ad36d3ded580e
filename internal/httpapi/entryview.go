package httpapi

import (
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/lang"
)

// entryView is a timeline entry in words.
type entryView struct {
	casework.Entry
	Title lang.Text  `json:"title" doc:"the action as its model calls it"`
	Who   string     `json:"who,omitempty" doc:"name of whoever did it, for those who serve the case"`
	Unit  *lang.Text `json:"unit,omitempty" doc:"the post in words, with the name of its place"`
	Words []saidView `json:"words,omitempty" doc:"what was filled in and what was changed, in words: names for codes"`
}

// ownTitles name the entries that no action of a model makes.
var ownTitles = map[string]lang.Text{
	"report":    {ZH: "已收到", EN: "Received"},
	"remind":    {ZH: "快到时限,已提醒", EN: "Reminder: nearly due"},
	"overdue":   {ZH: "超过时限", EN: "Past its deadline"},
	"escalate":  {ZH: "超期升级", EN: "Escalated"},
	"cover":     {ZH: "换人代办", EN: "Taken over by cover"},
	"area":      {ZH: "网格调整,随之变动", EN: "Moved with its grid"},
	"calendar":  {ZH: "日历更新,重算时限", EN: "Deadline recomputed for a new calendar"},
	"merged_in": {ZH: "有同类事项并入", EN: "A duplicate was merged into this one"},
	"attach":    {ZH: "添加附件", EN: "Added a file"},
	"supervise": {ZH: "挂牌督办", EN: "Supervised"},
	"resume":    {ZH: "恢复计时", EN: "Clock resumed"},
}

// entries puts the timeline of a case into words; with names only for those who serve the case.
func (s *Server) entries(list []casework.Entry, d *flow.Definition, c *casework.Case, names bool) []entryView {
	out := make([]entryView, 0, len(list))
	stage := ""
	for i := range list {
		e := &list[i]
		a := actionOf(d, stage, e.Action)
		v := entryView{Entry: *e, Title: actionTitle(a, e.Action), Words: s.said(e, a, c)}
		if e.Data.Stage != "" {
			stage = e.Data.Stage
		}
		if names {
			v.Who = s.Staff.NameOf(e.Account)
		}
		if e.Post != "" {
			unit := s.unitText(s.postOf(e.Post))
			v.Unit = &unit
		}
		out = append(out, v)
	}
	return out
}

func (s *Server) unitText(p postView) lang.Text {
	return lang.Text{ZH: p.Place + p.Title.ZH, EN: p.Title.EN + ", " + p.Place}
}

// actionOf is an action as a model has it: in the stage it was done, else in any; nil for the program's own entries.
func actionOf(d *flow.Definition, stage, name string) *flow.Action {
	if _, own := ownTitles[name]; d == nil || own && stage == "" { // the report itself: a model may call an action by the same word
		return nil
	}
	if st, ok := d.Stage(stage); ok {
		if a := actionIn(st.Actions, name); a != nil {
			return a
		}
	}
	for _, list := range [][]flow.Action{d.Standing, d.After} {
		if a := actionIn(list, name); a != nil {
			return a
		}
	}
	for i := range d.Stages {
		if a := actionIn(d.Stages[i].Actions, name); a != nil {
			return a
		}
	}
	return nil
}

func actionIn(actions []flow.Action, name string) *flow.Action {
	for i := range actions {
		if actions[i].Name == name {
			return &actions[i]
		}
	}
	return nil
}

// actionTitle is what the model calls the action, else the program's own word.
func actionTitle(a *flow.Action, name string) lang.Text {
	if a != nil {
		return a.Title
	}
	if t, ok := ownTitles[name]; ok {
		return t
	}
	return lang.Text{ZH: name, EN: name}
}
