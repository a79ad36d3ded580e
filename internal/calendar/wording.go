package calendar

import (
	"fmt"
	"strings"
	"time"

	"linli/internal/platform/lang"
)

// dayText is the line of one step: its days, what they are, and what they count.
func (e *explainer) dayText(s Step) string {
	zh, en := e.whatText(s)
	czh, cen := e.countText(s)
	if s.Provisional {
		czh += "(当年放假安排未公布,暂定)"
		cen += " (holidays of the year not announced yet: provisional)"
	}
	return lang.T(dates(s, lang.ZH)+" "+zh+":"+czh, dates(s, lang.EN)+" "+en+": "+cen).In(e.tag)
}

func dates(s Step, tag lang.Tag) string {
	if s.Days == 1 {
		return dateText(s.From, tag)
	}
	if tag == lang.EN {
		return fmt.Sprintf("%s to %s (%d days)", dateText(s.From, tag), dateText(s.To, tag), s.Days)
	}
	return fmt.Sprintf("%s 至 %s(%d 天)", dateText(s.From, tag), dateText(s.To, tag), s.Days)
}

func dateText(t time.Time, tag lang.Tag) string {
	if tag == lang.EN {
		return t.Format("Mon 2006-01-02")
	}
	return t.Format(time.DateOnly) + " 周" + [...]string{"日", "一", "二", "三", "四", "五", "六"}[t.Weekday()]
}

// whatText says what sort of day it is.
func (e *explainer) whatText(s Step) (zh, en string) {
	named := func(zh, en string) (string, string) {
		if s.Name == "" {
			return zh, en
		}
		return zh + "(" + s.Name + ")", en + " (" + s.Name + ")"
	}
	rolled := e.a.Measure == Days && s.Kind != StepDay && s.Kind != StepStart && s.Kind != StepRun
	switch s.Kind {
	case StepStart:
		return "起算日", "day of the start"
	case StepRest:
		return "休息日", "rest day"
	case StepHoliday:
		return named("放假", "holiday")
	case StepMakeUp:
		return named("调休上班", "make-up workday")
	case StepClosed:
		return named("本单位休息", "closed")
	case StepOpened:
		return named("本单位加开", "opened")
	case StepRun:
		return "合计", "together"
	case StepDay:
		if e.a.Measure == Emergency {
			return "应急时段", "emergency windows"
		}
		return named("自然日", "calendar day")
	}
	if rolled {
		return "顺延至工作日", "moved to a working day"
	}
	return "工作日", "working day"
}

// countText says what the step adds and what the sum is now.
func (e *explainer) countText(s Step) (zh, en string) {
	if e.a.Measure == Days && s.Counted == 0 && s.Kind != StepStart {
		if s.To.Equal(moment{e.to.day, 0}.time()) {
			return "期间最后一日顺延到这一天", "the last day of the period moves here"
		}
		return "最后一日遇休息日,顺延", "the last day falls on a rest day and moves on"
	}
	if e.inDays() {
		if s.Counted == 0 {
			return "不计", "does not count"
		}
		return fmt.Sprintf("计 %d 天,累计 %d 天", s.Counted, e.counted),
			fmt.Sprintf("counts %s, %d so far", count(int64(s.Counted), "day"), e.counted)
	}
	if s.Time == 0 {
		return "不计", "does not count"
	}
	return fmt.Sprintf("计 %s,累计 %s", durationText(s.Time, lang.ZH), durationText(e.sum, lang.ZH)),
		fmt.Sprintf("counts %s, %s so far", durationText(s.Time, lang.EN), durationText(e.sum, lang.EN))
}

func (e *explainer) elapsedText(d time.Duration) string {
	return lang.T("从 "+timeText(e.from.time(), lang.ZH)+" 起,不分昼夜经过 "+durationText(d, lang.ZH),
		"from "+timeText(e.from.time(), lang.EN)+" on, "+durationText(d, lang.EN)+" pass, day and night").In(e.tag)
}

func (e *explainer) dueText() string {
	zh, en := timeText(e.due.At, lang.ZH)+" 到期", "due "+timeText(e.due.At, lang.EN)
	if e.to.ns == dayNanos { // people write the end of a day as 24:00 of that day
		midnight := moment{e.to.day, 0}.time()
		zh, en = dateText(midnight, lang.ZH)+" 24:00 到期", "due "+dateText(midnight, lang.EN)+" 24:00"
	}
	if e.due.Provisional {
		zh, en = zh+"(暂定)", en+" (provisional)"
	}
	return lang.T(zh, en).In(e.tag)
}

func timeText(t time.Time, tag lang.Tag) string {
	form := "15:04"
	if t.Second() != 0 || t.Nanosecond() != 0 {
		form = "15:04:05"
	}
	return dateText(t, tag) + " " + t.Format(form)
}

// durationText writes a length as hours, minutes and, where there are any, seconds; fractions of a
// second are left out of the wording.
func durationText(d time.Duration, tag lang.Tag) string {
	units := [...]struct {
		n      int64
		zh, en string
	}{{int64(d / time.Hour), "小时", "h"}, {int64(d / time.Minute % 60), "分钟", "min"}, {int64(d / time.Second % 60), "秒", "s"}}
	var parts []string
	for _, u := range units {
		if u.n == 0 {
			continue
		}
		if tag == lang.EN {
			parts = append(parts, fmt.Sprintf("%d %s", u.n, u.en))
		} else {
			parts = append(parts, fmt.Sprintf("%d %s", u.n, u.zh))
		}
	}
	if len(parts) == 0 {
		return lang.T("不足 1 秒", "less than 1 s").In(tag)
	}
	return strings.Join(parts, " ")
}
