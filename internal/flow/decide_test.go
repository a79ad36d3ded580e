package flow

import (
	"math"
	"strings"
	"testing"

	"linli/internal/platform/fault"
)

func field(key string) FormField { return FormField{Field: wellKnown()[key], Required: true} }

func TestFormValues(t *testing.T) {
	cases := []struct {
		rule, key string
		in        any
		want      any    // nil: refused
		code      string // of the refusal
	}{
		{"text is trimmed and keeps its lines", "note", "  一\r\n二\t三 ", "一\n二\t三", ""},
		{"text is counted in characters, not bytes", "reason", strings.Repeat("𠮷", 500), strings.Repeat("𠮷", 500), ""},
		{"one character too many", "reason", strings.Repeat("字", 501), nil, "too-long"},
		{"emoji are text", "comment", "👍🏽谢谢", "👍🏽谢谢", ""},
		{"NUL is refused", "note", "a\x00b", nil, "control-character"},
		{"invalid UTF-8 is refused", "note", "a\xffb", nil, "encoding"},
		{"a line has no line break", "title", "一\n二", nil, "control-character"},
		{"only spaces is nothing", "reason", " \n ", nil, "required"},
		{"a JSON number is an integer", "days", float64(3), int64(3), ""},
		{"a fraction is none", "days", 2.5, nil, "integer"},
		{"infinity is none", "days", math.Inf(1), nil, "integer"},
		{"text is no number", "days", "3", nil, "integer"},
		{"a score of zero is refused", "score", float64(0), nil, "range"},
		{"a score of six is refused", "score", float64(6), nil, "range"},
		{"no percent is zero percent", "percent", float64(0), int64(0), ""},
		{"a task's number begins at one", "task", float64(0), nil, "range"},
		{"yes is not true", "resolved", "yes", nil, "type"},
		{"false is an answer", "resolved", false, false, ""},
		{"30 February does not exist", "until", "2026-02-30", nil, "date"},
		{"a unit has no spaces", "unit", "a b", nil, "code"},
		{"a post is role@place", "post", "grid-member", nil, "post"},
		{"a choice is one of those given", "urgency", "very", nil, "choice"},
		{"a list is not one text", "units", "a", nil, "type"},
		{"an empty list is nothing", "units", []any{}, nil, "required"},
		{"ten photos are too many", "photo_after", strings.Split(strings.Repeat("a ", 10)+"a", " "), nil, "too-many"},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			out, err := checkForm([]FormField{field(c.key)}, map[string]any{c.key: c.in})
			if c.want == nil {
				if !fault.HasCode(err, "invalid-form") || fault.Of(err).Fields[0].Name != "form."+c.key || fault.Of(err).Fields[0].Code != c.code {
					t.Fatalf("got %v, %v, want refused as %s", out, err, c.code)
				}
				return
			}
			if err != nil || out[c.key] != c.want {
				t.Fatalf("got %#v, %v, want %#v", out[c.key], err, c.want)
			}
		})
	}
}

func TestAListKeepsEachUnitOnce(t *testing.T) {
	out, err := checkForm([]FormField{field("units")}, map[string]any{"units": []any{"a", " b ", "a"}})
	if err != nil || strings.Join(out["units"].([]string), ",") != "a,b" {
		t.Fatalf("%v %v", out, err)
	}
}

