// Package flow holds governance models: the readable, versioned definition of how a kind of matter is
// handled in one place. A file is parsed, linted and compiled into a Definition; Start and Decide then
// say what an action on a case leads to.
//
// The package is pure: no database, no network, no wall clock. It names who acts by role and level and
// how long by allowance; who that is and when that ends is found by the packages that know people and
// calendars.
package flow

import (
	"slices"

	"github.com/expr-lang/expr/vm"

	"linli/internal/calendar"
	"linli/internal/platform/lang"
)

// Definition is a compiled governance model. It is immutable and safe for concurrent use. A running
// case keeps the version it began with.
type Definition struct {
	Name    string // kebab case, such as seven-step
	Version string // such as 2026.1
	Title   lang.Text
	About   lang.Text
	Source  string   // the report, law or standard it follows
	Kinds   []string // kinds of case it is for: event hazard request dispute consult complaint praise
	Overall Allow    // the clock of the whole case, from report to end

	Stages   []Stage // the first is where a report arrives
	Ends     []End
	Standing []Action // possible at every stage: note, ask, pause, extend, urge, supervise …
	After    []Action // possible once the case has ended: rate, call back, reopen
	Overdue  Overdue
	Events   []string // what others may listen to

	Posts Roles // titles of the posts known when it was compiled, for words and pictures

	Digest string // SHA-256 of the file, hex
	Text   string // the file itself, kept with the version
}

// Stage is one step of the way (环节).
type Stage struct {
	Name    string
	Title   lang.Text
	Public  lang.Text // what the resident reads; {unit} and {due} are filled in
	Actor   *Actor    // nil: every way in names who (Give)
	Handles bool      // whoever has the case here counts as its handler (处置人)
	Take    Allow     // must be taken within; none: handling starts when given
	Allow   Allow     // the allowance of the hand-over
	Joint   *Joint    // lead and members, instead of one actor
	Actions []Action  // in order; the first is the usual one
}

// Joint is a stage that several units handle together (会办): one confirms the whistle and names a lead
// and members, each accepts or says "not ours", each reports its part on its own clock, the lead concludes.
type Joint struct {
	Confirm Actor // who confirms the whistle and names the units
	Within  Allow // for confirming
	Accept  Allow // for each unit, to accept or decline
	Allow   Allow // for each unit's part
	Ruling  Allow // for the confirmer, to rule on "not ours"
	Join    Join
}

// Join says when the lead may conclude.
type Join string

const (
	JoinAll  Join = "all"  // every member has reported or was released
	JoinAny  Join = "any"  // at least one member has reported
	JoinLead Join = "lead" // whenever the lead sees fit
)

// Actor says who gets the case next. Exactly one of Post with At, Unit, or Ref is set in a model; a
// Decision carries it with form values and references filled in.
type Actor struct {
	Post string `json:"post,omitempty"` // role key; with Unit the role inside the unit, default unit-officer
	At   string `json:"at,omitempty"`   // level the walk starts from the case's area: grid, village …; "up": above the present holder
	Unit string `json:"unit,omitempty"` // "form.FIELD" or "duty" in a model; an organisation's code (or "duty") in a Decision
	Ref  string `json:"ref,omitempty"`  // previous, handler, lead, whistler, first: somebody who had the case before
	Not  string `json:"not,omitempty"`  // "handler": whoever handled may not act here

	Fixed   string   `json:"fixed,omitempty"`   // Decision only: the very post
	Exclude []string `json:"exclude,omitempty"` // Decision only: accounts that may not act
}

// Allow is an allowance with variants by urgency.
type Allow struct {
	Default calendar.Allowance
	By      map[string]calendar.Allowance // urgent, priority, complex
}

// For gives the allowance for an urgency.
func (a Allow) For(urgency string) calendar.Allowance {
	if v, ok := a.By[urgency]; ok {
		return v
	}
	return a.Default
}

// Set tells whether anything was said, "none" included.
func (a Allow) Set() bool { return a.Default.Measure != "" }

// Urgencies a case can have (紧急程度), as the hotline standard grades them: 2 hours, 24 hours, 5 working
// days, 15 days.
var Urgencies = []string{"urgent", "priority", "normal", "complex"}

// Op is what an action does to the case; the language expands its stages into actions of these kinds.
type Op string

const (
	OpGo     Op = "go"      // leave the stage: To, End, Give
	OpTake   Op = "take"    // take a task that was offered
	OpMuster Op = "muster"  // confirm a whistle: name lead and members
	OpReport Op = "report"  // a member reports its part
	OpReject Op = "decline" // a unit says "not ours": opens a ruling
	OpUphold Op = "uphold"  // ruling: released, perhaps replaced
	OpInsist Op = "insist"  // ruling: you handle it
	OpAdd    Op = "add"     // call one more unit

	OpNote      Op = "note"
	OpAsk       Op = "ask"
	OpAnswer    Op = "answer"
	OpPause     Op = "pause"
	OpResume    Op = "resume"
	OpExtend    Op = "extend"
	OpApprove   Op = "approve"
	OpRefuse    Op = "refuse"
	OpUrge      Op = "urge"
	OpSupervise Op = "supervise"
	OpTransfer  Op = "transfer"
	OpCorrect   Op = "correct"
	OpWithdraw  Op = "withdraw"

	OpRate     Op = "rate"
	OpRateUnit Op = "rate_unit"
	OpCallBack Op = "call_back"
	OpReopen   Op = "reopen"
)

