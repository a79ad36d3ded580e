// Command bench measures the program against the bars of docs/benchmarks.md and writes the table there.
//
// Every figure is taken several times, in turns with what it is compared to, in one run on one machine; what is
// printed is the median with the smallest and the largest. See docs/benchmarks.md for how each row is measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	if target := os.Getenv(profileVariable); target != "" {
		err = serveProfiled(ctx, target, os.Args[1:])
	} else if answer := os.Getenv(floorVariable); answer != "" {
		err = serveFloor(ctx, answer, os.Stdout)
	} else {
		err = run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:forbidigo // main decides the exit code
	}
}

// options are what the command line says.
type options struct {
	short    bool
	only     string // sections by name, comma between
	engines  string
	doc      string // file whose generated section is replaced; empty: none
	cache    string // folder of the filled databases
	refill   bool
	profiles string // folder for CPU profiles; empty: none
	binary   string // the program as it is shipped
	year     string // data folder of a simulated year on SQLite; empty: none
	yearDB   string // address of the database of one on PostgreSQL; empty: none
	// and the data folder that belongs to it
	yearFolder string
	prepare    bool // fill the databases and end
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.BoolVar(&o.short, "short", false, "few rounds, 10,000 and 100,000 stored cases")
	flags.StringVar(&o.only, "only", "", "only these sections: "+strings.Join(sectionNames(), ", "))
	flags.StringVar(&o.engines, "engine", "all", "sqlite, postgres or all")
	flags.StringVar(&o.doc, "doc", "", "replace the generated section of this file")
	flags.StringVar(&o.cache, "cache", "", "folder that keeps the filled databases for the next run")
	flags.BoolVar(&o.refill, "refill", false, "fill the databases anew")
	flags.StringVar(&o.profiles, "profile", "", "folder for CPU profiles of intake and worklist; profiling costs some speed")
	flags.StringVar(&o.binary, "linli", "bin/linli", "the program, built as it is shipped")
	flags.StringVar(&o.year, "year", "", "data folder of a simulated year on SQLite, for start and check")
	flags.StringVar(&o.yearDB, "year-db", "", "address of the PostgreSQL database of one, with -year-folder")
	flags.StringVar(&o.yearFolder, "year-folder", "", "data folder that belongs to -year-db")
	flags.BoolVar(&o.prepare, "prepare", false, "fill the databases for a later measurement and end")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if (o.yearDB == "") != (o.yearFolder == "") {
		return errors.New("-year-db and -year-folder belong together: a database and the folder with its key")
	}
	b, err := newBench(o, progress)
	if err != nil {
		return err
	}
	if o.prepare {
		return errors.Join(b.fillAll(ctx), b.remove())
	}
	report, err := b.measure(ctx)
	fmt.Fprint(out, report) // what was measured before something failed, too
	if err = errors.Join(err, b.remove()); err != nil {
		return err
	}
	switch {
	case o.doc == "":
		return nil
	case o.partial():
		b.say("%s stays as it is: a part must not take the place of the whole", o.doc)
		return nil
	}
	return replaceGenerated(o.doc, report)
}

// partial tells whether less was measured than the document shows.
func (o options) partial() bool { return o.only != "" || o.engines != "all" || o.profiles != "" }

// chosenEngines are the engines asked for. PostgreSQL is the server that tests may make databases on.
func (o options) chosenEngines() ([]database.Engine, error) {
	server := os.Getenv(dbtest.Variable)
	there := server != "" && server != "off"
	switch o.engines {
	case "all":
		if there {
			return []database.Engine{database.SQLite, database.Postgres}, nil
		}
		return []database.Engine{database.SQLite}, nil
	case "sqlite":
		return []database.Engine{database.SQLite}, nil
	case "postgres":
		if there {
			return []database.Engine{database.Postgres}, nil
		}
		return nil, fmt.Errorf("%s names no server: run this by scripts/bench.sh", dbtest.Variable)
	}
	return nil, fmt.Errorf("-engine %s: sqlite, postgres or all", o.engines)
}
