package cli

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

func (p *program) serve() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the program until it is told to stop",
		Long: `serve answers requests and watches the clocks until it gets SIGTERM or Ctrl-C; then it finishes what it
accepted. The first start makes the first administrator and prints the password once.`,
		Example: `  linli serve --data ./data
  linli serve --db postgres://linli:secret@db/linli --listen :8080`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, _, err := p.settings(cmd)
			if err != nil {
				return err
			}
			a, err := app.New(cmd.Context(), cfg, app.Options{Log: p.logger(cfg, slog.LevelDebug)})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			if err := p.firstStart(cmd, a); err != nil {
				return err
			}
			return a.Serve(cmd.Context(), app.Version(p.version), func(address string) {
				fmt.Fprintf(p.out, "Linli answers at http://%s\n  API reference  http://%s/api/\n", address, address)
			})
		},
	}
}

// firstStart makes the first administrator, and says which key must be kept.
func (p *program) firstStart(cmd *cobra.Command, a *app.App) error {
	if a.KeyCreated {
		fmt.Fprintf(p.out, "A sealing key was made: %s/linli.key\n  Without it the names and phones of reporters cannot be read. Keep a copy apart from the backups.\n", a.Config.Data)
	}
	if !a.Staff.Cover(staff.MakePost(staff.RoleAdministrator, staff.Everywhere), a.DB.Now()).Nobody {
		return nil
	}
	password, err := a.Staff.Bootstrap(cmd.Context(), "admin", "系统管理员")
	if fault.HasCode(err, "administrator-exists") {
		return nil // somebody was, and was switched off: not this program's to undo
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "The first administrator was made (shown this once):\n  login     admin\n  password  %s\n", password)
	return nil
}
