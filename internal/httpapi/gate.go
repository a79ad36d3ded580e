package httpapi

import (
	"context"
	"sync"
	"time"
)

// gate lets in as many requests at once as can be worked on without making any of them slow, keeps a short
// line of those who wait, and refuses the others at once.
//
// How many that is, nobody can say beforehand: the engines differ several times over, a list costs more than a
// report, and a disk has bad days. So the gate goes by time. While somebody waits and the work inside takes longer
// than it should, fewer are let in; while it is quick, more (multiplicative decrease, additive increase, as TCP
// does). The line is bounded by time, too: nobody waits longer than patience, and when the line has not been empty
// for a while it is no burst but too much work, and waiting for it helps nobody (CoDel, RFC 8289).
type gate struct {
	least, most int           // bounds of limit; equal: the limit stands
	target      time.Duration // how long the work of a request should take at most, on average
	patience    time.Duration // the longest wait in the line
	short       time.Duration // the same while the line stands
	now         func() time.Time

	mu       sync.Mutex
	limit    int       // how many may be inside at once, now
	inside   int       // how many are
	line     line      // who waits, in the order they came
	standing time.Time // since when the line has not been empty; zero: nobody waits
	closed   bool
	empty    chan struct{} // closed when the gate is closed and nobody is inside
	window   window
	rate     float64 // requests finished in a second when there was too much to do; 0: never seen
}

// What is given for the answer of most requests: the work, and the wait before it, stay well below a second together.
const (
	workTarget    = 100 * time.Millisecond
	waitPatience  = 400 * time.Millisecond
	waitShort     = 100 * time.Millisecond
	standingAfter = time.Second            // a line that has not been empty for so long is no burst
	windowLength  = 100 * time.Millisecond // how often the limit is looked at
)

// newGate begins with a few, for nothing is known yet: a limit that is too low grows within a second or two without
// anybody being refused, one that is too high has let them in already.
func newGate(least, most int, now func() time.Time) *gate {
	least = min(least, most)
	return &gate{least: least, most: most, limit: max(least, most/8), target: workTarget, patience: waitPatience, short: waitShort,
		now: now, empty: make(chan struct{})}
}

// reason is why a request was not let in.
type reason string

const (
	letIn      reason = ""
	lineFull   reason = "line-full"  // it is as long as can be worked off in time
	waitedLong reason = "waited"     // its time in the line is over
	bodiesFull reason = "bodies"     // those in memory are as large together as they may be
	cutOff     reason = "incomplete" // its body did not arrive
	stopping   reason = "stopping"   // the program is
	wentAway   reason = "went-away"  // the client, while it waited
)

// enter waits for a place inside. Whoever was let in must leave with the time returned.
func (g *gate) enter(ctx context.Context) (time.Time, reason) {
	now := g.now()
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return now, stopping
	}
	if g.inside < g.limit && g.line.n == 0 {
		g.goIn(now)
		g.mu.Unlock()
		return now, letIn
	}
	if g.line.n >= g.room(now) {
		g.mu.Unlock()
		return now, lineFull
	}
	w := &waiter{since: now, called: make(chan bool, 1)}
	if g.line.n == 0 {
		g.standing = now
	}
	g.window.crowded = true
	g.line.push(w)
	patience := g.wait(now)
	g.mu.Unlock()

	timer := time.NewTimer(patience)
	defer timer.Stop()
	why := waitedLong
	select {
	case in := <-w.called:
		return g.called(in)
	case <-timer.C:
	case <-ctx.Done():
		why = wentAway
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case in := <-w.called: // at this very moment
		return g.called(in)
	default:
	}
	g.line.remove(w)
	if g.line.n == 0 {
		g.standing = time.Time{}
	}
	return now, why
}

func (g *gate) called(in bool) (time.Time, reason) {
	if !in {
		return time.Time{}, waitedLong
	}
	return g.now(), letIn
}

// leave gives the place back.
func (g *gate) leave(entered time.Time) {
	now := g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	g.measure(now, now.Sub(entered))
	g.call(now)
	if g.closed && g.inside == 0 {
		close(g.empty)
	}
}

