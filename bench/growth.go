package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"linli/internal/casework"
)

// question is something else that is asked all day, whose cost might grow with what is stored.
type question struct {
	what string
	ask  func(ctx context.Context, w *worker) (found int, err error)
	want int // how many it must find at least
}

// questions are asked by the dispatcher. Words are not among them: the copies' texts are in no index, see measureYearSearch.
var questions = []question{
	{"the numbers over a dispatcher's list (open, overdue, today, …)", func(ctx context.Context, w *worker) (int, error) {
		n, err := w.app.Cases.Counts(ctx, w.actor)
		return n.Open, err
	}, seedSort},
	{"a case by its number", func(ctx context.Context, w *worker) (int, error) {
		page, err := w.app.Cases.List(ctx, w.actor, casework.Filter{Scope: "area", State: "all", Text: w.number})
		return len(page.Cases), err
	}, 1},
	{"the 50 newest cases that a dispatcher may read, ended or not", func(ctx context.Context, w *worker) (int, error) {
		page, err := w.app.Cases.List(ctx, w.actor, casework.Filter{Scope: "area", State: "all"})
		return len(page.Cases), err
	}, listed},
}

// questionSpan is how long a question is asked in one turn: some take a hundred times as long as others.
const questionSpan = 100 * time.Millisecond

// askTurn asks every question again and again for a moment, a few times at least.
func (w *worker) askTurn(ctx context.Context) error {
	const least = 3
	for i, q := range questions {
		times := 0
		took, err := timed(func() error {
			for end := now().Add(questionSpan); times < least || now().Before(end); times++ {
				if found, err := q.ask(ctx, w); err != nil || found < q.want {
					return errors.Join(fmt.Errorf("%s: %d found", q.what, found), err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		w.asked[i].add(float64(took.Microseconds()) / float64(times))
	}
	return nil
}

func describeQuestions(t *table, at map[int]*worker, sizes []int) {
	first, last := at[sizes[0]], at[sizes[len(sizes)-1]]
	for i, q := range questions {
		for _, n := range sizes {
			t.figure(fmt.Sprintf("%s, %s cases stored", q.what, size(at[n].stored)), at[n].asked[i].with(" µs"))
		}
		t.figure(fmt.Sprintf("— at %s ÷ at %s cases", size(last.stored), size(first.stored)), last.asked[i].over(first.asked[i]).with(""))
	}
}
