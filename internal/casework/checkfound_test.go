package casework

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// Put together in their order, what was found in the pieces is what was found in the whole: listed up to the limit, counted beyond it.
func TestWhatIsFoundInPiecesAddsUp(t *testing.T) {
	codes := CheckCodes()
	rapid.Check(t, func(t *rapid.T) {
		whole, joined, piece := found{}, found{}, found{}
		for i := range rapid.IntRange(0, 3*mostFindings).Draw(t, "findings") {
			in, code := part(i*i%int(parts)), codes[i*7%len(codes)]
			if i > mostFindings/2 {
				in = ofCases
			}
			whole.note(in, code, nil, "", fmt.Sprint(i))
			piece.note(in, code, nil, "", fmt.Sprint(i))
			whole.stats.Cases++
			piece.stats.Cases++
			if i%97 == 0 && rapid.Bool().Draw(t, "cut") {
				joined.join(&piece)
				piece = found{}
			}
		}
		joined.join(&piece)
		a, b := joined.findings(), whole.findings()
		if len(b) > mostFindings || !reflect.DeepEqual(a, b) || !reflect.DeepEqual(joined.stats, whole.stats) {
			t.Errorf("%d findings in pieces, %d in the whole: %+v, %+v", len(a), len(b), joined.stats, whole.stats)
		}
	})
}

// The ledger counts as a plain map does, whatever days come.
func TestTheLedgerCountsEveryDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, plainly := newLedger(), map[increment]int64{}
		for range rapid.IntRange(0, 60).Draw(t, "counted") {
			one := increment{rapid.SampledFrom([]string{"/a/", "/a/b/", ""}).Draw(t, "path"), rapid.SampledFrom([]string{Reported, Closed}).Draw(t, "measure"),
				rapid.OneOf(rapid.Int64Range(-70, 70), rapid.Int64()).Draw(t, "day")}
			l.count([]increment{one})
			plainly[one]++
		}
		asked := increment{"/a/", Closed, rapid.Int64Range(-70, 70).Draw(t, "asked")}
		for range 2 {
			if n := l.take(asked.path, asked.measure, asked.day); n != plainly[asked] {
				t.Errorf("%v: %d instead of %d", asked, n, plainly[asked])
			}
			delete(plainly, asked) // asked once it is forgotten
		}
		if n := l.take("/nowhere/", Closed, 1) + l.take("/a/", "nothing", 1); n != 0 {
			t.Errorf("%d of what was never counted", n)
		}
		var last increment
		left := 0
		l.left(func(path string, day int64, measure string, n int64) {
			one := increment{path, measure, day}
			if plainly[one] != n {
				t.Errorf("%v: %d left instead of %d", one, n, plainly[one])
			}
			if left++; left > 1 && (path < last.path || path == last.path && day < last.day) {
				t.Errorf("%v comes behind %v", one, last)
			}
			last = one
		})
		if left != len(plainly) {
			t.Errorf("%d left of %d", left, len(plainly))
		}
	})
}
