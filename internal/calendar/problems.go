package calendar

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"linli/internal/platform/fault"
)

// problems gathers everything wrong in the files read, so that one look tells all of it.
type problems struct {
	path string // the file and place the next problem belongs to
	all  *[]fault.Field
}

const maxProblems = 100

func newProblems() *problems { return &problems{all: new([]fault.Field)} }

// in gives the same list for a place further inside.
func (p *problems) in(format string, args ...any) *problems {
	return &problems{join(p.path, fmt.Sprintf(format, args...)), p.all}
}

// file gives the same list for a file.
func (p *problems) file(name string) *problems { return &problems{name + ":", p.all} }

func (p *problems) add(field, code, zh, en string) {
	if len(*p.all) < maxProblems {
		e := fault.New(fault.Invalid, "", "", "").At(join(p.path, field), code, zh, en)
		*p.all = append(*p.all, e.Fields...)
	}
}

func (p *problems) addf(field, code, zh, en string, args ...any) {
	p.add(field, code, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))
}

func (p *problems) count() int { return len(*p.all) }

// err gives everything as one refusal, or nil.
func (p *problems) err(code, zh, en string) error {
	if p.count() == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, code, zh, en)
	e.Fields = *p.all
	return e
}

func join(path, field string) string {
	switch {
	case path == "" || field == "":
		return path + field
	case path[len(path)-1] == ':':
		return path + " " + field
	}
	return path + "." + field
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
