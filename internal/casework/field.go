package casework

import (
	"context"
	"crypto/sha256"

	"fmt"
	"slices"

	"linli/internal/platform/database"
	"linli/internal/staff"
)

// What somebody takes along is bounded, so that a package stays small on a slow line.
const (
	mostFieldTasks = 100
	mostRecent     = 8
	recentReports  = 60 // of one's own that are looked at for the categories used lately
)

// FieldWork is what somebody takes along to work without signal: the hand-overs of their posts with everything that
// can be done about them, and the categories they used lately.
type FieldWork struct {
	Tasks  []View   // first to fall due first
	More   bool     // there are more than are taken along
	Recent []string // codes, the most used first
	Mark   string   // changes with any of this

	ids []string
}

// FieldWork gives what the actor takes along. With the mark of what the sender has already and nothing changed since, Tasks
// stays empty. Everybody gets the hand-overs of their own posts and nothing else.
func (s *Service) FieldWork(ctx context.Context, actor *staff.Actor, known func(mark string) bool) (w FieldWork, err error) {
	if actor.Anonymous() {
		return w, errSignIn()
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		if w, err = s.fieldMark(tx, actor); err != nil || known(w.Mark) {
			return err
		}
		w.Tasks = make([]View, 0, len(w.ids))
		for _, id := range w.ids {
			c, err := load(tx, id, false)
			if err != nil {
				return err
			}
			if !s.sees(actor, c) {
				continue // the hand-over has gone to somebody else, on the way here
			}
			v, err := s.view(tx, actor, c)
			if err != nil {
				return err
			}
			w.Tasks = append(w.Tasks, v)
		}
		return nil
	})
	if err != nil {
		return FieldWork{}, err
	}
	shown := make([]*Case, len(w.Tasks))
	for i := range w.Tasks {
		shown[i] = w.Tasks[i].Case
	}
	if err := s.noteLooks(ctx, actor, shown...); err != nil {
		return FieldWork{}, err
	}
	return w, nil
}

// fieldMark finds what would be taken along, by ids and versions.
func (s *Service) fieldMark(tx *database.Tx, actor *staff.Actor) (w FieldWork, err error) {
	sum := sha256.New()
	if posts := held(actor); len(posts) > 0 {
		q := &scope{}
		type mark struct {
			id      string
			version int64
		}
		marks, err := database.All(tx, func(sc database.Scanner) (m mark, err error) {
			var due int64
			err = sc.Scan(&m.id, &m.version, &due)
			return m, err
		}, `SELECT t.case_id, max(c.version), min(t.due_at) AS due FROM task t JOIN cases c ON c.id = t.case_id
			WHERE t.closed_at = 0 AND t.holder IN (`+q.List(posts)+`) GROUP BY t.case_id ORDER BY due, t.case_id LIMIT `+q.Arg(mostFieldTasks+1), q.Args...)
		if err != nil {
			return w, fmt.Errorf("looking for hand-overs: %w", err)
		}
		if w.More = len(marks) > mostFieldTasks; w.More {
			marks = marks[:mostFieldTasks]
		}
		for _, m := range marks {
			w.ids = append(w.ids, m.id)
			fmt.Fprintln(sum, m.id, m.version)
		}
	}
	if w.Recent, err = recentCategories(tx, actor); err != nil {
		return w, err
	}
	fmt.Fprintln(sum, w.More, w.Recent)
	w.Mark = fmt.Sprintf("%x", sum.Sum(nil))
	return w, nil
}

// recentCategories are those of the actor's own latest reports, the most used first.
func recentCategories(tx *database.Tx, actor *staff.Actor) ([]string, error) {
	codes, err := database.Column[string](tx, `SELECT category FROM cases WHERE account = $1 AND account <> '' ORDER BY serial DESC LIMIT $2`, actor.ID(), recentReports)
	if err != nil {
		return nil, fmt.Errorf("looking for categories used lately: %w", err)
	}
	used, order := map[string]int{}, []string{}
	for _, code := range codes {
		if code == "" {
			continue
		}
		if used[code]++; used[code] == 1 {
			order = append(order, code)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return used[b] - used[a] })
	return order[:min(mostRecent, len(order))], nil
}
