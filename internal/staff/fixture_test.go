package staff

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"linli/internal/area"
	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/fault"
	"linli/internal/platform/seal"
)

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
func (c *clock) set(t time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.at = t }

const (
	county    = "320682"
	township  = "320682001"
	township2 = "320682002"
	village   = "320682001001"
	village2  = "320682001002"
	farVill   = "320682002001"
	grid      = "320682001001001"
	grid2     = "320682001001002"
	farGrid   = "320682002001001"
	housing   = "320682-housing"
	team      = "320682001-team"
)

// places is the sample: code, name, level, path.
var places = [][4]string{
	{county, "如皋市", "county", "/320682/"},
	{township, "如城街道", "township", "/320682/320682001/"},
	{township2, "白蒲镇", "township", "/320682/320682002/"},
	{village, "钱长村", "village", "/320682/320682001/320682001001/"},
	{village2, "平园村", "village", "/320682/320682001/320682001002/"},
	{farVill, "文著社区", "village", "/320682/320682002/320682002001/"},
	{grid, "第一网格", "grid", "/320682/320682001/320682001001/320682001001001/"},
	{grid2, "第二网格", "grid", "/320682/320682001/320682001001/320682001001002/"},
	{farGrid, "第一网格", "grid", "/320682/320682002/320682002001/320682002001001/"},
}

func plant(t testing.TB, db *database.DB) *area.Service {
	t.Helper()
	err := db.Write(context.Background(), func(tx *database.Tx) error {
		for _, p := range places {
			parent := ""
			if n := len(p[3]) - len(p[0]) - 2; n > 0 {
				for _, q := range places {
					if q[3] == p[3][:n+1] {
						parent = q[0]
					}
				}
			}
			if _, err := tx.Exec(`INSERT INTO area (code, name, level, kind, parent, path, aliases, closed, successors, calendar, population, version) VALUES ($1,$2,$3,'',$4,$5,'[]',$6,'[]','',0,1)`,
				p[0], p[1], p[2], parent, p[3], false); err != nil {
				return err
			}
		}
		for _, o := range [][4]string{{housing, "住建局", "department", county}, {team, "城管中队", "team", township}} {
			if _, err := tx.Exec(`INSERT INTO area_org (code, name, kind, function, area, parent, calendar, closed, version) VALUES ($1,$2,$3,'housing',$4,'','',$5,1)`,
				o[0], o[1], o[2], o[3], false); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`UPDATE area_revision SET version = 1`)
		return err
	})
	if err != nil {
		t.Fatalf("planting areas: %v", err)
	}
	s := area.New(db)
	if err := s.Load(context.Background()); err != nil {
		t.Fatalf("loading areas: %v", err)
	}
	return s
}

func rolesFor(t testing.TB) *Roles {
	t.Helper()
	r, err := LoadRoles(os.DirFS("../../models"))
	if err != nil {
		t.Fatalf("the roles we ship: %v", err)
	}
	return r
}

// world is a service over a planted county with a clock.
type world struct {
	*Service
	t     testing.TB
	ctx   context.Context
	clock *clock
	areas *area.Service
	db    *database.DB
}

var cheap = Hashing{Memory: 64, Time: 1, Threads: 1}

var schemas = []database.Schema{area.Schema(), audit.Schema(), Schema()}

func eachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	c := &clock{at: start}
	dbtest.Each(t, c.now, schemas, func(t *testing.T, db *database.DB) {
		c.set(start)
		test(t, newWorld(t, db, c, plant(t, db)))
	})
}

func newWorld(t testing.TB, db *database.DB, c *clock, areas *area.Service) *world {
	t.Helper()
	box, err := seal.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	s := New(db, areas.Tree, rolesFor(t), box, c.now, WithHashing(cheap))
	if err := s.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	return &world{Service: s, t: t, ctx: context.Background(), clock: c, areas: areas, db: db}
}

// lite is a world on the embedded engine only, for properties.
func lite(t testing.TB) *world {
	t.Helper()
	c := &clock{at: start}
	db := dbtest.Open(t, database.Options{Dir: t.TempDir(), Now: c.now})
	if _, err := db.Migrate(context.Background(), schemas...); err != nil {
		t.Fatal(err)
	}
	return newWorld(t, db, c, plant(t, db))
}

func (w *world) person(login string) string {
	w.t.Helper()
	a, err := w.CreateAccount(w.ctx, System(), CreateAccountCommand{Login: login, Name: "张" + login, Phone: "13812345678", Password: "correct horse battery"})
	if err != nil {
		w.t.Fatalf("account %s: %v", login, err)
	}
	return a.ID
}

func (w *world) appoint(account string, p Post) Appointment {
	w.t.Helper()
	a, err := w.Appoint(w.ctx, System(), AppointCommand{Account: account, Post: p})
	if err != nil {
		w.t.Fatalf("appointing %s: %v", p, err)
	}
	return a
}

// with makes an account with posts and gives it as an actor.
func (w *world) with(login string, posts ...Post) *Actor {
	w.t.Helper()
	id := w.person(login)
	for _, p := range posts {
		w.appoint(id, p)
	}
	return w.actor(id)
}

func (w *world) actor(account string) *Actor {
	reg := w.reg.Load()
	return makeActor(reg, w.tree(), w.roles, reg.accounts[account], ^uint64(0), w.clock.now())
}

func (w *world) login(login, password string) LoginResult {
	w.t.Helper()
	r, err := w.Login(w.ctx, LoginCommand{Login: login, Password: password, Client: "test", Address: "10.0.0.1"})
	if err != nil {
		w.t.Fatalf("signing in %s: %v", login, err)
	}
	return r
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if !fault.HasCode(err, code) {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func wantNone(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got %v", err)
	}
}
