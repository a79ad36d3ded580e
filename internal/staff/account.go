package staff

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/seal"
)

// Account is somebody who can sign in. The phone is shown masked; it is stored sealed.
type Account struct {
	ID         string    `json:"id"`
	Login      string    `json:"login" doc:"small letters, after Unicode normalisation NFKC"`
	Name       string    `json:"name"`
	Phone      string    `json:"phone,omitempty" doc:"masked, such as 138****5678"`
	Active     bool      `json:"active"`
	MustChange bool      `json:"must_change" doc:"the one-time password must be replaced at the next sign-in"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedBy  string    `json:"created_by,omitempty"`
}

const accountColumns = `id, login, name, phone_mask, active, must_change, created_at, created_by`

func scanAccount(s database.Scanner) (Account, error) {
	var a Account
	var created int64
	err := s.Scan(&a.ID, &a.Login, &a.Name, &a.Phone, &a.Active, &a.MustChange, &created, &a.CreatedBy)
	a.CreatedAt = database.Time(created)
	return a, err
}

func streamAccount(r *database.Row) Account {
	return Account{ID: r.Text(), Login: r.Text(), Name: r.Text(), Phone: r.Text(), Active: r.Boolean(), MustChange: r.Boolean(),
		CreatedAt: database.Time(r.Integer()), CreatedBy: r.Text()}
}

func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}
	return id.String(), nil
}

// FirstAccount is the id of the account made first, and when; empty and zero when there is none. Accounts are never deleted and
// keep their ids, which are drawn anew in every database: it tells one database from another.
func FirstAccount(tx *database.Tx) (id string, at time.Time, err error) {
	var ms int64
	err = tx.Row(`SELECT id, created_at FROM staff_account ORDER BY created_at, id LIMIT 1`).Scan(&id, &ms)
	if database.IsNoRows(err) {
		return "", time.Time{}, nil
	}
	return id, database.Time(ms), err
}

// checkID takes the id a client made, or makes one.
func checkID(id string) (string, error) {
	if id == "" {
		return newID()
	}
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 {
		return "", fault.New(fault.Invalid, "bad-id", "编号应为 UUIDv7", "The id must be a UUIDv7").At("id", "bad-id", "应为 UUIDv7", "not a UUIDv7")
	}
	return u.String(), nil
}

// normalLogin is how a login is stored and compared: NFKC, small letters, no space around.
func normalLogin(login string) string {
	// small letters can undo the normalisation, and the normalisation can bring capitals or spaces: until it rests
	for range 4 {
		next := strings.TrimSpace(norm.NFKC.String(strings.ToLower(norm.NFKC.String(login))))
		if next == login {
			break
		}
		login = next
	}
	return login
}

// plainText tells whether a word can be stored and shown on one line.
func plainText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// CreateAccountCommand asks for an account. Without a password it cannot sign in until one is set.
type CreateAccountCommand struct {
	ID       string `json:"id,omitempty" doc:"UUIDv7 made by the sender; sending twice is once"`
	Login    string `json:"login"`
	Name     string `json:"name"`
	Phone    string `json:"phone,omitempty"`
	Password string `json:"password,omitempty"`
	// MustChange asks for a new password at the first sign-in.
	MustChange bool `json:"must_change,omitempty"`
}

func (c *CreateAccountCommand) check() error {
	c.Login, c.Name = normalLogin(c.Login), strings.TrimSpace(norm.NFC.String(c.Name))
	bad := fault.New(fault.Invalid, "bad-account", "账号信息有误", "Something is wrong with the account")
	if n := utf8.RuneCountInString(c.Login); n < 2 || n > 60 || !plainText(c.Login) || strings.ContainsFunc(c.Login, unicode.IsSpace) {
		bad.At("login", "login", "登录名为 2 到 60 个字符,不含空格", "A login has 2 to 60 characters and no spaces")
	}
	if n := utf8.RuneCountInString(c.Name); n < 1 || n > 60 || !plainText(c.Name) {
		bad.At("name", "name", "请填写姓名,最多 60 个字", "A name has 1 to 60 characters")
	}
	phone, ok := normalPhone(c.Phone)
	if !ok {
		bad.At("phone", "phone", "电话只能有数字、空格、横线和开头的加号,5 到 20 位", "A phone number has 5 to 20 digits, with spaces, hyphens and a leading plus")
	}
	c.Phone = phone
	if len(bad.Fields) > 0 {
		return bad
	}
	if c.Password != "" && !c.MustChange {
		return checkPassword(c.Password, c.Login)
	}
	return nil
}

// normalPhone keeps the digits and a leading plus; +86 is left out, so that both ways of writing find each other.
func normalPhone(phone string) (string, bool) {
	plain := strings.TrimSpace(norm.NFKC.String(phone))
	if plain == "" {
		return "", true
	}
	var digits strings.Builder
	for i, r := range plain {
		switch {
		case r >= '0' && r <= '9', r == '+' && i == 0:
			digits.WriteRune(r)
		case r == ' ', r == '-', r == '(', r == ')', r == '‑', r == '–':
		default:
			return "", false
		}
	}
	out := strings.TrimPrefix(digits.String(), "+86")
	n := len(strings.TrimPrefix(out, "+"))
	return out, n >= 5 && n <= 20
}

// CreateAccount makes an account. Permission: staff.write somewhere; an account without posts may nothing.
//
// Errors: Invalid "bad-account" or a password rule; Conflict "login-taken".
func (s *Service) CreateAccount(ctx context.Context, actor *Actor, cmd CreateAccountCommand) (Account, error) {
	if !actor.Anywhere(StaffWrite) {
		return Account{}, forbidden("您没有维护人员的权限", "You may not manage people")
	}
	id, err := checkID(cmd.ID)
	if err != nil {
		return Account{}, err
	}
	if err := cmd.check(); err != nil {
		return Account{}, err
	}
	cmd.ID = id
	hash := ""
	if cmd.Password != "" {
		if hash, err = s.hasher.hash(ctx, cmd.Password, s.opts.cost); err != nil {
			return Account{}, err
		}
	}
	var made Account
	err = s.change(ctx, func(tx *database.Tx, c *change) error {
		made, err = s.insertAccount(tx, actor, c, cmd, hash)
		return err
	})
	return made, err
}

// insertAccount stores a checked account; the same id with the same login again is the account that is there.
func (s *Service) insertAccount(tx *database.Tx, actor *Actor, c *change, cmd CreateAccountCommand, hash string) (Account, error) {
	old, found, err := database.One(tx, scanAccount, `SELECT `+accountColumns+` FROM staff_account WHERE id = $1 OR login = $2`, cmd.ID, cmd.Login)
	if err != nil {
		return Account{}, fmt.Errorf("looking for the login: %w", err)
	}
	if found {
		if old.ID == cmd.ID && old.Login == cmd.Login {
			return old, nil
		}
		return Account{}, loginTaken(cmd.Login)
	}
	sealed, err := s.box.Seal(cmd.Phone, phoneContext(cmd.ID))
	if err != nil {
		return Account{}, fmt.Errorf("sealing a phone: %w", err)
	}
	a := Account{ID: cmd.ID, Login: cmd.Login, Name: cmd.Name, Phone: seal.MaskPhone(cmd.Phone), Active: true, MustChange: cmd.MustChange, CreatedAt: tx.Now, CreatedBy: actor.ID()}
	_, err = tx.Exec(`INSERT INTO staff_account (id, login, name, phone, phone_blind, phone_mask, password, must_change, active, created_at, created_by) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
		a.ID, a.Login, a.Name, sealed, s.box.Blind("phone", cmd.Phone), a.Phone, hash, a.MustChange, true, database.Millis(tx.Now), actor.ID())
	if database.IsDuplicate(err) {
		return Account{}, loginTaken(cmd.Login)
	}
	if err != nil {
		return Account{}, fmt.Errorf("storing an account: %w", err)
	}
	c.account(a.ID)
	return a, record(tx, actor, audit.Entry{What: "staff.account", Object: a.ID, Detail: a.Login})
}

