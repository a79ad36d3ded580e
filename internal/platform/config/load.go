package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
	yamlnode "go.yaml.in/yaml/v3"

	"linli/internal/platform/fault"
)

// maxFile bounds the settings file: a bigger one is something else.
const maxFile = 1 << 20

// Flags adds a flag for every setting: --listen, --log-level, ... Load takes those that were given.
func Flags(flags *pflag.FlagSet) {
	var c Config
	for _, k := range keys(&c) {
		usage := k.tag.Get("en") + " (" + k.env() + ")"
		if k.field.Kind().String() == "bool" {
			flags.Bool(k.flag(), false, usage)
			continue
		}
		flags.String(k.flag(), k.tag.Get("default"), usage)
	}
}

// Load gathers the settings. file "" means linli.yaml in the working folder, if it is there; a named file must be. flags may be
// nil. An empty value of a variable or of the file means not set. The fault is Invalid: "config-file" or "config", with a field per
// wrong key that names where it was set.
func Load(file string, flags *pflag.FlagSet) (Config, Sources, error) {
	var c Config
	all := keys(&c)
	l := &loader{
		ko: koanf.New("."), keys: all, sources: Sources{of: map[string]string{}},
		bad: fault.New(fault.Invalid, "config", "配置有误,程序没有启动", "The settings are wrong; nothing was started"),
	}
	for _, k := range all {
		if d := k.tag.Get("default"); d != "" {
			if err := k.set(d); err != nil {
				return Config{}, l.sources, fmt.Errorf("default of %s: %w", k.name, err)
			}
		}
	}
	if err := l.readFile(file); err != nil {
		return Config{}, l.sources, err
	}
	if err := l.readEnvironment(); err != nil {
		return Config{}, l.sources, err
	}
	if flags != nil {
		if err := l.readFlags(flags); err != nil {
			return Config{}, l.sources, err
		}
	}
	for _, k := range all {
		raw := l.ko.Get(k.name)
		if section, is := raw.(map[string]any); raw == nil || raw == "" || is && len(section) > 0 {
			continue // what stands below a value was refused as unknown
		}
		if err := k.set(raw); err != nil {
			text := err.Error()
			if k.tag.Get("secret") != "" {
				text = "it cannot be read"
			}
			l.wrong(k.name, "config-value", "无法识别:"+text, text)
		}
	}
	if len(l.bad.Fields) == 0 {
		l.validate(&c)
	}
	if len(l.bad.Fields) > 0 {
		return Config{}, l.sources, l.bad
	}
	return c, l.sources, nil
}

type loader struct {
	ko      *koanf.Koanf
	keys    []key
	sources Sources
	bad     *fault.Error
}

// wrong notes a wrong key together with where it was set.
func (l *loader) wrong(key, code, zh, en string) {
	src := l.sources.Of(key)
	l.bad.At(key, code, zh+"(来自 "+src+")", en+" (from "+src+")")
}

// layer lays values over what there is and notes their source.
func (l *loader) layer(p koanf.Provider, parser koanf.Parser, source func(key string) string) error {
	layer := koanf.New(".")
	if err := layer.Load(p, parser); err != nil {
		return err
	}
	for name := range layer.All() {
		if v := layer.Get(name); v == nil || v == "" {
			layer.Delete(name) // not set: what lies below shows through
			continue
		}
		l.sources.of[name] = source(name)
	}
	return l.ko.Merge(layer)
}

