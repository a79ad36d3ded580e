package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/staff"
)

func TestAPostThatFallsVacantPassesItsWorkToItsNamedFallBackAndBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "here", nil)
		m.does("wangge", "take", nil)
		n := w.stalled().mustered()
		w.vacate(gridMember)
		c := m.now()
		if c.Owner != gridMember || c.Holder != gridHead {
			t.Fatalf("owned by %s, held by %s", c.Owner, c.Holder)
		}
		has(t, "the head is told", w.alerts("gezhang"), "cover")
		equal(t, "on the head's list", len(w.listed("gezhang", casework.Filter{})), 1)
		if len(c.Tasks[1].Trail) == 0 {
			t.Error("nothing says why it came to the head")
		}
		equal(t, "closed work stays as it was", n.now().Tasks[0].Holder, gridMember)
		m.does("gezhang", "note", form{"note": "我先看着"})
		w.appoint("zhiyuan", gridMember)
		c = m.now()
		if c.Owner != gridMember || c.Holder != gridMember {
			t.Fatalf("filled again: owned by %s, held by %s", c.Owner, c.Holder)
		}
		has(t, "the new one is told", w.alerts("zhiyuan"), "cover")
		equal(t, "off the head's list", len(w.listed("gezhang", casework.Filter{})), 0)
		m.does("zhiyuan", "feed_back", form{"result": "好了"})
	})
}

func TestTheWholeChainOfFallBacksAnswersInTurn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "here", nil)
		for _, step := range []struct{ gone, holder staff.Post }{
			{gridMember, gridHead}, {gridHead, dispatcher}, {dispatcher, duty},
			{duty, "duty-officer@" + county}, {"duty-officer@" + county, "administrator@" + county},
		} {
			w.vacate(step.gone)
			equal(t, "after "+string(step.gone), m.now().Holder, step.holder)
		}
		w.appoint("paidan", dispatcher)
		equal(t, "with a dispatcher again", m.now().Holder, dispatcher)
		w.appoint("zhiban", duty)
		equal(t, "a post further up changes nothing", m.now().Holder, dispatcher)
		w.appoint("wangge", gridMember)
		equal(t, "with the member again", m.now().Holder, gridMember)
	})
}

func TestWorkPassedToAnotherVillageFollowsItsOwnPost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		far := staff.Post("grid-member@320682001002001")
		head := staff.Post("grid-head@320682001002001")
		m := w.light()
		m.does("paidan", "here", nil)
		m.does("wangge", "take", nil)
		m.does("wangge", "transfer", form{"reason": "在路那边", "post": string(far)})
		w.vacate(far)
		equal(t, "vacant", m.now().Holder, head)
		w.vacate(head)
		if h := m.now().Holder; h == head || h == far {
			t.Errorf("held by %s", h)
		}
		w.appoint("zhiyuan", head)
		equal(t, "the head is there again", m.now().Holder, head)
	})
}

func TestATermThatEndsByTimePassesTheWorkOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "here", nil)
		w.vacate(gridMember)
		until := w.now.Load().Add(48 * time.Hour)
		w.appoint("zhiyuan", gridMember, func(c *staff.AppointCommand) { c.To = until })
		w.appoint("jianwei", gridMember, func(c *staff.AppointCommand) { c.From = until.Add(72 * time.Hour) })
		equal(t, "in term", m.now().Holder, gridMember)
		w.set(until.Add(-time.Second))
		w.tick()
		equal(t, "in term", m.now().Holder, gridMember)
		w.set(until.Add(time.Hour))
		w.tick()
		w.tick()
		equal(t, "after the term", m.now().Holder, gridHead)
		covers := len(m.entries("cover"))
		w.set(until.Add(73 * time.Hour))
		w.tick()
		equal(t, "the successor began", m.now().Holder, gridMember)
		equal(t, "told once", len(m.entries("cover")), covers+1)
		m.does("jianwei", "take", nil)
	})
}

func TestAnAccountSwitchedOffIsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "here", nil)
		if err := w.app.Staff.SetActive(w.ctx, staff.System(), w.as("wangge").ID(), false, "停职"); err != nil {
			t.Fatal(explained(err))
		}
		equal(t, "switched off", m.now().Holder, gridHead)
	})
}

