package casework

import (
	"context"
	"fmt"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// Severities of a finding. Errors break a promise of the loop; warnings tell what an operator should
// look at, or what was true when it happened and cannot be undone.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// Finding is one thing that is not as the recomputation says it should be.
type Finding struct {
	Severity string    `json:"severity" doc:"error or warning"`
	Code     string    `json:"code"`
	Case     string    `json:"case,omitempty" doc:"id of the case"`
	Number   string    `json:"number,omitempty" doc:"number of the case for people"`
	Object   string    `json:"object,omitempty" doc:"the hand-over, entry, file or counter concerned"`
	Text     lang.Text `json:"text" doc:"what is wrong and what to do"`
}

// Stats says how much was looked at.
type Stats struct {
	At        time.Time        `json:"at" doc:"the moment the proof is about"`
	Cases     int64            `json:"cases"`
	Open      int64            `json:"open"`
	Tasks     int64            `json:"tasks"`
	OpenTasks int64            `json:"open_tasks"`
	Entries   int64            `json:"entries" doc:"lines of all timelines"`
	Files     int64            `json:"files"`
	Counters  int64            `json:"counters"`
	Clocks    int64            `json:"clocks" doc:"deadlines computed again from their policy"`
	Frozen    int64            `json:"frozen" doc:"deadlines made under an earlier version of their calendar: kept, not computed again"`
	Covered   int64            `json:"covered" doc:"open hand-overs answered for by a fall-back"`
	Paused    int64            `json:"paused" doc:"open cases on a recorded pause"`
	Errors    int64            `json:"errors"`
	Warnings  int64            `json:"warnings"`
	ByCode    map[string]int64 `json:"by_code,omitempty" doc:"all findings, listed or not"`
}

const (
	checkPage    = 500
	mostFindings = 1000 // listed; the rest is counted

	// turnOverGrace is how long the program may take to act on an appointment that began or ended by time alone.
	turnOverGrace = 10 * time.Minute
	// sweepGrace is how long a reminder or escalation may wait for the sweep.
	sweepGrace = 10 * time.Minute
	// clockTolerance is how far the times of a timeline may go backwards: nodes differ by as much.
	clockTolerance = 5 * time.Second
)

// Check proves the loop by computing everything again: every open case has exactly one responsible post
// with somebody living behind it and a running clock or a recorded pause; timelines, clocks, columns,
// counters, files and the search index agree. It reads one snapshot, page by page, and may run beside
// the program. progress (may be nil) is told how many cases of how many are done.
//
// It is for the operator's own command line: no actor, no permission.
func (s *Service) Check(ctx context.Context, progress func(done, total int)) ([]Finding, Stats, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	if err := s.renew(ctx); err != nil {
		return nil, Stats{}, err
	}
	var k *checker
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		k = &checker{s: s, tx: tx, covers: map[staff.Post]staff.Cover{}, earlier: map[staff.Post]staff.Post{}, counts: map[counter]int64{},
			paths: map[string]int32{}, measures: map[string]int16{}, actions: map[*flow.Definition]map[string]*flow.Action{},
			stats: Stats{At: tx.Now, ByCode: map[string]int64{}}}
		return k.run(progress)
	})
	if err != nil {
		return nil, Stats{}, fmt.Errorf("checking cases: %w", err)
	}
	return k.out, k.stats, nil
}

// renew takes in what other processes changed in the tree and among the people since they were loaded.
func (s *Service) renew(ctx context.Context) error {
	if _, err := s.areas.Refresh(ctx); err != nil {
		return fmt.Errorf("loading areas: %w", err)
	}
	if _, err := s.staff.Refresh(ctx); err != nil {
		return fmt.Errorf("loading posts: %w", err)
	}
	return nil
}

// checker is one run. Its memory grows with posts and counters, not with cases.
type checker struct {
	s     *Service
	tx    *database.Tx
	stats Stats
	out   []Finding

	covers  map[staff.Post]staff.Cover // who answers now
	earlier map[staff.Post]staff.Post  // who answered turnOverGrace ago

	counts   map[counter]int64 // recounted from the timelines
	paths    map[string]int32
	measures map[string]int16
	actions  map[*flow.Definition]map[string]*flow.Action
	unproved int64 // cases whose timeline could not be followed, so that the counters cannot be compared
	late     int64 // cases whose next step should have been taken long ago
	oldest   time.Time
}

func (k *checker) run(progress func(done, total int)) error {
	var total int
	if err := k.tx.Row(`SELECT count(*) FROM cases`).Scan(&total); err != nil {
		return fmt.Errorf("counting cases: %w", err)
	}
	after := ""
	for {
		page, last, err := k.page(after)
		if err != nil {
			return err
		}
		for i := range page {
			k.check(&page[i])
		}
		progress(int(k.stats.Cases), total)
		if last == "" {
			break
		}
		after = last
	}
	for _, step := range []func() error{k.checkOrphans, k.checkIndex, k.checkNumbers, k.checkTally} {
		if err := step(); err != nil {
			return err
		}
	}
	if k.late > 0 {
		k.add("sweep-late", nil, "", "n", fmt.Sprint(k.late), "since", k.oldest.In(beijingZone()).Format("2006-01-02 15:04"))
	}
	return nil
}

