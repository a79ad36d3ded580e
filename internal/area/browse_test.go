package area

import (
	"context"
	"fmt"
	"testing"

	"linli/internal/platform/fault"
)

// village plants a county of one village with a few grids.
func plantVillage(t *testing.T, s *Service) {
	t.Helper()
	add := func(code, name string, level Level, parent string, aliases ...string) {
		kind := ""
		if level == Grid {
			kind = KindBasic
		}
		if _, err := s.Create(context.Background(), root, CreateArea{Reason: "test", Area: Area{Code: code, Name: name, Level: level, Parent: parent, Kind: kind, Aliases: aliases}}); err != nil {
			t.Fatalf("%s: %v", code, err)
		}
	}
	add("320682", "如皋市", County, "")
	add("320682001", "如城街道", Township, "320682")
	add("320682001001", "安定社区", Village, "320682001", "老安定")
	for i := 1; i <= 7; i++ {
		add(fmt.Sprintf("320682001001%03d", i), fmt.Sprintf("第%d网格", i), Grid, "320682001001")
	}
	if err := s.Close(context.Background(), root, CloseArea{Code: "320682001001007", Reason: "test"}); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Org{{Code: "320682-housing", Name: "市住建局", Kind: "department", Function: "housing parks", Area: "320682"}, {Code: "320682001-team", Name: "如城执法队", Kind: "team", Area: "320682001"}} {
		if _, err := s.CreateOrg(context.Background(), root, CreateOrg{Org: o, Reason: "test"}); err != nil {
			t.Fatal(err)
		}
	}
}

func codes[T any](list []T, code func(T) string) string {
	out := ""
	for _, v := range list {
		out += code(v)[6:] + " "
	}
	return out
}

func TestFind(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		plantVillage(t, s)
		for _, c := range []struct {
			name  string
			query AreaQuery
			want  string
		}{
			{"without anything the roots", AreaQuery{}, " "},
			{"children of an area, closed ones left out", AreaQuery{Parent: "320682001001"}, "001001001 001001002 001001003 001001004 001001005 001001006 "},
			{"closed ones when asked for", AreaQuery{Parent: "320682001001", Closed: true, After: "/320682/320682001/320682001001/320682001001006/"}, "001001007 "},
			{"an area with all below it, of a level", AreaQuery{Under: "320682001", Level: "village"}, "001001 "},
			{"part of a name", AreaQuery{Text: "第3"}, "001001003 "},
			{"another name", AreaQuery{Text: "老安定"}, "001001 "},
			{"the beginning of a code", AreaQuery{Text: "32068200100100", Level: "grid", Limit: 2}, "001001001 001001002 "},
			{"a text nobody has", AreaQuery{Text: "不存在"}, ""},
		} {
			list, _, err := s.Tree().Find(c.query)
			if got := codes(list, func(a Area) string { return a.Code }); err != nil || got != c.want {
				t.Errorf("%s: %q %v, want %q", c.name, got, err, c.want)
			}
		}
		for _, q := range []AreaQuery{{Parent: "9"}, {Under: "9"}} {
			if _, _, err := s.Tree().Find(q); !fault.Is(err, fault.NotFound) {
				t.Errorf("%+v: %v", q, err)
			}
		}
		for _, q := range []AreaQuery{{Level: "galaxy"}, {After: "x"}} {
			if _, _, err := s.Tree().Find(q); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", q, err)
			}
		}
	})
}

func TestPagesMeetEveryAreaOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		plantVillage(t, s)
		for size := 1; size <= 8; size++ {
			seen, after := map[string]int{}, ""
			for {
				page, next, err := s.Tree().Find(AreaQuery{Under: "320682", After: after, Limit: size})
				if err != nil || len(page) > size {
					t.Fatal(len(page), err)
				}
				for _, a := range page {
					seen[a.Code]++
				}
				if next == "" {
					break
				}
				after = next
			}
			if len(seen) != 9 {
				t.Errorf("pages of %d meet %d areas", size, len(seen))
			}
			for code, n := range seen {
				if n != 1 {
					t.Errorf("pages of %d meet %s %d times", size, code, n)
				}
			}
		}
	})
}

func TestFindOrgsAndAncestors(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		plantVillage(t, s)
		for _, c := range []struct {
			name  string
			query OrgQuery
			want  string
		}{
			{"all", OrgQuery{}, "-housing 001-team "},
			{"who can be asked from a grid", OrgQuery{Serving: "320682001001001"}, "-housing 001-team "},
			{"who can be asked from the county", OrgQuery{Serving: "320682"}, "-housing "},
			{"at or below a township", OrgQuery{Area: "320682001"}, "001-team "},
			{"one of several functions", OrgQuery{Function: "parks"}, "-housing "},
			{"part of a function is none", OrgQuery{Function: "park"}, ""},
			{"a kind", OrgQuery{Kind: "team"}, "001-team "},
			{"part of a name", OrgQuery{Text: "执法"}, "001-team "},
		} {
			list, _, err := s.Tree().FindOrgs(c.query)
			if got := codes(list, func(o Org) string { return o.Code }); err != nil || got != c.want {
				t.Errorf("%s: %q %v, want %q", c.name, got, err, c.want)
			}
		}
		if got := codes(s.Tree().Ancestors("320682001001001"), func(a Area) string { return a.Code }); got != " 001 001001 " {
			t.Errorf("ancestors of a grid: %q", got)
		}
		if got := codes(s.Tree().Ancestors("320682001-team"), func(a Area) string { return a.Code }); got != " 001 " {
			t.Errorf("ancestors of an organisation: %q", got)
		}
		if len(s.Tree().Ancestors("320682")) != 0 || len(s.Tree().Ancestors("9")) != 0 {
			t.Error("a root or an unknown code has ancestors")
		}
	})
}
