package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"linli/internal/platform/database"
)

func TestOnlyAnUpgradeThatTakesLongIsAWarning(t *testing.T) {
	var log bytes.Buffer
	a := &App{Log: slog.New(slog.NewTextHandler(&log, nil))}
	u := database.Upgrade{ID: "casework/0007_work", Step: 2, Steps: 3}
	a.tellUpgrade(u)
	u.Part, u.Parts, u.Doing, u.Rows, u.For = 6, 6, "INSERT INTO handled", 650285, 35*time.Second
	a.tellUpgrade(u)
	u.Done = true
	a.tellUpgrade(u)
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	for i, want := range []string{
		`level=INFO msg="migration begins" id=casework/0007_work step="2 of 3"`,
		`level=WARN msg="the database is being upgraded, let it finish: nothing is answered until then" id=casework/0007_work step="2 of 3" at="INSERT INTO handled (6 of 6)" rows=650285 for=35s`,
		`level=INFO msg="migration taken" id=casework/0007_work step="2 of 3"`,
	} {
		if len(lines) != 3 || !strings.HasSuffix(lines[i], want) {
			t.Errorf("line %d:\n%s\nwant\n%s", i+1, log.String(), want)
		}
	}
}
