package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// ActivateCommand puts a version of a model into use for new cases.
type ActivateCommand struct {
	Name   string    // of the model
	Base   int64     // revision of its activations that was seen, see Activations
	Text   string    // the file of a new version; or
	Model  string    // name@version of one that is stored already
	File   string    // name of the file, for problems
	Since  time.Time // from when; zero: at once
	Reason string
}

// WithdrawCommand takes an activation back: what counted before counts again.
type WithdrawCommand struct {
	Name   string
	Base   int64 // revision that was seen
	No     int64 // the activation
	Reason string
}

const (
	mostReason  = 500                    // characters
	sinceGrace  = time.Minute            // how long ago "now" may be when it arrives
	mostPlanned = 2 * 366 * 24 * 60 * 60 // seconds ahead: a later one is a slip of the pen
)

// CheckModel looks at a draft as Activate would: everything wrong with the file itself, with its version number and with
// the categories that name the model. d is nil when there are errors.
func (s *Service) CheckModel(name string, text []byte) (d *flow.Definition, problems []flow.Problem, err error) {
	src, err := flow.Parse(name, text)
	if err != nil {
		var list flow.Problems
		if errors.As(err, &list) {
			return nil, list, nil
		}
		return nil, nil, err
	}
	problems = flow.Lint(src, s.roleTitles())
	if len(flow.Problems(problems).Errors()) > 0 {
		return nil, problems, nil
	}
	if d, err = flow.Compile(src, s.roleTitles()); err != nil {
		return nil, nil, err
	}
	if old, ok := s.Models().Lookup(d.ID()); ok && old.Digest != d.Digest {
		problems = append(problems, s.versionUsed(src, d))
	}
	var missing []string
	for _, c := range s.categories.All() {
		if c.Leaf && c.Model == d.Name && !slices.Contains(d.Kinds, c.Kind) && !slices.Contains(missing, c.Kind) {
			missing = append(missing, c.Kind)
			problems = append(problems, src.At("kinds", "kind-needed",
				lang.T("有的分类(如 "+c.Code+" "+c.Title.ZH+")按这个模型办,事项类型是 "+c.Kind, "Categories such as "+c.Code+" "+c.Title.EN+" follow this model and are of the kind "+c.Kind),
				lang.T("把 "+c.Kind+" 加进 kinds", "add "+c.Kind+" to kinds")))
		}
	}
	if len(flow.Problems(problems).Errors()) > 0 {
		return nil, problems, nil
	}
	return d, problems, nil
}

func (s *Service) versionUsed(src *flow.Source, d *flow.Definition) flow.Problem {
	next := s.Models().NextVersion(d.Name, d.Version)
	return src.At("version", "version-used", lang.T("“"+d.Version+"”已是另一份内容的版本号:办过的事项认它", "the version "+d.Version+" is taken by another text: cases name it"),
		lang.T(`写成 "`+next+`"`, `write "`+next+`"`))
}

// Activate lets new cases begin with a version of a model from a moment on, at once or later. Open cases finish by the
// version they began with. A new version is stored with it, for good. The decision is kept and audited.
//
// It needs model.write anywhere. Errors: Invalid "model-unsound" with the problems of the file, by line and column;
// Conflict "stale-model" with the changes since Base; Conflict "already-counts"; NotFound "no-model"; Invalid.
func (s *Service) Activate(ctx context.Context, actor *staff.Actor, cmd ActivateCommand) (ModelChange, error) {
	if err := mayTurn(actor); err != nil {
		return ModelChange{}, err
	}
	d, err := s.prepareActivation(&cmd)
	if err != nil {
		return ModelChange{}, err
	}
	var done ModelChange
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		changes, err := modelChanges(tx, cmd.Name, cmd.Base)
		if err != nil {
			return err
		}
		c := ModelChange{Name: cmd.Name, Kind: ChangeActivate, Model: cmd.Model, Since: cmd.Since, Reason: cmd.Reason}
		switch {
		case c.Since.IsZero(), c.Since.Before(tx.Now) && tx.Now.Sub(c.Since) <= sinceGrace:
			c.Since = stored(tx.Now)
		case c.Since.Before(tx.Now):
			return errSince("past", "开始时间已经过去:已受理的事项不会改版本", "That moment has passed: cases that began keep their version")
		case c.Since.Sub(tx.Now) > mostPlanned*time.Second:
			return errSince("too-far", "最多提前两年安排", "At most two years ahead")
		}
		if err := keepModel(tx, d, cmd.Model); err != nil {
			return err
		}
		plan := modelBook{files: s.book.Load().files, changes: map[string][]ModelChange{cmd.Name: changes}}
		if id, _ := plan.version(cmd.Name, c.Since); id == cmd.Model {
			return fault.Newf(fault.Conflict, "already-counts", "那时已经按 %[1]s 办新事项", "New cases begin with %[1]s at that moment anyway", id)
		}
		done, err = recordTurn(tx, actor, c, changes)
		return err
	})
	if err != nil {
		return ModelChange{}, err
	}
	return done, s.LoadModels(ctx)
}

