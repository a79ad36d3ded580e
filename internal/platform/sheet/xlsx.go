package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"

	"linli/internal/platform/fault"
)

// What a workbook may unpack to. A workbook of 200,000 rows and 20 columns has about 250 MB.
const (
	maxUnpacked = 512 << 20
	maxPart     = 64 << 20 // of parts held in memory: everything but sheets and their texts
	maxParts    = 10_000
	inMemory    = 16 << 20 // larger sheets go to a temporary file
)

type xlsxSource struct {
	name string
	book *excelize.File
	rows *excelize.Rows
	row  int
}

func openXLSX(name string, r io.ReaderAt, size int64) (src *xlsxSource, err error) {
	defer caught(name, &err)
	if err := verify(name, r, size); err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: inMemory,
		// Dates in the one form that needs no guessing.
		ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd", LongTimePattern: "hh:mm:ss", CultureInfo: excelize.CultureNameZhCN,
	})
	if err != nil {
		return nil, broken(name, err)
	}
	src = &xlsxSource{name: name, book: book}
	for _, sheet := range book.GetSheetList() {
		if visible, err := book.GetSheetVisible(sheet); err != nil || !visible {
			continue
		}
		if src.rows, err = book.Rows(sheet); err == nil {
			return src, nil
		}
	}
	_ = book.Close()
	return nil, fault.Newf(fault.Invalid, "sheet-empty", "工作簿 %[1]s 中没有可见的工作表", "The workbook %[1]s has no visible sheet", name).Because(err)
}

func (s *xlsxSource) close() (err error) {
	defer caught(s.name, &err)
	return errors.Join(s.rows.Close(), s.book.Close())
}

func (s *xlsxSource) next() (number int, cells []string, err error) {
	defer caught(s.name, &err)
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return 0, nil, broken(s.name, err)
		}
		return 0, nil, io.EOF
	}
	// A row that claims a number of billions would otherwise be waited for row by row.
	if s.row++; s.row > excelize.TotalRows {
		return 0, nil, broken(s.name, fmt.Errorf("a row beyond %d", excelize.TotalRows))
	}
	cells, err = s.rows.Columns()
	if err != nil {
		return 0, nil, broken(s.name, fmt.Errorf("row %d: %w", s.row, err))
	}
	for i, c := range cells {
		switch {
		case len(c) > 4 && scientific.MatchString(c):
			return s.row, nil, rowFault(s.row, letter(i), "long-number",
				"长数字(如身份证号)被存成了科学计数,末位已丢失;请先把该列设为“文本”格式,再重新填写",
				"a long number such as an identity number is stored as a rounded number; format the column as text and type it anew")
		case strings.HasPrefix(c, "#") && failed.MatchString(c):
			return s.row, nil, rowFault(s.row, letter(i), "formula-failed",
				"单元格是公式错误 "+c+",请改正公式或填入数值", "the cell is the formula error "+c+"; mend the formula or type the value")
		}
	}
	return s.row, cells, nil
}

var (
	scientific = regexp.MustCompile(`^-?\d(\.\d+)?E\+\d{2,3}$`)
	failed     = regexp.MustCompile(`^#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)$`)
)

// verify reads the whole archive once before the workbook is opened: sizes as they are, not as they are declared, check
// sums, and the sheets as well-formed XML. The library reads on past all three and would give fewer rows without a word.
func verify(name string, r io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return broken(name, err)
	}
	bomb := fault.Newf(fault.TooLarge, "sheet-too-large",
		"工作簿 %[1]s 解压后过大,不予读取;请删除图片和多余的工作表,或拆分后导入",
		"The workbook %[1]s unpacks to more than is taken; remove pictures and spare sheets, or split it", name)
	if len(archive.File) > maxParts {
		return bomb
	}
	left := int64(maxUnpacked)
	parts := map[string]*zip.File{}
	for _, part := range archive.File {
		at := strings.ToLower(strings.ReplaceAll(part.Name, "\\", "/"))
		if parts[at] != nil {
			return broken(name, fmt.Errorf("%s: there twice", part.Name))
		}
		parts[at] = part
		sheet := strings.HasPrefix(at, "xl/worksheets/sheet") || at == "xl/sharedstrings.xml"
		allowed := left
		if !sheet {
			allowed = min(left, maxPart)
		}
		isXML := strings.HasSuffix(at, ".xml") && (sheet || strings.HasPrefix(at, "xl/worksheets/"))
		n, err := unpack(part, isXML, allowed)
		if n > allowed {
			return bomb
		}
		if err != nil {
			return broken(name, fmt.Errorf("%s: %w", part.Name, err))
		}
		left -= n
	}
	if parts["xl/workbook.xml"] == nil {
		return fault.Newf(fault.Invalid, "sheet-format", "文件 %[1]s 不是 Excel 工作簿;请使用 .xlsx 或 .csv", "The file %[1]s is not a workbook; use .xlsx or .csv", name)
	}
	if err := complete(parts); err != nil {
		return broken(name, err)
	}
	return nil
}

// complete checks that the parts a workbook says its cells are made of are there: without its texts the library would
// give their numbers instead.
func complete(parts map[string]*zip.File) error {
	const list = "xl/_rels/workbook.xml.rels"
	if parts[list] == nil {
		return errors.New(list + ": missing")
	}
	in, err := parts[list].Open()
	if err != nil {
		return err
	}
	defer in.Close()
	var rels struct {
		Relationship []struct {
			Type, Target, TargetMode string `xml:",attr"`
		}
	}
	if err := xml.NewDecoder(in).Decode(&rels); err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	for _, r := range rels.Relationship {
		kind := r.Type[strings.LastIndexByte(r.Type, '/')+1:]
		if r.TargetMode == "External" || kind != "worksheet" && kind != "sharedStrings" && kind != "styles" {
			continue
		}
		target := strings.ReplaceAll(r.Target, "\\", "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/xl", target)
		}
		target = strings.ToLower(path.Clean(target)[1:])
		if parts[target] == nil {
			return fmt.Errorf("%s: missing", target)
		}
		if kind == "sharedStrings" && target != "xl/sharedstrings.xml" {
			return fmt.Errorf("%s: texts at an unusual place", target) // where the library does not look
		}
	}
	return nil
}

// unpack gives the size of a part, and reads no more than a byte beyond what is allowed.
func unpack(part *zip.File, isXML bool, allowed int64) (int64, error) {
	in, err := part.Open()
	if err != nil {
		return 0, err
	}
	defer in.Close()
	counted := &counter{r: io.LimitReader(in, allowed+1)}
	if isXML {
		if err := wellFormed(counted); err != nil && counted.n <= allowed {
			return counted.n, err
		}
	}
	_, err = io.Copy(io.Discard, counted)
	return counted.n, err
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func wellFormed(r io.Reader) error {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for depth := 0; ; {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				return io.ErrUnexpectedEOF
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
}

func broken(name string, cause error) error {
	var f *fault.Error
	if errors.As(cause, &f) {
		return cause
	}
	return fault.Newf(fault.Invalid, "sheet-broken",
		"工作簿 %[1]s 已损坏或不完整,没有读取任何内容;请用 Excel 或 WPS 打开并另存为新文件",
		"The workbook %[1]s is damaged or cut off; open it in Excel or WPS and save it as a new file", name).Because(cause)
}

// caught turns a panic of the library over a malformed workbook into the fault that it is.
func caught(name string, err *error) {
	if p := recover(); p != nil {
		*err = broken(name, fmt.Errorf("reading stopped: %v", p))
	}
}
