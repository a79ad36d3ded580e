package staff

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/internal/area"
	"linli/internal/platform/audit"
	"linli/internal/platform/database"
)

func TestAppointing(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		member := MakePost("grid-member", grid)
		a := w.person("aa")
		var told [][]Post
		w.OnCover(func(tx *database.Tx, posts []Post) error {
			told = append(told, posts)
			c, err := w.CoverIn(tx, posts[0], tx.Now)
			if err == nil && posts[0] == member && len(told) == 1 && c.Holder != member {
				t.Errorf("inside the listener %s answers", c.Holder)
			}
			return err
		})
		made := w.appoint(a, member)
		if len(told) != 1 || !slices.Equal(told[0], []Post{member}) {
			t.Fatalf("told %v", told)
		}
		if h := w.Holders(member, w.clock.now()); len(h) != 1 || h[0].ID != a || h[0].Phone != "138****5678" {
			t.Fatalf("holders %+v", h)
		}
		t.Run("sending an appointment twice is once", func(t *testing.T) {
			cmd := AppointCommand{ID: made.ID, Account: a, Post: member}
			again, err := w.Appoint(w.ctx, System(), cmd)
			wantNone(t, err)
			if again.ID != made.ID || len(told) != 1 {
				t.Fatalf("%+v, told %d times", again, len(told))
			}
			cmd.Post = MakePost("grid-head", grid)
			_, err = w.Appoint(w.ctx, System(), cmd)
			wantCode(t, err, "id-taken")
		})
		for rule, c := range map[string]struct {
			cmd  AppointCommand
			code string
		}{
			"the same post at the same time is refused": {AppointCommand{Account: a, Post: member, To: start.Add(time.Hour)}, "already-appointed"},
			"also as a deputy":                          {AppointCommand{Account: a, Post: member, Deputy: true}, "already-appointed"},
			"a role not at this level is refused":       {AppointCommand{Account: a, Post: MakePost("grid-member", village)}, "bad-appointment"},
			"a role not at this kind of unit":           {AppointCommand{Account: a, Post: MakePost("unit-officer", team)}, "bad-appointment"},
			"a role that does not exist":                {AppointCommand{Account: a, Post: MakePost("king", county)}, "bad-appointment"},
			"a place that does not exist":               {AppointCommand{Account: a, Post: MakePost("grid-member", "9")}, "bad-appointment"},
			"everywhere is for administrators only":     {AppointCommand{Account: a, Post: MakePost("grid-member", Everywhere)}, "bad-appointment"},
			"an end before the beginning":               {AppointCommand{Account: a, Post: MakePost("grid-head", grid), From: start.Add(2 * time.Hour), To: start.Add(time.Hour)}, "bad-appointment"},
			"one that is over already":                  {AppointCommand{Account: a, Post: MakePost("grid-head", grid), From: start.Add(-2 * time.Hour), To: start}, "bad-appointment"},
			"an unknown account":                        {AppointCommand{Account: "x", Post: member}, "no-account"},
			"an id that is not a UUIDv7":                {AppointCommand{ID: "7", Account: a, Post: member}, "bad-id"},
		} {
			t.Run(rule, func(t *testing.T) {
				_, err := w.Appoint(w.ctx, System(), c.cmd)
				wantCode(t, err, c.code)
			})
		}
		t.Run("an end needs a reason", func(t *testing.T) {
			_, err := w.End(w.ctx, System(), EndCommand{Appointment: made.ID, Reason: " "})
			wantCode(t, err, "no-reason")
		})
		t.Run("texts no database can hold are refused as what they are", func(t *testing.T) {
			_, err := w.End(w.ctx, System(), EndCommand{Appointment: made.ID, Reason: "a\x00b"})
			wantCode(t, err, "bad-reason")
			_, err = w.End(w.ctx, System(), EndCommand{Appointment: "\x00\xff", Reason: "x"})
			wantCode(t, err, "no-appointment")
			wantCode(t, w.Revoke(w.ctx, System(), a, "\x00"), "no-access")
			if list, err := w.History(w.ctx, System(), "x@\x00", ""); len(list) != 0 || err != nil {
				t.Fatalf("%v %v", list, err)
			}
			if _, _, err := w.AccessLog(w.ctx, System(), audit.Filter{Object: "\x00\xff"}, audit.Page{}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Login(w.ctx, LoginCommand{Login: "zz", Password: "x", Address: "\x00"}); err == nil {
				t.Fatal("signed in")
			} else {
				wantCode(t, err, "sign-in-wrong")
			}
		})
		t.Run("what ended stays in the history and can begin again", func(t *testing.T) {
			n := len(told)
			_, err := w.End(w.ctx, System(), EndCommand{Appointment: made.ID, Reason: "调离"})
			wantNone(t, err)
			if len(told) != n+1 || len(w.Holders(member, w.clock.now())) != 0 {
				t.Fatalf("told %v", told[n:])
			}
			_, err = w.End(w.ctx, System(), EndCommand{Appointment: made.ID, Reason: "again"})
			wantCode(t, err, "already-over")
			w.appoint(a, member)
			list, err := w.History(w.ctx, System(), member, "")
			if err != nil || len(list) != 2 || list[1].EndedReason != "调离" && list[0].EndedReason != "调离" {
				t.Fatalf("%+v %v", list, err)
			}
		})
		t.Run("a listener's error undoes the change", func(t *testing.T) {
			refused := errors.New("refused")
			w.OnCover(func(_ *database.Tx, posts []Post) error {
				if slices.Contains(posts, MakePost("auxiliary", grid)) {
					return refused
				}
				return nil
			})
			_, err := w.Appoint(w.ctx, System(), AppointCommand{Account: a, Post: MakePost("auxiliary", grid)})
			if !errors.Is(err, refused) || w.reg.Load().lives(MakePost("auxiliary", grid), w.clock.now()) {
				t.Fatalf("got %v", err)
			}
		})
		t.Run("another node sees it after Refresh", func(t *testing.T) {
			other := newWorld(t, w.db, w.clock, w.areas)
			head := MakePost("grid-head", grid2)
			w.appoint(a, head)
			if changed, err := other.Refresh(w.ctx); err != nil || !changed || len(other.Holders(head, w.clock.now())) != 1 {
				t.Fatalf("changed %v, %v", changed, err)
			}
			if changed, err := other.Refresh(w.ctx); err != nil || changed {
				t.Fatalf("changed %v again, %v", changed, err)
			}
		})
		t.Run("everything is in the access log", func(t *testing.T) {
			entries, _, err := w.AccessLog(w.ctx, System(), audit.Filter{Object: a}, audit.Page{})
			if err != nil || len(entries) < 4 {
				t.Fatalf("%d entries, %v", len(entries), err)
			}
		})
	})
}

