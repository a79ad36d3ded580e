package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

const secretWord = "correct horse battery"

func TestSigningIn(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.person("wang")
		w.appoint(id, MakePost("dispatcher", village))
		try := func(login, password, address string) error {
			_, err := w.Login(w.ctx, LoginCommand{Login: login, Password: password, Address: address})
			return err
		}
		t.Run("a login is the same however it is typed", func(t *testing.T) {
			in := w.login(" WANG ", secretWord)
			actor, err := w.Authenticate(w.ctx, in.Secret)
			if err != nil || actor.ID() != id || !actor.May("case.dispatch", "/320682/320682001/320682001001/") {
				t.Fatalf("%+v %v", actor, err)
			}
		})
		t.Run("an unknown login is answered like a wrong password", func(t *testing.T) {
			a, b := try("wang", "no no no no no", "10.1.0.1"), try("nobody", "no no no no no", "10.1.0.2")
			if a == nil || b == nil || a.Error() != b.Error() {
				t.Fatalf("%v / %v", a, b)
			}
			wantNone(t, try("wang", secretWord, "10.1.0.1"))
		})
		for _, login := range []string{"wang", "nobody-knows"} {
			t.Run("the fifth wrong password locks "+login+", doubling", func(t *testing.T) {
				for round, lock := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour} {
					for i := range 5 {
						err := try(login, "wrong wrong wrong", fmt.Sprintf("10.2.%d.%d", round, i))
						wantCode(t, err, "sign-in-wrong")
					}
					err := try(login, secretWord, "10.3.0.1")
					wantCode(t, err, "sign-in-locked")
					if f := fault.Of(err); f.Kind != fault.TooMany || f.RetryAfter < int(lock/time.Second) || f.RetryAfter > int(lock/time.Second)+1 {
						t.Fatalf("round %d: %d s", round, f.RetryAfter)
					}
					w.clock.pass(lock - time.Second)
					wantCode(t, try(login, secretWord, "10.3.0.1"), "sign-in-locked")
					w.clock.pass(2 * time.Second)
				}
			})
		}
		t.Run("the right password after the lock clears the count", func(t *testing.T) {
			wantNone(t, try("wang", secretWord, "10.3.0.1"))
			for range 4 {
				wantCode(t, try("wang", "wrong wrong wrong", "10.3.0.9"), "sign-in-wrong")
			}
			wantNone(t, try("wang", secretWord, "10.3.0.1"))
		})
		t.Run("many wrong passwords lock the address for every login", func(t *testing.T) {
			for i := range wrongPerAddress {
				wantCode(t, try(fmt.Sprintf("guess%d", i), "wrong wrong wrong", "10.9.9.9"), "sign-in-wrong")
			}
			wantCode(t, try("wang", secretWord, "10.9.9.9"), "sign-in-locked")
			wantNone(t, try("wang", secretWord, "10.9.9.8"))
		})
		t.Run("guesses at the same moment gain nothing", func(t *testing.T) {
			w.person("victim")
			var mu sync.Mutex
			var wg sync.WaitGroup
			looked := 0
			for i := range 20 {
				wg.Go(func() {
					err := try("victim", fmt.Sprintf("guess number %d", i), fmt.Sprintf("10.8.0.%d", i))
					mu.Lock()
					defer mu.Unlock()
					if fault.HasCode(err, "sign-in-wrong") {
						looked++
					} else if !fault.HasCode(err, "sign-in-locked") {
						t.Errorf("got %v", err)
					}
				})
			}
			wg.Wait()
			if looked != wrongPerLogin {
				t.Fatalf("%d passwords were looked at", looked)
			}
		})
		t.Run("oversized and unreadable input is just wrong", func(t *testing.T) {
			for _, in := range []string{strings.Repeat("x", 1<<20), "a\x00b", "\xff\xfe"} {
				wantCode(t, try(in, in, "10.7.0.1"), "sign-in-wrong")
			}
		})
		t.Run("sign-ins are in the log, failed ones too", func(t *testing.T) {
			entries, _, err := w.AccessLog(w.ctx, System(), audit.Filter{What: "staff.login-failed"}, audit.Page{})
			if err != nil || len(entries) == 0 || entries[0].Address == "" {
				t.Fatalf("%d %v", len(entries), err)
			}
		})
	})
}

