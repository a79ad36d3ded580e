package sample

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/area"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

var begin = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

func open(t testing.TB, engine database.Engine) *app.App {
	t.Helper()
	cfg := config.Config{Data: t.TempDir()}
	cfg.DB = dbtest.Options(t, engine, nil).URL
	a, err := app.New(context.Background(), cfg, app.Options{Now: func() time.Time { return begin }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func layOut(t testing.TB, a *app.App, p Plan) Report {
	t.Helper()
	r, err := LayOut(context.Background(), a, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// picture writes everything that a plan settles, ids and secrets aside.
func picture(a *app.App) string {
	var b strings.Builder
	tree := a.Areas.Tree()
	for _, x := range tree.Areas() {
		fmt.Fprintln(&b, x.Path, x.Name, x.Level, x.Kind, x.Calendar, x.Population)
	}
	for _, o := range tree.AllOrgs() {
		fmt.Fprintln(&b, o.Code, o.Name, o.Kind, o.Function, o.Area, o.Calendar)
	}
	for _, p := range a.Areas.Places() {
		fmt.Fprintln(&b, p.Code, p.Name, p.Kind, p.Area, p.At)
	}
	posts := func(place string) {
		for _, role := range a.Staff.RoleTable().All() {
			for _, h := range a.Staff.Holders(staff.MakePost(role.Key, place), begin) {
				fmt.Fprintln(&b, role.Key, place, h.Login, h.Name, h.Phone)
			}
		}
	}
	for _, x := range tree.Areas() {
		posts(x.Code)
	}
	for _, o := range tree.AllOrgs() {
		posts(o.Code)
	}
	return b.String()
}

func TestASmallCountyIsComplete(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			a := open(t, engine)
			r := layOut(t, a, Plan{Seed: 1})
			if r.Townships != 1 || r.Villages != 12 || r.Basic != 36 || r.Dedicated != 4 || r.Buildings == 0 || r.Groups == 0 {
				t.Fatalf("%+v", r)
			}
			if r.Outlines != 1+1+12+40 {
				t.Errorf("every area down to the grid has an outline: %d", r.Outlines)
			}
			findings, err := a.Areas.Check(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if f.Severity == area.SeverityError {
					t.Errorf("areas: %+v", f)
				}
			}
			wrong, err := a.Staff.Check(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range wrong {
				if f.Severity == "error" {
					t.Errorf("staff: %+v", f)
				}
			}
			for _, v := range a.Staff.Vacancies(begin, "/") {
				if c := a.Staff.Cover(v.Post, begin); c.Nobody || strings.HasPrefix(string(c.Holder), "administrator") {
					t.Errorf("%s is covered by nobody but the administrator: %+v", v.Post, c)
				}
			}
		})
	}
}

func TestTheWholeCountyHasItsGridsAndNoFlaw(t *testing.T) {
	a := open(t, database.SQLite)
	r := layOut(t, a, Plan{Size: Full, Seed: 1})
	if r.Townships != 21 || r.Villages != 355 || r.Basic != 1182 || r.Dedicated != 89 || r.Outlines != 1+21+355+1271 {
		t.Errorf("%+v", r)
	}
	findings, err := a.Areas.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Errorf("areas: %+v", f)
	}
	if missing := a.Staff.Vacancies(begin, "/"); len(missing) != r.Vacant || r.Vacant == 0 {
		t.Errorf("%d posts are vacant, %d on purpose", len(missing), r.Vacant)
	}
}

func TestTheSamePlanGivesTheSameCounty(t *testing.T) {
	one, two, other := open(t, database.SQLite), open(t, database.SQLite), open(t, database.SQLite)
	layOut(t, one, Plan{Seed: 7})
	layOut(t, two, Plan{Seed: 7})
	layOut(t, other, Plan{Seed: 8})
	if picture(one) != picture(two) {
		t.Error("two counties of one seed differ")
	}
	if picture(one) == picture(other) {
		t.Error("another seed gives the same county")
	}
}

func TestEveryFunctionHasAnOffice(t *testing.T) {
	a := open(t, database.SQLite)
	layOut(t, a, Plan{Seed: 1})
	tree := a.Areas.Tree()
	grid := tree.Under("/")[len(tree.Under("/"))-1]
	town, _ := tree.At(grid.Code, area.Township)
	for _, f := range a.Categories.Functions() {
		org, ok := tree.OrgFor(grid.Code, f.Key)
		if !ok {
			t.Errorf("nobody carries %s", f.Key)
			continue
		}
		if f.HasTownship && org.Area != town.Code {
			t.Errorf("%s should be carried by the township, not %s", f.Key, org.Name)
		}
		if c := a.Staff.Cover(staff.MakePost("unit-officer", org.Code), begin); c.Nobody || c.Holder.Place() != org.Code {
			t.Errorf("orders for %s go to %s", org.Name, c.Holder)
		}
	}
}

func TestEveryPointOfTheCountyHasAGrid(t *testing.T) {
	a := open(t, database.SQLite)
	layOut(t, a, Plan{Seed: 1})
	for _, x := range a.Areas.Tree().Areas() {
		o, ok := a.Areas.Outline(x.Code)
		if !ok || x.Level != area.Grid {
			continue
		}
		at := o.Shape.Center()
		if !o.Shape.Contains(at) {
			continue // the centre of a bent shape may lie outside of it
		}
		f := a.Areas.Locate(area.Place{Lat: at.Lat, Lon: at.Lon, HasPoint: true})
		if f.Area != x.Code || f.How != area.HowPoint {
			t.Errorf("the centre of %s is found in %s by %s", x.Code, f.Area, f.How)
		}
	}
}

func TestTheDemonstrationHasSomebodyOfEachKind(t *testing.T) {
	a := open(t, database.SQLite)
	layOut(t, a, Plan{Seed: 1, Demo: true})
	accounts, err := DemoAccounts(a)
	if err != nil {
		t.Fatal(err)
	}
	if len(accounts) != 1+len(demoCast) {
		t.Errorf("%d accounts, want %d", len(accounts), 1+len(demoCast))
	}
	for _, d := range accounts[1:] {
		if d.Where == "" || d.Title.Empty() || d.Try.Empty() {
			t.Errorf("%s is not told well: %+v", d.Login, d)
		}
		in, err := a.Staff.Login(context.Background(), staff.LoginCommand{Login: d.Login, Password: DemoPassword, Address: "127.0.0.1"})
		if err != nil || in.MustChange {
			t.Errorf("%s cannot sign in: %v", d.Login, err)
		}
	}
	tree := a.Areas.Tree()
	grid := slices.IndexFunc(accounts, func(d DemoAccount) bool { return d.Post.Role() == "grid-member" })
	for _, d := range accounts[1:] {
		if !strings.HasPrefix(tree.Path(accounts[grid].Post.Place()), tree.Path(d.Post.Place())) {
			t.Errorf("%s is not above the demonstration's grid", d.Post)
		}
	}
}

func TestAnOrdinarySampleHasNoPublishedPassword(t *testing.T) {
	a := open(t, database.SQLite)
	layOut(t, a, Plan{Seed: 1})
	if _, err := DemoAccounts(a); !fault.HasCode(err, "no-demo") {
		t.Errorf("demo accounts of no demonstration: %v", err)
	}
	for _, c := range demoCast {
		if _, err := a.Staff.Login(context.Background(), staff.LoginCommand{Login: c.login, Password: DemoPassword, Address: "127.0.0.1"}); err == nil {
			t.Errorf("%s can sign in with the published password", c.login)
		}
	}
}

func TestASampleNeverMixesWithWhatIsThere(t *testing.T) {
	a := open(t, database.SQLite)
	layOut(t, a, Plan{Seed: 1})
	if _, err := LayOut(context.Background(), a, Plan{}, nil); !fault.HasCode(err, "areas-exist") {
		t.Errorf("laid out twice: %v", err)
	}
}

func TestAWrongPlanIsNamed(t *testing.T) {
	a := open(t, database.SQLite)
	for code, p := range map[string]Plan{"sample-size": {Size: "huge"}, "sample-county": {County: "999999"}} {
		if _, err := LayOut(context.Background(), a, p, nil); !fault.HasCode(err, code) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestTheOtherCountiesAreLaidOutToo(t *testing.T) {
	for county := range countyStyle {
		a := open(t, database.SQLite)
		r := layOut(t, a, Plan{County: county, Seed: 3})
		if r.Villages != 12 && county != "620302" || r.Basic < r.Villages {
			t.Errorf("%s: %+v", county, r)
		}
	}
}

func TestSharesAddUp(t *testing.T) {
	for _, c := range []struct {
		n       int
		weights []float64
		want    []int
	}{{3, []float64{1, 1, 1}, []int{1, 1, 1}}, {4, []float64{1, 1, 2}, []int{1, 1, 2}}, {1, []float64{1, 1}, []int{1, 0}}, {0, []float64{2}, []int{0}}} {
		if got := apportion(c.n, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("%d by %v: %v, want %v", c.n, c.weights, got, c.want)
		}
	}
}

func BenchmarkLayOut(b *testing.B) {
	for _, size := range Sizes() {
		b.Run(size, func(b *testing.B) {
			for range b.N {
				a := open(b, database.SQLite)
				r := layOut(b, a, Plan{Size: size, Seed: 1})
				b.ReportMetric(float64(r.Basic+r.Dedicated), "grids")
			}
		})
	}
}
