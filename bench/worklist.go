package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"linli/internal/app"
	"linli/internal/casework"
	"linli/internal/staff"
)

// listed is how many rows a page of a worklist has.
const listed = 50

// measureWorklist is the first page of a worker's list as a service call, then over HTTP.
func measureWorklist(ctx context.Context, b *bench, s *store, t *table) error {
	post, err := compareLists(ctx, b, s, t)
	if err != nil {
		return err
	}
	return measureHTTPWorklist(ctx, b, s, post, t)
}

// compareLists asks with few, more and very many cases stored, in turns with a bare prepared SELECT of the same rows, and
// in the same rounds for what else grows with what is stored. It gives the dispatcher's post.
func compareLists(ctx context.Context, b *bench, s *store, t *table) (post string, err error) {
	sizes := b.plan.sizes
	workers := map[string]map[int]*worker{dispatcher: {}, gridMember: {}}
	var let []func()
	defer func() {
		for _, done := range let {
			done()
		}
	}()
	for _, n := range sizes {
		p, err := s.filled(ctx, n)
		if err != nil {
			return "", err
		}
		w, done, err := s.workers(ctx, p)
		if err != nil {
			return "", err
		}
		let = append(let, done)
		for login := range workers {
			workers[login][n] = w[login]
		}
	}
	for round := range b.plan.listRounds {
		b.say("  worklist, round %d of %d", round+1, b.plan.listRounds)
		for _, login := range []string{dispatcher, gridMember} {
			for _, n := range sizes {
				if err := workers[login][n].turn(ctx, b, fmt.Sprintf("worklist-%s-%s-%d", login, s.engine, n)); err != nil {
					return "", err
				}
			}
		}
		for _, n := range sizes {
			if err := workers[dispatcher][n].askTurn(ctx); err != nil {
				return "", err
			}
		}
	}
	describeWorklist(t, "dispatcher", workers[dispatcher], sizes)
	describeWorklist(t, "grid member", workers[gridMember], sizes)
	describeQuestions(t, workers[dispatcher], sizes)
	return workers[dispatcher][sizes[0]].post, nil
}

// turn is the service's list, then the bare one, by one caller; then the bare one by all processors.
func (w *worker) turn(ctx context.Context, b *bench, name string) error {
	times := b.plan.lists
	if err := b.profiledFor(name, func() error { return w.lists(ctx, times) }); err != nil {
		return err
	}
	if err := w.listTurn(ctx, times); err != nil {
		return err
	}
	if err := w.bareTurn(ctx, times); err != nil {
		return err
	}
	rate, err := w.together(ctx, times)
	w.allBare.add(rate)
	return err
}

func describeWorklist(t *table, title string, at map[int]*worker, sizes []int) {
	for _, n := range sizes {
		w := at[n]
		t.figure(fmt.Sprintf("first 50 of a %s's list, %d open of %s cases stored", title, w.open, size(w.stored)), w.list.with(" µs"))
		t.figure("— bare indexed SELECT of the same rows", w.bareList.with(" µs"))
		t.figure("— the bare SELECT on all processors at once, no program and no HTTP around it", w.allBare.with(" pages/s"))
		t.atMost("— list ÷ bare SELECT", barList, "", w.list.over(w.bareList))
	}
	largest := at[sizes[len(sizes)-1]]
	t.atMost(fmt.Sprintf("%s's list at %s cases ÷ where it is quickest with fewer", title, size(largest.stored)), barGrowth, "", largest.list.over(quickest(at, sizes[:len(sizes)-1])))
}

// quickest is round by round the best of the smaller sizes: growth must not look small because a small database is slow.
func quickest(at map[int]*worker, sizes []int) (best samples) {
	for round := range at[sizes[0]].list {
		v := at[sizes[0]].list[round]
		for _, n := range sizes[1:] {
			v = min(v, at[n].list[round])
		}
		best.add(v)
	}
	return best
}

// worker is somebody who asks for a worklist on one database.
type worker struct {
	pages
	app    *app.App
	actor  *staff.Actor
	open   int // hand-overs on the list
	stored int
	number string // of the first case on it

	list, bareList samples   // us a page
	allBare        samples   // bare pages a second from all processors
	asked          []samples // us, by what is asked
}

// pages reads the first page of a post's worklist by the bare SELECT.
type pages struct {
	bare *sql.Stmt
	post string
}

