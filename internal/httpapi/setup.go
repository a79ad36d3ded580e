package httpapi

import (
	"context"
	"strconv"

	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// setupRoutes: what a new installation needs before neighbours can report.
func (s *Server) setupRoutes() {
	add(s, operation{get, v1 + "/setup", "setup", anybody, "setup", "Whether this installation is still to be set up", "While there is no administrator anybody reads the steps; afterwards administrators do, and for all others nothing is needed.", 0, 0}, s.setup)
	add(s, operation{post, v1 + "/setup/account", "setup-account", anybody, "setup", "Make the first administrator", "By the setup code that linli serve prints at its start; only while there is no administrator.", 201, 0}, s.setupAccount)
	add(s, operation{post, v1 + "/setup/done/{step}", "setup-done", staff.SystemAdmin, "setup", "Mark a step of the setup as looked at, or put it off", "The first account cannot be put off.", 204, 0}, s.setupDone)
}

type setupOutput struct {
	Body setupView
}

// setupView is how far the setup has come, for who asks.
type setupView struct {
	Needed bool        `json:"needed" doc:"there is something to set up for who asks: for anybody while there is no administrator, then for administrators while a step is open"`
	Code   bool        `json:"code" doc:"the first administrator is still to be made, by the setup code"`
	Steps  []setupStep `json:"steps" doc:"in the order to take them; empty for who may not know"`
}

// setupStep is one step of the setup.
type setupStep struct {
	Step   string    `json:"step" enum:"account,county,boundaries,posts,models"`
	Title  lang.Text `json:"title"`
	Done   bool      `json:"done"`
	Later  bool      `json:"later,omitempty" doc:"put off by an administrator"`
	Have   int       `json:"have" doc:"how many there are: administrators, grids, outlined grids, posts held, models"`
	Of     int       `json:"of,omitempty" doc:"of how many; left out where there is no such number"`
	Detail lang.Text `json:"detail" doc:"the same in words"`
}

func (s *Server) setup(ctx context.Context, _ *nothing) (*setupOutput, error) {
	out := &setupOutput{Body: setupView{Steps: []setupStep{}}}
	needed, err := s.Staff.SetupNeeded(ctx)
	if err != nil || s.Config.Demo {
		return out, err // a demonstration comes with everything
	}
	who := actor(ctx)
	if !needed && !who.Anywhere(staff.SystemAdmin) {
		return out, nil
	}
	state, err := s.Staff.Setup(ctx, who, func(code string) bool {
		_, ok := s.Areas.Outline(code)
		return ok
	})
	if err != nil {
		return nil, err
	}
	out.Body.Code = needed
	for _, step := range s.setupSteps(state) {
		out.Body.Needed = out.Body.Needed || !step.Done && !step.Later
		out.Body.Steps = append(out.Body.Steps, step)
	}
	return out, nil
}

// setupSteps words the state of each step.
func (s *Server) setupSteps(st staff.SetupState) []setupStep {
	number := func(zh, en string, have, of int) lang.Text {
		return lang.T(zh, en).Fill("have", strconv.Itoa(have), "of", strconv.Itoa(of))
	}
	models := len(s.Cases.AllInForce(s.DB.Now()))
	_, looked := st.Marked[staff.SetupModels]
	steps := []setupStep{
		{Step: staff.SetupAccount, Title: lang.T("管理员账号", "Administrator"), Done: st.Administrator, Of: 1,
			Detail: lang.T("还没有管理员账号", "There is no administrator yet")},
		{Step: staff.SetupCounty, Title: lang.T("县(市、区)和网格", "County and grids"), Done: st.Grids > 0, Have: st.Grids,
			Detail: number("已有 {of} 个区域,其中网格 {have} 个", "{of} areas, {have} of them grids", st.Grids, st.Areas)},
		{Step: staff.SetupBoundaries, Title: lang.T("网格边界", "Boundaries"), Done: st.Grids > 0 && st.Outlined == st.Grids, Have: st.Outlined, Of: st.Grids,
			Detail: number("{of} 个网格中有 {have} 个画了边界", "{have} of {of} grids have an outline", st.Outlined, st.Grids)},
		{Step: staff.SetupPosts, Title: lang.T("人员和岗位", "People and posts"), Done: st.Placed > 0, Have: st.Expected - st.Vacant, Of: st.Expected,
			Detail: number("应设岗位 {of} 个,在岗 {have} 个", "{have} of {of} posts that must exist are held", st.Expected-st.Vacant, st.Expected)},
		{Step: staff.SetupModels, Title: lang.T("治理模型", "Governance models"), Done: looked, Have: models,
			Detail: number("内置 {have} 个治理模型,看过即可开始", "{have} governance models are ready; look through them and begin", models, 0)},
	}
	if st.Administrator {
		steps[0].Have, steps[0].Detail = 1, lang.T("已有管理员账号", "There is an administrator")
	}
	for i := range steps {
		_, marked := st.Marked[steps[i].Step]
		steps[i].Later = marked && !steps[i].Done
	}
	return steps
}

type setupAccountInput struct {
	Body struct {
		Code     string `json:"code" maxLength:"40" doc:"setup code, as linli serve printed it" example:"7QK2-M4RT-9XWB"`
		Login    string `json:"login" maxLength:"200" doc:"sign-in name" example:"admin"`
		Name     string `json:"name" maxLength:"200" example:"李晓明"`
		Password string `json:"password" maxLength:"1000" doc:"at least 10 characters"`
	}
}

type setupAccountOutput struct{ Body staff.Account }

func (s *Server) setupAccount(ctx context.Context, in *setupAccountInput) (*setupAccountOutput, error) {
	b := in.Body
	a, err := s.Staff.SetUp(ctx, staff.SetupCommand{Code: b.Code, Login: b.Login, Name: b.Name, Password: b.Password, Address: from(ctx).address})
	return &setupAccountOutput{Body: a}, err
}

type setupDoneInput struct {
	Step string `path:"step" maxLength:"40" doc:"county, boundaries, posts or models" example:"boundaries"`
}

func (s *Server) setupDone(ctx context.Context, in *setupDoneInput) (*nothing, error) {
	return nil, s.Staff.MarkSetup(ctx, actor(ctx), in.Step)
}
