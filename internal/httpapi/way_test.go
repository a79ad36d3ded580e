package httpapi

import (
	"os"
	"slices"
	"testing"

	"linli/internal/casework"
	"linli/internal/flow"
)

func TestWayAheadLeavesOutWhatOnlyHappensWhenAskedFor(t *testing.T) {
	models, err := flow.Load(os.DirFS("../../models"), "flows")
	if err != nil {
		t.Fatal(err)
	}
	d, ok := models.Get("seven-step")
	if !ok {
		t.Fatal("no seven-step model")
	}
	for _, tc := range []struct {
		name  string
		c     casework.Case
		now   string
		ahead []string
	}{
		{"just received", casework.Case{Stage: "sort"}, "sort", []string{"handle", "verify"}},
		{"in hand", casework.Case{Stage: "handle"}, "handle", []string{"verify"}},
		{"being verified", casework.Case{Stage: "verify"}, "verify", nil},
		{"several units at once", casework.Case{Stage: "muster"}, "muster", []string{"verify"}},
		{"closed", casework.Case{Stage: "verify", Ended: "resolved"}, "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var now string
			var ahead []string
			for _, st := range way(d, &tc.c) {
				if st.Now {
					now = st.Name
				}
				if st.Ahead {
					ahead = append(ahead, st.Name)
				}
			}
			if now != tc.now || !slices.Equal(ahead, tc.ahead) {
				t.Errorf("now %q, ahead %v; want %q, %v", now, ahead, tc.now, tc.ahead)
			}
		})
	}
}
