package simulate

import (
	"cmp"
	"slices"
	"time"
)

// Stream is reports in the order of their time, made as they are asked for: a year of a county need not lie in
// memory.
type Stream struct {
	Count       int
	First, Last time.Time
	day         func(n int) []Arrival // the reports of a day, in order; n counts from 0
	days        int

	year *Year // how its people speak; nil: as the samples do
}

// streamOf gives a list as a stream, in order and, if asked, moved.
func streamOf(list []Arrival, begin time.Time) *Stream {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b Arrival) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Row, b.Row)) })
	if !begin.IsZero() {
		by := begin.Sub(out[0].At)
		for i := range out {
			out[i].At = out[i].At.Add(by)
		}
	}
	return &Stream{Count: len(out), First: out[0].At, Last: out[len(out)-1].At, days: 1, day: func(int) []Arrival { return out }}
}

// reader goes through a stream once.
type reader struct {
	*Stream
	day   int // to be made next
	ready []Arrival
	index int // of the next one
}

// next gives the next report and its place in the stream; false at the end.
func (r *reader) next() (a Arrival, index int, ok bool) {
	for len(r.ready) == 0 {
		if r.day == r.days {
			return a, r.index, false
		}
		r.ready = r.Stream.day(r.day)
		r.day++
	}
	a, r.ready = r.ready[0], r.ready[1:]
	r.index++
	return a, r.index - 1, true
}
