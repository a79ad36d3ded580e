package staff

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/internal/area"
	"linli/internal/platform/lang"
)

func TestWhatAPostAllows(t *testing.T) {
	w := lite(t)
	const gridPath, farPath = "/320682/320682001/320682001001/320682001001001/", "/320682/320682002/320682002001/320682002001001/"
	member := w.with("member", MakePost("grid-member", grid))
	duty := w.with("duty", MakePost(RoleDutyOfficer, township))
	unit := w.with("unit", MakePost("unit-officer", housing))
	both := w.with("both", MakePost("grid-member", grid), MakePost("dispatcher", village), MakePost("dispatcher", farVill))
	cases := []struct {
		rule      string
		got, want bool
	}{
		{"a post reaches its own place", member.May("case.read", gridPath), true},
		{"a post reaches no neighbour", member.May("case.read", strings.TrimSuffix(gridPath, "1/")+"2/"), false},
		{"a post reaches nothing above", member.May("case.read", "/320682/320682001/320682001001/"), false},
		{"a post reaches what lies below", duty.May("case.read", gridPath), true},
		{"a post reaches no other township", duty.May("case.read", farPath), false},
		{"a role grants only what it lists", member.May("case.dispatch", gridPath), false},
		{"a word that is no permission is nobody's", duty.May("case.everything", gridPath), false},
		{"an unknown place is nobody's", duty.May("case.read", ""), false},
		{"a unit does not read the matters of the county", unit.May("case.read", gridPath), false},
		{"a unit reads its own orders", unit.MayOrg("case.read", housing), true},
		{"a unit reads no other unit's orders", unit.MayOrg("case.read", team), false},
		{"a unit may report anywhere in the area it belongs to", unit.May("case.report", gridPath), true},
		{"a post at an area is not one at an organisation there", duty.MayOrg("case.read", team), false},
		{"confidential matters open to roles that say so", duty.SeesConfidential(gridPath), true},
		{"and to no others", member.SeesConfidential(gridPath), false},
		{"a unit sees its own confidential orders", unit.SeesConfidentialOrg(housing), true},
		{"but not those of the county", unit.SeesConfidential(gridPath), false},
		{"a holder holds", member.Holds(MakePost("grid-member", grid)), true},
		{"nobody holds by reach alone", duty.Holds(MakePost("grid-member", grid)), false},
		{"a resident may nothing by permission", Resident(lang.ZH).May("case.report", gridPath), false},
		{"nobody may nothing", (*Actor)(nil).May("case.read", gridPath) || (*Actor)(nil).Holds("x@y") || !(*Actor)(nil).Anonymous(), false},
		{"the system may everything", System().May("case.reveal", farPath) && System().MayOrg("case.read", housing) && System().SeesConfidential(farPath), true},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			if c.got != c.want {
				t.Fatalf("got %v", c.got)
			}
		})
	}
	t.Run("paths are the smallest set", func(t *testing.T) {
		want := []string{"/320682/320682001/320682001001/", "/320682/320682002/320682002001/"}
		if got := both.Paths("case.read"); !slices.Equal(got, want) {
			t.Fatalf("got %v", got)
		}
	})
	t.Run("roles are those held at the path or above, or at organisations there", func(t *testing.T) {
		if got := both.Roles(gridPath); !slices.Equal(got, []string{"dispatcher", "grid-member"}) {
			t.Fatalf("got %v", got)
		}
		if got := unit.Roles(gridPath); !slices.Equal(got, []string{"unit-officer"}) {
			t.Fatalf("got %v", got)
		}
	})
	t.Run("a permission check does not allocate", func(t *testing.T) {
		if n := testing.AllocsPerRun(100, func() { both.May("case.dispatch", farPath) }); n != 0 {
			t.Fatalf("%v allocations", n)
		}
	})
}

