package flow

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"linli/internal/platform/lang"
)

func TestPicturesAreAsReviewed(t *testing.T) {
	for _, d := range builtin(t).All() {
		for _, tag := range []lang.Tag{lang.ZH, lang.EN} {
			golden(t, "pictures/"+d.Name+"."+string(tag)+".svg", SVG(d, tag))
			golden(t, "pictures/"+d.Name+"."+string(tag)+".mmd", []byte(Mermaid(d, tag)))
		}
	}
}

func TestPicturesAreWellFormed(t *testing.T) {
	for _, d := range builtin(t).All() {
		dec := xml.NewDecoder(bytes.NewReader(SVG(d, lang.EN)))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", d.Name, err)
			}
		}
	}
}

func TestTheDiagramsInTheDocumentationAreCurrent(t *testing.T) {
	for tag, path := range map[lang.Tag]string{
		lang.EN: "../../docs/images/flow-seven-step.svg",
		lang.ZH: "../../docs/images/flow-seven-step.zh.svg",
	} {
		now := SVG(model(t, "seven-step"), tag)
		if *update {
			if err := os.WriteFile(path, now, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, now) {
			t.Errorf("%s is not what the model says now; run the tests of this package with -update", path)
		}
	}
}

// box is a rectangle that something must not run through.
type box struct{ x, y, w, h int }

func (b box) crosses(a, c Point) bool {
	x0, x1, y0, y1 := min(a.X, c.X), max(a.X, c.X), min(a.Y, c.Y), max(a.Y, c.Y)
	return x1 > b.x && x0 < b.x+b.w && y1 > b.y && y0 < b.y+b.h
}

func TestNoWayRunsThroughACardOrAText(t *testing.T) {
	for _, d := range builtin(t).All() {
		for _, tag := range []lang.Tag{lang.ZH, lang.EN} {
			l := NewLayout(d, tag)
			boxes := map[string]box{}
			for _, c := range l.Cards {
				boxes["card "+c.Stage] = box{c.X, c.Y, c.W, c.H}
			}
			for _, w := range l.Ways {
				wide := 0
				for _, line := range w.Label {
					wide = max(wide, width(line, labelSize))
				}
				b := box{w.LabelX, w.LabelY - 11, wide, (len(w.Label)-1)*lineText + 14}
				if w.Side == Left {
					b.x -= wide
				}
				boxes["label "+w.From+" "+strings.Join(w.Titles, "/")] = b
				if w.Pill != nil {
					boxes["end "+w.From+" "+w.End] = box{w.Pill.X, w.Pill.Y, w.Pill.W, w.Pill.H}
				}
			}
			for _, w := range l.Ways {
				for i := 1; i < len(w.Path); i++ {
					for name, b := range boxes {
						if b.crosses(w.Path[i-1], w.Path[i]) {
							t.Errorf("%s %s: the way %s -> %s%s runs through %s", d.Name, tag, w.From, w.To, w.End, name)
						}
					}
				}
			}
			for name, b := range boxes {
				for other, o := range boxes {
					if name < other && b.crosses(Point{o.x, o.y}, Point{o.x + o.w, o.y + o.h}) {
						t.Errorf("%s %s: %s lies over %s", d.Name, tag, name, other)
					}
				}
				if b.x < 0 || b.x+b.w > l.Width || b.y+b.h > l.Height {
					t.Errorf("%s %s: %s is outside", d.Name, tag, name)
				}
			}
		}
	}
}

func TestAListBreaksBetweenItsItems(t *testing.T) {
	got := strings.Join(wrapItems([]string{"签收 2 个工作小时", "紧急 15 分钟", "复杂 15 个自然日"}, 13, 215), "|")
	if got != "签收 2 个工作小时 · 紧急 15 分钟|复杂 15 个自然日" {
		t.Error(got)
	}
}

func TestTextWraps(t *testing.T) {
	cases := []struct {
		text string
		size int
		want string
	}{
		{"恰卜恰镇团结社区第十二网格", 70, "恰卜恰镇团|结社区第十|二网格"},
		{"办理,不由办理人", 40, "办理，|不由办|理人"},
		{"Give to another unit", 80, "Give to|another unit"},
		{"Complex 15 calendar days", 110, "Complex 15|calendar days"},
		{"", 50, ""},
	}
	for _, c := range cases {
		got := strings.Join(wrap(c.text, 13, c.size), "|")
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
		for _, line := range wrap(c.text, 13, c.size) {
			if width(line, 13) > c.size {
				t.Errorf("%q is wider than %d", line, c.size)
			}
		}
	}
}

func TestTheExampleInTheDocumentationIsSound(t *testing.T) {
	text, err := os.ReadFile("../../docs/flow-language.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```yaml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("no example")
	}
	for _, p := range problemsOf("example.yaml", []byte(example)) {
		t.Error(p)
	}
}

func TestTheDocumentationListsTheCommonFields(t *testing.T) {
	text, err := os.ReadFile("../../docs/flow-language.md")
	if err != nil {
		t.Fatal(err)
	}
	for key, f := range wellKnown() {
		row := "| `" + key + "` | " + string(f.Type) + " |"
		if !strings.Contains(string(text), row) {
			t.Errorf("missing row: %s %s %s |", row, f.Title.ZH, f.Title.EN)
		}
	}
}
