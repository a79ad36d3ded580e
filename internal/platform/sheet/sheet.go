// Package sheet is the door for tables: it reads CSV and XLSX as people really send them (any encoding of Excel or WPS,
// title rows, blank rows, columns in any order) and writes both so that they open cleanly and run no formula.
// Errors are faults that name the row as the program of the sender numbers it, and the column by its title.
package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"

	"linli/internal/platform/fault"
)

// Limits bound what is read; a zero field takes its default.
type Limits struct {
	MaxBytes int64 // size of the file; 20 MiB
	MaxRows  int   // rows below the header; 200,000
	MaxCell  int   // characters in a cell; 32,767, the limit of Excel
}

func (l Limits) withDefaults() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = 20 << 20
	}
	if l.MaxRows <= 0 {
		l.MaxRows = 200_000
	}
	if l.MaxCell <= 0 {
		l.MaxCell = excelize.TotalCellChars
	}
	return l
}

// source gives the rows of one format. A row error names what is wrong in this row only; any other error ends it.
type source interface {
	next() (number int, cells []string, err error)
	close() error
}

// Reader gives the rows of a table one by one in constant memory. Close it: a large workbook lies in a temporary file.
type Reader struct {
	name   string
	limits Limits
	src    source
	header []string
	index  map[string]int // by header key
	held   []line         // read ahead behind the header
	rows   int
	ended  bool
	file   io.Closer
}

type line struct {
	number int
	cells  []string
	err    error
}

// Row is one row below the header.
type Row struct {
	Number int // as the spreadsheet program numbers it; the first row of the file is 1
	cells  []string
	from   *Reader
}

// OpenFile is Open of a file on the disk.
func OpenFile(path string, limits Limits) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "sheet-unreadable", "无法打开文件 %[1]s", "The file %[1]s cannot be opened", path).Because(err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("look at %s: %w", path, err)
	}
	r, err := Open(filepath.Base(path), f, info.Size(), limits)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	r.file = f
	return r, nil
}

// Open reads the header of a table; name is for messages only, the format is told from the content. Faults: TooLarge
// "sheet-too-large"; Invalid "sheet-format", "sheet-broken", "sheet-empty", "sheet-columns" (doubled titles).
// Title rows above the header (a single filled cell) are passed over. Of a workbook the first visible sheet is read.
func Open(name string, r io.ReaderAt, size int64, limits Limits) (*Reader, error) {
	limits = limits.withDefaults()
	if size > limits.MaxBytes {
		return nil, fault.Newf(fault.TooLarge, "sheet-too-large",
			"文件 %[1]s 有 %[2]d MB,超过上限 %[3]d MB,请拆分后分别导入",
			"The file %[1]s has %[2]d MB; at most %[3]d MB are taken. Split it and import the parts", name, size>>20, limits.MaxBytes>>20)
	}
	head := make([]byte, min(size, 8))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	rd := &Reader{name: name, limits: limits}
	var err error
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		rd.src, err = openXLSX(name, r, size)
	case bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		err = fault.Newf(fault.Invalid, "sheet-format",
			"文件 %[1]s 是旧版 .xls 或加密的工作簿;请取消密码并另存为 .xlsx 后再导入",
			"The file %[1]s is an old .xls or an encrypted workbook; save it as .xlsx without a password", name)
	case bytes.HasPrefix(head, []byte("%PDF")):
		err = fault.Newf(fault.Invalid, "sheet-format", "文件 %[1]s 不是表格;请使用 .xlsx 或 .csv", "The file %[1]s is not a table; use .xlsx or .csv", name)
	default:
		rd.src, err = openCSV(name, r, size)
	}
	if err != nil {
		return nil, err
	}
	if err := rd.readHeader(); err != nil {
		_ = rd.Close()
		return nil, err
	}
	return rd, nil
}

// maxTitles is how many title rows may stand above the header.
const maxTitles = 5

