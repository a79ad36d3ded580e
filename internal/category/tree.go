// Package category is the category tree of matters (事项分类): what a report is about, and with that who answers for it,
// how it is handled, how urgent it is and whether the public may see it. The tree is data (categories/*.yaml of the
// models folder; docs/categories.md explains it): a county changes it without a new build.
package category

import (
	"maps"
	"slices"
	"strings"

	"linli/internal/platform/lang"
)

// MaxDepth of the tree: class (大类), sub-class (小类), item (细类).
const MaxDepth = 3

// Category is a class, a sub-class or an item. All but title and words is inherited from the parent unless it says
// otherwise itself.
type Category struct {
	Code         string            // two digits a level, such as "01.02.03"; the parent's code is its beginning
	Title        lang.Text         // what people call it
	Parent       string            // code; empty for a class
	Depth        int               // 1 to MaxDepth
	Leaf         bool              // nothing below it: what a sorted case should have
	Duty         map[string]string // level ("county", "township", "village") to the key of the function that answers there; a level not named asks the next one up
	Model        string            // flow a case of this category follows
	Urgency      string            // one of Urgencies
	Kind         string            // one of Kinds
	Public       bool              // its progress may be shown to everybody
	Confidential bool              // only roles with leave to see confidential cases; never public
	Words        []string          // own words that speak for it in a report, as written in the file
}

// Function is what a unit is for (职能), apart from what a county happens to call the unit.
type Function struct {
	Key          string    // kebab case, such as "urban-management"
	Title        lang.Text // the function in words
	County       lang.Text // ordinary name of the county organisation that carries it
	Township     lang.Text // ordinary name of the township organisation; empty without one
	CountyKind   string    // one of OrgKinds
	TownshipKind string    // one of OrgKinds; empty without a township organisation
	HasTownship  bool      // false: the township has no arm of its own, the county organisation is asked directly
}

// Tree is the loaded tree. It never changes and is safe for concurrent use.
type Tree struct {
	list      []Category     // by code, hence parents before children
	at        map[string]int // code to place in list
	children  map[string][]int
	functions []Function // in the order of the file
	function  map[string]int
	version   string
	haystack  []string // for Search: folded code, titles and words of the category at the same place in list
	scorer    *scorer
}

// Get gives the category of a code.
func (t *Tree) Get(code string) (Category, bool) {
	i, ok := t.at[code]
	if !ok {
		return Category{}, false
	}
	return t.copy(i), true
}

// Name is the own title of a category; empty for a code that is unknown.
func (t *Tree) Name(code string) lang.Text {
	i, ok := t.at[code]
	if !ok {
		return lang.Text{}
	}
	return t.list[i].Title
}

// All gives every category in the order of the codes, a parent before its children.
func (t *Tree) All() []Category {
	out := make([]Category, len(t.list))
	for i := range t.list {
		out[i] = t.copy(i)
	}
	return out
}

// Children gives what is directly below a code, in order; the classes for "". Unknown codes have none.
func (t *Tree) Children(code string) []Category {
	out := make([]Category, 0, len(t.children[code]))
	for _, i := range t.children[code] {
		out = append(out, t.copy(i))
	}
	return out
}

// Path gives the categories from the class down to the code itself; nothing for an unknown code.
func (t *Tree) Path(code string) []Category {
	var out []Category
	for code != "" {
		c, ok := t.Get(code)
		if !ok {
			return nil
		}
		out = append(out, c)
		code = c.Parent
	}
	slices.Reverse(out)
	return out
}

// Title gives the titles from the class down, "环境与市容 / 噪音 / 施工噪音", in the language of the tag ("zh" or "en").
// An unknown code, for example of a case sorted under an earlier tree, is given back as it is.
func (t *Tree) Title(code, tag string) string {
	path := t.Path(code)
	if len(path) == 0 {
		return code
	}
	titles := make([]string, len(path))
	for i, c := range path {
		titles[i] = c.Title.In(lang.Tag(tag))
	}
	return strings.Join(titles, " / ")
}

// Functions gives every function in the order of its file.
func (t *Tree) Functions() []Function { return slices.Clone(t.functions) }

// Function gives the function of a key.
func (t *Tree) Function(key string) (Function, bool) {
	i, ok := t.function[key]
	if !ok {
		return Function{}, false
	}
	return t.functions[i], true
}

// Version is a digest of everything the tree says. Comments, blank lines and the order of siblings do not change it.
func (t *Tree) Version() string { return t.version }

// copy keeps callers from changing the tree through the map and the slice.
func (t *Tree) copy(i int) Category {
	c := t.list[i]
	c.Duty, c.Words = maps.Clone(c.Duty), slices.Clone(c.Words)
	return c
}
