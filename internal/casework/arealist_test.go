package casework_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

// TestListsOfAreasAreWhatANaiveFilterGives: whoever asks, about whatever area, by pages of whatever size.
func TestListsOfAreasAreWhatANaiveFilterGives(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		crowd := build(t, c)
		c.Walk(40, 400)
		for i, at := range []string{prooftest.Root, prooftest.Root + "001", prooftest.Root + "001001", crowd[0], crowd[7], crowd[7]} {
			_, err := c.Cases.Submit(context.Background(), staff.System(), casework.Report{ID: c.NewID(), Text: fmt.Sprintf("第%d处没有灯", i), Channel: "hotline", Place: area.Place{Area: at}})
			if err != nil {
				t.Fatal(err)
			}
		}
		all := stored(t, c)
		actors := everybody(t, c)
		random := rand.New(rand.NewPCG(3, 4))
		areas := []string{"", "", prooftest.Root, prooftest.Root + "001", prooftest.Root + "002", prooftest.Root + "001001", prooftest.Root + "002001", crowd[7], prooftest.Root + "001001001", prooftest.Root + "002002002"}
		found, ended := 0, 0
		for range 600 {
			f := casework.Filter{Scope: "area", Area: anyOf(random, areas), State: anyOf(random, []string{"", "all", "ended"}), Sort: anyOf(random, []string{"", "newest", "oldest"}),
				Urgency: anyOf(random, []string{"", "", "normal"}), Category: anyOf(random, []string{"", "", "01.01"}), Stage: anyOf(random, []string{"", "", "", "verify"}), PageSize: 1 + random.IntN(12)}
			if random.IntN(4) == 0 {
				f.From = prooftest.Start.Add(time.Duration(random.IntN(600)) * time.Minute)
			}
			actor := anyOf(random, actors)
			var want []string
			for _, k := range all {
				if mayList(actor, k) && asked(c, k, f) {
					want = append(want, k.ID)
					if !k.EndedAt.IsZero() {
						ended++
					}
				}
			}
			if f.Sort == "oldest" {
				slices.Reverse(want)
			}
			got := listed(t, c, actor, f)
			found += len(got)
			if !slices.Equal(got, want) {
				t.Fatalf("%v asks %+v: %d cases instead of %d\n%v\n%v", actor.Posts(), f, len(got), len(want), got, want)
			}
		}
		if found < 1000 || ended < 300 {
			t.Errorf("%d cases found, %d of them ended: too few to prove anything", found, ended)
		}
	})
}

func anyOf[T any](random *rand.Rand, of []T) T { return of[random.IntN(len(of))] }

// build puts up fifty buildings in a village: too many for its places to be looked at one by one.
func build(t *testing.T, c *prooftest.County) (codes []string) {
	t.Helper()
	ctx := context.Background()
	grid := prooftest.Root + "002001001"
	path := c.Areas.Tree().Path(grid)
	err := c.DB.Write(ctx, func(tx *database.Tx) error {
		for i := range 50 {
			code := fmt.Sprintf("%s%03d", grid, i)
			codes = append(codes, code)
			if _, err := tx.Exec(`INSERT INTO area (code, name, level, kind, parent, path, aliases, closed, successors, calendar, population, version)
				VALUES ($1, $2, 'building', '', $3, $4, '[]', $5, '[]', '', 30, 2)`, code, fmt.Sprintf("%d号楼", i), grid, path+code+"/", false); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`UPDATE area_revision SET version = 2`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := c.Areas.Refresh(ctx); err != nil || !changed {
		t.Fatalf("areas read again: %v, %v", changed, err)
	}
	return codes
}

// everybody is the program, everybody who holds a post, and some who hold several.
func everybody(t *testing.T, c *prooftest.County) (list []*staff.Actor) {
	t.Helper()
	at := c.Clock.Now()
	posts := slices.DeleteFunc(slices.Sorted(maps.Keys(c.People)), func(p staff.Post) bool {
		actor, ok := c.Staff.ActorOf(c.People[p], at)
		return !ok || !actor.Anywhere("case.read")
	})
	for i, p := range posts {
		for _, more := range []int{1, 5, 11, 17} {
			q := posts[(i+more)%len(posts)]
			if i%more == 0 && q != p {
				if _, err := c.Staff.Appoint(context.Background(), staff.System(), staff.AppointCommand{Account: c.People[p], Post: q}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	list = append(list, staff.System())
	for _, p := range posts {
		actor, _ := c.Staff.ActorOf(c.People[p], at)
		list = append(list, actor)
	}
	return list
}

// stored are all cases with their hand-overs, newest first.
func stored(t *testing.T, c *prooftest.County) (all []*casework.Case) {
	t.Helper()
	var ids []string
	err := c.DB.Read(context.Background(), func(tx *database.Tx) (err error) {
		ids, err = database.Column[string](tx, `SELECT id FROM cases ORDER BY serial DESC`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		v, err := c.Cases.Read(context.Background(), staff.System(), id)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v.Case)
	}
	return all
}

// mayList is what List says about permissions, case by case.
func mayList(actor *staff.Actor, k *casework.Case) bool {
	for _, path := range actor.Paths("case.read") {
		if strings.HasPrefix(k.Path, path) && (!k.Confidential || actor.SeesConfidential(path)) {
			return true
		}
	}
	for _, unit := range actor.Orgs("case.read") {
		for _, task := range k.Tasks {
			if task.Post.Place() == unit && (!k.Confidential || task.Open() && actor.SeesConfidentialOrg(unit)) {
				return true
			}
		}
	}
	return false
}

func asked(c *prooftest.County, k *casework.Case, f casework.Filter) bool {
	return (f.Area == "" || strings.HasPrefix(k.Path, c.Areas.Tree().Path(f.Area))) && (f.State != "ended" || !k.EndedAt.IsZero()) &&
		(f.Urgency == "" || k.Urgency == f.Urgency) && (f.Category == "" || strings.HasPrefix(k.Category+".", f.Category+".")) &&
		(f.Stage == "" || k.Stage == f.Stage) && (f.From.IsZero() || !k.ReceivedAt.Before(f.From))
}

// listed is all of a list, page by page.
func listed(t *testing.T, c *prooftest.County, actor *staff.Actor, f casework.Filter) (ids []string) {
	t.Helper()
	for {
		page, err := c.Cases.List(context.Background(), actor, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range page.Cases {
			ids = append(ids, k.ID)
		}
		if page.Next == "" {
			return ids
		}
		if len(page.Cases) != f.PageSize {
			t.Fatalf("a page of %d with another behind it", len(page.Cases))
		}
		f.After = page.Next
	}
}
