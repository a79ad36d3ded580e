package e2e

import (
	"bytes"
	"context"
	"io"
	"sync"
	"testing"

	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

func TestTheResultOfSomebodyElsesCaseIsNotToldThroughAMerger(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		secret := func(r *casework.Report) { r.Confidential = true }
		original, copied := w.report("王家的孩子常被打", byModel("seven-step"), secret), w.report("那家又在打孩子", byModel("seven-step"), secret)
		copied.does("paidan", "duplicate", form{"original": original.number})
		original.does("paidan", "decline", form{"reason": "已转王某某户所在的妇联处理"})
		merged := copied.track().Merged
		if merged == nil {
			t.Fatal("the reporter of the copy learns nothing")
		}
		if raw := w.call("", "GET", "/api/v1/track/"+copied.code, nil).raw; containsAny(raw, "王某某") {
			t.Errorf("what was told the reporter of the original is told another: %s", raw)
		}
		if want := "未受理:(内容不公开)"; merged.Now.ZH != want {
			t.Errorf("where the original stands: %q, want %q", merged.Now.ZH, want)
		}
	})
}

func TestAnOpenCaseIsNotPublishedThroughAMerger(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		original, copied := w.light(), w.light()
		original.does("paidan", "ask", form{"question": "您家门牌是88号吗"})
		original.does("", "answer", form{"answer": "是的,我叫王秀英"})
		copied.does("paidan", "duplicate", form{"original": original.number})
		for _, path := range []string{"/api/v1/track/" + copied.code, "/api/v1/public/cases/" + copied.number} {
			if raw := w.call("", "GET", path, nil).raw; containsAny(raw, "王秀英", "88号") {
				t.Errorf("%s tells what the reporter of the original answered: %s", path, raw)
			}
		}
		// a published result is there for all, so also for who reported the same
		original.solved()
		if merged := copied.track().Merged; merged == nil || len(merged.Steps) == 0 {
			t.Errorf("the published result of the original is not shown: %+v", merged)
		}
	})
}

func TestWhoActsByTheCodeIsTheReporterAndNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("村干部克扣低保", byModel("seven-step"), func(r *casework.Report) { r.Anonymous = true })
		wangge := w.as("wangge")
		by := func(action string, fields form) error {
			_, err := w.app.Cases.Act(w.ctx, wangge, casework.Command{Case: m.id, Code: m.code, Action: action, Form: fields})
			return err
		}
		m.does("paidan", "ask", form{"question": "是哪个月"})
		if err := by("answer", form{"answer": "上个月"}); err != nil {
			t.Fatalf("the reporter, still signed in, answers: %v", explained(err))
		}
		if _, err := w.app.Cases.Attach(w.ctx, wangge, casework.Upload{ID: id(t), Case: m.id, Code: m.code, Name: "存折.jpg", Body: bytes.NewReader(prooftest.Picture(7))}); err != nil {
			t.Fatalf("the reporter, still signed in, adds a picture: %v", explained(err))
		}
		for _, e := range m.view("system").Timeline {
			if e.Account == wangge.ID() {
				t.Errorf("%s names the account of the anonymous reporter", e.Action)
			}
		}
		for _, f := range m.view("system").Files {
			equal(t, "account of the picture", f.Account, "")
		}
		for i := range m.now().Tasks {
			hasNot(t, "who acted on the hand-over", m.now().Tasks[i].Acted, wangge.ID())
		}
		// nor does the code lend the powers of a post
		account, _ := w.app.Staff.ByLogin("paidan")
		dispatcher, _ := w.app.Staff.ActorOf(account.ID, *w.now.Load())
		_, err := w.app.Cases.Act(w.ctx, dispatcher, casework.Command{Case: m.id, Code: m.code, Action: "here"})
		if !fault.HasCode(err, "not-yours") {
			t.Errorf("by the code a post was used: %v", explained(err))
		}
	})
}

func TestACommandBelongsToWhoSentIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		command := id(t)
		with := func(c *casework.Command) { c.ID = command }
		m.does("paidan", "note", form{"note": "已电话核实"}, with)
		if out, err := m.try("paidan", "note", form{"note": "已电话核实"}, with); err != nil || !out.Again {
			t.Errorf("sent again: %+v, %v", out.Again, explained(err))
		}
		m.refused("wangge", "note", form{"note": "我的话"}, "id-used", with)
	})
}

