package casework

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// Command is an action somebody wants to take on a case.
type Command struct {
	Case   string         // id
	ID     string         // UUIDv7 of the command made by the sender; sending it twice is once. May be empty
	Base   int64          // version the sender had seen; 0: whatever it is now
	Action string         // name in the case's model
	Task   int            // which hand-over; 0: the one that fits
	Form   map[string]any // what was filled in
	Code   string         // tracking code, for the reporter
}

// Outcome is what an action led to.
type Outcome struct {
	Case  *Case
	Entry Entry
	Again bool // the same command had been received before
}

// Act takes an action of the case's model: the one door through which a case changes.
//
// Whoever may see the case and is named by the action may take it. Errors: NotFound when there is no
// such case for the actor; Conflict "stale-version" with the entries since Base; what flow.Decide
// refuses; Invalid when a unit, post, file or case named in the form does not exist.
func (s *Service) Act(ctx context.Context, actor *staff.Actor, cmd Command) (Outcome, error) {
	if _, err := uuid.Parse(cmd.ID); cmd.ID != "" && err != nil {
		return Outcome{}, fault.New(fault.Invalid, "invalid-command", "命令编号须为 UUIDv7", "The command's id must be a UUIDv7").
			At("command", "uuid", "请用 UUIDv7", "Use a UUIDv7")
	}
	var out Outcome
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		c, err := load(tx, cmd.Case, true)
		if err != nil {
			return err
		}
		reporter, err := s.mayAct(actor, c, cmd)
		if err != nil {
			return err
		}
		if cmd.Code != "" {
			// whoever uses the code acts as the reporter and as nobody else: signed in or not, no account is
			// written down and no post counts
			actor = staff.Resident(actor.Lang())
		}
		if done, found, err := sent(tx, c, cmd); err != nil || found {
			if err == nil && (done.Action != cmd.Action || done.Account != signature(actor)) {
				return fault.New(fault.Conflict, "id-used", "这个命令编号已用于另一个操作", "This command's id belongs to another action or another sender").
					At("command", "used", "请换一个新的 UUIDv7", "Make a new UUIDv7")
			}
			out = Outcome{Case: c, Entry: done, Again: true}
			return err
		}
		if cmd.Base != 0 && cmd.Base != c.Version {
			since, err := timeline(tx, c.ID, cmd.Base)
			if err != nil {
				return err
			}
			return errStale(s.shown(actor, c, since))
		}
		out, err = s.act(tx, actor, c, cmd, reporter)
		return err
	})
	return out, err
}

// signature is the account an entry names: none for the program and for who has none.
func signature(actor *staff.Actor) string {
	if actor.System() {
		return ""
	}
	return actor.ID()
}

// sent finds the entry of a command that was received before. Nothing has happened since the version a command is
// based on, if the case still has it: then the command itself has not either.
func sent(tx *database.Tx, c *Case, cmd Command) (Entry, bool, error) {
	if cmd.ID == "" || cmd.Base == c.Version {
		return Entry{}, false, nil
	}
	return database.One(tx, scanEntry, `SELECT `+entryColumns+` FROM timeline WHERE case_id = $1 AND command = $2`, c.ID, cmd.ID)
}

// act decides and writes; the case is loaded and the actor may see it.
func (s *Service) act(tx *database.Tx, actor *staff.Actor, c *Case, cmd Command, reporter bool) (Outcome, error) {
	d, err := s.model(tx, c.Model)
	if err != nil {
		return Outcome{}, err
	}
	dec, err := flow.Decide(d, c.state(tx.Now, s.level, s.facts(c)), s.who(actor, c, reporter), flow.Act{Name: cmd.Action, Task: cmd.Task, Form: cmd.Form})
	if err != nil {
		return Outcome{}, err
	}
	entry := Entry{Account: signature(actor), Action: cmd.Action, Task: dec.Task, command: cmd.ID, Public: public(dec),
		Data: EntryData{Form: dec.Form, Stage: dec.Stage, End: dec.End}}
	if reporter && actor.Anonymous() || actor.System() {
		entry.Data.By = by(actor)
	}
	if t := c.Task(dec.Task); t != nil {
		entry.Post = t.Post
		entry.Data.Late = t.Clock.Late(tx.Now)
		if id := actor.ID(); !actor.System() && id != "" && !slices.Contains(t.Acted, id) {
			t.Acted = append(t.Acted, id)
		}
	}
	base := c.Version
	touched, err := s.change(tx.Now, c, dec, &entry)
	if err != nil {
		return Outcome{}, err
	}
	if entry.Task != 0 && !slices.Contains(touched, entry.Task) {
		touched = append(touched, entry.Task)
	}
	told, err := s.effect(tx, actor, c, dec, &entry)
	if err != nil {
		return Outcome{}, err
	}
	return s.finishAct(tx, c, d, dec, entry, base, touched, told)
}

