package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

func TestSearchFindsTwoCharactersNumbersAndCaseNumbers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		light := w.report("小区东门的路灯不亮了,灯杆编号A17-203", byModel("seven-step"))
		cover := w.report("井盖丢了,电话66123", byModel("seven-step"), func(r *casework.Report) { r.Title, r.Place.Address = "窨井", "碧霞花苑5幢" })
		rare := w.report("𠮷祥路的路灯🚦也坏了", byModel("seven-step"))
		w.tick()
		for words, want := range map[string][]*journey{
			"路灯": {rare, light}, "路灯 东门": {light}, "灯": {rare, light}, "井盖": {cover}, "窨井": {cover}, "碧霞": {cover},
			"66123": {cover}, "a17": {light}, "203": {light}, "𠮷祥": {rare}, "灯路": {}, "电梯": {}, "路灯 井盖": {},
			light.number: {light}, " " + cover.number + " ": {cover},
		} {
			var numbers []string
			for _, m := range want {
				numbers = append(numbers, m.number)
			}
			same(t, words, w.listed("paidan", casework.Filter{Scope: "area", Text: words}), numbers...)
		}
		if _, err := w.app.Cases.List(w.ctx, w.as("paidan"), casework.Filter{Scope: "area", Text: "!!"}); !fault.HasCode(err, "invalid-filter") {
			t.Errorf("no words: %v", err)
		}
		same(t, "for another village", w.listed("zhihui", casework.Filter{Scope: "area", Text: "路灯", Area: "320682001002"}))
	})
}

func TestEveryFilterNarrows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ask := w.report("甲", byModel("seven-step"), urgently("normal"), func(r *casework.Report) { r.Category = "01.01.01" })
		ask.does("paidan", "ask", form{"question": "哪里?"})
		w.pass(time.Hour)
		unit := w.report("乙", byModel("seven-step"), urgently("urgent"), func(r *casework.Report) { r.Category = "02.01.01" })
		unit.does("paidan", "assign", form{"unit": housing})
		over := w.report("啊", byModel("seven-step"), inArea(grid[:12]+"002"))
		over.does("ducha", "supervise", form{"reason": "盯住"})
		done := w.light().solved()
		whistle := w.stalled()
		later := w.now.Load().Add(time.Minute)
		w.set(later)
		call := w.reportAs("huawu", casework.Report{Text: "停水", Channel: "hotline"}, grid)
		all := []*journey{ask, unit, over, done, whistle, call}
		overdue := []*journey{}
		for _, rule := range []struct {
			name   string
			filter casework.Filter
			want   []*journey
		}{
			{"everything", casework.Filter{}, all},
			{"open", casework.Filter{State: "open"}, []*journey{ask, unit, over, whistle, call}},
			{"ended", casework.Filter{State: "ended"}, []*journey{done}},
			{"paused", casework.Filter{State: "paused"}, []*journey{ask}},
			{"supervised", casework.Filter{State: "supervised"}, []*journey{over}},
			{"unsorted", casework.Filter{State: "unsorted"}, []*journey{over}},
			{"overdue", casework.Filter{State: "overdue"}, overdue},
			{"an area", casework.Filter{Area: grid[:12] + "002"}, []*journey{over}},
			{"a village", casework.Filter{Area: village}, all},
			{"a unit", casework.Filter{Unit: housing}, []*journey{unit}},
			{"a stage", casework.Filter{Stage: "handle"}, []*journey{unit}},
			{"a category", casework.Filter{Category: "02.01.01"}, []*journey{unit}},
			{"a branch of categories", casework.Filter{Category: "02.01"}, []*journey{unit}},
			{"no pattern is a category", casework.Filter{Category: "%"}, nil},
			{"an urgency", casework.Filter{Urgency: "urgent", Channel: "resident"}, []*journey{unit}},
			{"a channel", casework.Filter{Channel: "hotline"}, []*journey{call}},
			{"a model", casework.Filter{Model: "whistle"}, []*journey{whistle}},
			{"from a time", casework.Filter{From: later}, []*journey{call}},
			{"before a time", casework.Filter{To: start.Add(time.Minute)}, []*journey{ask}},
		} {
			f := rule.filter
			f.Scope, f.Sort = "area", "oldest"
			var want []string
			for _, m := range rule.want {
				want = append(want, m.number)
			}
			have := w.listed("zhihui", f)
			if rule.name == "unsorted" { // chance words may sort a report of one character
				have = slices.DeleteFunc(have, func(n string) bool { return !slices.Contains(want, n) })
			}
			same(t, rule.name, have, want...)
		}
		for _, bad := range []casework.Filter{{Scope: "x"}, {State: "x"}, {Sort: "x"}, {PageSize: 201}, {Urgency: "x"}, {Channel: "x"}, {Scope: "mine", State: "ended"}, {Scope: "area", Area: "9"}, {Scope: "area", After: "x"}} {
			if _, err := w.app.Cases.List(w.ctx, w.as("zhihui"), bad); !fault.HasCode(err, "invalid-filter") {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, err := w.app.Cases.List(w.ctx, w.as("zhihui"), casework.Filter{Post: gridMember}); !fault.HasCode(err, "not-your-post") {
			t.Errorf("somebody else's post: %v", err)
		}
		if _, err := w.app.Cases.List(w.ctx, w.as(""), casework.Filter{}); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("nobody lists: %v", err)
		}
	})
}

