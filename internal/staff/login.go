package staff

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// LoginCommand is somebody signing in with a password.
type LoginCommand struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Client   string `json:"client,omitempty" doc:"what the session is called in the list, such as the browser"`
	Address  string `json:"-"` // client address, for the lockout and the log
}

// LoginResult is a new session; Secret is what the client sends from now on, and is not kept here.
type LoginResult struct {
	Secret     string  `json:"secret"`
	Session    Access  `json:"session"`
	Account    Account `json:"account"`
	MustChange bool    `json:"must_change" doc:"nothing but changing the password is permitted yet"`
}

// Login signs in. A login that does not exist, is switched off or has no password is answered like a wrong
// password, in the same time.
//
// Errors: Unauthenticated "sign-in-wrong"; TooMany "sign-in-locked" with RetryAfter; Unavailable "sign-in-busy".
func (s *Service) Login(ctx context.Context, cmd LoginCommand) (LoginResult, error) {
	login := normalLogin(cmd.Login)
	if len(cmd.Password) > 4*maxPassword || len(login) > 400 || !plainText(login) {
		return LoginResult{}, signInWrong() // nobody has it, whoever they are
	}
	if len(cmd.Address) > 100 || !plainText(cmd.Address) {
		cmd.Address = "?"
	}
	if err := s.db.Write(ctx, func(tx *database.Tx) error {
		return tryLogin(tx, guardOfLogin(login), guardOfAddress(cmd.Address))
	}); err != nil {
		return LoginResult{}, err
	}
	account, stored, err := s.passwordOf(ctx, login)
	if err != nil {
		return LoginResult{}, err
	}
	hash := stored
	if hash == "" {
		hash = s.hasher.decoy()
	}
	right, stale, err := s.hasher.check(ctx, cmd.Password, hash)
	if err != nil {
		return LoginResult{}, err
	}
	if !right || stored == "" || !account.Active {
		if stale { // a one-time password's hash is cheap; the answer must not tell that there is one
			if _, _, err := s.hasher.check(ctx, cmd.Password, s.hasher.decoy()); err != nil {
				return LoginResult{}, err
			}
		}
		return LoginResult{}, s.wrongPassword(ctx, login, account, cmd.Address)
	}
	renewed := ""
	if stale && !account.MustChange {
		if renewed, err = s.hasher.hash(ctx, cmd.Password, s.opts.cost); err != nil {
			return LoginResult{}, err
		}
	}
	return s.openSession(ctx, account, cmd, stored, renewed)
}

func (s *Service) passwordOf(ctx context.Context, login string) (a Account, hash string, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		row := tx.Row(`SELECT id, login, name, phone_mask, active, must_change, created_at, created_by, password FROM staff_account WHERE login = $1`, login)
		var created int64
		err := row.Scan(&a.ID, &a.Login, &a.Name, &a.Phone, &a.Active, &a.MustChange, &created, &a.CreatedBy, &hash)
		a.CreatedAt = database.Time(created)
		if database.IsNoRows(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return a, "", fmt.Errorf("reading an account: %w", err)
	}
	return a, hash, nil
}

// wrongPassword counts and writes it down, and gives the answer.
func (s *Service) wrongPassword(ctx context.Context, login string, account Account, address string) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if err := wrongFrom(tx, guardOfAddress(address)); err != nil {
			return err
		}
		return audit.Record(tx, audit.Entry{What: "staff.login-failed", Name: login, Object: account.ID, Address: address})
	})
	if err != nil {
		return err
	}
	return signInWrong()
}

