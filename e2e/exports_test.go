package e2e

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"linli/internal/casework"
	"linli/internal/platform/audit"
)

// workbook opens an export.
func (w *world) workbook(login, path string) *excelize.File {
	w.t.Helper()
	a := w.call(w.secret(login), "GET", path, nil)
	if a.status != 200 || a.header.Get("Content-Type") != "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" {
		w.t.Fatalf("%s: %d %s %.300s", path, a.status, a.header.Get("Content-Type"), a.raw)
	}
	f, err := excelize.OpenReader(strings.NewReader(a.raw))
	if err != nil {
		w.t.Fatalf("%s does not open: %v", path, err)
	}
	w.t.Cleanup(func() { _ = f.Close() })
	return f
}

func rowsOf(t testing.TB, f *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCasesAreExportedAsTheyAreListed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		open := w.report("=HYPERLINK(\"http://evil\") 路灯不亮", byModel("seven-step"), urgently("normal"))
		ended := w.light().solved()
		f := w.workbook("paidan", "/api/v1/exports/cases.xlsx?scope=area&state=all&area="+village)
		sheets := f.GetSheetList()
		equal(t, "sheets", strings.Join(sheets, " "), "事项 导出说明")
		rows := rowsOf(t, f, sheets[0])
		place := map[string]int{}
		for i, row := range rows {
			place[row[0]] = i + 1
		}
		if place[open.number] == 0 || place[ended.number] == 0 || len(rows) != 1+len(w.pages("paidan", casework.Filter{Scope: "area", State: "all", Area: village, PageSize: 200}, nil)) {
			t.Fatalf("%d rows, %v", len(rows), place)
		}
		equal(t, "first title", rows[0][0], "编号")
		line := rows[place[open.number]-1]
		equal(t, "title", line[1], open.now().Title)
		equal(t, "urgency", line[4], "一般")
		equal(t, "received", line[13], "2026-11-16 09:00")
		for cell, want := range map[string]bool{"B": false, "N": true} {
			at := cell + strconv.Itoa(place[open.number])
			if formula, err := f.GetCellFormula(sheets[0], at); err != nil || formula != "" {
				t.Errorf("%s is a formula: %q %v", at, formula, err)
			}
			kind, err := f.GetCellType(sheets[0], at)
			if err != nil || (kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber) != want {
				t.Errorf("%s is of type %v, %v", at, kind, err)
			}
		}
		if raw, err := f.GetCellValue(sheets[0], "N"+strconv.Itoa(place[open.number]), excelize.Options{RawCellValue: true}); err != nil || raw != "46342.375" {
			t.Errorf("the date is kept as %q, %v", raw, err)
		}
		panes, err := f.GetPanes(sheets[0])
		if err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("the header does not stay in sight: %+v %v", panes, err)
		}
		about := ""
		for _, row := range rowsOf(t, f, sheets[1]) {
			about += strings.Join(row, "=") + "\n"
		}
		for _, want := range []string{"条件:范围=辖区", "条件:状态=全部", "(" + village + ")", "(paidan)", "导出时间=2026-11-16 09:00", "是否完整=全部"} {
			if !strings.Contains(about, want) {
				t.Errorf("the last sheet lacks %q:\n%s", want, about)
			}
		}
		entries, _, err := w.app.Staff.AccessLog(w.ctx, w.as("paidan"), audit.Filter{What: "case.export"}, audit.Page{})
		if err != nil || len(entries) != 1 || !strings.Contains(entries[0].Detail, "scope=area") || entries[0].Path != w.app.Areas.Tree().Path(village) {
			t.Errorf("the access log: %+v %v", entries, err)
		}
	})
}

func TestEveryTableIsExportedInBothFormats(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.light()
		for _, table := range []string{"cases", "people", "areas", "organisations", "vacancies", "access-log"} {
			query := ""
			if table == "cases" {
				query = "?scope=area"
			}
			f := w.workbook("zhiban", "/api/v1/exports/"+table+".xlsx"+query)
			book := rowsOf(t, f, f.GetSheetList()[0])
			a := w.call(w.secret("zhiban"), "GET", "/api/v1/exports/"+table+".csv"+query, nil, "Accept-Language", "zh")
			if a.status != 200 || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
				t.Fatalf("%s.csv: %d %.300s", table, a.status, a.raw)
			}
			lines, err := csv.NewReader(bytes.NewReader([]byte(strings.TrimPrefix(a.raw, "\ufeff")))).ReadAll()
			if err != nil || len(lines) < 2 {
				t.Fatalf("%s.csv: %d lines, %v", table, len(lines), err)
			}
			extra := 0
			if table == "access-log" {
				extra = 1 // the first export is in it
			}
			equal(t, "lines of "+table, len(lines), len(book)+extra)
			equal(t, "columns of "+table, strings.Join(lines[0], ","), strings.Join(book[0], ","))
		}
	})
}

