package audit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/fault"
)

func TestAccessLog(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	dbtest.Each(t, clock, []database.Schema{audit.Schema()}, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		record := func(e audit.Entry) {
			t.Helper()
			if err := db.Write(ctx, func(tx *database.Tx) error { return audit.Record(tx, e) }); err != nil {
				t.Fatal(err)
			}
		}
		find := func(s audit.Scope, f audit.Filter, p audit.Page) (out []audit.Entry, next string) {
			t.Helper()
			if err := db.Read(ctx, func(tx *database.Tx) (err error) {
				out, next, err = audit.Find(tx, s, f, p)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out, next
		}
		for i := range 25 {
			record(audit.Entry{Actor: fmt.Sprint("a", i%3), What: "case.reveal", Object: fmt.Sprint("c", i), Path: fmt.Sprintf("/1/1%d/", i%2), Purpose: "回访"})
		}
		record(audit.Entry{Actor: "a0", What: "staff.login", Name: "x\x00\xff" + strings.Repeat("𠮷", 400)})
		everything := audit.Scope{Paths: []string{"/"}, Prefixes: []string{"staff."}}

		t.Run("an asker without scope sees nothing", func(t *testing.T) {
			if got, _ := find(audit.Scope{}, audit.Filter{}, audit.Page{}); len(got) != 0 {
				t.Fatalf("saw %d", len(got))
			}
		})
		t.Run("a path shows what lies at or below it and nothing else", func(t *testing.T) {
			got, _ := find(audit.Scope{Paths: []string{"/1/11/"}}, audit.Filter{}, audit.Page{})
			if len(got) != 12 {
				t.Fatalf("saw %d", len(got))
			}
		})
		t.Run("a prefix shows its words and nothing else", func(t *testing.T) {
			got, _ := find(audit.Scope{Prefixes: []string{"staff."}}, audit.Filter{}, audit.Page{})
			if len(got) != 1 || got[0].What != "staff.login" {
				t.Fatalf("saw %+v", got)
			}
			if n := got[0].Name; !utf8.ValidString(n) || len(n) > 510 || strings.Contains(n, "\x00") {
				t.Fatalf("kept %q", n)
			}
		})
		t.Run("everybody sees their own", func(t *testing.T) {
			if got, _ := find(audit.Scope{Actor: "a0"}, audit.Filter{}, audit.Page{}); len(got) != 10 {
				t.Fatalf("saw %d", len(got))
			}
		})
		t.Run("filters narrow and never widen", func(t *testing.T) {
			if got, _ := find(audit.Scope{Actor: "a0"}, audit.Filter{Actor: "a1"}, audit.Page{}); len(got) != 0 {
				t.Fatalf("saw %d", len(got))
			}
			if got, _ := find(everything, audit.Filter{Object: "c3", From: now, To: now.Add(1)}, audit.Page{}); len(got) > 1 {
				t.Fatalf("saw %d", len(got))
			}
		})
		t.Run("pages give every entry once, newest first", func(t *testing.T) {
			seen := map[string]bool{}
			last, before := "~", ""
			for {
				got, next := find(everything, audit.Filter{}, audit.Page{Before: before, Limit: 7})
				for _, e := range got {
					if seen[e.ID] || e.ID >= last {
						t.Fatalf("%s twice or out of order", e.ID)
					}
					seen[e.ID], last = true, e.ID
				}
				if before = next; next == "" {
					break
				}
			}
			if len(seen) != 26 {
				t.Fatalf("saw %d", len(seen))
			}
		})
		t.Run("a made-up cursor is refused by name", func(t *testing.T) {
			err := db.Read(ctx, func(tx *database.Tx) error {
				_, _, err := audit.Find(tx, everything, audit.Filter{}, audit.Page{Before: "x"})
				return err
			})
			if !fault.HasCode(err, "bad-cursor") {
				t.Fatalf("got %v", err)
			}
		})
		t.Run("an entry that says nothing is refused", func(t *testing.T) {
			if err := db.Write(ctx, func(tx *database.Tx) error { return audit.Record(tx, audit.Entry{}) }); err == nil {
				t.Fatal("taken")
			}
		})
	})
}
