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

func rowsOf(t *testing.T, f *excelize.File, sheet string) [][]string {
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

func TestAnExportedRegisterCanBeImported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, table := range []string{"areas", "organisations"} {
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
		for _, table := range []string{"cases", "people", "areas", "organisations", "vacancies", "access-log"} {
			if a := w.call(w.secret("wangge"), "GET", "/api/v1/exports/"+table+".csv", nil); a.status != 403 {
				t.Errorf("%s by a grid member: %d", table, a.status)
			}
		}
		for path, field := range map[string]string{"cases.xlsx?state=nowhere": "state", "cases.xlsx?page_size=5": "query.page_size", "vacancies.csv?area=000": "", "people.csv?phone=abc": "phone"} {
			a := w.call(w.secret("zhiban"), "GET", "/api/v1/exports/"+path, nil)
			if a.status != 422 && a.status != 404 || field != "" && !containsAny(a.raw, `"field":"`+field) {
				t.Errorf("%s: %d %s", path, a.status, a.raw)
			}
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
