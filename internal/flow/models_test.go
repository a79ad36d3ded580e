package flow

import (
	"os"
	"strings"
	"testing"
)

// builtin loads the built-in models with the posts beside them.
func builtin(t testing.TB) *Library {
	t.Helper()
	l, err := Load(os.DirFS("../../models"), "flows")
	if err != nil {
		t.Fatalf("built-in models:\n%v", err)
	}
	return l
}

func model(t testing.TB, name string) *Definition {
	t.Helper()
	d, ok := builtin(t).Get(name)
	if !ok {
		t.Fatalf("no model %s", name)
	}
	return d
}

func TestEveryBuiltInModelIsSoundAndWithoutWarnings(t *testing.T) {
	text, err := os.ReadFile("../../models/roles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	roles, err := ReadRoles(text)
	if err != nil {
		t.Fatal(err)
	}
	all := builtin(t).All()
	if len(all) != 7 {
		t.Fatalf("%d models, want 7", len(all))
	}
	for _, d := range all {
		src, err := Parse(d.Name+".yaml", []byte(d.Text))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range Lint(src, roles) {
			t.Error(p)
		}
	}
}

func TestStagesThatDecideAreThoseThatJudgeWhatAnotherDid(t *testing.T) {
	want := map[string]string{"seven-step": "ruling verify", "whistle": "verify", "four-step-order": "", "four-orders": "show",
		"three-orders": "confirm", "legal-service": "", "hotline": "ruling call_back"}
	for _, d := range builtin(t).All() {
		var have []string
		for i := range d.Stages {
			if d.Stages[i].Decides() {
				have = append(have, d.Stages[i].Name)
			}
		}
		if got := strings.Join(have, " "); got != want[d.Name] {
			t.Errorf("%s: %q decide, want %q", d.Name, got, want[d.Name])
		}
	}
}
