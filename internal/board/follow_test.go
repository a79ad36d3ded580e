package board_test

import (
	"testing"

	"linli/internal/area"
	"linli/internal/board"
	"linli/internal/staff"
)

// addGrid makes a grid beside the others of the village.
func (w *world) addGrid(number string) string {
	w.t.Helper()
	code := village + number
	a := area.Area{Code: code, Name: "网格" + number, Level: area.Grid, Parent: village, Kind: area.KindBasic}
	if _, err := w.Areas.Create(ctx, staff.System(), area.CreateArea{Area: a, Reason: "新设"}); err != nil {
		w.t.Fatal(err)
	}
	return code
}

func TestWhatASplitAreaHadStandsInAllItsParts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		old := w.addGrid("501")
		w.put(old, board.Words{Title: "在办", Text: "内容在此。"})
		w.put(old, board.Words{Title: "已过", From: w.Clock.Now().Add(-2 * day), Until: w.Clock.Now().Add(-day)})
		gone := w.put(old, board.Words{Title: "撤下的"})
		if _, err := w.Withdraw(ctx, staff.System(), gone.ID, 0, "取消"); err != nil {
			t.Fatal(err)
		}
		w.ring(old, "0513-00000011")
		// one part goes on under the old code, and is not named first
		parts := []area.Part{{Code: village + "502", Name: "乙网格"}, {Code: old, Name: "甲网格"}}
		if _, err := w.Areas.Split(ctx, staff.System(), area.SplitArea{Code: old, Parts: parts, Reason: "调整"}); err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			equal(t, "the board of "+part.Code, w.shown(part.Code), "在办")
			equal(t, "the phone of "+part.Code, w.phones(part.Code), "0513-00000011")
		}
		// what is over or withdrawn is history of the one that goes on, and is not copied
		list, _, err := w.List(ctx, staff.System(), board.Filter{Area: village + "502"})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "of the new part", titles(list), "在办")
		list, _, err = w.List(ctx, staff.System(), board.Filter{Area: old})
		if err != nil || len(list) != 3 {
			t.Errorf("of the old one: %s, %v", titles(list), err)
		}
		// each is withdrawn by itself
		for i := range list {
			if list[i].Title == "在办" {
				if _, err := w.Withdraw(ctx, staff.System(), list[i].ID, 0, "写错了"); err != nil {
					t.Fatal(err)
				}
			}
		}
		equal(t, "withdrawn here", w.shown(old), "")
		equal(t, "and not there", w.shown(village+"502"), "在办")
	})
}

func TestWhatAMergedAreaHadGoesToItsSuccessor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		from, into := w.addGrid("511"), w.addGrid("512")
		w.put(from, board.Words{Title: "随迁"})
		w.ring(from, "0513-00000021")
		w.ring(into, "0513-00000022")
		target, _ := w.Areas.Tree().Area(into)
		if _, err := w.Areas.Merge(ctx, staff.System(), area.MergeAreas{From: []string{from, into}, Into: target, Reason: "合并"}); err != nil {
			t.Fatal(err)
		}
		equal(t, "the notice", w.shown(into), "随迁")
		equal(t, "the phone it had stays", w.phones(into), "0513-00000022")
		head := w.holder("grid-head", into)
		list, _, err := w.List(ctx, head, board.Filter{})
		if err != nil || titles(list) != "随迁" {
			t.Errorf("whoever heads it has the notice: %s, %v", titles(list), err)
		}
	})
}

func TestWhatAMovedAreaHadIsKeptByTheNewPlace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.addGrid("521")
		n := w.put(code, board.Words{Title: "随迁"})
		before, after := w.holder("dispatcher", village), w.holder("dispatcher", township+"002")
		if _, err := w.Areas.Move(ctx, staff.System(), area.MoveArea{Code: code, Parent: township + "002", Reason: "区划调整"}); err != nil {
			t.Fatal(err)
		}
		equal(t, "the board", w.shown(code), "随迁")
		_, err := w.Withdraw(ctx, before, n.ID, 0, "不归我管了")
		refused(t, "the village it left", err, "not-permitted")
		list, _, err := w.List(ctx, after, board.Filter{})
		if err != nil || titles(list) != "随迁" {
			t.Errorf("the list of the new village: %s, %v", titles(list), err)
		}
	})
}
