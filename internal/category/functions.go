package category

import (
	"io/fs"
	"path"

	"go.yaml.in/yaml/v3"

	"linli/internal/platform/lang"
)

// OrgKinds are the kinds of organisation a function can be carried by.
var OrgKinds = []string{"department", "centre", "team", "station", "judicial-office", "committee"}

// readFunctions reads functions.yaml. Its order is kept: it is the order in which offices are listed.
func (t *Tree) readFunctions(files fs.FS, p *problems) {
	n := root(files, path.Join(folder, functionsFile), p)
	if n == nil {
		return
	}
	keys := mapping(n, []string{"version", "functions"}, p)
	list := keys["functions"]
	if list == nil || list.Kind != yaml.MappingNode || len(list.Content) == 0 {
		p.at(n, "missing-functions", "缺少职能清单,请写 functions:", "The list of functions is missing; write functions:")
		return
	}
	for i := 0; i+1 < len(list.Content); i += 2 {
		key, value := list.Content[i], list.Content[i+1]
		if key.Kind != yaml.ScalarNode || !kebab.MatchString(key.Value) {
			p.at(key, "bad-key", "「%s」不行:用小写字母、数字和连字符", "%q will not do: lower-case letters, digits and hyphens", short(key.Value))
			continue
		}
		if _, twice := t.function[key.Value]; twice {
			p.at(key, "duplicate-key", "职能「%s」写了两次,请留一个", "The function %q is given twice; keep one", key.Value)
			continue
		}
		t.function[key.Value] = len(t.functions)
		t.functions = append(t.functions, readFunction(key.Value, value, p))
	}
}

func readFunction(key string, n *yaml.Node, p *problems) Function {
	f := Function{Key: key}
	keys := mapping(n, []string{"title", "county", "township"}, p)
	if keys == nil {
		return f
	}
	if at := keys["title"]; at == nil {
		p.at(n, "missing-title", "缺少名称,请写 title: {zh: …, en: …}", "The title is missing; write title: {zh: …, en: …}")
	} else if in := mapping(at, []string{"zh", "en"}, p); in != nil {
		f.Title = wording(at, in, p)
	}
	if at := keys["county"]; at == nil {
		p.at(n, "missing-county", "缺少县级组织,请写 county: {zh: …, en: …}", "The county organisation is missing; write county: {zh: …, en: …}")
	} else {
		f.County, f.CountyKind = readOrg(at, p)
	}
	if at := keys["township"]; at != nil {
		f.Township, f.TownshipKind = readOrg(at, p)
		f.HasTownship = true
	}
	return f
}

func readOrg(n *yaml.Node, p *problems) (lang.Text, string) {
	keys := mapping(n, []string{"zh", "en", "kind"}, p)
	if keys == nil {
		return lang.Text{}, ""
	}
	kind := OrgKinds[0]
	if at := keys["kind"]; at != nil {
		kind = choice(at, "kind", OrgKinds, p)
	}
	return wording(n, keys, p), kind
}
