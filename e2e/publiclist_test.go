package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/proof/prooftest"
)

// results is a page of the public list.
type results struct {
	Cases []struct {
		Number, Title, Category, Area, Answer string
		CategoryName                          string `json:"category_name"`
		AreaName                              string `json:"area_name"`
		Rating                                int
		Files                                 []struct{ ID, Use, Thumb string }
	}
	Next string
}

func (w *world) published(query string) (r results) {
	w.t.Helper()
	a := w.call("", "GET", "/api/v1/public/cases?"+query, nil)
	if a.status != 200 {
		w.t.Fatalf("%s: %d %s", query, a.status, a.raw)
	}
	if err := json.Unmarshal([]byte(a.raw), &r); err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (r results) numbers() (out []string) {
	for _, c := range r.Cases {
		out = append(out, c.Number)
	}
	return out
}

func TestPublicResultsAreListedNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := len(w.published("page_size=50").Cases)
		shown := w.report("小区东门的路灯不亮了。我住五幢,电话打不通", byModel("seven-step"), urgently("normal"), byCategory("02.04.01"))
		picture, inner := id(t), id(t)
		for i, file := range []string{picture, inner} {
			if _, err := w.app.Cases.Attach(w.ctx, w.as("paidan"), casework.Upload{ID: file, Case: shown.id, Name: "路灯.jpg", Use: "before", Public: file == picture, Body: bytes.NewReader(prooftest.Picture(i))}); err != nil {
				t.Fatal(explained(err))
			}
		}
		open := w.report("西门的路灯也不亮", byModel("seven-step"), byCategory("02.04.01"))
		hidden := w.report("有人偷电,路灯被破坏", byModel("seven-step"), byCategory("02.04.01"), func(r *casework.Report) { r.Confidential = true })
		declined := w.report("路灯太亮", byModel("seven-step"), byCategory("02.04.01"))
		shown.solved()
		declined.does("paidan", "decline", form{"reason": "不属于受理范围"})
		hidden.does("paidan", "decline", form{"reason": "另案处理"})
		w.pass(time.Hour)
		later := w.report("北门的路灯不亮", byModel("seven-step"), byCategory("02.04.01")).solved()
		w.tick()

		list := w.published("page_size=50")
		equal(t, "results", len(list.Cases), before+2)
		equal(t, "the newest", list.Cases[0].Number, later.number)
		hasNot(t, "results", list.numbers(), open.number, hidden.number, declined.number)
		first := list.Cases[1]
		equal(t, "number", first.Number, shown.number)
		equal(t, "answer", first.Answer, "已换灯泡,晚上亮了")
		equal(t, "category", first.Category, "02.04.01")
		if first.CategoryName == "" || first.AreaName == "" || len(first.Files) != 1 || first.Files[0].ID != picture || first.Files[0].Use != "before" {
			t.Errorf("%+v", first)
		}
		if a := w.call("", "GET", first.Files[0].Thumb, nil); a.status != 200 || a.header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("the picture: %d %s", a.status, a.header.Get("Content-Type"))
		}
		has(t, "the area", w.published("area="+village).numbers(), shown.number, later.number)
		hasNot(t, "another area", w.published("area=320682001002").numbers(), shown.number)
		has(t, "the category", w.published("category=02.04").numbers(), shown.number)
		hasNot(t, "another category", w.published("category=01").numbers(), shown.number)
		has(t, "words of the title", w.published("q="+url.QueryEscape("东门 路灯")).numbers(), shown.number)
		has(t, "the number", w.published("q="+shown.number).numbers(), shown.number)
		// what was said beside the title is nobody's to search
		equal(t, "found by inner words", len(w.published("q="+url.QueryEscape("五幢")).Cases), 0)
	})
}

func byCategory(code string) func(*casework.Report) {
	return func(r *casework.Report) { r.Category = code }
}

func TestPagesOfPublicResultsLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var want []string
		for i := range 7 {
			m := w.report(fmt.Sprintf("第%d盏路灯不亮", i), byModel("seven-step"), byCategory("02.04.01"))
			if i%3 == 2 {
				m.does("paidan", "decline", form{"reason": "重复"})
				continue
			}
			want = append(want, m.solved().number)
			if i%2 == 0 {
				w.pass(time.Minute) // others end in the same moment
			}
		}
		var have []string
		for next := ""; ; {
			page := w.published("page_size=2&area=" + grid + "&after=" + url.QueryEscape(next))
			have = append(have, page.numbers()...)
			if next = page.Next; next == "" {
				break
			}
		}
		for _, number := range want {
			equal(t, "times "+number+" is listed", len(slices.DeleteFunc(slices.Clone(have), func(n string) bool { return n != number })), 1)
		}
		for query, field := range map[string]string{"page_size=51": "page_size", "area=nowhere": "area", "category=99": "category", "after=x": "after", "q=,": "text"} {
			if a := w.call("", "GET", "/api/v1/public/cases?"+query, nil); a.status != 422 || !containsAny(a.raw, `"field":"`+field) {
				t.Errorf("%s: %d %s", query, a.status, a.raw)
			}
		}
	})
}
