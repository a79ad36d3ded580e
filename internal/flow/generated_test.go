package flow

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/internal/platform/lang"
)

// someModel writes a model as anybody might, sound or not.
func someModel(t *rapid.T) string {
	pick := func(label string, list ...string) string { return rapid.SampledFrom(list).Draw(t, label) }
	n := rapid.IntRange(1, 4).Draw(t, "stages")
	stages := make([]string, n)
	joint, actor := make([]bool, n+1), make([]bool, n+1)
	for i := range stages {
		stages[i] = fmt.Sprintf("s%d", i)
		joint[i] = pick("joint", "no", "no", "no", "yes") == "yes"
		actor[i] = i == 0 || pick("actor", "yes", "yes", "no") == "yes"
	}
	var b strings.Builder
	b.WriteString("flow: made\nversion: \"2026.1\"\ntitle: {zh: 例, en: Made}\nabout: {zh: 例, en: Made}\nkinds: [event]\noverall: none\nstages:\n")
	for i, s := range stages {
		fmt.Fprintf(&b, "  %s:\n    title: {zh: 环节, en: Stage %s}\n    public: {zh: 在办, en: Open}\n", s, s)
		if joint[i] {
			fmt.Fprintf(&b, "    joint: {confirm: {post: duty-officer, at: township, allow: none}, accept: %s, allow: none, ruling: none, done: %s, refused: %s}\n",
				pick("accept", "none", "{working: 1h}"), pick("done", "all", "any", "lead"), pick("refused", stages...))
		} else {
			b.WriteString("    allow: {working_days: 2}\n")
			if actor[i] {
				b.WriteString("    actor: " + pick("who", "{post: dispatcher, at: village}", "{post: dispatcher, at: village}", "duty", "duty", "{post: grid-member, at: grid, not: handler}", "handler", "previous") + "\n")
			}
			if pick("take", "yes", "no") == "yes" {
				b.WriteString("    take: {working: 1h}\n")
			}
			fmt.Fprintf(&b, "    handles: %v\n", rapid.Bool().Draw(t, "handles"))
		}
		b.WriteString("    actions:\n")
		switch { // most models have a way through
		case i == n-1:
			b.WriteString("      on: {title: {zh: 完, en: End}, end: good}\n")
		case actor[i+1] || joint[i+1]:
			fmt.Fprintf(&b, "      on: {title: {zh: 下, en: On}, to: s%d}\n", i+1)
		default:
			fmt.Fprintf(&b, "      on: {title: {zh: 下, en: On}, to: s%d, give: duty}\n", i+1)
		}
		for a := range rapid.IntRange(0, 3).Draw(t, "actions") {
			way := "end: " + pick("end", "good", "bad")
			if pick("way", "to", "to", "to", "end", "end") == "to" {
				way = "to: " + pick("to", stages...) + pick("give", "", "", "", "", ", give: handler", ", give: previous", ", give: whistler", ", give: lead", ", give: first", ", give: {post: grid-member, at: grid}", ", give: {unit: form.unit}", ", give: {unit: form.unit}")
			}
			fmt.Fprintf(&b, "      a%d: {title: {zh: 做, en: Do %d}, form: [unit, note], %s%s%s}\n", a, a, way,
				pick("untaken", "", ", untaken: true"), pick("by", "", ", by: [holder, dispatcher]"))
		}
	}
	b.WriteString(`ends:
  good: {title: {zh: 好, en: Good}, public: {zh: 好, en: Good}, counts: [completed]}
  bad: {title: {zh: 不好, en: Bad}, public: {zh: 不好, en: Bad}}
standing:
  note: involved
  ask: {by: handler, pauses: true}
  pause: {by: handler, approve: {post: supervisor, at: township, allow: none}, at_most: {working_days: 5}}
  extend: {by: handler, approve: {post: supervisor, at: township, not: handler, allow: none}, at_most: {working_days: 5}}
  transfer: {by: handler, take: {working: 1h}}
  withdraw: {by: reporter, end: bad}
after:
  rate: {by: reporter, within: {days: 5}}
`)
	fmt.Fprintf(&b, "  reopen: {by: reporter, within: {days: 5}, to: %s%s}\n", pick("reopen", stages...), pick("give", "", "", "", "", ", give: handler", ", give: first"))
	return b.String()
}

// Whatever the check lets through keeps the promise: this is what "sound" means.
func TestEveryModelThatPassesTheCheckKeepsThePromise(t *testing.T) {
	passed := 0
	rapid.Check(t, func(t *rapid.T) {
		src, err := Parse("made.yaml", []byte(someModel(t)))
		if err != nil {
			t.Fatal(err)
		}
		d, err := Compile(src, testRoles)
		if err != nil {
			return
		}
		passed++
		for _, tag := range []lang.Tag{lang.ZH, lang.EN} {
			SVG(d, tag)
			Mermaid(d, tag)
		}
		m := newSim(d, "normal")
		dec, err := Start(d, m.s)
		if err != nil {
			t.Fatalf("%s\n%v", d.Text, err)
		}
		m.apply(dec, "start", "")
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			step(t, m)
			if err := m.invariant(); err != nil {
				t.Fatalf("%s\n%v", d.Text, err)
			}
		}
		if !m.endReachable() {
			t.Fatalf("%s\nno end from %s %v", d.Text, m.s.Stage, m.s.Tasks)
		}
	})
	t.Logf("%d models passed the check", passed)
	if passed == 0 {
		t.Error("not one model passed the check: the property was not tried")
	}
}
