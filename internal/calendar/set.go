package calendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Set is all calendars of an installation, one of them the default. It is immutable; WithYear gives a
// new one.
type Set struct {
	calendars map[string]*Calendar
	fallback  *Calendar
	years     map[int]*year
}

// Load reads calendars/*.yaml and calendars/holidays/*.json of the models folder. Everything wrong in any
// file is told at once, in one fault.Invalid whose fields name file and place.
func Load(files fs.FS) (*Set, error) {
	p := newProblems()
	years := loadYears(files, p)
	var all []*rules
	names, err := list(files, "calendars", ".yaml", ".yml")
	if err != nil {
		return nil, fmt.Errorf("listing calendars: %w", err)
	}
	for _, name := range names {
		at := p.file(name)
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading a calendar: %w", err)
		}
		r := parseCalendar(data, at)
		if r == nil {
			continue
		}
		for _, other := range all {
			if other.id == r.id {
				at.addf("id", "duplicate", "已有另一个日历叫「%s」", "another calendar is called %q already", r.id)
			}
			if other.isDefault && r.isDefault {
				at.addf("default", "duplicate", "默认日历已经是「%s」", "%q is the default already", other.id)
			}
		}
		all = append(all, r)
	}
	if p.count() == 0 && len(all) == 0 {
		p.add("calendars", "empty", "没有工作日历:请在模型目录的 calendars/ 里放一个 .yaml 文件", "no calendar: put a .yaml file into calendars/ of the models folder")
	}
	if len(all) == 1 {
		all[0].isDefault = true // the only one needs no word
	}
	if p.count() == 0 && !slices.ContainsFunc(all, func(r *rules) bool { return r.isDefault }) {
		p.add("calendars", "no-default", "没有默认日历:请在一个日历里写 default: true", "no default calendar: write default: true in one of them")
	}
	if err := p.err("calendars-invalid", "工作日历有误,请改正所指之处", "The working calendars are wrong; correct the places named"); err != nil {
		return nil, err
	}
	return newSet(all, years), nil
}

func loadYears(files fs.FS, p *problems) map[int]*year {
	years := map[int]*year{}
	names, err := list(files, "calendars/holidays", ".json")
	if err != nil {
		p.add("calendars/holidays", "unreadable", "读不了目录:"+err.Error(), "cannot be read: "+err.Error())
	}
	for _, name := range names {
		at := p.file(name)
		data, err := fs.ReadFile(files, name)
		if err != nil {
			at.add("", "unreadable", "读不了文件:"+err.Error(), "cannot be read: "+err.Error())
			continue
		}
		y := parseYear(data, at)
		if y == nil {
			continue
		}
		if want := strconv.Itoa(y.number) + ".json"; path.Base(name) != want {
			at.addf("year", "other-file", "%d 年的放假安排应放在 %s", "the holidays of %d belong into %s", y.number, want)
		}
		years[y.number] = y
	}
	return years
}

// list gives the files of a folder with one of the endings; a folder that is not there has none.
func list(files fs.FS, folder string, endings ...string) ([]string, error) {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		if _, gone := fs.Stat(files, folder); gone != nil {
			return nil, nil //nolint:nilerr // a folder that is not there has no files
		}
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && slices.Contains(endings, path.Ext(e.Name())) {
			names = append(names, path.Join(folder, e.Name()))
		}
	}
	return names, nil
}

func newSet(all []*rules, years map[int]*year) *Set {
	s := &Set{calendars: make(map[string]*Calendar, len(all)), years: years}
	for _, r := range all {
		c := r.compile(years)
		s.calendars[r.id] = c
		if r.isDefault {
			s.fallback = c
		}
	}
	return s
}

// Get gives the calendar of the id, or the default one where there is none of that id.
func (s *Set) Get(id string) *Calendar {
	if c, ok := s.calendars[id]; ok {
		return c
	}
	return s.fallback
}

// Lookup gives the calendar of the id.
func (s *Set) Lookup(id string) (*Calendar, bool) {
	c, ok := s.calendars[id]
	return c, ok
}

