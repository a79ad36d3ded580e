package httpapi

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// shop is work of a known capacity behind a gate: cores hands, each request takes one for a while, and whoever is
// let in waits for a hand as a request waits for a core or the database.
type shop struct {
	gate  *gate
	hands chan struct{}
	took  time.Duration // of a hand

	mu      sync.Mutex
	waits   []time.Duration // of those who were served, from coming to going
	refused map[reason]int
}

func newShop(hands int, took time.Duration, most int) *shop {
	return &shop{gate: newGate(4, most, time.Now), hands: make(chan struct{}, hands), took: took, refused: map[reason]int{}}
}

// come is one request.
func (s *shop) come() {
	came := time.Now()
	entered, why := s.gate.enter(context.Background())
	if why == letIn {
		s.hands <- struct{}{}
		time.Sleep(s.took)
		<-s.hands
		s.gate.leave(entered)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if why != letIn {
		s.refused[why]++
		return
	}
	s.waits = append(s.waits, time.Since(came))
}

// stream sends requests at a rate whether or not the earlier ones are answered, as a city does.
func (s *shop) stream(rate float64, long time.Duration) {
	dice := rand.New(rand.NewPCG(1, 2))
	for end := time.Now().Add(long); time.Now().Before(end); {
		go s.come()
		time.Sleep(time.Duration(dice.ExpFloat64() / rate * float64(time.Second)))
	}
}

// tell gives how many were served and the 99th percentile of their time, and begins anew.
func (s *shop) tell() (served int, p99 time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.waits)
	if served = len(s.waits); served > 0 {
		p99 = s.waits[served*99/100]
	}
	s.waits = nil
	return served, p99
}

func TestFourTimesTooMuchIsServedAtFullRateAndInTime(t *testing.T) {
	for name, c := range map[string]struct {
		hands int
		took  time.Duration
		most  int
	}{
		"quick work":                         {2, 250 * time.Microsecond, 256},
		"work that waits for one disk":       {1, 2 * time.Millisecond, 256},
		"slow work":                          {2, 20 * time.Millisecond, 256},
		"work far too slow for so many":      {2, 100 * time.Millisecond, 256},
		"a limit of its own that is too low": {64, 10 * time.Millisecond, 8},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(c.hands, c.took, c.most)
				capacity := float64(min(c.hands, c.most)) / c.took.Seconds()
				s.stream(4*capacity, 3*time.Second) // it finds its limit; the first were let in before anything was known
				s.tell()
				s.stream(4*capacity, 10*time.Second)
				served, p99 := s.tell()
				if p99 > time.Second {
					t.Errorf("p99 of what was served is %s", p99)
				}
				if least := 0.9 * 10 * capacity; float64(served) < least {
					t.Errorf("%d were served, %.0f could be", served, 10*capacity)
				}
				synctest.Wait()
				s.stream(capacity/2, time.Second) // the line is worked off
				time.Sleep(time.Second)
				s.tell()
				before := len(s.refused)
				s.stream(capacity/2, 4*time.Second)
				time.Sleep(time.Second)
				served, _ = s.tell()
				if want := 0.8 * 4 * capacity / 2; float64(served) < want || len(s.refused) != before {
					t.Errorf("after the storm %d of about %.0f were served; refused %v", served, 4*capacity/2, s.refused)
				}
			})
		})
	}
}

func TestABurstWaitsAndNobodyIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(2, time.Millisecond, 64)
		for range 8 + 64 {
			go s.come()
		}
		time.Sleep(time.Second)
		if served, _ := s.tell(); served != 8+64 {
			t.Errorf("%d served, refused %v", served, s.refused)
		}
	})
}

func TestWhoStopsHangingIsServedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(2, time.Millisecond, 64)
		s.stream(500, time.Second)
		for range cap(s.hands) { // the database falls silent
			s.hands <- struct{}{}
		}
		s.stream(500, 3*time.Second)
		if s.refused[lineFull]+s.refused[waitedLong] < 1000 {
			t.Errorf("while nothing moved only %v were refused", s.refused)
		}
		for range cap(s.hands) {
			<-s.hands
		}
		time.Sleep(time.Second)
		s.tell()
		clear(s.refused)
		s.stream(500, 3*time.Second)
		time.Sleep(time.Second)
		if served, p99 := s.tell(); served < 1400 || p99 > 100*time.Millisecond || len(s.refused) > 0 {
			t.Errorf("afterwards %d served, p99 %s, refused %v", served, p99, s.refused)
		}
	})
}

func TestAClosedGateAnswersWhoIsInsideAndNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(4, 10*time.Millisecond, 4)
		for range 8 {
			go s.come()
		}
		time.Sleep(time.Millisecond)
		closed := time.Now()
		<-s.gate.close()
		if took := time.Since(closed); took != 9*time.Millisecond {
			t.Errorf("the last one left after %s", took)
		}
		synctest.Wait()
		if served, _ := s.tell(); served != 4 || s.refused[waitedLong] != 4 {
			t.Errorf("%d served, refused %v", served, s.refused)
		}
		s.come()
		if why, hopeless := s.gate.hopeless(); s.refused[stopping] != 1 || why != stopping || !hopeless {
			t.Errorf("who came later: %v, %v", s.refused, why)
		}
		<-s.gate.close() // twice is once
	})
}

// TestTheGateKeepsCount: whatever comes, goes, gives up or is hung up, never more than may be inside are inside, and in the
// end nobody is left behind.
func TestTheGateKeepsCount(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		most := rapid.IntRange(1, 8).Draw(rt, "most")
		visits := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [3]int {
			return [3]int{rapid.IntRange(0, 300).Draw(t, "comes"), rapid.IntRange(0, 900).Draw(t, "stays"), rapid.IntRange(1, 600).Draw(t, "gives up")}
		}), 1, 60).Draw(rt, "visits")
		synctest.Test(t, func(t *testing.T) {
			g := newGate(1, most, time.Now)
			var mu sync.Mutex
			inside, over, answered := 0, 0, 0
			for _, v := range visits {
				go func() {
					time.Sleep(time.Duration(v[0]) * time.Millisecond)
					ctx, cancel := context.WithTimeout(context.Background(), time.Duration(v[2])*time.Millisecond)
					defer cancel()
					entered, why := g.enter(ctx)
					mu.Lock()
					answered++
					if why != letIn {
						mu.Unlock()
						return
					}
					if inside++; inside > most {
						over++
					}
					mu.Unlock()
					time.Sleep(time.Duration(v[1]) * time.Millisecond)
					mu.Lock()
					inside--
					mu.Unlock()
					g.leave(entered)
				}()
			}
			time.Sleep(time.Hour)
			if in, _, waiting := g.figures(); over > 0 || answered != len(visits) || in != 0 || waiting != 0 || !g.standing.IsZero() {
				t.Errorf("%d times too many; %d of %d answered; %d inside and %d waiting in the end", over, answered, len(visits), in, waiting)
			}
		})
		if t.Failed() {
			rt.Fatal("see above")
		}
	})
}

func BenchmarkTurnedAwayAtTheGate(b *testing.B) {
	g := newGate(1, 1, time.Now)
	g.patience = time.Hour
	_, _ = g.enter(context.Background())
	go func() { _, _ = g.enter(context.Background()) }()
	for {
		if _, full := g.hopeless(); full {
			break
		}
	}
	for b.Loop() {
		if _, full := g.hopeless(); !full {
			break
		}
	}
}
