package flow

import (
	"slices"
	"strconv"
	"strings"

	"linli/internal/platform/lang"
)

// Layout is the picture of a model before it is drawn: cards from top to bottom in the order of the
// file, and the ways between them. The way to the next stage runs straight down; ways back run on the
// left, ways that skip stages on the right, ends stand at the right of the stage that reaches them.
// Everything is measured in pixels from the top left.
type Layout struct {
	Width, Height int
	Title         string
	Lines         []string // what the model is for
	Cards         []Card
	Ways          []Way
	Foot          []string // what is possible at every stage and afterwards

	tag lang.Tag
	d   *Definition
}

// Card is a stage.
type Card struct {
	Stage   string
	Number  int
	Title   []string // wrapped
	Facts   []Fact   // who, and how long
	Parts   []Part   // of a joint stage
	Handles bool
	X, Y    int
	W, H    int

	top          int // where what follows the title begins
	left, right  []*Way
	inLeft, inRt int // y of the arrow that comes in at the side; 0: none
}

// Fact is one thing a card says.
type Fact struct {
	Kind  string // actor, take, allow, note
	Text  string
	Lines []string // Text wrapped
}

// Part is one part of a joint stage.
type Part struct {
	Text       string
	Lines      []string // Text wrapped
	X, Y, W, H int
}

// Way is where one or several actions lead.
type Way struct {
	From, To string // stages
	End      string // or the end
	Titles   []string
	Side     Side
	Label    []string // wrapped
	LabelX   int
	LabelY   int // baseline of the first line
	Path     []Point
	Pill     *Pill

	height, lane int
}

// Side is where a way leaves its card.
type Side string

const (
	Down  Side = "down"
	Left  Side = "left"
	Right Side = "right"
)

// Point is a corner of a way.
type Point struct{ X, Y int }

// Pill is an end.
type Pill struct {
	Text       []string
	Tone       string // good, partial, refused, plain
	X, Y, W, H int
}

const dot = " · "

const (
	margin    = 32
	cardWidth = 280
	pad       = 16
	leftZone  = 132
	rightZone = 164
	pillWidth = 124
	laneStep  = 16
	lineText  = 18 // height of a line of 13 px
	lineTitle = 22
	textSize  = 13
	titleSize = 16
	labelSize = 13
)

// NewLayout places a model in the language.
func NewLayout(d *Definition, tag lang.Tag) *Layout {
	l := &Layout{Title: d.Title.In(tag), tag: tag, d: d}
	l.cards()
	l.collect()
	l.measure()
	l.route()
	l.words()
	return l
}

func (l *Layout) cards() {
	for i := range l.d.Stages {
		s := &l.d.Stages[i]
		c := Card{Stage: s.Name, Number: i + 1, W: cardWidth, Handles: s.Handles,
			Title: wrap(s.Title.In(l.tag), titleSize, cardWidth-2*pad-30)}
		if s.Joint != nil {
			l.parts(&c, s.Joint)
		} else {
			fact := func(kind string, items ...string) {
				c.Facts = append(c.Facts, Fact{kind, strings.Join(items, dot), wrapItems(items, textSize, cardWidth-2*pad-22)})
			}
			fact("actor", l.who(s.Actor))
			if s.Take.Set() && !s.Take.Default.IsNone() {
				items := l.allow(s.Take)
				items[0] = l.say("签收 ", "Take within ") + items[0]
				fact("take", items...)
			}
			fact("allow", l.allow(s.Allow)...)
			if notes := l.notes(s); len(notes) > 0 {
				fact("note", notes...)
			}
		}
		l.Cards = append(l.Cards, c)
	}
}

func (l *Layout) say(zh, en string) string { return lang.T(zh, en).In(l.tag) }

// notes are actions that lead nowhere and only write something down.
func (l *Layout) notes(s *Stage) []string {
	var out []string
	for _, a := range s.Actions {
		if a.Op == OpGo && a.To == "" && a.End == "" {
			out = append(out, a.Title.In(l.tag))
		}
	}
	return out
}

