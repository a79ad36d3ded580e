package calendar

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"linli/internal/platform/lang"
)

// mark is what the State Council's notice says of one day.
type mark struct {
	off  bool // a day off; otherwise a make-up workday (调休上班)
	name lang.Text
}

// year is the announcement for one year. The day numbers may include the last days of the December
// before, since a New Year's break may begin there.
type year struct {
	number int
	days   map[int]mark
}

// announced tells whether the notice is out: a file without days stands for one that is still to come.
func (y *year) announced() bool { return len(y.days) > 0 }

const (
	maxHolidayFile = 1 << 20
	firstYear      = 1990 // years for which dates can be given
	finalYear      = 2199
)

// parseYear reads one file in the format of NateScarlet/holiday-cn.
func parseYear(data []byte, p *problems) *year {
	if len(data) > maxHolidayFile {
		p.add("", "too-large", "文件超过 1 MB,不像是放假安排", "more than 1 MB: this is no list of holidays")
		return nil
	}
	var doc struct {
		Schema string   `json:"$schema"`
		ID     string   `json:"$id"`
		Year   *int     `json:"year"`
		Papers []string `json:"papers"`
		Days   *[]struct {
			Name     string `json:"name"`
			Date     string `json:"date"`
			IsOffDay *bool  `json:"isOffDay"`
		} `json:"days"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		p.add("", "syntax", "不是约定格式的 JSON:"+err.Error(), "not JSON of the agreed form: "+err.Error())
		return nil
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		p.add("", "syntax", "JSON 之后还有多余内容", "there is more after the JSON document")
		return nil
	}
	if doc.Year == nil || *doc.Year < firstYear || *doc.Year > finalYear {
		p.addf("year", "out-of-range", "年份须在 %d 至 %d 之间", "must be a year from %d to %d", firstYear, finalYear)
		return nil
	}
	if doc.Days == nil {
		p.add("days", "missing", "缺少放假日期列表", "the list of days is missing")
		return nil
	}
	y := &year{number: *doc.Year, days: make(map[int]mark, len(*doc.Days))}
	for i, d := range *doc.Days {
		at := p.in("days[%d]", i)
		day, ok := parseDate(d.Date)
		if !ok {
			at.addf("date", "not-a-date", "「%s」不是日期,请写成 2027-01-01", "%q is no date; write it as 2027-01-01", short(d.Date))
			continue
		}
		if !y.mayHold(day) {
			at.addf("date", "other-year", "%s 不属于 %d 年(只有上一年 12 月下旬的元旦假期可以写在这里)",
				"%s is not in %d (only a New Year's break may begin in late December of the year before)", d.Date, y.number)
		}
		if _, twice := y.days[day]; twice {
			at.addf("date", "duplicate", "%s 出现了两次", "%s is given twice", d.Date)
		}
		if name := strings.TrimSpace(d.Name); name == "" || len(name) > 200 {
			at.add("name", "missing", "请写节日名称(不超过 60 字)", "name the holiday, in 60 characters at most")
		}
		if d.IsOffDay == nil {
			at.add("isOffDay", "missing", "请写 true(放假)或 false(调休上班)", "say true (day off) or false (make-up workday)")
			continue
		}
		y.days[day] = mark{*d.IsOffDay, holidayName(strings.TrimSpace(d.Name))}
	}
	y.checkMakeUp(p)
	return y
}

// mayHold tells whether a date may stand in the year's notice.
func (y *year) mayHold(day int) bool {
	return yearOf(day) == y.number || day < yearStart(y.number) && day >= yearStart(y.number)-12
}

// checkMakeUp finds weekdays given as make-up workdays: nearly always a wrong date. The one right use is
// the day on which work resumes after an extended holiday, as on Monday 2020-02-03.
func (y *year) checkMakeUp(p *problems) {
	for _, day := range sortedKeys(y.days) {
		m := y.days[day]
		w := weekdayOf(day)
		if m.off || w == time.Saturday || w == time.Sunday {
			continue
		}
		if before := y.days[day-1]; before.off && before.name == m.name {
			continue
		}
		p.addf("days", "not-a-weekend", "%s 是工作日,不能是调休上班日", "%s is an ordinary weekday and cannot be a make-up workday", dayText(day))
	}
}

func parseDate(s string) (int, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < firstYear-1 || t.Year() > finalYear {
		return 0, false
	}
	return dayOf(t.Date()), true
}

func dayText(day int) string {
	return moment{day, 0}.time().Format(time.DateOnly)
}

// holidayName gives the name of a holiday in both languages. The data is Chinese; a name we do not know
// (a holiday given once, such as a victory day) stays as it is.
func holidayName(zh string) lang.Text {
	var en []string
	for part := range strings.SplitSeq(zh, "、") {
		en = append(en, englishHoliday(part))
	}
	return lang.T(zh, strings.Join(en, " and "))
}

// englishHoliday names the holidays of the regulation on public holidays (全国年节及纪念日放假办法), art. 2 and 3.
func englishHoliday(zh string) string {
	switch zh {
	case "元旦", "新年":
		return "New Year's Day"
	case "春节":
		return "Spring Festival"
	case "清明节":
		return "Qingming Festival"
	case "劳动节":
		return "Labour Day"
	case "端午节":
		return "Dragon Boat Festival"
	case "中秋节":
		return "Mid-Autumn Festival"
	case "国庆节":
		return "National Day"
	}
	return zh
}
