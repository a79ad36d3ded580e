package casework_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

// edition is the file of a built-in model under another version number.
func edition(t testing.TB, c *prooftest.County, name, version string) string {
	t.Helper()
	d, ok := c.Cases.Models().Lookup(name + "@2026.1")
	if !ok {
		t.Fatalf("no model %s", name)
	}
	const have = `version: "2026.1"`
	if !strings.Contains(d.Text, have) {
		t.Fatalf("the version of %s is not where it was", name)
	}
	return strings.Replace(d.Text, have, `version: "`+version+`"`, 1) + "# " + version + "\n"
}

// begun is the version a case that is reported now begins with.
func begun(t testing.TB, c *prooftest.County) *casework.Case {
	t.Helper()
	r, err := c.Cases.Submit(context.Background(), staff.System(), casework.Report{ID: c.NewID(), Text: "路灯不亮", Channel: "import", Model: "seven-step"})
	if err != nil {
		t.Fatal(err)
	}
	return r.Case
}

func activate(t testing.TB, c *prooftest.County, cmd casework.ActivateCommand) casework.ModelChange {
	t.Helper()
	cmd.Name = "seven-step"
	if cmd.Reason == "" {
		cmd.Reason = "试行"
	}
	done, err := c.Cases.Activate(context.Background(), staff.System(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestAVersionCountsFromItsMomentAndOldCasesKeepTheirs(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		old := begun(t, c)
		later := c.Clock.Now().Add(48 * time.Hour)
		activate(t, c, casework.ActivateCommand{Text: edition(t, c, "seven-step", "2026.2"), Since: later})
		if now := begun(t, c); now.Model != "seven-step@2026.1" {
			t.Errorf("before its moment a case began with %s", now.Model)
		}
		c.Clock.Set(later)
		fresh := begun(t, c)
		if fresh.Model != "seven-step@2026.2" {
			t.Errorf("at its moment a case began with %s", fresh.Model)
		}
		if kept, err := c.Cases.Current(ctx, old.ID); err != nil || kept.Model != "seven-step@2026.1" {
			t.Errorf("the old case has %v (%v)", kept, err)
		}
		list, revision, err := c.Cases.Activations("seven-step")
		if err != nil || revision != 1 || len(list) != 1 || list[0].State != casework.ActivationActive || list[0].Then != "seven-step@2026.1" || list[0].Until != nil {
			t.Fatalf("%+v, %d, %v", list, revision, err)
		}
		c.Clock.Pass(time.Hour)
		// taken back, the files count again; the case that began meanwhile keeps its version
		if _, err := c.Cases.Withdraw(ctx, staff.System(), casework.WithdrawCommand{Name: "seven-step", Base: 1, No: 1, Reason: "时限太短"}); err != nil {
			t.Fatal(err)
		}
		if now := begun(t, c); now.Model != "seven-step@2026.1" {
			t.Errorf("after the withdrawal a case began with %s", now.Model)
		}
		if kept, err := c.Cases.Current(ctx, fresh.ID); err != nil || kept.Model != "seven-step@2026.2" {
			t.Errorf("the case of the withdrawn version has %v (%v)", kept, err)
		}
		list, _, _ = c.Cases.Activations("seven-step")
		if a := list[0]; a.State != casework.ActivationWithdrawn || a.Withdrawn == nil || a.Withdrawn.Reason != "时限太短" || a.Until == nil || !a.Until.Equal(later.Add(time.Hour)) {
			t.Errorf("%+v", a)
		}
		if _, err := c.Cases.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		clean(t, c)
	})
}

func TestAWithdrawnVersionGivesWayToTheOneBefore(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		for i, version := range []string{"2026.2", "2026.3"} {
			activate(t, c, casework.ActivateCommand{Base: int64(i), Text: edition(t, c, "seven-step", version)})
			c.Clock.Pass(time.Hour)
		}
		list, revision, _ := c.Cases.Activations("seven-step")
		if revision != 2 || list[0].Then != "seven-step@2026.2" || list[1].State != casework.ActivationOver || list[1].Until == nil || !list[1].Until.Equal(list[0].Since) {
			t.Fatalf("%+v", list)
		}
		d, _ := c.Cases.InForce("seven-step", c.Clock.Now())
		if since, until, counts := c.Cases.ModelTimes(d, c.Clock.Now()); !counts || !since.Equal(list[0].Since) || !until.IsZero() {
			t.Errorf("in force since %v until %v: %v", since, until, counts)
		}
		back, _ := c.Cases.Models().Lookup("seven-step@2026.2")
		if since, until, counts := c.Cases.ModelTimes(back, c.Clock.Now()); counts || !since.Equal(list[1].Since) || !until.Equal(list[0].Since) {
			t.Errorf("the one before: since %v until %v: %v", since, until, counts)
		}
		if _, err := c.Cases.Withdraw(ctx, staff.System(), casework.WithdrawCommand{Name: "seven-step", Base: 2, No: 1, Reason: "不用了"}); !fault.HasCode(err, "activation-over") {
			t.Errorf("one that is over was taken back: %v", err)
		}
		if _, err := c.Cases.Withdraw(ctx, staff.System(), casework.WithdrawCommand{Name: "seven-step", Base: 2, No: 2, Reason: "不用了"}); err != nil {
			t.Fatal(err)
		}
		if now := begun(t, c); now.Model != "seven-step@2026.2" {
			t.Errorf("a case began with %s", now.Model)
		}
		// and by decision the built-in one, which is a version like any other
		activate(t, c, casework.ActivateCommand{Base: 3, Model: "seven-step@2026.1"})
		if now := begun(t, c); now.Model != "seven-step@2026.1" {
			t.Errorf("a case began with %s", now.Model)
		}
		clean(t, c)
	})
}

