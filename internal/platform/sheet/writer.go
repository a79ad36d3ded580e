package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"linli/internal/platform/fault"
)

// Column is a column of a table to be written.
type Column struct {
	Title string
	Width float64 // in characters; 0: as wide as its title, at least 12. Only a workbook has widths
}

// Writer writes a table row by row: a workbook with a bold header that stays in sight, or CSV with a byte order mark so that
// Excel and WPS know it is UTF-8. No cell is ever a formula. Close it to finish the file.
type Writer struct {
	columns []Column
	row     int // rows written, the header included

	out    io.Writer
	book   *excelize.File
	stream *excelize.StreamWriter
	text   int // style of text cells
	moment int // and of moments
	csv    *csv.Writer
}

// NewXLSX begins a workbook of one sheet. Memory stays constant; the file is written to out by Close.
func NewXLSX(out io.Writer, sheet string, columns []Column) (*Writer, error) {
	w := &Writer{columns: columns, out: out, book: excelize.NewFile()}
	err := w.book.SetSheetName("Sheet1", sheetName(sheet))
	if err == nil {
		err = w.begin(sheetName(sheet))
	}
	if err != nil {
		_ = w.book.Close()
		return nil, fmt.Errorf("begin workbook: %w", err)
	}
	return w, nil
}

func (w *Writer) begin(sheet string) (err error) {
	if w.stream, err = w.book.NewStreamWriter(sheet); err != nil {
		return err
	}
	for i, c := range w.columns {
		width := c.Width
		if width <= 0 {
			width = max(12, float64(2*utf8.RuneCountInString(c.Title)+2))
		}
		if err := w.stream.SetColWidth(i+1, i+1, min(width, 255)); err != nil {
			return err
		}
	}
	if err := w.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	// Format 49 is text: what looks like a formula stays text when the cell is edited, and long numbers keep their digits.
	if w.text, err = w.book.NewStyle(&excelize.Style{NumFmt: 49}); err != nil {
		return err
	}
	if w.moment, err = w.book.NewStyle(&excelize.Style{CustomNumFmt: &momentFormat}); err != nil {
		return err
	}
	bold, err := w.book.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	titles := make([]any, len(w.columns))
	for i, c := range w.columns {
		titles[i] = excelize.Cell{StyleID: bold, Value: visible(c.Title)}
	}
	w.row = 1
	return w.stream.SetRow("A1", titles)
}

// NewCSV begins a CSV file, written to out as it goes. Text that a spreadsheet would take for a formula gets an
// apostrophe in front, which Open takes off again.
func NewCSV(out io.Writer, columns []Column) (*Writer, error) {
	w := &Writer{columns: columns, out: out, csv: csv.NewWriter(out)}
	w.csv.UseCRLF = true
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return nil, fmt.Errorf("begin CSV: %w", err)
	}
	titles := make([]any, len(columns))
	for i, c := range columns {
		titles[i] = c.Title
	}
	return w, w.Write(titles...)
}

// Write adds a row. Cells are strings, integers, floats, bools (是/否), time.Time (2006-01-02 15:04, or the date alone
// at midnight, in the zone it carries), Moment or nil. More cells than columns, another type, or text longer than Excel holds (32,767
// characters) is an Internal fault; more rows than a sheet holds is TooLarge "sheet-too-long".
func (w *Writer) Write(cells ...any) error {
	if len(cells) > len(w.columns) {
		return fault.Newf(fault.Internal, "sheet-ragged", "表格只有 %[1]d 列,却写入了 %[2]d 个单元格", "A row of %[2]d cells for %[1]d columns", len(w.columns), len(cells))
	}
	if w.row++; w.row > excelize.TotalRows && w.book != nil {
		return fault.Newf(fault.TooLarge, "sheet-too-long", "一个工作表最多 %[1]d 行,请缩小导出范围或改用 CSV", "A sheet holds at most %[1]d rows; export less, or CSV", excelize.TotalRows)
	}
	row := make([]any, len(cells))
	for i, c := range cells {
		v, err := w.cell(c)
		if err != nil {
			return fault.Newf(fault.Internal, "sheet-cell", "第 %[1]d 行“%[2]s”无法写入", "Row %[1]d, column %[2]s cannot be written", w.row, w.columns[i].Title).Because(err)
		}
		row[i] = v
	}
	if w.book != nil {
		at, err := excelize.CoordinatesToCellName(1, w.row)
		if err != nil {
			return fmt.Errorf("write row %d: %w", w.row, err)
		}
		for i, c := range row {
			switch c := c.(type) {
			case string:
				row[i] = excelize.Cell{StyleID: w.text, Value: c}
			case Moment:
				row[i] = excelize.Cell{StyleID: w.moment, Value: c.serial()}
			}
		}
		return w.stream.SetRow(at, row)
	}
	record := make([]string, len(w.columns))
	for i, c := range row {
		switch v := c.(type) {
		case string:
			record[i] = defused(v)
		case Moment:
			record[i] = time.Time(v).Format("2006-01-02 15:04")
		case float64:
			record[i] = strconv.FormatFloat(v, 'f', -1, 64)
		case nil:
		default:
			record[i] = fmt.Sprint(v)
		}
	}
	if err := w.csv.Write(record); err != nil {
		return fmt.Errorf("write row %d: %w", w.row, err)
	}
	return nil
}

