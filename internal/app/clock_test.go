package app

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/internal/calendar"
	"linli/internal/platform/config"
	"linli/internal/platform/fault"
)

func TestTheProgramsClockStandsStillWhileTheMachinesIsBehind(t *testing.T) {
	at := time.Date(2026, 11, 16, 1, 0, 0, 123_456_789, time.UTC)
	machine := at
	var log bytes.Buffer
	now := newSteadyClock(func() time.Time { return machine }, slog.New(slog.NewTextHandler(&log, nil))).now
	begin := time.Date(2026, 11, 16, 9, 0, 0, 123_000_000, calendar.Zone())
	for _, step := range []struct {
		name    string
		machine time.Duration // from at
		want    time.Duration // from begin
	}{
		{"whole milliseconds", 0, 0},
		{"an hour back: it stands still", -time.Hour, 0},
		{"and does while the other catches up", -time.Minute, 0},
		{"then it goes on", time.Second, time.Second},
		{"forward is followed, however far", 72 * time.Hour, 72 * time.Hour},
		{"a day back: it stands still", 48 * time.Hour, 72 * time.Hour},
		{"more than a day back is followed", 47 * time.Hour, 47 * time.Hour},
	} {
		machine = at.Add(step.machine)
		if have, want := now(), begin.Add(step.want); !have.Equal(want) || have.Location() != calendar.Zone() {
			t.Errorf("%s: %s, want %s", step.name, have, want)
		}
	}
	if n := strings.Count(log.String(), "set back"); n != 2 {
		t.Errorf("the log says so %d times:\n%s", n, log.String())
	}
}

func TestTheProgramsClockNeverGoesBackByLittle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		machine := time.Date(2026, 11, 16, 1, 0, 0, 0, time.UTC)
		now := newSteadyClock(func() time.Time { return machine }, slog.New(slog.DiscardHandler)).now
		last, most := now(), machine
		for range rapid.IntRange(1, 50).Draw(t, "looks") {
			machine = machine.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(2*time.Hour)).Draw(t, "step")))
			if most.Sub(machine) > 23*time.Hour {
				machine = most
			}
			if machine.After(most) {
				most = machine
			}
			have := now()
			if have.Before(last) {
				t.Fatalf("it went back from %s to %s", last, have)
			}
			if !have.Equal(most.Truncate(time.Millisecond)) {
				t.Fatalf("it says %s when the latest the machine said was %s", have, most)
			}
			last = have
		}
	})
}

func TestTheClockGoesOnFromWhatIsStored(t *testing.T) {
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, calendar.Zone())
	for _, c := range []struct {
		name   string
		stored time.Duration // from what the machine says
		behind time.Duration
		want   time.Duration
	}{
		{"nothing newer is stored", -time.Hour, 0, 0},
		{"an hour ahead is stored: it stands still there", time.Hour, 0, time.Hour},
		{"two days ahead is too far", 48 * time.Hour, 48 * time.Hour, 0},
	} {
		clock := newSteadyClock(func() time.Time { return at }, slog.New(slog.DiscardHandler))
		if behind := clock.notBefore(at.Add(c.stored)); behind != c.behind {
			t.Errorf("%s: behind by %s", c.name, behind)
		}
		if have := clock.now(); !have.Equal(at.Add(c.want)) {
			t.Errorf("%s: it says %s", c.name, have)
		}
	}
}

func TestAProgramWhoseClockIsDaysBehindDoesNotServe(t *testing.T) {
	cfg, _, err := config.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Data, cfg.Listen = t.TempDir(), "127.0.0.1:0"
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	start := time.Date(2026, 11, 16, 9, 0, 0, 0, calendar.Zone())
	serve := func(machine time.Time) error {
		a, err := New(ctx, cfg, Options{Now: func() time.Time { return machine }})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if a.KeyCreated { // the first time: somebody is made, which is written down
			if _, err := a.Staff.Bootstrap(ctx, "admin", "系统管理员"); err != nil {
				t.Fatal(err)
			}
		}
		within, stop := context.WithCancel(ctx)
		defer stop()
		return a.Serve(within, "test", func(string) { stop() })
	}
	for _, c := range []struct {
		name    string
		machine time.Time
		refused bool
	}{
		{"the first start", start, false},
		{"1970, before the time service answers", time.Unix(0, 0), true},
		{"an hour behind", start.Add(-time.Hour), false},
		{"later", start.Add(time.Hour), false},
	} {
		if err := serve(c.machine); (err != nil) != c.refused || c.refused && !fault.HasCode(err, "clock-behind") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
