package area

import (
	"context"
	"embed"
	"sync"
	"sync/atomic"

	"linli/internal/platform/database"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables this package owns.
func Schema() database.Schema { return database.SchemaIn("area", schemaFiles) }

// Service answers about areas from memory and changes them in transactions. It is safe for concurrent use.
type Service struct {
	db    *database.DB
	state atomic.Pointer[state]
	swap  sync.Mutex // orders replacements of state

	mu        sync.RWMutex
	listeners []Listener
}

// New makes a service with an empty tree; Load fills it.
func New(db *database.DB) *Service {
	s := &Service{db: db}
	s.state.Store(newState())
	return s
}

// Tree is the picture of this moment. Keep it for as long as one answer needs it.
func (s *Service) Tree() *Tree { return s.state.Load().tree }

// OnChange adds a listener that runs inside the transaction of every change.
func (s *Service) OnChange(f func(tx *database.Tx, c Change) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = append(s.listeners, f)
}

// Load reads everything from the database.
func (s *Service) Load(ctx context.Context) error {
	_, err := s.Refresh(ctx)
	return err
}

// Refresh reads again when another node has changed something; changed tells whether it had. Asking
// costs one row.
func (s *Service) Refresh(ctx context.Context) (changed bool, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		rev, err := readRevision(tx, "")
		old := s.state.Load()
		if err != nil || rev == old.rev {
			return err
		}
		next, err := readState(tx, rev, old)
		if err != nil {
			return err
		}
		changed = true
		s.replace(next)
		return nil
	})
	return changed, err
}

// replace shows a newer state; an older one than is shown already is dropped.
func (s *Service) replace(next *state) {
	s.swap.Lock()
	defer s.swap.Unlock()
	if next.rev.version > s.state.Load().rev.version {
		s.state.Store(next)
	}
}
