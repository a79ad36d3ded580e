package casework

import (
	"slices"
	"strings"
	"testing"
)

// A column that no statement changes would keep its first value for ever without anybody noticing.
func TestEveryColumnOfACaseIsReportedMovedOrAFact(t *testing.T) {
	reported := []string{"id", "serial", "model", "channel", "title", "body", "address", "lat", "lon", "anonymous", "account", "caller", "phone",
		"phone_blind", "first_post", "reported_at", "received_at", "repeat_blind"}
	all := slices.Concat(reported, moveColumns, factColumns)
	slices.Sort(all)
	var stored []string
	for name := range strings.SplitSeq(caseColumns, ",") {
		stored = append(stored, strings.TrimSpace(name))
	}
	slices.Sort(stored)
	if !slices.Equal(all, stored) {
		t.Errorf("columns said to be reported, moved or facts:\n%v\ncolumns stored:\n%v", all, stored)
	}
	c := &Case{}
	if got, want := len(c.moves(0)), 3+len(moveColumns); got != want {
		t.Errorf("%d values for %d places of moves", got, want)
	}
	if f := c.facts(); len(f.values()) != len(factColumns) {
		t.Errorf("%d values for %d facts", len(f.values()), len(factColumns))
	}
	given := []string{"case_id", "no", "kind", "stage", "about", "request", "exclude", "given_at"}
	tasks := slices.Concat(given, taskMoves)
	slices.Sort(tasks)
	var storedTasks []string
	for name := range strings.SplitSeq(taskColumns, ",") {
		storedTasks = append(storedTasks, strings.TrimSpace(name))
	}
	slices.Sort(storedTasks)
	if !slices.Equal(tasks, storedTasks) {
		t.Errorf("columns of hand-overs said to be given or moved:\n%v\ncolumns stored:\n%v", tasks, storedTasks)
	}
}
