package area

import (
	"context"
	"strings"

	"linli/internal/platform/fault"
)

// CreateArea asks for a new area. Path, Closed, Successors and Version of Area are not looked at.
type CreateArea struct {
	Area   Area
	Reason string
}

// Create adds an area under an open parent. A county or township without a parent becomes a root.
//
// Permission area.write at the parent, at "/" for a root. Errors: Invalid naming the fields (code form,
// code prefix, level order, name …), Conflict "code-taken", NotFound for the parent.
func (s *Service) Create(ctx context.Context, actor Actor, cmd CreateArea) (Area, error) {
	a := clean(cmd.Area)
	err := s.change(ctx, actor, cmd.Reason, func(d *draft) error {
		if err := d.create(a); err != nil {
			return err
		}
		d.tell(Change{Kind: ChangeCreate, To: []string{a.Code}})
		return nil
	})
	if err != nil {
		return Area{}, err
	}
	return s.now(a.Code), nil
}

// clean trims what people type and fills what follows from the rest.
func clean(a Area) Area {
	a.Code, a.Name, a.Parent = strings.TrimSpace(a.Code), strings.TrimSpace(a.Name), strings.TrimSpace(a.Parent)
	a.Path, a.Closed, a.Successors, a.Version = "", false, nil, 0
	a.Kind = kindOf(a)
	return a
}

func (d *draft) create(a Area) error {
	parent, err := d.parent(a.Parent)
	if err != nil {
		return err
	}
	problems := checkArea(a)
	if p := checkUnder(a, parent, true); p != nil {
		problems = append(problems, *p)
	}
	if err := refuse(problems...); err != nil {
		return err
	}
	if old, taken := d.area(a.Code); taken {
		return taken409(a.Code, old.Name)
	}
	if old, taken := d.org(a.Code); taken {
		return taken409(a.Code, old.Name)
	}
	d.put(ChangeCreate, a)
	return nil
}

func taken409(code, name string) error {
	return fault.Newf(fault.Conflict, "code-taken", "编码 %[1]s 已被“%[2]s”使用", "The code %[1]s belongs to %[2]q already", code, name).
		At("code", "code-taken", "编码已被使用", "The code is taken")
}

// now reads the area as the last commit left it.
func (s *Service) now(code string) Area {
	a, _ := s.Tree().Area(code)
	return a
}

// RenameArea asks for a new name.
type RenameArea struct {
	Code    string
	Name    string
	Alias   bool  // keep the old name as an alias, so that addresses still find it
	Version int64 // as the asker saw it; 0: whatever it is now
	Reason  string
}

// Rename gives an area another name. Permission area.write. Errors: Invalid, NotFound, Conflict
// "stale-version" or "area-closed".
func (s *Service) Rename(ctx context.Context, actor Actor, cmd RenameArea) (Area, error) {
	err := s.change(ctx, actor, cmd.Reason, func(d *draft) error {
		a, err := d.open("code", cmd.Code, cmd.Version)
		if err != nil {
			return err
		}
		name := strings.TrimSpace(cmd.Name)
		if p := checkName("name", name); p != nil {
			return refuse(*p)
		}
		if name == a.Name {
			return nil
		}
		d.rename(a, name, cmd.Alias)
		return nil
	})
	if err != nil {
		return Area{}, err
	}
	return s.now(cmd.Code), nil
}

