package casework

import (
	"encoding/json"
	"time"

	"linli/internal/flow"
	"linli/internal/staff"
)

// line is an entry of a timeline as far as the proof needs it.
type line struct {
	seq    int64
	at     time.Time
	action string
	task   int

	by, stage, end string
	other          string // the other case concerned
	file           string // the attachment brought
	score          int    // the rating given
	changes        []TaskChange
	fields         map[string][2]any // facts corrected: before and after
	moved          bool              // the overall deadline, in Unix ms:
	before, after  int64
}

// read takes in what the entry says beyond who and when. room is lent for its changes.
func (l *line) read(text string, room []TaskChange) ([]TaskChange, error) {
	p := plain{text: text}
	quick := *l
	if room = p.line(&quick, room); p.done() {
		*l = quick
		return room, nil
	}
	var d EntryData
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return room, err
	}
	l.take(&d)
	return room, nil
}

// take is read for an entry that encoding/json has read.
func (l *line) take(d *EntryData) {
	l.by, l.stage, l.end, l.other, l.changes, l.fields = d.By, d.Stage, d.End, d.Case, d.Changes, d.Fields
	score, _ := d.Form["score"].(float64)
	l.score = int(score)
	l.file, _ = d.Form["file"].(string)
	if move, ok := d.Clock["case"]; ok {
		l.moved, l.before, l.after = true, move[0], move[1]
	}
}

// line reads the data of an entry; facts corrected are left to encoding/json.
func (p *plain) line(l *line, room []TaskChange) []TaskChange {
	p.need('{')
	if p.field("by") {
		l.by = p.string()
	}
	if p.field("form") {
		p.form(l)
	}
	if p.field("stage") {
		l.stage = p.string()
	}
	if p.field("end") {
		l.end = p.string()
	}
	if p.field("changes") {
		from := len(room)
		p.need('[')
		for p.next(']') {
			room = append(room, TaskChange{})
			p.change(&room[len(room)-1])
		}
		l.changes = room[from:len(room):len(room)]
	}
	if p.field("told") {
		p.need('[')
		for p.next(']') {
			p.skipString()
		}
	}
	if p.field("clock") {
		p.moves(l)
	}
	if p.field("text") {
		p.skipString()
	}
	if p.field("case") {
		l.other = p.string()
	}
	if p.field("late") {
		p.bool()
	}
	p.need('}')
	return room
}

// mostScore is far above every rating and far below what a floating number rounds.
const mostScore = 1 << 50

// form keeps the rating and the file of what was filled in.
func (p *plain) form(l *line) {
	p.need('{')
	for p.next('}') {
		key := p.string()
		p.need(':')
		switch key {
		case "score":
			if l.score = int(p.integer()); l.score > mostScore || l.score < -mostScore {
				p.fail() // encoding/json rounds it
			}
		case "file":
			l.file = p.string()
		default:
			p.skip(0)
		}
	}
}

func (p *plain) change(c *TaskChange) {
	p.need('{')
	if p.field("op") {
		c.Op = flow.ChangeOp(p.string())
	}
	if p.field("task") {
		c.Task = int(p.integer())
	}
	if p.field("kind") {
		c.Kind = flow.TaskKind(p.string())
	}
	if p.field("state") {
		c.State = flow.TaskState(p.string())
	}
	if p.field("post") {
		c.Post = staff.Post(p.string())
	}
	if p.field("holder") {
		c.Holder = staff.Post(p.string())
	}
	if p.field("due") {
		c.Due = p.moment()
	}
	p.need('}')
}

// moves keeps how the overall deadline moved.
func (p *plain) moves(l *line) {
	p.need('{')
	for p.next('}') {
		key := p.string()
		p.need(':')
		p.need('[')
		before := p.integer()
		p.need(',')
		after := p.integer()
		p.need(']')
		if key == "case" {
			l.moved, l.before, l.after = true, before, after
		}
	}
}
