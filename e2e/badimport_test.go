package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"linli/internal/platform/sheet"
)

func decoded(b []byte) map[string]any {
	var m map[string]any
	_ = json.Unmarshal(b, &m) // not every answer is JSON
	return m
}

// rowsRefused gives "row/column/code" of every refused row of a report.
func rowsRefused(a answer) []string {
	list, _ := a.body["refused"].([]any)
	column := "column"
	if list == nil {
		list, _ = a.body["errors"].([]any)
		column = "field"
	}
	var out []string
	for _, r := range list {
		m, _ := r.(map[string]any)
		out = append(out, fmt.Sprintf("%v/%v/%v", m["row"], m[column], m["code"]))
	}
	return out
}

// TestBrokenFilesAreRefusedWhole: nothing of a file that cannot be read is taken.
func TestBrokenFilesAreRefusedWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := w.secret("guanli")
		before := w.app.Areas.Tree().Version()
		good := workbook(t, []any{"code", "name", "level", "parent"}, []any{village + "812", "新网格", "grid", village})
		for name, c := range map[string]struct {
			path        string
			body        []byte
			status      int
			code, field string
		}{
			"nothing":                     {"areas", nil, 422, "invalid-request", ""},
			"bytes":                       {"areas", []byte("\x00\x01\x02\x03\x04\x05"), 422, "bad-row", "rows[1].A"},
			"half a workbook":             {"areas", good[:len(good)/2], 422, "sheet-broken", ""},
			"a zip that is no workbook":   {"areas", []byte("PK\x03\x04nothing"), 422, "sheet-broken", ""},
			"a bomb":                      {"areas", bomb(t), 422, "sheet-broken", ""},
			"no header":                   {"areas", []byte("\n\n\n"), 422, "sheet-empty", ""},
			"columns missing":             {"areas", []byte("code,colour\n1,red\n"), 422, "sheet-columns", ""},
			"a column twice":              {"areas", []byte("code,name,level,parent,name\n"), 422, "sheet-columns", ""},
			"an unknown column of people": {"people", []byte("login,name,colour\na,b,c\n"), 422, "bad-sheet", ""},
			"past 20 MB":                  {"areas", bytes.Repeat([]byte("code,name,level,parent\n"), 1_000_000), 413, "too-large", ""},
			"GeoJSON cut off":             {"boundaries", []byte(`{"type":"FeatureCollection","features":[`), 422, "geojson-broken", ""},
			"no GeoJSON":                  {"boundaries", []byte(`{"type":"Topology"}`), 422, "geojson-type", ""},
			"a datum not there":           {"boundaries?datum=mars", []byte(`{}`), 422, "invalid-request", "query.datum"},
			"holidays that are none":      {"", []byte(`{"year":"bald"}`), 422, "holidays-invalid", ""},
		} {
			path := "/api/v1/imports/" + c.path
			if c.path == "" {
				path = "/api/v1/calendars/years"
			}
			refusedAs(t, name, w.raw(key, "POST", path, "application/octet-stream", c.body), c.status, c.code, c.field)
		}
		if after := w.app.Areas.Tree().Version(); after != before {
			t.Errorf("refused files changed the tree from %d to %d", before, after)
		}
	})
}

// TestGoodRowsAreTakenApartFromBadOnes: each wrong row is named with its column, the others are taken, twice is once.
func TestGoodRowsAreTakenApartFromBadOnes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := w.secret("guanli")
		table := "编码,名称,层级,上级\n" +
			village + "821,甲网格,grid," + village + "\n" + // 2
			village + "822,,grid," + village + "\n" + // 3: no name
			"12,乙网格,grid," + village + "\n" + // 4: code
			village + "823,丙网格,galaxy," + village + "\n" + // 5: level
			village + "824,丁网格,grid,320682001999\n" + // 6: orphan
			village + "825,戊网格,grid," + village + "825\n" + // 7: its own parent
			village + "821,己网格,grid," + village + "\n" + // 8: twice
			village + "826,庚\x00网格,grid," + village + "\n" + // 9: NUL
			village + "827,\"=HYPERLINK(\"\"x\"\")\",grid," + village + "\n" // 10: a formula is a name like others, never run
		dry := w.raw(key, "POST", "/api/v1/imports/areas?dry_run=true", "text/csv", []byte(table))
		want := []string{"3/", "4/", "5/", "6/", "7/", "8/", "9/"}
		for _, a := range []answer{dry, w.raw(key, "POST", "/api/v1/imports/areas?name=probe.csv", "text/csv", []byte(table))} {
			got := rowsRefused(a)
			if a.status != 200 || a.body["created"] != float64(2) || len(got) != len(want) {
				t.Fatalf("%d created %v refused %v: %s", a.status, a.body["created"], got, cut(a.raw))
			}
			for i, r := range got {
				if !strings.HasPrefix(r, want[i]) || strings.Contains(r, "//") {
					t.Errorf("refused %s, want %s with its column", r, want[i])
				}
			}
		}
		again := w.raw(key, "POST", "/api/v1/imports/areas", "text/csv", []byte(table))
		if again.body["created"] != float64(0) || again.body["unchanged"] != float64(2) {
			t.Errorf("the second time: %s", cut(again.raw))
		}
		back := w.raw(key, "POST", "/api/v1/imports/areas/refused", "text/csv", []byte(table))
		book, err := sheet.Open("refused.xlsx", strings.NewReader(back.raw), int64(len(back.raw)), sheet.Limits{})
		if err != nil {
			t.Fatalf("the workbook of refused rows: %v: %s", err, cut(back.raw))
		}
		defer book.Close()
		rows := 0
		for {
			row, err := book.Next()
			if err != nil {
				break
			}
			rows++
			if row.Get("需要改正") == "" || row.Get("原行号") == "" {
				t.Errorf("row %d of the workbook does not say what to correct: %v", row.Number, row.Values())
			}
		}
		if rows != len(want) {
			t.Errorf("the workbook has %d rows, %d were refused", rows, len(want))
		}
	})
}

