package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"linli/internal/app"
	"linli/internal/platform/database"
)

// bareRun says how the bare loop writes: from how many goroutines, each with a connection and prepared statements of
// its own, and how many reports share a transaction.
type bareRun struct {
	writers, batch int
}

func (r bareRun) String() string {
	each := "a transaction each"
	if r.batch > 1 {
		each = fmt.Sprintf("%d reports a transaction", r.batch)
	}
	if r.writers == 1 {
		return "one goroutine, " + each
	}
	return fmt.Sprintf("%d goroutines, %d connections, %s", r.writers, r.writers, each)
}

// bareRound writes the rows into an empty database of the same schema under the service's settings, and proves
// afterwards that exactly these rows are there. All values are in memory and all statements prepared before the
// clock starts. The effort is that of the whole, with preparing the statements.
func (s *store) bareRound(ctx context.Context, w *written, run bareRun, e *effort) (rate float64, err error) {
	p, err := s.fresh(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.drop(ctx, p)) }()
	if err := s.migrate(ctx, p); err != nil {
		return 0, err
	}
	db, err := s.bare(p, run.writers)
	if err != nil {
		return 0, err
	}
	err = s.spent(e, len(w.cases), func() (err error) {
		rate, err = w.write(ctx, db, run)
		return err
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return 0, fmt.Errorf("bare loop: %w", err)
	}
	return rate, s.prove(ctx, p, w)
}

func (s *store) migrate(ctx context.Context, p place) error {
	db, err := database.Open(ctx, database.Options{URL: p.address(), Dir: p.folder, Now: now})
	if err != nil {
		return err
	}
	_, err = db.Migrate(ctx, app.Schemas()...)
	return errors.Join(err, db.Close())
}

// write is the bare loop.
func (w *written) write(ctx context.Context, db *sql.DB, run bareRun) (float64, error) {
	batches := w.batches(run.batch)
	pens := make([]*pen, 0, run.writers)
	defer func() {
		for _, p := range pens {
			_ = p.conn.Close() // back to the pool, which is closed with a check
		}
	}()
	for range run.writers {
		p, err := w.newPen(ctx, db)
		if err != nil {
			return 0, err
		}
		pens = append(pens, p)
	}
	runtime.GC()
	var next atomic.Int64
	failed := make([]error, run.writers)
	var all sync.WaitGroup
	took, err := timed(func() error {
		for i, p := range pens {
			all.Go(func() {
				for failed[i] == nil {
					n := int(next.Add(1)) - 1
					if n >= len(batches) {
						return
					}
					failed[i] = p.transaction(batches[n])
				}
			})
		}
		all.Wait()
		return errors.Join(failed...)
	})
	return perSecond(len(w.cases), took), err
}

// batches cuts the cases into transactions.
func (w *written) batches(each int) (out [][]statement) {
	for group := range slices.Chunk(w.cases, each) {
		var all []statement
		if each == 1 {
			all = group[0]
		} else {
			// case by case; what is shared at the end, in the order of its keys, each number once
			var shared []statement
			for _, c := range group {
				for _, st := range c {
					if w.shared[w.tables[st.table].Name] {
						shared = append(shared, st)
					} else {
						all = append(all, st)
					}
				}
			}
			all = append(all, w.merge(shared)...)
		}
		out = append(out, all)
	}
	return out
}

// merge counts what a transaction counts up several times in one step, as anybody would who writes many at once.
func (w *written) merge(shared []statement) (out []statement) {
	w.order(shared)
	for _, st := range shared {
		t := w.tables[st.table]
		n := t.counted()
		if last := len(out) - 1; last >= 0 && out[last].table == st.table && t.keyOf(out[last].values) == t.keyOf(st.values) {
			out[last].values[n] = out[last].values[n].(int64) + st.values[n].(int64)
			continue
		}
		out = append(out, statement{st.table, slices.Clone(st.values)})
	}
	return out
}

// pen is a connection with its prepared statements.
type pen struct {
	ctx           context.Context // of the whole loop: it does not end in the middle
	conn          *sql.Conn
	inserts       []*sql.Stmt
	begin, commit *sql.Stmt
}

func (w *written) newPen(ctx context.Context, db *sql.DB) (*pen, error) {
	// a context that can end costs the driver a goroutine per statement
	p := &pen{ctx: context.WithoutCancel(ctx)}
	var err error
	if p.conn, err = db.Conn(p.ctx); err != nil {
		return nil, err
	}
	for _, t := range w.tables {
		st, err := p.conn.PrepareContext(p.ctx, w.insert(t)) //nolint:sqlclosecheck // it ends with its connection
		if err != nil {
			return nil, fmt.Errorf("preparing for %s: %w", t.Name, err)
		}
		p.inserts = append(p.inserts, st)
	}
	if p.begin, err = p.conn.PrepareContext(p.ctx, "BEGIN"); err != nil {
		return nil, err
	}
	p.commit, err = p.conn.PrepareContext(p.ctx, "COMMIT")
	return p, err
}

// insert is the statement for a row; a shared number is counted up by one.
func (w *written) insert(t *dbTable) string {
	holders := make([]string, len(t.Columns))
	for i := range holders {
		holders[i] = fmt.Sprintf("$%d", i+1)
	}
	text := `INSERT INTO ` + t.Name + ` (` + columnList(t.Table, "") + `) VALUES (`
	if !w.shared[t.Name] {
		return text + strings.Join(holders, ", ") + `)`
	}
	var keys []string
	for _, k := range t.key {
		keys = append(keys, t.Columns[k].Name)
	}
	n := t.Columns[t.counted()].Name
	return text + strings.Join(holders, ", ") + `) ON CONFLICT (` + strings.Join(keys, ", ") + `) DO UPDATE SET ` + n + ` = ` + t.Name + `.` + n + ` + excluded.` + n
}

func (p *pen) transaction(list []statement) error {
	if _, err := p.begin.ExecContext(p.ctx); err != nil {
		return err
	}
	for _, s := range list {
		if _, err := p.inserts[s.table].ExecContext(p.ctx, s.values...); err != nil {
			return err
		}
	}
	_, err := p.commit.ExecContext(p.ctx)
	return err
}

// prove compares what the bare loop wrote with what the service had written: every row of every case, and every
// number they share.
func (s *store) prove(ctx context.Context, p place, w *written) (err error) {
	db, err := database.Open(ctx, database.Options{URL: p.address(), Dir: p.folder, Now: now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	there, err := takeSnapshot(ctx, db)
	if err != nil {
		return err
	}
	counted := map[string]int64{}
	for _, c := range w.cases {
		for _, st := range c {
			t := w.tables[st.table]
			found := there.rows[t.Name][t.keyOf(st.values)]
			if w.shared[t.Name] {
				if found == nil {
					return fmt.Errorf("the bare loop did not count %s %s", t.Name, t.keyOf(st.values))
				}
				continue
			}
			if !reflect.DeepEqual(found, st.values) {
				return fmt.Errorf("the bare loop wrote another row into %s: %v instead of %v", t.Name, found, st.values)
			}
		}
	}
	for _, t := range w.tables {
		if w.shared[t.Name] {
			for _, values := range there.rows[t.Name] {
				counted[t.Name] += values[t.counted()].(int64)
			}
			if counted[t.Name] != int64(w.steps[t.Name]) {
				return fmt.Errorf("the bare loop counted %s to %d instead of %d", t.Name, counted[t.Name], w.steps[t.Name])
			}
		}
	}
	return nil
}
