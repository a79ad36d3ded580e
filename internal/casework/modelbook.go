package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// Kinds of a change of which version counts.
const (
	ChangeActivate = "activate"
	ChangeWithdraw = "withdraw"
)

// ModelChange is one decision of an administrator about which version of a model counts. It is never changed.
type ModelChange struct {
	Name    string    `json:"-"`
	No      int64     `json:"no" doc:"number of the change, from 1 for each model"`
	Kind    string    `json:"kind" enum:"activate,withdraw"`
	Model   string    `json:"model" doc:"name@version"`
	Since   time.Time `json:"since" doc:"an activation: from when new cases begin with it; a withdrawal: when it was taken back"`
	About   int64     `json:"about,omitempty" doc:"a withdrawal: the activation taken back"`
	At      time.Time `json:"at" doc:"when it was decided"`
	Account string    `json:"account" doc:"who decided it"`
	By      string    `json:"by" doc:"the name as it was then"`
	Reason  string    `json:"reason"`
}

// States of an activation.
const (
	ActivationPlanned   = "planned"
	ActivationActive    = "active"
	ActivationOver      = "over" // a later one came in its place
	ActivationWithdrawn = "withdrawn"
)

// Activation is a version put into use for new cases, with what became of it.
type Activation struct {
	ModelChange
	State     string       `json:"state" enum:"planned,active,over,withdrawn"`
	Until     *time.Time   `json:"until,omitempty" doc:"new cases began with it until then; left out while that is open, or when it never came into force"`
	Then      string       `json:"then,omitempty" doc:"planned or active: the version that would count in its place if it were withdrawn now; empty when there is none"`
	Withdrawn *ModelChange `json:"withdrawn,omitempty" doc:"who took it back, when and why"`
}

// modelBook is every version of every model, and which of them counts when. It is never changed, only replaced.
type modelBook struct {
	library *flow.Library            // every version there is, those of old cases too
	files   *flow.Library            // those of the folder: they count where nothing is activated
	changes map[string][]ModelChange // by model, in the order of their numbers
}

// version gives the version of a model that new cases begin with at a moment. It is an activation's (no > 0) or that of
// the files.
func (b *modelBook) version(name string, at time.Time) (id string, no int64) {
	return b.versionAfter(name, at, b.changes[name])
}

func (b *modelBook) versionAfter(name string, at time.Time, changes []ModelChange) (id string, no int64) {
	var best *ModelChange
	for i := range changes {
		c := &changes[i]
		if c.Kind != ChangeActivate || c.Since.After(at) || withdrawnBy(changes, c.No, at) {
			continue
		}
		if best == nil || cmp.Or(c.Since.Compare(best.Since), cmp.Compare(c.No, best.No)) > 0 {
			best = c
		}
	}
	if best != nil {
		return best.Model, best.No
	}
	if d, ok := b.files.Get(name); ok {
		return d.ID(), 0
	}
	return "", 0
}

// withdrawnBy tells whether an activation had been taken back by a moment.
func withdrawnBy(changes []ModelChange, no int64, at time.Time) bool {
	w, ok := withdrawal(changes, no)
	return ok && !w.At.After(at)
}

func withdrawal(changes []ModelChange, no int64) (ModelChange, bool) {
	i := slices.IndexFunc(changes, func(c ModelChange) bool { return c.Kind == ChangeWithdraw && c.About == no })
	if i < 0 {
		return ModelChange{}, false
	}
	return changes[i], true
}

// inForce is the definition that new cases begin with at a moment.
func (b *modelBook) inForce(name string, at time.Time) (*flow.Definition, bool) {
	id, _ := b.version(name, at)
	return b.library.Lookup(id)
}

// period is a stretch of time in which a version counts; no is the activation it goes back to, 0 for the files.
type period struct {
	id       string
	no       int64
	from, to time.Time // zero: from the beginning; open
}

func (p period) holds(at time.Time) bool {
	return !p.from.After(at) && (p.to.IsZero() || p.to.After(at))
}

