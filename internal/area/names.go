package area

import (
	"sort"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// names finds areas by what people call them. Keys are normalised words; an address is searched for all
// of them at every place, the longest first.
type names struct {
	tree    *Tree
	words   map[string][]called
	lengths map[rune][]int // by first character, the lengths in characters of keys, longest first
}

// called is one meaning of a word.
type called struct {
	code string // area
	path string
	weak bool // a shortened name, which may as well mean something else
	old  bool // the name of an area split or merged away
}

// generic is how many meanings make a word one that only narrows down, such as "3网格".
const generic = 12

func newNames(tree *Tree, places map[string]NamedPlace, g *ground) *names {
	n := &names{tree: tree, words: map[string][]called{}, lengths: map[rune][]int{}}
	for i := range tree.sorted {
		a := &tree.sorted[i]
		target, old := a, false
		if a.Closed {
			now := tree.Current(a.Code)
			if len(now) != 1 {
				continue
			}
			target, old = tree.areas[now[0].Code], true
		}
		above := ""
		if p := tree.areas[a.Parent]; p != nil {
			above = base(normal(p.Name), p.Level)
		}
		strong, weak := spellings(normal(a.Name), a.Level, above)
		for _, alias := range a.Aliases {
			strong = append(strong, normal(alias))
		}
		for _, w := range strong {
			n.add(w, called{target.Code, target.Path, false, old})
		}
		for _, w := range weak {
			n.add(w, called{target.Code, target.Path, true, old})
		}
	}
	for _, p := range places {
		home := tree.areas[p.home(g)]
		if home == nil || home.Closed {
			continue
		}
		for _, w := range append([]string{p.Name}, p.Aliases...) {
			n.add(normal(w), called{home.Code, home.Path, false, false})
		}
	}
	for word, list := range n.words {
		sort.Slice(list, func(i, j int) bool {
			if list[i].path != list[j].path {
				return list[i].path < list[j].path
			}
			return !list[i].weak && list[j].weak
		})
		kept := list[:0]
		for i, c := range list {
			if i == 0 || c.path != list[i-1].path {
				kept = append(kept, c)
			}
		}
		n.words[word] = kept
	}
	for _, list := range n.lengths {
		sort.Sort(sort.Reverse(sort.IntSlice(list)))
	}
	return n
}

func (n *names) add(word string, c called) {
	r := []rune(word)
	if len(r) < 2 {
		return
	}
	if _, known := n.words[word]; !known {
		lengths := n.lengths[r[0]]
		has := false
		for _, l := range lengths {
			has = has || l == len(r)
		}
		if !has {
			n.lengths[r[0]] = append(lengths, len(r))
		}
	}
	n.words[word] = append(n.words[word], c)
}

// Official endings, longest first, and what people put in their place.
var endings = map[Level][]string{
	County:   {"自治县", "县", "市", "区", "旗"},
	Township: {"街道办事处", "民族乡", "街道", "镇", "乡"},
	Village:  {"社区居民委员会", "社区居委会", "居民委员会", "村民委员会", "社区委员会", "居委会", "村委会", "社区", "村"},
}

// base is a name without its official ending.
func base(name string, level Level) string {
	for _, e := range endings[level] {
		if rest, cut := strings.CutSuffix(name, e); cut && rest != "" {
			return rest
		}
	}
	return name
}

// spellings lists what a normalised name is written like; weak ones say less than the full name. above is
// the base of the parent's name, which grids often carry in front.
func spellings(name string, level Level, above string) (strong, weak []string) {
	strong = []string{name}
	b := base(name, level)
	switch level {
	case Village:
		// a place may have a community and a village of one name; the other's ending is a weak word
		communal, rural := []string{"社区", "居委会", "社区居委会", "居民委员会"}, []string{"村", "村委会", "村民委员会"}
		own, other := communal, rural
		if strings.Contains(name[len(b):], "村") {
			own, other = rural, communal
		}
		for _, e := range own {
			strong = append(strong, b+e)
		}
		for _, e := range other {
			weak = append(weak, b+e)
		}
		weak = append(weak, b)
	case Township:
		strong = append(strong, b+"街道办", b+"街道办事处")
		weak = append(weak, b)
	case County:
		weak = append(weak, b)
	case Grid:
		if rest, cut := strings.CutPrefix(name, above); cut && above != "" {
			for _, e := range endings[Village] {
				rest = strings.TrimPrefix(rest, e)
			}
			if rest != "" {
				weak = append(weak, rest)
			}
			strong = append(strong, above+"社区"+rest, above+"村"+rest)
		}
	}
	return strong, weak
}

var numerals = map[rune]int{'一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}

// units are the words before which a numeral is a number.
var units = []string{"号网格", "网格", "号楼", "幢", "栋", "座", "单元", "组", "弄"}

// normal brings a text into the one form in which words are compared: no blanks or punctuation, full-width
// signs as plain ones, numbers before a unit as digits without leading zeros, one word for a block of flats.
func normal(text string) string {
	var kept []rune
	for _, r := range norm.NFKC.String(strings.ToLower(text)) {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			kept = append(kept, r)
		}
	}
	var out strings.Builder
	for i := 0; i < len(kept); {
		if value, used := number(kept[i:]); used > 0 {
			if unit, length := unitAt(kept[i+used:]); unit != "" {
				trimmed := strings.TrimSuffix(out.String(), "第")
				out.Reset()
				out.WriteString(trimmed)
				out.WriteString(value + unit)
				i += used + length
				continue
			}
			out.WriteString(string(kept[i : i+used]))
			i += used
			continue
		}
		out.WriteRune(kept[i])
		i++
	}
	return out.String()
}

// number reads digits, or Chinese numerals up to 99, at the front of a text.
func number(r []rune) (value string, used int) {
	for used < len(r) && r[used] >= '0' && r[used] <= '9' {
		used++
	}
	if used > 0 {
		if value = strings.TrimLeft(string(r[:used]), "0"); value == "" {
			value = "0"
		}
		return value, used
	}
	n, ones, tens := 0, 0, false
	for used < len(r) && used < 3 {
		if d := numerals[r[used]]; d > 0 && ones == 0 {
			ones = d
		} else if r[used] == '十' && !tens {
			n, ones, tens = max(ones, 1)*10, 0, true
		} else {
			break
		}
		used++
	}
	if used == 0 {
		return "", 0
	}
	n += ones
	if n >= 10 {
		return string(rune('0'+n/10)) + string(rune('0'+n%10)), used
	}
	return string(rune('0' + n)), used
}

func unitAt(r []rune) (unit string, length int) {
	for _, u := range units {
		w := []rune(u)
		if len(r) >= len(w) && string(r[:len(w)]) == u {
			switch u {
			case "号网格":
				u = "网格"
			case "号楼", "栋", "座":
				u = "幢"
			}
			return u, len(w)
		}
	}
	return "", 0
}
