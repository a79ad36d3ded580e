package casework

import (
	"fmt"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// whole is a case with everything that belongs to it.
type whole struct {
	*Case
	dues   []int64 // due_at of the tasks as stored
	lines  []line
	files  []Attachment
	unread []unread // what of it could not be read
	lost   bool     // the case itself could not be read
	sure   bool     // it is clear which hand-over is the responsible one
}

// unread is something that could not be read, and why.
type unread struct {
	object string
	err    error
}

// stretch is a range of case ids: behind one, up to and with another. The first one has no beginning and the last no
// end, so that together they hold every row there is, whatever it calls its case.
type stretch struct {
	no           int // its place in the order, from 0
	behind, upTo string
	first, last  bool
}

// holds is the condition that an id lies in the stretch.
func (s stretch) holds(column string) (where string, args []any) {
	switch {
	case s.first && s.last:
		return "1 = 1", nil
	case s.first:
		return column + " <= $1", []any{s.upTo}
	case s.last:
		return column + " > $1", []any{s.behind}
	}
	return column + " > $1 AND " + column + " <= $2", []any{s.behind, s.upTo}
}

// page is the cases of a stretch. Its room is used again for the next one.
type page struct {
	wholes  []whole
	cases   []Case
	tasks   []Task
	dues    []int64
	lines   []line
	changes []TaskChange
	files   []Attachment
}

// read fills the page with what lies in the stretch, case by case. Rows that belong to no case are told.
func (k *checker) read(s stretch) error {
	p := &k.page
	*p = page{p.wholes[:0], p.cases[:0], p.tasks[:0], p.dues[:0], p.lines[:0], p.changes[:0], p.files[:0]}
	for _, step := range []func(stretch) error{k.readCases, k.readTasks, k.readLines, k.readFiles} {
		if err := step(s); err != nil {
			return err
		}
	}
	return nil
}

// The words of a case (title, body, address) and of its reporter's client are not looked at.
const (
	provedOfCase = `id, serial, version, path, area, model, stage, ended, category, urgency, lat, lon, why,
		public, confidential, anonymous, supervised, asked, account, caller, phone, phone_blind, first_post, owner, holder, owner_task,
		reported_at, received_at, ended_at, updated_at, due_at, hop_due_at, paused_at, next_at, clock,
		pauses, extensions, reopens, rating, merged_into`
	provedOfTask = `case_id, no, kind, stage, post, holder, state, responsible, about, request, trail,
		given_at, taken_at, closed_at, outcome, due_at, clock, handle`
	provedOfEntry = `case_id, seq, at, action, task, public, data`
)

// instant reads a time.
func instant(r *database.Row) time.Time { return database.Time(r.Integer()) }

func (k *checker) readCases(s stretch) error {
	where, args := s.holds("id")
	err := k.tx.Stream(`SELECT `+provedOfCase+` FROM cases WHERE `+where+` ORDER BY id`, args, func(r *database.Row) error {
		k.page.cases = append(k.page.cases, Case{})
		w := whole{Case: &k.page.cases[len(k.page.cases)-1]}
		if err := w.Case.read(r); err != nil {
			w.lost, w.unread = true, []unread{{"case", err}}
		}
		k.page.wholes = append(k.page.wholes, w)
		return nil
	})
	for i := range k.page.wholes { // the room may have moved while it grew
		k.page.wholes[i].Case = &k.page.cases[i]
	}
	return err
}

func (c *Case) read(r *database.Row) error {
	c.ID, c.Serial, c.Version, c.Path, c.Area = r.Text(), r.Integer(), r.Integer(), r.Text(), r.Text()
	c.Model, c.Stage, c.Ended, c.Category, c.Urgency = r.Text(), r.Text(), r.Text(), r.Text(), r.Text()
	r.Real()
	r.Real()
	why := r.Text()
	c.Public, c.Confidential, c.Anonymous, c.Supervised, c.Asked = r.Boolean(), r.Boolean(), r.Boolean(), r.Boolean(), r.Boolean()
	c.Account, c.caller, c.phone, c.phoneBlind = r.Text(), r.Bytes(), r.Bytes(), r.Text()
	c.FirstPost, c.Owner, c.Holder, c.OwnerTask = staff.Post(r.Text()), staff.Post(r.Text()), staff.Post(r.Text()), int(r.Integer())
	c.ReportedAt, c.ReceivedAt, c.EndedAt, c.UpdatedAt = instant(r), instant(r), instant(r), instant(r)
	c.DueAt, c.HopDueAt, c.PausedAt, c.nextAt = instant(r), instant(r), instant(r), instant(r)
	clock := r.Text()
	c.Pauses, c.Extensions, c.Reopens, c.Rating, c.MergedInto = int(r.Integer()), int(r.Integer()), int(r.Integer()), int(r.Integer()), r.Text()
	if r.Err() != nil {
		return r.Err()
	}
	if err := readWhy(why); err != nil {
		return fmt.Errorf("why: %w", err)
	}
	if err := readClock(clock, &c.Clock); err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	return nil
}

// owners goes through the cases of a page beside rows that come in the order of their case.
type owners struct {
	k     *checker
	part  part // where rows of nobody are told
	table string
	at    int
	stray string // the case that is not there
	rows  int64  // its rows
}

// of gives the case with the id; nil when there is none. Ids come in rising order.
func (o *owners) of(id string) *whole {
	list := o.k.page.wholes
	for o.at < len(list) && list[o.at].ID < id {
		o.at++
	}
	if o.at < len(list) && list[o.at].ID == id {
		return &list[o.at]
	}
	if o.rows > 0 && o.stray != id {
		o.tell()
	}
	o.stray = id
	o.rows++
	return nil
}

func (o *owners) tell() {
	if o.rows > 0 {
		o.k.orphans(o.part, o.table, o.stray, o.rows)
		o.rows = 0
	}
}

// belonging reads the rows of a table that belong to the cases of the page; the first column names the case.
func (k *checker) belonging(in part, table, list, order string, s stretch, take func(*whole, *database.Row)) error {
	where, args := s.holds("case_id")
	o := owners{k: k, part: in, table: table}
	err := k.tx.Stream(`SELECT `+list+` FROM `+table+` WHERE `+where+` ORDER BY case_id, `+order, args, func(r *database.Row) error {
		if w := o.of(r.Text()); w != nil {
			take(w, r)
		}
		return nil
	})
	o.tell()
	return err
}

func (k *checker) readTasks(s stretch) error {
	p := &k.page
	return k.belonging(ofTasks, "task", provedOfTask, "no", s, func(w *whole, r *database.Row) {
		k.found.stats.Tasks++
		p.tasks = append(p.tasks, Task{})
		t := &p.tasks[len(p.tasks)-1]
		due, err := t.read(r)
		if err != nil {
			w.unread = append(w.unread, unread{taskName(t.No), err})
			return
		}
		p.dues = append(p.dues, due)
		w.Tasks, w.dues = grown(w.Tasks, p.tasks), grown(w.dues, p.dues)
	})
}

// grown is part with the last of all, which it ends before. The room of all may have moved meanwhile.
func grown[T any](part, all []T) []T {
	n := len(part) + 1
	return all[len(all)-n : len(all) : len(all)]
}

func (t *Task) read(r *database.Row) (due int64, err error) {
	t.No, t.Kind, t.Stage = int(r.Integer()), flow.TaskKind(r.Text()), r.Text()
	t.Post, t.Holder, t.State = staff.Post(r.Text()), staff.Post(r.Text()), flow.TaskState(r.Text())
	t.Responsible, t.About = r.Boolean(), int(r.Integer())
	request, trail := r.Text(), r.Text()
	t.GivenAt, t.TakenAt, t.ClosedAt, t.Outcome = instant(r), instant(r), instant(r), r.Text()
	due = r.Integer()
	clock, handle := r.Text(), r.Text()
	if r.Err() != nil {
		return due, r.Err()
	}
	if t.Request, err = readRequest(request); err != nil {
		return due, fmt.Errorf("request: %w", err)
	}
	if err := readTrail(trail); err != nil {
		return due, fmt.Errorf("trail: %w", err)
	}
	if err := readClock(clock, &t.Clock); err != nil {
		return due, fmt.Errorf("clock: %w", err)
	}
	if err := readAllowance(handle); err != nil {
		return due, fmt.Errorf("allowance: %w", err)
	}
	return due, nil
}

func (k *checker) readLines(s stretch) error {
	p := &k.page
	return k.belonging(ofTimelines, "timeline", provedOfEntry, "seq", s, func(w *whole, r *database.Row) {
		k.found.stats.Entries++
		p.lines = append(p.lines, line{})
		l := &p.lines[len(p.lines)-1]
		l.seq, l.at, l.action, l.task = r.Integer(), instant(r), r.Text(), int(r.Integer())
		r.Boolean()
		data := r.Text()
		err := r.Err()
		if err == nil {
			p.changes, err = l.read(data, p.changes)
		}
		if err != nil {
			w.unread = append(w.unread, unread{lineName(l), err})
			return
		}
		w.lines = grown(w.lines, p.lines)
	})
}

func lineName(l *line) string { return fmt.Sprintf("entry %d", l.seq) }

func (k *checker) readFiles(s stretch) error {
	p := &k.page
	const list = `case_id, id, at, name, hash, thumb, size, public`
	return k.belonging(ofFiles, "attachment", list, "at, id", s, func(w *whole, r *database.Row) {
		k.found.stats.Files++
		a := Attachment{Case: w.ID, ID: r.Text(), At: instant(r), Name: r.Text(), hash: r.Text(), thumb: r.Text(), Size: r.Integer(), Public: r.Boolean()}
		if r.Err() != nil {
			w.unread = append(w.unread, unread{a.ID, r.Err()})
			return
		}
		p.files = append(p.files, a)
		w.files = grown(w.files, p.files)
	})
}
