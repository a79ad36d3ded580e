package e2e

import (
	"slices"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

func TestTheSevenStepsFromReportToRating(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.at("sort", dispatcher)
		m.does("paidan", "here", nil)
		offered := m.at("handle", gridMember)
		equal(t, "offered until taken", offered.Tasks[1].State, flow.Offered)
		m.refused("wangge", "feed_back", form{"result": "好了"}, "not-now")
		w.pass(time.Hour)
		m.does("wangge", "take", nil)
		taken := m.at("handle", gridMember)
		if !taken.HopDueAt.After(offered.HopDueAt) {
			t.Errorf("the handling clock starts with taking: %v, was %v", taken.HopDueAt, offered.HopDueAt)
		}
		m.does("wangge", "feed_back", form{"result": "已换灯泡,晚上亮了"})
		m.at("verify", dispatcher)
		m.refused("wangge", "accept", nil, "not-by-handler")
		m.refused("nongye", "accept", nil, "no-case")
		m.does("paidan", "accept", form{"note": "看过了"})
		c := m.ended("resolved")
		if c.EndedAt != w.app.DB.Now() && !c.EndedAt.Equal(*w.now.Load()) || c.Owner != "" {
			t.Errorf("ended at %v with owner %q", c.EndedAt, c.Owner)
		}
		equal(t, "the reporter reads", m.track().Now.ZH, "已办结:已换灯泡,晚上亮了")
		m.refused("", "reopen", form{"reason": "没好"}, "guard")
		m.does("", "rate", form{"score": 5, "resolved": true, "comment": "谢谢"})
		m.refused("", "rate", form{"score": 1}, "not-now")
		m.refused("", "reopen", form{"reason": "没好"}, "guard")
		for measure, want := range map[string]int{"reported": 1, "closed": 1, "on_time": 1, "completed": 1, "resolved": 1, "rated": 1, "satisfied": 1} {
			equal(t, "counted "+measure, w.rows(`SELECT coalesce(sum(n), 0) FROM tally WHERE measure = $1`, measure), want)
		}
	})
}

func TestHandingBackIsRuledOnBothWays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "assign", form{"unit": housing})
		m.refused("guijian", "hand_back", nil, "invalid-form")
		m.does("guijian", "hand_back", form{"reason": "不是本单位职责"}) // without taking it first
		m.at("ruling", duty)
		m.refused("guijian", "return", form{"reason": "x"}, "not-yours")
		m.does("zhiban", "return", form{"reason": "三定规定明确由你们负责"})
		m.at("handle", "unit-officer@"+housing)
		m.does("guijian", "take", nil)
		m.does("guijian", "hand_back", form{"reason": "设备归供电"})
		m.does("zhiban", "reassign", form{"unit": farming})
		m.at("handle", "unit-officer@"+farming)
		m.does("nongye", "hand_back", form{"reason": "更不是我们"})
		m.does("zhiban", "agree", nil)
		m.at("sort", dispatcher)
	})
}

func TestNotesAmongColleaguesStayInsideAndReasonsAreRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "assign", form{"unit": housing, "note": "这家老上访,小心点"})
		m.does("guijian", "hand_back", form{"reason": "设备归供电"})
		m.does("zhiban", "return", form{"reason": "别推了"})
		raw := w.call("", "GET", "/api/v1/track/"+m.code, nil).raw
		if containsAny(raw, "老上访") || !containsAny(raw, "设备归供电") {
			t.Errorf("the reporter reads a note among colleagues, or not the reason: %s", raw)
		}
		m.does("guijian", "take", nil)
		m.does("guijian", "note", form{"note": "内部:等配件"})
		m.does("guijian", "note", form{"note": "公开:配件已订", "public": true})
		raw = w.call("", "GET", "/api/v1/track/"+m.code, nil).raw
		if containsAny(raw, "内部:等配件") || !containsAny(raw, "公开:配件已订") {
			t.Errorf("notes: %s", raw)
		}
	})
}

func TestTransferPassesTheDutyOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "assign", form{"unit": housing})
		m.does("guijian", "take", nil)
		m.refused("guijian", "transfer", form{"reason": "转"}, "invalid-form")
		m.refused("guijian", "transfer", form{"reason": "转", "unit": farming, "post": string(gridMember)}, "invalid-form")
		m.refused("guijian", "transfer", form{"reason": "转", "post": "king@moon"}, "invalid-form")
		m.refused("nongye", "transfer", form{"reason": "转", "unit": farming}, "no-case")
		m.does("guijian", "transfer", form{"reason": "请农办办", "unit": farming})
		c := m.at("handle", "unit-officer@"+farming)
		equal(t, "let go", c.Tasks[1].State, flow.Released)
		equal(t, "to be taken", c.Tasks[2].State, flow.Offered)
		m.refused("guijian", "take", nil, "not-yours")
		m.does("nongye", "take", nil)
		m.does("nongye", "transfer", form{"reason": "网格就近", "post": string(gridMember)})
		m.at("handle", gridMember)
	})
}

func TestNobodyVerifiesTheirOwnWork(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// the dispatcher handles it themself, so somebody else has to verify
		m := w.light()
		m.does("paidan", "transfer", form{"reason": "我来办", "post": string(secretary)})
		m.does("shuji", "here", nil)
		m.does("wangge", "take", nil)
		m.does("wangge", "transfer", form{"reason": "派单员顺路", "post": string(dispatcher)})
		m.does("paidan", "take", nil)
		m.does("paidan", "feed_back", form{"result": "我换的灯泡"})
		c := m.now()
		task := c.Tasks[len(c.Tasks)-1]
		if c.Stage != "verify" || !slices.Contains(task.Exclude, w.as("paidan").ID()) {
			t.Fatalf("verification excludes %v", task.Exclude)
		}
		// the secretary deputises for the dispatcher and may verify; the dispatcher may not
		m.refused("paidan", "accept", nil, "not-by-handler")
		m.does("shuji", "accept", nil)
		m.ended("resolved")
	})
}

func TestWhereOnePersonHoldsBothPostsVerificationGoesToTheNextFallBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// the grid member becomes the only dispatcher
		w.vacate(dispatcher)
		w.appoint("wangge", dispatcher)
		m := w.light()
		m.at("sort", dispatcher)
		m.does("wangge", "here", nil)
		m.does("wangge", "take", nil)
		m.does("wangge", "feed_back", form{"result": "好了"})
		c := m.at("verify", secretary)
		if last := c.Tasks[len(c.Tasks)-1]; len(last.Trail) == 0 {
			t.Error("nothing says why it passed the dispatcher")
		}
		m.refused("wangge", "accept", nil, "not-by-handler")
		m.does("shuji", "rework", form{"reason": "没亮"})
		m.at("handle", gridMember)
		// and if the handler becomes the only dispatcher while it is being verified, it moves on as well
		n := w.light()
		n.does("wangge", "here", nil)
		w.end("wangge", dispatcher)
		w.appoint("zhiyuan", dispatcher)
		n.does("wangge", "take", nil)
		n.does("wangge", "feed_back", form{"result": "好了"})
		n.at("verify", dispatcher)
		w.appoint("wangge", dispatcher)
		w.end("zhiyuan", dispatcher)
		c = n.now()
		if c.Holder == dispatcher {
			t.Errorf("the handler is left to verify the own work: %s held by %s", c.Owner, c.Holder)
		}
		n.refused("wangge", "accept", nil, "not-by-handler")
		n.does("shuji", "accept", nil)
	})
}

func TestReworkGoesBackToTheHandler(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light().handled("wangge")
		m.refused("paidan", "rework", nil, "invalid-form")
		m.does("paidan", "rework", form{"reason": "还是不亮"})
		m.at("handle", gridMember)
		m.does("wangge", "take", nil)
		m.does("wangge", "feed_back", form{"result": "换了整盏灯"})
		m.does("paidan", "conclude_unsolved", form{"reason": "线路要等改造"})
		m.ended("explained")
		equal(t, "the reporter reads", m.track().Now.ZH, "已办结,暂不能解决:线路要等改造")
	})
}

