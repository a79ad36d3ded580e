// Package search makes Chinese text findable by full-text indexes that know no Chinese: SQLite FTS5 with its
// plain unicode61 tokenizer, and PostgreSQL tsvector without extensions. The text is cut here, in one way for both:
// every single Han character and every pair of neighbours, every word and number of other scripts. The index only
// narrows the search down; Match decides.
//
//	SQLite:     INSERT INTO t(doc) VALUES (Document(text));  ... WHERE doc MATCH  'terms joined by a blank'
//	PostgreSQL: array_to_tsvector(string_to_array(Document(text), ' ')) @@ 'terms joined by & '::tsquery
//
// Encoded terms are made of a-z and 0-9 and begin with a letter, so that they need no quoting in either engine
// and are never taken for an operator.
package search

import (
	"encoding/base32"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// MaxTokens and MaxDocument bound what one text adds to an index: a tsvector holds 1 MiB, and a text of ten megabytes
	// is not found by a word that first occurs beyond some 20,000 different ones.
	MaxTokens   = 20_000
	MaxDocument = 512 << 10 // bytes of the encoded document

	maxToken = 64 // runes; a longer word is known by its beginning
	maxGram  = 6  // pieces of 320682-2026-000123 or A3-B12 that are also indexed joined
	maxTerms = 32 // of a query; the re-check sees the rest
)

// Normalize gives the one form in which texts are compared: compatibility forms folded (full width, ligatures; NFKC),
// lower case, hyphens alike, invisible characters gone, runs of blanks made one, none at the ends.
func Normalize(text string) string {
	text = strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(text, " ")))
	var out strings.Builder
	out.Grow(len(text))
	blank := false
	for _, r := range text {
		switch {
		case invisible(r):
			continue
		case unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError:
			blank = true
			continue
		case r >= '\u2010' && r <= '\u2013' || r == '\u2212':
			r = '-'
		}
		if blank && out.Len() > 0 {
			out.WriteByte(' ')
		}
		blank = false
		out.WriteRune(r)
	}
	// Taking out what stood between may have brought together what composes.
	if s := out.String(); norm.NFKC.IsNormalString(s) {
		return s
	}
	return norm.NFKC.String(out.String())
}

// invisible are marks that change the look of a character, not the character: variation selectors (rare forms
// of a name), joiners, byte order marks, soft hyphens.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

// Tokens gives the different tokens of a text, plain, in the order of their first occurrence, at most MaxTokens.
func Tokens(text string) []string {
	var out []string
	seen := map[string]bool{}
	bytes := 0
	scan(Normalize(text), func(t string) bool {
		if seen[t] {
			return true
		}
		if bytes += encodedLen(t) + 1; len(out) == MaxTokens || bytes > MaxDocument {
			return false
		}
		t = strings.Clone(t) // so that a token does not hold ten megabytes of text
		seen[t] = true
		out = append(out, t)
		return true
	})
	return out
}

// Document gives what to store in the index: the encoded tokens, joined by blanks.
func Document(text string) string {
	tokens := Tokens(text)
	for i, t := range tokens {
		tokens[i] = encode(t)
	}
	return strings.Join(tokens, " ")
}

// Query gives the encoded terms that must all be in the document of a text that contains q, and the normalised q for the
// exact re-check by Match. A query without a letter or digit has no terms: the index cannot help, and the caller
// looks at the texts themselves or refuses. A word in the middle of a Latin word is not found ("rid" in "grid").
func Query(q string) (terms []string, needle string) {
	needle = Normalize(q)
	seen := map[string]bool{}
	add := func(t string) {
		if !seen[t] && len(terms) < maxTerms {
			seen[t] = true
			terms = append(terms, encode(t))
		}
	}
	runs(needle, func(kind class, pieces []piece) bool {
		switch {
		case kind == dense && len(pieces) > 1:
			for i := range len(pieces) - 1 {
				add(needle[pieces[i].from:pieces[i+1].to])
			}
		case len(pieces) <= maxGram && utf8.RuneCountInString(join(needle, pieces)) <= maxToken:
			add(join(needle, pieces))
		default:
			for _, p := range pieces {
				add(cut(needle[p.from:p.to]))
			}
		}
		return len(terms) < maxTerms
	})
	return terms, needle
}

// Match tells whether every blank-separated word of q occurs in text, both normalised. A query of blanks matches all.
func Match(text, q string) bool {
	text = Normalize(text)
	for word := range strings.SplitSeq(Normalize(q), " ") {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// scan yields every token of a normalised text until yield gives false.
func scan(text string, yield func(string) bool) {
	runs(text, func(kind class, pieces []piece) bool {
		for i := range pieces {
			if !yield(cut(text[pieces[i].from:pieces[i].to])) {
				return false
			}
			most := maxGram
			if kind == dense {
				most = 2
			}
			for n := 2; n <= most && i+n <= len(pieces); n++ {
				t := join(text, pieces[i:i+n])
				if utf8.RuneCountInString(t) > maxToken {
					break
				}
				if !yield(t) {
					return false
				}
			}
		}
		return true
	})
}

func join(text string, pieces []piece) string {
	return text[pieces[0].from:pieces[len(pieces)-1].to]
}

// cut gives the first maxToken runes of a word.
func cut(word string) string {
	if len(word) <= maxToken {
		return word
	}
	n := 0
	for i := range word {
		if n++; n > maxToken {
			return word[:i]
		}
	}
	return word
}

// The encoding is one to one: plain words and numbers keep their looks behind a w, everything else is base32 of its
// UTF-8 behind an x. Both are one token for unicode61, and a lexeme as it stands for PostgreSQL.
func encode(token string) string {
	if plain(token) {
		return "w" + token
	}
	return "x" + lower32.EncodeToString([]byte(token))
}

var lower32 = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

func encodedLen(token string) int {
	if plain(token) {
		return 1 + len(token)
	}
	return 1 + (len(token)*8+4)/5
}

func plain(token string) bool {
	for i := range len(token) {
		if c := token[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
