package simulate

import (
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"linli/internal/app"
	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/fault"
	"linli/models"
)

// words are the invented reports a stream is made of.
type words struct {
	reports  []sampleReport
	usual    int      // of these, the ones of an ordinary stream
	surnames []string // the common ones first
}

type sampleReport struct {
	Category string `yaml:"category"`
	At       string `yaml:"at"`
	Title    string `yaml:"title"`
	Text     string `yaml:"text"`
}

func readWords(files fs.FS) (*words, error) {
	w := &words{}
	for _, name := range []string{"samples/reports.yaml", "samples/year-reports.yaml"} {
		var all struct {
			Reports []sampleReport `yaml:"reports"`
		}
		if err := models.ReadYAML(files, name, &all); err != nil {
			return nil, err
		}
		if len(all.Reports) == 0 {
			return nil, fmt.Errorf("%s has no reports", name)
		}
		w.reports = append(w.reports, all.Reports...)
		if w.usual == 0 {
			w.usual = len(w.reports)
		}
	}
	var names struct {
		Surnames []string `yaml:"surnames"`
	}
	if err := models.ReadYAML(files, "samples/names.yaml", &names); err != nil {
		return nil, err
	}
	if w.surnames = names.Surnames; len(w.surnames) == 0 {
		return nil, fmt.Errorf("samples/names.yaml has no surnames")
	}
	return w, nil
}

// caller is how an agent writes down who calls; common surnames come up more often.
func (w *words) caller(r *rand.Rand) string {
	name := w.surnames[int(r.Float64()*r.Float64()*float64(len(w.surnames)))]
	if r.IntN(2) == 0 {
		return name + "女士"
	}
	return name + "先生"
}

// fill writes the words of an invented report, with the name of its place.
func (w *words) fill(r *casework.Report, a *Arrival, tree *area.Tree) {
	s := w.reports[(a.sample-1)%len(w.reports)]
	r.Title, r.Text = s.Title, s.Text
	if r.Category == "" && a.Category != "" {
		r.Category = a.Category
	}
	w.place(r, a, tree)
}

// place puts the name of the village where the words leave room for it.
func (w *words) place(r *casework.Report, a *Arrival, tree *area.Tree) {
	name := "这里"
	if grid, ok := tree.Area(a.Grid); ok {
		if up, ok := tree.Above(grid.Code); ok {
			name = strings.NewReplacer("居委会", "社区", "村委会", "村").Replace(up.Name)
		}
	}
	r.Title, r.Text = strings.ReplaceAll(r.Title, "{place}", name), strings.ReplaceAll(r.Text, "{place}", name)
}

// Synthetic says what stream to invent.
type Synthetic struct {
	Seed  uint64
	From  time.Time
	Days  int
	Count int // reports over all days
	// Within is the code of the area they come from; empty: from everywhere.
	Within string
	// Hotline is the part that comes by telephone (0 to 1); of the rest half comes from residents, half
	// from grid members on their rounds.
	Hotline float64
}

// Parts of the year, week and day in which people report: more in summer and before the Spring Festival,
// on Mondays, in the morning.
var (
	byMonth = []float64{1.1, 0.7, 0.95, 0.95, 1, 1.15, 1.3, 1.25, 1.05, 0.9, 0.95, 1}
	byDay   = []float64{0.6, 1.25, 1.15, 1.1, 1.05, 1.1, 0.7} // Sunday first
	byHour  = []float64{0.3, 0.2, 0.1, 0.1, 0.15, 0.3, 0.8, 1.8, 3.6, 4.4, 4.2, 3.2, 2, 2.4, 3.4, 3.8, 3.5, 2.8, 2.1, 2, 1.9, 1.5, 0.9, 0.5}
)

// Synthesize invents a stream: by grid according to its people, by season, day of the week and hour as in
// life, with the words of models/samples/reports.yaml. The same seed gives the same stream.
//
// Errors: Invalid for a count or a number of days that is none.
func Synthesize(a *app.App, s Synthetic) ([]Arrival, error) {
	if s.Count < 1 || s.Count > MostArrivals || s.Days < 1 || s.Days > 3660 {
		return nil, fault.Newf(fault.Invalid, "synthetic", "上报数应为 1 到 %[1]d,天数应为 1 到 3660", "Between 1 and %[1]d reports over 1 to 3660 days", MostArrivals)
	}
	grids := newSpread(a, s.Within)
	w, err := readWords(a.Models)
	if err != nil {
		return nil, err
	}
	if grids.total == 0 {
		return nil, fault.New(fault.Invalid, "no-grids", "区域里还没有网格", "There are no grids among the areas")
	}
	r := rand.New(rand.NewPCG(s.Seed, 0x6c696e6c69))
	start := time.Date(s.From.In(beijing).Year(), s.From.In(beijing).Month(), s.From.In(beijing).Day(), 0, 0, 0, 0, beijing)
	days := make([]float64, s.Days)
	for i := range days {
		d := start.AddDate(0, 0, i)
		days[i] = byMonth[d.Month()-1] * byDay[d.Weekday()] * (0.85 + 0.3*r.Float64())
	}
	dayAt, hourAt := newDice(days), newDice(byHour)
	out := make([]Arrival, s.Count)
	for i := range out {
		d := start.AddDate(0, 0, dayAt.roll(r))
		at := d.Add(time.Duration(hourAt.roll(r))*time.Hour + time.Duration(r.IntN(3600))*time.Second)
		channel := "staff"
		if x := r.Float64(); x < s.Hotline {
			channel = "hotline"
		} else if x < s.Hotline+(1-s.Hotline)/2 {
			channel = "resident"
		}
		n := r.IntN(w.usual)
		out[i] = Arrival{ID: fmt.Sprintf("synthetic-%d-%d", s.Seed, i+1), At: at, Row: i + 1, Channel: channel, Grid: grids.draw(r), Category: w.reports[n].Category, sample: n + 1}
	}
	return out, nil
}

// draw gives a grid, the more people the likelier.
func (s *spread) draw(r *rand.Rand) string {
	n := r.IntN(s.total)
	lo, hi := 0, len(s.upTo)-1
	for lo < hi {
		if mid := (lo + hi) / 2; s.upTo[mid] <= n {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return s.codes[lo]
}

// dice draws indexes by weight.
type dice []float64

func newDice(weights []float64) dice {
	d := make(dice, len(weights))
	sum := 0.0
	for i, w := range weights {
		sum += math.Max(w, 0)
		d[i] = sum
	}
	return d
}

func (d dice) roll(r *rand.Rand) int {
	x := r.Float64() * d[len(d)-1]
	lo, hi := 0, len(d)-1
	for lo < hi {
		if mid := (lo + hi) / 2; d[mid] <= x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
