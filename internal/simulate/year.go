package simulate

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"linli/internal/app"
	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/fault"
)

// Span is which year, and how much of it.
type Span struct {
	Seed  uint64
	From  time.Time // its first day
	Days  int       // 0: 365
	Count int       // reports and hotline orders together; 0: as many as the year has. Fewer keep the year's shape
}

// Stream invents the year: as many reports and calls as asked for, spread over days by the strength of their subjects,
// over hours by who brings them, over townships by their people and a liveliness of their own. The same seed gives
// the same stream.
//
// Errors: Invalid for a span that is none, or a subject without sample words.
func (y *Year) Stream(a *app.App, s Span) (*Stream, error) {
	full := y.Reports + y.Hotline
	if s.Days == 0 {
		s.Days = 365
	}
	if s.Count == 0 {
		s.Count = full
	}
	if s.Count < 1 || s.Count > MostArrivals || s.Days < 1 || s.Days > 3660 {
		return nil, fault.Newf(fault.Invalid, "synthetic", "上报数应为 1 到 %[1]d,天数应为 1 到 3660", "Between 1 and %[1]d reports over 1 to 3660 days", MostArrivals)
	}
	w, err := readWords(a.Models)
	if err != nil {
		return nil, err
	}
	p := &almanac{year: y, span: s, words: w, calls: y.Hotline * s.Count / max(full, 1), hours: map[string]dice{}}
	for name, from := range y.senders {
		p.hours[name] = newDice(from.hours)
	}
	from := s.From.In(beijing)
	p.from = time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, beijing)
	if err := p.subjects(); err != nil {
		return nil, err
	}
	if err := p.places(a); err != nil {
		return nil, err
	}
	p.weigh(a)
	out := &Stream{Count: s.Count, days: s.Days, day: p.day, year: y}
	for n := 0; out.First.IsZero(); n++ {
		if list := p.day(n); len(list) > 0 {
			out.First = list[0].At
		}
	}
	for n := s.Days - 1; out.Last.IsZero(); n-- {
		if list := p.day(n); len(list) > 0 {
			out.Last = list[len(list)-1].At
		}
	}
	return out, nil
}

// almanac is a year worked out for a county: how much of what falls on which day.
type almanac struct {
	year  *Year
	span  Span
	words *words
	from  time.Time
	calls int // hotline orders of the span

	leaves []leaf
	towns  []district
	reach  [][]bool // by period and township

	reports, hotline []int  // by day
	before           []int  // of all, before a day
	holidays         []bool // by day
	hours            map[string]dice
}

// leaf is a category with the sample reports that speak of it.
type leaf struct {
	category         string
	samples          []int
	reports, hotline float64
	months           []float64
}

// district is a township with its part of the reports and its grids by people.
type district struct {
	share float64
	codes []string
	grids dice
}

func (p *almanac) subjects() error {
	for _, m := range p.year.matters {
		var found []leaf
		for i, r := range p.words.reports {
			if !below(r.Category, m.category) {
				continue
			}
			at := slices.IndexFunc(found, func(l leaf) bool { return l.category == r.Category })
			if at < 0 {
				at = len(found)
				found = append(found, leaf{category: r.Category, months: m.months})
			}
			found[at].samples = append(found[at].samples, i)
		}
		if len(found) == 0 {
			return fault.Newf(fault.Invalid, "year-words", "分类 %[1]s 没有示例用语", "There are no sample reports for the category %[1]s", m.category)
		}
		for i := range found {
			found[i].reports, found[i].hotline = m.reports/float64(len(found)), m.hotline/float64(len(found))
		}
		p.leaves = append(p.leaves, found...)
	}
	return nil
}

// below tells whether a category is the other or one of those below it.
func below(category, of string) bool {
	return category == of || strings.HasPrefix(category, of+".")
}

