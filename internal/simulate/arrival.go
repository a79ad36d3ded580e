package simulate

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"linli/internal/app"
	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/platform/sheet"
	"linli/internal/staff"
)

// Arrival is one report of the stream.
type Arrival struct {
	ID       string // of the source
	At       time.Time
	Title    string
	Text     string
	Address  string
	Category string
	Channel  string // empty: import
	Grid     string // where it is known; else it is found or spread
	Point    *area.Point
	Row      int // in the file it came from

	sample int    // index of a sample report + 1; the words are made when it arrives
	from   string // in a year: who brings it
	here   bool   // in a year: the position is known
}

// Refusal is a row that was not taken, and why.
type Refusal struct {
	Row   int       `json:"row" doc:"as the spreadsheet program numbers it"`
	ID    string    `json:"id,omitempty"`
	Field string    `json:"field"`
	Code  string    `json:"code"`
	Text  lang.Text `json:"text"`
}

// MostArrivals bounds a stream.
const MostArrivals = 2_000_000

// Titles of the columns of a stream.
var (
	colID       = []string{"id", "编号", "留言编号"}
	colTime     = []string{"reported_at", "时间", "上报时间", "留言时间"}
	colTitle    = []string{"title", "标题", "主题", "留言主题"}
	colText     = []string{"text", "内容", "详情", "留言详情"}
	colLat      = []string{"lat", "纬度"}
	colLon      = []string{"lon", "lng", "经度"}
	colAddress  = []string{"address", "地址"}
	colCategory = []string{"category", "分类", "类别代码"}
)

// ReadArrivals reads a stream from a CSV or XLSX file with the columns id, reported_at, title and text and,
// if there, lat, lon, address, category. Rows that are wrong are named and left out.
//
// Errors: as sheet.OpenFile; Invalid when a column is missing.
func ReadArrivals(path string) ([]Arrival, []Refusal, error) {
	r, err := sheet.OpenFile(path, sheet.Limits{MaxBytes: 2 << 30, MaxRows: MostArrivals})
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = r.Close() }()
	return readArrivals(r)
}

func readArrivals(r *sheet.Reader) (list []Arrival, refused []Refusal, err error) {
	if err := r.Require(colID, colTime, colText); err != nil {
		return nil, nil, err
	}
	first := map[string]int{}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list, refused, nil
		}
		if err != nil {
			if !fault.HasCode(err, "bad-row") {
				return nil, nil, fmt.Errorf("reading row %d: %w", row.Number, err)
			}
			refused = append(refused, rowRefusals(row.Number, "", fault.Of(err))...)
			continue
		}
		a, wrong := readArrival(row)
		if at, twice := first[a.ID]; twice && a.ID != "" {
			wrong.At("id", "duplicate", fmt.Sprintf("编号 %s 与第 %d 行重复", a.ID, at), fmt.Sprintf("The id %s is in row %d already", a.ID, at))
		}
		if len(wrong.Fields) > 0 {
			refused = append(refused, rowRefusals(row.Number, a.ID, wrong)...)
			continue
		}
		first[a.ID] = row.Number
		list = append(list, a)
	}
}

func rowRefusals(row int, id string, f *fault.Error) []Refusal {
	if len(f.Fields) == 0 {
		return []Refusal{{Row: row, ID: id, Code: f.Code, Text: f.Text}}
	}
	var out []Refusal
	for _, field := range f.Fields {
		out = append(out, Refusal{Row: row, ID: id, Field: field.Name, Code: field.Code, Text: field.Text})
	}
	return out
}