func TestSessions(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.person("li")
		w.appoint(id, MakePost("grid-member", grid))
		auth := func(secret string) error { _, err := w.Authenticate(w.ctx, secret); return err }
		t.Run("only the hash is stored", func(t *testing.T) {
			in := w.login("li", secretWord)
			var n int
			wantNone(t, w.db.Read(w.ctx, func(tx *database.Tx) error {
				return tx.Row(`SELECT count(*) FROM staff_access WHERE hash = $1 OR name = $1 OR id = $1`, in.Secret).Scan(&n)
			}))
			if n != 0 {
				t.Fatal("the secret is in the database")
			}
		})
		t.Run("a session ends when it is idle, use keeps it", func(t *testing.T) {
			used, idle := w.login("li", secretWord), w.login("li", secretWord)
			for range 3 {
				w.clock.pass(defaultIdle - time.Hour)
				wantNone(t, auth(used.Secret))
			}
			wantCode(t, auth(idle.Secret), "signed-out")
			wantNone(t, w.FlushUse(w.ctx))
			fresh := newWorld(t, w.db, w.clock, w.areas)
			_, err := fresh.Authenticate(w.ctx, used.Secret)
			wantNone(t, err)
		})
		t.Run("and at the latest after its lifetime", func(t *testing.T) {
			in := w.login("li", secretWord)
			for spent := time.Duration(0); spent < defaultLifetime-defaultIdle; spent += defaultIdle / 2 {
				w.clock.pass(defaultIdle / 2)
				wantNone(t, auth(in.Secret))
			}
			w.clock.pass(defaultIdle / 2)
			_ = auth(in.Secret)
			w.clock.pass(defaultIdle / 2)
			wantCode(t, auth(in.Secret), "signed-out")
		})
		t.Run("one is ended here at once, and on other nodes with their refresh", func(t *testing.T) {
			a, b := w.login("li", secretWord), w.login("li", secretWord)
			other := newWorld(t, w.db, w.clock, w.areas)
			me, err := other.Authenticate(w.ctx, a.Secret)
			wantNone(t, err)
			list, err := w.Sessions(w.ctx, me, id)
			if err != nil || len(list) != 2 {
				t.Fatalf("%d sessions, %v", len(list), err)
			}
			_, err = other.Authenticate(w.ctx, b.Secret)
			wantNone(t, err)
			wantNone(t, auth(b.Secret))
			wantNone(t, w.Revoke(w.ctx, me, id, b.Session.ID))
			wantCode(t, auth(b.Secret), "signed-out")
			_, err = other.Refresh(w.ctx)
			wantNone(t, err)
			_, err = other.Authenticate(w.ctx, b.Secret)
			wantCode(t, err, "signed-out")
			wantNone(t, w.Logout(w.ctx, me))
			wantCode(t, auth(a.Secret), "signed-out")
			wantCode(t, w.Revoke(w.ctx, me, id, b.Session.ID), "no-access")
		})
		t.Run("a stranger ends nobody's session", func(t *testing.T) {
			in := w.login("li", secretWord)
			stranger := w.with("stranger", MakePost("grid-member", farGrid))
			wantCode(t, w.Revoke(w.ctx, stranger, id, in.Session.ID), "forbidden")
			_, err := w.Sessions(w.ctx, stranger, id)
			wantCode(t, err, "forbidden")
			wantNone(t, auth(in.Secret))
		})
		t.Run("an appointment that begins or ends by time changes the next answer", func(t *testing.T) {
			in := w.login("li", secretWord)
			_, err := w.Appoint(w.ctx, System(), AppointCommand{Account: id, Post: MakePost("dispatcher", village), From: w.clock.now().Add(10 * time.Second), To: w.clock.now().Add(20 * time.Second)})
			wantNone(t, err)
			for i, want := range []bool{false, true, false} {
				actor, err := w.Authenticate(w.ctx, in.Secret)
				if err != nil || actor.May("case.dispatch", "/320682/320682001/320682001001/") != want {
					t.Fatalf("step %d: %v", i, err)
				}
				w.clock.pass(10 * time.Second)
			}
		})
		t.Run("a changed password ends the other sessions, a wrong old one changes nothing", func(t *testing.T) {
			mine, others := w.login("li", secretWord), w.login("li", secretWord)
			me, err := w.Authenticate(w.ctx, mine.Secret)
			wantNone(t, err)
			wantCode(t, w.ChangePassword(w.ctx, me, "not the old one", "another long phrase"), "sign-in-wrong")
			wantCode(t, w.ChangePassword(w.ctx, me, secretWord, secretWord), "password-same")
			wantNone(t, auth(others.Secret))
			wantNone(t, w.ChangePassword(w.ctx, me, secretWord, "another long phrase"))
			wantCode(t, auth(others.Secret), "signed-out")
			wantNone(t, auth(mine.Secret))
			w.login("li", "another long phrase")
		})
		t.Run("a one-time password permits nothing but changing it", func(t *testing.T) {
			old := w.login("li", "another long phrase")
			once, err := w.SetPassword(w.ctx, System(), id)
			wantNone(t, err)
			wantCode(t, auth(old.Secret), "signed-out")
			in := w.login("li", once)
			me, err := w.Authenticate(w.ctx, in.Secret)
			if err != nil || !me.MustChange() || me.May("case.report", "/320682/320682001/320682001001/320682001001001/") || me.Holds(MakePost("grid-member", grid)) {
				t.Fatalf("%+v %v", me, err)
			}
			wantNone(t, w.ChangePassword(w.ctx, me, once, "one more long phrase"))
			me, err = w.Authenticate(w.ctx, in.Secret)
			if err != nil || me.MustChange() || !me.Holds(MakePost("grid-member", grid)) {
				t.Fatalf("%+v %v", me, err)
			}
		})
		for _, bad := range []string{"", "short", strings.Repeat("x", 43), "linli_" + strings.Repeat("A", 43), strings.Repeat("z", 5000)} {
			wantCode(t, auth(bad), "signed-out")
		}
	})
}

