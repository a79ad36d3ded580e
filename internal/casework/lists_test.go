package casework_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

// TestListsAreWhatOneWouldPickByHand compares every way a list may be read with picking from all cases, for one holder of each
// role, page by page. Clocks were wrong meanwhile, and not all is in the search index.
func TestListsAreWhatOneWouldPickByHand(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		c.Walk(12, 120)
		c.Clock.Pass(-70 * time.Hour) // a clock that is wrong by days
		c.Walk(4, 10)
		c.Clock.Pass(110 * time.Hour)
		c.Walk(8, 60)
		c.Report() // in no index yet
		c.Clock.Pass(-45 * time.Hour)
		c.Report()
		var all []*casework.Case
		days := map[time.Time]bool{}
		for _, id := range c.IDs {
			all = append(all, whole(t, c, id))
			days[all[len(all)-1].ReceivedAt.Truncate(24*time.Hour)] = true
		}
		if len(days) < 4 {
			t.Fatalf("the cases are of %d days", len(days))
		}
		listed := 0
		for name, actor := range oneOfEachRole(c) {
			for _, f := range waysToList(c.IDs, all) {
				want := picked(actor, all, f)
				listed += len(want)
				f.PageSize = 3
				if got := paged(t, c, actor, f); !slices.Equal(got, want) {
					t.Errorf("%s, %+v:\nhave %v\nwant %v", name, f, got, want)
				}
			}
		}
		if listed < 1000 {
			t.Errorf("only %d rows were compared", listed)
		}
	})
}

func oneOfEachRole(c *prooftest.County) map[string]*staff.Actor {
	actors, roles := map[string]*staff.Actor{"the program": staff.System()}, map[string]bool{}
	var posts []staff.Post
	for post := range c.People {
		posts = append(posts, post)
	}
	slices.Sort(posts)
	for _, post := range posts {
		actor, ok := c.Staff.ActorOf(c.People[post], c.Clock.Now())
		kind := fmt.Sprint(post.Role(), strings.Contains(post.Place(), "-urban"))
		if !ok || roles[kind] || len(actor.Paths("case.read"))+len(actor.Orgs("case.read")) == 0 {
			continue
		}
		roles[kind] = true
		actors[string(post)] = actor
	}
	return actors
}

// waysToList are lists of times, orders and states.
func waysToList(ids []string, all []*casework.Case) (out []casework.Filter) {
	moments := []time.Time{{}, all[3].ReceivedAt, all[len(ids)/2].ReceivedAt.Add(time.Millisecond), all[len(ids)-1].ReceivedAt, prooftest.Start.AddDate(0, 1, 0)}
	for _, order := range []string{"newest", "oldest", "updated", "due"} {
		for _, state := range []string{"all", "open", "ended"} {
			for _, narrow := range []casework.Filter{{}, {Urgency: "normal"}, {Area: prooftest.Root + "001"}, {Area: prooftest.Root + "001001"}, {Urgency: "urgent", Area: prooftest.Root + "002002001"}} {
				f := narrow
				f.Scope, f.Sort, f.State = "area", order, state
				out = append(out, f)
			}
			for i, from := range moments {
				for _, to := range append([]time.Time{{}}, moments[i+1:]...) {
					out = append(out, casework.Filter{Scope: "area", Sort: order, State: state, From: from, To: to})
				}
			}
		}
	}
	return out
}

// picked is the list by hand.
func picked(actor *staff.Actor, all []*casework.Case, f casework.Filter) []string {
	cases := slices.Clone(all)
	cases = slices.DeleteFunc(cases, func(c *casework.Case) bool {
		open := c.EndedAt.IsZero()
		return !readsByHand(actor, c) || f.State == "open" && !open || f.State == "ended" && open ||
			f.Urgency != "" && c.Urgency != f.Urgency || f.Area != "" && !strings.Contains(c.Path, "/"+f.Area+"/") ||
			!f.From.IsZero() && c.ReceivedAt.Before(f.From) || !f.To.IsZero() && !c.ReceivedAt.Before(f.To)
	})
	slices.SortFunc(cases, func(a, b *casework.Case) int {
		bySerial := cmp.Compare(a.Serial, b.Serial)
		switch f.Sort {
		case "oldest":
			return bySerial
		case "newest":
			return -bySerial
		case "updated":
			return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), -bySerial)
		default:
			return cmp.Or(cmp.Compare(dueLast(a), dueLast(b)), bySerial)
		}
	})
	ids := make([]string, len(cases))
	for i, c := range cases {
		ids[i] = c.ID
	}
	return ids
}

