package flow

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"

	"linli/internal/platform/lang"
)

// style is the picture's colours, those of the screens; the dark ones where the reader prefers dark.
const style = `text{font-family:"PingFang SC","HarmonyOS Sans SC","Noto Sans SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif;font-size:13px;fill:#57606A}
.paper{fill:#FAF9F6}.card{fill:#FFFFFF;stroke:#DDD9D0}.part{fill:#FAF9F6;stroke:#DDD9D0}.stripe{fill:#2F5D8C}
.name{font-size:20px;font-weight:600;fill:#1F2328}.about{font-size:14px}.title{font-size:16px;font-weight:600;fill:#1F2328}
.number{fill:#2F5D8C}.number-text{font-size:13px;font-weight:600;fill:#FFFFFF}.fact{fill:#1F2328}.icon{stroke:#57606A;fill:none;stroke-width:1.4;stroke-linecap:round}
.way{fill:none;stroke:#8C959F;stroke-width:2}.tip{fill:#8C959F}.label{fill:#2F5D8C}
.pill{fill:#FFFFFF;stroke-width:1.5}.good{stroke:#1F6F5C}.partial{stroke:#8A5A00}.refused{stroke:#A61B1B}.plain{stroke:#57606A}
.good-text{fill:#1F6F5C}.partial-text{fill:#8A5A00}.refused-text{fill:#A61B1B}.plain-text{fill:#57606A}.rule{stroke:#DDD9D0}
@media (prefers-color-scheme:dark){text{fill:#A5ADB6}.paper{fill:#14171A}.card,.pill{fill:#1C2024}.card,.part,.rule{stroke:#30363D}.part{fill:#14171A}
.stripe,.number{fill:#8AB4E8}.number-text{fill:#14171A}.name,.title,.fact{fill:#ECEAE4}.icon{stroke:#A5ADB6}.way{stroke:#6E7781}.tip{fill:#6E7781}.label{fill:#8AB4E8}
.good{stroke:#5CC3A3}.partial{stroke:#E0B04A}.refused{stroke:#FF8A80}.plain{stroke:#A5ADB6}
.good-text{fill:#5CC3A3}.partial-text{fill:#E0B04A}.refused-text{fill:#FF8A80}.plain-text{fill:#A5ADB6}}
`

// SVG draws the diagram of a model in the language.
func SVG(d *Definition, tag lang.Tag) []byte {
	l := NewLayout(d, tag)
	b := &drawing{}
	b.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t d" lang="%s">`+"\n",
		l.Width, l.Height, l.Width, l.Height, map[lang.Tag]string{lang.ZH: "zh-CN", lang.EN: "en"}[tag])
	b.put("<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n<style>\n%s</style>\n", escape(l.Title), escape(d.About.In(tag)), style)
	b.put(`<rect class="paper" width="%d" height="%d"/>`+"\n", l.Width, l.Height)
	b.text("name", margin, margin+20, "start", []string{l.Title}, 0)
	b.text("about", margin, margin+48, "start", l.Lines, 20)
	b.begin(l)
	for i := range l.Ways {
		b.way(&l.Ways[i])
	}
	for i := range l.Cards {
		b.card(&l.Cards[i])
	}
	for i := range l.Ways {
		b.label(&l.Ways[i])
	}
	foot := l.Height - margin - (len(l.Foot)-1)*20
	b.put(`<path class="rule" d="M%d %dH%d"/>`+"\n", margin, foot-24, l.Width-margin)
	b.text("foot", margin, foot, "start", l.Foot, 20)
	b.put("</svg>\n")
	return b.Bytes()
}

type drawing struct{ bytes.Buffer }

func (b *drawing) put(format string, args ...any) { fmt.Fprintf(&b.Buffer, format, args...) }

func escape(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return "" // a buffer does not fail
	}
	return b.String()
}

func (b *drawing) text(class string, x, y int, anchor string, lines []string, step int) {
	for i, line := range lines {
		b.put(`<text class="%s" x="%d" y="%d"`, class, x, y+i*step)
		if anchor != "start" {
			b.put(` text-anchor="%s"`, anchor)
		}
		b.put(">%s</text>\n", escape(line))
	}
}

// begin is the dot from which a report comes in.
func (b *drawing) begin(l *Layout) {
	c := l.Cards[0]
	x := c.X + c.W/2
	b.put(`<circle class="tip" cx="%d" cy="%d" r="6"/><path class="way" d="M%d %dV%d"/>`+"\n", x, c.Y-40, x, c.Y-34, c.Y-6)
	b.tip(Point{x, c.Y - 10}, Point{x, c.Y})
	b.text("label", x+12, c.Y-18, "start", []string{l.say("报来", "reported")}, 0)
}

