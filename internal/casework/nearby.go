package casework

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// What is looked at for cases that may be the same matter.
const (
	nearMetres    = 300.0
	nearWithin    = 30 * 24 * time.Hour // how long ago one may have ended
	nearLooked    = "100"               // cases of a grid that are compared, open and ended each, the newest
	nearOpened    = 40                  // of the most alike whose readers are looked up
	nearShown     = 10
	nearLikeness  = 0.35 // less is no likeness
	nearText      = 600  // characters of a text that are compared
	wordsWeight   = 0.5
	placeWeight   = 0.3
	aboutWeight   = 0.2
	sameGrid      = 0.5 // of the likeness of places when nobody gave a position
	leastForWords = 4   // pairs of characters a text must have to say anything
)

// Nearby is a case that may be the same matter.
type Nearby struct {
	Case     *Case
	Metres   float64   // between the two; negative when one has no position
	Likeness float64   // 0 to 1: words, place and category together
	Why      lang.Text // what is alike
}

// Draft is a report being written, as far as it is known.
type Draft struct {
	Place    area.Place
	Text     string
	Category string
}

// Nearby looks for cases that may be the same matter as this one (重复件): in the same grid or within 300 metres, open or
// ended within thirty days, by words, place and category. Only cases the actor may read are shown, most alike first;
// those merged already are not, for what they were merged into is.
//
// Errors: NotFound for a case the actor may not see.
func (s *Service) Nearby(ctx context.Context, actor *staff.Actor, ref string) (out []Nearby, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		c, err := s.seen(tx, actor, ref)
		if err != nil {
			return err
		}
		out, err = s.nearby(tx, actor, c)
		return err
	})
	return out, err
}

// NearbyDraft does the same for a report that is still being written. Any account may ask; residents are not asked to look
// through their neighbours' matters.
//
// Errors: Unauthenticated; Invalid for a place that is none.
func (s *Service) NearbyDraft(ctx context.Context, actor *staff.Actor, d Draft) (out []Nearby, err error) {
	if actor.Anonymous() {
		return nil, errSignIn()
	}
	wrong := fault.New(fault.Invalid, "invalid-place", "位置有误", "The place needs correcting")
	r := Report{Place: d.Place}
	s.place(wrong, &r)
	if d.Category != "" {
		if _, ok := s.categories.Get(d.Category); !ok {
			wrong.At("category", "unknown", "没有这个分类代码", "There is no such category code")
		}
	}
	if len(wrong.Fields) > 0 {
		return nil, wrong
	}
	found := s.areas.Locate(d.Place)
	if found.Area == "" {
		return []Nearby{}, nil
	}
	c := &Case{Area: found.Area, Path: s.areas.Tree().Path(found.Area), Body: d.Text, Address: d.Place.Address, Category: d.Category, Point: wgs84(d.Place)}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		out, err = s.nearby(tx, actor, c)
		return err
	})
	return out, err
}

func (s *Service) nearby(tx *database.Tx, actor *staff.Actor, c *Case) ([]Nearby, error) {
	around, err := s.around(tx, c)
	if err != nil {
		return nil, err
	}
	alike := make([]Nearby, 0, len(around))
	mine := newWording(c)
	for _, o := range around {
		if n := s.compare(c, mine, o); n.Likeness >= nearLikeness {
			alike = append(alike, n)
		}
	}
	slices.SortFunc(alike, func(a, b Nearby) int {
		switch {
		case a.Likeness != b.Likeness:
			return int(math.Copysign(1, b.Likeness-a.Likeness))
		case a.Case.Serial > b.Case.Serial:
			return -1
		}
		return 1
	})
	return firstSeen(s, tx, actor, alike[:min(nearOpened, len(alike))], func(n Nearby) *Case { return n.Case }, nearShown)
}

// firstSeen leaves the first few of a list whose cases the actor may read.
func firstSeen[T any](s *Service, tx *database.Tx, actor *staff.Actor, list []T, of func(T) *Case, most int) ([]T, error) {
	out := []T{}
	for _, one := range list {
		if err := loadTasks(tx, of(one)); err != nil {
			return nil, err
		}
		if !s.sees(actor, of(one)) {
			continue
		}
		if out = append(out, one); len(out) == most {
			break
		}
	}
	return out, nil
}

