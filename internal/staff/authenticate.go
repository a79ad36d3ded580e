package staff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

const (
	// cachedFor is how long an answer is used without asking the database whether the way in is still open. Ending
	// it on this node takes effect at once; on others with the next Refresh, and after this long at the latest.
	cachedFor = 30 * time.Second
	// useWritten is how often the time of last use is stored.
	useWritten = time.Minute
	// cacheSize bounds the memory; past it the cache begins anew.
	cacheSize = 50_000
)

type secretHash [sha256.Size]byte

// accessCache remembers who came with which secret.
type accessCache struct {
	mu      sync.RWMutex
	entries map[secretHash]*cached
	used    map[string]time.Time // hash in hex -> last use not stored yet
	flushed time.Time
	busy    bool // a flush was started by a request and has not ended
	epoch   int64

	flushing sync.Mutex // one flush at a time
}

// cached is a checked way in with the actor made of it.
type cached struct {
	access  Access
	checked time.Time
	actor   *Actor
	until   time.Time // when the actor must be made anew because an appointment begins or ends; zero: never
	reg     *registry
	tree    int64
}

func newAccessCache() *accessCache {
	return &accessCache{entries: map[secretHash]*cached{}, used: map[string]time.Time{}}
}

func (c *accessCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
	c.epoch++
}

func (c *accessCache) get(h secretHash) (*cached, int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.entries[h], c.epoch
}

// put keeps an entry unless something was ended since the epoch was read: what was read before may be over.
func (c *accessCache) put(h secretHash, e *cached, epoch int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != epoch {
		return
	}
	if len(c.entries) >= cacheSize {
		clear(c.entries)
	}
	c.entries[h] = e
}

// touch notes a use; due tells that it is time to store what was noted.
func (c *accessCache) touch(hash string, now time.Time) (due bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used[hash] = now
	if c.busy || now.Sub(c.flushed) < useWritten && !c.flushed.After(now) {
		return false
	}
	c.busy = true
	return true
}

// Authenticate gives the actor who comes with a session's or token's secret. On the way most requests take it looks
// into memory only. Errors: Unauthenticated "signed-out" for a secret that is unknown, ended or over, the same for all.
func (s *Service) Authenticate(ctx context.Context, secret string) (*Actor, error) {
	return s.authenticate(ctx, secret, true)
}

// Recognise is Authenticate for a connection that stays open: it is no use of the session, so that one left alone still
// ends by its idle time.
func (s *Service) Recognise(ctx context.Context, secret string) (*Actor, error) {
	return s.authenticate(ctx, secret, false)
}

func (s *Service) authenticate(ctx context.Context, secret string, use bool) (*Actor, error) {
	if len(secret) < 20 || len(secret) > 100 {
		return nil, signedOut()
	}
	now := s.now()
	h := secretHash(sha256.Sum256([]byte(secret)))
	e, epoch := s.cache.get(h)
	fresh := false
	if e == nil || now.Sub(e.checked) >= cachedFor || now.Before(e.checked) {
		access, err := s.readAccess(ctx, h, secret)
		if err != nil {
			return nil, err
		}
		if e != nil && e.access.UsedAt.After(access.UsedAt) {
			access.UsedAt = e.access.UsedAt
		}
		e, fresh = &cached{access: access, checked: now}, true
	}
	if !now.Before(e.access.ExpiresAt) || e.access.Kind == kindSession && s.idle(e.access, now) {
		return nil, signedOut()
	}
	reg, tree := s.reg.Load(), s.tree()
	if fresh || e.reg != reg || e.tree != tree.Version() || !e.until.IsZero() && !now.Before(e.until) {
		account := reg.accounts[e.access.Account]
		if account == nil || !account.Active {
			return nil, signedOut()
		}
		actor := makeActor(reg, tree, s.roles, account, scopeMask(e.access), now)
		actor.access, actor.token = e.access.ID, e.access.Kind == kindToken
		e = &cached{access: e.access, checked: e.checked, actor: actor, until: reg.nextChange(account.ID, now), reg: reg, tree: tree.Version()}
		s.cache.put(h, e, epoch)
	}
	if use {
		s.noteUse(h, e, now, epoch)
	}
	return e.actor, nil
}

func (s *Service) noteUse(h secretHash, e *cached, now time.Time, epoch int64) {
	if d := now.Sub(e.access.UsedAt); d >= 0 && d < useWritten {
		return
	}
	if s.cache.touch(hex.EncodeToString(h[:]), now) {
		// the request does not wait for it, and a request that is cancelled does not lose it
		go func() {
			_ = s.FlushUse(context.Background()) // kept in memory if it cannot be stored now
			s.cache.mu.Lock()
			defer s.cache.mu.Unlock()
			s.cache.busy = false
		}()
	}
	next := *e
	next.access.UsedAt = now
	s.cache.put(h, &next, epoch)
}

// FlushUse stores the times of last use that are still in memory; the program calls it when it stops. What cannot be
// stored is kept for the next time.
func (s *Service) FlushUse(ctx context.Context) error {
	c := s.cache
	c.flushing.Lock()
	defer c.flushing.Unlock()
	c.mu.Lock()
	used := c.used
	c.used = map[string]time.Time{}
	c.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		for hash, at := range used {
			if _, err := tx.Exec(`UPDATE staff_access SET used_at = $1 WHERE hash = $2 AND used_at < $1`, database.Millis(at), hash); err != nil {
				return fmt.Errorf("storing the last use: %w", err)
			}
		}
		return nil
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushed = s.now()
	if err != nil {
		for hash, at := range used {
			if at.After(c.used[hash]) {
				c.used[hash] = at
			}
		}
	}
	return err
}

func (s *Service) readAccess(ctx context.Context, h secretHash, secret string) (a Access, err error) {
	found := false
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		a, found, err = database.One(tx, scanAccess, `SELECT `+accessColumns+` FROM staff_access WHERE hash = $1 AND revoked_at = 0`, hex.EncodeToString(h[:]))
		return err
	})
	if err != nil {
		return a, fmt.Errorf("reading access: %w", err)
	}
	// the prefix says which kind the client means; a session's secret never begins with it but by a chance of 2^-36
	if !found || (a.Kind == kindToken) != strings.HasPrefix(secret, TokenPrefix) {
		return a, signedOut()
	}
	return a, nil
}

// idle tells whether a session was left unused for too long.
func (s *Service) idle(a Access, now time.Time) bool { return now.Sub(a.UsedAt) >= s.opts.idle }

func scopeMask(a Access) uint64 {
	if a.Kind == kindSession {
		return ^uint64(0)
	}
	var mask uint64
	for _, sc := range a.Scopes {
		mask |= bitOf(sc)
	}
	return mask
}

func signedOut() error {
	return fault.New(fault.Unauthenticated, "signed-out", "登录已失效,请重新登录", "You are signed out; please sign in again")
}
