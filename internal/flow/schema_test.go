package flow

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

const schemaFile = "../../models/flows/flow.schema.json"

// validate checks a model's file as an editor would.
func validate(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	var doc any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return err
	}
	asJSON, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

func TestEditorsAcceptTheBuiltInModels(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range builtin(t).All() {
		if err := validate(t, schema, []byte(d.Text)); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		if !strings.HasPrefix(d.Text, "# yaml-language-server: $schema=flow.schema.json\n") {
			t.Errorf("%s does not tell editors its schema", d.Name)
		}
	}
	if err := validate(t, schema, []byte(readMini(t))); err != nil {
		t.Error(err)
	}
}

func TestEditorsSeeStructuralMistakes(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	// what follows needs the whole model, or a look at the text itself, and only the program sees it
	meaning := []string{"actor-missing", "dead-end", "event-unknown", "event-misspelt", "field-unknown", "give-from-missing-field", "guard-field-not-asked", "guard-function",
		"guard-misspelt", "guard-not-a-condition", "handler-before-anybody", "handler-missing", "name-taken", "not-handler-first", "placeholder",
		"placeholder-nobody-fills", "post-unknown", "previous-at-the-start", "reopen-to-handler", "stage-unknown", "unreachable",
		"whistler-without-joint", "alias", "several-documents", "by-nobody"}
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		switch err := validate(t, schema, text); {
		case slices.Contains(meaning, name) && err != nil:
			t.Errorf("%s is now seen by editors: %v", name, err)
		case !slices.Contains(meaning, name) && err == nil:
			t.Errorf("%s is not seen by editors", name)
		}
	}
}

func TestTheSchemaListsWhatTheLanguageKnows(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Properties map[string]struct {
			Properties map[string]any
		}
		Defs map[string]struct {
			Enum       []string
			Properties map[string]struct{ Enum []string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	same := func(what string, got, want []string) {
		slices.Sort(got)
		want = slices.Sorted(slices.Values(want))
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, the language %v", what, got, want)
		}
	}
	ops := func(presets map[Op]preset) (out []string) {
		for op := range presets {
			out = append(out, string(op))
		}
		return out
	}
	same("kinds", doc.Defs["kind"].Enum, caseKinds)
	same("levels", doc.Defs["level"].Enum, levels)
	same("field types", doc.Defs["field"].Properties["type"].Enum, fieldTypes)
	same("standing", sorted(doc.Properties["standing"].Properties), ops(standingPresets()))
	same("after", sorted(doc.Properties["after"].Properties), ops(afterPresets()))
}
