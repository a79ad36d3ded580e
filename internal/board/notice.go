package board

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"linli/internal/area"
	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// Whom a notice is for.
const (
	ForResidents = "residents" // everybody, staff as well
	ForStaff     = "staff"     // those who serve there
)

// Bounds of a notice, in characters, and of how long one may be announced ahead or shown.
const (
	longestTitle  = 60
	longestWords  = 3000
	longestReason = 200
	farthest      = 2 * 366 * 24 * time.Hour
)

// mostShown is how many notices a board shows.
const mostShown = 30

// Notice is a word (通知公告) to everybody in an area.
type Notice struct {
	ID         string
	Area       string // who posts: the area's code
	Title      string
	Text       string
	Audience   string // ForResidents or ForStaff
	Pinned     bool   // stands before the others
	From       time.Time
	Until      time.Time // the first moment it is no longer shown; zero: until it is withdrawn
	Account    string    // who posted it
	Author     string    // the name of that account then
	PostedAt   time.Time
	ChangedAt  time.Time // zero: never
	Version    int64
	Withdrawn  time.Time // zero: it was not
	WithdrawBy string    // name of who withdrew it
	Reason     string    // why it was withdrawn
}

// State is how a notice stands at a moment: coming, showing, over or withdrawn.
func (n *Notice) State(at time.Time) string {
	switch {
	case !n.Withdrawn.IsZero():
		return StateWithdrawn
	case n.From.After(at):
		return StateComing
	case !n.Until.IsZero() && !n.Until.After(at):
		return StateOver
	}
	return StateShowing
}

// How a notice stands.
const (
	StateComing    = "coming"
	StateShowing   = "showing"
	StateOver      = "over"
	StateWithdrawn = "withdrawn"
)

// Words are what somebody writes of a notice.
type Words struct {
	Title    string
	Text     string
	Audience string
	Pinned   bool
	From     time.Time // zero: at once
	Until    time.Time // zero: until it is withdrawn
}

// Post puts a notice up for an area; sent twice with its id it is posted once. Permission board.write at the area.
//
// Errors: Invalid "bad-notice" naming the fields; NotFound for the area; Forbidden; Conflict "id-used", "area-closed".
func (s *Service) Post(ctx context.Context, actor *staff.Actor, id, code string, w Words) (Notice, error) {
	path, err := s.may(actor, code)
	if err != nil {
		return Notice{}, err
	}
	a, ok := s.tree().Area(code)
	if !ok {
		return Notice{}, noPlace(code)
	}
	if a.Closed {
		return Notice{}, fault.Newf(fault.Conflict, "area-closed", "%[1]s 已撤销,不能再发通知", "%[1]s is closed; nothing can be posted there", a.Name)
	}
	if _, err := uuid.Parse(id); err != nil {
		return Notice{}, badNotice().At("id", "uuid", "编号须为 UUIDv7", "The id must be a UUIDv7")
	}
	id = strings.ToLower(id)
	n := Notice{ID: id, Area: code, Account: actor.ID(), Author: actor.Name(), Version: 1}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		known, found, err := notice(tx, id, tx.Lock())
		if err != nil {
			return err
		}
		if found {
			if known.Area != code || known.Account != actor.ID() {
				return fault.New(fault.Conflict, "id-used", "这个编号已被另一条通知使用", "This id belongs to another notice").At("id", "used", "请换一个新的 UUIDv7", "Make a new UUIDv7")
			}
			n = known
			return nil
		}
		if err := n.write(w, tx.Now, tx.Now); err != nil {
			return err
		}
		n.PostedAt = tx.Now
		if err := insert(tx, &n, path); err != nil {
			return err
		}
		return s.note(tx, actor, "board.post", n, path, "")
	})
	return n, err
}

// Change corrects a notice that was not withdrawn. version is the one seen; 0: whatever it is now. Permission board.write
// at its area.
//
// Errors: Invalid "bad-notice"; NotFound "no-notice"; Forbidden; Conflict "stale-version", "withdrawn".
func (s *Service) Change(ctx context.Context, actor *staff.Actor, id string, version int64, w Words) (Notice, error) {
	return s.turn(ctx, actor, id, version, func(tx *database.Tx, n *Notice, path string) error {
		if err := n.write(w, n.From, tx.Now); err != nil {
			return err
		}
		n.ChangedAt = tx.Now
		return s.note(tx, actor, "board.change", *n, path, "")
	})
}

// Withdraw takes a notice down. It stays readable for those who may post, with the reason. Permission board.write at its area.
//
// Errors: Invalid without a reason; NotFound "no-notice"; Forbidden; Conflict "stale-version", "withdrawn".
func (s *Service) Withdraw(ctx context.Context, actor *staff.Actor, id string, version int64, reason string) (Notice, error) {
	reason = plain(reason)
	if n := utf8.RuneCountInString(reason); n < 2 || n > longestReason {
		return Notice{}, fault.New(fault.Invalid, "reason-needed", "请写明撤下的原因", "Say why it is withdrawn").
			At("reason", "length", fmt.Sprintf("2 到 %d 个字", longestReason), fmt.Sprintf("2 to %d characters", longestReason))
	}
	return s.turn(ctx, actor, id, version, func(tx *database.Tx, n *Notice, path string) error {
		n.Withdrawn, n.WithdrawBy, n.Reason = tx.Now, actor.Name(), reason
		return s.note(tx, actor, "board.withdraw", *n, path, reason)
	})
}

