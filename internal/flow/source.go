package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"linli/internal/platform/lang"
)

// Bounds of a file, so that a slip or a trap costs nothing.
const (
	mostBytes = 256 << 10
	mostDepth = 12
	mostNamed = 100 // stages, actions of a stage, ends, fields, items of a list

	mostProblems = 200
)

// Source is a model's file as parsed: well-formed YAML, its meaning not yet looked at.
type Source struct {
	Name string // as shown in problems: seven-step.yaml
	Text []byte
	root *yaml.Node
}

// Digest is the SHA-256 of the file in hex.
func (s *Source) Digest() string {
	sum := sha256.Sum256(s.Text)
	return hex.EncodeToString(sum[:])
}

// At makes a problem at a key of the whole model, such as version: for what only those know who keep several models.
func (s *Source) At(key, code string, text, hint lang.Text) Problem {
	p := Problem{File: s.Name, Line: 1, Column: 1, Code: code, Text: text, Hint: hint, Severity: Error}
	for i := 0; i+1 < len(s.root.Content); i += 2 {
		if s.root.Content[i].Value == key {
			p.Line, p.Column = s.root.Content[i+1].Line, s.root.Content[i+1].Column
		}
	}
	return p
}

// Parse reads the YAML of a model. Errors are Problems: not YAML, not UTF-8, too large, too deep,
// a key given twice, anchors, aliases or merge keys (a model reads top to bottom), several documents.
func Parse(name string, text []byte) (*Source, error) {
	src := &Source{Name: name, Text: text}
	one := func(line, column int, code, zh, en string) error {
		return Problems{{File: name, Line: line, Column: column, Code: code, Text: lang.T(zh, en), Severity: Error}}
	}
	if len(text) > mostBytes {
		return nil, one(0, 0, "too-large", fmt.Sprintf("文件超过 %d KB", mostBytes>>10), fmt.Sprintf("the file is larger than %d KB", mostBytes>>10))
	}
	if !utf8.Valid(text) {
		line, column := invalidAt(text)
		return nil, one(line, column, "encoding", "文件不是 UTF-8 编码,请用 UTF-8 另存", "the file is not UTF-8; save it as UTF-8")
	}
	if line, ok := nested(text); ok {
		return nil, one(line, 1, "too-deep", fmt.Sprintf("嵌套超过 %d 层", mostDepth), fmt.Sprintf("nested more than %d levels deep", mostDepth))
	}
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	var doc yaml.Node
	if err := decode(dec, &doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, one(1, 1, "empty", "文件是空的", "the file is empty")
		}
		line, message := yamlMessage(err)
		return nil, one(line, 1, "yaml", "YAML 写法有误:"+message, "not well-formed YAML: "+message)
	}
	var more yaml.Node
	if err := decode(dec, &more); !errors.Is(err, io.EOF) {
		return nil, one(max(more.Line, 1), 1, "several-documents", "一个文件只写一个模型", "one file holds one model")
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, one(1, 1, "not-a-map", "文件应由“键: 值”组成", "the file must consist of keys and values")
	}
	src.root = doc.Content[0]
	r := &reader{src: src, at: map[string]place{}}
	r.wellFormed(src.root, 1)
	if len(r.problems) > 0 {
		r.problems.sort()
		return nil, r.problems
	}
	return src, nil
}

// decode keeps a defect of the YAML library from becoming ours.
func decode(dec *yaml.Decoder, into *yaml.Node) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("yaml: %v", v)
		}
	}()
	return dec.Decode(into)
}

var lineInMessage = regexp.MustCompile(`line (\d+)`)

func yamlMessage(err error) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	line = 1
	if m := lineInMessage.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = strings.TrimPrefix(message, m[0]+": ")
	}
	return max(line, 1), shown(message)
}

// nested finds flow brackets or indentation far deeper than any model, before the YAML parser, whose
// effort grows with depth, sees them. Brackets inside text count too: no model has so many.
func nested(text []byte) (line int, deep bool) {
	line, depth := 1, 0
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(depth-1, 0)
		}
		if depth > 4*mostDepth {
			return line, true
		}
	}
	return 0, false
}

func invalidAt(text []byte) (line, column int) {
	line, column = 1, 1
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n <= 1 {
			break
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		text = text[n:]
	}
	return line, column
}

// wellFormed refuses what YAML allows and a model must not contain.
func (r *reader) wellFormed(n *yaml.Node, depth int) {
	if depth > mostDepth {
		r.bad(n, "too-deep", fmt.Sprintf("嵌套超过 %d 层", mostDepth), fmt.Sprintf("nested more than %d levels deep", mostDepth))
		return
	}
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		r.bad(n, "alias", "不能用锚点(&)和引用(*),请直接写出来", "anchors (&) and aliases (*) are not allowed; write it out")
		return
	}
	if n.Style&yaml.TaggedStyle != 0 {
		r.bad(n, "tag", "不能用类型标签(!)", "tags (!) are not allowed")
		return
	}
	if n.Kind == yaml.MappingNode {
		seen := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			switch {
			case k.Kind != yaml.ScalarNode:
				r.bad(k, "key", "键应是一个词", "a key must be a plain word")
			case k.Tag == "!!merge":
				r.bad(k, "alias", "不能用合并键(<<),请直接写出来", "merge keys (<<) are not allowed; write it out")
			case seen[k.Value] > 0:
				r.bad(k, "duplicate-key", fmt.Sprintf("“%s”写了两次,前一次在第 %d 行", shown(k.Value), seen[k.Value]),
					fmt.Sprintf("%q is given twice, first on line %d", shown(k.Value), seen[k.Value]))
			default:
				seen[k.Value] = k.Line
			}
		}
	}
	for _, c := range n.Content {
		r.wellFormed(c, depth+1)
	}
}
