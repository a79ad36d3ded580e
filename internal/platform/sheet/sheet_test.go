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
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"linli/internal/platform/fault"
)

func open(t testing.TB, content []byte, limits Limits) (*Reader, error) {
	t.Helper()
	r, err := Open("in.csv", bytes.NewReader(content), int64(len(content)), limits)
	if err == nil {
		t.Cleanup(func() {
			if err := r.Close(); err != nil {
				t.Errorf("closing: %v", err)
			}
		})
	}
	return r, err
}

// readAll gives the rows as number:cells, and the errors met.
func readAll(t testing.TB, r *Reader) (rows []string, errs []error) {
	t.Helper()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, errs
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		rows = append(rows, fmt.Sprintf("%d:%s", row.Number, strings.Join(row.Values(), "|")))
	}
}

const people = "姓名,手机号,地址\r\n张三,13812345678,\"城北村,三组\"\r\n\r\n李四,,\r\n"

func encoded(t *testing.T, e encoding.Encoding, s string) []byte {
	t.Helper()
	out, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheSameTableIsReadInEveryDressOfCSV(t *testing.T) {
	want := []string{"2:张三|13812345678|城北村,三组", "4:李四||"}
	for name, content := range map[string][]byte{
		"UTF-8":                   []byte(people),
		"UTF-8 with BOM":          []byte("\ufeff" + people),
		"GB18030":                 encoded(t, simplifiedchinese.GB18030, people),
		"GBK":                     encoded(t, simplifiedchinese.GBK, people),
		"UTF-16 little":           encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), people),
		"UTF-16 big":              encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), people),
		"UTF-16 little, no BOM":   encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "name,phone,address\n"+strings.Repeat("张三,13812345678,x\n", 1)),
		"line feeds only":         []byte(strings.ReplaceAll(people, "\r", "")),
		"carriage returns only":   []byte(strings.ReplaceAll(people, "\n", "")),
		"semicolons":              []byte("姓名;手机号;地址\n张三;13812345678;城北村,三组\n\n李四;;\n"),
		"tabs":                    []byte("姓名\t手机号\t地址\n张三\t13812345678\t城北村,三组\n\n李四\n"),
		"no line end at the end":  []byte(strings.TrimRight(people, "\r\n")),
		"trailing separators":     []byte("姓名,手机号,地址,,\n张三,13812345678,\"城北村,三组\",,\n,,,,\n李四,,,,\n"),
		"blank rows of separator": []byte("姓名,手机号,地址\n张三,13812345678,\"城北村,三组\"\n , ,\n李四\n"),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := open(t, content, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			rows, errs := readAll(t, r)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			if name == "UTF-16 little, no BOM" {
				if !slices.Equal(rows, []string{"2:张三|13812345678|x"}) {
					t.Fatalf("%q", rows)
				}
				return
			}
			for i := range rows {
				rows[i] = strings.TrimRight(rows[i], "|") + strings.Repeat("|", len(want[i])-len(strings.TrimRight(want[i], "|")))
			}
			if !slices.Equal(rows, want) {
				t.Fatalf("%q, want %q", rows, want)
			}
		})
	}
}

func TestColumnsAreFoundByAnyOfTheirTitles(t *testing.T) {
	r, err := open(t, []byte("*编 码, Name ,手机号(必填)\n 001 ,\u00a0张三 ,1\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Header(), []string{"*编 码", "Name", "手机号(必填)"}) {
		t.Fatalf("header %q", r.Header())
	}
	row, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		titles []string
		want   string
	}{
		{[]string{"code", "代码", "编码"}, "001"},
		{[]string{"NAME"}, "张三"},
		{[]string{"手机号(必填)"}, "1"},
		{[]string{"地址"}, ""},
		{nil, ""},
	} {
		if got := row.Get(c.titles...); got != c.want {
			t.Errorf("%q: %q, want %q", c.titles, got, c.want)
		}
	}
	if f := row.Field("代码", "编码"); f != "rows[2].*编 码" {
		t.Errorf("field %q", f)
	}
	if f := row.Field("地址"); f != "rows[2].地址" {
		t.Errorf("field %q", f)
	}
	if err := r.Require([]string{"code", "编码"}, []string{"name"}); err != nil {
		t.Error(err)
	}
	err = r.Require([]string{"地址", "address"}, []string{"name"}, []string{"网格"})
	if f := fault.Of(err); f.Code != "sheet-columns" || len(f.Fields) != 2 || f.Fields[0].Name != "header.地址" || f.Fields[1].Code != "column-missing" {
		t.Errorf("missing columns: %v", err)
	}
}