func phoneContext(account string) string { return "staff.phone:" + account }

func loginTaken(login string) error {
	return fault.Newf(fault.Conflict, "login-taken", "登录名 %[1]s 已被使用", "The login %[1]s is taken", login).At("login", "taken", "已被使用", "taken")
}

// SetActive switches an account off or on. Off ends all its sessions and tokens at once; its appointments stay and
// count again when it is switched on. Permission: staff.write for every post of the account, within one's own reach.
//
// Errors: Forbidden; NotFound; Conflict "last-administrator".
func (s *Service) SetActive(ctx context.Context, actor *Actor, account string, active bool, reason string) error {
	return s.change(ctx, func(tx *database.Tx, c *change) error {
		if err := s.reaches(c.before, actor, account); err != nil {
			return err
		}
		if c.before.accounts[account].Active == active {
			return nil
		}
		if _, err := tx.Exec(`UPDATE staff_account SET active = $1 WHERE id = $2`, active, account); err != nil {
			return fmt.Errorf("switching an account: %w", err)
		}
		c.account(account)
		for _, a := range c.before.byAccount[account] {
			if a.Spans(tx.Now) {
				c.touch(a.Post)
			}
		}
		if !active {
			c.guardAdmins(tx.Now)
			if err := revokeAll(tx, account, "", true); err != nil {
				return err
			}
			if err := s.forgetAccess(tx); err != nil {
				return err
			}
		}
		what := map[bool]string{true: "staff.activate", false: "staff.deactivate"}[active]
		return record(tx, actor, audit.Entry{What: what, Object: account, Purpose: reason})
	})
}

