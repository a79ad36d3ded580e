package staff

import (
	"slices"
	"testing"
	"time"

	"linli/internal/platform/audit"
)

func TestPeopleAreSeenWhereTheirPostsAre(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		head := w.with("head", MakePost("centre-head", township))
		dispatcher := w.with("dispatcher", MakePost("dispatcher", village))
		unit := w.with("unit", MakePost("unit-head", team))
		w.with("near", MakePost("grid-member", grid), MakePost("volunteer", farVill))
		far := w.with("far", MakePost("grid-member", farGrid))
		w.person("idle")
		for rule, c := range map[string]struct {
			who  *Actor
			f    PeopleFilter
			want []string
		}{
			"a centre head sees the township, its units and accounts without post": {head, PeopleFilter{}, []string{"dispatcher", "head", "idle", "near", "unit"}},
			"a dispatcher sees the village":                                        {dispatcher, PeopleFilter{}, []string{"dispatcher", "near"}},
			"a unit sees itself":                                                   {unit, PeopleFilter{}, []string{"unit"}},
			"a filter by path":                                                     {head, PeopleFilter{Path: "/320682/320682001/320682001001/"}, []string{"dispatcher", "near"}},
			"a filter by role":                                                     {head, PeopleFilter{Role: "grid-member"}, []string{"near"}},
			"a path outside finds nobody":                                          {head, PeopleFilter{Path: "/320682/320682002/"}, nil},
			"a part of a name":                                                     {head, PeopleFilter{Text: "张NE"}, []string{"near"}},
			"a phone, however written":                                             {dispatcher, PeopleFilter{Phone: "+86 138-1234-5678"}, []string{"dispatcher", "near"}},
			"another phone":                                                        {head, PeopleFilter{Phone: "13812345679"}, nil},
		} {
			page, _, err := w.People(w.ctx, c.who, c.f)
			var got []string
			for _, p := range page {
				got = append(got, p.Login)
				if p.Login == "near" && len(p.Appointments) != 1 {
					t.Errorf("%s: shows a post elsewhere: %+v", rule, p.Appointments)
				}
			}
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%s: got %v, %v", rule, got, err)
			}
		}
		_, _, err := w.People(w.ctx, far, PeopleFilter{})
		wantCode(t, err, "forbidden")
		_, _, err = w.People(w.ctx, head, PeopleFilter{Phone: "x"})
		wantCode(t, err, "bad-phone")
		t.Run("pages give everybody once", func(t *testing.T) {
			var got []string
			after := ""
			for {
				page, next, err := w.People(w.ctx, System(), PeopleFilter{After: after, Limit: 2})
				wantNone(t, err)
				for _, p := range page {
					got = append(got, p.Login)
				}
				if after = next; next == "" {
					break
				}
			}
			if !slices.Equal(got, []string{"dispatcher", "far", "head", "idle", "near", "unit"}) {
				t.Fatalf("%v", got)
			}
		})
		t.Run("a whole phone number is shown for a purpose, which is written down", func(t *testing.T) {
			page, _, err := w.People(w.ctx, head, PeopleFilter{Text: "near"})
			wantNone(t, err)
			id := page[0].ID
			_, err = w.Phone(w.ctx, head, id, " ")
			wantCode(t, err, "no-purpose")
			_, err = w.Phone(w.ctx, far, id, "好奇")
			wantCode(t, err, "no-account")
			phone, err := w.Phone(w.ctx, head, id, "联系走访")
			if err != nil || phone != "13812345678" {
				t.Fatalf("%q %v", phone, err)
			}
			entries, _, err := w.AccessLog(w.ctx, head, audit.Filter{What: "staff.phone"}, audit.Page{})
			if err != nil || len(entries) != 1 || entries[0].Purpose != "联系走访" || entries[0].Object != id {
				t.Fatalf("%+v %v", entries, err)
			}
			if others, _, err := w.AccessLog(w.ctx, far, audit.Filter{What: "staff.phone"}, audit.Page{}); err != nil || len(others) != 0 {
				t.Fatalf("%+v %v", others, err)
			}
			_, _, err = w.AccessLog(w.ctx, Resident(""), audit.Filter{}, audit.Page{})
			wantCode(t, err, "forbidden")
		})
		t.Run("a new name and phone are found, the old phone is not", func(t *testing.T) {
			wantNone(t, w.Rename(w.ctx, unit, unit.ID(), "李新", "0513-8765 4321"))
			page, _, err := w.People(w.ctx, head, PeopleFilter{Phone: "051387654321"})
			if err != nil || len(page) != 1 || page[0].Name != "李新" {
				t.Fatalf("%+v %v", page, err)
			}
			wantCode(t, w.Rename(w.ctx, unit, head.ID(), "X", ""), "forbidden")
			w.clock.pass(time.Second)
			sameRegistry(t, w)
		})
	})
}