// hopeless tells, before anything is read of a request, that it would be refused.
func (g *gate) hopeless() (reason, bool) {
	now := g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return stopping, true
	case g.inside < g.limit || g.line.n < g.room(now):
		return letIn, false
	}
	return lineFull, true
}

// close lets nobody in any more; who waits is refused. The channel tells when the last one has left.
func (g *gate) close() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return g.empty
	}
	g.closed = true
	for w := g.line.pop(); w != nil; w = g.line.pop() {
		w.called <- false
	}
	if g.inside == 0 {
		close(g.empty)
	}
	return g.empty
}

func (g *gate) goIn(now time.Time) {
	if g.inside == 0 {
		g.window = window{began: now} // idle time is no measure
	}
	g.inside++
}

// call lets in who waits, as far as there are places. Who has waited too long is refused instead: its client may
// have given up, and those behind it have not.
func (g *gate) call(now time.Time) {
	for g.inside < g.limit && g.line.n > 0 {
		w := g.line.pop()
		in := now.Sub(w.since) <= g.wait(now)
		if in {
			g.goIn(now)
		}
		w.called <- in
	}
	if g.line.n == 0 {
		g.standing = time.Time{}
	}
}

// wait is how long somebody may stand in the line now.
func (g *gate) wait(now time.Time) time.Duration {
	if !g.standing.IsZero() && now.Sub(g.standing) >= standingAfter {
		return g.short
	}
	return g.patience
}

// room is how many may stand in the line: as many as can be let in within their patience, by what was seen.
func (g *gate) room(now time.Time) int {
	if g.rate == 0 {
		return g.most
	}
	return max(g.least, int(g.rate*g.wait(now).Seconds()))
}

// window is a stretch of time in which the work was measured.
type window struct {
	began   time.Time
	done    int
	took    time.Duration // of all together
	crowded bool          // somebody had to wait
}

// measure counts a request that is done, and at the end of a window sets the limit for the next.
func (g *gate) measure(now time.Time, took time.Duration) {
	w := &g.window
	w.done++
	w.took += took
	long := now.Sub(w.began)
	if long < windowLength {
		return
	}
	// What those take who come now is better told by Little's law than by those who are done, who may have come
	// before it grew slow: as many as are inside, at the pace at which they leave.
	takes := max(w.took, time.Duration(g.inside)*long) / time.Duration(w.done)
	switch {
	case takes <= g.target:
		if g.limit = min(g.most, g.limit+max(1, g.limit/8)); g.limit == g.most && !w.crowded {
			g.rate = 0 // what was seen in worse times says nothing now
		}
	case w.crowded:
		g.limit = max(g.least, g.limit/2, int(int64(g.limit)*int64(g.target)/int64(takes)))
	}
	if w.crowded {
		rate := float64(w.done) / long.Seconds()
		if g.rate > 0 {
			rate = (g.rate + rate) / 2
		}
		g.rate = rate
	}
	g.window = window{began: now, crowded: g.line.n > 0}
}

// figures are how many are inside, may be inside, and wait.
func (g *gate) figures() (inside, limit, waiting int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inside, g.limit, g.line.n
}

// line is who waits: first come, first served, and anybody may walk off.
type line struct {
	first, last *waiter
	n           int
}

type waiter struct {
	since          time.Time
	called         chan bool // true: come in; false: too late
	before, behind *waiter
}

func (l *line) push(w *waiter) {
	if w.before = l.last; l.last == nil {
		l.first = w
	} else {
		l.last.behind = w
	}
	l.last = w
	l.n++
}

func (l *line) pop() *waiter {
	w := l.first
	if w != nil {
		l.remove(w)
	}
	return w
}

func (l *line) remove(w *waiter) {
	if w.before == nil {
		l.first = w.behind
	} else {
		w.before.behind = w.behind
	}
	if w.behind == nil {
		l.last = w.before
	} else {
		w.behind.before = w.before
	}
	w.before, w.behind = nil, nil
	l.n--
}
