package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"

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
accepted. While there is no administrator each start prints a setup code: with it the first one is made in the browser.`,
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
			code, err := p.firstStart(cmd.Context(), a)
			if err != nil {
				return err
			}
			return a.Serve(cmd.Context(), app.Version(p.version), func(address string) {
				fmt.Fprintf(p.out, "Linli answers at http://%s\n  API reference  http://%s/api/\n", address, address)
				if code != "" {
					p.askToSetUp(a, address, code)
				}
			})
		},
	}
}

// firstStart says which key must be kept, and draws the setup code when there is no administrator yet.
func (p *program) firstStart(ctx context.Context, a *app.App) (code string, err error) {
	if a.KeyCreated {
		fmt.Fprintf(p.out, "A sealing key was made: %s/linli.key\n  Without it the names and phones of reporters cannot be read. Keep a copy apart from the backups.\n", a.Config.Data)
	}
	if !a.Staff.Cover(staff.MakePost(staff.RoleAdministrator, staff.Everywhere), a.DB.Now()).Nobody {
		return "", nil
	}
	code, err = a.Staff.NewSetupCode(ctx)
	if fault.HasCode(err, "administrator-exists") {
		return "", nil // somebody was, and was switched off: not this program's to undo
	}
	return code, err
}

// askToSetUp shows the setup code. It goes to the terminal only; the log says where it was shown.
func (p *program) askToSetUp(a *app.App, address, code string) {
	if host, port, err := net.SplitHostPort(address); err == nil && net.ParseIP(host).IsUnspecified() {
		address = net.JoinHostPort("localhost", port) // every address of the machine; this one can be opened on it
	}
	url := cmp.Or(strings.TrimSuffix(a.Config.PublicURL, "/"), "http://"+address)
	fmt.Fprintf(p.out, `
  There is no administrator yet. Open this page and enter the setup code to make the first one:
  还没有管理员,请打开下面的网页,输入开通码建立第一个管理员账号:

      %s%s
      setup code 开通码   %s

  Without a browser 没有浏览器时: linli staff administrator LOGIN

`, url, setupPage, code)
	a.Log.Info("no administrator yet: the setup code was printed on standard output", "page", url+setupPage)
}

// setupPage is the address of the wizard.
const setupPage = "/desk/setup"