// finishAct writes what the action changed: entry, case, hand-overs, alerts, counters, events.
func (s *Service) finishAct(tx *database.Tx, c *Case, d *flow.Definition, dec flow.Decision, entry Entry, base int64, touched []int, told []staff.Post) (Outcome, error) {
	entry.Data.Told = told
	if err := s.record(tx, c, entry); err != nil {
		return Outcome{}, err
	}
	entry.Seq, entry.At = c.Version, tx.Now
	c.settle()
	s.schedule(c, d)
	if err := save(tx, c, base, touched); err != nil {
		return Outcome{}, err
	}
	if err := noteHandled(tx, c, touched); err != nil {
		return Outcome{}, err
	}
	for _, post := range told {
		if err := alert(tx, c, post, entry.Action); err != nil {
			return Outcome{}, err
		}
	}
	if err := s.countAct(tx, c, d, dec); err != nil {
		return Outcome{}, err
	}
	return Outcome{Case: c, Entry: entry}, s.emit(tx, c, entry, dec.Events)
}

// who describes the actor to the model.
func (s *Service) who(actor *staff.Actor, c *Case, reporter bool) flow.Who {
	return flow.Who{
		Account: actor.ID(), Reporter: reporter, System: actor.System(), Roles: actor.Roles(c.Path),
		Holds: func(t flow.Task) bool {
			task := c.Task(t.No)
			return task != nil && (actor.Holds(task.Post) || actor.Holds(task.Holder))
		},
	}
}

// facts are what the guards of a model may ask about.
func (s *Service) facts(c *Case) map[string]any {
	return map[string]any{"category": c.Category, "kind": c.Kind, "channel": c.Channel, "level": s.levelOf(c.Area),
		"confidential": c.Confidential, "public": c.Public}
}

func (s *Service) levelOf(code string) string {
	a, _ := s.areas.Tree().Area(code)
	return string(a.Level)
}

// public tells whether the reporter and the public may read of the action.
func public(dec flow.Decision) bool {
	switch dec.Action.Op {
	case flow.OpNote:
		open, _ := dec.Form["public"].(bool)
		return open
	case flow.OpAsk, flow.OpAnswer, flow.OpRate, flow.OpCallBack, flow.OpReopen, flow.OpWithdraw, flow.OpUrge:
		return true
	}
	return dec.Stage != "" || dec.End != ""
}

// Bulk takes the same action on several cases, each by itself: some may be refused while others go
// through, and the answer says which.
func (s *Service) Bulk(ctx context.Context, actor *staff.Actor, cmds []Command) ([]BulkResult, error) {
	if len(cmds) == 0 || len(cmds) > maxBulk {
		return nil, fault.Newf(fault.Invalid, "bulk-size", "一次批量办理 1 到 %[1]d 件", "Between 1 and %[1]d cases at once", maxBulk)
	}
	out := make([]BulkResult, len(cmds))
	for i, cmd := range cmds {
		out[i].Case = cmd.Case
		res, err := s.Act(ctx, actor, cmd)
		if err != nil {
			if f := fault.Of(err); f.Kind != fault.Internal && f.Kind != fault.Unavailable {
				out[i].Refused = f
				continue
			}
			return nil, fmt.Errorf("bulk action, case %d of %d: %w", i+1, len(cmds), err)
		}
		out[i].Version = res.Case.Version
	}
	return out, nil
}

// maxBulk bounds one bulk action.
const maxBulk = 200

// BulkResult is what became of one case of a bulk action.
type BulkResult struct {
	Case    string
	Version int64
	Refused *fault.Error
}