func TestAllWrongFieldsAreNamedAtOnceWithForeignOnesLast(t *testing.T) {
	_, err := checkForm([]FormField{field("reason"), field("days")}, map[string]any{"days": "x", "zeta": 1, "al\x00pha": 2})
	var names []string
	for _, f := range fault.Of(err).Fields {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "form.reason form.days form.al�pha form.zeta" {
		t.Fatal(got)
	}
}

// An approver named by who handled the case must not break the program: the request knows the model.
func TestAnApprovalMayBeRuledOutForTheHandler(t *testing.T) {
	text := strings.Replace(readMini(t), "  note: involved", "  note: involved\n  extend: {by: handler, approve: {post: duty-officer, at: township, not: handler, allow: {working: 4h}}, at_most: {working_days: 5}}", 1)
	m := newSim(compile(t, text), "normal")
	m.start(t)
	holder := func(account string) Who { return Who{Account: account, Holds: func(Task) bool { return true }} }
	for _, act := range []Act{{Name: "hand", Form: map[string]any{"unit": "u1"}}, {Name: "take"}, {Name: "extend", Form: map[string]any{"days": 2, "reason": "材料未到"}}} {
		if err := m.act(holder("zhang"), act); err != nil {
			t.Fatal(act.Name, err)
		}
	}
	if err := m.act(holder("zhang"), Act{Name: "approve"}); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("the handler approves the own request: %v", err)
	}
	if err := m.act(holder("he"), Act{Name: "approve"}); err != nil {
		t.Fatal(err)
	}
}

func TestNobodyApprovesTheOwnRequest(t *testing.T) {
	m := newSim(model(t, "four-orders"), "normal")
	m.start(t)
	holder := func(account string) Who { return Who{Account: account, Holds: func(Task) bool { return true }} }
	for _, act := range []Act{{Name: "to_village", Form: map[string]any{"need": "policy"}}, {Name: "pause", Form: map[string]any{"reason": "等文件"}}} {
		if err := m.act(holder("shu"), act); err != nil {
			t.Fatal(act.Name, err)
		}
	}
	for _, name := range []string{"approve", "refuse"} {
		if err := m.act(holder("shu"), Act{Name: name, Form: map[string]any{"reason": "不行"}}); !fault.HasCode(err, "own-request") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := m.act(holder("zhen"), Act{Name: "approve"}); err != nil {
		t.Error(err)
	}
}

func TestGuardRefusesWhatItCannotEvaluate(t *testing.T) {
	g, bad := compileGuard("form.score > 2", wellKnown()["score"].Title)
	if bad != nil {
		t.Fatal(bad.message)
	}
	for _, form := range []map[string]any{nil, {"score": "many"}, {"score": nil}} {
		if err := g.check(&State{}, form); !fault.HasCode(err, "guard") || !fault.Is(err, fault.Conflict) {
			t.Errorf("%v: %v", form, err)
		}
	}
	if err := g.check(&State{}, map[string]any{"score": int64(3)}); err != nil {
		t.Error(err)
	}
}

func TestGuardsCountWhatHappened(t *testing.T) {
	s := State{Reopens: 1, Rating: 2, Urgency: "urgent", Facts: map[string]any{"kind": "event", "public": true}, Tasks: []Task{
		{No: 1, Outcome: "hand_back", State: Done}, {No: 2, Outcome: "uphold", State: Released}, {No: 3, Outcome: "uphold", State: Done},
		{No: 4, Outcome: "rework", State: Done}, {No: 5, State: Taken, Responsible: true, Level: "village"}}}
	g, bad := compileGuard(`handed_back == 2 and reworked == 1 and reopened == 1 and rating == 2 and urgency == "urgent" and kind == "event" and public and not confidential and level == "village"`, wellKnown()["score"].Title)
	if bad != nil {
		t.Fatal(bad.message)
	}
	if err := g.check(&s, nil); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkDecide(b *testing.B) {
	d := model(b, "seven-step")
	m := newSim(d, "normal")
	m.start(b)
	who := Who{Account: "li", Holds: func(Task) bool { return true }}
	for _, act := range []Act{{Name: "here"}, {Name: "take"}} {
		if err := m.act(who, act); err != nil {
			b.Fatal(err)
		}
	}
	act := Act{Name: "feed_back", Form: map[string]any{"result": "路灯已修好,晚上亮了", "photo_after": []any{"a", "b"}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decide(d, m.s, who, act); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOffers(b *testing.B) {
	d := model(b, "seven-step")
	m := newSim(d, "normal")
	m.start(b)
	who := Who{Account: "li", Holds: func(Task) bool { return true }, Roles: []string{"dispatcher"}}
	b.ReportAllocs()
	for b.Loop() {
		if len(Offers(d, m.s, who)) == 0 {
			b.Fatal("nothing offered")
		}
	}
}
