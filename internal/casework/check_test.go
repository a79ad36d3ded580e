package casework_test

import (
	"context"
	"testing"

	"linli/internal/proof/prooftest"
)

func TestAHealthyCountyChecksClean(t *testing.T) {
	prooftest.Each(t, func(t *testing.T, c *prooftest.County) {
		c.Walk(60, 900)
		findings, stats, err := c.Cases.Check(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			t.Errorf("%s %s %s: %s", f.Code, f.Number, f.Object, f.Text.EN)
		}
		t.Logf("%+v\ntaken %v\nrefused %v", stats, c.Taken, c.Refused)
	})
}
