package httpapi

import (
	"context"
	"time"

	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/lang"
)

// activationRoutes: drafts of governance models, and which version counts from when.
func (s *Server) activationRoutes() {
	add(s, operation{post, v1 + "/models/check", "check-model", "model.read", "rules", "Check the draft of a model", "Everything wrong with line, column and a hint; of a sound one its diagram, and in what it differs from the version that counts now. Nothing is kept.", 0, 0}, s.checkModel)
	add(s, operation{get, v1 + "/models/{id}/compare", "compare-models", "model.read", "rules", "In what two versions of a model differ", "Stages, actions, deadlines, words, in sentences.", 0, 0}, s.compareModels)
	add(s, operation{get, v1 + "/models/{id}/activations", "list-activations", "model.read", "rules", "Which versions of a model counted from when, and who decided it", "Send the revision back as base of a further change.", 0, 0}, s.listActivations)
	add(s, operation{post, v1 + "/models/{id}/activations", "activate-model", "model.write", "rules", "Put a version of a model into use for new cases", "At once or from a moment to come; open cases finish by the version they began with. A new version comes with its file. Refused with 422 and the problems by line when it has errors, with 409 and the changes since base when somebody was faster. Kept in the access log.", 201, 0}, s.activateModel)
	add(s, operation{post, v1 + "/models/{id}/activations/{no}/withdraw", "withdraw-model", "model.write", "rules", "Take an activation back", "New cases begin with what counted before, from now on. Kept in the access log.", 0, 0}, s.withdrawModel)
}

type checkModelInput struct {
	Name    string `query:"name" maxLength:"100" doc:"file name shown in the problems" example:"my-county.yaml"`
	RawBody []byte `contentType:"application/yaml" doc:"the model's file, YAML"`
}

type checkModelOutput struct {
	Body struct {
		Sound       bool              `json:"sound" doc:"it could be put into use; warnings may remain"`
		ID          string            `json:"id,omitempty" doc:"name@version of a sound one"`
		Name        string            `json:"name,omitempty" doc:"name of a sound one"`
		Stored      bool              `json:"stored" doc:"this very text is stored already"`
		Problems    []flow.Problem    `json:"problems" doc:"everything wrong, with line, column and a hint"`
		Title       *lang.Text        `json:"title,omitempty" doc:"of a sound one"`
		Revision    int64             `json:"revision" doc:"of the decisions about its model; the base of putting it into use"`
		Against     string            `json:"against,omitempty" doc:"the version that counts now; empty for a new model"`
		Differences []flow.Difference `json:"differences" doc:"in what a sound one differs from that version"`
		Diagram     string            `json:"diagram,omitempty" doc:"a sound one drawn, SVG, in the asker's language"`
	}
}

// checkModel looks at a draft and keeps nothing. What is wrong with it is the answer, not a refusal.
func (s *Server) checkModel(ctx context.Context, in *checkModelInput) (*checkModelOutput, error) {
	d, problems, err := s.Cases.CheckModel(fileOf(in.Name), in.RawBody)
	if err != nil {
		return nil, err
	}
	out := &checkModelOutput{}
	b := &out.Body
	b.Problems, b.Differences = append([]flow.Problem{}, problems...), []flow.Difference{}
	if d == nil {
		return out, nil
	}
	b.Sound, b.ID, b.Name, b.Title = true, d.ID(), d.Name, &d.Title
	b.Revision = s.Cases.ModelRevision(d.Name)
	_, b.Stored = s.Cases.Models().Lookup(b.ID)
	b.Diagram = string(flow.SVG(d, from(ctx).lang))
	if now, ok := s.Cases.InForce(d.Name, s.DB.Now()); ok {
		b.Against, b.Differences = now.ID(), append(b.Differences, flow.Compare(now, d)...)
	}
	return out, nil
}

// fileOf is the name that problems are told with.
func fileOf(name string) string {
	if name == "" {
		return "model.yaml"
	}
	return name
}

type compareInput struct {
	ModelRef
	With string `query:"with" maxLength:"80" doc:"the earlier version; left out: the one that new cases begin with now" example:"seven-step@2026.1"`
}

