package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"linli/internal/area"
	"linli/internal/board"
	"linli/internal/staff"
)

// board is what everybody reads at the corner of an area.
func (w *world) board(code string) answer {
	w.t.Helper()
	a := w.call("", "GET", "/api/v1/notice-board/"+code, nil)
	if a.status != 200 {
		w.t.Fatalf("the board of %s: %d %s", code, a.status, a.raw)
	}
	return a
}

// post puts a notice up over HTTP.
func (w *world) post(login, area string, words form) answer {
	w.t.Helper()
	body := form{"id": id(w.t), "area": area, "title": "停水通知", "text": "明日8时至18时停水。\n请提前储水。"}
	for k, v := range words {
		body[k] = v
	}
	return w.call(w.secret(login), "POST", "/api/v1/notices", body)
}

func titles(list []map[string]any) string {
	var out []string
	for _, n := range list {
		out = append(out, fmt.Sprint(n["title"]))
	}
	return strings.Join(out, " ")
}

func TestWhatATownshipPostsStandsOnTheBoardsOfItsGrids(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.post("paidan", village, form{"title": "停水通知"})
		if first.status != 201 || first.header.Get("ETag") != `"1"` || first.body["state"] != "showing" || first.body["author"] != "李桂兰" {
			t.Fatalf("posted: %d %s", first.status, first.raw)
		}
		w.post("gezhang", grid, form{"title": "置顶的通知", "pinned": true})
		w.post("paidan", village, form{"title": "内部通知", "audience": "staff"})
		w.post("paidan", village, form{"title": "以后的通知", "from": w.now.Load().Add(48 * time.Hour).Format(time.RFC3339)})
		shown := titles(list(w.board(grid), "notices"))
		if !strings.Contains(shown, "停水通知") || !strings.Contains(shown, "置顶的通知") || strings.Contains(shown, "内部通知") || strings.Contains(shown, "以后的通知") {
			t.Errorf("on the board of the grid: %s", shown)
		}
		if pinned := list(w.board(grid), "notices")[0]; pinned["pinned"] != true {
			t.Errorf("first: %v", pinned["title"])
		}
		if raw := w.board(grid).raw; strings.Contains(raw, "李桂兰\",\"posted") || strings.Contains(raw, `"author"`) {
			t.Errorf("the board names who posted: %s", raw)
		}
		if other := titles(list(w.board("320682001002"), "notices")); strings.Contains(other, "停水通知") {
			t.Errorf("another village has it: %s", other)
		}
		staffed := titles(list(w.call(w.secret("wangge"), "GET", "/api/v1/areas/"+grid+"/notices", nil), "notices"))
		if !strings.Contains(staffed, "内部通知") {
			t.Errorf("for staff: %s", staffed)
		}
		w.pass(49 * time.Hour)
		w.keys = map[string]string{}
		if shown := titles(list(w.board(grid), "notices")); !strings.Contains(shown, "以后的通知") {
			t.Errorf("two days later: %s", shown)
		}
	})
}

func TestANoticeIsPostedOnceChangedAndWithdrawnWithAReason(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := w.secret("paidan")
		sent := form{"id": id(t), "area": village, "title": "停水通知", "text": "明日停水。", "until": w.now.Load().Add(24 * time.Hour).Format(time.RFC3339)}
		one, two := w.call(key, "POST", "/api/v1/notices", sent), w.call(key, "POST", "/api/v1/notices", sent)
		if one.status != 201 || two.status != 201 || two.body["version"] != 1.0 {
			t.Fatalf("sent twice: %s %s", one.raw, two.raw)
		}
		equal(t, "rows", w.rows(`SELECT count(*) FROM board_notice WHERE id = $1`, sent["id"]), 1)
		refusedAs(t, "another's id", w.call(w.secret("shuji"), "POST", "/api/v1/notices", sent), 409, "id-used", "id")
		at := "/api/v1/notices/" + fmt.Sprint(sent["id"])
		changed := w.call(key, "PATCH", at, form{"title": "停水改期", "text": "改为后天停水。"}, "If-Match", `"1"`)
		if changed.status != 200 || changed.body["title"] != "停水改期" || changed.body["version"] != 2.0 || changed.body["until"] != nil {
			t.Fatalf("changed: %d %s", changed.status, changed.raw)
		}
		refusedAs(t, "seen too early", w.call(key, "PATCH", at, form{"title": "停水改期", "text": "又改了。"}, "If-Match", `"1"`), 409, "stale-version", "")
		refusedAs(t, "without a reason", w.call(key, "POST", at+"/withdraw", form{"reason": " "}), 422, "reason-needed", "reason")
		refusedAs(t, "from the next village", w.call(w.secret("wangge"), "POST", at+"/withdraw", because), 403, "not-permitted", "")
		gone := w.call(key, "POST", at+"/withdraw", form{"reason": "停水取消"}, "If-Match", `"2"`)
		if why, _ := gone.body["withdrawn"].(map[string]any); gone.status != 200 || gone.body["state"] != "withdrawn" || why["reason"] != "停水取消" || why["by"] != "李桂兰" {
			t.Fatalf("withdrawn: %d %s", gone.status, gone.raw)
		}
		refusedAs(t, "withdrawn twice", w.call(key, "POST", at+"/withdraw", because), 409, "withdrawn", "")
		if shown := titles(list(w.board(grid), "notices")); strings.Contains(shown, "停水改期") {
			t.Errorf("still on the board: %s", shown)
		}
		kept := titles(list(w.call(key, "GET", "/api/v1/notices?state=withdrawn&area="+village, nil), "notices"))
		equal(t, "withdrawn ones", kept, "停水改期")
		log := w.call(w.secret("ducha"), "GET", "/api/v1/access-log?object=notice:"+fmt.Sprint(sent["id"]), nil)
		var what []string
		for _, e := range list(log, "entries") {
			what = append(what, fmt.Sprint(e["what"]))
		}
		equal(t, "access log", strings.Join(what, " "), "board.withdraw board.change board.post")
	})
}

