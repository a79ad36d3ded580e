package flow

import (
	"slices"
	"time"

	"linli/internal/calendar"
)

// TaskKind says what part of a case a task is.
type TaskKind string

const (
	KindMain     TaskKind = "main"     // the one post that has the case at an ordinary stage
	KindConfirm  TaskKind = "confirm"  // confirm a whistle
	KindLead     TaskKind = "lead"     // lead of a joint stage
	KindMember   TaskKind = "member"   // member of a joint stage
	KindRuling   TaskKind = "ruling"   // rule on a unit's "not ours"
	KindApproval TaskKind = "approval" // decide on a request to pause or extend
)

// Deciding are the kinds of task that are nothing but a decision on what others ask for; the main task of a stage is one
// where the stage says so, see [Stage.Decides].
var Deciding = []TaskKind{KindConfirm, KindRuling, KindApproval}

// TaskState is where a task stands.
type TaskState string

const (
	Offered   TaskState = "offered"   // given, not yet taken
	Taken     TaskState = "taken"     // in hand
	Contested TaskState = "contested" // the unit says "not ours"; a ruling is open
	Done      TaskState = "done"
	Released  TaskState = "released"  // let go by a ruling or a transfer
	Withdrawn TaskState = "withdrawn" // no longer needed
)

// Open tells whether somebody still has to do something.
func (s TaskState) Open() bool { return s == Offered || s == Taken || s == Contested }

// Task is one hand-over of a case (交办), as Decide sees it.
type Task struct {
	No          int // 1, 2, 3 … in the case
	Kind        TaskKind
	Stage       string
	Post        string // the post it was given to
	Level       string // the post's level, "" for a unit
	State       TaskState
	Responsible bool     // this task's post answers for the case; exactly one open task of an open case does
	About       int      // ruling and approval: the task it is about
	Request     *Request // approval: what was asked for
	By          []string // accounts that acted on it
	Exclude     []string // accounts that may not act on it
	Outcome     string   // name of the action that closed it
}

// Request is what an approval decides on.
type Request struct {
	Op   Op             `json:"op"`
	Form map[string]any `json:"form"`
}

// State is a case as Decide sees it.
type State struct {
	Stage   string
	End     string    // set once it has ended
	EndedAt time.Time // when
	Now     time.Time
	Urgency string
	Tasks   []Task         // all, by number
	Facts   map[string]any // category, kind, channel, level …: for guards

	Paused     bool
	Asked      bool // a question to the reporter is open
	Pauses     int
	Extensions int
	Reopens    int
	Rating     int // last rating, 0: none
}

// Responsible gives the open task that answers for the case.
func (s *State) Responsible() (Task, bool) {
	for _, t := range s.Tasks {
		if t.Responsible && t.State.Open() {
			return t, true
		}
	}
	return Task{}, false
}

func (s *State) task(no int) (Task, bool) {
	for _, t := range s.Tasks {
		if t.No == no {
			return t, true
		}
	}
	return Task{}, false
}

// last gives the newest task that fits.
func (s *State) last(fits func(Task) bool) (Task, bool) {
	for _, t := range slices.Backward(s.Tasks) {
		if fits(t) {
			return t, true
		}
	}
	return Task{}, false
}

// Who is the person (or the program) who acts, as far as a model cares.
type Who struct {
	Account  string
	Reporter bool              // reported this case (by account or by tracking code)
	System   bool              // the program itself
	Roles    []string          // role keys whose scope covers the case
	Holds    func(t Task) bool // answers for the task: holds its post, deputises or covers it
}

// Act is an action somebody wants to take.
type Act struct {
	Name string
	Task int // the task it is meant for; 0: the one that fits
	Form map[string]any
}

// Decision is what follows from an action. Whoever stores it turns actors into posts and allowances
// into deadlines.
type Decision struct {
	Action  *Action        // what was decided; nil at the start
	Task    int            // the task acted on, 0: the case
	Form    map[string]any // checked and normalised
	Stage   string         // the stage entered, "" when it stays
	End     string         // the end reached, "" when none
	Changes []Change
	Pause   *Pause             // stop the clocks
	Resume  bool               // let them run again
	Extend  calendar.Allowance // lengthen the responsible task's and the overall clock
	Extends int                // the task whose clock is lengthened
	Reopen  bool
	Events  []string

	by string // account that acts
}

// PauseAsked is the reason of a pause that waits for the reporter's answer; it does not count against how
// often a case may be paused.
const PauseAsked = "asked"

// Pause stops the clock of the responsible task and the overall one.
type Pause struct {
	AtMost calendar.Allowance // zero: until somebody resumes
	Reason string
}

// ChangeOp is what happens to one task.
type ChangeOp string

const (
	ChangeOpen     ChangeOp = "open"     // New is given to somebody
	ChangeTake     ChangeOp = "take"     // taken: the handling clock starts
	ChangeClose    ChangeOp = "close"    // ends with State
	ChangeContest  ChangeOp = "contest"  // its clock stops until the ruling
	ChangeContinue ChangeOp = "continue" // ruled: it stays and is taken
)

// Change is one step of a Decision; they are applied in order.
type Change struct {
	Op    ChangeOp
	Task  int
	State TaskState          // for close
	Allow calendar.Allowance // for take and continue: the allowance that starts
	New   *NewTask           // for open

	Responsible bool // for contest and continue: who answers for the case afterwards
}

// NewTask is a hand-over to be made.
type NewTask struct {
	Kind        TaskKind
	Stage       string
	Actor       Actor
	Take        calendar.Allowance // zero or none: counts as taken when given
	Allow       calendar.Allowance
	Responsible bool
	About       int
	Request     *Request
}
