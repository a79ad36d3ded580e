package casework

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/search"
	"linli/internal/staff"
)

// Filter says which cases to list. Empty fields do not narrow.
type Filter struct {
	Scope     string     // mine: hand-overs of my posts (default); area: what my posts may read; reported: by me; watched
	Post      staff.Post // mine, of one post only
	Area      string     // in this area or below
	Unit      string     // with an open hand-over of this organisation
	State     string     // open (default for mine), ended, paused, overdue, today, later, supervised, unsorted, all
	Decision  string     // mine: "yes" only what waits for a decision, "no" only the rest
	Stage     string
	Category  string // this category or below
	Urgency   string
	Channel   string
	Kind      string
	Model     string // name without version
	Text      string // words, two characters are enough; or a case number
	From, To  time.Time
	Sort      string // due (default for mine), newest (default otherwise), oldest, updated
	After     string // cursor of the page before
	PageSize  int    // 1..200, default 50
	WithTasks bool   // also load the hand-overs
}

// Page is one page of a list.
type Page struct {
	Cases []*Case // as a list shows them: without words, place, clocks and, unless asked for, hand-overs
	Next  string  // cursor of the next page; "" when this is the last
}

const (
	defaultPage = 50
	maxPage     = 200
)

// List gives the cases of a worklist, by pages that stay right while cases come and go.
//
// Everybody lists what they may see: the scope narrows it, the permissions bound it. Errors: Invalid
// for an unknown filter value or a cursor that does not belong to this list.
func (s *Service) List(ctx context.Context, actor *staff.Actor, f Filter) (Page, error) {
	if actor.Anonymous() {
		return Page{}, errSignIn()
	}
	if err := f.complete(); err != nil {
		return Page{}, err
	}
	var page Page
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		q, err := s.listQuery(tx, actor, f)
		if err != nil {
			return err
		}
		found, err := s.listed(tx, actor, f, q)
		if err != nil {
			return err
		}
		page, err = q.page(tx, f, found)
		return err
	})
	return page, err
}