func mayTurn(actor *staff.Actor) error {
	if !actor.System() && !actor.Anywhere("model.write") {
		return fault.New(fault.Forbidden, "not-permitted", "您的岗位不能维护办理模型(需要权限 model.write)", "Your post may not change governance models (permission model.write needed)")
	}
	return nil
}

func errSince(code, zh, en string) error {
	return fault.New(fault.Invalid, "invalid-activation", "启用的内容有误", "The activation needs correcting").At("since", code, zh, en)
}

// prepareActivation checks what does not need the database. d is nil for a version that is stored already.
func (s *Service) prepareActivation(cmd *ActivateCommand) (d *flow.Definition, err error) {
	wrong := fault.New(fault.Invalid, "invalid-activation", "启用的内容有误", "The activation needs correcting")
	cleanReason(wrong, &cmd.Reason)
	switch {
	case (cmd.Text == "") == (cmd.Model == ""):
		wrong.At("text", "one-of", "text(模型文件)和 model(已有版本)给一个", "Give either text (a file) or model (a version there is)")
	case cmd.Text != "":
		var problems []flow.Problem
		if d, problems, err = s.CheckModel(cmd.File, []byte(cmd.Text)); err != nil {
			return nil, err
		}
		if d == nil {
			return nil, errUnsound(problems)
		}
		if cmd.Model = d.ID(); d.Name != cmd.Name {
			wrong.At("text", "other-model", "文件里写的是模型 "+d.Name, "The file is of the model "+d.Name)
		}
	default:
		known, ok := s.Models().Lookup(cmd.Model)
		if !ok {
			return nil, errNoModel(cmd.Model)
		}
		if known.Name != cmd.Name {
			wrong.At("model", "other-model", "这是模型 "+known.Name+" 的版本", "This is a version of the model "+known.Name)
		}
	}
	if len(wrong.Fields) > 0 {
		return nil, wrong
	}
	return d, nil
}

func cleanReason(wrong *fault.Error, reason *string) {
	if clean(wrong, "reason", reason, mostReason, false); *reason == "" {
		wrong.At("reason", "required", "请写明原因", "Say why")
	}
}

// errUnsound refuses a file with everything wrong in it, by line and column.
func errUnsound(problems []flow.Problem) error {
	wrong := fault.New(fault.Invalid, "model-unsound", "模型文件有错误,不能启用", "The file of the model has errors and cannot be put into use").With(map[string]any{"problems": problems})
	for _, p := range flow.Problems(problems).Errors() {
		wrong.At(fmt.Sprintf("text:%d:%d", p.Line, p.Column), p.Code, p.In(lang.ZH), p.In(lang.EN))
	}
	return wrong
}

// modelChanges reads the decisions about a model and refuses who has not seen the latest.
func modelChanges(tx *database.Tx, name string, base int64) ([]ModelChange, error) {
	changes, err := database.All(tx, scanModelChange, `SELECT `+modelChangeColumns+` FROM model_change WHERE name = $1 ORDER BY no`, name)
	if err != nil {
		return nil, fmt.Errorf("activations of %s: %w", name, err)
	}
	if n := int64(len(changes)); base != n {
		return nil, errStaleModel(n, changes[min(max(base, 0), n):])
	}
	return changes, nil
}

func errStaleModel(revision int64, since []ModelChange) error {
	return fault.New(fault.Conflict, "stale-model", "别人刚改过这个模型的启用安排,请看看变了什么再决定", "Somebody has just changed which version of this model counts; look at what changed and decide again").
		With(map[string]any{"revision": revision, "since": since})
}

