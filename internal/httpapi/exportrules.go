package httpapi

import (
	"context"
	"strings"

	"linli/internal/calendar"
	"linli/internal/casework"
	"linli/internal/category"
	"linli/internal/flow"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

type exportRolesInput struct{}

// rolesTable has a row for each role and, after what is known of it, a column for each permission.
func (s *Server) rolesTable(context.Context, *exportRolesInput) (*table, error) {
	roles := s.Staff.RoleTable()
	t := &table{what: "staff.export", title: lang.T("岗位类别和权限", "Roles and permissions"), columns: []column{
		col("岗位类别", "Role", wide), col("编码", "Key", wide), col("职责", "About", widest), col("设在", "At", wide), col("单位类型", "Kinds of organisations", wide), col("必设", "Must exist", slim),
		col("可看保密事项", "Sees confidential matters", slim), col("空岗时依次由谁代办", "Covered while vacant by", widest)}}
	var permissions []string
	for _, p := range staff.Permissions {
		if !p.ScopeOnly {
			permissions = append(permissions, p.Key)
			t.columns = append(t.columns, column{p.Text, slim})
		}
	}
	t.rows = func(put func(...any) error) error {
		for _, r := range roles.All() {
			row := []any{r.Title, r.Key, r.About, listed(r.At, levelWords), listed(r.Orgs, func(kind string) lang.Text { return word(orgKindWords, kind) }), r.Expected,
				r.Confidential, listed(r.Covers, func(step string) lang.Text { return coverWords(roles, step) })}
			may := map[string]bool{}
			for _, key := range r.May {
				may[key] = true
			}
			for _, key := range permissions {
				row = append(row, may[key])
			}
			if err := put(row...); err != nil {
				return err
			}
		}
		return nil
	}
	return t, nil
}

// levelWords is where a role exists: at areas of a level, or at organisations.
func levelWords(at string) lang.Text { return word(placeWords, at) }

// coverWords is one step of who covers a role, written role@level or role@org.
func coverWords(roles *staff.Roles, step string) lang.Text {
	key, at, _ := strings.Cut(step, "@")
	title := lang.T(key, key)
	if r, ok := roles.Get(key); ok {
		title = r.Title
	}
	if at == "org" {
		return lang.T("同单位的"+title.ZH, title.EN+" (same organisation)")
	}
	level := levelWords(at)
	return lang.T(level.ZH+"的"+title.ZH, title.EN+" ("+level.EN+")")
}

type exportModelsInput struct {
	Old bool `query:"old" doc:"versions too that no case begins with any more"`
}

func (s *Server) modelsTable(ctx context.Context, in *exportModelsInput) (*table, error) {
	if !actor(ctx).Anywhere("model.read") {
		return nil, errNotPermitted("model.read")
	}
	return &table{what: "model.export", title: lang.T("治理模型", "Governance models"), columns: []column{
		col("模型", "Model", wide), col("版本", "Version", wide), col("说明", "About", widest), col("性质", "Kinds of case", wide), col("分类", "Categories", widest), col("状态", "State", slim),
		col("启用时间", "Since", dated), col("停用时间", "Until", dated), col("谁启用的", "Put into use by", slim), col("决定时间", "Decided", dated), col("原因", "Reason", widest),
		col("依据", "Source", widest), col("文件摘要", "Digest of the file", widest)},
		rows: func(put func(...any) error) error {
			for _, d := range s.Cases.Models().All() {
				m := s.modelRow(d)
				state := s.modelState(d, &m)
				if state == "" && !in.Old {
					continue
				}
				categories := lang.Text{}
				if m.Active {
					categories = s.categoriesBy(d.Name)
				}
				by, at, reason := "", any(nil), ""
				if decided, ok, err := s.decision(d, &m); err != nil {
					return err
				} else if ok {
					by, at, reason = decided.By, decided.At, decided.Reason
				}
				if err := put(m.Title, m.ID, m.About, listed(m.Kinds, func(kind string) lang.Text { return word(kindWords, kind) }), categories, word(modelStates, state),
					m.Since, m.Until, by, at, reason, sourceWords(m.Source), m.Digest); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}

// modelState is what a version is to new cases: active, planned, the last of a model that none begins with now, or
// nothing any more.
func (s *Server) modelState(d *flow.Definition, m *ModelRow) string {
	now := s.DB.Now()
	switch {
	case m.Active:
		return casework.ActivationActive
	case m.Since != nil && m.Since.After(now):
		return casework.ActivationPlanned
	}
	if _, active := s.Cases.InForce(d.Name, now); active {
		return ""
	}
	if last, ok := s.Cases.Models().Get(d.Name); ok && last.ID() == d.ID() {
		return "last"
	}
	return ""
}

// decision is the latest by which a version counts since it does.
func (s *Server) decision(d *flow.Definition, m *ModelRow) (found casework.Activation, ok bool, err error) {
	list, _, err := s.Cases.Activations(d.Name)
	if err != nil {
		return found, false, err
	}
	for _, a := range list {
		if a.Model == m.ID && m.Since != nil && a.Since.Equal(*m.Since) {
			return a, true, nil
		}
	}
	return found, false, nil
}

// categoriesBy names the categories whose cases follow a model: of those that all follow it, the one above them.
func (s *Server) categoriesBy(model string) lang.Text {
	tree := s.Cases.Categories()
	var all func(c category.Category) bool
	all = func(c category.Category) bool {
		if c.Leaf {
			return c.Model == model
		}
		for _, below := range tree.Children(c.Code) {
			if !all(below) {
				return false
			}
		}
		return true
	}
	var codes []string
	var collect func(code string)
	collect = func(code string) {
		for _, c := range tree.Children(code) {
			if all(c) {
				codes = append(codes, c.Code)
			} else {
				collect(c.Code)
			}
		}
	}
	collect("")
	return listed(codes, tree.Name)
}

// sourceWords is what a model follows: its file says it in Chinese and, behind a stroke, in English.
func sourceWords(source string) lang.Text {
	if zh, en, ok := strings.Cut(source, " / "); ok {
		return lang.T(zh, en)
	}
	return lang.T(source, source)
}

type exportActivationsInput struct {
	Model string `query:"model" required:"true" maxLength:"80" doc:"name, or name@version" example:"seven-step"`
}

func (s *Server) activationsTable(ctx context.Context, in *exportActivationsInput) (*table, error) {
	if !actor(ctx).Anywhere("model.read") {
		return nil, errNotPermitted("model.read")
	}
	d, err := s.model(in.Model)
	if err != nil {
		return nil, err
	}
	list, _, err := s.Cases.Activations(d.Name)
	if err != nil {
		return nil, err
	}
	return &table{what: "model.export", title: lang.T("模型启用记录", "Decisions about a model"), columns: []column{
		col("版本", "Version", wide), col("状态", "State", slim), col("启用时间", "Since", dated), col("停用时间", "Until", dated), col("谁启用的", "Put into use by", slim), col("决定时间", "Decided", dated),
		col("原因", "Reason", widest), col("谁撤回的", "Taken back by", slim), col("撤回时间", "Taken back", dated), col("撤回原因", "Reason of that", widest)},
		rows: func(put func(...any) error) error {
			for _, a := range list {
				var back casework.ModelChange
				if a.Withdrawn != nil {
					back = *a.Withdrawn
				}
				if err := put(a.Model, word(modelStates, a.State), a.Since, a.Until, a.By, a.At, a.Reason, back.By, when(back.At), back.Reason); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}

type exportDaysInput struct {
	Calendar string `query:"calendar" required:"true" maxLength:"60" doc:"id of the calendar" example:"office"`
	Year     int    `query:"year" required:"true" minimum:"1949" maximum:"9999" example:"2026"`
}

func (s *Server) daysTable(_ context.Context, in *exportDaysInput) (*table, error) {
	c, err := s.calendarNamed(in.Calendar)
	if err != nil {
		return nil, err
	}
	return &table{what: "calendar.export", title: lang.T("工作日历", "Working calendar"), columns: []column{
		col("日期", "Date", slim), col("星期", "Weekday", slim), col("性质", "Kind", slim), col("名称", "Name", wide), col("算工作日", "Working day", slim), col("开放时间", "Open", wide), col("暂定", "Not announced yet", slim)},
		rows: func(put func(...any) error) error {
			for _, d := range c.Days(in.Year) {
				if err := put(d.Date, weekdayOf(d.Date), word(dayWords, string(d.Kind)), d.Name, d.Workday, windowWords(d.Windows), !d.Known); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}

// windowWords is the open time of a day, "08:30-12:00;14:00-17:30".
func windowWords(list []calendar.Window) lang.Text {
	spans := make([]string, len(list))
	for i, w := range list {
		to := w.To.In(beijing).Format("15:04")
		if to == "00:00" {
			to = "24:00"
		}
		spans[i] = w.From.In(beijing).Format("15:04") + "-" + to
	}
	return lang.T(strings.Join(spans, ";"), strings.Join(spans, "; "))
}

// listed is several marks in words, one behind the other.
func listed(marks []string, words func(string) lang.Text) lang.Text {
	zh, en := make([]string, len(marks)), make([]string, len(marks))
	for i, mark := range marks {
		t := words(mark)
		zh[i], en[i] = t.ZH, t.EN
	}
	return lang.T(strings.Join(zh, ";"), strings.Join(en, "; "))
}
