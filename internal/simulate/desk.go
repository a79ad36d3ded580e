package simulate

import (
	"container/heap"
	"context"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/internal/calendar"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/staff"
)

// desk is where work waits: one person's, or one that several colleagues share.
type desk struct {
	key   string
	seats int
	busy  int
	queue jobHeap
	cal   *calendar.Calendar
	woken time.Time // an opening it will wake at
}

// job is one hand-over lying on a desk.
type job struct {
	id      string // case
	task    int
	state   flow.TaskState
	account string // on whose own desk it lies; empty: a shared one
	rank    int    // urgency, the most urgent first
	seq     int64  // then in the order it came
	hands   float64
	wait    float64
	tries   int
}

// loaded is how much lies there.
func (d *desk) loaded() int { return d.busy + len(d.queue) }

// plan puts every hand-over that now waits for somebody on that post's desk.
func (e *engine) plan(c *casework.Case) {
	t := e.cases[c.ID]
	if t == nil {
		return
	}
	e.count(t, c)
	t.last = c
	if !c.Open() {
		t.last = nil
		if !t.ended {
			t.ended = true
			e.result.ended++
			e.afterEnd(c)
		}
		clear(t.planned)
		return
	}
	t.ended = false
	for i := range c.Tasks {
		h := &c.Tasks[i]
		if !h.Open() || h.State == flow.Contested {
			delete(t.planned, h.No)
			continue
		}
		if t.planned[h.No] == h.State || e.rests(c, t, h) {
			continue
		}
		t.planned[h.No] = h.State
		e.hand(c, h, 0)
	}
}

// count keeps the number of open cases by stage.
func (e *engine) count(t *tracked, c *casework.Case) {
	stage := ""
	if c.Open() {
		name, _, _ := strings.Cut(c.Model, "@")
		stage = name + "/" + c.Stage
	}
	if stage == t.stage {
		return
	}
	if t.stage != "" {
		e.waiting[t.stage]--
	}
	if stage != "" {
		e.waiting[stage]++
	}
	t.stage = stage
}

// rests tells whether nobody works on a hand-over for now: the case is paused, a question is open, or the
// lead waits for the members.
func (e *engine) rests(c *casework.Case, t *tracked, h *casework.Task) bool {
	if h.Kind == flow.KindApproval {
		return false
	}
	if !c.PausedAt.IsZero() || c.Asked && !t.gaveUp && h.Responsible {
		return true
	}
	return h.Kind == flow.KindLead && h.State == flow.Taken && slices.ContainsFunc(c.Tasks, func(m casework.Task) bool {
		return m.Open() && (m.Kind == flow.KindMember && m.Stage == h.Stage || m.Kind == flow.KindRuling)
	})
}

var ranks = map[string]int{"urgent": 0, "priority": 1, "normal": 2, "complex": 3}

// hand puts a hand-over on a desk; extra is time in minutes that passes before it is looked at.
func (e *engine) hand(c *casework.Case, h *casework.Task, tries int) {
	d, ok := e.app.Library.Lookup(c.Model)
	if !ok {
		return
	}
	r := e.draw(c, "effort/"+strconv.Itoa(h.No)+"/"+string(h.State)+"/"+strconv.Itoa(tries))
	effort := e.staff.effort(d, h.Kind, h.State, h.Stage)
	j := &job{id: c.ID, task: h.No, state: h.State, rank: ranks[c.Urgency], hands: math.Max(effort.Hands.draw(r), 1), wait: effort.Wait.draw(r), tries: tries}
	if c.Urgency == "urgent" {
		j.hands, j.wait = math.Max(j.hands*e.staff.UrgentFactor, 1), j.wait*e.staff.UrgentFactor
	}
	if tries > 0 {
		j.wait += 60
	}
	desk := e.deskOf(h, j)
	e.seq++
	j.seq = e.seq
	heap.Push(&desk.queue, j)
	e.serve(desk)
}

// deskOf finds the desk of whoever answers for a hand-over: the shared one of a post that is staffed by
// number, else the own desk of the person with the least to do.
func (e *engine) deskOf(h *casework.Task, j *job) *desk {
	work := e.staff.work(h.Holder)
	if work.People > 0 {
		return e.deskAt("post "+string(h.Holder), work.People, h.Holder, work)
	}
	var best *desk
	for _, account := range e.app.Staff.Cover(h.Holder, e.clock.Now()).Accounts {
		if slices.Contains(h.Exclude, account) {
			continue
		}
		d := e.deskAt("account "+account, 1, h.Holder, work)
		if best == nil || d.loaded() < best.loaded() {
			best, j.account = d, account
		}
	}
	if best == nil {
		best = e.deskAt("post "+string(h.Holder), 1, h.Holder, work)
	}
	return best
}

func (e *engine) deskAt(key string, seats int, p staff.Post, w Work) *desk {
	if d := e.desks[key]; d != nil {
		return d
	}
	cal := e.calendarAt(p.Place())
	if w.Calendar != "" {
		cal = e.app.Cases.Calendars().Get(w.Calendar)
	}
	d := &desk{key: key, seats: seats, cal: cal}
	e.desks[key] = d
	return d
}

// serve lets free hands take what waits: in their hours, or at any hour what is urgent.
func (e *engine) serve(d *desk) {
	now := e.clock.Now()
	for d.busy < d.seats && len(d.queue) > 0 {
		anyHour := e.staff.AnyHour && d.queue[0].rank == 0
		if !anyHour && !d.cal.Open(now) {
			opens := d.cal.NextOpen(now)
			if !d.woken.Equal(opens) {
				d.woken = opens
				e.push(event{at: opens, kind: evWake, desk: d.key})
			}
			return
		}
		j := heap.Pop(&d.queue).(*job)
		d.busy++
		e.push(event{at: e.after(d.cal, now, j.hands, anyHour), kind: evSeat, desk: d.key, job: j})
	}
}

// after is when so many minutes of working time have passed.
func (e *engine) after(cal *calendar.Calendar, from time.Time, minutes float64, anyHour bool) time.Time {
	measure := calendar.Working
	if anyHour {
		measure = calendar.Emergency
	}
	at, _ := cal.Add(measure, from, time.Duration(minutes*float64(time.Minute)).Truncate(time.Second))
	return at
}

// seatFree: somebody has done their part of the work; what must be waited for is waited for, then the
// action is taken.
func (e *engine) seatFree(ctx context.Context, ev event) error {
	d := e.desks[ev.desk]
	d.busy--
	if ev.job.wait > 0 {
		e.push(event{at: e.after(d.cal, e.clock.Now(), ev.job.wait, e.staff.AnyHour && ev.job.rank == 0), kind: evAct, job: ev.job})
	} else if err := e.perform(ctx, ev.job); err != nil {
		return err
	}
	e.serve(d)
	return nil
}

// draw gives the chances of one decision. They depend on the seed, the case, how far it is and what is
// decided, never on what else happens, so that a run that was stopped goes on alike.
func (e *engine) draw(c *casework.Case, purpose string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(c.ID + "/" + strconv.FormatInt(c.Version, 10) + "/" + purpose))
	return rand.New(rand.NewPCG(e.o.Seed, h.Sum64()))
}

type jobHeap []*job

func (h jobHeap) Len() int { return len(h) }
func (h jobHeap) Less(i, j int) bool {
	if h[i].rank != h[j].rank {
		return h[i].rank < h[j].rank
	}
	return h[i].seq < h[j].seq
}
func (h jobHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *jobHeap) Push(x any)   { *h = append(*h, x.(*job)) }
func (h *jobHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
