package flow

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"linli/internal/platform/fault"
)

// Limits that hold where a field names none of its own.
const (
	mostText  = 4000 // characters of a text
	mostLine  = 200  // characters of a line
	mostCode  = 64   // characters of a code: unit, post, case, attachment
	mostItems = 30   // items of a list
)

// largest integer that every JSON reader keeps exactly.
const largestInteger = 1<<53 - 1

// checkForm checks what was filled in against what the action asks, and normalises it: text trimmed,
// integer and task as int64, boolean as bool, date as "2006-01-02", lists as []string, the rest as
// string. Fields left empty are absent from the answer. All wrong fields are named at once, in the order
// of the form. Errors: fault.Invalid, code invalid-form, fields "form.NAME".
func checkForm(fields []FormField, in map[string]any) (map[string]any, error) {
	wrong := fault.New(fault.Invalid, "invalid-form", "填写的内容有误,请改正后再提交", "Something filled in is not right; correct it and send it again")
	out := make(map[string]any, len(in))
	for i := range fields {
		f := &fields[i]
		v, given := in[f.Key]
		if given && v != nil {
			value, bad := f.read(v)
			if bad != nil {
				wrong.At("form."+f.Key, bad.code, bad.zh, bad.en)
				continue
			}
			if value != nil {
				out[f.Key] = value
				continue
			}
		}
		if f.Required {
			wrong.At("form."+f.Key, "required", "请填写"+f.Title.ZH, "Fill in: "+f.Title.EN)
		}
	}
	var foreign []string
	for key := range in {
		if !slices.ContainsFunc(fields, func(f FormField) bool { return f.Key == key }) {
			foreign = append(foreign, key)
		}
	}
	slices.Sort(foreign)
	for _, key := range foreign {
		wrong.At("form."+shown(key), "unknown", "这一步没有这个字段", "There is no such field at this step")
	}
	if len(wrong.Fields) > 0 {
		return nil, wrong
	}
	return out, nil
}

// badValue says why a value is not taken.
type badValue struct{ code, zh, en string }

// read gives the normalised value, nil for an empty one.
func (f *Field) read(v any) (any, *badValue) {
	switch f.Type {
	case TypeInteger:
		return f.integer(v, math.MinInt64)
	case TypeTask:
		return f.integer(v, 1)
	case TypeBool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
		return nil, &badValue{"type", "请选“是”或“否”", "Must be true or false"}
	case TypeUnits, TypeFiles, TypeChoices:
		return f.list(v)
	}
	s, ok := v.(string)
	if !ok {
		return nil, &badValue{"type", "应为文字", "Must be text"}
	}
	s, bad := f.text(s)
	if bad != nil || s == "" {
		return nil, bad
	}
	return s, nil
}

// text checks one piece of text and what its type demands of it.
func (f *Field) text(s string) (string, *badValue) {
	if !utf8.ValidString(s) {
		return "", &badValue{"encoding", "含有不能识别的字符", "Contains bytes that are not text (invalid UTF-8)"}
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	lines := f.Type == TypeText
	for _, r := range s {
		if unicode.IsControl(r) && !(lines && (r == '\n' || r == '\t')) {
			return "", &badValue{"control-character", "含有不可见的控制字符,请删去", "Contains control characters; remove them"}
		}
	}
	if s == "" {
		return "", nil
	}
	most, n := f.longest(), utf8.RuneCountInString(s)
	if n > most {
		return "", &badValue{"too-long", fmt.Sprintf("最多 %d 个字,现在 %d 个", most, n), fmt.Sprintf("At most %d characters; this has %d", most, n)}
	}
	if lines || f.Type == TypeLine {
		if n < f.Min {
			return "", &badValue{"too-short", fmt.Sprintf("至少 %d 个字", f.Min), fmt.Sprintf("At least %d characters", f.Min)}
		}
		return s, nil
	}
	return s, f.coded(s)
}

// coded checks values that are not free text.
func (f *Field) coded(s string) *badValue {
	switch f.Type {
	case TypeDate:
		if t, err := time.Parse(time.DateOnly, s); err != nil || t.Year() < 1900 || t.Year() > 2200 {
			return &badValue{"date", "请按 2026-01-31 的写法填日期", "Write the date like 2026-01-31"}
		}
	case TypeChoice, TypeChoices:
		if !slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Value == s }) {
			values := make([]string, len(f.Choices))
			for i, c := range f.Choices {
				values[i] = c.Value
			}
			list := strings.Join(values, ", ")
			return &badValue{"choice", "请从这些里选:" + list, "Choose one of: " + list}
		}
	case TypePost:
		if role, place, ok := strings.Cut(s, "@"); !ok || role == "" || place == "" || strings.ContainsFunc(s, unicode.IsSpace) {
			return &badValue{"post", "请按“岗位@地点”填写", "Write it as role@place"}
		}
	default:
		if strings.ContainsFunc(s, unicode.IsSpace) {
			return &badValue{"code", "应为一个代码,中间不能有空格", "Must be a code without spaces"}
		}
	}
	return nil
}

// longest is how many characters the text may have.
func (f *Field) longest() int {
	switch f.Type {
	case TypeText, TypeLine:
		switch {
		case f.Max > 0:
			return f.Max
		case f.Type == TypeLine:
			return mostLine
		}
		return mostText
	}
	return mostCode
}

func (f *Field) integer(v any, least int64) (any, *badValue) {
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case int:
		n = int64(v)
	case float64:
		if v != math.Trunc(v) || math.Abs(v) > largestInteger {
			return nil, &badValue{"integer", "请填整数", "Must be a whole number"}
		}
		n = int64(v)
	case json.Number:
		i, err := v.Int64()
		if err != nil {
			return nil, &badValue{"integer", "请填整数", "Must be a whole number"}
		}
		n = i
	default:
		return nil, &badValue{"integer", "请填整数", "Must be a whole number"}
	}
	least, most := max(least, -largestInteger), int64(largestInteger)
	if f.Max != 0 {
		most = int64(f.Max)
	}
	if f.Min != 0 {
		least = max(least, int64(f.Min))
	} else if f.Max > 0 {
		least = max(least, 0)
	}
	if n < least || n > most {
		if f.Max != 0 || f.Min != 0 {
			return nil, &badValue{"range", fmt.Sprintf("应在 %d 到 %d 之间", least, most), fmt.Sprintf("Must be between %d and %d", least, most)}
		}
		return nil, &badValue{"range", "数字超出范围", "The number is out of range"}
	}
	return n, nil
}

func (f *Field) list(v any) (any, *badValue) {
	var items []string
	switch v := v.(type) {
	case []string:
		items = v
	case []any:
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				return nil, &badValue{"type", "应为一组文字", "Must be a list of text"}
			}
			items = append(items, s)
		}
	default:
		return nil, &badValue{"type", "应为一组文字", "Must be a list of text"}
	}
	most := f.Max
	if most == 0 {
		most = mostItems
	}
	if len(items) > most {
		return nil, &badValue{"too-many", fmt.Sprintf("最多 %d 项", most), fmt.Sprintf("At most %d items", most)}
	}
	var out []string
	for _, s := range items {
		s, bad := f.text(s)
		if bad != nil {
			return nil, bad
		}
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	switch {
	case len(out) == 0:
		return nil, nil
	case len(out) < f.Min:
		return nil, &badValue{"too-few", fmt.Sprintf("至少 %d 项", f.Min), fmt.Sprintf("At least %d items", f.Min)}
	}
	return out, nil
}

// shown makes a foreign key safe to print.
func shown(s string) string {
	s = strings.ToValidUTF8(s, "�")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '�'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return s
}
