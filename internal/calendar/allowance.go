package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// Allowance is how long somebody has: minutes for Working, Hours and Emergency, days for WorkingDays
// and Days, 0 for None.
type Allowance struct {
	Measure Measure `json:"measure" enum:"working,working_days,hours,days,emergency,none"`
	Amount  int64   `json:"amount" doc:"minutes of working, hours and emergency; days of working_days and days"`
}

// IsNone tells that no clock runs. The zero Allowance is none as well.
func (a Allowance) IsNone() bool { return a.Measure == None || a.Measure == "" }

// String gives the allowance as it is written in a model, such as "working: 1h30m" or "none".
func (a Allowance) String() string {
	switch a.Measure {
	case "", None:
		return string(None)
	case WorkingDays, Days:
		return fmt.Sprintf("%s: %d", a.Measure, a.Amount)
	}
	h, m := a.Amount/60, a.Amount%60
	switch {
	case m == 0 && h != 0:
		return fmt.Sprintf("%s: %dh", a.Measure, h)
	case h == 0:
		return fmt.Sprintf("%s: %dm", a.Measure, m)
	}
	return fmt.Sprintf("%s: %dh%dm", a.Measure, h, m)
}

// Text gives the allowance in words: "3 个工作日", "3 working days".
func (a Allowance) Text() lang.Text {
	n := a.Amount
	switch a.Measure {
	case "", None:
		return lang.T("不限时", "no time limit")
	case WorkingDays:
		return lang.T(fmt.Sprintf("%d 个工作日", n), count(n, "working day"))
	case Days:
		return lang.T(fmt.Sprintf("%d 个自然日", n), count(n, "calendar day"))
	case Working:
		if n%60 == 0 {
			return lang.T(fmt.Sprintf("%d 个工作小时", n/60), count(n/60, "working hour"))
		}
		return lang.T(hoursText(n, lang.ZH)+"工作时间", hoursText(n, lang.EN)+" of working time")
	case Emergency:
		return lang.T(hoursText(n, lang.ZH)+"(应急时间)", hoursText(n, lang.EN)+" (emergency time)")
	}
	return lang.T(hoursText(n, lang.ZH), hoursText(n, lang.EN))
}

// hoursText writes minutes as hours and minutes in full words.
func hoursText(n int64, tag lang.Tag) string {
	h, m := n/60, n%60
	if tag == lang.EN {
		switch {
		case m == 0 && h != 0:
			return count(h, "hour")
		case h == 0:
			return count(m, "minute")
		}
		return count(h, "hour") + " " + count(m, "minute")
	}
	switch {
	case m == 0 && h != 0:
		return fmt.Sprintf("%d 小时", h)
	case h == 0:
		return fmt.Sprintf("%d 分钟", m)
	}
	return fmt.Sprintf("%d 小时 %d 分钟", h, m)
}

func count(n int64, noun string) string {
	if n == 1 || n == -1 {
		return fmt.Sprintf("%d %s", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// limit is the largest amount of the measure: ten years. A longer one is a slip of the pen.
func (m Measure) limit() int64 {
	switch m {
	case Working:
		return 10 * 261 * 8 * 60 // ten years of eight-hour working days
	case WorkingDays:
		return 10 * 261
	case Hours, Emergency:
		return 10 * 366 * dayMinutes
	case Days:
		return 10 * 366
	}
	return 0
}

// ParseAllowance reads an allowance as models write it: the measure is the key, the amount its value.
// Working, hours and emergency take 4h, 30m or 1h30m; working_days and days take a whole number; none
// takes nothing (or true). Errors are fault.Invalid and say how to write it.
func ParseAllowance(measure, amount string) (Allowance, error) {
	m, s := Measure(strings.TrimSpace(measure)), strings.TrimSpace(amount)
	switch m {
	case None:
		switch s {
		case "", "true", "0":
			return Allowance{Measure: None}, nil
		}
		return Allowance{}, badAmount(amount, "「none」表示不计时,后面不写数", `"none" means no clock runs and takes no amount`)
	case WorkingDays, Days:
		n, rest, ok := number(s)
		if !ok || rest != "" {
			return Allowance{}, badAmount(amount, "请写整天数,例如 3", "write a whole number of days, such as 3")
		}
		return inLimit(Allowance{m, n}, amount)
	case Working, Hours, Emergency:
		n, ok := minutesIn(s)
		if !ok {
			return Allowance{}, badAmount(amount, "请写小时和分钟,例如 4h、30m 或 1h30m(分钟在小时之后须小于 60)",
				"write hours and minutes, such as 4h, 30m or 1h30m (minutes after hours are fewer than 60)")
		}
		return inLimit(Allowance{m, n}, amount)
	}
	return Allowance{}, fault.Newf(fault.Invalid, "allowance-measure",
		"不认识的计时方式「%s」", "Unknown measure of time %q", short(measure)).
		At("measure", "unknown", "请用 working、working_days、hours、days、emergency 或 none",
			"use working, working_days, hours, days, emergency or none")
}

func inLimit(a Allowance, written string) (Allowance, error) {
	switch most := a.Measure.limit(); {
	case a.Amount <= 0:
		return Allowance{}, badAmount(written, "须大于 0;不计时请写 none", "must be more than 0; write none where no clock runs")
	case a.Amount > most:
		t := Allowance{a.Measure, most}.Text()
		return Allowance{}, badAmount(written, "最多 "+t.ZH+"(十年)", "at most "+t.EN+" (ten years)")
	}
	return a, nil
}

func badAmount(amount, zh, en string) *fault.Error {
	return fault.Newf(fault.Invalid, "allowance-amount", "时限「%s」写得不对", "The allowance %q is not right", short(amount)).
		At("amount", "wrong", zh, en)
}

// minutesIn reads 4h, 30m and 1h30m.
func minutesIn(s string) (int64, bool) {
	n, rest, ok := number(s)
	if !ok {
		return 0, false
	}
	switch {
	case rest == "h":
		return n * 60, true
	case rest == "m":
		return n, true
	case strings.HasPrefix(rest, "h"):
		m, unit, ok := number(strings.TrimSpace(rest[1:]))
		if ok && unit == "m" && m < 60 {
			return n*60 + m, true
		}
	}
	return 0, false
}

// number reads the digits in front, at most nine so that no sum can overflow.
func number(s string) (n int64, rest string, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i > 9 { // far over every limit; keep it too large instead of cutting it
		return int64(10 * time.Hour), s[i:], true
	}
	n, err := strconv.ParseInt(s[:i], 10, 64)
	return n, s[i:], err == nil
}

// short keeps a quoted input from filling the screen.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
