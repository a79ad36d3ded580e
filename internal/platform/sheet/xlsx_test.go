package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"linli/internal/platform/fault"
)

// workbook makes a file by hand.
func workbook(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookIsReadAsItsSpreadsheetShowsIt(t *testing.T) {
	content := workbook(t, func(f *excelize.File) {
		_ = f.SetSheetName("Sheet1", "隐藏")
		_, _ = f.NewSheet("人员")
		f.SetActiveSheet(1)
		_ = f.SetSheetVisible("隐藏", false)
		_ = f.SetCellStr("人员", "A1", "网格员登记表")
		_ = f.MergeCell("人员", "A1", "D1")
		_ = f.SetSheetRow("人员", "A3", &[]any{"姓名", "手机号", "出生日期", "启用"})
		_ = f.SetSheetRow("人员", "A4", &[]any{"张三", 13812345678, time.Date(1980, 3, 9, 0, 0, 0, 0, time.UTC), true})
		_ = f.SetSheetRow("人员", "A7", &[]any{" 李四 ", "001"})
	})
	r, err := open(t, content, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	rows, errs := readAll(t, r)
	if want := []string{"4:张三|13812345678|1980-03-09|TRUE", "7: 李四 |001||"}; !slices.Equal(rows, want) || len(errs) > 0 {
		t.Fatalf("%q %v", rows, errs)
	}
}

func TestCellsOfAWorkbookThatLostTheirValueAreNamed(t *testing.T) {
	content := workbook(t, func(f *excelize.File) {
		_ = f.SetSheetRow("Sheet1", "A1", &[]any{"name", "id"})
		_ = f.SetSheetRow("Sheet1", "A2", &[]any{"a", 320682199001011234})
		_ = f.SetSheetRow("Sheet1", "A3", &[]any{"b", "#N/A"})
		_ = f.SetSheetRow("Sheet1", "A4", &[]any{"c", "320682199001011234"})
	})
	r, err := open(t, content, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	rows, errs := readAll(t, r)
	if !slices.Equal(rows, []string{"4:c|320682199001011234"}) || len(errs) != 2 {
		t.Fatalf("%q %v", rows, errs)
	}
	for i, want := range []string{"long-number", "formula-failed"} {
		if f := fault.Of(errs[i]); f.Fields[0].Code != want || f.Fields[0].Name != fmt.Sprintf("rows[%d].B", i+2) {
			t.Errorf("%+v", f)
		}
	}
}

// repack changes the parts of an archive.
func repack(t testing.TB, content []byte, change func(name string, data []byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write(change(f.Name, data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// renamed gives the archive with one part under another name.
func renamed(t testing.TB, content []byte, from, to string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	found := false
	for _, f := range in.File {
		if f.Name == from {
			f.Name, found = to, true
		}
		if err := w.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || !found {
		t.Fatal(found, err)
	}
	return out.Bytes()
}

func ten(t testing.TB) []byte {
	return workbook(t, func(f *excelize.File) {
		for i := 1; i <= 10; i++ {
			_ = f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i), &[]any{fmt.Sprintf("行%d", i), "值"})
		}
	})
}

func TestADamagedWorkbookIsRefusedAndNeverReadShort(t *testing.T) {
	good := ten(t)
	sheet := "xl/worksheets/sheet1.xml"
	for name, content := range map[string][]byte{
		"cut in the middle of the sheet": repack(t, good, func(n string, d []byte) []byte {
			if n == sheet {
				return d[:len(d)/2]
			}
			return d
		}),
		"a sheet that is not XML": repack(t, good, func(n string, d []byte) []byte {
			if n == sheet {
				return bytes.Replace(d, []byte(`<row r="5"`), []byte(`<row r=5<`), 1)
			}
			return d
		}),
		"the file cut off":             good[:len(good)-40],
		"a workbook without its texts": renamed(t, good, "xl/sharedStrings.xml", "xl/sharedStringt.xml"),
		"a workbook without its sheet": renamed(t, good, sheet, "xl/worksheets/sheetX.xml"),
		"a workbook without its list":  renamed(t, good, "xl/_rels/workbook.xml.rels", "xl/_rels/x"),
		"the same part twice":          renamed(t, good, "xl/theme/theme1.xml", sheet),
		"a row number no sheet has": repack(t, good, func(n string, d []byte) []byte {
			return bytes.Replace(d, []byte(`<row r="2"`), []byte(`<row r="2000000000"`), 1)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := open(t, content, Limits{})
			if err == nil {
				_, errs := readAll(t, r)
				err = errors.Join(errs...)
			}
			if !fault.HasCode(err, "sheet-broken") {
				t.Fatalf("%v", err)
			}
		})
	}
	if _, err := open(t, repack(t, good, func(n string, d []byte) []byte { return d }), Limits{}); err != nil {
		t.Fatalf("unchanged: %v", err)
	}
	var other bytes.Buffer
	w := zip.NewWriter(&other)
	_, _ = w.Create("readme.txt")
	_ = w.Close()
	if _, err := open(t, other.Bytes(), Limits{}); !fault.HasCode(err, "sheet-format") {
		t.Errorf("an archive that is no workbook: %v", err)
	}
}

// Every single flipped byte either leaves all ten rows as they are or is refused.
func TestAnyDamagedByteIsSeen(t *testing.T) {
	good := ten(t)
	r, err := open(t, good, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := readAll(t, r)
	rapid.Check(t, func(rt *rapid.T) {
		bad := bytes.Clone(good)
		bad[rapid.IntRange(8, len(bad)-1).Draw(rt, "at")] ^= byte(rapid.IntRange(1, 255).Draw(rt, "bits"))
		r, err := Open("x.xlsx", bytes.NewReader(bad), int64(len(bad)), Limits{})
		if err != nil {
			return
		}
		defer r.Close()
		if rows, errs := readAll(t, r); len(errs) == 0 && !slices.Equal(rows, want) {
			rt.Fatalf("read %q", rows)
		}
	})
}

func TestZipBombsAreRefused(t *testing.T) {
	bomb := repack(t, ten(t), func(n string, d []byte) []byte {
		if n == "xl/styles.xml" {
			return append(d, bytes.Repeat([]byte(" "), maxPart)...)
		}
		return d
	})
	if len(bomb) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	if _, err := open(t, bomb, Limits{}); !fault.Is(err, fault.TooLarge) {
		t.Fatalf("%v", err)
	}
	// One that says it is small.
	var packed, out bytes.Buffer
	w := zip.NewWriter(&packed)
	p, _ := w.Create("xl/workbook.xml")
	zeros := make([]byte, maxPart+1)
	_, _ = p.Write(zeros)
	_ = w.Close()
	in, _ := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	raw, _ := in.File[0].OpenRaw()
	head := in.File[0].FileHeader
	head.UncompressedSize64, head.CRC32, head.Flags = 10, crc32.ChecksumIEEE(zeros[:10]), 0
	lie := zip.NewWriter(&out)
	q, err := lie.CreateRaw(&head)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(q, raw)
	_ = lie.Close()
	if _, err := open(t, out.Bytes(), Limits{}); !fault.Is(err, fault.TooLarge) && !fault.Is(err, fault.Invalid) {
		t.Fatalf("%v", err)
	}
	var many bytes.Buffer
	w = zip.NewWriter(&many)
	for i := range maxParts + 1 {
		_, _ = w.Create(fmt.Sprint(i))
	}
	_ = w.Close()
	if _, err := open(t, many.Bytes(), Limits{}); !fault.Is(err, fault.TooLarge) {
		t.Fatalf("many parts: %v", err)
	}
}

func TestTemporaryFilesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	big := repack(t, ten(t), func(n string, d []byte) []byte {
		if n == "xl/worksheets/sheet1.xml" {
			return bytes.Replace(d, []byte("</worksheet>"), append(bytes.Repeat([]byte(" "), inMemory), "</worksheet>"...), 1)
		}
		return d
	})
	r, err := open(t, big, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if rows, errs := readAll(t, r); len(rows) != 9 || len(errs) > 0 {
		t.Fatal(rows, errs)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Fatalf("left: %v", left)
	}
}

var formats = map[string]func(io.Writer, []Column) (*Writer, error){
	"csv":  NewCSV,
	"xlsx": func(w io.Writer, c []Column) (*Writer, error) { return NewXLSX(w, "人员[1]/2", c) },
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	text := rapid.OneOf(
		rapid.SampledFrom([]string{"张三", "=1+1", "'=1", "''@x", "-5", "+8613812345678", "@sum", "=A1", "\t=x", "a,b;c", `5" pipe`, "line\nbreak", "001", "_x000D_", "<b>&", "𠮷", ""}),
		rapid.StringN(0, 30, -1),
	)
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				var out bytes.Buffer
				w, err := format(&out, []Column{{Title: "编号"}, {Title: "内容", Width: 40}, {Title: "数"}})
				if err != nil {
					rt.Fatal(err)
				}
				cells := rapid.SliceOfN(text, 1, 8).Draw(rt, "cells")
				for i, c := range cells {
					if err := w.Write(i, c, float64(i)/4); err != nil {
						rt.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					rt.Fatal(err)
				}
				r, err := Open(name, bytes.NewReader(out.Bytes()), int64(out.Len()), Limits{})
				if err != nil {
					rt.Fatal(err)
				}
				defer r.Close()
				for i, c := range cells {
					row, err := r.Next()
					if err != nil {
						rt.Fatal(err)
					}
					got := row.Values()
					if want := []string{fmt.Sprint(i), visible(c), fmt.Sprint(float64(i) / 4)}; !slices.Equal(got, want) || row.Number != i+2 && name == "xlsx" {
						rt.Fatalf("row %d: %q, want %q", row.Number, got, want)
					}
				}
				if _, err := r.Next(); err != io.EOF {
					rt.Fatal(err)
				}
			})
		})
	}
}

func TestNothingWrittenIsAFormula(t *testing.T) {
	attacks := []string{"=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(1)", "\t=1", "\r=1", "=1", "'=1"}
	var c, x bytes.Buffer
	for _, w := range []func() (*Writer, error){
		func() (*Writer, error) { return NewCSV(&c, []Column{{Title: "=title"}, {Title: "b"}}) },
		func() (*Writer, error) { return NewXLSX(&x, "s", []Column{{Title: "=title"}, {Title: "b"}}) },
	} {
		w, err := w()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range attacks {
			if err := w.Write(a, -5); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(c.Bytes(), []byte("\ufeff")))).ReadAll()
	if err != nil || !bytes.HasPrefix(c.Bytes(), []byte("\ufeff")) {
		t.Fatal(err)
	}
	for i, r := range records {
		if !strings.HasPrefix(r[0], "'") && !strings.HasPrefix(r[0], "\n") {
			t.Errorf("CSV cell %q", r[0])
		}
		if i > 0 && r[1] != "-5" {
			t.Errorf("a number is a number: %q", r[1])
		}
	}
	book, err := excelize.OpenReader(bytes.NewReader(x.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for i, a := range attacks {
		cell := fmt.Sprintf("A%d", i+2)
		formula, _ := book.GetCellFormula("s", cell)
		kind, _ := book.GetCellType("s", cell)
		value, _ := book.GetCellValue("s", cell)
		if formula != "" || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString || value != visible(a) {
			t.Errorf("%s: formula %q type %v value %q", cell, formula, kind, value)
		}
	}
	panes, err := book.GetPanes("s")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("header not frozen: %+v %v", panes, err)
	}
	id, _ := book.GetCellStyle("s", "A1")
	if style, err := book.GetStyle(id); err != nil || style.Font == nil || !style.Font.Bold {
		t.Errorf("header not bold: %+v %v", style, err)
	}
}

func TestWhatCannotBeWrittenIsRefused(t *testing.T) {
	for name, format := range formats {
		w, err := format(io.Discard, []Column{{Title: "a"}})
		if err != nil {
			t.Fatal(err)
		}
		for rule, cells := range map[string][]any{
			"too many cells": {1, 2}, "a strange type": {struct{}{}}, "not a number": {math.NaN()}, "infinite": {math.Inf(1)},
			"too long": {strings.Repeat("长", excelize.TotalCellChars+1)},
		} {
			if err := w.Write(cells...); !fault.Is(err, fault.Internal) {
				t.Errorf("%s: %s: %v", name, rule, err)
			}
		}
		if err := w.Write(time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add(ten(f))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := Open("x.xlsx", bytes.NewReader(content), int64(len(content)), Limits{MaxBytes: 1 << 20, MaxRows: 1000})
		if err != nil {
			return
		}
		defer r.Close()
		for n := 0; ; n++ {
			if _, err := r.Next(); err == io.EOF {
				return
			}
			if n > 5000 {
				t.Fatal("no end")
			}
		}
	})
}

// BenchmarkRead shows rows per second of a register of ten columns.
func BenchmarkRead(b *testing.B) {
	const rows = 20_000
	for name, format := range formats {
		path := filepath.Join(b.TempDir(), "r."+name)
		out, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		columns := make([]Column, 10)
		for i := range columns {
			columns[i].Title = fmt.Sprintf("列%d", i)
		}
		w, err := format(out, columns)
		if err != nil {
			b.Fatal(err)
		}
		for i := range rows {
			if err := w.Write("320682001001", "城北村", "张三", "13812345678", "如城街道安定社区3号楼", i, 32.5, "2026-01-01", "备注", "x"); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		_ = out.Close()
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				r, err := OpenFile(path, Limits{})
				if err != nil {
					b.Fatal(err)
				}
				for {
					row, err := r.Next()
					if err == io.EOF {
						break
					}
					if err != nil || row.Get("列3") == "" {
						b.Fatal(err)
					}
					n++
				}
				_ = r.Close()
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