// TestPeopleAreTakenRowByRow: a wrong place, role, login or date is named; the good row is there.
func TestPeopleAreTakenRowByRow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		table := workbook(t, []any{"登录名", "姓名", "手机", "岗位", "区域", "开始"},
			[]any{"xin-ren-1", "𠮷田", "13700000001", "网格员", grid, ""},
			[]any{"xin-ren-2", "", "13700000002", "网格员", grid, ""},
			[]any{"xin-ren-3", "李四", "12", "网格员", grid, ""},
			[]any{"xin-ren-4", "王五", "", "将军", grid, ""},
			[]any{"xin-ren-5", "赵六", "", "网格员", "999", ""},
			[]any{"xin-ren-6", "钱七", "", "网格员", county, ""},
			[]any{"xin-ren-7", "孙八", "", "网格员", grid, "2026-13-45"})
		a := w.raw(w.secret("guanli"), "POST", "/api/v1/imports/people", "", table)
		got := rowsRefused(a)
		if a.status != 200 || a.body["good"] != float64(1) || a.body["rows"] != float64(7) || len(got) < 6 {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		if _, ok := w.app.Staff.ByLogin("xin-ren-1"); !ok {
			t.Error("the good row was not taken")
		}
		if _, ok := w.app.Staff.ByLogin("xin-ren-4"); ok {
			t.Error("a refused row made an account")
		}
	})
}

// TestOutlinesAreRefusedOneByOne: an outline that crosses itself, is empty, or belongs to nobody.
func TestOutlinesAreRefusedOneByOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		feature := func(code, coordinates string) string {
			return `{"type":"Feature","properties":{"code":"` + code + `"},"geometry":{"type":"Polygon","coordinates":` + coordinates + `}}`
		}
		bow := `[[[120.50,32.30],[120.51,32.31],[120.51,32.30],[120.50,32.31],[120.50,32.30]]]`
		body := `{"type":"FeatureCollection","features":[` + strings.Join([]string{
			feature(grid, bow), feature("999999", `[[[120.5,32.3],[120.6,32.3],[120.6,32.4],[120.5,32.3]]]`), feature(grid, `[]`),
			feature(grid, `[[[1e300,0],[1,0],[1,1],[1e300,0]]]`), feature(grid, `[[["a","b"]]]`)}, ",") + `]}`
		old, _ := w.app.Areas.Outline(grid)
		a := w.raw(w.secret("guanli"), "POST", "/api/v1/imports/boundaries?name=bow.geojson", "application/geo+json", []byte(body))
		if a.status != 200 || a.body["refused"] != float64(5) || a.body["updated"] != float64(0) {
			t.Fatalf("%d %s", a.status, cut(a.raw))
		}
		findings, _ := a.body["findings"].([]any)
		if !strings.Contains(a.raw, `"self-crossing"`) && !strings.Contains(a.raw, "cross") {
			t.Errorf("no finding tells of the crossing: %s", a.raw)
		}
		for _, f := range findings {
			m, _ := f.(map[string]any)
			if m["severity"] == "error" && m["feature"] == nil {
				t.Errorf("a finding does not name its feature: %v", m)
			}
		}
		if now, _ := w.app.Areas.Outline(grid); now.Shape.Area() != old.Shape.Area() {
			t.Error("a refused outline was stored")
		}
		refusedAs(t, "a split along a crossing outline", w.call(w.secret("guanli"), "POST", "/api/v1/areas/"+grid+"/split", form{"reason": "测试", "parts": []form{
			{"code": grid, "name": "甲", "outline": json.RawMessage(`{"type":"Polygon","coordinates":[[[120.50,32.30],[120.51,32.30],[120.51,32.31],[120.50,32.30]]]}`)}, {"code": village + "840", "name": "乙", "outline": json.RawMessage(`{"type":"Polygon","coordinates":` + bow + `}`)}}}), 422, "self-crossing", "parts."+village+"840")
	})
}

