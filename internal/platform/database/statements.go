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

	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

func (p *statements) snapshot(ctx context.Context, db *DB, fn func(*Tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if db.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	stx, err := p.pool.BeginTx(ctx, opts)
	if err != nil {
		return explain(err)
	}
	defer func() { _ = stx.Rollback() }() // nothing to keep: ending a snapshot is a rollback
	tx := &Tx{Now: db.now(), db: db, ctx: ctx, conn: stx}
	if p.prepared {
		tx.prepare = func(query string) (*sql.Stmt, error) {
			s, err := p.get(ctx, query)
			if err != nil {
				return nil, err
			}
			return stx.StmtContext(ctx, s), nil
		}
	}
	return guard(func() error { return fn(tx) })
}

func (p *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	p.mu.RLock()
	s := p.kept[query]
	p.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	s, err := p.pool.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.kept[query]; old != nil {
		_ = s.Close()
		return old, nil
	}
	if p.kept == nil || len(p.kept) >= keptStatements {
		// statements in use stay valid until their transaction ends: database/sql counts them
		for _, old := range p.kept {
			_ = old.Close()
		}
		p.kept = map[string]*sql.Stmt{}
	}
	p.kept[query] = s
	return s, nil
}

// IsNoRows tells whether a Row held nothing.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
