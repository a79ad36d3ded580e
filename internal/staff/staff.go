package staff

import (
	"context"
	"embed"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"linli/internal/area"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/seal"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables this package owns.
func Schema() database.Schema { return database.SchemaIn("staff", schemaFiles) }

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
	hasher  *hasher
	cache   *accessCache
	access  atomic.Int64 // revision of access the cache was filled under
	settled atomic.Bool  // an administrator was made at some time

	mu        sync.RWMutex
	listeners []func(*database.Tx, []Post) error
}

// options are what an Option changes.
type options struct {
	cost           Hashing
	idle, lifetime time.Duration
}

// Option changes a default of the service.
type Option func(*options)

// WithHashing sets the cost of passwords stored from now on; the default is LowMemory.
func WithHashing(cost Hashing) Option { return func(o *options) { o.cost = cost } }

// WithSessions sets how long a session lives without use, and at most.
func WithSessions(idle, lifetime time.Duration) Option {
	return func(o *options) { o.idle, o.lifetime = idle, lifetime }
}

// New makes a service that knows nobody yet; Load fills it.
func New(db *database.DB, tree func() *area.Tree, roles *Roles, box *seal.Box, now func() time.Time, opts ...Option) *Service {
	s := &Service{db: db, tree: tree, roles: roles, box: box, now: now, cache: newAccessCache(),
		opts: options{cost: LowMemory, idle: defaultIdle, lifetime: defaultLifetime}}
	for _, o := range opts {
		o(&s.opts)
	}
	s.hasher = newHasher(s.opts.cost)
	s.reg.Store(newRegistry(0, nil, nil))
	return s
}

// RoleTable is the table of roles the service works with.
func (s *Service) RoleTable() *Roles { return s.roles }

// Version grows with every change of accounts and appointments this node has seen.
func (s *Service) Version() int64 { return s.reg.Load().version }

// Load reads everything from the database.
func (s *Service) Load(ctx context.Context) error {
	return s.db.Snapshots(ctx, 2, func(open []*database.Tx) error {
		rev, err := readRevision(open[0])
		if err != nil {
			return err
		}
		reg, err := streamRegistry(open, rev.registry)
		if err != nil {
			return err
		}
		s.access.Store(rev.access)
		s.show(reg)
		return nil
	})
}

// Refresh reads again when another node has changed something; changed tells whether it had. Asking costs one row.
func (s *Service) Refresh(ctx context.Context) (changed bool, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		rev, err := readRevision(tx)
		if err != nil {
			return err
		}
		if s.access.Swap(rev.access) != rev.access {
			s.cache.clear()
		}
		if rev.registry == s.Version() {
			return nil
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

// settle ends a change of the registry inside its transaction: it reads the new registry, sees that an administrator
// is left, tells the listeners, and shows the registry to everybody once the transaction is durable.
func (s *Service) settle(tx *database.Tx, c *change) error {
	reg, err := c.before.renew(tx, c.accounts)
	if err != nil {
		return err
	}
	for _, at := range c.admins {
		if _, ok := reg.admin(at); !ok {
			return fault.New(fault.Conflict, "last-administrator", "这是最后一名系统管理员,请先任命另一名", "This is the last administrator; appoint another one first")
		}
	}
	if err := s.tell(tx, reg, c.posts); err != nil {
		return err
	}
	tx.AfterCommit(func() { s.show(reg) })
	return nil
}

// tell calls the listeners, for whom CoverIn answers by the new registry.
func (s *Service) tell(tx *database.Tx, reg *registry, posts []Post) error {
	if len(posts) == 0 {
		return nil
	}
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
	return nil
}
