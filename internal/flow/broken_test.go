package flow

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"linli/internal/platform/lang"
)

var testRoles = Roles{
	"dispatcher": lang.T("派单员", "Dispatcher"), "duty-officer": lang.T("值班员", "Duty officer"),
	"grid-member": lang.T("网格员", "Grid member"), "supervisor": lang.T("督查员", "Supervisor"),
}

// problemsOf reads a file as far as it goes.
func problemsOf(name string, text []byte) Problems {
	src, err := Parse(name, text)
	var bad Problems
	if errors.As(err, &bad) {
		return bad
	}
	return Lint(src, testRoles)
}

func TestEveryBrokenFileIsToldWhereAndWhat(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var out bytes.Buffer
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		problems := problemsOf(filepath.Base(file), text)
		if len(problems.Errors()) == 0 {
			t.Errorf("%s: nothing is found wrong", file)
		}
		for _, p := range problems {
			fmt.Fprintf(&out, "%s [%s]\n", p, p.Code)
			if p.Text.ZH == "" || p.Text.EN == "" {
				t.Errorf("%s: %s is not said in both languages", file, p.Code)
			}
		}
		fmt.Fprintln(&out)
	}
	golden(t, "broken/expected.txt", out.Bytes())
}

func TestTheWholeBrokenFilesStartFromASoundOne(t *testing.T) {
	text, err := os.ReadFile("testdata/mini.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if p := problemsOf("mini.yaml", text); len(p) > 0 {
		t.Fatal(p)
	}
}

func TestFarTooMuchOfAnythingIsToldAtOnce(t *testing.T) {
	many := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < mostBytes-4000; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	mini, err := os.ReadFile("testdata/mini.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, at, more, code string }{
		{"stages", "standing:\n", many("  a%d: {actions: {x: {to: b}}}\n") + "standing:\n", "too-many"},
		{"events", "standing:\n", "events: [" + many("e%d, ") + "x]\nstanding:\n", "too-many"},
		{"unknown keys", "standing:\n", "standing:\n" + many("  k%d: 1\n"), "too-many"},
		{"unknown keys of an action", "form: [result!], ", many("k%d: 1, "), "more"},
	} {
		p := problemsOf("many.yaml", []byte(strings.Replace(string(mini), c.at, c.more, 1)))
		if len(p) > mostProblems || !slices.ContainsFunc(p, func(p Problem) bool { return p.Code == c.code }) {
			t.Errorf("%s: %d problems, no %s", c.what, len(p), c.code)
		}
	}
}

func TestAFileThatIsTooLargeIsRefusedUnread(t *testing.T) {
	p := problemsOf("big.yaml", []byte("flow: big # "+strings.Repeat("x", mostBytes)))
	if len(p) != 1 || p[0].Code != "too-large" {
		t.Fatalf("%v", p)
	}
}
