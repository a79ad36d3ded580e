package database

import (
	"strings"
	"sync"
)

// SQLite's driver looks for each named placeholder among all arguments, by its text: the cost grows with the square
// of their number. Nameless ones are found by their place. So $1, $2 become ?, and the arguments are laid out in the
// order in which they are asked for.

// layout is a text for SQLite and which argument each of its placeholders takes.
type layout struct {
	text  string
	order []int // of the arguments, from 0; nil: as they come
}

// layouts remembers the texts met. Their number is bounded by the number of texts in the program; lists with optional
// filters and of different lengths add some, so it is emptied when it gets large.
type layouts struct {
	mu    sync.RWMutex
	known map[string]*layout
}

const keptLayouts = 2048

// positional gives a text with nameless placeholders and the arguments in their order.
func (ls *layouts) positional(query string, args []any) (string, []any) {
	l := ls.of(query)
	if out, ok := arrange(l.order, args); ok {
		return l.text, out
	}
	return query, args // too few: the driver says which one is missing
}

// arrange lays the arguments out in the order asked for; false when one is missing.
func arrange[T any](order []int, args []T) ([]T, bool) {
	if order == nil {
		return args, true
	}
	out := make([]T, len(order))
	for i, from := range order {
		if from >= len(args) {
			return nil, false
		}
		out[i] = args[from]
	}
	return out, true
}

func (ls *layouts) of(query string) *layout {
	ls.mu.RLock()
	l := ls.known[query]
	ls.mu.RUnlock()
	if l != nil {
		return l
	}
	l = layOut(query)
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.known == nil || len(ls.known) >= keptLayouts {
		ls.known = map[string]*layout{}
	}
	ls.known[query] = l
	return l
}

// layOut replaces the numbered placeholders outside of quotes and comments.
func layOut(query string) *layout {
	var b strings.Builder
	l := &layout{}
	straight := true
	for i := 0; i < len(query); {
		if n := quoted(query[i:]); n > 0 {
			b.WriteString(query[i : i+n])
			i += n
			continue
		}
		if query[i] != '$' {
			b.WriteByte(query[i])
			i++
			continue
		}
		n, end := 0, i+1
		for end < len(query) && query[end] >= '0' && query[end] <= '9' {
			n = n*10 + int(query[end]-'0')
			end++
		}
		if n == 0 {
			b.WriteByte(query[i])
			i++
			continue
		}
		straight = straight && n == len(l.order)+1
		l.order = append(l.order, n-1)
		b.WriteByte('?')
		i = end
	}
	l.text = b.String()
	if straight {
		l.order = nil
	}
	return l
}

// quoted is how long the string, name in quotes or comment is that begins here; 0 when none does.
func quoted(text string) int {
	until := func(from int, end string) int {
		if at := strings.Index(text[from:], end); at >= 0 {
			return from + at + len(end)
		}
		return len(text)
	}
	switch {
	case text[0] == '\'', text[0] == '"', text[0] == '`':
		return until(1, text[:1])
	case strings.HasPrefix(text, "--"):
		return until(2, "\n")
	case strings.HasPrefix(text, "/*"):
		return until(2, "*/")
	}
	return 0
}
