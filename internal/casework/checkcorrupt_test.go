package casework_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/proof/prooftest"
	"linli/internal/staff"
)

// damage is one way to spoil a healthy county, and all that Check may say about it.
type damage struct {
	name string
	do   func(h *hospital)
	want string // codes, all of which must come and no others
	also string // codes that may come besides, since one damage can break several rules
}

func sql(query string, args ...any) func(*hospital) {
	return func(h *hospital) { h.exec(query, args...) }
}

// one changes the first row that fits, by key columns.
func one(table, keys, where, set string) func(*hospital) {
	return sql(fmt.Sprintf(`UPDATE %s SET %s WHERE (%s) = (SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT 1)`, table, set, keys, keys, table, where, keys))
}

const (
	openTask   = `closed_at = 0 AND kind = 'main' AND state = 'taken' AND case_id IN (SELECT id FROM cases WHERE paused_at = 0)`
	closedTask = `closed_at > 0 AND clock LIKE '%"measure":"working%'`
)

func damages() []damage {
	task := func(where, set string) func(*hospital) { return one("task", "case_id, no", where, set) }
	aCase := func(where, set string) func(*hospital) { return one("cases", "id", where, set) }
	entry := func(where, set string) func(*hospital) { return one("timeline", "case_id, seq", where, set) }
	return []damage{
		{"a case that cannot be read", aCase("1 = 1", "clock = '{'"), "unreadable tally-unproved", ""},
		{"a task that cannot be read", task("1 = 1", "trail = 'x'"), "unreadable tally-unproved", ""},
		{"an entry that cannot be read", entry("1 = 1", "data = '[]'"), "unreadable tally-unproved", ""},
		{"a watch on a case that is not there", sql(`INSERT INTO watch (account, case_id, at) VALUES ('a', 'nothing', 1)`), "orphan", ""},
		{"a case deleted with its rows left behind", sql(`DELETE FROM cases WHERE id = (SELECT min(id) FROM cases WHERE id NOT IN (SELECT merged_into FROM cases))`), "orphan tally", ""},
		{"a sealed name copied from another case", aCase("caller IS NOT NULL", "caller = (SELECT caller FROM cases WHERE caller IS NOT NULL ORDER BY id DESC LIMIT 1)"), "sealed", ""},
		{"a phone that search would not find", aCase("phone_blind <> ''", "phone_blind = 'x'"), "phone-index", ""},
		{"an anonymous case with a name", aCase("anonymous = TRUE", "account = 'somebody'"), "anonymous-named", ""},
		{"a confidential case made public", aCase("confidential = TRUE", "public = TRUE"), "confidential-public", ""},
		{"nobody responsible", task("responsible = TRUE AND "+openTask, "responsible = FALSE"), "responsible-none", ""},
		{"two responsible", func(h *hospital) {
			h.exec(`INSERT INTO task SELECT case_id, no + 1, kind, stage, post, holder, state, responsible, about, request, exclude, acted, trail, given_at, taken_at, closed_at, outcome, due_at, clock, handle
				FROM task t WHERE responsible = TRUE AND ` + openTask + ` AND no = (SELECT max(no) FROM task x WHERE x.case_id = t.case_id) ORDER BY case_id LIMIT 1`)
		}, "responsible-several task-unexplained", ""},
		{"an ended case with an open task", task("state = 'done' AND case_id IN (SELECT id FROM cases WHERE ended_at > 0)", "state = 'taken', closed_at = 0"),
			"ended-open-task task-differs clock-stopped", "post-closed holder-gone holder-stale owner-columns due-columns"},
		{"an end without its time", aCase("ended_at > 0", "ended_at = 0"), "ended-time case-differs", ""},
		{"an open task with a closing time", task(openTask, "closed_at = 5"), "task-times task-differs", ""},
		{"a holder of the case that its task does not have", aCase("ended_at = 0", "holder = 'village-head@nowhere'"), "owner-columns", ""},
		{"no appointment at all", func(h *hospital) { h.people(`UPDATE staff_appointment SET to_at = 1, from_at = 0`) }, "nobody", ""},
		{"work with a holder that is vacant", func(h *hospital) { h.holder("grid-head@999") }, "holder-gone task-differs", ""},
		{"work with a holder who should have given it back", func(h *hospital) { h.holder("administrator@" + prooftest.Root) }, "holder-stale task-differs", ""},
		{"work of a post that does not exist", func(h *hospital) {
			id, no := h.task(openTask + " AND responsible = TRUE")
			h.exec(`UPDATE task SET post = 'ghost@nowhere' WHERE case_id = $1 AND no = $2`, id, no)
			h.exec(`UPDATE cases SET owner = 'ghost@nowhere' WHERE id = $1`, id)
		}, "post-unknown task-differs", ""},
		{"a closed area with open work", func(h *hospital) {
			h.tree(`UPDATE area SET closed = TRUE WHERE code = (SELECT area FROM cases WHERE ended_at = 0 AND id = (SELECT min(case_id) FROM task WHERE closed_at = 0 AND post LIKE 'dispatcher@%'))`)
			h.tree(`UPDATE area SET closed = TRUE WHERE code = (SELECT substr(min(post), 12) FROM task WHERE closed_at = 0 AND post LIKE 'dispatcher@%')`)
		}, "area-closed post-closed", "holder-stale holder-gone"},
		{"a task without a clock", func(h *hospital) {
			h.clock(openTask, func(c map[string]any) { c["measure"], c["due"] = "none", "0001-01-01T00:00:00Z" })
		}, "clock-missing task-due-column", "due-columns next-column"},
		{"an open task whose clock was stopped", func(h *hospital) {
			h.clock(openTask, func(c map[string]any) { c["stopped"] = h.Clock.Now() })
		}, "clock-stopped", "next-column"},
		{"a closed task whose clock runs on", func(h *hospital) { h.clock(closedTask, func(c map[string]any) { delete(c, "stopped") }) }, "clock-running", ""},
		{"a clock that stands without a recorded pause", func(h *hospital) {
			h.clock(openTask, func(c map[string]any) { c["paused_at"], c["left"] = h.Clock.Now(), 60000000000 })
		}, "pause-unrecorded clock-replay task-due-column", "due-columns next-column"},
		{"a pause that did not stop the clocks", func(h *hospital) {
			id, _ := h.task(openTask)
			h.exec(`UPDATE cases SET paused_at = updated_at WHERE id = $1`, id)
		}, "pause-missing case-differs", ""},
		{"a deadline moved by hand", func(h *hospital) {
			h.clock(closedTask, func(c map[string]any) { c["due"] = h.Clock.Now().Add(time.Hour) })
		}, "clock-replay task-due-column", ""},
		{"a clock that began earlier than its hand-over", func(h *hospital) {
			h.clock(closedTask, func(c map[string]any) { c["start"] = prooftest.Start.AddDate(0, 0, -9) })
		}, "clock-policy clock-replay", ""},
		{"a calendar that is gone", func(h *hospital) { h.clock(closedTask, func(c map[string]any) { c["calendar"] = "gone" }) }, "calendar-unknown", ""},
		{"a provisional deadline that was not computed again", func(h *hospital) {
			h.clock(openTask, func(c map[string]any) { c["version"], c["provisional"] = "old", true })
		}, "provisional-old", ""},
		{"the overall due column off by a second", aCase("ended_at = 0 AND due_at > 0", "due_at = due_at + 1000"), "due-columns", ""},
		{"the due column of the hand-over off by a second", aCase("ended_at = 0 AND hop_due_at > 0", "hop_due_at = hop_due_at + 1000"), "due-columns", ""},
		{"a task sorted by a wrong deadline", task(openTask, "due_at = due_at + 1000"), "task-due-column", ""},
		{"a case the sweep would come to too late", aCase("ended_at = 0 AND next_at > 0", "next_at = next_at + 1000"), "next-column", ""},
		{"a case the sweep has forgotten", aCase("ended_at = 0 AND next_at > 0", "next_at = 0"), "next-column", ""},
		{"a program that has not run for a day", func(h *hospital) { h.Clock.Pass(24 * time.Hour) }, "sweep-late", ""},
		{"an entry taken out of a timeline", sql(`DELETE FROM timeline WHERE seq = 2 AND case_id = (SELECT min(case_id) FROM timeline WHERE seq = 3)`), "timeline-gap tally-unproved", ""},
		{"the last entry taken out", func(h *hospital) {
			h.exec(`DELETE FROM timeline WHERE case_id = (SELECT min(id) FROM cases) AND seq = (SELECT version FROM cases WHERE id = (SELECT min(id) FROM cases))`)
		}, "timeline-version tally-unproved", ""},
		{"a version nobody recorded", aCase("1 = 1", "version = version + 1"), "timeline-version tally-unproved", ""},
		{"a clock that was set back", entry("action = 'remind' AND EXISTS (SELECT 1 FROM timeline x WHERE x.case_id = timeline.case_id AND x.seq > timeline.seq)", "at = at - 864000000"), "time-backwards", ""},
		{"a change time that no entry has", aCase("1 = 1", "updated_at = updated_at + 1"), "updated-at", ""},
		{"an action the model does not know", entry("action = 'note'", "action = 'ghost'"), "action-unknown", ""},
		{"a task nobody gave", func(h *hospital) {
			h.exec(`INSERT INTO task SELECT case_id, no + 1, kind, stage, post, holder, state, FALSE, about, request, exclude, acted, trail, given_at, taken_at, closed_at, outcome, due_at, clock, handle
				FROM task t WHERE closed_at > 0 AND no = (SELECT max(no) FROM task x WHERE x.case_id = t.case_id) ORDER BY case_id LIMIT 1`)
		}, "task-unexplained", ""},
		{"a task that vanished", func(h *hospital) {
			id, no := h.task(`closed_at > 0 AND no = (SELECT max(no) FROM task x WHERE x.case_id = task.case_id)`)
			h.exec(`DELETE FROM task WHERE case_id = $1 AND no = $2`, id, no)
		}, "task-missing", ""},
		{"a task that vanished from the middle", func(h *hospital) {
			id, _ := h.task(`no = 2`)
			h.exec(`DELETE FROM task WHERE case_id = $1 AND no = 1`, id)
		}, "task-missing tally-unproved", ""},
		{"another outcome than the timeline tells", task("closed_at > 0", "outcome = 'x'"), "task-differs", ""},
		{"another taker's time", task("taken_at > 0 AND closed_at > 0 AND kind <> 'approval'", "given_at = given_at - 1"), "task-differs", ""},
		{"a rating nobody gave", aCase("rating = 0", "rating = 5"), "case-differs", ""},
		{"a reopening nobody asked for", aCase("1 = 1", "reopens = reopens + 1"), "case-differs", ""},
		{"a pause too many", aCase("1 = 1", "pauses = pauses + 1"), "case-differs", ""},
		{"an extension too many", aCase("1 = 1", "extensions = extensions + 1"), "case-differs", ""},
		{"supervision taken off", aCase("supervised = TRUE", "supervised = FALSE"), "case-differs", ""},
		{"another first receiver", aCase("1 = 1", "first_post = 'x@y'"), "case-differs", ""},
		{"an end the timeline does not tell", aCase("ended <> '' AND merged_into = ''", "ended = 'ghost'"), "case-differs", ""},
		{"a recorded deadline that was changed", func(h *hospital) { h.recorded() }, "deadline-unexplained", "tally"},
		{"an area nobody knows", aCase("1 = 1", "area = 'nowhere'"), "area-unknown", "tally case-differs"},
		{"a path that is not the area's", aCase("1 = 1", "path = '/320682/'"), "path", ""},
		{"a model that is gone", aCase("1 = 1", "model = 'ghost@1'"), "model-unknown tally-unproved", ""},
		{"a category that is gone", aCase("1 = 1", "category = '99'"), "category-unknown", "case-differs"},
		{"merged into nothing", aCase("merged_into <> ''", "merged_into = 'nothing'"), "merged-unknown case-differs", ""},
		{"merged into itself", aCase("merged_into <> ''", "merged_into = id"), "merged-cycle case-differs", ""},
		{"a file that is gone", func(h *hospital) { h.file(os.Remove) }, "file-missing", ""},
		{"a file cut short", func(h *hospital) { h.file(func(name string) error { return os.Truncate(name, 300) }) }, "file-size", ""},
		{"a file nobody brought", sql(`INSERT INTO attachment SELECT 'x', case_id, at, account, name, use, hash, thumb, type, size, public FROM attachment ORDER BY id LIMIT 1`), "file-unexplained", ""},
		{"a case that search cannot find", func(h *hospital) { h.forget() }, "not-searchable", ""},
		{"a day whose cases a list would not show", sql(`UPDATE received_day SET highest = lowest - 1 WHERE day = (SELECT max(day) FROM received_day)`), "not-in-its-day", ""},
		{"a day that is gone", sql(`DELETE FROM received_day WHERE day = (SELECT min(day) FROM received_day)`), "not-in-its-day", ""},
		{"a counter of numbers set back", func(h *hospital) { h.numbers(1) }, "numbering", ""},
		{"a stored model changed by hand", sql(`UPDATE model SET text = text || ' ' WHERE id = 'whistle@2026.1'`), "model-text", ""},
		{"a decision about a model taken out", sql(`DELETE FROM model_change WHERE no = 1`), "activation-gap", ""},
		{"a withdrawal of nothing", sql(`UPDATE model_change SET about = 9 WHERE no = 3`), "activation-lost", ""},
		{"an activation of a version that is gone", sql(`UPDATE model_change SET model = 'seven-step@1999.1' WHERE no = 1`), "activation-lost", ""},
		{"a count too many", one("tally", "path, day, measure", "1 = 1", "n = n + 1"), "tally", ""},
		{"a count lost", sql(`DELETE FROM tally WHERE measure = 'closed'`), "tally", ""},
		{"a count from nowhere", sql(`INSERT INTO tally (path, day, measure, n) VALUES ('/x/', 20000, 'closed', 3)`), "tally", ""},
	}
}