// Default gives the calendar used where none is named.
func (s *Set) Default() *Calendar { return s.fallback }

// All gives every calendar, the default first, the others by id.
func (s *Set) All() []*Calendar {
	all := []*Calendar{s.fallback}
	for _, id := range sortedKeys(s.calendars) {
		if c := s.calendars[id]; c != s.fallback {
			all = append(all, c)
		}
	}
	return all
}

// Years gives the years whose holidays are announced, in order.
func (s *Set) Years() []int {
	var years []int
	for _, n := range sortedKeys(s.years) {
		if s.years[n].announced() {
			years = append(years, n)
		}
	}
	return years
}

// WithYear gives a new set in which the year of the file is added or replaced; the calendars that keep
// holidays get new versions, the old set stays as it was. The file has the format of NateScarlet/holiday-cn.
// Errors are fault.Invalid with every wrong place as a field.
func (s *Set) WithYear(data []byte) (*Set, error) {
	p := newProblems()
	y := parseYear(data, p)
	if y != nil && p.count() == 0 && !y.announced() {
		p.addf("days", "empty", "没有日期:%d 年的放假通知公布后再导入", "holds no dates: import %d when its notice is out", y.number)
	}
	if err := p.err("holidays-invalid", "放假安排有误,请改正所指之处", "The holiday file is wrong; correct the places named"); err != nil {
		return nil, err
	}
	years := maps.Clone(s.years)
	years[y.number] = y
	next := &Set{calendars: maps.Clone(s.calendars), fallback: s.fallback, years: years}
	for id, c := range s.calendars {
		if c.rules.china {
			next.calendars[id] = c.rules.compile(years)
		}
	}
	next.fallback = next.calendars[s.fallback.rules.id]
	return next, nil
}

// Missing gives the fixed public holidays that the year's data does not make a day off: 1 January, 1 May
// and 1 to 3 October (全国年节及纪念日放假办法, art. 2). Anything in it means that the file is likely
// incomplete. A year that is not announced misses none.
func (s *Set) Missing(number int) []string {
	y := s.years[number]
	if y == nil || !y.announced() {
		return nil
	}
	var missing []string
	for _, monthDay := range []string{"01-01", "05-01", "10-01", "10-02", "10-03"} {
		date := fmt.Sprintf("%04d-%s", number, monthDay)
		if day, _ := parseDate(date); !y.days[day].off {
			missing = append(missing, date)
		}
	}
	return missing
}

// version names the rules: announced years, and a hash over all that results depend on.
func (r *rules) version(years map[int]*year) string {
	h := sha256.New()
	// The rules as they are looked up, maps in order of their keys: comments and spelling of the file do not count.
	fmt.Fprintln(h, r.china, r.rolls, r.workday, r.usual, r.seasons, r.own, r.emergency)
	label := "plain"
	if r.china {
		label = hashYears(h, years)
	}
	return label + "." + hex.EncodeToString(h.Sum(nil))[:12]
}

// hashYears adds the holiday data and gives the announced years in words, such as "2019-2022+2024".
func hashYears(h hash.Hash, years map[int]*year) string {
	var label strings.Builder
	first, last := 0, 0
	flush := func() {
		if first == 0 {
			return
		}
		if label.Len() > 0 {
			label.WriteByte('+')
		}
		label.WriteString(strconv.Itoa(first))
		if last > first {
			fmt.Fprintf(&label, "-%d", last)
		}
	}
	for _, n := range sortedKeys(years) {
		y := years[n]
		if !y.announced() {
			continue
		}
		if n != last+1 {
			flush()
			first = n
		}
		last = n
		fmt.Fprintf(h, "\n%d", n)
		for _, day := range sortedKeys(y.days) {
			fmt.Fprintf(h, "\n%s %t %s", dayText(day), y.days[day].off, y.days[day].name.ZH)
		}
	}
	flush()
	if label.Len() == 0 {
		return "unannounced"
	}
	return label.String()
}
