package e2e

import (
	"slices"
	"sync"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// kinds are the actions of the entries the program itself made, with the hand-over they are about.
func (m *journey) kinds(task int) (out []string) {
	m.t.Helper()
	for _, e := range m.view("system").Timeline {
		if e.Data.By == "system" && e.Task == task {
			out = append(out, e.Action)
		}
	}
	return out
}

// inHand is a case that an office has taken, with three working days for it.
func (w *world) inHand() *journey {
	w.t.Helper()
	m := w.light()
	m.does("paidan", "assign", form{"unit": housing})
	m.does("guijian", "take", nil)
	return m
}

func same(t *testing.T, what string, have []string, want ...string) {
	t.Helper()
	if !slices.Equal(have, want) {
		t.Errorf("%s: have %v, want %v", what, have, want)
	}
}

func TestRemindersAndEscalationsComeOnceEachInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.inHand()
		c := m.now()
		due := c.HopDueAt
		at := func(moment time.Time, want ...string) {
			t.Helper()
			w.set(moment)
			w.tick()
			w.tick() // once more does nothing
			same(t, moment.String(), m.kinds(2), want...)
		}
		at(c.Tasks[1].Clock.Start.Add(time.Hour))
		w.set(due.Add(-28 * time.Hour)) // more than half of three working days
		w.tick()
		same(t, "at half of the time", m.kinds(2), "remind")
		has(t, "reminded", w.alerts("guijian"), "remind")
		at(due.Add(-time.Minute), "remind", "remind")
		at(due, "remind", "remind", "overdue")
		head := w.app.Staff.Cover("unit-head@"+housing, due).Accounts[0]
		overdue := m.last()
		if !slices.Contains(overdue.Data.Told, staff.Post("unit-head@"+housing)) || head == "" {
			t.Errorf("overdue was told to %v", overdue.Data.Told)
		}
		equal(t, "on the overdue list", len(w.listed("guijian", casework.Filter{State: "overdue"})), 0)
		w.pass(time.Minute)
		equal(t, "on the overdue list", len(w.listed("guijian", casework.Filter{State: "overdue"})), 1)
		equal(t, "on the overdue list of the area", len(w.listed("zhiban", casework.Filter{Scope: "area", State: "overdue"})), 1)
		if m.now().Supervised {
			t.Error("under supervision too early")
		}
		w.pass(24 * time.Hour)
		w.tick()
		same(t, "a day later", m.kinds(2), "remind", "remind", "overdue", "supervise")
		if !m.now().Supervised {
			t.Error("not under supervision")
		}
		n, err := w.app.Cases.Counts(w.ctx, w.as("guijian"))
		if err != nil || n.Open != 1 || n.Overdue != 1 || n.Paused != 0 || n.Unseen == 0 {
			t.Errorf("counts %+v, %v", n, err)
		}
		m.does("guijian", "feed_back", form{"result": "办好了"})
		if !m.last().Data.Late {
			t.Error("done after the deadline without saying so")
		}
	})
}

func TestTheWholeCaseIsOverdueOnceAndCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		w.set(m.now().DueAt.Add(time.Minute))
		w.tick()
		w.tick()
		same(t, "of the case", m.kinds(0), "overdue")
		equal(t, "counted", w.rows(`SELECT coalesce(sum(n), 0) FROM tally WHERE measure = 'overdue'`), 1)
		m.solved()
		equal(t, "on time", w.rows(`SELECT coalesce(sum(n), 0) FROM tally WHERE measure = 'on_time'`), 0)
	})
}

func TestWhatWasMissedWhileTheProgramWasDownIsDoneOnceInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m, n := w.inHand(), w.light()
		w.pass(60 * 24 * time.Hour)
		w.tick()
		same(t, "the hand-over", m.kinds(2), "remind", "remind", "overdue", "supervise")
		same(t, "the case", m.kinds(0), "overdue")
		same(t, "the other", n.kinds(1), "remind", "remind", "overdue", "supervise")
		w.pass(60 * 24 * time.Hour)
		w.tick()
		equal(t, "words about the case", len(m.kinds(2))+len(m.kinds(0)), 5)
	})
}

func TestAClockThatStepsBackRepeatsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.inHand()
		due := m.now().HopDueAt
		w.set(due.Add(time.Minute))
		w.tick()
		want := m.kinds(2)
		w.set(due.Add(-59 * time.Minute)) // an hour back
		w.tick()
		same(t, "an hour earlier", m.kinds(2), want...)
		w.set(due.Add(2 * time.Minute))
		w.tick()
		same(t, "again", m.kinds(2), want...)
		// what is done in that hour is done: the timeline goes on
		w.set(due.Add(-time.Hour))
		m.does("guijian", "feed_back", form{"result": "好了"})
		w.set(due.Add(3 * time.Minute))
		w.backwards = true
	})
}

func TestSeveralNodesSweepingAtOnceDoEachStepOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var all []*journey
		for range 6 {
			all = append(all, w.inHand())
		}
		sweepers := []*casework.Service{w.app.Cases, w.app.Cases}
		if w.app.DB.Engine() == database.Postgres {
			sweepers[1] = w.open(w.folder, w.url).Cases // a second program on the same database
		}
		w.pass(30 * 24 * time.Hour)
		var wg sync.WaitGroup
		errs := make([]error, 2*len(sweepers))
		for i := range errs {
			wg.Go(func() { _, errs[i] = sweepers[i%len(sweepers)].Sweep(w.ctx) })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				t.Fatal(explained(err))
			}
		}
		for _, m := range all {
			same(t, m.number, m.kinds(2), "remind", "remind", "overdue", "supervise")
			same(t, m.number, m.kinds(0), "overdue")
		}
	})
}

func TestAPauseStopsTheRemindersAndAnExtensionArmsThemAnew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.inHand()
		due := m.now().HopDueAt
		m.does("guijian", "pause", form{"reason": "等配件"})
		m.does("paidan", "approve", nil)
		w.set(due.Add(time.Hour))
		w.tick()
		same(t, "while paused", m.kinds(2))
		m.does("guijian", "resume", nil)
		w.tick()
		same(t, "after the pause", m.kinds(2))
		w.set(m.now().HopDueAt.Add(-time.Minute))
		w.tick()
		same(t, "near the new deadline", m.kinds(2), "remind", "remind")
		m.does("guijian", "extend", form{"days": 5, "reason": "要开挖"})
		m.does("zhuren", "approve", nil)
		w.tick()
		same(t, "right after the extension", m.kinds(2), "remind", "remind")
		w.set(m.now().HopDueAt)
		w.tick()
		same(t, "at the extended deadline", m.kinds(2), "remind", "remind", "remind", "remind", "overdue")
	})
}

func TestAnEscalationReachesSomebodyElseThanTheHolder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// the dispatcher is away, the secretary answers; the secretary's own fall-back is that dispatcher
		w.vacate(dispatcher)
		m := w.light()
		equal(t, "held by", m.now().Holder, secretary)
		w.set(m.now().HopDueAt.Add(time.Minute))
		w.tick()
		for _, e := range m.entries("overdue") {
			if e.Task == 1 && !slices.ContainsFunc(e.Data.Told, func(p staff.Post) bool { return p != secretary }) {
				t.Errorf("nobody above the holder is told: %v", e.Data.Told)
			}
		}
	})
}

func TestOneBrokenCaseDoesNotStopTheOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		broken, whole := w.light(), w.inHand()
		if err := w.app.DB.Write(w.ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE cases SET model = 'gone@1' WHERE id = $1`, broken.id)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.pass(30 * 24 * time.Hour)
		if _, err := w.app.Cases.Sweep(w.ctx); err == nil {
			t.Error("the broken case is passed over in silence")
		}
		same(t, "the other", whole.kinds(2), "remind", "remind", "overdue", "supervise")
		if err := w.app.DB.Write(w.ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE cases SET model = 'seven-step@2026.1' WHERE id = $1`, broken.id)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