func TestAnAlertOfAConfidentialCaseKeepsItsTitleFromWhoMayNotReadIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("王家的孩子常被打", byModel("seven-step"))
		m.does("paidan", "here", nil)
		m.does("", "urge", nil) // leaves word with the grid member
		titles := func(login string) (out []string) {
			alerts, _, err := w.app.Cases.Alerts(w.ctx, w.as(login), casework.AlertQuery{})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range alerts {
				if a.Case == m.id {
					out = append(out, a.Title)
				}
			}
			return out
		}
		has(t, "while it is open to the grid member", titles("wangge"), "王家的孩子常被打")
		m.does("wangge", "transfer", form{"post": string(secretary), "reason": "请书记出面"})
		if _, err := w.app.Cases.Act(w.ctx, w.holder(secretary), casework.Command{Case: m.id, Action: "correct", Form: form{"confidential": true, "reason": "涉及未成年人"}}); err != nil {
			t.Fatalf("making it confidential: %v", explained(err))
		}
		m.hidden("wangge")
		if have := titles("wangge"); len(have) == 0 || containsAny(have[0], "王家") {
			t.Errorf("titles shown to somebody who may not read the case: %q", have)
		}
	})
}

func TestATokenListsNoMoreThanItsScopesAllow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("王家的孩子常被打", byModel("seven-step"), func(r *casework.Report) { r.Confidential = true })
		a := w.call(w.secret("paidan"), "POST", "/api/v1/me/tokens", form{"name": "地图", "scopes": []string{"area.read"}, "expires_at": w.now.Load().AddDate(0, 1, 0)})
		if a.status != 201 {
			t.Fatalf("making a token: %d %s", a.status, a.raw)
		}
		token, _ := a.body["secret"].(string)
		if got := w.call(token, "GET", "/api/v1/cases/"+m.id, nil); got.status != 404 {
			t.Fatalf("the token reads the case: %d", got.status)
		}
		for _, path := range []string{"/api/v1/cases", "/api/v1/alerts", "/api/v1/cases?scope=area"} {
			if got := w.call(token, "GET", path, nil); containsAny(got.raw, m.number) {
				t.Errorf("%s by a token for areas only: %s", path, got.raw)
			}
		}
		if got := w.call(token, "GET", "/api/v1/counts", nil); got.body["open"] != float64(0) {
			t.Errorf("the token counts the worklist: %s", got.raw)
		}
	})
}

func TestAUnitListsAConfidentialCaseOnlyWhileItHasIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("王家的孩子常被打", byModel("seven-step"), func(r *casework.Report) { r.Confidential = true })
		unit := staff.Post("unit-head@" + housing)
		m.does("paidan", "assign", form{"unit": housing})
		head := w.holder(unit)
		lists := func() bool {
			page, err := w.app.Cases.List(w.ctx, head, casework.Filter{Scope: "area"})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page.Cases {
				if c.ID == m.id {
					return true
				}
			}
			return false
		}
		reads := func() bool {
			_, err := w.app.Cases.Read(w.ctx, head, m.id)
			return err == nil
		}
		if !lists() || !reads() {
			t.Fatalf("in hand: listed %v, read %v", lists(), reads())
		}
		officer := w.holder(staff.Post("unit-officer@" + housing))
		if _, err := w.app.Cases.Act(w.ctx, officer, casework.Command{Case: m.id, Action: "take"}); err != nil {
			t.Fatalf("taking: %v", explained(err))
		}
		if _, err := w.app.Cases.Act(w.ctx, officer, casework.Command{Case: m.id, Action: "transfer", Form: form{"post": string(secretary), "reason": "请书记出面"}}); err != nil {
			t.Fatalf("passing on: %v", explained(err))
		}
		if lists() || reads() {
			t.Errorf("passed on: listed %v, read %v", lists(), reads())
		}
	})
}

func TestTheSameFileTwiceAtTheSameMomentIsOneAttachment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		file, picture := id(t), prooftest.Picture(3)
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, errs[i] = w.app.Cases.Attach(context.Background(), staff.Resident(lang.ZH),
					casework.Upload{ID: file, Case: m.id, Code: m.code, Name: "灯.jpg", Body: io.Reader(bytes.NewReader(picture))})
			}()
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				t.Errorf("sent again at the same moment: %v", explained(err))
			}
		}
		equal(t, "attachments", w.rows(`SELECT count(*) FROM attachment WHERE case_id = $1`, m.id), 1)
	})
}

func TestWorkIsPassedOnOnlyToPostsThatSomebodyCanHold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "here", nil)
		for _, post := range []string{"grid-member@" + county, "unit-officer@" + stalls, "grid-member@" + housing, "duty-officer@" + grid} {
			m.refused("wangge", "transfer", form{"post": post, "reason": "试试"}, "invalid-form")
		}
		m.does("wangge", "transfer", form{"post": string(secretary), "reason": "请书记出面"})
		w.sound()
	})
}

