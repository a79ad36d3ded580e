package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/lang"
)

func (p *program) flowList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the governance models, and which version counts when", Args: cobra.NoArgs,
		Long: `list shows the models of the files. With --data or --db it shows every version in the database as well, which of them new cases
begin with now, and below that each decision: versions in use, planned for a day to come, replaced and withdrawn. It only
reads, and may run beside serve.`,
		Example: "  linli flow list\n  linli flow list --data ./data",
		RunE: func(cmd *cobra.Command, _ []string) error {
			stored, err := p.namesDatabase(cmd)
			if err != nil {
				return err
			}
			if stored {
				return p.look(cmd, p.listStored)
			}
			lib, err := p.library(cmd)
			if err != nil {
				return err
			}
			return p.listModels(lib, nil)
		},
	}
}

// namesDatabase tells whether somebody said which database is meant, so that a command that can do without looks into it.
func (p *program) namesDatabase(cmd *cobra.Command) (bool, error) {
	cfg, src, err := p.settings(cmd)
	return err == nil && (cfg.DB != "" || src.Of("data") != "default"), err
}

// look opens the program for reading only.
func (p *program) look(cmd *cobra.Command, do func(*app.App) error) (err error) {
	cfg, _, err := p.settings(cmd)
	if err != nil {
		return err
	}
	a, err := app.New(cmd.Context(), cfg, app.Options{ReadOnly: true, Log: p.logger(cfg, slog.LevelWarn)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return do(a)
}

// listModels prints a row for each version. now tells from when it counts for new cases; nil: only the files are known.
func (p *program) listModels(lib *flow.Library, now func(*flow.Definition) string) error {
	w := tabwriter.NewWriter(p.out, 2, 8, 2, ' ', 0)
	fmt.Fprint(w, "MODEL\tVERSION\t")
	if now != nil {
		fmt.Fprint(w, "STATE\tFROM\tUNTIL\t")
	}
	fmt.Fprintln(w, "STAGES\tFOR\tTITLE")
	for _, d := range lib.All() {
		fmt.Fprintf(w, "%s\t%s\t", d.Name, d.Version)
		if now != nil {
			fmt.Fprint(w, now(d))
		}
		fmt.Fprintf(w, "%d\t%s\t%s / %s\n", len(d.Stages), strings.Join(d.Kinds, " "), d.Title.ZH, d.Title.EN)
	}
	return w.Flush()
}

// listStored prints every version in the database and each decision about which of them counts.
func (p *program) listStored(a *app.App) error {
	tag, now := terminalLang(), a.DB.Now()
	err := p.listModels(a.Cases.Models(), func(d *flow.Definition) string {
		since, until, counts := a.Cases.ModelTimes(d, now)
		state := "-"
		switch {
		case counts:
			state = activationWord(casework.ActivationActive).In(tag)
		case since.After(now):
			state = activationWord(casework.ActivationPlanned).In(tag)
		}
		return fmt.Sprintf("%s\t%s\t%s\t", state, stamp(since), stamp(until))
	})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.out, 2, 8, 2, ' ', 0)
	name, decisions := "", 0
	for _, d := range a.Cases.Models().All() {
		if d.Name == name {
			continue
		}
		name = d.Name
		list, _, err := a.Cases.Activations(name)
		if err != nil {
			return err
		}
		for _, act := range list {
			if decisions++; decisions == 1 {
				fmt.Fprintln(w, "\nACTIVATION\tSTATE\tFROM\tUNTIL\tBY\tREASON")
			}
			until := time.Time{}
			if act.Until != nil {
				until = *act.Until
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", act.Model, activationWord(act.State).In(tag), stamp(act.Since), stamp(until), act.By, act.Reason)
			if act.Withdrawn != nil {
				fmt.Fprintf(w, "\t\t%s\t\t%s\t%s\n", stamp(act.Withdrawn.At), act.Withdrawn.By, act.Withdrawn.Reason)
			}
		}
	}
	if decisions == 0 {
		fmt.Fprintln(w, "\n"+lang.T("没有另外启用过版本:按模型文件的最新版本办", "no version was put into use by decision: the newest of the files counts").In(tag))
	}
	return w.Flush()
}

// activationWord is the state of an activation as the desk calls it.
func activationWord(state string) lang.Text {
	switch state {
	case casework.ActivationActive:
		return lang.T("正在用", "in use")
	case casework.ActivationPlanned:
		return lang.T("待启用", "planned")
	case casework.ActivationWithdrawn:
		return lang.T("已撤回", "withdrawn")
	}
	return lang.T("已被替换", "replaced")
}
