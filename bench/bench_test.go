package main

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"linli/internal/platform/database"
)

func TestTheMedianIsTheMiddleAndTheSpreadIsTold(t *testing.T) {
	if m := (samples{3, 1, 2}).median(); m != 2 {
		t.Errorf("median of three is %v", m)
	}
	if m := (samples{4, 1, 2, 3}).median(); m != 2.5 {
		t.Errorf("median of four is %v", m)
	}
	if text := (samples{2827, 2600, 3010}).with(" reports/s"); text != "2,827 reports/s (2,600 … 3,010)" {
		t.Error(text)
	}
	if !math.IsNaN(samples(nil).median()) || samples(nil).with("") != "not measured" {
		t.Error("nothing measured must not look like a figure")
	}
}

func TestRatiosAreTakenRoundByRound(t *testing.T) {
	// the second round was disturbed twice as much for both
	if r := (samples{10, 5}).over(samples{20, 10}); r.min() != 0.5 || r.max() != 0.5 {
		t.Errorf("%v", r)
	}
}

func TestQuantilesNameACallThatWasMade(t *testing.T) {
	calls := make([]time.Duration, 100)
	for i := range calls {
		calls[i] = time.Duration(i+1) * time.Millisecond
	}
	for q, want := range map[float64]float64{0.5: 50, 0.99: 99, 1: 100, 0: 1} {
		if got := quantile(calls, q); got != want {
			t.Errorf("p%v is %v, want %v", 100*q, got, want)
		}
	}
}

