// Package sample lays out a living sample county: real names of townships and villages, grids cut from the
// real outline, organisations, people in their posts, some posts vacant. Everything goes through the same
// use cases an administrator would take, never by SQL, so what it makes is what the program makes.
//
// All persons, grids, offices' staff and telephone numbers are invented.
package sample

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"linli/internal/app"
	"linli/internal/area"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// Sizes of a sample county.
const (
	Small = "small" // one township, 12 villages, about 40 grids: for tests
	Town  = "town"  // one whole township: for demonstrations
	Full  = "full"  // the whole county; Rugao with its 1,182 basic and 89 dedicated grids
)

// Sizes lists them from small to large.
func Sizes() []string { return []string{Small, Town, Full} }

// Rugao is the county that is laid out when none is named.
const Rugao = "320682"

// Plan says what to lay out. The same plan gives the same county, ids and secrets aside.
type Plan struct {
	County     string // code of one of the counties in models/sample; empty: Rugao
	Size       string // Small, Town or Full; empty: Small
	Seed       uint64
	Informants int  // auxiliaries of the grids (信息员) beside the staff, spread over all grids; Rugao has 8,832
	Demo       bool // make the ready-made accounts with their published password, see DemoAccounts
}

// Report tells what was laid out.
type Report struct {
	County       string `json:"county"`
	Townships    int    `json:"townships"`
	Villages     int    `json:"villages"`
	Basic        int    `json:"basic_grids"`
	Dedicated    int    `json:"dedicated_grids"`
	Groups       int    `json:"groups"`
	Buildings    int    `json:"buildings"`
	Places       int    `json:"places"`
	Outlines     int    `json:"outlines"`
	Orgs         int    `json:"organisations"`
	Accounts     int    `json:"accounts"`
	Appointments int    `json:"appointments"`
	Vacant       int    `json:"vacant" doc:"expected posts left vacant on purpose"`
}

// Progress is told what is being done and how much of it.
type Progress func(step string, done, total int)

// LayOut makes the county. It acts as the program itself, so no permission is asked; nothing reaches it
// from outside.
//
// Errors: Invalid for a county or size that is not there; Conflict "areas-exist" when anything has been
// imported already, because a sample must never mix with what people have entered.
func LayOut(ctx context.Context, a *app.App, p Plan, progress Progress) (Report, error) {
	if progress == nil {
		progress = func(string, int, int) {}
	}
	if p.County == "" {
		p.County = Rugao
	}
	if p.Size == "" {
		p.Size = Small
	}
	if !slices.Contains(Sizes(), p.Size) {
		return Report{}, fault.Newf(fault.Invalid, "sample-size", "没有“%[1]s”这种规模,可选 small、town、full", "There is no size %[1]q; use small, town or full", p.Size)
	}
	if len(a.Areas.Tree().Areas()) > 0 {
		return Report{}, fault.New(fault.Conflict, "areas-exist", "系统中已有区域,示例只能建在空的数据目录里。请换一个 --data 目录",
			"There are areas already; a sample is laid out in an empty data folder only. Name another folder with --data")
	}
	b, err := newBuilder(a, p)
	if err != nil {
		return Report{}, err
	}
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"areas", b.importAreas}, {"outlines", b.importOutlines}, {"places", b.importPlaces},
		{"organisations", b.importOrgs}, {"accounts", b.demoAccounts}, {"people", b.importPeople}, {"board", b.demoBoard},
	}
	for i, s := range steps {
		progress(s.name, i, len(steps))
		if err := ctx.Err(); err != nil {
			return b.report, fmt.Errorf("laying out the sample: %w", err)
		}
		if err := s.do(ctx); err != nil {
			return b.report, fmt.Errorf("laying out the sample, %s: %w", s.name, err)
		}
	}
	progress("done", len(steps), len(steps))
	return b.report, nil
}

// builder holds what the steps hand to one another.
type builder struct {
	app    *app.App
	plan   Plan
	actor  *staff.Actor
	names  names
	style  style
	report Report

	county    place
	townships []*place
	demo      demoPlaces
}

// place is an area of the plan with what lies below it.
type place struct {
	area.Area
	below  []*place // villages of a township, grids of a village
	weight float64  // share of the surface and of the grids
	urban  bool
}

func newBuilder(a *app.App, p Plan) (*builder, error) {
	b := &builder{app: a, plan: p, actor: staff.System(), report: Report{County: p.County}}
	var err error
	if b.names, err = readNames(a.Models); err != nil {
		return nil, err
	}
	if b.style, err = readStyle(a.Models, p.County); err != nil {
		return nil, err
	}
	if err := b.readCounty(a.Models); err != nil {
		return nil, err
	}
	b.drawGrids()
	b.demo = b.chooseDemo()
	return b, nil
}

// random gives the numbers of one purpose, so that a change to one step leaves the others as they were.
func (b *builder) random(purpose string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(b.plan.County + "/" + purpose))
	return rand.New(rand.NewPCG(b.plan.Seed, h.Sum64()))
}

// villages lists all villages of the plan in order.
func (b *builder) villages() []*place {
	var out []*place
	for _, t := range b.townships {
		out = append(out, t.below...)
	}
	return out
}
