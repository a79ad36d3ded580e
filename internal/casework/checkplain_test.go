package casework

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/internal/calendar"
	"linli/internal/flow"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// What plain accepts encoding/json accepts, with the same values: the proof may read quickly, but never otherwise.
func FuzzWhatIsReadQuicklyIsReadTheSame(f *testing.F) {
	for _, text := range []string{
		`{"start":"2026-10-08T08:58:10Z","allow":{"measure":"working_days","amount":3},"calendar":"village","version":"2019-2026.8624fc7cff4a","moves":[{"op":"pause","at":"2026-10-09T00:39:02.25Z"},{"op":"extend","at":"2026-10-09T00:39:02Z","allow":{"measure":"hours","amount":4}}],"stopped":"2026-10-22T09:02:38Z","sent":4,"at_most":"2026-10-12T19:30:00-08:00","measure":"working_days","due":"2026-10-12T19:30:00+08:00","paused_at":"0001-01-01T00:00:00Z","left":-12,"provisional":false}`,
		`{"by":"reporter","form":{"score":4,"file":"a","x":[1,-0.5,{"y":null}],"z":"\u4e00\n"},"stage":"s","end":"e","changes":[{"op":"open","task":1,"kind":"main","state":"taken","post":"a@b","holder":"c@d","due":"2026-10-12T19:30:00+08:00"}],"told":["a@b"],"clock":{"case":[0,1],"task 2":[1,2]},"text":"t","case":"c","late":true}`,
		`{"fields":{"area":["a","b"]}}`, `{"form":{"score":4.5,"file":1}}`, `{"form":{"score":900719925474099312}}`, `{"form":{"score":1,"score":2}}`,
		`{"how":"point","confidence":0.98,"ask":true,"text":{"zh":"网格","en":"grid"},"category":"chosen"}`,
		`[{"post":"a@b","reason":{"zh":"空","en":"vacant"}},{"post":"c@d","reason":{"zh":"","en":""}}]`, `null`, `[]`, `{}`,
		`{"measure":"none","amount":0}`, `{"due":"2026-02-30T00:00:00Z"}`, `{"due":"2026-01-01T24:00:00Z"}`, `{"sent":007}`, `{"sent":-0}`, `{"sent":1e3}`, "{\"by\":\"\xff\"}", `{,"by":"a"}`, `{"by":"a",}`,
	} {
		f.Add(text)
	}
	f.Fuzz(sameByBoth)
}

func sameByBoth(t *testing.T, text string) {
	var c Clock
	p := plain{text: text}
	if p.clock(&c); p.done() {
		var slow Clock
		if err := json.Unmarshal([]byte(text), &slow); err != nil || !reflect.DeepEqual(inUTC(c), inUTC(slow)) {
			t.Errorf("the clock %s: quickly %+v, slowly %+v (%v)", text, c, slow, err)
		}
	}
	var l line
	p = plain{text: text}
	if p.line(&l, nil); p.done() {
		var d EntryData
		var slow line
		err := json.Unmarshal([]byte(text), &d)
		if slow.take(&d); err != nil || !reflect.DeepEqual(changesInUTC(l), changesInUTC(slow)) {
			t.Errorf("the entry %s: quickly %+v, slowly %+v (%v)", text, l, slow, err)
		}
	}
	for _, one := range []struct {
		name string
		read func(*plain)
		into any
	}{
		{"why", (*plain).why, new(Why)},
		{"trail", (*plain).trail, new([]staff.Step)},
		{"any value", func(p *plain) { p.skip(0) }, new(any)},
	} {
		p := plain{text: text}
		if one.read(&p); p.done() {
			if err := json.Unmarshal([]byte(text), one.into); err != nil {
				t.Errorf("%s %s is taken though it cannot be read: %v", one.name, text, err)
			}
		}
	}
	var quick, slow calendar.Allowance
	p = plain{text: text}
	if p.allowance(&quick); p.done() {
		if err := json.Unmarshal([]byte(text), &slow); err != nil || quick != slow {
			t.Errorf("the allowance %s: quickly %+v, slowly %+v (%v)", text, quick, slow, err)
		}
	}
}

func inUTC(c Clock) Clock {
	c.Start, c.Stopped, c.AtMost, c.Due, c.PausedAt = c.Start.UTC(), c.Stopped.UTC(), c.AtMost.UTC(), c.Due.UTC(), c.PausedAt.UTC()
	var moves []Move
	for _, m := range c.Moves {
		m.At = m.At.UTC()
		moves = append(moves, m)
	}
	c.Moves = moves
	return c
}

func changesInUTC(l line) line {
	var changes []TaskChange
	for _, c := range l.changes {
		c.Due = c.Due.UTC()
		changes = append(changes, c)
	}
	l.changes = changes
	return l
}