func TestAskingTheReporterStopsTheClocksUntilTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "here", nil)
		m.does("wangge", "take", nil)
		before := m.now()
		m.does("wangge", "ask", form{"question": "是哪一盏灯?"})
		c := m.now()
		if !c.Asked || c.PausedAt.IsZero() || !c.DueAt.IsZero() || !c.HopDueAt.IsZero() {
			t.Fatalf("asked: paused at %v, due %v and %v", c.PausedAt, c.DueAt, c.HopDueAt)
		}
		m.refused("wangge", "ask", form{"question": "还有呢?"}, "not-now")
		m.refused("wangge", "resume", nil, "not-now")
		equal(t, "the reporter reads", m.track().Now.ZH, "在等您回答一个问题,计时已暂停")
		has(t, "the reporter", m.offers(""), "answer")
		w.pass(24 * time.Hour)
		m.does("", "answer", form{"answer": "东门左边第二盏"})
		c = m.now()
		if c.Asked || !c.PausedAt.IsZero() {
			t.Errorf("still asked: %+v", c.Asked)
		}
		if got, want := c.DueAt.Sub(before.DueAt), 24*time.Hour; got != want {
			t.Errorf("a day of waiting moved the deadline by %v", got)
		}
		if a := w.alerts("wangge"); !slices.Contains(a, "answer") {
			t.Errorf("the handler is not told of the answer: %v", a)
		}
		m.refused("", "answer", form{"answer": "再说一次"}, "not-now")
		// under the whistle a question stops nothing
		n := w.stalled()
		n.does("wangge", "ask", form{"question": "几点最堵?"})
		if c := n.now(); !c.PausedAt.IsZero() || c.DueAt.IsZero() {
			t.Error("a question paused the clocks of a model that does not say so")
		}
		n.does("", "answer", form{"answer": "早上六点"})
	})
}

func TestAQuestionNobodyAnswersEndsWithItsTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "ask", form{"question": "是哪一盏灯?"})
		limit := m.now().Clock.AtMost
		if limit.IsZero() {
			t.Fatal("the question waits for ever")
		}
		w.set(limit.Add(-time.Minute))
		w.tick()
		if m.now().PausedAt.IsZero() {
			t.Error("the clocks ran before the time was over")
		}
		w.set(limit.Add(time.Minute))
		w.tick()
		if c := m.now(); !c.PausedAt.IsZero() || c.Asked || c.DueAt.IsZero() {
			t.Errorf("after the time: paused %v, asked %v", c.PausedAt, c.Asked)
		}
	})
}

func TestAPauseNeedsApprovalAndEndsByItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "assign", form{"unit": housing})
		m.does("guijian", "take", nil)
		before := m.now()
		m.refused("guijian", "pause", nil, "invalid-form")
		m.refused("wangge", "pause", form{"reason": "等配件"}, "not-yours")
		m.does("guijian", "pause", form{"reason": "等配件"})
		if c := m.now(); !c.PausedAt.IsZero() {
			t.Error("paused without approval")
		}
		m.refused("guijian", "extend", form{"days": 1, "reason": "也要"}, "awaiting-approval")
		m.refused("guijian", "approve", nil, "own-request")
		m.does("paidan", "refuse", form{"reason": "配件有货"})
		if c := m.now(); !c.PausedAt.IsZero() || c.Pauses != 0 {
			t.Error("refused but paused")
		}
		m.does("guijian", "pause", form{"reason": "真没货"})
		m.does("paidan", "approve", nil)
		c := m.now()
		if c.PausedAt.IsZero() || c.Pauses != 1 || !c.HopDueAt.IsZero() || !c.DueAt.IsZero() {
			t.Fatalf("approved but not paused: %+v", c)
		}
		w.pass(48 * time.Hour) // Monday to Wednesday: two working days
		m.does("guijian", "resume", nil)
		c = m.now()
		if got := c.DueAt.Sub(before.DueAt); got != 48*time.Hour {
			t.Errorf("the pause moved the deadline by %v", got)
		}
		m.refused("guijian", "resume", nil, "not-now")
		m.does("guijian", "pause", form{"reason": "又没货"})
		m.does("paidan", "approve", nil)
		limit := m.now().Clock.AtMost
		w.set(limit.Add(-time.Second))
		w.tick()
		if m.now().PausedAt.IsZero() {
			t.Error("the pause ended before its limit")
		}
		w.set(limit)
		w.tick()
		c = m.now()
		if !c.PausedAt.IsZero() || c.HopDueAt.IsZero() {
			t.Error("the pause goes on beyond its limit")
		}
		if e := m.entries("resume"); len(e) != 2 || e[1].Data.By != "system" {
			t.Errorf("resumed: %+v", e)
		}
	})
}

