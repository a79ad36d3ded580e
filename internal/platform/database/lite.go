package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
)

// lite runs the statements of one caller on SQLite's writing connection.
type lite struct {
	q       *queue
	wrote   bool
	numbers []given // taken from series
}

// prepared is a text kept prepared on the writing connection. Statements that change rows go to the driver directly,
// without the conversions and locks of database/sql; queries, whose rows are scanned, go through it.
type prepared struct {
	layout *layout
	reads  bool
	exec   driver.StmtExecContext
	read   *sql.Stmt
}

func (l *lite) exec(ctx context.Context, query string, args []any) (n int64, err error) {
	p, err := l.q.statement(query)
	if err != nil {
		return 0, err
	}
	values, err := plain(args)
	if err != nil {
		return 0, err
	}
	values, ok := arrange(p.layout.order, values)
	if !ok {
		return 0, fmt.Errorf("%d arguments are too few for: %s", len(args), query)
	}
	named := make([]driver.NamedValue, len(values))
	for i, v := range values {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	res, err := l.q.step(ctx, p, named)
	if err != nil {
		return 0, err
	}
	l.wrote = true
	return res.RowsAffected()
}

func (l *lite) send(ctx context.Context, query string, args []any, one bool) error {
	n, err := l.exec(ctx, query, args)
	if err == nil && one {
		err = oneRowChanged(n, query)
	}
	return err
}

func (l *lite) query(ctx context.Context, query string, args []any) (Rows, error) {
	p, err := l.q.statement(query)
	if err != nil {
		return nil, err
	}
	if p.read == nil {
		if p.read, err = l.q.conn.PrepareContext(context.Background(), p.layout.text); err != nil {
			return nil, err
		}
	}
	laid, ok := arrange(p.layout.order, args)
	if !ok {
		return nil, fmt.Errorf("%d arguments are too few for: %s", len(args), query)
	}
	if !p.reads {
		l.wrote = true
	}
	return asRows(p.read.QueryContext(ctx, laid...))
}

func (l *lite) together(ctx context.Context, asks []Ask) error { return oneByOne(ctx, l, asks) }

// statement gives a text prepared for changing rows.
func (q *queue) statement(query string) (*prepared, error) {
	if p := q.kept[query]; p != nil {
		return p, nil
	}
	p := &prepared{layout: layOut(query), reads: strings.HasPrefix(strings.ToUpper(strings.TrimSpace(query)), "SELECT")}
	q.kept[query] = p
	return p, nil
}

// step runs a statement on the driver's connection.
func (q *queue) step(ctx context.Context, p *prepared, args []driver.NamedValue) (res driver.Result, err error) {
	err = q.conn.Raw(func(c any) error {
		if p.exec == nil {
			stmt, err := c.(driver.ConnPrepareContext).PrepareContext(context.Background(), p.layout.text)
			if err != nil {
				return err
			}
			p.exec = stmt.(driver.StmtExecContext)
		}
		res, err = p.exec.ExecContext(ctx, args)
		return err
	})
	return res, err
}

// control runs a text that governs the transaction.
func (q *queue) control(query string) error {
	p, err := q.statement(query)
	if err != nil {
		return err
	}
	_, err = q.step(context.Background(), p, nil)
	return err
}

// tidy lets go of the prepared texts when there are too many. It runs between groups, when nobody reads rows of
// one: closing a statement under its rows would crash the program.
func (q *queue) tidy() {
	if len(q.kept) < keptStatements {
		return
	}
	for text, p := range q.kept {
		q.release(p)
		delete(q.kept, text)
	}
}

func (q *queue) release(p *prepared) {
	if p.read != nil {
		_ = p.read.Close()
	}
	if stmt, ok := p.exec.(driver.Stmt); ok {
		_ = q.conn.Raw(func(any) error { return stmt.Close() })
	}
}

// plain turns arguments into the values a driver takes.
func plain(args []any) ([]any, error) {
	out := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case nil, string, int64, float64, bool, []byte:
			out[i] = v
		case int:
			out[i] = int64(v)
		default:
			value, err := driver.DefaultParameterConverter.ConvertValue(arg)
			if err != nil {
				return nil, fmt.Errorf("argument %d: %w", i+1, err)
			}
			out[i] = value
		}
	}
	return out, nil
}
