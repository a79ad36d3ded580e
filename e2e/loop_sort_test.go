package e2e

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

func TestAReportIsDeclinedWithAReasonThatTheReporterReads(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.refused("paidan", "decline", nil, "invalid-form")
		m.refused("wangge", "decline", form{"reason": "不归我管"}, "not-yours")
		m.does("paidan", "decline", form{"reason": "该路段已移交交通局,请拨打12328"})
		c := m.ended("declined")
		if c.Owner != "" || !c.HopDueAt.IsZero() {
			t.Errorf("a declined case still has an owner: %+v", c)
		}
		if p := m.track(); p.Now.ZH != "未受理:该路段已移交交通局,请拨打12328" {
			t.Errorf("the reporter reads %q", p.Now.ZH)
		}
		equal(t, "counted as invalid", w.rows(`SELECT sum(n) FROM tally WHERE measure = 'invalid'`), 1)
		m.refused("paidan", "assign", nil, "not-at-this-stage")
	})
}

func TestADuplicateIsMergedAndTheOriginalGoesOnForBoth(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		original, copied := w.light(), w.light()
		copied.refused("paidan", "duplicate", form{"original": "没有"}, "invalid-form")
		copied.refused("paidan", "duplicate", form{"original": id(t)}, "invalid-form")
		copied.refused("paidan", "duplicate", form{"original": copied.number}, "invalid-form")
		elsewhere := w.report("路灯坏了", byModel("seven-step"), inArea("320682001002001"))
		copied.refused("paidan", "duplicate", form{"original": elsewhere.number}, "invalid-form")
		copied.does("paidan", "duplicate", form{"original": original.number})
		equal(t, "merged into", copied.ended("merged").MergedInto, original.id)
		equal(t, "told in the original", original.last().Action, "merged_in")
		equal(t, "original still open", original.now().Stage, "sort")
		if got := original.view("paidan").Merged; !slices.Contains(got, copied.id) {
			t.Errorf("the original names %v", got)
		}
		// neither into itself by a detour, nor into what has been merged itself
		original.refused("paidan", "duplicate", form{"original": copied.id}, "invalid-form")
		third := w.light()
		third.refused("paidan", "duplicate", form{"original": copied.number}, "invalid-form")
		// the reporter of the copy follows the original
		p := copied.track()
		if p.Merged == nil || p.Merged.Number != original.number {
			t.Fatalf("the reporter of the copy is told %+v", p.Merged)
		}
		if want := "和" + original.number + "是同一件事,一并办理"; p.Now.ZH != want {
			t.Errorf("the reporter reads %q, want %q", p.Now.ZH, want)
		}
	})
}

func TestMergingNeverShowsOneReportersWordsToAnother(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		secret := func(r *casework.Report) { r.Confidential = true }
		original := w.report("王家的孩子常被打", byModel("seven-step"), secret)
		open, closed := w.light(), w.report("那家又在打孩子", byModel("seven-step"), secret)
		open.refused("paidan", "duplicate", form{"original": original.number}, "invalid-form")
		closed.does("paidan", "duplicate", form{"original": original.number})
		merged := closed.track().Merged
		if merged == nil {
			t.Fatal("the reporter of the copy learns nothing")
		}
		if raw := w.call("", "GET", "/api/v1/track/"+closed.code, nil).raw; len(merged.Steps) > 0 || containsAny(raw, "王家的孩子") {
			t.Errorf("the words of one reporter are shown to another: %s", raw)
		}
	})
}

func TestSortingHandsTheMatterToWhoeverIsChosen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, rule := range []struct {
			name, action string
			form         form
			stage        string
			post         staff.Post
			level        string
		}{
			{"here: to the grid member", "here", nil, "handle", gridMember, ""},
			{"to a chosen unit", "assign", form{"unit": housing}, "handle", "unit-officer@" + housing, ""},
			{"without a unit to the duty unit of the category", "assign", nil, "handle", "unit-head@" + stalls, ""},
			{"up a level: to the township's duty officer", "raise", form{"reason": "村里办不了"}, "sort", duty, ""},
			{"whistled: to whoever answers whistles", "whistle", form{"reason": "要几家一起来"}, "muster", duty, ""},
		} {
			m := w.report("小区垃圾成堆没人清", byModel("seven-step"), func(r *casework.Report) { r.Category = "01.01.01" })
			m.does("paidan", rule.action, rule.form)
			c := m.at(rule.stage, rule.post)
			equal(t, rule.name+": first receiver", c.FirstPost, dispatcher)
			if c.HopDueAt.IsZero() || c.DueAt.IsZero() {
				t.Errorf("%s: no clock", rule.name)
			}
		}
		m := w.light()
		m.refused("paidan", "assign", form{"unit": "nothing"}, "invalid-form")
		m.refused("paidan", "assign", form{"unit": housing, "lead": "x"}, "invalid-form")
		m.refused("paidan", "raise", nil, "invalid-form")
		m.refused("paidan", "fly", nil, "unknown-action")
	})
}

