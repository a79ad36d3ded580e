package casework_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

func whole(t *testing.T, c *prooftest.County, id string) *casework.Case {
	t.Helper()
	got, err := c.Cases.Current(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// same compares all that is exported of two cases; where a time was measured does not count.
func same(t *testing.T, what string, a, b *casework.Case) {
	t.Helper()
	x, y := asJSON(t, a), asJSON(t, b)
	if x != y {
		t.Errorf("%s: held\n%s\nread\n%s", what, x, y)
	}
}

func asJSON(t *testing.T, c *casework.Case) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var any map[string]any
	if err := json.Unmarshal(text, &any); err != nil {
		t.Fatal(err)
	}
	text, err = json.Marshal(utc(any))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// utc writes every time in one zone, and an empty list as none.
func utc(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k := range x {
			x[k] = utc(x[k])
		}
	case []any:
		if len(x) == 0 {
			return nil
		}
		for i := range x {
			x[i] = utc(x[i])
		}
	case string:
		if at, err := time.Parse(time.RFC3339Nano, x); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	}
	return v
}

func TestWhatIsDoneTogetherIsWhatIsDoneOneByOne(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		c.Walk(20, 200)
		c.Clock.Pass(40 * time.Hour) // something falls due
		early := c.Clock.Now().Add(-10 * time.Minute)
		var deeds []*casework.Deed
		held := map[string]string{}
		for i, id := range c.IDs {
			k := whole(t, c, id)
			held[id] = asJSON(t, k)
			d := &casework.Deed{Held: k, At: c.Clock.Now()}
			switch due := k.NextStep(); {
			case i%3 == 0 && !due.IsZero() && !due.After(c.Clock.Now()):
			case k.Open():
				d.Actor, d.At = staff.System(), early
				d.Command = casework.Command{Case: id, Base: k.Version, Action: "note", Form: map[string]any{"note": "看过了"}}
				if k.UpdatedAt.After(early) {
					d.At = k.UpdatedAt
				}
			default:
				continue
			}
			deeds = append(deeds, d)
		}
		for n := range 5 {
			r := casework.Report{ID: c.NewID(), Text: "路灯不亮", Channel: "import", Place: area.Place{Area: prooftest.Root + "001001001"}, ReportedAt: early.Add(time.Duration(n) * time.Second)}
			deeds = append(deeds, &casework.Deed{Actor: staff.System(), At: early.Add(time.Duration(n) * time.Minute), Report: &r})
		}
		c.Cases.Together(ctx, deeds)
		swept := 0
		for _, d := range deeds {
			if d.Err != nil || d.Case == nil {
				t.Fatalf("%+v: %v", d.Command, d.Err)
			}
			same(t, "after it was done", d.Case, whole(t, c, d.Case.ID))
			if d.Held == nil {
				if !d.Case.ReceivedAt.Equal(d.At) || d.Receipt.Code != c.Cases.Code(d.Case) || d.Receipt.Again {
					t.Errorf("a report: %+v", d.Receipt)
				}
				continue
			}
			if asJSON(t, d.Held) != held[d.Held.ID] {
				t.Errorf("the case held was changed")
			}
			if d.Command.Action != "" && (d.Case.Version != d.Held.Version+1 || !d.Case.UpdatedAt.Equal(d.At)) {
				t.Errorf("version %d of %s after version %d", d.Case.Version, d.Case.UpdatedAt, d.Held.Version)
			}
			if d.Command.Action == "" {
				swept++
				if next := d.Case.NextStep(); !next.IsZero() && !next.After(d.At) {
					t.Errorf("something due at %s is left", next)
				}
			}
		}
		if swept == 0 {
			t.Error("nothing was due")
		}
		c.Sweep()
		clean(t, c)
	})
}

