package casework

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"linli/internal/area"
	"linli/internal/calendar"
	"linli/internal/category"
	"linli/internal/flow"
	"linli/internal/platform/blob"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/seal"
	"linli/internal/staff"
)

// Service is the loop's use cases. It is safe for concurrent use.
type Service struct {
	db         *database.DB
	areas      *area.Service
	staff      *staff.Service
	book       atomic.Pointer[modelBook]
	turning    sync.Mutex  // guards known, and that what is stored last is in use
	known      modelsKnown // stored versions and activations in use
	categories *category.Tree
	calendars  atomic.Pointer[calendar.Set]
	base       *calendar.Set // the built-in years, before those announced later
	holidays   sync.Mutex    // guards years, and that what is stored last is in use
	years      []string      // stored announcements in use
	box        *seal.Box
	files      blob.Store
	pieces     *blob.Pieces
	limits     Limits
	drawing    chan struct{} // a place for each picture being redrawn: one unpacks to 100 MB and more
	smalls     *smallPictures
	log        *slog.Logger

	listeners map[string][]Listener
	kept      sync.Map      // model id -> *flow.Definition, versions stored by another node a moment ago
	recovered atomic.Int64  // the state of posts and areas that Recover has looked at
	behind    atomic.Int64  // how long indexing has given way since it was last done, in nanoseconds
	wake      chan struct{} // something waits for the search index
	feed      *feed         // what happened lately, for those who follow
}

// Parts are what the service is made of.
type Parts struct {
	DB         *database.DB
	Areas      *area.Service
	Staff      *staff.Service
	Models     *flow.Library // of the files
	Categories *category.Tree
	Calendars  *calendar.Set
	Box        *seal.Box
	Files      blob.Store
	Pieces     *blob.Pieces // files that come piece by piece
	Limits     Limits
	Log        *slog.Logger
}

// Limits bound what is stored with a case. Zero: the defaults of package blob.
type Limits struct {
	Image int64 // bytes of a picture
	File  int64 // bytes of any other file
	Daily int64 // bytes of attachments an account may send a day; zero: not bounded
}

// New makes the service and registers what it must do when areas change or posts change hands.
func New(p Parts) *Service {
	s := &Service{db: p.DB, areas: p.Areas, staff: p.Staff, categories: p.Categories, box: p.Box,
		files: p.Files, pieces: p.Pieces, limits: p.Limits, log: p.Log, listeners: map[string][]Listener{}, wake: make(chan struct{}, 1),
		drawing: make(chan struct{}, runtime.GOMAXPROCS(0)), smalls: newSmallPictures()}
	s.base, s.feed = p.Calendars, newFeed(p.DB.Now)
	s.calendars.Store(p.Calendars)
	s.book.Store(&modelBook{library: p.Models, files: p.Models})
	p.Areas.OnChange(s.areaChanged)
	p.Staff.OnCover(s.postsChanged)
	return s
}

// Event is something that happened to a case which other concepts may act on: points for a closed case,
// a notice for a result. The names are those of the governance models.
type Event struct {
	Name  string
	Case  *Case
	Entry Entry
}

// Listener runs inside the transaction of the event; its error undoes the action.
type Listener func(tx *database.Tx, e Event) error

// On registers a listener for an event by name. All are registered before the program serves.
func (s *Service) On(event string, f Listener) { s.listeners[event] = append(s.listeners[event], f) }

func (s *Service) emit(tx *database.Tx, c *Case, e Entry, names []string) error {
	for _, name := range names {
		for _, f := range s.listeners[name] {
			if err := f(tx, Event{Name: name, Case: c, Entry: e}); err != nil {
				return fmt.Errorf("listener of %s: %w", name, err)
			}
		}
	}
	return nil
}

// Categories gives the category tree in use.
func (s *Service) Categories() *category.Tree { return s.categories }

// Calendars gives the calendars in use.
func (s *Service) Calendars() *calendar.Set { return s.calendars.Load() }

// RememberModels keeps the text of every model in use, so that a running case finds the version it
// began with even after the file has changed. It runs at the start of the program.
//
// Errors: Conflict "model-changed" when a file was changed without a new version, because cases under
// way would silently follow other rules.
func (s *Service) RememberModels(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *database.Tx) error {
		for _, d := range s.book.Load().files.All() {
			var digest string
			err := tx.Row(`SELECT digest FROM model WHERE id = $1`, d.ID()).Scan(&digest)
			switch {
			case database.IsNoRows(err):
				if _, err := tx.Exec(`INSERT INTO model (id, name, text, digest, loaded_at) VALUES ($1, $2, $3, $4, $5)`,
					d.ID(), d.Name, d.Text, d.Digest, database.Millis(tx.Now)); err != nil {
					return err
				}
			case err != nil:
				return fmt.Errorf("model %s: %w", d.ID(), err)
			case digest != d.Digest:
				return errModelChanged(d.ID())
			}
		}
		return nil
	})
}

// model gives the definition a case runs under.
func (s *Service) model(tx *database.Tx, id string) (*flow.Definition, error) {
	if d, ok := s.Models().Lookup(id); ok {
		return d, nil
	}
	if d, ok := s.kept.Load(id); ok {
		return d.(*flow.Definition), nil
	}
	var text string
	if err := tx.Row(`SELECT text FROM model WHERE id = $1`, id).Scan(&text); err != nil {
		return nil, fmt.Errorf("model %s of a case is gone: %w", id, err)
	}
	d, err := s.compileStored(id, text)
	if err != nil {
		return nil, err
	}
	s.kept.Store(id, d)
	return d, nil
}

// roleTitles are the posts by name, as models speak of them.
func (s *Service) roleTitles() flow.Roles {
	titles := flow.Roles{}
	for _, role := range s.staff.RoleTable().All() {
		titles[role.Key] = role.Title
	}
	return titles
}

// calendarOf gives the calendar a post works by: its organisation's, its area's, or that of the nearest
// area above that names one.
func (s *Service) calendarOf(place string) *calendar.Calendar {
	tree, set := s.areas.Tree(), s.calendars.Load()
	if org, ok := tree.Org(place); ok {
		if org.Calendar != "" {
			return set.Get(org.Calendar)
		}
		place = org.Area
	}
	for a, ok := tree.Area(place); ok; a, ok = tree.Area(a.Parent) {
		if a.Calendar != "" {
			return set.Get(a.Calendar)
		}
	}
	return set.Default()
}

// calendar gives the calendar a clock was started under.
func (s *Service) calendar(k *Clock) *calendar.Calendar { return s.calendars.Load().Get(k.Calendar) }

// beijing is the offset of the one time zone of the country, in seconds.
const beijing = 8 * 3600

// day is the number of the day in Beijing time, as counters are kept.
func day(t time.Time) int64 {
	return (t.Unix() + beijing) / 86400
}

// nextDay is when the next day begins, Beijing time.
func nextDay(t time.Time) time.Time {
	return time.Unix((day(t)+1)*86400-beijing, 0)
}

func errModelChanged(id string) error {
	return fault.Newf(fault.Conflict, "model-changed",
		"模型 %[1]s 的内容变了而版本号没变。请给它一个新的版本号:在办事项仍按旧版办理",
		"The model %[1]s was changed without a new version. Give it one: cases under way keep the version they began with", id)
}
