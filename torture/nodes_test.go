package torture

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/platform/database"
)

// TestTwoProcessesOnOnePostgres: people work through both, one of them is killed and comes back. Every text is indexed
// once, and what is changed through one the other knows within seconds.
func TestTwoProcessesOnOnePostgres(t *testing.T) {
	onPostgres(t, func(t *testing.T, s *site) {
		one, other := s.start(), s.start()
		s.answers(one.address, other.address)
		c := newCrowd(s).gather(6)
		for range pick(1, 6) {
			within(t, 20*time.Second, "work goes on through both", func() bool { return c.doneBy(one.address) > 30 && c.doneBy(other.address) > 30 })
			other.kill()
			other = s.start()
			s.answers(one.address, other.address)
		}
		within(t, 20*time.Second, "work goes on through the one that came back", func() bool { return c.doneBy(other.address) > 30 })
		seenByBoth(t, s, one.address, other.address)
		m := c.disperse(t)
		within(t, 20*time.Second, "every text is indexed", func() bool { return s.number(`SELECT count(*) FROM search_todo`) == 0 })
		if have := s.number(`SELECT count(*) FROM case_text JOIN cases ON cases.serial = case_text.serial`); have != len(m.reports) {
			t.Errorf("%d texts are in the index, for %d reports", have, len(m.reports))
		}
		one.stop()
		other.stop()
		s.holds(m, true)
		s.sound()
	})
}

// seenByBoth changes areas, posts and sessions through one node and looks at the other.
func seenByBoth(t *testing.T, s *site, one, other string) {
	t.Helper()
	dice := rand.New(rand.NewPCG(3, 4))
	c := newClient(s, dice)
	defer c.close()
	change := func(method, path string, body any) {
		t.Helper()
		if r, err := c.sendTo(one, newOrder(method, path, s.secrets[administrator], body)); err != nil || r.status >= 300 {
			t.Fatalf("%s %s: %v %d %.300s", method, path, err, r.status, r.raw)
		}
	}
	sees := func(what, path, secret string, holds func(reply) bool) {
		t.Helper()
		began := time.Now()
		within(t, 10*time.Second, "the other node sees "+what, func() bool {
			r, err := c.sendTo(other, newOrder(http.MethodGet, path, secret, nil))
			return err == nil && holds(r)
		})
		t.Logf("%s was seen after %s", what, time.Since(began).Round(100*time.Millisecond))
	}
	code := village + "801"
	change("POST", "/api/v1/areas", form{"code": code, "name": "新网格", "level": "grid", "parent": village, "reason": "测试"})
	sees("a new area", "/api/v1/areas/"+code, "", func(r reply) bool { return r.status == 200 })
	change("POST", "/api/v1/areas/"+code+"/rename", form{"name": "改名网格", "reason": "测试"})
	sees("its new name", "/api/v1/areas/"+code, "", func(r reply) bool { return strings.Contains(string(r.raw), "改名网格") })

	account := newID()
	const password = "lin-li-xin-ren-2026"
	change("POST", "/api/v1/people", form{"id": account, "login": "xinren", "name": "新人", "password": password})
	change("POST", "/api/v1/appointments", form{"id": newID(), "account": account, "post": "grid-member@" + code})
	sees("who was given a post", "/api/v1/people/"+account, s.secrets[administrator], func(r reply) bool { return strings.Contains(string(r.raw), "grid-member@"+code) })
	var secret string
	within(t, 10*time.Second, "the new account signs in", func() bool {
		r, err := c.sendTo(one, newOrder("POST", "/api/v1/session", "", form{"login": "xinren", "password": password}))
		secret = r.text("secret")
		return err == nil && secret != ""
	})
	sees("a session of the first node", "/api/v1/me", secret, func(r reply) bool { return r.status == 200 })
	if r, err := c.sendTo(one, newOrder("DELETE", "/api/v1/session", secret, nil)); err != nil || r.status != 204 {
		t.Fatalf("signing out: %v %d", err, r.status)
	}
	sees("that it was ended", "/api/v1/me", secret, func(r reply) bool { return r.status == 401 })
}

// TestTwoNodesRemindAndEscalateOnce: two programs on one database do by themselves what falls due, at the same time.
// Every case gets the words that it gets from one program alone.
func TestTwoNodesRemindAndEscalateOnce(t *testing.T) {
	onPostgres(t, func(t *testing.T, two *site) {
		alone := newSite(t, two.engine)
		want, have := alone.month(t, 1), two.month(t, 2)
		if !maps.Equal(want, have) {
			t.Errorf("cases by what was done and said about them: by one program %v, by two %v", want, have)
		}
		for words, n := range have {
			if !strings.Contains(words, "overdue") {
				t.Errorf("of %d cases nobody heard: %s", n, words)
			}
			t.Logf("each of %d cases got, once each: %s", n, words)
		}
	})
}

// month brings a few matters and lets a month pass in which nobody does anything. It counts the cases by what the
// program did and said about them.
func (s *site) month(t *testing.T, nodes int) map[string]int {
	t.Helper()
	machine := newClockwork(time.Now().Add(time.Hour).Truncate(time.Second))
	var programs []*inside
	var addresses []string
	for range nodes {
		in := s.inProcess(machine.now, true)
		programs, addresses = append(programs, in), append(addresses, in.address)
	}
	s.answers(addresses...)
	dice := rand.New(rand.NewPCG(5, 6))
	c := newClient(s, dice)
	for range pick(12, 200) {
		_, o := reportOf(dice)
		c.must(t, o)
	}
	for range pick(10, 40) {
		machine.pass(time.Duration(20+dice.IntN(50)) * time.Hour)
		within(t, 60*time.Second, "what fell due is done", func() bool {
			at, err := programs[0].Cases.NextDue(context.Background())
			return err == nil && (at.IsZero() || at.After(programs[0].DB.Now()))
		})
	}
	programs[0].sound(t)
	for _, in := range programs {
		in.stop()
	}
	return s.words()
}

// words are the steps the program took by itself and the alerts it left, case by case.
func (s *site) words() map[string]int {
	type step struct {
		kase, what string
		seq        int64
	}
	var steps []step
	s.look(func(tx *database.Tx) error {
		for _, query := range []string{
			`SELECT case_id, action || ' of hand-over ' || task, seq FROM timeline WHERE action IN ('remind', 'overdue', 'escalate', 'supervise')`,
			`SELECT case_id, 'word of ' || kind || ' to ' || post, seq FROM alert`,
		} {
			list, err := database.All(tx, func(sc database.Scanner) (st step, err error) { return st, sc.Scan(&st.kase, &st.what, &st.seq) }, query)
			if err != nil {
				return err
			}
			steps = append(steps, list...)
		}
		return nil
	})
	slices.SortFunc(steps, func(a, b step) int {
		if a.seq != b.seq {
			return int(a.seq - b.seq)
		}
		return strings.Compare(a.what, b.what)
	})
	byCase := map[string][]string{}
	for _, st := range steps {
		byCase[st.kase] = append(byCase[st.kase], fmt.Sprintf("%d %s", st.seq, st.what))
	}
	out := map[string]int{}
	for _, list := range byCase {
		out[strings.Join(list, "; ")]++
	}
	return out
}
