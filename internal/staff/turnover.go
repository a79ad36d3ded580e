package staff

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linli/internal/area"
	"linli/internal/platform/audit"
	"linli/internal/platform/database"
)

// TurnOver tells the listeners about appointments that began or ended by time since it last did: each beginning and
// each end once, on any number of nodes, in the order in which they came, also after the program was down. What
// falls on one moment is one transaction. The sweep calls it every few seconds; with nothing due it costs one
// indexed look.
//
// Each appointment carries the next moment not yet told, so nothing depends on when the last call was, and a clock
// that steps back neither repeats nor skips.
func (s *Service) TurnOver(ctx context.Context) error {
	for {
		due, err := s.due(ctx)
		if err != nil || due == 0 {
			return err
		}
		if err := s.change(ctx, func(tx *database.Tx, c *change) error { return s.turn(tx, c) }); err != nil {
			return fmt.Errorf("turning appointments over: %w", err)
		}
	}
}

// due is the earliest moment to be told by now; 0 for none.
func (s *Service) due(ctx context.Context) (at int64, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		at, _, err = database.One(tx, scanMoment, `SELECT next_turn FROM staff_appointment WHERE next_turn > 0 AND next_turn <= $1 ORDER BY next_turn LIMIT 1`, database.Millis(tx.Now))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("looking for appointments that begin or end: %w", err)
	}
	return at, nil
}

func scanMoment(s database.Scanner) (at int64, err error) { return at, s.Scan(&at) }

// turn tells what falls on the earliest moment due. Another node may have been first; then it tells nothing.
func (s *Service) turn(tx *database.Tx, c *change) error {
	at, found, err := database.One(tx, scanMoment, `SELECT next_turn FROM staff_appointment WHERE next_turn > 0 AND next_turn <= $1 ORDER BY next_turn LIMIT 1`, database.Millis(tx.Now))
	if err != nil || !found {
		return err
	}
	list, err := database.All(tx, scanAppointment, `SELECT `+appointmentColumns+` FROM staff_appointment WHERE next_turn = $1 ORDER BY role, place, id`, at)
	if err != nil {
		return fmt.Errorf("reading appointments: %w", err)
	}
	moment := database.Time(at)
	for _, a := range list {
		next := time.Time{}
		if a.From.Equal(moment) && a.To.After(a.From) {
			next = a.To
		}
		if _, err := tx.Exec(`UPDATE staff_appointment SET next_turn = $1 WHERE id = $2`, database.Millis(next), a.ID); err != nil {
			return fmt.Errorf("marking an appointment: %w", err)
		}
		c.touch(a.Post)
	}
	return nil
}

// AreaChanged carries posts along when areas change; the program registers it with area.Service.OnChange. Moves and
// renames keep codes and so posts. Where areas are merged, appointments end and go on at the successor under the same
// terms; where one is split, they stay with the first successor and are marked for review; where one is closed, they end.
func (s *Service) AreaChanged(tx *database.Tx, ch area.Change) error {
	switch ch.Kind {
	case area.ChangeMerge, area.ChangeSplit, area.ChangeClose, area.ChangeCloseOrg:
	default:
		return nil
	}
	successor := ""
	if len(ch.To) > 0 && ch.Kind != area.ChangeClose && ch.Kind != area.ChangeCloseOrg {
		successor = ch.To[0]
	}
	return s.changeIn(tx, func(tx *database.Tx, c *change) error {
		for _, code := range ch.From {
			if slices.Contains(ch.To, code) && ch.Kind != area.ChangeSplit {
				continue // it takes in the others
			}
			if err := s.follow(tx, c, ch, code, successor); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) follow(tx *database.Tx, c *change, ch area.Change, code, successor string) error {
	list, err := database.All(tx, scanAppointment, `SELECT `+appointmentColumns+` FROM staff_appointment WHERE place = $1 AND (to_at = 0 OR to_at > $2) ORDER BY id`, code, database.Millis(tx.Now))
	if err != nil {
		return fmt.Errorf("reading appointments at %s: %w", code, err)
	}
	review := ""
	if ch.Kind == area.ChangeSplit {
		review = "split: " + code
	}
	for _, a := range list {
		if successor == code { // split, and the first part keeps the code
			if _, err := tx.Exec(`UPDATE staff_appointment SET review = $1 WHERE id = $2`, review, a.ID); err != nil {
				return fmt.Errorf("marking an appointment: %w", err)
			}
			c.account(a.Account)
			continue
		}
		to := a.To
		if _, err := s.endAppointment(tx, System(), c, a, tx.Now, ch.Kind+": "+code); err != nil {
			return err
		}
		next := Appointment{Account: a.Account, Post: MakePost(a.Post.Role(), successor), From: a.From, To: to, Deputy: a.Deputy, Continues: a.ID, Review: review}
		if next.From.Before(tx.Now) {
			next.From = tx.Now
		}
		if successor == "" || !s.canBeAt(a.Post.Role(), code, successor) || heldAt(c.before, next) {
			continue
		}
		if err := s.insertAppointment(tx, System(), c, next); err != nil {
			return err
		}
	}
	return nil
}

// canBeAt tells whether the role fits the successor. One made by this very change is not in the tree yet; it has
// the level of the area it came from.
func (s *Service) canBeAt(role, code, successor string) bool {
	r, ok := s.roles.byKey[role]
	if !ok {
		return false
	}
	a, ok := s.tree().Area(successor)
	if !ok {
		a, ok = s.tree().Area(code)
	}
	return ok && r.AtLevel(a.Level)
}

// heldAt tells whether the account holds the post in that time already.
func heldAt(reg *registry, next Appointment) bool {
	for _, a := range reg.byAccount[next.Account] {
		if a.Post == next.Post && overlap(*a, next) {
			return true
		}
	}
	return false
}

// Reviews lists the appointments at or below the path that somebody should look at, with the reason. Permission:
// staff.read there; what lies elsewhere is left out.
func (s *Service) Reviews(actor *Actor, path string) []Appointment {
	reg, tree := s.reg.Load(), s.tree()
	var out []Appointment
	for _, list := range reg.byPost {
		for _, a := range list {
			at := tree.Path(a.Post.Place())
			if a.Review != "" && area.Within(at, path) && actor.May(StaffRead, at) {
				out = append(out, *a)
			}
		}
	}
	sortAppointments(out)
	return out
}

// Reviewed takes the mark off. Permission: staff.write at the place.
func (s *Service) Reviewed(ctx context.Context, actor *Actor, appointment string) error {
	return s.change(ctx, func(tx *database.Tx, c *change) error {
		a, found, err := appointmentByID(tx, appointment)
		if err != nil {
			return err
		}
		if !found || !actor.May(StaffWrite, s.pathOf(a.Post)) {
			return forbidden("您不能维护这个岗位", "You may not manage this post")
		}
		if _, err := tx.Exec(`UPDATE staff_appointment SET review = '' WHERE id = $1`, appointment); err != nil {
			return fmt.Errorf("marking an appointment: %w", err)
		}
		c.account(a.Account)
		return record(tx, actor, audit.Entry{What: "staff.reviewed", Object: a.Account, Path: s.pathOf(a.Post), Detail: a.Review})
	})
}
