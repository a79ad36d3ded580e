package staff

import (
	"errors"
	"io"

	"linli/internal/platform/fault"
	"linli/internal/platform/sheet"
)

// ReadSheet takes the people of a CSV or XLSX table. Rows that cannot be read are refused by themselves.
//
// Errors: those of ReadRows, and of a table that cannot be read on.
func ReadSheet(table *sheet.Reader) (rows []ImportRow, refused []RowError, err error) {
	lines := [][]string{table.Header()}
	numbers := []int{0}
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		var f *fault.Error
		if errors.As(err, &f) && f.Code == "bad-row" {
			refused = append(refused, RowError{Row: row.Number, Code: f.Code, Text: f.Text})
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		lines, numbers = append(lines, row.Values()), append(numbers, row.Number)
	}
	if rows, err = ReadRows(lines); err != nil {
		return nil, nil, err
	}
	for i := range rows {
		rows[i].Row = numbers[rows[i].Row-1] // ReadRows counts lines; people count as their program does
	}
	return rows, refused, nil
}
