package staff

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"linli/internal/platform/fault"
	"linli/models"
)

// small is a table of roles without a fault; tests change a line of it.
const small = `version: "1"
roles:
  duty-officer:
    title: {zh: 值班员, en: Duty officer}
    at: [township, county]
    covers: [duty-officer@county, administrator@county]
    may: [case.read, case.dispatch]
  unit-head:
    title: {zh: 单位负责人, en: Head of the unit}
    at: [org]
    orgs: [team]
    covers: [unit-member@org, duty-officer@county, administrator@county]
    may: [case.read]
    confidential: true
  unit-member:
    title: {zh: 经办人, en: Member}
    at: [org]
    orgs: [team]
    covers: [unit-head@org, duty-officer@county, administrator@county]
    may: [case.act]
  administrator:
    title: {zh: 系统管理员, en: Administrator}
    at: [county]
    covers: []
    may: [system.admin]
`

func TestRolesFile(t *testing.T) {
	if r, err := parseRoles([]byte(small)); err != nil || len(r.All()) != 4 || r.Version() != "1" {
		t.Fatalf("the table without a fault: %v", err)
	}
	for rule, c := range map[string]struct{ old, new, place, code string }{
		"an unknown permission":                    {"may: [case.read, case.dispatch]", "may: [case.read, case.despatch]", "7:22", "unknown-permission"},
		"a permission written twice":               {"may: [case.read, case.dispatch]", "may: [case.read, case.read]", "7:22", "repeated"},
		"a scope in a role":                        {"may: [case.act]", "may: [case.confidential]", "20:11", "scope-only"},
		"an unknown level":                         {"at: [township, county]", "at: [township, province]", "5:20", "bad-level"},
		"an unknown kind of organisation":          {"orgs: [team]\n    covers: [unit-member", "orgs: [club]\n    covers: [unit-member", "11:12", "bad-kind"},
		"a fall-back that does not exist":          {"[unit-head@org, duty", "[unit-hand@org, duty", "19:14", "unknown-role"},
		"a fall-back at a level it cannot be at":   {"[unit-head@org, duty-officer@county,", "[duty-officer@grid, duty-officer@county,", "19:14", "bad-level"},
		"@org between areas":                       {"covers: [duty-officer@county, admin", "covers: [unit-head@org, duty-officer@county, admin", "6:14", "bad-cover"},
		"a fall-back without a level":              {"[unit-head@org, duty", "[unit-head, duty", "19:14", "bad-cover"},
		"a chain that does not end":                {"[unit-head@org, duty-officer@county, administrator@county]", "[unit-head@org]", "15:3", "open-chain"},
		"a chain without the duty officer":         {"[unit-head@org, duty-officer@county, administrator@county]", "[unit-head@org, administrator@county]", "15:3", "open-chain"},
		"a role without a title":                   {"title: {zh: 经办人, en: Member}", "about: {zh: 经办人, en: Member}", "15:3", "no-title"},
		"a title in one language":                  {"title: {zh: 经办人, en: Member}", "title: {zh: 经办人}", "15:3", "no-title"},
		"an organisation role without kinds":       {"orgs: [team]\n    covers: [unit-head", "covers: [unit-head", "15:3", "org-or-area"},
		"a field that is not known":                {"confidential: true", "secret: true", "14:5", "unknown-key"},
		"a field written twice":                    {"confidential: true", "may: [case.act]", "14:5", "repeated"},
		"a word that is neither true nor false":    {"confidential: true", "confidential: maybe", "14:19", "shape"},
		"a role key with capitals":                 {"  unit-member:", "  Unit_Member:", "15:3", "role-key"},
		"a list that is a word":                    {"may: [case.act]", "may: case.act", "20:10", "shape"},
		"a reference of YAML":                      {"may: [case.act]", "may: *x", "", "yaml"},
		"something that is no YAML":                {"roles:", "roles: [", "", "yaml"},
		"no administrator":                         {"may: [system.admin]", "may: [case.read]", "1:1", "no-administrator"},
		"a role that is a list":                    {"confidential: true\n", "confidential: true\n  x: [a]\n", "15:6", "shape"},
		"a role whose level is not the fall-backs": {"at: [township, county]", "at: [township]", "6:14", "bad-level"},
	} {
		t.Run(rule+" is named with its place", func(t *testing.T) {
			if !strings.Contains(small, c.old) {
				t.Fatalf("the test's table has no %q", c.old)
			}
			_, err := parseRoles([]byte(strings.Replace(small, c.old, c.new, 1)))
			f := fault.Of(err)
			for _, field := range f.Fields {
				if field.Code == c.code && (c.place == "" || field.Name == "roles.yaml:"+c.place) && field.Text.ZH != "" && field.Text.EN != "" {
					return
				}
			}
			t.Fatalf("want %s at %s, got %v", c.code, c.place, err)
		})
	}
	for _, empty := range []string{"", "---\n", "[]", "roles: {}", "42", strings.Repeat("#", 2<<20)} {
		if _, err := parseRoles([]byte(empty)); err == nil {
			t.Errorf("%.20q was taken", empty)
		}
	}
	if _, err := LoadRoles(fstest.MapFS{}); !fault.HasCode(err, "roles-missing") {
		t.Errorf("no file: %v", err)
	}
}

