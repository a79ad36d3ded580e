package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"linli/internal/area"
	"linli/internal/board"
	"linli/internal/staff"
)

func TestANoticeIsShownFromItsFirstMomentToTheLastBeforeItsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		from, until := w.Clock.Now().Add(day), w.Clock.Now().Add(2*day)
		n := w.put(grid, board.Words{Title: "停水", From: from, Until: until})
		for _, c := range []struct {
			at   time.Time
			want string
		}{
			{from.Add(-time.Millisecond), board.StateComing},
			{from, board.StateShowing},
			{until.Add(-time.Millisecond), board.StateShowing},
			{until, board.StateOver},
			{until.Add(300 * day), board.StateOver},
		} {
			w.Clock.Set(c.at)
			equal(t, c.at.String(), n.State(c.at), c.want)
			// the board and the lists by state say the same as the notice itself
			equal(t, "on the board at "+c.at.String(), w.shown(grid) == "停水", c.want == board.StateShowing)
			for _, state := range []string{board.StateComing, board.StateShowing, board.StateOver, board.StateWithdrawn} {
				equal(t, state+" at "+c.at.String(), w.listed(state) == "停水", c.want == state)
			}
		}
	})
}

func TestANoticeWithoutAnEndStandsUntilItIsWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.put(grid, board.Words{Title: "开放时间"})
		equal(t, "from when", n.From, w.Clock.Now())
		equal(t, "for whom", n.Audience, board.ForResidents)
		w.Clock.Pass(3000 * day)
		equal(t, "years later", w.shown(grid), "开放时间")
		gone, err := w.Withdraw(ctx, staff.System(), n.ID, n.Version, "过时")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "state", gone.State(w.Clock.Now()), board.StateWithdrawn)
		equal(t, "on the board", w.shown(grid), "")
		equal(t, "kept", w.listed(board.StateWithdrawn), "开放时间")
		equal(t, "over", w.listed(board.StateOver), "")
		// one that was withdrawn before it began never shows
		coming := w.put(grid, board.Words{Title: "以后的", From: w.Clock.Now().Add(day)})
		if _, err := w.Withdraw(ctx, staff.System(), coming.ID, 0, "取消"); err != nil {
			t.Fatal(err)
		}
		w.Clock.Pass(2 * day)
		equal(t, "after its beginning", w.shown(grid), "")
		equal(t, "withdrawn ones", w.listed(board.StateWithdrawn), "以后的 开放时间")
	})
}

func TestPinnedNoticesStandFirstThenTheNewest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		now := w.Clock.Now()
		w.put(grid, board.Words{Title: "旧的", From: now.Add(-3 * day)})
		w.put(village, board.Words{Title: "置顶而旧", Pinned: true, From: now.Add(-9 * day)})
		w.put(township, board.Words{Title: "新的", From: now.Add(-day)})
		w.put(county, board.Words{Title: "置顶而新", Pinned: true, From: now.Add(-2 * day)})
		equal(t, "order", w.shown(grid), "置顶而新 置顶而旧 新的 旧的")
		for i := range 40 {
			w.put(grid, board.Words{Title: fmt.Sprintf("第%d条", i), From: now.Add(-time.Duration(i) * time.Minute)})
		}
		list, err := w.Shown(ctx, nil, grid, false)
		if err != nil || len(list) != 30 || list[0].Title != "置顶而新" || list[2].Title != "第0条" {
			t.Errorf("%d, %v, first %s", len(list), err, titles(list[:3]))
		}
	})
}

func TestANoticeStandsOnTheBoardsOfItsPlaceAndAllBelow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(township, board.Words{Title: "全镇"})
		w.put(grid, board.Words{Title: "本网格"})
		for place, want := range map[string]string{
			grid: "本网格 全镇", nextGrid: "全镇", village: "全镇", township: "全镇", county: "", farTown: "", farGrid: "",
			team: "全镇", housing: "", // an organisation has the board of its area
		} {
			got := w.shown(place)
			if place == grid && got == "全镇 本网格" { // posted in the same moment: either order
				got = want
			}
			equal(t, place, got, want)
		}
		if _, err := w.Shown(ctx, nil, "nowhere", false); err == nil {
			t.Error("a place that is not there has a board")
		} else {
			refused(t, "nowhere", err, "area-unknown")
		}
	})
}

func TestNoticesForStaffAreForThoseWhoServeThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(village, board.Words{Title: "内部", Audience: board.ForStaff, Pinned: true})
		w.put(village, board.Words{Title: "公开"})
		equal(t, "for residents", w.shown(grid), "公开")
		member, stranger := w.holder("grid-member", grid), w.holder("grid-member", farGrid)
		list, err := w.Shown(ctx, member, grid, true)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "for staff", titles(list), "内部 公开")
		list, err = w.Shown(ctx, member, grid, false)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "asked for without", titles(list), "公开")
		_, err = w.Shown(ctx, stranger, grid, true)
		refused(t, "of another township", err, "not-permitted")
		_, err = w.Shown(ctx, nil, grid, true)
		refused(t, "nobody", err, "not-permitted")

		taken, err := w.ShownTo(ctx, member)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "taken along", titles(taken), "内部 公开")
		taken, err = w.ShownTo(ctx, stranger)
		if err != nil || len(taken) != 0 {
			t.Errorf("elsewhere: %v, %v", taken, err)
		}
		taken, err = w.ShownTo(ctx, staff.Resident("zh"))
		if err != nil || len(taken) != 0 {
			t.Errorf("without a post: %v, %v", taken, err)
		}
	})
}

func TestWhoMayPostWhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		words := board.Words{Title: "通知", Text: "内容在此。"}
		head, dispatcher, officer, member := w.holder("grid-head", grid), w.holder("dispatcher", village), w.holder("unit-head", team), w.holder("grid-member", grid)
		for _, c := range []struct {
			who   string
			actor *staff.Actor
			place string
			want  string
		}{
			{"the head of a grid there", head, grid, ""},
			{"and not next door", head, nextGrid, "not-permitted"},
			{"nor above", head, village, "not-permitted"},
			{"a village below itself", dispatcher, nextGrid, ""},
			{"and not in another township", dispatcher, farGrid, "not-permitted"},
			{"a grid member not at all", member, grid, "not-permitted"},
			{"an office posts nothing in its area", officer, township, "not-permitted"},
			{"nor for itself: it has a phone, no board", officer, team, "area-unknown"},
			{"nobody", nil, grid, "not-permitted"},
			{"nowhere", head, "nowhere", "area-unknown"},
		} {
			_, err := w.Post(ctx, c.actor, w.NewID(), c.place, words)
			if c.want == "" && err != nil {
				t.Errorf("%s: %v", c.who, err)
			} else if c.want != "" {
				refused(t, c.who, err, c.want)
			}
		}
		if err := w.Areas.Close(ctx, staff.System(), area.CloseArea{Code: nextGrid, Reason: "撤销"}); err != nil {
			t.Fatal(err)
		}
		_, err := w.Post(ctx, dispatcher, w.NewID(), nextGrid, words)
		refused(t, "a place that was closed", err, "area-closed")
		_, err = w.Shown(ctx, nil, nextGrid, false)
		refused(t, "its board", err, "area-unknown")
	})
}

func TestANoticeSentTwiceIsPostedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		dispatcher, head := w.holder("dispatcher", village), w.holder("grid-head", grid)
		id, words := w.NewID(), board.Words{Title: "停水", Text: "明日停水。"}
		first, err := w.Post(ctx, dispatcher, id, grid, words)
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Pass(time.Minute)
		again, err := w.Post(ctx, dispatcher, strings.ToUpper(id), grid, board.Words{Title: "另一个题目", Text: "另一段话。"})
		if err != nil || again.Title != "停水" || !again.PostedAt.Equal(first.PostedAt) || again.Version != 1 {
			t.Errorf("again: %+v, %v", again, err)
		}
		equal(t, "on the board", w.shown(grid), "停水")
		_, err = w.Post(ctx, head, id, grid, words)
		refused(t, "by somebody else", err, "id-used", "id")
		_, err = w.Post(ctx, dispatcher, id, nextGrid, words)
		refused(t, "for another place", err, "id-used", "id")
		_, err = w.Post(ctx, dispatcher, "no-id", grid, words)
		refused(t, "no id", err, "bad-notice", "id")
	})
}

func TestWhatIsWrittenHasBounds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		now := w.Clock.Now()
		far := 2 * 366 * day
		for _, c := range []struct {
			what   string
			words  board.Words
			fields string
		}{
			{"the shortest", board.Words{Title: "停水", Text: "停水"}, ""},
			{"the longest", board.Words{Title: strings.Repeat("水", 60), Text: strings.Repeat("水", 3000)}, ""},
			{"nothing", board.Words{}, "title text"},
			{"one character", board.Words{Title: "水", Text: "水"}, "title text"},
			{"blanks are no characters", board.Words{Title: " 水 ", Text: "水\n\n"}, "title text"},
			{"too long", board.Words{Title: strings.Repeat("水", 61), Text: strings.Repeat("水", 3001)}, "title text"},
			{"for nobody", board.Words{Title: "停水", Text: "停水", Audience: "pets"}, "audience"},
			{"as far ahead as it goes", board.Words{Title: "停水", Text: "停水", From: now.Add(far - time.Second), Until: now.Add(far)}, ""},
			{"too far ahead", board.Words{Title: "停水", Text: "停水", From: now.Add(far + time.Second)}, "from"},
			{"too long ago", board.Words{Title: "停水", Text: "停水", From: now.Add(-far - time.Second)}, "from"},
			{"it ends when it begins", board.Words{Title: "停水", Text: "停水", From: now, Until: now}, "until"},
			{"it ends too late", board.Words{Title: "停水", Text: "停水", Until: now.Add(far + time.Second)}, "until"},
		} {
			_, err := w.Post(ctx, staff.System(), w.NewID(), grid, c.words)
			if c.fields == "" && err != nil {
				t.Errorf("%s: %v", c.what, err)
			} else if c.fields != "" {
				refused(t, c.what, err, "bad-notice", strings.Fields(c.fields)...)
			}
		}
		clean := w.put(grid, board.Words{Title: " 停\u0000水\t通知\n", Text: "第一行\u0007 有 空格  \r\n\r\n  第二行\n"})
		equal(t, "a title is one line", clean.Title, "停 水 通知")
		equal(t, "the text keeps its lines", clean.Text, "第一行 有 空格\n\n第二行")
	})
}

func TestACorrectionIsOfTheVersionSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		dispatcher := w.holder("dispatcher", village)
		n, err := w.Post(ctx, dispatcher, w.NewID(), grid, board.Words{Title: "停水", Text: "明日停水。", From: w.Clock.Now().Add(day), Pinned: true})
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Pass(time.Hour)
		now, err := w.Change(ctx, dispatcher, n.ID, 1, board.Words{Title: "停水改期", Text: "后天停水。"})
		if err != nil {
			t.Fatal(err)
		}
		// without a beginning it keeps the one it had; what is not said is not pinned
		if now.Version != 2 || !now.From.Equal(n.From) || now.Pinned || !now.ChangedAt.Equal(w.Clock.Now()) || !now.PostedAt.Equal(n.PostedAt) || now.Account != n.Account {
			t.Errorf("%+v", now)
		}
		other := board.Words{Title: "又改", Text: "又改了。"}
		_, err = w.Change(ctx, dispatcher, n.ID, 1, other)
		refused(t, "an old version", err, "stale-version")
		_, err = w.Withdraw(ctx, dispatcher, n.ID, 1, "写错了")
		refused(t, "withdrawing an old version", err, "stale-version")
		_, err = w.Change(ctx, dispatcher, n.ID, 2, board.Words{})
		refused(t, "nothing written", err, "bad-notice", "title", "text")
		_, err = w.Change(ctx, w.holder("grid-member", grid), n.ID, 2, other)
		refused(t, "by who may not", err, "not-permitted")
		_, err = w.Change(ctx, dispatcher, w.NewID(), 0, other)
		refused(t, "none such", err, "no-notice")
		for _, reason := range []string{"", " 错 ", strings.Repeat("错", 201)} {
			_, err = w.Withdraw(ctx, dispatcher, n.ID, 2, reason)
			refused(t, fmt.Sprintf("the reason %.9q", reason), err, "reason-needed", "reason")
		}
		gone, err := w.Withdraw(ctx, dispatcher, strings.ToUpper(n.ID), 0, strings.Repeat("错", 200))
		if err != nil || gone.Version != 3 || gone.WithdrawBy != dispatcher.Name() || !gone.Withdrawn.Equal(w.Clock.Now()) {
			t.Errorf("%+v, %v", gone, err)
		}
		_, err = w.Change(ctx, dispatcher, n.ID, 0, other)
		refused(t, "one that was withdrawn", err, "withdrawn")
		_, err = w.Withdraw(ctx, dispatcher, n.ID, 0, "再撤一次")
		refused(t, "withdrawn twice", err, "withdrawn")
	})
}

func TestTheListIsOfOnesOwnPlacesTheLatestFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i, place := range []string{grid, nextGrid, village, farGrid, grid} {
			w.put(place, board.Words{Title: fmt.Sprintf("第%d条", i)})
			if i != 2 { // two of one moment
				w.Clock.Pass(time.Minute)
			}
		}
		dispatcher, head := w.holder("dispatcher", village), w.holder("grid-head", grid)
		pages := func(actor *staff.Actor, f board.Filter) string {
			var all []string
			for range 9 {
				page, next, err := w.List(ctx, actor, f)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, titles(page))
				if f.After = next; next == "" {
					break
				}
			}
			return strings.Join(all, " | ")
		}
		equal(t, "of a village", pages(dispatcher, board.Filter{}), "第4条 第2条 第1条 第0条")
		equal(t, "by pages", pages(dispatcher, board.Filter{Limit: 2}), "第4条 第2条 | 第1条 第0条")
		equal(t, "of a grid", pages(head, board.Filter{}), "第4条 第0条")
		equal(t, "of one place below", pages(dispatcher, board.Filter{Area: nextGrid}), "第1条")
		equal(t, "of an office", pages(w.holder("unit-head", team), board.Filter{}), "")
		if all := strings.Fields(strings.ReplaceAll(pages(staff.System(), board.Filter{Limit: 1}), "|", "")); len(all) != 5 {
			t.Errorf("one by one: %v", all)
		}
		_, _, err := w.List(ctx, head, board.Filter{Area: village})
		refused(t, "of a place above", err, "not-permitted")
		_, _, err = w.List(ctx, head, board.Filter{State: "lost"})
		refused(t, "a state that is none", err, "invalid-filter", "state")
		for _, after := range []string{"x", "1", "1.", ".a", "a.b"} {
			_, _, err = w.List(ctx, head, board.Filter{After: after})
			refused(t, "the cursor "+after, err, "invalid-filter", "after")
		}
	})
}
