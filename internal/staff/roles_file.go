package staff

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/area"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

const (
	rolesFile    = "roles.yaml"
	maxRolesFile = 1 << 20 // bytes; the one we ship has 20 thousand
)

var (
	roleKey  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	orgKinds = []string{"department", "centre", "team", "committee", "judicial-office", "station"}
)

// LoadRoles reads roles.yaml from the models folder.
//
// Errors: a fault "roles-wrong" that names every wrong place as roles.yaml:line:column with what to do.
func LoadRoles(files fs.FS) (*Roles, error) {
	raw, err := fs.ReadFile(files, rolesFile)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "roles-missing", "模型目录里没有 %[1]s", "There is no %[1]s in the models folder", rolesFile).Because(err)
	}
	return parseRoles(raw)
}

func parseRoles(raw []byte) (*Roles, error) {
	l := &rolesReader{bad: fault.New(fault.Invalid, "roles-wrong", "岗位文件 roles.yaml 有错,请按下列位置修改", "roles.yaml is wrong; correct the places named")}
	if len(raw) > maxRolesFile {
		l.bad.At(rolesFile+":1:1", "too-large", "文件超过 1 MB", "The file is larger than 1 MB")
		return nil, l.bad
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		l.bad.At(yamlPlace(err), "yaml", "不是合法的 YAML:"+err.Error(), "This is not valid YAML: "+err.Error())
		return nil, l.bad
	}
	if len(doc.Content) == 0 {
		l.bad.At(rolesFile+":1:1", "empty", "文件是空的,应有 version 和 roles", "The file is empty; it needs version and roles")
		return nil, l.bad
	}
	roles := l.document(doc.Content[0])
	if len(l.bad.Fields) == 0 {
		l.lint(roles)
	}
	if len(l.bad.Fields) > 0 {
		return nil, l.bad
	}
	return roles, nil
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

func yamlPlace(err error) string {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		return rolesFile + ":" + m[1] + ":1"
	}
	return rolesFile + ":1:1"
}

// rolesReader walks the document and collects what is wrong; where remembers the nodes for the later rules.
type rolesReader struct {
	bad   *fault.Error
	where map[string]*yaml.Node // role key, or role key + "/" + step
}

func (l *rolesReader) wrong(n *yaml.Node, code, zh, en string, args ...any) {
	if len(l.bad.Fields) < 100 { // a file that is wrong everywhere needs no longer list
		l.bad.At(fmt.Sprintf("%s:%d:%d", rolesFile, n.Line, n.Column), code, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))
	}
}

// pairs gives key and value nodes of a mapping, naming repeated keys and keys it does not know.
func (l *rolesReader) pairs(n *yaml.Node, known []string, f func(key string, k, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		l.wrong(n, "shape", "这里应是“键: 值”的形式", "Keys and values are expected here")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case seen[k.Value]:
			l.wrong(k, "repeated", "%[1]s 写了两次", "%[1]s is written twice", k.Value)
			continue
		case v.Kind == yaml.AliasNode:
			l.wrong(v, "alias", "不支持 YAML 引用(*),请直接写出", "YAML references (*) are not taken here; write it out")
			continue
		case known != nil && !slices.Contains(known, k.Value):
			l.wrong(k, "unknown-key", "不认识 %[1]s,可用:%[2]s", "%[1]s is not known here; there are: %[2]s", k.Value, strings.Join(known, ", "))
			continue
		}
		seen[k.Value] = true
		f(k.Value, k, v)
	}
}

func (l *rolesReader) document(n *yaml.Node) *Roles {
	roles := &Roles{byKey: map[string]*Role{}}
	l.where = map[string]*yaml.Node{}
	l.pairs(n, []string{"version", "roles"}, func(key string, _, v *yaml.Node) {
		if key == "version" {
			roles.version = l.text(v)
			return
		}
		l.pairs(v, nil, func(key string, k, v *yaml.Node) {
			if !roleKey.MatchString(key) {
				l.wrong(k, "role-key", "岗位代号 %[1]q 应由小写字母、数字和连字符组成", "The key %[1]q must be of small letters, digits and hyphens", key)
				return
			}
			l.where[key] = k
			roles.order = append(roles.order, key)
			roles.byKey[key] = l.role(key, k, v)
		})
	})
	if len(roles.order) == 0 && len(l.bad.Fields) == 0 {
		l.wrong(n, "no-roles", "没有任何岗位", "There are no roles")
	}
	return roles
}

func (l *rolesReader) role(key string, k, n *yaml.Node) *Role {
	r := &Role{Key: key}
	known := []string{"title", "about", "at", "orgs", "expected", "covers", "may", "confidential"}
	l.pairs(n, known, func(field string, _, v *yaml.Node) {
		switch field {
		case "title":
			r.Title = l.wording(v)
		case "about":
			r.About = l.wording(v)
		case "at":
			l.each(v, func(word string, n *yaml.Node) {
				if word != atOrg && area.Level(word).Depth() == 0 {
					l.wrong(n, "bad-level", "没有层级 %[1]q;可用:county township village grid group building org", "There is no level %[1]q; use county, township, village, grid, group, building or org", word)
				}
				r.At = append(r.At, word)
			})
		case "orgs":
			l.each(v, func(word string, n *yaml.Node) {
				if !slices.Contains(orgKinds, word) {
					l.wrong(n, "bad-kind", "没有组织类型 %[1]q;可用:%[2]s", "There is no kind of organisation %[1]q; use %[2]s", word, strings.Join(orgKinds, ", "))
				}
				r.Orgs = append(r.Orgs, word)
			})
		case "expected":
			r.Expected = l.yes(v)
		case "confidential":
			r.Confidential = l.yes(v)
		case "covers":
			l.each(v, func(word string, n *yaml.Node) { l.cover(r, word, n) })
		case "may":
			l.each(v, func(word string, n *yaml.Node) { l.permission(r, word, n) })
		}
	})
	if r.Title.ZH == "" || r.Title.EN == "" {
		l.wrong(k, "no-title", "岗位 %[1]s 缺少中英文名称 title", "The role %[1]s needs a title in zh and en", key)
	}
	if len(r.At) == 0 {
		l.wrong(k, "no-level", "岗位 %[1]s 没有写明设在哪一级(at)", "The role %[1]s does not say where it exists (at)", key)
	}
	if r.OfOrg() != (len(r.Orgs) > 0) || r.OfOrg() && len(r.At) > 1 {
		l.wrong(k, "org-or-area", "岗位 %[1]s:设在组织的写 at: [org] 并列出 orgs,设在区域的只写层级", "The role %[1]s: one held at organisations has at: [org] and a list orgs, one held at areas has levels only", key)
	}
	return r
}

