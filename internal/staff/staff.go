package staff

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"linli/internal/area"
	"linli/internal/platform/database"
	"linli/internal/platform/seal"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables this package owns.
func Schema() database.Schema {
	dir, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		return database.Schema{Name: "staff", Files: schemaFiles}
	}
	return database.Schema{Name: "staff", Files: dir}
}

// Service answers from memory who holds which post and what they may do, and changes it in transactions. It is
// safe for concurrent use.
type Service struct {
	db    *database.DB
	tree  func() *area.Tree
	roles *Roles
	box   *seal.Box
	now   func() time.Time
	opts  options

	reg     atomic.Pointer[registry]
	swap    sync.Mutex // orders replacements of reg
	pending sync.Map   // *database.Tx -> *registry while listeners run

	mu        sync.RWMutex
	listeners []func(*database.Tx, []Post) error
}

// options are what an Option changes.
type options struct{}

// Option changes a default of the service.
type Option func(*options)

// New makes a service that knows nobody yet; Load fills it.
func New(db *database.DB, tree func() *area.Tree, roles *Roles, box *seal.Box, now func() time.Time, opts ...Option) *Service {
	s := &Service{db: db, tree: tree, roles: roles, box: box, now: now}
	for _, o := range opts {
		o(&s.opts)
	}
	s.reg.Store(newRegistry(0, nil, nil))
	return s
}

// RoleTable is the table of roles the service works with.
func (s *Service) RoleTable() *Roles { return s.roles }

// Version grows with every change of accounts and appointments this node has seen.
func (s *Service) Version() int64 { return s.reg.Load().version }

// Load reads everything from the database.
func (s *Service) Load(ctx context.Context) error {
	_, err := s.Refresh(ctx)
	return err
}

// Refresh reads again when another node has changed something; changed tells whether it had. Asking costs one row.
func (s *Service) Refresh(ctx context.Context) (changed bool, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		rev, err := readRevision(tx)
		if err != nil || rev.registry == s.Version() {
			return err
		}
		reg, err := readRegistry(tx)
		if err != nil {
			return err
		}
		changed = true
		s.show(reg)
		return nil
	})
	return changed, err
}

// show makes a newer registry the current one; an older one than is shown already is dropped.
func (s *Service) show(next *registry) {
	s.swap.Lock()
	defer s.swap.Unlock()
	if next.version > s.reg.Load().version {
		s.reg.Store(next)
	}
}

// registryIn is the registry as the transaction sees it.
func (s *Service) registryIn(tx *database.Tx) (*registry, error) {
	if reg, ok := s.pending.Load(tx); ok {
		if reg, ok := reg.(*registry); ok {
			return reg, nil
		}
	}
	rev, err := readRevision(tx)
	if err != nil {
		return nil, err
	}
	if reg := s.reg.Load(); reg.version == rev.registry {
		return reg, nil
	}
	return readRegistry(tx)
}

// OnCover adds a listener that runs inside the transaction in which the living holders of posts change:
// somebody was appointed, an appointment ended or began, an account was switched off or on. Its error undoes the
// change. Inside it, CoverIn gives the answers that hold after the change; Cover still gives the former ones.
//
// Who covers a post by fall-back can change with any of the posts in its chain, so a listener asks again for what
// is held by one of the posts, and for whatever is answered by a fall-back.
func (s *Service) OnCover(f func(tx *database.Tx, posts []Post) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = append(s.listeners, f)
}

// settle ends a change of the registry inside its transaction, after raise: it reads the new registry, tells the
// listeners, and shows the registry to everybody once the transaction is durable.
func (s *Service) settle(tx *database.Tx, posts []Post) error {
	reg, err := readRegistry(tx)
	if err != nil {
		return err
	}
	if len(posts) > 0 {
		s.pending.Store(tx, reg)
		defer s.pending.Delete(tx)
		s.mu.RLock()
		listeners := s.listeners
		s.mu.RUnlock()
		for _, f := range listeners {
			if err := f(tx, posts); err != nil {
				return fmt.Errorf("telling who answers now: %w", err)
			}
		}
	}
	tx.AfterCommit(func() { s.show(reg) })
	return nil
}