// Action is one thing that may be done, with who, what must be filled in and where it leads. There is
// no other way to change a case.
type Action struct {
	Name   string
	Title  lang.Text
	Hint   lang.Text
	Op     Op
	On     []TaskKind // kinds of open task it is done on; empty: on the case as a whole
	By     []string   // holder (of that task), handler, involved, confirmer, whistler, reporter, or role keys
	Form   []FormField
	When   *Guard
	To     string // stage it leads to
	Up     bool   // the next level above acts there
	Give   *Actor // overrides the stage's actor
	End    string // name of the end it leads to
	Events []string

	Untaken bool // may be done before the task is taken: a unit hands back without taking

	Approve *Actor             // the request needs this approval first
	Allow   Allow              // for the approval
	AtMost  calendar.Allowance // longest pause or extension; zero: not limited
	Times   int                // how often in a case; 0: not limited
	Within  calendar.Allowance // after the end: how long it remains possible; zero: always
	Pauses  bool               // ask: the clocks stop until the answer; answer and resume: questions here stop the clocks
}

// Field is one thing to fill in.
type Field struct {
	Key     string    `json:"key"`
	Title   lang.Text `json:"title"`
	Hint    lang.Text `json:"hint"`
	Type    FieldType `json:"type"`
	Max     int       `json:"max,omitempty" doc:"longest text in characters, largest number, or most items"`
	Min     int       `json:"min,omitempty"`
	Choices []Choice  `json:"choices,omitempty"`
}

// FormField is a field as one action asks for it.
type FormField struct {
	Field
	Required bool `json:"required"`
}

// Choice is one value of a choice field.
type Choice struct {
	Value string    `json:"value"`
	Title lang.Text `json:"title"`
}

// FieldType is the type of a field's value.
type FieldType string

const (
	TypeText    FieldType = "text"    // several lines
	TypeLine    FieldType = "line"    // one line
	TypeInteger FieldType = "integer" //
	TypeBool    FieldType = "boolean" //
	TypeDate    FieldType = "date"    // 2006-01-02
	TypeChoice  FieldType = "choice"  // one of Choices
	TypeChoices FieldType = "choices" // several of Choices
	TypeUnit    FieldType = "unit"    // an organisation's code
	TypeUnits   FieldType = "units"   // several
	TypePost    FieldType = "post"    // role@place
	TypeCase    FieldType = "case"    // another case's id or number
	TypeTask    FieldType = "task"    // number of a task of this case
	TypeFiles   FieldType = "files"   // attachments of this case
)

// Guard is a condition in the expression language, compiled.
type Guard struct {
	Source  string
	Hint    lang.Text // shown when it refuses
	program *vm.Program
}

// End is one way a case ends.
type End struct {
	Name   string
	Title  lang.Text
	Public lang.Text // {reason}, {result}, {original} are filled in
	Counts []string  // measures it counts for: completed, resolved, invalid
}

// Overdue says what happens around a deadline.
type Overdue struct {
	Remind []int        // percent of the allowance used
	Then   []Escalation // after the deadline, in order
}

// Escalation is one step after a missed deadline.
type Escalation struct {
	After     calendar.Allowance // since the deadline; zero: at once
	Tell      *Actor             // who is told; Ref "head" is the post's next fall-back
	Supervise bool               // the case comes under supervision (督办)
}

// Stage finds a stage by name.
func (d *Definition) Stage(name string) (*Stage, bool) {
	for i := range d.Stages {
		if d.Stages[i].Name == name {
			return &d.Stages[i], true
		}
	}
	return nil, false
}

// Decides tells whether somebody's hop stands still until a post decides at this stage: whoever handled the case may not
// act here (four eyes), or an action gives the case back to who had it before. Verifying, ruling and calling back are such
// stages, whatever a model calls them; sorting and handling are not.
func (s *Stage) Decides() bool {
	if s.Handles || s.Joint != nil {
		return false
	}
	back := func(a Action) bool {
		return a.Give != nil && slices.Contains([]string{"previous", "handler", "lead"}, a.Give.Ref)
	}
	return s.Actor != nil && s.Actor.Not == "handler" || slices.ContainsFunc(s.Actions, back)
}

// End finds an end by name.
func (d *Definition) End(name string) (*End, bool) {
	for i := range d.Ends {
		if d.Ends[i].Name == name {
			return &d.Ends[i], true
		}
	}
	return nil, false
}

// ID is name and version in one word, as a case stores it.
func (d *Definition) ID() string { return d.Name + "@" + d.Version }