func (l *loader) readFile(path string) error {
	named := path != ""
	if !named {
		path = DefaultFile
	}
	bad := func(cause error) error {
		return fault.Newf(fault.Invalid, "config-file", "无法读取配置文件 %[1]s:%[2]v", "The settings file %[1]s cannot be read: %[2]v", path, cause)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil
	}
	if err != nil {
		return bad(err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return bad(fmt.Errorf("not a file of at most %d bytes", maxFile))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return bad(err)
	}
	lines, err := linesOf(text)
	if err != nil {
		return bad(err)
	}
	if err := l.layer(file.Provider(path), yaml.Parser(), func(key string) string {
		if n := lines[key]; n > 0 {
			return fmt.Sprintf("file %s:%d", path, n)
		}
		return "file " + path
	}); err != nil {
		return bad(err)
	}
	for _, name := range sorted(lines) {
		if l.known(name) {
			continue
		}
		near := l.nearest(name)
		l.sources.of[name] = fmt.Sprintf("file %s:%d", path, lines[name])
		l.wrong(name, "config-unknown", fmt.Sprintf("没有这个配置项,是否想写 %s?", near), fmt.Sprintf("there is no such key; did you mean %s?", near))
		delete(l.sources.of, name)
	}
	return nil
}

// linesOf gives the line of every key of a YAML file that has a value, or that is no section. Other forms than a mapping are refused.
func linesOf(text []byte) (map[string]int, error) {
	var doc yamlnode.Node
	if err := yamlnode.NewDecoder(bytes.NewReader(text)).Decode(&doc); err != nil && len(bytes.TrimSpace(text)) > 0 && err.Error() != "EOF" {
		return nil, err
	}
	lines := map[string]int{}
	if len(doc.Content) == 0 {
		return lines, nil
	}
	if doc.Content[0].Kind != yamlnode.MappingNode {
		if doc.Content[0].Tag == "!!null" {
			return lines, nil
		}
		return nil, errors.New("it is not made of lines like key: value")
	}
	var walk func(n *yamlnode.Node, prefix string) error
	walk = func(n *yamlnode.Node, prefix string) error {
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			name := prefix + k.Value
			switch {
			case k.Kind != yamlnode.ScalarNode || k.Tag == "!!merge" || v.Kind == yamlnode.AliasNode:
				return fmt.Errorf("line %d: anchors and aliases have no place in settings", k.Line)
			case v.Kind == yamlnode.MappingNode && len(v.Content) > 0:
				if err := walk(v, name+"."); err != nil {
					return err
				}
			default:
				lines[name] = k.Line
			}
		}
		return nil
	}
	return lines, walk(doc.Content[0], "")
}

// known tells whether a name is a key, or a section that was left empty.
func (l *loader) known(name string) bool {
	return slices.ContainsFunc(l.keys, func(k key) bool {
		return k.name == name || strings.HasPrefix(k.name, name+".") && l.ko.Get(name) == nil
	})
}

func (l *loader) readEnvironment() error {
	byVariable := map[string]key{}
	for _, k := range l.keys {
		byVariable[k.env()] = k
	}
	err := l.layer(env.Provider(".", env.Opt{Prefix: "LINLI_", TransformFunc: func(name, value string) (string, any) {
		k, ok := byVariable[name]
		if !ok {
			l.sources.Ignored = append(l.sources.Ignored, name)
			return "", nil
		}
		return k.name, value
	}}), nil, func(name string) string {
		return "environment " + key{name: name}.env()
	})
	slices.Sort(l.sources.Ignored)
	if err != nil {
		return fmt.Errorf("read the environment: %w", err)
	}
	return nil
}

func (l *loader) readFlags(flags *pflag.FlagSet) error {
	byFlag := map[string]key{}
	for _, k := range l.keys {
		byFlag[k.flag()] = k
	}
	err := l.layer(posflag.ProviderWithFlag(flags, ".", nil, func(f *pflag.Flag) (string, any) {
		k, ok := byFlag[f.Name]
		if !ok {
			return "", nil // a flag of the command, not a setting
		}
		return k.name, f.Value.String()
	}), nil, func(name string) string { return "flag --" + key{name: name}.flag() })
	if err != nil {
		return fmt.Errorf("read the flags: %w", err)
	}
	return nil
}

