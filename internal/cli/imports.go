package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/area"
	"linli/internal/area/geo"
	"linli/internal/platform/fault"
	"linli/internal/platform/sheet"
	"linli/internal/staff"
)

// importFlags are common to all imports.
type importFlags struct {
	dry    bool
	asJSON bool
}

func (p *program) imports() *cobra.Command {
	cmd := &cobra.Command{
		Use: "import", Short: "Import areas, boundaries, organisations, places or people",
		Long: `Imports read CSV or Excel files (boundaries: GeoJSON). Good rows are taken, each wrong row is named with its column
and what to do; nothing is dropped silently. With --dry-run nothing is kept. Sending a file twice changes nothing.
Exit code 0: everything was taken; 1: some rows were refused; 2: nothing could be done.`,
		Example: `  linli import areas areas.csv
  linli import boundaries county.geojson --datum gcj02
  linli import people people.xlsx --passwords`,
	}
	cmd.AddCommand(
		p.importTable("areas", "Import the area tree (columns code, name, level, parent)", (*area.Service).ImportAreas),
		p.importTable("organisations", "Import organisations (columns code, name, kind, function, area)", (*area.Service).ImportOrgs),
		p.importTable("places", "Import names of places (columns code, name, area, kind, aliases, lat, lon)", (*area.Service).ImportPlaces),
		p.importBoundaries(), p.importPeople())
	return cmd
}

func (f *importFlags) on(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.dry, "dry-run", false, "only say what would happen")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the report as JSON")
}

type tableImport func(s *area.Service, ctx context.Context, actor area.Actor, rows area.Rows, o area.Options) (area.Report, error)

func (p *program) importTable(what, short string, take tableImport) *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use: what + " FILE", Short: short, Args: cobra.ExactArgs(1), Example: "  linli import " + what + " " + what + ".csv --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			table, err := sheet.OpenFile(args[0], sheet.Limits{})
			if err != nil {
				return err
			}
			defer table.Close()
			return p.with(cmd, func(a *app.App) error {
				report, err := take(a.Areas, cmd.Context(), staff.System(), area.FromSheet(table), area.Options{DryRun: f.dry, Reason: "import " + filepath.Base(args[0])})
				if err != nil {
					return err
				}
				return p.tableReport(report, f.asJSON)
			})
		},
	}
	f.on(cmd)
	return cmd
}