// TestAreasCannotGoInCircles, over the API as in a file.
func TestAreasCannotGoInCircles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := w.secret("guanli")
		refusedAs(t, "a village under its own grid", w.call(key, "POST", "/api/v1/areas/"+village+"/move", form{"parent": grid, "reason": "测试"}), 422, "cycle", "parent")
		refusedAs(t, "an area under itself", w.call(key, "POST", "/api/v1/areas/"+village+"/move", form{"parent": village, "reason": "测试"}), 422, "cycle", "parent")
		refusedAs(t, "a stale version", w.call(key, "POST", "/api/v1/areas/"+grid+"/rename", form{"name": "新名", "reason": "测试"}, "If-Match", `"9999999"`), 409, "stale-version", "")
		if _, ok := w.app.Areas.Tree().Area(grid); !ok {
			t.Error("the grid is gone")
		}
	})
}

// TestDraftsOfModelsAreJudgedByLine: not YAML, a bomb of aliases, a dead end, an actor that is none.
func TestDraftsOfModelsAreJudgedByLine(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := w.secret("guanli")
		sound := w.call(key, "GET", "/api/v1/models/seven-step", nil)
		text, _ := sound.body["text"].(string)
		if text == "" {
			t.Fatalf("no text of the model: %s", cut(sound.raw))
		}
		check := func(text string) answer {
			return w.raw(key, "POST", "/api/v1/models/check?name=probe.yaml", "application/yaml", []byte(text))
		}
		if a := check(text); a.body["sound"] != true || a.body["id"] != sound.body["id"] {
			t.Errorf("the built-in model is not sound: %s", cut(a.raw))
		}
		for name, draft := range map[string]string{
			"not YAML":              "flow: [\n",
			"nothing but blanks":    "  \n",
			"a bomb of aliases":     "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]\n",
			"no UTF-8":              "flow: \xff\xfe\n",
			"a NUL":                 "flow: \"a\x00b\"\n",
			"deep":                  "a: " + strings.Repeat("[", 5000) + "\n",
			"a dead end":            strings.Replace(text, "end: merged", "to: nowhere-at-all", 1),
			"an actor that is none": strings.Replace(text, "post: dispatcher", "post: emperor", 1),
			"a time that is none":   strings.Replace(text, "working: 4h", "working: soon", 1),
		} {
			a := check(draft)
			problems, _ := a.body["problems"].([]any)
			if a.status != 200 || a.body["sound"] != false || len(problems) == 0 {
				t.Errorf("%s: %d %s", name, a.status, cut(a.raw))
				continue
			}
			first, _ := problems[0].(map[string]any)
			if first["file"] != "probe.yaml" || first["code"] == "" || name != "nothing but blanks" && first["line"] == float64(0) {
				t.Errorf("%s: the problem has no place: %v", name, first)
			}
		}
		if a := check(strings.Repeat("# x\n", 400_000)); a.status != 413 && (a.status != 200 || a.body["sound"] != false) {
			t.Errorf("1.6 MB of YAML: %d %s", a.status, cut(a.raw))
		}
	})
}

// TestBadFilesOfCases: nothing, a program, too much, and a picture that is none.
func TestBadFilesOfCases(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		caseID, key := id(t), w.secret("paidan")
		w.call("", "POST", "/api/v1/cases", form{"id": caseID, "text": "路灯不亮", "place": form{"area": grid}})
		put := func(name, body string) answer {
			return w.raw(key, "PUT", "/api/v1/cases/"+caseID+"/files/"+id(t)+"?name="+name, "application/octet-stream", []byte(body))
		}
		for name, a := range map[string]answer{
			"an empty file":               put("a.txt", ""),
			"a program":                   put("a.jpg", "\x7fELF\x02\x01\x01"+strings.Repeat("\x00", 100)),
			"a page that runs":            put("a.html", "<!DOCTYPE html><script>alert(1)</script>"),
			"a picture cut off":           put("a.png&public=true", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
			"a name that leads elsewhere": put(strings.Repeat("a", 3000), "hallo"),
		} {
			if a.status < 400 || a.status >= 500 || a.body["code"] == nil {
				t.Errorf("%s: %d %s", name, a.status, cut(a.raw))
			}
		}
		v := w.call(key, "GET", "/api/v1/cases/"+caseID, nil)
		if files, _ := v.body["files"].([]any); len(files) != 0 {
			t.Errorf("refused files are there: %v", files)
		}
	})
}
