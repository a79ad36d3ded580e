package httpapi

import (
	"bytes"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"pgregory.net/rapid"

	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// A list that writes itself writes what the standard encoder would, whatever its words are.
func TestAListIsWrittenAsTheStandardEncoderWould(t *testing.T) {
	words := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "路灯不亮", `a"b\c`, "<b>&", "tab\tline\n", "\u2028\u2029é", string([]byte{0xff, 'x'}), "\x7f", "\u200b"}))
	times := rapid.Custom(func(t *rapid.T) time.Time {
		at := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "ms"))
		if rapid.Bool().Draw(t, "beijing") {
			return at.In(time.FixedZone("CST", 8*3600))
		}
		return at.UTC()
	})
	maybe := rapid.OneOf(times, rapid.Just(time.Time{}))
	wording := rapid.Custom(func(t *rapid.T) lang.Text { return lang.T(words.Draw(t, "zh"), words.Draw(t, "en")) })
	noWording := rapid.OneOf(wording, rapid.Just(lang.Text{}))
	post := rapid.OneOf(rapid.Just(postView{}), rapid.Custom(func(t *rapid.T) postView {
		return postView{Post: staff.Post(words.Draw(t, "post")), Title: wording.Draw(t, "title"), Place: words.Draw(t, "place"), Path: words.Draw(t, "path")}
	}))
	row := rapid.Custom(func(t *rapid.T) CaseRow {
		w := func() string { return words.Draw(t, "word") }
		yes := func() bool { return rapid.Bool().Draw(t, "yes") }
		return CaseRow{ID: w(), Number: w(), Version: rapid.Int64().Draw(t, "version"), Title: w(), Category: w(), CategoryTitle: noWording.Draw(t, "category"), Kind: w(), Urgency: w(),
			Channel: w(), Model: w(), Stage: w(), StageTitle: wording.Draw(t, "stage"), Ended: w(), EndTitle: noWording.Draw(t, "end"), Area: w(),
			AreaName: w(), Path: w(), Owner: post.Draw(t, "owner"), Holder: post.Draw(t, "holder"), ReportedAt: maybe.Draw(t, "at"), ReceivedAt: times.Draw(t, "at"),
			UpdatedAt: times.Draw(t, "at"), EndedAt: maybe.Draw(t, "at"), DueAt: maybe.Draw(t, "at"), HopDueAt: maybe.Draw(t, "at"), PausedAt: maybe.Draw(t, "at"),
			Overdue: yes(), Supervised: yes(), Asked: yes(), Confidential: yes(), Rating: rapid.IntRange(0, 5).Draw(t, "rating"), MergedInto: w()}
	})
	rapid.Check(t, func(t *rapid.T) {
		list := caseList{Cases: rapid.SliceOfN(row, 0, 3).Draw(t, "rows"), Next: words.Draw(t, "next")}
		if list.Cases == nil {
			list.Cases = []CaseRow{}
		}
		var own, standard bytes.Buffer
		if err := marshalJSON(&own, list); err != nil {
			t.Fatal(err)
		}
		if err := huma.DefaultJSONFormat.Marshal(&standard, list); err != nil {
			t.Fatal(err)
		}
		if own.String() != standard.String() {
			t.Fatalf("own      %s\nstandard %s", own.String(), standard.String())
		}
	})
}
