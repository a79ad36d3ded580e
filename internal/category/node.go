package category

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/platform/lang"
)

const maxFile = 1 << 20

// root reads one YAML file as nodes, which know their places; nil when it cannot be read, p then says why.
func root(files fs.FS, name string, p *problems) *yaml.Node {
	p.file = name
	data, err := readAtMost(files, name, maxFile+1)
	switch {
	case err != nil:
		p.add(name, "unreadable", "读不了文件:%s", "The file cannot be read: %s", err.Error())
		return nil
	case len(data) > maxFile:
		p.add(name, "too-large", "文件超过 1 MB,请拆成几个文件", "The file has more than 1 MB; split it")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			p.add(name, "empty", "文件是空的,请写内容或删去", "The file is empty; fill it or remove it")
		} else {
			text := strings.TrimPrefix(err.Error(), "yaml: ")
			p.add(name+linePart(text), "syntax", "不是正确的 YAML:%s", "This is not YAML: %s", text)
		}
		return nil
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		p.at(&doc, "second-document", "一个文件只写一份内容,请去掉 --- 之后的部分", "One file holds one document; remove what follows ---")
		return nil
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		p.at(&doc, "not-a-mapping", "这里要写「键: 值」", "Write keys and values here")
		return nil
	}
	if plain(doc.Content[0], p) {
		return doc.Content[0]
	}
	return nil
}

// plain refuses aliases: they make a file hard to read, and are how a small file pretends to be a huge one.
func plain(n *yaml.Node, p *problems) bool {
	if n.Kind == yaml.AliasNode {
		p.at(n, "alias", "这里不能用 *引用,请把内容写出来", "A reference with * is not taken here; write it out")
		return false
	}
	for _, child := range n.Content {
		if !plain(child, p) {
			return false
		}
	}
	return true
}

func readAtMost(files fs.FS, name string, most int64) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// linePart turns the parser's "line 12: ..." into ":12:1".
func linePart(text string) string {
	rest, ok := strings.CutPrefix(text, "line ")
	if !ok {
		return ""
	}
	line, _, _ := strings.Cut(rest, ":")
	for _, r := range line {
		if r < '0' || r > '9' {
			return ""
		}
	}
	return ":" + line + ":1"
}

// mapping gives the values of a mapping by key, and reports keys that are unknown or given twice.
func mapping(n *yaml.Node, known []string, p *problems) map[string]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		p.at(n, "not-a-mapping", "这里要写「键: 值」,可用的键:%s", "Write keys and values here; the keys are %s", strings.Join(known, " "))
		return nil
	}
	out := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode || known != nil && !slices.Contains(known, key.Value):
			p.at(key, "unknown-key", "没有「%s」这一项,可用的有:%s", "There is no key %q; the keys are %s", short(key.Value), strings.Join(known, " "))
		case out[key.Value] != nil:
			p.at(key, "duplicate-key", "「%s」写了两次,请留一个", "The key %q is given twice; keep one", short(key.Value))
		default:
			out[key.Value] = value
		}
	}
	return out
}

// word gives the text of a scalar, without blanks around; false when there is none, p then says so.
func word(n *yaml.Node, what string, p *problems) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		p.at(n, "missing", "%s:这里要写一个词", "%s: write one value here", what)
		return "", false
	}
	return strings.TrimSpace(n.Value), true
}

// wrong stands where a value was given that will not do, so that it is told once and not again as missing further down.
const wrong = "?"

// choice is a word out of a list.
func choice(n *yaml.Node, what string, list []string, p *problems) string {
	w, ok := word(n, what, p)
	if !ok {
		return wrong
	}
	if !slices.Contains(list, w) {
		p.at(n, "unknown-"+what, "「%s」不行,可写:%s", "%q will not do; write one of %s", short(w), strings.Join(list, " "))
		return wrong
	}
	return w
}

// truth is true or false.
func truth(n *yaml.Node, p *problems) (bool, bool) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" {
		switch strings.ToLower(n.Value) {
		case "true":
			return true, true
		case "false":
			return false, true
		}
	}
	p.at(n, "not-a-truth", "要写 true 或 false", "Write true or false")
	return false, false
}

// wording reads the two languages of a title out of a mapping that may have other keys as well.
func wording(n *yaml.Node, keys map[string]*yaml.Node, p *problems) lang.Text {
	read := func(key string) string {
		if keys[key] == nil {
			p.at(n, "missing-"+key, "缺少名称,请写 %s:(中文 zh、英文 en 都要)", "The title is missing; write %s: (both zh and en are needed)", key)
			return ""
		}
		w, _ := word(keys[key], key, p)
		return w
	}
	return lang.T(read("zh"), read("en"))
}