func TestEveryKindOfDamageIsFoundAndNamed(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		c.Walk(28, 420)
		turn(t, c)
		h := &hospital{County: c}
		h.admit()
		covered := map[string]bool{}
		for _, d := range damages() {
			t.Run(d.name, func(t *testing.T) {
				h.T = t
				at := c.Clock.Now()
				d.do(h)
				got := h.codes(t)
				c.Clock.Set(at)
				want, also := strings.Fields(d.want), strings.Fields(d.also)
				for _, code := range want {
					covered[code] = true
					if got[code] == "" {
						t.Errorf("not found: %s", code)
					}
				}
				for code, text := range got {
					if !slices.Contains(want, code) && !slices.Contains(also, code) {
						t.Errorf("also found %s: %s", code, text)
					}
				}
				h.heal()
			})
		}
		h.T = t
		if got := h.codes(t); len(got) > 0 {
			t.Errorf("the county did not heal, so what came after the first damage proves little: %v", got)
		}
		for _, code := range casework.CheckCodes() {
			if !covered[code] {
				t.Errorf("no damage shows the rule %s", code)
			}
		}
	})
}

// turn leaves decisions about a model behind: one that counts, one that was planned and taken back.
func turn(t *testing.T, c *prooftest.County) {
	t.Helper()
	ctx := context.Background()
	for base, version := range []string{"2026.2", "2026.3"} {
		cmd := casework.ActivateCommand{Name: "seven-step", Base: int64(base), Text: edition(t, c, "seven-step", version), Reason: "试用"}
		if base == 1 {
			cmd.Since = c.Clock.Now().Add(time.Hour)
		}
		if _, err := c.Cases.Activate(ctx, staff.System(), cmd); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Cases.Withdraw(ctx, staff.System(), casework.WithdrawCommand{Name: "seven-step", Base: 2, No: 2, Reason: "再看看"}); err != nil {
		t.Fatal(err)
	}
}

// hospital keeps a healthy copy of everything.
type hospital struct {
	*prooftest.County
	files map[string][]byte
}

var kept = []string{"cases", "task", "timeline", "alert", "watch", "attachment", "tally", "search_todo", "staff_appointment", "area", "area_org", "model", "model_change"}

func (h *hospital) exec(query string, args ...any) {
	h.T.Helper()
	err := h.DB.Write(context.Background(), func(tx *database.Tx) error {
		n, err := tx.Exec(query, args...)
		if err == nil && n == 0 && !strings.HasPrefix(query, "CREATE") && !strings.HasPrefix(query, "DELETE FROM search_todo") {
			err = fmt.Errorf("nothing was damaged by %s", query)
		}
		return err
	})
	if err != nil {
		h.T.Fatal(err)
	}
}

func (h *hospital) admit() {
	for _, table := range kept {
		h.exec(`CREATE TABLE kept_` + table + ` AS SELECT * FROM ` + table)
	}
	h.files = map[string][]byte{}
	_ = filepath.WalkDir(filepath.Join(h.Dir, "files"), func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			h.files[name], err = os.ReadFile(name)
		}
		return err
	})
}