// parts are who confirms, the lead, the members and the ruling of a joint stage.
func (l *Layout) parts(c *Card, j *Joint) {
	half := (cardWidth - 2*pad - 8) / 2
	add := func(w int, title string, items ...string) {
		p := Part{W: w, Text: title + ": " + strings.Join(items, dot), Lines: wrap(title, textSize, w-16)}
		if title == "" {
			p.Text = strings.Join(items, dot)
		}
		p.Lines = append(p.Lines, wrapItems(items, textSize, w-16)...)
		p.H = len(p.Lines)*lineText + 10
		c.Parts = append(c.Parts, p)
	}
	plain := func(a Allow) string { return a.Default.Text().In(l.tag) }
	add(cardWidth-2*pad, l.say("应哨:", "Confirms: ")+l.who(&j.Confirm), l.allow(j.Within)...)
	add(half, l.say("牵头单位", "Lead unit"), l.allow(j.Allow)...)
	add(half, l.say("协办单位若干", "Member units"), l.allow(j.Allow)...)
	add(cardWidth-2*pad, "", l.say("应召 ", "Accept within ")+plain(j.Accept), l.say("退回裁定 ", "Ruling within ")+plain(j.Ruling))
	c.Parts[1].H = max(c.Parts[1].H, c.Parts[2].H)
	c.Parts[2].H = c.Parts[1].H
}

// who says who acts.
func (l *Layout) who(a *Actor) string {
	if a == nil {
		return l.say("交给谁就由谁办", "Whoever it is given to")
	}
	title := a.Post
	if t, ok := l.d.Posts[a.Post]; ok {
		title = t.In(l.tag)
	}
	switch {
	case a.Unit == "duty":
		title = l.say("责任单位", "the duty unit")
	case a.Ref != "":
		title = refTitle(a.Ref).In(l.tag)
	case a.At != "":
		title += l.say("(", " (") + levelTitle(a.At).In(l.tag) + l.say(")", ")")
	}
	if a.Not == "handler" {
		title += l.say(",不由办理人", ", not the handler")
	}
	return title
}

func refTitle(ref string) lang.Text {
	switch ref {
	case "previous":
		return lang.T("上一个办理人", "who had it before")
	case "handler":
		return lang.T("原办理人", "who handled it")
	case "lead":
		return lang.T("牵头单位", "the lead unit")
	case "whistler":
		return lang.T("吹哨人", "the whistler")
	}
	return lang.T("首接人", "the first to receive it")
}

// allow says how long, and the variants by urgency.
func (l *Layout) allow(a Allow) []string {
	items := []string{a.Default.Text().In(l.tag)}
	for _, f := range wellKnown()["urgency"].Choices {
		v, ok := a.By[f.Value]
		if !ok {
			continue
		}
		if v.Measure == "emergency" {
			v.Measure = "hours" // the reader need not know how it is counted
		}
		items = append(items, f.Title.In(l.tag)+" "+v.Text().In(l.tag))
	}
	return items
}

func (l *Layout) index(stage string) int {
	return slices.IndexFunc(l.Cards, func(c Card) bool { return c.Stage == stage })
}

// collect gathers the ways: actions of one stage that lead to the same place are one way.
func (l *Layout) collect() {
	for i := range l.d.Stages {
		s := &l.d.Stages[i]
		for _, a := range s.Actions {
			if a.Op != OpGo || a.To == "" && a.End == "" {
				continue
			}
			k := slices.IndexFunc(l.Ways, func(w Way) bool { return w.From == s.Name && w.To == a.To && w.End == a.End })
			if k < 0 {
				l.Ways = append(l.Ways, Way{From: s.Name, To: a.To, End: a.End, Side: l.side(i, a.To)})
				k = len(l.Ways) - 1
			}
			l.Ways[k].Titles = append(l.Ways[k].Titles, a.Title.In(l.tag))
		}
	}
	for k := range l.Ways {
		w := &l.Ways[k]
		c := &l.Cards[l.index(w.From)]
		switch w.Side {
		case Left:
			c.left = append(c.left, w)
		case Right:
			c.right = append(c.right, w)
		}
	}
}

