package main

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
)

// written is what a burst wrote, case by case, as statements of the bare loop: the rows that belong to a case are
// inserted; what cases share (counters, tallies) is counted up, one step for each case that counted.
type written struct {
	tables []*dbTable
	cases  [][]statement
	shared map[string]bool // tables that are counted up
	steps  map[string]int  // how often in all
}

// statement is one row to write into a table, by its place in written.tables.
type statement struct {
	table  int
	values []any
}

func (w *written) count() (n int) {
	for _, c := range w.cases {
		n += len(c)
	}
	return n
}

// since tells what was written after an earlier snapshot.
func (s *snapshot) since(before *snapshot) (*written, error) {
	w := &written{tables: s.tables, shared: map[string]bool{}, steps: map[string]int{}}
	owners := s.newCases(w, before)
	byPath := map[string][]int{}
	for i, c := range w.cases {
		path := fmt.Sprint(c[0].values[s.tables[0].column("path")])
		byPath[path] = append(byPath[path], i)
	}
	for i, t := range s.tables[1:] {
		for key, values := range s.rows[t.Name] {
			old, known := before.rows[t.Name][key]
			if known && reflect.DeepEqual(old, values) {
				continue
			}
			owner, ok := t.owner(values, owners)
			if ok && !known {
				w.cases[owner] = append(w.cases[owner], statement{i + 1, values})
				continue
			}
			if err := w.share(i+1, old, values, byPath); err != nil {
				return nil, err
			}
		}
	}
	for _, c := range w.cases {
		w.order(c)
	}
	return w, nil
}

// order puts statements by table; those on shared rows by their keys, so that two transactions never wait for each other
// in a ring.
func (w *written) order(list []statement) {
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.table != b.table || !w.shared[w.tables[a.table].Name] {
			return a.table < b.table
		}
		t := w.tables[a.table]
		return t.keyOf(a.values) < t.keyOf(b.values)
	})
}

// newCases begins the list with the case rows, in the order of their numbers, and tells whose id or number is whose.
func (s *snapshot) newCases(w *written, before *snapshot) map[any]int {
	t := s.tables[0]
	serial, id := t.column("serial"), t.column("id")
	for key, values := range s.rows[t.Name] {
		if before.rows[t.Name][key] == nil {
			w.cases = append(w.cases, []statement{{0, values}})
		}
	}
	sort.Slice(w.cases, func(i, j int) bool {
		return w.cases[i][0].values[serial].(int64) < w.cases[j][0].values[serial].(int64)
	})
	owners := map[any]int{}
	for i, c := range w.cases {
		owners[c[0].values[serial]], owners[c[0].values[id]] = i, i
	}
	return owners
}

// owner is the case that a row belongs to: its key names the case.
func (t *dbTable) owner(values []any, owners map[any]int) (int, bool) {
	for _, k := range t.key {
		if i, ok := owners[values[k]]; ok {
			return i, true
		}
	}
	return 0, false
}

// share deals the steps by which a shared number grew to the cases that made it grow: those of its area where it has
// one, otherwise to all in turn.
func (w *written) share(table int, old, values []any, byPath map[string][]int) error {
	t := w.tables[table]
	n := t.counted()
	if n < 0 {
		return fmt.Errorf("%s: a row that belongs to no case and is no counter was written: %v", t.Name, values)
	}
	grown := values[n].(int64)
	if old != nil {
		grown -= old[n].(int64)
	}
	var dealt []int
	if path := t.column("path"); path >= 0 {
		dealt = byPath[fmt.Sprint(values[path])]
	}
	w.shared[t.Name] = true
	step := slices.Clone(values)
	step[n] = int64(1)
	for range grown {
		owner := w.steps[t.Name] % len(w.cases)
		if len(dealt) > 0 {
			owner, dealt = dealt[0], dealt[1:]
		}
		w.cases[owner] = append(w.cases[owner], statement{table, step})
		w.steps[t.Name]++
	}
	return nil
}

// counted is the one number of a counter's row; -1 when the table is no counter.
func (t *dbTable) counted() int {
	if len(t.Columns) != len(t.key)+1 {
		return -1
	}
	for i, c := range t.Columns {
		if c.Type == "integer" && !t.inKey(i) {
			return i
		}
	}
	return -1
}

func (t *dbTable) inKey(column int) bool {
	for _, k := range t.key {
		if k == column {
			return true
		}
	}
	return false
}
