package simulate

import (
	"container/heap"
	"time"
)

type eventKind uint8

const (
	evArrival  eventKind = iota // the report with the index arrives
	evMidnight                  // a day ends
	evSeat                      // somebody at a desk is done with a piece of work
	evWake                      // a desk opens
	evAct                       // work that needed waiting for is done
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
	at    time.Time
	kind  eventKind
	seq   int64 // breaks ties, so that the order is always the same
	index int
	id    string
	desk  string
	job   *job
}

// agenda is the events to come, earliest first.
type agenda struct{ list eventHeap }

func (a *agenda) peek() (event, bool) {
	if len(a.list) == 0 {
		return event{}, false
	}
	return a.list[0], true
}

func (a *agenda) pop() { heap.Pop(&a.list) }

func (e *engine) push(ev event) {
	e.seq++
	ev.seq = e.seq
	heap.Push(&e.events.list, ev)
}

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].seq < h[j].seq
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
