package database

import (
	"context"
	"fmt"
)

// Stream runs a query and hands over its rows one by one, for whoever reads millions of them: on the transactions
// of Snapshots the values are read where the engine has laid them out, without the conversions of database/sql. A row
// is good until take returns; the texts read from it are kept.
func (tx *Tx) Stream(query string, args []any, take func(*Row) error) error {
	if s, ok := tx.run.(streamer); ok {
		return explain(s.stream(tx.ctx, query, args, take))
	}
	return explain(scanned(tx.ctx, tx.run, query, args, take))
}

type streamer interface {
	stream(ctx context.Context, query string, args []any, take func(*Row) error) error
}

// Row is a row being streamed. Its columns are read in their order. A value of another type than it is read as is
// noted, not returned: half a row says nothing, so Err is asked once, at the end.
type Row struct {
	cells cells
	at    int
	err   error
}

// cells are the values of a row, by column. ok is false where the value is of another type or there is none.
type cells interface {
	integer(i int) (n int64, ok bool)
	boolean(i int) (b, ok bool)
	real(i int) (f float64, ok bool)
	text(i int) (s string, ok bool)
	bytes(i int) (b []byte, ok bool)
	null(i int) bool
}

// Err is the first value that was not what it was read as.
func (r *Row) Err() error { return r.err }

func (r *Row) next(ok bool, want string) {
	r.at++
	if !ok && r.err == nil {
		r.err = fmt.Errorf("column %d does not hold %s", r.at, want)
	}
}

// Integer reads a whole number.
func (r *Row) Integer() int64 {
	n, ok := r.cells.integer(r.at)
	r.next(ok, "a whole number")
	return n
}

// Boolean reads true or false.
func (r *Row) Boolean() bool {
	b, ok := r.cells.boolean(r.at)
	r.next(ok, "true or false")
	return b
}

// Text reads a text.
func (r *Row) Text() string {
	s, ok := r.cells.text(r.at)
	r.next(ok, "a text")
	return s
}

// Bytes reads a binary value; nil where there is none.
func (r *Row) Bytes() []byte {
	if r.cells.null(r.at) {
		r.at++
		return nil
	}
	b, ok := r.cells.bytes(r.at)
	r.next(ok, "bytes")
	return b
}

// Real reads a number that may have a fraction; known is false where there is none.
func (r *Row) Real() (f float64, known bool) {
	if r.cells.null(r.at) {
		r.at++
		return 0, false
	}
	f, ok := r.cells.real(r.at)
	r.next(ok, "a number")
	return f, ok
}

// scanned streams a query through the rows that any transaction has.
func scanned(ctx context.Context, run runner, query string, args []any, take func(*Row) error) error {
	rows, err := run.query(ctx, query, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	var values plainCells
	var dest []any
	for rows.Next() {
		if dest == nil {
			n, err := width(rows)
			if err != nil {
				return err
			}
			values, dest = make(plainCells, n), make([]any, n)
			for i := range dest {
				dest[i] = &values[i]
			}
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if err := take(&Row{cells: values}); err != nil {
			return err
		}
	}
	return rows.Err()
}

// width is how many columns the rows have.
func width(rows Rows) (int, error) {
	switch r := rows.(type) {
	case interface{ Columns() ([]string, error) }:
		names, err := r.Columns()
		return len(names), err
	case pgRows:
		return len(r.FieldDescriptions()), nil
	}
	return 0, fmt.Errorf("rows of %T cannot be streamed", rows)
}

// plainCells are values as a driver gives them.
type plainCells []any

func (c plainCells) integer(i int) (int64, bool) { n, ok := c[i].(int64); return n, ok }
func (c plainCells) real(i int) (float64, bool) {
	if n, ok := c[i].(int64); ok {
		return float64(n), true
	}
	f, ok := c[i].(float64)
	return f, ok
}

func (c plainCells) boolean(i int) (b, ok bool) {
	if b, ok = c[i].(bool); ok {
		return b, true
	}
	n, ok := c[i].(int64)
	return n == 1, ok && (n == 0 || n == 1)
}

func (c plainCells) text(i int) (string, bool) {
	if b, ok := c[i].([]byte); ok {
		return string(b), true
	}
	s, ok := c[i].(string)
	return s, ok
}

func (c plainCells) bytes(i int) ([]byte, bool) {
	if s, ok := c[i].(string); ok {
		return []byte(s), true
	}
	b, ok := c[i].([]byte)
	return b, ok
}

func (c plainCells) null(i int) bool { return c[i] == nil }
