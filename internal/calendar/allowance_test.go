package calendar_test

import (
	"testing"

	"linli/internal/calendar"
	"linli/internal/platform/fault"
)

func TestParseAllowance(t *testing.T) {
	tests := []struct {
		measure, amount string
		want            int64
		written, zh, en string
	}{
		{"working", "4h", 240, "working: 4h", "4 个工作小时", "4 working hours"},
		{"working", "1h", 60, "working: 1h", "1 个工作小时", "1 working hour"},
		{"working", "30m", 30, "working: 30m", "30 分钟工作时间", "30 minutes of working time"},
		{"working", " 1h30m ", 90, "working: 1h30m", "1 小时 30 分钟工作时间", "1 hour 30 minutes of working time"},
		{"hours", "24h", 1440, "hours: 24h", "24 小时", "24 hours"},
		{"hours", "90m", 90, "hours: 1h30m", "1 小时 30 分钟", "1 hour 30 minutes"},
		{"emergency", "2h", 120, "emergency: 2h", "2 小时(应急时间)", "2 hours (emergency time)"},
		{"working_days", "3", 3, "working_days: 3", "3 个工作日", "3 working days"},
		{"working_days", "1", 1, "working_days: 1", "1 个工作日", "1 working day"},
		{"days", "15", 15, "days: 15", "15 个自然日", "15 calendar days"},
		{"none", "", 0, "none", "不限时", "no time limit"},
		{"none", "true", 0, "none", "不限时", "no time limit"},
		{"days", "3660", 3660, "days: 3660", "3660 个自然日", "3660 calendar days"},
	}
	for _, tt := range tests {
		t.Run(tt.measure+" "+tt.amount, func(t *testing.T) {
			a, err := calendar.ParseAllowance(tt.measure, tt.amount)
			if err != nil {
				t.Fatal(err)
			}
			if a.Measure != calendar.Measure(tt.measure) || a.Amount != tt.want || a.String() != tt.written {
				t.Errorf("got %+v %s", a, a)
			}
			if got := a.Text(); got.ZH != tt.zh || got.EN != tt.en {
				t.Errorf("in words %q %q", got.ZH, got.EN)
			}
			if a.IsNone() != (tt.measure == "none") {
				t.Errorf("none: %t", a.IsNone())
			}
		})
	}
}

func TestAllowancesThatAreRefused(t *testing.T) {
	tests := []struct{ rule, measure, amount, code string }{
		{"an unknown measure", "weeks", "2", "allowance-measure"},
		{"hours without a unit", "working", "4", "allowance-amount"},
		{"days with a unit", "working_days", "3d", "allowance-amount"},
		{"half days", "days", "1.5", "allowance-amount"},
		{"nothing", "days", "", "allowance-amount"},
		{"zero", "hours", "0h", "allowance-amount"},
		{"less than nothing", "days", "-3", "allowance-amount"},
		{"sixty minutes after hours", "hours", "1h60m", "allowance-amount"},
		{"minutes before hours", "hours", "30m1h", "allowance-amount"},
		{"more than ten years of days", "days", "3661", "allowance-amount"},
		{"more than ten years of working days", "working_days", "2611", "allowance-amount"},
		{"a number past all numbers", "hours", "99999999999999999999h", "allowance-amount"},
		{"an amount for none", "none", "3", "allowance-amount"},
		{"full-width digits", "days", "\uff13", "allowance-amount"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			a, err := calendar.ParseAllowance(tt.measure, tt.amount)
			if !fault.HasCode(err, tt.code) || !fault.Is(err, fault.Invalid) || a != (calendar.Allowance{}) {
				t.Fatalf("got %v %v", a, err)
			}
			if f := fault.Of(err).Fields; len(f) != 1 || f[0].Text.ZH == "" || f[0].Text.EN == "" {
				t.Errorf("no hint: %+v", f)
			}
		})
	}
}