func (s *Service) openSession(ctx context.Context, account Account, cmd LoginCommand, stored, renewed string) (LoginResult, error) {
	secret, err := drawSecret()
	if err != nil {
		return LoginResult{}, err
	}
	id, err := newID()
	if err != nil {
		return LoginResult{}, err
	}
	client := strings.TrimSpace(cmd.Client)
	if !plainText(client) || utf8.RuneCountInString(client) > 200 {
		client = "?"
	}
	out := LoginResult{Secret: secret, Account: account, MustChange: account.MustChange}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		out.Session = Access{ID: id, Account: account.ID, Kind: kindSession, Name: client, Address: cmd.Address,
			CreatedAt: tx.Now, UsedAt: tx.Now, ExpiresAt: tx.Now.Add(s.opts.lifetime), hash: hashSecret(secret)}
		// the password and the account must still be those that were checked
		var now string
		var active bool
		if err := tx.Row(`SELECT password, active FROM staff_account WHERE id = $1`+tx.Lock(), account.ID).Scan(&now, &active); err != nil {
			return fmt.Errorf("reading an account: %w", err)
		}
		if now != stored || !active {
			return signInWrong()
		}
		if renewed != "" {
			if _, err := tx.Exec(`UPDATE staff_account SET password = $1 WHERE id = $2`, renewed, account.ID); err != nil {
				return fmt.Errorf("renewing a password hash: %w", err)
			}
		}
		if err := forgive(tx, guardOfLogin(account.Login)); err != nil {
			return err
		}
		if err := insertAccess(tx, out.Session); err != nil {
			return err
		}
		return audit.Record(tx, audit.Entry{Actor: account.ID, Name: account.Name, What: "staff.login", Object: account.ID, Address: cmd.Address, Detail: client})
	})
	if err != nil {
		return LoginResult{}, err
	}
	return out, nil
}

func signInWrong() error {
	return fault.New(fault.Unauthenticated, "sign-in-wrong", "登录名或密码不对", "The login or the password is wrong")
}

// ChangePassword replaces one's own password, which ends all other sessions. The old one is asked for again, and
// guessing it is limited like signing in. A token cannot do it.
func (s *Service) ChangePassword(ctx context.Context, actor *Actor, old, fresh string) error {
	if actor.Anonymous() || actor.System() || actor.ByToken() {
		return forbidden("请用密码登录后再修改密码", "Sign in with the password to change it")
	}
	if err := checkPassword(fresh, actor.Login()); err != nil {
		return err
	}
	if err := s.db.Write(ctx, func(tx *database.Tx) error {
		return tryLogin(tx, guardOfLogin(actor.Login()), guardOfAddress(actor.Address()))
	}); err != nil {
		return err
	}
	account, stored, err := s.passwordOf(ctx, actor.Login())
	if err != nil {
		return err
	}
	if stored == "" || len(old) > 4*maxPassword {
		return signInWrong()
	}
	right, _, err := s.hasher.check(ctx, old, stored)
	if err != nil {
		return err
	}
	if !right {
		return s.wrongPassword(ctx, account.Login, account, actor.Address())
	}
	if same, _, err := s.hasher.check(ctx, fresh, stored); err != nil {
		return err
	} else if same {
		return fault.New(fault.Invalid, "password-same", "新密码不能与旧密码相同", "The new password must differ from the old one").At("password", "password-same", "与旧密码相同", "same as the old one")
	}
	hash, err := s.hasher.hash(ctx, fresh, s.opts.cost)
	if err != nil {
		return err
	}
	return s.storePassword(ctx, actor, account.ID, stored, hash, false)
}

// SetPassword gives an account a one-time password, which must be changed at the next sign-in, and ends all its
// sessions and tokens. The password is shown once. Permission: as for SetActive; not for oneself.
func (s *Service) SetPassword(ctx context.Context, actor *Actor, account string) (password string, err error) {
	if account == actor.ID() {
		return "", forbidden("自己的密码请用“修改密码”", "Change your own password with the old one")
	}
	if err := s.reaches(s.reg.Load(), actor, account); err != nil {
		return "", err
	}
	if password, err = drawPassword(); err != nil {
		return "", err
	}
	hash, err := s.hasher.hash(ctx, password, oneTime)
	if err != nil {
		return "", err
	}
	if err := s.storePassword(ctx, actor, account, "", hash, true); err != nil {
		return "", err
	}
	return password, nil
}

