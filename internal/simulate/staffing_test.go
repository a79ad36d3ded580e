package simulate

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/models"
)

func TestAStaffingFileIsCheckedLineByLine(t *testing.T) {
	const good = "times: {default: {hands: {median: 5, p90: 9}}}\n"
	for _, c := range []struct{ rule, text, want string }{
		{"an unknown key is named", good + "peopel: 3\n", "f.yaml:2:1 unknown-key"},
		{"a share is at most 1", good + "requests: {ask: 1.5}\n", "f.yaml:2:17 number"},
		{"a share is a number", good + "call_back: often\n", "f.yaml:2:12 number"},
		{"p90 is not below the median", "times: {default: {hands: {median: 9, p90: 5}}}\n", "f.yaml:1:43 order"},
		{"a spread needs its median", "times: {default: {hands: {p90: 5}}}\n", "f.yaml:1:26 missing"},
		{"the default time must be there", "times: {take: {hands: {median: 1}}}\n", "f.yaml:1:1 missing"},
		{"a rate needs an action", good + "rates: [{rate: 0.1}]\n", "f.yaml:2:9 missing"},
		{"a rate needs its rate", good + "rates: [{action: here}]\n", "f.yaml:2:9 missing"},
		{"there are five scores", good + "reporter: {scores: [1, 1]}\n", "f.yaml:2:20 weights"},
		{"a post is role@code", good + "posts: {grid-member: {people: 1}}\n", "f.yaml:2:9 post"},
		{"people are at least one", good + "roles: {dispatcher: {people: 0}}\n", "f.yaml:2:30 number"},
		{"a key stands once", good + "call_back: 0.1\ncall_back: 0.2\n", "f.yaml:3:1 twice"},
		{"it is a map", "- 1\n", "f.yaml:1:1 not-a-map"},
		{"it is YAML", "times: [\n", "f.yaml:1 yaml"},
		{"lists are lists", good + "rates: 3\n", "f.yaml:2:8 not-a-list"},
	} {
		_, err := ParseStaffing("f.yaml", []byte(c.text))
		if got := places(err); !slices.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.rule, got, c.want)
		}
	}
}

// places are what an error names, each as "file:line:column code".
func places(err error) (out []string) {
	if err == nil {
		return nil
	}
	for _, f := range fault.Of(err).Fields {
		out = append(out, f.Name+" "+f.Code)
	}
	return out
}

func TestNamesInAStaffingFileMustExist(t *testing.T) {
	a, _ := town(t, database.SQLite)
	for code, text := range map[string]string{
		"unknown-role":     "roles: {mayor: {people: 1}}",
		"unknown-post":     "posts: {\"grid-member@999\": {people: 1}}",
		"unknown-calendar": "roles: {dispatcher: {calendar: lunar}}",
	} {
		s, err := ParseStaffing("f.yaml", []byte("times: {default: {hands: {median: 5}}}\n"+text+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		err = s.fits(a)
		if err == nil || fault.Of(err).Fields[0].Code != code || fault.Of(err).Fields[0].Name != "f.yaml:2" {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestTheBuiltInStaffingFitsTheSample(t *testing.T) {
	s, err := DefaultStaffing(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := town(t, database.SQLite)
	if err := s.fits(a); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, d := range a.Library.All() {
		for _, st := range d.Stages {
			for _, action := range st.Actions {
				known[action.Name] = true
			}
		}
	}
	for _, r := range s.Rates {
		if !known[r.Action] {
			t.Errorf("no model has the action %s", r.Action)
		}
	}
}

func TestTheFirstRateThatFitsCounts(t *testing.T) {
	s := &Staffing{Rates: []Rate{{Action: "here", Category: "01.02", Rate: 0.1}, {Action: "here", Stage: "sort", Rate: 0.2}, {Action: "here", Rate: 0.3}}}
	for _, c := range []struct {
		stage, category string
		want            float64
	}{{"sort", "01.02.03", 0.1}, {"sort", "01.020", 0.2}, {"other", "01.02", 0.1}, {"other", "05", 0.3}} {
		if got, ok := s.rate("here", "m", c.stage, c.category, "normal"); !ok || got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if _, ok := s.rate("there", "m", "sort", "", ""); ok {
		t.Error("an action without a row has a rate")
	}
}

func TestASpreadKeepsItsMedianAndP90(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := Spread{Median: 10, P90: 40}
	list := make([]float64, 20_000)
	for i := range list {
		list[i] = s.draw(r)
	}
	slices.Sort(list)
	if m, p := list[10_000], list[18_000]; m < 9.5 || m > 10.5 || p < 37 || p > 43 || list[len(list)-1] > 160 {
		t.Errorf("median %.1f, p90 %.1f, longest %.1f", m, p, list[len(list)-1])
	}
}

func FuzzParseStaffing(f *testing.F) {
	f.Add("times: {default: {hands: {median: 5, p90: 9}}}\nrates: [{action: a, rate: 0.1}]\n")
	f.Add("roles: {a: {people: x}}\n? [1]\n: 2\n")
	f.Add("a: &b [*b]\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseStaffing("f.yaml", []byte(text))
		if err != nil && len(fault.Of(err).Fields) == 0 {
			t.Errorf("an error that names nothing: %v", err)
		}
		if err == nil && len(strings.TrimSpace(text)) > 0 && s.Times["default"].Hands.Median < 0 {
			t.Error("a negative time was taken")
		}
	})
}
