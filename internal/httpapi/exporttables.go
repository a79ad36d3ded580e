package httpapi

import (
	"cmp"
	"context"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/audit"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// Widths of columns, in characters.
const (
	slim   = 12
	wide   = 24
	widest = 48
	dated  = 17
)

func col(zh, en string, width float64) column { return column{lang.T(zh, en), width} }

type exportCasesInput struct{ CaseFilter }

func (s *Server) casesTable(ctx context.Context, in *exportCasesInput) (*table, error) {
	filter, tree := in.filter(), s.Areas.Tree()
	return &table{what: "case.export", area: in.Area, title: lang.T("事项", "Cases"), columns: []column{
		col("编号", "Number", wide), col("标题", "Title", widest), col("分类", "Category", wide), col("性质", "Kind", slim), col("缓急", "Urgency", slim),
		col("来源", "Channel", slim), col("治理模型", "Model", wide), col("环节", "Stage", slim), col("结果", "Outcome", slim), col("区域", "Area", widest),
		col("责任岗", "Responsible post", wide), col("代办岗", "Answered by", wide), col("上报时间", "Reported", dated), col("受理时间", "Received", dated),
		col("环节截止", "Due (hand-over)", dated), col("总截止", "Due", dated), col("办结时间", "Ended", dated), col("超期", "Overdue", slim),
		col("挂起", "Paused", slim), col("督办", "Supervised", slim), col("保密", "Confidential", slim), col("评价", "Rating", slim)},
		rows: func(put func(...any) error) error {
			return s.Cases.Export(ctx, actor(ctx), filter, func(c *casework.Case) error {
				r := s.row(c)
				rating := any(nil)
				if r.Rating > 0 {
					rating = r.Rating
				}
				stage := r.StageTitle
				if r.Ended != "" {
					stage = lang.Text{} // it is in none any more
				}
				return put(r.Number, r.Title, s.Cases.Categories().Name(c.Category), word(kindWords, r.Kind), word(urgencyWords, r.Urgency), word(channelWords, r.Channel),
					s.modelTitle(r.Model), stage, r.EndTitle, tree.FullName(r.Area), postWords(r.Owner), postWords(r.Holder), r.ReportedAt, r.ReceivedAt,
					r.HopDueAt, r.DueAt, r.EndedAt, r.Overdue, !r.PausedAt.IsZero(), r.Supervised, r.Confidential, rating)
			})
		}}, nil
}

// modelTitle is the name of a governance model; one no longer in use is named by its id.
func (s *Server) modelTitle(id string) lang.Text {
	if d, ok := s.Cases.Models().Lookup(id); ok {
		return d.Title
	}
	return lang.T(id, id)
}

// postWords is a post in words.
func postWords(p postView) lang.Text {
	if p == (postView{}) {
		return lang.Text{}
	}
	return lang.T(p.Place+p.Title.ZH, strings.TrimPrefix(p.Title.EN+", "+p.Place, ", "))
}

// all goes through a list that comes by pages.
func all[T any](page func(after string) ([]T, string, error), put func(T) error) error {
	for after := ""; ; {
		list, next, err := page(after)
		if err != nil {
			return err
		}
		for _, v := range list {
			if err := put(v); err != nil {
				return err
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}

// exportPage is how many rows a list gives at once.
const exportPage = 500

type exportPeopleInput struct {
	Text  string `query:"q" maxLength:"100" doc:"part of the name or the login" example:"李"`
	Phone string `query:"phone" maxLength:"40" doc:"a whole number"`
	Area  string `query:"area" maxLength:"40" doc:"code: with a post in this area or below"`
	Role  string `query:"role" maxLength:"60" doc:"key: with a post of this role" example:"grid-member"`
}

func (s *Server) peopleTable(ctx context.Context, in *exportPeopleInput) (*table, error) {
	path := ""
	if in.Area != "" {
		if path = s.Areas.Tree().Path(in.Area); path == "" {
			return nil, errNoArea(in.Area)
		}
	}
	return &table{what: "staff.export", area: in.Area, title: lang.T("人员", "People"), columns: []column{
		col("登录名", "Login", wide), col("姓名", "Name", slim), col("电话", "Phone", slim), col("岗位", "Posts", widest), col("停用", "Switched off", slim), col("建立时间", "Created", dated)},
		rows: func(put func(...any) error) error {
			return all(func(after string) ([]staff.Person, string, error) {
				return s.Staff.People(ctx, actor(ctx), staff.PeopleFilter{Text: in.Text, Phone: in.Phone, Path: path, Role: in.Role, After: after, Limit: exportPage})
			}, func(p staff.Person) error {
				return put(p.Login, p.Name, p.Phone, s.postsOf(p), !p.Active, p.CreatedAt)
			})
		}}, nil
}

// postsOf lists the posts of a person in words.
func (s *Server) postsOf(p staff.Person) lang.Text {
	zh, en := make([]string, 0, len(p.Appointments)), make([]string, 0, len(p.Appointments))
	for _, a := range p.Appointments {
		words := postWords(s.postOf(a.Post))
		if a.Deputy {
			words = lang.T(words.ZH+"(代岗)", words.EN+" (deputy)")
		}
		zh, en = append(zh, words.ZH), append(en, words.EN)
	}
	return lang.T(strings.Join(zh, ";"), strings.Join(en, "; "))
}

type exportAreasInput struct {
	Parent string `query:"parent" maxLength:"40" doc:"code: directly below this area" example:"320682001"`
	Under  string `query:"under" maxLength:"40" doc:"code: this area and all below it"`
	Text   string `query:"q" maxLength:"100" doc:"part of the name or of another name, or the beginning of the code" example:"安定"`
	Level  string `query:"level" maxLength:"20" doc:"county, township, village, grid, group or building"`
	Closed bool   `query:"closed" doc:"closed areas too"`
}

func (s *Server) areasTable(_ context.Context, in *exportAreasInput) (*table, error) {
	tree := s.Areas.Tree()
	queries := []area.AreaQuery{{Parent: in.Parent, Under: in.Under, Text: in.Text, Level: in.Level, Closed: in.Closed, Limit: exportPage}}
	if in.Parent == "" && in.Under == "" && in.Text == "" && in.Level == "" {
		queries = nil // the list would begin with the roots; a sheet holds all below them, too
		for _, root := range tree.Root() {
			queries = append(queries, area.AreaQuery{Under: root.Code, Closed: in.Closed, Limit: exportPage})
		}
	}
	return &table{what: "area.export", area: cmp.Or(in.Under, in.Parent), title: lang.T("区域", "Areas"), columns: []column{
		col("编码", "code", wide), col("名称", "name", wide), col("层级", "level", slim), col("上级", "parent", wide), col("类型", "kind", slim), col("别名", "aliases", wide),
		col("纬度", "lat", slim), col("经度", "lon", slim), col("工作日历", "calendar", slim), col("人口", "population", slim), col("全称", "full name", widest), col("已撤销", "closed", slim)},
		rows: func(put func(...any) error) error {
			for _, q := range queries {
				if err := all(func(after string) ([]area.Area, string, error) {
					q.After = after
					return tree.Find(q)
				}, func(a area.Area) error {
					lat, lon, people := any(nil), any(nil), any(nil)
					if a.Center != nil {
						lat, lon = a.Center.Lat, a.Center.Lon
					}
					if a.Population > 0 {
						people = a.Population
					}
					return put(a.Code, a.Name, string(a.Level), a.Parent, a.Kind, strings.Join(a.Aliases, ";"), lat, lon, a.Calendar, people, tree.FullName(a.Code), a.Closed)
				}); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}

type exportOrgsInput struct {
	Area     string `query:"area" maxLength:"40" doc:"code: attached to this area or below"`
	Serving  string `query:"serving" maxLength:"40" doc:"code: attached to this area or above, so it can be asked from there"`
	Text     string `query:"q" maxLength:"100" doc:"part of the name, or the beginning of the code"`
	Kind     string `query:"kind" maxLength:"40" doc:"department, centre, team, committee, judicial-office or station"`
	Function string `query:"function" maxLength:"60" doc:"what it is for, such as housing"`
	Closed   bool   `query:"closed" doc:"closed ones too"`
}

func (s *Server) orgsTable(_ context.Context, in *exportOrgsInput) (*table, error) {
	tree := s.Areas.Tree()
	q := area.OrgQuery{Area: in.Area, Serving: in.Serving, Text: in.Text, Kind: in.Kind, Function: in.Function, Closed: in.Closed, Limit: exportPage}
	return &table{what: "area.export", area: in.Area, title: lang.T("组织", "Organisations"), columns: []column{
		col("编码", "code", wide), col("名称", "name", wide), col("类型", "kind", slim), col("职能", "function", wide), col("区域编码", "area", wide), col("上级", "parent", wide),
		col("工作日历", "calendar", slim), col("所在地", "full name of the area", widest), col("已撤销", "closed", slim)},
		rows: func(put func(...any) error) error {
			return all(func(after string) ([]area.Org, string, error) {
				q.After = after
				return tree.FindOrgs(q)
			}, func(o area.Org) error {
				return put(o.Code, o.Name, o.Kind, o.Function, o.Area, o.Parent, o.Calendar, tree.FullName(o.Area), o.Closed)
			})
		}}, nil
}

type exportVacanciesInput struct {
	Area string `query:"area" maxLength:"40" doc:"code: in this area or below; left out: where I may see people"`
	Role string `query:"role" maxLength:"60" doc:"key of a role"`
}

func (s *Server) vacanciesTable(ctx context.Context, in *exportVacanciesInput) (*table, error) {
	tree, now := s.Areas.Tree(), s.DB.Now()
	return &table{what: "staff.export", area: in.Area, title: lang.T("空岗", "Vacancies"), columns: []column{
		col("岗位", "Post", wide), col("地点", "Place", widest), col("岗位编码", "Key of the post", widest), col("现由谁代办", "Covered by", widest)},
		rows: func(put func(...any) error) error {
			return all(func(after string) ([]staff.Vacancy, string, error) {
				return s.Staff.FindVacancies(actor(ctx), now, staff.VacancyQuery{Area: in.Area, Role: in.Role, After: after, Limit: exportPage})
			}, func(v staff.Vacancy) error {
				post := s.postOf(v.Post)
				return put(post.Title, cmp.Or(tree.FullName(v.Post.Place()), v.Place), string(v.Post), s.coveredBy(&v.Cover))
			})
		}}, nil
}

type exportLogInput struct {
	Actor  string    `query:"actor" maxLength:"60" doc:"id of an account"`
	What   string    `query:"what" maxLength:"60" doc:"such as staff.login, staff.appoint, case.reveal" example:"case.reveal"`
	Object string    `query:"object" maxLength:"100" doc:"what it was done to"`
	From   time.Time `query:"from" doc:"at or after"`
	To     time.Time `query:"to" doc:"before"`
}

func (s *Server) accessLogTable(ctx context.Context, in *exportLogInput) (*table, error) {
	filter := audit.Filter{Actor: in.Actor, What: in.What, Object: in.Object, From: in.From, To: in.To}
	return s.logTable(lang.T("查看记录", "Access log"), func(before string) ([]audit.Entry, string, error) {
		return s.Staff.AccessLog(ctx, actor(ctx), filter, audit.Page{Before: before, Limit: exportPage})
	}), nil
}

type exportCaseAuditInput struct {
	Case string `query:"case" required:"true" maxLength:"60" doc:"id or number of the case" example:"320682-2026-000123"`
}

func (s *Server) caseAuditTable(ctx context.Context, in *exportCaseAuditInput) (*table, error) {
	return s.logTable(lang.T("事项查看记录", "Access log of a case"), func(before string) ([]audit.Entry, string, error) {
		return s.Cases.CaseAudit(ctx, actor(ctx), in.Case, audit.Page{Before: before, Limit: exportPage})
	}), nil
}

// logTable is a table of the access log.
func (s *Server) logTable(title lang.Text, page func(before string) ([]audit.Entry, string, error)) *table {
	tree := s.Areas.Tree()
	return &table{what: "audit.export", title: title, columns: []column{
		col("时间", "At", dated), col("账号", "Account", wide), col("姓名", "Name", slim), col("操作", "What", wide), col("对象", "Object", widest), col("区域", "Area", wide),
		col("目的", "Purpose", widest), col("来源地址", "Address", wide), col("说明", "Detail", widest)},
		rows: func(put func(...any) error) error {
			return all(page, func(e audit.Entry) error {
				return put(e.At, e.Actor, e.Name, e.What, e.Object, tree.FullName(placeOf(e.Path)), e.Purpose, e.Address, e.Detail)
			})
		}}
}

// placeOf is the last code of an area path.
func placeOf(path string) string {
	path = strings.Trim(path, "/")
	return path[strings.LastIndexByte(path, '/')+1:]
}