func TestNoticesAreRefusedWhereTheyAreWrong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		soon := w.now.Load().Add(time.Hour).Format(time.RFC3339)
		for field, words := range map[string]form{
			"title": {"title": " "}, "text": {"text": strings.Repeat("水", 3001)}, "until": {"from": soon, "until": soon},
			"from": {"from": "2099-01-01T00:00:00Z"},
		} {
			refusedAs(t, field, w.post("paidan", village, words), 422, "bad-notice", field)
		}
		refusedAs(t, "for nobody", w.post("paidan", village, form{"audience": "pets"}), 422, "invalid-request", "body.audience")
		refusedAs(t, "above one's place", w.post("paidan", township, nil), 403, "not-permitted", "")
		refusedAs(t, "an office posts nothing", w.post("guijian", township, nil), 403, "not-permitted", "")
		refusedAs(t, "nowhere", w.post("paidan", "nowhere", nil), 404, "area-unknown", "")
		refusedAs(t, "a list of nothing such", w.call(w.secret("paidan"), "GET", "/api/v1/notices?state=lost", nil), 422, "invalid-filter", "state")
		refusedAs(t, "a cursor of another list", w.call(w.secret("paidan"), "GET", "/api/v1/notices?after=x", nil), 422, "invalid-filter", "after")
		refusedAs(t, "notices for staff", w.call("", "GET", "/api/v1/areas/"+grid+"/notices", nil), 401, "sign-in", "")
	})
}

func TestAListOfNoticesComesByPagesOfOnesOwnPlaces(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 5 {
			if _, err := w.app.Board.Post(w.ctx, staff.System(), id(t), grid, board.Words{Title: fmt.Sprintf("第%d条", i), Text: "内容在此。"}); err != nil {
				t.Fatal(explained(err))
			}
			w.pass(time.Minute)
		}
		var seen []string
		after := ""
		for range 9 {
			page := w.call(w.secret("gezhang"), "GET", "/api/v1/notices?page_size=2&after="+after, nil)
			for _, n := range list(page, "notices") {
				seen = append(seen, fmt.Sprint(n["title"]))
			}
			if after, _ = page.body["next"].(string); after == "" {
				break
			}
		}
		equal(t, "all of the grid and nothing above", strings.Join(seen, " "), "第4条 第3条 第2条 第1条 第0条")
		equal(t, "of an office", len(list(w.call(w.secret("guijian"), "GET", "/api/v1/notices", nil), "notices")), 0)
	})
}

