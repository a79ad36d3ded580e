package staff

import (
	"fmt"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// The lockout. A try at a login is counted before its password is looked at, so that many at once gain nothing, and
// for logins that do not exist just as for those that do, so that nothing can be learnt from it. A client address
// may be a whole office behind one router: only what was wrong counts there, and more of it is borne.
const (
	wrongPerLogin   = 5
	wrongPerAddress = 30
	guardWindow     = 15 * time.Minute
	firstLock       = 15 * time.Minute
	longestLock     = 24 * time.Hour
	guardForgets    = 48 * time.Hour // after this long without an attempt the doubling begins anew
)

// guard is what is remembered of a subject: a login or an address.
type guard struct {
	wrong       int
	since       time.Time
	locks       int
	lockedUntil time.Time
}

// ownGuard reads what is to be counted on, and keeps others from counting at the same moment. The row is made first:
// one that is not there cannot be locked.
func ownGuard(tx *database.Tx, subject string) (guard, error) {
	if _, err := tx.Exec(`INSERT INTO staff_guard (subject, wrong, since, locks, locked_until, touched_at) VALUES ($1,0,0,0,0,$2) ON CONFLICT (subject) DO NOTHING`,
		subject, database.Millis(tx.Now)); err != nil {
		return guard{}, fmt.Errorf("counting an attempt: %w", err)
	}
	return readGuard(tx, subject, tx.Lock())
}

func readGuard(tx *database.Tx, subject, lock string) (guard, error) {
	g, _, err := database.One(tx, func(s database.Scanner) (guard, error) {
		var g guard
		var since, until int64
		err := s.Scan(&g.wrong, &since, &g.locks, &until)
		g.since, g.lockedUntil = database.Time(since), database.Time(until)
		return g, err
	}, `SELECT wrong, since, locks, locked_until FROM staff_guard WHERE subject = $1`+lock, subject)
	if err != nil {
		return g, fmt.Errorf("reading attempts: %w", err)
	}
	return g, nil
}

// refuse gives a TooMany fault while the subject is locked.
func (g guard) refuse(now time.Time) error {
	if !now.Before(g.lockedUntil) {
		return nil
	}
	seconds := int(g.lockedUntil.Sub(now)/time.Second) + 1
	return fault.Newf(fault.TooMany, "sign-in-locked", "密码错误次数过多,请在 %[1]d 分钟后再试,或请管理员重置密码",
		"Too many wrong passwords; try again in %[1]d minutes, or ask for a new password", (seconds+59)/60).After(seconds)
}

// count adds an attempt; the one that fills the window locks what follows.
func (g guard) count(tx *database.Tx, subject string, limit int) (locked bool, err error) {
	now := tx.Now
	// a window that lies ahead comes from a clock that was set back: begin anew
	if now.Sub(g.since) >= guardWindow || g.since.After(now) {
		g.wrong, g.since = 0, now
	}
	g.wrong++
	if g.wrong >= limit {
		g.lockedUntil = now.Add(min(firstLock<<min(g.locks, 16), longestLock))
		g.locks, g.wrong, locked = g.locks+1, 0, true
	}
	_, err = tx.Exec(`UPDATE staff_guard SET wrong = $2, since = $3, locks = $4, locked_until = $5, touched_at = $6 WHERE subject = $1`,
		subject, g.wrong, database.Millis(g.since), g.locks, database.Millis(g.lockedUntil), database.Millis(now))
	if err != nil {
		return false, fmt.Errorf("counting an attempt: %w", err)
	}
	return locked, nil
}

// tryLogin counts a try at a login from an address, or refuses it.
func tryLogin(tx *database.Tx, login, address string) error {
	from, err := readGuard(tx, address, "")
	if err != nil {
		return err
	}
	if err := from.refuse(tx.Now); err != nil {
		return err
	}
	g, err := ownGuard(tx, login)
	if err != nil {
		return err
	}
	if err := g.refuse(tx.Now); err != nil {
		return err
	}
	_, err = g.count(tx, login, wrongPerLogin)
	return err
}

// wrongFrom counts a wrong password of an address.
func wrongFrom(tx *database.Tx, address string) error {
	g, err := ownGuard(tx, address)
	if err != nil || g.refuse(tx.Now) != nil {
		return err
	}
	_, err = g.count(tx, address, wrongPerAddress)
	return err
}

// forgive takes back the tries at a login by somebody who knew the password. Those of the address stay: whoever has
// an account must not be able to clear the count by using it.
func forgive(tx *database.Tx, login string) error {
	if _, err := tx.Exec(`DELETE FROM staff_guard WHERE subject = $1`, login); err != nil {
		return fmt.Errorf("clearing attempts: %w", err)
	}
	return nil
}

func guardOfLogin(login string) string { return "login:" + hashSecret(login) }

func guardOfAddress(address string) string { return "address:" + address }
