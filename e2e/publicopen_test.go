package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
)

// underWay is a page of the public list of what is not done yet.
type underWay struct {
	Open []struct {
		Number, Category, Area, Received string
		CategoryName                     string `json:"category_name"`
		AreaName                         string `json:"area_name"`
		Stage, Unit                      struct{ ZH, EN string }
		DueAt                            string `json:"due_at"`
		Paused                           bool
	}
	Cases []any
	Next  string
	raw   string
}

func (w *world) underWay(query string) (u underWay) {
	w.t.Helper()
	a := w.call("", "GET", "/api/v1/public/cases?state=open&"+query, nil)
	if a.status != 200 {
		w.t.Fatalf("%s: %d %s", query, a.status, a.raw)
	}
	if err := json.Unmarshal([]byte(a.raw), &u); err != nil {
		w.t.Fatal(err)
	}
	u.raw = a.raw
	return u
}

func (u underWay) numbers() []string {
	out := make([]string, 0, len(u.Open))
	for i := range u.Open {
		out = append(out, u.Open[i].Number)
	}
	return out
}

const powerCut = "02.04.01"

// told is a report that says more than anybody else should read.
func (w *world) told(edit ...func(*casework.Report)) *journey {
	return w.report("张桂英家停电了。我住五幢302,请打13912345678", append([]func(*casework.Report){byModel("seven-step"), urgently("normal"), byCategory(powerCut),
		func(r *casework.Report) {
			r.Name, r.Phone, r.Place.Address = "张桂英", "13912345678", "如意花园五幢302"
		}}, edit...)...)
}

func TestWhatIsUnderWayIsShownWithoutItsWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.told()
		hasNot(t, "before anybody in office had it", w.underWay("area="+grid).numbers(), m.number)
		m.does("", "urge", nil)
		hasNot(t, "after its reporter asked for it", w.underWay("area="+grid).numbers(), m.number)
		m.does("paidan", "here", form{"note": "张桂英家的电表"})
		w.tick()

		list := w.underWay("area=" + grid)
		has(t, "once it is in hand", list.numbers(), m.number)
		one := list.Open[slices.Index(list.numbers(), m.number)]
		equal(t, "results beside it", len(list.Cases), 0)
		equal(t, "stage", one.Stage.ZH, "处置")
		equal(t, "category", one.CategoryName, "停电、频繁跳闸")
		equal(t, "day", one.Received, w.now.Load().In(time.FixedZone("", 8*3600)).Format(time.DateOnly))
		if one.AreaName == "" || one.Unit.ZH == "" || one.DueAt == "" {
			t.Errorf("%+v", one)
		}
		for _, secret := range []string{"张", "桂英", "五幢", "302", "139", "5678", "如意花园", "电表", "家停电", m.id, m.code, strings.ReplaceAll(m.code, "-", "")} {
			if strings.Contains(strings.ReplaceAll(list.raw, m.number, ""), secret) {
				t.Errorf("%q is told: %s", secret, list.raw)
			}
		}
		if a := w.call("", "GET", "/api/v1/public/cases/"+m.number, nil); a.status != 404 {
			t.Errorf("its page: %d %s", a.status, a.raw)
		}

		m.does("wangge", "take", nil)
		m.does("wangge", "ask", form{"question": "您家电表号是多少?"})
		asked := w.underWay("q=" + m.number)
		equal(t, "found by its number", len(asked.Open), 1)
		if one := asked.Open[0]; !one.Paused || one.DueAt != "" || containsAny(asked.raw, "电表", "问题", "question") {
			t.Errorf("while it waits for its reporter: %s", asked.raw)
		}
		m.does("", "answer", form{"answer": "在五幢楼道"})
		m.does("wangge", "feed_back", form{"result": "已恢复供电"})
		m.does("paidan", "accept", nil)
		w.tick()
		hasNot(t, "under way once it has ended", w.underWay("area="+grid).numbers(), m.number)
		has(t, "results", w.published("area="+grid).numbers(), m.number)
	})
}

func TestWhatIsNotPublicIsNotShownUnderWayEither(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hidden := w.told(func(r *casework.Report) { r.Confidential = true })
		private := w.told(byCategory("06.01.01"))
		unsorted := w.told(byCategory(""), func(r *casework.Report) { r.Text = "说不清楚的一件事" })
		corrected, shut := w.told(), w.told()
		all := []*journey{hidden, private, unsorted, corrected, shut}
		for _, m := range all {
			m.does("paidan", "here", nil)
		}
		w.tick()
		has(t, "before it is corrected", w.underWay("page_size=50").numbers(), corrected.number, shut.number)
		corrected.does("paidan", "correct", form{"public": false, "reason": "涉及住户"})
		shut.does("paidan", "correct", form{"confidential": true, "reason": "涉及住户"})
		for _, query := range []string{"page_size=50", "page_size=50&area=" + grid, "page_size=50&category=06", "q=" + url.QueryEscape("停电")} {
			list := w.underWay(query).numbers()
			for _, m := range all {
				hasNot(t, query, list, m.number)
			}
		}
		for _, m := range all {
			equal(t, "found by its number", len(w.underWay("q="+m.number).Open), 0)
		}

		// who wrote it down in office has not vouched for it alone
		own := casework.Report{ID: id(t), Text: "停电了", Category: powerCut, Model: "seven-step"}
		own.Place.Area = grid
		receipt, err := w.app.Cases.Submit(w.ctx, w.as("paidan"), own)
		if err != nil {
			t.Fatal(explained(err))
		}
		m := &journey{world: w, id: receipt.ID, number: receipt.Number}
		m.does("paidan", "here", nil)
		hasNot(t, "known to one person only", w.underWay("page_size=50").numbers(), m.number)
		m.does("wangge", "take", nil)
		has(t, "known to a second", w.underWay("page_size=50").numbers(), m.number)
	})
}

func TestPagesOfWhatIsUnderWayLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var want []string
		for i := range 7 {
			m := w.report(fmt.Sprintf("第%d户停电", i), byModel("seven-step"), byCategory(powerCut))
			if i%3 != 2 { // the others stay with nobody
				m.does("paidan", "here", nil)
				want = append([]string{m.number}, want...)
			}
		}
		var have []string
		for next := ""; ; {
			page := w.underWay("page_size=2&category=02.04&area=" + grid + "&q=" + url.QueryEscape("停电 跳闸") + "&after=" + url.QueryEscape(next))
			have = append(have, page.numbers()...)
			if next = page.Next; next == "" {
				break
			}
		}
		have = slices.DeleteFunc(have, func(n string) bool { return !slices.Contains(want, n) })
		equal(t, "newest first, each once", strings.Join(have, " "), strings.Join(want, " "))
		hasNot(t, "another area", w.underWay("area=320682001002").numbers(), want...)
		hasNot(t, "another category", w.underWay("category=01").numbers(), want...)
		equal(t, "found by words of what was said", len(w.underWay("q="+url.QueryEscape("第1户")).Open), 0)
		for query, field := range map[string]string{"state=all": "state", "state=open&page_size=51": "page_size", "state=open&area=nowhere": "area",
			"state=open&category=99": "category", "state=open&after=x": "after", "state=open&q=,": "text"} {
			if a := w.call("", "GET", "/api/v1/public/cases?"+query, nil); a.status != 422 || !containsAny(a.raw, `"field":"`+field, `"field":"query.`+field) {
				t.Errorf("%s: %d %s", query, a.status, a.raw)
			}
		}
	})
}
