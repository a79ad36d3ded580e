package torture

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"linli/internal/sample"
)

// TestTheClockStepsBackAnHour: while the program runs, and while it is stopped, the machine's clock is set back by an
// hour. Timelines stay in order, numbers grow, sessions hold, who was given a post has it, nothing falls due twice, and
// what was to come comes.
func TestTheClockStepsBackAnHour(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		machine := newClockwork(time.Now().Add(5 * time.Hour).Truncate(time.Second)) // the county was laid out some hours ago
		c := &clocked{t: t, site: s, machine: machine, dice: rand.New(rand.NewPCG(1, 2)), secrets: map[string]string{}}
		c.client = newClient(s, c.dice)
		in := s.inProcess(machine.now, false)
		c.settle(in)

		machine.pass(-time.Hour) // while it runs
		c.goesOn(in)
		machine.pass(30 * time.Minute)
		c.goesOn(in)
		in.sound(t)
		machine.pass(31 * time.Minute) // by now the machine has caught up
		c.goesOn(in)
		in.sound(t)
		in.stop()

		machine.pass(-time.Hour) // while it is stopped
		in = s.inProcess(machine.now, false)
		c.goesOn(in)
		in.sound(t)
		machine.pass(2 * time.Hour)
		c.goesOn(in)
		c.nothingTwice(in)
		in.sound(t)
	})
}

// clocked is what the test keeps of the county across the steps.
type clocked struct {
	t       *testing.T
	site    *site
	machine *clockwork
	client  *client
	dice    *rand.Rand
	secrets map[string]string // of sessions opened by the test's clock
	open    []matter
	serial  int
	posted  string // account that was given a post
}

// settle opens a session, gives somebody a post and brings a few matters.
func (c *clocked) settle(in *inside) {
	c.t.Helper()
	c.secrets[administrator] = c.signIn(administrator)
	c.secrets[dispatcher] = c.signIn(dispatcher)
	c.secrets[member] = c.signIn(member)
	account := newID()
	c.must("POST", "/api/v1/people", administrator, form{"id": account, "login": "xinren", "name": "新人", "password": "lin-li-xin-ren-2026"})
	c.must("POST", "/api/v1/appointments", administrator, form{"id": newID(), "account": account, "post": "dispatcher@" + village})
	c.posted = "xinren"
	c.secrets[c.posted] = c.signIn(c.posted, "lin-li-xin-ren-2026")
	for range 3 {
		c.report()
	}
	in.due(c.t)
}

// goesOn does a bit of everything; all of it has to succeed and to stand in order.
func (c *clocked) goesOn(in *inside) {
	c.t.Helper()
	in.due(c.t)
	c.report()
	m := &c.open[c.dice.IntN(len(c.open))]
	for m.step == len(steps) {
		m = &c.open[c.dice.IntN(len(c.open))]
	}
	c.must("POST", "/api/v1/cases/"+m.id+"/actions/"+steps[m.step].action, steps[m.step].login, form{"command": newID(), "form": steps[m.step].form})
	m.step++
	c.signIn(dispatcher)
	if me := c.must("GET", "/api/v1/me", c.posted, nil); !strings.Contains(string(me.raw), "dispatcher@"+village) {
		c.t.Errorf("who was given a post has it no more: %s", me.raw)
	}
	in.due(c.t)
	for _, m := range c.open {
		view := c.must("GET", "/api/v1/cases/"+m.id, dispatcher, nil)
		entries, _ := view.field("timeline").([]any)
		var last time.Time
		for i, e := range entries {
			entry, _ := e.(form)
			text, _ := entry["at"].(string)
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil || at.Before(last) {
				c.t.Errorf("entry %d of %s is of %s, the one before of %s: %v", i+1, m.id, at, last, err)
			}
			last = at
		}
		if len(entries) == 0 {
			c.t.Errorf("%s has no timeline: %.300s", m.id, view.raw)
		}
	}
}

func (c *clocked) report() {
	c.t.Helper()
	id, o := reportOf(c.dice)
	r := c.client.must(c.t, o)
	number := r.text("number")
	serial, err := strconv.Atoi(number[strings.LastIndexByte(number, '-')+1:])
	if err != nil || serial <= c.serial {
		c.t.Errorf("number %s after %d", number, c.serial)
	}
	c.serial = serial
	c.open = append(c.open, matter{id: id, code: r.text("code")})
}

func (c *clocked) signIn(login string, password ...string) string {
	c.t.Helper()
	r := c.client.must(c.t, newOrder(http.MethodPost, "/api/v1/session", "", form{"login": login, "password": append(password, sample.DemoPassword)[0]}))
	return r.text("secret")
}

func (c *clocked) must(method, path, login string, body any) reply {
	c.t.Helper()
	return c.client.must(c.t, newOrder(method, path, c.secrets[login], body))
}

// fallen are the steps that the program took by itself, with how often the hand-over had been taken by then.
const fallen = `SELECT t.case_id, t.seq, t.task, t.action, (SELECT count(*) FROM timeline k WHERE k.case_id = t.case_id AND k.task = t.task AND k.action = 'take' AND k.seq < t.seq) AS taken
	FROM timeline t WHERE t.action IN ('remind', 'overdue', 'supervise', 'escalate')`

// nothingTwice lets a month pass, with the clock stepping back again and again, and counts what the program itself did.
func (c *clocked) nothingTwice(in *inside) {
	c.t.Helper()
	for range 30 {
		c.machine.pass(25 * time.Hour)
		in.due(c.t)
		c.machine.pass(-time.Hour)
		in.due(c.t)
	}
	nothingTwice(c.t, c.site)
}

// nothingTwice counts what the program itself did and said: each step falls due once, and a reminder once for each of the
// model's two. A hand-over that was taken has a new clock.
func nothingTwice(t testing.TB, s *site) {
	t.Helper()
	for what, query := range map[string]string{
		"steps": `SELECT count(*) FROM (SELECT 1 AS one FROM (` + fallen + `) f GROUP BY case_id, task, taken, action HAVING count(*) > CASE action WHEN 'remind' THEN 2 ELSE 1 END) x`,
		"words": `SELECT count(*) FROM (SELECT 1 AS one FROM (` + fallen + `) f JOIN alert a ON a.case_id = f.case_id AND a.seq = f.seq
			GROUP BY f.case_id, f.task, f.taken, a.kind, a.post HAVING count(*) > CASE a.kind WHEN 'remind' THEN 2 ELSE 1 END) x`,
	} {
		if twice := s.number(query); twice != 0 {
			t.Errorf("%d %s came more often than they fall due", twice, what)
		}
	}
	for _, kind := range []string{"remind", "overdue"} {
		if steps, words := s.number(`SELECT count(*) FROM timeline WHERE action = $1`, kind), s.number(`SELECT count(*) FROM alert WHERE kind = $1`, kind); steps == 0 || words < steps {
			t.Errorf("%s: %d steps, %d words about them", kind, steps, words)
		}
	}
}
