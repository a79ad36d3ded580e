package simulate

import (
	"fmt"
	"io"
	"time"
)

// How often progress is written.
const (
	renewEvery = time.Second
	lineEvery  = 15 * time.Second
)

// meter writes how far a run is, on one line that renews itself or on lines of their own.
type meter struct {
	out   io.Writer
	wall  func() time.Time
	total int
	lines bool
	every time.Duration
	began time.Time
	last  time.Time
	first counted // what was there when it began
	wrote bool
}

// counted is how far a run is.
type counted struct{ commands, reported, ended int }

func newMeter(out io.Writer, wall func() time.Time, total int, lines bool) *meter {
	m := &meter{out: out, wall: wall, total: total, lines: lines, every: renewEvery}
	if out == nil || wall == nil {
		m.wall = nil
		return m
	}
	if lines {
		m.every = lineEvery
	}
	m.began = wall()
	m.last = m.began
	return m
}

// begin notes what an earlier run has done: the rate is that of this one.
func (m *meter) begin(c counted) { m.first = c }

// tick writes a line when its time has come.
func (m *meter) tick(at time.Time, c counted) {
	if m.wall == nil {
		return
	}
	now := m.wall()
	if now.Sub(m.last) < m.every {
		return
	}
	m.last = now
	spent := now.Sub(m.began).Seconds()
	left := "—"
	if done := c.reported - m.first.reported; done > 0 && c.reported <= m.total {
		left = (time.Duration(spent*float64(m.total-c.reported)/float64(done)) * time.Second).String()
	}
	line := fmt.Sprintf("%s  %d %%  %d of %d reports, %d ended, %.0f actions/s, about %s left", at.In(beijing).Format("2006-01-02 15:04"),
		100*c.reported/max(m.total, 1), c.reported, m.total, c.ended, float64(c.commands-m.first.commands)/max(spent, 0.001), left)
	m.write(line)
}

// say writes what is being done besides.
func (m *meter) say(what string) {
	if m.wall != nil {
		m.write(what)
	}
}

// count writes how much of it is done, when its time has come.
func (m *meter) count(what string, n int) {
	if m.wall == nil || m.wall().Sub(m.last) < m.every {
		return
	}
	m.last = m.wall()
	m.write(fmt.Sprintf("%s: %d of %d", what, n, m.total))
}

func (m *meter) write(line string) {
	if m.lines {
		_, _ = fmt.Fprintln(m.out, line)
		return
	}
	m.wrote = true
	_, _ = fmt.Fprintf(m.out, "\r%s\033[K", line)
}

func (m *meter) end() {
	if m.wrote {
		_, _ = fmt.Fprintln(m.out)
	}
}