// appointments draws some appointments of a few accounts at the sample's places.
func appointments(w *world, max int) *rapid.Generator[[]Appointment] {
	return rapid.Custom(func(t *rapid.T) []Appointment {
		roles := w.roles.All()
		codes := []string{housing, team}
		for _, p := range places {
			codes = append(codes, p[0])
		}
		n := rapid.IntRange(0, max).Draw(t, "n")
		var out []Appointment
		for i := range n {
			p := MakePost(rapid.SampledFrom(roles).Draw(t, "role").Key, rapid.SampledFrom(codes).Draw(t, "place"))
			if w.checkPost(p) != nil {
				continue
			}
			from := start.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "from")) * time.Hour)
			to := time.Time{}
			if rapid.Bool().Draw(t, "ends") {
				to = from.Add(time.Duration(rapid.IntRange(1, 8).Draw(t, "hours")) * time.Hour)
			}
			out = append(out, Appointment{ID: fmt.Sprintf("ap%03d", i), Account: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "account"),
				Post: p, From: from, To: to, Deputy: rapid.Bool().Draw(t, "deputy")})
		}
		return out
	})
}

var people = []Account{{ID: "a", Name: "甲", Active: true}, {ID: "b", Name: "乙", Active: true}, {ID: "c", Name: "丙"}}

func TestNobodyMayOutsideTheirPosts(t *testing.T) {
	w := lite(t)
	rapid.Check(t, func(t *rapid.T) {
		reg := newRegistry(1, slices.Clone(people), appointments(w, 8).Draw(t, "open"))
		account := rapid.SampledFrom(people).Draw(t, "who")
		scopes := rapid.OneOf(rapid.Just(^uint64(0)), rapid.Uint64()).Draw(t, "scopes")
		actor := makeActor(reg, w.tree(), w.roles, &account, scopes, start)
		for _, p := range Permissions {
			for _, place := range places {
				if !actor.May(p.Key, place[3]) {
					continue
				}
				if !account.Active || scopes&bitOf(p.Key) == 0 {
					t.Fatalf("%s at %s though switched off or out of scope", p.Key, place[0])
				}
				if !slices.ContainsFunc(actor.Posts(), func(post Post) bool {
					role, _ := w.roles.Get(post.Role())
					return slices.Contains(role.May, p.Key) && area.Within(place[3], w.tree().Path(post.Place())) && (!role.OfOrg() || p.Area)
				}) {
					t.Fatalf("%s at %s without a post above it: %v", p.Key, place[0], actor.Posts())
				}
				if !slices.ContainsFunc(actor.Paths(p.Key), func(path string) bool { return area.Within(place[3], path) }) {
					t.Fatalf("%s at %s is not in Paths %v", p.Key, place[0], actor.Paths(p.Key))
				}
			}
			for _, path := range actor.Paths(p.Key) {
				if !actor.May(p.Key, path) {
					t.Fatalf("Paths names %s, but %s is refused there", path, p.Key)
				}
			}
		}
	})
}

func TestAnotherAppointmentNeverTakesAPermissionAway(t *testing.T) {
	w := lite(t)
	rapid.Check(t, func(t *rapid.T) {
		all := appointments(w, 8).Draw(t, "open")
		if len(all) == 0 {
			return
		}
		before := makeActor(newRegistry(1, slices.Clone(people), slices.Clone(all[:len(all)-1])), w.tree(), w.roles, &people[0], ^uint64(0), start)
		after := makeActor(newRegistry(2, slices.Clone(people), slices.Clone(all)), w.tree(), w.roles, &people[0], ^uint64(0), start)
		for _, p := range Permissions {
			for _, place := range places {
				if before.May(p.Key, place[3]) && !after.May(p.Key, place[3]) || before.SeesConfidential(place[3]) && !after.SeesConfidential(place[3]) {
					t.Fatalf("%s at %s was taken away by %v", p.Key, place[0], all[len(all)-1].Post)
				}
			}
			for _, org := range []string{housing, team} {
				if before.MayOrg(p.Key, org) && !after.MayOrg(p.Key, org) {
					t.Fatalf("%s at %s was taken away", p.Key, org)
				}
			}
		}
	})
}

