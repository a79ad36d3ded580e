package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"linli/internal/platform/lang"
)

// document is a calendar as its YAML file writes it; docs/calendars.md explains every key.
type document struct {
	ID        string              `yaml:"id"`
	Title     lang.Text           `yaml:"title"`
	Default   bool                `yaml:"default"`
	Holidays  string              `yaml:"holidays"`
	LastDay   string              `yaml:"last_day"`
	Workdays  []string            `yaml:"workdays"`
	Windows   []string            `yaml:"windows"`
	Weekdays  map[string][]string `yaml:"weekdays"`
	Seasons   []seasonDoc         `yaml:"seasons"`
	Closed    []closedDoc         `yaml:"closed"`
	Open      []openDoc           `yaml:"open"`
	Emergency []string            `yaml:"emergency"`
}

type seasonDoc struct {
	Title    lang.Text           `yaml:"title"`
	From     string              `yaml:"from"`
	To       string              `yaml:"to"`
	Windows  []string            `yaml:"windows"`
	Weekdays map[string][]string `yaml:"weekdays"`
}

type closedDoc struct {
	Date  string    `yaml:"date"`
	Until string    `yaml:"until"`
	Title lang.Text `yaml:"title"`
}

type openDoc struct {
	Date    string    `yaml:"date"`
	Windows []string  `yaml:"windows"`
	Workday *bool     `yaml:"workday"`
	Title   lang.Text `yaml:"title"`
}

const (
	maxCalendarFile = 256 << 10
	maxWindows      = 24
	maxSeasons      = 24
	maxOwnDays      = 5000
)

var calendarID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// parseCalendar reads one calendar file and checks it through and through. It gives nil when anything
// is wrong; p then says what.
func parseCalendar(data []byte, p *problems) *rules {
	if len(data) > maxCalendarFile {
		p.add("", "too-large", "文件超过 256 KB", "more than 256 KB")
		return nil
	}
	var doc document
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		p.add("", "empty", "文件是空的", "the file is empty")
		return nil
	case err != nil:
		text := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), " in type calendar.document", "")
		p.add("", "syntax", "YAML 写法有误:"+text, "not a calendar in YAML: "+text)
		return nil
	}
	var more yaml.Node
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		p.add("", "syntax", "一个文件只写一个日历", "one file holds one calendar")
		return nil
	}
	found := p.count()
	r := doc.rules(p)
	if p.count() > found {
		return nil
	}
	return r
}

// rules checks the document and puts it into the form that days are looked up in.
func (doc *document) rules(p *problems) *rules {
	r := &rules{id: doc.ID, title: doc.Title, isDefault: doc.Default, own: map[int]ownDay{}}
	if !calendarID.MatchString(doc.ID) {
		p.addf("id", "wrong", "「%s」不行:用小写字母、数字和连字符,字母开头,不超过 40 个",
			"%q will not do: lower-case letters, digits and hyphens, a letter first, 40 at most", short(doc.ID))
	}
	if doc.Title.ZH == "" || doc.Title.EN == "" {
		p.add("title", "missing", "名称要有中文和英文(zh、en)", "give the title in Chinese and English (zh, en)")
	}
	switch doc.Holidays {
	case "china":
		r.china = true
	case "none":
	default:
		p.addf("holidays", "unknown", "「%s」不行:写 china(按国务院通知)或 none(无节假日)",
			"%q will not do: write china (the State Council's notices) or none", short(doc.Holidays))
	}
	switch doc.LastDay {
	case "", "roll":
		r.rolls = true
	case "keep":
	default:
		p.addf("last_day", "unknown", "「%s」不行:写 roll(遇休息日顺延)或 keep(不顺延)",
			"%q will not do: write roll (off a rest day) or keep", short(doc.LastDay))
	}
	r.readWorkdays(doc.Workdays, p)
	r.usual = readWeek(doc.Windows, doc.Weekdays, week{}, r.workday, p)
	r.readSeasons(doc.Seasons, p)
	r.readClosed(doc.Closed, p)
	r.readOpen(doc.Open, p)
	r.emergency = []span{{0, dayMinutes}}
	if doc.Emergency != nil {
		r.emergency = readWindows(doc.Emergency, "emergency", p)
		if len(r.emergency) == 0 {
			p.add("emergency", "empty", "应急时间不能为空;全天候请删去这一项", "must not be empty; leave it out for round the clock")
		}
	}
	return r
}

