package flow

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatTwoVersionsDifferInIsTold(t *testing.T) {
	mini := readMini(t)
	before := compile(t, mini)
	for _, change := range []struct {
		name, old, now string
		want           []string
	}{
		{"a comment is no difference", "flow: mini", "# a comment\nflow: mini", nil},
		{"a version alone is none either", `"2026.1"`, `"2026.2"`, nil},
		{"the kinds", "kinds: [event]", "kinds: [event, hazard]", []string{"changed model: 办哪几类事项: event -> event、hazard"}},
		{"the allowance in all", "overall: {working_days: 5}", "overall: {working_days: 7}", []string{"changed model: 全程时限: 5 个工作日 -> 7 个工作日"}},
		{"an allowance to take", "take: {working: 2h}", "take: {working: 1h}", []string{"changed stage work: 签收时限: 2 个工作小时 -> 1 个工作小时"}},
		{"an allowance with urgency", "allow: {working_days: 3}", "allow: {working_days: 3, urgent: 2h}",
			[]string{"changed stage work: 办理时限: 3 个工作日 -> 3 个工作日、紧急 2 小时(应急时间)"}},
		{"who acts", "actor: {post: dispatcher, at: village}", "actor: {post: dispatcher, at: township}",
			[]string{"changed stage sort: 由谁办: 派单员(村社区) -> 派单员(镇街)"}},
		{"a stage that is not handled any more counts", "public: {zh: 正在办, en: Being handled}", "public: {zh: 在办了, en: Under way}",
			[]string{"changed stage work: 居民看到的话: 正在办 -> 在办了"}},
		{"a field becomes optional and one comes", "form: [result!]", "form: [result, photo_after]",
			[]string{"changed action work.done: 要填的"}},
		{"an action goes and one comes", "decline: {title: {zh: 不受理, en: Decline}", "refuse: {title: {zh: 退掉, en: Refuse}",
			[]string{"added action sort.refuse", "removed action sort.decline"}},
		{"a standing action", "note: involved", "note: dispatcher", []string{"changed action .note: 由谁做: 经办过的岗位 -> 派单员"}},
		{"after the end", "within: {days: 7}", "within: {days: 9}", []string{"changed action .rate: 办结后多久内: 7 个自然日 -> 9 个自然日"}},
		{"words of an end", "public: {zh: 办好了, en: Solved}", "public: {zh: 好了, en: Solved}", []string{"changed end solved: 居民看到的话: 办好了 -> 好了"}},
		{"reminders", "standing:", "overdue: {remind: [50%], then: [{tell: head}]}\nstanding:",
			[]string{"changed overdue: 提醒(时限用去):  -> 50%", "changed overdue: 超期以后:  -> 超期时告知上一级负责人"}},
	} {
		if !strings.Contains(mini, change.old) {
			t.Fatalf("%s: mini.yaml has no %q", change.name, change.old)
		}
		got := told(Compare(before, compile(t, strings.Replace(mini, change.old, change.now, 1))))
		if !slices.EqualFunc(got, change.want, strings.HasPrefix) {
			t.Errorf("%s:\n got %q\nwant %q", change.name, got, change.want)
		}
	}
}

func told(list []Difference) (out []string) {
	for _, d := range list {
		s := d.Kind + " " + d.Part
		if name := d.Stage; d.Stage != "" || d.Name != "" {
			if d.Part == "action" {
				name += "."
			}
			s += " " + name + d.Name
		}
		if !d.What.Empty() {
			s += ": " + d.What.ZH + ": " + d.Before.ZH + " -> " + d.After.ZH
		}
		out = append(out, s)
	}
	return out
}

func TestTheOrderOfStagesAndActionsIsADifference(t *testing.T) {
	mini := compile(t, readMini(t))
	turned := *mini
	turned.Stages = slices.Clone(mini.Stages)
	slices.Reverse(turned.Stages)
	first := slices.IndexFunc(turned.Stages, func(s Stage) bool { return s.Name == "sort" })
	turned.Stages[first].Actions = slices.Clone(turned.Stages[first].Actions)
	slices.Reverse(turned.Stages[first].Actions)
	got := told(Compare(mini, &turned))
	slices.Sort(got)
	if len(got) != 2 || !strings.HasPrefix(got[0], "changed model: 环节顺序: 甄别、办 -> 办、甄别") || !strings.HasPrefix(got[1], "changed stage sort: 操作顺序") {
		t.Errorf("got %q", got)
	}
}

// Whatever Print shows of a model, Compare sees: between any two of the built-in ones, and in both languages.
func TestEveryModelDiffersFromEveryOther(t *testing.T) {
	all := builtin(t).All()
	for _, a := range all {
		for _, b := range all {
			list := Compare(a, b)
			if (len(list) == 0) != (a == b) {
				t.Errorf("%s and %s: %d differences", a.Name, b.Name, len(list))
			}
			for _, d := range list {
				if d.Where.ZH == "" || d.Where.EN == "" || (d.What.ZH == "") != (d.What.EN == "") || (d.Before.ZH == "") != (d.Before.EN == "") || (d.After.ZH == "") != (d.After.EN == "") {
					t.Errorf("%s and %s: a difference is told in one language only: %+v", a.Name, b.Name, d)
				}
				if d.Kind == changed && d.Before == d.After {
					t.Errorf("%s and %s: %+v is no difference", a.Name, b.Name, d)
				}
			}
		}
	}
}
