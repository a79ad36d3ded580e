package category

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const (
	folder        = "categories"
	functionsFile = "functions.yaml"
	maxFiles      = 200
	maxCategories = 5000
	maxWords      = 500 // of one category
	maxWordRunes  = 30
)

// Urgencies are, from the shortest clock to the longest, what a case can be, as the hotline standard grades them.
var Urgencies = []string{"urgent", "priority", "normal", "complex"}

// Kinds are the kinds of case.
var Kinds = []string{"event", "hazard", "request", "dispute", "consult", "complaint", "praise"}

// Levels are where a duty can lie, the nearest to the people first.
var Levels = []string{"village", "township", "county"}

var (
	codePart   = regexp.MustCompile(`^[0-9]{2}(\.[0-9]{2})*$`)
	kebab      = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	properties = []string{"duty", "model", "urgency", "kind", "public", "confidential", "words", "sub"}
	itemKeys   = append([]string{"code", "zh", "en"}, properties...)
)

// Load reads categories/*.yaml and categories/functions.yaml of the models folder. It gives every mistake at once: a
// fault.Invalid "bad-categories" whose fields are named file:line:column and say what to do.
func Load(files fs.FS) (*Tree, error) {
	p := &problems{}
	t := &Tree{at: map[string]int{}, children: map[string][]int{}, function: map[string]int{}}
	names := classFiles(files, p)
	t.readFunctions(files, p)
	r := &reader{p: p, tree: t, where: map[string]string{}}
	for _, name := range names {
		if n := root(files, name, p); n != nil {
			r.category(n, Category{})
		}
	}
	if len(t.list) == 0 && len(p.all) == 0 {
		p.add(folder, "empty", "没有事项分类,请至少写一个文件", "There is no category; write at least one file")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	t.finish()
	return t, nil
}

// classFiles gives the files to read, in order, and reports what looks like one but would be passed over.
func classFiles(files fs.FS, p *problems) []string {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		p.add(folder, "unreadable", "读不了文件夹 %s:%s", "The folder %s cannot be read: %s", folder, err.Error())
		return nil
	}
	var out []string
	for _, e := range entries {
		name := path.Join(folder, e.Name())
		switch {
		case e.Name() == functionsFile:
		case e.IsDir():
			p.add(name, "folder", "分类文件要直接放在 %s 下,不放进子文件夹", "Category files lie directly in %s, not in folders below", folder)
		case path.Ext(name) == ".yaml":
			out = append(out, name)
		case path.Ext(name) == ".yml" || path.Ext(name) == ".json":
			p.add(name, "extension", "这个文件不会被读取,请改名为 .yaml", "This file would not be read; give it the ending .yaml")
		}
	}
	if len(out) > maxFiles {
		p.add(folder, "too-many", "分类文件最多 %d 个", "There may be %d category files at most", maxFiles)
		return nil
	}
	return out
}

// reader turns nodes into the list of categories.
type reader struct {
	p     *problems
	tree  *Tree
	where map[string]string // code to the place it was first given
}

// category reads one category and what is below it. parent is the zero Category for a class.
func (r *reader) category(n *yaml.Node, parent Category) {
	p := r.p
	if len(r.tree.list) >= maxCategories {
		p.at(n, "too-many", "事项分类最多 %d 个", "There may be %d categories at most", maxCategories)
		return
	}
	keys := mapping(n, itemKeys, p)
	if keys == nil {
		return
	}
	c := parent // inherits duty, model, urgency, kind, public, confidential
	c.Parent, c.Depth, c.Words, c.Leaf = parent.Code, parent.Depth+1, nil, true
	c.Title = wording(n, keys, p)
	c.Code = r.code(n, keys["code"], parent)
	r.properties(&c, keys)
	if w := keys["words"]; w != nil {
		c.Words = r.words(w)
	}
	sub := keys["sub"]
	c.Leaf = sub == nil
	place := len(r.tree.list)
	r.tree.list = append(r.tree.list, c)
	switch {
	case sub == nil:
		r.complete(n, &c, keys)
	case sub.Kind != yaml.SequenceNode || len(sub.Content) == 0:
		p.at(sub, "empty-sub", "sub 下要列出下级分类;没有下级就删去 sub", "List the categories below under sub, or remove sub")
	case c.Depth == MaxDepth:
		p.at(sub, "too-deep", "分类最多三级,请把这些并到上一级", "The tree has three levels at most; move these one level up")
	default:
		for _, child := range sub.Content {
			r.category(child, r.tree.list[place])
		}
	}
}