// validate checks what the types cannot.
func (l *loader) validate(c *Config) {
	for _, k := range l.keys {
		l.inRange(k)
		if one := k.tag.Get("one"); one != "" && !slices.Contains(strings.Fields(one), k.shown()) {
			l.wrong(k.name, "config-choice", fmt.Sprintf("%q 不可用,可选:%s", k.shown(), one), fmt.Sprintf("%q is none of: %s", k.shown(), one))
		}
	}
	if u, err := url.Parse(c.DB); c.DB != "" && (err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "") {
		l.wrong("db", "config-value", "不是 PostgreSQL 地址,应形如 postgres://用户:密码@主机:5432/库名;密码中的特殊字符要写成 %xx",
			"it is not an address like postgres://user:password@host:5432/name; special characters of the password are written %xx")
	}
	_, port, err := net.SplitHostPort(c.Listen)
	if n, e := strconv.Atoi(port); err != nil || e != nil || n < 0 || n > 65535 {
		l.wrong("listen", "config-value", fmt.Sprintf("%q 不是监听地址,应形如 127.0.0.1:8080 或 :8080", c.Listen), fmt.Sprintf("%q is not an address like 127.0.0.1:8080 or :8080", c.Listen))
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		l.wrong("public-url", "config-value", fmt.Sprintf("%q 不是网址,应形如 https://linli.example.gov.cn", c.PublicURL), fmt.Sprintf("%q is not an address like https://linli.example.gov.cn", c.PublicURL))
	}
	l.validateMap(c)
	if c.Session.Idle > c.Session.Lifetime && l.sources.Of("session.idle") == "default" {
		c.Session.Idle = c.Session.Lifetime
	}
	if c.Session.Idle > c.Session.Lifetime {
		l.wrong("session.idle", "config-range", "不能长于 session.lifetime "+durationText(c.Session.Lifetime), "it cannot be longer than session.lifetime "+durationText(c.Session.Lifetime))
	}
}

// validateMap checks where tiles come from and who is named for them.
func (l *loader) validateMap(c *Config) {
	if _, err := c.TileHost(); err != nil {
		l.wrong("map.tiles", "config-value", fmt.Sprintf("%q 不是瓦片地址:要含 {z}、{x}、{y} 各一次,以 https:// 开头(本机调试可用 http://127.0.0.1),或是以 / 开头的本站路径", c.Map.Tiles),
			fmt.Sprintf("%q is no address of tiles: it needs {z}, {x} and {y} once each and begins with https:// (http://127.0.0.1 on this machine), or with / for a path of this site", c.Map.Tiles))
	}
	if len([]rune(c.Map.Attribution)) > mostAttribution {
		l.wrong("map.attribution", "config-range", fmt.Sprintf("最多 %d 个字", mostAttribution), fmt.Sprintf("at most %d characters", mostAttribution))
	}
}

// inRange checks the least and most tags.
func (l *loader) inRange(k key) {
	for _, bound := range []struct {
		tag, zh, en string
		beyond      func(v, b int64) bool
	}{
		{"least", "不能小于", "it must be at least", func(v, b int64) bool { return v < b }},
		{"most", "不能大于", "it must be at most", func(v, b int64) bool { return v > b }},
	} {
		text := k.tag.Get(bound.tag)
		if text == "" {
			continue
		}
		var b int64
		switch k.field.Interface().(type) {
		case time.Duration:
			d, _ := ParseDuration(text)
			b = int64(d)
		case ByteSize:
			n, _ := ParseByteSize(text)
			b = int64(n)
		default:
			b, _ = strconv.ParseInt(text, 10, 64)
		}
		if bound.beyond(k.field.Int(), b) {
			l.wrong(k.name, "config-range", bound.zh+" "+text+",现为 "+k.shown(), bound.en+" "+text+" and is "+k.shown())
		}
	}
}

// nearest gives the key a wrong one most likely means: the least edits to the whole name or to its last part.
func (l *loader) nearest(name string) string {
	best, least := "", 1<<30
	for _, k := range l.keys {
		if strings.HasPrefix(k.name, name+".") {
			return k.name
		}
		short := k.name[strings.LastIndexByte(k.name, '.')+1:]
		if d := min(2*edits(strings.ToLower(name), k.name), 2*edits(strings.ToLower(name), short)+1); d < least {
			best, least = k.name, d
		}
	}
	return best
}

// edits is the Levenshtein distance; underscores count as hyphens.
func edits(a, b string) int {
	a = strings.ReplaceAll(a, "_", "-")
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			before, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, before+cost)
		}
	}
	return row[len(b)]
}

func sorted(m map[string]int) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b string) int { return m[a] - m[b] })
	return out
}