// reportAs brings a matter in somebody's name.
func (w *world) reportAs(login string, r casework.Report, code string) *journey {
	w.t.Helper()
	r.ID, r.Place.Area = id(w.t), code
	receipt, err := w.app.Cases.Submit(w.ctx, w.as(login), r)
	if err != nil {
		w.t.Fatal(explained(err))
	}
	return &journey{world: w, id: receipt.ID, code: receipt.Code, number: receipt.Number}
}

func TestEverySortOrders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		normal := w.light()
		w.pass(time.Minute)
		urgent := w.report("甲", byModel("seven-step"), urgently("urgent"))
		w.pass(time.Minute)
		complex := w.report("乙", byModel("seven-step"), urgently("complex"))
		w.pass(time.Minute)
		normal.does("paidan", "note", form{"note": "看过"})
		for order, want := range map[string][]*journey{"newest": {complex, urgent, normal}, "oldest": {normal, urgent, complex}, "updated": {normal, complex, urgent}, "due": {urgent, normal, complex}} {
			var numbers []string
			for _, m := range want {
				numbers = append(numbers, m.number)
			}
			same(t, order, w.listed("zhihui", casework.Filter{Scope: "area", Sort: order}), numbers...)
		}
		same(t, "mine by due", w.listed("paidan", casework.Filter{}), urgent.number, normal.number, complex.number)
		reported := w.reportAs("wangge", casework.Report{Text: "我报的"}, grid)
		same(t, "reported by me", w.listed("wangge", casework.Filter{Scope: "reported"}), reported.number)
	})
}

func TestACaseIsListedOnceHoweverManyOfItsHandOversOneHolds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.stalled().mustered()
		m.does("nongye", "decline", form{"reason": "不属农业"})
		w.pass(10 * time.Minute)
		m.does("guijian", "decline", form{"reason": "不属规建"})
		same(t, "two rulings for one officer", w.listed("zhiban", casework.Filter{}), m.number)
		same(t, "by pages of one", w.pages("zhiban", casework.Filter{PageSize: 1}, nil), m.number)
	})
}

// pages walks a list by its cursors and calls between two pages.
func (w *world) pages(login string, f casework.Filter, between func()) (all []string) {
	w.t.Helper()
	for range 100 {
		page, err := w.app.Cases.List(w.ctx, w.as(login), f)
		if err != nil {
			w.t.Fatal(explained(err))
		}
		for _, c := range page.Cases {
			all = append(all, w.app.Cases.Number(c))
		}
		if page.Next == "" {
			return all
		}
		f.After = page.Next
		if between != nil {
			between()
		}
	}
	w.t.Fatal("the list never ends")
	return nil
}

func TestPagesStayRightWhileCasesComeAndGo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var cases []*journey
		for i := range 23 {
			cases = append(cases, w.report(fmt.Sprintf("第%d盏路灯", i), byModel("seven-step"), urgently("normal")))
			if i%4 == 0 {
				w.pass(time.Second) // many fall due together
			}
		}
		for _, f := range []casework.Filter{
			{Scope: "mine", PageSize: 4}, {Scope: "area", Sort: "newest", PageSize: 5}, {Scope: "area", Sort: "oldest", PageSize: 3}, {Scope: "area", Sort: "due", State: "open", PageSize: 7},
		} {
			before := w.pages("paidan", f, nil)
			closed := map[string]bool{}
			next := 0
			during := w.pages("paidan", f, func() {
				w.light() // one comes
				for next < len(cases) && closed[cases[next].number] {
					next++
				}
				if f.State == "open" || f.Scope == "mine" {
					m := cases[next]
					if m.now().Open() {
						m.does("paidan", "decline", form{"reason": "不是事"}) // one goes
					}
					closed[m.number] = true
					next++
				}
			})
			seen := map[string]int{}
			for _, n := range during {
				seen[n]++
			}
			for _, n := range before {
				if seen[n] == 0 && !closed[n] {
					t.Errorf("%+v: %s was passed over", f, n)
				}
			}
			for n, times := range seen {
				if times > 1 {
					t.Errorf("%+v: %s came %d times", f, n, times)
				}
			}
			cases = slices.DeleteFunc(cases, func(m *journey) bool { return closed[m.number] })
		}
	})
}