func (r *rules) readWorkdays(names []string, p *problems) {
	if names == nil {
		names = []string{"mon", "tue", "wed", "thu", "fri"}
	}
	if len(names) == 0 {
		p.add("workdays", "empty", "每周至少要有一个工作日", "a week needs a working day")
	}
	for i, name := range names {
		w, ok := weekdayNamed(name)
		at := fmt.Sprintf("workdays[%d]", i)
		switch {
		case !ok:
			p.addf(at, "unknown", "「%s」不是星期,请写 mon 至 sun", "%q is no weekday; write mon to sun", short(name))
		case r.workday[w]:
			p.addf(at, "duplicate", "%s 写了两次", "%s is given twice", name)
		default:
			r.workday[w] = true
		}
	}
}

// readWeek reads the windows of a week. windows holds for every working day; weekdays changes single days
// and gives other days duty hours. What a season leaves out it takes from the usual week.
func readWeek(windows []string, weekdays map[string][]string, usual week, workday [7]bool, p *problems) week {
	found := p.count()
	w := usual
	if windows != nil {
		w.full = readWindows(windows, "windows", p)
		for d := range w.hours {
			if workday[d] {
				w.hours[d] = w.full
			}
		}
	}
	for _, name := range sortedKeys(weekdays) {
		d, ok := weekdayNamed(name)
		if !ok {
			p.addf("weekdays."+short(name), "unknown", "不是星期,请写 mon 至 sun", "no weekday; write mon to sun")
			continue
		}
		w.hours[d] = readWindows(weekdays[name], "weekdays."+name, p)
	}
	if p.count() > found {
		return w // a wrong window would only be reported again as a missing one
	}
	for i := range 7 {
		d := (i + 1) % 7 // from Monday
		if !workday[d] {
			continue
		}
		if len(w.hours[d]) == 0 {
			p.addf("windows", "empty", "工作日 %s 没有上班时间", "%s is a working day without any window", weekdayNames[d])
		}
		if w.full == nil {
			w.full = w.hours[d] // make-up workdays then keep the hours of the first day of the week
		}
	}
	return w
}

func (r *rules) readSeasons(docs []seasonDoc, p *problems) {
	if len(docs) > maxSeasons {
		p.addf("seasons", "too-many", "最多 %d 个季节", "%d seasons at most", maxSeasons)
		return
	}
	for i, doc := range docs {
		at := p.in("seasons[%d]", i)
		from, ok1 := parseMonthDay(doc.From)
		to, ok2 := parseMonthDay(doc.To)
		if !ok1 {
			at.addf("from", "not-a-date", "「%s」不是月日,请写成 06-01", "%q is no day of the year; write it as 06-01", short(doc.From))
		}
		if !ok2 {
			at.addf("to", "not-a-date", "「%s」不是月日,请写成 09-30", "%q is no day of the year; write it as 09-30", short(doc.To))
		}
		if doc.Windows == nil && len(doc.Weekdays) == 0 {
			at.add("windows", "missing", "季节里要写不同的上班时间", "a season must change some windows")
		}
		s := season{from, to, doc.Title, readWeek(doc.Windows, doc.Weekdays, r.usual, r.workday, at)}
		for j, other := range r.seasons {
			if ok1 && ok2 && s.overlaps(other) {
				at.addf("from", "overlap", "与第 %d 个季节的日期重叠", "overlaps season number %d", j+1)
			}
		}
		r.seasons = append(r.seasons, s)
	}
}

func (r *rules) readClosed(docs []closedDoc, p *problems) {
	for i, doc := range docs {
		at := p.in("closed[%d]", i)
		first, ok := parseDate(doc.Date)
		if !ok {
			at.addf("date", "not-a-date", "「%s」不是日期,请写成 2027-01-01", "%q is no date; write it as 2027-01-01", short(doc.Date))
			continue
		}
		last := first
		if doc.Until != "" {
			if last, ok = parseDate(doc.Until); !ok || last < first || last-first > 366 {
				at.addf("until", "not-a-date", "「%s」须是开始日之后一年以内的日期", "%q must be a date up to a year after the first day", short(doc.Until))
				continue
			}
		}
		for day := first; day <= last; day++ {
			r.addOwn(day, ownDay{closed: true, title: doc.Title}, at)
		}
	}
}

