package casework

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/calendar"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

const caseColumns = `id, serial, version, path, area, model, stage, ended, category, kind, urgency, channel,
	title, body, address, lat, lon, why, public, confidential, anonymous, supervised, asked,
	account, caller, phone, phone_blind, first_post, owner, holder, owner_task,
	reported_at, received_at, ended_at, updated_at, due_at, hop_due_at, paused_at, next_at, clock,
	pauses, extensions, reopens, rating, merged_into, repeat_blind`

// caseFields counts caseColumns.
const caseFields = 46

var insertCase = `INSERT INTO cases (` + caseColumns + `) VALUES (` + holders(1, caseFields) + `)`

// What changes with every action. The rest of a case is either as reported for good, or a fact of it.
var moveColumns = []string{"version", "stage", "ended", "supervised", "asked", "owner", "holder", "owner_task", "ended_at", "updated_at",
	"due_at", "hop_due_at", "paused_at", "next_at", "clock", "pauses", "extensions", "reopens", "rating"}

// What a correction, a merger or a reform of areas may change.
var factColumns = []string{"area", "path", "category", "kind", "urgency", "public", "confidential", "why", "merged_into"}

// updateMove takes the values of moves, updateCase those of the facts behind them.
var updateMove, updateCase = updateOf(moveColumns), updateOf(slices.Concat(moveColumns, factColumns))

func updateOf(columns []string) string {
	return `UPDATE cases SET (` + strings.Join(columns, ", ") + `) = (` + holders(4, 3+len(columns)) + `)
	WHERE id = $1 AND serial = $2 AND version = $3`
}

// serialColumn is the place of serial in caseColumns.
const serialColumn = 1

// holders writes the placeholders $from … $to.
func holders(from, to int) string {
	list := make([]string, 0, to-from+1)
	for i := from; i <= to; i++ {
		list = append(list, fmt.Sprintf("$%d", i))
	}
	return strings.Join(list, ", ")
}

func (c *Case) values() []any {
	var lat, lon any
	if c.Point != nil {
		lat, lon = c.Point.Lat, c.Point.Lon
	}
	return []any{c.ID, c.Serial, c.Version, c.Path, c.Area, c.Model, c.Stage, c.Ended, c.Category, c.Kind, c.Urgency, c.Channel,
		c.Title, c.Body, c.Address, lat, lon, marshal(c.Why), c.Public, c.Confidential, c.Anonymous, c.Supervised, c.Asked,
		c.Account, c.caller, c.phone, c.phoneBlind, string(c.FirstPost), string(c.Owner), string(c.Holder), c.OwnerTask,
		database.Millis(c.ReportedAt), database.Millis(c.ReceivedAt), database.Millis(c.EndedAt), database.Millis(c.UpdatedAt),
		database.Millis(c.DueAt), database.Millis(c.HopDueAt), database.Millis(c.PausedAt), database.Millis(c.nextAt), marshal(c.Clock),
		c.Pauses, c.Extensions, c.Reopens, c.Rating, c.MergedInto, c.repeatBlind}
}

// moves are the values of moveColumns behind those that find the case's row as it was at the version base.
func (c *Case) moves(base int64) []any {
	return append(make([]any, 0, 3+len(moveColumns)+len(factColumns)), c.ID, c.Serial, base,
		c.Version, c.Stage, c.Ended, c.Supervised, c.Asked, string(c.Owner), string(c.Holder), c.OwnerTask,
		database.Millis(c.EndedAt), database.Millis(c.UpdatedAt), database.Millis(c.DueAt), database.Millis(c.HopDueAt), database.Millis(c.PausedAt),
		database.Millis(c.nextAt), marshal(c.Clock), c.Pauses, c.Extensions, c.Reopens, c.Rating)
}

// facts are the values of factColumns, to be compared. Most indexes of cases hold one of them, so they are written only
// when one changed.
type facts struct {
	area, path, category, kind, urgency, mergedInto string
	public, confidential                            bool
	why                                             Why
}

func (c *Case) facts() facts {
	return facts{c.Area, c.Path, c.Category, c.Kind, c.Urgency, c.MergedInto, c.Public, c.Confidential, c.Why}
}

func (f *facts) values() []any {
	return []any{f.area, f.path, f.category, f.kind, f.urgency, f.public, f.confidential, marshal(f.why), f.mergedInto}
}

// written notes that the database holds the case and its hand-overs as they are.
func (c *Case) written() {
	c.stored = c.facts()
	for i := range c.Tasks {
		c.Tasks[i].stored = true
	}
}

