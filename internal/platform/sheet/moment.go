package sheet

import (
	"fmt"
	"time"

	"linli/internal/platform/fault"
)

// Moment is a cell that a workbook holds as a date with its time of day, so that it can be sorted and counted with; in CSV
// it is 2006-01-02 15:04. It shows the clock of the zone it carries. The zero one is an empty cell.
type Moment time.Time

// momentFormat is how a workbook shows a moment.
var momentFormat = "yyyy-mm-dd hh:mm"

// firstDay is where spreadsheets begin to count days; their year 1900 has a 29 February that never was.
var firstDay = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// serial is the moment as spreadsheets count: days, with the time of day behind the point.
func (m Moment) serial() float64 {
	t := time.Time(m)
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	return wall.Sub(firstDay).Hours() / 24
}

// Abandon lets go of a file that will not be finished.
func (w *Writer) Abandon() error {
	if w.book == nil {
		return nil
	}
	return w.book.Close()
}

// NextSheet ends the sheet and begins another one behind it. CSV has one table only.
func (w *Writer) NextSheet(sheet string, columns []Column) error {
	if w.book == nil {
		return fault.New(fault.Internal, "one-table", "CSV 只能有一张表", "CSV holds one table only")
	}
	if err := w.stream.Flush(); err != nil {
		return fmt.Errorf("finish sheet: %w", err)
	}
	sheet = sheetName(sheet)
	if _, err := w.book.NewSheet(sheet); err != nil {
		return fmt.Errorf("begin sheet: %w", err)
	}
	w.columns = columns
	return w.begin(sheet)
}
