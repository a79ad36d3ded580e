package casework

import (
	"encoding/json"
	"fmt"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// Entry is one line of a case's timeline. Seq is also the case's version after it.
type Entry struct {
	Seq     int64      `json:"seq" doc:"place in the timeline; also the case's version after it"`
	At      time.Time  `json:"at"`
	Account string     `json:"account,omitempty" doc:"who did it; empty for the reporter without an account and for the program"`
	Post    staff.Post `json:"post,omitempty" doc:"in which post"`
	Action  string     `json:"action" doc:"name of the action in the governance model, or report, remind, overdue, cover, move …"`
	Task    int        `json:"task,omitempty" doc:"the hand-over it was done on"`
	Public  bool       `json:"public,omitempty" doc:"shown to the reporter and the public"`
	Data    EntryData  `json:"data"`

	command string // the client's id of the command, for sending twice
}

// EntryData is what an entry says beyond who and when.
type EntryData struct {
	By      string              `json:"by,omitempty" doc:"reporter or system, when no account acted"`
	Form    map[string]any      `json:"form,omitempty" doc:"what was filled in"`
	Stage   string              `json:"stage,omitempty" doc:"stage entered"`
	End     string              `json:"end,omitempty" doc:"end reached"`
	Changes []TaskChange        `json:"changes,omitempty" doc:"what happened to the hand-overs"`
	Fields  map[string][2]any   `json:"fields,omitempty" doc:"facts corrected: before and after"`
	Told    []staff.Post        `json:"told,omitempty" doc:"posts that were told"`
	Clock   map[string][2]int64 `json:"clock,omitempty" doc:"deadlines moved: before and after, Unix ms"`
	Text    string              `json:"text,omitempty"`
	Case    string              `json:"case,omitempty" doc:"another case concerned"`
	Late    bool                `json:"late,omitempty" doc:"done after its deadline"`
}

// TaskChange is one change to a hand-over.
type TaskChange struct {
	Op     flow.ChangeOp  `json:"op"`
	Task   int            `json:"task"`
	Kind   flow.TaskKind  `json:"kind,omitempty"`
	State  flow.TaskState `json:"state,omitempty"`
	Post   staff.Post     `json:"post,omitempty"`
	Holder staff.Post     `json:"holder,omitempty"`
	Due    time.Time      `json:"due,omitzero"`
}

const insertEntry = `INSERT INTO timeline (case_id, seq, at, account, post, action, task, public, command, data)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

func (e *Entry) values(caseID string) []any {
	return []any{caseID, e.Seq, database.Millis(e.At), e.Account, string(e.Post), e.Action, e.Task, e.Public, e.command, marshal(e.Data)}
}

// record appends the entry as the case's next one and raises its version to it.
func record(tx *database.Tx, c *Case, e Entry) error {
	c.Version++
	e.Seq, e.At = c.Version, tx.Now
	c.UpdatedAt = tx.Now
	if err := tx.Send(insertEntry, e.values(c.ID)...); err != nil {
		return fmt.Errorf("recording %s of %s: %w", e.Action, c.ID, err)
	}
	return nil
}

const entryColumns = `seq, at, account, post, action, task, public, command, data`

func scanEntry(s database.Scanner) (Entry, error) {
	var e Entry
	var at int64
	var data string
	if err := s.Scan(&e.Seq, &at, &e.Account, &e.Post, &e.Action, &e.Task, &e.Public, &e.command, &data); err != nil {
		return e, err
	}
	e.At = database.Time(at)
	if err := json.Unmarshal([]byte(data), &e.Data); err != nil {
		return e, fmt.Errorf("entry %d: %w", e.Seq, err)
	}
	return e, nil
}

// timeline reads the entries after a sequence number, oldest first.
func timeline(tx *database.Tx, caseID string, after int64) ([]Entry, error) {
	entries, err := database.All(tx, scanEntry, `SELECT `+entryColumns+` FROM timeline WHERE case_id = $1 AND seq > $2 ORDER BY seq`, caseID, after)
	if err != nil {
		return nil, fmt.Errorf("timeline of %s: %w", caseID, err)
	}
	return entries, nil
}

// alert leaves word for a post about the entry just recorded.
func alert(tx *database.Tx, c *Case, post staff.Post, kind string) error {
	if err := tx.Send(`INSERT INTO alert (post, case_id, seq, at, kind, seen_at) VALUES ($1, $2, $3, $4, $5, 0)
		ON CONFLICT (post, case_id, seq) DO NOTHING`, string(post), c.ID, c.Version, database.Millis(tx.Now), kind); err != nil {
		return fmt.Errorf("alerting %s: %w", post, err)
	}
	return nil
}