func readArrival(row sheet.Row) (Arrival, *fault.Error) {
	wrong := fault.New(fault.Invalid, "bad-row", "这一行有误", "The row needs correcting")
	get := func(titles []string) string { return strings.TrimSpace(row.Get(titles...)) }
	a := Arrival{ID: get(colID), Title: get(colTitle), Text: get(colText), Address: get(colAddress), Category: get(colCategory), Row: row.Number}
	if a.ID == "" {
		wrong.At("id", "required", "缺少编号", "The id is missing")
	}
	if a.Text == "" {
		wrong.At("text", "required", "缺少内容", "The text is missing")
	}
	var ok bool
	if a.At, ok = readTime(get(colTime)); !ok {
		wrong.At("reported_at", "time", "时间应形如 2026-01-31T08:30:00+08:00 或 2026-01-31 08:30", "A time looks like 2026-01-31T08:30:00+08:00 or 2026-01-31 08:30")
	}
	lat, lon := get(colLat), get(colLon)
	if lat != "" || lon != "" {
		y, err1 := strconv.ParseFloat(lat, 64)
		x, err2 := strconv.ParseFloat(lon, 64)
		if err1 != nil || err2 != nil || !(y >= -90 && y <= 90) || !(x >= -180 && x <= 180) {
			wrong.At("lat", "point", "经纬度应为十进制度数", "Latitude and longitude are decimal degrees")
		}
		a.Point = &area.Point{Lat: y, Lon: x}
	}
	return a, wrong
}

// readTime reads a moment; without a zone it is Beijing time.
func readTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006-01-02T15:04:05", time.DateOnly, "2006/1/2"} {
		if t, err := time.ParseInLocation(layout, s, beijing); err == nil {
			return t, t.Year() >= 2000 && t.Year() < 2100
		}
	}
	return time.Time{}, false
}

// FirstOf is when the first report of a stream arrives: where the clock of a fresh folder begins.
func FirstOf(list []Arrival) time.Time {
	var first time.Time
	for i := range list {
		if first.IsZero() || list[i].At.Before(first) {
			first = list[i].At
		}
	}
	return first
}