func (l *Layout) side(from int, to string) Side {
	if to == "" {
		return Right
	}
	switch j := l.index(to); {
	case j == from+1:
		return Down
	case j <= from:
		return Left
	}
	return Right
}

// lanes gives every stage that is come to from the side a lane, short ones next to the cards; lanes that
// nowhere run beside each other are one.
func (l *Layout) lanes(side Side) int {
	type lane struct {
		to         string
		first, end int // the stages it passes
		place      int
	}
	var lanes []lane
	for _, w := range l.Ways {
		if w.Side != side || w.To == "" {
			continue
		}
		a, b := l.index(w.From), l.index(w.To)
		k := slices.IndexFunc(lanes, func(x lane) bool { return x.to == w.To })
		if k < 0 {
			lanes = append(lanes, lane{to: w.To, first: b, end: b})
			k = len(lanes) - 1
		}
		lanes[k].first, lanes[k].end = min(lanes[k].first, a), max(lanes[k].end, a)
	}
	slices.SortStableFunc(lanes, func(a, b lane) int { return (a.end - a.first) - (b.end - b.first) })
	count := 0
	for i := range lanes {
		beside := func(x lane) bool {
			return x.place == lanes[i].place && x.first <= lanes[i].end && lanes[i].first <= x.end
		}
		for slices.ContainsFunc(lanes[:i], beside) {
			lanes[i].place++
		}
		count = max(count, lanes[i].place+1)
	}
	for k := range l.Ways {
		if w := &l.Ways[k]; w.Side == side && w.To != "" {
			w.lane = lanes[slices.IndexFunc(lanes, func(x lane) bool { return x.to == w.To })].place
		}
	}
	return count
}

// measure gives every card its height and place.
func (l *Layout) measure() {
	left, right := l.lanes(Left), l.lanes(Right)
	x := margin + leftZone + max(left, 1)*laneStep + 8
	l.Width = x + cardWidth + rightZone + pillWidth + max(right, 1)*laneStep + 8 + margin
	l.head()
	y := margin + 34 + len(l.Lines)*20 + 60
	for i := range l.Cards {
		c := &l.Cards[i]
		c.X, c.Y = x, y
		l.content(c)
		l.rows(c)
		gap := 36
		for k := range l.Ways {
			if w := &l.Ways[k]; w.From == c.Stage && w.Side == Down {
				w.Label = wrapItems(w.Titles, labelSize, cardWidth/2+rightZone-32)
				w.LabelX = c.X + c.W/2 + 12
				gap = max(gap, len(w.Label)*lineText+26)
				w.LabelY = c.Y + c.H + (gap-len(w.Label)*lineText)/2 + 11
			}
		}
		y += c.H + gap
	}
	l.Height = y
}

func (l *Layout) head() {
	l.Lines = append(l.Lines, wrap(l.d.About.In(l.tag), 14, l.Width-2*margin)...)
	items := l.allow(l.d.Overall)
	items[0] = l.say("全程 ", "In all ") + items[0]
	l.Lines = append(l.Lines, wrapItems(items, 14, l.Width-2*margin)...)
}

// content places what is inside a card.
func (l *Layout) content(c *Card) {
	c.top = c.Y + pad + len(c.Title)*lineTitle
	h := pad + len(c.Title)*lineTitle
	for _, f := range c.Facts {
		h += len(f.Lines)*lineText + 2
	}
	if len(c.Parts) > 0 {
		y := c.top + 6
		for k := range c.Parts {
			p := &c.Parts[k]
			p.X, p.Y = c.X+pad, y
			if k == 2 {
				p.X += c.Parts[1].W + 8
			}
			if k != 1 {
				y += p.H + 8
			}
		}
		h = y - c.Y - 8
	}
	c.H = h + pad - 2
}

