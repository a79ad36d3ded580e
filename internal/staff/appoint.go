package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// farthest is how far ahead an appointment may begin; what lies beyond is a slip of the pen.
const farthest = 10 * 366 * 24 * time.Hour

// AppointCommand gives an account a post.
type AppointCommand struct {
	ID      string    `json:"id,omitempty" doc:"UUIDv7 made by the sender; sending twice is once"`
	Account string    `json:"account"`
	Post    Post      `json:"post"`
	From    time.Time `json:"from,omitzero" doc:"none: at once"`
	To      time.Time `json:"to,omitzero" doc:"the first moment it no longer counts; none: open end"`
	Deputy  bool      `json:"deputy,omitempty" doc:"stands in for the holder"`
}

// Appoint gives an account a post. Permission: staff.write at the place, and everything the role grants there unless
// an administrator; nobody gives themselves more than they have.
//
// Errors: Invalid "bad-appointment" naming the field; NotFound "no-account"; Conflict "already-appointed".
func (s *Service) Appoint(ctx context.Context, actor *Actor, cmd AppointCommand) (made Appointment, err error) {
	id, err := checkID(cmd.ID)
	if err != nil {
		return made, err
	}
	err = s.change(ctx, func(tx *database.Tx, c *change) error {
		if old, found, err := appointmentByID(tx, id); err != nil {
			return err
		} else if found {
			if old.Account != cmd.Account || old.Post != cmd.Post {
				return fault.New(fault.Conflict, "id-taken", "该编号已用于另一项任职", "The id belongs to another appointment")
			}
			if err := s.mayAppoint(actor, old.Post); err != nil {
				return err
			}
			made = old
			return nil
		}
		made = Appointment{ID: id, Account: cmd.Account, Post: cmd.Post, From: cmd.From, To: cmd.To, Deputy: cmd.Deputy}
		if made.From.IsZero() {
			made.From = tx.Now
		}
		if err := s.checkAppointment(c.before, actor, made, tx.Now); err != nil {
			return err
		}
		made.CreatedAt, made.CreatedBy = tx.Now, actor.ID()
		return s.insertAppointment(tx, actor, c, made)
	})
	if err != nil {
		return Appointment{}, err
	}
	return made, nil
}

// checkAppointment holds the rules an appointment must meet, permission first.
func (s *Service) checkAppointment(reg *registry, actor *Actor, a Appointment, now time.Time) error {
	if wrong := s.checkPost(a.Post); wrong != nil {
		return wrong
	}
	if err := s.mayAppoint(actor, a.Post); err != nil {
		return err
	}
	if a.Account == actor.ID() {
		if err := s.mayGive(actor, a.Post); err != nil {
			return fault.New(fault.Forbidden, "self-appointment", "不能给自己任命权限更大的岗位,请由另一名管理员办理", "Nobody gives themselves a post that may more; ask another administrator").Because(err)
		}
	}
	account := reg.accounts[a.Account]
	if account == nil {
		return noAccount()
	}
	bad := badAppointment()
	if !account.Active {
		bad.At("account", "inactive", "账号已停用,请先启用", "The account is switched off; switch it on first")
	}
	checkDates(bad, a.From, a.To, now)
	if len(bad.Fields) > 0 {
		return bad
	}
	for _, other := range reg.byAccount[a.Account] {
		if other.Post == a.Post && overlap(*other, a) {
			return fault.Newf(fault.Conflict, "already-appointed", "%[1]s 在这段时间已任该岗位(%[2]s)", "%[1]s holds that post already in this time (%[2]s)", account.Name, a.Post).With(*other)
		}
	}
	return nil
}

func badAppointment() *fault.Error {
	return fault.New(fault.Invalid, "bad-appointment", "任职信息有误", "Something is wrong with the appointment")
}

func checkDates(bad *fault.Error, from, to, now time.Time) {
	switch {
	case from.After(now.Add(farthest)) || from.Year() < 1949:
		bad.At("from", "date", "开始日期不合理", "The date it begins cannot be meant")
	case !to.IsZero() && !to.After(from):
		bad.At("to", "order", "结束日期应在开始日期之后", "It must end after it begins")
	case !to.IsZero() && !to.After(now):
		bad.At("to", "over", "结束日期已过,任职不会生效", "It would be over already")
	case to.After(now.Add(10 * farthest)):
		bad.At("to", "date", "结束日期不合理,长期任职请留空", "The date it ends cannot be meant; leave it empty for an open end")
	}
}

