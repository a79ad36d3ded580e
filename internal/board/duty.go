package board

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// On which days somebody answers.
const (
	EveryDay = "every-day"
	Workdays = "workdays"  // as the working calendar has them, make-up workdays included
	RestDays = "rest-days" // weekends and holidays
)

// Bounds of a duty phone.
const (
	mostHours   = 4
	longestNote = 60 // characters
)

// Hours are when somebody answers a duty phone, Beijing time. From 00:00 to 24:00 is round the clock.
type Hours struct {
	Days string `json:"days" enum:"every-day,workdays,rest-days"`
	From string `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" example:"08:30"`
	To   string `json:"to" pattern:"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" example:"17:30" doc:"earlier than from: it goes on past midnight"`
}

// Duty is the duty phone (值班电话) of an area or organisation.
type Duty struct {
	Place     string // code of the area or organisation
	Name      string // its name
	Phone     string
	Hours     []Hours // empty: round the clock, every day
	Note      string  // such as who answers on holidays
	ChangedAt time.Time
	Version   int64
}

// dutyPhone is how a number is written: digits with blanks or dashes, with an area code, perhaps with an extension.
var dutyPhone = regexp.MustCompile(`^\+?[0-9][0-9 -]{1,18}[0-9](?: ?(?:转|ext\.?|x) ?[0-9]{1,6})?$`)

var clockTime = regexp.MustCompile(`^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`)

// SetDuty sets the duty phone of a place; version is the one seen, 0: whatever it is now. The number of somebody's account is
// refused: residents see a duty phone, never a private one. Permission board.write at the area, or at the organisation.
//
// Errors: Invalid "bad-duty-phone" naming the fields; NotFound; Forbidden; Conflict "stale-version", "area-closed".
func (s *Service) SetDuty(ctx context.Context, actor *staff.Actor, d Duty, version int64) (Duty, error) {
	path, err := s.may(actor, d.Place)
	if err != nil {
		return Duty{}, err
	}
	if _, err := s.around(d.Place); err != nil {
		return Duty{}, fault.New(fault.Conflict, "area-closed", "这里已撤销,不能再设值班电话", "This place is closed; it takes no duty phone")
	}
	if err := d.check(); err != nil {
		return Duty{}, err
	}
	number, _, _ := strings.Cut(strings.NewReplacer("转", "x", "ext", "x").Replace(d.Phone), "x")
	private, err := s.people.PrivatePhone(ctx, number)
	if err != nil {
		return Duty{}, err
	}
	if private {
		return Duty{}, badDuty().At("phone", "private", "这是某位工作人员登记的个人号码,不能当值班电话公开;请用值班座机或公用手机",
			"This number is registered as somebody's own; use the office line or a shared mobile instead")
	}
	hours, err := json.Marshal(d.Hours)
	if err != nil {
		return Duty{}, fmt.Errorf("hours of a duty phone: %w", err)
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		old, found, err := duty(tx, d.Place, tx.Lock())
		if err != nil {
			return err
		}
		if err := stale(found, old.Version, version); err != nil {
			return err
		}
		d.Version, d.ChangedAt = old.Version+1, tx.Now
		if _, err := tx.Exec(`INSERT INTO board_duty (place, phone, hours, note, changed_at, version) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (place) DO UPDATE SET phone = excluded.phone, hours = excluded.hours, note = excluded.note, changed_at = excluded.changed_at, version = excluded.version`,
			d.Place, d.Phone, string(hours), d.Note, database.Millis(tx.Now), d.Version); err != nil {
			return fmt.Errorf("setting a duty phone: %w", err)
		}
		return s.noteDuty(tx, actor, "board.duty", d.Place, path, d.Phone)
	})
	d.Name = s.name(d.Place)
	return d, err
}

