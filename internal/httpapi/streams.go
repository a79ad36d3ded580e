package httpapi

import (
	"cmp"
	"sync"
)

// streams bounds how many clients follow events at once. They stand in no lane, for they do nothing nearly all the time;
// but each takes a connection and some memory.
type streams struct {
	most  int
	ended chan struct{} // closed when the program stops
	once  sync.Once

	mu   sync.Mutex
	open int
	of   map[string]int // by account
}

const (
	mostStreams = 2048
	streamsEach = 20 // pages of one account
)

// newStreams bounds them; zero is the usual bound.
func newStreams(most int) *streams {
	return &streams{most: cmp.Or(most, mostStreams), ended: make(chan struct{}), of: map[string]int{}}
}

// enter takes a place; leave gives it back.
func (s *streams) enter(account string) (leave func(), err error) {
	select {
	case <-s.ended:
		return nil, errStopping()
	default:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.open >= s.most:
		return nil, errBusy()
	case s.of[account] >= streamsEach:
		return nil, errManyStreams()
	}
	s.open++
	s.of[account]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if s.of[account]--; s.of[account] == 0 {
			delete(s.of, account)
		}
	}, nil
}

// end ends all of them: the program is stopping.
func (s *streams) end() { s.once.Do(func() { close(s.ended) }) }

// count is how many there are.
func (s *streams) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}
