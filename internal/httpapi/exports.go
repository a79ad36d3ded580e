package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/platform/lang"
	"linli/internal/platform/seal"
	"linli/internal/platform/sheet"
	"linli/internal/staff"
)

// exportRoutes: lists as sheets, to be opened in WPS, Excel or LibreOffice.
func (s *Server) exportRoutes() {
	exportOf(s, "cases", "Cases", "Conditions as for the worklists.", s.casesTable)
	exportOf(s, "people", "People and the posts they hold", "Telephone numbers masked.", s.peopleTable)
	exportOf(s, "areas", "Areas", "Without conditions: all of them. Its columns are those of the import.", s.areasTable)
	exportOf(s, "organisations", "Organisations", "Its columns are those of the import.", s.orgsTable)
	exportOf(s, "vacancies", "Expected posts that nobody holds", "", s.vacanciesTable)
	exportOf(s, "access-log", "The access log", "", s.accessLogTable)
	exportOf(s, "case-audit", "What was done with the data of a case", "", s.caseAuditTable)
	exportOf(s, "alerts", "Reminders and other words left for my posts", "", s.alertsTable)
	exportOf(s, "notices", "Notices of the places where I may post", "", s.noticesTable)
	exportOf(s, "reviews", "Appointments somebody should look at", "", s.reviewsTable)
	exportOf(s, "places", "Names of places", "Its columns are those of the import.", s.placesTable)
	exportOf(s, "timeline", "What happened to a case", "The latest first, in the words of its model. Without the name and number of the reporter.", s.timelineTable)
	exportOf(s, "changes", "Who changed an area or organisation, when and why", "The latest first.", s.changesTable)
	exportOf(s, "team", "The posts of an area or organisation with who holds or covers them", "Telephone numbers masked.", s.teamTable)
	exportOf(s, "appointments", "The posts somebody held and holds", "Of others than oneself those I may see.", s.appointmentsTable)
	exportOf(s, "access", "Where somebody is signed in, and with which tokens", "Never their secrets. Tokens of others need system.admin.", s.accessTable)
	exportOf(s, "roles", "Roles and what each may do", "", s.rolesTable)
	exportOf(s, "models", "Governance models with the version that counts", "Needs model.read too.", s.modelsTable)
	exportOf(s, "activations", "Which versions of a model counted from when, and who decided it", "Needs model.read too.", s.activationsTable)
	exportOf(s, "calendar-days", "Every day of a year: holiday, make-up workday, open time", "", s.daysTable)
	exportOf(s, "tokens", "My personal tokens", "Never their secrets.", s.tokensTable)
}

// mostExported bounds the rows of a sheet: what is larger nobody reads, and spreadsheets open slowly.
const mostExported = 100_000

// exportOf registers a list as a workbook and as CSV.
func exportOf[I any](s *Server, what, summary, about string, table func(context.Context, *I) (*table, error)) {
	about = strings.TrimSpace(about + " The rows are those that the list would show. At most 100,000: of a longer list the first ones, and the sheet says so. Kept in the access log.")
	for _, format := range []string{"xlsx", "csv"} {
		add(s, operation{get, v1 + "/exports/" + what + "." + format, "export-" + what + "-" + format, staff.Export, "exports", summary + ", as " + strings.ToUpper(format), about, 0, 0},
			func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
				t, err := table(ctx, in)
				if err != nil {
					return nil, err
				}
				t.table, t.asked = what, conditions(in)
				return s.export(ctx, t, format)
			})
	}
}

// table is a list to be written as a sheet.
type table struct {
	table   string // name in the address
	what    string // of the access log
	area    string // code of the area it was narrowed to
	title   lang.Text
	asked   []condition
	columns []column
	// rows writes every row by put, and ends with its error.
	rows func(put func(cells ...any) error) error
}

// column is one column in both languages.
type column struct {
	title lang.Text
	width float64
}

// condition is what was asked of a list.
type condition struct{ name, value string }

// conditions reads what was asked from the input of the operation.
func conditions(in any) (out []condition) {
	var read func(v reflect.Value)
	read = func(v reflect.Value) {
		for i := range v.NumField() {
			field, name := v.Type().Field(i), v.Type().Field(i).Tag.Get("query")
			switch {
			case field.Anonymous:
				read(v.Field(i))
			case name == "" || v.Field(i).IsZero():
			default:
				value := fmt.Sprint(v.Field(i).Interface())
				if t, ok := v.Field(i).Interface().(time.Time); ok {
					value = t.Format(time.RFC3339)
				}
				if name == "phone" {
					value = seal.MaskPhone(value) // it is kept in the access log, and in the sheet
				}
				out = append(out, condition{name, value})
			}
		}
	}
	read(reflect.ValueOf(in).Elem())
	return out
}

// errEnough ends the rows of a table at the limit.
var errEnough = errors.New("as many rows as a sheet may have")

