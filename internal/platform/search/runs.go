package search

import (
	"unicode"
	"unicode/utf8"
)

// class says how a character is cut.
type class uint8

const (
	apart  class = iota // punctuation, symbols, blanks: between tokens
	dense               // scripts written without blanks: characters and pairs
	letter              // part of a word
	digit               // part of a number
)

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			return letter
		case r >= '0' && r <= '9':
			return digit
		}
		return apart
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Yi):
		return dense
	case unicode.IsDigit(r):
		return digit
	case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r):
		return letter
	}
	return apart
}

// piece is a character of a dense run, or the letters or the digits of a word: byte offsets.
type piece struct{ from, to int }

// maxRun bounds the pieces held at once; a longer run goes on as a new one that overlaps by enough to lose no neighbours.
const maxRun = 4096

// runs yields the runs of a normalised text: characters of dense scripts that stand together, or a compound like
// a3-b12 in its pieces a, 3, b, 12 (letters and digits touch or are joined by one hyphen). It ends when yield gives false.
// The pieces are valid until yield returns.
func runs(text string, yield func(class, []piece) bool) {
	var run []piece
	kind := apart // dense or letter while a run is open
	last := apart // class of the last piece
	flush := func() bool {
		ok := len(run) == 0 || yield(kind, run)
		run, kind, last = run[:0], apart, apart
		return ok
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		c := classOf(r)
		switch {
		case c == apart:
			// A single hyphen inside a compound joins; the next piece starts behind it.
			if r == '-' && kind == letter && i+size < len(text) && run[len(run)-1].to == i {
				next, _ := utf8.DecodeRuneInString(text[i+size:])
				if nc := classOf(next); nc == letter || nc == digit {
					last = apart
					break
				}
			}
			if !flush() {
				return
			}
		case c == dense:
			if kind == letter && !flush() {
				return
			}
			kind, last = dense, dense
			run = append(run, piece{i, i + size})
		default:
			if kind == dense && !flush() {
				return
			}
			kind = letter
			if c == last {
				run[len(run)-1].to = i + size
			} else {
				run = append(run, piece{i, i + size})
			}
			last = c
		}
		i += size
		if len(run) == maxRun {
			keep := maxGram
			tail := append([]piece(nil), run[maxRun-keep:]...)
			if !yield(kind, run[:maxRun-1]) { // the last piece may still grow
				return
			}
			run = append(run[:0], tail...)
		}
	}
	flush()
}
