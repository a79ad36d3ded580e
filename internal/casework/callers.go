package casework

import (
	"context"
	"fmt"
	"strings"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// mostCalls is how many cases of a caller are shown; the counts are of all.
const mostCalls = 50

// Caller is what is known of a telephone number that calls: the matters it reported before.
type Caller struct {
	Cases []*Case // newest first, at most fifty
	Open  int     // of all
	Total int
}

// Caller looks up the history of a telephone number, so that who answers the hotline knows that it is about the same lamp
// as last week. Only cases the actor may read are shown and counted. That it was looked up, and by whom, is written to
// the access log first; the number itself is not kept there. Matters reported within the last minute may be missing.
//
// Permission hotline.take. Errors: Invalid for a number that is none; Forbidden.
func (s *Service) Caller(ctx context.Context, actor *staff.Actor, number string) (Caller, error) {
	out := Caller{Cases: []*Case{}}
	if !actor.Anywhere("hotline.take") {
		return out, fault.New(fault.Forbidden, "not-permitted", "您的岗位没有这项权限(hotline.take)", "None of your posts has the permission hotline.take")
	}
	wrong := fault.New(fault.Invalid, "bad-phone", "请输入完整的电话号码", "Give the whole phone number")
	digits := phone(wrong, number)
	if len(wrong.Fields) > 0 || digits == "" {
		wrong.Fields = nil
		return out, wrong.At("phone", "phone", "应为完整号码,5 到 16 位", "a whole number of 5 to 16 digits")
	}
	if err := s.db.Write(ctx, func(tx *database.Tx) error {
		return audit.Record(tx, audit.Entry{Actor: actor.ID(), Name: actor.Name(), What: "case.caller", Object: "caller:" + s.box.Blind("phone", digits)[:16],
			Path: widest(actor.Paths("hotline.take")), Purpose: "hotline", Address: actor.Address()})
	}); err != nil {
		return out, err
	}
	q := &scope{}
	var blinds []string
	for _, written := range waysToWrite(digits) {
		blinds = append(blinds, s.box.Blind("phone", written))
	}
	q.And("k.phone_blind IN (" + q.List(blinds) + ")")
	s.readable(actor, q)
	from := ` FROM caller k JOIN cases c ON c.serial = k.serial WHERE ` + q.Where()
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		if err := tx.Row(`SELECT count(*), coalesce(sum(CASE WHEN c.ended_at = 0 THEN 1 ELSE 0 END), 0)`+from, q.Args...).Scan(&out.Total, &out.Open); err != nil {
			return fmt.Errorf("counting a caller's cases: %w", err)
		}
		found, err := database.All(tx, scanListed, `SELECT `+listRow(tx.Engine())+`, c.serial`+from+` ORDER BY c.serial DESC LIMIT `+fmt.Sprint(mostCalls), q.Args...)
		if err != nil {
			return fmt.Errorf("listing a caller's cases: %w", err)
		}
		for _, l := range found {
			out.Cases = append(out.Cases, l.c)
		}
		return nil
	})
	return out, err
}

// waysToWrite are the forms in which one number of this country may have been written down: with its code and without.
func waysToWrite(digits string) []string {
	bare := strings.TrimPrefix(strings.TrimPrefix(digits, "+"), "86")
	if strings.HasPrefix(digits, "+") && !strings.HasPrefix(digits, "+86") || len(bare) < 7 {
		return []string{digits}
	}
	return []string{digits, bare, "86" + bare, "+86" + bare}
}

// widest is the path that says best where somebody acted: their first area.
func widest(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	return paths[0]
}

// CaseAudit shows who did what with the data of one case: names revealed, exports, whatever the access log says of it,
// newest first, with the cursor of the next page. Permission case.audit over the case.
//
// Errors: NotFound for a case the actor may not see; Forbidden.
func (s *Service) CaseAudit(ctx context.Context, actor *staff.Actor, ref string, page audit.Page) (entries []audit.Entry, next string, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		c, err := s.seen(tx, actor, ref)
		if err != nil {
			return err
		}
		if !actor.May(staff.CaseAudit, c.Path) {
			return fault.New(fault.Forbidden, "not-permitted", "您的岗位没有这项权限(case.audit)", "None of your posts has the permission case.audit here")
		}
		// by the object alone: the case may have moved since, and who may audit it may audit all of it
		entries, next, err = audit.Find(tx, audit.Scope{Paths: []string{"/"}}, audit.Filter{Object: "case:" + c.ID}, page)
		return err
	})
	return entries, next, err
}

// OwnArea is the area of the actor's first post, from which offices are looked for; the first root without one.
func (s *Service) OwnArea(actor *staff.Actor) string {
	for _, p := range actor.Posts() {
		if code := s.placeArea(p.Place()); s.areas.Tree().Path(code) != "" {
			return code
		}
	}
	for _, a := range s.areas.Tree().Root() {
		if !a.Closed {
			return a.Code
		}
	}
	return ""
}