func TestTokens(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.person("sun")
		w.appoint(id, MakePost(RoleDutyOfficer, township))
		in := w.login("sun", secretWord)
		me, err := w.Authenticate(w.ctx, in.Secret)
		wantNone(t, err)
		ask := IssueTokenCommand{Name: "报表", Scopes: []string{"case.read", "report.read", "case.audit"}, Expires: w.clock.now().Add(24 * time.Hour)}
		secret, made, err := w.IssueToken(w.ctx, me, ask)
		wantNone(t, err)
		const path = "/320682/320682001/320682001001/"
		bot, err := w.Authenticate(w.ctx, secret)
		wantNone(t, err)
		for rule, ok := range map[string]bool{
			"begins with its prefix":                        strings.HasPrefix(secret, TokenPrefix),
			"may what its scopes and the posts both grant":  bot.May("case.read", path),
			"may not what its scopes leave out":             !bot.May("case.dispatch", path) && !bot.Anywhere("export"),
			"may not what its owner may not":                !bot.May("case.audit", path),
			"does not act for a post without case.act":      !bot.Holds(MakePost(RoleDutyOfficer, township)) && me.Holds(MakePost(RoleDutyOfficer, township)),
			"sees nothing confidential without that scope":  !bot.SeesConfidential(path) && me.SeesConfidential(path),
			"is known as a token and belongs to its owner":  bot.ByToken() && bot.ID() == id,
			"paths are narrowed too":                        len(bot.Paths("case.dispatch")) == 0 && len(bot.Paths("case.read")) == 1,
			"is listed without its secret for its owner":    slices.ContainsFunc(must(w.Tokens(w.ctx, me, id)), func(a Access) bool { return a.ID == made.ID }),
			"is not listed among sessions, which it is not": !slices.ContainsFunc(must(w.Sessions(w.ctx, me, id)), func(a Access) bool { return a.ID == made.ID }),
		} {
			if !ok {
				t.Errorf("a token %s: not so", rule)
			}
		}
		t.Run("a token makes no token and changes no password", func(t *testing.T) {
			_, _, err := w.IssueToken(w.ctx, bot, ask)
			wantCode(t, err, "forbidden")
			wantCode(t, w.ChangePassword(w.ctx, bot, secretWord, "another long phrase"), "forbidden")
		})
		for rule, change := range map[string]func(*IssueTokenCommand){
			"without a name":            func(c *IssueTokenCommand) { c.Name = " " },
			"with an unknown scope":     func(c *IssueTokenCommand) { c.Scopes = []string{"case.reed"} },
			"without a scope":           func(c *IssueTokenCommand) { c.Scopes = nil },
			"for more than a year":      func(c *IssueTokenCommand) { c.Expires = start.Add(3 * 365 * 24 * time.Hour) },
			"that is over before begun": func(c *IssueTokenCommand) { c.Expires = start },
		} {
			t.Run("a token "+rule+" is refused", func(t *testing.T) {
				cmd := ask
				change(&cmd)
				_, _, err := w.IssueToken(w.ctx, me, cmd)
				wantCode(t, err, "bad-token")
			})
		}
		t.Run("tokens of others are an administrator's business", func(t *testing.T) {
			head := w.with("head", MakePost("centre-head", township))
			_, err := w.Tokens(w.ctx, head, id)
			wantCode(t, err, "forbidden")
			admin := w.with("admin", MakePost(RoleAdministrator, Everywhere))
			list, err := w.Tokens(w.ctx, admin, id)
			if err != nil || len(list) != 1 {
				t.Fatalf("%d %v", len(list), err)
			}
			wantNone(t, w.Revoke(w.ctx, admin, id, made.ID))
			_, err = w.Authenticate(w.ctx, secret)
			wantCode(t, err, "signed-out")
		})
		t.Run("a token ends at its expiry", func(t *testing.T) {
			secret, _, err := w.IssueToken(w.ctx, me, ask)
			wantNone(t, err)
			w.clock.pass(24*time.Hour - time.Second)
			_, err = w.Authenticate(w.ctx, secret)
			wantNone(t, err)
			w.clock.pass(time.Second)
			_, err = w.Authenticate(w.ctx, secret)
			wantCode(t, err, "signed-out")
		})
		t.Run("the last use is stored within about a minute", func(t *testing.T) {
			in := w.login("sun", secretWord)
			w.clock.pass(2 * time.Minute)
			_, err := w.Authenticate(w.ctx, in.Secret)
			wantNone(t, err)
			wantNone(t, w.Tidy(w.ctx))
			list := must(w.Sessions(w.ctx, System(), id))
			if d := w.clock.now().Sub(list[0].UsedAt); d > time.Minute {
				t.Fatalf("used %v ago", d)
			}
		})
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestFirstAdministrator(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		password, err := w.Bootstrap(w.ctx, "Admin", "管理员")
		wantNone(t, err)
		if len(password) < 19 {
			t.Fatalf("%q", password)
		}
		_, err = w.Bootstrap(w.ctx, "admin2", "管理员二")
		wantCode(t, err, "administrator-exists")
		in := w.login("admin", password)
		me, err := w.Authenticate(w.ctx, in.Secret)
		if err != nil || !me.MustChange() || me.May(SystemAdmin, "/320682/") {
			t.Fatalf("%+v %v", me, err)
		}
		wantNone(t, w.ChangePassword(w.ctx, me, password, "a phrase of my own"))
		me, err = w.Authenticate(w.ctx, in.Secret)
		if err != nil || !me.May(SystemAdmin, "/320682/") || me.May("case.reveal", "/320682/") {
			t.Fatalf("%+v %v", me, err)
		}
		// the password that was set since costs what is asked for today
		if _, stored, _ := w.passwordOf(w.ctx, "admin"); !strings.Contains(stored, "m=64,t=1,p=1") {
			t.Fatalf("%s", stored)
		}
	})
}

