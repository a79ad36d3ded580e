// Package prooftest lays out a small living county on a database and walks cases through the models the
// program is shipped with, so that a test has every kind of state there is: paused, contested, raised,
// reopened, merged, covered by a fall-back. For a given seed it is always the same.
package prooftest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"linli/internal/area"
	"linli/internal/calendar"
	"linli/internal/casework"
	"linli/internal/category"
	"linli/internal/flow"
	"linli/internal/platform/audit"
	"linli/internal/platform/blob"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/seal"
	"linli/internal/staff"
	"linli/models"
)

// Start is when a county begins: a Monday morning in Beijing.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CST", 8*3600))

// Clock is a time that tests move.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the moment; Pass moves it on.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

// Pass lets time go by.
func (c *Clock) Pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// Set moves to a moment.
func (c *Clock) Set(t time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.at = t }

// County is the services over one database.
type County struct {
	T     testing.TB
	Clock *Clock
	DB    *database.DB
	Dir   string // of the key and the attachments
	Areas *area.Service
	Staff *staff.Service
	Files *blob.Folder
	Box   *seal.Box
	Cases *casework.Service

	random  *rand.Rand
	People  map[staff.Post]string // account by post
	IDs     []string              // of all cases
	Refused map[string]int        // actions refused by the rules, by code
	Taken   map[string]int        // actions taken
}

// Schemas are the tables of a county.
func Schemas() []database.Schema {
	return []database.Schema{audit.Schema(), area.Schema(), staff.Schema(), casework.Schema()}
}

// Open makes the services over a database that holds a county already, with its folder.
func Open(t testing.TB, db *database.DB, dir string, clock *Clock) *County {
	t.Helper()
	box, _, err := seal.Open(filepath.Join(dir, "linli.key"))
	ok(t, err)
	files, err := blob.OpenFolder(filepath.Join(dir, "files"))
	ok(t, err)
	pieces, err := blob.OpenPieces(filepath.Join(dir, "pieces"))
	ok(t, err)
	roles, err := staff.LoadRoles(models.Files)
	ok(t, err)
	library, err := flow.Load(models.Files, "flows")
	ok(t, err)
	categories, err := category.Load(models.Files)
	ok(t, err)
	calendars, err := calendar.Load(models.Files)
	ok(t, err)
	c := &County{T: t, Clock: clock, DB: db, Dir: dir, Files: files, Box: box, Areas: area.New(db), random: rand.New(rand.NewPCG(1, 2)),
		People: map[staff.Post]string{}, Refused: map[string]int{}, Taken: map[string]int{}}
	c.Staff = staff.New(db, c.Areas.Tree, roles, box, clock.Now, staff.WithHashing(staff.Hashing{Memory: 64, Time: 1, Threads: 1}))
	c.Areas.OnChange(c.Staff.AreaChanged)
	c.Cases = casework.New(casework.Parts{DB: db, Areas: c.Areas, Staff: c.Staff, Models: library, Categories: categories, Calendars: calendars,
		Box: box, Files: files, Pieces: pieces, Log: slog.New(slog.DiscardHandler)})
	ctx := context.Background()
	ok(t, c.Areas.Load(ctx))
	ok(t, c.Staff.Load(ctx))
	ok(t, c.Cases.RememberModels(ctx))
	ok(t, c.Cases.LoadModels(ctx))
	return c
}

// New lays out a county on a fresh, migrated database.
func New(t testing.TB, db *database.DB, clock *Clock) *County {
	t.Helper()
	plant(t, db)
	c := Open(t, db, t.TempDir(), clock)
	c.appoint()
	return c
}