// places gathers the grids by township; townships differ in how much they write down.
func (p *almanac) places(a *app.App) error {
	r := p.random(-1)
	tree := a.Areas.Tree()
	var codes []string
	people := map[string][]float64{}
	grids := map[string][]string{}
	for _, g := range tree.Areas() {
		if g.Level != area.Grid || g.Closed {
			continue
		}
		t, ok := tree.At(g.Code, area.Township)
		if !ok {
			t, _ = tree.Area(g.Parent)
		}
		if grids[t.Code] == nil {
			codes = append(codes, t.Code)
		}
		grids[t.Code] = append(grids[t.Code], g.Code)
		people[t.Code] = append(people[t.Code], float64(max(g.Population, 1)))
	}
	if len(codes) == 0 {
		return fault.New(fault.Invalid, "no-grids", "区域里还没有网格", "There are no grids among the areas")
	}
	for _, code := range codes {
		d := newDice(people[code])
		p.towns = append(p.towns, district{share: d[len(d)-1] * (0.65 + 0.8*r.Float64()), codes: grids[code], grids: d})
	}
	for _, x := range p.year.periods {
		reach := make([]bool, len(p.towns))
		for i := range reach {
			reach[i] = r.Float64() < x.where
		}
		if !slices.Contains(reach, true) {
			reach[r.IntN(len(reach))] = true
		}
		p.reach = append(p.reach, reach)
	}
	return nil
}

// weigh shares the reports and the calls out among the days.
func (p *almanac) weigh(a *app.App) {
	r := p.random(-2)
	reports, hotline := make([]float64, p.span.Days), make([]float64, p.span.Days)
	p.holidays = make([]bool, p.span.Days)
	for n := range p.span.Days {
		day := p.from.AddDate(0, 0, n)
		holiday := closed(a, day)
		p.holidays[n] = holiday
		weight := 0.85 + 0.3*r.Float64()
		var said, called float64
		for i := range p.leaves {
			f := p.average(&p.leaves[i], day)
			said += p.leaves[i].reports * f
			called += p.leaves[i].hotline * f
		}
		var senders float64
		for _, name := range reporters {
			senders += p.year.senders[name].on(day, holiday)
		}
		reports[n] = said * senders * weight
		hotline[n] = called * p.year.senders[fromHotline].on(day, holiday) * weight
	}
	p.reports, p.hotline = apportion(p.span.Count-p.calls, reports), apportion(p.calls, hotline)
	p.before = make([]int, p.span.Days)
	for n := 1; n < p.span.Days; n++ {
		p.before[n] = p.before[n-1] + p.reports[n-1] + p.hotline[n-1]
	}
}

var reporters = []string{fromAuxiliary, fromMember, fromResident}

// on is how strong they are on a day.
func (s *sender) on(day time.Time, holiday bool) float64 {
	f := max(s.share, 1e-9) * s.days[day.Weekday()]
	if holiday {
		f *= s.holiday
	}
	return f
}

