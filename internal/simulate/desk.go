package simulate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
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
	queue heapOf[*job]
	cal   *calendar.Calendar
	woken time.Time // an opening it will wake at
	freed time.Time // when somebody there was last done with a piece of work
}

// job is one hand-over lying on a desk.
type job struct {
	t       *tracked
	task    int
	state   flow.TaskState
	account string // on whose own desk it lies; empty: a shared one
	rank    int    // urgency, the most urgent first
	seq     int64  // then in the order it came
	hands   float64
	wait    float64
	tries   int
	refused []string // actions the services did not do
}

func (a *job) before(b *job) bool {
	if a.rank != b.rank {
		return a.rank < b.rank
	}
	return a.seq < b.seq
}

// loaded is how much lies there.
func (d *desk) loaded() int { return d.busy + len(d.queue) }

// plan puts every hand-over that now waits for somebody on that post's desk.
func (e *engine) plan(t *tracked) {
	c := t.c
	e.watch(t)
	if !c.Open() {
		t.given = nil
		if !t.ended {
			t.ended = true
			e.result.ended++
			e.afterEnd(t)
		}
		e.forget(t)
		return
	}
	t.ended = false
	for i := range c.Tasks {
		h := &c.Tasks[i]
		if !h.Open() || h.State == flow.Contested {
			t.take(h.No)
			continue
		}
		if t.lies(h.No, h.State) || e.rests(c, t, h) || e.idle(h.Holder) {
			continue
		}
		t.put(h.No, h.State)
		e.hand(t, h, 0)
	}
}

// idle tells whether whoever holds a post does nothing any more.
func (e *engine) idle(p staff.Post) bool {
	since, ok := e.o.Idle[p]
	return ok && !e.now.Before(since)
}

// forget lets go of a case that has ended and of which nothing more is expected.
func (e *engine) forget(t *tracked) {
	if t.ended && t.events == 0 && t.window == 0 {
		delete(e.cases, t.at)
	}
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

// rank puts the most urgent first.
func rank(urgency string) int {
	if i := slices.Index(flow.Urgencies, urgency); i >= 0 {
		return i
	}
	return 0
}

// hand puts a hand-over on a desk.
func (e *engine) hand(t *tracked, h *casework.Task, tries int) {
	j := e.job(t, h, tries)
	if j == nil {
		return
	}
	desk := e.deskOf(h, j)
	desk.queue.push(j)
	e.serve(desk)
}

// job is the work that a hand-over makes; nil when the case's model is gone.
func (e *engine) job(t *tracked, h *casework.Task, tries int) *job {
	c := t.c
	d := e.model(c.Model)
	if d == nil {
		return nil
	}
	r := e.draw(c, "effort/"+strconv.Itoa(h.No)+"/"+string(h.State)+"/"+strconv.Itoa(tries))
	effort := e.staff.effort(d, h.Kind, h.State, h.Stage)
	e.seq++
	j := &job{t: t, task: h.No, state: h.State, rank: rank(c.Urgency), seq: e.seq, hands: math.Max(effort.Hands.draw(r), 1), wait: effort.Wait.draw(r), tries: tries}
	if c.Urgency == "urgent" {
		j.hands, j.wait = math.Max(j.hands*e.staff.UrgentFactor, 1), j.wait*e.staff.UrgentFactor
	}
	if tries > 0 {
		j.wait += 60
	}
	return j
}

// deskOf finds the desk of whoever answers for a hand-over: the shared one of a post that is staffed by
// number, else the own desk of the person with the least to do.
func (e *engine) deskOf(h *casework.Task, j *job) *desk {
	work := e.staff.work(h.Holder)
	if work.People > 0 {
		return e.deskAt("post "+string(h.Holder), work.People, h.Holder, work)
	}
	var best *desk
	for _, account := range e.cover(h.Holder) {
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
	now := e.now
	if d.freed.After(now) {
		now = d.freed // nobody begins before having ended
	}
	for d.busy < d.seats && len(d.queue) > 0 {
		anyHour := e.staff.AnyHour && d.queue.first().rank == 0
		if !anyHour && !d.cal.Open(now) {
			opens := d.cal.NextOpen(now)
			if !d.woken.Equal(opens) {
				d.woken = opens
				e.push(event{at: opens, kind: evWake, desk: d})
			}
			return
		}
		j := d.queue.pop()
		d.busy++
		e.push(event{at: e.after(d.cal, now, j.hands, anyHour), kind: evSeat, desk: d, job: j})
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
func (e *engine) seatFree(ev event) {
	d, j := ev.desk, ev.job
	d.busy--
	d.freed = e.now
	act := event{at: e.now, kind: evAct, job: j}
	if j.wait > 0 {
		act.at = e.after(d.cal, e.now, j.wait, e.staff.AnyHour && j.rank == 0)
	}
	e.push(act)
	e.serve(d)
}

// draw gives the chances of one decision. They depend on the seed, the case, how far it is and what is
// decided, never on what else happens, so that a run that was stopped goes on alike.
func (e *engine) draw(c *casework.Case, purpose string) *rand.Rand {
	return e.drawAt(c, c.Version, purpose)
}

func (e *engine) drawAt(c *casework.Case, version int64, purpose string) *rand.Rand {
	return rand.New(rand.NewPCG(e.o.Seed, hash(c.ID, "/", strconv.FormatInt(version, 10), "/", purpose)))
}

// hash is FNV-1a.
func hash(words ...string) uint64 {
	h := uint64(14695981039346656037)
	for _, w := range words {
		for i := range len(w) {
			h = (h ^ uint64(w[i])) * 1099511628211
		}
	}
	return h
}