// turn changes a notice under its lock.
func (s *Service) turn(ctx context.Context, actor *staff.Actor, id string, version int64, use func(tx *database.Tx, n *Notice, path string) error) (n Notice, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		var found bool
		if n, found, err = notice(tx, strings.ToLower(id), tx.Lock()); err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "no-notice", "没有这条通知", "There is no such notice")
		}
		path, err := s.may(actor, n.Area)
		if err != nil {
			return err
		}
		if version != 0 && version != n.Version {
			return fault.New(fault.Conflict, "stale-version", "这条通知在您打开之后已被修改,请按最新内容再试", "The notice was changed after you opened it; look at it again")
		}
		if !n.Withdrawn.IsZero() {
			return fault.New(fault.Conflict, "withdrawn", "这条通知已经撤下,不能再改;要再发请写一条新的", "The notice was withdrawn and cannot be changed; post a new one")
		}
		n.Version++
		if err := use(tx, &n, path); err != nil {
			return err
		}
		return update(tx, &n)
	})
	return n, err
}

func (s *Service) note(tx *database.Tx, actor *staff.Actor, what string, n Notice, path, reason string) error {
	return audit.Record(tx, audit.Entry{Actor: actor.ID(), Name: actor.Name(), What: what, Object: "notice:" + n.ID, Path: path, Purpose: reason,
		Address: actor.Address(), Detail: n.Title + "\n" + n.Text})
}

// Shown are the notices on the board of an area at this moment, its own and those of the areas above: pinned ones first,
// then the newest. Those for staff come along only with the permission area.read there, and with staff asked for.
//
// Errors: NotFound; Forbidden when those for staff are asked for by others.
func (s *Service) Shown(ctx context.Context, actor *staff.Actor, code string, withStaff bool) (out []Notice, err error) {
	around, err := s.around(code)
	if err != nil {
		return nil, err
	}
	if withStaff && !actor.May(area.PermissionRead, s.tree().Path(code)) {
		return nil, fault.New(fault.Forbidden, "not-permitted", "您的岗位不能看这里的内部通知", "Your post may not read the notices for staff here")
	}
	codes := make([]string, len(around))
	for i := range around {
		codes[i] = around[i].Code
	}
	return s.showing(ctx, codes, withStaff)
}

// ShownTo are the notices for residents and staff in all the places somebody serves at; for what is taken along.
func (s *Service) ShownTo(ctx context.Context, actor *staff.Actor) ([]Notice, error) {
	var codes []string
	for _, p := range actor.Posts() {
		around, err := s.around(p.Place())
		if err != nil {
			continue // of the whole installation, or of a place that is gone
		}
		for _, a := range around {
			if !slices.Contains(codes, a.Code) {
				codes = append(codes, a.Code)
			}
		}
	}
	if len(codes) == 0 {
		return []Notice{}, nil
	}
	return s.showing(ctx, codes, true)
}

func (s *Service) showing(ctx context.Context, codes []string, withStaff bool) (out []Notice, err error) {
	q := &query{}
	q.And("area IN (" + q.List(codes) + ")")
	q.And("withdrawn_at = 0")
	if !withStaff {
		q.And("audience = " + q.Arg(ForResidents))
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		now := q.Arg(database.Millis(tx.Now))
		out, err = database.All(tx, scanNotice, `SELECT `+noticeColumns+` FROM board_notice WHERE `+q.Where()+
			` AND from_at <= `+now+` AND (until_at = 0 OR until_at > `+now+`) ORDER BY pinned DESC, from_at DESC, id LIMIT `+q.Arg(mostShown), q.Args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	return out, nil
}

// Filter narrows the list of notices; empty fields do not.
type Filter struct {
	Area  string // posted by this area or one below it
	State string // StateComing …
	After string // cursor of the page before
	Limit int    // 1 to 200; 0 is 50
}

func badNotice() *fault.Error {
	return fault.New(fault.Invalid, "bad-notice", "通知有误,请改正后再发", "Something is wrong with the notice")
}

// write checks what was written and takes it over. usual is from when it is shown when nothing is said.
func (n *Notice) write(w Words, usual, now time.Time) error {
	bad := badNotice()
	n.Title, n.Text, n.Audience, n.Pinned, n.From, n.Until = plain(w.Title), written(w.Text), w.Audience, w.Pinned, w.From, w.Until
	if n.From.IsZero() {
		n.From = usual
	}
	if n.Audience == "" {
		n.Audience = ForResidents
	}
	if c := utf8.RuneCountInString(n.Title); c < 2 || c > longestTitle {
		bad.At("title", "length", fmt.Sprintf("标题 2 到 %d 个字", longestTitle), fmt.Sprintf("A title has 2 to %d characters", longestTitle))
	}
	if c := utf8.RuneCountInString(n.Text); c < 2 || c > longestWords {
		bad.At("text", "length", fmt.Sprintf("正文 2 到 %d 个字", longestWords), fmt.Sprintf("The text has 2 to %d characters", longestWords))
	}
	if n.Audience != ForResidents && n.Audience != ForStaff {
		bad.At("audience", "choice", "请选择发给居民(residents)还是工作人员(staff)", "Choose residents or staff")
	}
	if n.From.After(now.Add(farthest)) || n.From.Before(now.Add(-farthest)) {
		bad.At("from", "range", "开始时间离现在不能超过两年", "It begins within two years from now")
	}
	if !n.Until.IsZero() && (!n.Until.After(n.From) || n.Until.After(now.Add(farthest))) {
		bad.At("until", "range", "结束时间要晚于开始时间,最多两年", "It ends after it begins, within two years")
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// plain is one line of text without what cannot be seen.
func plain(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, norm.NFC.String(s))), " ")
}

// written is text of several lines without what cannot be seen.
func written(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = plain(line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
