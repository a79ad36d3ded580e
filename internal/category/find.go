package category

import (
	"cmp"
	"slices"
	"strings"
)

// Search finds categories for a picker: every blank-separated part of q must occur in the code, the titles or the words.
// A code or its beginning comes first, then titles, then words; leaves before what is above them. n at most; an empty
// q finds nothing.
func (t *Tree) Search(q string, n int) []Category {
	const most = 200 // bytes of a query worth looking at
	if len(q) > most {
		q = q[:most]
	}
	parts := strings.Fields(fold(q))
	if len(parts) == 0 || n <= 0 {
		return nil
	}
	type candidate struct{ at, rank int }
	var list []candidate
	for i := range t.list {
		if rank, ok := t.match(i, parts); ok {
			list = append(list, candidate{i, rank})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(a.rank, b.rank) })
	out := make([]Category, 0, min(n, len(list)))
	for _, c := range list[:min(n, len(list))] {
		out = append(out, t.copy(c.at))
	}
	return out
}

// match ranks a category: the lower, the nearer.
func (t *Tree) match(i int, parts []string) (int, bool) {
	for _, part := range parts {
		if !strings.Contains(t.haystack[i], part) {
			return 0, false
		}
	}
	c := &t.list[i]
	zh, en := fold(c.Title.ZH), fold(c.Title.EN)
	rank := 0
	for _, part := range parts {
		switch {
		case c.Code == part:
		case strings.HasPrefix(c.Code, part):
			rank += 2 + c.Depth // the sub-class before its items
		case zh == part || en == part:
			rank += 10
		case strings.HasPrefix(zh, part) || strings.HasPrefix(en, part):
			rank += 20
		case strings.Contains(zh, part) || strings.Contains(en, part):
			rank += 30
		default:
			rank += 50
		}
	}
	if !c.Leaf && !strings.HasPrefix(c.Code, parts[0]) {
		rank += 5
	}
	return rank, true
}

func haystack(c Category) string {
	return fold(c.Code + "\n" + c.Title.ZH + "\n" + c.Title.EN + "\n" + strings.Join(c.Words, "\n"))
}
