package proof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"linli/internal/platform/database"
	"linli/internal/platform/lang"
	"linli/internal/proof"
	"linli/internal/proof/prooftest"
)

func run(t *testing.T, c *prooftest.County) proof.Result {
	t.Helper()
	said := map[string]bool{}
	r, err := proof.Run(context.Background(), proof.Parts{Areas: c.Areas, Staff: c.Staff, Cases: c.Cases}, c.Clock.Now,
		func(what lang.Text, _, _ int) { said[what.EN] = true })
	if err != nil {
		t.Fatal(err)
	}
	if len(said) != 3 {
		t.Errorf("progress said %v", said)
	}
	return r
}

func TestOneAnswerOfEveryConcept(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		c.Walk(10, 80)
		r := run(t, c)
		for _, f := range r.Findings {
			if f.Severity == "error" {
				t.Errorf("%s %s %s: %s", f.Concept, f.Code, f.Object, f.Text.EN)
			}
		}
		if !r.OK || r.Errors != 0 || r.Warnings == 0 {
			t.Errorf("a healthy county with vacant posts: ok %v, %d errors, %d warnings", r.OK, r.Errors, r.Warnings)
		}
		for _, l := range r.Lines {
			if !l.Holds {
				t.Errorf("does not hold: %s", l.Text.EN)
			}
		}
		if table := show(t, r, lang.EN); !strings.Contains(table, "open cases: each with exactly one responsible post") || strings.Contains(table, " NO") {
			t.Error(table)
		}
		// each concept's defect comes into the one answer
		for _, harm := range []struct{ query, concept, code, line string }{
			{`UPDATE area SET path = '/x/' WHERE level = 'grid' AND code LIKE '%001001001'`, "area", "path", "grids"},
			{`UPDATE staff_appointment SET role = 'ghost' WHERE role = 'centre-head'`, "staff", "unknown-role", ""},
			{`UPDATE cases SET owner = 'x@y' WHERE ended_at = 0`, "casework", "owner-columns", "responsible"},
			{`UPDATE tally SET n = n + 1`, "casework", "tally", "counters"},
			{`DELETE FROM staff_appointment`, "staff", "no-administrator", "posts"},
		} {
			spoil(t, c, harm.query)
			r := run(t, c)
			found := false
			for _, f := range r.Findings {
				found = found || f.Concept == harm.concept && f.Code == harm.code && f.Severity == "error"
			}
			if !found || r.OK {
				t.Errorf("%s: %s/%s not found, ok %v", harm.query, harm.concept, harm.code, r.OK)
			}
			for _, l := range r.Lines {
				if l.Key == harm.line && l.Holds {
					t.Errorf("%s: %q is said to hold", harm.query, l.Text.EN)
				}
			}
		}
		r = run(t, c)
		table := show(t, r, lang.ZH)
		if !strings.Contains(table, "处错误") || !strings.Contains(table, "否") {
			t.Error(table)
		}
		var out bytes.Buffer
		if err := r.WriteJSON(&out); err != nil {
			t.Fatal(err)
		}
		var back proof.Result
		if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Errors != r.Errors || len(back.Findings) != len(r.Findings) {
			t.Errorf("the JSON says %d errors of %d: %v", back.Errors, r.Errors, err)
		}
		for i, f := range r.Findings[1:] {
			if r.Findings[i].Severity == "warning" && f.Severity == "error" {
				t.Error("an error stands behind a warning")
			}
		}
	})
}

func show(t *testing.T, r proof.Result, tag lang.Tag) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.WriteTable(&out, tag); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func spoil(t *testing.T, c *prooftest.County, query string) {
	t.Helper()
	err := c.DB.Write(context.Background(), func(tx *database.Tx) error {
		for _, q := range []string{query, `UPDATE staff_revision SET registry = registry + 1`, `UPDATE area_revision SET version = version + 1`} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