// checkPost tells what is wrong with a post; nil when it can be held.
func (s *Service) checkPost(p Post) error {
	field, why := s.postProblem(p)
	if field == "" {
		return nil
	}
	return badAppointment().At(field, "post", why.ZH, why.EN)
}

// Holdable tells whether somebody could be appointed to the post: its role is in the table and is held at such a
// place, which is there and not closed.
func (s *Service) Holdable(p Post) bool { return s.checkPost(p) == nil }

func (s *Service) postProblem(p Post) (field string, why lang.Text) {
	place := p.Place()
	role, ok := s.roles.byKey[p.Role()]
	if !ok {
		return "role", lang.T("没有岗位 {role},请核对 models/roles.yaml", "There is no role {role}; see models/roles.yaml").Fill("role", p.Role())
	}
	if role.Key == RoleAdministrator && place == Everywhere {
		return "", why
	}
	tree := s.tree()
	if role.OfOrg() {
		org, ok := tree.Org(place)
		switch {
		case !ok:
			return "place", lang.T("没有组织 {place};{role}设在组织", "There is no organisation {place}; {en} is held at organisations").Fill("place", place, "role", role.Title.ZH, "en", role.Key)
		case org.Closed:
			return "place", lang.T("{name}已撤销", "{name} is closed").Fill("name", org.Name)
		case !slices.Contains(role.Orgs, org.Kind):
			return "place", lang.T("{role}不设在这类组织({kind})", "{en} is not held at this kind of organisation ({kind})").Fill("role", role.Title.ZH, "kind", org.Kind, "en", role.Key)
		}
		return "", why
	}
	a, ok := tree.Area(place)
	switch {
	case !ok:
		return "place", lang.T("没有区域 {place}", "There is no area {place}").Fill("place", place)
	case a.Closed:
		return "place", lang.T("{name}已撤销", "{name} is closed").Fill("name", a.Name)
	case !role.AtLevel(a.Level) && !(a.Parent == "" && slices.Contains(role.At, "county")):
		return "place", lang.T("{role}不设在 {level} 一级;可设在:{at}", "{en} is not held at the level {level}, but at: {at}").
			Fill("role", role.Title.ZH, "en", role.Key, "level", string(a.Level), "at", strings.Join(role.At, ", "))
	}
	return "", why
}

func overlap(a, b Appointment) bool {
	return (a.To.IsZero() || b.From.Before(a.To)) && (b.To.IsZero() || a.From.Before(b.To)) &&
		!(!a.To.IsZero() && !a.To.After(a.From)) // one that was taken back before it began
}

// turnOf is the next moment at which time alone changes the holders; zero for none.
func turnOf(a Appointment, now time.Time) time.Time {
	switch {
	case !a.To.IsZero() && !a.To.After(a.From):
		return time.Time{}
	case a.From.After(now):
		return a.From
	case a.To.After(now):
		return a.To
	}
	return time.Time{}
}

// insertAppointment stores a checked appointment and marks its post when it counts at once.
func (s *Service) insertAppointment(tx *database.Tx, actor *Actor, c *change, a Appointment) error {
	if a.ID == "" {
		id, err := newID()
		if err != nil {
			return err
		}
		a.ID = id
	}
	_, err := tx.Exec(`INSERT INTO staff_appointment (id, account, role, place, from_at, to_at, deputy, created_at, created_by, ended_at, ended_by, ended_reason, continues, review, next_turn)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,0,'','',$10,$11,$12)`,
		a.ID, a.Account, a.Post.Role(), a.Post.Place(), database.Millis(a.From), database.Millis(a.To), a.Deputy, database.Millis(tx.Now), actor.ID(),
		a.Continues, a.Review, database.Millis(turnOf(a, tx.Now)))
	if err != nil {
		return fmt.Errorf("storing an appointment: %w", err)
	}
	c.account(a.Account)
	if a.Spans(tx.Now) {
		c.touch(a.Post)
	}
	return record(tx, actor, audit.Entry{What: "staff.appoint", Object: a.Account, Path: s.tree().Path(a.Post.Place()), Detail: a.describe()})
}

func (a Appointment) describe() string {
	out := string(a.Post) + " " + a.From.UTC().Format(time.RFC3339) + "/"
	if !a.To.IsZero() {
		out += a.To.UTC().Format(time.RFC3339)
	}
	if a.Deputy {
		out += " deputy"
	}
	return out
}

// appointmentByID reads one; a text that is no id is not found.
func appointmentByID(tx *database.Tx, id string) (Appointment, bool, error) {
	if !plainText(id) {
		return Appointment{}, false, nil
	}
	a, found, err := database.One(tx, scanAppointment, `SELECT `+appointmentColumns+` FROM staff_appointment WHERE id = $1`, id)
	if err != nil {
		return a, false, fmt.Errorf("reading an appointment: %w", err)
	}
	return a, found, nil
}

