package e2e

import (
	"testing"
	"time"

	"linli/internal/calendar"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// year2027 is an announcement: New Year's Day is a Friday, and the Monday after it is given as well.
const year2027 = `{"year": 2027, "papers": ["test"], "days": [
	{"name": "元旦", "date": "2027-01-01", "isOffDay": true},
	{"name": "元旦", "date": "2027-01-02", "isOffDay": true},
	{"name": "元旦", "date": "2027-01-03", "isOffDay": true},
	{"name": "元旦", "date": "2027-01-04", "isOffDay": true}]}`

func TestDeadlinesInAYearNotYetAnnouncedAreProvisionalAndComputedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		firm := w.light()
		w.set(time.Date(2026, 12, 28, 9, 0, 0, 0, calendar.Zone()))
		over, paused, hop := w.light(), w.light(), w.inHand()
		paused.does("paidan", "ask", form{"question": "哪一盏?"})
		before := over.now()
		if !before.Clock.Provisional {
			t.Fatalf("seven working days from 28 December rest on 2027, due %v", before.DueAt)
		}
		if firm.now().Clock.Provisional {
			t.Fatal("a deadline in November is provisional")
		}
		firmDue, hopDue, left := firm.now().Clock.Due, hop.now().HopDueAt, paused.now().Clock.Left
		if _, _, err := w.app.Cases.AddHolidays(w.ctx, w.as("paidan"), []byte(year2027)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the dispatcher keeps calendars: %v", err)
		}
		if _, _, err := w.app.Cases.AddHolidays(w.ctx, w.as("guanli"), []byte(`{"year": 2027}`)); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty announcement: %v", err)
		}
		year, n, err := w.app.Cases.AddHolidays(w.ctx, w.as("guanli"), []byte(year2027))
		if err != nil || year != 2027 || n != 3 {
			t.Fatalf("year %d, %d computed again, %v", year, n, explained(err))
		}
		after := over.now()
		// Friday and Monday are lost: two working days, and a weekend between
		if after.Clock.Provisional || !after.DueAt.Equal(before.DueAt.AddDate(0, 0, 2)) {
			t.Errorf("due %v, was %v, provisional %v", after.DueAt, before.DueAt, after.Clock.Provisional)
		}
		if again := w.light(); !again.now().DueAt.Equal(after.DueAt) {
			t.Errorf("computed again %v, a new case %v", after.DueAt, again.now().DueAt)
		}
		if e := over.last(); e.Action != "calendar" || len(e.Data.Clock) == 0 {
			t.Errorf("the timeline says %+v", e)
		}
		if !firm.now().Clock.Due.Equal(firmDue) {
			t.Error("a firm deadline moved")
		}
		if !hop.now().HopDueAt.Equal(hopDue) {
			t.Error("a firm hand-over moved with the provisional case")
		}
		p := paused.now()
		if p.Clock.Provisional || p.Clock.Left <= 0 || p.Clock.Left > left {
			t.Errorf("paused: %v left, was %v, provisional %v", p.Clock.Left, left, p.Clock.Provisional)
		}
		paused.does("", "answer", form{"answer": "第二盏"})
		if !paused.now().DueAt.Equal(after.DueAt) {
			t.Errorf("resumed at once it is due %v instead of %v", paused.now().DueAt, after.DueAt)
		}
		if _, n, err := w.app.Cases.AddHolidays(w.ctx, staff.System(), []byte(year2027)); err != nil || n != 0 {
			t.Errorf("the same announcement again: %d, %v", n, err)
		}
	})
}