// export writes the whole sheet into a file before anything goes out, so that nobody takes half a sheet for a whole one.
func (s *Server) export(ctx context.Context, t *table, format string) (*huma.StreamResponse, error) {
	detail := make([]string, len(t.asked))
	for i, c := range t.asked {
		detail[i] = c.name + "=" + c.value
	}
	if err := s.Staff.NoteExport(ctx, actor(ctx), staff.ExportCommand{What: t.what, Table: t.table, Area: t.area, Detail: strings.Join(detail, "&")}); err != nil {
		return nil, err
	}
	select {
	case s.exports <- struct{}{}:
		defer func() { <-s.exports }()
	case <-time.After(exportPatience):
		return nil, errBusy()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	file, err := os.CreateTemp("", "linli-export-")
	if err != nil {
		return nil, fmt.Errorf("a file for an export: %w", err)
	}
	defer os.Remove(file.Name()) // it stays readable by who has it open, and leaves nothing behind
	if err := s.writeTable(ctx, file, t, format); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	size, err := file.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("an export: %w", err), file.Close())
	}
	name := t.title.In(from(ctx).lang) + "-" + s.DB.Now().In(s.Config.Location()).Format("20060102-1504") + "." + format
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer file.Close() //nolint:errcheck // it was only read
		hc.SetHeader("Content-Type", sheetTypes[format])
		hc.SetHeader("Content-Length", strconv.FormatInt(size, 10))
		hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": t.table + "." + format})+"; filename*=UTF-8''"+url.PathEscape(name))
		if _, err := io.Copy(hc.BodyWriter(), file); err != nil {
			s.Log.Warn("sending an export was cut off", "table", t.table, "error", err)
		}
	}}, nil
}

// exportPatience is how long an export waits for others to be done: each takes a core.
const exportPatience = 20 * time.Second

// sheetTypes are the media types of the formats.
var sheetTypes = map[string]string{"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}

func (s *Server) writeTable(ctx context.Context, out io.Writer, t *table, format string) error {
	tag := from(ctx).lang
	columns := make([]sheet.Column, len(t.columns))
	for i, c := range t.columns {
		columns[i] = sheet.Column{Title: c.title.In(tag), Width: c.width}
	}
	w, err := newSheet(out, t.title.In(tag), columns, format)
	if err != nil {
		return err
	}
	n := 0
	err = t.rows(func(cells ...any) error {
		if n == mostExported {
			return errEnough
		}
		n++
		return w.Write(s.celled(tag, cells)...)
	})
	cut := errors.Is(err, errEnough)
	if err != nil && !cut {
		return errors.Join(err, w.Abandon())
	}
	switch {
	case format == "xlsx":
		err = s.aboutExport(ctx, w, t, n, cut)
	case cut:
		err = w.Write(cutWords().In(tag))
	}
	if err != nil {
		return errors.Join(err, w.Abandon())
	}
	return w.Close()
}

func newSheet(out io.Writer, name string, columns []sheet.Column, format string) (*sheet.Writer, error) {
	if format == "csv" {
		return sheet.NewCSV(out, columns)
	}
	return sheet.NewXLSX(out, name, columns)
}

// longestCell is how much of a text a cell gets; Excel holds 32,767 characters.
const longestCell = 32_000

// celled makes cells of values: words in the language, moments as dates in Beijing time.
func (s *Server) celled(tag lang.Tag, cells []any) []any {
	for i, c := range cells {
		switch v := c.(type) {
		case time.Time:
			cells[i] = s.clocked(v)
		case *time.Time:
			cells[i] = nil
			if v != nil {
				cells[i] = s.clocked(*v)
			}
		case lang.Text:
			cells[i] = v.In(tag)
		case bool:
			cells[i] = yesNo(v).In(tag)
		case string:
			if r := []rune(v); len(v) > longestCell && len(r) > longestCell {
				cells[i] = string(r[:longestCell]) + "…"
			}
		}
	}
	return cells
}

// clocked is a moment as the clocks of the country show it.
func (s *Server) clocked(t time.Time) sheet.Moment {
	if t.IsZero() {
		return sheet.Moment{}
	}
	return sheet.Moment(t.In(s.Config.Location()))
}

func yesNo(v bool) lang.Text {
	if v {
		return lang.T("是", "yes")
	}
	return lang.T("", "")
}

func cutWords() lang.Text {
	return lang.T("(只导出了前 100,000 行,请缩小范围再导出其余)", "(only the first 100,000 rows; narrow the list to export the others)")
}

// aboutExport is the last sheet: what was asked, by whom and when.
func (s *Server) aboutExport(ctx context.Context, w *sheet.Writer, t *table, n int, cut bool) error {
	tag, who := from(ctx).lang, actor(ctx)
	if err := w.NextSheet(lang.T("导出说明", "About").In(tag), []sheet.Column{{Title: lang.T("项目", "Item").In(tag), Width: 20}, {Title: lang.T("内容", "Value").In(tag), Width: 60}}); err != nil {
		return err
	}
	whole := lang.T("全部", "all")
	if cut {
		whole = cutWords()
	}
	rows := [][]any{
		{lang.T("表", "Table"), t.title},
		{lang.T("导出人", "Exported by"), who.Name() + " (" + who.Login() + ")"},
		{lang.T("导出时间", "Exported at"), s.DB.Now()},
		{lang.T("行数", "Rows"), n},
		{lang.T("是否完整", "Complete"), whole},
	}
	if len(t.asked) == 0 {
		rows = append(rows, []any{lang.T("条件", "Conditions"), lang.T("无", "none")})
	}
	for _, c := range t.asked {
		name, value := s.conditionWords(c)
		rows = append(rows, []any{lang.T("条件:"+name.ZH, "Condition: "+name.EN), value})
	}
	rows = append(rows, []any{lang.T("注意", "Note"), lang.T("含工作信息,请按规定保管,不得外传;本次导出已记入查看记录", "Work information: keep it as the rules say and do not pass it on. This export is in the access log")})
	for _, row := range rows {
		if err := w.Write(s.celled(tag, row)...); err != nil {
			return err
		}
	}
	return nil
}