func (r *Reader) readHeader() error {
	head, err := r.filled()
	for err == nil && head.err == nil && count(head.cells) == 1 && len(r.held) < maxTitles {
		next, e := r.filled()
		if errors.Is(e, io.EOF) {
			break
		}
		if e != nil {
			return e
		}
		if next.err == nil && count(next.cells) > 1 {
			head, r.held = next, nil // the single cells above were titles
			break
		}
		r.held = append(r.held, next)
	}
	switch {
	case errors.Is(err, io.EOF):
		return fault.Newf(fault.Invalid, "sheet-empty", "文件 %[1]s 中没有内容;第一行应为列名", "The file %[1]s is empty; its first row must name the columns", r.name)
	case err != nil:
		return err
	case head.err != nil:
		return head.err
	}
	r.index = make(map[string]int, len(head.cells))
	bad := fault.Newf(fault.Invalid, "sheet-columns", "文件 %[1]s 的列名有误", "The column titles of %[1]s are wrong", r.name)
	for i, cell := range head.cells {
		if at, code, zh, en := r.badCell(cell); code != "" {
			return rowFault(head.number, column(i, nil), code, zh, en+at)
		}
		title := clean(cell)
		r.header = append(r.header, title)
		k := key(title)
		if k == "" {
			continue
		}
		if first, twice := r.index[k]; twice {
			bad.At(fmt.Sprintf("rows[%d].%s", head.number, title), "column-twice",
				fmt.Sprintf("列名“%s”出现两次(第 %s 列和第 %s 列),请删除或改名其中一列", title, letter(first), letter(i)),
				fmt.Sprintf("the title %q stands twice (columns %s and %s); rename or remove one", title, letter(first), letter(i)))
			continue
		}
		r.index[k] = i
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// filled gives the next row that is not blank.
func (r *Reader) filled() (line, error) {
	for {
		number, cells, err := r.src.next()
		var f *fault.Error
		if err != nil && !(errors.As(err, &f) && f.Code == "bad-row") {
			return line{}, err
		}
		for len(cells) > 0 && clean(cells[len(cells)-1]) == "" {
			cells = cells[:len(cells)-1]
		}
		if len(cells) > 0 || err != nil {
			return line{number, cells, err}, nil //nolint:nilerr // the fault belongs to that row and travels with it
		}
	}
}

// Header gives the titles of the columns, trimmed, in their order; a column without title is empty.
func (r *Reader) Header() []string { return slices.Clone(r.header) }

// Has tells whether there is a column of one of these titles.
func (r *Reader) Has(titles ...string) bool {
	for _, t := range titles {
		if _, ok := r.index[key(t)]; ok {
			return true
		}
	}
	return false
}

// Require refuses a table that lacks a column: each argument lists the titles one column may have, the one of the template first.
// The fault is Invalid "sheet-columns" with a field per missing column.
func (r *Reader) Require(columns ...[]string) error {
	bad := fault.Newf(fault.Invalid, "sheet-columns", "文件 %[1]s 缺少必需的列", "The file %[1]s lacks columns that are needed", r.name)
	for _, titles := range columns {
		if len(titles) > 0 && !r.Has(titles...) {
			all := strings.Join(titles, " / ")
			bad.At("header."+titles[0], "column-missing",
				fmt.Sprintf("没有名为“%s”的列,请按模板补上", all), fmt.Sprintf("there is no column named %q; add it as in the template", all))
		}
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// Next gives the next row that is not blank, or io.EOF. An Invalid fault "bad-row" concerns this row alone, whose number the
// Row has: go on with Next for the others. Any other error ends the table: it is given once, then io.EOF.
func (r *Reader) Next() (Row, error) {
	if r.ended {
		return Row{}, io.EOF
	}
	var l line
	var err error
	if len(r.held) > 0 {
		l, r.held = r.held[0], r.held[1:]
	} else {
		l, err = r.filled()
	}
	if err == nil {
		if r.rows++; r.rows > r.limits.MaxRows {
			err = fault.Newf(fault.TooLarge, "sheet-too-long",
				"文件 %[1]s 超过 %[2]d 行(到第 %[3]d 行),请拆分后分别导入",
				"The file %[1]s has more than %[2]d rows (up to row %[3]d); split it and import the parts", r.name, r.limits.MaxRows, l.number)
		}
	}
	if err != nil {
		r.ended = true
		return Row{}, err
	}
	row := Row{Number: l.number, cells: l.cells, from: r}
	if l.err != nil {
		return row, l.err
	}
	return row, r.check(row)
}

// check gives the fault of a row with one field per bad cell.
func (r *Reader) check(row Row) error {
	var bad *fault.Error
	for i, cell := range row.cells {
		at, code, zh, en := r.badCell(cell)
		if code == "" && clean(cell) != "" && (i >= len(r.header) || r.header[i] == "") {
			code, zh, en = "no-column", "该列没有列名;请补上列名,或删除多出的内容", "this column has no title; give it one or remove what is too much"
		}
		if code == "" {
			continue
		}
		e := rowFault(row.Number, column(i, r.header), code, zh, en+at)
		if bad == nil {
			bad = e
		} else {
			bad.Fields = append(bad.Fields, e.Fields...)
		}
		if len(bad.Fields) == 20 {
			break
		}
	}
	if bad == nil {
		return nil
	}
	return bad
}

// badCell tells what makes a cell unfit: at is where in it.
func (r *Reader) badCell(cell string) (at, code, zh, en string) {
	if len(cell) > r.limits.MaxCell && utf8.RuneCountInString(cell) > r.limits.MaxCell {
		return "", "too-long", fmt.Sprintf("内容超过 %d 个字符", r.limits.MaxCell), fmt.Sprintf("it has more than %d characters", r.limits.MaxCell)
	}
	n := 0
	for i, c := range cell {
		n++
		if c == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(cell[i:]); size == 1 {
				return fmt.Sprintf(" (character %d)", n), "bad-encoding", "文字编码已损坏(乱码);请用 Excel 或 WPS 另存为 .xlsx 后再导入", "its encoding is broken; save the table as .xlsx and import that"
			}
		}
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return fmt.Sprintf(" (character %d)", n), "bad-character", "含有不可见的控制字符,请重新输入该单元格", "it holds an invisible control character; type the cell anew"
		}
	}
	return "", "", "", ""
}

// Close lets go of the file and of temporary ones.
func (r *Reader) Close() error {
	r.ended = true
	var err error
	if r.src != nil {
		err = r.src.close()
	}
	if r.file != nil {
		err = errors.Join(err, r.file.Close())
	}
	return err
}

// Get gives the cell, trimmed, of the first of these columns that is there and not empty. Titles are compared without
// regard to case, width, blanks and the star that marks what must be filled in.
func (r Row) Get(titles ...string) string {
	for _, t := range titles {
		if i, ok := r.from.index[key(t)]; ok && i < len(r.cells) {
			if v := clean(r.cells[i]); v != "" {
				return v
			}
		}
	}
	return ""
}

// Values gives the cells as they are, one per column of the header, so that a row can be handed back as it came.
func (r Row) Values() []string {
	out := make([]string, len(r.from.header))
	copy(out, r.cells)
	return out
}

// Field names the place of a cell in a fault, as rows[12].手机号, by the title the sender used.
func (r Row) Field(titles ...string) string {
	for _, t := range titles {
		if i, ok := r.from.index[key(t)]; ok {
			return fmt.Sprintf("rows[%d].%s", r.Number, r.from.header[i])
		}
	}
	return fmt.Sprintf("rows[%d].%s", r.Number, strings.Join(titles[:min(1, len(titles))], ""))
}

func rowFault(number int, col, code, zh, en string) *fault.Error {
	return fault.Newf(fault.Invalid, "bad-row", "第 %[1]d 行有误", "Row %[1]d is wrong", number).
		At(fmt.Sprintf("rows[%d].%s", number, col), code, zh, en)
}

// column names a column by its title, or by its letter.
func column(i int, header []string) string {
	if i < len(header) && header[i] != "" {
		return header[i]
	}
	return letter(i)
}

func letter(i int) string {
	name, err := excelize.ColumnNumberToName(i + 1)
	if err != nil {
		return fmt.Sprint(i + 1)
	}
	return name
}

// key is what titles are compared by.
func key(title string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) || c == '*' {
			return -1
		}
		return unicode.ToLower(c)
	}, norm.NFKC.String(title))
}

// clean trims blanks of all widths and the invisible marks that are copied along from web pages.
func clean(s string) string {
	return strings.TrimFunc(s, func(c rune) bool {
		return unicode.IsSpace(c) || c == '\ufeff' || c == '\u200b' || c == '\u200e' || c == '\u200f'
	})
}

func count(cells []string) (n int) {
	for _, c := range cells {
		if clean(c) != "" {
			n++
		}
	}
	return n
}