// around loads the cases of the grid and of the grids within reach. Of a case that is only known to be somewhere in a
// village or higher, those of that very area: a county's matters are not looked through.
func (s *Service) around(tx *database.Tx, c *Case) ([]*Case, error) {
	out, err := nearIn(tx, c, c.Path, tx.Now.Add(-nearWithin))
	if err != nil || c.Point == nil {
		return out, err
	}
	for _, code := range s.areas.GridsNear(*c.Point, nearMetres) {
		path := s.areas.Tree().Path(code)
		if path == "" || path == c.Path {
			continue
		}
		list, err := nearIn(tx, c, path, tx.Now.Add(-nearWithin))
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			if o.Point != nil && c.Point.Metres(*o.Point) <= nearMetres {
				out = append(out, o)
			}
		}
	}
	return out, nil
}

// nearIn loads the newest cases of one area, open or ended since then. They come by the indexes of places.
func nearIn(tx *database.Tx, c *Case, path string, since time.Time) (out []*Case, err error) {
	for _, which := range []string{"ended_at = 0 AND ended_at < $3", "ended_at > 0 AND ended_at >= $3"} {
		list, err := database.All(tx, scanCase, `SELECT `+caseColumns+` FROM cases WHERE path = $1 AND `+which+`
			AND merged_into = '' AND id <> $2 ORDER BY serial DESC LIMIT `+nearLooked, path, c.ID, database.Millis(since))
		if err != nil {
			return nil, fmt.Errorf("cases nearby: %w", err)
		}
		out = append(out, list...)
	}
	return out, nil
}

// compare says how alike two cases are. What one of them does not say is left out of the sum.
func (s *Service) compare(c *Case, mine wordingPairs, o *Case) Nearby {
	n := Nearby{Case: o, Metres: -1}
	var zh, en []string
	sum, weight := 0.0, 0.0
	say := func(z, e string) { zh, en = append(zh, z), append(en, e) }
	add := func(value, of float64) { sum, weight = sum+value*of, weight+of }

	place := sameGrid
	if c.Point != nil && o.Point != nil {
		n.Metres = c.Point.Metres(*o.Point)
		place = math.Max(0, 1-n.Metres/(2*nearMetres))
		say(fmt.Sprintf("相距约 %.0f 米", n.Metres), fmt.Sprintf("about %.0f m apart", n.Metres))
	} else {
		say("同一网格", "the same grid")
		if same := likeness(pairs(c.Address), pairs(o.Address)); same > place {
			place = same
			say("地址相近", "a like address")
		}
	}
	add(place, placeWeight)
	if about, known := s.aboutAlike(c.Category, o.Category); known {
		add(about, aboutWeight)
		if about == 1 {
			title := s.categories.Name(o.Category)
			say("都是“"+title.ZH+"”", "both are “"+title.EN+"”")
		}
	}
	words := 0.0
	if mine.enough() {
		words = mine.alike(newWording(o))
		add(words, wordsWeight)
		if words >= 0.2 {
			say(fmt.Sprintf("用词 %.0f%% 相同", words*100), fmt.Sprintf("%.0f%% of the words are the same", words*100))
		}
	}
	n.Likeness = math.Round(100*sum/weight) / 100
	if mine.enough() && words < 0.08 && place < 0.9 {
		n.Likeness = 0 // a place and a category alone make no second report of the same matter
	}
	n.Why = lang.T(strings.Join(zh, ",")+"。", upperFirst(strings.Join(en, ", "))+".")
	return n
}

// aboutAlike compares categories: the same, the same sub-class, the same class.
func (s *Service) aboutAlike(a, b string) (alike float64, known bool) {
	if a == "" || b == "" {
		return 0, false
	}
	same := 0
	for x, y := strings.Split(a, "."), strings.Split(b, "."); same < min(len(x), len(y)) && x[same] == y[same]; {
		same++
	}
	return []float64{0, 0.3, 0.6, 1}[min(same, 3)], true
}
