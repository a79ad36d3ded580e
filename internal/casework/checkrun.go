package casework

import (
	"fmt"
	"sync"
	"time"

	"linli/internal/area"
	"linli/internal/calendar"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// checkRun is one run of Check. The cases are cut into stretches by their ids; several workers take one after the
// other, each on its own view of the same moment, and what they find is put together in the order of the ids.
// Its memory grows with posts and counters, not with cases.
type checkRun struct {
	s         *Service
	by        layout
	now       time.Time
	tree      *area.Tree
	calendars *calendar.Set
	total     int
	progress  func(done, total int)

	mu     sync.Mutex
	other  []func(*checker) error // what is asked of all cases at once, still to be done
	next   stretch
	done   bool           // every stretch has been given out
	early  map[int]*found // of stretches behind one that is still being worked on
	joined int            // stretches in found
	found  found
	ledger ledger
}

func newCheckRun(s *Service, by layout, now time.Time, progress func(done, total int)) *checkRun {
	return &checkRun{s: s, by: by, now: now, tree: s.areas.Tree(), calendars: s.calendars.Load(), progress: progress,
		other: []func(*checker) error{(*checker).checkAlerts, (*checker).checkIndex, (*checker).checkWatches, (*checker).checkNumbers, (*checker).checkModels},
		next:  stretch{first: true}, early: map[int]*found{}, ledger: newLedger(), found: found{stats: Stats{At: now, ByCode: map[string]int64{}}}}
}

// all looks at everything.
func (r *checkRun) all(open []*database.Tx) error {
	if err := open[0].Row(`SELECT count(*) FROM cases`).Scan(&r.total); err != nil {
		return fmt.Errorf("counting cases: %w", err)
	}
	r.progress(0, r.total)
	if err := database.Abreast(open, r.work); err != nil {
		return err
	}
	if r.found.stats.Cases != int64(r.total) {
		return fmt.Errorf("%d cases were read of %d: the index of their ids may be damaged", r.found.stats.Cases, r.total)
	}
	k := r.checker(open[0])
	if err := k.checkTally(); err != nil {
		return err
	}
	r.found.join(&k.found)
	if r.found.late > 0 {
		r.found.note(ofSweep, "sweep-late", nil, "", "", "n", fmt.Sprint(r.found.late), "since", r.found.oldest.In(beijingZone()).Format("2006-01-02 15:04"))
	}
	return nil
}

// work takes one piece of work after the other until none is left.
func (r *checkRun) work(tx *database.Tx, stop <-chan struct{}) error {
	k := r.checker(tx)
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		piece, err := r.take(k)
		if err != nil || piece == nil {
			return err
		}
		if err := piece(); err != nil {
			return err
		}
	}
}

// take gives the next piece of work; nil when there is none.
func (r *checkRun) take(k *checker) (func() error, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case len(r.other) > 0:
		do := r.other[0]
		r.other = r.other[1:]
		return func() error {
			err := do(k)
			r.put(k)
			return err
		}, nil
	case r.done:
		return nil, nil
	}
	here := r.next
	var err error
	if here, err = k.measure(here); err != nil {
		return nil, err
	}
	r.done = here.last
	r.next = stretch{no: here.no + 1, behind: here.upTo}
	return func() error {
		if err := k.read(here); err != nil {
			return err
		}
		for i := range k.page.wholes {
			k.check(&k.page.wholes[i])
		}
		if k.err != nil {
			return k.err
		}
		r.putStretch(k, here.no)
		return nil
	}, nil
}

// measure finds where a stretch ends.
func (k *checker) measure(s stretch) (stretch, error) {
	where, args := stretch{first: s.first, behind: s.behind, last: true}.holds("id")
	err := k.tx.Row(`SELECT id FROM cases WHERE `+where+` ORDER BY id LIMIT 1 OFFSET `+fmt.Sprint(k.by.stretch-1), args...).Scan(&s.upTo)
	if database.IsNoRows(err) {
		s.last, err = true, nil
	}
	if err != nil {
		return s, fmt.Errorf("cutting the cases into stretches: %w", err)
	}
	return s, nil
}

// put takes in what a worker has found where the order of the cases does not matter.
func (r *checkRun) put(k *checker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found.join(&k.found)
	k.found = found{}
}

// putStretch takes in what a worker has found in a stretch, once everything before it is there.
func (r *checkRun) putStretch(k *checker, no int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ledger.count(k.increments)
	k.increments = k.increments[:0]
	f := k.found
	r.early[no], k.found = &f, found{}
	for {
		next, ok := r.early[r.joined]
		if !ok {
			break
		}
		delete(r.early, r.joined)
		r.joined++
		r.found.join(next)
	}
	r.progress(int(r.found.stats.Cases), r.total)
}

// checker is one worker of a run, with what it has found since it last handed in and what it need not ask twice.
type checker struct {
	*checkRun
	tx    *database.Tx
	found found
	page  page
	err   error // the database could not be asked

	covers   map[staff.Post]staff.Cover // who answers now
	earlier  map[staff.Post]staff.Post  // who answered turnOverGrace ago
	currents map[string]string          // the path at which an area's counts are kept now
	actions  map[*flow.Definition]map[actionKey]*flow.Action
	replayed replayed
	areas    []string // where the case lay at each entry
	dues     []int64  // its overall deadline after each entry

	increments []increment
}

func (r *checkRun) checker(tx *database.Tx) *checker {
	return &checker{checkRun: r, tx: tx, covers: map[staff.Post]staff.Cover{}, earlier: map[staff.Post]staff.Post{},
		currents: map[string]string{}, actions: map[*flow.Definition]map[actionKey]*flow.Action{}}
}

// check looks at one case with everything that belongs to it.
func (k *checker) check(w *whole) {
	stats := &k.found.stats
	stats.Cases++
	k.found.unproved++ // until it is proved
	for _, u := range w.unread {
		k.found.note(ofCases, "unreadable", nil, "", w.ID+" "+u.object, "why", u.err.Error())
	}
	if w.lost {
		return
	}
	if w.Open() {
		stats.Open++
		if !w.PausedAt.IsZero() {
			stats.Paused++
		}
	}
	k.checkFiles(w)
	k.checkReporter(w)
	k.checkPlace(w)
	k.checkMerged(w)
	if len(w.unread) > 0 {
		return // half of it says nothing about the whole
	}
	for i := range w.Tasks {
		if w.Tasks[i].No != i+1 {
			k.add("task-missing", w.Case, taskName(i+1))
			return
		}
	}
	d, err := k.s.model(k.tx, w.Model)
	if k.failed(err) {
		return
	}
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

// failed tells whether an error is the database's own, which says nothing about the case. The run ends with it.
func (k *checker) failed(err error) bool {
	if fault.Is(err, fault.Unavailable) {
		k.err = err
	}
	return k.err != nil
}

// add notes a finding of a case; the pairs fill its text.
func (k *checker) add(code string, c *Case, object string, pairs ...string) {
	k.found.note(ofCases, code, c, k.s.Number(c), object, pairs...)
}

func beijingZone() *time.Location { return time.FixedZone("CST", beijing) }
