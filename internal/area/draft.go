package area

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// draft is the tree under change inside one transaction: use cases put what they change, finish checks
// the whole, rewrites paths, stores, tells listeners.
type draft struct {
	tx     *database.Tx
	base   *state
	actor  Actor
	reason string

	areas    map[string]Area
	orgs     map[string]Org
	outlines map[string]*Outline // nil: taken away
	places   map[string]*NamedPlace
	changes  []Change
	notes    []note
}

// note is one line of the history.
type note struct {
	kind, code    string
	before, after any
}

// change runs a use case under the lock on the revision row, and shows the new state after the commit.
func (s *Service) change(ctx context.Context, actor Actor, reason string, use func(d *draft) error) error {
	return s.db.Write(ctx, func(tx *database.Tx) error {
		rev, err := readRevision(tx, tx.Lock())
		if err != nil {
			return fmt.Errorf("locking the area revision: %w", err)
		}
		base := s.state.Load()
		if base.rev != rev {
			if base, err = readState(tx, rev, base); err != nil {
				return err
			}
		}
		d := &draft{tx: tx, base: base, actor: actor, reason: reason, areas: map[string]Area{}, orgs: map[string]Org{},
			outlines: map[string]*Outline{}, places: map[string]*NamedPlace{}}
		if err := use(d); err != nil {
			return err
		}
		next, err := d.finish()
		if err != nil || next == nil {
			return err
		}
		s.mu.RLock()
		listeners := s.listeners
		s.mu.RUnlock()
		for _, c := range d.changes {
			for _, listen := range listeners {
				if err := listen(tx, c); err != nil {
					return fmt.Errorf("following the %s of area %v: %w", c.Kind, c.From, err)
				}
			}
		}
		tx.AfterCommit(func() { s.replace(next) })
		return nil
	})
}

func (d *draft) area(code string) (Area, bool) {
	if a, ok := d.areas[code]; ok {
		return a, true
	}
	return d.base.tree.Area(code)
}

func (d *draft) org(code string) (Org, bool) {
	if o, ok := d.orgs[code]; ok {
		return o, true
	}
	return d.base.tree.Org(code)
}

// open gives an area that may be changed by the actor, seen at the version the asker knows (0: any).
func (d *draft) open(field, code string, version int64) (Area, error) {
	a, ok := d.area(code)
	if !ok || !d.actor.May(PermissionRead, a.Path) && !d.actor.May(PermissionWrite, a.Path) {
		return a, fault.Newf(fault.NotFound, "area-unknown", "没有编码为 %[1]s 的区域", "There is no area with the code %[1]s", code).
			At(field, "area-unknown", "没有这个区域", "There is no such area")
	}
	if err := d.may(a.Path); err != nil {
		return a, err
	}
	if a.Closed {
		return a, fault.Newf(fault.Conflict, "area-closed", "%[1]s(%[2]s)已撤销,不能再改", "%[1]s (%[2]s) is closed and cannot be changed", a.Name, a.Code)
	}
	if version != 0 && version != a.Version {
		return a, fault.Newf(fault.Conflict, "stale-version", "%[1]s 在您打开之后已被修改,请按最新内容再试", "%[1]s was changed after you opened it; look at it again", a.Name).With(a)
	}
	return a, nil
}

func (d *draft) may(path string) error {
	if d.actor.May(PermissionWrite, path) {
		return nil
	}
	return fault.New(fault.Forbidden, "forbidden", "您没有在此范围维护区域的权限", "You may not maintain areas here")
}

// parent gives the area another one is to hang under; nil for a root, which needs the right at "/".
func (d *draft) parent(code string) (*Area, error) {
	if code == "" {
		return nil, d.may("/")
	}
	p, err := d.open("parent", code, 0)
	return &p, err
}

// put records the new form of an area with its line in the history.
func (d *draft) put(kind string, a Area) {
	before, existed := d.area(a.Code)
	d.areas[a.Code] = a
	if existed {
		d.notes = append(d.notes, note{kind, a.Code, before, a})
	} else {
		d.notes = append(d.notes, note{kind, a.Code, nil, a})
	}
}

func (d *draft) putOrg(kind string, o Org) {
	before, existed := d.org(o.Code)
	d.orgs[o.Code] = o
	if existed {
		d.notes = append(d.notes, note{kind, o.Code, before, o})
	} else {
		d.notes = append(d.notes, note{kind, o.Code, nil, o})
	}
}

func (d *draft) tell(c Change) {
	c.At, c.Actor, c.Reason = d.tx.Now, d.actor.ID(), d.reason
	d.changes = append(d.changes, c)
}

// children lists the areas directly below as the draft has them.
func (d *draft) children(code string) []Area {
	var out []Area
	for _, c := range d.base.tree.Children(code) {
		if now, ok := d.area(c.Code); ok && now.Parent == code {
			out = append(out, now)
		}
	}
	for _, a := range d.areas {
		if old, existed := d.base.tree.Area(a.Code); a.Parent == code && (!existed || old.Parent != code) {
			out = append(out, a)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Code < out[j].Code })
	return out
}