func (f *Filter) complete() error {
	f.Text = strings.TrimSpace(f.Text)
	wrong := fault.New(fault.Invalid, "invalid-filter", "筛选条件有误", "The filter needs correcting")
	one := func(field string, value *string, fallback string, known ...string) {
		if *value == "" {
			*value = fallback
		}
		if !slices.Contains(known, *value) {
			wrong.At(field, "unknown", "可选:"+strings.Join(known, "、"), "One of: "+strings.Join(known, ", "))
		}
	}
	one("scope", &f.Scope, "mine", "mine", "area", "reported", "watched")
	state, order := "all", "newest"
	if f.Scope == "mine" {
		state, order = "open", "due"
	}
	one("state", &f.State, state, "open", "ended", "paused", "overdue", "today", "later", "supervised", "unsorted", "all")
	one("decision", &f.Decision, "", "", "yes", "no")
	one("sort", &f.Sort, order, "due", "newest", "oldest", "updated")
	if f.PageSize == 0 {
		f.PageSize = defaultPage
	}
	if f.PageSize < 1 || f.PageSize > maxPage {
		wrong.At("page_size", "range", fmt.Sprintf("每页 1 到 %d 条", maxPage), fmt.Sprintf("Between 1 and %d a page", maxPage))
	}
	if f.Scope == "mine" && (f.State == "ended" || f.State == "all") {
		wrong.At("state", "mine-open", "“我的”只列未办结的事项;查历史请用 scope=area", "“mine” lists what is open; for history use scope=area")
	}
	if f.Scope != "mine" && f.Decision != "" {
		wrong.At("decision", "mine-only", "“等我决定”只能和 scope=mine 一起用", "decision goes with scope=mine only")
	}
	if f.Urgency != "" && !slices.Contains(flow.Urgencies, f.Urgency) {
		wrong.At("urgency", "unknown", "可选:"+strings.Join(flow.Urgencies, "、"), "One of: "+strings.Join(flow.Urgencies, ", "))
	}
	if f.Channel != "" && !slices.Contains(Channels, f.Channel) {
		wrong.At("channel", "unknown", "可选:"+strings.Join(Channels, "、"), "One of: "+strings.Join(Channels, ", "))
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	return nil
}

// byCase decides between equals in the order of the hand-overs' index.
const byCase = "t.case_id"

// listQuery is a list in SQL with the column it is ordered by.
type listQuery struct {
	scope
	sql  string
	key  string // expression of the order
	dir  string // ASC or DESC
	id   string // and of what decides between equals; of the table that the order's index belongs to
	desc bool
	same func(task string) string // mine: which hand-overs of a case are looked at; nil: all

	grounds []ground // of a list of a few places
	others  []string // conditions for what else the actor may read
}

func (s *Service) listQuery(tx *database.Tx, actor *staff.Actor, f Filter) (*listQuery, error) {
	q := &listQuery{id: "c.serial", dir: "ASC"}
	q.whole = f.State == "all"
	from := "cases c"
	var holders []string
	switch f.Scope {
	case "mine":
		posts, err := s.worklistPosts(actor, f)
		if err != nil {
			return nil, err
		}
		if len(posts) == 0 {
			posts = []string{""} // nobody's
		}
		q.id = byCase
		for _, p := range posts {
			holders = append(holders, q.Arg(p))
		}
		if err := s.decision(tx, q, actor, f.Decision); err != nil {
			return nil, err
		}
	case "reported":
		q.And("c.account <> '' AND c.account = " + q.Arg(actor.ID()))
	case "watched":
		from = "watch w JOIN cases c ON c.id = w.case_id"
		q.And("w.account = " + q.Arg(actor.ID()))
		q.plain = true // it begins with what is watched
		s.readable(actor, &q.scope)
	default:
		if q.grounds = s.grounds(actor, &f); q.grounds != nil {
			q.others = s.elsewhere(actor, &q.scope, f.Area)
			break
		}
		q.walk = f.walking(tx.Engine())
		q.plain = tx.Engine() == database.Postgres && f.plain()
		switch f.State {
		case "all":
		case "ended":
			q.life = "c.ended_at > 0"
		default:
			q.life = "c.ended_at = 0"
		}
		s.readable(actor, &q.scope)
		if f.Unit != "" {
			q.And("c.id IN (" + openOf(q.List(s.postsAt(f.Unit))) + ")")
		}
	}
	if err := s.narrow(tx, q, f); err != nil {
		return nil, err
	}
	q.order(f)
	if err := q.after(f.After); err != nil {
		return nil, err
	}
	if q.desc {
		q.dir = "DESC"
	}
	// written out: SQLite prepares a text anew whenever another value is given for its limit
	switch limit := strconv.Itoa(f.PageSize + 1); {
	case f.Scope == "mine":
		q.work(tx.Engine(), holders, limit)
	case q.grounds != nil:
		q.places(tx.Engine(), limit)
	default:
		q.sql = "SELECT " + listRow(tx.Engine()) + ", " + q.key + " FROM " + from + " WHERE " + q.Where() + " ORDER BY " + q.ordered(q.key, q.id) + " LIMIT " + limit
	}
	return q, nil
}

// ordered is the order by a key and by what decides between equals.
func (q *listQuery) ordered(key, id string) string {
	if key == id {
		return key + " " + q.dir
	}
	return key + " " + q.dir + ", " + id + " " + q.dir
}

// work is the list of hand-overs that posts answer for. Each post's come in the order of their index until there are enough
// for a page; only then are the cases read.
func (q *listQuery) work(engine database.Engine, holders []string, limit string) {
	all := strings.Join(holders, ", ")
	from, where, same := "task t", q.Where(), ""
	if q.same != nil {
		where, same = where+" AND "+q.same("t"), " AND "+q.same("o")
	}
	if q.key != "t.due_at" || strings.Contains(where, "c.") {
		from += " JOIN cases c ON c.id = t.case_id"
	}
	branches := make([]string, 0, len(holders))
	for i, holder := range holders {
		// Of several hand-overs of one case the first to fall due stands for it. Something is added to the holder and the end,
		// so that both engines look at the hand-overs of the case and not at all the holder's or all that are open; and it is
		// asked as a value and not as NOT EXISTS, which PostgreSQL may turn into a join that goes through all hand-overs.
		branches = append(branches, fmt.Sprintf(`SELECT * FROM (SELECT t.case_id AS case_id, %s AS place FROM %s WHERE t.closed_at = 0 AND t.holder = %s AND %s
			AND (SELECT 1 FROM task o WHERE o.case_id = t.case_id AND o.closed_at + 0 = 0 AND o.holder || '' IN (%s)
				AND (o.due_at < t.due_at OR o.due_at = t.due_at AND o.no < t.no)%s LIMIT 1) IS NULL ORDER BY %s LIMIT %s) b%d`,
			q.key, from, holder, where, all, same, q.ordered(q.key, q.id), limit, i))
	}
	order := q.ordered("place", "case_id")
	q.sql = `SELECT ` + listRow(engine) + `, w.place FROM (SELECT case_id, place FROM (` + strings.Join(branches, " UNION ALL ") + `) u ORDER BY ` + order +
		` LIMIT ` + limit + `) w JOIN cases c ON c.id = w.case_id ORDER BY ` + q.ordered("w.place", "w.case_id")
}

// held lists the posts whose work the actor may see and do: by a token only with the scope for it.
func held(actor *staff.Actor) []string {
	var posts []string
	for _, p := range actor.Posts() {
		if actor.Holds(p) {
			posts = append(posts, string(p))
		}
	}
	return posts
}

// worklistPosts are the posts whose hand-overs the actor answers for.
func (s *Service) worklistPosts(actor *staff.Actor, f Filter) ([]string, error) {
	posts := held(actor)
	if actor.ByToken() && len(posts) == 0 && len(actor.Posts()) > 0 {
		return nil, fault.New(fault.Forbidden, "token-scope", "该令牌没有 case.act 范围,不能列出岗位的待办", "The token lacks the scope case.act, so it may not list the work of its owner's posts")
	}
	if f.Post != "" {
		posts = slices.DeleteFunc(posts, func(p string) bool { return p != string(f.Post) })
	}
	if f.Post != "" && len(posts) == 0 {
		return nil, fault.New(fault.Forbidden, "not-your-post", "这不是您的岗位", "That is not one of your posts")
	}
	return posts, nil
}

func (s *Service) narrow(tx *database.Tx, q *listQuery, f Filter) error {
	now, tomorrow := database.Millis(tx.Now), database.Millis(nextDay(tx.Now))
	due := "c.hop_due_at"
	if f.Scope == "mine" {
		due = "t.due_at"
	}
	switch f.State {
	case "open":
		if f.Scope != "mine" { // what has ended has no open hand-over
			q.And("c.ended_at = 0")
		}
	case "ended":
		q.And("c.ended_at > 0")
	case "paused":
		q.And("c.ended_at = 0 AND c.paused_at > 0")
	case "overdue":
		if f.Scope == "mine" {
			q.And("c.ended_at = 0 AND t.due_at < " + q.Arg(now))
		} else {
			q.And("c.ended_at = 0 AND c.hop_due_at > 0 AND c.hop_due_at < " + q.Arg(now))
		}
	case "today":
		q.And("c.ended_at = 0 AND " + due + " >= " + q.Arg(now) + " AND " + due + " < " + q.Arg(tomorrow))
	case "later": // a hand-over without a deadline is no other than one that is due one day
		q.And("c.ended_at = 0 AND (" + due + " >= " + q.Arg(tomorrow) + " OR " + due + " = 0)")
	case "supervised":
		q.And("c.ended_at = 0 AND c.supervised = TRUE")
	case "unsorted":
		q.And("c.ended_at = 0 AND c.category = ''")
	}
	if f.Area != "" && q.grounds == nil {
		path := s.areas.Tree().Path(f.Area)
		if path == "" {
			return fault.New(fault.Invalid, "invalid-filter", "筛选条件有误", "The filter needs correcting").At("area", "unknown", "没有这个区域代码", "There is no area with this code")
		}
		q.And(q.under(path))
		if strings.Count(path, "/") > wideDepth {
			q.wide = false
		}
	}
	for column, value := range map[string]string{"c.stage": f.Stage, "c.urgency": f.Urgency, "c.channel": f.Channel, "c.kind": f.Kind} {
		if value != "" {
			q.And(column + " = " + q.Arg(value))
		}
	}
	if f.Category != "" {
		q.And("(c.category = " + q.Arg(f.Category) + " OR " + q.begins("c.category", f.Category+".") + ")")
	}
	if f.Model != "" {
		q.And(q.begins("c.model", f.Model+"@"))
	}
	if err := q.received(tx, &f); err != nil {
		return err
	}
	return s.words(tx, q, f.Text)
}

// words narrows to a case number or to texts with all the words.
func (s *Service) words(tx *database.Tx, q *listQuery, text string) error {
	if text == "" {
		return nil
	}
	if serial, ok := serialOf(text); ok {
		q.And("c.serial = " + q.Arg(serial))
		return nil
	}
	terms, _ := search.Query(text)
	if len(terms) == 0 {
		return errNoWords()
	}
	q.And(q.matching(tx.Engine(), terms))
	return nil
}

func errNoWords() error {
	return fault.New(fault.Invalid, "invalid-filter", "请输入要找的字词", "Enter words to look for").At("text", "no-words", "至少要有一个字或数字", "At least one letter, character or digit")
}

func (q *listQuery) order(f Filter) {
	switch f.Sort {
	case "due":
		q.key = "CASE WHEN c.hop_due_at = 0 THEN 253370764800000 ELSE c.hop_due_at END"
		if f.Scope == "mine" {
			q.key = "t.due_at"
		}
	case "oldest":
		q.key = "c.serial"
	case "newest":
		q.key, q.desc = "c.serial", true
	case "updated":
		q.key, q.desc = "c.updated_at", true
	}
}

// cursor is where a page ended.
type cursor struct {
	Key    int64  `json:"k"`
	Serial int64  `json:"s,omitempty"`
	ID     string `json:"i,omitempty"` // of the worklist, whose index goes by ids
}

func (q *listQuery) after(text string) error {
	if text == "" {
		return nil
	}
	var c cursor
	if err := readCursor(text, &c); err != nil {
		return err
	}
	op := ">"
	if q.desc {
		op = "<"
	}
	k := q.Arg(c.Key)
	if q.key == q.id {
		q.And(q.key + " " + op + " " + k)
		return nil
	}
	last := any(c.Serial)
	if q.id == byCase {
		last = c.ID
	}
	id := q.Arg(last)
	// the first condition says nothing new, but lets the index begin where the page before ended
	q.And("(" + q.key + " " + op + "= " + k + " AND (" + q.key + " " + op + " " + k + " OR " + q.id + " " + op + " " + id + "))")
	return nil
}

// writeCursor is the next of a page, from the last thing on it.
func writeCursor(last any) string {
	return base64.RawURLEncoding.EncodeToString([]byte(marshal(last)))
}

// readCursor reads what the page before gave as its next.
func readCursor(text string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil || bytes.Contains(raw, []byte(`\u0000`)) { // which no identifier has and PostgreSQL refuses
		return fault.New(fault.Invalid, "invalid-filter", "翻页标记不对,请从第一页重新列出", "The page cursor is not right; list again from the first page").
			At("after", "cursor", "请使用上一页返回的 next", "Use the next of the page before")
	}
	return nil
}

// withWords adds to the rows the words that were searched.
func withWords(tx *database.Tx, found []listed) error {
	for _, l := range found {
		if err := tx.Row(`SELECT body, address FROM cases WHERE serial = $1`, l.c.Serial).Scan(&l.c.Body, &l.c.Address); err != nil {
			return fmt.Errorf("words of %s: %w", l.c.ID, err)
		}
	}
	return nil
}

func (q *listQuery) page(tx *database.Tx, f Filter, found []listed) (Page, error) {
	page := Page{Cases: make([]*Case, 0, len(found))}
	if len(found) > f.PageSize {
		found = found[:f.PageSize]
		last := found[len(found)-1]
		page.Next = writeCursor(cursor{Key: last.key, Serial: last.c.Serial, ID: last.c.ID})
	}
	if f.Text != "" {
		if err := withWords(tx, found); err != nil {
			return page, err
		}
	}
	for _, l := range found {
		if n := len(page.Cases); n > 0 && page.Cases[n-1].ID == l.c.ID {
			continue // two hand-overs of one case fall due together
		}
		if f.Text != "" && !search.Match(l.c.Title+"\n"+l.c.Body+"\n"+l.c.Address, f.Text) {
			if _, number := serialOf(f.Text); !number {
				continue // the index finds candidates; the text itself decides
			}
		}
		if f.WithTasks {
			if err := loadTasks(tx, l.c); err != nil {
				return page, err
			}
		}
		page.Cases = append(page.Cases, l.c)
	}
	return page, nil
}

func errSignIn() error {
	return fault.New(fault.Unauthenticated, "sign-in", "请先登录", "Sign in first")
}
