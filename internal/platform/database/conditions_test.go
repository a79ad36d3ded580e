package database_test

import (
	"slices"
	"testing"

	"linli/internal/platform/database"
)

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		name, want string
		args       []any
		ask        func(*database.Conditions)
	}{
		{name: "none finds everything", want: "1 = 1", ask: func(*database.Conditions) {}},
		{name: "all have to hold", want: "a = $1 AND b IN ($2, $3)", args: []any{1, "x", "y"}, ask: func(q *database.Conditions) {
			q.And("a = " + q.Arg(1))
			q.And("b IN (" + q.List([]string{"x", "y"}) + ")")
		}},
		{name: "one of some", want: "a = $1 AND (b = $2 OR c = $3)", args: []any{1, 2, 3}, ask: func(q *database.Conditions) {
			q.And("a = " + q.Arg(1))
			q.Any([]string{"b = " + q.Arg(2), "c = " + q.Arg(3)})
		}},
		{name: "one of none finds nothing", want: "(1 = 0)", ask: func(q *database.Conditions) { q.Any(nil) }},
		{name: "a place and below it", want: "path >= $1 AND path < $2", args: []any{"/320682/", "/3206820"}, ask: func(q *database.Conditions) {
			q.And(q.Under("path", "/320682/"))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var q database.Conditions
			c.ask(&q)
			if got := q.Where(); got != c.want {
				t.Errorf("Where() = %q, want %q", got, c.want)
			}
			if !slices.Equal(q.Args, c.args) {
				t.Errorf("Args = %v, want %v", q.Args, c.args)
			}
		})
	}
}

func TestConditionsEither(t *testing.T) {
	var q database.Conditions
	q.And("a = " + q.Arg(1))
	q.And("b = " + q.Arg(2))
	if got, want := q.Either(), "a = $1 OR b = $2"; got != want {
		t.Errorf("Either() = %q, want %q", got, want)
	}
}
