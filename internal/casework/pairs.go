package casework

import (
	"unicode"
	"unicode/utf8"

	"linli/internal/area"
	"linli/internal/area/geo"
	"linli/internal/platform/search"
)

// wordingPairs are the pairs of neighbouring characters of a text (二元组): two people who write about the same lamp use
// the same ones, whatever the order and without any dictionary.
type wordingPairs map[string]struct{}

// newWording is what a case says: title and the beginning of the text.
func newWording(c *Case) wordingPairs {
	text := c.Body
	if c.Title != "" {
		text = c.Title + "\n" + text
	}
	if r := []rune(text); len(r) > nearText {
		text = string(r[:nearText])
	}
	return pairs(text)
}

// pairs cuts a text; words of letters and numbers count as one.
func pairs(text string) wordingPairs {
	out := wordingPairs{}
	word, last := []rune{}, rune(0)
	flush := func() {
		if len(word) > 1 {
			out[string(word)] = struct{}{}
		}
		word = word[:0]
	}
	for _, r := range search.Normalize(text) {
		switch {
		case unicode.Is(unicode.Han, r):
			flush()
			if last != 0 {
				out[string([]rune{last, r})] = struct{}{}
			}
			last = r
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			word = append(word, r)
		default:
			flush()
		}
		last = 0
	}
	flush()
	return out
}

// enough tells whether there is anything to compare.
func (p wordingPairs) enough() bool { return len(p) >= leastForWords }

// alike is how much two texts have in common, 0 to 1: of both together (Dice), or of the shorter one where that says more,
// for one neighbour writes a line about what another tells at length.
func (p wordingPairs) alike(o wordingPairs) float64 {
	dice := likeness(p, o)
	short := min(len(p), len(o))
	if short < 2*leastForWords {
		return dice
	}
	return max(dice, 0.8*dice*float64(len(p)+len(o))/float64(2*short))
}

// likeness is Dice's coefficient of two sets.
func likeness(a, b wordingPairs) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	common := 0
	for pair := range a {
		if _, ok := b[pair]; ok {
			common++
		}
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}

// wgs84 is the position of a place; nil for one without.
func wgs84(p area.Place) *area.Point {
	if !p.HasPoint {
		return nil
	}
	datum, _ := geo.ParseDatum(p.Datum)
	at := geo.ToWGS84(area.Point{Lat: p.Lat, Lon: p.Lon}, datum)
	return &at
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
