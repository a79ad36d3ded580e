package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"linli/internal/platform/database"
)

// bench is one run.
type bench struct {
	options
	plan     plan
	progress io.Writer
	work     string // folder of this run, removed at its end
	digest   string // of what a filled database depends on

	profiledAlready map[string][]string // files by what was profiled
}

// section is one part of an engine's table.
type section struct {
	name string
	do   func(context.Context, *bench, *store, *table) error
}

var sections = []section{
	{"intake", measureIntake},
	{"http", measureHTTPIntake},
	{"worklist", measureWorklist},
	{"sizes", measureIntakeAtSizes},
	{startSection, measureStart},
}

// runPrefix begins the names of folders that last for one run.
const runPrefix = "run-"

const pureSection, startSection, checkSection = "pure", "start", "check"

func sectionNames() []string {
	names := []string{pureSection}
	for _, s := range sections {
		names = append(names, s.name)
	}
	return append(names, checkSection)
}

func newBench(o options, progress io.Writer) (*bench, error) {
	for _, name := range strings.FieldsFunc(o.only, func(r rune) bool { return r == ',' }) {
		if !slices.Contains(sectionNames(), name) {
			return nil, fmt.Errorf("-only %s: there are %s", name, strings.Join(sectionNames(), ", "))
		}
	}
	b := &bench{options: o, plan: o.plan(), progress: progress, profiledAlready: map[string][]string{}}
	var err error
	if b.digest, err = fillDigest(); err != nil {
		return nil, err
	}
	if b.cache == "" {
		b.cache = filepath.Join(os.TempDir(), "linli-bench")
	}
	for _, dir := range []string{b.cache, b.profiles} {
		if dir != "" {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return nil, err
			}
		}
	}
	if err := b.tidyCache(); err != nil {
		return nil, err
	}
	if b.binary, err = filepath.Abs(b.binary); err != nil {
		return nil, err
	}
	// on the same disk as the filled databases, so that all are measured on the same
	b.work, err = os.MkdirTemp(b.cache, runPrefix+"*")
	return b, err
}

func (b *bench) remove() error { return os.RemoveAll(b.work) }

func (b *bench) wants(name string) bool {
	return b.only == "" || slices.Contains(strings.Split(b.only, ","), name)
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, "bench: "+format+"\n", args...)
}

// measure runs the sections and gives the report. A section that fails leaves the others as they are: half an hour's
// figures are not lost for one of them. The error names all that failed.
func (b *bench) measure(ctx context.Context) (string, error) {
	engines, err := b.chosenEngines()
	if err != nil {
		return "", err
	}
	report := "Measured " + machine(ctx, b.options) + "\n"
	add := func(t *table, err error) error {
		if len(t.rows) > 0 {
			report += "\n" + t.markdown()
		}
		return err
	}
	var failed []error
	if b.wants(pureSection) {
		t := &table{title: "Pure parts"}
		failed = append(failed, add(t, measurePure(ctx, b, t)))
	}
	for _, engine := range engines {
		if err := add(b.engine(ctx, engine)); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", engine, err))
		}
	}
	for _, engine := range b.yearEngines() {
		if err := add(b.measureYear(ctx, engine)); err != nil {
			failed = append(failed, fmt.Errorf("the year on %s: %w", engine, err))
		}
	}
	if b.profiles != "" {
		failed = append(failed, b.writeExcerpts(ctx))
	}
	return report, errors.Join(failed...)
}

func (b *bench) engine(ctx context.Context, engine database.Engine) (t *table, err error) {
	t = &table{}
	if !slices.ContainsFunc(sections, func(s section) bool { return b.wants(s.name) }) {
		return t, nil
	}
	s, err := b.newStore(ctx, engine)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, s.remove(context.WithoutCancel(ctx))) }()
	t.title = s.title
	var failed []error
	for _, part := range sections {
		if !b.wants(part.name) || ctx.Err() != nil {
			continue
		}
		b.say("%s: %s", engine, part.name)
		if err := part.do(ctx, b, s, t); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", part.name, err))
			b.say("  failed: %v", err)
		}
	}
	return t, errors.Join(append(failed, ctx.Err())...)
}
