package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// View is a case as somebody who serves it reads it.
type View struct {
	Case     *Case
	Model    *flow.Definition
	Number   string
	Reporter Reporter // masked
	Reveal   bool     // the reader may see who reported, for a purpose
	Timeline []Entry
	Offers   []flow.Offer // what the reader may do now
	Watched  bool
	Merged   []string // ids of the cases merged into this one
	Files    []Attachment
}

// Read gives a case with its timeline and what the reader may do with it now. ref is an id or a number. That a
// confidential one was opened is written to the access log.
//
// Errors: NotFound when there is none, or none the reader may know of.
func (s *Service) Read(ctx context.Context, actor *staff.Actor, ref string) (View, error) {
	var v View
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		c, err := s.seen(tx, actor, ref)
		if err != nil {
			return err
		}
		v, err = s.view(tx, actor, c)
		return err
	})
	if err == nil {
		err = s.noteLooks(ctx, actor, v.Case)
	}
	if err != nil {
		return View{}, err
	}
	return v, nil
}

// seen loads a case that the actor may see.
func (s *Service) seen(tx *database.Tx, actor *staff.Actor, ref string) (*Case, error) {
	c, err := byRef(tx, ref, false)
	if err != nil {
		return nil, err
	}
	if !s.sees(actor, c) {
		return nil, errNoCase()
	}
	return c, nil
}

func (s *Service) view(tx *database.Tx, actor *staff.Actor, c *Case) (View, error) {
	v := View{Case: c, Number: s.Number(c)}
	var err error
	if v.Model, err = s.model(tx, c.Model); err != nil {
		return v, err
	}
	entries, err := timeline(tx, c.ID, 0)
	if err != nil {
		return v, err
	}
	reporter := s.reported(actor, c)
	v.Timeline = s.shown(actor, c, entries)
	v.Offers = s.offers(v.Model, actor, c, reporter, c.state(tx.Now, s.level, s.facts(c)))
	v.Reveal = !c.Anonymous && s.mayReveal(actor, c)
	if v.Reporter, err = s.masked(c); err != nil {
		return v, err
	}
	if !s.serves(actor, c) {
		return v, s.narrowed(tx, actor, &v)
	}
	if v.Merged, err = database.Column[string](tx, `SELECT id FROM cases WHERE merged_into = $1 AND merged_into <> '' ORDER BY id`, c.ID); err != nil {
		return v, fmt.Errorf("merged cases: %w", err)
	}
	if v.Files, err = filesOf(tx, c.ID, false); err != nil {
		return v, err
	}
	if id := actor.ID(); id != "" {
		var n int
		if err := tx.Row(`SELECT count(*) FROM watch WHERE account = $1 AND case_id = $2`, id, c.ID).Scan(&n); err != nil {
			return v, fmt.Errorf("watch: %w", err)
		}
		v.Watched = n > 0
	}
	return v, nil
}

// narrowed leaves to somebody who only reported the case under the own account what a reporter reads: no hand-overs, no files
// but their own and the public ones.
func (s *Service) narrowed(tx *database.Tx, actor *staff.Actor, v *View) (err error) {
	c := *v.Case
	c.Tasks, c.Why = nil, Why{}
	v.Case = &c
	files, err := filesOf(tx, c.ID, false)
	v.Files = []Attachment{}
	for _, f := range files {
		f.Mine = f.Account != "" && f.Account == actor.ID()
		if f.Mine || f.Public && f.thumb != "" {
			f.Account = ""
			v.Files = append(v.Files, f)
		}
	}
	return err
}

// Progress is a case as its reporter, or anybody for a public one, follows it: in plain words, without
// names of people.
type Progress struct {
	Case   *Case
	Number string
	Model  *flow.Definition
	Now    lang.Text            // where it is: who has it, until when
	Unit   lang.Text            // who has it, by the name of the unit or area
	Units  map[string]lang.Text // who has had each stage, in the same way; by the name of the stage
	Due    time.Time
	Steps  []Entry
	Offers []flow.Offer // what the reporter may do: answer, urge, rate, reopen
	Files  []Attachment
	Merged *Progress // the case it was merged into, which goes on for both
}

// Track follows a case by its tracking code. Whoever has the code is taken for the reporter.
//
// Errors: NotFound for a code that this program did not give out.
func (s *Service) Track(ctx context.Context, actor *staff.Actor, code string) (Progress, error) {
	serial, err := s.serialOfCode(code)
	if err != nil {
		return Progress{}, err
	}
	var p Progress
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		c, err := fetch(tx, `serial = $1`, serial, false)
		if err != nil {
			return err
		}
		p, err = s.progress(tx, actor, c, true)
		return err
	})
	return p, err
}

// Published gives a public case as anybody may read it. Errors: NotFound for one that is not public.
func (s *Service) Published(ctx context.Context, ref string) (Progress, error) {
	var p Progress
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		c, err := byRef(tx, ref, false)
		if err != nil {
			return err
		}
		if !s.published(tx, c) {
			return errNoCase()
		}
		p, err = s.progress(tx, staff.Resident(lang.ZH), c, false)
		return err
	})
	return p, err
}

// published tells whether anybody may read the case.
func (s *Service) published(tx *database.Tx, c *Case) bool {
	return c.Public && !c.Confidential && s.show(tx, c)
}