func TestWhatIsRefusedTakesNothingWithIt(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		a, b, old := c.Report(), c.Report(), c.Report()
		stale := whole(t, c, old)
		note := func(k *casework.Case) *casework.Deed {
			return &casework.Deed{Actor: staff.System(), At: c.Clock.Now(), Held: k,
				Command: casework.Command{Case: k.ID, Base: k.Version, Action: "note", Form: map[string]any{"note": "x"}}}
		}
		first := note(stale)
		c.Cases.Together(ctx, []*casework.Deed{first})
		if first.Err != nil {
			t.Fatal(first.Err)
		}
		nonsense := note(whole(t, c, b))
		nonsense.Command.Action = "no-such-action"
		again := casework.Report{ID: c.NewID(), Text: "再报一次", Channel: "import", Place: area.Place{Area: prooftest.Root + "001001001"}}
		if _, err := c.Cases.Submit(ctx, staff.System(), again); err != nil {
			t.Fatal(err)
		}
		deeds := []*casework.Deed{note(whole(t, c, a)), note(stale), nonsense, {Actor: staff.System(), At: c.Clock.Now(), Report: &again},
			{Actor: staff.System(), At: c.Clock.Now(), Report: &casework.Report{ID: "no uuid", Text: "x"}}}
		c.Cases.Together(ctx, deeds)
		if d := deeds[0]; d.Err != nil || whole(t, c, a).Version != d.Held.Version+1 {
			t.Errorf("the good one: %v", d.Err)
		}
		if d := deeds[1]; !fault.HasCode(d.Err, "stale-version") || d.Case != nil {
			t.Errorf("on a version that has passed: %v", d.Err)
		}
		if d := deeds[2]; !fault.HasCode(d.Err, "unknown-action") || whole(t, c, b).Version != d.Held.Version {
			t.Errorf("an action that there is not: %v", d.Err)
		}
		if d := deeds[3]; d.Err != nil || !d.Receipt.Again || d.Case == nil {
			t.Errorf("a report that came before: %v %+v", d.Err, d.Receipt)
		}
		if d := deeds[4]; !fault.Is(d.Err, fault.Invalid) {
			t.Errorf("a report that is none: %v", d.Err)
		}
		clean(t, c)
	})
}

func TestOffersOfACaseHeldAreThoseOfTheCaseRead(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		c.Walk(20, 250)
		names := func(list []flow.Offer) (out []string) {
			for _, o := range list {
				out = append(out, o.Action.Name)
			}
			return out
		}
		some := 0
		for _, id := range c.IDs {
			k := whole(t, c, id)
			d, err := c.Cases.Model(ctx, k.Model)
			if err != nil {
				t.Fatal(err)
			}
			for _, account := range c.People {
				actor, ok := c.Staff.ActorOf(account, c.Clock.Now())
				if !ok {
					t.Fatal("nobody")
				}
				offers, seen := c.Cases.Offers(d, actor, k, c.Clock.Now())
				v, err := c.Cases.Read(ctx, actor, id)
				if seen == fault.Is(err, fault.NotFound) || !slices.Equal(names(offers), names(v.Offers)) {
					t.Errorf("seen %v, %v: %v, read %v", seen, err, names(offers), names(v.Offers))
				}
				some += len(offers)
			}
			p, err := c.Cases.Track(ctx, staff.Resident(""), c.Cases.Code(k))
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Cases.ReporterOffers(d, k, c.Clock.Now()); !slices.Equal(names(got), names(p.Offers)) {
				t.Errorf("the reporter: %v, tracked %v", names(got), names(p.Offers))
			}
		}
		if some == 0 {
			t.Error("nobody may do anything")
		}
		if _, err := c.Cases.Model(ctx, "no-such@1"); err == nil {
			t.Error("a model that there is not was found")
		}
	})
}

