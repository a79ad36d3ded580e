package simulate

import (
	"slices"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
)

// Queue is how many open cases stood at each stage, written model/stage.
type Queue struct {
	At     time.Time      `json:"at"`
	Stages map[string]int `json:"stages"`
}

// queue counts the open cases of every midnight from their hand-overs.
type queue struct {
	first time.Time // the first midnight
	days  []map[string]int
	seen  []standing // of the case being counted
}

// standing is a stage at which a case stood at midnight.
type standing struct {
	day   int
	stage string
}

func newQueue(from, until time.Time) *queue {
	q := &queue{first: midnight(from)}
	for at := q.first; !at.After(until); at = at.AddDate(0, 0, 1) {
		q.days = append(q.days, map[string]int{})
	}
	return q
}

// day is the first midnight at or after the moment.
func (q *queue) day(at time.Time) int {
	since := at.Sub(q.first)
	if since <= 0 {
		return 0
	}
	return int((since + 24*time.Hour - 1) / (24 * time.Hour))
}

// add counts a case wherever it stood. While several have hand-overs at one stage it stands there once.
func (q *queue) add(model string, p *casework.Past) {
	q.seen = q.seen[:0]
	for i := range p.Tasks {
		h := &p.Tasks[i]
		if h.Kind == flow.KindApproval {
			continue
		}
		until := len(q.days)
		if !h.State.Open() {
			until = min(until, q.day(h.ClosedAt))
		}
		for day := q.day(h.GivenAt); day < until; day++ {
			if s := (standing{day, h.Stage}); !slices.Contains(q.seen, s) {
				q.seen = append(q.seen, s)
				q.days[day][model+"/"+h.Stage]++
			}
		}
	}
}

func (q *queue) list() []Queue {
	out := make([]Queue, len(q.days))
	for i, stages := range q.days {
		out[i] = Queue{At: q.first.AddDate(0, 0, i), Stages: stages}
	}
	return out
}
