package category

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	maxTitle = 500    // runes read of a title
	maxText  = 20_000 // runes read of a text; what a report is about stands at its beginning

	inTitle  = 2.0  // a word in the title counts double
	again    = 0.25 // each doubling of a word's occurrences in the text adds this much of it
	early    = 200  // runes of the text within which its subject is usually told
	lateWord = 0.6  // a word that comes only later counts for this much
	vague    = 0.6  // a class or sub-class without an item that fits counts for this much against items
	oneAbove = 0.4  // share of its weight that a word of the sub-class lends to an item with words of its own
	twoAbove = 0.2  // the same for a word of the class
	half     = 6.0  // weight at which the score is one half
	leastRaw = 1.5  // less weight than this is chance
)

// Suggestion is a category that a text may be about, with the words that spoke for it.
type Suggestion struct {
	Code  string
	Score float64  // above 0, below 1; comparable between texts: the more and the rarer the words, the higher
	Words []string // words of the files that occur in the text, the weightiest first
}

// scorer weighs the words of the tree. It is built once and never changes.
type scorer struct {
	machine *automaton
	words   []scored
	codes   []string // of the categories, by place in the tree's list
	parent  []int32  // place of the parent, or -1
	leaf    []bool
	room    sync.Pool // *bench, so that a suggestion makes little garbage
}

// scored is a word with everybody it speaks for.
type scored struct {
	text   string // as written at the first category by code that has it
	weight float64
	owners []int32 // places of the categories that list it
}

func newScorer(t *Tree) *scorer {
	s := &scorer{}
	under := make([]int, len(t.list)) // leaves at or below
	leaves := 0
	for i, c := range t.list {
		s.codes = append(s.codes, c.Code)
		up := int32(-1)
		if c.Parent != "" {
			up = int32(t.at[c.Parent])
		}
		s.parent = append(s.parent, up)
		s.leaf = append(s.leaf, c.Leaf)
		if c.Leaf {
			leaves++
			for k := int32(i); k >= 0; k = s.parent[k] {
				under[k]++
			}
		}
	}
	folded := s.readWords(t)
	for k := range s.words {
		reach := 0
		for _, o := range s.words[k].owners {
			reach += under[o]
		}
		rare := math.Log(1+float64(leaves)/float64(max(reach, 1))) / math.Log(1+float64(max(leaves, 1)))
		s.words[k].weight = rare * lengthWeight(folded[k])
	}
	s.machine = newAutomaton(folded)
	s.room.New = func() any { return &bench{} }
	return s
}

// readWords numbers the words of the tree in the order of their folded forms, which it gives: sums then come out the same
// to the last bit however the files are ordered.
func (s *scorer) readWords(t *Tree) []string {
	by := map[string]*scored{}
	for i, c := range t.list {
		for _, w := range c.Words {
			f := fold(w)
			if by[f] == nil {
				by[f] = &scored{text: w}
			}
			by[f].owners = append(by[f].owners, int32(i))
		}
	}
	folded := slices.Sorted(maps.Keys(by))
	for _, f := range folded {
		s.words = append(s.words, *by[f])
	}
	return folded
}

// lengthWeight is 3 for two characters, grows by the power of 3/4, and is far less for one: 吵 says little, 噪音扰民 much.
// A western word or number counts as two characters.
func lengthWeight(w string) float64 {
	n, western := 0, false
	for _, r := range w {
		if latin(r) {
			western = true
		} else {
			n++
		}
	}
	if western {
		n += 2
	}
	if n < 2 {
		return 1
	}
	return 3 * math.Pow(float64(n)/2, 0.75)
}

// bench is the working room of one suggestion.
type bench struct {
	runes []rune
	hits  []hit
	count map[int32]*tally
}

// tally counts one word of the text.
type tally struct {
	title bool
	body  int   // occurrences in the text
	first int32 // rune of the text at which the first one begins
}

// times tells how often a word counts.
func (c *tally) times() float64 {
	body := 0.0
	if c.body > 0 {
		body = 1 + again*math.Log2(float64(c.body))
		if c.first >= early {
			body *= lateWord
		}
	}
	if c.title {
		return inTitle + body
	}
	return body
}