func TestATrackingCodeCannotBeGuessedByAskingForPictures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 1000 {
			if got := w.call("", "GET", "/api/v1/files/"+id(t)+"?code=3G00-0F1K-7Q2M", nil); got.status == 429 {
				return
			}
		}
		t.Error("a thousand guesses in a row were answered")
	})
}

func TestWhoHasAMatterInHandMayCallWhoReportedIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("楼道的灯坏了", byModel("seven-step"), func(r *casework.Report) { r.Name, r.Phone = "欧阳沁瑶", "13698765432" })
		reveals := func(login string, want bool) {
			t.Helper()
			before := w.rows(`SELECT count(*) FROM access_log WHERE what = 'case.reveal' AND object = $1`, "case:"+m.id)
			equal(t, "what the case tells "+login, m.view(login).Reveal, want)
			_, err := w.app.Cases.Reveal(w.ctx, w.as(login), m.id, "  ")
			equal(t, "asking "+login+" for a purpose", fault.HasCode(err, "purpose-needed"), true)
			shown, err := w.app.Cases.Reveal(w.ctx, w.as(login), m.id, "问是哪个单元")
			equal(t, login+" is shown", shown.Phone == "13698765432" && shown.Name == "欧阳沁瑶", want)
			equal(t, login+" is turned away", fault.Is(err, fault.Forbidden), !want)
			logged := w.rows(`SELECT count(*) FROM access_log WHERE what = 'case.reveal' AND object = $1`, "case:"+m.id) - before
			equal(t, "entries in the access log", logged, map[bool]int{true: 1, false: 0}[want])
		}
		reveals("paidan", true) // sorts it
		reveals("wangge", false)
		reveals("jianwei", false) // reads it
		m.does("paidan", "here", nil)
		reveals("wangge", false) // it waits to be taken
		reveals("paidan", false) // has passed it on
		m.does("wangge", "take", nil)
		reveals("wangge", true)
		reveals("gezhang", false)
		m.does("wangge", "feed_back", form{"result": "换了灯泡"})
		reveals("wangge", false)
		m.does("paidan", "accept", nil)
		reveals("paidan", false) // it has ended
		reveals("zhiban", true)  // by case.reveal, as ever
		for _, login := range []string{"guijian", "nongye"} {
			m.hidden(login)
			if _, err := w.app.Cases.Reveal(w.ctx, w.as(login), m.id, "问问"); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s elsewhere: %v", login, err)
			}
		}
	})
}

func TestWhoReportedAConfidentialMatterIsNotShownToWhoHandlesIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("有人总在楼下等孩子", byModel("seven-step"), func(r *casework.Report) {
			r.Name, r.Phone, r.Confidential = "欧阳沁瑶", "13698765432", true
		})
		if _, err := w.app.Cases.Reveal(w.ctx, w.as("paidan"), m.id, "问情况"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("who sorts it: %v", err)
		}
		m.does("paidan", "assign", form{"unit": housing})
		m.does("guijian", "take", nil)
		equal(t, "what the case tells the unit", m.view("guijian").Reveal, false)
		if _, err := w.app.Cases.Reveal(w.ctx, w.as("guijian"), m.id, "问情况"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("who handles it: %v", err)
		}
		if _, err := w.app.Cases.Reveal(w.ctx, w.as("zhiban"), m.id, "问情况"); err != nil {
			t.Errorf("the duty officer: %v", explained(err))
		}
	})
}

func TestNeitherTheAdministratorNorASupervisorRevealsByCovering(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("楼道的灯坏了", byModel("seven-step"), func(r *casework.Report) { r.Name, r.Phone = "欧阳沁瑶", "13698765432" })
		m.at("sort", dispatcher)
		for _, post := range []staff.Post{staff.MakePost("administrator", county), staff.MakePost("supervisor", township)} {
			if err := w.app.DB.Write(w.ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(`UPDATE task SET holder = $1 WHERE case_id = $2 AND closed_at = 0`, string(post), m.id)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			who := w.holder(post)
			if v, err := w.app.Cases.Read(w.ctx, who, m.id); err != nil || v.Reveal {
				t.Errorf("%s reads it: %v, may reveal: %v", post, err, v.Reveal)
			}
			if _, err := w.app.Cases.Reveal(w.ctx, who, m.id, "问情况"); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s, covering: %v", post, err)
			}
		}
	})
}