func TestRaisingGoesUpLevelByLevelUntilTheTop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "raise", form{"reason": "村里办不了"})
		m.at("sort", duty)
		m.does("zhiban", "raise", form{"reason": "镇里办不了"})
		m.at("sort", "duty-officer@"+county)
		m.refused("zhihui", "raise", form{"reason": "谁办"}, "at-the-top")
	})
}

func TestACategoryWithoutADutyUnitIsDecidedByTheTownship(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("啊啊啊", byModel("seven-step"))
		m.does("paidan", "assign", nil)
		c := m.at("handle", duty)
		if len(c.Tasks[1].Trail) == 0 {
			t.Error("nothing says why it came to the duty officer")
		}
	})
}

func TestCorrectionsKeepWhatWasAndMoveTheClocks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		before := m.now()
		m.refused("paidan", "correct", form{"reason": "没变", "urgency": "normal"}, "nothing-changed")
		m.refused("paidan", "correct", form{"reason": "移走", "area": "320682001002001"}, "invalid-form")
		m.refused("paidan", "correct", form{"reason": "分类", "category": "88.88"}, "invalid-form")
		m.refused("wangge", "correct", form{"reason": "急", "urgency": "urgent"}, "not-yours")
		m.does("paidan", "correct", form{"reason": "路灯归市政", "category": "02.04.01", "area": grid[:12] + "002", "urgency": "urgent"})
		c, e := m.now(), m.last()
		equal(t, "category", c.Category, "02.04.01")
		equal(t, "area", c.Area, grid[:12]+"002")
		equal(t, "path", c.Path, w.app.Areas.Tree().Path(c.Area))
		equal(t, "urgency", c.Urgency, "urgent")
		if !c.DueAt.Before(before.DueAt) || !c.HopDueAt.Before(before.HopDueAt) {
			t.Errorf("the clocks stayed: %v and %v", c.DueAt, c.HopDueAt)
		}
		if want := before.ReceivedAt.Add(24 * 60 * 60e9); !c.Clock.Start.Equal(before.Clock.Start) || c.DueAt.After(want) {
			t.Errorf("an urgent case is due %v, started %v", c.DueAt, c.Clock.Start)
		}
		for field, was := range map[string]any{"category": before.Category, "area": before.Area, "urgency": "normal"} {
			if e.Data.Fields[field][0] != was {
				t.Errorf("the timeline says that %s was %v", field, e.Data.Fields[field][0])
			}
		}
		if len(e.Data.Clock) != 2 {
			t.Errorf("the timeline does not say which deadlines moved: %v", e.Data.Clock)
		}
		m.does("paidan", "correct", form{"reason": "还是一般", "urgency": "normal"})
		if c := m.now(); !c.DueAt.Equal(before.DueAt) || !c.HopDueAt.Equal(before.HopDueAt) {
			t.Errorf("back to normal the deadlines are %v and %v, were %v and %v", c.DueAt, c.HopDueAt, before.DueAt, before.HopDueAt)
		}
	})
}

func TestAnUrgencyCorrectedDuringAMusterMovesEveryUnitsClock(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.stalled().mustered()
		m.does("guijian", "accept", nil)
		before := m.now()
		m.does("zhiban", "correct", form{"reason": "要出事了", "urgency": "urgent"})
		after := m.now()
		for i := range after.Tasks {
			if a, b := &after.Tasks[i], &before.Tasks[i]; a.Open() && !a.Clock.Due.Before(b.Clock.Due) {
				t.Errorf("%s of %s keeps its %v", a.Kind, a.Post, a.Clock.Due)
			}
		}
	})
}

func TestACorrectedCategoryTakesItsSecrecyAlong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("占道经营", byModel("seven-step"), func(r *casework.Report) { r.Category = "01.02.01" })
		if !m.now().Public {
			t.Fatal("stalls on the street are a public matter")
		}
		m.does("paidan", "correct", form{"reason": "其实是投诉执法方式", "category": "01.02.05"})
		c := m.now()
		if c.Public || c.Kind != "complaint" {
			t.Errorf("public %v, kind %s", c.Public, c.Kind)
		}
		if f, ok := m.last().Data.Fields["public"]; !ok || f[1] != false {
			t.Errorf("the timeline does not say that it is no longer public: %v", m.last().Data.Fields)
		}
		m.refused("paidan", "correct", form{"reason": "又公开又保密", "public": true, "confidential": true}, "invalid-form")
		m.does("paidan", "correct", form{"reason": "保密", "confidential": true})
		if c := m.now(); !c.Confidential || c.Public {
			t.Errorf("confidential %v, public %v", c.Confidential, c.Public)
		}
	})
}

func TestACommandSentTwiceIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		cmd := casework.Command{Case: m.id, ID: id(t), Action: "assign", Form: form{"unit": housing}}
		var wg sync.WaitGroup
		outs, errs := make([]casework.Outcome, 5), make([]error, 5)
		actor := w.as("paidan")
		for i := range outs {
			wg.Go(func() { outs[i], errs[i] = w.app.Cases.Act(w.ctx, actor, cmd) })
		}
		wg.Wait()
		fresh := 0
		for i := range outs {
			if errs[i] != nil {
				t.Fatal(explained(errs[i]))
			}
			if !outs[i].Again {
				fresh++
			}
			equal(t, "entry", outs[i].Entry.Seq, int64(2))
		}
		equal(t, "done", fresh, 1)
		equal(t, "hand-overs", len(m.now().Tasks), 2)
		if _, err := w.app.Cases.Act(w.ctx, actor, casework.Command{Case: m.id, ID: cmd.ID, Action: "note", Form: form{"note": "别的"}}); !fault.HasCode(err, "id-used") {
			t.Errorf("the same command with another content: %v", err)
		}
		if _, err := w.app.Cases.Act(w.ctx, actor, casework.Command{Case: m.id, ID: "x", Action: "note"}); !fault.HasCode(err, "invalid-command") {
			t.Errorf("an id that is none: %v", err)
		}
	})
}

func TestAStaleVersionIsRefusedWithWhatChanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "note", form{"note": "先去看看"})
		m.does("zhiban", "urge", form{"note": "快"})
		f := m.refused("paidan", "here", nil, "stale-version", func(c *casework.Command) { c.Base = 1 })
		detail, _ := f.Detail.(map[string]any)
		since, _ := detail["since"].([]casework.Entry)
		if len(since) != 2 || since[0].Action != "note" || since[1].Action != "urge" {
			t.Errorf("what changed: %+v", f.Detail)
		}
		m.does("paidan", "here", nil, func(c *casework.Command) { c.Base = 3 })
		// the same over HTTP, by ETag
		read := w.call(w.secret("wangge"), "GET", "/api/v1/cases/"+m.number, nil)
		tag := read.header.Get("ETag")
		equal(t, "status of reading", read.status, 200)
		m.does("zhiban", "urge", form{"note": "再快"})
		stale := w.call(w.secret("wangge"), "POST", "/api/v1/cases/"+m.id+"/actions/take", form{}, "If-Match", tag)
		if stale.status != 409 && stale.status != 412 || !containsAny(stale.raw, "stale-version") || !containsAny(stale.raw, "urge") {
			t.Errorf("stale over HTTP: %d %s", stale.status, stale.raw)
		}
		fresh := w.call(w.secret("wangge"), "GET", "/api/v1/cases/"+m.id, nil)
		if done := w.call(w.secret("wangge"), "POST", "/api/v1/cases/"+m.id+"/actions/take", form{}, "If-Match", fresh.header.Get("ETag")); done.status != 200 {
			t.Errorf("with the present ETag: %d %s", done.status, done.raw)
		}
	})
}

func TestABulkActionTellsWhichCasesWereRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var cmds []casework.Command
		for range 3 {
			cmds = append(cmds, casework.Command{Case: w.light().id, Action: "here"})
		}
		elsewhere := w.report("路灯坏了", byModel("seven-step"), inArea("320682001002001"))
		done := w.light().solved()
		cmds = append(cmds, casework.Command{Case: elsewhere.id, Action: "here"}, casework.Command{Case: done.id, Action: "here"},
			casework.Command{Case: cmds[0].Case, Action: "here", Base: 1})
		results, err := w.app.Cases.Bulk(w.ctx, w.as("paidan"), cmds)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"", "", "", "no-case", "not-at-this-stage", "stale-version"} {
			have := ""
			if results[i].Refused != nil {
				have = results[i].Refused.Code
			}
			equal(t, fmt.Sprint("case ", i), have, want)
		}
		if _, err := w.app.Cases.Bulk(w.ctx, w.as("paidan"), nil); !fault.HasCode(err, "bulk-size") {
			t.Errorf("nothing at once: %v", err)
		}
	})
}

func TestOffersAreWhatMayBeDone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		has(t, "the dispatcher", m.offers("paidan"), "here", "assign", "whistle", "raise", "duplicate", "decline", "note", "ask", "pause", "extend", "transfer", "correct")
		hasNot(t, "the grid member", m.offers("wangge"), "here", "assign", "correct", "decline")
		has(t, "the reporter", m.offers(""), "urge", "withdraw")
		hasNot(t, "the reporter", m.offers(""), "here", "rate", "answer")
		first := m.view("paidan").Offers[0]
		if !first.Primary || first.Action.Op != flow.OpGo || first.Action.Title.In(lang.ZH) == "" {
			t.Errorf("the usual next step is %+v", first)
		}
	})
}
