package flow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"linli/internal/platform/lang"
)

// Severity tells how bad a problem is.
type Severity string

const (
	Error   Severity = "error"   // the model cannot be used
	Warning Severity = "warning" // it can, but somebody should look
)

// Problem is one thing wrong in a model's file, with its place and what to do about it.
type Problem struct {
	File     string    `json:"file"`
	Line     int       `json:"line" doc:"from 1; 0: the file as a whole"`
	Column   int       `json:"column" doc:"from 1, in characters"`
	Code     string    `json:"code" doc:"stable code in kebab case"`
	Text     lang.Text `json:"text"`
	Hint     lang.Text `json:"hint"`
	Severity Severity  `json:"severity"`
}

// In gives the problem as one line: file:line:column: message (hint).
func (p Problem) In(tag lang.Tag) string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	s := place + ": "
	if p.Severity == Warning {
		s += lang.T("提醒:", "warning: ").In(tag)
	}
	s += p.Text.In(tag)
	if !p.Hint.Empty() {
		s += " (" + p.Hint.In(tag) + ")"
	}
	return s
}

// Error is In for the log and the command line.
func (p Problem) Error() string { return p.In(lang.EN) }

// Problems is everything wrong at once, sorted by place; as an error, one problem a line.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Errors gives those that keep the model from being used.
func (p Problems) Errors() Problems {
	return slices.DeleteFunc(slices.Clone(p), func(x Problem) bool { return x.Severity != Error })
}

func (p Problems) sort() {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
}

// nearest finds the known word that somebody most likely meant, "" when none is close.
func nearest(word string, known []string) string {
	best, least := "", 1+max(1, (len(word)+1)/3)
	for _, k := range known {
		if d := distance(word, k, least); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the edits between two words (a swap of neighbours is one edit), cut off at most.
func distance(a, b string, most int) int {
	if len(a) > 64 || len(b) > 64 || len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}

// meant is the hint for an unknown word.
func meant(word string, known []string) lang.Text {
	if k := nearest(word, known); k != "" {
		return lang.T("是不是“"+k+"”?", "did you mean "+k+"?")
	}
	list := strings.Join(known, ", ")
	return lang.T("可用:"+list, "known: "+list)
}
