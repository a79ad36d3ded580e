package database_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/fault"
)

// state is what a transaction sees of the shop: how many things, and the last one.
func state(tx *database.Tx) (string, error) {
	var rows, last int64
	if err := tx.Row(`SELECT count(*), coalesce(max(n), 0) FROM thing`).Scan(&rows, &last); err != nil {
		return "", err
	}
	streamed := int64(0)
	if err := tx.Stream(`SELECT n FROM thing ORDER BY n`, nil, func(r *database.Row) error {
		streamed++
		last = max(last, r.Integer())
		return r.Err()
	}); err != nil {
		return "", err
	}
	if streamed != rows {
		return "", fmt.Errorf("%d rows are streamed of %d", streamed, rows)
	}
	return fmt.Sprint(rows, last), nil
}

func TestSnapshotsAreOfOneMomentWhileOthersWrite(t *testing.T) {
	dbtest.Each(t, nil, schemas, func(t *testing.T, db *database.DB) {
		done := make(chan struct{})
		var writers sync.WaitGroup
		for w := range 2 {
			writers.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-done:
						return
					default:
					}
					if err := insert(db, fmt.Sprint(w, "-", i), 10*i+w); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		seen := map[string]bool{}
		for round := range 25 {
			err := db.Snapshots(context.Background(), 3, func(open []*database.Tx) error {
				if len(open) != 3 {
					t.Errorf("%d snapshots of 3", len(open))
				}
				before := make([]string, len(open))
				for i, tx := range open {
					var err error
					if before[i], err = state(tx); err != nil {
						return err
					}
					if before[i] != before[0] || tx.Now != open[0].Now {
						t.Errorf("round %d: one sees %s at %v, another %s at %v", round, before[0], open[0].Now, before[i], tx.Now)
					}
				}
				time.Sleep(2 * time.Millisecond)
				seen[before[0]] = true
				return database.Abreast(open, func(tx *database.Tx, _ <-chan struct{}) error {
					after, err := state(tx)
					if after != before[0] {
						t.Errorf("round %d: it became %s from %s", round, after, before[0])
					}
					return err
				})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		close(done)
		writers.Wait()
		if len(seen) < 5 {
			t.Errorf("only %d different moments were seen, so little was shown", len(seen))
		}
	})
}

func TestSnapshotsMakeDoWithTheConnectionsThereAre(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			o := dbtest.Options(t, engine, nil)
			o.Readers = 2
			db := dbtest.Open(t, o)
			if _, err := db.Migrate(context.Background(), schemas...); err != nil {
				t.Fatal(err)
			}
			if err := insert(db, "a", 1); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range 3 { // all at once: none may wait for another for ever
				wg.Go(func() {
					if err := db.Snapshots(context.Background(), 5, func(open []*database.Tx) error {
						if len(open) < 1 || len(open) > 2 {
							t.Errorf("%d snapshots over 2 connections", len(open))
						}
						return database.Abreast(open, func(tx *database.Tx, _ <-chan struct{}) error {
							got, err := state(tx)
							if got != "1 1" {
								t.Errorf("it sees %q", got)
							}
							return err
						})
					}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestSnapshotsOnlyRead(t *testing.T) {
	dbtest.Each(t, nil, schemas, func(t *testing.T, db *database.DB) {
		if err := db.Snapshots(context.Background(), 2, func(open []*database.Tx) error {
			_, err := open[1].Exec(`INSERT INTO thing (id, n) VALUES ('a', 1)`)
			return err
		}); err == nil {
			t.Error("a snapshot wrote")
		}
		if err := db.Snapshots(context.Background(), 2, func(open []*database.Tx) error {
			return open[0].Stream(`INSERT INTO thing (id, n) VALUES ('a', 1)`, nil, func(*database.Row) error { return nil })
		}); err == nil {
			t.Error("a stream wrote")
		}
		if n := count(t, db); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestAbreast(t *testing.T) {
	dbtest.Each(t, nil, schemas, func(t *testing.T, db *database.DB) {
		refused := errors.New("refused")
		run := func(do func(i int, stop <-chan struct{}) error) error {
			return db.Snapshots(context.Background(), 2, func(open []*database.Tx) error {
				place := map[*database.Tx]int{open[0]: 0, open[1]: 1}
				return database.Abreast(open, func(tx *database.Tx, stop <-chan struct{}) error { return do(place[tx], stop) })
			})
		}
		if err := run(func(i int, stop <-chan struct{}) error {
			if i == 0 {
				return refused
			}
			<-stop // the failure of the other ends this one
			return nil
		}); !errors.Is(err, refused) {
			t.Errorf("the first error is not told: %v", err)
		}
		if err := run(func(i int, stop <-chan struct{}) error {
			if i == 1 {
				panic("boom")
			}
			<-stop
			return nil
		}); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("a panic is not an error: %v", err)
		}
	})
}

var kinds = []database.Schema{{Name: "kinds", Files: fstest.MapFS{"0001_kinds.sql": {Data: []byte(
	"CREATE TABLE kind (\n    n BIGINT,\n    b BOOLEAN,\n    f DOUBLE PRECISION,\n    s TEXT,\n    p {{path}},\n    raw {{bytes}}\n);\n")}}}}

// row is one row of kinds; a nil is NULL.
type row []any

func TestAStreamGivesEveryKindOfValueAsItIsStored(t *testing.T) {
	rows := []row{
		{int64(math.MinInt64), true, 0.5, "", "/a/", []byte{0, 255}},
		{int64(math.MaxInt64), false, -1e300, "网格\x01'\"\\", "x", []byte{}},
		{int64(0), true, 3.0, strings.Repeat("长", 20000), "y", nil},
		{nil, nil, nil, nil, nil, nil},
	}
	dbtest.Each(t, nil, kinds, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		if err := db.Write(ctx, func(tx *database.Tx) error {
			for i, r := range rows {
				if _, err := tx.Exec(`INSERT INTO kind (n, b, f, s, p, raw) VALUES ($1, $2, $3, $4, $5, $6)`, r...); err != nil {
					return fmt.Errorf("row %d: %w", i, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		look := func(tx *database.Tx) error {
			got, wrong := 0, 0
			err := tx.Stream(`SELECT n, b, f, s, p, raw FROM kind ORDER BY n IS NULL, length(s)`, nil, func(r *database.Row) error {
				n, b := r.Integer(), r.Boolean()
				f, known := r.Real()
				s, p, raw := r.Text(), r.Text(), r.Bytes()
				if err := r.Err(); err != nil {
					if !strings.Contains(err.Error(), "column 1 ") || known || raw != nil {
						t.Errorf("a row of nothing: %v, %v, %v", err, f, raw)
					}
					wrong++
					return nil
				}
				want := rows[got]
				if n != want[0] || b != want[1] || f != want[2] || s != want[3] || p != want[4] || string(raw) != string(asBytes(want[5])) {
					t.Errorf("row %d: %v %v %v %.20q %q %v", got, n, b, f, s, p, raw)
				}
				got++
				return nil
			})
			if got != 3 || wrong != 1 {
				t.Errorf("%d rows and %d wrong ones", got, wrong)
			}
			return err
		}
		if err := db.Read(ctx, look); err != nil {
			t.Errorf("reading: %v", err)
		}
		if err := db.Write(ctx, look); err != nil {
			t.Errorf("writing: %v", err)
		}
		if err := db.Snapshots(ctx, 1, func(open []*database.Tx) error { return look(open[0]) }); err != nil {
			t.Errorf("in a snapshot: %v", err)
		}
	})
}

func asBytes(v any) []byte { b, _ := v.([]byte); return b }

func TestAStreamNamesTheColumnThatHoldsSomethingElse(t *testing.T) {
	dbtest.Each(t, nil, kinds, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		if err := db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO kind (n, b, f, s, p, raw) VALUES (1, TRUE, 1, 'a', 'b', NULL)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			query string
			read  func(r *database.Row)
			want  string
		}{
			{`SELECT n, s FROM kind`, func(r *database.Row) { r.Integer(); r.Integer() }, "column 2 does not hold a whole number"},
			{`SELECT s, n FROM kind`, func(r *database.Row) { r.Boolean(); r.Text() }, "column 1 does not hold true or false"},
			{`SELECT s FROM kind`, func(r *database.Row) { r.Real() }, "column 1 does not hold a number"},
			{`SELECT n FROM kind`, func(r *database.Row) { r.Text() }, "column 1 does not hold a text"},
			{`SELECT n FROM kind`, func(r *database.Row) { r.Bytes() }, "column 1 does not hold bytes"},
			{`SELECT n, b, f, s, raw FROM kind`, func(r *database.Row) { r.Integer(); r.Boolean(); r.Real(); r.Text(); r.Bytes() }, "<nil>"},
		} {
			look := func(tx *database.Tx) error {
				return tx.Stream(c.query, nil, func(r *database.Row) error {
					if c.read(r); fmt.Sprint(r.Err()) != c.want {
						t.Errorf("%s: %v, want %s", c.query, r.Err(), c.want)
					}
					return nil
				})
			}
			if err := errors.Join(db.Read(ctx, look), db.Snapshots(ctx, 1, func(open []*database.Tx) error { return look(open[0]) })); err != nil {
				t.Errorf("%s: %v", c.query, err)
			}
		}
	})
}

func TestAStreamEndsWhenItIsToldTo(t *testing.T) {
	dbtest.Each(t, nil, schemas, func(t *testing.T, db *database.DB) {
		for i := range 50 {
			if err := insert(db, fmt.Sprintf("%02d", i), i); err != nil {
				t.Fatal(err)
			}
		}
		enough := errors.New("enough")
		err := db.Snapshots(context.Background(), 1, func(open []*database.Tx) error {
			for round, arg := range []any{"10", "48"} { // the same text again, after it was left half read
				rows := 0
				err := open[0].Stream(`SELECT n FROM thing WHERE id > $1 AND n >= $2 ORDER BY id`, []any{arg, int64(0)}, func(*database.Row) error {
					if rows++; rows == 5 {
						return enough
					}
					return nil
				})
				if want := []int{5, 1}[round]; rows != want || (want == 5) != errors.Is(err, enough) {
					t.Errorf("from %v: %d rows, %v", arg, rows, err)
				}
			}
			if err := open[0].Stream(`SELECT nothing FROM thing`, nil, func(*database.Row) error { return nil }); err == nil {
				t.Error("a column that is not there was streamed")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		err = db.Snapshots(ctx, 1, func(open []*database.Tx) error {
			// far more to count than anybody would wait for
			return open[0].Stream(`SELECT count(*) FROM thing a, thing b, thing c, thing d, thing e, thing f, thing g WHERE a.n + b.n + c.n + d.n + e.n + f.n + g.n = -1`, nil,
				func(*database.Row) error { return nil })
		})
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("cancelled: %v", err)
		}
	})
}
