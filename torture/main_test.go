// Package torture does to the real program what life does: kills it, takes its database and its disk away, turns its
// clock back, sends everything five times, stops it in the middle, asks it for more than it can do, and lets it run
// for long. Each test has a short form that runs with all the others and a long one for `make torture`; what was seen
// is in docs/torture.md.
package torture

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"linli/internal/platform/database/dbtest"
)

// long tells whether the long form was asked for.
func long() bool { return os.Getenv("LINLI_TORTURE") == "long" }

// pick is the size of something in the form that runs.
func pick[T any](short, full T) T {
	if long() {
		return full
	}
	return short
}

// workshop is what all tests share: the program, and a county laid out once for each engine.
type workshop struct {
	folder   string
	program  string
	counties counties
}

var shared workshop

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(child())
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if shared.folder, err = os.MkdirTemp("", "linli-torture-"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, shared.counties.remove(), os.RemoveAll(shared.folder)) }()
	shared.program = filepath.Join(shared.folder, "linli")
	build := exec.Command("go", "build", "-o", shared.program, "./cmd/linli")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return m.Run(), nil
}

// each runs a test on every engine.
func each(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) { test(t, newSite(t, engine)) })
	}
}

// within asks for something until it holds, and fails when it does not in time.
func within(t testing.TB, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}
