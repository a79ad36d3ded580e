package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// TokenPrefix begins every personal token, so that one left in a file is recognised by people and scanners.
const TokenPrefix = "linli_"

// How long a session lives: without use, and at most. A field worker signs in about once a fortnight; MLPS 2.0
// (8.1.4.1 b) asks that an idle session ends. WithSessions changes both.
const (
	defaultIdle     = 12 * time.Hour
	defaultLifetime = 14 * 24 * time.Hour
	longestToken    = 366 * 24 * time.Hour
	tokensEach      = 20 // living tokens of one account
)

const (
	kindSession = "session"
	kindToken   = "token"
)

// Access is a way in: a signed-in client or a personal token. The secret itself is shown once and not kept.
type Access struct {
	ID        string    `json:"id"`
	Account   string    `json:"account"`
	Kind      string    `json:"kind" doc:"session or token"`
	Name      string    `json:"name" doc:"client of a session, purpose of a token"`
	Scopes    []string  `json:"scopes,omitempty" doc:"permissions of a token"`
	Address   string    `json:"address,omitempty" doc:"client address it was made from"`
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at" doc:"to about a minute"`
	ExpiresAt time.Time `json:"expires_at"`

	hash string
}

const accessColumns = `hash, id, kind, account, name, scopes, address, created_at, used_at, expires_at`

func scanAccess(s database.Scanner) (Access, error) {
	var a Access
	var scopes string
	var created, used, expires int64
	err := s.Scan(&a.hash, &a.ID, &a.Kind, &a.Account, &a.Name, &scopes, &a.Address, &created, &used, &expires)
	a.Scopes = strings.Fields(scopes)
	a.CreatedAt, a.UsedAt, a.ExpiresAt = database.Time(created), database.Time(used), database.Time(expires)
	return a, err
}

// drawSecret makes 256 random bits.
func drawSecret() (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("drawing a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// hashSecret is what is stored. Secrets are random, so a plain hash suffices.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func insertAccess(tx *database.Tx, a Access) error {
	_, err := tx.Exec(`INSERT INTO staff_access (hash, id, kind, account, name, scopes, address, created_at, used_at, expires_at, revoked_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,0)`,
		a.hash, a.ID, a.Kind, a.Account, a.Name, strings.Join(a.Scopes, " "), a.Address, database.Millis(a.CreatedAt), database.Millis(a.UsedAt), database.Millis(a.ExpiresAt))
	if err != nil {
		return fmt.Errorf("storing a %s: %w", a.Kind, err)
	}
	return nil
}

// Sessions lists the living sessions of an account, newest first. One's own, or of somebody over whom the actor
// has staff.write.
func (s *Service) Sessions(ctx context.Context, actor *Actor, account string) ([]Access, error) {
	return s.listAccess(ctx, actor, account, kindSession)
}

// Tokens lists the living personal tokens of an account, newest first. One's own; those of others need system.admin.
func (s *Service) Tokens(ctx context.Context, actor *Actor, account string) ([]Access, error) {
	return s.listAccess(ctx, actor, account, kindToken)
}

func (s *Service) listAccess(ctx context.Context, actor *Actor, account, kind string) (list []Access, err error) {
	if err := s.mayAccess(actor, account, kind); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		list, err = database.All(tx, scanAccess, `SELECT `+accessColumns+` FROM staff_access WHERE account = $1 AND kind = $2 AND revoked_at = 0 AND expires_at > $3 ORDER BY created_at DESC, id DESC`,
			account, kind, database.Millis(tx.Now))
		return err
	})
	if kind == kindSession {
		list = slices.DeleteFunc(list, func(a Access) bool { return s.idle(a, s.now()) })
	}
	return list, err
}

func (s *Service) mayAccess(actor *Actor, account, kind string) error {
	switch {
	case account != "" && account == actor.ID(), actor.System():
		return nil
	case kind == kindToken:
		if !actor.Anywhere(SystemAdmin) {
			return forbidden("只有系统管理员可以管理他人的令牌", "Only an administrator can manage the tokens of others")
		}
	}
	return s.reaches(s.reg.Load(), actor, account)
}

// Logout ends the session the actor came with.
func (s *Service) Logout(ctx context.Context, actor *Actor) error {
	if actor.Access() == "" || actor.ByToken() {
		return nil
	}
	return s.Revoke(ctx, actor, actor.ID(), actor.Access())
}