func (h *hospital) heal() {
	h.T.Helper()
	err := h.DB.Write(context.Background(), func(tx *database.Tx) error {
		for _, table := range kept {
			for _, query := range []string{`DELETE FROM ` + table, `INSERT INTO ` + table + ` SELECT * FROM kept_` + table} {
				if _, err := tx.Exec(query); err != nil {
					return err
				}
			}
		}
		_, err := tx.Exec(`INSERT INTO search_todo (serial) SELECT serial FROM cases`)
		return err
	})
	if err != nil {
		h.T.Fatal(err)
	}
	h.numbers(int64(len(h.IDs)))
	h.people(`UPDATE staff_revision SET registry = registry + 1`)
	h.tree(`UPDATE area_revision SET version = version + 1`)
	for name, content := range h.files {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			h.T.Fatal(err)
		}
	}
	if _, err := h.Cases.Index(context.Background()); err != nil {
		h.T.Fatal(err)
	}
}

func (h *hospital) codes(t *testing.T) map[string]string {
	t.Helper()
	findings, stats, err := h.Cases.Check(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	// cut into ten stretches the county is sick of the same
	cut, cutStats, err := h.Cases.CheckBy(context.Background(), 3, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(cut, findings) || !reflect.DeepEqual(cutStats, stats) {
		t.Errorf("in many pieces, %s; in one piece %+v, in many %+v", firstDifference(cut, findings), stats, cutStats)
	}
	out := map[string]string{}
	for _, f := range findings {
		out[f.Code] = f.Number + " " + f.Object + " " + f.Text.EN
		if f.Text.ZH == "" || strings.Contains(f.Text.EN+f.Text.ZH, "{") && f.Code != "unreadable" {
			t.Errorf("%s has a place that was not filled: %s / %s", f.Code, f.Text.EN, f.Text.ZH)
		}
	}
	if !slices.Equal(slices.Sorted(maps.Keys(out)), slices.Sorted(maps.Keys(stats.ByCode))) {
		t.Errorf("findings and their count disagree: %v", stats.ByCode)
	}
	return out
}

// task finds one that fits.
func (h *hospital) task(where string) (id string, no int) {
	h.T.Helper()
	err := h.DB.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row(`SELECT case_id, no FROM task WHERE `+where+` ORDER BY case_id, no LIMIT 1`).Scan(&id, &no)
	})
	if err != nil {
		h.T.Fatalf("no task where %s: %v", where, err)
	}
	return id, no
}

