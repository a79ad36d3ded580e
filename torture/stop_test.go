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
// comes later is refused or finds nobody, and the exit code is 0. Nothing was done without being answered.
func TestToldToStopItFinishesWhatItAccepted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for round := range pick(2, 10) {
			n := s.start()
			before := s.stored()
			var mu sync.Mutex
			var wg sync.WaitGroup
			answered := map[string]bool{}
			refused := 0
			for i := range 32 {
				wg.Go(func() {
					dice := rand.New(rand.NewPCG(uint64(round), uint64(i)))
					c := newClient(s, dice)
					defer c.close()
					for {
						id, o := reportOf(dice)
						r, err := c.send(o)
						mu.Lock()
						switch {
						case err != nil:
							mu.Unlock()
							if !gone(err) {
								t.Errorf("a report: %v", err)
							}
							return
						case r.status == 201:
							answered[id] = true
						case r.status == 503 && r.header.Get("Retry-After") != "":
							refused++
						default:
							t.Errorf("a report: %d %.300s", r.status, r.raw)
						}
						mu.Unlock()
					}
				})
			}
			time.Sleep(time.Duration(200+round*30) * time.Millisecond)
			took := n.stop()
			wg.Wait()
			after := s.stored()
			silent := 0
			for id := range after.cases {
				if _, old := before.cases[id]; !old && !answered[id] {
					silent++
				}
			}
			for id := range answered {
				if after.begun[id] != 1 {
					t.Errorf("report %s was answered and is there %d times", id, after.begun[id])
				}
			}
			if silent > 0 {
				t.Errorf("%d reports were stored and not answered", silent)
			}
			t.Logf("stopped within %s: %d answered, %d refused", took.Round(time.Millisecond), len(answered), refused)
			if took > 10*time.Second || len(answered) < 20 {
				t.Errorf("%d answered, stopping took %s", len(answered), took)
			}
		}
		s.sound()
	})
}

// gone tells whether an error is that of a server which is not there any more.
func gone(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
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
