package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
)

func ofCategory(category string) func(*casework.Report) {
	return func(r *casework.Report) { r.Category = category }
}

// at is a position some metres north of a point.
func at(lat, lon, metres float64) func(*casework.Report) {
	return func(r *casework.Report) {
		r.Place.Area, r.Place.HasPoint, r.Place.Lat, r.Place.Lon = "", true, lat+metres/111_195, lon
	}
}

func near(w *world, login, path string) (ids []string, first map[string]any) {
	w.t.Helper()
	a := w.call(w.secret(login), "GET", path, nil)
	if a.status != 200 {
		w.t.Fatalf("%s: %d %s", path, a.status, a.raw)
	}
	for i, c := range list(a, "cases") {
		if i == 0 {
			first = c
		}
		ids = append(ids, c["id"].(string))
	}
	return ids, first
}

func TestTheSameMatterIsFoundNearby(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.pointIn(grid)
		m := w.report("小区东门口的路灯坏了,晚上一片漆黑,老人走路害怕", byModel("seven-step"), ofCategory("02.04.01"), at(p.Lat, p.Lon, 0))
		again := w.report("东门路灯不亮,晚上漆黑一片,请尽快修理路灯", byModel("seven-step"), ofCategory("02.04.01"), at(p.Lat, p.Lon, 40))
		unlike := w.report("楼上装修太吵,中午也不停", byModel("seven-step"), at(p.Lat, p.Lon, 5))
		hidden := w.report("东门口路灯坏了,晚上漆黑,有人尾随", byModel("seven-step"), at(p.Lat, p.Lon, 10), func(r *casework.Report) { r.Confidential = true })
		far := w.report("东门口的路灯坏了,晚上一片漆黑", byModel("seven-step"), inArea("320682001002001"))

		ids, first := near(w, "gezhang", "/api/v1/cases/"+m.id+"/nearby")
		has(t, "nearby", ids, again.id)
		hasNot(t, "nearby", ids, m.id, unlike.id, hidden.id, far.id)
		why, _ := first["why"].(map[string]any)
		if d, _ := first["distance_m"].(float64); first["id"] != again.id || d < 35 || d > 45 || first["likeness"].(float64) < 0.5 || !strings.Contains(fmt.Sprint(why["zh"]), "相距约 40 米") {
			t.Errorf("the most alike: %v", first)
		}
		ids, _ = near(w, "zhuren", "/api/v1/cases/"+m.id+"/nearby") // opens confidential matters
		has(t, "nearby for the head of the centre", ids, again.id, hidden.id)

		ids, first = near(w, "gezhang", fmt.Sprintf("/api/v1/cases/nearby?lat=%f&lon=%f&text=%s&category=02.04.01", p.Lat, p.Lon, "东门路灯坏了,晚上漆黑"))
		has(t, "nearby of a draft", ids, m.id, again.id)
		hasNot(t, "nearby of a draft", ids, unlike.id, hidden.id)
		if first["distance_m"] == nil {
			t.Errorf("without a distance: %v", first)
		}
		refusedAs(t, "half a position", w.call(w.secret("paidan"), "GET", "/api/v1/cases/nearby?lat=32.1&text=路灯", nil), 422, "invalid-place", "lat")
		refusedAs(t, "an area that is none", w.call(w.secret("paidan"), "GET", "/api/v1/cases/nearby?area=999&text=路灯", nil), 422, "invalid-place", "place.area")

		again.does("paidan", "duplicate", form{"original": m.number})
		ids, _ = near(w, "gezhang", "/api/v1/cases/"+m.id+"/nearby")
		hasNot(t, "after merging", ids, again.id)

		m.handled("wangge")
		m.does("paidan", "accept", nil)
		w.pass(31 * 24 * time.Hour)
		w.keys = map[string]string{}
		late := w.report("东门口的路灯坏了,晚上一片漆黑", byModel("seven-step"), ofCategory("02.04.01"), at(p.Lat, p.Lon, 0))
		ids, _ = near(w, "gezhang", "/api/v1/cases/"+late.id+"/nearby")
		hasNot(t, "ended a month ago", ids, m.id)
	})
}

func TestWhatHappenedAtAPlaceBeforeIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		address := func(words string) func(*casework.Report) {
			return func(r *casework.Report) { r.Place.Address = words }
		}
		old := w.report("路灯不亮,晚上一片漆黑", byModel("seven-step"), address("迎新社区3号楼东门")).solved()
		w.pass(90 * 24 * time.Hour)
		w.keys = map[string]string{}
		open := w.report("垃圾堆在楼道里", byModel("seven-step"), address("迎新社区3号楼"))
		other := w.report("树枝压着电线", byModel("seven-step"), address("水泵房北侧"))
		hidden := w.report("东门有人尾随", byModel("seven-step"), address("迎新社区3号楼"), func(r *casework.Report) { r.Confidential = true })
		far := w.report("路灯不亮", byModel("seven-step"), inArea("320682001002001"))
		again := w.report("垃圾还在楼道里", byModel("seven-step"), address("迎新社区3号楼"))
		again.does("paidan", "duplicate", form{"original": open.number})

		path := "/api/v1/cases/earlier?area=" + grid
		ids, _ := near(w, "huawu", path) // a place alone, without a word about the matter
		equal(t, "of the grid, the newest first", strings.Join(ids, " "), strings.Join([]string{hidden.id, other.id, open.id, old.id}, " "))
		ids, _ = near(w, "gezhang", path) // opens no confidential matters
		hasNot(t, "for the head of the grid", ids, hidden.id, far.id, again.id)
		ids, _ = near(w, "gezhang", "/api/v1/cases/earlier?area="+grid[:12]) // the village has what its grids had
		has(t, "of the village", ids, old.id, open.id)
		hasNot(t, "of the village", ids, far.id)

		a := w.call(w.secret("gezhang"), "GET", path+"&address=迎新社区3号楼", nil)
		rows := list(a, "cases")
		if a.status != 200 || len(rows) != 3 || a.body["area"] != grid || a.body["area_name"] == "" {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		equal(t, "the address first", fmt.Sprint(rows[0]["id"], rows[1]["id"], rows[2]["id"]), fmt.Sprint(open.id, old.id, other.id))
		if rows[1]["here"] != true || rows[2]["here"] != false || rows[1]["answer"] != "已换灯泡,晚上亮了" || rows[1]["address"] != "迎新社区3号楼东门" || rows[0]["answer"] != nil {
			t.Errorf("what came of them: %s", a.raw)
		}
		if a = w.call(w.secret("gezhang"), "GET", "/api/v1/cases/earlier?address=月球背面", nil); a.status != 200 || len(list(a, "cases")) != 0 || a.body["area"] != nil {
			t.Errorf("a place nobody knows: %d %s", a.status, a.raw)
		}
		refusedAs(t, "an area that is none", w.call(w.secret("huawu"), "GET", "/api/v1/cases/earlier?area=999", nil), 422, "invalid-place", "place.area")
		refusedAs(t, "nobody", w.call("", "GET", path, nil), 401, "sign-in", "")
	})
}

func TestPostsAreSuggestedByDutyAndExperience(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		category := "01.01.01" // duty of urban management
		for range 3 {
			done := w.report("垃圾没人清", byModel("seven-step"), ofCategory(category))
			done.does("paidan", "assign", form{"unit": housing})
			who := w.holder(done.now().Holder)
			for _, action := range []struct {
				name string
				form form
			}{{"take", nil}, {"feed_back", form{"result": "已清走,路面冲洗过"}}} {
				if _, err := w.app.Cases.Act(w.ctx, who, casework.Command{Case: done.id, Action: action.name, Form: action.form}); err != nil {
					t.Fatal(explained(err))
				}
				w.pass(30 * time.Minute)
			}
		}
		m := w.report("垃圾又堆满了", byModel("seven-step"), ofCategory(category))
		a := w.call(w.secret("paidan"), "GET", "/api/v1/cases/"+m.id+"/suggestions", nil)
		posts, asks := list(a, "posts"), list(a, "actions")
		if a.status != 200 || len(posts) < 2 || len(asks) == 0 {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		seen := map[string]map[string]any{}
		for _, p := range posts {
			unit, _ := p["unit"].(string)
			seen[unit] = p
		}
		if like := seen[housing]; like == nil || like["reason"] != "like" || like["handled"] != 3.0 || like["on_time_rate"] != 1.0 || like["median_hours"] != 0.5 {
			t.Errorf("who did it before: %v", like)
		}
		if duty := seen[stalls]; duty == nil || duty["reason"] != "duty" || duty["handled"] != 0.0 || duty["median_hours"] != nil {
			t.Errorf("whose duty it is: %v of %s", duty, a.raw)
		}
		// the figures can be recounted from the hand-overs
		equal(t, "hand-overs done", w.rows(`SELECT count(*) FROM task t JOIN cases c ON c.id = t.case_id WHERE c.category = $1 AND t.state = 'done' AND t.post = $2`, category, "unit-officer@"+housing), 3)
		m.does("paidan", "assign", form{"unit": housing})
		if after := w.call(w.secret("zhiban"), "GET", "/api/v1/cases/"+m.id+"/suggestions", nil); after.status != 200 {
			t.Errorf("the duty officer: %d %s", after.status, after.raw)
		}
		refusedAs(t, "a stranger", w.call(w.secret("guanli"), "GET", "/api/v1/cases/"+id(t)+"/suggestions", nil), 404, "no-case", "")
	})
}