// with opens the program, does the work and closes it.
func (p *program) with(cmd *cobra.Command, do func(*app.App) error) (err error) {
	a, err := p.open(cmd, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return do(a)
}

func (p *program) tableReport(r area.Report, asJSON bool) error {
	tag := terminalLang()
	if asJSON {
		if err := p.json(r); err != nil {
			return err
		}
	} else {
		for _, w := range r.Refused {
			fmt.Fprintf(p.out, "row %d, column %s: %s [%s]\n", w.Row, w.Column, w.Text.In(tag), w.Code)
		}
		verb := "imported"
		if r.DryRun {
			verb = "would be imported"
		}
		fmt.Fprintf(p.out, "%d rows: %d created, %d updated, %d unchanged %s; %d findings in refused rows\n", r.Rows, r.Created, r.Updated, r.Unchanged, verb, len(r.Refused))
	}
	if len(r.Refused) > 0 {
		return errWrong
	}
	return nil
}

func (p *program) json(v any) error {
	enc := json.NewEncoder(p.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// maxGeoJSON bounds a file of outlines.
const maxGeoJSON = 512 << 20

func (p *program) importBoundaries() *cobra.Command {
	var f importFlags
	var datum string
	cmd := &cobra.Command{
		Use: "boundaries FILE.geojson", Short: "Import outlines of areas (GeoJSON)", Args: cobra.ExactArgs(1),
		Long: `Each feature names its area by the property code or adcode, or by a name that only one area has. Outlines are stored in
WGS84; say with --datum what the file uses, because maps published in China are offset (gcj02, bd09).`,
		Example: "  linli import boundaries grids.geojson\n  linli import boundaries county.json --datum gcj02",
		RunE: func(cmd *cobra.Command, args []string) error {
			from, ok := geo.ParseDatum(datum)
			if !ok {
				return fault.New(fault.Invalid, "datum", "坐标系须为 wgs84、gcj02 或 bd09", "The datum must be wgs84, gcj02 or bd09")
			}
			raw, err := readFile(args[0], maxGeoJSON)
			if err != nil {
				return err
			}
			return p.with(cmd, func(a *app.App) error {
				r, err := a.Areas.ImportBoundaries(cmd.Context(), staff.System(), raw, area.BoundaryOptions{Options: area.Options{DryRun: f.dry}, Datum: from, Source: filepath.Base(args[0])})
				if err != nil {
					return err
				}
				return p.boundaryReport(r, f.asJSON)
			})
		},
	}
	f.on(cmd)
	cmd.Flags().StringVar(&datum, "datum", "wgs84", "datum of the file: wgs84, gcj02 or bd09")
	return cmd
}

func (p *program) boundaryReport(r area.BoundaryReport, asJSON bool) error {
	if asJSON {
		if err := p.json(r); err != nil {
			return err
		}
	} else {
		tag := terminalLang()
		for _, w := range r.Findings {
			at := ""
			if w.Feature != nil {
				at = fmt.Sprintf("feature %d, ", *w.Feature)
			}
			fmt.Fprintf(p.out, "%s: %s%s: %s [%s]\n", w.Severity, at, w.Area, w.Text.In(tag), w.Code)
		}
		fmt.Fprintf(p.out, "%d features: %d created, %d updated, %d unchanged, %d refused\n", r.Features, r.Created, r.Updated, r.Unchanged, r.Refused)
	}
	if r.Refused > 0 {
		return errWrong
	}
	return nil
}

func (p *program) importPeople() *cobra.Command {
	var f importFlags
	var passwords bool
	cmd := &cobra.Command{
		Use: "people FILE", Short: "Import accounts and who holds which post (columns login, name, phone, role, place, from, to, deputy)", Args: cobra.ExactArgs(1),
		Example: "  linli import people people.xlsx --dry-run\n  linli import people people.csv --passwords",
		RunE: func(cmd *cobra.Command, args []string) error {
			table, err := sheet.OpenFile(args[0], sheet.Limits{})
			if err != nil {
				return err
			}
			defer table.Close()
			rows, refused, err := staff.ReadSheet(table)
			if err != nil {
				return err
			}
			return p.with(cmd, func(a *app.App) error {
				r, err := a.Staff.Import(cmd.Context(), staff.System(), staff.ImportCommand{Rows: rows, DryRun: f.dry, Passwords: passwords})
				if err != nil {
					return err
				}
				r.Errors = append(refused, r.Errors...)
				return p.peopleReport(r, f.asJSON)
			})
		},
	}
	f.on(cmd)
	cmd.Flags().BoolVar(&passwords, "passwords", false, "make one-time passwords for new accounts and print them once")
	return cmd
}

func (p *program) peopleReport(r staff.ImportResult, asJSON bool) error {
	if asJSON {
		if err := p.json(r); err != nil {
			return err
		}
	} else {
		tag := terminalLang()
		for _, w := range r.Errors {
			fmt.Fprintf(p.out, "row %d, column %s: %s [%s]\n", w.Row, w.Field, w.Text.In(tag), w.Code)
		}
		for _, pw := range r.Passwords {
			fmt.Fprintf(p.out, "one-time password  %s  %s  %s\n", pw.Login, pw.Name, pw.Password)
		}
		fmt.Fprintf(p.out, "%d rows: %d good (%d accounts made, %d appointments made, %d unchanged); %d findings in refused rows\n", r.Rows, r.Good, r.Accounts, r.Appointed, r.Unchanged, len(r.Errors))
	}
	if len(r.Errors) > 0 {
		return errWrong
	}
	return nil
}

func readFile(name string, most int64) ([]byte, error) {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, fault.Newf(fault.NotFound, "no-file", "打不开文件 %[1]s", "The file %[1]s cannot be opened", name).Because(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if int64(len(raw)) > most {
		return nil, fault.Newf(fault.TooLarge, "file-too-large", "文件超过 %[1]d MB", "The file is larger than %[1]d MB", most>>20)
	}
	return raw, nil
}
