package casework

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/lang"
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
	mostFindings = 1000 // listed; the rest is counted

	// turnOverGrace is how long the program may take to act on an appointment that began or ended by time alone.
	turnOverGrace = 10 * time.Minute
	// sweepGrace is how long a reminder or escalation may wait for the sweep.
	sweepGrace = 10 * time.Minute
	// clockTolerance is how far the times of a timeline may go backwards: nodes differ by as much.
	clockTolerance = 5 * time.Second
)

// layout is how the work of Check is cut: what it finds does not depend on it.
type layout struct {
	stretch int // cases looked at together
	workers int // at once
}

const (
	checkStretch = 500 // enough for the queries to weigh little, and little enough for memory
	mostWorkers  = 4   // each has some 40 MB of cache on SQLite
)

// Check proves the loop by computing everything again: every open case has exactly one responsible post
// with somebody living behind it and a running clock or a recorded pause; timelines, clocks, columns,
// counters, files and the search index agree. It reads one moment of the database, stretch by stretch with several
// processors, and may run beside the program. progress (may be nil) is told how many cases of how many are done.
//
// It is for the operator's own command line: no actor, no permission.
func (s *Service) Check(ctx context.Context, progress func(done, total int)) ([]Finding, Stats, error) {
	return s.checkBy(ctx, layout{stretch: checkStretch, workers: min(runtime.GOMAXPROCS(0), mostWorkers)}, progress)
}

func (s *Service) checkBy(ctx context.Context, by layout, progress func(done, total int)) ([]Finding, Stats, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	for {
		known, err := s.renew(ctx)
		if err != nil {
			return nil, Stats{}, err
		}
		var run *checkRun
		err = s.db.Snapshots(ctx, by.workers, func(open []*database.Tx) error {
			// The rows are of one moment. Are the posts and areas in memory of the same one?
			now, err := s.renew(ctx)
			if err != nil || now != known {
				return err
			}
			run = newCheckRun(s, by, open[0].Now, progress)
			return run.all(open)
		})
		if err != nil {
			return nil, Stats{}, fmt.Errorf("checking cases: %w", err)
		}
		if run != nil {
			return run.found.findings(), run.found.stats, nil
		}
	}
}

// state is which areas and posts are in memory.
type state struct{ areas, posts int64 }

// renew takes in what other processes changed in the tree and among the people since they were loaded.
func (s *Service) renew(ctx context.Context) (state, error) {
	if _, err := s.areas.Refresh(ctx); err != nil {
		return state{}, fmt.Errorf("loading areas: %w", err)
	}
	if _, err := s.staff.Refresh(ctx); err != nil {
		return state{}, fmt.Errorf("loading posts: %w", err)
	}
	return state{s.areas.Tree().Version(), s.staff.Version()}, nil
}