func TestWhoAnswersTheHotlineSeesWhatTheNumberReported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		from := func(number string) func(*casework.Report) {
			return func(r *casework.Report) { r.Name, r.Phone = "王秀英", number }
		}
		open := w.report("路灯不亮", byModel("seven-step"), from("138 0000 5678"))
		closed := w.report("垃圾没人清", byModel("seven-step"), from("+8613800005678")).solved()
		w.report("别人的事", byModel("seven-step"), from("13800005679"))
		agent := w.secret("huawu")
		before := w.call(agent, "GET", "/api/v1/callers?phone=13800005678", nil)
		if before.status != 200 || before.body["total"] != 0.0 {
			t.Errorf("before the index is filled: %s", before.raw)
		}
		w.tick()
		a := w.call(agent, "GET", "/api/v1/callers?phone=138-0000-5678", nil)
		rows := list(a, "cases")
		if a.status != 200 || a.body["total"] != 2.0 || a.body["open"] != 1.0 || len(rows) != 2 || rows[0]["id"] != closed.id || rows[1]["id"] != open.id {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		if strings.Contains(a.raw, "王秀英") || strings.Contains(a.raw, "00005678") {
			t.Errorf("the answer names the caller: %s", a.raw)
		}
		equal(t, "looked up in the access log", w.rows(`SELECT count(*) FROM access_log WHERE what = 'case.caller' AND purpose = 'hotline'`), 2)
		equal(t, "the number in the access log", w.rows(`SELECT count(*) FROM access_log WHERE object LIKE '%00005678%' OR detail LIKE '%00005678%'`), 0)
		refusedAs(t, "half a number", w.call(agent, "GET", "/api/v1/callers?phone=138", nil), 422, "bad-phone", "phone")
		refusedAs(t, "no agent", w.call(w.secret("paidan"), "GET", "/api/v1/callers?phone=13800005678", nil), 403, "not-permitted", "")
		if again, err := w.app.Cases.IndexAll(w.ctx, nil); err != nil || again != 0 {
			t.Errorf("indexing again: %d %v", again, err)
		}
	})
}

func TestAReportWritesNoMoreForTheCallersIndex(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := w.rows(`SELECT count(*) FROM caller`)
		w.report("路灯不亮", byModel("seven-step"), func(r *casework.Report) { r.Phone = "13811112222" })
		equal(t, "rows written by the report", w.rows(`SELECT count(*) FROM caller`), before)
		w.tick()
		equal(t, "rows after indexing", w.rows(`SELECT count(*) FROM caller`), before+1)
	})
}

