package casework_test

import (
	"context"
	"testing"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

func TestAHealthyCountyChecksClean(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		c.Walk(60, 900)
		stats := clean(t, c)
		if stats.Cases != 60 || stats.Open == 0 || stats.Covered == 0 || stats.Files == 0 || stats.Clocks < 200 {
			t.Errorf("too little was looked at for the proof to mean anything: %+v", stats)
		}
		for _, action := range []string{"muster", "decline", "pause", "approve", "extend", "reopen", "ask", "answer", "correct", "transfer", "duplicate", "rate", "report", "rework"} {
			if c.Taken[action] == 0 {
				t.Errorf("no case was walked through %s: %v", action, c.Taken)
			}
		}
	})
}

func TestTheArithmeticOfEveryCaseAgreesWithItsDeadlines(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		c.Walk(14, 200)
		moved := 0
		for _, id := range c.IDs {
			e, err := c.Cases.Explain(context.Background(), staff.System(), id, lang.EN)
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range e.Clocks {
				if !k.Agrees || !k.Due.Equal(k.Again) {
					t.Errorf("%s task %d: stored %v, computed again %v", e.Number, k.Task, k.Due, k.Again)
				}
				if len(k.Steps) == 0 {
					t.Errorf("%s task %d: no arithmetic", e.Number, k.Task)
				}
				moved += len(k.Moves)
			}
		}
		if moved == 0 {
			t.Error("no clock was ever moved, so nothing was shown of pauses and extensions")
		}
		if _, err := c.Cases.Explain(context.Background(), staff.Resident(lang.EN), c.IDs[0], lang.EN); !fault.Is(err, fault.NotFound) {
			t.Errorf("a resident without the code reads the arithmetic: %v", err)
		}
	})
}

func TestVacanciesAndReorganisationsLeaveTheCountyClean(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		c.Walk(24, 150)
		// a duty officer leaves, a vacant post is filled, a deputy's term runs out by time alone
		duty := staff.Post("duty-officer@" + prooftest.Root + "001")
		if err := c.Staff.SetActive(ctx, staff.System(), c.People[duty], false, "left"); err != nil {
			t.Fatal(err)
		}
		clean(t, c)
		for _, v := range c.Staff.Vacancies(c.Clock.Now(), "/") {
			if v.Post != duty {
				c.Appoint(v.Post)
				break
			}
		}
		clean(t, c)
		c.Walk(6, 60)
		clean(t, c)
		// two grids become one, then a village changes township
		admin := staff.System()
		if _, err := c.Areas.Merge(ctx, admin, area.MergeAreas{From: []string{prooftest.Root + "001001001", prooftest.Root + "001001002"}, Into: area.Area{Code: prooftest.Root + "001001001"}, Reason: "merged"}); err != nil {
			t.Fatal(err)
		}
		clean(t, c)
		if _, err := c.Areas.Move(ctx, admin, area.MoveArea{Code: prooftest.Root + "001002", Parent: prooftest.Root + "002", Reason: "moved"}); err != nil {
			t.Fatal(err)
		}
		recovered(t, c)
		if _, err := c.Areas.Split(ctx, admin, area.SplitArea{Code: prooftest.Root + "002001001", Reason: "split",
			Parts: []area.Part{{Code: prooftest.Root + "002001003", Name: "东网格"}, {Code: prooftest.Root + "002001004", Name: "西网格"}}}); err != nil {
			t.Fatal(err)
		}
		recovered(t, c)
		c.Walk(6, 80)
		recovered(t, c)
	})
}

// recovered lets the background find anew who answers, as it does within seconds, and holds the county to everything.
func recovered(t *testing.T, c *prooftest.County) {
	t.Helper()
	if _, err := c.Cases.Recover(context.Background()); err != nil {
		t.Fatal(err)
	}
	clean(t, c)
}

// clean fails the test with everything Check finds.
func clean(t *testing.T, c *prooftest.County) casework.Stats {
	t.Helper()
	findings, stats, err := c.Cases.Check(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Errorf("%s %s %s: %s", f.Code, f.Number, f.Object, f.Text.EN)
	}
	if t.Failed() {
		t.FailNow()
	}
	return stats
}
