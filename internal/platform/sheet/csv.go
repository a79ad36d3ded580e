package sheet

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

type csvSource struct {
	name    string
	read    *csv.Reader
	lossy   bool // a replacement character means that the decoder met bytes it does not know
	row     int  // rows so far, as a spreadsheet counts: a line break in quotes makes none
	endLine int  // last line of the row before
}

// openCSV finds out encoding, line ends and separator from the whole file, since Excel says none of them.
func openCSV(name string, r io.ReaderAt, size int64) (*csvSource, error) {
	text := func() io.Reader { return bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 64<<10) }
	seen, err := look(text())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	decode := func() io.Reader {
		in := text()
		switch seen.encoding() {
		case "utf-16le":
			in = transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
		case "utf-16be":
			in = transform.NewReader(in, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
		case "gb18030":
			in = transform.NewReader(in, simplifiedchinese.GB18030.NewDecoder())
		}
		if seen.oldMac {
			in = lines{in}
		}
		return skipBOM(in)
	}
	sample := make([]byte, 64<<10)
	n, err := io.ReadFull(decode(), sample)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	in := bufio.NewReader(decode())
	src := &csvSource{name: name, lossy: seen.encoding() != "utf-8"}
	comma, said := separator(string(sample[:n]))
	if said { // Excel's own first line sep=;
		if _, err := in.ReadString('\n'); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		src.row = 1
	}
	src.read = csv.NewReader(in)
	src.read.Comma = comma
	src.read.FieldsPerRecord = -1
	return src, nil
}

func (s *csvSource) close() error { return nil }

func (s *csvSource) next() (int, []string, error) {
	cells, err := s.read.Read()
	if errors.Is(err, io.EOF) {
		return 0, nil, io.EOF
	}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		s.row += parse.StartLine - s.endLine
		s.endLine = parse.Line
		return s.row, nil, rowFault(s.row, letter(len(cells)), "bad-quote",
			`引号不成对;含引号的内容应整体加引号,内部的引号写两个,例如 "5""管"`,
			`its quotes do not pair; put the whole cell in quotes and double those inside, as in "5"" pipe"`)
	}
	if err != nil {
		return 0, nil, fmt.Errorf("read %s behind row %d: %w", s.name, s.row, err)
	}
	start, _ := s.read.FieldPos(0)
	last, _ := s.read.FieldPos(len(cells) - 1)
	s.row += start - s.endLine
	s.endLine = last + strings.Count(cells[len(cells)-1], "\n")
	for i, c := range cells {
		if s.lossy && strings.ContainsRune(c, utf8.RuneError) {
			return s.row, nil, rowFault(s.row, letter(i), "bad-encoding",
				"文字编码已损坏(乱码);请用 Excel 或 WPS 另存为 .xlsx 后再导入", "its encoding is broken; save the table as .xlsx and import that")
		}
		cells[i] = armed(c)
	}
	return s.row, cells, nil
}

// traits is what the bytes of a file say about its encoding.
type traits struct {
	bom       string
	multi     int // well-formed UTF-8 characters of several bytes
	broken    int // bytes that are none
	zeroEven  int
	zeroOdd   int
	size      int
	oldMac    bool
	sawReturn bool
	sawFeed   bool
}

func look(r io.Reader) (traits, error) {
	var t traits
	buf := make([]byte, 0, 64<<10)
	for first := true; ; first = false {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return t, err
		}
		fresh := buf[len(buf) : len(buf)+n]
		for i, b := range fresh {
			switch {
			case b == 0 && (t.size+i)%2 == 0:
				t.zeroEven++
			case b == 0:
				t.zeroOdd++
			case b == '\r':
				t.sawReturn = true
			case b == '\n':
				t.sawFeed = true
			}
		}
		t.size += n
		buf = buf[:len(buf)+n]
		if first {
			switch s := string(buf[:min(3, len(buf))]); {
			case s == "\xef\xbb\xbf":
				t.bom = "utf-8"
			case strings.HasPrefix(s, "\xff\xfe"):
				t.bom = "utf-16le"
			case strings.HasPrefix(s, "\xfe\xff"):
				t.bom = "utf-16be"
			}
		}
		rest := buf
		for len(rest) > 0 {
			if rest[0] < utf8.RuneSelf {
				rest = rest[1:]
				continue
			}
			if !end && !utf8.FullRune(rest) {
				break
			}
			c, size := utf8.DecodeRune(rest)
			if c == utf8.RuneError && size == 1 {
				t.broken++
			} else {
				t.multi++
			}
			rest = rest[size:]
		}
		if end {
			t.oldMac = t.sawReturn && !t.sawFeed
			return t, nil
		}
		buf = buf[:copy(buf[:cap(buf)], rest)]
	}
}

// encoding decides. A few broken bytes among much good UTF-8 are damage to be reported, not another encoding;
// Chinese in GB18030 is nearly all broken as UTF-8.
func (t traits) encoding() string {
	switch {
	case t.bom != "":
		return t.bom
	case t.size > 3 && t.zeroOdd > t.size/8 && t.zeroEven < t.zeroOdd/4:
		return "utf-16le"
	case t.size > 3 && t.zeroEven > t.size/8 && t.zeroOdd < t.zeroEven/4:
		return "utf-16be"
	case t.broken == 0 || t.multi > 4*t.broken:
		return "utf-8"
	}
	return "gb18030"
}

// separator gives what parts the cells of the first row that has any, and whether the file says so itself in a line sep=;.
func separator(sample string) (comma rune, said bool) {
	if len(sample) >= 5 && strings.EqualFold(sample[:4], "sep=") && strings.ContainsRune(",;\t", rune(sample[4])) {
		if rest := sample[5:]; rest == "" || rest[0] == '\r' || rest[0] == '\n' {
			return rune(sample[4]), true
		}
	}
	counts := map[rune]int{}
	quoted := false
	for _, c := range sample {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ',' || c == ';' || c == '\t':
			counts[c]++
		case c == '\n' && len(counts) > 0:
			return most(counts), false
		}
	}
	return most(counts), false
}

func most(counts map[rune]int) rune {
	best := ','
	for _, c := range ";\t" {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// lines turns the lone carriage returns of old systems into line feeds.
type lines struct{ io.Reader }

func (l lines) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

func skipBOM(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3)
	}
	return b
}
