package main

import (
	"fmt"
	"strings"
)

// table is one table of the report.
type table struct {
	title string
	rows  []row
	notes []string // what must be known to believe it
}

type row struct {
	what, aim, measured string
	verdict             string // met, MISSED or empty where there is no bar
}

// figure adds a row without a bar.
func (t *table) figure(what, measured string) {
	t.rows = append(t.rows, row{what: what, measured: measured})
}

// atLeast adds a row whose median must reach the bar.
func (t *table) atLeast(what string, bar float64, unit string, s samples) {
	t.bar(what, "≥ "+figure(bar)+unit, s.with(unit), len(s) > 0 && s.median() >= bar)
}

// atMost adds a row whose median must not pass the bar.
func (t *table) atMost(what string, bar float64, unit string, s samples) {
	t.bar(what, "≤ "+figure(bar)+unit, s.with(unit), len(s) > 0 && s.median() <= bar)
}

func (t *table) bar(what, aim, measured string, met bool) {
	verdict := "MISSED"
	if met {
		verdict = "met"
	}
	t.rows = append(t.rows, row{what, aim, measured, verdict})
}

func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

func (t *table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n| what | aim | measured: median (least … most) | |\n|---|---|---|---|\n", t.title)
	for _, r := range t.rows {
		verdict := r.verdict
		if verdict == "MISSED" {
			verdict = "**MISSED**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.what, r.aim, r.measured, verdict)
	}
	for i, n := range t.notes {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "- %s\n", n)
	}
	return b.String()
}
