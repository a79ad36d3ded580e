package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"linli/internal/platform/database"
)

func TestOutlinesOfAnAreaComeInOneAnswer(t *testing.T) {
	w := begin(t, database.SQLite)
	a := w.call("", "GET", "/api/v1/areas/"+village+"/outlines", nil)
	var have struct {
		Type     string
		Features []struct {
			Properties struct{ Code, Name string }
			Geometry   struct{ Type string }
		}
	}
	if err := json.Unmarshal([]byte(a.raw), &have); err != nil || a.status != 200 || have.Type != "FeatureCollection" {
		t.Fatalf("%d %v %s", a.status, err, a.raw)
	}
	if len(have.Features) < 3 || have.Features[0].Properties.Code != village {
		t.Fatalf("%+v", have.Features)
	}
	for _, f := range have.Features[1:] {
		if !strings.HasPrefix(f.Properties.Code, village) || len(f.Properties.Code) != len(village)+3 || f.Properties.Name == "" || f.Geometry.Type == "" {
			t.Errorf("%+v", f)
		}
	}
	if a := w.call("", "GET", "/api/v1/areas/nowhere/outlines", nil); a.status != 404 {
		t.Errorf("an unknown area: %d %s", a.status, a.raw)
	}
	if a := w.call("", "GET", "/api/v1/about", nil); strings.Contains(a.raw, `"map"`) || strings.Contains(a.header.Get("Content-Security-Policy"), "http") {
		t.Errorf("without a source of tiles: %s %s", a.raw, a.header.Get("Content-Security-Policy"))
	}
}
