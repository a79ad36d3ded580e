package sample

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"linli/internal/area"
	"linli/internal/staff"
)

// batch is how many rows are brought at once: the import takes 20,000.
const batch = 15_000

// crew gathers the people of the plan: one row per post held.
type crew struct {
	b      *builder
	r      *rand.Rand
	rows   []staff.ImportRow
	people int
	hired  map[staff.Post]int
}

// hire makes somebody new with a first post; further posts are given with also.
func (c *crew) hire(role, place string) staff.ImportRow {
	if row, ok := c.b.demo.rows[staff.MakePost(role, place)]; ok && c.same(role, place) == 0 {
		// somebody ready-made holds it
		row.Row = len(c.rows) + 2
		c.rows = append(c.rows, row)
		c.hired[staff.MakePost(role, place)]++
		return row
	}
	c.people++
	row := staff.ImportRow{Row: len(c.rows) + 2, Login: initials[role] + place, Name: c.b.names.person(c.r), Phone: phone(c.people), Role: role, Place: place}
	if n := c.same(role, place); n > 0 {
		row.Login += "-" + strconv.Itoa(n+1)
	}
	c.rows = append(c.rows, row)
	c.hired[staff.MakePost(role, place)]++
	return row
}

// same counts those hired for the post so far.
func (c *crew) same(role, place string) int { return c.hired[staff.MakePost(role, place)] }

// also gives somebody one more post.
func (c *crew) also(who staff.ImportRow, role, place string, deputy bool) {
	if row, ok := c.b.demo.rows[staff.MakePost(role, place)]; ok && !deputy {
		c.rows = append(c.rows, row)
		return
	}
	who.Row, who.Role, who.Place, who.Deputy = len(c.rows)+2, role, place, ""
	if deputy {
		who.Deputy = "yes"
	}
	c.rows = append(c.rows, who)
}

// initials begin the logins of each role.
var initials = map[string]string{"grid-member": "wgy-", "grid-head": "wgz-", "dispatcher": "pdy-", "village-head": "sj-",
	"supervisory-committee": "jd-", "volunteer": "zy-", "mediator": "tj-", "legal-adviser": "fl-", "community-police": "mj-", "auxiliary": "xxy-",
	"duty-officer": "zb-", "centre-head": "zx-", "supervisor": "dc-", "judicial-officer": "sf-", "unit-officer": "sd-", "unit-head": "fz-",
	"unit-member": "jb-", "hotline-agent": "hw-", "hotline-callback": "hf-", "administrator": "gl-"}

// importPeople fills the posts.
func (b *builder) importPeople(ctx context.Context) error {
	c := &crew{b: b, r: b.random("people"), hired: map[staff.Post]int{}}
	c.countyStaff()
	for _, o := range b.offices() {
		c.officeStaff(o)
	}
	for _, t := range b.townships {
		c.townshipStaff(t)
		for i, v := range t.below {
			c.villageStaff(t, v, i)
		}
	}
	c.informants()
	for len(c.rows) > 0 {
		n := min(batch, len(c.rows))
		done, err := b.app.Staff.Import(ctx, b.actor, staff.ImportCommand{Rows: c.rows[:n]})
		if err != nil {
			return err
		}
		if len(done.Errors) > 0 {
			first := done.Errors[0]
			return fmt.Errorf("%d of %d people refused, first row %d, %s: %s", len(done.Errors), done.Rows, first.Row, first.Field, first.Text.EN)
		}
		b.report.Accounts += done.Accounts
		b.report.Appointments += done.Appointed
		c.rows = c.rows[n:]
	}
	return nil
}

func (c *crew) countyStaff() {
	at := c.b.county.Code
	for _, p := range []struct {
		role string
		n    int
	}{{"administrator", 1}, {"duty-officer", 3}, {"centre-head", 1}, {"supervisor", 2}, {"hotline-agent", 4}, {"hotline-callback", 2}} {
		if c.b.plan.Size == Full && strings.HasPrefix(p.role, "hotline") {
			p.n *= 4
		}
		for range p.n {
			c.hire(p.role, at)
		}
	}
}

func (c *crew) townshipStaff(t *place) {
	c.hire("centre-head", t.Code)
	first := c.hire("duty-officer", t.Code)
	c.hire("duty-officer", t.Code)
	c.hire("supervisor", t.Code)
	c.hire("judicial-officer", t.Code)
	c.hire("mediator", t.Code)
	c.also(first, "centre-head", t.Code, true)
}

func (c *crew) officeStaff(o office) {
	head := c.hire("unit-head", o.Code)
	switch o.Kind {
	case "team", "committee": // orders go to the head, whose role says so
		c.hire("unit-member", o.Code)
		return
	}
	if o.vacant {
		c.b.report.Vacant++
		return
	}
	c.hire("unit-officer", o.Code)
	c.hire("unit-member", o.Code)
	c.also(head, "unit-officer", o.Code, true)
}

// villageStaff: a secretary, a dispatcher, cadres who head up to three grids each, and the members.
func (c *crew) villageStaff(t, v *place, index int) {
	demo := v.Code == c.b.demo.village
	secretary := c.hire("village-head", v.Code)
	if !demo && c.r.IntN(30) == 0 {
		c.b.report.Vacant++ // the secretary sorts meanwhile
	} else {
		c.hire("dispatcher", v.Code)
		c.also(secretary, "dispatcher", v.Code, true)
	}
	c.hire("supervisory-committee", v.Code)
	c.hire("volunteer", v.Code)
	if index%3 == 0 || demo {
		c.hire("mediator", v.Code)
		lawyer := c.hire("legal-adviser", v.Code)
		police := c.hire("community-police", v.Code)
		for _, near := range t.below[index+1 : min(index+3, len(t.below))] {
			if near.Code != c.b.demo.village {
				c.also(lawyer, "legal-adviser", near.Code, false)
				c.also(police, "community-police", near.Code, false)
			}
		}
	}
	var cadre, before staff.ImportRow
	for i, g := range v.below {
		if i%3 == 0 {
			cadre = c.hire("grid-head", g.Code)
		} else {
			c.also(cadre, "grid-head", g.Code, false)
		}
		if !demo && c.r.IntN(40) == 0 {
			c.b.report.Vacant++ // the grid head steps in
			continue
		}
		if g.Kind == area.KindDedicated && before.Login != "" && !demo {
			c.also(before, "grid-member", g.Code, false)
			continue
		}
		member := c.hire("grid-member", g.Code)
		if before.Login != "" && c.r.IntN(6) == 0 {
			c.also(before, "grid-member", g.Code, true) // neighbours stand in for one another
		}
		before = member
	}
}

// informants are the auxiliaries of the grids, spread evenly.
func (c *crew) informants() {
	var grids []*place
	for _, v := range c.b.villages() {
		grids = append(grids, v.below...)
	}
	for i := range c.b.plan.Informants {
		g := grids[i%len(grids)]
		c.people++
		c.rows = append(c.rows, staff.ImportRow{Row: len(c.rows) + 2, Login: fmt.Sprintf("%s%s-%d", initials["auxiliary"], g.Code, i/len(grids)+1),
			Name: c.b.names.person(c.r), Phone: phone(c.people), Role: "auxiliary", Place: g.Code})
	}
}