// storePassword writes the hash; with expected set only where that is still the stored one.
func (s *Service) storePassword(ctx context.Context, actor *Actor, account, expected, hash string, reset bool) error {
	return s.change(ctx, func(tx *database.Tx, c *change) error {
		if reset {
			if err := s.reaches(c.before, actor, account); err != nil {
				return err
			}
		}
		n, err := tx.Exec(`UPDATE staff_account SET password = $1, must_change = $2 WHERE id = $3 AND (password = $4 OR $4 = '')`, hash, reset, account, expected)
		if err != nil {
			return fmt.Errorf("storing a password: %w", err)
		}
		if n == 0 {
			return fault.New(fault.Conflict, "password-changed", "密码刚刚已被修改,请重新登录", "The password was changed just now; sign in again")
		}
		c.account(account)
		except := actor.Access()
		if reset {
			except = ""
		}
		if err := revokeAll(tx, account, except, reset); err != nil {
			return err
		}
		if err := s.forgetAccess(tx); err != nil {
			return err
		}
		if a := c.before.accounts[account]; a != nil {
			if err := forgive(tx, guardOfLogin(a.Login)); err != nil {
				return err
			}
		}
		what := map[bool]string{true: "staff.password-reset", false: "staff.password"}[reset]
		return record(tx, actor, audit.Entry{What: what, Object: account})
	})
}

// Bootstrap makes the first administrator with a one-time password, which is shown once and never a default one.
// Permission: none is asked, for there is nobody yet; Conflict "administrator-exists" when an administrator was
// ever appointed.
func (s *Service) Bootstrap(ctx context.Context, login, name string) (password string, err error) {
	id, err := newID()
	if err != nil {
		return "", err
	}
	if password, err = drawPassword(); err != nil {
		return "", err
	}
	cmd := CreateAccountCommand{ID: id, Login: login, Name: name, Password: password, MustChange: true}
	if err := cmd.check(); err != nil {
		return "", err
	}
	hash, err := s.hasher.hash(ctx, password, oneTime)
	if err != nil {
		return "", err
	}
	if _, err := s.firstAdministrator(ctx, System(), cmd, hash, ""); err != nil {
		return "", err
	}
	return password, nil
}

// Tidy removes what is of no more use: sessions and tokens over for a month, attempts long past. The sweep calls it
// now and then; it also stores the times of last use.
func (s *Service) Tidy(ctx context.Context) error {
	if err := s.FlushUse(ctx); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		month := database.Millis(tx.Now.Add(-30 * 24 * time.Hour))
		if _, err := tx.Exec(`DELETE FROM staff_access WHERE expires_at < $1`, month); err != nil {
			return fmt.Errorf("removing sessions that are over: %w", err)
		}
		if _, err := tx.Exec(`DELETE FROM staff_guard WHERE touched_at < $1`, database.Millis(tx.Now.Add(-guardForgets))); err != nil {
			return fmt.Errorf("removing old attempts: %w", err)
		}
		return nil
	})
}

// AccessLog shows what was done, newest first. Somebody with case.audit sees what was done to matters at or below
// their place; an administrator what was done to accounts, posts, models and calendars; everybody what they did themselves.
func (s *Service) AccessLog(ctx context.Context, actor *Actor, f audit.Filter, page audit.Page) (entries []audit.Entry, next string, err error) {
	scope := audit.Scope{Paths: actor.Paths(CaseAudit), Actor: actor.ID()}
	if actor.Anonymous() {
		return nil, "", forbidden("请先登录", "Sign in first")
	}
	if actor.Anywhere(SystemAdmin) {
		scope.Prefixes = []string{"staff.", "model.", "calendar."}
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		entries, next, err = audit.Find(tx, scope, f, page)
		return err
	})
	return entries, next, err
}
