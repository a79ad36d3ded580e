package area

import "testing"

func TestOneOfficeMayCarrySeveralFunctions(t *testing.T) {
	tree := newTree(1, []Area{
		{Code: "320682", Level: County, Path: "/320682/"},
		{Code: "320682001", Level: Township, Parent: "320682", Path: "/320682/320682001/"},
	}, []Org{
		{Code: "county-education", Function: "education", Area: "320682"},
		{Code: "county-health", Function: "health", Area: "320682"},
		{Code: "social", Function: "civil-affairs education，disabled-persons、veterans", Area: "320682001"},
		{Code: "closed", Function: "health", Area: "320682001", Closed: true},
	})
	for _, c := range []struct{ rule, function, want string }{
		{"the first of several functions is found", "civil-affairs", "social"},
		{"a function in the middle is found before the county's", "education", "social"},
		{"a comma separates", "disabled-persons", "social"},
		{"a Chinese mark separates", "veterans", "social"},
		{"a closed office is passed over for the one above", "health", "county-health"},
		{"a part of a word is no function", "civil", ""},
		{"no function finds nobody", "", ""},
	} {
		got, ok := tree.OrgFor("320682001", c.function)
		if got.Code != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %q, %v; want %q", c.rule, got.Code, ok, c.want)
		}
	}
}