// workers opens a filled database for those who ask, and lets go of it with the function it gives.
func (s *store) workers(ctx context.Context, p place) (made map[string]*worker, done func(), err error) {
	a, err := p.open(ctx, app.Options{})
	if err != nil {
		return nil, nil, err
	}
	db, err := s.bare(p, senders)
	if err != nil {
		return nil, nil, errors.Join(err, a.Close())
	}
	done = func() { _ = errors.Join(db.Close(), a.Close()) } // nothing was written
	made = map[string]*worker{}
	for _, login := range []string{dispatcher, gridMember} {
		if made[login], err = newWorker(ctx, a, db, login); err != nil {
			done()
			return nil, nil, fmt.Errorf("%s: %w", login, err)
		}
	}
	return made, done, nil
}

func newWorker(ctx context.Context, a *app.App, db *sql.DB, login string) (*worker, error) {
	account, ok := a.Staff.ByLogin(login)
	if !ok {
		return nil, errors.New("no such account")
	}
	actor, ok := a.Staff.ActorOf(account.ID, now())
	if !ok || len(actor.Posts()) != 1 {
		return nil, fmt.Errorf("may not sign in or has other than one post: %v", actor.Posts())
	}
	w := &worker{app: a, actor: actor, pages: pages{post: string(actor.Posts()[0])}, asked: make([]samples, len(questions))}
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM task WHERE closed_at = 0 AND holder = $1`, w.post).Scan(&w.open); err != nil {
		return nil, err
	}
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM cases`).Scan(&w.stored); err != nil {
		return nil, err
	}
	var err error
	if w.bare, err = db.PrepareContext(ctx, bareList); err != nil {
		return nil, err
	}
	return w, w.agree(ctx)
}

// agree sees that the service's page and the bare one are the same cases, in the same order.
func (w *worker) agree(ctx context.Context) error {
	page, err := w.app.Cases.List(ctx, w.actor, casework.Filter{})
	if err != nil {
		return err
	}
	var ids []string
	for _, c := range page.Cases {
		ids = append(ids, c.ID)
	}
	if len(ids) > 0 {
		w.number = w.app.Cases.Number(page.Cases[0])
	}
	bare, err := w.bareIDs(ctx)
	if err != nil {
		return err
	}
	if len(ids) != listed || !slices.Equal(ids, bare) {
		return fmt.Errorf("the service lists %d cases and the bare SELECT %d, or not the same ones", len(ids), len(bare))
	}
	return nil
}

// listTurn asks for the page many times.
func (w *worker) listTurn(ctx context.Context, times int) error {
	took, err := timed(func() error { return w.lists(ctx, times) })
	w.list.add(float64(took.Microseconds()) / float64(times))
	return err
}

func (w *worker) lists(ctx context.Context, times int) error {
	for range times {
		if page, err := w.app.Cases.List(ctx, w.actor, casework.Filter{}); err != nil || len(page.Cases) != listed {
			return errors.Join(fmt.Errorf("%d cases listed", len(page.Cases)), err)
		}
	}
	return nil
}

// bareTurn selects the same rows as often.
func (w *worker) bareTurn(ctx context.Context, times int) error {
	took, err := timed(func() error {
		for range times {
			if ids, err := w.bareIDs(ctx); err != nil || len(ids) != listed {
				return errors.Join(fmt.Errorf("%d cases selected", len(ids)), err)
			}
		}
		return nil
	})
	w.bareList.add(float64(took.Microseconds()) / float64(times))
	return err
}

// bareList reads of each row what a line of the list shows, in the order of the index of open hand-overs.
const bareList = `SELECT c.id, c.serial, c.version, c.path, c.area, c.model, c.stage, c.ended, c.category, c.kind, c.urgency, c.channel, c.title,
	c.owner, c.holder, c.merged_into, c.reported_at, c.received_at, c.updated_at, c.ended_at, c.due_at, c.hop_due_at, c.paused_at, c.rating,
	c.supervised, c.asked, c.confidential
	FROM task t JOIN cases c ON c.id = t.case_id WHERE t.closed_at = 0 AND t.holder = $1 ORDER BY t.due_at, t.case_id LIMIT 50`

func (w pages) bareIDs(ctx context.Context) ([]string, error) {
	rows, err := w.bare.QueryContext(ctx, w.post)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ids := make([]string, 0, listed)
	for rows.Next() {
		var id string
		var texts [14]string
		var numbers [10]int64
		var flags [3]bool
		if err := rows.Scan(&id, &numbers[0], &numbers[1], &texts[0], &texts[1], &texts[2], &texts[3], &texts[4], &texts[5], &texts[6], &texts[7], &texts[8], &texts[9],
			&texts[10], &texts[11], &texts[12], &numbers[2], &numbers[3], &numbers[4], &numbers[5], &numbers[6], &numbers[7], &numbers[8], &numbers[9],
			&flags[0], &flags[1], &flags[2]); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
