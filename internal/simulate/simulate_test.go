package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/casework"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/fault"
	"linli/internal/sample"
	"linli/internal/staff"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, beijing)

// town is a small sample county on a virtual clock.
func town(t testing.TB, engine database.Engine) (*app.App, *Clock) {
	t.Helper()
	a, clock, release, err := openTown(t.TempDir(), dbtest.Options(t, engine, nil).URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := release(); err != nil {
			t.Error(err)
		}
	})
	return a, clock
}

func openTown(dir, url string) (*app.App, *Clock, func() error, error) {
	clock := NewClock(monday.Add(-24 * time.Hour))
	cfg := config.Config{Data: dir}
	cfg.DB = url
	a, err := app.New(context.Background(), cfg, app.Options{Now: clock.Now})
	if err != nil {
		return nil, nil, nil, err
	}
	if len(a.Areas.Tree().Areas()) == 0 {
		if _, err := sample.LayOut(context.Background(), a, sample.Plan{Seed: 1}, nil); err != nil {
			return nil, nil, nil, errors.Join(err, a.Close())
		}
	}
	return a, clock, a.Close, nil
}

func stream(t testing.TB, a *app.App, count int) []Arrival {
	t.Helper()
	list, err := Synthesize(a, Synthetic{Seed: 5, From: monday, Days: 5, Count: count, Hotline: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func simulateTown(t testing.TB, a *app.App, clock *Clock, o Options) Result {
	t.Helper()
	r, err := Run(context.Background(), a, clock, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sound holds the invariants of the loop against the services themselves.
func sound(t testing.TB, a *app.App, r Result) {
	t.Helper()
	n := r.Totals
	if n.Cases != n.Open+n.Ended || n.Ended != n.OnTime+n.ClosedLate || n.Cases != r.Reported || r.Reported+len(r.Rows) < r.Arrivals && !r.Stopped {
		t.Errorf("counts do not add up: %+v", r)
	}
	ends := 0
	for _, k := range r.Ends {
		ends += k
	}
	if ends != n.Ended {
		t.Errorf("%d ended, %d by kind of end", n.Ended, ends)
	}
	var towns Totals
	for _, x := range r.Townships {
		towns.sum(x.Totals)
	}
	if towns != n {
		t.Errorf("townships add up to %+v, not %+v", towns, n)
	}
	for after := ""; ; {
		page, err := a.Cases.List(context.Background(), staff.System(), casework.Filter{Scope: "area", State: "all", WithTasks: true, After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Cases {
			responsible := 0
			for i := range c.Tasks {
				if c.Tasks[i].Open() && c.Tasks[i].Responsible {
					responsible++
				}
			}
			if want := one(c.Open()); responsible != want {
				t.Errorf("case %s, open %v, has %d responsible hand-overs", c.ID, c.Open(), responsible)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	findings, _, err := a.Cases.Check(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Errorf("check: %+v", f)
	}
}

func TestEveryModelRunsToItsEnds(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			for _, model := range []string{"", "seven-step", "whistle", "four-step-order", "four-orders", "three-orders", "legal-service", "hotline"} {
				name := model
				if model == "" {
					name = "by category"
				}
				t.Run(name, func(t *testing.T) {
					a, clock := town(t, engine)
					r := simulateTown(t, a, clock, Options{Seed: 3, Arrivals: stream(t, a, 40), Model: model, Settle: 30 * 24 * time.Hour})
					sound(t, a, r)
					if r.Stuck > 0 {
						t.Errorf("%d hand-overs on which nobody could act: %v", r.Stuck, r.Refusals)
					}
					if r.Reported != 40 || r.Totals.Ended < 32 {
						t.Errorf("too little came of it: %+v", r.Totals)
					}
					for code := range r.Refusals {
						if strings.Contains(code, "not-yours") || strings.Contains(code, "unknown") || strings.Contains(code, "invalid-form") {
							t.Errorf("somebody tried what was not theirs, or filled in nonsense: %v", r.Refusals)
						}
					}
				})
			}
		})
	}
}

func TestTheSameSeedGivesTheSameReport(t *testing.T) {
	report := func(engine database.Engine, seed uint64) string {
		a, clock := town(t, engine)
		r := simulateTown(t, a, clock, Options{Seed: seed, Arrivals: stream(t, a, 60)})
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	one := report(database.SQLite, 1)
	for _, engine := range dbtest.Engines(t) {
		if two := report(engine, 1); one != two {
			t.Errorf("two runs of one seed differ, the second on %s:\n%s\n%s", engine, one, two)
		}
	}
	if one == report(database.SQLite, 2) {
		t.Error("another seed gives the same report")
	}
}

func TestARunThatWasStoppedGoesOn(t *testing.T) {
	dir := t.TempDir()
	a, clock, release, err := openTown(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	list := stream(t, a, 60)
	ctx, stop := context.WithCancel(context.Background())
	a.Cases.On("taken", func(*database.Tx, casework.Event) error { return nil })
	count := 0
	a.Cases.On("closed", func(*database.Tx, casework.Event) error {
		if count++; count == 10 {
			stop()
		}
		return nil
	})
	r, err := Run(ctx, a, clock, Options{Seed: 1, Arrivals: list}, nil)
	if err != nil || !r.Stopped || r.Totals.Ended < 10 {
		t.Fatalf("stopped: %v, %+v", err, r.Totals)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	a, clock, release, err = openTown(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := release(); err != nil {
			t.Error(err)
		}
	}()
	before := r
	r = simulateTown(t, a, clock, Options{Seed: 1, Arrivals: list})
	if r.Again != before.Reported || r.Reported != 60 || r.Stopped {
		t.Errorf("%d of %d were in already, %d came before: %+v", r.Again, r.Reported, before.Reported, r)
	}
	if r.Totals.Ended < 55 {
		t.Errorf("what was left is not worked off: %+v", r.Totals)
	}
	sound(t, a, r)
}

// A year has more cases than a small machine has memory for.
func TestWhatHasEndedIsForgotten(t *testing.T) {
	a, clock := town(t, database.SQLite)
	e, err := newEngine(t.Context(), a, clock, Options{Arrivals: stream(t, a, 60), Model: "seven-step", Seed: 3, Brief: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e.result.ended == 0 {
		t.Fatal("no case has ended")
	}
	expected := map[*tracked]bool{}
	for _, ev := range e.agenda {
		expected[ev.t] = true
	}
	for _, c := range e.cases {
		if c.ended && !expected[c] {
			t.Errorf("case %s has ended, nothing more is expected of it, and it is kept", c.c.ID)
		}
	}
}

func TestBrokenRowsAreNamedAndGoodOnesRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stream.csv")
	text := "id,reported_at,title,text,lat,lon,address,category\n" +
		"1,2026-03-02T08:30:00+08:00,路灯不亮,村口路灯三天不亮了,,,,\n" +
		"2,yesterday,时间不对,这一行时间不对,,,,\n" +
		"3,2026-03-02 09:00,,,,,,\n" +
		"1,2026-03-02 09:10,重复,编号重复了,,,,\n" +
		"5,2026-03-02 09:20,坐标,坐标不对,91,500,,\n" +
		"6,2026-03-02 09:30,分类,没有这个分类,,,,99.99.99\n" +
		"7,2026-03-03 10:00,垃圾,门口垃圾没人收,32.38,120.56,,01.01.01\n" +
		",2026-03-03 10:10,缺编号,没有编号,,,,\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	list, refused, err := ReadArrivals(file)
	if err != nil {
		t.Fatal(err)
	}
	a, clock := town(t, database.SQLite)
	r := simulateTown(t, a, clock, Options{Seed: 1, Arrivals: list, Refused: refused})
	var got []string
	for _, x := range r.Rows {
		got = append(got, x.Field+" "+x.Code)
	}
	want := []string{"reported_at time", "text required", "id duplicate", "lat point", "id required", "category unknown"}
	if !slices.Equal(got, want) {
		t.Errorf("refused %q, want %q", got, want)
	}
	if rows := []int{r.Rows[0].Row, r.Rows[1].Row, r.Rows[2].Row, r.Rows[3].Row, r.Rows[4].Row, r.Rows[5].Row}; !slices.Equal(rows, []int{3, 4, 5, 6, 9, 7}) {
		t.Errorf("rows %v", rows)
	}
	if r.Reported != 2 || r.Totals.Ended != 2 {
		t.Errorf("the good rows: %+v", r.Totals)
	}
}

func TestAMissingColumnIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stream.csv")
	if err := os.WriteFile(file, []byte("id,title,text\n1,a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadArrivals(file); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "reported_at") {
		t.Errorf("%v", err)
	}
}

func TestNobodyCanWorkBeforeTheyAreAppointed(t *testing.T) {
	a, clock := town(t, database.SQLite)
	list := []Arrival{{ID: "1", At: monday.AddDate(-3, 0, 0), Text: "路灯不亮"}}
	if _, err := Run(context.Background(), a, clock, Options{Arrivals: list}, nil); !fault.HasCode(err, "clock-ahead") {
		t.Errorf("years before the clock: %v", err)
	}
	r := simulateTown(t, a, clock, Options{Arrivals: list, Begin: monday.Add(9 * time.Hour)})
	if r.Totals.Ended != 1 || !r.First.Equal(monday.Add(9*time.Hour)) {
		t.Errorf("moved: %+v", r)
	}
}

func TestAFolderWhoseStaffCameLaterSaysSo(t *testing.T) {
	dir := t.TempDir()
	_, _, release, err := openTown(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	clock := NewClock(monday.AddDate(-4, 0, 0))
	a, err := app.New(context.Background(), config.Config{Data: dir}, app.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	list := []Arrival{{ID: "1", At: monday.AddDate(-3, 0, 0), Text: "路灯不亮"}}
	if _, err := Run(context.Background(), a, clock, Options{Arrivals: list}, nil); !fault.HasCode(err, "nobody-then") {
		t.Errorf("years too early: %v", err)
	}
}

func TestWrongOptionsAreNamed(t *testing.T) {
	a, clock := town(t, database.SQLite)
	good := []Arrival{{ID: "1", At: monday, Text: "路灯不亮"}}
	for code, o := range map[string]Options{"no-arrivals": {}, "unknown-model": {Arrivals: good, Model: "no-such"}, "no-member": {Arrivals: good, WithoutMember: "320682999999999"}} {
		if _, err := Run(context.Background(), a, clock, o, nil); !fault.HasCode(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestOneMemberFewerIsCompared(t *testing.T) {
	var list []Arrival
	grid := ""
	open := func(_ context.Context, name string) (*app.App, *Clock, func() error, error) {
		a, clock, release, err := openTown(filepath.Join(t.TempDir(), name), "")
		if err != nil {
			return a, clock, release, err
		}
		if list == nil {
			list = stream(t, a, 80)
			for i := range list {
				if grid = list[i].Grid; len(a.Staff.Holders(staff.MakePost("grid-member", grid), monday)) == 1 {
					break
				}
			}
		}
		return a, clock, func() error {
			c := a.Staff.Cover(staff.MakePost("grid-member", grid), clock.Now())
			if gone := c.Holder.Role() != "grid-member"; gone != (name == "variant") {
				t.Errorf("%s: the grid's work is with %s", name, c.Holder)
			}
			return release()
		}, nil
	}
	// the stream is made from the folder of the base run
	_, _, release, err := open(context.Background(), "plan")
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	base := Options{Seed: 1, Arrivals: list}
	variant := base
	variant.WithoutMember = grid
	c, err := Compare(context.Background(), open, base, variant, nil)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := c.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if c.Base.Totals.Cases != 80 || c.Variant.Totals.Cases != 80 || !strings.Contains(table.String(), "one member fewer") {
		t.Errorf("%s", table.String())
	}
	if c.Base.Focus == nil || c.Base.Focus.Totals.Cases == 0 || c.Base.Focus.Totals.Cases != c.Variant.Focus.Totals.Cases {
		t.Errorf("the grid itself is not counted: %+v %+v", c.Base.Focus, c.Variant.Focus)
	}
}

func TestTheReportHasAllItsFiles(t *testing.T) {
	a, clock := town(t, database.SQLite)
	r := simulateTown(t, a, clock, Options{Seed: 1, Arrivals: stream(t, a, 20)})
	dir := filepath.Join(t.TempDir(), "report")
	if err := r.WriteReport(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{reportMarkdown, reportJSON, reportStages, reportQueue, reportTowns} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	var back Result
	text, err := os.ReadFile(filepath.Join(dir, reportJSON))
	if err != nil || json.Unmarshal(text, &back) != nil || back.Totals != r.Totals {
		t.Errorf("the JSON does not come back: %v", err)
	}
	var table strings.Builder
	if err := r.WriteTable(&table); err != nil || !strings.Contains(table.String(), "closed + open and overdue") {
		t.Errorf("%v\n%s", err, table.String())
	}
}
