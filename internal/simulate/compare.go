package simulate

import (
	"context"
	"fmt"
	"io"
	"strings"

	"linli/internal/app"
)

// Comparison is the same stream through two ways of being staffed.
type Comparison struct {
	Base    Result `json:"base"`
	Variant Result `json:"variant"`
	What    string `json:"what" doc:"what differs"`
}

// Open gives a program on an empty folder of its own, laid out alike each time, on its own virtual clock,
// and what lets it go.
type Open func(ctx context.Context, name string) (*app.App, *Clock, func() error, error)

// Compare runs the base and the variant, each on its own folder, and puts the results side by side: "what
// if grid X had one member fewer".
func Compare(ctx context.Context, open Open, base, variant Options, progress io.Writer) (Comparison, error) {
	c := Comparison{What: differs(base, variant)}
	if base.Focus == "" {
		base.Focus, variant.Focus = variant.WithoutMember, variant.WithoutMember
	}
	for _, run := range []struct {
		name string
		o    Options
		to   *Result
	}{{"base", base, &c.Base}, {"variant", variant, &c.Variant}} {
		if err := runOne(ctx, open, run.name, run.o, run.to, progress); err != nil {
			return c, fmt.Errorf("simulating the %s: %w", run.name, err)
		}
		if run.to.Stopped {
			return c, nil
		}
	}
	return c, nil
}

func runOne(ctx context.Context, open Open, name string, o Options, to *Result, progress io.Writer) (err error) {
	a, clock, release, err := open(ctx, name)
	if err != nil {
		return err
	}
	defer func() {
		if rerr := release(); err == nil {
			err = rerr
		}
	}()
	*to, err = Run(ctx, a, clock, o, progress)
	return err
}

func differs(base, variant Options) string {
	var out []string
	if base.WithoutMember != variant.WithoutMember {
		out = append(out, "grid "+variant.WithoutMember+" with one member fewer")
	}
	if base.Staffing != variant.Staffing {
		out = append(out, "another staffing file")
	}
	if base.Model != variant.Model {
		out = append(out, "model "+variant.Model)
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// WriteTable prints both and the difference.
func (c Comparison) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "what if: %s\n\n  %-28s %12s %12s %12s\n", c.What, "", "base", "variant", "difference")
	x, y := c.Base.Totals, c.Variant.Totals
	for _, n := range []struct {
		what string
		a, b int
	}{{"cases", x.Cases, y.Cases}, {"ended", x.Ended, y.Ended}, {"open at the end", x.Open, y.Open}, {"open and overdue", x.OpenLate, y.OpenLate}, {"closed late", x.ClosedLate, y.ClosedLate},
		{"hand-backs", x.HandBacks, y.HandBacks}, {"reopened", x.Reopened, y.Reopened}, {"escalations", x.Escalations, y.Escalations}, {"supervised", x.Supervised, y.Supervised}} {
		fmt.Fprintf(&b, "  %-28s %12d %12d %+12d\n", n.what, n.a, n.b, n.b-n.a)
	}
	for _, n := range []struct {
		what string
		a, b float64
	}{{"on time (%)", x.OnTimeRate(), y.OnTimeRate()}, {"completed (%)", x.CompletionRate(), y.CompletionRate()}, {"solved (%)", x.ResolutionRate(), y.ResolutionRate()}, {"satisfied (%)", x.SatisfactionRate(), y.SatisfactionRate()}} {
		fmt.Fprintf(&b, "  %-28s %12.2f %12.2f %+12.2f\n", n.what, 100*n.a, 100*n.b, 100*(n.b-n.a))
	}
	if f, g := c.Base.Focus, c.Variant.Focus; f != nil && g != nil {
		fmt.Fprintf(&b, "\n  in the grid %s\n", f.Grid)
		fmt.Fprintf(&b, "  %-28s %12d %12d %+12d\n", "cases", f.Totals.Cases, g.Totals.Cases, g.Totals.Cases-f.Totals.Cases)
		fmt.Fprintf(&b, "  %-28s %12d %12d %+12d\n", "closed late", f.Totals.ClosedLate, g.Totals.ClosedLate, g.Totals.ClosedLate-f.Totals.ClosedLate)
		fmt.Fprintf(&b, "  %-28s %12s %12s\n", "median to the end", span(f.Median), span(g.Median))
		fmt.Fprintf(&b, "  %-28s %12s %12s\n\n", "p90 to the end", span(f.P90), span(g.P90))
	}
	for _, s := range c.Base.Stages {
		for _, v := range c.Variant.Stages {
			if s.Model == v.Model && s.Stage == v.Stage && s.Kind == v.Kind && s.Kind == "main" {
				fmt.Fprintf(&b, "  %-28s %12s %12s   p90 working time\n", s.name(), span(s.P90Working), span(v.P90Working))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
