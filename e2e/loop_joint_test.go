package e2e

import (
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/staff"
)

const (
	leads = staff.Post("unit-officer@" + housing)
	helps = staff.Post("unit-officer@" + farming)
)

func TestAWhistleIsAnsweredOrTurnedDown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.stalled()
		m.at("check", gridMember)
		m.refused("wangge", "whistle", nil, "invalid-form")
		m.does("wangge", "whistle", form{"reason": "摊贩多", "wanted_units": []string{housing, farming}})
		m.at("muster", duty)
		m.refused("zhiban", "muster", form{"members": []string{farming}}, "invalid-form")
		m.refused("zhiban", "muster", form{"lead": housing, "members": []string{housing}}, "invalid-form")
		m.refused("zhiban", "muster", form{"lead": "nothing"}, "invalid-form")
		m.refused("zhiban", "muster", form{"lead": housing, "members": []string{farming, "nothing"}}, "invalid-form")
		m.does("zhiban", "turn_down", form{"reason": "一家就能办"})
		m.at("check", gridMember)
		m.mustered()
		c := m.at("muster", leads)
		if lead, member := m.task(flow.KindLead, leads), m.task(flow.KindMember, helps); !lead.Responsible || member.Responsible || lead.State != flow.Offered || member.State != flow.Offered {
			t.Errorf("lead %+v, member %+v", lead, member)
		}
		equal(t, "on the lead's list", len(w.listed("guijian", casework.Filter{})), 1)
		equal(t, "on the member's list", len(w.listed("nongye", casework.Filter{})), 1)
		if c.Holder != leads {
			t.Errorf("the case is held by %s", c.Holder)
		}
	})
}

func TestAMemberThatDeclinesIsRuledOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.stalled().mustered()
		m.does("guijian", "accept", nil)
		m.refused("nongye", "decline", nil, "invalid-form")
		m.does("nongye", "decline", form{"reason": "不属农业"})
		equal(t, "contested", m.task(flow.KindMember, helps).State, flow.Contested)
		if !m.task(flow.KindMember, helps).Clock.Paused() {
			t.Error("the member's clock runs while it is ruled on")
		}
		m.at("muster", leads) // the lead still answers
		m.refused("nongye", "insist", form{"reason": "不"}, "not-yours")
		m.does("zhiban", "insist", form{"reason": "菜是你们管的"})
		c := m.now()
		equal(t, "insisted", c.Tasks[3].State, flow.Taken)
		m.does("nongye", "decline", form{"reason": "真不属农业"})
		m.does("zhiban", "uphold", form{"unit": stalls, "note": "换综合执法"})
		m.task(flow.KindMember, "unit-head@"+stalls)
		m.hiddenFromList("nongye")
		m.does("zhifa", "decline", form{"reason": "也不是"})
		m.does("zhiban", "uphold", nil) // let go without another
		m.does("guijian", "conclude", form{"result": "自己办了"})
		m.at("verify", dispatcher)
	})
}

func TestALeadThatDeclinesLeavesTheDutyWithTheConfirmer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.stalled().mustered()
		m.does("guijian", "decline", form{"reason": "应由执法队牵头"})
		m.at("muster", duty)
		m.refused("zhiban", "uphold", nil, "invalid-form")
		m.does("zhiban", "uphold", form{"unit": stalls})
		m.at("muster", "unit-head@"+stalls)
		m.does("zhifa", "accept", nil)
		m.does("nongye", "accept", nil)
		m.does("nongye", "report", form{"result": "清了菜叶"})
		m.does("zhifa", "conclude", form{"result": "摊子进了市场"})
		m.at("verify", dispatcher)
		n := w.stalled().mustered()
		n.does("guijian", "decline", form{"reason": "应由执法队牵头"})
		n.does("zhiban", "insist", form{"reason": "就你们牵头"})
		n.at("muster", leads)
	})
}

