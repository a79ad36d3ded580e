package simulate

import (
	"fmt"
	"io"
	"time"
)

// meter writes one line that renews itself.
type meter struct {
	out   io.Writer
	wall  func() time.Time
	total int
	began time.Time
	last  time.Time
	n     int
	wrote bool
}

func newMeter(out io.Writer, wall func() time.Time, total int) *meter {
	m := &meter{out: out, wall: wall, total: total}
	if out == nil || wall == nil {
		m.wall = nil
		return m
	}
	m.began = wall()
	m.last = m.began
	return m
}

// tick writes the line when a second has gone by.
func (m *meter) tick(at time.Time, commands, reported, ended int) {
	m.n++
	if m.wall == nil || m.n%64 != 0 {
		return
	}
	now := m.wall()
	if now.Sub(m.last) < time.Second {
		return
	}
	m.last = now
	spent := now.Sub(m.began).Seconds()
	eta := "—"
	if reported > 0 && reported <= m.total {
		eta = (time.Duration(spent*float64(m.total-reported)/float64(reported)) * time.Second).String()
	}
	m.wrote = true
	_, _ = fmt.Fprintf(m.out, "\r%s  %d of %d reports, %d ended, %d commands, %.0f/s, about %s left   ",
		at.In(beijing).Format("2006-01-02 15:04"), reported, m.total, ended, commands, float64(commands)/max(spent, 0.001), eta)
}

func (m *meter) end() {
	if m.wrote {
		_, _ = fmt.Fprintln(m.out)
	}
}
