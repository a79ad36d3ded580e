package flow

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/calendar"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// place is where something stands in the file.
type place struct{ line, column int }

// reader turns nodes into a Definition. It never stops at a problem: everything wrong is told at once.
type reader struct {
	src      *Source
	roles    Roles
	problems Problems
	at       map[string]place // where each named part stands, for the checks that follow
	fields   map[string]Field
	own      map[string]bool // the model's own fields
}

func (r *reader) add(p place, severity Severity, code string, text, hint lang.Text) {
	if len(r.problems) == mostProblems {
		return // nobody reads on; the file is not used anyway
	}
	if len(r.problems) == mostProblems-1 {
		severity, code, text, hint = Error, "more", lang.T("还有更多问题,先改这些", "there are more problems; correct these first"), lang.Text{}
	}
	r.problems = append(r.problems, Problem{File: r.src.Name, Line: p.line, Column: p.column, Code: code, Text: text, Hint: hint, Severity: severity})
}

func (r *reader) tooMany(n *yaml.Node) {
	r.bad(n, "too-many", fmt.Sprintf("最多 %d 个", mostNamed), fmt.Sprintf("at most %d are allowed", mostNamed))
}

func (r *reader) bad(n *yaml.Node, code, zh, en string) {
	r.add(place{n.Line, n.Column}, Error, code, lang.T(zh, en), lang.Text{})
}

func (r *reader) hinted(n *yaml.Node, code, zh, en string, hint lang.Text) {
	r.add(place{n.Line, n.Column}, Error, code, lang.T(zh, en), hint)
}

// pair is one key with its value.
type pair struct{ key, value *yaml.Node }

// keys reads a mapping whose keys are all known; an unknown one is a problem with the nearest known.
func (r *reader) keys(n *yaml.Node, path string, known ...string) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	for _, p := range r.pairs(n, path) {
		if !slices.Contains(known, p.key.Value) {
			r.hinted(p.key, "unknown-key", "不认识“"+shown(p.key.Value)+"”", "unknown key "+strconv.Quote(shown(p.key.Value)), meant(p.key.Value, known))
			continue
		}
		out[p.key.Value] = p.value
		r.at[path+"."+p.key.Value] = place{p.value.Line, p.value.Column}
	}
	return out
}

