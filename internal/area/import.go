package area

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"

	"linli/internal/area/geo"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/platform/sheet"
)

// Rows is a table read row by row. get gives the cell under the first of the titles that the table has.
// An Invalid fault "bad-row" concerns one row only; io.EOF ends the table; any other error ends the import.
type Rows interface {
	Next() (number int, get func(titles ...string) string, err error)
}

// FromSheet reads rows from a CSV or XLSX table.
func FromSheet(r *sheet.Reader) Rows { return sheetRows{r} }

type sheetRows struct{ r *sheet.Reader }

func (s sheetRows) Next() (int, func(...string) string, error) {
	row, err := s.r.Next()
	return row.Number, row.Get, err
}

// require refuses a table as a whole that lacks a column every row needs: better once than in each row.
func require(rows Rows, columns ...[]string) error {
	if table, ok := rows.(sheetRows); ok {
		return table.r.Require(columns...)
	}
	return nil
}

// Options of an import.
type Options struct {
	DryRun bool   // only say what would happen
	Reason string // for the history; none: "import"
}

// Refusal is a row that was not taken, and why.
type Refusal struct {
	Row    int       `json:"row" doc:"as the spreadsheet program numbers it"`
	Column string    `json:"column" doc:"the column to correct"`
	Code   string    `json:"code" doc:"what is wrong, as a machine code"`
	Text   lang.Text `json:"text"`
}

// Report tells what an import did, or would do. The good rows are applied together, in one transaction;
// refused rows change nothing.
type Report struct {
	Rows      int       `json:"rows"`
	Created   int       `json:"created"`
	Updated   int       `json:"updated"`
	Unchanged int       `json:"unchanged"`
	Refused   []Refusal `json:"refused"`
	DryRun    bool      `json:"dry_run"`
}

func (r *Report) refuse(row int, p problem) {
	r.Refused = append(r.Refused, Refusal{Row: row, Column: p.Name, Code: p.Code, Text: p.Text})
}

// read gives every row to take, which refuses what is wrong in it; rows the table itself cannot read are
// refused here.
func (r *Report) read(rows Rows, take func(number int, get func(...string) string) []problem) error {
	for {
		number, get, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if !fault.HasCode(err, "bad-row") {
				return fmt.Errorf("reading row %d: %w", number, err)
			}
			r.Rows++
			bad := fault.Of(err)
			if len(bad.Fields) == 0 {
				r.refuse(number, problem{Code: bad.Code, Text: bad.Text})
			}
			for _, f := range bad.Fields {
				r.refuse(number, f)
			}
			continue
		}
		r.Rows++
		for _, p := range take(number, get) {
			r.refuse(number, p)
		}
	}
}

func (r *Report) sort() {
	sort.SliceStable(r.Refused, func(i, j int) bool { return r.Refused[i].Row < r.Refused[j].Row })
}

func (o Options) reason() string {
	if o.Reason == "" {
		return "import"
	}
	return o.Reason
}

// errDry ends a transaction whose outcome is only looked at.
var errDry = errors.New("dry run")

// apply runs an import's use in one transaction, or takes it back when it is only a trial.
func (s *Service) apply(ctx context.Context, actor Actor, o Options, use func(d *draft) error) error {
	err := s.change(ctx, actor, o.reason(), func(d *draft) error {
		if err := use(d); err != nil {
			return err
		}
		if o.DryRun {
			return errDry
		}
		return nil
	})
	if o.DryRun && errors.Is(err, errDry) {
		return nil
	}
	return err
}

// Titles of the columns.
var (
	colCode       = []string{"code", "编码", "代码", "区划代码", "网格编码"}
	colName       = []string{"name", "名称", "区域名称", "网格名称"}
	colLevel      = []string{"level", "层级", "级别"}
	colParent     = []string{"parent", "上级", "上级编码", "上级代码"}
	colKind       = []string{"kind", "类型", "类别"}
	colAliases    = []string{"aliases", "alias", "别名", "又名"}
	colLat        = []string{"lat", "latitude", "纬度"}
	colLon        = []string{"lon", "lng", "longitude", "经度"}
	colDatum      = []string{"datum", "坐标系"}
	colCalendar   = []string{"calendar", "日历", "工作日历"}
	colPopulation = []string{"population", "人口"}
	colFunction   = []string{"function", "职能"}
	colArea       = []string{"area", "所属区域", "区域编码", "区域"}
)

// areaRow is a row of an area table that is right in itself. Empty cells leave a property as it is.
type areaRow struct {
	number int
	area   Area
}

