package database

import (
	"strings"
	"sync"
	"time"
)

// Upgrade is how far a migration has come. A step that fills a table may take minutes on a large database; whoever started
// the program has to see that it is at work, or stops it.
type Upgrade struct {
	ID          string        // of the migration, such as casework/0007_work
	Step, Steps int           // it is the Step-th of the Steps that are due, from 1
	Part, Parts int           // it is at the Part-th of its Parts statements, from 1; 0: it has not begun
	Doing       string        // how that statement begins, such as INSERT INTO handled
	Rows        int64         // rows that the statements before it wrote
	For         time.Duration // since the migration began, to the last round told; 0: it begins
	Done        bool          // it was taken
}

// tellEvery is how often it is told that a migration is still under way, when nobody said otherwise.
const tellEvery = 5 * time.Second

// upgrading tells of one migration while it runs: at its beginning, every few seconds, and at its end. No two calls are
// made at the same time.
type upgrading struct {
	mu  sync.Mutex
	now Upgrade
}

// at notes which statement is run next.
func (u *upgrading) at(part, parts int, statement string, rows int64) {
	words := strings.Fields(statement)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.now.Part, u.now.Parts, u.now.Rows, u.now.Doing = part, parts, rows, strings.Join(words[:min(3, len(words))], " ")
}

func (u *upgrading) told(more time.Duration) Upgrade {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.now.For += more
	return u.now
}

// watched runs a migration and tells of it.
func (db *DB) watched(m Migration, step, steps int, run func(*upgrading) error) error {
	u := &upgrading{now: Upgrade{ID: m.ID, Step: step, Steps: steps}}
	if db.tell == nil {
		return run(u)
	}
	db.tell(u.told(0))
	ended, silent := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(silent)
		round := time.NewTicker(db.tellEvery)
		defer round.Stop()
		for {
			select {
			case <-ended:
				return
			case <-round.C:
				db.tell(u.told(db.tellEvery))
			}
		}
	}()
	err := run(u)
	close(ended)
	<-silent
	if err == nil {
		last := u.told(0)
		last.Done = true
		db.tell(last)
	}
	return err
}
