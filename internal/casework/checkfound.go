package casework

import "time"

// part is where a finding belongs in the answer. Parts are told in their order, and inside the first ones what
// was found in one stretch of cases before what was found in the next.
type part int

const (
	ofCases part = iota
	ofTasks
	ofTimelines
	ofAlerts
	ofWatches
	ofFiles
	ofIndex
	ofNumbers
	ofModels
	ofTally
	ofSweep
	parts // how many there are
)

// found is what looking at something brought: findings by part, and sums. Those of two stretches add up.
type found struct {
	stats    Stats
	list     [parts][]Finding // the first mostFindings of each part
	unproved int64            // cases whose timeline could not be followed, so that the counters cannot be compared
	late     int64            // cases whose next step should have been taken long ago
	oldest   time.Time        // since when
}

// note takes a finding down; the pairs fill its text.
func (f *found) note(in part, code string, c *Case, number, object string, pairs ...string) {
	rule := checkRules[code]
	if f.stats.ByCode == nil {
		f.stats.ByCode = map[string]int64{}
	}
	if f.stats.ByCode[code]++; rule.severity == SeverityError {
		f.stats.Errors++
	} else {
		f.stats.Warnings++
	}
	if len(f.list[in]) >= mostFindings {
		return
	}
	one := Finding{Severity: rule.severity, Code: code, Object: object, Text: rule.text.Fill(append(pairs, "object", object)...)}
	if c != nil {
		one.Case, one.Number = c.ID, number
	}
	f.list[in] = append(f.list[in], one)
}

// join adds what was found in the stretch behind.
func (f *found) join(next *found) {
	s, n := &f.stats, &next.stats
	s.Cases += n.Cases
	s.Open += n.Open
	s.Tasks += n.Tasks
	s.OpenTasks += n.OpenTasks
	s.Entries += n.Entries
	s.Files += n.Files
	s.Counters += n.Counters
	s.Clocks += n.Clocks
	s.Frozen += n.Frozen
	s.Covered += n.Covered
	s.Paused += n.Paused
	s.Errors += n.Errors
	s.Warnings += n.Warnings
	for code, count := range n.ByCode {
		if s.ByCode == nil {
			s.ByCode = map[string]int64{}
		}
		s.ByCode[code] += count
	}
	for in := range parts {
		room := max(mostFindings-len(f.list[in]), 0)
		f.list[in] = append(f.list[in], next.list[in][:min(room, len(next.list[in]))]...)
	}
	f.unproved += next.unproved
	f.late += next.late
	if f.oldest.IsZero() || !next.oldest.IsZero() && next.oldest.Before(f.oldest) {
		f.oldest = next.oldest
	}
}

// findings are those listed: of every part the first, mostFindings in all.
func (f *found) findings() []Finding {
	var out []Finding
	for in := range parts {
		room := mostFindings - len(out)
		out = append(out, f.list[in][:min(room, len(f.list[in]))]...)
	}
	return out
}
