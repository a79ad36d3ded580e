package flow

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"linli/internal/platform/lang"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/NAME, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs from what is now made; look at the difference and run with -update\n%s", path, firstDifference(want, got))
	}
}

func firstDifference(want, got []byte) string {
	w, g := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := range min(len(w), len(g)) {
		if !bytes.Equal(w[i], g[i]) {
			return "line " + itoa(i+1) + "\nwant " + string(w[i]) + "\ngot  " + string(g[i])
		}
	}
	return "one is longer"
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func TestCompiledModelsAreAsReviewed(t *testing.T) {
	for _, d := range builtin(t).All() {
		golden(t, "compiled/"+d.Name+".txt", []byte(Print(d, lang.EN)))
	}
}
