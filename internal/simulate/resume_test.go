package simulate

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/models"
)

// shortYear is some weeks of a year in a small county.
func shortYear(t testing.TB, state string) Options {
	t.Helper()
	staffing, err := YearStaffing(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Seed: 7, Staffing: staffing, Settle: 5 * 24 * time.Hour, State: state}
}

const shortCount = 500

// passShortYear runs it on one folder and engine, stopped and begun anew by another process every so many ends of cases.
func passShortYear(t *testing.T, engine database.Engine, together, every int, state bool) (string, Result) {
	t.Helper()
	dir, url := t.TempDir(), dbtest.Options(t, engine, nil).URL
	for stops := 0; ; stops++ {
		a, clock, release, err := openTown(dir, url)
		if err != nil {
			t.Fatal(err)
		}
		o := shortYear(t, "")
		if state {
			o.State = filepath.Join(dir, "state", "run.json")
		}
		o.Together = together
		y, err := RugaoYear(models.Files)
		if err != nil {
			t.Fatal(err)
		}
		if o.Stream, err = y.Stream(a, Span{Seed: 3, From: monday, Days: 21, Count: shortCount}); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		n := 0
		a.Cases.On("closed", func(*database.Tx, casework.Event) error {
			if n++; n == every {
				stop()
			}
			return nil
		})
		r, err := Run(ctx, a, clock, o, nil)
		stop()
		if err != nil {
			t.Fatal(err)
		}
		if !r.Stopped {
			if every > 0 && stops < 3 {
				t.Errorf("it was stopped %d times only", stops)
			}
			sound(t, a, r)
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(o.State); state && r.Stopped != (err == nil) {
			t.Errorf("stopped %v, and its state: %v", r.Stopped, err)
		}
		if !r.Stopped {
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			return string(text), r
		}
	}
}

func TestAYearIsTheSameOnEveryEngineHoweverMuchAtATimeAndHoweverOftenStopped(t *testing.T) {
	want, r := passShortYear(t, database.SQLite, 1, 0, false)
	if r.Reported != shortCount || r.Stuck > 0 || r.Totals.Ended < shortCount*9/10 {
		t.Errorf("%+v", r)
	}
	for _, engine := range dbtest.Engines(t) {
		if got, _ := passShortYear(t, engine, 3, 110, true); got != want {
			t.Errorf("%s: another report\n%s\n%s", engine, got, want)
		}
	}
}

func TestARunThatLeftNoStateGoesOnFromTheDatabase(t *testing.T) {
	_, whole := passShortYear(t, database.SQLite, 1, 0, false)
	_, r := passShortYear(t, database.SQLite, 1, 110, false)
	if r.Reported != shortCount || r.Again == 0 || r.Stuck > 0 {
		t.Errorf("%+v", r)
	}
	if a, b := r.Totals.Ended, whole.Totals.Ended; a < b-10 || a > b+10 {
		t.Errorf("%d ended, without stopping %d", a, b)
	}
}

func TestAStateOfAnotherRunIsNotTaken(t *testing.T) {
	a, clock := town(t, database.SQLite)
	state := filepath.Join(t.TempDir(), "run.json")
	list := stream(t, a, 30)
	if err := os.WriteFile(state, []byte(`{"Format":1,"Seed":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	half := simulateTown(t, a, clock, Options{Seed: 1, Arrivals: list[:15], Settle: time.Hour})
	r := simulateTown(t, a, clock, Options{Seed: 1, Arrivals: list, State: state})
	if r.Again != half.Reported || r.Reported != 30 {
		t.Errorf("%+v", r)
	}
	sound(t, a, r)
}
