package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// keptStatements bounds the texts kept prepared; queries with optional filters make a few dozen.
const keptStatements = 512

// statements is a pool for reading with its prepared texts.
type statements struct {
	pool     *sql.DB
	prepared bool // false: the driver keeps statements itself

	texts layouts // of SQLite
	mu    sync.RWMutex
	kept  map[string]*sql.Stmt
}

// snapshot runs fn in a transaction that only reads. A text met for the first time is prepared on the
// transaction's own connection: asking the pool for a second one while holding the first would let
// readers wait for each other for ever. The pool learns it when the connection is free again.
func (p *statements) snapshot(ctx context.Context, db *DB, fn func(*Tx) error) error {
	fresh := map[string]*sql.Stmt{}
	err := p.within(ctx, db, fresh, fn)
	for query := range fresh {
		p.keep(ctx, query)
	}
	return err
}

func (p *statements) within(ctx context.Context, db *DB, fresh map[string]*sql.Stmt, fn func(*Tx) error) error {
	stx, err := p.pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(err)
	}
	defer func() { _ = stx.Rollback() }() // nothing to keep: ending a snapshot is a rollback
	tx := &Tx{Now: db.now(), db: db, ctx: ctx, run: &reading{pool: p, tx: stx, fresh: fresh}}
	return explain(guard(func() error { return fn(tx) })) // also what a Row said when it was scanned
}

// reading runs the statements of a transaction that only reads.
type reading struct {
	pool  *statements
	tx    *sql.Tx
	fresh map[string]*sql.Stmt // prepared in this transaction
}

func (s *reading) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := s.pool.known(query); stmt != nil {
		return s.tx.StmtContext(ctx, stmt), nil
	}
	if stmt := s.fresh[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.tx.PrepareContext(ctx, query) // ends with the transaction
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	s.fresh[query] = stmt
	return stmt, nil
}

func (s *reading) query(ctx context.Context, query string, args []any) (Rows, error) {
	if !s.pool.prepared {
		return asRows(s.tx.QueryContext(ctx, query, args...))
	}
	query, args = s.pool.texts.positional(query, args)
	stmt, err := s.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return asRows(stmt.QueryContext(ctx, args...))
}

// exec is refused by the engine, for the transaction only reads.
func (s *reading) exec(ctx context.Context, query string, args []any) (int64, error) {
	if s.pool.prepared {
		query, args = s.pool.texts.positional(query, args)
	}
	res, err := s.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (s *reading) send(ctx context.Context, query string, args []any, _ bool) error {
	_, err := s.exec(ctx, query, args)
	return err
}

func (s *reading) together(ctx context.Context, asks []Ask) error { return oneByOne(ctx, s, asks) }

// asRows keeps a nil *sql.Rows from becoming a Rows that is not nil.
func asRows(rows *sql.Rows, err error) (Rows, error) {
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func (p *statements) known(query string) *sql.Stmt {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.kept[query]
}

// keep prepares a text for the snapshots to come. When it cannot, the next one tries again.
func (p *statements) keep(ctx context.Context, query string) {
	if p.known(query) != nil {
		return
	}
	s, err := p.pool.PrepareContext(ctx, query)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept[query] != nil {
		_ = s.Close()
		return
	}
	if p.kept == nil || len(p.kept) >= keptStatements {
		// statements in use stay valid until their transaction ends: database/sql counts them
		for _, old := range p.kept {
			_ = old.Close()
		}
		p.kept = map[string]*sql.Stmt{}
	}
	p.kept[query] = s
}

// IsNoRows tells whether a Row held nothing.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
