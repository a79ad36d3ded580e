package httpapi

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/platform/lang"
)

// Lists are what is asked for most, and fifty rows of them take the standard encoder, which looks at every field of
// every row anew, as long as reading them. So a list writes itself, to the byte as the standard encoder would; a test
// holds one against the other.

// appender is an answer that writes itself as JSON.
type appender interface{ appendJSON(b []byte) []byte }

// marshalJSON writes an answer.
func marshalJSON(w io.Writer, v any) error {
	a, ok := v.(appender)
	if !ok {
		return huma.DefaultJSONFormat.Marshal(w, v)
	}
	b := papers.Get().(*[]byte) //nolint:forcetypeassert // nothing else is put there
	*b = append(a.appendJSON((*b)[:0]), '\n')
	_, err := w.Write(*b)
	if cap(*b) <= largestPaper {
		papers.Put(b)
	}
	return err
}

// papers are what answers are written on, used again: a page of fifty rows takes more than the runtime hands out cheaply.
var papers = sync.Pool{New: func() any { return new([]byte) }}

const largestPaper = 256 << 10

// caseList is a page of cases.
type caseList struct {
	Cases []CaseRow `json:"cases"`
	Next  string    `json:"next,omitempty" doc:"cursor of the next page; left out on the last"`
}

// roomForRow is what a row usually takes, in bytes.
const roomForRow = 1100

func (l caseList) appendJSON(b []byte) []byte {
	o := object{b: slices.Grow(b, len(l.Cases)*roomForRow+100)}
	o.begin()
	o.key("cases")
	o.b = append(o.b, '[')
	for i := range l.Cases {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		l.Cases[i].write(&o)
	}
	o.b = append(o.b, ']')
	o.optional("next", l.Next)
	o.end()
	return o.b
}

func (r *CaseRow) write(o *object) {
	o.begin()
	o.text("id", r.ID)
	o.text("number", r.Number)
	o.integer("version", r.Version)
	o.text("title", r.Title)
	o.text("category", r.Category)
	if r.CategoryTitle != (lang.Text{}) {
		o.wording("category_title", r.CategoryTitle)
	}
	o.text("kind", r.Kind)
	o.text("urgency", r.Urgency)
	o.text("channel", r.Channel)
	o.text("model", r.Model)
	o.text("stage", r.Stage)
	o.wording("stage_title", r.StageTitle)
	o.optional("ended", r.Ended)
	if r.EndTitle != (lang.Text{}) {
		o.wording("end_title", r.EndTitle)
	}
	o.text("area", r.Area)
	o.text("area_name", r.AreaName)
	o.text("path", r.Path)
	o.post("owner", r.Owner)
	o.post("holder", r.Holder)
	o.time("reported_at", r.ReportedAt)
	o.time("received_at", r.ReceivedAt)
	o.time("updated_at", r.UpdatedAt)
	o.timeIfSet("ended_at", r.EndedAt)
	o.timeIfSet("due_at", r.DueAt)
	o.timeIfSet("hop_due_at", r.HopDueAt)
	o.timeIfSet("paused_at", r.PausedAt)
	o.truth("overdue", r.Overdue)
	o.truth("supervised", r.Supervised)
	o.truth("asked", r.Asked)
	o.truth("confidential", r.Confidential)
	if r.Rating != 0 {
		o.integer("rating", int64(r.Rating))
	}
	o.optional("merged_into", r.MergedInto)
	o.end()
}

// object writes JSON objects one inside the other.
type object struct {
	b     []byte
	first bool
}

func (o *object) begin() { o.b, o.first = append(o.b, '{'), true }
func (o *object) end()   { o.b, o.first = append(o.b, '}'), false }

func (o *object) key(name string) {
	if !o.first {
		o.b = append(o.b, ',')
	}
	o.first = false
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

func (o *object) text(name, value string) {
	o.key(name)
	o.b = appendText(o.b, value)
}

func (o *object) optional(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

func (o *object) integer(name string, value int64) {
	o.key(name)
	o.b = strconv.AppendInt(o.b, value, 10)
}

func (o *object) truth(name string, value bool) {
	o.key(name)
	o.b = strconv.AppendBool(o.b, value)
}

func (o *object) time(name string, value time.Time) {
	o.key(name)
	o.b = append(o.b, '"')
	o.b = value.AppendFormat(o.b, time.RFC3339Nano)
	o.b = append(o.b, '"')
}

func (o *object) timeIfSet(name string, value time.Time) {
	if !value.IsZero() {
		o.time(name, value)
	}
}

func (o *object) wording(name string, value lang.Text) {
	o.key(name)
	o.begin()
	o.text("zh", value.ZH)
	o.text("en", value.EN)
	o.end()
}

func (o *object) post(name string, value postView) {
	if value == (postView{}) {
		return
	}
	o.key(name)
	o.begin()
	o.text("post", string(value.Post))
	o.wording("title", value.Title)
	o.text("place", value.Place)
	o.text("path", value.Path)
	o.end()
}

// appendText writes a string; one with characters that need escaping is left to the standard encoder.
func appendText(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == 0x7f || c == 0xe2 {
			return escaped(b, s) // 0xe2 begins the separators U+2028 and U+2029
		}
	}
	if !utf8.ValidString(s) {
		return escaped(b, s)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func escaped(b []byte, s string) []byte {
	var w writer
	enc := json.NewEncoder(&w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return append(b, w[:len(w)-1]...)
}

// writer collects what is written.
type writer []byte

func (w *writer) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	return len(p), nil
}
