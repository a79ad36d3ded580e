package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// excerptFile is the short form of all profiles, in their folder.
const excerptFile = "profiles.md"

const (
	excerptPackages  = 14
	excerptFunctions = 16
)

// writeExcerpts writes what the profiles of this run say in short, as Markdown.
func (b *bench) writeExcerpts(ctx context.Context) error {
	text := "Profiles, " + machine(ctx, b.options) + "\n"
	for _, name := range slices.Sorted(maps.Keys(b.profiledAlready)) {
		args := []string{"tool", "pprof", "-top", "-nodecount=100000", "-nodefraction=0", "-edgefraction=0"}
		out, err := exec.CommandContext(ctx, "go", append(args, b.profiledAlready[name]...)...).Output()
		if err != nil {
			return fmt.Errorf("reading the profile %s: %w", name, err)
		}
		text += "\n" + excerptOf(string(out)).markdown(name)
	}
	file := filepath.Join(b.profiles, excerptFile)
	b.say("profiles in short: %s", file)
	return os.WriteFile(file, []byte(text), 0o644)
}

// excerpt is a profile in short: whose instructions ran, and what the program's own functions cost with all they call.
type excerpt struct {
	total               string // as pprof says it
	packages, functions []share
}

type share struct {
	name    string
	percent float64
}

// excerptOf reads the output of `go tool pprof -top`: flat, flat%, sum%, cum, cum%, name.
func excerptOf(top string) excerpt {
	var e excerpt
	packages := map[string]float64{}
	for line := range strings.Lines(top) {
		if _, total, ok := strings.Cut(line, "Total samples = "); ok {
			e.total = strings.TrimSpace(total)
		}
		f := strings.Fields(line)
		if len(f) < 6 {
			continue
		}
		flat, err := strconv.ParseFloat(strings.TrimSuffix(f[1], "%"), 64)
		cum, err2 := strconv.ParseFloat(strings.TrimSuffix(f[4], "%"), 64)
		if err != nil || err2 != nil || !strings.HasSuffix(f[1], "%") {
			continue
		}
		packages[packageOf(f[5])] += flat
		if strings.HasPrefix(f[5], "linli/") {
			e.functions = append(e.functions, share{f[5], cum})
		}
	}
	for name, percent := range packages {
		e.packages = append(e.packages, share{name, percent})
	}
	e.packages, e.functions = largest(e.packages, excerptPackages), largest(e.functions, excerptFunctions)
	return e
}

func largest(list []share, n int) []share {
	slices.SortFunc(list, func(a, b share) int {
		return cmp.Or(cmp.Compare(b.percent, a.percent), strings.Compare(a.name, b.name))
	})
	return list[:min(n, len(list))]
}

// packageOf is the package of a function: what is before the first dot behind the last slash.
func packageOf(function string) string {
	path, _, _ := strings.Cut(function, "[") // what it was instantiated for has slashes, too
	at := strings.LastIndex(path, "/") + 1
	name, _, _ := strings.Cut(path[at:], ".")
	return path[:at] + name
}

func (e excerpt) markdown(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s of processor time. Where its instructions ran:\n\n| package | share |\n|---|---|\n", name, e.total)
	write := func(list []share) {
		for _, s := range list {
			fmt.Fprintf(&b, "| `%s` | %.1f %% |\n", s.name, s.percent)
		}
	}
	write(e.packages)
	b.WriteString("\nWhat the program's functions took with all that they called:\n\n| function | share |\n|---|---|\n")
	write(e.functions)
	return b.String()
}
