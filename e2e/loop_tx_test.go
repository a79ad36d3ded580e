package e2e

import (
	"sync"
	"testing"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

func TestOfTwoWhoActAtOnceOneIsToldWhatTheOtherDid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		actors := []*staff.Actor{w.as("paidan"), w.as("shuji")} // dispatcher and deputy
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = w.app.Cases.Act(w.ctx, actors[i], casework.Command{Case: m.id, Base: 1, Action: "assign", Form: form{"unit": housing}})
			})
		}
		wg.Wait()
		stale := 0
		for _, err := range errs {
			switch {
			case fault.HasCode(err, "stale-version"):
				stale++
			case err != nil:
				t.Error(explained(err))
			}
		}
		equal(t, "refused", stale, 1)
		equal(t, "hand-overs", len(m.now().Tasks), 2)
	})
}

func TestTwoCasesMergedIntoEachOtherAtOnceDoNotBothVanish(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 4 {
			one, two := w.light(), w.light()
			actor := w.as("paidan")
			errs := make([]error, 2)
			var wg sync.WaitGroup
			for i, pair := range [][2]*journey{{one, two}, {two, one}} {
				wg.Go(func() {
					_, errs[i] = w.app.Cases.Act(w.ctx, actor, casework.Command{Case: pair[0].id, Action: "duplicate", Form: form{"original": pair[1].number}})
				})
			}
			wg.Wait()
			refused := 0
			for _, err := range errs {
				if fault.HasCode(err, "invalid-form") {
					refused++
				} else if err != nil {
					t.Error(explained(err))
				}
			}
			equal(t, "refused", refused, 1)
		}
	})
}

func TestListenersHearOfEventsInsideTheTransactionAndMayUndoIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		heard := map[string]int64{}
		refuse := false
		for _, name := range []string{"reported", "given", "taken", "closed", "rated", "reopened", "overdue"} {
			w.app.Cases.On(name, func(_ *database.Tx, e casework.Event) error {
				heard[name] = e.Entry.Seq
				if refuse {
					return fault.New(fault.Conflict, "no", "不行", "No")
				}
				return nil
			})
		}
		m := w.light().solved()
		m.does("", "rate", form{"score": 1})
		m.does("", "reopen", form{"reason": "没好"})
		w.set(m.now().DueAt.Add(1e9))
		w.tick()
		for _, name := range []string{"reported", "given", "taken", "closed", "rated", "reopened", "overdue"} {
			if heard[name] == 0 {
				t.Errorf("%s was not heard with its entry: %v", name, heard)
			}
		}
		refuse = true
		m.refused("paidan", "here", nil, "no")
		if _, err := w.app.Cases.Submit(w.ctx, staff.Resident(lang.ZH), casework.Report{ID: id(t), Text: "路灯坏了"}); !fault.HasCode(err, "no") {
			t.Errorf("the report goes through: %v", err)
		}
		equal(t, "cases", w.rows(`SELECT count(*) FROM cases`), 1)
		refuse = false
	})
}

func TestEveryHandOverToAPostOfAMergedGridFollowsWhereverItsCaseLies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		from := grid[:12] + "002"
		post := staff.MakePost("grid-member", from)
		building := w.report("楼道灯坏了", byModel("seven-step"), func(r *casework.Report) { r.Place.Area, r.Place.Building = "", from+"-b01" })
		building.does("paidan", "here", nil)
		building.at("handle", post)
		elsewhere := w.report("路灯坏了", byModel("seven-step"), inArea(grid[:12]+"003"))
		elsewhere.does("paidan", "transfer", form{"reason": "请隔壁看看", "post": string(post)})
		if _, err := w.app.Areas.Merge(w.ctx, staff.System(), area.MergeAreas{From: []string{from, grid}, Into: area.Area{Code: grid}, Reason: "合并"}); err != nil {
			t.Fatal(explained(err))
		}
		for _, m := range []*journey{building, elsewhere} {
			c := m.now()
			if c.Owner != gridMember || c.Holder != gridMember || c.Path != w.app.Areas.Tree().Path(c.Area) {
				t.Errorf("%s lies at %s, owned by %s, held by %s", m.number, c.Path, c.Owner, c.Holder)
			}
		}
		equal(t, "lies where it was", elsewhere.now().Area, grid[:12]+"003")
		building.does("wangge", "take", nil)
	})
}