// code checks that the code continues the parent's, and that no other category has it.
func (r *reader) code(n, at *yaml.Node, parent Category) string {
	p := r.p
	if at == nil {
		p.at(n, "missing-code", "缺少编码,请写 code:", "The code is missing; write code:")
		return ""
	}
	code, ok := word(at, "code", p)
	if !ok {
		return ""
	}
	rest := code
	if parent.Code != "" {
		if rest, ok = strings.CutPrefix(code, parent.Code+"."); !ok {
			p.at(at, "code-not-under-parent", "编码「%s」要以上级的「%s.」开头", "The code %q must begin with its parent's, %q", short(code), parent.Code+".")
			return code
		}
	}
	if !codePart.MatchString(rest) || len(rest) != 2 {
		p.at(at, "bad-code", "编码「%s」不行:每级两位数字,用点隔开,加引号,如 \"01.02.03\"", `The code %q will not do: two digits a level with dots between, in quotes, such as "01.02.03"`, short(code))
		return code
	}
	place := placeOf(p.file, at)
	if first, twice := r.where[code]; twice {
		p.at(at, "duplicate-code", "编码「%s」已用在 %s,请换一个", "The code %q is already used at %s; choose another", code, first)
		return code
	}
	r.where[code] = place
	return code
}

// properties overrides what the parent gave.
func (r *reader) properties(c *Category, keys map[string]*yaml.Node) {
	p := r.p
	if n := keys["duty"]; n != nil {
		c.Duty = r.duty(n)
	}
	if n := keys["model"]; n != nil {
		c.Model = wrong
		if w, ok := word(n, "model", p); ok {
			if c.Model = w; !kebab.MatchString(w) {
				p.at(n, "bad-model", "「%s」不是流程名:用小写字母、数字和连字符", "%q is no name of a flow: lower-case letters, digits and hyphens", short(w))
			}
		}
	}
	if n := keys["urgency"]; n != nil {
		c.Urgency = choice(n, "urgency", Urgencies, p)
	}
	if n := keys["kind"]; n != nil {
		c.Kind = choice(n, "kind", Kinds, p)
	}
	if n := keys["public"]; n != nil {
		c.Public, _ = truth(n, p)
	}
	if n := keys["confidential"]; n != nil {
		if c.Confidential, _ = truth(n, p); c.Confidential && c.Public {
			p.at(n, "confidential-and-public", "涉密保护的事项不能公开,请同时写 public: false", "A confidential category cannot be public; write public: false as well")
		}
	} else if n := keys["public"]; n != nil && c.Public && c.Confidential {
		p.at(n, "confidential-and-public", "上级已设为保密,这里不能公开", "The category above is confidential; this cannot be public")
	}
}

// duty replaces the parent's as a whole: a function without a township arm must not leave the parent's township office
// in charge.
func (r *reader) duty(n *yaml.Node) map[string]string {
	out := map[string]string{}
	for level, at := range mapping(n, Levels, r.p) {
		out[level] = wrong
		key, ok := word(at, "duty", r.p)
		if !ok {
			continue
		}
		f, known := r.tree.Function(key)
		switch {
		case !known && len(r.tree.functions) > 0:
			r.p.at(at, "unknown-function", "没有「%s」这一职能,请用 %s 里的键%s", "There is no function %q; use a key of %s%s", short(key), functionsFile, r.near(key))
		case known && level == "township" && !f.HasTownship:
			r.p.at(at, "no-township-arm", "职能「%s」没有乡镇组织,请只写 county", "The function %q has no township organisation; name the county only", key)
		}
		out[level] = key
	}
	if len(out) == 0 {
		if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
			r.p.at(n, "empty-duty", "要写由谁负责,如 {township: housing, county: housing}", "Say who answers, such as {township: housing, county: housing}")
		}
		out["county"] = wrong
	}
	return out
}

