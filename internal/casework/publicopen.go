package casework

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/lang"
	"linli/internal/platform/search"
)

// OpenMatter is a public case under way as anybody may read it. What was said in it is not among it: that is read by who
// answers for it before it is shown, and it is shown when the case has ended (Published). It names what kind of matter it
// is, where, who has it and until when.
type OpenMatter struct {
	Number   string
	Category string    // code
	Area     string    // code, as of a result
	Received string    // the day in Beijing time; the minute could tell who was seen with a telephone
	Stage    lang.Text // title
	Unit     lang.Text // who has it, by the name of the unit or area
	DueAt    time.Time // of this stage; zero: no clock, or it stands
	Paused   bool
}

// openBatch is how many open cases are looked at together.
const openBatch = 200

// PublicOpen lists the public cases under way, those that came last first, with the cursor of the next page ("" at the end).
// A page may be short, or empty, and still have a next one. No permission is asked.
//
// A case is listed when its category, or who corrected it, made it public, it is not confidential, and somebody in office
// other than who reported it has acted on a hand-over of it: what a program alone has sorted, nobody has vouched for.
//
// Words are looked for in the names of category, area and unit: what was said is not public yet, and a search must not
// tell it.
//
// Errors: Invalid "invalid-filter".
func (s *Service) PublicOpen(ctx context.Context, f PublicFilter) (list []OpenMatter, next string, err error) {
	if err := f.complete(); err != nil {
		return nil, "", err
	}
	list = []OpenMatter{}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		at := f.After
		for read := 0; read < mostPublicRead; read += openBatch {
			serials, err := s.openSerials(tx, f, at)
			if err != nil {
				return err
			}
			found, err := s.publicOf(tx, f, serials)
			if err != nil {
				return err
			}
			for _, c := range found {
				if len(list) == f.PageSize {
					return nil // next stands at the one before
				}
				next = serialCursor(c.Serial)
				if m, ok := s.openMatter(tx, c, f); ok {
					list = append(list, m)
				}
			}
			if len(serials) < openBatch {
				next = ""
				return nil
			}
			next = serialCursor(serials[len(serials)-1])
			at = next
		}
		return nil
	})
	return list, next, err
}

func serialCursor(serial int64) string {
	return resultCursor(listed{key: serial, c: &Case{Serial: serial}})
}

// openSerials are the next open cases of the area, public or not, newest first.
func (s *Service) openSerials(tx *database.Tx, f PublicFilter, after string) ([]int64, error) {
	q, err := s.openQuery(f, after)
	if err != nil {
		return nil, err
	}
	serials, err := database.Column[int64](tx, q.sql, q.Args...)
	if err != nil {
		return nil, fmt.Errorf("listing open cases: %w", err)
	}
	return serials, nil
}

// openQuery asks the index of open cases alone, which has all of them and nothing else: ordering what is open in a whole
// county costs no row of the table.
func (s *Service) openQuery(f PublicFilter, after string) (*listQuery, error) {
	q := &listQuery{id: openOrder, key: openOrder, dir: "DESC", desc: true}
	q.And(openOnly)
	if err := s.publicArea(q, f.Area); err != nil {
		return nil, err
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		if serial, number := serialOf(text); number {
			q.And("c.serial = " + q.Arg(serial))
		} else if terms, _ := search.Query(text); len(terms) == 0 {
			return nil, errNoWords()
		}
	}
	if err := q.after(after); err != nil {
		return nil, err
	}
	q.sql = q.open()
	return q, nil
}

// The plus keeps the engines from reading all cases there ever were in the order of their serials.
const (
	openOnly  = "c.ended_at = 0"
	openOrder = "+c.serial"
)

func (q *listQuery) open() string {
	return "SELECT c.serial FROM cases c WHERE " + q.Where() + " ORDER BY " + openOrder + " DESC LIMIT " + strconv.Itoa(openBatch)
}

// publicOf reads those of the cases that anybody may know of, in the same order.
func (s *Service) publicOf(tx *database.Tx, f PublicFilter, serials []int64) ([]*Case, error) {
	q := &scope{}
	if err := s.publicCategory(q, f.Category); err != nil {
		return nil, err
	}
	if len(serials) == 0 {
		return nil, nil
	}
	q.publicOpen(serials)
	found, err := database.All(tx, scanListed, q.publicRows(tx.Engine()), q.Args...)
	if err != nil {
		return nil, fmt.Errorf("listing public open cases: %w", err)
	}
	cases := make([]*Case, len(found))
	for i, l := range found {
		cases[i] = l.c
	}
	return cases, nil
}

// publicOpen is the condition that a case is one of these and may be shown while it is under way.
func (q *scope) publicOpen(serials []int64) {
	holders := make([]string, len(serials))
	for i, serial := range serials {
		holders[i] = q.Arg(serial)
	}
	q.And("c.serial IN (" + strings.Join(holders, ", ") + ")")
	q.And("c.public = TRUE AND c.confidential = FALSE")
	q.And("EXISTS (SELECT 1 FROM timeline e WHERE e.case_id = c.id AND e.post <> '' AND e.account <> '' AND e.account <> c.account)")
}

func (q *scope) publicRows(engine database.Engine) string {
	return "SELECT " + listRow(engine) + ", c.serial FROM cases c WHERE " + q.Where() + " ORDER BY c.serial DESC"
}

// openMatter takes from the case what anybody may know; ok is false for what was not looked for.
func (s *Service) openMatter(tx *database.Tx, c *Case, f PublicFilter) (m OpenMatter, ok bool) {
	d, err := s.model(tx, c.Model)
	if err != nil {
		return m, false
	}
	stage, ok := d.Stage(c.Stage)
	if !ok {
		return m, false
	}
	m = OpenMatter{Number: s.Number(c), Category: c.Category, Area: c.Area, Received: c.ReceivedAt.In(zone).Format(time.DateOnly),
		Stage: stage.Title, Unit: s.unitName(c), DueAt: c.HopDueAt, Paused: !c.PausedAt.IsZero()}
	if m.Paused {
		m.DueAt = time.Time{}
	}
	text := strings.TrimSpace(f.Text)
	if _, number := serialOf(text); text == "" || number {
		return m, true
	}
	name, unit := s.categories.Name(c.Category), m.Unit
	place, _ := s.areas.Tree().Area(c.Area)
	return m, search.Match(strings.Join([]string{name.ZH, name.EN, place.Name, unit.ZH, unit.EN}, "\n"), text)
}
