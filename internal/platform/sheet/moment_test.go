package sheet

import (
	"bytes"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

func TestMomentsAreDatesOfTheSpreadsheet(t *testing.T) {
	beijing := time.FixedZone("CST", 8*3600)
	for want, at := range map[string]time.Time{
		"2026-11-16 09:00": time.Date(2026, 11, 16, 1, 0, 0, 0, time.UTC).In(beijing),
		"2024-02-29 23:59": time.Date(2024, 2, 29, 23, 59, 0, 0, beijing),
		"1999-12-31 00:00": time.Date(1999, 12, 31, 0, 0, 0, 0, beijing),
	} {
		var out bytes.Buffer
		w, err := NewXLSX(&out, "时间", []Column{{Title: "时间"}, {Title: "空"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(Moment(at), Moment{}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(&out)
		if err != nil {
			t.Fatal(err)
		}
		have, err := f.GetCellValue("时间", "A2")
		if err != nil || have != want {
			t.Errorf("shown as %q, %v; want %q", have, err, want)
		}
		if kind, err := f.GetCellType("时间", "A2"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
			t.Errorf("%s is kept as %v, %v", want, kind, err)
		}
		if empty, err := f.GetCellValue("时间", "B2"); err != nil || empty != "" {
			t.Errorf("no moment is %q, %v", empty, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		c, err := NewCSV(&text, []Column{{Title: "t"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(Moment(at)); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil || text.String() != "\ufefft\r\n"+want+"\r\n" {
			t.Errorf("CSV: %q, %v", text.String(), err)
		}
	}
}

func TestSheetsStandOneBehindTheOther(t *testing.T) {
	var out bytes.Buffer
	w, err := NewXLSX(&out, "一", []Column{{Title: "甲"}, {Title: "乙"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write("1", "2"); err != nil {
		t.Fatal(err)
	}
	if err := w.NextSheet("二", []Column{{Title: "丙"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Write("=1+1"); err != nil {
		t.Fatal(err)
	}
	if err := w.Write("a", "b"); err == nil {
		t.Error("more cells than the second sheet has columns were taken")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for cell, want := range map[[2]string]string{{"一", "B1"}: "乙", {"一", "B2"}: "2", {"二", "A1"}: "丙", {"二", "A2"}: "=1+1"} {
		if have, err := f.GetCellValue(cell[0], cell[1]); err != nil || have != want {
			t.Errorf("%v is %q, %v; want %q", cell, have, err, want)
		}
	}
	if formula, err := f.GetCellFormula("二", "A2"); err != nil || formula != "" {
		t.Errorf("a formula: %q %v", formula, err)
	}
	c, err := NewCSV(&bytes.Buffer{}, []Column{{Title: "t"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.NextSheet("二", nil); err == nil {
		t.Error("CSV took a second table")
	}
}