func TestAPauseThatEndedWhileTheProgramWasDownEndedAtItsLimit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, two := w.light(), w.light()
		for _, m := range []*journey{one, two} {
			m.does("paidan", "assign", form{"unit": housing})
			m.does("guijian", "take", nil)
			m.does("guijian", "pause", form{"reason": "等配件"})
			m.does("paidan", "approve", nil)
		}
		limit := one.now().Clock.AtMost
		w.set(limit)
		one.does("guijian", "resume", nil)
		w.set(limit.Add(26 * time.Hour)) // the program was down over the limit of the other
		w.tick()
		if a, b := one.now(), two.now(); !a.DueAt.Equal(b.DueAt) || !a.HopDueAt.Equal(b.HopDueAt) {
			t.Errorf("being down gave %v and %v instead of %v and %v", b.DueAt, b.HopDueAt, a.DueAt, a.HopDueAt)
		}
	})
}

func TestAnExtensionNeedsApprovalWithinItsLimits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "assign", form{"unit": housing})
		m.does("guijian", "take", nil)
		before := m.now()
		m.refused("guijian", "extend", form{"days": 6, "reason": "太多"}, "invalid-form")
		m.refused("guijian", "extend", form{"days": 0, "reason": "太少"}, "invalid-form")
		m.refused("guijian", "extend", form{"reason": "多少"}, "invalid-form")
		m.does("guijian", "extend", form{"days": 2, "reason": "要开挖"})
		m.refused("paidan", "approve", nil, "not-yours")
		m.does("zhuren", "approve", nil)
		c := m.now()
		// Thursday's deadline two working days later, and the overall one as well
		if !c.HopDueAt.After(before.HopDueAt.Add(24*time.Hour)) || !c.DueAt.After(before.DueAt.Add(24*time.Hour)) || c.Extensions != 1 {
			t.Errorf("due %v and %v, were %v and %v", c.HopDueAt, c.DueAt, before.HopDueAt, before.DueAt)
		}
		m.refused("guijian", "extend", form{"days": 1, "reason": "还要"}, "used-up")
	})
}

func TestUrgingSupervisingWatchingAndWithdrawing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("", "urge", form{"note": "晚上有老人摔了"})
		m.does("shuji", "urge", form{"note": "快办"})
		m.refused("wangge", "urge", nil, "not-yours")
		m.refused("paidan", "supervise", form{"reason": "盯"}, "not-yours")
		m.does("ducha", "supervise", form{"reason": "群众反映强烈"})
		if !m.now().Supervised {
			t.Error("not under supervision")
		}
		equal(t, "supervised list", len(w.listed("zhiban", casework.Filter{Scope: "area", State: "supervised"})), 1)
		a := w.alerts("paidan")
		has(t, "told", a, "urge", "supervise")
		if err := w.app.Cases.Seen(w.ctx, w.as("paidan"), m.id); err != nil {
			t.Fatal(err)
		}
		equal(t, "unseen", len(w.alerts("paidan")), 0)
		for range 2 {
			if err := w.app.Cases.Watch(w.ctx, w.as("wangge"), m.number, true); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, "watched", len(w.listed("wangge", casework.Filter{Scope: "watched"})), 1)
		if !m.view("wangge").Watched || m.view("paidan").Watched {
			t.Error("watching is shown wrongly")
		}
		if err := w.app.Cases.Watch(w.ctx, w.as("wangge"), m.id, false); err != nil {
			t.Fatal(err)
		}
		equal(t, "watched", len(w.listed("wangge", casework.Filter{Scope: "watched"})), 0)
		if err := w.app.Cases.Watch(w.ctx, w.as("nongye"), m.id, true); !fault.Is(err, fault.NotFound) {
			t.Errorf("watching what one may not see: %v", err)
		}
		m.refused("paidan", "withdraw", nil, "not-yours")
		m.does("", "withdraw", form{"reason": "已经好了"})
		m.ended("withdrawn")
	})
}

func TestAUnitWatchesItsOwnCases(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "assign", form{"unit": housing})
		if err := w.app.Cases.Watch(w.ctx, w.as("guijian"), m.id, true); err != nil {
			t.Fatal(err)
		}
		equal(t, "watched", len(w.listed("guijian", casework.Filter{Scope: "watched"})), 1)
	})
}