// arrivalID makes the report's id of seed and source: the same every time, a UUIDv7 of its virtual time.
func arrivalID(seed uint64, a *Arrival) string {
	var id uuid.UUID
	sum := sha256.Sum256([]byte(strconv.FormatUint(seed, 10) + "/" + a.ID))
	copy(id[:], sum[:16])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(a.At.UnixMilli(), 0)))
	copy(id[:6], ms[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// await puts the next report of the stream on the agenda.
func (e *engine) await() {
	if a, index, ok := e.nextArrival(); ok {
		e.arrival, e.arrivalIndex = a, index
		e.push(event{at: a.At, kind: evArrival})
	}
}

// arrive lays the report before the services, as whoever brings it, and waits for the next one.
func (e *engine) arrive() {
	a := e.arrival
	o := &order{what: toReport, index: e.arrivalIndex, id: a.ID, row: a.Row}
	r, grid, actor := e.report(&a)
	o.place, o.deed = grid, casework.Deed{Actor: actor, Report: &r}
	e.ask(o)
	e.await()
}

// received plans what follows from a report.
func (e *engine) received(o *order) {
	if o.refused != nil {
		e.result.Rows = append(e.result.Rows, rowRefusals(o.row, o.id, o.refused)...)
		return
	}
	e.result.Reported++
	t := &tracked{at: o.index, code: o.deed.Receipt.Code, c: o.deed.Case}
	e.cases[t.at] = t
	e.remember(t)
	if o.deed.Receipt.Again {
		e.result.Again++
	} else {
		e.result.Commands++
		e.expect(t)
	}
	e.plan(t)
}

// report makes what is sent, finds its grid, and chooses who sends it.
func (e *engine) report(a *Arrival) (casework.Report, string, *staff.Actor) {
	id := arrivalID(e.o.Seed, a)
	r := casework.Report{ID: id, Title: a.Title, Text: a.Text, Category: a.Category, Channel: a.Channel, Model: e.o.Model, ReportedAt: a.At}
	grid := a.Grid
	if a.sample > 0 {
		e.words.fill(&r, a, e.tree)
	}
	if r.Channel == "" {
		r.Channel = "import"
	}
	r.Place.Address = a.Address
	if grid == "" && a.Point == nil {
		grid = e.spread.find(a, id)
	}
	chance := rand.New(rand.NewPCG(e.o.Seed, hash(id)))
	if a.from != "" && e.stream.year != nil {
		e.stream.year.dress(&r, a.from, chance, e.words)
		e.words.place(&r, a, e.tree)
	}
	switch p, ok := e.spot(a, grid, chance); {
	case a.Point != nil:
		r.Place.Lat, r.Place.Lon, r.Place.HasPoint = a.Point.Lat, a.Point.Lon, true
	case ok:
		r.Place.Lat, r.Place.Lon, r.Place.HasPoint = p.Lat, p.Lon, true
	default:
		r.Place.Area = grid
	}
	return r, grid, e.sender(&r, a, grid, chance)
}

// spot is a point in the grid, where the position is known.
func (e *engine) spot(a *Arrival, grid string, chance *rand.Rand) (p area.Point, ok bool) {
	if !a.here {
		return p, false
	}
	shape, ok := e.app.Areas.Outline(grid)
	if !ok {
		return p, false
	}
	box := shape.Shape.Bounds()
	for range 30 {
		p = area.Point{Lat: box.Min.Lat + chance.Float64()*(box.Max.Lat-box.Min.Lat), Lon: box.Min.Lon + chance.Float64()*(box.Max.Lon-box.Min.Lon)}
		if shape.Shape.Contains(p) {
			return p, true
		}
	}
	return p, false
}

// sender is who brings a report: a resident, somebody of the grid's team, an agent of the hotline, or the program
// for what was written down elsewhere.
func (e *engine) sender(r *casework.Report, a *Arrival, grid string, chance *rand.Rand) *staff.Actor {
	role := ""
	switch r.Channel {
	case "resident":
		return staff.Resident(lang.ZH)
	case "staff":
		role = fromMember
		if a.from != "" {
			role = a.from
		}
	case "hotline":
		role = "hotline-agent"
	default:
		return staff.System()
	}
	if grid == "" {
		grid = e.app.Areas.Locate(r.Place).Area
	}
	if post, ok := e.app.Staff.Find(role, grid, ""); ok {
		list := e.cover(post)
		first := 0
		if a.from != "" && len(list) > 1 {
			first = chance.IntN(len(list)) // any of those who share the post
		}
		for i := range list {
			if actor := e.actor(list[(first+i)%len(list)]); actor != nil && actor.May("case.report", e.tree.Path(grid)) {
				return actor
			}
		}
	}
	return staff.System()
}

// spread finds grids for reports that do not say where.
type spread struct {
	app   *app.App
	codes []string
	upTo  []int // running sum of population
	total int
}

func newSpread(a *app.App, within string) *spread {
	s := &spread{app: a}
	tree := a.Areas.Tree()
	for _, g := range tree.Areas() {
		if g.Level != area.Grid || g.Closed || !strings.HasPrefix(g.Path, tree.Path(within)) {
			continue
		}
		s.total += max(g.Population, 1)
		s.codes, s.upTo = append(s.codes, g.Code), append(s.upTo, s.total)
	}
	return s
}

// find looks the address up, else the title for a place it names; else the grid is drawn by the id, the
// more people the likelier, always the same one.
func (s *spread) find(a *Arrival, id string) string {
	for _, words := range []string{a.Address, a.Title} {
		if words == "" {
			continue
		}
		if f := s.app.Areas.Locate(area.Place{Address: words}); f.Level == area.Grid && !f.Ask {
			return f.Area
		}
	}
	sum := sha256.Sum256([]byte(id))
	n := int(binary.BigEndian.Uint64(sum[:8]) % uint64(s.total))
	at, _ := slices.BinarySearchFunc(s.upTo, n, func(sum, n int) int {
		if sum <= n {
			return -1
		}
		return 1
	})
	return s.codes[at]
}
