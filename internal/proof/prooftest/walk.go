package prooftest

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// models a case may run under, by turns.
var modelNames = []string{"seven-step", "whistle", "four-step-order", "four-orders", "three-orders", "legal-service", "hotline"}

// Report brings one case to a grid of the county.
func (c *County) Report() string {
	c.T.Helper()
	n := len(c.IDs)
	r := casework.Report{ID: c.NewID(), Text: fmt.Sprintf("第%d件:路口垃圾桶满了没人清运,气味很大。", n+1), Channel: casework.Channels[c.random.IntN(len(casework.Channels))],
		Model: modelNames[n%len(modelNames)], Urgency: flow.Urgencies[c.random.IntN(len(flow.Urgencies))],
		Place: area.Place{Area: c.grid(c.random.IntN(Grids))}}
	switch n % 4 {
	case 0:
		r.Name, r.Phone = "李四", fmt.Sprintf("139%08d", n)
	case 1:
		r.Anonymous = true
	case 2:
		r.Name, r.Confidential = "王五", true
	}
	if n%5 == 0 {
		r.Category = "01.01.01"
	}
	got, err := c.Cases.Submit(context.Background(), staff.System(), r)
	if err != nil {
		c.T.Fatalf("reporting case %d: %v", n+1, err)
	}
	c.IDs = append(c.IDs, got.ID)
	return got.ID
}

// grid is the one that has the ground of the county's first grids now.
func (c *County) grid(i int) string {
	code := fmt.Sprintf("%s%03d%03d%03d", Root, i/4+1, i/2%2+1, i%2+1)
	if now := c.Areas.Tree().Current(code); len(now) > 0 {
		return now[0].Code
	}
	return code
}

// Walk brings n cases and lets the county work on them for the given number of steps: whoever may do
// something does one of the things the model offers, time passes, the sweep and the index run.
func (c *County) Walk(n, steps int) {
	c.T.Helper()
	ctx := context.Background()
	for range n {
		c.Report()
		c.Clock.Pass(time.Duration(c.random.IntN(40)) * time.Minute)
	}
	for step := range steps {
		c.step(c.IDs[c.random.IntN(len(c.IDs))])
		c.Clock.Pass(time.Duration(c.random.IntN(90)) * time.Minute)
		if step%5 == 0 {
			c.Sweep()
		}
	}
	for i := range min(n, 6) {
		c.attach(c.IDs[len(c.IDs)-1-i], len(c.IDs)-i)
	}
	c.Sweep()
	if _, err := c.Cases.Index(ctx); err != nil {
		c.T.Fatalf("indexing: %v", err)
	}
}

// Sweep does what the background would.
func (c *County) Sweep() {
	c.T.Helper()
	ctx := context.Background()
	ok(c.T, c.Staff.TurnOver(ctx))
	_, err := c.Cases.Sweep(ctx)
	ok(c.T, err)
}

// step takes one action on a case, as somebody who holds one of its hand-overs, or as the program for the reporter.
func (c *County) step(id string) {
	c.T.Helper()
	ctx := context.Background()
	actor := c.actor(id)
	v, err := c.Cases.Read(ctx, actor, id)
	if err != nil {
		actor = staff.System()
		v, err = c.Cases.Read(ctx, actor, id)
		ok(c.T, err)
	}
	if len(v.Offers) == 0 {
		return
	}
	offer := v.Offers[c.random.IntN(len(v.Offers))]
	if c.random.IntN(3) > 0 { // mostly the work itself, so that cases get on
		for _, o := range v.Offers {
			if o.Task != 0 && o.Action.Op != flow.OpReject && c.random.IntN(2) == 0 {
				offer = o
				break
			}
		}
	}
	_, err = c.Cases.Act(ctx, actor, casework.Command{Case: id, ID: c.NewID(), Action: offer.Action.Name, Task: offer.Task, Form: c.form(v.Case, offer.Action)})
	if err == nil {
		c.Taken[offer.Action.Name]++
		return
	}
	f := fault.Of(err)
	if f.Kind == fault.Internal {
		c.T.Fatalf("%s on %s of %s: %v", offer.Action.Name, v.Case.Stage, v.Case.Model, err)
	}
	c.Refused[f.Code]++
}

// actor is mostly somebody who holds an open hand-over of the case.
func (c *County) actor(id string) *staff.Actor {
	v, err := c.Cases.Read(context.Background(), staff.System(), id)
	ok(c.T, err)
	if c.random.IntN(4) == 0 {
		return staff.System()
	}
	var open []casework.Task
	for _, t := range v.Case.Tasks {
		if t.Open() {
			open = append(open, t)
		}
	}
	if len(open) == 0 {
		return staff.System()
	}
	t := open[c.random.IntN(len(open))]
	for _, a := range c.Staff.Holders(t.Holder, c.Clock.Now()) {
		if actor, ok := c.Staff.ActorOf(a.ID, c.Clock.Now()); ok {
			return actor
		}
	}
	return staff.System()
}

// form fills in what an action asks for.
func (c *County) form(on *casework.Case, a *flow.Action) map[string]any {
	out := map[string]any{}
	units := []string{Root + "-urban", Root + "-housing", Root + "-police", Root + "-water"}
	c.random.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
	for i, f := range a.Form {
		if !f.Required && c.random.IntN(2) == 0 && f.Key != "unit" && f.Key != "members" && f.Key != "lead" {
			continue
		}
		if a.Op == flow.OpTransfer && f.Key == "post" || f.Type == flow.TypeFiles || f.Type == flow.TypeTask {
			continue
		}
		switch f.Type {
		case flow.TypeUnit:
			out[f.Key] = units[i%len(units)]
		case flow.TypeUnits:
			out[f.Key] = []any{units[(i+1)%len(units)], units[(i+2)%len(units)]}
		case flow.TypeInteger:
			out[f.Key] = min(max(f.Min, 1)+c.random.IntN(5), max(f.Max, 1))
		case flow.TypeBool:
			out[f.Key] = c.random.IntN(2) == 0
		case flow.TypeDate:
			out[f.Key] = c.Clock.Now().AddDate(0, 0, 7).Format("2006-01-02")
		case flow.TypeChoice:
			out[f.Key] = f.Choices[c.random.IntN(len(f.Choices))].Value
		case flow.TypeChoices:
			out[f.Key] = []any{f.Choices[0].Value}
		case flow.TypeCase:
			out[f.Key] = c.IDs[c.random.IntN(len(c.IDs))]
		case flow.TypePost:
			out[f.Key] = string(on.FirstPost)
		default:
			out[f.Key] = c.words(f.Key)
		}
	}
	return out
}

func (c *County) words(key string) string {
	switch key {
	case "area":
		return c.grid(c.random.IntN(Grids))
	case "category":
		return []string{"01.01.01", "01.02.01", "01.03.05"}[c.random.IntN(3)]
	}
	return "情况已经看过,按规定办理。"
}

// attach adds a picture to a case.
func (c *County) attach(id string, n int) {
	c.T.Helper()
	_, err := c.Cases.Attach(context.Background(), staff.System(), casework.Upload{ID: c.NewID(), Case: id, Name: fmt.Sprintf("现场%d.jpg", n+1),
		Public: n%2 == 0, Body: bytes.NewReader(Picture(n))})
	ok(c.T, err)
}