func scanCase(s database.Scanner) (*Case, error) {
	var c Case
	var lat, lon *float64
	var why, clock string
	var reported, received, ended, updated, due, hopDue, paused, next int64
	err := s.Scan(&c.ID, &c.Serial, &c.Version, &c.Path, &c.Area, &c.Model, &c.Stage, &c.Ended, &c.Category, &c.Kind, &c.Urgency, &c.Channel,
		&c.Title, &c.Body, &c.Address, &lat, &lon, &why, &c.Public, &c.Confidential, &c.Anonymous, &c.Supervised, &c.Asked,
		&c.Account, &c.caller, &c.phone, &c.phoneBlind, &c.FirstPost, &c.Owner, &c.Holder, &c.OwnerTask,
		&reported, &received, &ended, &updated, &due, &hopDue, &paused, &next, &clock,
		&c.Pauses, &c.Extensions, &c.Reopens, &c.Rating, &c.MergedInto, &c.repeatBlind)
	if err != nil {
		return nil, err
	}
	if lat != nil && lon != nil {
		c.Point = &area.Point{Lat: *lat, Lon: *lon}
	}
	if err := json.Unmarshal([]byte(why), &c.Why); err != nil {
		return nil, fmt.Errorf("case %s: why: %w", c.ID, err)
	}
	if err := json.Unmarshal([]byte(clock), &c.Clock); err != nil {
		return nil, fmt.Errorf("case %s: clock: %w", c.ID, err)
	}
	c.ReportedAt, c.ReceivedAt, c.EndedAt, c.UpdatedAt = database.Time(reported), database.Time(received), database.Time(ended), database.Time(updated)
	c.DueAt, c.HopDueAt, c.PausedAt, c.nextAt = database.Time(due), database.Time(hopDue), database.Time(paused), database.Time(next)
	c.written()
	return &c, nil
}

// withExtra scans one more column behind those asked for.
type withExtra struct {
	database.Scanner
	extra any
}

func (w withExtra) Scan(dest ...any) error { return w.Scanner.Scan(append(dest, w.extra)...) }

const taskColumns = `case_id, no, kind, stage, post, holder, state, responsible, about, request, exclude, acted, trail,
	given_at, taken_at, closed_at, outcome, due_at, clock, handle`

const taskFields = 20

var insertTask = `INSERT INTO task (` + taskColumns + `) VALUES (` + holders(1, taskFields) + `)`

var taskMoves = []string{"post", "holder", "state", "responsible", "acted", "trail", "taken_at", "closed_at", "outcome", "due_at", "clock", "handle"}

var updateTask = `UPDATE task SET (` + strings.Join(taskMoves, ", ") + `) = (` + holders(3, 2+len(taskMoves)) + `) WHERE case_id = $1 AND no = $2`

// noDue sorts tasks without a running clock behind all others.
var noDue = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func (t *Task) values(caseID string) []any {
	request := ""
	if t.Request != nil {
		request = marshal(t.Request)
	}
	return []any{caseID, t.No, string(t.Kind), t.Stage, string(t.Post), string(t.Holder), string(t.State), t.Responsible, t.About,
		request, list(t.Exclude), list(t.Acted), marshal(t.Trail),
		database.Millis(t.GivenAt), database.Millis(t.TakenAt), database.Millis(t.ClosedAt), t.Outcome, database.Millis(t.due()),
		marshal(t.Clock), marshal(t.Handle)}
}

// moves are the values of taskMoves behind those that find the row.
func (t *Task) moves(caseID string) []any {
	return []any{caseID, t.No, string(t.Post), string(t.Holder), string(t.State), t.Responsible, list(t.Acted), marshal(t.Trail),
		database.Millis(t.TakenAt), database.Millis(t.ClosedAt), t.Outcome, database.Millis(t.due()), marshal(t.Clock), marshal(t.Handle)}
}

func (t *Task) due() time.Time {
	if due := t.Clock.due(); !due.IsZero() {
		return due
	}
	return noDue
}

func scanTask(s database.Scanner) (Task, error) {
	t := Task{stored: true}
	var caseID, request, exclude, acted, trail, clock, handle string
	var given, taken, closed, due int64
	err := s.Scan(&caseID, &t.No, &t.Kind, &t.Stage, &t.Post, &t.Holder, &t.State, &t.Responsible, &t.About,
		&request, &exclude, &acted, &trail, &given, &taken, &closed, &t.Outcome, &due, &clock, &handle)
	if err != nil {
		return t, err
	}
	t.GivenAt, t.TakenAt, t.ClosedAt = database.Time(given), database.Time(taken), database.Time(closed)
	t.Exclude, t.Acted = unlist(exclude), unlist(acted)
	if request != "" {
		t.Request = new(flow.Request)
		if err := json.Unmarshal([]byte(request), t.Request); err != nil {
			return t, fmt.Errorf("task %s/%d: request: %w", caseID, t.No, err)
		}
	}
	if err := json.Unmarshal([]byte(trail), &t.Trail); err != nil {
		return t, fmt.Errorf("task %s/%d: trail: %w", caseID, t.No, err)
	}
	if err := json.Unmarshal([]byte(clock), &t.Clock); err != nil {
		return t, fmt.Errorf("task %s/%d: clock: %w", caseID, t.No, err)
	}
	var a calendar.Allowance
	if err := json.Unmarshal([]byte(handle), &a); err != nil {
		return t, fmt.Errorf("task %s/%d: allowance: %w", caseID, t.No, err)
	}
	t.Handle = a
	return t, nil
}

