package casework

import (
	"context"
	"slices"

	"linli/internal/flow"
	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// Reveal shows the reporter's name and phone for a stated purpose; that it was done, by whom and why is
// kept in the access log. It needs case.reveal over the case, or the case in hand, see mayReveal.
//
// Errors: Invalid without a purpose; Forbidden; NotFound for an anonymous reporter.
func (s *Service) Reveal(ctx context.Context, actor *staff.Actor, ref, purpose string) (Reporter, error) {
	wrong := fault.New(fault.Invalid, "purpose-needed", "请写明查看目的", "State the purpose")
	clean(wrong, "purpose", &purpose, 500, true)
	if len(wrong.Fields) > 0 {
		return Reporter{}, wrong
	}
	var out Reporter
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		c, err := s.seen(tx, actor, ref)
		if err != nil {
			return err
		}
		if !s.mayReveal(actor, c) {
			return fault.New(fault.Forbidden, "not-permitted", "您的岗位不能查看报事人信息", "Your post may not see who reported")
		}
		if c.Anonymous {
			return fault.New(fault.NotFound, "anonymous", "这是匿名上报,没有保存报事人信息", "The report is anonymous; nothing about the reporter was kept")
		}
		name, phone, err := s.unseal(c)
		if err != nil {
			return err
		}
		out = Reporter{Name: name, Phone: phone, Kind: lang.T("实名", "Named")}
		return audit.Record(tx, audit.Entry{Actor: actor.ID(), Name: actor.Name(), What: "case.reveal", Object: "case:" + c.ID, Path: c.Path, Purpose: purpose, Address: actor.Address()})
	})
	return out, err
}

// mayReveal: posts with case.reveal over the case or at the unit that answers for it, and whoever has it in hand while they have it.
func (s *Service) mayReveal(actor *staff.Actor, c *Case) bool {
	if actor.System() {
		return false // a program has no purpose of its own
	}
	if actor.May("case.reveal", c.Path) {
		return true
	}
	t := c.owner()
	return t != nil && actor.MayOrg("case.reveal", t.Post.Place()) || s.inHand(actor, c)
}

// inHand: who works on a matter may call whoever reported it, from taking it until passing it on. Who only decides about it, on a
// hand-back or an extension, needs not; who reported a confidential one only named posts may know; and a token is a program.
func (s *Service) inHand(actor *staff.Actor, c *Case) bool {
	if c.Confidential || actor.ByToken() {
		return false
	}
	return slices.ContainsFunc(c.Tasks, func(t Task) bool {
		works := t.State == flow.Taken && t.Kind != flow.KindRuling && t.Kind != flow.KindApproval
		return works && actor.Holds(t.Holder) && s.mayCall(t.Holder)
	})
}

// mayCall: work reaches every post, by covering for others if not otherwise. Who keeps the program running still reveals nobody,
// nor does who checks the revealing.
func (s *Service) mayCall(post staff.Post) bool {
	role, ok := s.staff.RoleTable().Get(post.Role())
	return ok && !slices.Contains(role.May, staff.SystemAdmin) && !slices.Contains(role.May, staff.CaseAudit)
}
