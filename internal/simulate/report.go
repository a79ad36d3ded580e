package simulate

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/internal/platform/sheet"
)

// row is one line of the table: what, how many, of what.
type row struct{ what, value, of string }

func rate(n, of int, words string) (string, string) {
	if of == 0 {
		return "—", fmt.Sprintf("0 of 0 %s", words)
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of)), fmt.Sprintf("%d of %d %s", n, of, words)
}

func count(n int, of string) (string, string) { return fmt.Sprint(n), of }

// rows are the figures in the order they are read.
func (r Result) rows() []row {
	t := r.Totals
	var out []row
	add := func(what string) func(value, of string) {
		return func(value, of string) { out = append(out, row{what, value, of}) }
	}
	add("reports taken in")(count(t.Cases, fmt.Sprintf("of %d good rows; %d rows refused", r.Arrivals, len(r.Rows))))
	add("ended")(rate(t.Ended, t.Cases, "cases"))
	add("completed")(rate(t.Completed, t.Completed+t.Open, "completed + open"))
	add("solved")(rate(t.Resolved, t.Completed, "completed"))
	add("on time")(rate(t.OnTime, t.Ended+t.OpenLate, "closed + open and overdue"))
	add("closed late")(count(t.ClosedLate, ""))
	add("open at the end")(count(t.Open, fmt.Sprintf("%d of them overdue, %d paused", t.OpenLate, t.Paused)))
	add("satisfied")(rate(t.Satisfied, t.Rated, "rated (4 or 5 of 5)"))
	add("hand-backs")(count(t.HandBacks, "times a unit said not ours"))
	add("handled jointly")(rate(t.Joint, t.Cases, "cases"))
	add("to be done again")(count(t.Reworked, "times after verification"))
	add("reopened")(count(t.Reopened, "times after a low rating"))
	add("paused")(count(t.Pauses, fmt.Sprintf("times; %d extensions", t.Extensions)))
	add("reminders")(count(t.Reminders, fmt.Sprintf("before a deadline; %d escalations after one", t.Escalations)))
	add("supervised")(rate(t.Supervised, t.Cases, "cases"))
	if t.Provisional > 0 {
		add("provisional deadlines")(rate(t.Provisional, t.Cases, fmt.Sprintf("cases: no announced holidays for %s, plain weeks were counted", years(r.Unknown))))
	}
	add("steps")(count(t.Steps, fmt.Sprintf("entries in timelines, %.1f a case", part(t.Steps, t.Cases))))
	return out
}

func years(list []int) string {
	if len(list) == 0 {
		return "a year after the run"
	}
	words := make([]string, len(list))
	for i, y := range list {
		words[i] = strconv.Itoa(y)
	}
	return strings.Join(words, ", ")
}

// span writes a duration as people say it.
func span(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%.1fd", d.Hours()/24)
}

// WriteTable prints the result for a terminal.
func (r Result) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s to %s, seed %d\n", r.First.In(beijing).Format(time.DateOnly), r.Until.In(beijing).Format(time.DateOnly), r.Seed)
	if r.Stopped {
		b.WriteString("STOPPED before the end of the stream: what was done is kept; the same command goes on\n")
	}
	for _, x := range r.rows() {
		fmt.Fprintf(&b, "  %-22s %10s  %s\n", x.what, x.value, x.of)
	}
	fmt.Fprintf(&b, "\n  %-40s %7s %7s %7s   %9s %9s   %9s %9s\n", "stage", "done", "late", "waiting", "median", "p90", "median", "p90")
	fmt.Fprintf(&b, "  %-40s %7s %7s %7s   %19s   %19s\n", "", "", "", "", "working time", "elapsed")
	for _, s := range r.Stages {
		fmt.Fprintf(&b, "  %-40s %7d %7d %7d   %9s %9s   %9s %9s\n", s.name(), s.Done, s.Late, s.Waiting, span(s.MedianWorking), span(s.P90Working), span(s.MedianElapsed), span(s.P90Elapsed))
	}
	if len(r.Townships) > 1 {
		fmt.Fprintf(&b, "\n  %-11s %8s %8s %10s %10s  %s\n", "township", "cases", "open", "on time", "solved", "")
		for _, t := range r.Townships {
			onTime, _ := rate(t.Totals.OnTime, t.Totals.Ended+t.Totals.OpenLate, "")
			solved, _ := rate(t.Totals.Resolved, t.Totals.Completed, "")
			fmt.Fprintf(&b, "  %-11s %8d %8d %10s %10s  %s\n", t.Code, t.Totals.Cases, t.Totals.Open, onTime, solved, t.Name)
		}
	}
	if q := r.fullest(); q.total > 0 {
		fmt.Fprintf(&b, "\n  longest queue: %d open cases on %s\n", q.total, q.at.In(beijing).Format(time.DateOnly))
	}
	for _, x := range r.Rows[:min(len(r.Rows), 10)] {
		fmt.Fprintf(&b, "  row %d refused: %s: %s\n", x.Row, x.Field, x.Text.EN)
	}
	if len(r.Rows) > 10 {
		fmt.Fprintf(&b, "  … and %d more, see the report\n", len(r.Rows)-10)
	}
	if r.Stuck > 0 {
		fmt.Fprintf(&b, "  STUCK: %d hand-overs on which no action was possible; see refusals in the report\n", r.Stuck)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s StageTime) name() string {
	name := s.Model + " / " + s.Stage
	if s.Kind != "main" {
		name += " (" + string(s.Kind) + ")"
	}
	return name
}

type fullest struct {
	at    time.Time
	total int
}

func (r Result) fullest() (most fullest) {
	for _, q := range r.Queue {
		n := 0
		for _, v := range q.Stages {
			n += v
		}
		if n > most.total {
			most = fullest{q.At, n}
		}
	}
	return most
}