// periods cuts time by what counts, from the beginning on.
func (b *modelBook) periods(name string) []period {
	moments := []time.Time{{}}
	for _, c := range b.changes[name] {
		moments = append(moments, c.Since)
	}
	slices.SortFunc(moments, time.Time.Compare)
	var out []period
	for _, at := range slices.CompactFunc(moments, time.Time.Equal) {
		id, no := b.version(name, at)
		if n := len(out); n > 0 && out[n-1].id == id && out[n-1].no == no {
			continue
		} else if n > 0 {
			out[n-1].to = at
		}
		out = append(out, period{id: id, no: no, from: at})
	}
	return out
}

// together joins neighbours of the same version.
func together(list []period) []period {
	var out []period
	for _, p := range list {
		if n := len(out); n > 0 && out[n-1].id == p.id {
			out[n-1].to = p.to
			continue
		}
		out = append(out, p)
	}
	return out
}

// activations are all there were of a model, the latest decided first.
func (b *modelBook) activations(name string, now time.Time) []Activation {
	changes := b.changes[name]
	until := map[int64]time.Time{}
	for _, p := range b.periods(name) {
		until[p.no] = p.to // of the last time, when it counted twice
	}
	_, active := b.version(name, now)
	var out []Activation
	for i := len(changes) - 1; i >= 0; i-- {
		c := changes[i]
		if c.Kind != ChangeActivate {
			continue
		}
		a := Activation{ModelChange: c, State: ActivationOver}
		if w, ok := withdrawal(changes, c.No); ok {
			a.State, a.Withdrawn = ActivationWithdrawn, &w
		} else if c.Since.After(now) {
			a.State = ActivationPlanned
		} else if c.No == active {
			a.State = ActivationActive
		}
		if end := until[c.No]; !end.IsZero() {
			a.Until = &end
		}
		if a.State == ActivationPlanned || a.State == ActivationActive {
			gone := append(slices.Clone(changes), ModelChange{Kind: ChangeWithdraw, About: c.No, At: now})
			a.Then, _ = b.versionAfter(name, later(now, c.Since), gone)
		}
		out = append(out, a)
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Models gives every version of every governance model there is: those of the files and those that were put into use
// or that a case began with.
func (s *Service) Models() *flow.Library { return s.book.Load().library }

// InForce gives the version of a model that new cases begin with at a moment.
func (s *Service) InForce(name string, at time.Time) (*flow.Definition, bool) {
	return s.book.Load().inForce(name, at)
}

// AllInForce gives the versions that new cases begin with at a moment, by the name of the model.
func (s *Service) AllInForce(at time.Time) []*flow.Definition {
	b := s.book.Load()
	var out []*flow.Definition
	name := ""
	for _, d := range b.library.All() {
		if d.Name == name {
			continue
		}
		name = d.Name
		if now, ok := b.inForce(name, at); ok {
			out = append(out, now)
		}
	}
	return out
}

// ModelTimes tells since when a version counts for new cases and until when, as far as it is decided: the time it is in
// now, else the next, else the last. Zero since: from the beginning, or never; zero until: open. counts tells whether new
// cases begin with it at the moment.
func (s *Service) ModelTimes(d *flow.Definition, now time.Time) (since, until time.Time, counts bool) {
	var found *period
	for _, p := range together(s.book.Load().periods(d.Name)) {
		if p.id != d.ID() {
			continue
		}
		if found != nil && found.from.After(now) {
			break // the next is nearer than one after it
		}
		found = &p
		if p.holds(now) {
			break
		}
	}
	if found == nil {
		return since, until, false
	}
	return found.from, found.to, found.holds(now)
}

// Activations are the versions of a model that were put into use by decision, the latest decided first, and the revision
// that a further change is based on. Errors: NotFound "no-model".
func (s *Service) Activations(name string) (list []Activation, revision int64, err error) {
	b := s.book.Load()
	if _, ok := b.library.Get(name); !ok {
		return nil, 0, errNoModel(name)
	}
	return b.activations(name, s.db.Now()), int64(len(b.changes[name])), nil
}

// ModelRevision counts the decisions about a model; 0 for one that nobody has decided about.
func (s *Service) ModelRevision(name string) int64 { return int64(len(s.book.Load().changes[name])) }

const modelChangeColumns = `name, no, kind, model, since, about, at, account, person, reason`

func scanModelChange(sc database.Scanner) (c ModelChange, err error) {
	var since, at int64
	err = sc.Scan(&c.Name, &c.No, &c.Kind, &c.Model, &since, &c.About, &at, &c.Account, &c.By, &c.Reason)
	c.Since, c.At = database.Time(since), database.Time(at)
	return c, err
}

// modelsKnown is how much of what is stored is in memory. Both tables only grow.
type modelsKnown struct{ texts, changes int64 }

// LoadModels takes in the stored versions of models and which of them count. It runs at the start and every few seconds
// after, since another node may have activated one; with nothing new it only looks.
//
// Errors: Unavailable "model-broken" when a version that counts, or is to, cannot be read by this program: cases must
// not silently begin with another.
func (s *Service) LoadModels(ctx context.Context) error {
	s.turning.Lock()
	defer s.turning.Unlock()
	type stored struct{ id, text string }
	var known modelsKnown
	var texts []stored
	var changes []ModelChange
	err := s.db.Read(ctx, func(tx *database.Tx) (err error) {
		if err := tx.Row(`SELECT (SELECT COUNT(*) FROM model), (SELECT COUNT(*) FROM model_change)`).Scan(&known.texts, &known.changes); err != nil || known == s.known {
			return err
		}
		if changes, err = database.All(tx, scanModelChange, `SELECT `+modelChangeColumns+` FROM model_change ORDER BY name, no`); err != nil {
			return err
		}
		texts, err = database.All(tx, func(sc database.Scanner) (m stored, err error) {
			err = sc.Scan(&m.id, &m.text)
			return m, err
		}, `SELECT id, text FROM model ORDER BY id`)
		return err
	})
	if err != nil {
		return fmt.Errorf("stored models: %w", err)
	}
	old := s.book.Load()
	if known == s.known {
		return nil
	}
	next := &modelBook{files: old.files, changes: map[string][]ModelChange{}}
	for _, c := range changes {
		next.changes[c.Name] = append(next.changes[c.Name], c)
	}
	var more []*flow.Definition
	for _, m := range texts {
		if _, ok := old.library.Lookup(m.id); ok {
			continue
		}
		d, err := s.compileStored(m.id, m.text)
		switch {
		case err == nil:
			more = append(more, d)
		case next.wanted(m.id):
			return fault.Newf(fault.Unavailable, "model-broken", "启用的办理模型 %[1]s 这个程序读不了,请先修好岗位文件 roles.yaml,或换用读得了它的程序",
				"This program cannot read the governance model %[1]s, which is in use; mend roles.yaml first, or use a program that can", m.id).Because(err)
		default:
			s.log.Warn("a stored governance model cannot be read; only cases that began with it are concerned", "model", m.id, "error", err)
		}
	}
	if next.library, err = old.library.With(more...); err != nil {
		return fmt.Errorf("stored models: %w", err)
	}
	s.book.Store(next)
	s.known = known
	return nil
}

// wanted tells whether a version is activated and not taken back.
func (b *modelBook) wanted(id string) bool {
	for _, changes := range b.changes {
		for _, c := range changes {
			if _, gone := withdrawal(changes, c.No); c.Kind == ChangeActivate && c.Model == id && !gone {
				return true
			}
		}
	}
	return false
}

func (s *Service) compileStored(id, text string) (*flow.Definition, error) {
	src, err := flow.Parse(id, []byte(text))
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", id, err)
	}
	d, err := flow.Compile(src, s.roleTitles())
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", id, err)
	}
	return d, nil
}

func errNoModel(name string) error {
	return fault.Newf(fault.NotFound, "no-model", "没有“%[1]s”这个模型", "There is no model %[1]q", name)
}