func (l *rolesReader) cover(r *Role, word string, n *yaml.Node) {
	role, level, ok := strings.Cut(word, "@")
	if !ok || level != atOrg && area.Level(level).Depth() == 0 {
		l.wrong(n, "bad-cover", "代办 %[1]q 应写成 岗位@层级 或 岗位@org", "The fall-back %[1]q must be role@level or role@org", word)
		return
	}
	if slices.Contains(r.Covers, word) {
		l.wrong(n, "repeated", "代办 %[1]s 写了两次", "The fall-back %[1]s is written twice", word)
		return
	}
	r.Covers = append(r.Covers, word)
	l.where[r.Key+"/"+word] = n
	if level == atOrg {
		r.steps = append(r.steps, step{role: role})
		return
	}
	r.steps = append(r.steps, step{role: role, level: area.Level(level)})
}

func (l *rolesReader) permission(r *Role, word string, n *yaml.Node) {
	bit := bitOf(word)
	switch {
	case bit == 0:
		l.wrong(n, "unknown-permission", "没有权限 %[1]q;全部权限见 docs/staff.md", "There is no permission %[1]q; docs/staff.md lists them", word)
	case word == Confidential:
		l.wrong(n, "scope-only", "%[1]s 只用于令牌;岗位请写 confidential: true", "%[1]s is for tokens only; a role says confidential: true", word)
	case r.mask&bit != 0:
		l.wrong(n, "repeated", "权限 %[1]s 写了两次", "The permission %[1]s is written twice", word)
	default:
		r.mask |= bit
		r.May = append(r.May, word)
	}
}

// lint checks what only the whole table tells: fall-backs that exist, at levels where they can be, ending
// with the county's duty officer and the administrator.
func (l *rolesReader) lint(roles *Roles) {
	for _, key := range roles.order {
		r := roles.byKey[key]
		duty := key == RoleDutyOfficer && r.AtLevel(area.County)
		for i, s := range r.steps {
			n := l.where[key+"/"+r.Covers[i]]
			other, ok := roles.byKey[s.role]
			switch {
			case !ok:
				l.wrong(n, "unknown-role", "代办的岗位 %[1]q 不存在", "The fall-back role %[1]q does not exist", s.role)
			case s.level == "" && (!r.OfOrg() || !other.OfOrg()):
				l.wrong(n, "bad-cover", "%[1]s:@org 只能用于设在组织的岗位之间", "%[1]s: @org is for roles held at organisations, on both sides", r.Covers[i])
			case s.level != "" && !other.AtLevel(s.level):
				l.wrong(n, "bad-level", "岗位 %[1]s 不设在 %[2]s 一级", "The role %[1]s is not held at the level %[2]s", s.role, string(s.level))
			}
			duty = duty || s == step{RoleDutyOfficer, area.County}
		}
		last := len(r.steps) > 0 && r.steps[len(r.steps)-1] == step{RoleAdministrator, area.County}
		if key != RoleAdministrator && (!duty || !last) {
			l.wrong(l.where[key], "open-chain", "岗位 %[1]s 的代办必须以 duty-officer@county、administrator@county 结尾,否则可能无人负责", "The fall-backs of %[1]s must end with duty-officer@county, administrator@county; otherwise a matter could belong to nobody", key)
		}
	}
	admin, ok := roles.byKey[RoleAdministrator]
	if !ok || !admin.AtLevel(area.County) || admin.mask&bitOf(SystemAdmin) == 0 {
		l.bad.At(rolesFile+":1:1", "no-administrator", "必须有设在 county 一级、带 system.admin 权限的 administrator 岗位", "There must be a role administrator at the level county with the permission system.admin")
	}
}

func (l *rolesReader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" {
		l.wrong(n, "shape", "这里应是一段文字", "A text is expected here")
		return ""
	}
	return n.Value
}

func (l *rolesReader) yes(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
		l.wrong(n, "shape", "这里应是 true 或 false", "true or false is expected here")
	}
	return n.Value == "true"
}

func (l *rolesReader) wording(n *yaml.Node) (t lang.Text) {
	l.pairs(n, []string{"zh", "en"}, func(key string, _, v *yaml.Node) {
		if key == "zh" {
			t.ZH = l.text(v)
		} else {
			t.EN = l.text(v)
		}
	})
	return t
}

func (l *rolesReader) each(n *yaml.Node, f func(word string, n *yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		l.wrong(n, "shape", "这里应是列表,如 [grid]", "A list is expected here, such as [grid]")
		return
	}
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			l.wrong(c, "shape", "这里应是一个词", "A word is expected here")
			continue
		}
		f(c.Value, c)
	}
}
