package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/casework"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/proof"
	"linli/internal/staff"
)

func (p *program) check() *cobra.Command {
	var asJSON bool
	var one string
	cmd := &cobra.Command{
		Use: "check", Short: "Prove that every case has an owner and a running clock, and that all figures hold", Args: cobra.NoArgs,
		Long: `check computes everything again and compares: every open case has exactly one responsible post with a living holder or named
fall-back and a running clock or a recorded pause; every grid, household group and building is in its place; timelines,
counters and clocks agree. It only reads, and of one moment, so it may run beside serve. Ctrl-C stops it. Exit code 1 when
something is wrong, 2 when it could not come to an end.`,
		Example: "  linli check --data ./data\n  linli check --json\n  linli check --case 320682-2026-000123",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			defer func() {
				if err != nil && cmd.Context().Err() != nil {
					err = errStopped()
				}
			}()
			return p.look(cmd, func(a *app.App) error {
				if one != "" {
					return p.explainCase(cmd, a, one, asJSON)
				}
				return p.prove(cmd, a, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	cmd.Flags().StringVar(&one, "case", "", "show the arithmetic of one case's deadlines (number or id)")
	return cmd
}

func errStopped() error {
	return fault.New(fault.Unavailable, "check-stopped", "核对被中断,没有得出结论;数据没有改动", "The check was stopped and proves nothing; no data was changed")
}

func (p *program) prove(cmd *cobra.Command, a *app.App, asJSON bool) error {
	tag := terminalLang()
	res, err := proof.Run(cmd.Context(), proof.Parts{Areas: a.Areas, Staff: a.Staff, Cases: a.Cases}, a.DB.Now, func(what lang.Text, done, total int) {
		p.status(what.In(tag), int64(done), int64(total))
	})
	p.clear()
	if err != nil {
		return err
	}
	write := func() error { return res.WriteTable(p.out, tag) }
	if asJSON {
		write = func() error { return res.WriteJSON(p.out) }
	}
	if err := write(); err != nil {
		return err
	}
	if !res.OK {
		return errWrong
	}
	return nil
}

// explainCase prints how each deadline of a case came about, day by day.
func (p *program) explainCase(cmd *cobra.Command, a *app.App, ref string, asJSON bool) error {
	tag := terminalLang()
	ex, err := a.Cases.Explain(cmd.Context(), staff.System(), ref, tag)
	if err != nil {
		return err
	}
	if asJSON {
		return p.json(ex)
	}
	w := tabwriter.NewWriter(p.out, 2, 8, 2, ' ', 0)
	for _, k := range ex.Clocks {
		what := lang.T("整件事", "the whole case").In(tag)
		if k.Task > 0 {
			what = fmt.Sprintf("%d  %s  %s", k.Task, k.Stage, k.Post)
		}
		fmt.Fprintf(w, "\n%s: %s\t%s\n", what, k.Allow.In(tag), k.Calendar+" "+k.Version)
		for _, step := range k.Steps {
			fmt.Fprintf(w, "  %s\t%s\n", step.From.Format("2006-01-02 15:04"), step.Text)
		}
		for _, m := range k.Moves {
			fmt.Fprintf(w, "  %s\t%s %s\t%s -> %s\n", m.At.Format("2006-01-02 15:04"), m.Op, m.Allow, stamp(m.Before), stamp(m.After))
		}
		if !k.Agrees && !k.Frozen {
			fmt.Fprintln(w, "  "+lang.T("与存储的期限不一致!", "this does not agree with what is stored!").In(tag))
		}
	}
	return w.Flush()
}

func (p *program) flowAreas(cmd *cobra.Command) error {
	return p.with(cmd, func(a *app.App) error {
		list := a.Cases.Unresolvable()
		p.unresolved(list)
		if len(list) > 0 {
			return errWrong
		}
		return nil
	})
}

// unresolved prints which actors of which models find no post of their own in the loaded area tree.
func (p *program) unresolved(list []casework.Unresolvable) {
	w := tabwriter.NewWriter(p.out, 2, 8, 2, ' ', 0)
	for _, u := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d grids, such as %s\tanswered by %s\n", u.Model, u.Stage+" "+u.Action, actorText(u.Actor), len(u.Grids), u.Grids[0], u.Instead)
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(p.err, "linli:", err)
	}
	if len(list) == 0 {
		fmt.Fprintln(p.out, "every actor of every model is a post of its own for every grid")
	}
}
