package staff

import (
	"context"
	"slices"
	"time"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// change is one change of the registry under way, inside its transaction.
type change struct {
	before   *registry // as it is when the change begins
	posts    []Post    // whose living holders change
	accounts []string  // whose row or appointments change
	admins   []time.Time
}

func (c *change) touch(p Post) {
	if !slices.Contains(c.posts, p) {
		c.posts = append(c.posts, p)
	}
}

// account marks that the account or its appointments change, so that the registry reads them anew.
func (c *change) account(id string) {
	if n := len(c.accounts); n == 0 || c.accounts[n-1] != id {
		c.accounts = append(c.accounts, id)
	}
}

// guardAdmins asks that an administrator is there at the moment once the change is made. Where none was there
// before, nothing is lost.
func (c *change) guardAdmins(at time.Time) {
	if _, ok := c.before.admin(at); ok {
		c.admins = append(c.admins, at)
	}
}

// change runs fn as one change of the registry. Changes follow one another on any number of nodes: raise locks.
func (s *Service) change(ctx context.Context, fn func(*database.Tx, *change) error) error {
	return s.db.Write(ctx, func(tx *database.Tx) error { return s.changeIn(tx, fn) })
}

func (s *Service) changeIn(tx *database.Tx, fn func(*database.Tx, *change) error) error {
	version, err := raise(tx)
	if err != nil {
		return err
	}
	// what is shown is exact when nothing happened between it and this change
	before := s.reg.Load()
	if before.version != version-1 {
		if before, err = readRegistry(tx); err != nil {
			return err
		}
	}
	c := &change{before: before}
	if err := fn(tx, c); err != nil {
		return err
	}
	return s.settle(tx, c)
}

// record writes to the access log who did it.
func record(tx *database.Tx, actor *Actor, e audit.Entry) error {
	e.Actor, e.Name, e.Address = actor.ID(), actor.Name(), actor.Address()
	return audit.Record(tx, e)
}

// reaches tells whether the actor may change the account: staff.write at every post it holds or will hold, none of
// which grants what the actor has not got. So nobody takes over an account that may more than they do.
func (s *Service) reaches(reg *registry, actor *Actor, account string) error {
	if reg.accounts[account] == nil {
		if actor.Anywhere(StaffRead) {
			return noAccount()
		}
		return forbidden("您没有维护人员的权限", "You may not manage people")
	}
	if !actor.Anywhere(StaffWrite) {
		return forbidden("您没有维护人员的权限", "You may not manage people")
	}
	now := s.now()
	for _, a := range reg.byAccount[account] {
		if !a.To.IsZero() && !a.To.After(now) {
			continue
		}
		if err := s.mayAppoint(actor, a.Post); err != nil {
			return err
		}
	}
	return nil
}

// mayAtPost tells whether the actor has the permission where the post is.
func (s *Service) mayAtPost(actor *Actor, permission string, p Post) bool {
	return actor.May(permission, s.pathOf(p)) || actor.MayOrg(permission, p.Place())
}

// pathOf is the area path of a post's place; "/" for everywhere and for places no longer known, which only those
// reach who reach everything.
func (s *Service) pathOf(p Post) string {
	if path := s.tree().Path(p.Place()); path != "" {
		return path
	}
	return everywherePath
}

// mayAppoint tells whether the actor may fill or empty the post: staff.write at its place, and, unless an
// administrator, everything the role grants there.
func (s *Service) mayAppoint(actor *Actor, p Post) error {
	path := s.pathOf(p)
	if !actor.May(StaffWrite, path) && !actor.MayOrg(StaffWrite, p.Place()) {
		return fault.Newf(fault.Forbidden, "not-in-reach", "岗位 %[1]s 不在您的管理范围内", "The post %[1]s is not within your reach", p)
	}
	if actor.May(SystemAdmin, path) {
		return nil
	}
	return s.mayGive(actor, p)
}

// mayGive tells whether the actor has at the place everything the post grants.
func (s *Service) mayGive(actor *Actor, p Post) error {
	path := s.pathOf(p)
	role, ok := s.roles.byKey[p.Role()]
	if !ok {
		return nil // grants nothing
	}
	for _, permission := range role.May {
		if !actor.May(permission, path) && !actor.MayOrg(permission, p.Place()) {
			return fault.Newf(fault.Forbidden, "beyond-own", "岗位 %[1]s 带有您没有的权限(%[2]s),请由系统管理员任免", "The post %[1]s carries a permission you do not have (%[2]s); an administrator has to do this", p, permission)
		}
	}
	if role.Confidential && !actor.SeesConfidential(path) && !actor.SeesConfidentialOrg(p.Place()) {
		return fault.Newf(fault.Forbidden, "beyond-own", "岗位 %[1]s 可看保密事项,而您不能,请由系统管理员任免", "The post %[1]s opens confidential matters, which you may not; an administrator has to do this", p)
	}
	return nil
}
