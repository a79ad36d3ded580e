package httpapi

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"linli/internal/platform/lang"
)

// counted is a table of n rows.
func counted(n int) *table {
	return &table{table: "test", title: lang.T("试表", "Test"), columns: []column{col("序号", "No", slim), col("时间", "At", dated)},
		rows: func(put func(cells ...any) error) error {
			for i := range n {
				if err := put(i+1, time.Time{}); err != nil {
					return err
				}
			}
			return nil
		}}
}

func TestASheetThatIsCutSaysSo(t *testing.T) {
	s := serve(t, false)
	for _, c := range []struct {
		rows int
		cut  bool
	}{{mostExported, false}, {mostExported + 1, true}} {
		var book, text bytes.Buffer
		if err := s.writeTable(context.Background(), &text, counted(c.rows), "csv"); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(text.String()), "\r\n")
		if cut := strings.Contains(lines[len(lines)-1], "只导出了前"); cut != c.cut {
			t.Errorf("%d rows: the last line is %q", c.rows, lines[len(lines)-1])
		}
		if err := s.writeTable(context.Background(), &book, counted(c.rows), "xlsx"); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(&book)
		if err != nil {
			t.Fatal(err)
		}
		about, err := f.GetRows("导出说明")
		if err != nil {
			t.Fatal(err)
		}
		if n, whole := about[4][1], about[5][1]; n != "100000" || (whole == "全部") == c.cut {
			t.Errorf("%d rows: the last sheet says %s rows, %s", c.rows, n, whole)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASheetThatFailsIsNotSent(t *testing.T) {
	s := serve(t, false)
	broken := errors.New("the database is gone")
	for _, format := range []string{"csv", "xlsx"} {
		table := counted(3)
		rows := table.rows
		table.rows = func(put func(...any) error) error { return errors.Join(rows(put), broken) }
		if err := s.writeTable(context.Background(), &bytes.Buffer{}, table, format); !errors.Is(err, broken) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestConditionsOfAnExportAreToldWithoutThePhone(t *testing.T) {
	asked := conditions(&exportPeopleInput{Text: "李", Phone: "13812345678"})
	if len(asked) != 2 || asked[0] != (condition{"q", "李"}) || strings.Contains(asked[1].value, "12345678") {
		t.Errorf("%v", asked)
	}
	nested := conditions(&exportCasesInput{CaseFilter{Scope: "area", From: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}})
	if len(nested) != 2 || nested[1] != (condition{"from", "2026-01-02T00:00:00Z"}) {
		t.Errorf("%v", nested)
	}
	s := serve(t, false)
	for name, words := range conditionNames {
		if words.ZH == "" || words.EN == "" {
			t.Errorf("%s lacks words", name)
		}
	}
	if name, value := s.conditionWords(condition{"state", "overdue"}); name.ZH != "状态" || value.ZH != "超期" {
		t.Errorf("%v %v", name, value)
	}
	if name, value := s.conditionWords(condition{"area", "nowhere"}); name.ZH != "区域" || value.ZH != "nowhere" {
		t.Errorf("%v %v", name, value)
	}
}
