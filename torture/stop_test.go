package torture

import (
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestToldToStopItFinishesWhatItAccepted: SIGTERM in the middle of load. What was accepted is done and answered, what
// comes later is refused or finds nobody, and the exit code is 0. What is stored is what was answered, both ways.
//
// A client whose connection ends without an answer cannot know by itself whether its request arrived. The program
// promises that such a request was not done, and the test looks: after every stop nothing is stored of it.
func TestToldToStopItFinishesWhatItAccepted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for round := range pick(2, 10) {
			n := s.start()
			r := &stopping{site: s, t: t, before: s.stored(), answered: newMemory(), silent: newMemory()}
			var wg sync.WaitGroup
			for i := range 32 {
				wg.Go(func() { r.work(rand.New(rand.NewPCG(uint64(round), uint64(i)))) })
			}
			within(t, 20*time.Second, "reports, actions and uploads are answered", r.busy)
			time.Sleep(time.Duration(round*30) * time.Millisecond)
			took := n.stop()
			wg.Wait()
			r.compare()
			t.Logf("stopped within %s: answered %d reports, %d actions, %d files; %d refused; %d cut off without an answer, none of them done", took.Round(time.Millisecond),
				len(r.answered.reports), len(r.answered.commands), len(r.answered.files), r.refused, len(r.silent.reports)+len(r.silent.commands)+len(r.silent.files))
			if took > 10*time.Second {
				t.Errorf("stopping took %s", took)
			}
		}
		s.sound()
	})
}

// stopping is one stop under load, as its clients saw it.
type stopping struct {
	site   *site
	t      *testing.T
	before stored

	mu       sync.Mutex
	answered memory // with success
	silent   memory // sent, and the connection ended without an answer
	refused  int
}

// busy tells whether enough of everything was answered.
func (r *stopping) busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.answered.reports) >= 40 && len(r.answered.commands) >= 10 && len(r.answered.files) >= 10
}

// work is a client who reports, has a part of it handed on, and sends a photo, until nobody answers.
func (r *stopping) work(dice *rand.Rand) {
	c := newClient(r.site, dice)
	defer c.close()
	for {
		id, o := reportOf(dice)
		a, done, gone := r.send(c, o, func(m memory, a reply) {
			m.reports[id] = told{order: o, number: a.text("number"), code: a.text("code")}
		})
		if gone {
			return
		}
		if !done {
			continue
		}
		switch dice.IntN(3) {
		case 0:
			command := newID()
			act := newOrder("POST", "/api/v1/cases/"+id+"/actions/"+steps[0].action, r.site.secret(steps[0].login), form{"command": command})
			_, _, gone = r.send(c, act, func(m memory, a reply) {
				seq, _ := a.field("entry", "seq").(float64)
				m.commands[command] = acted{id: command, kase: id, seq: int64(seq)}
			})
		case 1:
			file, picture := newID(), photo(dice)
			up := order{method: "PUT", path: "/api/v1/track/" + a.text("code") + "/files/" + file + "?name=photo.jpg", kind: "image/jpeg", body: picture}
			_, _, gone = r.send(c, up, func(m memory, _ reply) { m.files[file] = kept{kase: id, sum: sumOf(picture)} })
		}
		if gone {
			return
		}
	}
}

// send sends an order once and keeps what became of it: answered, or cut off. Gone: there is nobody any more.
func (r *stopping) send(c *client, o order, keep func(memory, reply)) (a reply, done, gone bool) {
	a, err := c.send(o)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return a, false, true
	case err != nil:
		if !cutOff(err) {
			r.t.Errorf("%s %s: %v", o.method, o.path, err)
		}
		keep(r.silent, reply{})
		return a, false, true
	case a.status == 200 || a.status == 201:
		keep(r.answered, a)
		return a, true, false
	case a.status == 503 && a.header.Get("Retry-After") != "":
		r.refused++
	default:
		r.t.Errorf("%s %s: %d %.300s", o.method, o.path, a.status, a.raw)
	}
	return a, false, false
}

// compare holds what is stored against what was answered.
func (r *stopping) compare() {
	r.t.Helper()
	r.site.holds(r.answered, false)
	after := r.site.stored()
	unanswered := func(what string, is, was, answered map[string]bool) {
		r.t.Helper()
		for id := range is {
			if !was[id] && !answered[id] {
				r.t.Errorf("%s %s is stored and was not answered", what, id)
			}
		}
	}
	unanswered("report", ids(after.cases), ids(r.before.cases), ids(r.answered.reports))
	unanswered("action", ids(after.commands), ids(r.before.commands), ids(r.answered.commands))
	unanswered("file", ids(after.files), ids(r.before.files), ids(r.answered.files))
}

func ids[V any](m map[string]V) map[string]bool {
	out := make(map[string]bool, len(m))
	for id := range m {
		out[id] = true
	}
	return out
}

// cutOff tells whether an error is that of a connection which the server ended.
func cutOff(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.EPIPE) || strings.Contains(err.Error(), "server closed idle connection")
}

// TestASecondProcessOnAFolderIsRefused, with a word that says who has it. What only reads may run beside.
func TestASecondProcessOnAFolderIsRefused(t *testing.T) {
	s := newSite(t, "sqlite")
	n := s.start()
	for _, args := range [][]string{s.serving(), append([]string{"migrate"}, s.flags()...)} {
		out, code := runCommand(t, args...)
		if code == 0 || !strings.Contains(out, "in use by another linli process (pid ") || !strings.Contains(out, "choose another --data folder") {
			t.Errorf("linli %s: exit code %d: %s", strings.Join(args, " "), code, out)
		}
	}
	if out, code := s.command("check"); code != 0 {
		t.Errorf("check beside the program: exit code %d: %s", code, out)
	}
	n.kill() // however it ends, the folder is free again
	n = s.start()
	n.stop()
}
