package httpapi

import (
	"context"
	"time"

	"linli/internal/board"
	"linli/internal/casework"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// NoticeView is a notice as it stands on a board.
type NoticeView struct {
	ID       string     `json:"id"`
	Area     string     `json:"area" doc:"code of the area that posted it"`
	AreaName string     `json:"area_name" example:"如城街道"`
	Title    string     `json:"title"`
	Text     string     `json:"text" doc:"lines are kept"`
	Audience string     `json:"audience" enum:"residents,staff" doc:"residents: everybody"`
	Pinned   bool       `json:"pinned"`
	From     time.Time  `json:"from"`
	Until    *time.Time `json:"until,omitempty" doc:"the first moment it is no longer shown; left out: until it is withdrawn"`
}

// keptNotice is a notice as those who post read it.
type keptNotice struct {
	NoticeView
	State     string      `json:"state" enum:"coming,showing,over,withdrawn"`
	Version   int64       `json:"version" doc:"send it back as If-Match"`
	Author    string      `json:"author" doc:"who posted it, by the name then"`
	PostedAt  time.Time   `json:"posted_at"`
	ChangedAt *time.Time  `json:"changed_at,omitempty"`
	Withdrawn *withdrawal `json:"withdrawn,omitempty"`
}

// withdrawal tells why a notice was taken down.
type withdrawal struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

func (s *Server) notice(n *board.Notice) NoticeView {
	a, _ := s.Areas.Tree().Area(n.Area)
	return NoticeView{ID: n.ID, Area: n.Area, AreaName: a.Name, Title: n.Title, Text: n.Text, Audience: n.Audience, Pinned: n.Pinned, From: n.From, Until: when(n.Until)}
}

func (s *Server) noticesShown(list []board.Notice, err error) ([]NoticeView, error) {
	out := make([]NoticeView, 0, len(list))
	for i := range list {
		out = append(out, s.notice(&list[i]))
	}
	return out, err
}

func (s *Server) kept(n *board.Notice) keptNotice {
	v := keptNotice{NoticeView: s.notice(n), State: n.State(s.DB.Now()), Version: n.Version, Author: n.Author, PostedAt: n.PostedAt, ChangedAt: when(n.ChangedAt)}
	if !n.Withdrawn.IsZero() {
		v.Withdrawn = &withdrawal{At: n.Withdrawn, By: n.WithdrawBy, Reason: n.Reason}
	}
	return v
}

type noticesInput struct {
	Area     string `query:"area" maxLength:"40" doc:"code: posted by this area or one below it"`
	State    string `query:"state" maxLength:"20" doc:"coming, showing, over or withdrawn; left out: all"`
	After    string `query:"after" maxLength:"100" doc:"the next of the page before"`
	PageSize int    `query:"page_size" minimum:"0" maximum:"200" doc:"1 to 200, 50 when left out"`
}

type noticesOutput struct {
	Body struct {
		Notices []keptNotice `json:"notices" doc:"of the places where I may post, those posted last first"`
		Next    string       `json:"next,omitempty" doc:"cursor of the next page; left out on the last"`
	}
}

func (s *Server) listNotices(ctx context.Context, in *noticesInput) (*noticesOutput, error) {
	list, next, err := s.Board.List(ctx, actor(ctx), board.Filter{Area: in.Area, State: in.State, After: in.After, Limit: in.PageSize})
	if err != nil {
		return nil, err
	}
	out := &noticesOutput{}
	out.Body.Notices, out.Body.Next = make([]keptNotice, 0, len(list)), next
	for i := range list {
		out.Body.Notices = append(out.Body.Notices, s.kept(&list[i]))
	}
	return out, nil
}

// NoticeWords is what is written of a notice.
type NoticeWords struct {
	Title    string     `json:"title" example:"11月25日停水通知"`
	Text     string     `json:"text" example:"因管道检修,25日8时至18时停水,请提前储水。"`
	Audience string     `json:"audience,omitempty" enum:"residents,staff" doc:"residents when left out: everybody; staff: only those who serve there"`
	Pinned   bool       `json:"pinned,omitempty" doc:"stands before the others"`
	From     *time.Time `json:"from,omitempty" doc:"left out: at once, or as it was"`
	Until    *time.Time `json:"until,omitempty" doc:"left out: until it is withdrawn"`
}

func (w *NoticeWords) words() board.Words {
	return board.Words{Title: w.Title, Text: w.Text, Audience: w.Audience, Pinned: w.Pinned, From: moment(w.From), Until: moment(w.Until)}
}

type postNoticeInput struct {
	Body struct {
		ID   string `json:"id" format:"uuid" doc:"UUIDv7 made by the sender; sending it twice is once" example:"0193a5f0-7c1e-7000-8000-000000000004"`
		Area string `json:"area" maxLength:"40" doc:"code of the area it is posted for: it stands on its board and on all below" example:"320682001001"`
		NoticeWords
	}
}

type noticeOutput struct {
	ETag string `header:"ETag"`
	Body keptNotice
}

func (s *Server) noticeOut(n board.Notice, err error) (*noticeOutput, error) {
	if err != nil {
		return nil, err
	}
	return &noticeOutput{ETag: etag(n.Version), Body: s.kept(&n)}, nil
}

func (s *Server) postNotice(ctx context.Context, in *postNoticeInput) (*noticeOutput, error) {
	return s.noticeOut(s.Board.Post(ctx, actor(ctx), in.Body.ID, in.Body.Area, in.Body.words()))
}

// NoticeRef names a notice in the address.
type NoticeRef struct {
	ID      string `path:"id" format:"uuid" doc:"id of the notice"`
	IfMatch string `header:"If-Match" doc:"the ETag seen: refused when somebody changed it meanwhile"`
}

type changeNoticeInput struct {
	NoticeRef
	Body struct{ NoticeWords }
}

func (s *Server) changeNotice(ctx context.Context, in *changeNoticeInput) (*noticeOutput, error) {
	seen, err := version(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return s.noticeOut(s.Board.Change(ctx, actor(ctx), in.ID, seen, in.Body.words()))
}

type withdrawInput struct {
	NoticeRef
	Body struct {
		Reason string `json:"reason" doc:"kept with the notice" example:"停水改期"`
	}
}

func (s *Server) withdrawNotice(ctx context.Context, in *withdrawInput) (*noticeOutput, error) {
	seen, err := version(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return s.noticeOut(s.Board.Withdraw(ctx, actor(ctx), in.ID, seen, in.Body.Reason))
}

type areaNoticesOutput struct {
	Body struct {
		Notices []NoticeView `json:"notices" doc:"pinned ones first, then the newest"`
	}
}

func (s *Server) areaNotices(ctx context.Context, in *areaInput) (*areaNoticesOutput, error) {
	out := &areaNoticesOutput{}
	var err error
	out.Body.Notices, err = s.noticesShown(s.Board.Shown(ctx, actor(ctx), in.Code, true))
	return out, err
}

// dutyPhoneView is a duty phone.
type dutyPhoneView struct {
	Place   string        `json:"place" doc:"code of the area or organisation"`
	Name    string        `json:"name" doc:"its name" example:"安定社区"`
	Phone   string        `json:"phone" example:"0513-87651234"`
	Hours   []board.Hours `json:"hours" doc:"when somebody answers, Beijing time; empty: round the clock"`
	Note    string        `json:"note,omitempty" example:"节假日请打街道值班电话"`
	Version int64         `json:"version" doc:"send it back as If-Match"`
}

func dutyOf(d *board.Duty) dutyPhoneView {
	return dutyPhoneView{Place: d.Place, Name: d.Name, Phone: d.Phone, Hours: d.Hours, Note: d.Note, Version: d.Version}
}

func (s *Server) dutiesShown(list []board.Duty, err error) ([]dutyPhoneView, error) {
	out := make([]dutyPhoneView, 0, len(list))
	for i := range list {
		out = append(out, dutyOf(&list[i]))
	}
	return out, err
}

// callable is the number to call about a case: of the unit that has it, or the nearest one of its place.
func (s *Server) callable(ctx context.Context, p casework.Progress) (*dutyPhoneView, error) {
	c := p.Case
	if !c.Open() {
		return nil, nil
	}
	for i, place := range []string{c.Holder.Place(), c.Area} {
		if place == "" || place == staff.Everywhere {
			continue
		}
		list, err := s.Board.Duties(ctx, place)
		if fault.Is(err, fault.NotFound) {
			continue // the place has been closed
		}
		if err != nil {
			return nil, err
		}
		_, org := s.Areas.Tree().Org(place)
		if i == 0 && org && len(list) > 0 && list[0].Place != place {
			continue // the unit has none of its own: rather the grid's than that of the unit's area
		}
		if len(list) > 0 {
			v := dutyOf(&list[0])
			return &v, nil
		}
	}
	return nil, nil
}

// DutyRef names a place with a duty phone in the address.
type DutyRef struct {
	Code string `path:"code" maxLength:"60" doc:"code of the area or organisation" example:"320682001001"`
}

type dutiesOutput struct {
	Body struct {
		Phones []dutyPhoneView `json:"phones" doc:"its own, then those of the areas above; the first is the one to call"`
	}
}

func (s *Server) duties(ctx context.Context, in *DutyRef) (*dutiesOutput, error) {
	out := &dutiesOutput{}
	var err error
	out.Body.Phones, err = s.dutiesShown(s.Board.Duties(ctx, in.Code))
	return out, err
}

type setDutyInput struct {
	DutyRef
	IfMatch string `header:"If-Match" doc:"the ETag seen: refused when somebody changed it meanwhile"`
	Body    struct {
		Phone string        `json:"phone" doc:"shown to everybody; the number of somebody's account is refused" example:"0513-87651234"`
		Hours []board.Hours `json:"hours,omitempty" doc:"when somebody answers, Beijing time, at most four; left out: round the clock"`
		Note  string        `json:"note,omitempty" example:"节假日请打街道值班电话"`
	}
}

type dutyOutput struct {
	ETag string `header:"ETag"`
	Body dutyPhoneView
}

func (s *Server) setDuty(ctx context.Context, in *setDutyInput) (*dutyOutput, error) {
	seen, err := version(in.IfMatch)
	if err != nil {
		return nil, err
	}
	d, err := s.Board.SetDuty(ctx, actor(ctx), board.Duty{Place: in.Code, Phone: in.Body.Phone, Hours: in.Body.Hours, Note: in.Body.Note}, seen)
	if err != nil {
		return nil, err
	}
	return &dutyOutput{ETag: etag(d.Version), Body: dutyOf(&d)}, nil
}

type dropDutyInput struct {
	DutyRef
	IfMatch string `header:"If-Match" doc:"the ETag seen: refused when somebody changed it meanwhile"`
}

func (s *Server) dropDuty(ctx context.Context, in *dropDutyInput) (*nothing, error) {
	seen, err := version(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return nil, s.Board.DropDuty(ctx, actor(ctx), in.Code, seen)
}

// boardRoutes: notices and duty phones. What stands on the board for residents comes with notice-board.
func (s *Server) boardRoutes() {
	add(s, operation{get, v1 + "/notices", "list-notices", staff.BoardWrite, "board", "Notices of the places where I may post", "Also those that are to come, over or withdrawn.", 0, 0}, s.listNotices)
	add(s, operation{post, v1 + "/notices", "post-notice", staff.BoardWrite, "board", "Post a notice for an area", "It stands on the boards of the area and of all below it.", 201, 0}, s.postNotice)
	add(s, operation{pat, v1 + "/notices/{id}", "change-notice", staff.BoardWrite, "board", "Correct a notice", "All of it is sent again. What it said before stands in the access log.", 0, 0}, s.changeNotice)
	add(s, operation{post, v1 + "/notices/{id}/withdraw", "withdraw-notice", staff.BoardWrite, "board", "Take a notice down", "It stays with the reason for those who may post.", 0, 0}, s.withdrawNotice)
	add(s, operation{get, v1 + "/areas/{code}/notices", "area-notices", "area.read", "board", "What stands on the board of an area now, for residents and for staff", "", 0, 0}, s.areaNotices)
	add(s, operation{get, v1 + "/duty-phones/{code}", "duty-phones", anybody, "board", "Duty phones one can call about an area or organisation", "", 0, 0}, s.duties)
	add(s, operation{put, v1 + "/duty-phones/{code}", "set-duty-phone", staff.BoardWrite, "board", "Set the duty phone of an area or organisation", "The number of somebody's account is refused: residents see a duty phone, never a private one.", 0, 0}, s.setDuty)
	add(s, operation{del, v1 + "/duty-phones/{code}", "drop-duty-phone", staff.BoardWrite, "board", "Take the duty phone of a place away", "", 204, 0}, s.dropDuty)
}
