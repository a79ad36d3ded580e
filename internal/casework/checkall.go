package casework

import (
	"fmt"

	"linli/internal/platform/database"
)

// What is asked of all cases at once, since the rows do not lie in the order of the cases.

// checkAlerts: no word to a post is about a case that is not there.
func (k *checker) checkAlerts() error { return k.checkOrphans(ofAlerts, "alert") }

// checkWatches: nobody watches a case that is not there.
func (k *checker) checkWatches() error { return k.checkOrphans(ofWatches, "watch") }

func (k *checker) checkOrphans(in part, table string) error {
	err := k.tx.Stream(`SELECT case_id, count(*) FROM `+table+` x WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = x.case_id)
		GROUP BY case_id ORDER BY case_id`, nil, func(r *database.Row) error {
		id, n := r.Text(), r.Integer()
		k.orphans(in, table, id, n)
		return r.Err()
	})
	if err != nil {
		return fmt.Errorf("looking for rows of nobody in %s: %w", table, err)
	}
	return nil
}

// orphans tells rows that belong to no case.
func (k *checker) orphans(in part, table, id string, n int64) {
	k.found.note(in, "orphan", nil, "", table+" "+id, "n", fmt.Sprint(n))
}

// checkIndex: every case can be found by its words, or waits in the queue for it.
func (k *checker) checkIndex() error {
	key := "rowid"
	if k.tx.Engine() == database.Postgres {
		key = "serial"
	}
	where := ` FROM cases c WHERE NOT EXISTS (SELECT 1 FROM case_text x WHERE x.` + key + ` = c.serial)
		AND NOT EXISTS (SELECT 1 FROM search_todo q WHERE q.serial = c.serial)`
	var n int64
	var first string
	if err := k.tx.Row(`SELECT count(*), coalesce(min(c.id), '')`+where).Scan(&n, &first); err != nil {
		return fmt.Errorf("comparing the search index: %w", err)
	}
	if n > 0 {
		k.found.note(ofIndex, "not-searchable", nil, "", first, "n", fmt.Sprint(n))
	}
	return k.checkDays()
}

// checkDays: every case that does not wait for the search index lies among the serials of the day it was received on, or a list
// of that day would not show it.
func (k *checker) checkDays() error {
	var n int64
	var first string
	if err := k.tx.Row(`SELECT count(*), coalesce(min(c.id), '') FROM cases c LEFT JOIN received_day d ON d.day = (c.received_at + 28800000) / 86400000
		WHERE (d.day IS NULL OR c.serial < d.lowest OR c.serial > d.highest) AND NOT EXISTS (SELECT 1 FROM search_todo q WHERE q.serial = c.serial)`).Scan(&n, &first); err != nil {
		return fmt.Errorf("comparing the serials of days: %w", err)
	}
	if n > 0 {
		k.found.note(ofIndex, "not-in-its-day", nil, "", first, "n", fmt.Sprint(n))
	}
	return nil
}

// checkNumbers: the counter of every year stands at or above the highest number given out.
func (k *checker) checkNumbers() error {
	type used struct{ year, most int64 }
	years, err := database.All(k.tx, func(row database.Scanner) (used, error) {
		var u used
		err := row.Scan(&u.year, &u.most)
		return u, err
	}, `SELECT serial / $1, max(serial) FROM cases GROUP BY serial / $1 ORDER BY 1`, perYear)
	if err != nil {
		return fmt.Errorf("comparing case numbers: %w", err)
	}
	for _, u := range years {
		name := fmt.Sprintf("case_%d", u.year)
		query := `SELECT coalesce(max(n), 0) FROM counter WHERE name = $1`
		if k.tx.Engine() == database.Postgres {
			query, name = `SELECT coalesce(max(last_value), 0) FROM pg_sequences WHERE schemaname = current_schema() AND sequencename = $1`, "series_"+name
		}
		var n int64
		if err := k.tx.Row(query, name).Scan(&n); err != nil {
			return fmt.Errorf("reading the counter of %d: %w", u.year, err)
		}
		if n < u.most%perYear {
			k.found.note(ofNumbers, "numbering", nil, "", fmt.Sprint(u.year), "have", fmt.Sprint(n), "want", fmt.Sprint(u.most%perYear))
		}
	}
	return nil
}