// Account ids have no blanks, so a list of them is one word after the other.
func list(ids []string) string { return strings.Join(ids, " ") }

func unlist(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, " ")
}

const byID = `id = $1`

// load reads a case with its hand-overs; lock keeps it from being changed by others meanwhile.
func load(tx *database.Tx, id string, lock bool) (*Case, error) {
	return fetch(tx, byID, id, lock)
}

// byRef is load by an id or by the number for people.
func byRef(tx *database.Tx, ref string, lock bool) (*Case, error) {
	if serial, ok := serialOf(ref); ok {
		return fetch(tx, `serial = $1`, serial, lock)
	}
	return load(tx, strings.ToLower(strings.TrimSpace(ref)), lock)
}

func fetch(tx *database.Tx, where string, key any, lock bool) (*Case, error) {
	query := `SELECT ` + caseColumns + ` FROM cases WHERE ` + where
	if lock {
		query += tx.Lock()
	}
	var found []*Case
	var tasks []Task
	hers := `SELECT ` + taskColumns + ` FROM task WHERE case_id = $1 ORDER BY no`
	if where != byID {
		hers = `SELECT ` + taskColumns + ` FROM task WHERE case_id = (SELECT id FROM cases WHERE ` + where + `) ORDER BY no`
	}
	if err := tx.Together(database.Into(&found, scanCase, query, key), database.Into(&tasks, scanTask, hers, key)); err != nil {
		return nil, fmt.Errorf("loading case %v: %w", key, err)
	}
	if len(found) == 0 {
		return nil, errNoCase()
	}
	if lock {
		tx.NotBefore(found[0].UpdatedAt)
	}
	return found[0], found[0].take(tasks)
}

func loadTasks(tx *database.Tx, c *Case) error {
	tasks, err := database.All(tx, scanTask, `SELECT `+taskColumns+` FROM task WHERE case_id = $1 ORDER BY no`, c.ID)
	if err != nil {
		return fmt.Errorf("loading tasks of %s: %w", c.ID, err)
	}
	return c.take(tasks)
}

// take gives the case its hand-overs, which are numbered from 1 without a gap.
func (c *Case) take(tasks []Task) error {
	for i := range tasks {
		if tasks[i].No != i+1 {
			return fmt.Errorf("case %s: task %d is missing", c.ID, i+1)
		}
	}
	c.Tasks = tasks
	return nil
}

// save writes a changed case and the tasks that the change touched. base is the version it was loaded
// with; the caller has raised c.Version.
func save(tx *database.Tx, c *Case, base int64, touched []int) error {
	c.settle()
	query, values, now := updateMove, c.moves(base), c.facts()
	if now != c.stored {
		query, values = updateCase, append(values, now.values()...)
	}
	// the case was loaded under its lock, so its version is still base
	if err := tx.SendOne(query, values...); err != nil {
		return fmt.Errorf("saving case %s: %w", c.ID, err)
	}
	c.stored = now
	return saveTasks(tx, c, touched)
}

func saveTasks(tx *database.Tx, c *Case, touched []int) error {
	for _, no := range touched {
		t := &c.Tasks[no-1]
		query, values := updateTask, t.moves
		if !t.stored {
			query, values = insertTask, t.values
		}
		t.stored = true
		if err := tx.SendOne(query, values(c.ID)...); err != nil {
			return fmt.Errorf("saving task %s/%d: %w", c.ID, no, err)
		}
	}
	return nil
}

// settle brings the case's own columns in line with its tasks and clocks.
func (c *Case) settle() {
	c.Owner, c.Holder, c.OwnerTask, c.HopDueAt = "", "", 0, time.Time{}
	if t := c.owner(); t != nil {
		c.Owner, c.Holder, c.OwnerTask = t.Post, t.Holder, t.No
		c.HopDueAt = t.Clock.due()
	}
	c.DueAt = c.Clock.due()
	if c.Ended != "" {
		c.DueAt = c.Clock.Due // what was promised stays to be read
	}
}

const codeNoCase = "no-case"

func errNoCase() error {
	return fault.New(fault.NotFound, codeNoCase, "没有这个事项,或您无权查看", "There is no such case, or you may not see it")
}

func errStale(entries []Entry) error {
	return fault.New(fault.Conflict, "stale-version", "别人刚改过这个事项,请看看变了什么再决定", "Somebody has just changed this case; look at what changed and decide again").
		With(map[string]any{"since": entries})
}
