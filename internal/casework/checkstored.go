package casework

import (
	"encoding/json"
	"time"

	"linli/internal/calendar"
	"linli/internal/flow"
	"linli/internal/staff"
)

// What is stored as JSON, as the proof reads it: all of it is read, but only what is compared is kept.

// readClock reads a deadline with everything that moved it.
func readClock(text string, c *Clock) error {
	p := plain{text: text}
	if p.clock(c); p.done() {
		return nil
	}
	*c = Clock{}
	return json.Unmarshal([]byte(text), c)
}

func (p *plain) clock(c *Clock) {
	p.need('{')
	if p.field("start") {
		c.Start = p.moment()
	}
	if p.field("allow") {
		p.allowance(&c.Allow)
	}
	if p.field("calendar") {
		c.Calendar = p.string()
	}
	if p.field("version") {
		c.Version = p.string()
	}
	if p.field("moves") {
		p.need('[')
		for p.next(']') {
			var m Move
			p.move(&m)
			c.Moves = append(c.Moves, m)
		}
	}
	if p.field("stopped") {
		c.Stopped = p.moment()
	}
	if p.field("sent") {
		c.Sent = int(p.integer())
	}
	if p.field("at_most") {
		c.AtMost = p.moment()
	}
	p.running(&c.Clock)
	p.need('}')
}

// running reads the fields of the clock's arithmetic, which lie in the same object.
func (p *plain) running(c *calendar.Clock) {
	if p.field("measure") {
		c.Measure = calendar.Measure(p.string())
	}
	if p.field("due") {
		c.Due = p.moment()
	}
	if p.field("paused_at") {
		c.PausedAt = p.moment()
	}
	if p.field("left") {
		c.Left = time.Duration(p.integer())
	}
	if p.field("provisional") {
		c.Provisional = p.bool()
	}
}

func (p *plain) move(m *Move) {
	p.need('{')
	if p.field("op") {
		m.Op = p.string()
	}
	if p.field("at") {
		m.At = p.moment()
	}
	if p.field("allow") {
		p.allowance(&m.Allow)
	}
	p.need('}')
}

func (p *plain) allowance(a *calendar.Allowance) {
	p.need('{')
	if p.field("measure") {
		a.Measure = calendar.Measure(p.string())
	}
	if p.field("amount") {
		a.Amount = p.integer()
	}
	p.need('}')
}

// readAllowance sees that an allowance can be read; it is not compared.
func readAllowance(text string) error {
	var a calendar.Allowance
	p := plain{text: text}
	if p.allowance(&a); p.done() {
		return nil
	}
	return json.Unmarshal([]byte(text), &a)
}

// readWhy sees that why a case landed where it did can be read; it is not compared.
func readWhy(text string) error {
	p := plain{text: text}
	if p.why(); p.done() {
		return nil
	}
	var w Why
	return json.Unmarshal([]byte(text), &w)
}

func (p *plain) why() {
	p.need('{')
	if p.field("how") {
		p.skipString()
	}
	if p.field("confidence") {
		p.skipNumber()
	}
	if p.field("ask") {
		p.bool()
	}
	if p.field("text") {
		p.words()
	}
	if p.field("category") {
		p.skipString()
	}
	p.need('}')
}

func (p *plain) words() {
	p.need('{')
	if p.field("zh") {
		p.skipString()
	}
	if p.field("en") {
		p.skipString()
	}
	p.need('}')
}

// readTrail sees that the way to a post can be read; it is not compared.
func readTrail(text string) error {
	p := plain{text: text}
	if p.trail(); p.done() {
		return nil
	}
	var trail []staff.Step
	return json.Unmarshal([]byte(text), &trail)
}

func (p *plain) trail() {
	if p.word("null") {
		return
	}
	p.need('[')
	for p.next(']') {
		p.need('{')
		if p.field("post") {
			p.skipString()
		}
		if p.field("reason") {
			p.words()
		}
		p.need('}')
	}
}

// readRequest reads what a hand-over asks to approve; most ask for nothing.
func readRequest(text string) (*flow.Request, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // nothing asked for
	}
	r := new(flow.Request)
	return r, json.Unmarshal([]byte(text), r)
}