func (d *draft) rename(a Area, name string, alias bool) {
	if alias && !contains(a.Aliases, a.Name) {
		a.Aliases = append(append([]string(nil), a.Aliases...), a.Name)
	}
	a.Name = name
	d.put(ChangeRename, a)
	d.tell(Change{Kind: ChangeRename, From: []string{a.Code}, To: []string{a.Code}, OldPath: a.Path})
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// UpdateArea asks for other properties; nil leaves one as it is.
type UpdateArea struct {
	Code       string
	Kind       *string
	Aliases    *[]string
	Center     *Point
	Calendar   *string
	Population *int
	Version    int64
	Reason     string
}

// Update changes aliases, kind, centre, calendar or population. Permission area.write. Errors as Rename.
func (s *Service) Update(ctx context.Context, actor Actor, cmd UpdateArea) (Area, error) {
	err := s.change(ctx, actor, cmd.Reason, func(d *draft) error {
		a, err := d.open("code", cmd.Code, cmd.Version)
		if err != nil {
			return err
		}
		now := a
		if cmd.Kind != nil {
			now.Kind = *cmd.Kind
			now.Kind = kindOf(now)
		}
		if cmd.Aliases != nil {
			now.Aliases = *cmd.Aliases
		}
		if cmd.Center != nil {
			now.Center = cmd.Center
		}
		if cmd.Calendar != nil {
			now.Calendar = *cmd.Calendar
		}
		if cmd.Population != nil {
			now.Population = *cmd.Population
		}
		if err := d.check(now); err != nil {
			return err
		}
		if same(a, now) {
			return nil
		}
		d.put(ChangeUpdate, now)
		d.tell(Change{Kind: ChangeUpdate, From: []string{a.Code}, To: []string{a.Code}, OldPath: a.Path})
		return nil
	})
	if err != nil {
		return Area{}, err
	}
	return s.now(cmd.Code), nil
}

// check looks at an existing area in its new form, the place it hangs at included.
func (d *draft) check(a Area) error {
	problems := checkArea(a)
	var parent *Area
	if a.Parent != "" {
		p, _ := d.area(a.Parent)
		parent = &p
	}
	if p := checkUnder(a, parent, false); p != nil {
		problems = append(problems, *p)
	}
	return refuse(problems...)
}

// same tells whether two forms of an area say the same.
func same(a, b Area) bool {
	if a.Name != b.Name || a.Kind != b.Kind || a.Parent != b.Parent || a.Calendar != b.Calendar || a.Population != b.Population || len(a.Aliases) != len(b.Aliases) {
		return false
	}
	for i := range a.Aliases {
		if a.Aliases[i] != b.Aliases[i] {
			return false
		}
	}
	if a.Center == nil || b.Center == nil {
		return a.Center == b.Center
	}
	return *a.Center == *b.Center
}

// CloseArea asks for the end of an area that has no successor.
type CloseArea struct {
	Code    string
	Version int64
	Reason  string
}

// Close ends an area below which nothing is open. It stays readable, for history hangs on it.
//
// Permission area.write. Errors: Conflict "has-open-children" or "has-open-organisations" listing them,
// "stale-version", "area-closed"; NotFound.
func (s *Service) Close(ctx context.Context, actor Actor, cmd CloseArea) error {
	return s.change(ctx, actor, cmd.Reason, func(d *draft) error {
		a, err := d.open("code", cmd.Code, cmd.Version)
		if err != nil {
			return err
		}
		var open []string
		for _, c := range d.children(a.Code) {
			if !c.Closed {
				open = append(open, c.Code)
			}
		}
		if len(open) > 0 {
			return fault.Newf(fault.Conflict, "has-open-children", "%[1]s 之下还有 %[2]d 个未撤销的区域,请先迁移或撤销", "%[1]s still has %[2]d open areas below; move or close them first", a.Name, len(open)).With(open)
		}
		for _, o := range d.base.tree.Orgs(a.Code) {
			if !o.Closed {
				open = append(open, o.Code)
			}
		}
		if len(open) > 0 {
			return fault.Newf(fault.Conflict, "has-open-organisations", "%[1]s 还有 %[2]d 个未撤销的组织,请先调整", "%[1]s still has %[2]d open organisations; attach them elsewhere or close them first", a.Name, len(open)).With(open)
		}
		a.Closed = true
		d.put(ChangeClose, a)
		d.tell(Change{Kind: ChangeClose, From: []string{a.Code}, OldPath: a.Path})
		return nil
	})
}
