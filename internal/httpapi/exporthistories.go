package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/flow"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

type exportTimelineInput struct {
	Case string `query:"case" required:"true" maxLength:"60" doc:"id or number of the case" example:"320682-2026-000123"`
}

// timelineTable is what happened to a case, the latest first, as its reader sees it.
func (s *Server) timelineTable(ctx context.Context, in *exportTimelineInput) (*table, error) {
	v, err := s.Cases.Read(ctx, actor(ctx), in.Case)
	if err != nil {
		return nil, err
	}
	return &table{what: "case.export", area: v.Case.Area, title: lang.T("办理记录", "What happened to a case"), columns: []column{
		col("时间", "At", dated), col("做了什么", "What", wide), col("谁", "Who", slim), col("岗位", "Post", wide), col("留言", "Said", widest), col("内容", "Filled in or changed", widest), col("超期", "Late", slim)},
		rows: func(put func(...any) error) error {
			for _, e := range slices.Backward(s.full(v).Timeline) {
				who, unit := lang.T(e.Who, e.Who), lang.Text{}
				if e.Who == "" {
					who = byWords[e.Data.By]
				}
				if e.Unit != nil {
					unit = *e.Unit
				}
				if err := put(e.At, e.Title, who, unit, e.Data.Text, saidWords(e.Words), e.Data.Late); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}

// saidWords is what an entry says, a line each.
func saidWords(list []saidView) lang.Text {
	zh, en := make([]string, len(list)), make([]string, len(list))
	for i, w := range list {
		from, to := lang.Text{}, w.To
		if w.From != nil {
			from = *w.From
		}
		if w.Type == flow.TypeText || w.Type == flow.TypeLine { // what somebody wrote stays as it was written
			from.EN, to.EN = from.ZH, to.ZH
		}
		zh[i], en[i] = w.Title.ZH+":"+to.ZH, w.Title.EN+": "+to.EN
		if w.From != nil {
			zh[i], en[i] = w.Title.ZH+":"+from.ZH+" → "+to.ZH, w.Title.EN+": "+from.EN+" → "+to.EN
		}
	}
	return lang.T(strings.Join(zh, "\n"), strings.Join(en, "\n"))
}

type exportOfPlaceInput struct {
	Code string `query:"code" required:"true" maxLength:"60" doc:"code of the area or organisation" example:"320682001001003"`
}

// changesTable is who changed an area or organisation, the latest first.
func (s *Server) changesTable(ctx context.Context, in *exportOfPlaceInput) (*table, error) {
	list, err := s.Areas.History(ctx, actor(ctx), in.Code)
	if err != nil {
		return nil, err
	}
	return &table{what: "area.export", area: in.Code, title: lang.T("变更记录", "Changes"), columns: []column{
		col("时间", "At", dated), col("谁", "Who", slim), col("做了什么", "What", slim), col("变更", "Changed", widest), col("原因", "Reason", widest)},
		rows: func(put func(...any) error) error {
			for _, e := range slices.Backward(list) {
				what, err := differences(e)
				if err != nil {
					return err
				}
				if err := put(e.At, s.whoDid(ctx, e.Actor), word(changeWords, e.Kind), what, e.Reason); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}

// whoDid is the name of an account to those who may see who it is, or the word for the program itself.
func (s *Server) whoDid(ctx context.Context, account string) lang.Text {
	if _, person := s.Staff.Account(account); !person {
		return byWords["system"]
	}
	if p, err := s.Staff.Person(actor(ctx), account); err == nil {
		return lang.T(p.Name, p.Name)
	}
	return lang.T("工作人员", "member of staff")
}

// differences are the facts that a change changed, a line each; of what is new or gone there are none.
func differences(e area.Entry) (lang.Text, error) {
	var before, after map[string]json.RawMessage
	if err := json.Unmarshal(e.Before, &before); err != nil {
		return lang.Text{}, fmt.Errorf("the history of %s: %w", e.Code, err)
	}
	if err := json.Unmarshal(e.After, &after); err != nil {
		return lang.Text{}, fmt.Errorf("the history of %s: %w", e.Code, err)
	}
	if before == nil || after == nil {
		return lang.Text{}, nil
	}
	keys := map[string]bool{}
	for key := range before {
		keys[key] = true
	}
	for key := range after {
		keys[key] = true
	}
	var zh, en []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if key == "version" || key == "path" || bytes.Equal(before[key], after[key]) {
			continue
		}
		title, from, to := word(factWords, key), plainWords(before[key]), plainWords(after[key])
		zh, en = append(zh, title.ZH+":"+from.ZH+" → "+to.ZH), append(en, title.EN+": "+from.EN+" → "+to.EN)
	}
	return lang.T(strings.Join(zh, "\n"), strings.Join(en, "\n")), nil
}

// plainWords is one fact of an area or organisation in words.
func plainWords(raw json.RawMessage) lang.Text {
	var v any
	if len(raw) > 0 && json.Unmarshal(raw, &v) != nil {
		v = string(raw)
	}
	switch v := v.(type) {
	case nil:
		return lang.T("(空)", "(empty)")
	case bool:
		if v {
			return yesNo(true)
		}
		return lang.T("否", "no")
	case map[string]any:
		return lang.T("已改", "changed")
	case []any:
		words := make([]string, len(v))
		for i, one := range v {
			words[i] = fmt.Sprint(one)
		}
		return lang.T(cmp.Or(strings.Join(words, "、"), "(空)"), cmp.Or(strings.Join(words, ", "), "(empty)"))
	case string:
		return lang.T(cmp.Or(v, "(空)"), cmp.Or(v, "(empty)"))
	default:
		return lang.T(string(raw), string(raw))
	}
}

// teamTable is the posts of an area or organisation; each holder has a row, and so has a vacant post.
func (s *Server) teamTable(ctx context.Context, in *exportOfPlaceInput) (*table, error) {
	posts, err := s.Staff.Team(actor(ctx), in.Code, s.DB.Now())
	if err != nil {
		return nil, err
	}
	return &table{what: "staff.export", area: in.Code, title: lang.T("岗位和人员", "Posts and holders"), columns: []column{
		col("岗位", "Post", wide), col("地点", "Place", wide), col("职责", "About", widest), col("姓名", "Name", slim), col("电话", "Phone", slim), col("代岗", "Deputy", slim), col("任职自", "Since", dated), col("到", "Until", dated),
		col("空岗", "Vacant", slim), col("现由谁代办", "Covered by", widest)},
		rows: func(put func(...any) error) error {
			for _, p := range posts {
				if len(p.Holders) == 0 {
					if err := put(p.Title, p.Place, p.About, "", "", false, nil, nil, true, s.coveredBy(p.Cover)); err != nil {
						return err
					}
				}
				for _, h := range p.Holders {
					if err := put(p.Title, p.Place, p.About, h.Name, h.Phone, h.Deputy, h.From, h.To, false, ""); err != nil {
						return err
					}
				}
			}
			return nil
		}}, nil
}

// coveredBy is who answers for a vacant post, in words.
func (s *Server) coveredBy(c *staff.Cover) lang.Text {
	if c == nil || c.Nobody {
		return lang.T("无人", "nobody")
	}
	return postWords(s.postOf(c.Holder))
}

type exportOfPersonInput struct {
	Person string `query:"person" required:"true" maxLength:"60" doc:"id of the account" example:"0193a5f0-7c1e-7000-8000-000000000002"`
}

// appointmentsTable is the posts somebody held and holds, newest first.
func (s *Server) appointmentsTable(ctx context.Context, in *exportOfPersonInput) (*table, error) {
	if _, err := s.Staff.Person(actor(ctx), in.Person); err != nil {
		return nil, err
	}
	list, err := s.Staff.History(ctx, actor(ctx), "", in.Person)
	if err != nil {
		return nil, err
	}
	return &table{what: "staff.export", title: lang.T("任职记录", "Posts held"), columns: []column{
		col("岗位", "Post", wide), col("地点", "Place", widest), col("代岗", "Deputy", slim), col("任职自", "Since", dated), col("到", "Until", dated), col("免去原因", "Reason", widest), col("为什么要核对", "Why to look at it", widest)},
		rows: func(put func(...any) error) error {
			for _, a := range list {
				post, review := s.postOf(a.Post), lang.Text{}
				if a.Review != "" {
					review = s.reviewWords(a.Review)
				}
				if err := put(post.Title, cmp.Or(s.Areas.Tree().FullName(a.Post.Place()), post.Place), a.Deputy, a.From, a.To, a.EndedReason, review); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}

// accessTable is where somebody is signed in and, for those who may see them, the tokens; never their secrets.
func (s *Server) accessTable(ctx context.Context, in *exportOfPersonInput) (*table, error) {
	who := actor(ctx)
	list, err := s.Staff.Sessions(ctx, who, in.Person)
	if err != nil {
		return nil, err
	}
	if in.Person == who.ID() || who.Anywhere(staff.SystemAdmin) {
		tokens, err := s.Staff.Tokens(ctx, who, in.Person)
		if err != nil {
			return nil, err
		}
		list = append(list, tokens...)
	}
	return &table{what: "staff.token-export", title: lang.T("登录和令牌", "Sessions and tokens"), columns: []column{
		col("类型", "Kind", slim), col("设备或用途", "Client or purpose", wide), col("权限", "Permissions", widest), col("来源地址", "Address", wide), col("建立时间", "Created", dated), col("到期", "Expires", dated),
		col("最近使用", "Last used", dated)},
		rows: func(put func(...any) error) error {
			for _, k := range list {
				if err := put(word(accessWords, k.Kind), k.Name, scopeWords(k.Scopes), k.Address, k.CreatedAt, k.ExpiresAt, k.UsedAt); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}