func beijingZone() *time.Location { return time.FixedZone("CST", beijing) }

// whole is a case with everything that belongs to it.
type whole struct {
	*Case
	nos     []int       // numbers of the tasks as stored
	dues    []time.Time // due_at of the tasks as stored
	entries []Entry
	files   []Attachment
	broken  bool // something of it could not be read; that has been told
	sure    bool // it is clear which hand-over is the responsible one
}

// page reads the next cases after an id; last is "" at the end.
func (k *checker) page(after string) (page []whole, last string, err error) {
	// the text itself is not looked at
	columns := replaceOnce(caseColumns, "title, body, address", "title, '' AS body, '' AS address")
	index := map[string]int{}
	read := 0
	err = k.each(`SELECT `+columns+`, id FROM cases WHERE id > $1 ORDER BY id LIMIT $2`, []any{after, checkPage}, func(row database.Scanner) error {
		var id string
		c, err := scanCase(withExtra{row, &id})
		if id == "" {
			return err
		}
		read++
		last = id
		if err != nil {
			k.stats.Cases++
			k.unproved++
			k.unreadable(id, "case", err)
			return nil
		}
		index[id] = len(page)
		page = append(page, whole{Case: c})
		return nil
	})
	if err != nil || read == 0 {
		return nil, "", err
	}
	if err := k.fill(page, index, after, last); err != nil {
		return nil, "", err
	}
	if read < checkPage {
		last = ""
	}
	return page, last, nil
}

// fill reads what belongs to the cases of a page.
func (k *checker) fill(page []whole, index map[string]int, after, last string) error {
	owner := func(id string) *whole {
		if i, ok := index[id]; ok {
			return &page[i]
		}
		return nil
	}
	between := ` WHERE case_id > $1 AND case_id <= $2 ORDER BY case_id, `
	err := k.each(`SELECT `+taskColumns+`, due_at, case_id FROM task`+between+`no`, []any{after, last}, func(row database.Scanner) error {
		var due int64
		var id string
		t, err := scanTask(withExtra{withExtra{row, &id}, &due})
		w := owner(id)
		if id == "" || w == nil {
			return err // rows of nobody are told by checkOrphans
		}
		k.stats.Tasks++
		if err != nil {
			w.broken = true
			k.unreadable(id, taskName(t.No), err)
			return nil
		}
		w.Tasks, w.nos, w.dues = append(w.Tasks, t), append(w.nos, t.No), append(w.dues, database.Time(due))
		return nil
	})
	if err != nil {
		return err
	}
	err = k.each(`SELECT `+entryColumns+`, case_id FROM timeline`+between+`seq`, []any{after, last}, func(row database.Scanner) error {
		var id string
		e, err := scanEntry(withExtra{row, &id})
		w := owner(id)
		if id == "" || w == nil {
			return err
		}
		k.stats.Entries++
		if err != nil {
			w.broken = true
			k.unreadable(id, fmt.Sprintf("entry %d", e.Seq), err)
			return nil
		}
		w.entries = append(w.entries, e)
		return nil
	})
	if err != nil {
		return err
	}
	return k.each(`SELECT `+fileColumns+` FROM attachment`+between+`at, id`, []any{after, last}, func(row database.Scanner) error {
		a, err := scanFile(row)
		if err != nil {
			return err
		}
		if w := owner(a.Case); w != nil {
			k.stats.Files++
			w.files = append(w.files, a)
		}
		return nil
	})
}

// each runs a query row by row.
func (k *checker) each(query string, args []any, row func(database.Scanner) error) error {
	rows, err := k.tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// check looks at one case with everything that belongs to it.
func (k *checker) check(w *whole) {
	k.stats.Cases++
	if w.Open() {
		k.stats.Open++
		if !w.PausedAt.IsZero() {
			k.stats.Paused++
		}
	}
	k.checkFiles(w)
	k.checkReporter(w)
	k.checkPlace(w)
	k.checkMerged(w)
	k.unproved++ // until it is proved
	if w.broken {
		return // half of it says nothing about the whole
	}
	for i, no := range w.nos {
		if no != i+1 {
			k.add("task-missing", w.Case, taskName(i+1))
			return
		}
	}
	d, err := k.s.model(k.tx, w.Model)
	if err != nil {
		k.add("model-unknown", w.Case, w.Model)
		return
	}
	k.checkResponsible(w)
	k.checkHolders(w)
	k.checkClocks(w, d)
	k.checkColumns(w, d)
	k.checkTimeline(w, d)
}

// add notes a finding; the pairs fill its text.
func (k *checker) add(code string, c *Case, object string, pairs ...string) {
	rule := checkRules[code]
	if k.stats.ByCode[code]++; rule.severity == SeverityError {
		k.stats.Errors++
	} else {
		k.stats.Warnings++
	}
	if len(k.out) >= mostFindings {
		return
	}
	f := Finding{Severity: rule.severity, Code: code, Object: object, Text: rule.text.Fill(append(pairs, "object", object)...)}
	if c != nil {
		f.Case, f.Number = c.ID, k.s.Number(c)
	}
	k.out = append(k.out, f)
}

func (k *checker) unreadable(id, object string, err error) {
	k.add("unreadable", nil, id+" "+object, "why", err.Error())
}