// busy leaves matters in a grid: one sorted to its member, one handled, one ended, one paused.
func (w *world) busy(code string) (open []*journey, ended *journey) {
	w.t.Helper()
	member := w.app.Staff.Cover(staff.MakePost("grid-member", code), *w.now.Load())
	login := w.loginOf(member.Accounts[0])
	dispatcher := w.loginOf(w.app.Staff.Cover(staff.MakePost("dispatcher", code[:12]), *w.now.Load()).Accounts[0])
	for i := range 3 {
		m := w.report("路灯不亮", byModel("seven-step"), urgently("normal"), inArea(code))
		m.does(dispatcher, "here", nil)
		if i > 0 {
			m.does(login, "take", nil)
		}
		if i > 1 {
			m.does(login, "ask", form{"question": "哪一盏?"})
		}
		open = append(open, m)
	}
	ended = w.report("井盖响", byModel("seven-step"), inArea(code))
	ended.does(dispatcher, "decline", form{"reason": "不是事"})
	return open, ended
}

func (w *world) loginOf(account string) string {
	w.t.Helper()
	a, ok := w.app.Staff.Account(account)
	if !ok {
		w.t.Fatalf("no account %s", account)
	}
	return a.Login
}

func (w *world) tallied(path, measure string) int {
	w.t.Helper()
	return w.rows(`SELECT coalesce(sum(n), 0) FROM tally WHERE path = $1 AND measure = $2`, path, measure)
}

func TestCasesOfAMergedGridFollowItToItsSuccessor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		from, into := grid[:12]+"002", grid
		open, ended := w.busy(from)
		w.light()
		if _, err := w.app.Areas.Merge(w.ctx, staff.System(), area.MergeAreas{From: []string{from, into}, Into: area.Area{Code: into}, Reason: "合并"}); err != nil {
			t.Fatal(explained(err))
		}
		path := w.app.Areas.Tree().Path(into)
		for _, m := range open {
			c := m.now()
			if c.Area != into || c.Path != path || c.Owner != gridMember || c.Holder != gridMember {
				t.Errorf("%s lies in %s (%s), owned by %s, held by %s", m.number, c.Area, c.Path, c.Owner, c.Holder)
			}
			if e := m.entries("area"); len(e) != 1 || e[0].Data.Text != "合并" {
				t.Errorf("the timeline says %+v", e)
			}
		}
		if c := ended.now(); c.Area != into || c.Path != path {
			t.Errorf("the ended one lies in %s (%s)", c.Area, c.Path)
		}
		equal(t, "counted at the successor", w.tallied(path, "reported"), 5)
		equal(t, "counted at the old grid", w.rows(`SELECT count(*) FROM tally WHERE path LIKE $1`, "%/"+from+"/%"), 0)
		equal(t, "on the list", len(w.listed("wangge", casework.Filter{})), 3)
		open[0].does("wangge", "take", nil)
		open[0].does("wangge", "feed_back", form{"result": "好了"})
		open[0].does("paidan", "rework", form{"reason": "没好"}) // back to a handler
		open[0].at("handle", gridMember)
	})
}

func TestCasesOfAGridMergedIntoANewOneFollow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		from, fresh := grid[:12]+"002", grid[:12]+"009"
		open, _ := w.busy(from)
		mine := w.light()
		mine.does("paidan", "here", nil)
		if _, err := w.app.Areas.Merge(w.ctx, staff.System(), area.MergeAreas{From: []string{from, grid}, Into: area.Area{Code: fresh, Name: "新网格"}, Reason: "合并"}); err != nil {
			t.Fatal(explained(err))
		}
		post := staff.MakePost("grid-member", fresh)
		for _, m := range append(open, mine) {
			if c := m.now(); c.Area != fresh || c.Owner != post || c.Holder != post {
				t.Errorf("%s lies in %s, owned by %s, held by %s", m.number, c.Area, c.Owner, c.Holder)
			}
		}
		mine.does("wangge", "take", nil)
	})
}