func TestHistoryAndLivingTellWhatReadingTells(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		c.Walk(30, 500)
		past := map[string]casework.Past{}
		last := ""
		if err := c.Cases.History(ctx, func(p *casework.Past) error {
			if p.ID <= last {
				t.Errorf("%s after %s", p.ID, last)
			}
			past[p.ID], last = *p, p.ID
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		cut := prooftest.Start.Add(90 * time.Hour)
		living := map[string]casework.Living{}
		if err := c.Cases.Living(ctx, cut, func(l casework.Living) error { living[l.ID] = l; return nil }); err != nil {
			t.Fatal(err)
		}
		var changes int64
		known := 0
		if err := c.Cases.Known(ctx, func(id string) {
			known++
			if !slices.Contains(c.IDs, id) {
				t.Errorf("%s is known", id)
			}
		}); err != nil {
			t.Fatal(err)
		}
		for _, id := range c.IDs {
			v, err := c.Cases.Read(ctx, staff.System(), id)
			if err != nil {
				t.Fatal(err)
			}
			changes += v.Case.Version
			p := past[id]
			if p.Late != v.Case.Clock.Late(c.Clock.Now()) || p.Rating != v.Case.Rating || p.Ended != v.Case.Ended || len(p.Tasks) != len(v.Case.Tasks) || len(p.Steps) != len(v.Timeline) {
				t.Errorf("%+v is told of %+v", p, v.Case)
				continue
			}
			var actions []string
			for i, e := range v.Timeline {
				actions = append(actions, e.Action)
				if p.Steps[i].Action != e.Action || p.Steps[i].System != (e.Account == "") {
					t.Errorf("%+v is told of %+v", p.Steps[i], e)
				}
			}
			for i, h := range v.Case.Tasks {
				if x := p.Tasks[i]; x.Post != h.Post || x.State != h.State || !x.GivenAt.Equal(h.GivenAt) || x.Late != (!h.ClosedAt.IsZero() && h.Clock.Late(h.ClosedAt)) {
					t.Errorf("%+v is told of %+v", x, h)
				}
			}
			l, alive := living[id]
			if want := v.Case.Open() || v.Case.EndedAt.After(cut); alive != want {
				t.Errorf("living %v, open %v, ended %s", alive, v.Case.Open(), v.Case.EndedAt)
			} else if alive {
				same(t, "living", l.Case, v.Case)
				if !slices.Equal(l.Actions, actions) {
					t.Errorf("actions %v, read %v", l.Actions, actions)
				}
			}
		}
		x, err := c.Cases.Extent(ctx)
		if err != nil || known != len(c.IDs) || x.Cases != int64(len(c.IDs)) || x.Changes != changes || x.Last.IsZero() {
			t.Errorf("%d known, %+v, want %d and %d changes: %v", known, x, len(c.IDs), changes, err)
		}
		stop := errors.New("enough")
		if err := c.Cases.Living(ctx, cut, func(casework.Living) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("%v", err)
		}
	})
}

func TestVeryManyTextsAreIndexedAsFewAre(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		ctx := context.Background()
		for range 120 {
			c.Report()
		}
		told := 0
		n, err := c.Cases.IndexAll(ctx, func(n int) { told = n })
		if err != nil || n != 120 || told != 120 {
			t.Fatalf("%d, told %d: %v", n, told, err)
		}
		page, err := c.Cases.List(ctx, staff.System(), casework.Filter{Scope: "area", State: "all", Text: "第77件"})
		if err != nil || len(page.Cases) != 1 || page.Cases[0].ID != c.IDs[76] {
			t.Errorf("%+v %v", page.Cases, err)
		}
		if n, err := c.Cases.IndexAll(ctx, nil); n != 0 || err != nil {
			t.Errorf("again %d: %v", n, err)
		}
		clean(t, c)
		c.Report()
		over, stop := context.WithCancel(ctx)
		stop()
		if _, err := c.Cases.IndexAll(over, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
		if n, err := c.Cases.IndexAll(ctx, nil); n != 1 || err != nil {
			t.Errorf("after it was stopped %d: %v", n, err)
		}
	})
}