func TestFallBackNeverEndsAtNobodyWhileAnAdministratorLives(t *testing.T) {
	w := lite(t)
	rapid.Check(t, func(t *rapid.T) {
		open := appointments(w, 8).Draw(t, "open")
		reg := newRegistry(1, slices.Clone(people), slices.Clone(open))
		_, lives := reg.admin(start)
		for _, role := range append(w.roles.All(), Role{Key: "unheard-of"}) {
			for _, place := range append([]string{housing, team, "nowhere"}, grid, village, township, county) {
				p := MakePost(role.Key, place)
				c := cover(reg, w.tree(), w.roles, p, start)
				if lives && c.Nobody {
					t.Fatalf("%s belongs to nobody: %+v", p, c)
				}
				if c.Nobody != (len(c.Accounts) == 0) {
					t.Fatalf("%s: %+v", p, c)
				}
				for _, step := range c.Trail {
					if reg.lives(step.Post, start) {
						t.Fatalf("%s passed over %s, which is held", p, step.Post)
					}
				}
				for _, id := range c.Accounts {
					if !reg.accounts[id].Active {
						t.Fatalf("%s is answered by an account that is switched off", p)
					}
				}
				if reg.lives(p, start) && c.Holder != p {
					t.Fatalf("%s is held, but %s answers", p, c.Holder)
				}
			}
		}
	})
}

func TestCoverWalksTheNamedFallBacks(t *testing.T) {
	w := lite(t)
	w.with("admin", MakePost(RoleAdministrator, Everywhere))
	p := MakePost("grid-member", grid)
	holder := func() Post { return w.Cover(p, w.clock.now()).Holder }
	for _, step := range []struct{ post, want Post }{
		{"", MakePost(RoleAdministrator, Everywhere)},
		{MakePost(RoleDutyOfficer, county), MakePost(RoleDutyOfficer, county)},
		{MakePost(RoleDutyOfficer, township2), MakePost(RoleDutyOfficer, county)},
		{MakePost(RoleDutyOfficer, township), MakePost(RoleDutyOfficer, township)},
		{MakePost("grid-head", grid2), MakePost(RoleDutyOfficer, township)},
		{MakePost("dispatcher", village), MakePost("dispatcher", village)},
		{MakePost("grid-head", grid), MakePost("grid-head", grid)},
		{p, p},
	} {
		if step.post != "" {
			w.with(strings.NewReplacer("@", "-at-").Replace(string(step.post)), step.post)
		}
		if got := holder(); got != step.want {
			t.Fatalf("after %q: %s answers, want %s", step.post, got, step.want)
		}
	}
	if c := w.Cover(MakePost("unit-member", housing), start); c.Holder != MakePost(RoleDutyOfficer, county) || len(c.Trail) != 3 || c.Trail[0].Reason.Empty() {
		t.Fatalf("a unit's post: %+v", c)
	}
	t.Run("find walks up to the level, or to the nearest place of the role", func(t *testing.T) {
		for _, c := range []struct {
			role, from string
			level      area.Level
			want       Post
			ok         bool
		}{
			{"dispatcher", grid, area.Village, MakePost("dispatcher", village), true},
			{"dispatcher", grid, "", MakePost("dispatcher", village), true},
			{RoleDutyOfficer, village, area.County, MakePost(RoleDutyOfficer, county), true},
			{RoleDutyOfficer, village, "", MakePost(RoleDutyOfficer, township), true},
			{"unit-officer", housing, "", MakePost("unit-officer", housing), true},
			{"unit-officer", team, "", "", false},
			{"grid-member", village, area.Grid, "", false},
			{"nobody-knows", grid, area.Grid, "", false},
		} {
			if got, ok := w.Find(c.role, c.from, c.level); ok != c.ok || ok && got != c.want {
				t.Errorf("%s from %s at %q: %s %v", c.role, c.from, c.level, got, ok)
			}
		}
	})
}