func TestCasesOfASplitGridGoWhereTheirPointLies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		east, west := grid[:12]+"007", grid[:12]+"008"
		nowhere, ended := w.busy(grid)
		outline, ok := w.app.Areas.Outline(grid)
		if !ok {
			t.Fatal("no outline")
		}
		halves, err := area.DeriveGrids(outline.Shape, 2)
		if err != nil {
			t.Fatal(err)
		}
		var pinned []*journey
		for _, half := range halves {
			p := half.Center()
			m := w.report("路灯不亮", byModel("seven-step"), func(r *casework.Report) {
				r.Place.Area, r.Place.HasPoint, r.Place.Lat, r.Place.Lon = "", true, p.Lat, p.Lon
			})
			m.does("paidan", "here", nil)
			pinned = append(pinned, m)
		}
		parts := []area.Part{{Code: east, Name: "东网格", Outline: halves[0]}, {Code: west, Name: "西网格", Outline: halves[1]}}
		if _, err := w.app.Areas.Split(w.ctx, staff.System(), area.SplitArea{Code: grid, Parts: parts, Reason: "拆分"}); err != nil {
			t.Fatal(explained(err))
		}
		for i, code := range []string{east, west} {
			c := pinned[i].now()
			post := staff.MakePost("grid-member", code)
			cover := w.app.Staff.Cover(post, *w.now.Load())
			if c.Area != code || c.Path != w.app.Areas.Tree().Path(code) || c.Owner != post || c.Holder != cover.Holder {
				t.Errorf("%s lies in %s (%s), owned by %s, held by %s instead of %s", pinned[i].number, c.Area, c.Path, c.Owner, c.Holder, cover.Holder)
			}
		}
		for _, m := range append(nowhere, ended) {
			if c := m.now(); c.Area != east {
				t.Errorf("%s without a point lies in %s", m.number, c.Area)
			}
		}
		equal(t, "counted at the first part", w.tallied(w.app.Areas.Tree().Path(east), "reported"), 6)
	})
}

func TestCasesOfAMovedGridTakeItsNewPath(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		open, ended := w.busy(grid)
		if _, err := w.app.Areas.Move(w.ctx, staff.System(), area.MoveArea{Code: grid, Parent: "320682001002", Reason: "划归安定"}); err != nil {
			t.Fatal(explained(err))
		}
		path := "/320682/320682001/320682001002/" + grid + "/"
		for _, m := range append(open, ended) {
			if c := m.now(); c.Path != path || c.Area != grid {
				t.Errorf("%s lies at %s", m.number, c.Path)
			}
		}
		equal(t, "counted at the new path", w.tallied(path, "reported"), 4)
		equal(t, "counted at the old one", w.rows(`SELECT count(*) FROM tally WHERE path LIKE '/320682/320682001/320682001001/%'`), 0)
		if got := w.listed("paidan", casework.Filter{Scope: "area", State: "all"}); len(got) != 0 {
			t.Errorf("the former village still reads %v", got)
		}
		open[2].does("", "answer", form{"answer": "第二盏"})
		open[1].does("wangge", "feed_back", form{"result": "好了"})
		open[1].at("verify", "dispatcher@320682001002")
		w.vacate(gridMember)
		w.vacate(gridHead)
		equal(t, "covered by the new village", open[2].now().Holder, staff.Post("dispatcher@320682001002"))
	})
}

func TestAnAlertForAVacantFirstReceiverReachesItsFallBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light().solved()
		w.vacate(dispatcher)
		m.does("", "rate", form{"score": 1, "comment": "没好"})
		has(t, "the secretary is told", w.alerts("shuji"), "rate")
	})
}

func TestWhatABuildingsHandOverIsAboutMovesWithItsGrid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("楼道灯坏了", byModel("seven-step"), func(r *casework.Report) { r.Place.Area, r.Place.Building = "", grid+"-b01" })
		if _, err := w.app.Areas.Move(w.ctx, staff.System(), area.MoveArea{Code: grid, Parent: "320682001002", Reason: "划归安定"}); err != nil {
			t.Fatal(explained(err))
		}
		c := m.now()
		if !strings.HasPrefix(c.Path, "/320682/320682001/320682001002/") || c.Path != w.app.Areas.Tree().Path(c.Area) {
			t.Errorf("lies at %s", c.Path)
		}
		if !slices.ContainsFunc(c.Tasks, func(t casework.Task) bool { return t.State != flow.Done }) {
			t.Error("no open work")
		}
	})
}

func TestAMovedGridIsCoveredByItsNewVillage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "here", nil)
		w.vacate(gridMember)
		w.vacate(gridHead)
		equal(t, "before", m.now().Holder, dispatcher)
		if _, err := w.app.Areas.Move(w.ctx, staff.System(), area.MoveArea{Code: grid, Parent: "320682001002", Reason: "划归安定"}); err != nil {
			t.Fatal(explained(err))
		}
		w.tick()
		equal(t, "after", m.now().Holder, staff.Post("dispatcher@320682001002"))
		equal(t, "told once", len(m.entries("cover")), 3)
		w.tick()
		equal(t, "and not again", len(m.entries("cover")), 3)
	})
}
