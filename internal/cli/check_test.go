package cli

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"linli/internal/app"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/proof"
)

func TestCheckSaysWhetherEverythingHolds(t *testing.T) {
	dir := t.TempDir()
	if code, _, errOut := linli(context.Background(), "simulate", "--count", "20", "--days", "3", "--size", "small", "--data", dir); code != exitOK {
		t.Fatal(errOut)
	}
	code, out, errOut := linli(context.Background(), "check", "--data", dir)
	if code != exitOK || !strings.Contains(out, "Everything holds") {
		t.Errorf("whole: %d %s %s", code, out, errOut)
	}

	stopped, stop := context.WithCancel(context.Background())
	stop()
	if code, out, errOut := linli(stopped, "check", "--data", dir); code != exitFailure || out != "" || !strings.Contains(errOut, "proves nothing") {
		t.Errorf("stopped: %d %s %s", code, out, errOut)
	}

	cfg, _, err := config.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Data = dir
	a, err := app.New(context.Background(), cfg, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.DB.Write(context.Background(), func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE cases SET reopens = 7`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := linli(context.Background(), "check", "--data", dir); code != exitWrong || !strings.Contains(out, "20 errors") || !strings.Contains(out, "case-differs") {
		t.Errorf("spoiled: %d %s", code, out)
	}
	code, out, _ = linli(context.Background(), "check", "--json", "--data", dir)
	var r proof.Result
	if err := json.Unmarshal([]byte(out), &r); code != exitWrong || err != nil || r.OK || r.Errors != 20 || r.Cases.Cases != 20 {
		t.Errorf("spoiled, for programs: %d %+v %v", code, r, err)
	}
}