func TestFiguresHaveThreeMeaningDigits(t *testing.T) {
	for v, want := range map[float64]string{1234567: "1,234,567", 123.4: "123", 12.34: "12.3", 1.234: "1.23", 0.01234: "0.0123", -4321: "-4,321"} {
		if got := figure(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

func TestABarIsMissedWhenNothingWasMeasured(t *testing.T) {
	var tab table
	tab.atLeast("a", 1, "", samples{1})
	tab.atMost("b", 1, "", samples{1.1})
	tab.atLeast("c", 1, "", nil)
	for i, want := range []string{"met", "MISSED", "MISSED"} {
		if tab.rows[i].verdict != want {
			t.Errorf("row %d: %s, want %s", i, tab.rows[i].verdict, want)
		}
	}
}

func TestOnlyTheGeneratedSectionIsReplaced(t *testing.T) {
	text := "above\n" + beginMark + "\nold\n" + endMark + "\nbelow\n"
	got, err := between(text, "new\n")
	if want := "above\n" + beginMark + "\n\nnew\n\n" + endMark + "\nbelow\n"; err != nil || got != want {
		t.Errorf("%q %v", got, err)
	}
	for _, broken := range []string{"no markers", beginMark, endMark + beginMark} {
		if _, err := between(broken, "x"); err == nil {
			t.Errorf("%q was taken", broken)
		}
	}
}

func TestTheClientReadsAnswersWholeWhateverTheirForm(t *testing.T) {
	long := strings.Repeat("事项", 40_000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/short":
			w.WriteHeader(201)
			fmt.Fprint(w, "short")
		case "/empty":
			w.WriteHeader(204)
		default:
			fmt.Fprint(w, long) // more than is buffered: sent in pieces
		}
	}))
	defer srv.Close()
	c, err := dial(context.Background(), strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	for range 2 { // over the same connection
		for path, want := range map[string]struct {
			status int
			body   string
		}{"/short": {201, "short"}, "/empty": {204, ""}, "/long": {200, long}} {
			status, body, err := c.ask([]byte("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"))
			if err != nil || status != want.status || string(body) != want.body {
				t.Errorf("%s: %d, %d bytes, %v", path, status, len(body), err)
			}
		}
	}
}

func TestSendersMakeRequestsThatAreWholeAndNeverTheSame(t *testing.T) {
	s := senderCrowd([][]byte{[]byte(`","text":"灯不亮","reporter":{"phone":"13`)}, 1)[0].(*sender)
	seen := map[string]bool{}
	for range 100 {
		head, body, _ := strings.Cut(string(s.request()), "\r\n\r\n")
		id := body[7:43]
		if parsed, err := uuid.Parse(id); err != nil || parsed.Version() != 7 || seen[id] {
			t.Fatalf("%s: %v, seen %v", id, err, seen[id])
		}
		seen[id] = true
		if !strings.Contains(head, fmt.Sprintf("Content-Length: %d", len(body))) {
			t.Fatalf("%s has another length than %d", head, len(body))
		}
	}
}

func TestAReceiptWithoutATrackingCodeIsRefused(t *testing.T) {
	s := &sender{}
	if err := s.judge(201, []byte(`{"id":"x","code":"3G00-0F1K-7Q2M","area":"y"}`)); err != nil {
		t.Error(err)
	}
	for status, body := range map[int]string{200: `{"code":"3G00-0F1K-7Q2M","area":"y"}`, 201: `{"code":"3G00","area":"long enough to hide it"}`} {
		if s.judge(status, []byte(body)) == nil {
			t.Errorf("%d %s was taken", status, body)
		}
	}
}

func TestWhatWasWrittenBetweenTwoSnapshotsIsTheBareLoopsWork(t *testing.T) {
	text, number := database.TypeText, database.TypeInteger
	tables := []*dbTable{
		{database.Table{Name: "cases", Columns: []database.TableColumn{{Name: "id", Type: text}, {Name: "serial", Type: number}, {Name: "path", Type: text}}}, []int{0}},
		{database.Table{Name: "task", Columns: []database.TableColumn{{Name: "case_id", Type: text}, {Name: "no", Type: number}}}, []int{0, 1}},
		{database.Table{Name: "tally", Columns: []database.TableColumn{{Name: "path", Type: text}, {Name: "n", Type: number}}}, []int{0}},
	}
	snap := func(rows ...[]any) *snapshot {
		s := &snapshot{tables: tables, rows: map[string]map[string][]any{}}
		for _, r := range rows {
			t := tables[r[0].(int)]
			if s.rows[t.Name] == nil {
				s.rows[t.Name] = map[string][]any{}
			}
			s.rows[t.Name][t.keyOf(r[1:])] = r[1:]
		}
		return s
	}
	before := snap([]any{0, "a", int64(1), "/x/"}, []any{1, "a", int64(1)}, []any{2, "/x/", int64(1)})
	after := snap([]any{0, "a", int64(1), "/x/"}, []any{1, "a", int64(1)},
		[]any{0, "b", int64(2), "/x/"}, []any{1, "b", int64(1)}, []any{1, "b", int64(2)},
		[]any{0, "c", int64(3), "/x/"}, []any{1, "c", int64(1)}, []any{2, "/x/", int64(3)})
	w, err := after.since(before)
	if err != nil {
		t.Fatal(err)
	}
	// b: a case, two tasks, one count; c: a case, a task, one count
	if len(w.cases) != 2 || len(w.cases[0]) != 4 || len(w.cases[1]) != 3 || w.steps["tally"] != 2 {
		t.Fatalf("%+v", w)
	}
	if batch := w.batches(2); len(batch) != 1 || len(batch[0]) != 6 || batch[0][5].values[1] != int64(2) {
		t.Errorf("in one transaction the shared number is counted once, by two: %+v", batch)
	}
	lost := snap([]any{0, "b", int64(2), "/x/"}, []any{1, "a", int64(9)})
	if _, err := lost.since(before); err == nil {
		t.Error("a row of an old case was written and nobody says so")
	}
}

func TestOutputOfGoBenchmarksIsRead(t *testing.T) {
	ns, err := nsPerOp("goos: linux\nBenchmarkDecide-2   300000   3812 ns/op   1520 B/op\nBenchmarkDecide-2 1 0.5 ns/op\nok\n", "BenchmarkDecide")
	if err != nil || len(ns) != 2 || ns[0] != 3812 || ns[1] != 0.5 {
		t.Errorf("%v %v", ns, err)
	}
	if _, err := nsPerOp("FAIL\n", "BenchmarkDecide"); err == nil {
		t.Error("no figure is an error")
	}
}
