package main

import (
	"fmt"
	"slices"
)

// levels is what a load gave with different numbers of clients.
type levels struct {
	clients []int
	at      map[int]*level
}

// level is what it gave with one number of clients, round by round.
type level struct {
	rate, p50, p99         samples // per second, ms
	client, server, engine samples // processors busy with the load, the program, PostgreSQL's processes
	refused                int     // told to come later
}

func newLevels(clients []int) *levels {
	l := &levels{clients: clients, at: map[int]*level{}}
	for _, n := range clients {
		l.at[n] = &level{}
	}
	return l
}

func (l *levels) last() int { return slices.Max(l.clients) }

func (l *levels) add(clients int, o outcome) {
	at := l.at[clients]
	at.rate.add(o.rate)
	at.p50.add(o.p50)
	at.p99.add(o.p99)
	at.client.add(o.client)
	at.server.add(o.server)
	at.engine.add(o.engine)
	at.refused += o.refused
}

// describe is a cell with rate, median time and refusals.
func (l *level) describe(unit string) string {
	text := fmt.Sprintf("%s, p50 %s", l.rate.with(unit), l.p50.with(" ms"))
	if l.refused > 0 {
		text += fmt.Sprintf(", %s told to come later", commas(int64(l.refused)))
	}
	return text
}

// note says below the table who kept the processors busy, and what the load cost them.
func (l *level) note(t *table, when string, s *store) {
	text := fmt.Sprintf("%s the load itself kept %s processors busy (%s each), the program %s", when, l.client.with(""), cost(l.client, l.rate).with(" µs"), l.server.with(""))
	if s.backends != nil {
		text += ", PostgreSQL's processes " + l.engine.with("")
	} else if s.server != nil {
		text += "; PostgreSQL's own could not be seen"
	}
	t.note("%s.", text)
}
