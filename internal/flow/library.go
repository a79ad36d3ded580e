package flow

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/platform/lang"
)

// mostFiles bounds how many models one folder holds.
const mostFiles = 500

// Library is the models of a place, every version of each. It is immutable and safe for concurrent use.
type Library struct {
	byID    map[string]*Definition
	newest  map[string]*Definition
	ordered []*Definition
}

// NewLibrary makes a library of definitions. A name and version given twice is an error.
func NewLibrary(list ...*Definition) (*Library, error) {
	l := &Library{byID: map[string]*Definition{}, newest: map[string]*Definition{}}
	for _, d := range list {
		if l.byID[d.ID()] != nil {
			return nil, Problems{{File: d.Name + ".yaml", Code: "same-version", Severity: Error,
				Text: lang.T("“"+d.ID()+"”有两个文件", "there are two files of "+d.ID()), Hint: lang.T("改了内容就换一个版本号", "a changed model gets a new version")}}
		}
		l.byID[d.ID()] = d
		if old := l.newest[d.Name]; old == nil || compareVersions(old.Version, d.Version) < 0 {
			l.newest[d.Name] = d
		}
		l.ordered = append(l.ordered, d)
	}
	slices.SortFunc(l.ordered, func(a, b *Definition) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), compareVersions(a.Version, b.Version))
	})
	return l, nil
}

// Load reads the models of a folder and the posts of roles.yaml beside it, if there. The error is
// Problems with everything wrong in all files, or that of reading the folder.
func Load(files fs.FS, folder string) (*Library, error) {
	roles, err := loadRoles(files, path.Join(path.Dir(folder), "roles.yaml"))
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	var list []*Definition
	var problems Problems
	for _, e := range entries {
		if ext := path.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		if len(list) >= mostFiles {
			return nil, fmt.Errorf("models: more than %d files in %s", mostFiles, folder)
		}
		d, err := loadFile(files, path.Join(folder, e.Name()), roles)
		var bad Problems
		switch {
		case errors.As(err, &bad):
			problems = append(problems, bad...)
		case err != nil:
			return nil, err
		default:
			list = append(list, d)
		}
	}
	if len(problems) > 0 {
		problems.sort()
		return nil, problems
	}
	return NewLibrary(list...)
}

func loadFile(files fs.FS, name string, roles Roles) (*Definition, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("models: reading %s: %w", name, err)
	}
	src, err := Parse(name, text)
	if err != nil {
		return nil, err
	}
	d, err := Compile(src, roles)
	if err != nil {
		return nil, err
	}
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if stem != d.Name && stem != d.ID() {
		return nil, Problems{{File: name, Line: 1, Column: 1, Code: "file-name", Severity: Error,
			Text: lang.T("文件名和模型名“"+d.Name+"”不一致", "the file is not named after its model "+d.Name),
			Hint: lang.T("改名为 "+d.Name+".yaml 或 "+d.ID()+".yaml", "name it "+d.Name+".yaml or "+d.ID()+".yaml")}}
	}
	return d, nil
}

// loadRoles reads the keys and titles of the posts; a missing file means that posts are not checked.
func loadRoles(files fs.FS, name string) (Roles, error) {
	text, err := fs.ReadFile(files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("posts: %w", err)
	}
	return ReadRoles(text)
}

// ReadRoles takes the keys and titles of posts from the text of a roles.yaml.
func ReadRoles(text []byte) (Roles, error) {
	var doc struct {
		Roles map[string]struct {
			Title lang.Text `yaml:"title"`
		} `yaml:"roles"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("posts: %w", err)
	}
	out := Roles{}
	for key, role := range doc.Roles {
		out[key] = role.Title
	}
	return out, nil
}

// With is the library with more definitions; those it has already are left as they are.
func (l *Library) With(more ...*Definition) (*Library, error) {
	list := slices.Clone(l.ordered)
	for _, d := range more {
		if l.byID[d.ID()] == nil {
			list = append(list, d)
		}
	}
	return NewLibrary(list...)
}

// NextVersion is the first version number behind that of a model which its library has not: 2026.1 is followed by 2026.2.
func (l *Library) NextVersion(name, version string) string {
	parts := strings.Split(version, ".")
	for n := versionPart(parts, len(parts)-1) + 1; ; n++ {
		parts[len(parts)-1] = strconv.Itoa(n)
		if next := strings.Join(parts, "."); l.byID[name+"@"+next] == nil {
			return next
		}
	}
}

// Get gives the newest version of a model.
func (l *Library) Get(name string) (*Definition, bool) {
	d, ok := l.newest[name]
	return d, ok
}

// Lookup gives the very version a case began with, such as seven-step@2026.1.
func (l *Library) Lookup(id string) (*Definition, bool) {
	d, ok := l.byID[id]
	return d, ok
}

// All gives every model and version, by name and version.
func (l *Library) All() []*Definition { return slices.Clone(l.ordered) }

// compareVersions compares number by number: 2026.10 is newer than 2026.9.
func compareVersions(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		if c := cmp.Compare(versionPart(x, i), versionPart(y, i)); c != 0 {
			return c
		}
	}
	return 0
}

func versionPart(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, _ := strconv.Atoi(parts[i])
	return n
}