// dueLast is when a case falls due, those that never do at the end.
func dueLast(c *casework.Case) int64 {
	if c.HopDueAt.IsZero() {
		return 1 << 62
	}
	return c.HopDueAt.UnixMilli()
}

func readsByHand(actor *staff.Actor, c *casework.Case) bool {
	if actor.System() {
		return true
	}
	for _, path := range actor.Paths("case.read") {
		if strings.HasPrefix(c.Path, path) && (!c.Confidential || actor.SeesConfidential(path)) {
			return true
		}
	}
	for _, unit := range actor.Orgs("case.read") {
		for _, task := range c.Tasks {
			if task.Post.Place() == unit && (!c.Confidential || task.Open() && actor.SeesConfidentialOrg(unit)) {
				return true
			}
		}
	}
	return false
}

// paged reads a list to its end.
func paged(t *testing.T, c *prooftest.County, actor *staff.Actor, f casework.Filter) []string {
	t.Helper()
	ids := []string{}
	for {
		page, err := c.Cases.List(context.Background(), actor, f)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		for _, got := range page.Cases {
			ids = append(ids, got.ID)
		}
		if f.After = page.Next; f.After == "" {
			return ids
		}
	}
}

// TestWordsToPostsComeNewestFirst compares the pages with all that was left for the posts.
func TestWordsToPostsComeNewestFirst(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		c.Walk(20, 250)
		c.Clock.Pass(60 * time.Hour)
		c.Sweep()
		ctx := context.Background()
		actors := oneOfEachRole(c)
		delete(actors, "the program")
		for _, actor := range actors {
			for _, id := range c.IDs[:len(c.IDs)/2] {
				_ = c.Cases.Seen(ctx, actor, id) // many may not know of it
			}
		}
		seen, unseen := 0, 0
		for name, actor := range actors {
			for _, ask := range []casework.AlertQuery{{Limit: 2}, {Limit: 3, Unseen: true}, {}} {
				want := wordsByHand(t, c, actor, ask.Unseen)
				got := []string{}
				for {
					list, next, err := c.Cases.Alerts(ctx, actor, ask)
					if err != nil {
						t.Fatal(err)
					}
					for _, a := range list {
						got = append(got, wordKey(database.Millis(a.At), a.Case, a.Seq, string(a.Post)))
						if a.Seen {
							seen++
						} else {
							unseen++
						}
					}
					if ask.After = next; next == "" {
						break
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, %+v:\nhave %v\nwant %v", name, ask, got, want)
				}
			}
		}
		if seen == 0 || unseen == 0 {
			t.Errorf("%d seen and %d unseen were compared", seen, unseen)
		}
	})
}

func wordKey(at int64, id string, seq int64, post string) string {
	return fmt.Sprintf("%015d %s %06d %s", at, id, seq, post)
}

func wordsByHand(t *testing.T, c *prooftest.County, actor *staff.Actor, onlyUnseen bool) []string {
	t.Helper()
	out := []string{}
	if err := c.DB.Read(context.Background(), func(tx *database.Tx) error {
		_, err := database.All(tx, func(sc database.Scanner) (struct{}, error) {
			var post, id string
			var at, seq, seenAt int64
			err := sc.Scan(&post, &id, &seq, &at, &seenAt)
			if actor.Holds(staff.Post(post)) && (!onlyUnseen || seenAt == 0) {
				out = append(out, wordKey(at, id, seq, post))
			}
			return struct{}{}, err
		}, `SELECT post, case_id, seq, at, seen_at FROM alert`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out
}
