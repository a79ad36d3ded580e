package emergency_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"linli/internal/emergency"
	"linli/internal/platform/fault"
	"linli/models"
)

func TestTheShippedNumbersAreWhole(t *testing.T) {
	list, err := emergency.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	if day, err := time.Parse(time.DateOnly, list.Checked); err != nil || day.Year() < 2026 {
		t.Errorf("last checked on %q", list.Checked)
	}
	calm := false
	for _, n := range list.Numbers {
		if n.Urgent && calm {
			t.Errorf("%s is urgent and stands behind one that is not", n.Number)
		}
		calm = calm || !n.Urgent
		if n.Urgent && (len(n.Ask) == 0 || len(n.Words) == 0) {
			t.Errorf("%s: what to ask, and by which words it is known", n.Number)
		}
	}
	for text, want := range map[string]string{"三楼厨房着火了": "119", "老人晕倒了叫不醒": "120", "有人拿刀砍人": "110", "高速上追尾了": "122", "渔船进水快沉船了": "12395", "山上着火": "12119"} {
		var got []string
		for _, n := range list.Fitting(text) {
			got = append(got, n.Number)
		}
		if !strings.Contains(strings.Join(got, " "), want) {
			t.Errorf("%s points to %v, not to %s", text, got, want)
		}
	}
	for _, text := range []string{"", "  ", "路灯不亮", "噪音太吵"} {
		if got := list.Fitting(text); len(got) != 0 {
			t.Errorf("%q points to %v", text, got[0].Number)
		}
	}
}

func TestAFileThatIsWrongIsRefusedWithThePlace(t *testing.T) {
	const whole = "version: \"1\"\nchecked: \"2026-11-22\"\nnumbers:\n  - {number: \"119\", title: {zh: 火警, en: Fire}, when: [{zh: 着火, en: fire}], say: {zh: 转, en: on}, source: {title: 法}}\n"
	if _, err := emergency.Load(fstest.MapFS{emergency.File: {Data: []byte(whole)}}); err != nil {
		t.Fatalf("the smallest list: %v", err)
	}
	for what, c := range map[string]struct{ from, to, field string }{
		"a day that is none":     {"2026-11-22", "last week", "checked"},
		"letters for a number":   {`number: "119"`, `number: "eins"`, "numbers[0].number"},
		"one language":           {"en: Fire", `en: ""`, "numbers[0].title"},
		"no time to hand over":   {"[{zh: 着火, en: fire}]", "[]", "numbers[0].when"},
		"a script as a link":     {"title: 法}", "title: 法, url: \"javascript:alert(1)\"}", "numbers[0].source.url"},
		"no source":              {"title: 法", `title: ""`, "numbers[0].source"},
		"a key that is not read": {"version:", "versoin:", emergency.File},
		"a number twice":         {"numbers:\n", "numbers:\n  - {number: \"119\", title: {zh: 火警, en: Fire}, when: [{zh: 着火, en: fire}], say: {zh: 转, en: on}, source: {title: 法}}\n", "numbers[1].number"},
	} {
		_, err := emergency.Load(fstest.MapFS{emergency.File: {Data: []byte(strings.Replace(whole, c.from, c.to, 1))}})
		if !fault.HasCode(err, "emergency-file") {
			t.Errorf("%s: %v", what, err)
			continue
		}
		found := false
		for _, f := range fault.Of(err).Fields {
			found = found || f.Name == c.field
		}
		if !found {
			t.Errorf("%s: no field %s in %v", what, c.field, err)
		}
	}
	if _, err := emergency.Load(fstest.MapFS{}); !fault.HasCode(err, "emergency-file") {
		t.Errorf("no file: %v", err)
	}
}
