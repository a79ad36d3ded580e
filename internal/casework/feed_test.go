package casework

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"linli/internal/staff"
)

// moving is a clock that a test moves.
type moving struct{ at time.Time }

func (m *moving) now() time.Time { return m.at }

func happened(f *feed, n int) {
	for i := range n {
		f.put(happening{what: &glimpse{id: fmt.Sprintf("c%d", i), version: int64(i + 1)}})
	}
}

func TestAPlaceInTheFeedIsFoundAgain(t *testing.T) {
	clock := &moving{time.Date(2026, 11, 16, 1, 0, 0, 0, time.UTC)}
	f := newFeed(clock.now)
	start := f.cursor(0)
	happened(f, 10)
	middle := f.cursor(f.newest())
	happened(f, 10)
	if at := strings.Split(f.cursor(f.newest()), ".")[2]; at != fmt.Sprint(clock.at.UnixMilli()) {
		t.Errorf("the newest place is of %s", at)
	}
	for name, c := range map[string]struct {
		cursor string
		want   int64
		ok     bool
	}{
		"the beginning": {start, 0, true}, "the middle": {middle, 10, true}, "the end": {f.cursor(20), 20, true},
		"one that lies ahead": {strings.Replace(middle, ".10.", ".21.", 1), 0, false}, "one below zero": {strings.Replace(middle, ".10.", ".-1.", 1), 0, false},
		"nonsense": {"abc", 0, false}, "nothing": {"", 0, false}, "no numbers": {f.epoch + ".a.b", 0, false},
	} {
		if n, ok := f.resume(c.cursor); ok != c.ok || ok && n != c.want {
			t.Errorf("%s: %d %v, want %d %v", name, n, ok, c.want, c.ok)
		}
	}
	happened(f, feedLength)
	for name, cursor := range map[string]string{"the beginning": start, "the middle": middle} {
		if n, ok := f.resume(cursor); ok {
			t.Errorf("%s is still there at %d, though it is forgotten", name, n)
		}
	}
	if _, ok := f.since(19); ok {
		t.Error("what is forgotten was given")
	}
	if list, ok := f.since(20); !ok || len(list) != feedLength || list[0].n != 21 || list[len(list)-1].n != 20+feedLength {
		t.Errorf("%d happenings, %v", len(list), ok)
	}
}

func TestACursorOfAnotherNodeIsTakenByItsTime(t *testing.T) {
	clock := &moving{time.Date(2026, 11, 16, 1, 0, 0, 0, time.UTC)}
	here, there := newFeed(clock.now), newFeed(clock.now)
	clock.at = clock.at.Add(time.Minute)
	happened(here, 3)
	happened(there, 2)
	cursor := here.cursor(3)
	clock.at = clock.at.Add(time.Minute)
	happened(there, 4)
	// those within the difference of clocks are told again
	if n, ok := there.resume(cursor); !ok || n != 0 {
		t.Errorf("%d %v", n, ok)
	}
	clock.at = clock.at.Add(time.Minute)
	later := here.cursor(here.newest())
	happened(there, 1)
	if n, ok := there.resume(later); !ok || n != 6 {
		t.Errorf("a later one: %d %v", n, ok)
	}
	young := newFeed(clock.now)
	if _, ok := young.resume(cursor); ok {
		t.Error("a node that began later knows what was before")
	}
	happened(there, feedLength)
	if _, ok := there.resume(later); ok {
		t.Error("what is forgotten was found by its time")
	}
}

func TestWhoWaitsIsWoken(t *testing.T) {
	f := newFeed((&moving{}).now)
	one, other := f.after(0), f.after(0)
	select {
	case <-one:
		t.Fatal("woken by nothing")
	default:
	}
	happened(f, 1)
	<-one
	<-other
	<-f.after(0) // there is something already
	select {
	case <-f.after(1):
		t.Fatal("woken by what was known")
	default:
	}
}

func TestManyChangesAreToldAsOneReset(t *testing.T) {
	s := &Service{feed: newFeed((&moving{}).now)}
	follower := s.Follow("")
	happened(s.feed, 3)
	happened(s.feed, 2) // two of them again
	news := follower.Take(staff.System())
	if news.Reset || len(news.Cases) != 3 || news.Cases[0].ID != "c0" || news.Words {
		t.Fatalf("%+v", news)
	}
	if again := follower.Take(staff.System()); len(again.Cases) != 0 || again.Reset {
		t.Errorf("told twice: %+v", again)
	}
	happened(s.feed, mostChanged+1)
	if news := follower.Take(staff.System()); !news.Reset || len(news.Cases) != 0 {
		t.Errorf("%d cases, reset %v", len(news.Cases), news.Reset)
	}
	happened(s.feed, feedLength+1)
	if news := follower.Take(staff.System()); !news.Reset || !news.Words {
		t.Errorf("after a long absence: %+v", news)
	}
	if lost := s.Follow("nonsense"); !lost.Take(staff.System()).Reset || lost.Take(staff.System()).Reset {
		t.Error("a cursor that is none is not answered by one reset")
	}
}