// way draws a line with round corners and a tip.
func (b *drawing) way(w *Way) {
	p := w.Path
	last := len(p) - 1
	b.put(`<path class="way" d="M%d %d`, p[0].X, p[0].Y)
	for i := 1; i < last; i++ {
		r := 8
		before, after := toward(p[i], p[i-1], r), toward(p[i], p[i+1], r)
		b.put("L%d %dQ%d %d %d %d", before.X, before.Y, p[i].X, p[i].Y, after.X, after.Y)
	}
	stop := toward(p[last], p[last-1], 6)
	b.put("L%d %d\"/>\n", stop.X, stop.Y)
	b.tip(p[last-1], p[last])
}

// toward is the point at most r away from a on the way to b, at most half of it.
func toward(a, b Point, r int) Point {
	step := func(from, to int) int {
		d := to - from
		if d < 0 {
			return from - min(r, -d/2)
		}
		return from + min(r, d/2)
	}
	return Point{step(a.X, b.X), step(a.Y, b.Y)}
}

func (b *drawing) tip(from, to Point) {
	dx, dy := float64(to.X-from.X), float64(to.Y-from.Y)
	n := math.Hypot(dx, dy)
	if n == 0 {
		return
	}
	ux, uy := dx/n, dy/n
	x, y := float64(to.X), float64(to.Y)
	b.put(`<path class="tip" d="M%g %gL%g %gL%g %gZ"/>`+"\n", x, y,
		round(x-9*ux-4.5*uy), round(y-9*uy+4.5*ux), round(x-9*ux+4.5*uy), round(y-9*uy-4.5*ux))
}

func round(v float64) float64 { return math.Round(v*10) / 10 }

func (b *drawing) card(c *Card) {
	b.put(`<g id="stage-%s"><rect class="card" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", c.Stage, c.X, c.Y, c.W, c.H)
	if c.Handles {
		b.put(`<path class="stripe" d="M%d %dh-2a4 4 0 0 1 -4 -4v-%da4 4 0 0 1 4 -4h2z"/>`+"\n", c.X+6, c.Y+c.H, c.H-8)
	}
	b.put(`<circle class="number" cx="%d" cy="%d" r="11"/>`+"\n", c.X+pad+11, c.Y+pad+11)
	b.text("number-text", c.X+pad+11, c.Y+pad+16, "middle", []string{itoaText(c.Number)}, 0)
	b.text("title", c.X+pad+30, c.Y+pad+17, "start", c.Title, lineTitle)
	y := c.top + 6
	for _, f := range c.Facts {
		b.icon(f.Kind, c.X+pad+7, y+9)
		b.text("fact", c.X+pad+22, y+14, "start", f.Lines, lineText)
		y += len(f.Lines)*lineText + 2
	}
	for _, p := range c.Parts {
		b.put(`<rect class="part" x="%d" y="%d" width="%d" height="%d" rx="4"/>`+"\n", p.X, p.Y, p.W, p.H)
		b.text("fact", p.X+8, p.Y+18, "start", p.Lines, lineText)
	}
	b.put("</g>\n")
}

func itoaText(n int) string { return fmt.Sprint(n) }

// icon is a person, a clock, an arrow into a tray, or a pen.
func (b *drawing) icon(kind string, x, y int) {
	switch kind {
	case "actor":
		b.put(`<path class="icon" d="M%d %da3 3 0 1 1 .01 0M%d %dq0 -5 5 -5q5 0 5 5"/>`+"\n", x, y-1, x-5, y+6)
	case "take":
		b.put(`<path class="icon" d="M%d %dv8m-3 -3l3 3l3 -3M%d %dh10"/>`+"\n", x, y-6, x-5, y+6)
	case "note":
		b.put(`<path class="icon" d="M%d %dl1 -3.5l7.5 -7.5l2.5 2.5l-7.5 7.5z"/>`+"\n", x-6, y+5)
	default:
		b.put(`<path class="icon" d="M%d %da5.5 5.5 0 1 1 .01 0M%d %dv-3.5M%d %dh2.5"/>`+"\n", x, y+5, x, y, x, y)
	}
}

func (b *drawing) label(w *Way) {
	anchor := "start"
	if w.Side == Left {
		anchor = "end"
	}
	b.text("label", w.LabelX, w.LabelY, anchor, w.Label, lineText)
	if p := w.Pill; p != nil {
		b.put(`<rect class="pill %s" x="%d" y="%d" width="%d" height="%d" rx="%d"/>`+"\n", p.Tone, p.X, p.Y, p.W, p.H, min(p.H/2, 16))
		b.text(p.Tone+"-text", p.X+p.W/2, p.Y+18, "middle", p.Text, lineText)
	}
}
