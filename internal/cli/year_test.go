package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
