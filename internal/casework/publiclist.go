package casework

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/platform/search"
)

// PublicFilter narrows the list of public results. Empty fields do not.
type PublicFilter struct {
	Text     string // words of the title, or a case number
	Area     string // in this area or below
	Category string // this category or below
	After    string // cursor of the page before
	PageSize int    // 1..50, default 20
}

// Result is a public result as a list shows it (晒单).
type Result struct {
	Case    *Case // as a list shows it
	Number  string
	Outcome lang.Text // title of the end it reached
	Answer  string    // the last words of those who handled it, as they were made public
	Files   []Attachment
}

// Bounds of the public list. Cases whose end is not to be shown are passed over, so more are read than are given.
const (
	publicPage     = 20
	mostPublicPage = 50
	publicBatch    = 100
	mostPublicRead = 2000 // for one page; then it is given as far as it came, with a cursor to go on from
)

// PublicList lists the public results, those that ended last first, with the cursor of the next page ("" at the end). A page
// may be short, or empty, and still have a next one. No permission is asked: it gives what Published gives.
//
// Words are looked for in titles only: what else was said in a case is not public, and a search must not tell it.
//
// Errors: Invalid "invalid-filter".
func (s *Service) PublicList(ctx context.Context, f PublicFilter) (list []Result, next string, err error) {
	if err := f.complete(); err != nil {
		return nil, "", err
	}
	list = []Result{}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		at, read := f.After, 0
		for len(list) < f.PageSize {
			found, err := s.publicBatch(tx, f, at)
			if err != nil {
				return err
			}
			for _, l := range found {
				if len(list) == f.PageSize {
					return nil // next stands at the one before
				}
				if next, at = resultCursor(l), resultCursor(l); s.shownAs(tx, l.c, f) {
					list = append(list, Result{Case: l.c})
				}
			}
			if len(found) < publicBatch {
				next = ""
				return nil
			}
			if read += len(found); read >= mostPublicRead {
				return nil
			}
		}
		return nil
	})
	if err == nil {
		err = s.tellResults(ctx, list)
	}
	return list, next, err
}

// complete takes the spaces off the words and fills in the size of a page.
func (f *PublicFilter) complete() error {
	f.Text = strings.TrimSpace(f.Text)
	if f.PageSize == 0 {
		f.PageSize = publicPage
	}
	if f.PageSize < 1 || f.PageSize > mostPublicPage {
		return errFilter("page_size", "range", fmt.Sprintf("每页 1 到 %d 条", mostPublicPage), fmt.Sprintf("Between 1 and %d a page", mostPublicPage))
	}
	return nil
}

func errFilter(field, code, zh, en string) error {
	return fault.New(fault.Invalid, "invalid-filter", "筛选条件有误", "The filter needs correcting").At(field, code, zh, en)
}

// shownAs tells whether the result is shown, and is what was looked for.
func (s *Service) shownAs(tx *database.Tx, c *Case, f PublicFilter) bool {
	if !s.show(tx, c) {
		return false
	}
	if f.Text != "" {
		if _, number := serialOf(f.Text); !number {
			return search.Match(c.Title, f.Text)
		}
	}
	return true
}

// publicBatch reads the next cases that may be public results, newest end first.
func (s *Service) publicBatch(tx *database.Tx, f PublicFilter, after string) ([]listed, error) {
	q, err := s.publicQuery(tx, f, after)
	if err != nil {
		return nil, err
	}
	found, err := database.All(tx, scanListed, q.sql, q.Args...)
	if err != nil {
		return nil, fmt.Errorf("listing public results: %w", err)
	}
	return found, nil
}

func (s *Service) publicQuery(tx *database.Tx, f PublicFilter, after string) (*listQuery, error) {
	q := &listQuery{id: "c.serial", key: "c.ended_at", dir: "DESC", desc: true}
	// SQLite has no figures about ranges: for a wide area it would gather and sort all that ever ended there
	if tx.Engine() == database.SQLite && f.Text == "" {
		q.walk = "+c.path"
	}
	q.And("c.public = TRUE AND c.confidential = FALSE AND c.ended_at > 0")
	if err := s.publicArea(q, f.Area); err != nil {
		return nil, err
	}
	if err := s.publicCategory(&q.scope, f.Category); err != nil {
		return nil, err
	}
	if err := s.words(tx, q, f.Text); err != nil {
		return nil, err
	}
	if err := q.after(after); err != nil {
		return nil, err
	}
	q.sql = "SELECT " + listRow(tx.Engine()) + ", " + q.key + " FROM cases c WHERE " + q.Where() + " ORDER BY " + q.ordered(q.key, q.id) + " LIMIT " + strconv.Itoa(publicBatch)
	return q, nil
}

func (s *Service) publicArea(q *listQuery, code string) error {
	if code == "" {
		return nil
	}
	path := s.areas.Tree().Path(code)
	if path == "" {
		return errFilter("area", "unknown", "没有这个区域代码", "There is no area with this code")
	}
	q.And(q.under(path))
	return nil
}

func (s *Service) publicCategory(q *scope, code string) error {
	if code == "" {
		return nil
	}
	if _, ok := s.categories.Get(code); !ok {
		return errFilter("category", "unknown", "没有这个分类代码", "There is no such category code")
	}
	q.And("(c.category = " + q.Arg(code) + " OR " + q.begins("c.category", code+".") + ")")
	return nil
}

func resultCursor(l listed) string { return writeCursor(cursor{Key: l.key, Serial: l.c.Serial}) }

// tellResults adds what is told of each: how it ended, the answer, the public pictures.
func (s *Service) tellResults(ctx context.Context, list []Result) error {
	if len(list) == 0 {
		return nil
	}
	byCase := make(map[string]*Result, len(list))
	q := &scope{}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].Case.ID
		byCase[ids[i]] = &list[i]
		list[i].Number, list[i].Files = s.Number(list[i].Case), []Attachment{}
	}
	in := q.List(ids)
	return s.db.Read(ctx, func(tx *database.Tx) error {
		said, err := database.All(tx, scanSaid, `SELECT case_id, data FROM timeline WHERE case_id IN (`+in+`) AND public = TRUE ORDER BY case_id, seq`, q.Args...)
		if err != nil {
			return fmt.Errorf("answers: %w", err)
		}
		files, err := database.All(tx, scanFile, `SELECT `+fileColumns+` FROM attachment WHERE case_id IN (`+in+`) AND public = TRUE AND thumb <> '' ORDER BY case_id, at, id`, q.Args...)
		if err != nil {
			return fmt.Errorf("attachments: %w", err)
		}
		for _, f := range files {
			f.Account = ""
			byCase[f.Case].Files = append(byCase[f.Case].Files, f)
		}
		words := map[string][]Entry{}
		for _, e := range said {
			words[e.id] = append(words[e.id], Entry{Public: true, Data: e.data})
		}
		for i := range list {
			d, err := s.model(tx, list[i].Case.Model)
			if err != nil {
				return err
			}
			if end, ok := d.End(list[i].Case.Ended); ok {
				list[i].Outcome, list[i].Answer = end.Title, answered(end, words[ids[i]])
			}
		}
		return nil
	})
}

// answered are the words that the public wording of the end repeats: the result, or the reason there was none.
func answered(end *flow.End, entries []Entry) string {
	fields := []string{"result", "reason"}
	if strings.Contains(end.Public.ZH, "{reason}") {
		slices.Reverse(fields)
	}
	for _, field := range fields {
		if text := lastSaid(entries, field); text != "" {
			return text
		}
	}
	return ""
}