func TestTheLeadConcludesWhenEveryMemberHasReported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.stalled().mustered()
		m.does("guijian", "accept", nil)
		m.refused("guijian", "conclude", form{"result": "好了"}, "members-open")
		m.refused("nongye", "report", form{"result": "好了"}, "not-now")
		m.does("nongye", "accept", nil)
		m.does("zhiban", "add", form{"unit": stalls, "note": "再来一家"})
		m.does("nongye", "report", form{"result": "清了菜叶"})
		f := m.refused("guijian", "conclude", form{"result": "好了"}, "members-open")
		if len(f.Fields) != 1 {
			t.Errorf("who is missing: %+v", f.Fields)
		}
		m.does("zhifa", "accept", nil)
		m.refused("nongye", "conclude", form{"result": "我来"}, "not-yours")
		m.does("zhifa", "report", form{"result": "摊子进了市场"})
		m.does("guijian", "conclude", form{"result": "路通了"})
		m.refused("guijian", "accept", nil, "not-by-handler")
		m.refused("nongye", "accept", nil, "not-by-handler")
		m.does("paidan", "rework", form{"reason": "又摆出来了"})
		m.at("muster", duty) // whistled again
		m.does("zhiban", "muster", form{"lead": stalls})
		m.does("zhifa", "accept", nil)
		m.does("zhifa", "conclude", form{"result": "天天巡查"})
		m.does("paidan", "accept", nil)
		m.ended("resolved")
	})
}

func TestEachUnitRunsOnItsOwnClockAndTheLeadIsPausedForAll(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.stalled().mustered()
		m.does("guijian", "accept", nil)
		w.pass(20 * time.Minute)
		m.does("nongye", "accept", nil)
		lead, member := m.task(flow.KindLead, leads), m.task(flow.KindMember, helps)
		if lead.Clock.Start.Equal(member.Clock.Start) || lead.Clock.Due.IsZero() || member.Clock.Due.IsZero() {
			t.Errorf("lead from %v, member from %v", lead.Clock.Start, member.Clock.Start)
		}
		m.does("guijian", "pause", form{"reason": "下雨"})
		m.does("zhuren", "approve", nil)
		if !m.task(flow.KindLead, leads).Clock.Paused() || !m.task(flow.KindMember, helps).Clock.Paused() {
			t.Error("the pause leaves a unit running")
		}
		m.does("zhiban", "add", form{"unit": stalls})
		if !m.task(flow.KindMember, "unit-head@"+stalls).Clock.Paused() {
			t.Error("a unit called during the pause has a running clock")
		}
		w.pass(2 * time.Hour)
		m.does("guijian", "resume", nil)
		for _, post := range []staff.Post{helps, "unit-head@" + stalls} {
			if m.task(flow.KindMember, post).Clock.Paused() {
				t.Errorf("%s is still paused", post)
			}
		}
		m.does("guijian", "extend", form{"days": 1, "reason": "雨不停"})
		m.does("zhuren", "approve", nil)
	})
}

func TestTheWhistlerRatesEachUnitThatWasCalled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.stalled().mustered()
		m.does("guijian", "accept", nil)
		m.does("nongye", "accept", nil)
		m.does("nongye", "report", form{"result": "清了"})
		m.does("guijian", "conclude", form{"result": "通了"})
		m.does("paidan", "accept", nil)
		m.refused("guijian", "rate_unit", form{"task": 3, "score": 5}, "not-yours")
		m.refused("wangge", "rate_unit", form{"task": 99, "score": 5}, "invalid-form")
		m.refused("wangge", "rate_unit", form{"task": 1, "score": 5}, "invalid-form") // the own check is no unit's part
		m.refused("wangge", "rate_unit", form{"score": 5}, "invalid-form")
		m.does("wangge", "rate_unit", form{"task": 3, "score": 5, "comment": "来得快"})
		m.does("wangge", "rate_unit", form{"task": 4, "score": 2, "comment": "来晚了"})
		has(t, "the unit is told", w.alerts("nongye"), "rate_unit")
		m.refused("wangge", "rate_unit", form{"task": 4, "score": 5}, "rated")
		m.does("", "rate", form{"score": 1})
		m.does("wangge", "reopen", form{"reason": "又堵了"})
		m.at("check", gridMember)
	})
}

func TestAnOpenQuestionDoesNotHoldUpAPauseThatWasGranted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.stalled().mustered()
		m.does("guijian", "accept", nil)
		m.does("guijian", "ask", form{"question": "几点最堵?"})
		m.does("guijian", "pause", form{"reason": "下雨"})
		m.does("zhuren", "approve", nil)
		equal(t, "the reporter reads", m.track().Now.ZH, "暂时停下,计时已暂停")
		m.does("", "answer", form{"answer": "早上六点"})
		if m.now().PausedAt.IsZero() {
			t.Error("an answer ended a pause that was granted for another reason")
		}
		m.does("guijian", "resume", nil)
	})
}

// hiddenFromList asks that the case is not on somebody's worklist.
func (m *journey) hiddenFromList(login string) {
	m.t.Helper()
	hasNot(m.t, login+"'s list", m.listed(login, casework.Filter{}), m.number)
}
