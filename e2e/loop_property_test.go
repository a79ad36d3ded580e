package e2e

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// TestWhateverPeopleDoTheLoopHolds lets random people take random actions on several cases, offered ones and
// others, while the clock jumps, posts change hands and the sweep runs. After every step the promises hold.
func TestWhateverPeopleDoTheLoopHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		// each try in a county of its own, which is closed after it; what rapid panics with goes back to rapid
		var carried any
		ok := t.Run("", func(t *testing.T) {
			defer func() { carried = recover() }()
			crowded(t, rt)
		})
		if carried != nil {
			panic(carried)
		}
		if !ok {
			rt.FailNow()
		}
	})
}

func crowded(t *testing.T, rt *rapid.T) {
	w := begin(t, database.SQLite)
	c := &crowd{world: w, rt: rt}
	c.logins = []string{"wangge", "gezhang", "paidan", "shuji", "zhiyuan", "zhiban", "zhuren", "ducha", "guijian", "nongye", "zhifa", "zhihui", "huawu", "huifang", ""}
	c.posts = []staff.Post{gridMember, gridHead, dispatcher, secretary, duty, leads, helps}
	for _, model := range []string{"seven-step", "whistle", "seven-step", "hotline"} {
		c.cases = append(c.cases, w.report("菜场门口的路灯不亮,摊贩占道", byModel(model), urgently(rapid.SampledFrom(flow.Urgencies).Draw(rt, "urgency"))))
	}
	for step := range rapid.IntRange(15, 45).Draw(rt, "steps") {
		c.step()
		if c.holds(step); t.Failed() {
			return
		}
	}
	if w.sound(); t.Failed() {
		t.Logf("what happened: %v", c.done)
	}
}

// crowd is who acts, on what.
type crowd struct {
	*world
	rt     *rapid.T
	logins []string
	posts  []staff.Post
	cases  []*journey
	done   []string // what happened, for the report of a failure
}

func (c *crowd) step() {
	m := rapid.SampledFrom(c.cases).Draw(c.rt, "case")
	switch rapid.IntRange(0, 19).Draw(c.rt, "kind") {
	case 0, 1, 2:
		c.pass(time.Duration(rapid.IntRange(1, 5*24*60).Draw(c.rt, "minutes")) * time.Minute)
		if rapid.Bool().Draw(c.rt, "swept") {
			c.tick()
		}
	case 3:
		c.handOver()
	case 4:
		c.anything(m)
	case 5:
		c.reorganise()
	default:
		c.offered(m)
	}
}

// offered takes one of the actions somebody is offered.
func (c *crowd) offered(m *journey) {
	login := rapid.SampledFrom(c.logins).Draw(c.rt, "who")
	var offers []flow.Offer
	if login == "" {
		offers = m.track().Offers
	} else {
		v, err := c.app.Cases.Read(c.ctx, c.as(login), m.id)
		if fault.Is(err, fault.NotFound) {
			return
		}
		if err != nil {
			c.t.Fatal(explained(err))
		}
		offers = v.Offers
	}
	if len(offers) == 0 {
		return
	}
	o := rapid.SampledFrom(offers).Draw(c.rt, "offer")
	c.take(m, login, o.Action.Name, o.Task, c.fill(m, o.Action))
}

// anything takes an action nobody offered.
func (c *crowd) anything(m *journey) {
	login := rapid.SampledFrom(c.logins).Draw(c.rt, "who")
	d, ok := c.app.Library.Lookup(m.now().Model)
	if !ok {
		c.t.Fatal("no model")
	}
	var all []flow.Action
	for _, s := range d.Stages {
		all = append(all, s.Actions...)
	}
	a := rapid.SampledFrom(append(append(all, d.Standing...), d.After...)).Draw(c.rt, "action")
	c.take(m, login, a.Name, rapid.IntRange(0, 4).Draw(c.rt, "task"), c.fill(m, &a))
}

func (c *crowd) take(m *journey, login, action string, task int, fields form) {
	_, err := m.try(login, action, fields, onTask(task))
	c.done = append(c.done, fmt.Sprintf("%s: %s by %q on %d with %v: %v", m.number, action, login, task, fields, err))
	if f := fault.Of(err); err != nil && (f.Kind == fault.Internal || f.Kind == fault.Unavailable) {
		c.t.Fatalf("%s by %q: %v\n%v", action, login, explained(err), c.done)
	}
}