// Files a report consists of.
const (
	reportMarkdown = "simulation.md"
	reportJSON     = "simulation.json"
	reportStages   = "stages.csv"
	reportQueue    = "queue.csv"
	reportTowns    = "townships.csv"
)

// WriteReport writes the result into a folder: simulation.md to read, simulation.json for programs, and
// stages.csv, queue.csv and townships.csv for tables. It holds numbers only, nothing of what people wrote.
func (r Result) WriteReport(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("making the folder of the report: %w", err)
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	for name, content := range map[string]string{reportJSON: string(text) + "\n", reportMarkdown: r.markdown()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	if err := writeCSV(filepath.Join(dir, reportStages), []string{"model", "stage", "kind", "done", "late", "waiting", "median_working_minutes", "p90_working_minutes", "median_elapsed_minutes", "p90_elapsed_minutes"}, func(write func(...any) error) error {
		for _, s := range r.Stages {
			if err := write(s.Model, s.Stage, string(s.Kind), s.Done, s.Late, s.Waiting, minutes(s.MedianWorking), minutes(s.P90Working), minutes(s.MedianElapsed), minutes(s.P90Elapsed)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := r.writeQueue(filepath.Join(dir, reportQueue)); err != nil {
		return err
	}
	return writeCSV(filepath.Join(dir, reportTowns), []string{"code", "name", "cases", "open", "ended", "completed", "resolved", "on_time", "closed_late", "open_late", "hand_backs", "joint", "reopened"}, func(write func(...any) error) error {
		for _, t := range r.Townships {
			n := t.Totals
			if err := write(t.Code, t.Name, n.Cases, n.Open, n.Ended, n.Completed, n.Resolved, n.OnTime, n.ClosedLate, n.OpenLate, n.HandBacks, n.Joint, n.Reopened); err != nil {
				return err
			}
		}
		return nil
	})
}

func minutes(d time.Duration) int { return int(d.Minutes()) }

func (r Result) writeQueue(path string) error {
	all := map[string]bool{}
	for _, q := range r.Queue {
		for stage := range q.Stages {
			all[stage] = true
		}
	}
	stages := slices.Sorted(maps.Keys(all))
	return writeCSV(path, append([]string{"day"}, stages...), func(write func(...any) error) error {
		for _, q := range r.Queue {
			line := []any{q.At.In(beijing).Format(time.DateOnly)}
			for _, s := range stages {
				line = append(line, q.Stages[s])
			}
			if err := write(line...); err != nil {
				return err
			}
		}
		return nil
	})
}

func writeCSV(path string, titles []string, fill func(write func(...any) error) error) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("writing %s: %w", path, cerr)
		}
	}()
	columns := make([]sheet.Column, len(titles))
	for i, t := range titles {
		columns[i] = sheet.Column{Title: t}
	}
	w, err := sheet.NewCSV(f, columns)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := fill(w.Write); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return w.Close()
}

func (r Result) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Simulation\n\n%s to %s, seed %d", r.First.In(beijing).Format(time.DateOnly), r.Until.In(beijing).Format(time.DateOnly), r.Seed)
	if r.Model != "" {
		fmt.Fprintf(&b, ", model %s for all", r.Model)
	}
	b.WriteString(". Staff and their times are invented (staffing file); rates say what they are parts of.\n")
	if r.Stopped {
		b.WriteString("\n**Stopped before the end of the stream.**\n")
	}
	b.WriteString("\n| figure | value | of |\n|---|---:|---|\n")
	for _, x := range r.rows() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", x.what, x.value, x.of)
	}
	b.WriteString("\n## Time by stage\n\nFrom being given to being done. Working time is that of the post's own calendar.\n\n| stage | done | late | waiting | median working | p90 working | median elapsed | p90 elapsed |\n|---|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, s := range r.Stages {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %s | %s | %s | %s |\n", s.name(), s.Done, s.Late, s.Waiting, span(s.MedianWorking), span(s.P90Working), span(s.MedianElapsed), span(s.P90Elapsed))
	}
	b.WriteString("\n## Townships\n\n| township | cases | open | ended | on time | overdue and open |\n|---|---:|---:|---:|---:|---:|\n")
	for _, t := range r.Townships {
		onTime, _ := rate(t.Totals.OnTime, t.Totals.Ended+t.Totals.OpenLate, "")
		fmt.Fprintf(&b, "| %s %s | %d | %d | %d | %s | %d |\n", t.Code, t.Name, t.Totals.Cases, t.Totals.Open, t.Totals.Ended, onTime, t.Totals.OpenLate)
	}
	b.WriteString("\n## Open cases at the end of each month\n\n| day | open |\n|---|---:|\n")
	for i, q := range r.Queue {
		if i+1 < len(r.Queue) && q.At.In(beijing).Month() == r.Queue[i+1].At.In(beijing).Month() {
			continue
		}
		n := 0
		for _, v := range q.Stages {
			n += v
		}
		fmt.Fprintf(&b, "| %s | %d |\n", q.At.In(beijing).Format(time.DateOnly), n)
	}
	list := func(title string, m map[string]int) {
		if len(m) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n## %s\n\n", title)
		for _, k := range slices.Sorted(maps.Keys(m)) {
			fmt.Fprintf(&b, "- %s: %d\n", k, m[k])
		}
	}
	list("Ends", r.Ends)
	list("Actions of this run", r.Actions)
	list("Refused by the services in this run", r.Refusals)
	if len(r.Rows) > 0 {
		b.WriteString("\n## Rows not taken\n\n| row | id | field | why |\n|---:|---|---|---|\n")
		for _, x := range r.Rows {
			fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", x.Row, x.ID, x.Field, x.Text.EN)
		}
	}
	return b.String()
}