// Suggest gives the categories that a report is probably about, best first, n at most; nothing when no word of the tree
// occurs. Items are suggested, and a class or sub-class only when the text says no more than that. The result depends on
// nothing but the tree and the texts; of a text the first 20,000 characters are read.
func (t *Tree) Suggest(title, text string, n int) []Suggestion {
	if n <= 0 {
		return nil
	}
	return t.scorer.suggest(title, text, n)
}

func (s *scorer) suggest(title, text string, n int) []Suggestion {
	b := s.room.Get().(*bench)
	defer s.room.Put(b)
	b.count = map[int32]*tally{}
	s.read(b, title, maxTitle, func(t *tally, _ hit) { t.title = true })
	s.read(b, text, maxText, func(t *tally, h hit) {
		if t.body++; t.body == 1 {
			t.first = h.from
		}
	})
	if len(b.count) == 0 {
		return nil
	}
	found := slices.Sorted(maps.Keys(b.count)) // a sum must not depend on the order of a map
	own := map[int32]float64{}
	value := make(map[int32]float64, len(found))
	for _, w := range found {
		c := b.count[w]
		value[w] = c.times() * s.words[w].weight
		for _, o := range s.words[w].owners {
			own[o] += value[w]
		}
	}
	return s.rank(own, value, found, n)
}

// read tallies the words of a text.
func (s *scorer) read(b *bench, text string, most int, count func(*tally, hit)) {
	b.runes = b.runes[:0]
	for len(text) > 0 && most > 0 {
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		most--
		if r = foldRune(r); r >= 0 {
			b.runes = append(b.runes, r)
		}
	}
	b.hits = s.machine.find(b.runes, b.hits)
	for _, h := range b.hits {
		c := b.count[h.word]
		if c == nil {
			c = &tally{}
			b.count[h.word] = c
		}
		count(c, h)
	}
}

// rank adds to what spoke for a category itself a share of what spoke for those above it.
func (s *scorer) rank(own, value map[int32]float64, found []int32, n int) []Suggestion {
	type candidate struct {
		at  int32
		raw float64
	}
	busy := map[int32]bool{} // categories with something found below them
	for at := range own {
		for up := s.parent[at]; up >= 0; up = s.parent[up] {
			busy[up] = true
		}
	}
	var list []candidate
	for at, raw := range own {
		if busy[at] {
			continue // what it has goes to those below
		}
		if up := s.parent[at]; up >= 0 {
			raw += oneAbove * own[up]
			if up = s.parent[up]; up >= 0 {
				raw += twoAbove * own[up]
			}
		}
		if !s.leaf[at] {
			raw *= vague
		}
		if raw >= leastRaw {
			list = append(list, candidate{at, raw})
		}
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.raw, a.raw), strings.Compare(s.codes[a.at], s.codes[b.at]))
	})
	if len(list) > n {
		list = list[:n]
	}
	out := make([]Suggestion, len(list))
	for i, c := range list {
		out[i] = Suggestion{Code: s.codes[c.at], Score: c.raw / (c.raw + half), Words: s.spoke(c.at, value, found)}
	}
	return out
}

// spoke lists the words found that a category or one above it has, the weightiest first.
func (s *scorer) spoke(at int32, value map[int32]float64, found []int32) []string {
	type voice struct {
		word  int32
		value float64
	}
	var list []voice
	for _, w := range found {
		best := 0.0
		share := [...]float64{1, oneAbove, twoAbove}
		for k, up := 0, at; up >= 0 && k < len(share); k, up = k+1, s.parent[up] {
			if slices.Contains(s.words[w].owners, up) {
				best += share[k] * value[w]
			}
		}
		if best > 0 {
			list = append(list, voice{w, best})
		}
	}
	slices.SortFunc(list, func(a, b voice) int {
		return cmp.Or(cmp.Compare(b.value, a.value), strings.Compare(s.words[a.word].text, s.words[b.word].text))
	})
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = s.words[v.word].text
	}
	return out
}