func TestPasswordRules(t *testing.T) {
	for password, code := range map[string]string{
		"correct horse battery": "", "网格员每天都要走一圈啊": "", "kT7#pQ2!vb": "",
		"short": "password-short", "123456789": "password-short", "1234567890": "password-common", "9876543210": "password-common",
		"aaaaaaaaaaaa": "password-common", "abcabcabcabc": "password-common", "password123": "password-common", "P@ssw0rd2026": "password-common",
		"qwertyuiop": "password-common", "my-wangwu-pass": "password-has-login", strings.Repeat("ab1d", 40): "password-long", "a\x00bcdefghijk": "password-characters", "\xff\xfeabcdefghij": "password-characters",
	} {
		err := checkPassword(password, "wangwu")
		if code == "" && err != nil || code != "" && !fault.HasCode(err, code) {
			t.Errorf("%q: %v, want %q", password, err, code)
		}
	}
}

func TestHashes(t *testing.T) {
	ctx := context.Background()
	h := newHasher(Hashing{Memory: 64, Time: 1, Threads: 1})
	old, err := h.hash(ctx, secretWord, Hashing{Memory: 32, Time: 1, Threads: 1})
	wantNone(t, err)
	if right, stale, err := h.check(ctx, secretWord, old); !right || !stale || err != nil {
		t.Fatalf("an older cost: %v %v %v", right, stale, err)
	}
	if right, _, err := h.check(ctx, "Correct horse battery", old); right || err != nil {
		t.Fatalf("another password: %v %v", right, err)
	}
	if right, _, err := h.check(ctx, "correct horse battery", old); !right || err != nil {
		t.Fatalf("a wide space is the same: %v %v", right, err)
	}
	if right, stale, err := h.check(ctx, "", h.decoy()); right || stale || err != nil {
		t.Fatalf("the decoy: %v %v %v", right, stale, err)
	}
	for _, damaged := range []string{"", "x", "$argon2id$v=19$m=99999999,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", strings.Replace(old, "t=1", "t=0", 1), strings.Replace(old, "p=1", "p=0", 1)} {
		if _, _, err := h.check(ctx, secretWord, damaged); err == nil {
			t.Errorf("%q was taken", damaged)
		}
	}
	h.patient = time.Millisecond
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	_, err = h.hash(ctx, secretWord, h.cost)
	wantCode(t, err, "sign-in-busy")
}
