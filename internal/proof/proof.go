// Package proof gathers what every concept proves of itself into one answer: is anything lost, is anybody
// without a duty, do the figures hold. It is `linli check`.
package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"
	"unicode"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// Parts are the concepts that are asked.
type Parts struct {
	Areas *area.Service
	Staff *staff.Service
	Cases *casework.Service
}

// Result is the whole answer.
type Result struct {
	At       time.Time      `json:"at"`
	OK       bool           `json:"ok" doc:"no errors; warnings do not count"`
	Lines    []Line         `json:"lines" doc:"what was looked at, and whether it holds"`
	Findings []Finding      `json:"findings"`
	Errors   int64          `json:"errors"`
	Warnings int64          `json:"warnings"`
	Unlisted int64          `json:"unlisted,omitempty" doc:"findings beyond those listed"`
	Cases    casework.Stats `json:"cases"`
	Seconds  float64        `json:"seconds"`
}

// Line is one claim with its figure.
type Line struct {
	Key   string    `json:"key"`
	Text  lang.Text `json:"text"`
	Count int64     `json:"count"`
	Holds bool      `json:"holds"`
}

// Finding is one thing that is wrong, whoever found it.
type Finding struct {
	Concept  string    `json:"concept" doc:"area, staff or casework"`
	Severity string    `json:"severity" doc:"error or warning"`
	Code     string    `json:"code"`
	Object   string    `json:"object,omitempty" doc:"area, post or case number, and what of it"`
	Case     string    `json:"case,omitempty"`
	Text     lang.Text `json:"text"`
}

// Progress is told what is being looked at and how far it is; total 0: not known.
type Progress func(what lang.Text, done, total int)

// Run asks everybody. now is the clock, for the time it takes.
func Run(ctx context.Context, p Parts, now func() time.Time, progress Progress) (Result, error) {
	if progress == nil {
		progress = func(lang.Text, int, int) {}
	}
	begun := now()
	r := Result{Findings: []Finding{}}
	progress(lang.T("正在核对区域", "Checking areas"), 0, 0)
	if _, err := p.Areas.Refresh(ctx); err != nil {
		return r, fmt.Errorf("loading areas: %w", err)
	}
	areas, err := p.Areas.Check(ctx)
	if err != nil {
		return r, err
	}
	for _, f := range areas {
		r.add(Finding{"area", f.Severity, f.Code, strings.Trim(f.Area+" "+f.Other, " "), "", f.Text})
	}
	progress(lang.T("正在核对岗位", "Checking posts"), 0, 0)
	posts, err := p.Staff.Check(ctx)
	if err != nil {
		return r, err
	}
	for _, f := range posts {
		r.add(Finding{"staff", f.Severity, f.Code, f.Object, "", f.Text})
	}
	cases, stats, err := p.Cases.Check(ctx, func(done, total int) { progress(lang.T("正在核对事项", "Checking cases"), done, total) })
	if err != nil {
		return r, err
	}
	for _, f := range cases {
		r.add(Finding{"casework", f.Severity, f.Code, strings.Trim(f.Number+" "+f.Object, " "), f.Case, f.Text})
	}
	r.Cases, r.At = stats, stats.At
	r.Unlisted = stats.Errors + stats.Warnings - int64(len(cases))
	r.Errors, r.Warnings = r.Errors+stats.Errors-count(cases, casework.SeverityError), r.Warnings+stats.Warnings-count(cases, casework.SeverityWarning)
	r.OK = r.Errors == 0
	r.Lines = r.claims(p, stats)
	sort.SliceStable(r.Findings, func(i, j int) bool { return r.Findings[i].Severity < r.Findings[j].Severity }) // errors first
	r.Seconds = now().Sub(begun).Seconds()
	return r, nil
}

func count(list []casework.Finding, severity string) (n int64) {
	for _, f := range list {
		if f.Severity == severity {
			n++
		}
	}
	return n
}

func (r *Result) add(f Finding) {
	if f.Severity == casework.SeverityError {
		r.Errors++
	} else {
		r.Warnings++
	}
	r.Findings = append(r.Findings, f)
}

