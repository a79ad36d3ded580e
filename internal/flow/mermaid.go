package flow

import (
	"fmt"
	"strings"

	"linli/internal/platform/lang"
)

// Mermaid gives the diagram of a model as Mermaid text, for pages that draw it themselves.
func Mermaid(d *Definition, tag lang.Tag) string {
	l := NewLayout(d, tag)
	var b strings.Builder
	fmt.Fprintf(&b, "---\ntitle: %q\n---\nflowchart TD\n", l.Title)
	fmt.Fprintf(&b, "  start((%s)) --> %s\n", quote(l.say("报来", "reported")), l.Cards[0].Key())
	for _, c := range l.Cards {
		s, _ := d.Stage(c.Stage)
		lines := []string{s.Title.In(tag)}
		for _, f := range c.Facts {
			lines = append(lines, f.Text)
		}
		for _, p := range c.Parts {
			lines = append(lines, p.Text)
		}
		fmt.Fprintf(&b, "  %s[%s]\n", c.Key(), quote(lines...))
	}
	for i, e := range d.Ends {
		fmt.Fprintf(&b, "  e%d([%s])\n", i+1, quote(e.Title.In(tag)))
	}
	key := func(w Way) string {
		for i, e := range d.Ends {
			if e.Name == w.End {
				return fmt.Sprintf("e%d", i+1)
			}
		}
		return l.Cards[l.index(w.To)].Key()
	}
	for _, w := range l.Ways {
		fmt.Fprintf(&b, "  %s -->|%s| %s\n", l.Cards[l.index(w.From)].Key(), quote(strings.Join(w.Titles, " · ")), key(w))
	}
	return b.String()
}

// quote makes a Mermaid label of lines; what Mermaid would read as its own is written as entities.
func quote(lines ...string) string {
	r := strings.NewReplacer(`"`, "#quot;", "<", "#lt;", ">", "#gt;", "#", "#35;", "`", "#96;")
	for i := range lines {
		lines[i] = r.Replace(lines[i])
	}
	return `"` + strings.Join(lines, "<br/>") + `"`
}
