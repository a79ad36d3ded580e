package casework

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// feed is what happened to cases lately, in memory, for those who follow it (GET /events). This node's changes come with
// their commit; those of other nodes on one PostgreSQL are looked for by Listen. It tells that something changed, never
// what was said: whoever hears of a case reads it. So hearing of a change twice does no harm, and who was away for longer
// than the feed reaches back reads their lists anew.
type feed struct {
	now   func() time.Time
	epoch string // of this run of the program: numbers of another run mean nothing here
	began time.Time

	mu   sync.Mutex
	last int64 // number of the newest
	ring [feedLength]happening
	wake chan struct{} // closed with the next happening; nil while nobody waits

	listen listening
}

// feedLength is how many happenings are remembered: some 2 MB, and minutes of a county's busiest hour.
const feedLength = 4096

// happening is one thing that happened.
type happening struct {
	n     int64
	at    time.Time
	what  *glimpse     // nil: only words were seen
	told  []staff.Post // posts that were left word, or whose words were seen
	flood bool         // more happened than can be told one by one
}

// glimpse is of a case what decides who may hear of it, and what they hear.
type glimpse struct {
	id, number, path, stage, ended, title, account string
	version                                        int64
	confidential                                   bool
	hands                                          []hand
}

// hand is a hand-over of a case: to whom, and whether it is open.
type hand struct {
	post, holder staff.Post
	open         bool
}

func newFeed(now func() time.Time) *feed {
	return &feed{now: now, began: now(), epoch: strings.ReplaceAll(uuid.NewString(), "-", "")[:12], listen: listening{known: map[string]versionAt{}}}
}

// record writes the entry down and lets those who follow hear of it once it is durable.
func (s *Service) record(tx *database.Tx, c *Case, e Entry) error {
	if err := record(tx, c, e); err != nil {
		return err
	}
	s.tellFollowers(tx, c, e.Data.Told)
	return nil
}

// tellFollowers lets those who follow hear of the case, as it is by then, once the transaction is durable.
func (s *Service) tellFollowers(tx *database.Tx, c *Case, told []staff.Post) {
	tx.AfterCommit(func() { s.feed.put(happening{what: s.glimpse(c), told: told}) })
}

// tellSeen lets those who answer for the posts hear that their words were seen.
func (s *Service) tellSeen(tx *database.Tx, posts []string) {
	told := make([]staff.Post, len(posts))
	for i, p := range posts {
		told[i] = staff.Post(p)
	}
	tx.AfterCommit(func() { s.feed.put(happening{told: told}) })
}

func (s *Service) glimpse(c *Case) *glimpse {
	g := &glimpse{id: c.ID, number: s.Number(c), path: c.Path, stage: c.Stage, ended: c.Ended, title: c.Title, account: c.Account, version: c.Version,
		confidential: c.Confidential, hands: make([]hand, len(c.Tasks))}
	for i := range c.Tasks {
		t := &c.Tasks[i]
		g.hands[i] = hand{t.Post, t.Holder, t.Open()}
	}
	return g
}

// put adds what happened.
func (f *feed) put(h happening) {
	h.at = f.now()
	f.mu.Lock()
	defer f.mu.Unlock()
	if h.what != nil {
		f.listen.note(h.what.id, h.what.version, h.at)
	}
	f.last++
	h.n = f.last
	f.ring[h.n%feedLength] = h
	if f.wake != nil {
		close(f.wake)
		f.wake = nil
	}
}

// after is closed when something newer than n has happened.
func (f *feed) after(n int64) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last > n {
		done := make(chan struct{})
		close(done)
		return done
	}
	if f.wake == nil {
		f.wake = make(chan struct{})
	}
	return f.wake
}

// oldest is the number of the oldest happening remembered, or the one to come.
func (f *feed) oldest() int64 { return max(1, f.last-feedLength+1) }

// since gives what happened after n, oldest first; false when some of it is forgotten.
func (f *feed) since(n int64) ([]happening, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n+1 < f.oldest() {
		return nil, false
	}
	out := make([]happening, 0, f.last-n)
	for i := n + 1; i <= f.last; i++ {
		out = append(out, f.ring[i%feedLength])
	}
	return out, true
}

// A cursor names a place in the feed: run of the program, number, and the time for the feed of another node.
func (f *feed) cursor(n int64) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := f.began // forgotten, or before anything happened
	switch h := f.ring[n%feedLength]; {
	case n == f.last:
		at = f.now() // nothing has happened since
	case n > 0 && h.n == n:
		at = h.at
	}
	return f.epoch + "." + strconv.FormatInt(n, 10) + "." + strconv.FormatInt(at.UnixMilli(), 10)
}

// otherNodes is by how much clocks of nodes may differ, with the time until one hears of the other's changes.
const otherNodes = 5 * time.Second

