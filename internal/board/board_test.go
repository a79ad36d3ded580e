package board_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"linli/internal/board"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/fault"
	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

// Places of the county of the tests: a township with a village of two grids, and its neighbours.
const (
	county    = prooftest.Root
	township  = county + "001"
	village   = township + "001"
	grid      = village + "001"
	nextGrid  = village + "002"
	farTown   = county + "002"
	farGrid   = farTown + "001001"
	housing   = county + "-housing"
	team      = township + "-team"
	ownNumber = "13900000000" // of every account there
)

var ctx = context.Background()

// world is a board over a county, with the clock the test moves.
type world struct {
	*board.Service
	*prooftest.County
	t testing.TB
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	clock := &prooftest.Clock{}
	dbtest.Each(t, clock.Now, append(prooftest.Schemas(), board.Schema()), func(t *testing.T, db *database.DB) {
		clock.Set(prooftest.Start)
		c := prooftest.New(t, db, clock)
		s := board.New(db, c.Areas.Tree, c.Staff)
		c.Areas.OnChange(s.AreaChanged)
		test(t, &world{Service: s, County: c, t: t})
	})
}

// holder is who holds a post, appointed if it was left vacant.
func (w *world) holder(role, place string) *staff.Actor {
	w.t.Helper()
	post := staff.MakePost(role, place)
	if w.People[post] == "" {
		w.Appoint(post)
	}
	a, ok := w.Staff.ActorOf(w.People[post], w.Clock.Now())
	if !ok {
		w.t.Fatalf("nobody holds %s", post)
	}
	return a
}

// put posts a notice in the name of the program.
func (w *world) put(area string, words board.Words) board.Notice {
	w.t.Helper()
	if words.Text == "" {
		words.Text = "内容在此。"
	}
	n, err := w.Post(ctx, staff.System(), w.NewID(), area, words)
	if err != nil {
		w.t.Fatalf("posting %q: %v", words.Title, fault.Of(err).Fields)
	}
	return n
}

// shown are the titles on the board of a place, for everybody.
func (w *world) shown(place string) string {
	w.t.Helper()
	list, err := w.Shown(ctx, nil, place, false)
	if err != nil {
		w.t.Fatal(err)
	}
	return titles(list)
}

// listed are the titles in the list of all notices in a state.
func (w *world) listed(state string) string {
	w.t.Helper()
	list, next, err := w.List(ctx, staff.System(), board.Filter{State: state, Limit: 200})
	if err != nil || next != "" {
		w.t.Fatalf("%q, %v", next, err)
	}
	return titles(list)
}

func titles(list []board.Notice) string {
	var out []string
	for i := range list {
		out = append(out, list[i].Title)
	}
	return strings.Join(out, " ")
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// refused looks at the code of a refusal and at the fields it names.
func refused(t testing.TB, what string, err error, code string, fields ...string) {
	t.Helper()
	if !fault.HasCode(err, code) {
		t.Errorf("%s: got %v, want %s", what, err, code)
		return
	}
	var got []string
	for _, f := range fault.Of(err).Fields {
		got = append(got, f.Name)
	}
	equal(t, what+", the fields", strings.Join(got, " "), strings.Join(fields, " "))
}

const day = 24 * time.Hour
