package casework

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"linli/internal/platform/database"
)

// span are the serials between which cases lie, both included.
type span struct{ lowest, highest int64 }

// keepSpan widens what is known of a day.
const keepSpan = `INSERT INTO received_day (day, lowest, highest) VALUES ($1, $2, $3) ON CONFLICT (day) DO UPDATE SET
	lowest = CASE WHEN excluded.lowest < received_day.lowest THEN excluded.lowest ELSE received_day.lowest END,
	highest = CASE WHEN excluded.highest > received_day.highest THEN excluded.highest ELSE received_day.highest END`

// keepSpans keeps when the cases of texts that leave the queue were received. It comes last in its transaction, by days in
// their order: two that write the same days wait for each other shortly, and never both.
func keepSpans(tx *database.Tx, texts []text) error {
	days := map[int64]span{}
	for _, t := range texts {
		on := day(database.Time(t.received))
		d, ok := days[on]
		if !ok {
			d = span{t.serial, t.serial}
		}
		days[on] = span{min(d.lowest, t.serial), max(d.highest, t.serial)}
	}
	for _, on := range slices.Sorted(maps.Keys(days)) {
		if err := tx.Send(keepSpan, on, days[on].lowest, days[on].highest); err != nil {
			return fmt.Errorf("keeping the serials of a day: %w", err)
		}
	}
	return nil
}

// spanReceived is one statement: a case that leaves the queue meanwhile is seen either there or in its day. The time of what
// waits is asked one by one: joined, PostgreSQL goes through all cases.
const spanReceived = `SELECT COALESCE(min(lowest), 0), COALESCE(max(highest), 0) FROM (
	SELECT lowest, highest FROM received_day WHERE day >= $1 AND day <= $2
	UNION ALL SELECT serial, serial FROM (SELECT q.serial AS serial, (SELECT c.received_at FROM cases c WHERE c.serial = q.serial) AS at FROM search_todo q) w
		WHERE at >= $3 AND at < $4) s`

// received narrows to cases received in a time. Serials nearly grow with time, but several are at it at once and clocks may be
// wrong, so they only say where to look.
func (q *listQuery) received(tx *database.Tx, f *Filter) error {
	if !f.timed() {
		return nil
	}
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !f.From.IsZero() {
		from = database.Millis(f.From)
		q.And("c.received_at >= " + q.Arg(from))
	}
	if !f.To.IsZero() {
		to = database.Millis(f.To)
		q.And("c.received_at < " + q.Arg(to))
	}
	if q.units {
		return nil // PostgreSQL would, without looking at the values, begin with the serials
	}
	first, last := int64(math.MinInt64), int64(math.MaxInt64)
	if !f.From.IsZero() {
		first = day(f.From)
	}
	if !f.To.IsZero() {
		last = day(f.To)
	}
	var found span
	if err := tx.Row(spanReceived, first, last, from, to).Scan(&found.lowest, &found.highest); err != nil {
		return fmt.Errorf("serials of a time: %w", err)
	}
	serial := "c.serial"
	if tx.Engine() == database.SQLite && !q.wide {
		serial = "+c.serial" // it would rather go through all of the time than through the few of a place, a unit or a text
	}
	q.And(serial + " >= " + q.Arg(found.lowest) + " AND " + serial + " <= " + q.Arg(found.highest))
	return nil
}

// timed tells whether only what was received in a time is listed.
func (f *Filter) timed() bool { return !f.From.IsZero() || !f.To.IsZero() }
