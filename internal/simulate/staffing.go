package simulate

import (
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"linli/internal/app"
	"linli/internal/flow"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// Staffing says how the staff of a simulation work. Its file is explained in models/samples/staffing.yaml.
type Staffing struct {
	Version      string
	Roles        map[string]Work
	Posts        map[staff.Post]Work
	AnyHour      bool
	Times        map[string]Effort
	UrgentFactor float64
	Rates        []Rate
	Ask          float64
	Pause        float64
	Extend       float64
	Note         float64
	Transfer     float64
	Approve      float64
	PauseDays    Spread
	Members      []float64
	Decline      float64
	Uphold       float64
	Answers      float64
	AnswerHours  Spread
	Rated        float64
	RateHours    Spread
	Scores       []float64
	Reopens      float64
	Urges        float64
	Withdraws    float64
	CallBack     float64
	RateUnit     float64
	Words        map[string][]string
	lines        map[string]int // where a role or post stands, for messages
	file         string
}

// Work is how a role or post works.
type Work struct {
	People   int    // how many share the work; 0: as many as are appointed
	Calendar string // empty: that of the area or organisation
}

// Effort is how long a piece of work takes, in minutes of working time.
type Effort struct {
	Hands Spread // somebody is occupied
	Wait  Spread // time that passes besides
}

// Spread is a skewed distribution (log-normal) by its median and the value nine of ten stay below.
type Spread struct{ Median, P90 float64 }

// z90 is the 0.9 quantile of the standard normal distribution.
const z90 = 1.2815515655446004

// draw gives one value, at most four times P90.
func (s Spread) draw(r *rand.Rand) float64 {
	if s.Median <= 0 {
		return 0
	}
	sigma := 0.0
	if s.P90 > s.Median {
		sigma = math.Log(s.P90/s.Median) / z90
	}
	return math.Min(s.Median*math.Exp(sigma*r.NormFloat64()), 4*math.Max(s.P90, s.Median))
}

// Rate is how often an action is chosen where it is offered.
type Rate struct {
	Action, Model, Stage, Category, Urgency string
	Rate                                    float64
}

// rate finds the first row that fits.
func (s *Staffing) rate(action, model, stage, category, urgency string) (float64, bool) {
	for i := range s.Rates {
		r := &s.Rates[i]
		if r.Action == action && (r.Model == "" || r.Model == model) && (r.Stage == "" || r.Stage == stage) &&
			(r.Urgency == "" || r.Urgency == urgency) &&
			(r.Category == "" || r.Category == category || strings.HasPrefix(category, r.Category+".")) {
			return r.Rate, true
		}
	}
	return 0, false
}

// effort finds how long a hand-over takes.
func (s *Staffing) effort(d *flow.Definition, kind flow.TaskKind, state flow.TaskState, stage string) Effort {
	keys := []string{d.Name + "/" + stage, stage}
	st, _ := d.Stage(stage)
	switch {
	case kind == flow.KindApproval || kind == flow.KindRuling || state == flow.Offered:
		keys = nil // not the stage's own work
	case kind != flow.KindMain:
		keys = keys[:1]
	}
	switch {
	case state == flow.Offered:
		keys = append(keys, "take")
	case kind != flow.KindMain:
		keys = append(keys, string(kind))
	case st != nil && st.Handles:
		keys = append(keys, "handle")
	}
	for _, k := range keys {
		if t, ok := s.Times[k]; ok {
			return t
		}
	}
	return s.Times["default"]
}

// work is what is said about a post.
func (s *Staffing) work(p staff.Post) Work {
	w := s.Roles[p.Role()]
	if own, ok := s.Posts[p]; ok {
		if own.People > 0 {
			w.People = own.People
		}
		if own.Calendar != "" {
			w.Calendar = own.Calendar
		}
	}
	return w
}

// DefaultStaffing is the built-in file, or the one a county put in its place.
func DefaultStaffing(files fs.FS) (*Staffing, error) { return builtIn(files, "samples/staffing.yaml") }

// YearStaffing is how the staff of the Rugao year work.
func YearStaffing(files fs.FS) (*Staffing, error) {
	return builtIn(files, "samples/year-staffing.yaml")
}

func builtIn(files fs.FS, name string) (*Staffing, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return ParseStaffing(name, text)
}

// LoadStaffing reads a staffing file. Errors: Invalid "staffing-file" naming every wrong line.
func LoadStaffing(path string) (*Staffing, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "staffing-unreadable", "无法打开文件 %[1]s", "The file %[1]s cannot be opened", path).Because(err)
	}
	return ParseStaffing(filepath.Base(path), text)
}

// fits tells whether roles, posts and calendars that are named exist.
func (s *Staffing) fits(a *app.App) error {
	l := &lint{file: s.file, bad: staffingFault(s.file)}
	known := a.Staff.RoleTable()
	calendar := func(key, id string) {
		if _, ok := a.Calendars.Lookup(id); id != "" && !ok {
			l.add(s.lines[key], 0, "unknown-calendar", "没有日历 "+id, "There is no calendar "+id)
		}
	}
	for role, w := range s.Roles {
		if _, ok := known.Get(role); !ok {
			l.add(s.lines[role], 0, "unknown-role", "没有岗位 "+role, "There is no role "+role)
		}
		calendar(role, w.Calendar)
	}
	for post, w := range s.Posts {
		if _, ok := known.Get(post.Role()); !ok || a.Areas.Tree().Path(post.Place()) == "" {
			l.add(s.lines[string(post)], 0, "unknown-post", "没有岗位 "+string(post), "There is no post "+string(post))
		}
		calendar(string(post), w.Calendar)
	}
	return l.err()
}

func staffingFault(file string) *fault.Error {
	return fault.Newf(fault.Invalid, "staffing-file", "人力文件 %[1]s 有误", "The staffing file %[1]s needs correcting", file)
}
