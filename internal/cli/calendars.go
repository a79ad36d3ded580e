package cli

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/calendar"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

func (p *program) calendars() *cobra.Command {
	cmd := &cobra.Command{Use: "calendar", Short: "Working calendars: list, add a year's holidays, show the arithmetic of a deadline",
		Example: "  linli calendar list\n  linli calendar add 2027.json\n  linli calendar explain --start 2026-09-30T16:00 --allow working_days=5"}
	cmd.AddCommand(p.calendarList(), p.calendarAdd(), p.calendarExplain())
	return cmd
}

func (p *program) calendarList() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the calendars and the years whose holidays are known", Args: cobra.NoArgs, Example: "  linli calendar list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := calendar.Load(p.modelFiles(cmd))
			if err != nil {
				return err
			}
			tag := terminalLang()
			w := tabwriter.NewWriter(p.out, 2, 8, 2, ' ', 0)
			fmt.Fprintln(w, "CALENDAR\tVERSION\tTITLE")
			for _, c := range set.All() {
				mark := ""
				if c == set.Default() {
					mark = " (default)"
				}
				fmt.Fprintf(w, "%s%s\t%s\t%s\n", c.ID(), mark, c.Version(), c.Title().In(tag))
			}
			fmt.Fprintf(w, "\nholidays built in: %v\n", set.Years())
			return w.Flush()
		}}
}

func (p *program) calendarAdd() *cobra.Command {
	return &cobra.Command{Use: "add FILE.json", Short: "Add the announced holidays of a year and compute provisional deadlines again", Args: cobra.ExactArgs(1),
		Example: "  linli calendar add 2027.json --data ./data",
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := readFile(args[0], 1<<20)
			if err != nil {
				return err
			}
			return p.with(cmd, func(a *app.App) error {
				year, n, err := a.Cases.AddHolidays(cmd.Context(), staff.System(), text)
				if err == nil {
					fmt.Fprintf(p.out, "holidays of %d added; %d cases had provisional deadlines and were computed again\n", year, n)
				}
				return err
			})
		}}
}

func (p *program) calendarExplain() *cobra.Command {
	var id, start, allow string
	cmd := &cobra.Command{Use: "explain", Short: "Show day by day how a deadline is counted", Args: cobra.NoArgs,
		Example: "  linli calendar explain --start 2026-09-30T16:00 --allow working_days=5\n  linli calendar explain --calendar service-hall --start 2026-02-12T09:00 --allow working=4h",
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := calendar.Load(p.modelFiles(cmd))
			if err != nil {
				return err
			}
			cal := set.Default()
			if id != "" {
				known := false
				if cal, known = set.Lookup(id); !known {
					return fault.Newf(fault.NotFound, "no-calendar", "没有“%[1]s”这个日历,用 linli calendar list 查看", "There is no calendar %[1]q; see linli calendar list", id)
				}
			}
			at, err := time.ParseInLocation("2006-01-02T15:04", start, calendar.Zone())
			if err != nil {
				return fault.New(fault.Invalid, "start", "开始时间写作 2026-09-30T16:00", "Write the start as 2026-09-30T16:00")
			}
			measure, amount := cutAllowance(allow)
			a, err := calendar.ParseAllowance(measure, amount)
			if err != nil {
				return err
			}
			tag := terminalLang()
			w := tabwriter.NewWriter(p.out, 2, 8, 2, ' ', 0)
			for _, step := range cal.Explain(at, a, tag) {
				fmt.Fprintf(w, "%s\t%s\n", step.From.Format("2006-01-02 15:04"), step.Text)
			}
			return w.Flush()
		}}
	cmd.Flags().StringVar(&id, "calendar", "", "id of the calendar; the default one when left out")
	cmd.Flags().StringVar(&start, "start", "", "when the clock starts, Beijing time, as 2026-09-30T16:00")
	cmd.Flags().StringVar(&allow, "allow", "", "the allowance, as working_days=5, working=4h, hours=24h, days=15 or emergency=2h")
	return cmd
}

// stamp writes a moment for a table, a dash for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(calendar.Zone()).Format("2006-01-02 15:04")
}