// show: results are shown (晒单), matters under way are not, since their text has not been read by anybody
// who answers for what is published.
func (s *Service) show(tx *database.Tx, c *Case) bool {
	if c.Open() {
		return false
	}
	d, err := s.model(tx, c.Model)
	if err != nil {
		return false
	}
	end, ok := d.End(c.Ended)
	if !ok {
		return false
	}
	for _, m := range end.Counts {
		if m == "completed" {
			return true
		}
	}
	return false
}

func (s *Service) progress(tx *database.Tx, actor *staff.Actor, c *Case, reporter bool) (Progress, error) {
	d, err := s.model(tx, c.Model)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Case: c, Number: s.Number(c), Model: d, Unit: s.unitName(c), Due: c.HopDueAt}
	entries, err := timeline(tx, c.ID, 0)
	if err != nil {
		return p, err
	}
	for _, e := range entries {
		if e.Public {
			p.Steps = append(p.Steps, e.outside())
		}
	}
	into := ""
	if c.MergedInto != "" {
		original, err := byRef(tx, c.MergedInto, false)
		if err != nil {
			return p, err
		}
		merged, err := s.progress(tx, actor, original, false)
		if err != nil {
			return p, err
		}
		if !s.published(tx, original) {
			merged = s.bare(merged, original)
		}
		p.Merged, into = &merged, s.Number(original)
	}
	p.Now = s.wording(c, d, entries, into)
	p.Units = s.unitsOf(c)
	if !reporter {
		p.Files, err = filesOf(tx, c.ID, true)
		return p, err
	}
	if p.Files, err = s.reporterFiles(tx, c, entries); err != nil {
		return p, err
	}
	p.Offers = flow.Offers(d, c.state(tx.Now, s.level, s.facts(c)), flow.Who{Reporter: true})
	return p, nil
}

// bare leaves of somebody else's case only where it stands: neither its words nor its files, nor the result
// or reason that the wording would carry.
func (s *Service) bare(p Progress, full *Case) Progress {
	into := ""
	if p.Merged != nil {
		into = p.Merged.Number
	}
	p.Now = s.wording(full, p.Model, nil, into)
	c := Case{Stage: p.Case.Stage, Ended: p.Case.Ended, ReceivedAt: p.Case.ReceivedAt, EndedAt: p.Case.EndedAt, Holder: p.Case.Holder}
	p.Case, p.Steps, p.Files, p.Merged, p.Units = &c, nil, nil, nil, nil
	return p
}

// wording is the public wording of where the case is, with unit, time and result filled in. Without entries
// what was said in the case is not told.
func (s *Service) wording(c *Case, d *flow.Definition, entries []Entry, original string) lang.Text {
	unit := s.unitName(c)
	due := c.HopDueAt.In(zone)
	text := lang.Text{}
	if c.Open() {
		if stage, ok := d.Stage(c.Stage); ok {
			text = stage.Public
		}
		if !c.PausedAt.IsZero() {
			text = lang.T("暂时停下,计时已暂停", "On hold; the clock is paused")
			if c.Asked && waits(d) {
				text = lang.T("在等您回答一个问题,计时已暂停", "Waiting for your answer to a question; the clock is paused")
			}
		}
	} else if end, ok := d.End(c.Ended); ok {
		text = end.Public
	}
	when := lang.T("尽快", "soon")
	if !due.IsZero() && due.Year() > 1 && !c.HopDueAt.IsZero() {
		when = lang.T(due.Format("1月2日15:04"), due.Format("2 Jan 15:04"))
	}
	result, reason := lastSaid(entries, "result"), lastSaid(entries, "reason")
	hidden := lang.Text{}
	if entries == nil {
		hidden = lang.T("(内容不公开)", "(not shown)")
	}
	fill := func(t, unit, due, hidden string) string {
		return strings.NewReplacer("{unit}", unit, "{due}", due, "{result}", result+hidden, "{reason}", reason+hidden, "{original}", original).Replace(t)
	}
	return lang.T(fill(text.ZH, unit.ZH, when.ZH, hidden.ZH), fill(text.EN, unit.EN, when.EN, hidden.EN))
}

// waits tells whether the model stops the clocks for a question, so that a pause with an open question is
// one that waits for the answer.
func waits(d *flow.Definition) bool {
	return slices.ContainsFunc(d.Standing, func(a flow.Action) bool { return a.Op == flow.OpAsk && a.Pauses })
}

// zone is the country's one time zone.
var zone = time.FixedZone("CST", beijing)

func lastSaid(entries []Entry, field string) string {
	for i := len(entries) - 1; i >= 0; i-- {
		if text, ok := entries[i].Data.Form[field].(string); ok && text != "" && entries[i].Public {
			return text
		}
	}
	return ""
}

// Watch keeps a case on the actor's own list, or takes it off.
func (s *Service) Watch(ctx context.Context, actor *staff.Actor, ref string, on bool) error {
	if actor.Anonymous() {
		return errSignIn()
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		c, err := s.seen(tx, actor, ref)
		if err != nil {
			return err
		}
		query := `DELETE FROM watch WHERE account = $1 AND case_id = $2`
		args := []any{actor.ID(), c.ID}
		if on {
			query = `INSERT INTO watch (account, case_id, at) VALUES ($1, $2, $3) ON CONFLICT (account, case_id) DO NOTHING`
			args = append(args, database.Millis(tx.Now))
		}
		if _, err := tx.Exec(query, args...); err != nil {
			return fmt.Errorf("watching: %w", err)
		}
		return nil
	})
}