// What a decision is, the models say: no stage is named in the program.
func TestWhatWaitsForADecisionIsToldApart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		decides := func(login string, want ...*journey) {
			t.Helper()
			var numbers []string
			for _, m := range want {
				numbers = append(numbers, m.number)
			}
			same(t, login+" decides", w.listed(login, casework.Filter{Decision: "yes"}), numbers...)
			same(t, login+" decides, by pages of one", w.pages(login, casework.Filter{Decision: "yes", PageSize: 1}, nil), numbers...)
			for _, number := range numbers {
				hasNot(t, "left for "+login, w.listed(login, casework.Filter{Decision: "no"}), number)
			}
			n, err := w.app.Cases.Counts(w.ctx, w.as(login))
			if err != nil || n.Deciding != len(want) {
				t.Errorf("%s: %d decisions counted, want %d, %v", login, n.Deciding, len(want), err)
			}
		}
		sorting := w.light()
		decides("paidan")
		same(t, "sorting is no decision", w.listed("paidan", casework.Filter{Decision: "no"}), sorting.number)

		verify := w.light().handled("wangge")
		w.pass(time.Minute)
		waiting := w.light()
		waiting.does("paidan", "assign", form{"unit": housing})
		waiting.does("guijian", "take", nil)
		waiting.does("guijian", "pause", form{"reason": "等配件"})
		both := w.listed("paidan", casework.Filter{Decision: "yes"})
		decides("paidan", byNumber(both, verify, waiting)...)
		decides("guijian")

		back := w.light()
		back.does("paidan", "assign", form{"unit": housing})
		back.does("guijian", "hand_back", form{"reason": "不归我们"})
		decides("zhiban", back)
		back.does("zhiban", "agree", nil)
		decides("zhiban")

		whistle := w.stalled()
		whistle.does("wangge", "whistle", form{"reason": "要几家一起"})
		decides("zhiban", whistle)

		// of two hand-overs of one case the earlier is no decision; the other still waits
		verify.does("paidan", "accept", nil)
		waiting.does("paidan", "refuse", form{"reason": "有货"})
		own := w.light()
		own.does("paidan", "transfer", form{"reason": "我来办", "post": string(secretary)})
		own.does("shuji", "here", nil)
		own.does("wangge", "take", nil)
		own.does("wangge", "transfer", form{"reason": "派单员顺路", "post": string(dispatcher)})
		own.does("paidan", "take", nil)
		own.does("paidan", "pause", form{"reason": "没货"})
		request := own.now()
		decides("paidan") // nobody decides on the own request
		if last := request.Tasks[len(request.Tasks)-1]; last.Kind != flow.KindApproval {
			t.Fatalf("the last hand-over is %+v", last)
		}

		if _, err := w.app.Cases.List(w.ctx, w.as("paidan"), casework.Filter{Decision: "maybe"}); !fault.HasCode(err, "invalid-filter") {
			t.Errorf("maybe: %v", err)
		}
		if _, err := w.app.Cases.List(w.ctx, w.as("zhihui"), casework.Filter{Scope: "area", Decision: "yes"}); !fault.HasCode(err, "invalid-filter") {
			t.Errorf("of an area: %v", err)
		}
	})
}

// byNumber puts journeys into the order of their numbers in a list.
func byNumber(numbers []string, journeys ...*journey) []*journey {
	slices.SortStableFunc(journeys, func(a, b *journey) int { return slices.Index(numbers, a.number) - slices.Index(numbers, b.number) })
	return journeys
}

func TestWhatIsDueTodayAndLater(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		soon, far := w.report("甲", byModel("seven-step"), urgently("urgent")), w.light()
		midnight := time.Date(2026, 11, 17, 0, 0, 0, 0, start.Location())
		due := func(m *journey) bool { return m.now().HopDueAt.Before(midnight) }
		if !due(soon) {
			t.Fatalf("due %v", soon.now().HopDueAt)
		}
		today, later := []string{soon.number}, []string{far.number}
		if due(far) {
			today, later = append(today, far.number), nil
		}
		for _, scope := range []string{"mine", "area"} {
			same(t, scope+" today", w.listed("paidan", casework.Filter{Scope: scope, State: "today", Sort: "due"}), today...)
			same(t, scope+" later", w.listed("paidan", casework.Filter{Scope: scope, State: "later", Sort: "due"}), later...)
		}
		n, err := w.app.Cases.Counts(w.ctx, w.as("paidan"))
		if err != nil || n.Today != len(today) {
			t.Errorf("%+v, %v", n, err)
		}
		w.set(soon.now().HopDueAt.Add(time.Second))
		same(t, "what is late is not due today", w.listed("paidan", casework.Filter{State: "today"}), today[1:]...)
	})
}

func TestCountsSayWhatTheListShows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, two := w.inHand(), w.inHand()
		two.does("guijian", "ask", form{"question": "哪一盏?"})
		n, err := w.app.Cases.Counts(w.ctx, w.as("guijian"))
		if err != nil || n.Open != 2 || n.Overdue != 0 || n.Paused != 1 {
			t.Errorf("%+v, %v", n, err)
		}
		w.set(one.now().HopDueAt.Add(time.Second))
		w.tick()
		n, err = w.app.Cases.Counts(w.ctx, w.as("guijian"))
		if err != nil || n.Open != 2 || n.Overdue != 1 || n.Paused != 1 || n.Unseen == 0 {
			t.Errorf("%+v, %v", n, err)
		}
		if n, err := w.app.Cases.Counts(w.ctx, staff.System()); err != nil || n.Open != 0 {
			t.Errorf("nobody's post: %+v, %v", n, err)
		}
	})
}
