package lang

import (
	"strings"
	"unicode"
)

var fullWidth = map[rune]rune{',': '，', ';': '；', ':': '：', '?': '？', '!': '！'}

// Typeset gives a Chinese text of the program the full-width marks that Chinese is set with; its sources are written
// with the half-width ones. It is for pictures, which the screens cannot set themselves, and never for what people wrote.
func Typeset(text string) string {
	runes := brackets([]rune(text))
	out := make([]rune, 0, len(runes))
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch full, mark := fullWidth[r]; {
		case mark && i > 0 && chinese(out[len(out)-1]):
			out = append(out, full)
			if i+1 < len(runes) && runes[i+1] == ' ' {
				i++
			}
		case (r == ',' || r == ';') && i > 0 && word(runes[i-1]) && chineseNext(runes[i+1:]):
			out = append(out, full)
			if runes[i+1] == ' ' {
				i++
			}
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

// brackets widens those that stand behind Chinese or hold some.
func brackets(runes []rune) []rune {
	for open := 0; open < len(runes); open++ {
		if runes[open] != '(' {
			continue
		}
		inside := strings.IndexAny(string(runes[open+1:]), "()")
		if inside < 0 {
			break
		}
		end := open + 1 + len([]rune(string(runes[open+1:])[:inside]))
		if runes[end] == ')' && (open > 0 && chinese(runes[open-1]) || strings.ContainsFunc(string(runes[open+1:end]), chinese)) {
			runes[open], runes[end] = '（', '）'
		}
	}
	return runes
}

func chineseNext(rest []rune) bool {
	return len(rest) > 0 && chinese(rest[0]) || len(rest) > 1 && rest[0] == ' ' && chinese(rest[1])
}

// chinese tells characters and marks that are as wide as the line is high.
func chinese(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303F || r >= 0xFF01 && r <= 0xFF60 || strings.ContainsRune("“”‘’", r)
}

func word(r rune) bool { return r == '%' || r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
