package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// machine says on what, with what and when was measured.
func machine(ctx context.Context, o options) string {
	form := "full form"
	if o.short {
		form = "short form"
	}
	if o.only != "" {
		form += ", only " + o.only
	}
	if o.profiles != "" {
		form += ", while profiling"
	}
	text := fmt.Sprintf("%s, commit %s, %s; %d processors (%s), %s of memory, %s, %s; load average at the start %s.",
		now().Format("2006-01-02 15:04"), commit(ctx), form, runtime.NumCPU(), field("/proc/cpuinfo", "model name"), memory(), kernel(),
		runtime.Version(), firstWord("/proc/loadavg"))
	if load, err := strconv.ParseFloat(firstWord("/proc/loadavg"), 64); err == nil && load > quiet {
		text += " " + notQuiet
	}
	return text
}

// quiet is the load up to which the machine counts as having nothing else to do.
const quiet = 1

const notQuiet = "**The machine was not quiet: other work ran beside the measurement. Absolute figures are too low, and only what was measured in turns may be compared.**"

// commit names the code measured, and whether files of it had been changed since.
func commit(ctx context.Context) string {
	id, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	name := strings.TrimSpace(string(id))
	changed, err := exec.CommandContext(ctx, "git", "status", "--porcelain", "--", "*.go", "*.sql", "models", "go.mod").Output()
	if lines := strings.Count(string(changed), "\n"); err == nil && lines > 0 {
		name += fmt.Sprintf(" with %d files changed", lines)
	}
	return name
}

func memory() string {
	kb, err := strconv.Atoi(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"))
	if err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%d GiB", (kb+1<<19)>>20)
}

func kernel() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS
	}
	version, _, _ := strings.Cut(strings.TrimSpace(string(release)), "-")
	return "Linux " + version
}

// field reads a "name : value" line of a file in /proc.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func firstWord(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	word, _, _ := strings.Cut(string(text), " ")
	return word
}
