package flow

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

func TestAFileThatIsTooLargeIsRefusedUnread(t *testing.T) {
	p := problemsOf("big.yaml", []byte("flow: big # "+strings.Repeat("x", mostBytes)))
	if len(p) != 1 || p[0].Code != "too-large" {
		t.Fatalf("%v", p)
	}
}