// clock changes the stored clock of one task.
func (h *hospital) clock(where string, edit func(map[string]any)) {
	h.T.Helper()
	id, no := h.task(where)
	var text string
	if err := h.DB.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row(`SELECT clock FROM task WHERE case_id = $1 AND no = $2`, id, no).Scan(&text)
	}); err != nil {
		h.T.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		h.T.Fatal(err)
	}
	edit(c)
	raw, _ := json.Marshal(c)
	h.exec(`UPDATE task SET clock = $1 WHERE case_id = $2 AND no = $3`, string(raw), id, no)
}

// holder gives the responsible work of a case to another post.
func (h *hospital) holder(post string) {
	id, no := h.task(openTask + " AND responsible = TRUE")
	h.exec(`UPDATE task SET holder = $1 WHERE case_id = $2 AND no = $3`, post, id, no)
	h.exec(`UPDATE cases SET holder = $1 WHERE id = $2`, post, id)
}

func (h *hospital) people(query string) {
	h.exec(query)
	h.exec(`UPDATE staff_revision SET registry = registry + 1`)
}

func (h *hospital) tree(query string) {
	h.exec(query)
	h.exec(`UPDATE area_revision SET version = version + 1`)
}

// recorded changes what an entry says of the overall deadline it moved.
func (h *hospital) recorded() {
	h.T.Helper()
	var id, text string
	var seq int
	if err := h.DB.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row(`SELECT case_id, seq, data FROM timeline WHERE data LIKE '%"clock":{"case":[%' AND seq > 1 ORDER BY case_id, seq LIMIT 1`).Scan(&id, &seq, &text)
	}); err != nil {
		h.T.Fatal(err)
	}
	var data map[string]any
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		h.T.Fatal(err)
	}
	move := data["clock"].(map[string]any)["case"].([]any)
	move[1] = move[1].(float64) + 1000
	raw, _ := json.Marshal(data)
	h.exec(`UPDATE timeline SET data = $1 WHERE case_id = $2 AND seq = $3`, string(raw), id, seq)
}

