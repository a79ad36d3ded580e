package simulate

import (
	"slices"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
)

type eventKind uint8

const (
	evArrival  eventKind = iota // the next report of the stream arrives
	evMidnight                  // a day ends
	evSeat                      // somebody at a desk is done with a piece of work
	evWake                      // a desk opens
	evAct                       // work that needed waiting for is done
	evSweep                     // the case has something due by itself
	evLook                      // look at a case again
	evAnswer                    // the reporter answers a question
	evNoAnswer                  // the reporter will not answer any more
	evResume                    // the reason for a pause is over
	evUrge                      // the reporter asks where it is
	evWithdraw                  // the reporter takes it back
	evRate                      // the reporter rates
	evReopen                    // the reporter wants it done again
	evCallBack                  // somebody calls the reporter
	evRateUnit                  // the whistler rates a unit
)

// event is something that will happen.
type event struct {
	at   time.Time
	seq  int64 // breaks ties, so that the order is always the same
	kind eventKind
	t    *tracked
	desk *desk
	job  *job
}

func (a event) before(b event) bool {
	if !a.at.Equal(b.at) {
		return a.at.Before(b.at)
	}
	return a.seq < b.seq
}

// tracked is what a run remembers of a case while something may still happen to it.
type tracked struct {
	at      int            // index of its arrival
	c       *casework.Case // as it came out of its last action
	code    string         // the reporter's
	given   []lying        // hand-overs that lie on somebody's desk
	done    []string       // names of the actions taken, each once
	gaveUp  bool           // the reporter did not answer
	ended   bool
	events  int       // of it on the agenda
	window  int64     // the window it has an action in; 0: none under way
	sweepAt time.Time // when it is on the agenda for the sweep
}

// lying is a hand-over in the state in which it lies on a desk.
type lying struct {
	Task  int
	State flow.TaskState
}

// lies tells whether the hand-over lies on a desk in that state.
func (t *tracked) lies(task int, state flow.TaskState) bool {
	return slices.Contains(t.given, lying{task, state})
}

// put notes that a hand-over lies on a desk, take that it does not any more.
func (t *tracked) put(task int, state flow.TaskState) {
	t.take(task)
	t.given = append(t.given, lying{task, state})
}

func (t *tracked) take(task int) {
	t.given = slices.DeleteFunc(t.given, func(l lying) bool { return l.Task == task })
}

// did tells whether an action has been taken on the case.
func (t *tracked) did(action string) bool { return slices.Contains(t.done, action) }

// push puts an event on the agenda.
func (e *engine) push(ev event) {
	e.seq++
	ev.seq = e.seq
	e.later(ev)
}

// later puts an event on the agenda with the place in the order that it has.
func (e *engine) later(ev event) {
	if ev.t != nil {
		ev.t.events++
	}
	e.agenda.push(ev)
}

// next takes the first event off the agenda.
func (e *engine) next() event {
	ev := e.agenda.pop()
	if ev.t != nil {
		ev.t.events--
	}
	return ev
}

// order is what a heap of things is kept by.
type ordered[T any] interface{ before(T) bool }

// heapOf keeps the first of its things at hand.
type heapOf[T ordered[T]] []T

func (h heapOf[T]) first() T { return h[0] }

func (h *heapOf[T]) push(x T) {
	*h = append(*h, x)
	list := *h
	for i := len(list) - 1; i > 0; {
		up := (i - 1) / 2
		if !list[i].before(list[up]) {
			return
		}
		list[i], list[up] = list[up], list[i]
		i = up
	}
}

func (h *heapOf[T]) pop() T {
	list := *h
	first, last := list[0], len(list)-1
	list[0] = list[last]
	var none T
	list[last] = none // nothing is kept alive by the room it had
	list = list[:last]
	*h = list
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(list) {
			return first
		}
		if down+1 < len(list) && list[down+1].before(list[down]) {
			down++
		}
		if !list[down].before(list[i]) {
			return first
		}
		list[i], list[down] = list[down], list[i]
		i = down
	}
}
