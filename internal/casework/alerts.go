package casework

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"linli/internal/platform/database"
	"linli/internal/staff"
)

// Alert is a word left for a post.
type Alert struct {
	Post   staff.Post
	Case   string
	Number string
	Title  string // "" of a confidential case that the reader may not read
	Seq    int64
	At     time.Time
	Kind   string
	Seen   bool

	secret bool // the case is confidential
}

// AlertQuery says which alerts to list.
type AlertQuery struct {
	Unseen bool   // only what nobody has seen
	After  string // cursor of the page before
	Limit  int    // 1..200, default 50
}

// Alerts lists what was left for the actor's posts, newest first, and marks nothing; with the cursor of the next page, "" when
// this is the last. Everybody signed in lists their own. Errors: Invalid for a cursor that is none.
func (s *Service) Alerts(ctx context.Context, actor *staff.Actor, ask AlertQuery) (page []Alert, next string, err error) {
	if actor.Anonymous() {
		return nil, "", errSignIn()
	}
	if ask.Limit < 1 {
		ask.Limit = defaultPage
	}
	ask.Limit = min(ask.Limit, maxPage)
	q := &listQuery{}
	if err := q.afterAlert(ask.After); err != nil {
		return nil, "", err
	}
	posts := held(actor)
	if len(posts) == 0 {
		return []Alert{}, "", nil
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		page, err = database.All(tx, func(sc database.Scanner) (Alert, error) {
			var a Alert
			var c Case
			var at, seen int64
			err := sc.Scan(&a.Post, &a.Case, &a.Seq, &at, &a.Kind, &seen, &c.Title, &c.Serial, &c.Path, &a.secret)
			a.At, a.Seen, a.Title, a.Number = database.Time(at), seen > 0, c.Title, s.Number(&c)
			return a, err
		}, q.alerts(posts, ask), q.Args...)
		if err != nil {
			return err
		}
		if len(page) > ask.Limit {
			page = page[:ask.Limit]
			last := page[ask.Limit-1]
			next = writeCursor(alertCursor{At: database.Millis(last.At), Case: last.Case, Seq: last.Seq, Post: string(last.Post)})
		}
		return s.untitled(tx, actor, page)
	})
	return page, next, err
}

// alerts asks each post for its newest words, those that nobody has seen and the others, each in the order of their index;
// only for those of the page are the cases read.
func (q *listQuery) alerts(posts []string, ask AlertQuery) string {
	kinds := []string{"a.seen_at = 0", "a.seen_at > 0"}
	if ask.Unseen {
		kinds = kinds[:1]
	}
	limit := strconv.Itoa(ask.Limit + 1)
	var branches []string
	for _, post := range posts {
		holder := q.Arg(post)
		for _, kind := range kinds {
			branches = append(branches, fmt.Sprintf(`SELECT * FROM (SELECT a.post, a.case_id, a.seq, a.at, a.kind, a.seen_at FROM alert a
				WHERE a.post = %s AND %s AND %s ORDER BY a.at DESC, a.case_id DESC, a.seq DESC LIMIT %s) b%d`, holder, kind, q.Where(), limit, len(branches)))
		}
	}
	return `SELECT a.post, a.case_id, a.seq, a.at, a.kind, a.seen_at, c.title, c.serial, c.path, c.confidential
		FROM (SELECT * FROM (` + strings.Join(branches, " UNION ALL ") + `) u ORDER BY at DESC, case_id DESC, seq DESC, post DESC LIMIT ` + limit + `) a
		JOIN cases c ON c.id = a.case_id ORDER BY a.at DESC, a.case_id DESC, a.seq DESC, a.post DESC`
}

// alertCursor is the last alert of a page.
type alertCursor struct {
	At   int64  `json:"t"`
	Case string `json:"c"`
	Seq  int64  `json:"n"`
	Post string `json:"p"`
}

func (q *listQuery) afterAlert(text string) error {
	if text == "" {
		return nil
	}
	var c alertCursor
	if err := readCursor(text, &c); err != nil {
		return err
	}
	q.And("a.at <= " + q.Arg(c.At)) // says nothing new, but lets the index begin where the page before ended
	q.And("(a.at, a.case_id, a.seq, a.post) < (" + q.Arg(c.At) + ", " + q.Arg(c.Case) + ", " + q.Arg(c.Seq) + ", " + q.Arg(c.Post) + ")")
	return nil
}

// untitled takes the title off the words about confidential cases that the actor may not read: a head is told
// that something is overdue, not what it is about.
func (s *Service) untitled(tx *database.Tx, actor *staff.Actor, alerts []Alert) error {
	shown := map[string]bool{}
	for i := range alerts {
		a := &alerts[i]
		if !a.secret {
			continue
		}
		may, known := shown[a.Case]
		if !known {
			c, err := load(tx, a.Case, false)
			if err != nil {
				return err
			}
			may = s.sees(actor, c)
			shown[a.Case] = may
		}
		if !may {
			a.Title = ""
		}
	}
	return nil
}

// Seen marks the words left for the actor's posts about a case as seen.
func (s *Service) Seen(ctx context.Context, actor *staff.Actor, caseID string) error {
	if actor.Anonymous() {
		return errSignIn()
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		for _, p := range held(actor) {
			if _, err := tx.Exec(`UPDATE alert SET seen_at = $1 WHERE post = $2 AND case_id = $3 AND seen_at = 0`,
				database.Millis(tx.Now), p, caseID); err != nil {
				return fmt.Errorf("marking alerts: %w", err)
			}
		}
		s.tellSeen(tx, held(actor))
		return nil
	})
}
