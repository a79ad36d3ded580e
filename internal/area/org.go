package area

import (
	"context"
	"strings"

	"linli/internal/platform/fault"
)

// CreateOrg asks for a new organisation. Path, Closed and Version of Org are not looked at.
type CreateOrg struct {
	Org    Org
	Reason string
}

// CreateOrg attaches an organisation to an area. Permission area.write at the area. Errors: Invalid
// naming the fields, Conflict "code-taken", NotFound for the area.
func (s *Service) CreateOrg(ctx context.Context, actor Actor, cmd CreateOrg) (Org, error) {
	o := cleanOrg(cmd.Org)
	err := s.change(ctx, actor, cmd.Reason, func(d *draft) error {
		if _, err := d.open("area", o.Area, 0); err != nil {
			return err
		}
		if err := refuse(d.checkOrg(o)...); err != nil {
			return err
		}
		if old, taken := d.org(o.Code); taken {
			return taken409(o.Code, old.Name)
		}
		if old, taken := d.area(o.Code); taken {
			return taken409(o.Code, old.Name)
		}
		d.putOrg(ChangeCreateOrg, o)
		d.tell(Change{Kind: ChangeCreateOrg, To: []string{o.Code}})
		return nil
	})
	if err != nil {
		return Org{}, err
	}
	o, _ = s.Tree().Org(o.Code)
	return o, nil
}

func cleanOrg(o Org) Org {
	o.Code, o.Name, o.Area, o.Parent = strings.TrimSpace(o.Code), strings.TrimSpace(o.Name), strings.TrimSpace(o.Area), strings.TrimSpace(o.Parent)
	o.Kind, o.Function, o.Calendar = strings.TrimSpace(o.Kind), strings.TrimSpace(o.Function), strings.TrimSpace(o.Calendar)
	o.Path, o.Closed, o.Version = "", false, 0
	if o.Kind == "" {
		o.Kind = "department"
	}
	return o
}

// checkOrg gathers what is wrong with an organisation in its new form.
func (d *draft) checkOrg(o Org) []problem {
	var out []problem
	add := func(p *problem) {
		if p != nil {
			out = append(out, *p)
		}
	}
	add(checkWritten(o.Code))
	add(checkName("name", o.Name))
	for field, word := range map[string]string{"kind": o.Kind, "function": o.Function} {
		if len(word) > longestCode {
			add(wrong(field, field+"-too-long", "“%[1]s…”太长,最多 %[2]d 个字符", "%[1]q… is too long; at most %[2]d characters", word[:16], longestCode))
		}
	}
	if a, ok := d.area(o.Area); !ok {
		add(wrong("area", "area-unknown", "没有编码为 %[1]s 的区域", "There is no area with the code %[1]s", o.Area))
	} else if a.Closed && !o.Closed {
		add(wrong("area", "area-closed", "区域 %[1]s 已撤销", "The area %[1]s is closed", o.Area))
	}
	for above, seen := o.Parent, map[string]bool{o.Code: true}; above != ""; {
		p, ok := d.org(above)
		if !ok {
			add(wrong("parent", "parent-unknown", "没有编码为 %[1]s 的上级组织", "There is no organisation above with the code %[1]s", above))
			break
		}
		if seen[above] {
			add(wrong("parent", "cycle", "上级组织成环:%[1]s", "The organisations above form a cycle at %[1]s", above))
			break
		}
		seen[above] = true
		above = p.Parent
	}
	return out
}

// openOrg gives an organisation that may be changed by the actor.
func (d *draft) openOrg(code string, version int64) (Org, error) {
	o, ok := d.org(code)
	if !ok || !d.actor.May(PermissionRead, o.Path) && !d.actor.May(PermissionWrite, o.Path) {
		return o, fault.Newf(fault.NotFound, "org-unknown", "没有编码为 %[1]s 的组织", "There is no organisation with the code %[1]s", code)
	}
	if err := d.may(o.Path); err != nil {
		return o, err
	}
	if o.Closed {
		return o, fault.Newf(fault.Conflict, "org-closed", "%[1]s 已撤销,不能再改", "%[1]s is closed and cannot be changed", o.Name)
	}
	if version != 0 && version != o.Version {
		return o, fault.Newf(fault.Conflict, "stale-version", "%[1]s 在您打开之后已被修改,请按最新内容再试", "%[1]s was changed after you opened it; look at it again", o.Name).With(o)
	}
	return o, nil
}

// UpdateOrg asks for other properties; nil leaves one as it is.
type UpdateOrg struct {
	Code     string
	Name     *string
	Kind     *string
	Function *string
	Area     *string
	Parent   *string
	Calendar *string
	Version  int64
	Reason   string
}

// UpdateOrg changes an organisation, the area it is attached to included. Permission area.write at the
// old and the new area. Errors: Invalid, Conflict, NotFound.
func (s *Service) UpdateOrg(ctx context.Context, actor Actor, cmd UpdateOrg) (Org, error) {
	err := s.change(ctx, actor, cmd.Reason, func(d *draft) error {
		old, err := d.openOrg(cmd.Code, cmd.Version)
		if err != nil {
			return err
		}
		now := old
		for _, f := range []struct{ to, from *string }{{&now.Name, cmd.Name}, {&now.Kind, cmd.Kind}, {&now.Function, cmd.Function},
			{&now.Area, cmd.Area}, {&now.Parent, cmd.Parent}, {&now.Calendar, cmd.Calendar}} {
			if f.from != nil {
				*f.to = strings.TrimSpace(*f.from)
			}
		}
		if now == old {
			return nil
		}
		if now.Area != old.Area {
			if _, err := d.open("area", now.Area, 0); err != nil {
				return err
			}
		}
		if err := refuse(d.checkOrg(now)...); err != nil {
			return err
		}
		d.putOrg(ChangeUpdateOrg, now)
		d.tell(Change{Kind: ChangeUpdateOrg, From: []string{now.Code}, To: []string{now.Code}, OldPath: old.Path})
		return nil
	})
	if err != nil {
		return Org{}, err
	}
	o, _ := s.Tree().Org(cmd.Code)
	return o, nil
}

// CloseOrg asks for the end of an organisation.
type CloseOrg struct {
	Code    string
	Version int64
	Reason  string
}

// CloseOrg ends an organisation that has no open one below it. Permission area.write at its area.
// Errors: Conflict "has-open-organisations", "org-closed", "stale-version"; NotFound.
func (s *Service) CloseOrg(ctx context.Context, actor Actor, cmd CloseOrg) error {
	return s.change(ctx, actor, cmd.Reason, func(d *draft) error {
		o, err := d.openOrg(cmd.Code, cmd.Version)
		if err != nil {
			return err
		}
		var open []string
		for _, below := range d.base.tree.AllOrgs() {
			if below.Parent == o.Code && !below.Closed {
				open = append(open, below.Code)
			}
		}
		if len(open) > 0 {
			return fault.Newf(fault.Conflict, "has-open-organisations", "%[1]s 还有 %[2]d 个下级组织未撤销", "%[1]s still has %[2]d open organisations below", o.Name, len(open)).With(open)
		}
		o.Closed = true
		d.putOrg(ChangeCloseOrg, o)
		d.tell(Change{Kind: ChangeCloseOrg, From: []string{o.Code}, OldPath: o.Path})
		return nil
	})
}
