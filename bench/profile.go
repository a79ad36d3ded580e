package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"linli/internal/cli"
)

// profileVariable makes this binary act as the program itself while it is profiled: the shipped one has no way to be.
const profileVariable = "BENCH_SERVER_PROFILE"

func serveProfiled(ctx context.Context, target string, args []string) error {
	return profileInto(target, func() error {
		if code := cli.Run(ctx, "bench", args, os.Stdin, os.Stdout, os.Stderr); code != 0 {
			return fmt.Errorf("linli %s: exit code %d", args[0], code)
		}
		return nil
	})
}

// profileInto runs f under the CPU profiler.
func profileInto(target string, f func() error) (err error) {
	out, err := os.Create(target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}

// profiled runs f, under the CPU profiler the first time a name is met when profiles are wanted.
func (b *bench) profiled(name string, f func() error) error {
	target := b.profile(name)
	if target == "" {
		return f()
	}
	return profileInto(target, f)
}

// profile is the file for a profile; empty when none is wanted or it is there already from an earlier round.
func (b *bench) profile(name string) string {
	if b.profiles == "" || len(b.profiledAlready[name]) > 0 {
		return ""
	}
	return b.profileAgain(name)
}

// profileAgain is one more file for what is too short to be profiled once; they are read together.
func (b *bench) profileAgain(name string) string {
	file := name
	if n := len(b.profiledAlready[name]); n > 0 {
		file = fmt.Sprintf("%s-%d", name, n+1)
	}
	target := filepath.Join(b.profiles, file+".prof")
	b.profiledAlready[name] = append(b.profiledAlready[name], target)
	return target
}

// profiledFor repeats f under the profiler for a while, before it is measured, when profiles are wanted: what takes a
// millisecond leaves no trace in one turn.
func (b *bench) profiledFor(name string, f func() error) error {
	if b.profiles == "" || len(b.profiledAlready[name]) > 0 {
		return nil
	}
	return b.profiled(name, func() error {
		for end := now().Add(profileSpan); now().Before(end); {
			if err := f(); err != nil {
				return err
			}
		}
		return nil
	})
}

const profileSpan = 4 * time.Second
