package lang

import "testing"

func TestTypeset(t *testing.T) {
	for text, want := range map[string]string{
		"村里甄别派单,网格处置; 依据:12345":                   "村里甄别派单，网格处置；依据：12345",
		"派单员(村社区)":                                "派单员（村社区）",
		"没有这项权限(case.audit)":                      "没有这项权限（case.audit）",
		"办结以后(可选),说明":                             "办结以后（可选），说明",
		"seven-step,七步闭环":                         "seven-step，七步闭环",
		"24 hours (emergency time), later: (a) b": "24 hours (emergency time), later: (a) b",
		"没有右括号(":                                  "没有右括号(",
		"(a(内)b)":                                 "(a（内）b)",
		"":                                        "",
	} {
		if got := Typeset(text); got != want {
			t.Errorf("Typeset(%q) = %q, want %q", text, got, want)
		}
	}
}