// file spoils the content of an attachment.
func (h *hospital) file(spoil func(name string) error) {
	h.T.Helper()
	var hash string
	if err := h.DB.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row(`SELECT hash FROM attachment ORDER BY id LIMIT 1`).Scan(&hash)
	}); err != nil {
		h.T.Fatal(err)
	}
	if err := spoil(filepath.Join(h.Dir, "files", hash[:2], hash[2:4], hash)); err != nil {
		h.T.Fatal(err)
	}
}

func (h *hospital) forget() {
	if h.DB.Engine() == database.Postgres {
		h.exec(`DELETE FROM case_text WHERE serial = (SELECT min(serial) FROM cases)`)
		return
	}
	h.exec(`DELETE FROM case_text WHERE rowid = (SELECT min(serial) FROM cases)`)
}

func (h *hospital) numbers(n int64) {
	h.T.Helper()
	if h.DB.Engine() == database.SQLite {
		h.exec(`UPDATE counter SET n = $1 WHERE name = 'case_2026'`, n)
		return
	}
	err := h.DB.Write(context.Background(), func(tx *database.Tx) error {
		var got int64
		return tx.Row(`SELECT setval('series_case_2026', $1)`, n).Scan(&got)
	})
	if err != nil {
		h.T.Fatal(err)
	}
}