func TestTheDutyPhoneIsTheNearestAndNeverAPrivateOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		phones := func(code string) string {
			var out []string
			for _, d := range list(w.call("", "GET", "/api/v1/duty-phones/"+code, nil), "phones") {
				out = append(out, fmt.Sprint(d["phone"]))
			}
			return strings.Join(out, " ")
		}
		before := phones(grid)
		set := w.call(w.secret("gezhang"), "PUT", "/api/v1/duty-phones/"+grid, form{"phone": "0513-00002201 转 8", "note": "请先说清位置",
			"hours": []form{{"days": "workdays", "from": "08:30", "to": "17:30"}, {"days": "rest-days", "from": "20:00", "to": "08:00"}}})
		if set.status != 200 || set.body["version"] != 1.0 || set.body["phone"] != "0513-00002201 转 8" {
			t.Fatalf("set: %d %s", set.status, set.raw)
		}
		equal(t, "nearest first", phones(grid), strings.TrimSpace("0513-00002201 转 8 "+before))
		equal(t, "those above stay", phones(village), before)
		if first := list(w.board(grid), "duty")[0]; first["phone"] != "0513-00002201 转 8" || fmt.Sprint(first["hours"]) == "[]" {
			t.Errorf("on the board: %v", first)
		}
		head := w.as("gezhang")
		own, err := w.app.Staff.Phone(w.ctx, head, head.ID(), "自己看看")
		if err != nil {
			t.Fatal(explained(err))
		}
		refusedAs(t, "one's own number", w.call(w.secret("gezhang"), "PUT", "/api/v1/duty-phones/"+grid, form{"phone": "+86 " + own}), 422, "bad-duty-phone", "phone")
		refusedAs(t, "with an extension, too", w.call(w.secret("gezhang"), "PUT", "/api/v1/duty-phones/"+grid, form{"phone": own + " 转 1"}), 422, "bad-duty-phone", "phone")
		refusedAs(t, "no number", w.call(w.secret("gezhang"), "PUT", "/api/v1/duty-phones/"+grid, form{"phone": "找老王"}), 422, "bad-duty-phone", "phone")
		refusedAs(t, "hours of nothing", w.call(w.secret("gezhang"), "PUT", "/api/v1/duty-phones/"+grid, form{"phone": "00002202", "hours": []form{{"days": "every-day", "from": "08:00", "to": "08:00"}}}), 422, "bad-duty-phone", "hours[0].from")
		refusedAs(t, "of the village above", w.call(w.secret("gezhang"), "PUT", "/api/v1/duty-phones/"+village, form{"phone": "00002202"}), 403, "not-permitted", "")
		refusedAs(t, "changed meanwhile", w.call(w.secret("gezhang"), "PUT", "/api/v1/duty-phones/"+grid, form{"phone": "00002202"}, "If-Match", `"7"`), 409, "stale-version", "")

		office := w.call(w.secret("guijian"), "PUT", "/api/v1/duty-phones/"+housing, form{"phone": "0513-00003300"})
		equal(t, "an office sets its own", office.status, 200)
		refusedAs(t, "and no other's", w.call(w.secret("guijian"), "PUT", "/api/v1/duty-phones/"+farming, form{"phone": "0513-00003300"}), 403, "not-permitted", "")

		m := w.light()
		call := func() any {
			c, _ := w.call("", "GET", "/api/v1/track/"+m.code, nil).body["call"].(map[string]any)
			return c["phone"]
		}
		equal(t, "with the village: that of the village", fmt.Sprint(call()), strings.Fields(before)[0])
		m.does("paidan", "assign", form{"unit": housing})
		equal(t, "with the office: its own", call(), any("0513-00003300"))
		equal(t, "dropped", w.call(w.secret("guijian"), "DELETE", "/api/v1/duty-phones/"+housing, nil).status, 204)
		refusedAs(t, "dropped twice", w.call(w.secret("guijian"), "DELETE", "/api/v1/duty-phones/"+housing, nil), 404, "no-duty-phone", "")
		equal(t, "without one of its own: the grid's", call(), any("0513-00002201 转 8"))
	})
}