// resume finds the place of a cursor; false when it is not one, or lies before what is remembered.
func (f *feed) resume(cursor string) (n int64, ok bool) {
	parts := strings.Split(cursor, ".")
	if len(parts) != 3 {
		return 0, false
	}
	n, errN := strconv.ParseInt(parts[1], 10, 64)
	ms, errMS := strconv.ParseInt(parts[2], 10, 64)
	f.mu.Lock()
	defer f.mu.Unlock()
	if errN != nil || errMS != nil || n < 0 || ms < 0 {
		return 0, false
	}
	if parts[0] == f.epoch {
		return n, n <= f.last && n+1 >= f.oldest()
	}
	from := time.UnixMilli(ms).Add(-otherNodes)
	if from.Before(f.began) || f.last >= feedLength && f.ring[f.oldest()%feedLength].at.After(from) {
		return 0, false
	}
	for i := f.oldest(); i <= f.last; i++ {
		if !f.ring[i%feedLength].at.Before(from) {
			return i - 1, true
		}
	}
	return f.last, true
}

// newest is the number of what happened last.
func (f *feed) newest() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// Follower reads the feed for somebody. It holds nothing but a place in it, so one who reads slowly costs nothing. It
// belongs to one goroutine.
type Follower struct {
	s     *Service
	at    int64
	reset bool
	look  Case // for judging, used again and again
}

// Follow begins behind the cursor, or, without one, with what happens from now on. One that is too old is answered by a
// News with Reset.
func (s *Service) Follow(cursor string) *Follower {
	f := &Follower{s: s, at: s.feed.newest()}
	if cursor == "" {
		return f
	}
	if n, ok := s.feed.resume(cursor); ok {
		f.at = n
	} else {
		f.reset = true
	}
	return f
}

// Cursor names the place up to which was read.
func (f *Follower) Cursor() string { return f.s.feed.cursor(f.at) }

// Changed is closed when there is something to take.
func (f *Follower) Changed() <-chan struct{} {
	if f.reset {
		done := make(chan struct{})
		close(done)
		return done
	}
	return f.s.feed.after(f.at)
}

// News is what happened, for one who follows.
type News struct {
	Cases []Changed // each once, as it is now; only those the follower may read
	Words bool      // words were left for posts of the follower, or seen
	Reset bool      // more happened than is remembered: read everything anew
}

// Changed is a case of which something happened.
type Changed struct {
	ID, Number, Stage, Ended, Title string
	Version                         int64
}

// mostChanged is how many cases are told at once; with more it is quicker to read the lists anew.
const mostChanged = 200

// Take gives what happened since the last time, as far as the actor may know of it: by the same rule as reading a case.
func (f *Follower) Take(actor *staff.Actor) News {
	list, ok := f.s.feed.since(f.at)
	if !ok || f.reset {
		f.at, f.reset = f.s.feed.newest(), false
		return News{Reset: true, Words: true}
	}
	var news News
	place := map[string]int{}
	for i := range list {
		h := &list[i]
		f.at = h.n
		news.Reset = news.Reset || h.flood
		news.Words = news.Words || slices.ContainsFunc(h.told, actor.Holds)
		if h.what == nil || !f.sees(actor, h.what) {
			continue
		}
		g := h.what
		c := Changed{ID: g.id, Number: g.number, Stage: g.stage, Ended: g.ended, Title: g.title, Version: g.version}
		if at, again := place[g.id]; again {
			if c.Version >= news.Cases[at].Version {
				news.Cases[at] = c
			}
			continue
		}
		place[g.id] = len(news.Cases)
		news.Cases = append(news.Cases, c)
	}
	if len(news.Cases) > mostChanged {
		news.Cases, news.Reset = nil, true
	}
	return news
}

// sees asks the one rule of who may read a case.
func (f *Follower) sees(actor *staff.Actor, g *glimpse) bool {
	c := &f.look
	c.Account, c.Path, c.Confidential, c.Tasks = g.account, g.path, g.confidential, c.Tasks[:0]
	for _, h := range g.hands {
		state := flow.Done
		if h.open {
			state = flow.Taken
		}
		c.Tasks = append(c.Tasks, Task{Post: h.post, Holder: h.holder, State: state})
	}
	return f.s.sees(actor, c)
}

// Unseen counts the words left for the actor's posts that nobody has seen.
func (s *Service) Unseen(ctx context.Context, actor *staff.Actor) (n int, err error) {
	posts := held(actor)
	if len(posts) == 0 {
		return 0, nil
	}
	q := &scope{}
	in := q.List(posts)
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		if err := tx.Row(`SELECT count(*) FROM alert WHERE seen_at = 0 AND post IN (`+in+`)`, q.Args...).Scan(&n); err != nil {
			return fmt.Errorf("counting alerts: %w", err)
		}
		return nil
	})
	return n, err
}
