package e2e

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"
)

// alertPages walks what was left for somebody by pages of two, and calls between two pages.
func (w *world) alertPages(login, query string, between func()) (all []string) {
	w.t.Helper()
	after := ""
	for range 100 {
		a := w.call(w.secret(login), "GET", "/api/v1/alerts?page_size=2"+query+"&after="+url.QueryEscape(after), nil)
		if a.status != 200 {
			w.t.Fatalf("%d %s", a.status, a.raw)
		}
		for _, alert := range list(a, "alerts") {
			all = append(all, fmt.Sprint(alert["number"], " ", alert["seq"], " ", alert["kind"]))
		}
		if after, _ = a.body["next"].(string); after == "" {
			return all
		}
		if between != nil {
			between()
		}
	}
	w.t.Fatal("the list never ends")
	return nil
}

func TestAlertsGoOnByPagesWhileWordsComeAndAreSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var cases []*journey
		for range 7 {
			m := w.light()
			m.does("", "urge", nil)
			cases = append(cases, m)
			if len(cases)%3 == 0 {
				w.pass(time.Minute) // some at one moment, some later
			}
		}
		whole := w.alertPages("paidan", "", nil)
		if len(whole) < len(cases) {
			t.Fatalf("%d alerts of %d urged cases: %v", len(whole), len(cases), whole)
		}
		if unique := slices.Compact(slices.Sorted(slices.Values(whole))); len(unique) != len(whole) {
			t.Errorf("some came twice: %v", whole)
		}
		// what comes meanwhile stands before the first page; what is seen meanwhile takes nothing else away
		w.pass(time.Minute)
		fresh, first := 0, cases[6]
		got := w.alertPages("paidan", "&unseen=true", func() {
			if fresh++; fresh > 1 {
				return
			}
			w.light().does("", "urge", nil)
			if a := w.call(w.secret("paidan"), "POST", "/api/v1/cases/"+first.id+"/seen", nil); a.status != 204 {
				t.Fatalf("seen: %s", a.raw)
			}
		})
		if !slices.Equal(got, whole) {
			t.Errorf("by pages, while things changed:\n%v\nwanted\n%v", got, whole)
		}
		for name, cursor := range map[string]string{"no text": "xyz", "no place": base64.RawURLEncoding.EncodeToString([]byte(`[]`)),
			"what no database takes": base64.RawURLEncoding.EncodeToString([]byte(`{"t":1,"c":"\u0000"}`))} {
			refusedAs(t, name, w.call(w.secret("paidan"), "GET", "/api/v1/alerts?after="+cursor, nil), 422, "invalid-filter", "after")
		}
	})
}