func TestNoticesAndPhonesStayWithThePeopleWhenAreasChange(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, who := context.Background(), staff.System()
		add := func(code string) {
			if _, err := w.app.Areas.Create(ctx, who, area.CreateArea{Reason: "test", Area: area.Area{Code: code, Name: "临时网格" + code[len(code)-3:], Level: area.Grid, Parent: village, Kind: area.KindBasic}}); err != nil {
				t.Fatal(explained(err))
			}
		}
		one, two := village+"971", village+"972"
		add(one)
		add(two)
		must[board.Notice](t, "a notice")(w.app.Board.Post(ctx, who, id(t), one, board.Words{Title: "要跟着走的通知", Text: "内容在此。"}))
		must[board.Duty](t, "a phone")(w.app.Board.SetDuty(ctx, who, board.Duty{Place: one, Phone: "0513-00004401"}, 0))
		has := func(code string) {
			t.Helper()
			if b := w.board(code); strings.Count(titles(list(b, "notices")), "要跟着走的通知") != 1 || list(b, "duty")[0]["phone"] != "0513-00004401" {
				t.Errorf("the board of %s: %s", code, b.raw)
			}
		}
		split := w.call(w.secret("guanli"), "POST", "/api/v1/areas/"+one+"/split", form{"reason": "网格调整", "parts": []form{{"code": village + "973", "name": "甲网格"}, {"code": village + "974", "name": "乙网格"}}})
		if split.status != 200 {
			t.Fatalf("split: %s", split.raw)
		}
		has(village + "973")
		has(village + "974")
		merged := w.call(w.secret("guanli"), "POST", "/api/v1/areas/merge", form{"reason": "网格调整", "from": []form{{"code": village + "974"}, {"code": two}}, "into": form{"code": two}})
		if merged.status != 200 {
			t.Fatalf("merged: %s", merged.raw)
		}
		has(two)
		moved := w.call(w.secret("guanli"), "POST", "/api/v1/areas/"+two+"/move", form{"parent": "320682001002", "reason": "区划调整"})
		if moved.status != 200 {
			t.Fatalf("moved: %s", moved.raw)
		}
		has(two)
		equal(t, "managed from the new place", w.rows(`SELECT count(*) FROM board_notice WHERE area = $1 AND path LIKE $2`, two, "/320682/320682001/320682001002/%"), 1)
	})
}

func TestTheFieldPackageTakesNoticesPhonesUnitsAndPostsAlong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := w.secret("wangge")
		pack := func(tag string) answer { return w.call(key, "GET", "/api/v1/field/package", nil, "If-None-Match", tag) }
		first := pack("")
		tag := first.header.Get("ETag")
		units, posts := list(first, "units"), list(first, "addressees")
		named := func(list []map[string]any, key, want string) bool {
			for _, v := range list {
				if v[key] == want {
					return true
				}
			}
			return false
		}
		if !named(units, "code", housing) || named(units, "code", "320682002-housing") {
			t.Errorf("units: %d, %s", len(units), cut(first.raw))
		}
		if !named(posts, "post", string(dispatcher)) || !named(posts, "post", "unit-officer@"+housing) || named(posts, "post", "dispatcher@320682001002") || strings.Contains(fmt.Sprint(posts), "administrator") {
			t.Errorf("posts: %v", posts)
		}
		equal(t, "nothing new", pack(tag).status, 304)
		w.post("paidan", village, form{"title": "内部通知", "audience": "staff"})
		second := pack(tag)
		if second.status != 200 || !strings.Contains(titles(list(second, "notices")), "内部通知") {
			t.Errorf("with a new notice: %d %s", second.status, titles(list(second, "notices")))
		}
		w.call(w.secret("gezhang"), "PUT", "/api/v1/duty-phones/"+grid, form{"phone": "0513-00005500"})
		third := pack(second.header.Get("ETag"))
		if third.status != 200 || list(third, "duty")[0]["phone"] != "0513-00005500" {
			t.Errorf("with a new phone: %d %v", third.status, third.body["duty"])
		}
	})
}

func TestPostsACaseMayBeGivenToAreForWhoMayGiveIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "here", nil)
		m.does("wangge", "take", nil)
		at := "/api/v1/cases/" + m.id + "/posts"
		posts := list(w.call(w.secret("wangge"), "GET", at, nil), "posts")
		if len(posts) == 0 || posts[0]["path"] != "/320682/320682001/320682001001/"+grid+"/" {
			t.Fatalf("the nearest first: %v", posts)
		}
		for _, p := range posts {
			if p["post"] == string(gridMember) {
				t.Error("who has it already is offered")
			}
			if found, err := w.app.Staff.ReadPost(staff.System(), staff.Post(fmt.Sprint(p["post"])), *w.now.Load()); err != nil || len(found.Holders) == 0 != (p["vacant"] == true) {
				t.Errorf("%v: vacant %v, holders %d", p["post"], p["vacant"], len(found.Holders))
			}
		}
		found := list(w.call(w.secret("wangge"), "GET", at+"?q=派单", nil), "posts")
		if len(found) != 1 || found[0]["post"] != string(dispatcher) {
			t.Errorf("by name: %v", found)
		}
		equal(t, "for who may only look", len(list(w.call(w.secret("jianwei"), "GET", at, nil), "posts")), 0)
		refusedAs(t, "for strangers", w.call(w.secret("huifang"), "GET", "/api/v1/cases/"+id(t)+"/posts", nil), 404, "no-case", "")
		m.does("wangge", "transfer", form{"post": string(gridHead), "reason": "我请假"})
		equal(t, "given on", string(m.now().Owner), string(gridHead))
	})
}
