package e2e

import (
	"strings"
	"testing"

	"linli/internal/platform/audit"
	"linli/internal/staff"
)

// hasRow tells whether some row of the first sheet of an export has all of the words.
func (w *world) hasRow(login, path string, words ...string) bool {
	w.t.Helper()
	f := w.workbook(login, "/api/v1/exports/"+path)
	for _, row := range rowsOf(w.t, f, f.GetSheetList()[0])[1:] {
		line, has := strings.Join(row, "|"), true
		for _, word := range words {
			has = has && strings.Contains(line, word)
		}
		if has {
			return true
		}
	}
	return false
}

func TestRulesAreExportedAsTheyAreShown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const decisions = "/api/v1/models/seven-step/activations"
		if a := w.call(w.secret("guanli"), "POST", decisions, form{"base": 0, "reason": "县里新规定", "text": renumbered(t, w, "seven-step", "2026.2")}); a.status != 201 {
			t.Fatalf("put into use: %s", a.raw)
		}
		who := w.as("guanli").Name()
		for _, c := range []struct {
			path string
			want []string
			none bool
		}{
			{path: "models.xlsx", want: []string{"七步", "seven-step@2026.2", "正在用", "2026-11-16 09:00", who, "县里新规定", "事件"}},
			{path: "models.xlsx", want: []string{"seven-step@2026.1"}, none: true},
			{path: "models.xlsx?old=true", want: []string{"seven-step@2026.1", "旧版本"}},
			{path: "activations.xlsx?model=seven-step", want: []string{"seven-step@2026.2", "正在用", "2026-11-16 09:00", who, "县里新规定"}},
			{path: "calendar-days.xlsx?calendar=office&year=2026", want: []string{"2026-10-01", "周四", "放假", "国庆节"}},
			{path: "calendar-days.xlsx?calendar=office&year=2026", want: []string{"2026-10-10", "周六", "调休上班", "是", ":"}},
			{path: "calendar-days.xlsx?calendar=office&year=2031", want: []string{"2031-03-03", "工作日", "是"}},
			{path: "roles.xlsx", want: []string{"网格员", "grid-member", "网格"}},
		} {
			if w.hasRow("guanli", c.path, c.want...) == c.none {
				f := w.workbook("guanli", "/api/v1/exports/"+c.path)
				t.Errorf("%s: a row with %q: %t; %q", c.path, c.want, c.none, rowsOf(t, f, f.GetSheetList()[0]))
			}
		}
		if a := w.call(w.secret("guanli"), "POST", decisions+"/1/withdraw", form{"base": 1, "reason": "再看看"}); a.status != 200 {
			t.Fatalf("taken back: %s", a.raw)
		}
		if !w.hasRow("guanli", "activations.xlsx?model=seven-step@2026.1", "seven-step@2026.2", "已撤回", who, "县里新规定", "再看看") {
			t.Error("who took an activation back is not told")
		}
		for path, want := range map[string][]string{"models.csv": {"in use", "Put into use by"}, "activations.csv?model=seven-step": {"withdrawn"},
			"calendar-days.csv?calendar=office&year=2026": {"2026-10-01,Thu,holiday"}, "roles.csv": {"grid member", "Read the matters in scope", "(township)"}} {
			a := w.call(w.secret("guanli"), "GET", "/api/v1/exports/"+path, nil, "Accept-Language", "en")
			for _, word := range want {
				if a.status != 200 || !strings.Contains(strings.ToLower(a.raw), strings.ToLower(word)) {
					t.Errorf("%s in English lacks %q: %d %.600s", path, word, a.status, a.raw)
				}
			}
		}
		for what, object := range map[string]string{"model.export": "export:activations", "calendar.export": "export:calendar-days", "staff.export": "export:roles"} {
			entries, _, err := w.app.Staff.AccessLog(w.ctx, w.as("guanli"), audit.Filter{What: what}, audit.Page{})
			if err != nil || len(entries) < 2 || !strings.HasPrefix(entries[0].Object, "export:") {
				t.Errorf("the access log has of %s (%s): %+v %v", what, object, entries, err)
			}
		}
	})
}

func TestARoleIsExportedWithEveryPermissionItHas(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := w.workbook("guanli", "/api/v1/exports/roles.xlsx")
		rows := rowsOf(t, f, f.GetSheetList()[0])
		column := map[string]int{}
		for i, title := range rows[0] {
			column[title] = i
		}
		roles := w.app.Staff.RoleTable()
		equal(t, "roles", len(rows)-1, len(roles.All()))
		for _, row := range rows[1:] {
			role, ok := roles.Get(row[1])
			if !ok {
				t.Fatalf("no role %q", row[1])
			}
			may := map[string]bool{}
			for _, key := range role.May {
				may[key] = true
			}
			for _, p := range staff.Permissions {
				at, shown := column[p.Text.ZH]
				if shown == p.ScopeOnly {
					t.Fatalf("%s has a column: %t", p.Key, shown)
				}
				if shown && (at < len(row) && row[at] == "是") != may[p.Key] {
					t.Errorf("%s of %s: %q", p.Key, role.Key, row)
				}
			}
		}
	})
}

