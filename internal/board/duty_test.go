package board_test

import (
	"fmt"
	"strings"
	"testing"

	"linli/internal/area"
	"linli/internal/board"
	"linli/internal/staff"
)

func (w *world) phones(code string) string {
	w.t.Helper()
	list, err := w.Duties(ctx, code)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for i := range list {
		out = append(out, list[i].Phone)
	}
	return strings.Join(out, " ")
}

func (w *world) ring(place, phone string) board.Duty {
	w.t.Helper()
	d, err := w.SetDuty(ctx, staff.System(), board.Duty{Place: place, Phone: phone}, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func TestTheNearestDutyPhoneComesFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if list, err := w.Duties(ctx, grid); err != nil || list == nil || len(list) != 0 {
			t.Errorf("without any: %v, %v", list, err)
		}
		w.ring(county, "12345")
		w.ring(village, "0513-00000003")
		w.ring(grid, "0513-00000004")
		w.ring(team, "0513-00000005")
		w.ring(township, "0513-00000002")
		w.ring(farTown, "0513-00000009")
		equal(t, "of a grid", w.phones(grid), "0513-00000004 0513-00000003 0513-00000002 12345")
		equal(t, "of a grid without its own", w.phones(nextGrid), "0513-00000003 0513-00000002 12345")
		equal(t, "of an organisation its own, then those of its area", w.phones(team), "0513-00000005 0513-00000002 12345")
		equal(t, "of one without", w.phones(housing), "12345")
		_, err := w.Duties(ctx, "nowhere")
		refused(t, "nowhere", err, "area-unknown")
		if err := w.DropDuty(ctx, staff.System(), village, 0); err != nil {
			t.Fatal(err)
		}
		equal(t, "one fewer", w.phones(grid), "0513-00000004 0513-00000002 12345")
		refused(t, "dropped twice", w.DropDuty(ctx, staff.System(), village, 0), "no-duty-phone")
	})
}

func TestADutyPhoneIsCheckedAndWrittenTheUsualWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hours := func(days, from, to string) []board.Hours { return []board.Hours{{Days: days, From: from, To: to}} }
		five := make([]board.Hours, 5)
		for i := range five {
			five[i] = board.Hours{Days: board.EveryDay, From: fmt.Sprintf("%02d:00", i), To: fmt.Sprintf("%02d:30", i)}
		}
		for _, c := range []struct {
			what   string
			duty   board.Duty
			fields string
		}{
			{"digits", board.Duty{Phone: "12345"}, ""},
			{"an area code and an extension", board.Duty{Phone: "0513-87651234 转 8"}, ""},
			{"an extension in English", board.Duty{Phone: "0513-87651234 ext 8"}, ""},
			{"from abroad", board.Duty{Phone: "+86 513 8765 1234"}, ""},
			{"as a Chinese keyboard writes it", board.Duty{Phone: "０５１３－８７６５１２３４"}, ""},
			{"none", board.Duty{}, "phone"},
			{"two digits", board.Duty{Phone: "11"}, "phone"},
			{"words", board.Duty{Phone: "找老王"}, "phone"},
			{"a number and words", board.Duty{Phone: "87651234 找老王"}, "phone"},
			{"the longest note", board.Duty{Phone: "12345", Note: strings.Repeat("值", 60)}, ""},
			{"a note too long", board.Duty{Phone: "12345", Note: strings.Repeat("值", 61)}, "note"},
			{"in the hours of an office", board.Duty{Phone: "12345", Hours: hours(board.Workdays, "08:30", "17:30")}, ""},
			{"past midnight", board.Duty{Phone: "12345", Hours: hours(board.RestDays, "20:00", "08:00")}, ""},
			{"to the end of the day", board.Duty{Phone: "12345", Hours: hours(board.EveryDay, "00:00", "24:00")}, ""},
			{"as many stretches as there may be", board.Duty{Phone: "12345", Hours: five[:4]}, ""},
			{"one too many", board.Duty{Phone: "12345", Hours: five}, "hours"},
			{"on days of no kind", board.Duty{Phone: "12345", Hours: hours("sundays", "08:00", "09:00")}, "hours[0].days"},
			{"of no length", board.Duty{Phone: "12345", Hours: hours(board.EveryDay, "08:00", "08:00")}, "hours[0].from"},
			{"from the end of the day", board.Duty{Phone: "12345", Hours: hours(board.EveryDay, "24:00", "08:00")}, "hours[0].from"},
			{"times of no clock", board.Duty{Phone: "12345", Hours: hours(board.EveryDay, "8:00", "25:00")}, "hours[0].from"},
			{"all of it", board.Duty{Phone: "-", Note: strings.Repeat("值", 61), Hours: append(hours("x", "y", "z"), five...)}, "phone note hours hours[0].days hours[0].from"},
		} {
			c.duty.Place = grid
			_, err := w.SetDuty(ctx, staff.System(), c.duty, 0)
			if c.fields == "" && err != nil {
				t.Errorf("%s: %v", c.what, err)
			} else if c.fields != "" {
				refused(t, c.what, err, "bad-duty-phone", strings.Fields(c.fields)...)
			}
		}
		d, err := w.SetDuty(ctx, staff.System(), board.Duty{Place: grid, Phone: " ０５１３－８７６５１２３４ ", Note: " 节假日\n有人值守 "}, 0)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "the number", d.Phone, "0513-87651234")
		equal(t, "the note", d.Note, "节假日 有人值守")
		equal(t, "the name", d.Name, "第1网格")
		if d.Hours == nil || len(d.Hours) != 0 || !d.ChangedAt.Equal(w.Clock.Now()) {
			t.Errorf("%+v", d)
		}
	})
}