// Rename changes the name and phone shown for an account. Permission: one's own, or as for SetActive.
func (s *Service) Rename(ctx context.Context, actor *Actor, account, name, phone string) error {
	cmd := CreateAccountCommand{Login: "xx", Name: name, Phone: phone}
	if err := cmd.check(); err != nil {
		return err
	}
	return s.change(ctx, func(tx *database.Tx, c *change) error {
		if account != actor.ID() || actor.ByToken() || c.before.accounts[account] == nil {
			if err := s.reaches(c.before, actor, account); err != nil {
				return err
			}
		}
		sealed, err := s.box.Seal(cmd.Phone, phoneContext(account))
		if err != nil {
			return fmt.Errorf("sealing a phone: %w", err)
		}
		if _, err := tx.Exec(`UPDATE staff_account SET name = $1, phone = $2, phone_blind = $3, phone_mask = $4 WHERE id = $5`,
			cmd.Name, sealed, s.box.Blind("phone", cmd.Phone), seal.MaskPhone(cmd.Phone), account); err != nil {
			return fmt.Errorf("changing an account: %w", err)
		}
		c.account(account)
		return record(tx, actor, audit.Entry{What: "staff.rename", Object: account, Detail: cmd.Name})
	})
}

// Phone shows an account's whole phone number for a stated purpose, which is written down. Permission: staff.read at
// the place of one of its posts, or one's own.
func (s *Service) Phone(ctx context.Context, actor *Actor, account, purpose string) (phone string, err error) {
	reg := s.reg.Load()
	if reg.accounts[account] == nil || account != actor.ID() && !s.sees(reg, actor, account) {
		return "", noAccount()
	}
	if purpose = strings.TrimSpace(purpose); purpose == "" {
		return "", fault.New(fault.Invalid, "no-purpose", "请写明查看用途", "Say what you need the number for").At("purpose", "required", "必填", "required")
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		var sealed []byte
		if err := tx.Row(`SELECT phone FROM staff_account WHERE id = $1`, account).Scan(&sealed); err != nil {
			return fmt.Errorf("reading a phone: %w", err)
		}
		if phone, err = s.box.Unseal(sealed, phoneContext(account)); err != nil {
			return err
		}
		return record(tx, actor, audit.Entry{What: "staff.phone", Object: account, Purpose: purpose})
	})
	return phone, err
}

// sees tells whether the actor has staff.read where the account holds a post, or somewhere if it holds none.
func (s *Service) sees(reg *registry, actor *Actor, account string) bool {
	list := reg.byAccount[account]
	if len(list) == 0 {
		return actor.Anywhere(StaffRead)
	}
	for _, a := range list {
		if s.mayAtPost(actor, StaffRead, a.Post) {
			return true
		}
	}
	return false
}

func noAccount() error {
	return fault.New(fault.NotFound, "no-account", "没有这个账号", "There is no such account")
}

func forbidden(zh, en string) error { return fault.New(fault.Forbidden, "forbidden", zh, en) }
