package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// decision keeps of a worklist what waits for a decision ("yes") or only the rest ("no"). What a decision is, the models
// say: approvals, rulings and confirmations, and the stages that judge what another did ([flow.Stage.Decides]). Whoever
// handled the case may not decide on it, so for this person it does not wait.
func (s *Service) decision(tx *database.Tx, q *listQuery, actor *staff.Actor, want string) error {
	if want == "" {
		return nil
	}
	judged, err := s.deciding(tx)
	if err != nil {
		return err
	}
	is := judged.condition(&q.scope)
	if want == "no" {
		q.same = func(task string) string { return "NOT " + is(task) }
		return nil
	}
	own := q.Arg("%" + actor.ID() + "%")
	q.same = func(task string) string { return is(task) + " AND " + task + ".exclude NOT LIKE " + own }
	return nil
}

// deciding are the stages at which a main task is a decision, and the models that have them so.
type deciding map[string][]string

// deciding reads them from every model that cases run under, older versions too.
func (s *Service) deciding(tx *database.Tx) (deciding, error) {
	ids, err := database.All(tx, func(r database.Scanner) (id string, err error) { return id, r.Scan(&id) }, `SELECT id FROM model ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("models of cases: %w", err)
	}
	found := deciding{}
	for _, id := range ids {
		d, err := s.model(tx, id)
		if err != nil {
			return nil, err
		}
		for i := range d.Stages {
			if stage := &d.Stages[i]; stage.Decides() {
				found[stage.Name] = append(found[stage.Name], id)
			}
		}
	}
	return found, nil
}

// condition tells of a hand-over, given by the name of its table, and of its case c whether it is a decision.
func (d deciding) condition(q *scope) func(task string) string {
	var kinds []string
	for _, kind := range flow.Deciding {
		kinds = append(kinds, string(kind))
	}
	always := q.List(kinds)
	var stages []string
	for stage := range d {
		stages = append(stages, stage)
	}
	slices.Sort(stages)
	main := q.Arg(string(flow.KindMain))
	var at []string // with %s where the table stands
	for _, stage := range stages {
		at = append(at, "%s.stage = "+q.Arg(stage)+" AND c.model IN ("+q.List(d[stage])+")")
	}
	return func(task string) string {
		text := task + ".kind IN (" + always + ")"
		if len(at) > 0 {
			text += " OR " + task + ".kind = " + main + " AND (" + strings.ReplaceAll(strings.Join(at, " OR "), "%s", task) + ")"
		}
		return "(" + text + ")"
	}
}

// Counts are the numbers over a worklist, for the head of a page.
type Counts struct {
	Open, Overdue, Today, Paused, Deciding, Unseen int
}

// Counts counts the open hand-overs of the actor's posts, those overdue, still due today (Beijing time) and paused, the
// cases that wait for this person's decision, and the words not yet seen. It looks at the open work of the posts only, by
// its index.
func (s *Service) Counts(ctx context.Context, actor *staff.Actor) (n Counts, err error) {
	if actor.Anonymous() {
		return n, errSignIn()
	}
	posts := held(actor)
	if len(posts) == 0 {
		return n, nil
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		q := &scope{}
		in := q.List(posts)
		alerts := slices.Clone(q.Args)
		judged, err := s.deciding(tx)
		if err != nil {
			return err
		}
		now, tomorrow, own := q.Arg(database.Millis(tx.Now)), q.Arg(database.Millis(nextDay(tx.Now))), q.Arg("%"+actor.ID()+"%")
		sum := func(when string) string { return ", coalesce(sum(CASE WHEN " + when + " THEN 1 ELSE 0 END), 0)" }
		open := `SELECT count(*)` + sum("t.due_at < "+now) + sum("t.due_at >= "+now+" AND t.due_at < "+tomorrow) + sum("c.paused_at > 0") +
			`, count(DISTINCT CASE WHEN ` + judged.condition(q)("t") + ` AND t.exclude NOT LIKE ` + own + ` THEN t.case_id END)
			FROM task t JOIN cases c ON c.id = t.case_id WHERE t.closed_at = 0 AND t.holder IN (` + in + `)`
		var work []Counts
		var unseen []int
		tx.Last()
		if err := tx.Together(
			database.Into(&work, func(r database.Scanner) (n Counts, err error) {
				return n, r.Scan(&n.Open, &n.Overdue, &n.Today, &n.Paused, &n.Deciding)
			}, open, q.Args...),
			database.Into(&unseen, func(r database.Scanner) (n int, err error) { return n, r.Scan(&n) },
				`SELECT count(*) FROM alert WHERE seen_at = 0 AND post IN (`+in+`)`, alerts...),
		); err != nil {
			return fmt.Errorf("counting the worklist and alerts: %w", err)
		}
		n = work[0]
		n.Unseen = unseen[0]
		return nil
	})
	return n, err
}