func TestNobodysOwnNumberBecomesADutyPhone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.holder("grid-head", grid)
		for _, phone := range []string{ownNumber, "+86 139 0000 0000", "139-0000-0000", ownNumber + " 转 1", ownNumber + " ext. 1", "１３９００００００００"} {
			_, err := w.SetDuty(ctx, staff.System(), board.Duty{Place: grid, Phone: phone}, 0)
			refused(t, phone, err, "bad-duty-phone", "phone")
		}
		equal(t, "none was set", w.phones(grid), "")
		w.ring(grid, "13900000001")
	})
}

func TestADutyPhoneIsChangedAsItWasSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		officer, head := w.holder("unit-head", team), w.holder("grid-head", grid)
		set := func(actor *staff.Actor, place string, version int64) (board.Duty, error) {
			return w.SetDuty(ctx, actor, board.Duty{Place: place, Phone: "0513-00000001", Hours: []board.Hours{{Days: board.Workdays, From: "08:30", To: "17:30"}}}, version)
		}
		_, err := set(officer, team, 1)
		refused(t, "a first one that was seen", err, "stale-version")
		d, err := set(officer, team, 0)
		if err != nil || d.Version != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
		if d, err = set(officer, team, 1); err != nil || d.Version != 2 {
			t.Fatalf("%+v, %v", d, err)
		}
		_, err = set(officer, team, 1)
		refused(t, "an old version", err, "stale-version")
		refused(t, "dropping an old version", w.DropDuty(ctx, officer, team, 1), "stale-version")
		list, err := w.Duties(ctx, team)
		if err != nil || len(list) != 1 || len(list[0].Hours) != 1 || list[0].Hours[0].To != "17:30" || list[0].Version != 2 || list[0].Name != "综合执法队" {
			t.Errorf("%+v, %v", list, err)
		}
		_, err = set(officer, housing, 0)
		refused(t, "of another office", err, "not-permitted")
		_, err = set(officer, township, 0)
		refused(t, "of its township", err, "not-permitted")
		_, err = set(head, village, 0)
		refused(t, "of the village above", err, "not-permitted")
		_, err = set(head, "nowhere", 0)
		refused(t, "nowhere", err, "area-unknown")
		refused(t, "dropped by others", w.DropDuty(ctx, head, team, 0), "not-permitted")
		if err := w.DropDuty(ctx, officer, team, 2); err != nil {
			t.Error(err)
		}
		if err := w.Areas.CloseOrg(ctx, staff.System(), area.CloseOrg{Code: housing, Reason: "撤销"}); err != nil {
			t.Fatal(err)
		}
		_, err = set(staff.System(), housing, 0)
		refused(t, "a place that was closed", err, "area-closed")
	})
}
