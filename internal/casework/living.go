package casework

import (
	"context"
	"fmt"
	"time"

	"linli/internal/platform/database"
)

// Living is a case of which more may come, with the names of the actions taken on it, oldest first.
type Living struct {
	*Case
	Actions []string
}

// livingPage is how many cases are read at a time.
const livingPage = 500

// Living gives every case that is open or ended after a moment, in order of its id, whole: for a program that goes on
// with work it holds in memory. It is for the program itself: nobody's permission is asked.
func (s *Service) Living(ctx context.Context, endedAfter time.Time, each func(Living) error) error {
	return s.db.Read(ctx, func(tx *database.Tx) error {
		for after := ""; ; {
			page, err := livingCases(tx, after, endedAfter)
			if err != nil {
				return fmt.Errorf("reading living cases: %w", err)
			}
			for _, l := range page {
				if err := each(l); err != nil {
					return err
				}
			}
			if len(page) < livingPage {
				return nil
			}
			after = page[len(page)-1].ID
		}
	})
}

const isLiving = ` (c.ended_at = 0 OR c.ended_at > $1) AND c.id > $2 `

func livingCases(tx *database.Tx, after string, endedAfter time.Time) ([]Living, error) {
	cases, err := database.All(tx, scanCase, `SELECT `+caseColumns+` FROM cases c WHERE`+isLiving+`ORDER BY c.id LIMIT $3`, database.Millis(endedAfter), after, livingPage)
	if err != nil || len(cases) == 0 {
		return nil, err
	}
	page := make([]Living, len(cases))
	place := make(map[string]int, len(cases))
	for i, c := range cases {
		page[i].Case, place[c.ID] = c, i
	}
	last := cases[len(cases)-1].ID
	rest := func(columns, from string, scan func(database.Scanner) error) error {
		rows, err := tx.Query(`SELECT `+columns+` FROM `+from, database.Millis(endedAfter), after, last)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := scan(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	}
	const theirs = ` WHERE case_id IN (SELECT c.id FROM cases c WHERE` + isLiving + `AND c.id <= $3) ORDER BY case_id, `
	err = rest(taskColumns+", case_id", `task`+theirs+`no`, func(sc database.Scanner) error {
		var id string
		t, err := scanTask(withExtra{sc, &id})
		if i, ok := place[id]; ok && err == nil {
			page[i].Tasks = append(page[i].Tasks, t)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return page, rest("case_id, action", `timeline`+theirs+`seq`, func(sc database.Scanner) error {
		var id, action string
		err := sc.Scan(&id, &action)
		if i, ok := place[id]; ok {
			page[i].Actions = append(page[i].Actions, action)
		}
		return err
	})
}

// Known gives the ids of all cases.
func (s *Service) Known(ctx context.Context, each func(id string)) error {
	return s.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query(`SELECT id FROM cases`)
		if err != nil {
			return fmt.Errorf("reading the ids of cases: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return fmt.Errorf("reading the ids of cases: %w", err)
			}
			each(id)
		}
		return rows.Err()
	})
}

// Extent is how many cases there are, how often they have changed and when last: with the same extent nothing has
// happened in between.
type Extent struct {
	Cases, Changes int64
	Last           time.Time // zero without cases
}

// Extent counts the cases and their changes.
func (s *Service) Extent(ctx context.Context) (x Extent, err error) {
	var last int64
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT count(*), CAST(coalesce(sum(version), 0) AS BIGINT), coalesce(max(updated_at), 0) FROM cases`).Scan(&x.Cases, &x.Changes, &last)
	})
	if err != nil {
		return x, fmt.Errorf("counting cases: %w", err)
	}
	x.Last = database.Time(last)
	return x, nil
}
