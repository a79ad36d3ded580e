package casework_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/proof/prooftest"
)

// What Check finds does not depend on how the work is cut and who does which part of it.
func TestFindingsAreTheSameHoweverTheCasesAreCut(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		c.Walk(12, 60)
		ids := slices.Sorted(slices.Values(c.IDs))
		exec := func(query string, args ...any) {
			t.Helper()
			if err := c.DB.Write(context.Background(), func(tx *database.Tx) error { _, err := tx.Exec(query, args...); return err }); err != nil {
				t.Fatal(err)
			}
		}
		// rows of nobody: before all cases, between every two, behind all
		for i, id := range append([]string{"", "0"}, ids...) {
			exec(`INSERT INTO timeline SELECT $1, seq, at, account, post, action, task, public, command, data FROM timeline WHERE case_id = $2`, id+"!", ids[0])
			if i%3 == 0 {
				exec(`INSERT INTO attachment SELECT $1, $2, at, account, name, use, hash, thumb, type, size, public FROM attachment ORDER BY id LIMIT 1`, fmt.Sprint("file", i), id+"!")
			}
		}
		exec(`INSERT INTO timeline SELECT '', seq, at, account, post, action, task, public, command, data FROM timeline WHERE case_id = $1`, ids[0])
		exec(`INSERT INTO task SELECT 'zzz', no, kind, stage, post, holder, state, responsible, about, request, exclude, acted, trail, given_at, taken_at, closed_at, outcome,
			due_at, clock, handle FROM task WHERE case_id = $1`, ids[0])
		// a defect of every case, and two that cannot be read
		exec(`UPDATE cases SET reopens = reopens + 1, first_post = 'x@y'`)
		exec(`UPDATE cases SET clock = '{' WHERE id = $1`, ids[4])
		exec(`UPDATE timeline SET data = '[' WHERE case_id = $1 AND seq = 1`, ids[7])

		ctx := context.Background()
		want, stats, err := c.Cases.CheckBy(ctx, 1000, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		strays := 0
		for _, f := range want {
			if f.Code == "orphan" {
				strays++
			}
		}
		if strays != 15+5+1 || stats.ByCode["case-differs"] != 2*10 || stats.ByCode["unreadable"] != 2 || stats.Cases != 12 {
			t.Errorf("%d orphans, %v", strays, stats.ByCode)
		}
		for stretch := 1; stretch <= 13; stretch++ {
			for _, workers := range []int{1, 3} {
				last, total := 0, 0
				got, gotStats, err := c.Cases.CheckBy(ctx, stretch, workers, func(done, of int) {
					if done < last || of != 12 {
						t.Errorf("progress went from %d to %d of %d", last, done, of)
					}
					last, total = done, of
				})
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Fatalf("%d at a time by %d: %s", stretch, workers, firstDifference(got, want))
				}
				if !reflect.DeepEqual(gotStats, stats) {
					t.Errorf("%d at a time by %d: %+v instead of %+v", stretch, workers, gotStats, stats)
				}
				if last != total || total == 0 {
					t.Errorf("%d at a time by %d: progress ended at %d of %d", stretch, workers, last, total)
				}
			}
		}
	})
}

func TestAnEmptyCountyChecksClean(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		if stats := clean(t, c); stats.Cases != 0 {
			t.Errorf("%+v", stats)
		}
		// and rows that lie in it belong to nobody
		if err := c.DB.Write(context.Background(), func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO timeline (case_id, seq, at, account, post, action, task, public, command, data) VALUES ('a', 1, 1, '', '', 'report', 0, TRUE, '', '{}')`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, stats, err := c.Cases.Check(context.Background(), nil); err != nil || stats.ByCode["orphan"] != 1 {
			t.Errorf("%v, %v", stats.ByCode, err)
		}
	})
}

func TestACheckThatIsStoppedSaysSo(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		c.Walk(12, 40)
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		_, _, err := c.Cases.CheckBy(ctx, 1, 2, func(done, _ int) {
			if done >= 3 {
				stop()
			}
		})
		if !fault.Is(err, fault.Unavailable) && !errors.Is(err, context.Canceled) {
			t.Errorf("a stopped check ended with %v", err)
		}
		clean(t, c)
	})
}

// Reports, actions and sweeps go on while the proof reads: it is about one moment, and every moment is whole.
func TestACountyAtWorkChecksClean(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		c.Walk(12, 40)
		over := make(chan struct{})
		go func() {
			defer close(over)
			for range 6 {
				c.Walk(2, 25)
			}
		}()
		checks, cases := 0, map[int64]bool{}
		for running := true; running; checks++ {
			select {
			case <-over:
				running = false
			case <-time.After(time.Millisecond):
			}
			findings, stats, err := c.Cases.CheckBy(context.Background(), 2, 3, nil)
			if err != nil {
				t.Fatal(err)
			}
			cases[stats.Cases] = true
			for _, f := range findings {
				if f.Severity == casework.SeverityError {
					t.Errorf("%s %s %s: %s", f.Code, f.Number, f.Object, f.Text.EN)
				}
			}
		}
		if checks < 3 || len(cases) < 2 {
			t.Errorf("%d checks saw the county at %d sizes", checks, len(cases))
		}
	})
}

// firstDifference names where two lists of findings part.
func firstDifference(got, want []casework.Finding) string {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return fmt.Sprintf("the list ends before %d: %s %s %s", i, want[i].Code, want[i].Number, want[i].Object)
		case i >= len(want) || got[i] != want[i]:
			return fmt.Sprintf("at %d: %+v, among %d instead of %d", i, got[i], len(got), len(want))
		}
	}
	return "none"
}
