package flow

import (
	"strings"
	"unicode"

	"linli/internal/platform/lang"
)

// width estimates how wide a text is, in pixels, for the fonts in use: Chinese characters are square,
// Latin letters a little more than half as wide. It errs on the wide side.
func width(s string, size int) int {
	w := 0.0
	for _, r := range s {
		w += glyph(r)
	}
	return int(w*float64(size) + 0.5)
}

func glyph(r rune) float64 {
	switch {
	case r >= 0x2E80 || r == '—' || r == '“' || r == '”' || r == '→' || r == '·':
		return 1
	case strings.ContainsRune("iljtfI.,:;'|!()[] ", r):
		return 0.33
	case strings.ContainsRune("mwMW@%", r):
		return 0.9
	case unicode.IsUpper(r):
		return 0.68
	}
	return 0.56
}

// wrapItems breaks a list between its items, which stay whole where they fit.
func wrapItems(items []string, size, limit int) []string {
	var lines []string
	line := ""
	for _, item := range items {
		item = lang.Typeset(item)
		switch {
		case line == "":
			line = item
		case width(line+dot+item, size) <= limit:
			line += dot + item
		default:
			lines = append(lines, wrap(line, size, limit)...)
			line = item
		}
	}
	return append(lines, wrap(line, size, limit)...)
}

// wrap breaks a text into lines no wider than the limit: between Chinese characters, at spaces between
// words, never before closing punctuation. A single word that is too long is broken.
func wrap(s string, size, limit int) []string {
	var lines []string
	line := ""
	for _, word := range pieces(lang.Typeset(s)) {
		switch {
		case width(strings.TrimRight(line+word, " "), size) <= limit:
			line += word
			continue
		case strings.TrimSpace(line) != "":
			lines = append(lines, strings.TrimSpace(line))
		}
		line = ""
		for _, r := range strings.TrimLeft(word, " ") {
			if line != "" && width(line+string(r), size) > limit {
				lines = append(lines, line)
				line = ""
			}
			line += string(r)
		}
	}
	if strings.TrimSpace(line) != "" {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

// pieces cuts a text where a line may end.
func pieces(s string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	runes := []rune(s)
	for i, r := range runes {
		word = append(word, r)
		next := rune(' ')
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		closes := strings.ContainsRune(",。、;:!?)，；：！？）」』”’》…,.;:!?)", next) || next == '·'
		opens := strings.ContainsRune("(（「『“‘《(", r) || r == '·'
		switch {
		case closes || opens:
		case r == ' ' && !unicode.IsDigit(next) || wide(r) && next != ' ' || wide(next):
			if r != ' ' || !wide(next) || !numberBefore(word) {
				flush()
			}
		}
	}
	flush()
	return out
}

// numberBefore keeps "3 个工作日" and "2 小时" together.
func numberBefore(word []rune) bool {
	return len(word) > 1 && unicode.IsDigit(word[len(word)-2])
}

func wide(r rune) bool { return r >= 0x2E80 }