func TestTitleRowsAboveTheHeaderArePassedOver(t *testing.T) {
	r, err := open(t, []byte("如皋市网格员登记表\n\n填表说明,,\n姓名,手机号\n张三,1\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	rows, errs := readAll(t, r)
	if !slices.Equal(rows, []string{"5:张三|1"}) || len(errs) > 0 {
		t.Fatalf("%q %v", rows, errs)
	}
	r, err = open(t, []byte("姓名\n张三\n李四\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if rows, errs := readAll(t, r); !slices.Equal(rows, []string{"2:张三", "3:李四"}) || len(errs) > 0 {
		t.Fatalf("one column: %q %v", rows, errs)
	}
}

func TestABadRowIsNamedAndTheOthersAreRead(t *testing.T) {
	for _, c := range []struct {
		rule, text, field, code string
		rows                    []string
	}{
		{"a NUL byte", "a,b\n1,x\x00y\n2,z\n", "rows[2].b", "bad-character", []string{"3:2|z"}},
		{"broken UTF-8", "a,b\n张三李四王五,x\xffy\n2,z\n", "rows[2].b", "bad-encoding", []string{"3:2|z"}},
		{"more cells than columns", "a,b\n1,2,3\n2,z\n", "rows[2].C", "no-column", []string{"3:2|z"}},
		{"a column without title", "a,,c\n1,2,3\n2,,z\n", "rows[2].B", "no-column", []string{"3:2||z"}},
		{"quotes that do not pair", "a,b\n1,5\" pipe\n2,z\n", "rows[2].B", "bad-quote", []string{"3:2|z"}},
		{"a cell that is too long", "a,b\n1," + strings.Repeat("长", 21) + "\n2,z\n", "rows[2].b", "too-long", []string{"3:2|z"}},
		{"behind a cell of two lines the count is that of the spreadsheet", "a,b\n\"1\n1\",ok\n\n2,\x01\n", "rows[4].b", "bad-character", []string{"2:1\n1|ok"}},
		{"broken GB18030", "\xd0\xd5\xc3\xfb,b\n\xd5\xc5\xc8\xfd\xc0\xee\xcb\xc4,\xff\n2,z\n", "rows[2].B", "bad-encoding", []string{"3:2|z"}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			r, err := open(t, []byte(c.text), Limits{MaxCell: 20})
			if err != nil {
				t.Fatal(err)
			}
			rows, errs := readAll(t, r)
			if !slices.Equal(rows, c.rows) || len(errs) != 1 {
				t.Fatalf("rows %q, errors %v", rows, errs)
			}
			f := fault.Of(errs[0])
			if f.Kind != fault.Invalid || f.Code != "bad-row" || len(f.Fields) != 1 || f.Fields[0].Name != c.field || f.Fields[0].Code != c.code || f.Fields[0].Text.ZH == "" {
				t.Fatalf("%+v", f)
			}
		})
	}
}

func TestTablesThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		rule, text string
		limits     Limits
		kind       fault.Kind
		code       string
	}{
		{"empty", "", Limits{}, fault.Invalid, "sheet-empty"},
		{"only blanks", "\n , \n\n", Limits{}, fault.Invalid, "sheet-empty"},
		{"a doubled title", "姓名, 姓 名\n1,2\n", Limits{}, fault.Invalid, "sheet-columns"},
		{"an old workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Limits{}, fault.Invalid, "sheet-format"},
		{"a PDF", "%PDF-1.7", Limits{}, fault.Invalid, "sheet-format"},
		{"too many bytes", "a,b\n1,2\n", Limits{MaxBytes: 7}, fault.TooLarge, "sheet-too-large"},
		{"an archive cut off", "PK\x03\x04abc", Limits{}, fault.Invalid, "sheet-broken"},
		{"a bad header", "a,b\x00\n1,2", Limits{}, fault.Invalid, "bad-row"},
		{"an open quote in the header", "\"a,b\n1,2", Limits{}, fault.Invalid, "bad-row"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			_, err := open(t, []byte(c.text), c.limits)
			if !fault.Is(err, c.kind) || !fault.HasCode(err, c.code) {
				t.Fatalf("%v", err)
			}
		})
	}
}

func TestTooManyRowsEndTheTableOnce(t *testing.T) {
	r, err := open(t, []byte("a\n1\n2\n3\n4\n"), Limits{MaxRows: 2})
	if err != nil {
		t.Fatal(err)
	}
	rows, errs := readAll(t, r)
	if len(rows) != 2 || len(errs) != 1 || !fault.Is(errs[0], fault.TooLarge) {
		t.Fatalf("%q %v", rows, errs)
	}
}

func TestExcelsOwnSeparatorLine(t *testing.T) {
	r, err := open(t, []byte("sep=;\r\na;b,c\r\n1;2\r\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if rows, errs := readAll(t, r); !slices.Equal(rows, []string{"3:1|2"}) || len(errs) > 0 {
		t.Fatalf("%q %v", rows, errs)
	}
}

func TestFilesAreOpenedByPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "人员.csv")
	if err := os.WriteFile(path, []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := OpenFile(path, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if rows, errs := readAll(t, r); len(rows) != 2 || len(errs) > 0 {
		t.Fatal(rows, errs)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(path+"x", Limits{}); !fault.HasCode(err, "sheet-unreadable") {
		t.Fatal(err)
	}
	if _, err := OpenFile(path, Limits{MaxBytes: 1}); !fault.Is(err, fault.TooLarge) {
		t.Fatal(err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(people))
	f.Add([]byte("\ufeffa;b\n\"1\n\";=2\n"))
	f.Add([]byte("\xff\xfea\x00,\x00b\x00\n\x00"))
	f.Add([]byte("sep=\t\na\tb\r1\t2"))
	f.Add([]byte("\xd0\xd5\xc3\xfb,b\n\xd5\xc5\xc8\xfd,\xff\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if bytes.HasPrefix(content, []byte("PK")) {
			return
		}
		r, err := open(t, content, Limits{MaxBytes: 1 << 20, MaxRows: 1000, MaxCell: 100})
		var refused *fault.Error
		if err != nil {
			if !errors.As(err, &refused) {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		last := 0
		for n := 0; ; n++ {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if n > len(content) {
				t.Fatal("more rows than bytes")
			}
			if err != nil && !errors.As(err, &refused) {
				t.Fatalf("no fault: %v", err)
			}
			if err == nil {
				if row.Number <= last {
					t.Fatalf("row %d behind row %d", row.Number, last)
				}
				last = row.Number
				if v := strings.Join(row.Values(), ""); !strings.ContainsFunc(v, func(c rune) bool { return c > ' ' }) {
					t.Fatalf("a blank row: %q", v)
				}
			}
		}
	})
}
