// Package casework is the loop: a matter is reported, finds its grid, is sorted, handed out, handled,
// fed back, closed and rated. A case always has exactly one responsible post with a running clock or a
// recorded pause; everything that happened stands in its timeline; nothing changes a case except an
// action of its governance model.
package casework

import (
	"encoding/json"
	"time"

	"linli/internal/area"
	"linli/internal/calendar"
	"linli/internal/flow"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// Case is a matter on its way (事项).
type Case struct {
	ID      string // UUIDv7 made by whoever reported
	Serial  int64  // year * 100000000 + running number
	Version int64  // grows with every change; commands name the one they were based on

	Area     string // code of the grid, or the deepest area that was sure
	Path     string // of that area
	Model    string // name@version, kept from the report to the end
	Stage    string
	Ended    string // name of the end, "" while open
	Category string // code of the category, "" unsorted
	Kind     string
	Urgency  string
	Channel  string

	Title, Body, Address string
	Point                *area.Point
	Why                  Why // why it landed in this area

	Public       bool
	Confidential bool
	Anonymous    bool
	Supervised   bool // under supervision (督办)
	Asked        bool // a question to the reporter is open

	Account    string // who reported, when signed in
	caller     []byte // reporter's name, sealed
	phone      []byte // reporter's phone, sealed
	phoneBlind string
	// repeatBlind proves that a repeated report comes from who sent the first
	repeatBlind string

	FirstPost staff.Post // first to receive stays responsible for following it up (首接负责)
	Owner     staff.Post // the responsible post
	Holder    staff.Post // who answers for it now: the post itself or its named fall-back
	OwnerTask int

	ReportedAt, ReceivedAt, EndedAt, UpdatedAt time.Time
	DueAt, HopDueAt                            time.Time // zero: no clock
	PausedAt                                   time.Time
	nextAt                                     time.Time
	Clock                                      Clock // the overall clock

	Pauses, Extensions, Reopens, Rating int
	MergedInto                          string

	Tasks []Task // all hand-overs, oldest first

	stored facts // as the database holds them
}

// Open tells whether the case has not ended.
func (c *Case) Open() bool { return c.Ended == "" }

// Why says how the area was found, so that "why here?" has an answer.
type Why struct {
	How        string    `json:"how" doc:"point, building, chosen, address, nearest or parent"`
	Confidence float64   `json:"confidence" doc:"0 to 1"`
	Ask        bool      `json:"ask,omitempty" doc:"unsure: whoever sorts should look"`
	Text       lang.Text `json:"text"`
	Category   string    `json:"category,omitempty" doc:"chosen, suggested or none"`
}

// Task is one hand-over (交办): to a post, on its own clock.
type Task struct {
	No          int
	Kind        flow.TaskKind
	Stage       string
	Post        staff.Post // given to
	Holder      staff.Post // answers now
	State       flow.TaskState
	Responsible bool
	About       int
	Request     *flow.Request
	Exclude     []string     // accounts that may not act on it
	Acted       []string     // accounts that did
	Trail       []staff.Step // how the post and its holder were found

	GivenAt, TakenAt, ClosedAt time.Time
	Outcome                    string
	Clock                      Clock
	Handle                     calendar.Allowance // frozen when given: what starts once it is taken

	stored bool // the database holds it
}

// Open tells whether somebody still has to do something.
func (t *Task) Open() bool { return t.State.Open() }

// Channels by which a matter can arrive.
var Channels = []string{"resident", "staff", "hotline", "partner", "sensor", "import"}

// Task gives a task by number.
func (c *Case) Task(no int) *Task {
	if no < 1 || no > len(c.Tasks) {
		return nil
	}
	return &c.Tasks[no-1]
}

// owner gives the open task that answers for the case; nil once it has ended.
func (c *Case) owner() *Task {
	for i := range c.Tasks {
		if c.Tasks[i].Responsible && c.Tasks[i].Open() {
			return &c.Tasks[i]
		}
	}
	return nil
}

// lastOwner is the hand-over that answers for the case, or did last: while a hand-over passes on, the
// former one is closed already.
func (c *Case) lastOwner() *Task {
	for i := len(c.Tasks) - 1; i >= 0; i-- {
		if c.Tasks[i].Responsible {
			return &c.Tasks[i]
		}
	}
	return nil
}

// state is the case as the model sees it.
func (c *Case) state(now time.Time, level func(staff.Post) string, facts map[string]any) flow.State {
	s := flow.State{Stage: c.Stage, End: c.Ended, EndedAt: c.EndedAt, Now: now, Urgency: c.Urgency,
		Paused: !c.PausedAt.IsZero(), Asked: c.Asked, Pauses: c.Pauses, Extensions: c.Extensions,
		Reopens: c.Reopens, Rating: c.Rating, Facts: facts, Tasks: make([]flow.Task, len(c.Tasks))}
	for i := range c.Tasks {
		t := &c.Tasks[i]
		s.Tasks[i] = flow.Task{No: t.No, Kind: t.Kind, Stage: t.Stage, Post: string(t.Post), Level: level(t.Post),
			State: t.State, Responsible: t.Responsible, About: t.About, Request: t.Request,
			By: t.Acted, Exclude: t.Exclude, Outcome: t.Outcome}
	}
	return s
}

func marshal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		// every value stored is made of plain types
		panic("casework: value that does not marshal: " + err.Error())
	}
	return string(b)
}