// keepModel stores a new version for good; one that is stored already has to be the same to the letter.
func keepModel(tx *database.Tx, d *flow.Definition, id string) error {
	var digest string
	err := tx.Row(`SELECT digest FROM model WHERE id = $1`, id).Scan(&digest)
	switch {
	case err == nil && (d == nil || digest == d.Digest):
		return nil
	case err == nil:
		return errModelChanged(id) // another administrator took this version number a moment ago
	case !database.IsNoRows(err):
		return fmt.Errorf("model %s: %w", id, err)
	case d == nil:
		return errNoModel(id)
	}
	n, err := tx.Exec(`INSERT INTO model (id, name, text, digest, loaded_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`,
		id, d.Name, d.Text, d.Digest, database.Millis(tx.Now))
	if err == nil && n == 0 {
		return errModelChanged(id)
	}
	return err
}

// stored is a moment as it will be read again.
func stored(at time.Time) time.Time { return database.Time(database.Millis(at)) }

// recordTurn writes a decision behind the others, with its line in the access log.
func recordTurn(tx *database.Tx, actor *staff.Actor, c ModelChange, before []ModelChange) (ModelChange, error) {
	c.No, c.At, c.Account, c.By = int64(len(before))+1, stored(tx.Now), actor.ID(), actor.Name()
	n, err := tx.Exec(`INSERT INTO model_change (`+modelChangeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (name, no) DO NOTHING`,
		c.Name, c.No, c.Kind, c.Model, database.Millis(c.Since), c.About, database.Millis(c.At), c.Account, c.By, c.Reason)
	if err != nil {
		return ModelChange{}, fmt.Errorf("storing a change of %s: %w", c.Name, err)
	}
	if n == 0 { // another node was first, in the same moment
		now, err := database.All(tx, scanModelChange, `SELECT `+modelChangeColumns+` FROM model_change WHERE name = $1 AND no > $2 ORDER BY no`, c.Name, len(before))
		if err != nil {
			return ModelChange{}, err
		}
		return ModelChange{}, errStaleModel(int64(len(before)+len(now)), now)
	}
	return c, audit.Record(tx, audit.Entry{Actor: actor.ID(), Name: actor.Name(), What: "model." + c.Kind, Object: c.Model, Purpose: c.Reason, Address: actor.Address(),
		Detail: "since " + c.Since.In(beijingZone()).Format(time.RFC3339)})
}

// Withdraw takes an activation back that counts or is planned. New cases begin with what counted before, from now on.
//
// It needs model.write anywhere. Errors: NotFound "no-activation"; Conflict "stale-model" with the changes since Base;
// Conflict "activation-over" for one that was replaced or taken back already; Invalid.
func (s *Service) Withdraw(ctx context.Context, actor *staff.Actor, cmd WithdrawCommand) (ModelChange, error) {
	if err := mayTurn(actor); err != nil {
		return ModelChange{}, err
	}
	wrong := fault.New(fault.Invalid, "invalid-activation", "撤回的内容有误", "The withdrawal needs correcting")
	if cleanReason(wrong, &cmd.Reason); len(wrong.Fields) > 0 {
		return ModelChange{}, wrong
	}
	var done ModelChange
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		changes, err := modelChanges(tx, cmd.Name, cmd.Base)
		if err != nil {
			return err
		}
		plan := modelBook{files: s.book.Load().files, changes: map[string][]ModelChange{cmd.Name: changes}}
		list := plan.activations(cmd.Name, tx.Now)
		i := slices.IndexFunc(list, func(a Activation) bool { return a.No == cmd.No })
		if i < 0 {
			return fault.New(fault.NotFound, "no-activation", "没有这次启用", "There is no such activation")
		}
		if a := list[i]; a.State != ActivationActive && a.State != ActivationPlanned {
			return fault.New(fault.Conflict, "activation-over", "这次启用已经结束,不用撤回", "That activation is over; there is nothing to take back")
		}
		done, err = recordTurn(tx, actor, ModelChange{Name: cmd.Name, Kind: ChangeWithdraw, Model: list[i].Model, About: cmd.No, Since: stored(tx.Now), Reason: cmd.Reason}, changes)
		return err
	})
	if err != nil {
		return ModelChange{}, err
	}
	return done, s.LoadModels(ctx)
}
