package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAVacancyIsFoundAndFilled over the API: somebody leaves, the post is covered, another one takes over.
func TestAVacancyIsFoundAndFilled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := w.secret("zhuren")
		post := string(gridMember)
		before := w.call(key, "GET", "/api/v1/posts/"+post, nil)
		holders, _ := before.body["holders"].([]any)
		if before.status != 200 || len(holders) == 0 {
			t.Fatalf("%d %s", before.status, before.raw)
		}
		for _, a := range list(w.call(key, "GET", "/api/v1/posts/"+post+"/appointments", nil), "appointments") {
			if a["ended_at"] == nil {
				if end := w.call(key, "POST", "/api/v1/appointments/"+a["id"].(string)+"/end", form{"reason": "调离"}); end.status != 200 {
					t.Fatalf("ending: %d %s", end.status, end.raw)
				}
			}
		}
		found := false
		for _, v := range list(w.call(key, "GET", "/api/v1/vacancies?area="+grid, nil), "vacancies") {
			found = found || v["post"] == post
		}
		if !found {
			t.Error("the vacancy is not listed")
		}
		covered := w.call(key, "GET", "/api/v1/posts/"+post, nil)
		cover, _ := covered.body["cover"].(map[string]any)
		if cover["holder"] != string(gridHead) || len(cover["trail"].([]any)) == 0 {
			t.Errorf("covered by %v", cover)
		}

		personID, appointmentID := id(t), id(t)
		for range 2 { // twice is once
			if made := w.call(key, "POST", "/api/v1/people", form{"id": personID, "login": "xinrenshang", "name": "新人上", "phone": "13700001234"}); made.status != 201 || made.body["phone"] != "137****1234" {
				t.Fatalf("%d %s", made.status, made.raw)
			}
			if a := w.call(key, "POST", "/api/v1/appointments", form{"id": appointmentID, "account": personID, "post": post}); a.status != 201 {
				t.Fatalf("%d %s", a.status, a.raw)
			}
		}
		if p := w.call(key, "GET", "/api/v1/people?q=xinren&role=grid-member", nil); len(list(p, "people")) != 1 {
			t.Errorf("looking for the new one: %s", p.raw)
		}
		secret, _ := w.call(key, "POST", "/api/v1/people/"+personID+"/password", nil).body["password"].(string)
		in := w.call("", "POST", "/api/v1/session", form{"login": "xinrenshang", "password": secret})
		if in.status != 201 || in.body["must_change"] != true {
			t.Fatalf("the one-time password: %d %s", in.status, in.raw)
		}
		fresh, _ := in.body["secret"].(string)
		refusedAs(t, "before the password is changed", w.call(fresh, "GET", "/api/v1/cases", nil), 403, "change-password", "")
		if c := w.call(fresh, "PUT", "/api/v1/me/password", form{"old": secret, "new": "quan-xin-de-kou-ling"}); c.status != 204 {
			t.Fatalf("%d %s", c.status, c.raw)
		}
		again, _ := w.call("", "POST", "/api/v1/session", form{"login": "xinrenshang", "password": "quan-xin-de-kou-ling"}).body["secret"].(string)
		if c := w.call(again, "GET", "/api/v1/cases", nil); c.status != 200 {
			t.Errorf("after it: %d %s", c.status, c.raw)
		}
		if log := w.call(w.secret("guanli"), "GET", "/api/v1/access-log?what=staff.appoint&page_size=1", nil); len(list(log, "entries")) != 1 || log.body["next"] == "" {
			t.Errorf("the access log: %s", log.raw)
		}
	})
}

func list(a answer, key string) []map[string]any {
	raw, _ := a.body[key].([]any)
	var out []map[string]any
	for _, v := range raw {
		m, _ := v.(map[string]any)
		out = append(out, m)
	}
	return out
}

// TestTheNoticeBoardCountsWhatIsUnderWay, confidential matters left out, and names nobody else.
func TestTheNoticeBoardCountsWhatIsUnderWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		open := func() float64 {
			n, _ := w.call("", "GET", "/api/v1/notice-board/"+grid, nil).body["open"].(float64)
			return n
		}
		before := open()
		for _, secret := range []bool{false, true} {
			if a := w.call("", "POST", "/api/v1/cases", form{"id": id(t), "text": "路灯不亮", "confidential": secret, "place": form{"area": grid}}); a.status != 201 {
				t.Fatal(a.raw)
			}
		}
		if now := open(); now != before+1 {
			t.Errorf("%v under way, then %v", before, now)
		}
		board := w.call("", "GET", "/api/v1/notice-board/"+grid, nil)
		head := w.app.Staff.Holders(gridHead, *w.now.Load())
		if !strings.Contains(board.raw, head[0].Name) || strings.Contains(board.raw, head[0].Phone) || strings.Contains(board.raw, head[0].ID) {
			t.Errorf("the board: %s", board.raw)
		}
		refusedAs(t, "a board of nowhere", w.call("", "GET", "/api/v1/notice-board/nowhere", nil), 404, "area-unknown", "")
	})
}

