package database

import (
	"bytes"
	"context"
	"fmt"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// direct is a connection that only reads the embedded file, without database/sql and its driver between. The driver
// asks three times for each value and locks the connection each time; over the hundred million values of a county's
// year that is half of the reading. A direct connection belongs to one goroutine and locks nothing.
type direct struct {
	tls  *libc.TLS
	db   uintptr            // SQLite's handle
	slot uintptr            // where SQLite puts a handle it gives
	kept map[string]uintptr // statements prepared, by text
}

// directPragmas are for a connection that lives as long as something is streamed.
var directPragmas = []string{"query_only(1)", "busy_timeout(10000)", cache(directCache)}

// slotSize holds a handle on every machine.
const slotSize = 8

func openDirect(path string) (*direct, error) {
	d := &direct{tls: libc.NewTLS(), kept: map[string]uintptr{}}
	d.slot = libc.Xcalloc(d.tls, 1, slotSize)
	name, err := libc.CString(path)
	if err != nil {
		d.tls.Close()
		return nil, err
	}
	defer libc.Xfree(d.tls, name)
	rc := sqlite3.Xsqlite3_open_v2(d.tls, name, d.slot, sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_NOMUTEX, 0)
	d.db = d.given()
	err = d.result(rc)
	for i := 0; err == nil && i < len(directPragmas); i++ {
		err = d.run("PRAGMA " + directPragmas[i])
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *direct) close() {
	for _, stmt := range d.kept {
		sqlite3.Xsqlite3_finalize(d.tls, stmt)
	}
	sqlite3.Xsqlite3_close_v2(d.tls, d.db)
	libc.Xfree(d.tls, d.slot)
	d.tls.Close()
}

// given is the handle SQLite gave last.
func (d *direct) given() uintptr { return libc.AtomicLoadPUintptr(d.slot) }

// begin fixes the moment that is read; SQLite does so at the first look.
func (d *direct) begin() error {
	if err := d.run("BEGIN"); err != nil {
		return err
	}
	return d.run("SELECT 1 FROM sqlite_master LIMIT 1")
}

// end lets the moment go.
func (d *direct) end() error { return d.run("ROLLBACK") }

// run runs a text whose rows nobody wants.
func (d *direct) run(query string) error {
	return d.rows(query, nil, func() error { return nil })
}

func (d *direct) stream(ctx context.Context, query string, args []any, take func(*Row) error) error {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		sqlite3.Xsqlite3_interrupt(d.tls, d.db)
		close(interrupted)
	})
	defer func() {
		if !stop() {
			<-interrupted // the handle must outlive it
		}
	}()
	cells := &memoryCells{d: d}
	err := d.rows(query, args, func() error {
		cells.stmt = d.kept[query]
		return take(&Row{cells: cells})
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// rows steps through the rows of a query.
func (d *direct) rows(query string, args []any, row func() error) error {
	stmt, err := d.prepare(query)
	if err != nil {
		return err
	}
	defer sqlite3.Xsqlite3_reset(d.tls, stmt)
	if err := d.bind(stmt, args); err != nil {
		return err
	}
	for {
		switch rc := sqlite3.Xsqlite3_step(d.tls, stmt); rc {
		case sqlite3.SQLITE_ROW:
			if err := row(); err != nil {
				return err
			}
		case sqlite3.SQLITE_DONE:
			return nil
		default:
			return d.result(rc)
		}
	}
}

func (d *direct) prepare(query string) (uintptr, error) {
	if stmt := d.kept[query]; stmt != 0 {
		return stmt, nil
	}
	text, err := libc.CString(query)
	if err != nil {
		return 0, err
	}
	defer libc.Xfree(d.tls, text)
	if err := d.result(sqlite3.Xsqlite3_prepare_v2(d.tls, d.db, text, -1, d.slot, 0)); err != nil {
		return 0, err
	}
	stmt := d.given()
	d.kept[query] = stmt
	return stmt, nil
}

func (d *direct) bind(stmt uintptr, args []any) error {
	for i, arg := range args {
		var rc int32
		at := int32(i + 1) //nolint:gosec // a few arguments
		switch v := arg.(type) {
		case string:
			text, err := libc.CString(v)
			if err != nil {
				return err
			}
			rc = sqlite3.Xsqlite3_bind_text(d.tls, stmt, at, text, int32(len(v)), sqlite3.SQLITE_TRANSIENT) //nolint:gosec // a key
			libc.Xfree(d.tls, text)
		case int64:
			rc = sqlite3.Xsqlite3_bind_int64(d.tls, stmt, at, v)
		case int:
			rc = sqlite3.Xsqlite3_bind_int64(d.tls, stmt, at, int64(v))
		default:
			return fmt.Errorf("a stream takes texts and whole numbers, not %T", arg)
		}
		if err := d.result(rc); err != nil {
			return err
		}
	}
	return nil
}

// result turns SQLite's answer into an error.
func (d *direct) result(rc int32) error {
	if rc == sqlite3.SQLITE_OK {
		return nil
	}
	if d.db == 0 {
		return liteError{int(rc), "out of memory"}
	}
	return liteError{int(sqlite3.Xsqlite3_extended_errcode(d.tls, d.db)), libc.GoString(sqlite3.Xsqlite3_errmsg(d.tls, d.db))}
}

// liteError is what SQLite said on a direct connection.
type liteError struct {
	code int
	text string
}

func (e liteError) Error() string { return fmt.Sprintf("%s (%d)", e.text, e.code) }

// Code is SQLite's extended result code.
func (e liteError) Code() int { return e.code }

// memoryCells are the values of the row a statement stands on, in SQLite's memory.
type memoryCells struct {
	d    *direct
	stmt uintptr
}

// at gives a value when it has the type.
func (c *memoryCells) at(i int, kind int32) (uintptr, bool) {
	v := sqlite3.Xsqlite3_column_value(c.d.tls, c.stmt, int32(i)) //nolint:gosec // a few dozen columns
	return v, sqlite3.Xsqlite3_value_type(c.d.tls, v) == kind
}

func (c *memoryCells) integer(i int) (int64, bool) {
	v, ok := c.at(i, sqlite3.SQLITE_INTEGER)
	if !ok {
		return 0, false
	}
	return sqlite3.Xsqlite3_value_int64(c.d.tls, v), true
}

func (c *memoryCells) boolean(i int) (b, ok bool) {
	n, ok := c.integer(i)
	return n == 1, ok && (n == 0 || n == 1)
}

func (c *memoryCells) real(i int) (float64, bool) {
	if n, ok := c.integer(i); ok {
		return float64(n), true
	}
	v, ok := c.at(i, sqlite3.SQLITE_FLOAT)
	if !ok {
		return 0, false
	}
	return sqlite3.Xsqlite3_value_double(c.d.tls, v), true
}

func (c *memoryCells) text(i int) (string, bool) {
	b, ok := c.memory(i)
	return string(b), ok
}

func (c *memoryCells) bytes(i int) ([]byte, bool) {
	b, ok := c.memory(i)
	return bytes.Clone(b), ok
}

// memory is where a text or binary value lies until the statement goes on.
func (c *memoryCells) memory(i int) ([]byte, bool) {
	v, ok := c.at(i, sqlite3.SQLITE_TEXT)
	if !ok {
		if v, ok = c.at(i, sqlite3.SQLITE_BLOB); !ok {
			return nil, false
		}
	}
	from := sqlite3.Xsqlite3_value_blob(c.d.tls, v)
	n := sqlite3.Xsqlite3_value_bytes(c.d.tls, v)
	if from == 0 || n == 0 {
		return []byte{}, true
	}
	return libc.GoBytes(from, int(n)), true
}

func (c *memoryCells) null(i int) bool {
	_, is := c.at(i, sqlite3.SQLITE_NULL)
	return is
}