// claims are the promises in plain words, each with whether it holds.
func (r *Result) claims(p Parts, s casework.Stats) []Line {
	has := func(concept string, severe bool, codes ...string) bool {
		for _, f := range r.Findings {
			if f.Concept != concept || severe && f.Severity != casework.SeverityError {
				continue
			}
			if len(codes) == 0 {
				return true
			}
			for _, code := range codes {
				if f.Code == code {
					return true
				}
			}
		}
		return false
	}
	none := func(codes ...string) bool {
		for _, code := range codes {
			if s.ByCode[code] > 0 {
				return false
			}
		}
		return true
	}
	places, grids, posts := 0, 0, 0
	for _, a := range p.Areas.Tree().Areas() {
		switch {
		case a.Closed:
		case a.Level == area.Grid:
			grids++
		case a.Level == area.Group || a.Level == area.Building:
			places++
		}
	}
	for _, f := range r.Findings {
		if f.Concept == "staff" && f.Code == "vacant" {
			posts++
		}
	}
	nobody := has("staff", true, "nobody", "no-administrator")
	return []Line{
		{"grids", lang.T("网格:树、路径和边界一致", "grids: tree, paths and outlines agree"), int64(grids), !has("area", true)},
		{"places", lang.T("住户单元、楼栋:每个恰属一个网格", "household groups and buildings: each in exactly one grid"), int64(places),
			!has("area", true, "in-no-grid", "in-several-grids", "in-other-grid", "orphan")},
		{"posts", lang.T("空缺的岗位:每个都有人代办", "vacant posts: each covered by somebody"), int64(posts), !nobody},
		{"responsible", lang.T("在办事项:每件恰有一个责任岗位", "open cases: each with exactly one responsible post"), s.Open,
			none("responsible-none", "responsible-several", "ended-open-task", "ended-time", "owner-columns", "unreadable", "task-missing")},
		{"holder", lang.T(fmt.Sprintf("未了结的交办:每项都有在任的人(%d 项由代办岗位)", s.Covered), fmt.Sprintf("open hand-overs: somebody living behind each (%d by a fall-back)", s.Covered)), s.OpenTasks,
			none("nobody", "holder-gone", "post-unknown")},
		{"clocks", lang.T("时限:按规则和记录重新计算,结果相同", "deadlines: computed again from policy and record, the same"), s.Clocks,
			none("clock-missing", "clock-stopped", "clock-running", "clock-replay", "clock-policy", "pause-missing", "calendar-unknown", "due-columns", "task-due-column", "next-column")},
		{"paused", lang.T("暂停中的事项:每件都有暂停记录", "paused cases: each with a recorded pause"), s.Paused, none("pause-unrecorded", "pause-missing")},
		{"timeline", lang.T("时间线条目:连续无缺,与事项一致", "timeline entries: gapless, and they add up to the cases"), s.Entries,
			none("timeline-gap", "timeline-version", "task-unexplained", "task-missing", "task-differs", "case-differs", "deadline-unexplained", "updated-at", "orphan", "unreadable")},
		{"counters", lang.T("统计数:与按时间线重数的结果相同", "counters: the same as a recount from the timelines"), s.Counters, none("tally", "tally-unproved")},
		{"files", lang.T("附件:内容都在", "attachments: all contents are there"), s.Files, none("file-missing", "file-size", "file-unexplained")},
		{"search", lang.T("事项:都能搜到,编号不会重复", "cases: all can be found, and numbers cannot repeat"), s.Cases, none("not-searchable", "not-in-its-day", "numbering")},
		{"sealed", lang.T("事项:报事人信息解得开,匿名和保密得到遵守", "cases: what is sealed opens; anonymity and confidence are kept"), s.Cases,
			none("sealed", "phone-index", "anonymous-named", "confidential-public")},
	}
}

// WriteJSON writes the answer for programs.
func (r Result) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// WriteTable writes the answer for people: the claims, then what is wrong, errors first.
func (r Result) WriteTable(w io.Writer, tag lang.Tag) error {
	var b strings.Builder
	width := 0
	for _, l := range r.Lines {
		width = max(width, columns(l.Text.In(tag)))
	}
	yes, no := lang.T("是", "yes").In(tag), lang.T("否", "NO").In(tag)
	for _, l := range r.Lines {
		answer := yes
		if !l.Holds {
			answer = no
		}
		text := l.Text.In(tag)
		fmt.Fprintf(&b, "%10d  %s%s  %s\n", l.Count, text, strings.Repeat(" ", width-columns(text)), answer)
	}
	severity := map[string]string{casework.SeverityError: lang.T("错误", "error  ").In(tag), casework.SeverityWarning: lang.T("提醒", "warning").In(tag)}
	if len(r.Findings) > 0 {
		b.WriteByte('\n')
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s  %-20s  %s  %s\n", severity[f.Severity], f.Code, f.Object, f.Text.In(tag))
	}
	if r.Unlisted > 0 {
		b.WriteString(lang.T(fmt.Sprintf("……另有 %d 条未列出\n", r.Unlisted), fmt.Sprintf("… and %d more\n", r.Unlisted)).In(tag))
	}
	end := lang.T("核对通过", "Everything holds")
	if !r.OK {
		end = lang.T(fmt.Sprintf("有 %d 处错误", r.Errors), fmt.Sprintf("%d errors", r.Errors))
	}
	more := lang.T(fmt.Sprintf("(%d 条提醒,用时 %.1f 秒)", r.Warnings, r.Seconds), fmt.Sprintf(" (%d warnings, %.1f s)", r.Warnings, r.Seconds))
	fmt.Fprintf(&b, "\n%s%s\n", end.In(tag), more.In(tag))
	_, err := io.WriteString(w, b.String())
	return err
}

// columns is how wide a text stands in a terminal: Han characters and their punctuation take two.
func columns(s string) int {
	n := 0
	for _, c := range s {
		if n++; unicode.Is(unicode.Han, c) || c >= 0x3000 && c <= 0x303f || c >= 0xff00 && c <= 0xff60 {
			n++
		}
	}
	return n
}
