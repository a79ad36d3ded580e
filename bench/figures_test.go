package main

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"
)

func TestProcessorTimeIsReadBesideANameWithBracketsAndBlanks(t *testing.T) {
	stat, ok := parseStat("2571 (postgres: a) b) S 25597 25597 25597 0 -1 4194560 100 200 0 0 12 34 5 6 20 0 1 0 99 0 0")
	if !ok || stat.parent != 25597 || stat.used != 460*time.Millisecond || stat.reaped != 110*time.Millisecond {
		t.Errorf("%+v %v", stat, ok)
	}
	for _, broken := range []string{"", "12 (x", "12 (x) S 1 2 3"} {
		if _, ok := parseStat(broken); ok {
			t.Errorf("%q was read", broken)
		}
	}
	if own, ok := readStat(os.Getpid()); !ok || own.parent != os.Getppid() {
		t.Errorf("this very process: %+v %v", own, ok)
	}
}

func TestTheTimeOfProcessesIsThatOfAParentWithItsChildren(t *testing.T) {
	before := (&backends{postmaster: os.Getppid()}).cpu()
	for begun := time.Now(); time.Since(begun) < 60*time.Millisecond; {
		_ = strings.Repeat("x", 1000)
	}
	for deadline := time.Now().Add(time.Minute); (&backends{postmaster: os.Getppid()}).cpu() <= before; {
		if time.Now().After(deadline) {
			t.Fatal("this process kept a processor busy and nobody counted it")
		}
	}
}

const topOutput = `File: linli-bench
Type: cpu
Duration: 5.01s, Total samples = 4.50s (89.82%)
Showing nodes accounting for 4.50s, 100% of 4.50s total
      flat  flat%   sum%        cum   cum%
     1.20s 26.67% 26.67%      1.20s 26.67%  modernc.org/sqlite/lib._sqlite3VdbeExec
     0.30s  6.67% 33.33%      0.60s 13.33%  modernc.org/sqlite/lib.(*T).step (inline)
     0.10s  2.22% 35.56%      3.00s 66.67%  linli/internal/casework.(*Service).Submit
     0.05s  1.11% 36.67%      3.10s 68.89%  linli/internal/app.run[go.shape.struct { linli/internal/flow.X }]
         0     0% 36.67%      3.20s 71.11%  net/http.(*conn).serve
`

func TestAProfileInShortNamesPackagesAndFunctions(t *testing.T) {
	e := excerptOf(topOutput)
	if e.total != "4.50s (89.82%)" || len(e.functions) != 2 || e.functions[0].percent != 68.89 || !strings.HasPrefix(e.functions[1].name, "linli/internal/casework.") {
		t.Errorf("%+v", e)
	}
	if first := e.packages[0]; first.name != "modernc.org/sqlite/lib" || first.percent < 33.3 || first.percent > 33.4 {
		t.Errorf("%+v", e.packages)
	}
	for function, want := range map[string]string{
		"linli/internal/app.run[go.shape.struct { linli/internal/flow.X }]": "linli/internal/app",
		"net/http.(*conn).serve": "net/http", "runtime.futex": "runtime", "memclrNoHeapPointers": "memclrNoHeapPointers",
	} {
		if got := packageOf(function); got != want {
			t.Errorf("%s is of %s, want %s", function, got, want)
		}
	}
	text := e.markdown("intake-sqlite")
	for _, want := range []string{"### intake-sqlite", "4.50s", "| `modernc.org/sqlite/lib` | 33.3 % |", "| `linli/internal/casework.(*Service).Submit` | 66.7 % |"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
}

func TestAYearIsMeasuredOnTheEnginesItIsThereFor(t *testing.T) {
	for _, c := range []struct {
		o    options
		want string
	}{
		{options{engines: "all", year: "a", yearDB: "b"}, "sqlite postgres"},
		{options{engines: "all", yearDB: "b"}, "postgres"},
		{options{engines: "sqlite", year: "a", yearDB: "b"}, "sqlite"},
		{options{engines: "postgres", year: "a", yearDB: "b", only: checkSection}, "postgres"},
		{options{engines: "all", year: "a", only: "intake"}, ""},
		{options{engines: "all"}, ""},
	} {
		var got []string
		for _, e := range (&bench{options: c.o}).yearEngines() {
			got = append(got, string(e))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, want %q", c.o, got, c.want)
		}
	}
}

func TestAYearsDatabaseNeedsItsFolder(t *testing.T) {
	var said bytes.Buffer
	if err := run(context.Background(), []string{"-year-db", "postgres://x/year", "-cache", t.TempDir()}, &said, &said); err == nil || !strings.Contains(err.Error(), "-year-folder") {
		t.Errorf("%v", err)
	}
}

func TestACopyOfAnotherServersDatabaseIsAskedForThere(t *testing.T) {
	p := place{name: "linli_bench_run_x", server: "postgres://u@elsewhere:5433/postgres?sslmode=disable"}
	if got := p.address(); got != "postgres://u@elsewhere:5433/linli_bench_run_x?sslmode=disable" {
		t.Error(got)
	}
	if (place{folder: "x"}).address() != "" {
		t.Error("an embedded engine has no address")
	}
}

func TestWhatCannotBeSeenIsSaidAndNotLeftOut(t *testing.T) {
	var tab table
	(&store{}).serverCost(&tab, "of an embedded engine", nil)
	if len(tab.rows) != 0 {
		t.Errorf("an embedded engine has no processes: %+v", tab.rows)
	}
	(&store{server: &sql.DB{}}).serverCost(&tab, "of a server elsewhere", samples{0})
	(&store{server: &sql.DB{}, backends: &backends{1}}).serverCost(&tab, "of a server here", samples{12.3})
	if len(tab.rows) != 2 || tab.rows[0].measured != unseen || tab.rows[1].measured != "12.3 µs" {
		t.Errorf("%+v", tab.rows)
	}
}

func TestALoadWithRefusalsSaysSo(t *testing.T) {
	l := newLevels([]int{1, 32})
	l.add(32, outcome{rate: 100, p50: 2, p99: 5, client: 0.1, server: 1.5})
	l.add(32, outcome{rate: 300, p50: 4, p99: 9, client: 0.1, server: 1.5, refused: 7})
	if got := l.at[32].describe(" requests/s"); got != "200 requests/s (100 … 300), p50 3.00 ms (2.00 … 4.00), 7 told to come later" {
		t.Error(got)
	}
	if l.last() != 32 || len(l.at[1].rate) != 0 {
		t.Errorf("%+v", l)
	}
}

func TestTheLastLineOfAnOutputFitsACell(t *testing.T) {
	for text, want := range map[string]string{"": "", "10 %\r100 %\nclean | 5 cases\n\n": "clean / 5 cases", "one": "one"} {
		if got := lastLine(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
