package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// pure are the Go benchmarks of parts that need no database: the program's own, run from here so that they belong to
// the same run.
var pure = []struct {
	name, folder string
	describe     func(t *table, ns samples)
}{
	{"BenchmarkLocatePoint1271", "./internal/area", func(t *table, ns samples) {
		t.atLeast("point → grid, 1,271 grids of real outline, whole `Locate`, one core", barLocate, " M/s", ns.each(func(v float64) float64 { return 1e3 / v }))
	}},
	{"BenchmarkDecide", "./internal/flow", func(t *table, ns samples) {
		t.atMost("flow decision (seven steps)", barDecide, " µs", ns.each(micro))
	}},
	{"BenchmarkDeadline5WorkingDays", "./internal/calendar", func(t *table, ns samples) {
		t.atMost("deadline of 5 working days", barDeadline, " µs", ns.each(micro))
	}},
	{"BenchmarkAuthenticate", "./internal/staff", func(t *table, ns samples) {
		t.figure("authenticate a session, in memory", ns.each(micro).with(" µs"))
	}},
}

func micro(ns float64) float64 { return ns / 1000 }

func measurePure(ctx context.Context, b *bench, t *table) error {
	for _, p := range pure {
		b.say("pure: %s", p.name)
		args := []string{"test", "-run", "^$", "-bench", "^" + p.name + "$", "-benchtime", "0.5s", "-count", strconv.Itoa(b.plan.microCount), p.folder}
		out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
		}
		ns, err := nsPerOp(string(out), p.name)
		if err != nil {
			return err
		}
		p.describe(t, ns)
	}
	return nil
}

// nsPerOp reads lines such as "BenchmarkDecide-2   300000   3812 ns/op   1520 B/op".
func nsPerOp(out, name string) (list samples, err error) {
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) < 4 || !strings.HasPrefix(f[0], name) {
			continue
		}
		for i := 3; i < len(f); i++ {
			if f[i] == "ns/op" {
				ns, err := strconv.ParseFloat(f[i-1], 64)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				list.add(ns)
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s said nothing: %s", name, out)
	}
	return list, nil
}