func (r *rules) readOpen(docs []openDoc, p *problems) {
	for i, doc := range docs {
		at := p.in("open[%d]", i)
		day, ok := parseDate(doc.Date)
		if !ok {
			at.addf("date", "not-a-date", "「%s」不是日期,请写成 2027-01-01", "%q is no date; write it as 2027-01-01", short(doc.Date))
			continue
		}
		o := ownDay{title: doc.Title, workday: doc.Workday == nil || *doc.Workday, spans: r.weekOn(day).full}
		if doc.Windows != nil {
			if o.spans = readWindows(doc.Windows, "windows", at); len(o.spans) == 0 {
				at.add("windows", "empty", "加开的日子要有上班时间", "a day opened needs a window")
			}
		}
		r.addOwn(day, o, at)
	}
}

func (r *rules) addOwn(day int, o ownDay, p *problems) {
	if _, twice := r.own[day]; twice {
		p.addf("date", "duplicate", "%s 在 closed 和 open 里出现了两次", "%s is given twice in closed and open", dayText(day))
	}
	if len(r.own) == maxOwnDays {
		p.addf("date", "too-many", "closed 和 open 最多共 %d 天", "closed and open hold %d days at most", maxOwnDays)
		return
	}
	r.own[day] = o
}

// readWindows reads the windows of one day, puts them in order and refuses what overlaps.
func readWindows(list []string, field string, p *problems) []span {
	if len(list) > maxWindows {
		p.addf(field, "too-many", "一天最多 %d 个时段", "%d windows a day at most", maxWindows)
		return nil
	}
	spans := make([]span, 0, len(list))
	for i, s := range list {
		at := fmt.Sprintf("%s[%d]", field, i)
		a, b, _ := strings.Cut(s, "-")
		from, ok1 := parseClock(a)
		to, ok2 := parseClock(b)
		switch {
		case !ok1 || !ok2 || from == dayMinutes:
			p.addf(at, "not-a-window", "「%s」不是时段,请写成 \"08:30-12:00\"", `%q is no window; write it as "08:30-12:00"`, short(s))
		case from == to:
			p.addf(at, "empty", "时段「%s」没有长度;全天写 \"00:00-24:00\"", `the window %q has no length; write "00:00-24:00" for the whole day`, s)
		case from > to:
			p.addf(at, "past-midnight", "时段「%s」跨过了半夜:请分成当天的 \"%s-24:00\" 和次日的 \"00:00-%s\"",
				`the window %q runs past midnight: split it into "%s-24:00" on this day and "00:00-%s" on the next`, s, strings.TrimSpace(a), strings.TrimSpace(b))
		default:
			spans = append(spans, span{from, to})
		}
	}
	slices.SortFunc(spans, func(x, y span) int { return x.from - y.from })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			p.addf(field, "overlap", "时段 %s 与 %s 重叠", "the windows %s and %s overlap", spans[i-1], spans[i])
		}
	}
	return spans
}

func (s span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.from/60, s.from%60, s.to/60, s.to%60)
}

// parseClock reads HH:MM up to 24:00 as minutes since midnight.
func parseClock(s string) (int, bool) {
	h, m, _ := strings.Cut(strings.TrimSpace(s), ":")
	if len(h) == 0 || len(h) > 2 || len(m) != 2 {
		return 0, false
	}
	hours, err1 := strconv.ParseUint(h, 10, 8)
	minutes, err2 := strconv.ParseUint(m, 10, 8)
	n := int(hours*60 + minutes)
	return n, err1 == nil && err2 == nil && minutes < 60 && n <= dayMinutes
}

// parseMonthDay reads MM-DD as 100*month+day; 02-29 is allowed.
func parseMonthDay(s string) (int, bool) {
	t, err := time.Parse(time.DateOnly, "2000-"+s)
	return int(t.Month())*100 + t.Day(), err == nil
}

var weekdayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func weekdayNamed(s string) (int, bool) {
	i := slices.Index(weekdayNames[:], s)
	return i, i >= 0
}