// DropDuty takes the duty phone of a place away. Permission as SetDuty. Errors: NotFound "no-duty-phone"; Forbidden; Conflict "stale-version".
func (s *Service) DropDuty(ctx context.Context, actor *staff.Actor, code string, version int64) error {
	path, err := s.may(actor, code)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		old, found, err := duty(tx, code, tx.Lock())
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "no-duty-phone", "这里没有设值班电话", "There is no duty phone here")
		}
		if err := stale(found, old.Version, version); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM board_duty WHERE place = $1`, code); err != nil {
			return fmt.Errorf("removing a duty phone: %w", err)
		}
		return s.noteDuty(tx, actor, "board.no-duty", code, path, old.Phone)
	})
}

func stale(found bool, now, seen int64) error {
	if seen != 0 && (!found || now != seen) {
		return fault.New(fault.Conflict, "stale-version", "值班电话在您打开之后已被修改,请按最新内容再试", "The duty phone was changed after you opened it; look at it again")
	}
	return nil
}

func (s *Service) noteDuty(tx *database.Tx, actor *staff.Actor, what, place, path, phone string) error {
	return audit.Record(tx, audit.Entry{Actor: actor.ID(), Name: actor.Name(), What: what, Object: "place:" + place, Path: path, Address: actor.Address(), Detail: phone})
}

// Duties are the duty phones one can call about a place, nearest first: of an organisation its own, then those of its area and
// the areas above. They are public. Errors: NotFound.
func (s *Service) Duties(ctx context.Context, code string) (out []Duty, err error) {
	around, err := s.around(code)
	if err != nil {
		return nil, err
	}
	codes := make([]string, 0, len(around)+1)
	if _, org := s.tree().Org(code); org {
		codes = append(codes, code)
	}
	for _, a := range around {
		codes = append(codes, a.Code)
	}
	q := &query{}
	out = []Duty{}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		found, err := database.All(tx, scanDuty, `SELECT `+dutyColumns+` FROM board_duty WHERE place IN (`+q.List(codes)+`)`, q.Args...)
		if err != nil {
			return fmt.Errorf("duty phones: %w", err)
		}
		for _, c := range codes {
			for _, d := range found {
				if d.Place == c {
					d.Name = s.name(c)
					out = append(out, d)
				}
			}
		}
		return nil
	})
	return out, err
}

const dutyColumns = `place, phone, hours, note, changed_at, version`

func scanDuty(s database.Scanner) (Duty, error) {
	var d Duty
	var hours string
	var changed int64
	if err := s.Scan(&d.Place, &d.Phone, &hours, &d.Note, &changed, &d.Version); err != nil {
		return d, err
	}
	d.ChangedAt = database.Time(changed)
	return d, json.Unmarshal([]byte(hours), &d.Hours)
}

func duty(tx *database.Tx, place, lock string) (Duty, bool, error) {
	d, found, err := database.One(tx, scanDuty, `SELECT `+dutyColumns+` FROM board_duty WHERE place = $1`+lock, place)
	if err != nil {
		return d, false, fmt.Errorf("reading a duty phone: %w", err)
	}
	return d, found, nil
}

func (s *Service) name(code string) string {
	tree := s.tree()
	if o, ok := tree.Org(code); ok {
		return o.Name
	}
	a, _ := tree.Area(code)
	return a.Name
}

func badDuty() *fault.Error {
	return fault.New(fault.Invalid, "bad-duty-phone", "值班电话有误,请改正后再存", "Something is wrong with the duty phone")
}

func (d *Duty) check() error {
	bad := badDuty()
	d.Phone, d.Note = plain(norm.NFKC.String(d.Phone)), plain(d.Note)
	if !dutyPhone.MatchString(d.Phone) {
		bad.At("phone", "phone", "请填写电话号码,如 0513-87651234、87651234 转 8", "Write a telephone number such as 0513-87651234 or 87651234 ext 8")
	}
	if n := utf8.RuneCountInString(d.Note); n > longestNote {
		bad.At("note", "length", fmt.Sprintf("最多 %d 个字", longestNote), fmt.Sprintf("At most %d characters", longestNote))
	}
	if len(d.Hours) > mostHours {
		bad.At("hours", "too-many", fmt.Sprintf("最多 %d 段", mostHours), fmt.Sprintf("At most %d", mostHours))
	}
	for i, h := range d.Hours {
		if h.Days != EveryDay && h.Days != Workdays && h.Days != RestDays {
			bad.At(fmt.Sprintf("hours[%d].days", i), "choice", "请选择每天、工作日或休息日", "Choose every-day, workdays or rest-days")
		}
		if !clockTime.MatchString(h.From) || !clockTime.MatchString(h.To) || h.From == h.To || h.From == "24:00" {
			bad.At(fmt.Sprintf("hours[%d].from", i), "time", "请按 08:30 到 17:30 的写法填起止时间", "Write from and to like 08:30 and 17:30")
		}
	}
	if d.Hours == nil {
		d.Hours = []Hours{}
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}
