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

// entries puts a timeline into words; with names only for those who serve the case.
func (s *Server) entries(list []casework.Entry, d *flow.Definition, names bool) []entryView {
	out := make([]entryView, 0, len(list))
	stage := ""
	for i := range list {
		e := &list[i]
		v := entryView{Entry: *e, Title: actionTitle(d, stage, e.Action)}
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

// actionTitle is what a model calls an action: in the stage it was done, else in any, else the program's own word.
func actionTitle(d *flow.Definition, stage, name string) lang.Text {
	if t, ok := ownTitles[name]; ok && stage == "" { // the report itself: a model may call an action by the same word
		return t
	}
	if d != nil {
		if st, ok := d.Stage(stage); ok {
			if t, ok := titleIn(st.Actions, name); ok {
				return t
			}
		}
		for _, list := range [][]flow.Action{d.Standing, d.After} {
			if t, ok := titleIn(list, name); ok {
				return t
			}
		}
		for i := range d.Stages {
			if t, ok := titleIn(d.Stages[i].Actions, name); ok {
				return t
			}
		}
	}
	if t, ok := ownTitles[name]; ok {
		return t
	}
	return lang.Text{ZH: name, EN: name}
}

func titleIn(actions []flow.Action, name string) (lang.Text, bool) {
	for i := range actions {
		if actions[i].Name == name {
			return actions[i].Title, true
		}
	}
	return lang.Text{}, false
}
