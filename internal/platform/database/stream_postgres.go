package database

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// streamPostgres runs a query on the connection itself. Values come in the server's binary form.
func streamPostgres(ctx context.Context, conn *sql.Conn, query string, args []any, take func(*Row) error) error {
	return conn.Raw(func(raw any) error {
		c, ok := raw.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("a connection of %T", raw)
		}
		rows, err := c.Conn().Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		cells := wireCells{fields: rows.FieldDescriptions()}
		for rows.Next() {
			cells.values = rows.RawValues()
			if err := take(&Row{cells: &cells}); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// wireCells are the values of a row as they came over the wire; they are overwritten by the next row.
type wireCells struct {
	fields []pgconn.FieldDescription
	values [][]byte
}

const binaryFormat = 1

// of gives a value in binary form when it has the type.
func (c *wireCells) of(i int, oid uint32, size int) ([]byte, bool) {
	v := c.values[i]
	return v, v != nil && c.fields[i].DataTypeOID == oid && c.fields[i].Format == binaryFormat && (size == 0 || len(v) == size)
}

func (c *wireCells) integer(i int) (int64, bool) {
	if v, ok := c.of(i, pgtype.Int8OID, 8); ok {
		return int64(binary.BigEndian.Uint64(v)), true //nolint:gosec // two's complement, as it was sent
	}
	v, ok := c.of(i, pgtype.Int4OID, 4)
	if !ok {
		return 0, false
	}
	return int64(int32(binary.BigEndian.Uint32(v))), true //nolint:gosec // two's complement, as it was sent
}

func (c *wireCells) boolean(i int) (b, ok bool) {
	v, ok := c.of(i, pgtype.BoolOID, 1)
	return ok && v[0] == 1, ok
}

func (c *wireCells) real(i int) (float64, bool) {
	v, ok := c.of(i, pgtype.Float8OID, 8)
	if !ok {
		return 0, false
	}
	return math.Float64frombits(binary.BigEndian.Uint64(v)), true
}

// text is the same in both forms.
func (c *wireCells) text(i int) (string, bool) {
	v := c.values[i]
	return string(v), v != nil && c.fields[i].DataTypeOID == pgtype.TextOID
}

func (c *wireCells) bytes(i int) ([]byte, bool) {
	v, ok := c.of(i, pgtype.ByteaOID, 0)
	return bytes.Clone(v), ok
}

func (c *wireCells) null(i int) bool { return c.values[i] == nil }
