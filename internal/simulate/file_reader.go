package simulate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/platform/fault"
)

// largestFile bounds a staffing file or the file of a year.
const largestFile = 1 << 20

// fileReader takes a YAML file apart and names every wrong place by line and column.
type fileReader struct{ lint }

// document is the map that the file consists of; nil when it is none.
func (l *fileReader) document(text []byte) *yaml.Node {
	if len(text) > largestFile {
		l.add(0, 0, "too-large", "文件超过 1 MB", "The file is larger than 1 MB")
		return nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		l.add(yamlLine(err.Error()), 0, "yaml", "YAML 写法有误:"+err.Error(), "This is not YAML: "+err.Error())
		return nil
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		l.add(1, 1, "not-a-map", "文件应由“键: 值”组成", "The file must consist of keys and values")
		return nil
	}
	return doc.Content[0]
}

// yamlLine takes the line out of the parser's message.
func yamlLine(message string) int {
	_, rest, ok := strings.Cut(message, "line ")
	if !ok {
		return 0
	}
	digits, _, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func (l *fileReader) share(n *yaml.Node) float64 { return l.number(n, 0, 0, 1) }

// weights reads shares that add up to something; exactly that many when length is given.
func (l *fileReader) weights(n *yaml.Node, length int) (out []float64) {
	var sum float64
	for _, x := range l.items(n) {
		out = append(out, l.share(x))
		sum += out[len(out)-1]
	}
	if n != nil && (sum <= 0 || length > 0 && len(out) != length) {
		l.at(n, "weights", "这里要写几个比例,且不能全为 0", "Write the right number of shares here, not all of them 0")
	}
	return out
}

// number reads a number within bounds; nil gives the value of nothing said.
func (l *fileReader) number(n *yaml.Node, absent, least, most float64) float64 {
	if n == nil {
		return absent
	}
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || !(v >= least && v <= most) {
		text := strconv.FormatFloat(least, 'g', -1, 64) + " – " + strconv.FormatFloat(most, 'g', -1, 64)
		l.at(n, "number", "这里要写 "+text+" 之间的数", "Write a number between "+text)
		return absent
	}
	return v
}

type yamlPair struct{ key, value *yaml.Node }

func (l *fileReader) pairs(n *yaml.Node) (out []yamlPair) {
	if n == nil || n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		l.at(n, "not-a-map", "这里要写“键: 值”", "Write keys and values here")
		return nil
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if seen[n.Content[i].Value] {
			l.at(n.Content[i], "twice", n.Content[i].Value+" 写了两次", n.Content[i].Value+" is given twice")
			continue
		}
		seen[n.Content[i].Value] = true
		out = append(out, yamlPair{n.Content[i], n.Content[i+1]})
	}
	return out
}

func (l *fileReader) keys(n *yaml.Node, known ...string) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	for _, p := range l.pairs(n) {
		if !slices.Contains(known, p.key.Value) {
			l.at(p.key, "unknown-key", "不认识“"+p.key.Value+"”,可用:"+strings.Join(known, " "), "unknown key "+strconv.Quote(p.key.Value)+"; the keys are "+strings.Join(known, " "))
			continue
		}
		out[p.key.Value] = p.value
	}
	return out
}

func (l *fileReader) items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		l.at(n, "not-a-list", "这里要写一个列表", "Write a list here")
		return nil
	}
	return n.Content
}

func word(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return strings.TrimSpace(n.Value)
}

// lint gathers what is wrong in a file, with line and column.
type lint struct {
	file string
	bad  *fault.Error
}

func (l *lint) add(line, column int, code, zh, en string) {
	at := l.file
	if line > 0 {
		at += fmt.Sprintf(":%d", line)
	}
	if column > 0 {
		at += fmt.Sprintf(":%d", column)
	}
	l.bad.At(at, code, zh, en)
}

func (l *lint) at(n *yaml.Node, code, zh, en string) { l.add(n.Line, n.Column, code, zh, en) }

func (l *lint) err() error {
	if len(l.bad.Fields) == 0 {
		return nil
	}
	return l.bad
}
