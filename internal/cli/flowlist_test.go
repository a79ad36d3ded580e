package cli

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/casework"
	"linli/internal/platform/config"
	"linli/internal/staff"
)

func TestTheListOfModelsShowsWhichVersionCountsWhen(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	ctx, dir := context.Background(), t.TempDir()
	list := func() string {
		t.Helper()
		code, out, errOut := linli(ctx, "flow", "list", "--data", dir)
		if code != exitOK {
			t.Fatalf("%d %s %s", code, out, errOut)
		}
		return out
	}
	seen := func(what, out string, lines ...string) {
		t.Helper()
		for _, line := range lines {
			if !regexp.MustCompile(`(?m)^` + line).MatchString(out) {
				t.Errorf("%s: no line like %s in\n%s", what, line, out)
			}
		}
	}
	cfg, _, err := config.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Data = dir
	change := func(do func(*app.App) error) {
		t.Helper()
		a, err := app.New(ctx, cfg, app.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := do(a); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	edition := func(a *app.App, version string) string {
		d, ok := a.Library.Get("seven-step")
		if !ok {
			t.Fatal("no model seven-step")
		}
		return strings.Replace(d.Text, `version: "`+d.Version+`"`, `version: "`+version+`"`, 1)
	}
	activate := func(base int64, version string, since time.Time) func(*app.App) error {
		return func(a *app.App) error {
			_, err := a.Cases.Activate(ctx, staff.System(), casework.ActivateCommand{Name: "seven-step", Base: base, Text: edition(a, version), Since: since, Reason: "试行" + version})
			return err
		}
	}

	if code, out, _ := linli(ctx, "flow", "list"); code != exitOK || strings.Contains(out, "STATE") || !strings.Contains(out, "seven-step") {
		t.Errorf("of the files: %d %s", code, out)
	}
	if code, _, errOut := linli(ctx, "flow", "list", "--data", dir); code != exitFailure || errOut == "" {
		t.Errorf("of a folder without a database: %d %s", code, errOut)
	}
	change(func(*app.App) error { return nil })
	out := list()
	seen("nothing decided", out, `seven-step +2026\.1 +in use +- +- +\d+ `, `no version was put into use by decision`)

	soon := time.Now().Add(48 * time.Hour).Truncate(time.Minute)
	change(activate(0, "2090.1", time.Time{}))
	change(activate(1, "2090.2", soon))
	out = list()
	day := `\d{4}-\d\d-\d\d \d\d:\d\d`
	seen("one in use, one planned", out,
		`seven-step +2026\.1 +- +- +`+day, `seven-step +2090\.1 +in use +`+day+` +`+stamp(soon), `seven-step +2090\.2 +planned +`+stamp(soon)+` +- `,
		`seven-step@2090\.2 +planned +`+stamp(soon)+` +- +系统 +试行2090\.2`, `seven-step@2090\.1 +in use +`+day+` +`+stamp(soon)+` +系统 +试行2090\.1`)

	change(func(a *app.App) error {
		_, err := a.Cases.Withdraw(ctx, staff.System(), casework.WithdrawCommand{Name: "seven-step", Base: 2, No: 1, Reason: "时限太短"})
		return err
	})
	seen("one withdrawn", list(), `seven-step +2026\.1 +in use`, `seven-step@2090\.1 +withdrawn +`+day, ` +`+day+` +系统 +时限太短`)
	t.Setenv("LC_ALL", "zh_CN.UTF-8")
	seen("in Chinese", list(), `seven-step@2090\.1 +已撤回`, `seven-step@2090\.2 +待启用`, `seven-step +2026\.1 +正在用`)

	// what is listed can be shown and drawn; a name means the version in use
	if code, out, errOut := linli(ctx, "flow", "show", "seven-step@2090.2", "--data", dir); code != exitOK || !strings.Contains(out, "2090.2") {
		t.Errorf("a version of the database: %d %s %s", code, out, errOut)
	}
	if code, out, _ := linli(ctx, "flow", "show", "seven-step", "--data", dir); code != exitOK || strings.Contains(out, "2090") {
		t.Errorf("the one in use: %d %s", code, out)
	}
	if code, _, errOut := linli(ctx, "flow", "show", "seven-step@2090.2"); code != exitFailure || !strings.Contains(errOut, "seven-step@2090.2") {
		t.Errorf("among the files: %d %s", code, errOut)
	}
}