// closed tells whether offices are closed on what would be a working day.
func closed(a *app.App, day time.Time) bool {
	working, _ := a.Calendars.Default().IsWorkday(day)
	return !working && day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// in tells whether the day falls into the period.
func (x *period) in(day time.Time, newYears []time.Time) bool {
	if x.from.month > 0 && x.to.month > 0 {
		at, from, to := day.YearDay(), x.from.in(day.Year()), x.to.in(day.Year())
		if from <= to {
			return at >= from && at <= to
		}
		return at >= from || at <= to // over the turn of the year
	}
	return slices.ContainsFunc(newYears, func(first time.Time) bool {
		days := int(day.Sub(first).Hours() / 24)
		return days >= x.from.day && days <= x.to.day
	})
}

func (d dayOfYear) in(year int) int {
	return time.Date(year, d.month, d.day, 0, 0, 0, 0, beijing).YearDay()
}

// factor is how much stronger than usual a subject is on a day in a township; in all of them alike when town is -1.
func (p *almanac) factor(l *leaf, day time.Time, town int) float64 {
	f := 1.0
	for i := range p.year.periods {
		x := &p.year.periods[i]
		local := x.where < 1
		if local != (town >= 0) || !slices.ContainsFunc(x.categories, func(of string) bool { return below(l.category, of) }) || !x.in(day, p.year.newYears) {
			continue
		}
		if !local || p.reach[i][town] {
			f *= x.times
		}
	}
	return f
}

// local tells whether the subject is stronger in some townships only.
func (p *almanac) local(l *leaf, day time.Time) bool {
	return slices.ContainsFunc(p.year.periods, func(x period) bool {
		return x.where < 1 && slices.ContainsFunc(x.categories, func(of string) bool { return below(l.category, of) }) && x.in(day, p.year.newYears)
	})
}

// average is how strong a subject is on a day over all townships.
func (p *almanac) average(l *leaf, day time.Time) float64 {
	f := l.months[day.Month()-1] * p.factor(l, day, -1)
	if !p.local(l, day) {
		return f
	}
	var sum, all float64
	for i := range p.towns {
		sum += p.towns[i].share * p.factor(l, day, i)
		all += p.towns[i].share
	}
	return f * sum / all
}

// random gives the chances of a day; each has its own, so that a stream can be taken up anywhere.
func (p *almanac) random(day int) *rand.Rand {
	return rand.New(rand.NewPCG(p.span.Seed, 0x79656172<<16+uint64(day+2)))
}

// day makes the reports of a day.
func (p *almanac) day(n int) []Arrival {
	r := p.random(n)
	day := p.from.AddDate(0, 0, n)
	said, called := make([]float64, len(p.leaves)), make([]float64, len(p.leaves))
	towns := make([]dice, len(p.leaves))
	usual := make([]float64, len(p.towns))
	for i := range p.towns {
		usual[i] = p.towns[i].share
	}
	anywhere := newDice(usual)
	for i := range p.leaves {
		l := &p.leaves[i]
		f := p.average(l, day)
		said[i], called[i], towns[i] = l.reports*f, l.hotline*f, anywhere
		if p.local(l, day) {
			here := make([]float64, len(p.towns))
			for j := range p.towns {
				here[j] = p.towns[j].share * p.factor(l, day, j)
			}
			towns[i] = newDice(here)
		}
	}
	who := make([]float64, len(reporters))
	for i, name := range reporters {
		who[i] = p.year.senders[name].on(day, p.holidays[n])
	}
	out := make([]Arrival, 0, p.reports[n]+p.hotline[n])
	whoDice, saidDice, calledDice := newDice(who), newDice(said), newDice(called)
	for range p.reports[n] {
		out = append(out, p.arrival(r, day, reporters[whoDice.roll(r)], saidDice.roll(r), towns))
	}
	for range p.hotline[n] {
		out = append(out, p.arrival(r, day, fromHotline, calledDice.roll(r), towns))
	}
	slices.SortStableFunc(out, func(a, b Arrival) int { return a.At.Compare(b.At) })
	for i := range out {
		out[i].Row = p.before[n] + i + 1
		out[i].ID = fmt.Sprintf("year-%d-%d", p.span.Seed, out[i].Row)
	}
	return out
}

func (p *almanac) arrival(r *rand.Rand, day time.Time, from string, leaf int, towns []dice) Arrival {
	s, l := p.year.senders[from], &p.leaves[leaf]
	t := &p.towns[towns[leaf].roll(r)]
	at := day.Add(time.Duration(p.hours[from].roll(r))*time.Hour + time.Duration(r.IntN(3600))*time.Second)
	a := Arrival{At: at, Category: l.category, Grid: t.codes[t.grids.roll(r)], sample: l.samples[r.IntN(len(l.samples))] + 1, from: from, here: r.Float64() < s.point}
	switch from {
	case fromResident, fromHotline:
		a.Channel = from
	default:
		a.Channel = "staff"
	}
	return a
}

// dress makes a sample report the words of one sender: how they begin and end, their name and telephone.
func (y *Year) dress(r *casework.Report, from string, chance *rand.Rand, w *words) {
	say := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return list[chance.IntN(len(list))]
	}
	begin, end := say(y.openings[from]), say(y.closings[from])
	r.Text = begin + r.Text + end
	switch {
	case from == fromHotline, from == fromResident && chance.Float64() < 0.5:
		r.Name, r.Phone = w.caller(chance), fmt.Sprintf("100%08d", 40_000_000+chance.IntN(callers))
	case from == fromResident:
		r.Anonymous = chance.Float64() < 0.4
	}
}

// callers is how many telephones a county calls from; some call more than once.
const callers = 260_000

// apportion shares n out by weight, whole numbers, the largest remainders first.
func apportion(n int, weights []float64) []int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	out := make([]int, len(weights))
	order := make([]int, len(weights))
	rest := make([]float64, len(weights))
	left := n
	for i, w := range weights {
		exact := float64(n) * w / sum
		out[i], order[i] = int(exact), i
		rest[i] = exact - float64(out[i])
		left -= out[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order[:left] {
		out[i]++
	}
	return out
}