// near names a key that was probably meant.
func (r *reader) near(key string) string {
	for _, f := range r.tree.functions {
		if len(key) >= 4 && (strings.HasPrefix(f.Key, key[:4]) || strings.Contains(f.Key, key)) {
			return " (" + f.Key + "?)"
		}
	}
	return ""
}

// words reads the words that speak for a category.
func (r *reader) words(n *yaml.Node) []string {
	p := r.p
	if n.Kind != yaml.SequenceNode {
		p.at(n, "not-a-list", "要写成列表,如 [噪音, 扰民]", "Write a list, such as [噪音, 扰民]")
		return nil
	}
	if len(n.Content) > maxWords {
		p.at(n, "too-many", "一个分类最多 %d 个词", "A category may have %d words at most", maxWords)
		return nil
	}
	out := make([]string, 0, len(n.Content))
	seen := map[string]bool{}
	for _, at := range n.Content {
		if at.Kind != yaml.ScalarNode || at.Tag == "!!null" || !speaks(fold(at.Value)) {
			p.at(at, "empty-word", "空词不行,请写一个词或删去", "An empty word will not do; write a word or remove it")
			continue
		}
		w := strings.TrimSpace(at.Value)
		switch f := fold(w); {
		case utf8.RuneCountInString(w) > maxWordRunes:
			p.at(at, "long-word", "词「%s」超过 %d 个字,请写短", "The word %q has more than %d characters; make it shorter", short(w), maxWordRunes)
		case seen[f]:
			p.at(at, "duplicate-word", "词「%s」写了两次,请留一个", "The word %q is given twice; keep one", w)
		default:
			seen[f] = true
			out = append(out, w)
		}
	}
	return out
}

// complete checks that a leaf has, of its own or from above, everything a case needs.
func (r *reader) complete(n *yaml.Node, c *Category, keys map[string]*yaml.Node) {
	p := r.p
	if keys["words"] == nil {
		p.at(n, "missing-words", "细类要写 words;从不自动推荐的写 words: []", "An item needs words; write words: [] for one that is never suggested")
	}
	missing := func(key, value string) {
		if value == "" && keys[key] == nil {
			p.at(n, "missing-"+key, "本级和上级都没有写 %s", "Neither this category nor one above says %s", key)
		}
	}
	if len(c.Duty) == 0 {
		missing("duty", "")
	}
	missing("model", c.Model)
	missing("urgency", c.Urgency)
	missing("kind", c.Kind)
}

func placeOf(file string, n *yaml.Node) string {
	p := problems{file: file}
	p.at(n, "", "", "")
	return p.all[0].Name
}

// finish sorts the tree and builds what is looked up in it.
func (t *Tree) finish() {
	slices.SortFunc(t.list, func(a, b Category) int { return strings.Compare(a.Code, b.Code) })
	for i, c := range t.list {
		t.at[c.Code] = i
		t.children[c.Parent] = append(t.children[c.Parent], i)
		t.haystack = append(t.haystack, haystack(c))
	}
	t.scorer = newScorer(t)
	t.version = t.digest()
}

// digest hashes what the tree says, not how it is written.
func (t *Tree) digest() string {
	list := t.All()
	for _, c := range list {
		slices.Sort(c.Words)
	}
	functions := t.Functions()
	slices.SortFunc(functions, func(a, b Function) int { return strings.Compare(a.Key, b.Key) })
	h := sha256.New()
	// Both marshal: they hold nothing but words, numbers and truths.
	_ = json.NewEncoder(h).Encode(list)
	_ = json.NewEncoder(h).Encode(functions)
	return hex.EncodeToString(h.Sum(nil))[:16]
}
