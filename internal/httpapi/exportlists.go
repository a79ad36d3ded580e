package httpapi

import (
	"cmp"
	"context"
	"strings"

	"linli/internal/area"
	"linli/internal/board"
	"linli/internal/casework"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

type exportAlertsInput struct {
	Unseen bool `query:"unseen" doc:"only what nobody has seen"`
}

func (s *Server) alertsTable(ctx context.Context, in *exportAlertsInput) (*table, error) {
	return &table{what: "alert.export", title: lang.T("提示", "Alerts"), columns: []column{
		col("时间", "At", dated), col("提示", "Alert", slim), col("编号", "Number", wide), col("标题", "Title", widest), col("给哪个岗", "For the post", widest), col("看过", "Seen", slim)},
		rows: func(put func(...any) error) error {
			return all(func(after string) ([]casework.Alert, string, error) {
				return s.Cases.Alerts(ctx, actor(ctx), casework.AlertQuery{Unseen: in.Unseen, After: after, Limit: exportPage})
			}, func(a casework.Alert) error {
				kind, known := alertWords[a.Kind]
				if !known {
					kind = lang.T("有新情况", "something new")
				}
				return put(a.At, kind, a.Number, caseTitle(a.Title), postWords(s.postOf(a.Post)), a.Seen)
			})
		}}, nil
}

// caseTitle is the title of a case, and of one that the reader may not read the word for it.
func caseTitle(title string) lang.Text {
	if title == "" {
		return lang.T("保密事项", "confidential case")
	}
	return lang.T(title, title)
}

type exportNoticesInput struct {
	Area  string `query:"area" maxLength:"40" doc:"code: posted by this area or one below it"`
	State string `query:"state" maxLength:"20" doc:"coming, showing, over or withdrawn; left out: all"`
}

func (s *Server) noticesTable(ctx context.Context, in *exportNoticesInput) (*table, error) {
	tree, now := s.Areas.Tree(), s.DB.Now()
	return &table{what: "board.export", area: in.Area, title: lang.T("通知公告", "Notices"), columns: []column{
		col("标题", "Title", widest), col("内容", "Text", widest), col("发布区域", "Area", widest), col("给谁看", "For whom", slim), col("状态", "State", slim), col("置顶", "Pinned", slim),
		col("开始显示", "Shown from", dated), col("显示到", "Shown until", dated), col("发布人", "Posted by", slim), col("发布时间", "Posted", dated), col("修改时间", "Changed", dated),
		col("撤下时间", "Withdrawn", dated), col("撤下人", "Withdrawn by", slim), col("撤下原因", "Reason", widest)},
		rows: func(put func(...any) error) error {
			return all(func(after string) ([]board.Notice, string, error) {
				return s.Board.List(ctx, actor(ctx), board.Filter{Area: in.Area, State: in.State, After: after, Limit: exportPage})
			}, func(n board.Notice) error {
				return put(n.Title, n.Text, tree.FullName(n.Area), word(audienceWords, n.Audience), word(conditionValues["state"], n.State(now)), n.Pinned,
					n.From, n.Until, n.Author, n.PostedAt, n.ChangedAt, n.Withdrawn, n.WithdrawBy, n.Reason)
			})
		}}, nil
}

type exportReviewsInput struct {
	Area string `query:"area" maxLength:"40" doc:"code: in this area or below; left out: everywhere I may see people"`
}

func (s *Server) reviewsTable(ctx context.Context, in *exportReviewsInput) (*table, error) {
	tree, path := s.Areas.Tree(), "/"
	if in.Area != "" {
		if path = tree.Path(in.Area); path == "" {
			return nil, errNoArea(in.Area)
		}
	}
	return &table{what: "staff.export", area: in.Area, title: lang.T("任职核对", "Appointments to look at"), columns: []column{
		col("姓名", "Name", slim), col("登录名", "Login", wide), col("岗位", "Post", wide), col("地点", "Place", widest), col("代岗", "Deputy", slim), col("任职自", "Since", dated), col("到", "Until", dated),
		col("为什么要核对", "Why", widest)},
		rows: func(put func(...any) error) error {
			for _, a := range s.Staff.Reviews(actor(ctx), path) {
				who, _ := s.Staff.Account(a.Account)
				post := s.postOf(a.Post)
				if err := put(who.Name, who.Login, post.Title, cmp.Or(tree.FullName(a.Post.Place()), post.Place), a.Deputy, a.From, a.To, s.reviewWords(a.Review)); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}

// reviewWords tells why somebody should look at an appointment: the area that was divided under it.
func (s *Server) reviewWords(review string) lang.Text {
	code, split := strings.CutPrefix(review, "split: ")
	if !split {
		return lang.T(review, review)
	}
	name := cmp.Or(s.Areas.Tree().FullName(code), code)
	return lang.T("区域拆分后留在这里:"+name, "stayed here when the area was split: "+name)
}

type exportPlacesInput struct {
	Area string `query:"area" maxLength:"40" doc:"code: stored as lying in this area or below"`
	Text string `query:"q" maxLength:"100" doc:"part of a name, or the beginning of the code"`
}

func (s *Server) placesTable(_ context.Context, in *exportPlacesInput) (*table, error) {
	tree := s.Areas.Tree()
	return &table{what: "area.export", area: in.Area, title: lang.T("地名", "Places"), columns: []column{
		col("编码", "code", wide), col("名称", "name", wide), col("别名", "aliases", wide), col("类型", "kind", slim), col("区域编码", "area", wide), col("纬度", "lat", slim), col("经度", "lon", slim),
		col("所在地", "full name of the area", widest)},
		rows: func(put func(...any) error) error {
			return all(func(after string) ([]area.NamedPlace, string, error) {
				return s.Areas.FindPlaces(area.PlaceQuery{Area: in.Area, Text: in.Text, After: after, Limit: exportPage})
			}, func(p area.NamedPlace) error {
				lat, lon := any(nil), any(nil)
				if p.At != nil {
					lat, lon = p.At.Lat, p.At.Lon
				}
				return put(p.Code, p.Name, strings.Join(p.Aliases, ";"), p.Kind, p.Area, lat, lon, tree.FullName(p.Area))
			})
		}}, nil
}

type exportTokensInput struct{}

func (s *Server) tokensTable(ctx context.Context, _ *exportTokensInput) (*table, error) {
	return &table{what: "staff.token-export", title: lang.T("接口令牌", "Tokens"), columns: []column{
		col("用途", "Purpose", wide), col("权限", "Permissions", widest), col("建立时间", "Created", dated), col("到期", "Expires", dated), col("最近使用", "Last used", dated)},
		rows: func(put func(...any) error) error {
			who := actor(ctx)
			list, err := s.Staff.Tokens(ctx, who, who.ID())
			if err != nil {
				return err
			}
			for _, k := range list {
				if err := put(k.Name, scopeWords(k.Scopes), k.CreatedAt, k.ExpiresAt, k.UsedAt); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}

// scopeWords are the permissions of a token in words.
func scopeWords(scopes []string) lang.Text {
	zh, en := make([]string, 0, len(scopes)), make([]string, 0, len(scopes))
	for _, p := range staff.Permissions {
		for _, scope := range scopes {
			if p.Key == scope {
				zh, en = append(zh, p.Text.ZH), append(en, p.Text.EN)
			}
		}
	}
	return lang.T(strings.Join(zh, ";"), strings.Join(en, "; "))
}