// Whatever the program writes is read quickly; facts corrected are few and left to encoding/json.
func TestWhatTheProgramWritesIsReadQuickly(t *testing.T) {
	word := rapid.SampledFrom([]string{"", "a", "grid-member@320682001001003", "网格", `"<&>\`, "line\nbreak", "\u2028", "😀"})
	plainWord := rapid.SampledFrom([]string{"", "a", "grid-member@320682001001003", "网格"})
	at := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "none") {
			return time.Time{}
		}
		zone := rapid.SampledFrom([]*time.Location{time.UTC, beijingZone(), time.FixedZone("", -12600)}).Draw(t, "zone")
		return time.Unix(rapid.Int64Range(-6e10, 2.5e11).Draw(t, "second"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).In(zone)
	})
	allowance := rapid.Custom(func(t *rapid.T) calendar.Allowance {
		return calendar.Allowance{Measure: calendar.Measure(plainWord.Draw(t, "measure")), Amount: rapid.Int64Range(-9, 1e6).Draw(t, "amount")}
	})
	quick := func(t *rapid.T, v any, read func(*plain)) string {
		text := marshal(v)
		p := plain{text: text}
		if read(&p); !p.done() {
			t.Errorf("not read quickly, from %d on: %s", p.at, text)
		}
		return text
	}
	rapid.Check(t, func(rt *rapid.T) {
		clock := Clock{Start: at.Draw(rt, "start"), Allow: allowance.Draw(rt, "allow"), Calendar: plainWord.Draw(rt, "calendar"), Version: plainWord.Draw(rt, "version"),
			Stopped: at.Draw(rt, "stopped"), Sent: rapid.IntRange(0, 9).Draw(rt, "sent"), AtMost: at.Draw(rt, "at most"),
			Clock: calendar.Clock{Measure: calendar.Working, Due: at.Draw(rt, "due"), PausedAt: at.Draw(rt, "paused"), Left: time.Duration(rapid.Int64Range(-1e17, 1e17).Draw(rt, "left")), Provisional: rapid.Bool().Draw(rt, "provisional")}}
		for range rapid.IntRange(0, 3).Draw(rt, "moves") {
			clock.Moves = append(clock.Moves, Move{Op: plainWord.Draw(rt, "op"), At: at.Draw(rt, "at"), Allow: allowance.Draw(rt, "more")})
		}
		sameByBoth(t, quick(rt, clock, func(p *plain) { p.clock(new(Clock)) }))
		d := EntryData{By: plainWord.Draw(rt, "by"), Stage: plainWord.Draw(rt, "stage"), End: plainWord.Draw(rt, "end"), Text: word.Draw(rt, "text"),
			Case: plainWord.Draw(rt, "case"), Late: rapid.Bool().Draw(rt, "late")}
		if rapid.Bool().Draw(rt, "form") {
			d.Form = map[string]any{"score": rapid.IntRange(1, 5).Draw(rt, "score"), "file": plainWord.Draw(rt, "file"), "note": word.Draw(rt, "note"),
				"members": []any{word.Draw(rt, "member")}, "yes": true, "nothing": nil, "share": 0.25}
			d.Clock = map[string][2]int64{"case": {0, rapid.Int64Range(-1, 1e14).Draw(rt, "moved")}, "task 1": {1, 2}}
		}
		for range rapid.IntRange(0, 3).Draw(rt, "changes") {
			d.Changes = append(d.Changes, TaskChange{Op: flow.ChangeOpen, Task: rapid.IntRange(0, 99).Draw(rt, "task"), Kind: flow.KindMain, State: flow.Taken,
				Post: staff.Post(plainWord.Draw(rt, "post")), Holder: staff.Post(plainWord.Draw(rt, "holder")), Due: at.Draw(rt, "due")})
			d.Told = append(d.Told, staff.Post(word.Draw(rt, "told")))
		}
		sameByBoth(t, quick(rt, d, func(p *plain) { p.line(new(line), nil) }))
		sameByBoth(t, quick(rt, Why{How: word.Draw(rt, "how"), Confidence: rapid.Float64Range(0.001, 1).Draw(rt, "confidence"), Ask: d.Late,
			Text: lang.T(word.Draw(rt, "zh"), word.Draw(rt, "en")), Category: word.Draw(rt, "category")}, (*plain).why))
		sameByBoth(t, quick(rt, []staff.Step{{Post: staff.Post(word.Draw(rt, "passed over")), Reason: lang.T(word.Draw(rt, "because"), "")}}, (*plain).trail))
		sameByBoth(t, quick(rt, []staff.Step(nil), (*plain).trail))
		sameByBoth(t, quick(rt, allowance.Draw(rt, "handle"), func(p *plain) { p.allowance(new(calendar.Allowance)) }))
	})
}

func TestMomentsAreReadAsTheStandardLibraryReadsThem(t *testing.T) {
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.SampledFrom([]string{"2026-10-08T08:58:10Z", "2024-02-29T23:59:59.123456789+08:00", "0001-01-01T00:00:00Z", "2026-12-31T00:00:00.5-03:30", "9999-06-30T12:00:00+23:59"}).Draw(t, "text"))
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.SampledFrom([]byte("0123456789-:.TZ+,")).Draw(t, "byte")
		}
		p := plain{text: `"` + string(text) + `"`}
		quick := p.moment()
		if !p.done() {
			return
		}
		taken++
		var slow time.Time
		if err := slow.UnmarshalText(text); err != nil || !slow.Equal(quick) {
			t.Errorf("%s: quickly %v, slowly %v (%v)", text, quick, slow, err)
		}
	})
	if taken == 0 {
		t.Error("no text was taken")
	}
}