func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	w := lite(t)
	head := w.with("head", MakePost("centre-head", township))
	admin := w.with("admin", MakePost(RoleAdministrator, county))
	member := w.with("member", MakePost("grid-member", grid))
	sup := w.with("sup", MakePost("supervisor", township))
	new1 := w.person("new1")
	for rule, c := range map[string]struct {
		who  *Actor
		acc  string
		post Post
		code string
	}{
		"a centre head fills posts below":                 {head, new1, MakePost("grid-member", grid), ""},
		"a centre head fills posts of units below":        {head, new1, MakePost("unit-head", team), ""},
		"a centre head fills no post of another township": {head, new1, MakePost("grid-member", farGrid), "not-in-reach"},
		"a centre head fills no post above":               {head, new1, MakePost(RoleDutyOfficer, county), "not-in-reach"},
		"a centre head makes no supervisor (case.audit)":  {head, new1, MakePost("supervisor", township), "beyond-own"},
		"a grid member fills nothing":                     {member, new1, MakePost("auxiliary", grid), "not-in-reach"},
		"an administrator fills what may more":            {admin, new1, MakePost("supervisor", township), ""},
		"but not with themselves":                         {admin, admin.ID(), MakePost(RoleDutyOfficer, county), "self-appointment"},
		"a resident fills nothing":                        {Resident(""), new1, MakePost("auxiliary", grid), "not-in-reach"},
		"nobody fills nothing":                            {nil, new1, MakePost("auxiliary", grid), "not-in-reach"},
	} {
		t.Run(rule, func(t *testing.T) {
			_, err := w.Appoint(w.ctx, c.who, AppointCommand{Account: c.acc, Post: c.post})
			if c.code == "" {
				wantNone(t, err)
				return
			}
			wantCode(t, err, c.code)
		})
	}
	t.Run("nobody takes over an account that may more", func(t *testing.T) {
		_, err := w.SetPassword(w.ctx, head, sup.ID())
		wantCode(t, err, "beyond-own")
		_, err = w.SetPassword(w.ctx, head, admin.ID())
		wantCode(t, err, "not-in-reach")
		wantCode(t, w.SetActive(w.ctx, head, sup.ID(), false, "x"), "beyond-own")
		_, err = w.SetPassword(w.ctx, head, member.ID())
		wantNone(t, err)
	})
	t.Run("the last administrator stays", func(t *testing.T) {
		list, err := w.History(w.ctx, System(), MakePost(RoleAdministrator, county), "")
		wantNone(t, err)
		for _, at := range []time.Time{{}, start.Add(time.Hour)} {
			_, err = w.End(w.ctx, System(), EndCommand{Appointment: list[0].ID, At: at, Reason: "x"})
			wantCode(t, err, "last-administrator")
		}
		wantCode(t, w.SetActive(w.ctx, System(), admin.ID(), false, "x"), "last-administrator")
		second := w.person("second")
		w.appoint(second, MakePost(RoleAdministrator, Everywhere))
		_, err = w.End(w.ctx, System(), EndCommand{Appointment: list[0].ID, Reason: "x"})
		wantNone(t, err)
		wantCode(t, w.SetActive(w.ctx, System(), second, false, "x"), "last-administrator")
	})
	t.Run("switching off empties the posts and signs out", func(t *testing.T) {
		id := w.person("off")
		w.appoint(id, MakePost("dispatcher", village))
		in := w.login("off", "correct horse battery")
		wantNone(t, w.SetActive(w.ctx, System(), id, false, "长假"))
		_, err := w.Authenticate(w.ctx, in.Secret)
		wantCode(t, err, "signed-out")
		if w.Cover(MakePost("dispatcher", village), w.clock.now()).Holder == MakePost("dispatcher", village) {
			t.Fatal("still answers")
		}
		findings, err := w.Check(w.ctx)
		wantNone(t, err)
		if !slices.ContainsFunc(findings, func(f Finding) bool { return f.Code == "inactive-account" && f.Severity == "error" }) {
			t.Fatal("check says nothing of it")
		}
		wantNone(t, w.SetActive(w.ctx, System(), id, true, "回来"))
		if w.Cover(MakePost("dispatcher", village), w.clock.now()).Holder != MakePost("dispatcher", village) {
			t.Fatal("does not answer again")
		}
	})
}