func TestRolesWeShip(t *testing.T) {
	r, err := LoadRoles(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.find("网格员"); !ok {
		t.Fatal("a role is not found by its title")
	}
	for _, role := range r.All() {
		if role.About.ZH == "" || role.About.EN == "" {
			t.Errorf("%s: what it is, in both languages", role.Key)
		}
		if reveal, audit := role.mask&bitOf("case.reveal") != 0, role.mask&bitOf(CaseAudit) != 0; reveal && audit {
			t.Errorf("%s reveals names and checks who does", role.Key)
		}
		if role.Key == RoleAdministrator && (role.Confidential || role.mask&bitOf("case.reveal") != 0) {
			t.Error("the administrator opens confidential matters or names")
		}
	}
}

// The table in docs/staff.md is the one of the code.
func TestPermissionsAreDocumented(t *testing.T) {
	raw, err := os.ReadFile("../../docs/staff.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| permission | 中文 | meaning | posts at organisations |\n|---|---|---|---|\n")
	for _, p := range Permissions {
		reach := "own matters only"
		switch {
		case p.ScopeOnly:
			reach = "scope of tokens only"
		case p.Area:
			reach = "the area they belong to"
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s | %s |\n", p.Key, p.Text.ZH, p.Text.EN, reach)
	}
	if !strings.Contains(string(raw), want.String()) {
		t.Fatalf("docs/staff.md needs this table:\n%s", want.String())
	}
	if len(Permissions) > 64 {
		t.Fatal("more permissions than bits")
	}
}

func FuzzLoadRoles(f *testing.F) {
	f.Add([]byte(small))
	if raw, err := os.ReadFile("../../models/roles.yaml"); err == nil {
		f.Add(raw)
	}
	f.Add([]byte("roles: &a {x: *a}"))
	f.Add([]byte("version: !!binary x\nroles:\n ? [a]\n : b"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := LoadRoles(fstest.MapFS{rolesFile: {Data: raw}})
		if (r == nil) == (err == nil) {
			t.Fatal("neither roles nor an error")
		}
		if err != nil {
			if len(fault.Of(err).Fields) == 0 || fault.Of(err).Kind != fault.Invalid {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		for _, role := range r.All() {
			if role.Key != RoleAdministrator && (len(role.Covers) == 0 || role.Covers[len(role.Covers)-1] != "administrator@county") {
				t.Fatalf("%s: %v", role.Key, role.Covers)
			}
		}
	})
}

func FuzzNormalLogin(f *testing.F) {
	for _, s := range []string{"Wang", " Ⅳ ", "İstanbul", "ẞ", "ﬁ", "王小明", "\u3000a", "ͅ", "a\u0345B"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := normalLogin(s)
		if twice := normalLogin(once); twice != once {
			t.Fatalf("%q becomes %q, then %q", s, once, twice)
		}
		if strings.TrimSpace(once) != once {
			t.Fatalf("%q keeps spaces", once)
		}
	})
}
