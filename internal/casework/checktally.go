package casework

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"linli/internal/platform/database"
)

// satisfied is the lowest rating that counts as satisfied.
const satisfied = 4

// increment is one more of a measure, in an area, on a day.
type increment struct {
	path, measure string
	day           int64
}

// recount adds what the case's timeline brought to the counters. Where the case lay and what its overall
// deadline was at each entry is found by walking back from now through the entries that changed them.
func (k *checker) recount(w *whole, r *replayed) {
	n := len(w.lines)
	k.areas, k.dues = slices.Grow(k.areas[:0], n)[:n], slices.Grow(k.dues[:0], n)[:n]
	code, due := w.Area, database.Millis(w.Clock.due())
	for i := n - 1; i >= 0; i-- {
		l := &w.lines[i]
		k.areas[i] = code
		if v, ok := l.fields["area"]; ok {
			if before, ok := v[0].(string); ok {
				code = before
			}
		}
		if !l.moved {
			k.dues[i] = due
			continue
		}
		if l.after != due {
			k.add("deadline-unexplained", w.Case, lineName(l), "have", moment(database.Time(l.after)), "want", moment(database.Time(due)))
		}
		k.dues[i], due = l.after, l.before
	}
	for _, c := range r.counted {
		at := w.lines[c.entry].at
		if late := k.dues[c.entry]; c.measure == OnTime && late != 0 && at.UnixMilli() > late {
			continue
		}
		k.increments = append(k.increments, increment{k.current(k.areas[c.entry]), c.measure, day(at)})
	}
}

// current is the path at which an area's counts are kept now: they follow an area that was merged or split to
// its first successor.
func (k *checker) current(code string) string {
	path, ok := k.currents[code]
	if !ok {
		path = k.tree.Path(code)
		if now := k.tree.Current(code); len(now) > 0 {
			path = now[0].Path
		}
		k.currents[code] = path
	}
	return path
}

// ledger is the recount of all counters. A county has a million of them in a year, of which those of neighbouring
// days lie together.
type ledger struct {
	paths, measures map[string]int32
	pages           map[ledgerPage]*[daysOfPage]int32
}

// A page has the counters of 2^pageBits days.
const (
	pageBits   = 5
	daysOfPage = 1 << pageBits
)

type ledgerPage struct {
	path, measure int32
	page          int64 // days since 1970, without their last pageBits
}

func newLedger() ledger {
	return ledger{map[string]int32{}, map[string]int32{}, map[ledgerPage]*[daysOfPage]int32{}}
}

func (l *ledger) count(list []increment) {
	for i := range list {
		one := &list[i]
		key := ledgerPage{numbered(l.paths, one.path), numbered(l.measures, one.measure), one.day >> pageBits}
		page := l.pages[key]
		if page == nil {
			page = new([daysOfPage]int32)
			l.pages[key] = page
		}
		page[one.day&(daysOfPage-1)]++
	}
}

// take gives a counter and forgets it, so that in the end those are left that nobody asked for.
func (l *ledger) take(path, measure string, day int64) (n int64) {
	p, known := l.paths[path]
	m, counted := l.measures[measure]
	if !known || !counted {
		return 0
	}
	page := l.pages[ledgerPage{p, m, day >> pageBits}]
	if page == nil {
		return 0
	}
	one := &page[day&(daysOfPage-1)]
	n, *one = int64(*one), 0
	return n
}

// numbered is the number of a name, the next one when it is new.
func numbered(names map[string]int32, name string) int32 {
	n, ok := names[name]
	if !ok {
		n = int32(len(names)) //nolint:gosec // areas and measures
		names[name] = n
	}
	return n
}

// left lists the counters that are not 0, in the order of paths, days and measures.
func (l *ledger) left(each func(path string, day int64, measure string, n int64)) {
	type counter struct {
		increment
		n int32
	}
	paths, measures := named(l.paths), named(l.measures)
	var rest []counter
	for key, page := range l.pages {
		for i, n := range page {
			if n != 0 {
				rest = append(rest, counter{increment{paths[key.path], measures[key.measure], key.page<<pageBits + int64(i)}, n})
			}
		}
	}
	slices.SortFunc(rest, func(a, b counter) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.day, b.day), cmp.Compare(a.measure, b.measure))
	})
	for _, c := range rest {
		each(c.path, c.day, c.measure, int64(c.n))
	}
}

func named(numbers map[string]int32) []string {
	names := make([]string, len(numbers))
	for name, n := range numbers {
		names[n] = name
	}
	return names
}

// checkTally holds the counters against the recount.
func (k *checker) checkTally() error {
	if k.checkRun.found.unproved > 0 {
		k.found.note(ofTally, "tally-unproved", nil, "", "", "n", fmt.Sprint(k.checkRun.found.unproved))
		return nil
	}
	differs := func(path string, day int64, measure string, have, want int64) {
		date := time.Unix(day*86400, 0).UTC().Format("2006-01-02")
		k.found.note(ofTally, "tally", nil, "", fmt.Sprintf("%s %s %s", path, date, measure), "have", fmt.Sprint(have), "want", fmt.Sprint(want))
	}
	err := k.tx.Stream(`SELECT path, day, measure, n FROM tally ORDER BY day, path, measure`, nil, func(r *database.Row) error {
		path, day, measure, n := r.Text(), r.Integer(), r.Text(), r.Integer()
		if r.Err() != nil {
			return r.Err()
		}
		k.found.stats.Counters++
		if want := k.ledger.take(path, measure, day); n != want {
			differs(path, day, measure, n, want)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("comparing counters: %w", err)
	}
	k.ledger.left(func(path string, day int64, measure string, n int64) { differs(path, day, measure, 0, n) })
	return nil
}