// rows places what leaves and comes in at the sides of a card.
func (l *Layout) rows(c *Card) {
	incoming := func(side Side) bool {
		return slices.ContainsFunc(l.Ways, func(w Way) bool { return w.Side == side && w.To == c.Stage })
	}
	y := c.Y + 8
	if incoming(Left) {
		c.inLeft = y + 12
		y += 20
	}
	for _, w := range c.left {
		w.Label = wrapItems(w.Titles, labelSize, leftZone-20)
		w.height = len(w.Label)*lineText + 12
		y += w.height
		w.Path = []Point{{c.X, y}}
	}
	c.H = max(c.H, y+14-c.Y)
	y = c.Y + 8
	if incoming(Right) {
		c.inRt = y + 12
		y += 20
	}
	for _, w := range c.right {
		w.Label = wrapItems(w.Titles, labelSize, rightZone-32)
		w.height = len(w.Label)*lineText + 12
		if w.End != "" {
			end, _ := l.d.End(w.End)
			w.Pill = &Pill{Text: wrap(end.Title.In(l.tag), labelSize, pillWidth-28), Tone: end.tone(), W: pillWidth - 8}
			w.Pill.H = len(w.Pill.Text)*lineText + 10
			w.height = max(w.height, w.Pill.H/2+w.height/2+4)
		}
		y += w.height
		w.Path = []Point{{c.X + c.W, y}}
		if w.Pill != nil {
			w.Pill.X, w.Pill.Y = c.X+c.W+rightZone, y-w.Pill.H/2
			y += max(0, w.Pill.H/2-8)
		}
	}
	c.H = max(c.H, y+14-c.Y)
}

func (e End) tone() string {
	switch {
	case slices.Contains(e.Counts, "resolved"):
		return "good"
	case slices.Contains(e.Counts, "completed"):
		return "partial"
	case slices.Contains(e.Counts, "invalid"):
		return "refused"
	}
	return "plain"
}

// route draws the ways through their lanes.
func (l *Layout) route() {
	for k := range l.Ways {
		w := &l.Ways[k]
		from := &l.Cards[l.index(w.From)]
		switch {
		case w.Side == Down:
			to := &l.Cards[l.index(w.To)]
			w.Path = []Point{{from.X + from.W/2, from.Y + from.H}, {to.X + to.W/2, to.Y}}
			continue
		case w.End != "":
			w.Path = append(w.Path, Point{w.Pill.X, w.Path[0].Y})
		case w.Side == Left:
			x, to := from.X-leftZone-8-w.lane*laneStep, &l.Cards[l.index(w.To)]
			w.Path = append(w.Path, Point{x, w.Path[0].Y}, Point{x, to.inLeft}, Point{to.X, to.inLeft})
		default:
			x, to := from.X+from.W+rightZone+pillWidth+8+w.lane*laneStep, &l.Cards[l.index(w.To)]
			w.Path = append(w.Path, Point{x, w.Path[0].Y}, Point{x, to.inRt}, Point{to.X + to.W, to.inRt})
		}
		w.LabelY = w.Path[0].Y - 6 - (len(w.Label)-1)*lineText
		w.LabelX = from.X + from.W + 14
		if w.Side == Left {
			w.LabelX = from.X - 14 // ends there
		}
	}
}

// words is the foot: what can be done at any time, and afterwards, and what the model follows, said in both languages with a
// stroke between.
func (l *Layout) words() {
	list := func(head string, actions []Action) {
		var names []string
		for _, a := range actions {
			if a.Op == OpApprove || a.Op == OpRefuse || a.Op == OpAnswer || a.Op == OpResume {
				continue // belong to what is asked for
			}
			name := a.Title.In(l.tag)
			if s, ok := l.d.Stage(a.To); ok {
				name += " → " + s.Title.In(l.tag)
			}
			names = append(names, name)
		}
		if len(names) > 0 {
			names[0] = head + names[0]
			l.Foot = append(l.Foot, wrapItems(names, textSize, l.Width-2*margin)...)
		}
	}
	list(l.say("随时可做:", "At any time: "), l.d.Standing)
	list(l.say("办结以后:", "Afterwards: "), l.d.After)
	zh, en, _ := strings.Cut(l.d.Source, " / ")
	l.Foot = append(l.Foot, wrap(l.d.ID()+l.say(" · 依据:", " · after: ")+l.say(zh, en), textSize, l.Width-2*margin)...)
	l.Height += 12 + len(l.Foot)*20 + margin
}

// Key is a short id for an element of the picture.
func (c Card) Key() string { return "s" + strconv.Itoa(c.Number) }