func TestALowRatingReopensWithANewClockAndAHighOneDoesNot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light().solved()
		m.refused("", "rate", form{"score": 6}, "invalid-form")
		m.refused("paidan", "rate", form{"score": 5}, "not-yours")
		m.does("", "rate", form{"score": 2, "comment": "又灭了"})
		has(t, "told of the rating", append(w.alerts("wangge"), w.alerts("paidan")...), "rate")
		m.does("paidan", "call_back", form{"reached": true, "resolved": false, "satisfied": false})
		w.pass(72 * time.Hour)
		m.does("", "reopen", form{"reason": "又灭了"})
		c := m.at("sort", dispatcher)
		if c.Reopens != 1 || c.Rating != 0 || !c.Clock.Start.Equal(*w.now.Load()) || c.DueAt.Before(*w.now.Load()) || !c.EndedAt.IsZero() {
			t.Errorf("reopened: %+v", c)
		}
		for range 1 {
			m.solved()
			m.does("", "rate", form{"score": 1})
			m.does("", "reopen", form{"reason": "还是灭"})
		}
		m.solved()
		m.does("", "rate", form{"score": 1})
		m.refused("", "reopen", form{"reason": "第三次"}, "used-up")
		// rating is possible for 15 days, reopening for 30
		late := w.light().solved()
		w.pass(15*24*time.Hour + time.Minute)
		late.refused("", "rate", form{"score": 1}, "too-late")
		rated := w.light().solved()
		rated.does("", "rate", form{"score": 1})
		w.pass(31 * 24 * time.Hour)
		rated.refused("", "reopen", form{"reason": "晚了"}, "too-late")
	})
}

func TestAResultIsPublishedAndAPrivateMatterNever(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		open := w.report("路灯不亮", byModel("seven-step"), func(r *casework.Report) { r.Category, r.Name, r.Phone = "02.04.01", "欧阳沁瑶", "13698765432" }).solved()
		raw := w.call("", "GET", "/api/v1/public/cases/"+open.number, nil)
		if raw.status != 200 || !containsAny(raw.raw, "已换灯泡") || containsAny(raw.raw, "欧阳", "9876", open.id, "wangge", "grid-member@") {
			t.Errorf("published: %d %s", raw.status, raw.raw)
		}
		private := w.report("城管打人", byModel("seven-step"), func(r *casework.Report) { r.Category = "01.02.05" }).solved()
		declined := w.light()
		declined.does("paidan", "decline", form{"reason": "不是事"})
		for _, m := range []*journey{private, declined, w.light()} {
			if _, err := w.app.Cases.Published(w.ctx, m.number); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s is published: %v", m.number, err)
			}
		}
	})
}

// vacate ends every appointment to a post.
func (w *world) vacate(post staff.Post) {
	w.t.Helper()
	for _, a := range w.appointments(post) {
		if _, err := w.app.Staff.End(w.ctx, staff.System(), staff.EndCommand{Appointment: a.ID, Reason: "调离"}); err != nil {
			w.t.Fatal(explained(err))
		}
	}
}

func (w *world) end(login string, post staff.Post) {
	w.t.Helper()
	account := w.as(login).ID()
	for _, a := range w.appointments(post) {
		if a.Account == account {
			if _, err := w.app.Staff.End(w.ctx, staff.System(), staff.EndCommand{Appointment: a.ID, Reason: "调离"}); err != nil {
				w.t.Fatal(explained(err))
			}
		}
	}
}

// appointments are the present ones to a post.
func (w *world) appointments(post staff.Post) []staff.Appointment {
	w.t.Helper()
	list, err := w.app.Staff.History(w.ctx, staff.System(), post, "")
	if err != nil {
		w.t.Fatal(explained(err))
	}
	return slices.DeleteFunc(list, func(a staff.Appointment) bool { return !a.Spans(*w.now.Load()) })
}

func (w *world) appoint(login string, post staff.Post, edit ...func(*staff.AppointCommand)) staff.Appointment {
	w.t.Helper()
	cmd := staff.AppointCommand{Account: w.as(login).ID(), Post: post}
	for _, f := range edit {
		f(&cmd)
	}
	made, err := w.app.Staff.Appoint(w.ctx, staff.System(), cmd)
	if err != nil {
		w.t.Fatal(explained(err))
	}
	return made
}

// alerts are the kinds of the words left for somebody and not yet seen.
func (w *world) alerts(login string) []string {
	w.t.Helper()
	list, _, err := w.app.Cases.Alerts(w.ctx, w.as(login), casework.AlertQuery{Unseen: true, Limit: 200})
	if err != nil {
		w.t.Fatal(explained(err))
	}
	out := []string{}
	for _, a := range list {
		out = append(out, a.Kind)
	}
	return out
}
