package simulate

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// Year is what a year brings to a county: how many reports and hotline orders, who brings them, what they are about
// and when. Its file is explained in models/samples/year-rugao.yaml.
type Year struct {
	Reports    int // without those of the hotline
	Hotline    int
	Informants int

	senders  map[string]*sender
	matters  []matter
	periods  []period
	newYears []time.Time
	openings map[string][]string
	closings map[string][]string
}

// sender is a kind of people who bring reports, and when they do.
type sender struct {
	share   float64
	days    []float64 // Sunday first
	hours   []float64
	holiday float64 // what is left on a public holiday
	point   float64 // how often the position is known
}

// matter is a subject with its part of the reports and of the calls.
type matter struct {
	category         string
	reports, hotline float64
	months           []float64
}

// period is a stretch of days in which some subjects are stronger than usual.
type period struct {
	name       lang.Text
	from, to   dayOfYear
	categories []string
	times      float64
	where      float64 // part of the townships
}

// dayOfYear is a date of any year, or so many days after the first of the lunar year.
type dayOfYear struct {
	month time.Month // 0: lunar
	day   int
}

// Senders of the reports, by the role or channel they are named by in the file.
const (
	fromAuxiliary = "auxiliary"
	fromMember    = "grid-member"
	fromResident  = "resident"
	fromHotline   = "hotline"
)

// RugaoYear is the built-in file, or the one a county put in its place.
func RugaoYear(files fs.FS) (*Year, error) {
	const name = "samples/year-rugao.yaml"
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return ParseYear(name, text)
}

// ParseYear reads the text of a year's file. Errors: Invalid "year-file" naming every wrong place as
// file:line:column.
func ParseYear(name string, text []byte) (*Year, error) {
	l := &fileReader{lint: lint{file: name, bad: fault.Newf(fault.Invalid, "year-file", "年度文件 %[1]s 有误", "The file of a year %[1]s needs correcting", name)}}
	doc := l.document(text)
	if doc == nil {
		return nil, l.err()
	}
	y := l.year(doc)
	return y, l.err()
}

func (l *fileReader) year(n *yaml.Node) *Year {
	k := l.keys(n, "version", "reports", "hotline", "informants", "senders", "months", "matters", "periods", "new_years", "openings", "closings")
	y := &Year{Reports: int(l.number(k["reports"], 0, 0, MostArrivals)), Hotline: int(l.number(k["hotline"], 0, 0, MostArrivals)),
		Informants: int(l.number(k["informants"], 0, 0, 100_000)), senders: map[string]*sender{}}
	known := []string{fromAuxiliary, fromMember, fromResident, fromHotline}
	for _, p := range l.pairs(k["senders"]) {
		if !slices.Contains(known, p.key.Value) {
			l.at(p.key, "unknown-sender", "不认识“"+p.key.Value+"”", "unknown sender "+strconv.Quote(p.key.Value))
			continue
		}
		y.senders[p.key.Value] = l.sender(p.value)
	}
	for _, name := range known {
		if y.senders[name] == nil {
			l.at(n, "missing", "senders 里缺少 "+name, "senders has no "+name)
		}
	}
	months := map[string][]float64{}
	for _, p := range l.pairs(k["months"]) {
		months[p.key.Value] = l.strengths(p.value, 12)
	}
	for _, row := range l.items(k["matters"]) {
		y.matters = append(y.matters, l.matter(row, months))
	}
	if len(y.matters) == 0 {
		l.at(n, "missing", "缺少 matters", "matters are missing")
	}
	for _, row := range l.items(k["periods"]) {
		y.periods = append(y.periods, l.period(row))
	}
	for _, x := range l.items(k["new_years"]) {
		day, err := time.ParseInLocation(time.DateOnly, x.Value, beijing)
		if err != nil {
			l.at(x, "date", "日期写作 2026-02-17", "Write a date as 2026-02-17")
		}
		y.newYears = append(y.newYears, day)
	}
	y.openings, y.closings = l.phrases(k["openings"]), l.phrases(k["closings"])
	return y
}

func (l *fileReader) sender(n *yaml.Node) *sender {
	k := l.keys(n, "share", "days", "hours", "holiday", "point")
	return &sender{share: l.share(k["share"]), days: l.strengths(k["days"], 7), hours: l.strengths(k["hours"], 24),
		holiday: l.share(k["holiday"]), point: l.share(k["point"])}
}

func (l *fileReader) matter(n *yaml.Node, months map[string][]float64) matter {
	k := l.keys(n, "category", "reports", "hotline", "months")
	m := matter{category: word(k["category"]), reports: l.number(k["reports"], 0, 0, 1e6), hotline: l.number(k["hotline"], 0, 0, 1e6), months: months[word(k["months"])]}
	if m.category == "" {
		l.at(n, "missing", "缺少 category", "The category is missing")
	}
	if m.months == nil {
		l.at(n, "unknown-months", "没有这一种月份强弱", "There is no such strength by month")
	}
	return m
}

func (l *fileReader) period(n *yaml.Node) period {
	k := l.keys(n, "name", "from", "to", "categories", "times", "where")
	p := period{from: l.dayOfYear(n, k["from"]), to: l.dayOfYear(n, k["to"]), times: l.number(k["times"], 1, 0, 1000), where: l.number(k["where"], 1, 0, 1)}
	name := l.keys(k["name"], "zh", "en")
	p.name = lang.T(word(name["zh"]), word(name["en"]))
	for _, x := range l.items(k["categories"]) {
		p.categories = append(p.categories, x.Value)
	}
	return p
}

// dayOfYear reads 06-15, or a number of days since the Spring Festival.
func (l *fileReader) dayOfYear(row, n *yaml.Node) (d dayOfYear) {
	text := word(n)
	if at, err := time.Parse("01-02", text); err == nil {
		return dayOfYear{at.Month(), at.Day()}
	}
	days, err := strconv.Atoi(text)
	if err != nil || days < -180 || days > 180 {
		if n == nil {
			n = row
		}
		l.at(n, "date", "写作 06-15,或距春节的天数", "Write 06-15, or a number of days from the Spring Festival")
	}
	return dayOfYear{0, days}
}

// strengths reads so many numbers, not all of them 0.
func (l *fileReader) strengths(n *yaml.Node, length int) (out []float64) {
	var sum float64
	for _, x := range l.items(n) {
		out = append(out, l.number(x, 0, 0, 1000))
		sum += out[len(out)-1]
	}
	if len(out) != length || sum <= 0 {
		if n != nil {
			l.at(n, "strengths", "这里要写 "+strconv.Itoa(length)+" 个数,且不能全为 0", "Write "+strconv.Itoa(length)+" numbers here, not all of them 0")
		} else {
			l.add(0, 0, "missing", "缺少强弱数", "Strengths are missing")
		}
		return slices.Repeat([]float64{1}, length)
	}
	return out
}

func (l *fileReader) phrases(n *yaml.Node) map[string][]string {
	out := map[string][]string{}
	for _, p := range l.pairs(n) {
		for _, x := range l.items(p.value) {
			out[p.key.Value] = append(out[p.key.Value], x.Value)
		}
	}
	return out
}