// TestAreasChangeOverTheAPI with tags that catch whoever was slower, and a history of who and why.
func TestAreasChangeOverTheAPI(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := w.secret("zhuren")
		seen := w.call(key, "GET", "/api/v1/areas/"+grid, nil)
		tag := seen.header.Get("ETag")
		renamed := w.call(key, "POST", "/api/v1/areas/"+grid+"/rename", form{"name": "改名网格", "alias": true, "reason": "更名"}, "If-Match", tag)
		if renamed.status != 200 || renamed.body["name"] != "改名网格" || renamed.header.Get("ETag") == tag {
			t.Fatalf("%d %s", renamed.status, renamed.raw)
		}
		refusedAs(t, "the slower one", w.call(key, "PATCH", "/api/v1/areas/"+grid, form{"population": 7, "reason": "核对"}, "If-Match", tag), 409, "stale-version", "")
		split := w.call(key, "POST", "/api/v1/areas/"+grid+"/split", form{"cut": true, "reason": "户数过多", "parts": []form{{"code": grid, "name": "东网格"}, {"code": village + "870", "name": "西网格"}}}, "If-Match", renamed.header.Get("ETag"))
		if split.status != 200 || len(list(split, "areas")) != 2 {
			t.Fatalf("%d %s", split.status, split.raw)
		}
		outline := w.call("", "GET", "/api/v1/areas/"+village+"870/outline", nil)
		geometry, _ := outline.body["geometry"].(map[string]any)
		if outline.header.Get("Content-Type") != "application/geo+json" || geometry["type"] == nil || geometry["coordinates"] == nil {
			t.Errorf("the outline of a part: %d %s", outline.status, cut(outline.raw))
		}
		merged := w.call(key, "POST", "/api/v1/areas/merge", form{"reason": "合回去", "from": []form{{"code": grid}, {"code": village + "870"}}, "into": form{"code": grid}})
		if merged.status != 200 {
			t.Fatalf("%d %s", merged.status, merged.raw)
		}
		gone := w.call("", "GET", "/api/v1/areas/"+village+"870", nil)
		if gone.body["closed"] != true || list(gone, "current")[0]["code"] != grid {
			t.Errorf("the merged one: %s", gone.raw)
		}
		for code, want := range map[string]string{grid: "import rename split", village + "870": "create merge"} {
			kinds := ""
			for _, e := range list(w.call(key, "GET", "/api/v1/areas/"+code+"/history", nil), "entries") {
				kinds += e["kind"].(string) + " "
			}
			for _, kind := range strings.Fields(want) {
				if !strings.Contains(kinds, kind) {
					t.Errorf("the history of %s tells %s, not of the %s", code, kinds, kind)
				}
			}
		}
	})
}

// TestRulesCanBeRead: models with their pictures, categories, calendars with the arithmetic.
func TestRulesCanBeRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := w.secret("paidan")
		for _, m := range list(w.call(key, "GET", "/api/v1/models", nil), "models") {
			name := m["id"].(string)
			full := w.call(key, "GET", "/api/v1/models/"+name, nil)
			if full.status != 200 || len(list(full, "stages")) == 0 || len(list(full, "ends")) == 0 {
				t.Errorf("%s: %d %s", name, full.status, cut(full.raw))
			}
			svg := w.call(key, "GET", "/api/v1/models/"+name+"/diagram?lang=en", nil)
			if svg.header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(svg.raw, "<svg") || !strings.Contains(svg.header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("the picture of %s: %d %s", name, svg.status, cut(svg.raw))
			}
			if text := w.call(key, "GET", "/api/v1/models/"+name+"/diagram?format=mermaid", nil); !strings.Contains(text.raw, "flowchart") {
				t.Errorf("the Mermaid text of %s: %s", name, cut(text.raw))
			}
		}
		year := w.call(key, "GET", "/api/v1/calendars/office/days/2026", nil)
		if year.body["known"] != true || len(list(year, "days")) != 365 {
			t.Errorf("2026: %s", cut(year.raw))
		}
		explained := w.call(key, "POST", "/api/v1/calendars/office/explain", form{"start": "2026-09-30T16:00:00+08:00", "measure": "working_days", "amount": "5"}, "Accept-Language", "en")
		steps := list(explained, "steps")
		if explained.status != 200 || len(steps) < 6 || steps[len(steps)-1]["kind"] != "due" {
			t.Errorf("the arithmetic: %s", cut(explained.raw))
		}
		refusedAs(t, "an amount that is none", w.call(key, "POST", "/api/v1/calendars/office/explain", form{"start": "2026-09-30T16:00:00+08:00", "measure": "hours", "amount": "soon"}), 422, "allowance-amount", "")
		if s := w.call("", "POST", "/api/v1/categories/suggest", form{"text": "楼道的路灯不亮了"}); len(list(s, "suggestions")) == 0 {
			t.Errorf("suggestions: %s", s.raw)
		}
		tree := w.call("", "GET", "/api/v1/categories", nil)
		if again := w.call("", "GET", "/api/v1/categories", nil, "If-None-Match", tree.header.Get("ETag")); again.status != 304 || again.raw != "" {
			t.Errorf("the tree that is at hand: %d %s", again.status, cut(again.raw))
		}
		if other := w.call("", "GET", "/api/v1/categories", nil, "If-None-Match", tree.header.Get("ETag"), "Accept-Language", "en"); other.status != 200 {
			t.Errorf("the tree in another language: %d", other.status)
		}
		next := map[string]any{"year": 2027, "papers": []string{"https://www.gov.cn/"}, "days": []form{{"name": "元旦", "date": "2027-01-01", "isOffDay": true}}}
		raw, err := json.Marshal(next)
		if err != nil {
			t.Fatal(err)
		}
		added := w.raw(w.secret("guanli"), "POST", "/api/v1/calendars/years", "application/json", raw)
		if added.status != 201 || added.body["year"] != float64(2027) || len(added.body["missing"].([]any)) == 0 {
			t.Errorf("adding a year: %d %s", added.status, added.raw)
		}
	})
}