// What the listeners hear about an appointment is exactly its beginning and its end, whatever the clock does and
// however many nodes turn over, and what is in memory equals what is stored.
func TestTurnOverTellsEachBeginningAndEndOnce(t *testing.T) {
	w := lite(t)
	w.with("root", MakePost(RoleAdministrator, Everywhere))
	other := newWorld(t, w.db, w.clock, w.areas)
	heard := map[Post]int{}
	listen := func(_ *database.Tx, posts []Post) error {
		for _, p := range posts {
			heard[p]++
		}
		return nil
	}
	w.OnCover(listen)
	other.OnCover(listen)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		w.clock.set(start.Add(time.Duration(run) * 1000 * time.Hour)) // what a run left open does not disturb the next
		begin := w.clock.now()
		for _, n := range []*world{w, other} {
			if err := n.TurnOver(w.ctx); err != nil {
				rt.Fatal(err)
			}
		}
		clear(heard)
		latest := begin
		count := rapid.IntRange(1, 4).Draw(rt, "n")
		var made []Appointment
		for i := range count {
			id := w.person(fmt.Sprintf("p%d-%d", run, i))
			from := begin.Add(time.Duration(rapid.IntRange(-3, 6).Draw(rt, "from")) * time.Hour)
			cmd := AppointCommand{Account: id, Post: MakePost("volunteer", []string{village, village2, farVill}[i%3]), From: from}
			if rapid.Bool().Draw(rt, "ends") {
				cmd.To = begin.Add(time.Duration(rapid.IntRange(7, 12).Draw(rt, "to")) * time.Hour)
			}
			a, err := w.Appoint(w.ctx, System(), cmd)
			if err != nil {
				rt.Fatal(err)
			}
			made = append(made, a)
		}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			w.clock.pass(time.Duration(rapid.IntRange(-120, 400).Draw(rt, "minutes")) * time.Minute)
			if now := w.clock.now(); now.After(latest) {
				latest = now
			}
			node := rapid.SampledFrom([]*world{w, other}).Draw(rt, "node")
			if err := node.TurnOver(w.ctx); err != nil {
				rt.Fatal(err)
			}
		}
		w.clock.set(latest)
		if err := other.TurnOver(w.ctx); err != nil {
			rt.Fatal(err)
		}
		// appointments of one post that turn at one moment are told together
		want := map[Post]map[time.Time]bool{}
		direct := map[Post]int{}
		for _, a := range made {
			if want[a.Post] == nil {
				want[a.Post] = map[time.Time]bool{}
			}
			if a.From.After(begin) {
				if !a.From.After(latest) {
					want[a.Post][a.From] = true
				}
			} else {
				direct[a.Post]++
			}
			if !a.To.IsZero() && !a.To.After(latest) {
				want[a.Post][a.To] = true
			}
		}
		for p, at := range want {
			if heard[p] != direct[p]+len(at) {
				rt.Fatalf("%s: heard %d times, want %d at once and %d by time", p, heard[p], direct[p], len(at))
			}
		}
		for _, n := range []*world{w, other} {
			if _, err := n.Refresh(w.ctx); err != nil {
				rt.Fatal(err)
			}
			sameRegistry(rt, n)
		}
	})
}

