package simulate

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/staff"
)

// largestStaffing bounds a staffing file.
const largestStaffing = 1 << 20

// ParseStaffing reads the text of a staffing file. Errors: Invalid "staffing-file" naming every wrong place
// as file:line:column.
func ParseStaffing(name string, text []byte) (*Staffing, error) {
	l := &staffingReader{lint: lint{file: name, bad: staffingFault(name)}}
	if len(text) > largestStaffing {
		l.add(0, 0, "too-large", "文件超过 1 MB", "The file is larger than 1 MB")
		return nil, l.err()
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		l.add(yamlLine(err.Error()), 0, "yaml", "YAML 写法有误:"+err.Error(), "This is not YAML: "+err.Error())
		return nil, l.err()
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		l.add(1, 1, "not-a-map", "文件应由“键: 值”组成", "The file must consist of keys and values")
		return nil, l.err()
	}
	s := l.staffing(doc.Content[0])
	s.file = name
	return s, l.err()
}

// yamlLine takes the line out of the parser's message.
func yamlLine(message string) int {
	_, rest, ok := strings.Cut(message, "line ")
	if !ok {
		return 0
	}
	digits, _, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

type staffingReader struct{ lint }

func (l *staffingReader) staffing(n *yaml.Node) *Staffing {
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

func (l *staffingReader) habits(s *Staffing, k map[string]*yaml.Node) {
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

func (l *staffingReader) rates(n *yaml.Node) (out []Rate) {
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

func (l *staffingReader) work(n *yaml.Node) Work {
	k := l.keys(n, "people", "calendar")
	return Work{People: int(l.number(k["people"], 0, 1, 1000)), Calendar: word(k["calendar"])}
}

func (l *staffingReader) spread(n *yaml.Node) Spread {
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

func (l *staffingReader) share(n *yaml.Node) float64 { return l.number(n, 0, 0, 1) }

// weights reads shares that add up to something; exactly that many when length is given.
func (l *staffingReader) weights(n *yaml.Node, length int) (out []float64) {
	var sum float64
	for _, x := range l.items(n) {
		out = append(out, l.share(x))
		sum += out[len(out)-1]
	}
	if n != nil && (sum <= 0 || length > 0 && len(out) != length) {
		l.at(n, "weights", "这里要写几个比例,且不能全为 0", "Write the right number of shares here, not all of them 0")
	}
	return out
}

// number reads a number within bounds; nil gives the value of nothing said.
func (l *staffingReader) number(n *yaml.Node, absent, least, most float64) float64 {
	if n == nil {
		return absent
	}
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || !(v >= least && v <= most) {
		text := strconv.FormatFloat(least, 'g', -1, 64) + " – " + strconv.FormatFloat(most, 'g', -1, 64)
		l.at(n, "number", "这里要写 "+text+" 之间的数", "Write a number between "+text)
		return absent
	}
	return v
}

type yamlPair struct{ key, value *yaml.Node }

func (l *staffingReader) pairs(n *yaml.Node) (out []yamlPair) {
	if n == nil || n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		l.at(n, "not-a-map", "这里要写“键: 值”", "Write keys and values here")
		return nil
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if seen[n.Content[i].Value] {
			l.at(n.Content[i], "twice", n.Content[i].Value+" 写了两次", n.Content[i].Value+" is given twice")
			continue
		}
		seen[n.Content[i].Value] = true
		out = append(out, yamlPair{n.Content[i], n.Content[i+1]})
	}
	return out
}

func (l *staffingReader) keys(n *yaml.Node, known ...string) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	for _, p := range l.pairs(n) {
		if !slices.Contains(known, p.key.Value) {
			l.at(p.key, "unknown-key", "不认识“"+p.key.Value+"”,可用:"+strings.Join(known, " "), "unknown key "+strconv.Quote(p.key.Value)+"; the keys are "+strings.Join(known, " "))
			continue
		}
		out[p.key.Value] = p.value
	}
	return out
}

func (l *staffingReader) items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		l.at(n, "not-a-list", "这里要写一个列表", "Write a list here")
		return nil
	}
	return n.Content
}

func word(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return strings.TrimSpace(n.Value)
}
