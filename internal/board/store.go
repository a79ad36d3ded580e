package board

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

const noticeColumns = `id, area, title, words, audience, pinned, from_at, until_at, account, author, posted_at, changed_at, version, withdrawn_at, withdrawn_by, withdrawn_because`

func scanNotice(s database.Scanner) (Notice, error) {
	var n Notice
	var from, until, posted, changed, withdrawn int64
	err := s.Scan(&n.ID, &n.Area, &n.Title, &n.Text, &n.Audience, &n.Pinned, &from, &until, &n.Account, &n.Author, &posted, &changed, &n.Version,
		&withdrawn, &n.WithdrawBy, &n.Reason)
	n.From, n.Until, n.PostedAt = database.Time(from), database.Time(until), database.Time(posted)
	n.ChangedAt, n.Withdrawn = database.Time(changed), database.Time(withdrawn)
	return n, err
}

func notice(tx *database.Tx, id, lock string) (Notice, bool, error) {
	n, found, err := database.One(tx, scanNotice, `SELECT `+noticeColumns+` FROM board_notice WHERE id = $1`+lock, id)
	if err != nil {
		return n, false, fmt.Errorf("reading a notice: %w", err)
	}
	return n, found, nil
}

func insert(tx *database.Tx, n *Notice, path string) error {
	if _, err := tx.Exec(`INSERT INTO board_notice (path, `+noticeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		path, n.ID, n.Area, n.Title, n.Text, n.Audience, n.Pinned, database.Millis(n.From), database.Millis(n.Until), n.Account, n.Author,
		database.Millis(n.PostedAt), database.Millis(n.ChangedAt), n.Version, database.Millis(n.Withdrawn), n.WithdrawBy, n.Reason); err != nil {
		return fmt.Errorf("posting a notice: %w", err)
	}
	return nil
}

func update(tx *database.Tx, n *Notice) error {
	if _, err := tx.Exec(`UPDATE board_notice SET title = $2, words = $3, audience = $4, pinned = $5, from_at = $6, until_at = $7, changed_at = $8, version = $9,
		withdrawn_at = $10, withdrawn_by = $11, withdrawn_because = $12 WHERE id = $1`,
		n.ID, n.Title, n.Text, n.Audience, n.Pinned, database.Millis(n.From), database.Millis(n.Until), database.Millis(n.ChangedAt), n.Version,
		database.Millis(n.Withdrawn), n.WithdrawBy, n.Reason); err != nil {
		return fmt.Errorf("changing a notice: %w", err)
	}
	return nil
}

// List gives the notices of the places where the actor may post, those posted last first, with the cursor of the next
// page ("" at the end). Permission board.write.
//
// Errors: Forbidden; NotFound for Area; Invalid for a state or cursor that is none.
func (s *Service) List(ctx context.Context, actor *staff.Actor, f Filter) (page []Notice, next string, err error) {
	paths := actor.Paths(staff.BoardWrite)
	if f.Area != "" {
		path, err := s.may(actor, f.Area)
		if err != nil {
			return nil, "", err
		}
		paths = []string{path}
	}
	if len(paths) == 0 {
		return []Notice{}, "", nil // of an organisation, which has a phone but posts no notices
	}
	q := &query{}
	q.under(paths)
	if err := q.cursor(f.After); err != nil {
		return nil, "", err
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 200)
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		if err := q.state(f.State, database.Millis(tx.Now)); err != nil {
			return err
		}
		page, err = database.All(tx, scanNotice, `SELECT `+noticeColumns+` FROM board_notice WHERE `+q.Where()+` ORDER BY posted_at DESC, id DESC LIMIT `+q.Arg(limit+1), q.Args...)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(page) > limit {
		page = page[:limit]
		last := page[limit-1]
		next = strconv.FormatInt(database.Millis(last.PostedAt), 10) + "." + last.ID
	}
	return page, next, nil
}

// query is what is asked of the notices.
type query struct{ database.Conditions }

// under bounds to what lies at or below one of the paths.
func (q *query) under(paths []string) {
	var any []string
	for _, p := range paths {
		any = append(any, "("+q.Under("path", p)+")")
	}
	q.Any(any)
}

func (q *query) cursor(after string) error {
	if after == "" {
		return nil
	}
	head, id, found := strings.Cut(after, ".")
	at, err := strconv.ParseInt(head, 10, 64)
	if !found || err != nil || id == "" {
		return fault.New(fault.Invalid, "invalid-filter", "筛选条件有误", "The filter needs correcting").
			At("after", "cursor", "翻页标记不对,请从第一页重新开始", "The cursor is not one of this list; begin at the first page")
	}
	a := q.Arg(at)
	q.And("(posted_at < " + a + " OR posted_at = " + a + " AND id < " + q.Arg(id) + ")")
	return nil
}

func (q *query) state(state string, now int64) error {
	if state != "" && !slices.Contains([]string{StateComing, StateShowing, StateOver, StateWithdrawn}, state) {
		return fault.New(fault.Invalid, "invalid-filter", "筛选条件有误", "The filter needs correcting").
			At("state", "choice", "须为 coming、showing、over 或 withdrawn", "must be coming, showing, over or withdrawn")
	}
	switch state {
	case StateWithdrawn:
		q.And("withdrawn_at > 0")
	case StateComing:
		q.And("withdrawn_at = 0 AND from_at > " + q.Arg(now))
	case StateOver:
		q.And("withdrawn_at = 0 AND from_at <= " + q.Arg(now) + " AND until_at > 0 AND until_at <= " + q.Arg(now))
	case StateShowing:
		q.And("withdrawn_at = 0 AND from_at <= " + q.Arg(now) + " AND (until_at = 0 OR until_at > " + q.Arg(now) + ")")
	}
	return nil
}