// Each runs a test with a county on each engine.
func Each(t *testing.T, test func(t *testing.T, c *County)) {
	t.Helper()
	clock := &Clock{}
	dbtest.Each(t, clock.Now, Schemas(), func(t *testing.T, db *database.DB) {
		clock.Set(Start)
		test(t, New(t, db, clock))
	})
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The county: two townships of two villages of two grids.
const (
	Root  = "320682"
	Grids = 8
)

func plant(t testing.TB, db *database.DB) {
	t.Helper()
	ok(t, db.Write(context.Background(), func(tx *database.Tx) error {
		put := func(code, name, level, parent, path, cal string) error {
			kind := ""
			if level == "grid" {
				kind = "basic"
			}
			_, err := tx.Exec(`INSERT INTO area (code, name, level, kind, parent, path, aliases, closed, successors, calendar, population, version)
				VALUES ($1, $2, $3, $4, $5, $6, '[]', $7, '[]', $8, 300, 1)`, code, name, level, kind, parent, path, false, cal)
			return err
		}
		org := func(code, name, kind, function, at, cal string) error {
			_, err := tx.Exec(`INSERT INTO area_org (code, name, kind, function, area, parent, calendar, closed, version)
				VALUES ($1, $2, $3, $4, $5, '', $6, $7, 1)`, code, name, kind, function, at, cal, false)
			return err
		}
		var errs []error
		do := func(err error) { errs = append(errs, err) }
		path := "/" + Root + "/"
		do(put(Root, "如皋市", "county", "", path, ""))
		for _, o := range [][3]string{{"urban", "城市管理局", "urban-management"}, {"housing", "住建局", "housing"}, {"police", "公安局", "public-security"}, {"water", "水务公司", "water-supply"}} {
			do(org(Root+"-"+o[0], o[1], "department", o[2], Root, ""))
		}
		for i := 1; i <= 2; i++ {
			town := fmt.Sprintf("%s%03d", Root, i)
			do(put(town, fmt.Sprintf("第%d镇", i), "township", Root, path+town+"/", ""))
			do(org(town+"-team", "综合执法队", "team", "urban-management", town, "round-the-clock"))
			do(org(town+"-justice", "司法所", "judicial-office", "justice", town, ""))
			for j := 1; j <= 2; j++ {
				village := fmt.Sprintf("%s%03d", town, j)
				do(put(village, fmt.Sprintf("第%d村", j), "village", town, path+town+"/"+village+"/", "village"))
				for g := 1; g <= 2; g++ {
					grid := fmt.Sprintf("%s%03d", village, g)
					do(put(grid, fmt.Sprintf("第%d网格", g), "grid", village, path+town+"/"+village+"/"+grid+"/", ""))
				}
			}
		}
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(`UPDATE area_revision SET version = 1`)
		return err
	}))
}

// appoint fills every expected post but a few, which fall-backs cover.
func (c *County) appoint() {
	c.T.Helper()
	for i, post := range c.expected() {
		if i%9 == 4 && post.Role() != staff.RoleAdministrator && post.Role() != staff.RoleDutyOfficer {
			continue
		}
		c.Appoint(post)
	}
}

func (c *County) expected() []staff.Post {
	var out []staff.Post
	for _, v := range c.Staff.Vacancies(c.Clock.Now(), "/") {
		out = append(out, v.Post)
	}
	return out
}

// Appoint makes an account that holds the post.
func (c *County) Appoint(post staff.Post) string {
	c.T.Helper()
	ctx := context.Background()
	login := fmt.Sprintf("u%04d", len(c.People)+1)
	a, err := c.Staff.CreateAccount(ctx, staff.System(), staff.CreateAccountCommand{Login: login, Name: "张" + login, Phone: "13900000000", Password: "correct horse battery"})
	ok(c.T, err)
	_, err = c.Staff.Appoint(ctx, staff.System(), staff.AppointCommand{Account: a.ID, Post: post})
	ok(c.T, err)
	c.People[post] = a.ID
	return a.ID
}

// NewID makes the next identifier of the county's own series: UUIDv7 in form, and the same for the same seed.
func (c *County) NewID() string {
	var id uuid.UUID
	ms := c.Clock.Now().UnixMilli()
	for i := range 6 {
		id[i] = byte(ms >> (8 * (5 - i)))
	}
	for i := 6; i < 16; i++ {
		id[i] = byte(c.random.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id.String()
}

// Picture is a small photograph, a different one for each number.
func Picture(n int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range 256 {
		img.Set(i%16, i/16, color.RGBA{uint8(n), uint8(n >> 8), uint8(i), 255})
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		return nil
	}
	return out.Bytes()
}
