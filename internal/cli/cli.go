// Package cli is the command line: one file per command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/platform/config"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// program is what every command needs.
type program struct {
	version string
	in      io.Reader
	out     io.Writer
	err     io.Writer
	file    string // --config
	warned  bool   // of settings without effect
}

// Exit codes.
const (
	exitOK      = 0
	exitWrong   = 1 // a check found something wrong, or an import refused rows
	exitFailure = 2 // the command could not do its work
)

// errWrong ends a command that worked and found something wrong; what it found has been printed.
var errWrong = errors.New("something is wrong")

// Run runs one command and returns the exit code.
func Run(ctx context.Context, version string, args []string, in io.Reader, out, errOut io.Writer) int {
	p := &program{version: version, in: in, out: out, err: errOut}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	switch err := root.ExecuteContext(ctx); {
	case err == nil:
		return exitOK
	case errors.Is(err, errWrong):
		return exitWrong
	default:
		p.explain(err)
		return exitFailure
	}
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "linli",
		Short: "Neighbourhood governance in grids (邻里·网格化基层治理)",
		Long: `linli runs the closed loop of neighbourhood governance: a matter is reported, finds its grid, is sorted,
handed to whoever can solve it, tracked on a clock, answered, rated and published.

Start here:
  linli demo                    a living sample county, nothing to set up
  linli serve --data ./data     the program itself, on the embedded database
  linli check                   proof that every case has an owner and a running clock`,
		SilenceUsage: true, SilenceErrors: true, Version: p.version,
	}
	config.Flags(root.PersistentFlags())
	root.PersistentFlags().StringVar(&p.file, "config", "", "settings file (default: linli.yaml in this folder, if there is one)")
	root.AddCommand(p.serve(), p.demo(), p.simulate(), p.check(), p.imports(), p.flow(), p.calendars(), p.staff(),
		p.backup(), p.restore(), p.migrate(), p.config(), p.openapi())
	return root
}

// settings loads the configuration for a command.
func (p *program) settings(cmd *cobra.Command) (config.Config, config.Sources, error) {
	cfg, src, err := config.Load(p.file, cmd.Flags())
	if err == nil && !p.warned {
		p.warned = true
		for _, name := range src.Ignored {
			fmt.Fprintf(p.err, "warning: %s is no setting of linli and has no effect\n", name)
		}
	}
	return cfg, src, err
}

// open builds the program for a command.
func (p *program) open(cmd *cobra.Command, o app.Options) (*app.App, error) {
	cfg, _, err := p.settings(cmd)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = p.logger(cfg, slog.LevelWarn)
	}
	return app.New(cmd.Context(), cfg, o)
}

// logger writes the log to standard error, so that standard output holds only what was asked for.
func (p *program) logger(cfg config.Config, least slog.Level) *slog.Logger {
	level := least
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil || level < least {
		level = least
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(p.err, opts))
	}
	return slog.New(slog.NewTextHandler(p.err, opts))
}

// explain prints a refusal with the wrong places, in the language of the terminal.
func (p *program) explain(err error) {
	tag := terminalLang()
	var f *fault.Error
	if !errors.As(err, &f) {
		fmt.Fprintln(p.err, "linli:", err)
		return
	}
	fmt.Fprintln(p.err, "linli:", f.Text.In(tag))
	for _, field := range f.Fields {
		fmt.Fprintf(p.err, "  %s: %s\n", field.Name, field.Text.In(tag))
	}
	if cause := errors.Unwrap(f); cause != nil {
		fmt.Fprintf(p.err, "  (%v)\n", cause)
	}
}

// terminalLang is Chinese where the terminal's locale says so.
func terminalLang() lang.Tag {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return lang.ZH
			}
			return lang.EN
		}
	}
	return lang.EN
}