// pairs reads a mapping in order. A null stands for an empty one.
func (r *reader) pairs(n *yaml.Node, path string) []pair {
	if n == nil || null(n) {
		return nil
	}
	if _, ok := r.at[path]; !ok {
		r.at[path] = place{n.Line, n.Column}
	}
	if n.Kind != yaml.MappingNode {
		r.bad(n, "type", "这里应写“键: 值”", "keys and values are expected here")
		return nil
	}
	var out []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		out = append(out, pair{n.Content[i], n.Content[i+1]})
	}
	return out
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$`)

// named reads a mapping whose keys are names that the model gives.
func (r *reader) named(n *yaml.Node, path string) []pair {
	var out []pair
	for _, p := range r.pairs(n, path) {
		if len(out) == mostNamed {
			r.tooMany(p.key)
			break
		}
		if !namePattern.MatchString(p.key.Value) || len(p.key.Value) > 40 {
			r.hinted(p.key, "name", "名称“"+shown(p.key.Value)+"”写得不对", "the name "+strconv.Quote(shown(p.key.Value))+" is not right",
				lang.T("用小写英文字母、数字、_ 或 -,最多 40 个", "use lower-case letters, digits, _ or -, at most 40"))
			continue
		}
		r.at[path+"."+p.key.Value] = place{p.key.Line, p.key.Column}
		out = append(out, p)
	}
	return out
}

func null(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// word reads one scalar as it is written.
func (r *reader) word(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || null(n) {
		r.bad(n, "type", "这里应写一个词", "a single word is expected here")
		return ""
	}
	if len(n.Value) > 2000 || strings.ContainsFunc(n.Value, func(c rune) bool { return c < ' ' && c != '\n' }) {
		r.bad(n, "type", "文字太长或含有控制字符", "the text is too long or contains control characters")
		return ""
	}
	return strings.TrimSpace(n.Value)
}

// oneOf reads a word out of a list.
func (r *reader) oneOf(n *yaml.Node, code string, known ...string) string {
	w := r.word(n)
	if w != "" && !slices.Contains(known, w) {
		r.hinted(n, code, "不认识“"+shown(w)+"”", "unknown value "+strconv.Quote(shown(w)), meant(w, known))
		return ""
	}
	return w
}

// words reads a list of words, or a single one, none twice.
func (r *reader) words(n *yaml.Node) []string {
	var out []string
	for _, x := range r.items(n) {
		w := r.word(x)
		switch {
		case w == "":
		case slices.Contains(out, w):
			r.bad(x, "twice", "“"+shown(w)+"”写了两次", strconv.Quote(shown(w))+" is listed twice")
		default:
			out = append(out, w)
		}
	}
	return out
}

func (r *reader) items(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil || null(n):
		return nil
	case n.Kind == yaml.ScalarNode:
		return []*yaml.Node{n}
	case n.Kind != yaml.SequenceNode:
		r.bad(n, "type", "这里应写一组词", "a list is expected here")
		return nil
	case len(n.Content) > mostNamed:
		r.tooMany(n.Content[mostNamed])
		return n.Content[:mostNamed]
	}
	return n.Content
}

func (r *reader) flag(n *yaml.Node) bool {
	if n == nil {
		return false
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" {
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
	}
	r.bad(n, "type", "这里应写 true 或 false", "true or false is expected here")
	return false
}

// number reads a whole number within bounds.
func (r *reader) number(n *yaml.Node, least, most int) int {
	if n == nil {
		return 0
	}
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < least || v > most {
		r.bad(n, "number", fmt.Sprintf("这里应写 %d 到 %d 的整数", least, most), fmt.Sprintf("a whole number from %d to %d is expected here", least, most))
		return 0
	}
	return v
}

// text reads wording; both languages must be there.
func (r *reader) text(n *yaml.Node, path string) lang.Text {
	if n == nil {
		return lang.Text{}
	}
	if n.Kind == yaml.ScalarNode {
		r.hinted(n, "language", "要有中英文两种文字", "wording is needed in both languages", lang.T("写成 {zh: …, en: …}", "write {zh: …, en: …}"))
		return lang.Text{}
	}
	for _, p := range r.pairs(n, path) {
		if null(p.value) && p.value.Value == "" && p.key.Value != "zh" && p.key.Value != "en" {
			r.hinted(p.key, "quotes", "文字里有逗号,要加引号", "wording with a comma needs quotes", lang.T(`写成 {zh: "…,…", en: "…"}`, `write {zh: "…, …", en: "…"}`))
			return lang.T("-", "-") // the rest is torn apart; one problem is enough
		}
	}
	k := r.keys(n, path, "zh", "en")
	out := lang.T(r.word(k["zh"]), r.word(k["en"]))
	switch {
	case out.ZH == "":
		r.bad(n, "language", "缺中文(zh)", "the Chinese wording (zh) is missing")
	case out.EN == "":
		r.bad(n, "language", "缺英文(en)", "the English wording (en) is missing")
	}
	return out
}

// measures in which an allowance can be written.
var measures = []string{"working", "working_days", "hours", "days", "emergency", "none"}

// allow reads an allowance with variants by urgency: none; {working: 4h, urgent: 30m, complex: {days: 15}}.
func (r *reader) allow(n *yaml.Node, path string) Allow {
	if n == nil {
		return Allow{}
	}
	if n.Kind == yaml.ScalarNode && n.Value == "none" {
		return Allow{Default: calendar.Allowance{Measure: calendar.None}}
	}
	if n.Kind != yaml.MappingNode {
		r.hinted(n, "allowance", "时限写得不对", "this is not an allowance", allowanceHint())
		return Allow{}
	}
	k := r.keys(n, path, append(slices.Clone(measures), Urgencies...)...)
	var out Allow
	written := false
	for _, m := range measures {
		if v := k[m]; v != nil {
			if written {
				r.bad(v, "allowance", "只能用一种计时方式", "only one measure of time can be used")
				continue
			}
			out.Default, written = r.amount(v, m), true
		}
	}
	if !written {
		r.hinted(n, "allowance", "没有写一般情况下的时限", "the ordinary allowance is missing", allowanceHint())
	}
	for _, u := range Urgencies {
		v := k[u]
		if v == nil {
			continue
		}
		if out.By == nil {
			out.By = map[string]calendar.Allowance{}
		}
		out.By[u] = r.variant(v, path+"."+u, u, out.Default.Measure)
	}
	return out
}

// variant reads the allowance of one urgency. A bare amount counts emergency hours for urgent cases and
// the measure of the ordinary allowance for the others.
func (r *reader) variant(n *yaml.Node, path, urgency string, ordinary calendar.Measure) calendar.Allowance {
	switch {
	case n.Kind == yaml.ScalarNode && n.Value == "none":
		return calendar.Allowance{Measure: calendar.None}
	case n.Kind == yaml.ScalarNode && urgency == "urgent":
		return r.amount(n, string(calendar.Emergency))
	case n.Kind == yaml.ScalarNode && ordinary == "":
		return calendar.Allowance{} // the ordinary one is wrong and told
	case n.Kind == yaml.ScalarNode:
		return r.amount(n, string(ordinary))
	}
	return r.single(n, path)
}

// single reads an allowance without variants: {measure: amount} or none.
func (r *reader) single(n *yaml.Node, path string) calendar.Allowance {
	if n == nil {
		return calendar.Allowance{}
	}
	if n.Kind == yaml.ScalarNode && n.Value == "none" {
		return calendar.Allowance{Measure: calendar.None}
	}
	k := r.keys(n, path, measures...)
	if len(k) != 1 {
		r.hinted(n, "allowance", "时限写得不对", "this is not an allowance", allowanceHint())
		return calendar.Allowance{}
	}
	for m, v := range k {
		return r.amount(v, m)
	}
	return calendar.Allowance{}
}

func (r *reader) amount(n *yaml.Node, measure string) calendar.Allowance {
	a, err := calendar.ParseAllowance(measure, r.word(n))
	if err != nil {
		e := fault.Of(err)
		hint := lang.Text{}
		if len(e.Fields) > 0 {
			hint = e.Fields[0].Text
		}
		r.add(place{n.Line, n.Column}, Error, "allowance", e.Text, hint)
		return calendar.Allowance{}
	}
	return a
}

func allowanceHint() lang.Text {
	return lang.T("写成 {working_days: 3}、{working: 4h, urgent: 30m} 或 none", "write {working_days: 3}, {working: 4h, urgent: 30m} or none")
}