func TestHistoriesAreExportedAsTheyAreShown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("", "urge", nil)
		if a := w.call(w.secret("guanli"), "POST", "/api/v1/areas/"+grid+"/rename", form{"name": "碧霞网格", "reason": "更名批复"}); a.status != 200 {
			t.Fatalf("renamed: %s", a.raw)
		}
		if a := w.call(w.secret("guanli"), "PATCH", "/api/v1/organisations/"+housing, form{"calendar": "service-hall", "reason": "窗口单位"}); a.status != 200 {
			t.Fatalf("changed: %s", a.raw)
		}
		admin, member := w.as("guanli"), w.as("wangge")
		made := w.call(w.secret("guanli"), "POST", "/api/v1/me/tokens", form{"name": "大屏", "scopes": []string{"area.read"}, "expires_at": w.now.Load().AddDate(0, 1, 0)})
		secret, _ := made.body["secret"].(string)
		if secret == "" {
			t.Fatalf("a token: %s", made.raw)
		}
		for _, c := range []struct {
			login, path string
			want        []string
		}{
			{"guanli", "changes.xlsx?code=" + grid, []string{"2026-11-16 09:00", admin.Name(), "改名", "名称:", " → 碧霞网格", "更名批复"}},
			{"guanli", "changes.xlsx?code=" + housing, []string{admin.Name(), "改单位资料", "工作日历:(空) → service-hall", "窗口单位"}},
			{"guanli", "team.xlsx?code=" + grid, []string{"网格员", "碧霞网格", member.Name(), "****"}},
			{"guanli", "team.xlsx?code=" + housing, []string{"单位收单员"}},
			{"guanli", "appointments.xlsx?person=" + member.ID(), []string{"网格员", "碧霞网格"}},
			{"guanli", "access.xlsx?person=" + admin.ID(), []string{"登录", "2026-11-16 09:00"}},
			{"guanli", "access.xlsx?person=" + admin.ID(), []string{"令牌", "大屏", "查看区域和组织"}},
			{"paidan", "timeline.xlsx?case=" + m.number, []string{"2026-11-16 09:00", "已收到"}},
			{"paidan", "timeline.xlsx?case=" + m.id, []string{"催", "报事人"}},
		} {
			if !w.hasRow(c.login, c.path, c.want...) {
				f := w.workbook(c.login, "/api/v1/exports/"+c.path)
				t.Errorf("%s has no row with %q: %q", c.path, c.want, rowsOf(t, f, f.GetSheetList()[0]))
			}
			if a := w.call(w.secret(c.login), "GET", "/api/v1/exports/"+strings.Replace(c.path, ".xlsx", ".csv", 1), nil); a.status != 200 || strings.Contains(a.raw, secret) {
				t.Errorf("%s as CSV: %d %.400s", c.path, a.status, a.raw)
			}
		}
		f := w.workbook("guanli", "/api/v1/exports/appointments.xlsx?person="+member.ID())
		about := ""
		for _, row := range rowsOf(t, f, f.GetSheetList()[1]) {
			about += strings.Join(row, "=") + "\n"
		}
		if !strings.Contains(about, "条件:人员="+member.Name()+"(wangge)") {
			t.Errorf("the last sheet names nobody:\n%s", about)
		}
		english := w.call(w.secret("guanli"), "GET", "/api/v1/exports/changes.csv?code="+grid, nil, "Accept-Language", "en")
		if !strings.Contains(english.raw, "renamed") || !strings.Contains(english.raw, "name: ") {
			t.Errorf("in English: %.400s", english.raw)
		}
		entries, _, err := w.app.Staff.AccessLog(w.ctx, w.as("paidan"), audit.Filter{What: "case.export"}, audit.Page{})
		if err != nil || len(entries) < 4 || entries[0].Object != "export:timeline" || entries[0].Path != w.app.Areas.Tree().Path(grid) {
			t.Errorf("the access log: %+v %v", entries, err)
		}
	})
}

func TestASheetOfWhatMayNotBeSeenIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		for _, table := range []string{"roles", "models", "activations", "calendar-days", "changes", "team", "appointments", "access", "timeline"} {
			if a := w.call(w.secret("wangge"), "GET", "/api/v1/exports/"+table+".xlsx", nil); a.status != 403 {
				t.Errorf("%s by a grid member: %d", table, a.status)
			}
		}
		for path, status := range map[string]int{"activations.csv": 422, "activations.csv?model=none": 404, "calendar-days.csv?calendar=office": 422, "calendar-days.csv?calendar=none&year=2026": 404,
			"calendar-days.csv?calendar=office&year=12": 422, "changes.csv": 422, "changes.csv?code=000": 404, "team.csv?code=000": 404, "timeline.csv?case=0": 404, "appointments.csv?person=0": 404,
			"access.csv?person=" + w.as("guanli").ID(): 403} {
			if a := w.call(w.secret("zhiban"), "GET", "/api/v1/exports/"+path, nil); a.status != status {
				t.Errorf("%s: %d instead of %d: %.300s", path, a.status, status, a.raw)
			}
		}
		if a := w.call(w.secret("zhiban"), "GET", "/api/v1/exports/timeline.csv?case="+m.number, nil); a.status != 200 || strings.Contains(a.raw, m.code) {
			t.Errorf("what happened to a case: %d %.300s", a.status, a.raw)
		}
	})
}