// sameRegistry compares what is in memory with what the database gives.
func sameRegistry(t rapid.TB, w *world) {
	var stored *registry
	if err := w.db.Read(w.ctx, func(tx *database.Tx) (err error) { stored, err = readRegistry(tx); return err }); err != nil {
		t.Fatal(err)
	}
	have := w.reg.Load()
	now := w.clock.now()
	flat := func(r *registry) map[Post][]Appointment {
		out := map[Post][]Appointment{}
		for p, list := range r.byPost {
			for _, a := range list {
				if a.To.IsZero() || a.To.After(now) {
					out[p] = append(out[p], *a)
				}
			}
		}
		return out
	}
	if have.version != stored.version || !reflect.DeepEqual(flat(have), flat(stored)) || !reflect.DeepEqual(have.accounts, stored.accounts) {
		t.Fatalf("memory (version %d) differs from the database (version %d)", have.version, stored.version)
	}
}

func TestMemoryEqualsTheDatabaseAfterAnyChange(t *testing.T) {
	w := lite(t)
	w.with("root", MakePost(RoleAdministrator, Everywhere))
	var ids, made []string
	for i := range 3 {
		ids = append(ids, w.person(fmt.Sprintf("p%d", i)))
	}
	roles := []string{"grid-member", "grid-head", "auxiliary"}
	rapid.Check(t, func(rt *rapid.T) {
		for range 5 {
			id := rapid.SampledFrom(ids).Draw(rt, "who")
			switch rapid.IntRange(0, 4).Draw(rt, "what") {
			case 0, 1:
				a, err := w.Appoint(w.ctx, System(), AppointCommand{Account: id, Deputy: rapid.Bool().Draw(rt, "deputy"),
					Post: MakePost(rapid.SampledFrom(roles).Draw(rt, "role"), rapid.SampledFrom([]string{grid, grid2}).Draw(rt, "place"))})
				if err == nil {
					made = append(made, a.ID)
				}
			case 2:
				if len(made) > 0 {
					_, _ = w.End(w.ctx, System(), EndCommand{Appointment: rapid.SampledFrom(made).Draw(rt, "which"), Reason: "x"})
				}
			case 3:
				if err := w.SetActive(w.ctx, System(), id, rapid.Bool().Draw(rt, "active"), "x"); err != nil {
					rt.Fatal(err)
				}
			case 4:
				w.clock.pass(time.Minute)
			}
		}
		sameRegistry(rt, w)
	})
}

