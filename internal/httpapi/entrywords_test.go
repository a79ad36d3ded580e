package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/audit"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// withPlaces is the face over two grids and an organisation.
func withPlaces(t *testing.T) *Server {
	t.Helper()
	s := serve(t, false)
	ctx, as := context.Background(), staff.System()
	if _, err := s.DB.Migrate(ctx, audit.Schema(), area.Schema(), casework.Schema()); err != nil {
		t.Fatal(err)
	}
	if err := s.Areas.Load(ctx); err != nil {
		t.Fatal(err)
	}
	for _, a := range []area.Area{
		{Code: "320682", Name: "如皋市", Level: area.County},
		{Code: "320682001", Name: "如城街道", Level: area.Township, Parent: "320682"},
		{Code: "320682001001", Name: "迎新社区", Level: area.Village, Parent: "320682001"},
		{Code: "320682001001001", Name: "第一网格", Level: area.Grid, Parent: "320682001001"},
		{Code: "320682001001002", Name: "第二网格", Level: area.Grid, Parent: "320682001001"},
	} {
		if _, err := s.Areas.Create(ctx, as, area.CreateArea{Area: a, Reason: "新设"}); err != nil {
			t.Fatal(err)
		}
	}
	for code, name := range map[string]string{"housing": "市住建局", "water": "市水务局"} {
		if _, err := s.Areas.CreateOrg(ctx, as, area.CreateOrg{Org: area.Org{Code: code, Name: name, Area: "320682"}, Reason: "新设"}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// asked is a form with one field of each kind.
func asked(op flow.Op) *flow.Definition {
	choices := []flow.Choice{{Value: "a", Title: lang.T("甲方案", "Plan A")}, {Value: "b", Title: lang.T("乙方案", "Plan B")}}
	field := func(key string, kind flow.FieldType) flow.FormField {
		return flow.FormField{Field: flow.Field{Key: key, Title: lang.T("题"+key, "T "+key), Type: kind, Choices: choices}}
	}
	form := []flow.FormField{field("text", flow.TypeText), field("line", flow.TypeLine), field("number", flow.TypeInteger), field("yes", flow.TypeBool),
		field("no", flow.TypeBool), field("day", flow.TypeDate), field("one", flow.TypeChoice), field("many", flow.TypeChoices), field("unit", flow.TypeUnit),
		field("units", flow.TypeUnits), field("post", flow.TypePost), field("original", flow.TypeCase), field("task", flow.TypeTask), field("photo_after", flow.TypeFiles),
		field("files", flow.TypeFiles), field("category", flow.TypeLine), field("area", flow.TypeLine), field("urgency", flow.TypeChoice)}
	form[len(form)-1].Choices = []flow.Choice{{Value: "normal", Title: lang.T("一般", "Normal")}, {Value: "complex", Title: lang.T("复杂", "Complex")}}
	return &flow.Definition{Standing: []flow.Action{{Name: "do", Title: lang.T("办", "Do"), Op: op, Form: form}}}
}

// told is the words of an entry whose data was read back from the database, one line for each.
func told(t *testing.T, s *Server, d *flow.Definition, action, data string) []string {
	t.Helper()
	e := casework.Entry{Seq: 1, Action: action}
	if err := json.Unmarshal([]byte(data), &e.Data); err != nil {
		t.Fatal(err)
	}
	c := &casework.Case{Tasks: []casework.Task{{No: 1, Post: "grid-member@320682001001001"}}}
	var out []string
	for _, w := range s.entries([]casework.Entry{e}, d, c, false)[0].Words {
		line := fmt.Sprintf("%s | %s | ", w.Title.ZH, w.Type)
		if w.From != nil {
			line += w.From.ZH + " (" + w.From.EN + ") → "
		}
		out = append(out, line+w.To.ZH+" ("+w.To.EN+")")
	}
	return out
}

func TestWhatWasFilledInIsToldInWordsForEveryKindOfField(t *testing.T) {
	s := withPlaces(t)
	got := told(t, s, asked(flow.OpGo), "do", `{"form": {"text": "OK", "line": "A1", "number": 3, "yes": true, "no": false, "day": "2026-03-09", "one": "b",
		"many": ["a", "b"], "unit": "housing", "units": ["housing", "water", "gone"], "post": "grid-member@320682001001001", "original": "320682-2026-000001",
		"task": 1, "photo_after": ["x", "y"], "files": ["z"], "category": "01.01", "area": "320682001001002", "urgency": "complex"}}`)
	want := []string{
		"题text | text | OK (OK)", "题line | line | A1 (A1)", "题number | integer | 3 (3)", "题yes | boolean | 是 (yes)", "题no | boolean | 否 (no)",
		"题day | date | 2026年3月9日 (9 Mar 2026)", "题one | choice | 乙方案 (Plan B)", "题many | choices | 甲方案、乙方案 (Plan A, Plan B)",
		"题unit | unit | 市住建局 (市住建局)", "题units | units | 市住建局、市水务局、gone (市住建局, 市水务局, gone)",
		"题post | post | 第一网格网格员 (Grid member, 第一网格)", "题original | case | 320682-2026-000001 (320682-2026-000001)",
		"题task | task | 1. 第一网格网格员 (1. Grid member, 第一网格)", "题photo_after | files | 2张照片 (2 photos)", "题files | files | 1个文件 (1 file)",
		"题category | choice | " + s.Cases.Categories().Name("01.01").ZH + " (" + s.Cases.Categories().Name("01.01").EN + ")",
		"题area | choice | 第二网格 (第二网格)", "题urgency | choice | 复杂 (Complex)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhatWasCorrectedIsToldBeforeAndAfter(t *testing.T) {
	s := withPlaces(t)
	cat := s.Cases.Categories().Name("01.01")
	for _, c := range []struct {
		name, action, data string
		want               []string
	}{
		{"a correction, also of what its form does not ask for, and the deadlines that moved", "do", `{"form": {"text": "看错了", "urgency": "complex", "area": "320682001001001"},
			"fields": {"urgency": ["normal", "complex"], "category": ["", "01.01"], "confidential": [false, true]},
			"clock": {"case": [1767225600000, 1767312000000], "task 2": [1767225600000, 0]}}`,
			[]string{"题text | text | 看错了 (看错了)", "题category | choice | 未定 (none) → " + cat.ZH + " (" + cat.EN + ")",
				"题urgency | choice | 一般 (Normal) → 复杂 (Complex)", "保密 | boolean | 否 (no) → 是 (yes)",
				"全程时限 | date | 2026年1月1日08:00 (1 Jan 2026 08:00) → 2026年1月2日08:00 (2 Jan 2026 08:00)",
				"第2件交办件的时限 | date | 2026年1月1日08:00 (1 Jan 2026 08:00) → 暂不计时 (not running)"}},
		{"a grid that went over into another", "area", `{"text": "撤并", "fields": {"area": ["320682001001001", "320682001001002"]}}`,
			[]string{"区域 | choice | 第一网格 (第一网格) → 第二网格 (第二网格)"}},
		{"a file", "attach", `{"text": "p.jpg", "form": {"file": "0193a5f0", "use": "after"}}`, []string{"用途 | choice | 处理后 (After)"}},
		{"what the reader gets nothing of is not told", "do", `{"stage": "handle"}`, nil},
	} {
		if got := told(t, s, asked(flow.OpCorrect), c.action, c.data); !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}
