package staff

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// View is a worklist as somebody keeps it (视图): what it shows and how, under a name of one's own. Nobody else sees it.
type View struct {
	ID       string    `json:"id" doc:"name in the address: small letters, digits and dashes"`
	Title    string    `json:"title" doc:"name as shown"`
	Query    string    `json:"query" doc:"filters and order, as the query string of the list"`
	Columns  []string  `json:"columns" doc:"which columns, in their order; empty: the usual ones"`
	Position int       `json:"position" doc:"place in the row of views; equals go by id"`
	SavedAt  time.Time `json:"saved_at"`
}

// Bounds of saved views.
const (
	viewsEach     = 50
	longestQuery  = 2000 // characters
	longestColumn = 60
	mostColumns   = 40
	lastPosition  = 9999
)

var viewID = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$`)

func (v *View) check() error {
	bad := fault.New(fault.Invalid, "bad-view", "视图有误,请改正后再存", "Something is wrong with the view")
	v.Title = strings.TrimSpace(norm.NFC.String(v.Title))
	if !viewID.MatchString(v.ID) {
		bad.At("id", "id", "编号为 1 到 60 个小写字母、数字或短横,不以短横开头或结尾", "An id has 1 to 60 small letters, digits and dashes, none at its ends")
	}
	if n := utf8.RuneCountInString(v.Title); n < 1 || n > 60 || !plainText(v.Title) {
		bad.At("title", "title", "请填写名称,最多 60 个字", "A title has 1 to 60 characters")
	}
	v.Query = strings.TrimPrefix(v.Query, "?")
	if _, err := url.ParseQuery(v.Query); err != nil || utf8.RuneCountInString(v.Query) > longestQuery || !plainText(v.Query) {
		bad.At("query", "query", fmt.Sprintf("须为网址里的查询串,最多 %d 个字符", longestQuery), fmt.Sprintf("must be a query string of at most %d characters", longestQuery))
	}
	if len(v.Columns) > mostColumns {
		bad.At("columns", "too-many", fmt.Sprintf("最多 %d 列", mostColumns), fmt.Sprintf("at most %d columns", mostColumns))
	}
	for i, c := range v.Columns {
		if n := utf8.RuneCountInString(c); n < 1 || n > longestColumn || !plainText(c) {
			bad.At(fmt.Sprintf("columns[%d]", i), "column", fmt.Sprintf("列名 1 到 %d 个字符", longestColumn), fmt.Sprintf("a column's name has 1 to %d characters", longestColumn))
		}
	}
	if v.Position < 0 || v.Position > lastPosition {
		bad.At("position", "range", fmt.Sprintf("须在 0 到 %d 之间", lastPosition), fmt.Sprintf("must lie between 0 and %d", lastPosition))
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// Views lists the actor's own views in the order they are shown.
func (s *Service) Views(ctx context.Context, actor *Actor) (list []View, err error) {
	if actor.Anonymous() {
		return nil, forbidden("请先登录", "Sign in first")
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		list, err = database.All(tx, scanView, `SELECT id, title, query, columns, position, saved_at FROM staff_view WHERE account = $1 ORDER BY position, id`, actor.ID())
		return err
	})
	return list, err
}

func scanView(sc database.Scanner) (View, error) {
	var v View
	var columns string
	var saved int64
	if err := sc.Scan(&v.ID, &v.Title, &v.Query, &columns, &v.Position, &saved); err != nil {
		return v, err
	}
	v.SavedAt = database.Time(saved)
	return v, json.Unmarshal([]byte(columns), &v.Columns)
}

// SaveView keeps a view of the actor's own, in the place of the one with the same id.
//
// Errors: Invalid "bad-view"; Conflict "too-many-views" beyond fifty.
func (s *Service) SaveView(ctx context.Context, actor *Actor, v View) (View, error) {
	if actor.Anonymous() {
		return View{}, forbidden("请先登录", "Sign in first")
	}
	if err := v.check(); err != nil {
		return View{}, err
	}
	if v.Columns == nil {
		v.Columns = []string{}
	}
	columns, err := json.Marshal(v.Columns)
	if err != nil {
		return View{}, fmt.Errorf("columns of a view: %w", err)
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		// two at once must not be both the fiftieth
		if _, err := tx.Exec(`UPDATE staff_account SET id = id WHERE id = $1`, actor.ID()); err != nil {
			return fmt.Errorf("keeping a view: %w", err)
		}
		var others int
		if err := tx.Row(`SELECT count(*) FROM staff_view WHERE account = $1 AND id <> $2`, actor.ID(), v.ID).Scan(&others); err != nil {
			return fmt.Errorf("counting views: %w", err)
		}
		if others >= viewsEach {
			return fault.Newf(fault.Conflict, "too-many-views", "最多保存 %[1]d 个视图,请先删去不用的", "At most %[1]d views are kept; remove one that is not needed", viewsEach)
		}
		v.SavedAt = tx.Now
		_, err := tx.Exec(`INSERT INTO staff_view (account, id, title, query, columns, position, saved_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (account, id) DO UPDATE SET title = excluded.title, query = excluded.query, columns = excluded.columns,
				position = excluded.position, saved_at = excluded.saved_at`,
			actor.ID(), v.ID, v.Title, v.Query, string(columns), v.Position, database.Millis(tx.Now))
		return err
	})
	return v, err
}

// DropView removes a view of the actor's own. Errors: NotFound "no-view".
func (s *Service) DropView(ctx context.Context, actor *Actor, id string) error {
	if actor.Anonymous() {
		return forbidden("请先登录", "Sign in first")
	}
	none := fault.New(fault.NotFound, "no-view", "没有这个视图,可能已经删去", "There is no such view; it may have been removed")
	if !viewID.MatchString(id) {
		return none
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`DELETE FROM staff_view WHERE account = $1 AND id = $2`, actor.ID(), id)
		if err == nil && n == 0 {
			return none
		}
		return err
	})
}
