package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/calendar"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/sample"
)

// linli runs a command as a person would.
func linli(ctx context.Context, args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = Run(ctx, "test", args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

func TestAYearIsBuiltStoppedGoneOnWithAndProved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "year")
	args := []string{"demo", "--scale", "rugao", "--reports", "300", "--ending", "2026-10-31", "--until-built", "--data", dir}
	ctx, stop := context.WithCancel(context.Background())
	go func() { // once the county is laid out
		for {
			text, err := os.ReadFile(filepath.Join(dir, yearFile))
			if err == nil && strings.Contains(string(text), `"laid_out": true`) {
				stop()
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	code, out, errOut := linli(ctx, args...)
	if code != exitOK || strings.Contains(out, "built:") || !strings.Contains(errOut, "the same command goes on") {
		t.Fatalf("stopped: %d %s %s", code, out, errOut)
	}
	if !strings.Contains(errOut, "1182 basic and 89 dedicated grids") {
		t.Errorf("the county: %s", errOut)
	}
	code, out, errOut = linli(context.Background(), args...)
	if code != exitOK || !strings.Contains(out, "300  of 300 good rows") || !strings.Contains(out, "built: "+dir) {
		t.Fatalf("gone on: %d %s %s", code, out, errOut)
	}
	if _, err := os.Stat(filepath.Join(dir, "simulation", "simulation.json")); err != nil {
		t.Error(err)
	}
	if code, out, errOut = linli(context.Background(), args...); code != exitOK || out != "built: "+dir+"\n" {
		t.Errorf("built already: %d %s %s", code, out, errOut)
	}
	if code, _, errOut = linli(context.Background(), "demo", "--scale", "rugao", "--reports", "400", "--until-built", "--data", dir); code != exitFailure || !strings.Contains(errOut, "300") {
		t.Errorf("with another number: %d %s", code, errOut)
	}
	if code, out, errOut = linli(context.Background(), "check", "--data", dir); code != exitOK {
		t.Errorf("check: %d %s %s", code, out, errOut)
	}
}

// A year's folder opened with another database must neither serve that one as the year nor touch it.
func TestAYearIsFoundOnlyInItsOwnDatabase(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "year")
			year := func(where []string, more ...string) (code int, out, errOut string) {
				return linli(context.Background(), slices.Concat([]string{"demo", "--scale", "rugao", "--until-built", "--data", dir}, where, more)...)
			}
			empty := func(engine database.Engine) []string {
				if o := dbtest.Options(t, engine, nil); o.URL != "" {
					return []string{"--db", o.URL}
				}
				return nil
			}
			own := empty(engine)
			y := &yearOf{Scale: "rugao", Seed: 1, From: time.Date(2025, 11, 1, 0, 0, 0, 0, calendar.Zone()), Days: 365, Count: 20, LaidOut: true, Built: true}
			y.Until = y.From.AddDate(0, 0, y.Days+1)
			cfg := config.Config{Data: dir}
			if own != nil {
				cfg.DB = own[1]
			}
			layOut(t, cfg, y)
			written, err := os.ReadFile(filepath.Join(dir, yearFile))
			if err != nil {
				t.Fatal(err)
			}
			var kept map[string]any
			if err := json.Unmarshal(written, &kept); err != nil || kept["engine"] != string(engine) || kept["first_account"] == "" {
				t.Fatalf("where the year is, is not remembered: %v %s", err, written)
			}
			write := func(change func(map[string]any)) {
				t.Helper()
				file := maps.Clone(kept)
				change(file)
				text, err := json.Marshal(file)
				if err == nil {
					err = os.WriteFile(filepath.Join(dir, yearFile), text, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			refused := func(what string, where []string) {
				t.Helper()
				if code, out, errOut := year(where); code != exitFailure || !strings.Contains(errOut, "is not in this database") || out != "" {
					t.Errorf("%s: %d %s %s", what, code, out, errOut)
				}
			}
			var other []string
			for _, e := range dbtest.Engines(t) {
				if e != engine {
					other = empty(e)
					refused("an empty database of the other engine", other)
				}
			}
			if len(other) > 0 && tables(t, other[1]) != 0 {
				t.Error("a database that is not the year's was written to")
			}
			old := func(file map[string]any) { delete(file, "engine"); delete(file, "first_account") }
			write(old)
			if len(dbtest.Engines(t)) > 1 {
				refused("the same, with a file that does not remember", other)
			}
			if code, out, errOut := year(own); code != exitOK || out != "built: "+dir+"\n" {
				t.Errorf("a file that does not remember, with its database: %d %s %s", code, out, errOut)
			}
			if now, err := os.ReadFile(filepath.Join(dir, yearFile)); err != nil || string(now) != string(written) {
				t.Errorf("it is not remembered from then on: %v %s", err, now)
			}
			write(func(file map[string]any) { file["first_account"] = "019a0000-0000-7000-8000-000000000000" })
			refused("a database of another year", own)
			write(func(file map[string]any) { old(file); file["from"] = "2025-10-02T00:00:00+08:00" })
			refused("a file that does not remember, with a database of another year", own)

			write(func(map[string]any) {})
			if code, out, errOut := year(own, "--ending", "2026-10-30"); code != exitFailure || !strings.Contains(errOut, "ends on 2026-10-31") {
				t.Errorf("another last day: %d %s %s", code, out, errOut)
			}
			if code, out, errOut := year(own, "--ending", "2026-10-31"); code != exitOK {
				t.Errorf("the same last day: %d %s %s", code, out, errOut)
			}
		})
	}
}

// layOut puts a small county where a year would be, at the moment at which its county would be.
func layOut(t *testing.T, cfg config.Config, y *yearOf) {
	t.Helper()
	a, err := app.New(t.Context(), cfg, app.Options{Now: y.laidOutAt, Hashing: &demoHashing, Bulk: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = sample.LayOut(t.Context(), a, sample.Plan{Size: sample.Small, Seed: 1, Demo: true}, nil); err == nil {
		y.home, _, err = homeIn(t.Context(), a.DB)
	}
	if err := errors.Join(err, a.Close(), y.save(cfg)); err != nil {
		t.Fatal(err)
	}
}

// tables counts those of a PostgreSQL database.
func tables(t *testing.T, address string) (n int) {
	t.Helper()
	db := dbtest.Open(t, database.Options{URL: address, ReadOnly: true, Readers: 1})
	if err := db.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row(`SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()`).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWrongWordsAboutAYearAreNamed(t *testing.T) {
	dir := t.TempDir()
	for want, args := range map[string][]string{
		"rugao":                {"--scale", "mars"},
		"--scale":              {"--scale", "rugao", "--size", "town"},
		"2026-03-01":           {"--scale", "rugao", "--ending", "March"},
		"day before yesterday": {"--scale", "rugao", "--ending", "2199-01-01"},
		"between 0 and":        {"--scale", "rugao", "--reports", "-5"},
	} {
		code, out, errOut := linli(context.Background(), append([]string{"demo", "--until-built", "--data", dir}, args...)...)
		if code != exitFailure || !strings.Contains(errOut, want) {
			t.Errorf("%v: %d %s %s", args, code, out, errOut)
		}
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("something was begun: %v %v", list, err)
	}
}

func TestAFolderWithOtherAreasIsNoYear(t *testing.T) {
	dir := t.TempDir()
	if code, _, errOut := linli(context.Background(), "simulate", "--count", "1", "--days", "1", "--size", "small", "--data", dir); code != exitOK {
		t.Fatal(errOut)
	}
	code, _, errOut := linli(context.Background(), "demo", "--scale", "rugao", "--until-built", "--data", dir)
	if code != exitFailure || !strings.Contains(errOut, "not those of a year") {
		t.Errorf("%d %s", code, errOut)
	}
}