func TestWhatCannotBePutIntoUseIsRefusedAndNothingIsKept(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		good := edition(t, c, "seven-step", "2026.2")
		now := c.Clock.Now()
		for _, r := range []struct {
			name string
			cmd  casework.ActivateCommand
			code string
			at   string
		}{
			{"a stage that leads nowhere", casework.ActivateCommand{Text: strings.Replace(good, "to: handle", "to: nowhere", 1), Reason: "x"}, "model-unsound", "unknown-stage"},
			{"not a model", casework.ActivateCommand{Text: "[", Reason: "x"}, "model-unsound", "yaml"},
			{"a version number that is taken", casework.ActivateCommand{Text: edition(t, c, "seven-step", "2026.1"), Reason: "x"}, "model-unsound", "version-used"},
			{"a kind that categories need", casework.ActivateCommand{Text: strings.Replace(good, "kinds: [event, ", "kinds: [", 1), Reason: "x"}, "model-unsound", "kind-needed"},
			{"no reason", casework.ActivateCommand{Text: good, Reason: " "}, "invalid-activation", "required"},
			{"a moment that has passed", casework.ActivateCommand{Text: good, Reason: "x", Since: now.Add(-time.Hour)}, "invalid-activation", "past"},
			{"a moment nobody lives to see", casework.ActivateCommand{Text: good, Reason: "x", Since: now.AddDate(5, 0, 0)}, "invalid-activation", "too-far"},
			{"nothing", casework.ActivateCommand{Reason: "x"}, "invalid-activation", "one-of"},
			{"another model", casework.ActivateCommand{Text: edition(t, c, "whistle", "2026.2"), Reason: "x"}, "invalid-activation", "other-model"},
			{"a version there is not", casework.ActivateCommand{Model: "seven-step@2030.1", Reason: "x"}, "no-model", ""},
			{"what counts already", casework.ActivateCommand{Model: "seven-step@2026.1", Reason: "x"}, "already-counts", ""},
			{"without having looked", casework.ActivateCommand{Text: good, Reason: "x", Base: 7}, "stale-model", ""},
		} {
			r.cmd.Name = "seven-step"
			_, err := c.Cases.Activate(ctx, staff.System(), r.cmd)
			f := fault.Of(err)
			if f.Code != r.code || r.at != "" && (len(f.Fields) == 0 || f.Fields[0].Code != r.at) {
				t.Errorf("%s: %v %v", r.name, f.Code, f.Fields)
			}
		}
		if _, err := c.Cases.Activate(ctx, nil, casework.ActivateCommand{Name: "seven-step", Text: good, Reason: "x"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("nobody put a model into use: %v", err)
		}
		if _, err := c.Cases.Withdraw(ctx, nil, casework.WithdrawCommand{Name: "seven-step", Reason: "x"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("nobody took one back: %v", err)
		}
		if list, revision, err := c.Cases.Activations("seven-step"); err != nil || len(list) != 0 || revision != 0 {
			t.Errorf("something was kept: %+v, %v", list, err)
		}
		if _, ok := c.Cases.Models().Lookup("seven-step@2026.2"); ok {
			t.Error("a refused version was kept")
		}
	})
}