// ImportAreas creates and updates areas by a table with the columns code, name, level, parent and, if
// there, kind, aliases, lat, lon, calendar, population. An area under another parent than before is
// moved. Importing a table twice changes nothing the second time.
//
// Permission area.write at each area, or its parent; "/" for a new root: rows without are refused.
// Errors: only when the table cannot be read on, or the database fails; nothing is applied then.
func (s *Service) ImportAreas(ctx context.Context, actor Actor, rows Rows, o Options) (Report, error) {
	read := Report{DryRun: o.DryRun}
	var list []areaRow
	first := rowsByCode{}
	refused := map[string]int{}
	if err := require(rows, colCode, colName, colLevel); err != nil {
		return read, err
	}
	err := read.read(rows, func(number int, get func(...string) string) []problem {
		a, problems := parseArea(get)
		if twice := first.take(a.Code, number); twice != nil {
			return append(problems, *twice)
		}
		if len(problems) > 0 {
			refused[a.Code] = number
			return problems
		}
		list = append(list, areaRow{number, a})
		return nil
	})
	if err != nil {
		return read, err
	}
	return s.applyRows(ctx, actor, o, read, func(d *draft, report *Report) {
		im := &areaImport{d: d, report: report, rows: map[string]areaRow{}, refused: map[string]int{}}
		for code, row := range refused {
			im.refused[code] = row
		}
		for _, r := range list {
			im.rows[r.area.Code] = r
		}
		im.run(list)
	})
}

// rowsByCode are the rows of a table seen so far.
type rowsByCode map[string]int

// take notes a row and says so when one before it has the same code; a row without any is refused elsewhere.
func (r rowsByCode) take(code string, number int) *problem {
	at, twice := r[code]
	r[code] = number
	if !twice || code == "" {
		return nil
	}
	return wrong("code", "duplicate", "编码 %[1]s 与第 %[2]d 行重复", "The code %[1]s is in row %[2]d already", code, at)
}

// applyRows puts what was read into a draft. It may be run again on a newer state, so each run begins with the report of the reading.
func (s *Service) applyRows(ctx context.Context, actor Actor, o Options, read Report, put func(d *draft, report *Report)) (Report, error) {
	report := read
	err := s.apply(ctx, actor, o, func(d *draft) error {
		report = read
		report.Refused = slices.Clone(read.Refused)
		put(d, &report)
		return nil
	})
	report.sort()
	return report, err
}

func parseArea(get func(...string) string) (Area, []problem) {
	a := Area{Code: strings.TrimSpace(get(colCode...)), Name: strings.TrimSpace(get(colName...)), Parent: strings.TrimSpace(get(colParent...)),
		Kind: ParseKind(get(colKind...)), Aliases: splitList(get(colAliases...)), Calendar: strings.TrimSpace(get(colCalendar...))}
	var problems []problem
	word := get(colLevel...)
	level, ok := ParseLevel(word)
	if !ok {
		problems = append(problems, *wrong("level", "unknown-level", "没有“%[1]s”这一层级,应为 3、4、5 或 县、乡镇、村、网格、联户单元、楼栋",
			"There is no level %[1]q; use 3, 4, 5 or county, township, village, grid, group, building", clip(word)))
	}
	a.Level = level
	a.Kind = kindOf(a)
	at, _, wrongs := parsePoint(get)
	problems = append(problems, wrongs...)
	a.Center = at
	if text := get(colPopulation...); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			problems = append(problems, *wrong("population", "not-a-number", "“%[1]s”不是整数", "%[1]q is not a whole number", clip(text)))
		}
		a.Population = n
	}
	for _, p := range checkArea(a) {
		if p.Code != "unknown-level" {
			problems = append(problems, p)
		}
	}
	return a, problems
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// splitList reads several words from one cell.
func splitList(cell string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";；、|,,\n", r) }) {
		if w = strings.TrimSpace(w); w != "" && !contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// parsePoint reads lat, lon and datum and gives the point in WGS84.
func parsePoint(get func(...string) string) (*Point, geo.Datum, []problem) {
	lat, lon := get(colLat...), get(colLon...)
	datum, ok := geo.ParseDatum(get(colDatum...))
	if !ok {
		return nil, "", []problem{*wrong("datum", "unknown-datum", "坐标系应为 wgs84、gcj02 或 bd09,现在是“%[1]s”", "The datum is wgs84, gcj02 or bd09, not %[1]q", clip(get(colDatum...)))}
	}
	if lat == "" && lon == "" {
		return nil, datum, nil
	}
	var p Point
	for _, c := range []struct {
		name, text string
		to         *float64
	}{{"lat", lat, &p.Lat}, {"lon", lon, &p.Lon}} {
		v, err := strconv.ParseFloat(c.text, 64)
		if err != nil {
			return nil, datum, []problem{*wrong(c.name, "not-a-number", "“%[1]s”不是坐标(应为十进制度数)", "%[1]q is not a coordinate in decimal degrees", clip(c.text))}
		}
		*c.to = v
	}
	if bad := checkCenter(&p); bad != nil {
		return nil, datum, []problem{*bad}
	}
	p = geo.ToWGS84(p, datum)
	return &p, datum, nil
}

// ParseCode tells the level an official code has by its length, for those who only have the code.
func ParseCode(code string) (Level, *fault.Field) {
	if p := checkWritten(code); p != nil {
		return "", p
	}
	if digits(code) {
		switch len(code) {
		case countyDigits:
			return County, nil
		case townshipDigits:
			return Township, nil
		case villageDigits:
			return Village, nil
		case gridDigits:
			return Grid, nil
		}
	}
	return "", wrong("code", "code-form", "“%[1]s”不是 6、9、12 或 15 位的区划编码", "%[1]q is not an official code of 6, 9, 12 or 15 digits", code)
}