func TestWhatTheDeskListsIsExportedInTheReadersWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("", "urge", nil)
		w.post("paidan", village, form{"title": "停水通知", "text": "明日停水。\n请储水。", "audience": "staff", "pinned": true})
		gone := w.post("paidan", village, form{"title": "写错的通知"})
		if a := w.call(w.secret("paidan"), "POST", "/api/v1/notices/"+gone.body["id"].(string)+"/withdraw", form{"reason": "日期写错"}); a.status != 200 {
			t.Fatalf("withdrawn: %s", a.raw)
		}
		made := w.call(w.secret("paidan"), "POST", "/api/v1/me/tokens", form{"name": "大屏", "scopes": []string{"area.read", "case.read"}, "expires_at": w.now.Load().AddDate(0, 1, 0)})
		secret, _ := made.body["secret"].(string)
		if made.status != 201 || secret == "" {
			t.Fatalf("a token: %s", made.raw)
		}
		if a := w.call(w.secret("guanli"), "POST", "/api/v1/areas/"+grid+"/split", form{"cut": true, "reason": "户数过多", "parts": []form{{"code": grid, "name": "东网格"}, {"code": village + "870", "name": "西网格"}}}); a.status != 200 {
			t.Fatalf("split: %s", a.raw)
		}
		if _, err := w.app.Cases.Reveal(w.ctx, w.as("zhihui"), m.id, "核对地址"); err != nil {
			t.Fatal(explained(err))
		}
		for path, want := range map[string][]string{
			"alerts.xlsx":                      {"2026-11-16 09:00", "有人催办", m.number, m.now().Title},
			"notices.xlsx":                     {"停水通知", "明日停水。\n请储水。", "工作人员", "显示中", "是", "李桂兰"},
			"notices.xlsx?state=withdrawn":     {"写错的通知", "已撤下", "日期写错"},
			"tokens.xlsx":                      {"大屏", "查看范围内的事项;查看区域和组织", "2026-12-16 09:00"},
			"reviews.xlsx?area=" + village:     {"网格员", "东网格", "区域拆分后留在这里"},
			"places.xlsx":                      {"estate-" + grid, "碧霞花苑", "东网格"},
			"case-audit.xlsx?case=" + m.number: {"case.reveal", "核对地址"},
		} {
			login := "paidan"
			if strings.HasPrefix(path, "case-audit") {
				login = "ducha"
			}
			f := w.workbook(login, "/api/v1/exports/"+path)
			found := false
			for _, row := range rowsOf(t, f, f.GetSheetList()[0])[1:] {
				line := strings.Join(row, "|")
				has := true
				for _, v := range want {
					has = has && strings.Contains(line, v)
				}
				found = found || has
			}
			if !found {
				t.Errorf("%s has no row with %q: %q", path, want, rowsOf(t, f, f.GetSheetList()[0]))
			}
			for _, sheet := range f.GetSheetList() {
				for _, row := range rowsOf(t, f, sheet) {
					if strings.Contains(strings.Join(row, "|"), secret) {
						t.Errorf("%s tells the secret of a token", path)
					}
				}
			}
			csv := w.call(w.secret(login), "GET", "/api/v1/exports/"+strings.Replace(path, ".xlsx", ".csv", 1), nil)
			if csv.status != 200 || !strings.Contains(csv.raw, want[0]) || strings.Contains(csv.raw, secret) {
				t.Errorf("%s as CSV: %d %.400s", path, csv.status, csv.raw)
			}
		}
		english := w.call(w.secret("paidan"), "GET", "/api/v1/exports/alerts.csv?unseen=true", nil, "Accept-Language", "en")
		if !strings.Contains(english.raw, "somebody urges") || !strings.Contains(english.raw, "For the post") {
			t.Errorf("in English: %.400s", english.raw)
		}
		for what, object := range map[string]string{"alert.export": "export:alerts", "board.export": "export:notices", "staff.token-export": "export:tokens"} {
			entries, _, err := w.app.Staff.AccessLog(w.ctx, w.as("paidan"), audit.Filter{What: what}, audit.Page{})
			if err != nil || len(entries) < 2 || entries[0].Object != object {
				t.Errorf("the access log has of %s: %+v %v", what, entries, err)
			}
		}
	})
}

func TestAnExportedRegisterCanBeImported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, table := range []string{"areas", "organisations", "places"} {
			a := w.call(w.secret("guanli"), "GET", "/api/v1/exports/"+table+".xlsx", nil)
			got := w.raw(w.secret("guanli"), "POST", "/api/v1/imports/"+table+"?dry_run=true", "application/octet-stream", []byte(a.raw))
			if got.status != 200 || len(rowsRefused(got)) != 0 {
				t.Errorf("%s: %d %.600s", table, got.status, got.raw)
			}
		}
	})
}

func TestWithoutThePermissionNothingIsExported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		for _, table := range []string{"cases", "people", "areas", "organisations", "vacancies", "access-log", "alerts", "notices", "reviews", "places", "tokens"} {
			if a := w.call(w.secret("wangge"), "GET", "/api/v1/exports/"+table+".csv", nil); a.status != 403 {
				t.Errorf("%s by a grid member: %d", table, a.status)
			}
		}
		for path, field := range map[string]string{"cases.xlsx?state=nowhere": "state", "cases.xlsx?page_size=5": "query.page_size", "vacancies.csv?area=000": "", "people.csv?phone=abc": "phone",
			"notices.csv?state=lost": "state", "reviews.csv?area=000": "", "case-audit.csv": "query.case", "case-audit.csv?case=0": ""} {
			a := w.call(w.secret("zhiban"), "GET", "/api/v1/exports/"+path, nil)
			if a.status != 422 && a.status != 404 || field != "" && !containsAny(a.raw, `"field":"`+field) {
				t.Errorf("%s: %d %s", path, a.status, a.raw)
			}
		}
		if a := w.call(w.secret("zhiban"), "GET", "/api/v1/exports/case-audit.csv?case="+m.number, nil); a.status != 403 {
			t.Errorf("who looked at a case, by somebody without case.audit: %d %s", a.status, a.raw)
		}
	})
}

func TestEveryCaseIsExportedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var want []string
		for range 3 {
			want = append(want, w.light().number)
			w.pass(time.Minute)
		}
		a := w.call(w.secret("paidan"), "GET", "/api/v1/exports/cases.csv", nil) // mine, by what falls due
		for _, number := range want {
			equal(t, "times "+number+" is there", strings.Count(a.raw, number), 1)
		}
	})
}