// EndCommand ends an appointment.
type EndCommand struct {
	Appointment string    `json:"appointment"`
	At          time.Time `json:"at,omitzero" doc:"none: at once"`
	Reason      string    `json:"reason"`
}

// End ends an appointment, at once or at a later moment; the row stays. Permission: as for Appoint; giving up a post
// of one's own needs none. Ending one that is over changes nothing and is a Conflict "already-over".
//
// Errors: NotFound "no-appointment"; Invalid without reason; Conflict "last-administrator".
func (s *Service) End(ctx context.Context, actor *Actor, cmd EndCommand) (ended Appointment, err error) {
	reason := strings.TrimSpace(cmd.Reason)
	if reason == "" {
		return ended, fault.New(fault.Invalid, "no-reason", "请写明免去的原因", "Say why it ends").At("reason", "required", "必填", "required")
	}
	if utf8.RuneCountInString(reason) > 500 || !plainText(reason) {
		return ended, fault.New(fault.Invalid, "bad-reason", "原因最多 500 个字,写在一行里", "The reason has at most 500 characters on one line").At("reason", "characters", "最多 500 个字", "at most 500 characters")
	}
	err = s.change(ctx, func(tx *database.Tx, c *change) error {
		a, found, err := appointmentByID(tx, cmd.Appointment)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "no-appointment", "没有这项任职", "There is no such appointment")
		}
		if a.Account != actor.ID() || actor.ByToken() || actor.MustChange() {
			if err := s.mayAppoint(actor, a.Post); err != nil {
				return err
			}
		}
		at := cmd.At
		if at.IsZero() || at.Before(tx.Now) {
			at = tx.Now
		}
		if !a.To.IsZero() && !a.To.After(at) {
			return fault.New(fault.Conflict, "already-over", "这项任职在此之前已经结束", "This appointment is over by then").With(a)
		}
		if a.Post.Role() == RoleAdministrator {
			c.guardAdmins(tx.Now)
			c.guardAdmins(at)
		}
		ended, err = s.endAppointment(tx, actor, c, a, at, reason)
		return err
	})
	return ended, err
}

// endAppointment sets the end; one that has not begun by then never counts.
func (s *Service) endAppointment(tx *database.Tx, actor *Actor, c *change, a Appointment, at time.Time, reason string) (Appointment, error) {
	counted := a.Spans(tx.Now)
	a.To = at
	if at.Before(a.From) {
		a.To = a.From
	}
	a.EndedAt, a.EndedBy, a.EndedReason = tx.Now, actor.ID(), reason
	_, err := tx.Exec(`UPDATE staff_appointment SET to_at = $1, ended_at = $2, ended_by = $3, ended_reason = $4, next_turn = $5, review = '' WHERE id = $6`,
		database.Millis(a.To), database.Millis(tx.Now), actor.ID(), reason, database.Millis(turnOf(a, tx.Now)), a.ID)
	if err != nil {
		return a, fmt.Errorf("ending an appointment: %w", err)
	}
	c.account(a.Account)
	if counted && !a.Spans(tx.Now) {
		c.touch(a.Post)
	}
	return a, record(tx, actor, audit.Entry{What: "staff.end", Object: a.Account, Path: s.tree().Path(a.Post.Place()), Purpose: reason, Detail: a.describe()})
}

// History lists the appointments of a post, or of an account, that ever were, newest first. Permission: staff.read at
// the post; of an account only those the actor may see, and all of one's own.
func (s *Service) History(ctx context.Context, actor *Actor, p Post, account string) (list []Appointment, err error) {
	if !plainText(string(p)) || !plainText(account) {
		return nil, nil
	}
	if p != "" && !s.mayAtPost(actor, StaffRead, p) {
		return nil, forbidden("您不能查看这个岗位的人员", "You may not see who holds this post")
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		list, err = database.All(tx, scanAppointment, `SELECT `+appointmentColumns+` FROM staff_appointment
			WHERE (account = $1 OR $1 = '') AND ((role = $2 AND place = $3) OR $2 = '') AND ($1 <> '' OR $2 <> '') ORDER BY from_at DESC, id DESC`, account, p.Role(), p.Place())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading appointments: %w", err)
	}
	if account != "" && account == actor.ID() {
		return list, nil
	}
	seen := list[:0]
	for _, a := range list {
		if s.mayAtPost(actor, StaffRead, a.Post) {
			seen = append(seen, a)
		}
	}
	return seen, nil
}
