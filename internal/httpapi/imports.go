package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/url"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/area"
	"linli/internal/area/geo"
	"linli/internal/platform/fault"
	"linli/internal/platform/sheet"
	"linli/internal/staff"
)

// Largest bodies of imports: tables as package sheet takes them, outlines as package area does.
const (
	maxSheet   = 20 << 20
	maxGeoJSON = area.LargestGeoJSON
)

// TableFile is a file sent as the body of a request.
type TableFile struct {
	Name    string `query:"name" maxLength:"200" doc:"name of the file, for the history" example:"网格.xlsx"`
	DryRun  bool   `query:"dry_run" doc:"only say what would happen" example:"true"`
	RawBody []byte `doc:"the file itself"`
}

func (in *TableFile) options() area.Options {
	reason := "import"
	if in.Name != "" {
		reason += " " + in.Name
	}
	return area.Options{DryRun: in.DryRun, Reason: reason}
}

func (in *TableFile) open() (*sheet.Reader, error) {
	return sheet.Open(in.Name, bytes.NewReader(in.RawBody), int64(len(in.RawBody)), sheet.Limits{MaxBytes: maxSheet})
}

type importOutput struct{ Body area.Report }

type tableImport func(*area.Service, context.Context, area.Actor, area.Rows, area.Options) (area.Report, error)

// importTable makes the handler of one kind of table.
func (s *Server) importTable(take tableImport) func(context.Context, *TableFile) (*importOutput, error) {
	return func(ctx context.Context, in *TableFile) (*importOutput, error) {
		table, err := in.open()
		if err != nil {
			return nil, err
		}
		defer table.Close()
		report, err := take(s.Areas, ctx, actor(ctx), area.FromSheet(table), in.options())
		if report.Refused == nil {
			report.Refused = []area.Refusal{}
		}
		return &importOutput{Body: report}, err
	}
}

type boundariesInput struct {
	TableFile
	Datum string `query:"datum" enum:"wgs84,gcj02,bd09" doc:"of the file; wgs84 when left out. Maps published in China are offset" example:"wgs84"`
}

type boundariesOutput struct{ Body area.BoundaryReport }

func (s *Server) importBoundaries(ctx context.Context, in *boundariesInput) (*boundariesOutput, error) {
	datum, _ := geo.ParseDatum(in.Datum) // the document lets only known ones through
	report, err := s.Areas.ImportBoundaries(ctx, actor(ctx), in.RawBody, area.BoundaryOptions{Options: in.options(), Datum: datum, Source: in.Name})
	if report.Findings == nil {
		report.Findings = []area.Finding{}
	}
	return &boundariesOutput{Body: report}, err
}

type importPeopleInput struct {
	TableFile
	Passwords bool `query:"passwords" doc:"make one-time passwords for new accounts; they are in this answer and nowhere else"`
}

type importPeopleOutput struct{ Body staff.ImportResult }

func (s *Server) importPeople(ctx context.Context, in *importPeopleInput) (*importPeopleOutput, error) {
	result, err := s.takePeople(ctx, in)
	return &importPeopleOutput{Body: result}, err
}

func (s *Server) takePeople(ctx context.Context, in *importPeopleInput) (staff.ImportResult, error) {
	table, err := in.open()
	if err != nil {
		return staff.ImportResult{}, err
	}
	defer table.Close()
	rows, refused, err := staff.ReadSheet(table)
	if err != nil {
		return staff.ImportResult{}, err
	}
	result, err := s.Staff.Import(ctx, actor(ctx), staff.ImportCommand{Rows: rows, DryRun: in.DryRun, Passwords: in.Passwords})
	if err != nil {
		return result, err
	}
	bad := map[int]bool{}
	for _, r := range refused {
		bad[r.Row] = true
	}
	result.Rows += len(bad)
	result.Errors = append(result.Errors, refused...)
	slices.SortStableFunc(result.Errors, func(a, b staff.RowError) int { return a.Row - b.Row })
	return result, nil
}

// refusal is a wrong cell of a table, whichever package found it.
type refusal struct {
	row    int
	column string
	text   string
}

type refusedInput struct {
	What string `path:"what" enum:"areas,organisations,places,people" doc:"what the table holds" example:"areas"`
	TableFile
}

// refusedRows tries a table and hands its refused rows back as a workbook, each with what to correct.
// Nothing is kept.
func (s *Server) refusedRows(ctx context.Context, in *refusedInput) (*huma.StreamResponse, error) {
	in.DryRun = true
	list, err := s.tryTable(ctx, in)
	if err != nil {
		return nil, err
	}
	var book bytes.Buffer
	if err := refusedBook(&book, &in.TableFile, list, from(ctx).lang == "en"); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "refused.xlsx"})+"; filename*=UTF-8''"+url.PathEscape("退回的行.xlsx"))
		if _, err := hc.BodyWriter().Write(book.Bytes()); err != nil {
			s.Log.Warn("sending a workbook was cut off", "error", err)
		}
	}}, nil
}

func (s *Server) tryTable(ctx context.Context, in *refusedInput) (list []refusal, err error) {
	tag := from(ctx).lang
	if in.What == "people" {
		result, err := s.takePeople(ctx, &importPeopleInput{TableFile: in.TableFile})
		for _, e := range result.Errors {
			list = append(list, refusal{e.Row, e.Field, e.Text.In(tag)})
		}
		return list, err
	}
	take := map[string]tableImport{"areas": (*area.Service).ImportAreas, "organisations": (*area.Service).ImportOrgs, "places": (*area.Service).ImportPlaces}[in.What]
	out, err := s.importTable(take)(ctx, &in.TableFile)
	if err != nil {
		return nil, err
	}
	for _, r := range out.Body.Refused {
		list = append(list, refusal{r.Row, r.Column, r.Text.In(tag)})
	}
	return list, nil
}

// refusedBook writes the refused rows as they came, behind their number and what to correct.
func refusedBook(out io.Writer, in *TableFile, list []refusal, english bool) (err error) {
	words := map[int]string{}
	for _, r := range list {
		if words[r.row] != "" {
			words[r.row] += "\n"
		}
		if r.column != "" {
			words[r.row] += r.column + ": "
		}
		words[r.row] += r.text
	}
	table, err := in.open()
	if err != nil {
		return err
	}
	defer table.Close()
	columns := []sheet.Column{{Title: "原行号", Width: 8}, {Title: "需要改正", Width: 48}}
	name := "退回的行"
	if english {
		columns[0].Title, columns[1].Title, name = "row", "to correct", "refused"
	}
	for _, title := range table.Header() {
		columns = append(columns, sheet.Column{Title: title})
	}
	w, err := sheet.NewXLSX(out, name, columns)
	if err != nil {
		return err
	}
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			return w.Close()
		}
		if err != nil && !fault.HasCode(err, "bad-row") {
			return err
		}
		text, wrong := words[row.Number]
		if !wrong {
			continue
		}
		cells := []any{row.Number, text}
		for _, v := range row.Values() {
			cells = append(cells, v)
		}
		if len(cells) > len(columns) {
			cells = cells[:len(columns)]
		}
		if err := w.Write(cells...); err != nil {
			return err
		}
	}
}