// fill fills in a form, mostly rightly.
func (c *crowd) fill(m *journey, a *flow.Action) form {
	out := form{}
	units := []string{housing, farming, stalls, "320682-housing"}
	for _, f := range a.Form {
		if !f.Required && rapid.Bool().Draw(c.rt, f.Key+"?") {
			continue
		}
		switch f.Type {
		case flow.TypeInteger:
			out[f.Key] = rapid.IntRange(1, 5).Draw(c.rt, f.Key)
		case flow.TypeTask:
			out[f.Key] = rapid.IntRange(1, 6).Draw(c.rt, f.Key)
		case flow.TypeBool:
			out[f.Key] = rapid.Bool().Draw(c.rt, f.Key)
		case flow.TypeUnit:
			out[f.Key] = rapid.SampledFrom(units).Draw(c.rt, f.Key)
		case flow.TypeUnits:
			out[f.Key] = rapid.SliceOfNDistinct(rapid.SampledFrom(units), 0, 3, rapid.ID).Draw(c.rt, f.Key)
		case flow.TypePost:
			out[f.Key] = string(rapid.SampledFrom(c.posts).Draw(c.rt, f.Key))
		case flow.TypeCase:
			out[f.Key] = rapid.SampledFrom(c.cases).Draw(c.rt, f.Key).number
		case flow.TypeChoice:
			out[f.Key] = rapid.SampledFrom(f.Choices).Draw(c.rt, f.Key).Value
		case flow.TypeDate:
			out[f.Key] = "2026-12-31"
		case flow.TypeFiles:
		default:
			switch f.Key {
			case "area":
				out[f.Key] = rapid.SampledFrom([]string{grid, grid[:12] + "002", village}).Draw(c.rt, f.Key)
			case "category":
				out[f.Key] = rapid.SampledFrom([]string{"01.02.01", "01.02.05", "02.04.01"}).Draw(c.rt, f.Key)
			default:
				out[f.Key] = "已经看过,情况属实"
			}
		}
	}
	return out
}

// handOver empties or fills a post.
func (c *crowd) handOver() {
	post := rapid.SampledFrom(c.posts).Draw(c.rt, "post")
	if rapid.Bool().Draw(c.rt, "vacate") {
		c.done = append(c.done, "vacated "+string(post))
		c.vacate(post)
		return
	}
	login := rapid.SampledFrom([]string{"wangge", "paidan", "zhiyuan", "guijian", "zhiban"}).Draw(c.rt, "appointed")
	_, err := c.app.Staff.Appoint(c.ctx, staff.System(), staff.AppointCommand{Account: c.as(login).ID(), Post: post})
	c.done = append(c.done, fmt.Sprintf("appointed %s to %s: %v", login, post, err))
	if err != nil && !fault.HasCode(err, "already-appointed") {
		c.t.Fatal(explained(err))
	}
}

// reorganise moves the grid to the other village, or back.
func (c *crowd) reorganise() {
	a, _ := c.app.Areas.Tree().Area(grid)
	parent := "320682001002"
	if a.Parent == parent {
		parent = village
	}
	c.done = append(c.done, "the grid moves to "+parent)
	if _, err := c.app.Areas.Move(c.ctx, staff.System(), area.MoveArea{Code: grid, Parent: parent, Reason: "调整"}); err != nil {
		c.t.Fatal(explained(err))
	}
}

// holds asks the promises of the loop, one by one and independently of the program's own check.
func (c *crowd) holds(step int) {
	now := *c.now.Load()
	wrong := func(m *journey, format string, args ...any) {
		c.t.Errorf("step %d, %s: %s\n%v", step, m.number, fmt.Sprintf(format, args...), c.done)
	}
	for _, m := range c.cases {
		v := m.view("system")
		k := v.Case
		var responsible []casework.Task
		for _, t := range k.Tasks {
			if t.Open() && t.Responsible {
				responsible = append(responsible, t)
			}
			if t.Open() && !k.Open() {
				wrong(m, "ended with an open %s", t.Kind)
			}
			if t.Open() && len(c.app.Staff.Holders(t.Holder, now)) == 0 {
				wrong(m, "%s is held by %s, where nobody is", t.Kind, t.Holder)
			}
			if t.Open() && t.Clock.Paused() && t.State != flow.Contested && k.PausedAt.IsZero() {
				wrong(m, "the clock of %s stands without a pause", t.Kind)
			}
			if t.Open() && !t.Clock.Paused() && !t.Clock.Runs() {
				wrong(m, "%s has no clock", t.Kind)
			}
		}
		if k.Open() && len(responsible) != 1 || !k.Open() && len(responsible) != 0 {
			wrong(m, "%d are responsible", len(responsible))
		}
		if k.Open() {
			if o := responsible[0]; o.Post != k.Owner || o.Holder != k.Holder || o.No != k.OwnerTask || k.PausedAt.IsZero() && o.State != flow.Contested && !o.Clock.Due.Equal(k.HopDueAt) {
				wrong(m, "the columns say %s, %s, %v", k.Owner, k.Holder, k.HopDueAt)
			}
		}
		for i, e := range v.Timeline {
			if e.Seq != int64(i+1) {
				wrong(m, "entry %d is numbered %d", i+1, e.Seq)
			}
		}
		if int64(len(v.Timeline)) != k.Version {
			wrong(m, "version %d with %d entries", k.Version, len(v.Timeline))
		}
		if path := c.app.Areas.Tree().Path(k.Area); path != k.Path {
			wrong(m, "lies at %s instead of %s", k.Path, path)
		}
	}
	if n := c.rows(`SELECT coalesce(sum(n), 0) FROM tally WHERE measure = 'reported'`); n != len(c.cases) {
		c.t.Errorf("step %d: %d reports counted", step, n)
	}
}
