package flow

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// FuzzModel feeds anything to the language: it must answer with problems or with a model that runs.
func FuzzModel(f *testing.F) {
	for _, pattern := range []string{"testdata/broken/*.yaml", "testdata/mini.yaml", "../../models/flows/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		src, err := Parse("fuzz.yaml", text)
		if err != nil {
			var p Problems
			if !errors.As(err, &p) || len(p) == 0 {
				t.Fatalf("not a list of problems: %v", err)
			}
			return
		}
		problems := Problems(Lint(src, testRoles))
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Text.ZH == "" || p.Text.EN == "" || !utf8.ValidString(p.Error()) {
				t.Fatalf("a problem without place or words: %+v", p)
			}
		}
		d, err := Compile(src, testRoles)
		if (err != nil) != (len(problems.Errors()) > 0) {
			t.Fatalf("Lint and Compile disagree: %v / %v", problems, err)
		}
		if err != nil {
			return
		}
		m := newSim(d, "normal")
		m.start(t)
		if err := m.invariant(); err != nil {
			t.Fatal(err)
		}
		Print(d, lang.ZH)
	})
}

func FuzzGuard(f *testing.F) {
	for _, s := range []string{"rating <= 2", "form.resolved == true", `urgency in ["urgent", "priority"]`, "len(category) > 2 and not public",
		"form.a.b.c == 1", "all(1..1000000, true)", "2 ** 1000", "let a = 1; a > 0", "((((((rating))))))", `category matches "^(a+)+$"`, "form?.x ?? true"} {
		f.Add(s, `{"resolved": true, "score": 2}`)
	}
	f.Fuzz(func(t *testing.T, source, form string) {
		g, bad := compileGuard(source, lang.Text{})
		if bad != nil {
			if bad.line < 1 || bad.column < 1 || bad.message == "" {
				t.Fatalf("%+v", bad)
			}
			return
		}
		values := map[string]any{}
		if json.Unmarshal([]byte(form), &values) != nil {
			values = nil
		}
		if err := g.check(&State{Rating: 2, Urgency: "urgent"}, values); err != nil && !fault.HasCode(err, "guard") {
			t.Fatalf("not a refusal by the guard: %v", err)
		}
	})
}

func FuzzForm(f *testing.F) {
	fields := make([]FormField, 0, 40)
	for _, key := range sorted(wellKnown()) {
		fields = append(fields, FormField{Field: wellKnown()[key]})
	}
	f.Add([]byte(`{"reason":"好的","units":["a","b"],"days":3,"until":"2026-11-30","resolved":true,"post":"a@b","urgency":"urgent"}`))
	f.Add([]byte(`{"reason":"\u0000","units":[1],"days":3.5,"until":"x","resolved":"yes","post":"a","urgency":"?","nope":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var in map[string]any
		if json.Unmarshal(text, &in) != nil {
			return
		}
		out, err := checkForm(fields, in)
		if err != nil {
			if !fault.HasCode(err, "invalid-form") || len(fault.Of(err).Fields) == 0 {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := checkForm(fields, out)
		if err != nil || len(again) != len(out) {
			t.Fatalf("what is normal is not stable: %v %v %v", out, again, err)
		}
	})
}