// Revoke ends one session or token of an account; NotFound when there is none. Permission as for listing it.
func (s *Service) Revoke(ctx context.Context, actor *Actor, account, id string) error {
	none := fault.New(fault.NotFound, "no-access", "没有这个登录或令牌,可能已经失效", "There is no such session or token; it may be over already")
	if !plainText(id) || !plainText(account) {
		return none
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		a, found, err := database.One(tx, scanAccess, `SELECT `+accessColumns+` FROM staff_access WHERE id = $1 AND account = $2 AND revoked_at = 0`, id, account)
		if err != nil {
			return fmt.Errorf("reading access: %w", err)
		}
		if !found {
			return none
		}
		if err := s.mayAccess(actor, account, a.Kind); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE staff_access SET revoked_at = $1 WHERE id = $2`, database.Millis(tx.Now), id); err != nil {
			return fmt.Errorf("ending access: %w", err)
		}
		return s.closed(tx, actor, "staff.revoke", a.Account, a.Kind+" "+a.Name)
	})
}

// RevokeToken is Revoke for a token of one's own.
func (s *Service) RevokeToken(ctx context.Context, actor *Actor, id string) error {
	return s.Revoke(ctx, actor, actor.ID(), id)
}

// RevokeAll ends all sessions of an account, and its tokens too when asked; the session asking is kept.
func (s *Service) RevokeAll(ctx context.Context, actor *Actor, account string, tokens bool) error {
	if err := s.mayAccess(actor, account, kindSession); err != nil {
		return err
	}
	if tokens {
		if err := s.mayAccess(actor, account, kindToken); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		if err := revokeAll(tx, account, actor.Access(), tokens); err != nil {
			return err
		}
		return s.closed(tx, actor, "staff.revoke-all", account, "")
	})
}

func revokeAll(tx *database.Tx, account, except string, tokens bool) error {
	_, err := tx.Exec(`UPDATE staff_access SET revoked_at = $1 WHERE account = $2 AND revoked_at = 0 AND id <> $3 AND (kind = 'session' OR $4)`,
		database.Millis(tx.Now), account, except, tokens)
	if err != nil {
		return fmt.Errorf("ending sessions: %w", err)
	}
	return nil
}

// closed raises the revision of access, so that every node forgets what it has in memory, and writes the log.
func (s *Service) closed(tx *database.Tx, actor *Actor, what, account, detail string) error {
	if err := s.forgetAccess(tx); err != nil {
		return err
	}
	return record(tx, actor, audit.Entry{What: what, Object: account, Detail: detail})
}

func (s *Service) forgetAccess(tx *database.Tx) error {
	if _, err := tx.Exec(`UPDATE staff_revision SET access = access + 1 WHERE id = 1`); err != nil {
		return fmt.Errorf("raising the revision of access: %w", err)
	}
	tx.AfterCommit(s.cache.clear)
	return nil
}

// IssueTokenCommand asks for a personal token.
type IssueTokenCommand struct {
	Name    string    `json:"name" doc:"what it is for"`
	Scopes  []string  `json:"scopes" doc:"permissions it may use; none beyond what its owner has at the time of use"`
	Expires time.Time `json:"expires_at" doc:"at most a year ahead"`
}

// IssueToken makes a personal token for the actor and gives its secret, once. It works with the owner's posts of the
// moment, narrowed to the scopes. A token cannot make another one.
//
// Errors: Forbidden by token or without account; Invalid for the name, a scope or the expiry; Conflict "too-many-tokens".
func (s *Service) IssueToken(ctx context.Context, actor *Actor, cmd IssueTokenCommand) (secret string, made Access, err error) {
	if actor.Anonymous() || actor.System() || actor.ByToken() || actor.MustChange() {
		return "", made, forbidden("请用密码登录后再申请令牌", "Sign in with the password to make a token")
	}
	now := s.now()
	bad := fault.New(fault.Invalid, "bad-token", "令牌信息有误", "Something is wrong with the token asked for")
	name := strings.TrimSpace(cmd.Name)
	if name == "" || utf8.RuneCountInString(name) > 60 || !plainText(name) {
		bad.At("name", "name", "请填写用途,最多 60 个字", "Say what it is for, in at most 60 characters")
	}
	scopes := slices.Compact(slices.Sorted(slices.Values(cmd.Scopes)))
	for i, sc := range scopes {
		if !KnownPermission(sc) {
			bad.At(fmt.Sprintf("scopes[%d]", i), "unknown-permission", "没有权限 "+sc, "There is no permission "+sc)
		}
	}
	if len(scopes) == 0 {
		bad.At("scopes", "empty", "至少选择一项权限", "Choose at least one permission")
	}
	if !cmd.Expires.After(now) || cmd.Expires.Sub(now) > longestToken {
		bad.At("expires_at", "expiry", "有效期应在一年以内", "The expiry lies within a year from now")
	}
	if len(bad.Fields) > 0 {
		return "", made, bad
	}
	random, err := drawSecret()
	if err != nil {
		return "", made, err
	}
	secret = TokenPrefix + random
	id, err := newID()
	if err != nil {
		return "", made, err
	}
	made = Access{ID: id, Account: actor.ID(), Kind: kindToken, Name: name, Scopes: scopes, Address: actor.Address(),
		CreatedAt: now, UsedAt: time.Time{}, ExpiresAt: cmd.Expires, hash: hashSecret(secret)}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		var living int
		if err := tx.Row(`SELECT count(*) FROM staff_access WHERE account = $1 AND kind = 'token' AND revoked_at = 0 AND expires_at > $2`, actor.ID(), database.Millis(tx.Now)).Scan(&living); err != nil {
			return fmt.Errorf("counting tokens: %w", err)
		}
		if living >= tokensEach {
			return fault.Newf(fault.Conflict, "too-many-tokens", "最多同时有 %[1]d 个令牌,请先停用不用的", "There can be %[1]d tokens at once; end those not needed", tokensEach)
		}
		if err := insertAccess(tx, made); err != nil {
			return err
		}
		return record(tx, actor, audit.Entry{What: "staff.token", Object: actor.ID(), Detail: name + ": " + strings.Join(scopes, " ")})
	})
	if err != nil {
		return "", Access{}, err
	}
	return secret, made, nil
}
