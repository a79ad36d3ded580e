package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/models"
)

func (p *program) flow() *cobra.Command {
	cmd := &cobra.Command{Use: "flow", Short: "Governance models: list, check, show, draw",
		Example: "  linli flow list --data ./data\n  linli flow check my-county.yaml\n  linli flow diagram seven-step > seven-step.svg"}
	cmd.AddCommand(p.flowList(), p.flowCheck(), p.flowShow(), p.flowDiagram())
	return cmd
}

// library loads the models that the program would run with.
func (p *program) library(cmd *cobra.Command) (*flow.Library, error) {
	return flow.Load(p.modelFiles(cmd), "flows")
}

func (p *program) flowCheck() *cobra.Command {
	var areas bool
	cmd := &cobra.Command{
		Use:   "check [FILE…]",
		Short: "Check model files, or the built-in models",
		Long: `check reads model files and names everything that is wrong as file:line:column, with a hint: unknown words,
stages that cannot be reached or never end, actors and allowances that are missing, wording in one language only.
With --areas it also lists the actors that are no post of their own for some grid of the loaded area tree.`,
		Example: "  linli flow check\n  linli flow check models/flows/*.yaml\n  linli flow check --areas --data ./data",
		RunE: func(cmd *cobra.Command, args []string) error {
			if areas {
				return p.flowAreas(cmd)
			}
			if len(args) == 0 {
				lib, err := p.library(cmd)
				if err != nil {
					return p.problems(err)
				}
				fmt.Fprintf(p.out, "%d models, all sound\n", len(lib.All()))
				return nil
			}
			roles, err := fs.ReadFile(models.Files, "roles.yaml")
			if err != nil {
				return fmt.Errorf("built-in roles: %w", err)
			}
			known, err := flow.ReadRoles(roles)
			if err != nil {
				return err
			}
			bad := false
			for _, name := range args {
				text, err := os.ReadFile(name)
				if err != nil {
					return fault.Newf(fault.NotFound, "no-file", "打不开文件 %[1]s", "The file %[1]s cannot be opened", name).Because(err)
				}
				src, err := flow.Parse(name, text)
				if err == nil {
					var d *flow.Definition
					p.warnings(flow.Lint(src, known))
					if d, err = flow.Compile(src, known); err == nil {
						fmt.Fprintf(p.out, "%s: sound: %s, %d stages, %d ends\n", name, d.ID(), len(d.Stages), len(d.Ends))
						continue
					}
				}
				bad = true
				fmt.Fprintln(p.out, err)
			}
			if bad {
				return errWrong
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&areas, "areas", false, "try every actor of the models in use for every grid of the loaded area tree")
	return cmd
}

// warnings prints what is no fault but worth a look; faults come with the error of Compile.
func (p *program) warnings(list []flow.Problem) {
	for _, w := range list {
		if w.Severity == flow.Warning {
			fmt.Fprintln(p.out, w)
		}
	}
}

// problems prints the faults of model files as a finding, not as a failure of the command.
func (p *program) problems(err error) error {
	var list flow.Problems
	if !errors.As(err, &list) {
		return err
	}
	fmt.Fprintln(p.out, err)
	return errWrong
}

func (p *program) flowShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show MODEL", Short: "Show a model: its stages, who acts, how long, what they may do", Args: cobra.ExactArgs(1),
		Long: `show prints a model with all that the flow language adds by itself. With --data or --db a name means the version that
new cases begin with now, and name@version also one that was put into use on the desk.`,
		Example: "  linli flow show seven-step\n  linli flow show seven-step@2026.2 --data ./data\n  linli flow show seven-step --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := p.model(cmd, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(p.out)
				enc.SetIndent("", "  ")
				return enc.Encode(d)
			}
			_, err = fmt.Fprint(p.out, flow.Print(d, terminalLang()))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the compiled model as JSON")
	return cmd
}

// model finds a model by its name or as name@version: among the files, or where a database was named among all versions there.
func (p *program) model(cmd *cobra.Command, name string) (d *flow.Definition, err error) {
	missing := fault.Newf(fault.NotFound, "no-model", "没有“%[1]s”这个模型,用 linli flow list 查看", "There is no model %[1]q; see linli flow list", name)
	find := func(lib *flow.Library, newest func(string) (*flow.Definition, bool)) error {
		var ok bool
		if d, ok = lib.Lookup(name); ok {
			return nil
		}
		if d, ok = newest(name); ok {
			return nil
		}
		return missing
	}
	stored, err := p.namesDatabase(cmd)
	if err != nil {
		return nil, err
	}
	if stored {
		err = p.look(cmd, func(a *app.App) error {
			return find(a.Cases.Models(), func(name string) (*flow.Definition, bool) { return a.Cases.InForce(name, a.DB.Now()) })
		})
		return d, err
	}
	lib, err := p.library(cmd)
	if err != nil {
		return nil, err
	}
	return d, find(lib, lib.Get)
}

func actorText(a flow.Actor) string {
	switch {
	case a.Ref != "":
		return a.Ref
	case a.Unit != "":
		return strings.TrimSpace(a.Post + " of unit " + a.Unit)
	}
	return a.Post + " at " + a.At
}

func (p *program) flowDiagram() *cobra.Command {
	var format, out string
	cmd := &cobra.Command{
		Use: "diagram MODEL", Short: "Draw a model as SVG or Mermaid", Args: cobra.ExactArgs(1),
		Example: "  linli flow diagram seven-step > seven-step.svg\n  linli flow diagram whistle --format mermaid",
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := p.model(cmd, args[0])
			if err != nil {
				return err
			}
			cfg, _, err := p.settings(cmd)
			if err != nil {
				return err
			}
			var picture []byte
			switch format {
			case "svg":
				picture = flow.SVG(d, cfg.Lang)
			case "mermaid":
				picture = []byte(flow.Mermaid(d, cfg.Lang))
			default:
				return fault.New(fault.Invalid, "format", "格式须为 svg 或 mermaid", "The format must be svg or mermaid")
			}
			if out == "" {
				_, err = p.out.Write(picture)
				return err
			}
			return os.WriteFile(filepath.Clean(out), picture, 0o644)
		},
	}
	cmd.Flags().StringVar(&format, "format", "svg", "svg or mermaid")
	cmd.Flags().StringVarP(&out, "output", "o", "", "write to this file instead of standard output")
	return cmd
}
