// Package emergency knows the numbers that come first (紧急电话): when a call to the hotline must be handed over to the police,
// the fire brigade, an ambulance or another line, and what to say to the caller meanwhile. They are data with date and source
// (models/emergency.yaml), for numbers and rules change without a new program.
package emergency

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/platform/search"
)

// File is where the list lies in the models folder.
const File = "emergency.yaml"

// List is the numbers with when they were last checked.
type List struct {
	Version string    `yaml:"version" json:"version"`
	Checked string    `yaml:"checked" json:"checked" doc:"day the list was last held against its sources" example:"2026-11-22"`
	About   lang.Text `yaml:"about" json:"about"`
	First   lang.Text `yaml:"first" json:"first" doc:"what to say before anything else"`
	Numbers []Number  `yaml:"numbers" json:"numbers" doc:"those for danger to life first"`
}

// Number is one line a call can be handed over to.
type Number struct {
	Number string      `yaml:"number" json:"number" example:"119"`
	Title  lang.Text   `yaml:"title" json:"title"`
	Urgent bool        `yaml:"urgent" json:"urgent" doc:"danger to life or property now: hand over at once, write down afterwards"`
	When   []lang.Text `yaml:"when" json:"when" doc:"when to hand over"`
	Say    lang.Text   `yaml:"say" json:"say" doc:"words for the caller"`
	Ask    []lang.Text `yaml:"ask" json:"ask" doc:"what the line will want to know; ask while it rings"`
	Words  []string    `yaml:"words" json:"words,omitempty" doc:"words of a call that point to it"`
	Source Source      `yaml:"source" json:"source"`
}

// Source is where a rule comes from.
type Source struct {
	Title string `yaml:"title" json:"title"`
	By    string `yaml:"by" json:"by,omitempty" doc:"who issued it"`
	Date  string `yaml:"date" json:"date,omitempty" doc:"year, month or day of issue"`
	URL   string `yaml:"url" json:"url,omitempty" doc:"where it is published: an https address that somebody has opened; left out where none is sure"`
}

// Limits of what the file may hold.
const (
	maxFile    = 256 << 10
	maxNumbers = 60
)

var numberPattern = regexp.MustCompile(`^[0-9]{3,12}$`)

// Load reads the list of the models folder. Errors: Invalid "emergency-file" with what is wrong.
func Load(files fs.FS) (*List, error) {
	bad := fault.New(fault.Invalid, "emergency-file", "紧急电话文件 "+File+" 有误", "The file of emergency numbers, "+File+", needs correcting")
	f, err := files.Open(File)
	if err != nil {
		return nil, bad.Because(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, bad.Because(err)
	}
	if len(raw) > maxFile {
		return nil, bad.At(File, "too-large", "文件超过 256 KB", "It has more than 256 KB")
	}
	var l List
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&l); err != nil && !errors.Is(err, io.EOF) {
		return nil, bad.At(File, "syntax", "不是正确的 YAML:"+err.Error(), "This is not right: "+err.Error())
	}
	l.check(bad)
	if len(bad.Fields) > 0 {
		return nil, bad
	}
	// danger first, whatever the order of the file
	slices.SortStableFunc(l.Numbers, func(a, b Number) int {
		switch {
		case a.Urgent == b.Urgent:
			return 0
		case a.Urgent:
			return -1
		}
		return 1
	})
	return &l, nil
}

func (l *List) check(bad *fault.Error) {
	if _, err := time.Parse(time.DateOnly, l.Checked); err != nil {
		bad.At("checked", "date", "请写核对日期,如 2026-11-22", "Write the day it was checked, such as 2026-11-22")
	}
	if n := len(l.Numbers); n == 0 || n > maxNumbers {
		bad.At("numbers", "count", fmt.Sprintf("1 到 %d 个号码", maxNumbers), fmt.Sprintf("Between 1 and %d numbers", maxNumbers))
	}
	seen := map[string]bool{}
	for i, n := range l.Numbers {
		at := func(field string) string { return fmt.Sprintf("numbers[%d].%s", i, field) }
		switch {
		case !numberPattern.MatchString(n.Number):
			bad.At(at("number"), "number", "号码须为 3 到 12 位数字", "A number has 3 to 12 digits")
		case seen[n.Number]:
			bad.At(at("number"), "twice", "号码 "+n.Number+" 写了两次", "The number "+n.Number+" is there twice")
		}
		seen[n.Number] = true
		for field, text := range map[string]lang.Text{"title": n.Title, "say": n.Say} {
			if text.ZH == "" || text.EN == "" {
				bad.At(at(field), "both", "中文、英文都要写", "Both zh and en are needed")
			}
		}
		for _, text := range slices.Concat(n.When, n.Ask) {
			if text.ZH == "" || text.EN == "" {
				bad.At(at("when"), "both", "中文、英文都要写", "Both zh and en are needed")
			}
		}
		if len(n.When) == 0 {
			bad.At(at("when"), "empty", "请写明什么时候转", "Say when to hand over")
		}
		if n.Source.Title == "" {
			bad.At(at("source"), "empty", "请写明来源", "Name the source")
		}
		if u, err := url.Parse(n.Source.URL); n.Source.URL != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
			bad.At(at("source.url"), "address", "链接要以 https:// 开头", "The address must begin with https://")
		}
	}
}

// Fitting gives the numbers some of whose words occur in what a caller says, danger first; none for a text without any.
func (l *List) Fitting(text string) []Number {
	out := []Number{}
	text = search.Normalize(text)
	if text == "" {
		return out
	}
	for _, n := range l.Numbers {
		if slices.ContainsFunc(n.Words, func(w string) bool { return strings.Contains(text, search.Normalize(w)) }) {
			out = append(out, n)
		}
	}
	return out
}