func TestPostsFollowTheirAreas(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		change := func(c area.Change) {
			t.Helper()
			wantNone(t, w.db.Write(w.ctx, func(tx *database.Tx) error { return w.AreaChanged(tx, c) }))
		}
		to := start.Add(1000 * time.Hour)
		a, b := w.person("aa"), w.person("bb")
		_, err := w.Appoint(w.ctx, System(), AppointCommand{Account: a, Post: MakePost("grid-member", grid), To: to})
		wantNone(t, err)
		w.appoint(b, MakePost("grid-head", grid))
		w.appoint(b, MakePost("grid-head", grid2))
		change(area.Change{Kind: area.ChangeMerge, From: []string{grid}, To: []string{grid2}})
		t.Run("merged: appointments go on at the successor under the same terms", func(t *testing.T) {
			list, err := w.History(w.ctx, System(), "", a)
			wantNone(t, err)
			i := slices.IndexFunc(list, func(x Appointment) bool { return x.Post == MakePost("grid-member", grid2) })
			if len(list) != 2 || i < 0 || !list[i].To.Equal(to) || list[i].Continues != list[1-i].ID {
				t.Fatalf("%+v", list)
			}
		})
		t.Run("merged: who is there already is not appointed twice", func(t *testing.T) {
			if got := w.PostsOf(b, w.clock.now()); !slices.Equal(got, []Post{MakePost("grid-head", grid2)}) {
				t.Fatalf("%v", got)
			}
		})
		change(area.Change{Kind: area.ChangeSplit, From: []string{grid2}, To: []string{"320682001001008", "320682001001009"}})
		t.Run("split: the first part keeps the people, marked for review", func(t *testing.T) {
			if got := w.PostsOf(a, w.clock.now()); !slices.Equal(got, []Post{MakePost("grid-member", "320682001001008")}) {
				t.Fatalf("%v", got)
			}
			for _, x := range w.reg.Load().byAccount[a] {
				if x.Spans(w.clock.now()) && x.Review == "" {
					t.Fatalf("%+v", x)
				}
			}
		})
		c := w.person("cc")
		w.appoint(c, MakePost("grid-member", farGrid))
		change(area.Change{Kind: area.ChangeSplit, From: []string{farGrid}, To: []string{farGrid, "320682002001009"}})
		t.Run("split: a part that keeps the code keeps the appointment, and the mark can be taken off", func(t *testing.T) {
			list := w.Reviews(System(), "/320682/320682002/")
			if len(list) != 1 || list[0].Account != c {
				t.Fatalf("%+v", list)
			}
			wantNone(t, w.Reviewed(w.ctx, System(), list[0].ID))
			if list := w.Reviews(System(), "/"); slices.ContainsFunc(list, func(x Appointment) bool { return x.Account == c }) {
				t.Fatalf("%+v", list)
			}
		})
		change(area.Change{Kind: area.ChangeMove, From: []string{farGrid}, To: []string{farGrid}})
		t.Run("moved: nothing changes", func(t *testing.T) {
			if got := w.PostsOf(c, w.clock.now()); len(got) != 1 {
				t.Fatalf("%v", got)
			}
		})
		change(area.Change{Kind: area.ChangeClose, From: []string{farGrid}, To: []string{farVill}})
		t.Run("closed: appointments end with the reason", func(t *testing.T) {
			list, err := w.History(w.ctx, System(), "", c)
			if err != nil || len(list) != 1 || list[0].EndedReason == "" || len(w.PostsOf(c, w.clock.now())) != 0 {
				t.Fatalf("%+v %v", list, err)
			}
		})
		sameRegistry(t, w)
	})
}