// finish computes paths, stores everything and gives the state to show; nil when nothing changed.
func (d *draft) finish() (*state, error) {
	if len(d.notes) == 0 {
		return nil, nil
	}
	rev := d.base.rev
	rev.version++
	if len(d.outlines) > 0 {
		rev.boundaries = rev.version
	}
	if len(d.places) > 0 {
		rev.places = rev.version
	}
	all, written, err := d.arrange(rev.version)
	if err != nil {
		return nil, err
	}
	orgs := d.arrangeOrgs(rev.version)
	next := &state{rev: rev, tree: newTree(rev.version, all, orgs)}
	for i := range d.changes {
		c := &d.changes[i]
		if c.NewPath == "" && len(c.To) == 1 {
			c.NewPath = next.tree.Path(c.To[0])
		}
		for _, code := range c.To {
			c.ToPaths = append(c.ToPaths, next.tree.Path(code))
		}
	}
	if err := d.store(rev, next.tree, written); err != nil {
		return nil, err
	}
	next.follow(d.base, d.outlines, d.places)
	return next, nil
}

// arrange gives every area with its path, and the codes of those that differ from what is stored.
func (d *draft) arrange(version int64) (all []Area, written []string, err error) {
	paths := map[string]string{}
	var path func(code string, depth int) (string, error)
	path = func(code string, depth int) (string, error) {
		if p, ok := paths[code]; ok {
			return p, nil
		}
		a, ok := d.area(code)
		if !ok {
			return "", refuse(*wrong("parent", "parent-unknown", "没有编码为 %[1]s 的上级", "There is no parent with the code %[1]s", code))
		}
		if depth > len(Levels()) {
			return "", refuse(*wrong("parent", "cycle", "上级关系成环:%[1]s", "The parents form a cycle at %[1]s", code))
		}
		above := "/"
		if a.Parent != "" {
			if above, err = path(a.Parent, depth+1); err != nil {
				return "", err
			}
		}
		paths[code] = above + code + "/"
		return paths[code], nil
	}
	add := func(a Area) error {
		p, err := path(a.Code, 1)
		if err != nil {
			return err
		}
		_, touched := d.areas[a.Code]
		if touched || p != a.Path {
			a.Path, a.Version = p, version
			written = append(written, a.Code)
		}
		all = append(all, a)
		return nil
	}
	for _, a := range d.base.tree.Areas() {
		now, _ := d.area(a.Code)
		if err := add(now); err != nil {
			return nil, nil, err
		}
	}
	for code, a := range d.areas {
		if _, existed := d.base.tree.Area(code); !existed {
			if err := add(a); err != nil {
				return nil, nil, err
			}
		}
	}
	sort.Strings(written)
	return all, written, nil
}

func (d *draft) arrangeOrgs(version int64) []Org {
	var all []Org
	for _, o := range d.base.tree.AllOrgs() {
		if _, touched := d.orgs[o.Code]; !touched {
			all = append(all, o)
		}
	}
	for code, o := range d.orgs {
		o.Version = version
		d.orgs[code] = o
		all = append(all, o)
	}
	return all
}

// store writes rows, history and the revision.
func (d *draft) store(rev revision, tree *Tree, written []string) error {
	for _, code := range written {
		a, _ := tree.Area(code)
		if err := writeArea(d.tx, a); err != nil {
			return err
		}
	}
	for _, o := range d.orgs {
		if err := writeOrg(d.tx, o); err != nil {
			return err
		}
	}
	for code, o := range d.outlines {
		if err := writeOutline(d.tx, code, o, d.actor.ID()); err != nil {
			return err
		}
	}
	for code, p := range d.places {
		if err := writePlace(d.tx, code, p); err != nil {
			return err
		}
	}
	for i, n := range d.notes {
		if a, ok := n.after.(Area); ok { // with the path and version it really got
			if now, ok := tree.Area(a.Code); ok {
				a.Path, a.Version = now.Path, now.Version
				n.after = a
			}
		}
		before, err := json.Marshal(n.before)
		if err != nil {
			return fmt.Errorf("writing the history of %s: %w", n.code, err)
		}
		after, err := json.Marshal(n.after)
		if err != nil {
			return fmt.Errorf("writing the history of %s: %w", n.code, err)
		}
		if _, err := d.tx.Exec(`INSERT INTO area_history (version, seq, at, actor, kind, code, reason, before, after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			rev.version, i, database.Millis(d.tx.Now), d.actor.ID(), n.kind, n.code, d.reason, string(before), string(after)); err != nil {
			return fmt.Errorf("writing the history of %s: %w", n.code, err)
		}
	}
	_, err := d.tx.Exec(`UPDATE area_revision SET version = $1, boundaries = $2, places = $3 WHERE id = 1`, rev.version, rev.boundaries, rev.places)
	if err != nil {
		return fmt.Errorf("moving the area revision on: %w", err)
	}
	return nil
}
