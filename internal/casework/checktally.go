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

// counter is one count, packed: a county keeps a few million of them.
type counter struct {
	path    int32
	day     int32
	measure int16
}

// recount adds what the case's timeline brought to the counters. Where the case lay and what its overall
// deadline was at each entry is found by walking back from now through the entries that changed them.
func (k *checker) recount(w *whole, r *replayed) {
	areas, dues := make([]string, len(w.entries)), make([]int64, len(w.entries))
	code, due := w.Area, database.Millis(w.Clock.due())
	for i := len(w.entries) - 1; i >= 0; i-- {
		e := &w.entries[i]
		areas[i] = code
		if v, ok := e.Data.Fields["area"]; ok {
			if before, ok := v[0].(string); ok {
				code = before
			}
		}
		if move, ok := e.Data.Clock["case"]; ok {
			if move[1] != due {
				k.add("deadline-unexplained", w.Case, entryName(e), "have", moment(database.Time(move[1])), "want", moment(database.Time(due)))
			}
			due = move[0]
			dues[i] = move[1]
			continue
		}
		dues[i] = due
	}
	for _, c := range r.counted {
		e := &w.entries[c.entry]
		if c.measure == OnTime && dues[c.entry] != 0 && e.At.UnixMilli() > dues[c.entry] {
			continue
		}
		k.counts[counter{k.path(areas[c.entry]), int32(day(e.At)), k.measure(c.measure)}]++
	}
}

// path is the number of the path at which an area's counts are kept now: they follow an area that was
// merged or split to its first successor.
func (k *checker) path(code string) int32 {
	tree := k.s.areas.Tree()
	path := tree.Path(code)
	if now := tree.Current(code); len(now) > 0 {
		path = now[0].Path
	}
	n, ok := k.paths[path]
	if !ok {
		n = int32(len(k.paths))
		k.paths[path] = n
	}
	return n
}

func (k *checker) measure(name string) int16 {
	n, ok := k.measures[name]
	if !ok {
		n = int16(len(k.measures))
		k.measures[name] = n
	}
	return n
}

// checkTally holds the counters against the recount.
func (k *checker) checkTally() error {
	if k.unproved > 0 {
		k.add("tally-unproved", nil, "", "n", fmt.Sprint(k.unproved))
		return nil
	}
	differs := func(path string, day int64, measure string, have, want int64) {
		date := time.Unix(day*86400, 0).UTC().Format("2006-01-02")
		k.add("tally", nil, fmt.Sprintf("%s %s %s", path, date, measure), "have", fmt.Sprint(have), "want", fmt.Sprint(want))
	}
	err := k.each(`SELECT path, day, measure, n FROM tally ORDER BY path, day, measure`, nil, func(row database.Scanner) error {
		var path, measure string
		var day, n int64
		if err := row.Scan(&path, &day, &measure, &n); err != nil {
			return err
		}
		k.stats.Counters++
		var want int64
		if p, ok := k.paths[path]; ok {
			if m, ok := k.measures[measure]; ok {
				c := counter{p, int32(day), m}
				want = k.counts[c]
				delete(k.counts, c)
			}
		}
		if n != want {
			differs(path, day, measure, n, want)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("comparing counters: %w", err)
	}
	if len(k.counts) == 0 {
		return nil
	}
	paths, measures := make([]string, len(k.paths)), make([]string, len(k.measures))
	for name, n := range k.paths {
		paths[n] = name
	}
	for name, n := range k.measures {
		measures[n] = name
	}
	rest := make([]counter, 0, len(k.counts))
	for c := range k.counts {
		rest = append(rest, c)
	}
	slices.SortFunc(rest, func(a, b counter) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.day, b.day), cmp.Compare(a.measure, b.measure))
	})
	for _, c := range rest {
		differs(paths[c.path], int64(c.day), measures[c.measure], 0, k.counts[c])
	}
	return nil
}
