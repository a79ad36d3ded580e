package cli

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/httpapi"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
)

func (p *program) config() *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Settings: show them and where they come from", Example: "  linli config show"}
	cmd.AddCommand(
		&cobra.Command{Use: "show", Short: "Show all settings, each with its source; secrets are masked", Args: cobra.NoArgs,
			Example: "  linli config show\n  LINLI_LISTEN=:8080 linli config show",
			RunE: func(cmd *cobra.Command, _ []string) error {
				cfg, src, err := p.settings(cmd)
				if err != nil {
					return err
				}
				_, err = fmt.Fprint(p.out, src.Show(cfg))
				return err
			}},
		&cobra.Command{Use: "reference", Short: "Print the reference of all settings as Markdown", Args: cobra.NoArgs,
			Example: "  linli config reference > docs/configuration.md",
			RunE: func(*cobra.Command, []string) error {
				_, err := fmt.Fprint(p.out, config.Reference())
				return err
			}})
	return cmd
}

func (p *program) migrate() *cobra.Command {
	var list bool
	cmd := &cobra.Command{
		Use: "migrate", Short: "Bring the database to this program's layout", Args: cobra.NoArgs,
		Long: `serve does this by itself at its start; migrate does it apart, for example before several nodes start. On a large
database a step may take minutes; every five seconds it says where it is. One that is stopped has changed nothing.`,
		Example: "  linli migrate --data ./data\n  linli migrate --list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, db, err := p.database(cmd, database.Options{Upgrading: p.upgrading})
			if err != nil {
				return err
			}
			defer db.Close()
			if list {
				return p.listMigrations(cmd, db)
			}
			taken, err := db.Migrate(cmd.Context(), app.Schemas()...)
			if err == nil && len(taken) == 0 {
				fmt.Fprintln(p.out, "nothing to do: the database is up to date")
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "only list the steps and whether they have been taken")
	return cmd
}

func (p *program) listMigrations(cmd *cobra.Command, db *database.DB) error {
	all, err := db.Migrations(cmd.Context(), append([]database.Schema{database.OwnSchema()}, app.Schemas()...)...)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.out, 2, 8, 2, ' ', 0)
	for _, m := range all {
		state := "due"
		if m.Done {
			state = "taken"
		}
		fmt.Fprintf(w, "%s\t%s\n", state, m.ID)
	}
	return w.Flush()
}

func (p *program) openapi() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "Print the API document (OpenAPI 3.1)", Args: cobra.NoArgs, Example: "  linli openapi > openapi.json",
		RunE: func(*cobra.Command, []string) error {
			enc := json.NewEncoder(p.out)
			enc.SetIndent("", "  ")
			return enc.Encode(httpapi.New(httpapi.Parts{Version: p.version}).OpenAPI())
		},
	}
}