func TestKnowledgeNamesItsSources(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("路灯不亮,晚上走路看不见", byModel("seven-step"), ofCategory("02.04.01")).solved()
		hidden := w.report("路灯不亮,有人尾随", byModel("seven-step"), func(r *casework.Report) { r.Confidential = true }).solved()
		w.light()
		w.tick()
		a := w.call(w.secret("huawu"), "GET", "/api/v1/knowledge?q=路灯", nil)
		if a.status != 200 {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		kinds, results := list(a, "categories"), list(a, "results")
		if len(kinds) == 0 || len(list(a, "organisations")) == 0 {
			t.Fatalf("categories and offices: %s", a.raw)
		}
		for _, key := range []string{"categories", "organisations", "results"} {
			for _, one := range list(a, key) {
				if source, _ := one["source"].(map[string]any); source["title"] == nil || source["ref"] == "" {
					t.Errorf("%s without a source: %v", key, one)
				}
			}
		}
		if norms, _ := kinds[0]["norms"].([]any); len(norms) != 4 {
			t.Errorf("deadlines of %v: %v", kinds[0]["code"], norms)
		}
		if len(results) != 1 || results[0]["number"] != m.number || results[0]["answer"] != "已换灯泡,晚上亮了" {
			t.Errorf("public results: %v, hidden is %s", results, hidden.number)
		}
		if fire := w.call(w.secret("huawu"), "GET", "/api/v1/knowledge?q=厨房着火了", nil); len(list(fire, "emergency")) == 0 || list(fire, "emergency")[0]["number"] != "119" {
			t.Errorf("a fire: %s", cut(fire.raw))
		}
	})
}

func TestEmergencyNumbersAreDatedAndHaveSources(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.call("", "GET", "/api/v1/emergency?q=他晕倒了没呼吸", nil)
		numbers := list(a, "numbers")
		if a.status != 200 || a.body["checked"] == "" || len(numbers) < 6 {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		found := map[any]bool{}
		for _, n := range numbers {
			found[n["number"]] = true
			if source, _ := n["source"].(map[string]any); source["title"] == "" || n["say"] == nil {
				t.Errorf("%v lacks a source or words", n["number"])
			}
		}
		for _, n := range []string{"110", "119", "120", "122", "12395"} {
			if !found[n] {
				t.Errorf("%s is missing", n)
			}
		}
		if fitting, _ := a.body["fitting"].([]any); len(fitting) == 0 || fitting[0] != "120" {
			t.Errorf("fitting: %v", fitting)
		}
	})
}

func TestWhoLookedAtACaseIsSeenByTheSupervisor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("路灯不亮", byModel("seven-step"), func(r *casework.Report) { r.Name, r.Phone = "王秀英", "13800005678" })
		other := w.light()
		for _, one := range []*journey{m, other} {
			if a := w.call(w.secret("zhuren"), "POST", "/api/v1/cases/"+one.id+"/reveal", form{"purpose": "回访确认"}); a.status != 200 {
				t.Fatalf("revealing: %d %s", a.status, a.raw)
			}
		}
		supervisor := w.secret("ducha")
		a := w.call(supervisor, "GET", "/api/v1/cases/"+m.number+"/audit", nil)
		entries := list(a, "entries")
		if a.status != 200 || len(entries) != 1 || entries[0]["what"] != "case.reveal" || entries[0]["purpose"] != "回访确认" {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		hidden := w.report("有人在楼道里堵人", byModel("seven-step"), func(r *casework.Report) { r.Confidential = true })
		for _, one := range []*journey{hidden, hidden, other} { // twice within the hour is one look; ordinary matters are not written down
			if a := w.call(w.secret("zhuren"), "GET", "/api/v1/cases/"+one.id, nil); a.status != 200 {
				t.Fatalf("reading: %d %s", a.status, a.raw)
			}
		}
		looks := list(w.call(supervisor, "GET", "/api/v1/cases/"+hidden.id+"/audit", nil), "entries")
		if len(looks) != 1 || looks[0]["what"] != "case.read" || looks[0]["name"] != "刘文斌" {
			t.Errorf("who opened the confidential matter: %v", looks)
		}
		w.pass(2 * time.Hour)
		w.keys = map[string]string{}
		w.call(w.secret("paidan"), "GET", "/api/v1/field/package", nil)
		w.call(w.secret("zhuren"), "GET", "/api/v1/cases/"+hidden.id, nil)
		if looks = list(w.call(w.secret("ducha"), "GET", "/api/v1/cases/"+hidden.id+"/audit", nil), "entries"); len(looks) != 3 {
			t.Errorf("later: %v", looks)
		}
		equal(t, "looks at the ordinary matter", w.rows(`SELECT count(*) FROM access_log WHERE what = 'case.read' AND object = $1`, "case:"+other.id), 0)
		refusedAs(t, "without the permission", w.call(w.secret("paidan"), "GET", "/api/v1/cases/"+m.id+"/audit", nil), 403, "not-permitted", "")
	})
}
