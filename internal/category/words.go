package category

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold gives the form in which words and texts are compared: full width made half, small letters, blanks alike,
// invisible marks gone.
func fold(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	for _, r := range s {
		if r = foldRune(r); r >= 0 {
			out.WriteRune(r)
		}
	}
	return strings.TrimSpace(out.String())
}

// foldRune gives -1 for what is left out.
func foldRune(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r < ' ' || r == 0x7f:
		return ' '
	case r < utf8.RuneSelf, r >= 0x4e00 && r <= 0x9fff:
		return r
	case r >= 0xff01 && r <= 0xff5e: // full width
		return foldRune(r - 0xfee0)
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef, unicode.Is(unicode.Cf, r): // variants of a look, joiners
		return -1
	case unicode.IsSpace(r):
		return ' '
	}
	return unicode.ToLower(r)
}

// speaks tells whether a folded word has a letter, a digit or a character.
func speaks(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// latin tells whether a rune belongs to a word or number of western writing, which a match may not cut in two.
func latin(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
}

// automaton finds all its words in a text in one pass (Aho and Corasick 1975), in time linear in the text.
type automaton struct {
	next map[edge]int32
	node []node
}

type edge struct {
	from int32
	r    rune
}

type node struct {
	fail  int32 // longest proper suffix that is also a beginning of a word
	word  int32 // word that ends here, or -1
	short int32 // nearest node on the fail chain at which a shorter word ends, or 0
	depth int32 // runes from the root
}

// newAutomaton takes different, folded words.
func newAutomaton(words []string) *automaton {
	a := &automaton{next: map[edge]int32{}, node: []node{{word: -1}}}
	type arc struct {
		edge
		to int32
	}
	var arcs []arc // by depth of the target after the sort below; ids alone do not grow with depth
	for id, w := range words {
		at := int32(0)
		for _, r := range w {
			e := edge{at, r}
			to, ok := a.next[e]
			if !ok {
				to = int32(len(a.node))
				a.next[e] = to
				a.node = append(a.node, node{word: -1, depth: a.node[at].depth + 1})
				arcs = append(arcs, arc{e, to})
			}
			at = to
		}
		a.node[at].word = int32(id)
	}
	levels := map[int32][]arc{}
	deepest := int32(0)
	for _, x := range arcs {
		d := a.node[x.to].depth
		levels[d] = append(levels[d], x)
		deepest = max(deepest, d)
	}
	for d := int32(2); d <= deepest; d++ {
		for _, x := range levels[d] {
			n := &a.node[x.to]
			n.fail = a.step(a.node[x.from].fail, x.r)
			if n.short = n.fail; a.node[n.fail].word < 0 {
				n.short = a.node[n.fail].short
			}
		}
	}
	return a
}

// step follows one rune.
func (a *automaton) step(at int32, r rune) int32 {
	for {
		if to, ok := a.next[edge{at, r}]; ok {
			return to
		}
		if at == 0 {
			return 0
		}
		at = a.node[at].fail
	}
}

// hit is an occurrence of a word: runes [from, to) of the folded text.
type hit struct {
	word     int32
	from, to int32
}

// find gives the occurrences that lie in no longer one: who reads 垃圾分类 has not read 垃圾. A western word counts only
// as a whole. hits is used as room for the result.
func (a *automaton) find(text []rune, hits []hit) []hit {
	hits = hits[:0]
	at := int32(0)
	for i, r := range text {
		at = a.step(at, r)
		for n := at; n != 0; n = a.node[n].short {
			w := a.node[n].word
			if w < 0 {
				continue
			}
			h := hit{w, int32(i+1) - a.node[n].depth, int32(i + 1)}
			if !whole(text, h) {
				continue
			}
			// Those found earlier end earlier or here. They fall when this one holds them; this one falls when an
			// earlier one that ends here too holds it, which is then the last in the list.
			if k := len(hits); k > 0 && hits[k-1].to == h.to && hits[k-1].from <= h.from {
				break // all further ones are shorter still
			}
			for k := len(hits); k > 0 && hits[k-1].from >= h.from; k = len(hits) {
				hits = hits[:k-1]
			}
			hits = append(hits, h)
		}
	}
	return hits
}

// whole tells whether a hit cuts no western word or number.
func whole(text []rune, h hit) bool {
	if h.from > 0 && latin(text[h.from]) && latin(text[h.from-1]) {
		return false
	}
	return int(h.to) == len(text) || !latin(text[h.to-1]) || !latin(text[h.to])
}