// cell gives a value as a string, an integer, a float64 or nil.
func (w *Writer) cell(c any) (any, error) {
	switch v := c.(type) {
	case nil:
		return nil, nil
	case string:
		s := visible(v)
		if utf8.RuneCountInString(s) > excelize.TotalCellChars {
			return nil, fmt.Errorf("%d characters; a cell holds %d", utf8.RuneCountInString(s), excelize.TotalCellChars)
		}
		return s, nil
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return v, nil
	case float32:
		return strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
	case float64:
		if v != v || v > 1e300 || v < -1e300 {
			return nil, fmt.Errorf("%v is not a number of a spreadsheet", v)
		}
		return v, nil
	case bool:
		if v {
			return "是", nil
		}
		return "否", nil
	case Moment:
		if time.Time(v).IsZero() {
			return nil, nil
		}
		return v, nil
	case time.Time:
		switch {
		case v.IsZero():
			return nil, nil
		case v.Hour() == 0 && v.Minute() == 0 && v.Second() == 0:
			return v.Format("2006-01-02"), nil
		}
		return v.Format("2006-01-02 15:04"), nil
	}
	return nil, fmt.Errorf("a cell cannot hold a %T", c)
}

// Close writes what is left. The file is whole only when it gives nil. out stays open.
func (w *Writer) Close() error {
	if w.csv != nil {
		w.csv.Flush()
		if err := w.csv.Error(); err != nil {
			return fmt.Errorf("finish CSV: %w", err)
		}
		return nil
	}
	defer w.book.Close()
	if err := w.stream.Flush(); err != nil {
		return fmt.Errorf("finish workbook: %w", err)
	}
	if err := w.book.Write(w.out); err != nil {
		return fmt.Errorf("finish workbook: %w", err)
	}
	return nil
}

// visible gives text every spreadsheet can hold: line breaks alike, control characters as their pictures (␀), broken
// bytes as �: shown, not dropped.
func visible(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\r':
			return '\n'
		case c < 0x20 && c != '\t' && c != '\n':
			return 0x2400 + c
		case c == 0x7f:
			return 0x2421
		case c == 0xfffe || c == 0xffff:
			return '\ufffd'
		}
		return c
	}, s)
}

// formula are the characters by which a spreadsheet takes text for a formula (OWASP, CSV injection), the full width ones too.
const formula = "=+-@\t\r=+-@"

// defused puts an apostrophe before text that begins like a formula, or like an apostrophe before such; armed takes it off.
func defused(s string) string {
	if rest := strings.TrimLeft(s, "'"); rest != "" && strings.ContainsAny(firstRune(rest), formula) {
		return "'" + s
	}
	return s
}

func armed(s string) string {
	if rest := strings.TrimLeft(s, "'"); len(rest) < len(s) && rest != "" && strings.ContainsAny(firstRune(rest), formula) {
		return s[1:]
	}
	return s
}

func firstRune(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

// sheetName gives a name Excel takes: no []:*?/\ and at most 31 characters.
func sheetName(s string) string {
	r := []rune(strings.Trim(strings.Map(func(c rune) rune {
		if strings.ContainsRune(`[]:*?/\`, c) || c < 0x20 {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "")), " '"))
	if len(r) > 31 {
		r = r[:31]
	}
	if len(r) == 0 {
		return "Sheet1"
	}
	return string(r)
}