type compareOutput struct {
	Body struct {
		ID          string            `json:"id" doc:"the later version"`
		With        string            `json:"with" doc:"the earlier one"`
		Differences []flow.Difference `json:"differences"`
	}
}

func (s *Server) compareModels(_ context.Context, in *compareInput) (*compareOutput, error) {
	d, err := s.model(in.ID)
	if err != nil {
		return nil, err
	}
	with := in.With
	if with == "" {
		with = d.Name
	}
	earlier, err := s.model(with)
	if err != nil {
		return nil, err
	}
	out := &compareOutput{}
	out.Body.ID, out.Body.With = d.ID(), earlier.ID()
	out.Body.Differences = append([]flow.Difference{}, flow.Compare(earlier, d)...)
	return out, nil
}

type activationsOutput struct {
	Body struct {
		Name        string                `json:"name"`
		Revision    int64                 `json:"revision" doc:"of the decisions about this model; send it back as base"`
		Active      string                `json:"active,omitempty" doc:"the version that new cases begin with now"`
		Activations []casework.Activation `json:"activations" doc:"the latest decided first; none: the version of the program's files counts"`
	}
}

func (s *Server) listActivations(_ context.Context, in *ModelRef) (*activationsOutput, error) {
	d, err := s.model(in.ID)
	if err != nil {
		return nil, err
	}
	out := &activationsOutput{}
	list, revision, err := s.Cases.Activations(d.Name)
	if err != nil {
		return nil, err
	}
	out.Body.Name, out.Body.Revision, out.Body.Activations = d.Name, revision, append([]casework.Activation{}, list...)
	if now, ok := s.Cases.InForce(d.Name, s.DB.Now()); ok {
		out.Body.Active = now.ID()
	}
	return out, nil
}

type activateInput struct {
	ID   string `path:"id" maxLength:"80" doc:"name of the model" example:"seven-step"`
	Body struct {
		Base   int64      `json:"base" minimum:"0" doc:"revision that was seen; 0 for a model nobody has decided about"`
		Text   string     `json:"text,omitempty" doc:"the file of a new version, YAML; or"`
		Model  string     `json:"model,omitempty" maxLength:"80" doc:"a version there is already" example:"seven-step@2026.1"`
		File   string     `json:"file,omitempty" maxLength:"100" doc:"name of the file, for its problems"`
		Since  *time.Time `json:"since,omitempty" doc:"from when new cases begin with it; left out: at once"`
		Reason string     `json:"reason" doc:"why; kept with the decision and in the access log" example:"县委办 2026 年 11 月通知"`
	}
}

type turnOutput struct {
	Body struct {
		Change casework.ModelChange `json:"change"`
	}
}

func (s *Server) activateModel(ctx context.Context, in *activateInput) (*turnOutput, error) {
	b := in.Body
	cmd := casework.ActivateCommand{Name: in.ID, Base: b.Base, Text: b.Text, Model: b.Model, File: fileOf(b.File), Reason: b.Reason}
	if b.Since != nil {
		cmd.Since = *b.Since
	}
	out := &turnOutput{}
	var err error
	out.Body.Change, err = s.Cases.Activate(ctx, actor(ctx), cmd)
	return out, err
}

type withdrawModelInput struct {
	ID   string `path:"id" maxLength:"80" doc:"name of the model" example:"seven-step"`
	No   int64  `path:"no" minimum:"1" doc:"number of the activation"`
	Body struct {
		Base   int64  `json:"base" minimum:"0" doc:"revision that was seen"`
		Reason string `json:"reason" doc:"why; kept with the decision and in the access log"`
	}
}

func (s *Server) withdrawModel(ctx context.Context, in *withdrawModelInput) (*turnOutput, error) {
	out := &turnOutput{}
	var err error
	out.Body.Change, err = s.Cases.Withdraw(ctx, actor(ctx), casework.WithdrawCommand{Name: in.ID, Base: in.Body.Base, No: in.No, Reason: in.Body.Reason})
	return out, err
}
