package category

import (
	"os"
	"strings"
	"testing"
)

func TestTheShippedTreeIsWhole(t *testing.T) {
	tree := shipped(t)
	leaves := 0
	for i, c := range tree.All() {
		if got, ok := tree.Get(c.Code); !ok || got.Title != c.Title {
			t.Fatalf("%s is in All and not in Get", c.Code)
		}
		if i > 0 && tree.All()[i-1].Code >= c.Code {
			t.Fatalf("%s is out of order", c.Code)
		}
		if c.Leaf == (len(tree.Children(c.Code)) > 0) {
			t.Errorf("%s: leaf is %v with %d children", c.Code, c.Leaf, len(tree.Children(c.Code)))
		}
		if path := tree.Path(c.Code); len(path) != c.Depth || path[len(path)-1].Code != c.Code {
			t.Errorf("%s: path of %d at depth %d", c.Code, len(path), c.Depth)
		}
		if !c.Leaf {
			continue
		}
		leaves++
		if c.Duty["county"] == "" {
			t.Errorf("%s: nobody answers for it in the county", c.Code)
		}
	}
	if len(tree.Children("")) != 12 || leaves < 200 || len(tree.Functions()) < 30 {
		t.Errorf("%d classes, %d leaves, %d functions", len(tree.Children("")), leaves, len(tree.Functions()))
	}
}

func TestTitlesRunFromTheClassDown(t *testing.T) {
	tree, err := Load(files(someClass))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ code, tag, want string }{
		{"01.01.01", "zh", "环境 / 噪音 / 施工噪音"},
		{"01.01.01", "en", "Environment / Noise / Building noise"},
		{"01", "zh", "环境"},
		{"99.01", "zh", "99.01"},
		{"", "zh", ""},
	} {
		if got := tree.Title(c.code, c.tag); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.code, c.tag, got, c.want)
		}
	}
}

func TestVersionFollowsWhatTheTreeSaysNotHowItIsWritten(t *testing.T) {
	version := func(class string) string {
		tree, err := Load(files(class))
		if err != nil {
			t.Fatal(err)
		}
		return tree.Version()
	}
	first := version(someClass)
	if got := version("# a comment\n" + strings.Replace(someClass, "[噪音, 吵]", "[吵, 噪音]", 1)); got != first {
		t.Error("a comment and the order of words changed the version")
	}
	for _, change := range []string{"噪音, 吵", "Building noise", "public: false", "{county: telecom}"} {
		with := map[string]string{"噪音, 吵": "噪音, 闹", "Building noise": "Noise of building", "public: false": "public: true", "{county: telecom}": "{county: housing}"}
		if version(strings.Replace(someClass, change, with[change], 1)) == first {
			t.Errorf("changing %q left the version", change)
		}
	}
}

func TestFunctionsKeepTheOrderOfTheirFile(t *testing.T) {
	tree, err := Load(files(someClass))
	if err != nil {
		t.Fatal(err)
	}
	all := tree.Functions()
	if len(all) != 2 || all[0].Key != "housing" || all[1].Key != "telecom" {
		t.Fatalf("got %+v", all)
	}
	if h := all[0]; !h.HasTownship || h.TownshipKind != "station" || h.CountyKind != "department" || h.Township.EN != "Housing Office" {
		t.Errorf("got %+v", h)
	}
	if c := all[1]; c.HasTownship || c.TownshipKind != "" || c.CountyKind != "centre" || !c.Township.Empty() {
		t.Errorf("got %+v", c)
	}
	if _, ok := tree.Function("nobody"); ok {
		t.Error("found a function that is not there")
	}
}

func TestSearchFindsByCodeTitleAndWord(t *testing.T) {
	tree, err := Load(os.DirFS("../../models"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, q, first string }{
		{"a code finds itself", "01.05.01", "01.05.01"},
		{"the beginning of a code finds the sub-class first", "01.05", "01.05"},
		{"a Chinese title", "施工噪音", "01.05.01"},
		{"part of a title before a word elsewhere", "业委会选举", "03.02.01"},
		{"an English title in any case", "DOMESTIC violence", "06.02.02"},
		{"a word", "家暴", "06.02.02"},
		{"western letters in full width", "HPV", "09.05.01"},
		{"every part must fit", "噪音 邻居", "01.05.06"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := tree.Search(c.q, 5)
			if len(got) == 0 || got[0].Code != c.first {
				t.Errorf("%q: %+v, want %s first", c.q, got, c.first)
			}
		})
	}
	for _, q := range []string{"", "  ", "no such thing anywhere", "噪音 公积金"} {
		if got := tree.Search(q, 5); len(got) > 0 {
			t.Errorf("%q found %d", q, len(got))
		}
	}
	if got := tree.Search("0", 3); len(got) != 3 {
		t.Errorf("asked for 3, got %d", len(got))
	}
	if got := tree.Search("0", -1); got != nil {
		t.Errorf("asked for -1, got %d", len(got))
	}
}
