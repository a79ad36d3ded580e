// Package lang holds words in the two languages of the program: Chinese first, English complete.
package lang

import "strings"

// Tag names a language of the interface.
type Tag string

const (
	ZH Tag = "zh"
	EN Tag = "en"
)

// Text is one sentence or name in both languages. It is what every title, public wording and
// error message of the program is made of.
type Text struct {
	ZH string `json:"zh" yaml:"zh" doc:"Chinese wording"`
	EN string `json:"en" yaml:"en" doc:"English wording"`
}

// T makes a Text.
func T(zh, en string) Text { return Text{ZH: zh, EN: en} }

// In gives the wording in the language, or the other one where that is missing.
func (t Text) In(tag Tag) string {
	if tag == EN && t.EN != "" || t.ZH == "" {
		return t.EN
	}
	return t.ZH
}

// Empty tells whether no language has any wording.
func (t Text) Empty() bool { return t.ZH == "" && t.EN == "" }

// Fill replaces {name} in both languages by the values given, in pairs name, value.
func (t Text) Fill(pairs ...string) Text {
	old := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		old = append(old, "{"+pairs[i]+"}", pairs[i+1])
	}
	r := strings.NewReplacer(old...)
	return Text{ZH: r.Replace(t.ZH), EN: r.Replace(t.EN)}
}

// Pick chooses the language for an Accept-Language header: English only when it is asked for
// before Chinese, since the interface is Chinese first.
func Pick(acceptLanguage string) Tag {
	for _, part := range strings.Split(strings.ToLower(acceptLanguage), ",") {
		switch part = strings.TrimSpace(part); {
		case strings.HasPrefix(part, "zh"):
			return ZH
		case strings.HasPrefix(part, "en"):
			return EN
		}
	}
	return ZH
}