func TestTwoAdministratorsDoNotOverlookEachOther(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		other := prooftest.Open(t, c.DB, c.Dir, c.Clock)
		nodes := []*prooftest.County{c, other, c, other}
		var wg sync.WaitGroup
		errs := make([]error, len(nodes))
		for i, node := range nodes {
			text := edition(t, c, "seven-step", []string{"2026.2", "2026.3", "2026.4", "2026.5"}[i])
			wg.Go(func() {
				_, errs[i] = node.Cases.Activate(context.Background(), staff.System(), casework.ActivateCommand{Name: "seven-step", Text: text, Reason: "同时"})
			})
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
				continue
			}
			f := fault.Of(err)
			extra, _ := f.Detail.(map[string]any)
			since, _ := extra["since"].([]casework.ModelChange)
			if f.Code != "stale-model" || len(since) != 1 || extra["revision"] != int64(1) {
				t.Errorf("refused by %v, told %v", err, f.Detail)
			}
		}
		if done != 1 {
			t.Errorf("%d of four went through", done)
		}
		clean(t, c)
	})
}

func TestAnotherNodeNoticesAndTheNextStartKnows(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		other := prooftest.Open(t, c.DB, c.Dir, c.Clock)
		activate(t, c, casework.ActivateCommand{Text: edition(t, c, "seven-step", "2026.2")})
		if err := other.Cases.LoadModels(ctx); err != nil {
			t.Fatal(err)
		}
		for name, node := range map[string]*prooftest.County{"the other node": other, "the next start": prooftest.Open(t, c.DB, c.Dir, c.Clock)} {
			if d, ok := node.Cases.InForce("seven-step", c.Clock.Now()); !ok || d.Version != "2026.2" {
				t.Errorf("%s does not know: %v", name, d)
			}
		}
		var entries []audit.Entry
		if err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
			entries, _, err = audit.Find(tx, audit.Scope{Prefixes: []string{"model."}}, audit.Filter{}, audit.Page{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(entries) != 1 || entries[0].What != "model.activate" || entries[0].Object != "seven-step@2026.2" || entries[0].Purpose != "试行" {
			t.Errorf("the access log has %+v", entries)
		}
	})
}

func TestTheSameVersionIsOfferedTheNextFreeNumber(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		activate(t, c, casework.ActivateCommand{Text: edition(t, c, "seven-step", "2026.2")})
		d, problems, err := c.Cases.CheckModel("mine.yaml", []byte(edition(t, c, "seven-step", "2026.1")))
		if err != nil || d != nil || len(problems) == 0 {
			t.Fatalf("%v %v %v", d, problems, err)
		}
		last := problems[len(problems)-1]
		if last.Code != "version-used" || last.Line == 0 || !strings.Contains(last.Hint.ZH, "2026.3") || last.Severity != flow.Error {
			t.Errorf("%+v", last)
		}
	})
}
