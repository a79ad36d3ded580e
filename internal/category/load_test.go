package category

import (
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"linli/internal/platform/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

func shipped(t testing.TB) *Tree {
	t.Helper()
	tree, err := Load(os.DirFS("../../models"))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

const someFunctions = `version: "1"
functions:
  housing:
    title: {zh: 住建, en: Housing}
    county: {zh: 住建局, en: Housing Bureau}
    township: {zh: 规建办, en: Housing Office, kind: station}
  telecom:
    title: {zh: 通信, en: Telecoms}
    county: {zh: 通信办, en: Telecoms Office, kind: centre}
`

const someClass = `code: "01"
zh: 环境
en: Environment
duty: {township: housing, county: housing}
model: seven-step
urgency: normal
kind: event
public: true
sub:
  - code: "01.01"
    zh: 噪音
    en: Noise
    words: [噪音, 吵]
    sub:
      - {code: "01.01.01", zh: 施工噪音, en: Building noise, words: [夜间施工, 打桩]}
      - {code: "01.01.02", zh: 邻居噪音, en: Neighbours, public: false, kind: complaint, words: [邻居吵]}
  - {code: "01.02", zh: 通信, en: Telecoms, duty: {county: telecom}, words: []}
`

func files(class string, more ...string) fstest.MapFS {
	fs := fstest.MapFS{
		"categories/functions.yaml": {Data: []byte(someFunctions)},
		"categories/01.yaml":        {Data: []byte(class)},
	}
	for i := 0; i+1 < len(more); i += 2 {
		fs[more[i]] = &fstest.MapFile{Data: []byte(more[i+1])}
	}
	return fs
}

func TestAMistakeIsToldWithItsPlaceAndWhatToDo(t *testing.T) {
	edit := func(old, new string) fstest.MapFS {
		if !strings.Contains(someClass, old) {
			t.Fatalf("%q is not in the class", old)
		}
		return files(strings.Replace(someClass, old, new, 1))
	}
	editFunctions := func(old, new string) fstest.MapFS {
		if !strings.Contains(someFunctions, old) {
			t.Fatalf("%q is not in the functions", old)
		}
		return files(someClass, "categories/functions.yaml", strings.Replace(someFunctions, old, new, 1))
	}
	for name, c := range map[string]struct {
		files fstest.MapFS
		place string
		code  string
		hint  string // part of the English wording
	}{
		"an unknown key":                         {edit("urgency: normal", "urgent: normal"), "categories/01.yaml:6:1", "unknown-key", "the keys are code"},
		"a key given twice":                      {edit("kind: event", "model: whistle"), "categories/01.yaml:7:1", "duplicate-key", "keep one"},
		"an unknown key of a duty":               {edit("{county: telecom}", "{city: telecom}"), "categories/01.yaml:17:50", "unknown-key", "village township county"},
		"a code used twice":                      {edit(`"01.01.02"`, `"01.01.01"`), "categories/01.yaml:16:16", "duplicate-code", "categories/01.yaml:15:16"},
		"a code not under its parent's":          {edit(`"01.01.02"`, `"01.02.02"`), "categories/01.yaml:16:16", "code-not-under-parent", `"01.01."`},
		"a code of three digits":                 {edit(`"01.01.02"`, `"01.01.002"`), "categories/01.yaml:16:16", "bad-code", "two digits"},
		"a level left out":                       {edit(`"01.02"`, `"01.02.03"`), "categories/01.yaml:17:12", "bad-code", "two digits"},
		"no code":                                {edit(`{code: "01.01.02", zh`, `{zh`), "categories/01.yaml:16:9", "missing-code", "write code:"},
		"an unknown function":                    {edit("{county: telecom}", "{county: telecomm}"), "categories/01.yaml:17:58", "unknown-function", "telecom?"},
		"a township duty without a township arm": {edit("{county: telecom}", "{township: telecom}"), "categories/01.yaml:17:60", "no-township-arm", "county only"},
		"an empty duty":                          {edit("{county: telecom}", "{}"), "categories/01.yaml:17:49", "empty-duty", "Say who answers"},
		"an unknown urgency":                     {edit("urgency: normal", "urgency: soon"), "categories/01.yaml:6:10", "unknown-urgency", "urgent priority normal complex"},
		"an unknown kind":                        {edit("kind: event", "kind: matter"), "categories/01.yaml:7:7", "unknown-kind", "hazard"},
		"a model that is no name":                {edit("seven-step", "Seven Step"), "categories/01.yaml:5:8", "bad-model", "hyphens"},
		"no urgency anywhere above":              {edit("urgency: normal\n", ""), "categories/01.yaml:14:9", "missing-urgency", "nor one above"},
		"no duty anywhere above":                 {edit("duty: {township: housing, county: housing}\n", ""), "categories/01.yaml:14:9", "missing-duty", "nor one above"},
		"no English":                             {edit(", en: Telecoms", ""), "categories/01.yaml:17:5", "missing-en", "both zh and en"},
		"no Chinese":                             {edit("zh: 环境\n", ""), "categories/01.yaml:1:1", "missing-zh", "both zh and en"},
		"an empty title":                         {edit("zh: 环境", "zh: \"  \""), "categories/01.yaml:2:5", "missing", "write one value"},
		"four levels":                            {edit("words: [邻居吵]", `sub: [{code: "01.01.02.01"}]`), "categories/01.yaml:16:91", "too-deep", "one level up"},
		"a list below that is empty":             {edit("words: [邻居吵]", `sub: []`), "categories/01.yaml:16:91", "empty-sub", "remove sub"},
		"an item without words":                  {edit(", words: [邻居吵]", ""), "categories/01.yaml:16:9", "missing-words", "words: []"},
		"an empty word":                          {edit("[噪音, 吵]", `[噪音, ""]`), "categories/01.yaml:13:17", "empty-word", "remove it"},
		"a word of nothing but marks":            {edit("[噪音, 吵]", `[噪音, "!!"]`), "categories/01.yaml:13:17", "empty-word", "remove it"},
		"a word twice in other width":            {edit("[噪音, 吵]", `[KTV, KTV]`), "categories/01.yaml:13:18", "duplicate-word", "keep one"},
		"words that are no list":                 {edit("[噪音, 吵]", `噪音`), "categories/01.yaml:13:12", "not-a-list", "Write a list"},
		"a very long word":                       {edit("[噪音, 吵]", `[`+strings.Repeat("噪", 31)+`]`), "categories/01.yaml:13:13", "long-word", "shorter"},
		"a truth that is none":                   {edit("public: true", "public: yes please"), "categories/01.yaml:8:9", "not-a-truth", "true or false"},
		"confidential and public":                {edit("public: false", "confidential: true"), "categories/01.yaml:16:68", "confidential-and-public", "public: false"},
		"an alias instead of a value":            {edit("zh: 环境\nen: Environment", "zh: &x 环境\nen: *x"), "categories/01.yaml:3:5", "alias", "write it out"},
		"broken YAML":                            {edit("kind: event", "kind: [event"), "categories/01.yaml:6:1", "syntax", "not YAML"},
		"two documents":                          {files(someClass + "---\ncode: x\n"), "categories/01.yaml:1:1", "second-document", "remove what follows"},
		"an empty file":                          {files(""), "categories/01.yaml", "empty", "remove it"},
		"a list for a class":                     {files("- a\n"), "categories/01.yaml:1:1", "not-a-mapping", "keys and values"},
		"a file that would be passed over":       {files(someClass, "categories/02.yml", "x"), "categories/02.yml", "extension", ".yaml"},
		"a folder in the folder":                 {files(someClass, "categories/more/02.yaml", "x"), "categories/more", "folder", "directly"},
		"a file of two megabytes":                {files(someClass, "categories/02.yaml", strings.Repeat("#", 2<<20)), "categories/02.yaml", "too-large", "split"},
		"no functions":                           {files(someClass, "categories/functions.yaml", "version: \"1\"\n"), "categories/functions.yaml:1:1", "missing-functions", "write functions:"},
		"a function without a county":            {editFunctions("    county: {zh: 通信办, en: Telecoms Office, kind: centre}\n", ""), "categories/functions.yaml:8:5", "missing-county", "write county:"},
		"a function without a title":             {editFunctions("    title: {zh: 住建, en: Housing}\n", ""), "categories/functions.yaml:4:5", "missing-title", "write title:"},
		"an unknown kind of organisation":        {editFunctions("kind: station", "kind: shop"), "categories/functions.yaml:6:51", "unknown-kind", "department centre"},
		"a function given twice":                 {editFunctions("  telecom:", "  housing:"), "categories/functions.yaml:7:3", "duplicate-key", "keep one"},
		"a function key with blanks":             {editFunctions("  telecom:", "  tele com:"), "categories/functions.yaml:7:3", "bad-key", "hyphens"},
		"an unquoted comma in a name":            {editFunctions("en: Housing Bureau", "en: Housing, Building"), "categories/functions.yaml:5:36", "unknown-key", "zh en"},
	} {
		t.Run(name, func(t *testing.T) {
			tree, err := Load(c.files)
			if tree != nil || !fault.Is(err, fault.Invalid) || !fault.HasCode(err, "bad-categories") {
				t.Fatalf("tree %v, error %v", tree != nil, err)
			}
			for _, f := range fault.Of(err).Fields {
				if f.Name == c.place && f.Code == c.code {
					if !strings.Contains(f.Text.EN, c.hint) || f.Text.ZH == "" {
						t.Errorf("the hint %q lacks %q", f.Text.EN, c.hint)
					}
					return
				}
			}
			t.Errorf("want %s %s, got %v", c.place, c.code, err)
		})
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	broken := strings.NewReplacer("kind: event", "kind: matter", "zh: 通信, ", "", "[邻居吵]", `[""]`).Replace(someClass)
	_, err := Load(files(broken))
	if got := len(fault.Of(err).Fields); got != 3 {
		t.Errorf("3 mistakes, %d told: %v", got, err)
	}
}

func TestAMissingFolderIsToldNotAnEmptyTree(t *testing.T) {
	if _, err := Load(fstest.MapFS{}); !fault.HasCode(err, "bad-categories") {
		t.Errorf("got %v", err)
	}
	only := files(someClass)
	delete(only, "categories/01.yaml")
	if _, err := Load(only); !fault.HasCode(err, "bad-categories") {
		t.Errorf("functions without a class: got %v", err)
	}
}

func TestAttributesAreInheritedUnlessOverridden(t *testing.T) {
	tree, err := Load(files(someClass))
	if err != nil {
		t.Fatal(err)
	}
	neighbours, _ := tree.Get("01.01.02")
	if neighbours.Public || neighbours.Kind != "complaint" || neighbours.Urgency != "normal" || neighbours.Model != "seven-step" {
		t.Errorf("the item changes kind and public only: %+v", neighbours)
	}
	building, _ := tree.Get("01.01.01")
	if !building.Public || building.Kind != "event" {
		t.Errorf("a sibling is not touched: %+v", building)
	}
	telecoms, _ := tree.Get("01.02")
	if want := map[string]string{"county": "telecom"}; !maps.Equal(telecoms.Duty, want) {
		t.Errorf("a duty replaces the parent's as a whole: %v", telecoms.Duty)
	}
	if len(telecoms.Words) != 0 || !telecoms.Leaf || telecoms.Depth != 2 || telecoms.Parent != "01" {
		t.Errorf("words are not inherited, and a leaf may stand on the second level: %+v", telecoms)
	}
}

func TestWhatIsGivenOutCannotChangeTheTree(t *testing.T) {
	tree := shipped(t)
	c, _ := tree.Get("01.01.01")
	c.Duty["county"], c.Words[0] = "nobody", "nothing"
	tree.All()[0].Duty["county"] = "nobody"
	if again, _ := tree.Get("01.01.01"); again.Duty["county"] == "nobody" || again.Words[0] == "nothing" {
		t.Error("a caller changed the tree")
	}
}

// The golden holds a few items of each manner of inheritance; see testdata/inherited.json.
func TestInheritedAttributesOfTheShippedTree(t *testing.T) {
	tree := shipped(t)
	type line struct {
		Code, Title, TitleEN, Model, Urgency, Kind string
		Duty                                       map[string]string
		Public, Confidential                       bool
	}
	var got []line
	for _, code := range []string{"01.02.01", "01.03.05", "01.04.08", "02.05.03", "02.06.01", "03.05.10", "04.06.02", "06.02.02", "06.05.04",
		"07.02.02", "08.02.03", "09.01.01", "12.05.02", "12.06.02"} {
		c, ok := tree.Get(code)
		if !ok || !c.Leaf {
			t.Fatalf("%s is no leaf of the tree", code)
		}
		got = append(got, line{c.Code, tree.Title(code, "zh"), tree.Title(code, "en"), c.Model, c.Urgency, c.Kind, c.Duty, c.Public, c.Confidential})
	}
	data, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "inherited.json")
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, append(data, '\n'), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(data)+"\n" {
		t.Errorf("differs from %s (go test -update writes it anew):\n%s", path, data)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(someClass), []byte(someFunctions))
	f.Add([]byte("a: &a [*a]"), []byte("functions: {a: {county: 1}}"))
	f.Add([]byte("code: !!null \"01\"\nzh: ? x\n"), []byte("%YAML 1.1\n---\n"))
	f.Fuzz(func(t *testing.T, class, functions []byte) {
		tree, err := Load(fstest.MapFS{"categories/01.yaml": {Data: class}, "categories/functions.yaml": {Data: functions}})
		if err != nil {
			if e := fault.Of(err); e.Code != "bad-categories" || len(e.Fields) == 0 {
				t.Errorf("an error that names no place: %v", err)
			}
			return
		}
		for _, c := range tree.All() {
			if c.Code == "" || c.Title.ZH == "" || c.Title.EN == "" || c.Depth < 1 || c.Depth > MaxDepth || c.Public && c.Confidential ||
				c.Leaf && (len(c.Duty) == 0 || c.Kind == "" || c.Model == "" || c.Urgency == "") {
				t.Errorf("a tree was taken with %+v", c)
			}
			for _, key := range c.Duty {
				if _, ok := tree.Function(key); !ok {
					t.Errorf("%s lies with the unknown function %q", c.Code, key)
				}
			}
		}
	})
}
