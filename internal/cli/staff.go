package cli

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/platform/fault"
	"linli/internal/staff"
	"linli/models"
)

func (p *program) staff() *cobra.Command {
	cmd := &cobra.Command{Use: "staff", Short: "Accounts and posts, from the machine itself",
		Long:    "These commands act as the program itself; whoever may run them holds the machine. What they do is kept in the access log.",
		Example: "  linli staff password zhangli\n  linli staff appoint zhangli grid-member@320682001001003\n  linli staff vacancies"}
	cmd.AddCommand(p.staffAdministrator(), p.staffPassword(), p.staffAppoint(), p.staffVacancies())
	return cmd
}

func (p *program) staffAdministrator() *cobra.Command {
	var name string
	cmd := &cobra.Command{Use: "administrator LOGIN", Short: "Make the first administrator, where no browser is at hand", Args: cobra.ExactArgs(1),
		Long:    "It gets a one-time password, printed once. Setup codes printed by `linli serve` are of no more use then.",
		Example: "  linli staff administrator admin --name 李晓明 --data ./data",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd, func(a *app.App) error {
				password, err := a.Staff.Bootstrap(cmd.Context(), args[0], name)
				if err == nil {
					fmt.Fprintf(p.out, "one-time password of %s (shown this once): %s\n", args[0], password)
				}
				return err
			})
		}}
	cmd.Flags().StringVar(&name, "name", "系统管理员", "name of the person")
	return cmd
}

func (p *program) staffPassword() *cobra.Command {
	return &cobra.Command{Use: "password LOGIN", Short: "Give an account a new one-time password, for example a locked-out administrator", Args: cobra.ExactArgs(1),
		Example: "  linli staff password admin --data ./data",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd, func(a *app.App) error {
				account, err := accountOf(a, args[0])
				if err != nil {
					return err
				}
				password, err := a.Staff.SetPassword(cmd.Context(), staff.System(), account.ID)
				if err == nil {
					fmt.Fprintf(p.out, "one-time password of %s (%s): %s\n", account.Login, account.Name, password)
				}
				return err
			})
		}}
}

func accountOf(a *app.App, login string) (staff.Account, error) {
	account, ok := a.Staff.ByLogin(login)
	if !ok {
		return staff.Account{}, fault.Newf(fault.NotFound, "no-account", "没有登录名为“%[1]s”的账号", "There is no account with the login %[1]q", login)
	}
	return account, nil
}

func (p *program) staffAppoint() *cobra.Command {
	var deputy bool
	cmd := &cobra.Command{Use: "appoint LOGIN ROLE@PLACE", Short: "Appoint an account to a post from now on", Args: cobra.ExactArgs(2),
		Example: "  linli staff appoint zhangli grid-member@320682001001003",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd, func(a *app.App) error {
				account, err := accountOf(a, args[0])
				if err != nil {
					return err
				}
				made, err := a.Staff.Appoint(cmd.Context(), staff.System(), staff.AppointCommand{Account: account.ID, Post: staff.Post(args[1]), Deputy: deputy})
				if err == nil {
					fmt.Fprintf(p.out, "%s (%s) is %s from %s\n", account.Login, account.Name, made.Post, made.From.Format("2006-01-02 15:04"))
				}
				return err
			})
		}}
	cmd.Flags().BoolVar(&deputy, "deputy", false, "as deputy")
	return cmd
}

func (p *program) staffVacancies() *cobra.Command {
	var under string
	cmd := &cobra.Command{Use: "vacancies", Short: "List expected posts that nobody holds, and who covers them", Args: cobra.NoArgs,
		Example: "  linli staff vacancies --area 320682001",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.with(cmd, func(a *app.App) error {
				path := "/"
				if under != "" {
					if path = a.Areas.Tree().Path(under); path == "" {
						return fault.Newf(fault.NotFound, "no-area", "没有代码为 %[1]s 的区域", "There is no area with the code %[1]s", under)
					}
				}
				list := a.Staff.Vacancies(a.DB.Now(), path)
				for _, v := range list {
					fmt.Fprintf(p.out, "%s  covered by %s\n", v.Post, v.Cover.Holder)
				}
				fmt.Fprintf(p.out, "%d vacant posts\n", len(list))
				return nil
			})
		}}
	cmd.Flags().StringVar(&under, "area", "", "only in this area or below")
	return cmd
}

// modelFiles is the models folder in use.
func (p *program) modelFiles(cmd *cobra.Command) fs.FS {
	if cfg, _, err := p.settings(cmd); err == nil && cfg.Models != "" {
		return app.Overlay(os.DirFS(cfg.Models), models.Files)
	}
	return models.Files
}

// cutAllowance reads measure=amount.
func cutAllowance(text string) (measure, amount string) {
	measure, amount, _ = strings.Cut(text, "=")
	return measure, amount
}
