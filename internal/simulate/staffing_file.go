package simulate

import (
	"go.yaml.in/yaml/v3"

	"linli/internal/staff"
)

// ParseStaffing reads the text of a staffing file. Errors: Invalid "staffing-file" naming every wrong place
// as file:line:column.
func ParseStaffing(name string, text []byte) (*Staffing, error) {
	l := &fileReader{lint: lint{file: name, bad: staffingFault(name)}}
	doc := l.document(text)
	if doc == nil {
		return nil, l.err()
	}
	s := l.staffing(doc)
	s.file = name
	return s, l.err()
}

func (l *fileReader) staffing(n *yaml.Node) *Staffing {
	s := &Staffing{Roles: map[string]Work{}, Posts: map[staff.Post]Work{}, Times: map[string]Effort{}, Words: map[string][]string{}, lines: map[string]int{}}
	k := l.keys(n, "version", "roles", "posts", "urgent_at_any_hour", "times", "urgent_factor", "rates", "requests", "joint", "reporter", "call_back", "rate_unit", "words")
	s.Version = word(k["version"])
	for _, p := range l.pairs(k["roles"]) {
		s.Roles[p.key.Value], s.lines[p.key.Value] = l.work(p.value), p.key.Line
	}
	for _, p := range l.pairs(k["posts"]) {
		post := staff.Post(p.key.Value)
		if post.Role() == "" || post.Place() == "" {
			l.at(p.key, "post", "岗位写作 角色@代码", "A post is written role@code")
		}
		s.Posts[post], s.lines[p.key.Value] = l.work(p.value), p.key.Line
	}
	s.AnyHour = word(k["urgent_at_any_hour"]) == "true"
	for _, p := range l.pairs(k["times"]) {
		t := l.keys(p.value, "hands", "wait")
		s.Times[p.key.Value] = Effort{Hands: l.spread(t["hands"]), Wait: l.spread(t["wait"])}
	}
	if _, ok := s.Times["default"]; !ok {
		l.at(n, "missing", "times 里缺少 default", "times has no default")
	}
	s.UrgentFactor = l.number(k["urgent_factor"], 1, 0.01, 10)
	s.Rates = l.rates(k["rates"])
	l.habits(s, k)
	for _, p := range l.pairs(k["words"]) {
		for _, w := range l.items(p.value) {
			s.Words[p.key.Value] = append(s.Words[p.key.Value], w.Value)
		}
	}
	return s
}

func (l *fileReader) habits(s *Staffing, k map[string]*yaml.Node) {
	q := l.keys(k["requests"], "ask", "pause", "extend", "note", "transfer", "approve", "pause_days")
	s.Ask, s.Pause, s.Extend = l.share(q["ask"]), l.share(q["pause"]), l.share(q["extend"])
	s.Note, s.Transfer, s.Approve = l.share(q["note"]), l.share(q["transfer"]), l.share(q["approve"])
	s.PauseDays = l.spread(q["pause_days"])
	j := l.keys(k["joint"], "members", "decline", "uphold")
	s.Members, s.Decline, s.Uphold = l.weights(j["members"], 0), l.share(j["decline"]), l.share(j["uphold"])
	r := l.keys(k["reporter"], "answers", "answer_hours", "rates", "rate_hours", "scores", "reopens", "urges", "withdraws")
	s.Answers, s.AnswerHours = l.share(r["answers"]), l.spread(r["answer_hours"])
	s.Rated, s.RateHours, s.Scores = l.share(r["rates"]), l.spread(r["rate_hours"]), l.weights(r["scores"], 5)
	s.Reopens, s.Urges, s.Withdraws = l.share(r["reopens"]), l.share(r["urges"]), l.share(r["withdraws"])
	s.CallBack, s.RateUnit = l.share(k["call_back"]), l.share(k["rate_unit"])
}

func (l *fileReader) rates(n *yaml.Node) (out []Rate) {
	for _, row := range l.items(n) {
		k := l.keys(row, "action", "model", "stage", "category", "urgency", "rate")
		r := Rate{Action: word(k["action"]), Model: word(k["model"]), Stage: word(k["stage"]), Category: word(k["category"]), Urgency: word(k["urgency"])}
		if r.Action == "" {
			l.at(row, "missing", "缺少 action", "The action is missing")
		}
		if k["rate"] == nil {
			l.at(row, "missing", "缺少 rate", "The rate is missing")
		}
		r.Rate = l.share(k["rate"])
		out = append(out, r)
	}
	return out
}

func (l *fileReader) work(n *yaml.Node) Work {
	k := l.keys(n, "people", "calendar")
	return Work{People: int(l.number(k["people"], 0, 1, 1000)), Calendar: word(k["calendar"])}
}

func (l *fileReader) spread(n *yaml.Node) Spread {
	if n == nil {
		return Spread{}
	}
	k := l.keys(n, "median", "p90")
	s := Spread{Median: l.number(k["median"], 0, 0, 1e6), P90: l.number(k["p90"], 0, 0, 1e6)}
	switch {
	case k["median"] == nil:
		l.at(n, "missing", "缺少 median", "The median is missing")
	case k["p90"] == nil:
		s.P90 = s.Median
	case s.P90 < s.Median:
		l.at(k["p90"], "order", "p90 不能小于 median", "p90 cannot be less than the median")
	}
	return s
}
