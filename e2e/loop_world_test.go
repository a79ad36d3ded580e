package e2e

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// The demonstration's corner of the county, where most tests play.
const (
	grid     = "320682001001001"
	village  = "320682001001"
	township = "320682001"
	county   = "320682"
	housing  = "320682001-housing"
	farming  = "320682001-agriculture"
	stalls   = "320682001-urban-management" // a team: its head takes orders

	gridMember = staff.Post("grid-member@" + grid)
	gridHead   = staff.Post("grid-head@" + grid)
	dispatcher = staff.Post("dispatcher@" + village)
	secretary  = staff.Post("village-head@" + village)
	duty       = staff.Post("duty-officer@" + township)
	centreHead = staff.Post("centre-head@" + township)
)

type form = map[string]any

// as signs in somebody of the demonstration by login.
func (w *world) as(login string) *staff.Actor {
	w.t.Helper()
	if login == "" {
		return staff.Resident(lang.ZH)
	}
	account, ok := w.app.Staff.ByLogin(login)
	if !ok {
		w.t.Fatalf("nobody signs in as %s", login)
	}
	actor, ok := w.app.Staff.ActorOf(account.ID, *w.now.Load())
	if !ok {
		w.t.Fatalf("%s may not sign in", login)
	}
	return actor
}

// secret opens a session over HTTP once for each login.
func (w *world) secret(login string) string {
	w.t.Helper()
	if w.keys[login] == "" {
		a := w.call("", "POST", "/api/v1/session", form{"login": login, "password": demoPassword})
		if a.status != 201 {
			w.t.Fatalf("signing in as %s: %d %s", login, a.status, a.raw)
		}
		w.keys[login], _ = a.body["secret"].(string)
	}
	return w.keys[login]
}

// set moves the clock to a moment.
func (w *world) set(at time.Time) { w.now.Store(&at) }

// tick lets the program do what has fallen due, as its background work does.
func (w *world) tick() {
	w.t.Helper()
	if err := w.app.Staff.TurnOver(w.ctx); err != nil {
		w.t.Fatalf("turning over: %v", err)
	}
	if _, err := w.app.Cases.Recover(w.ctx); err != nil {
		w.t.Fatalf("covering: %v", err)
	}
	if _, err := w.app.Cases.Sweep(w.ctx); err != nil {
		w.t.Fatalf("sweeping: %v", err)
	}
	if _, err := w.app.Cases.Index(w.ctx); err != nil {
		w.t.Fatalf("indexing: %v", err)
	}
}

// sound proves the whole county: every case, clock, timeline and counter agrees with a recomputation.
func (w *world) sound() {
	w.t.Helper()
	w.tick()
	findings, _, err := w.app.Cases.Check(w.ctx, nil)
	if err != nil {
		w.t.Fatalf("checking: %v", err)
	}
	for _, f := range findings {
		if f.Code == "time-backwards" && w.backwards {
			continue
		}
		w.t.Errorf("check: %s %s %s %s: %s", f.Severity, f.Code, f.Number, f.Object, f.Text.EN)
	}
}

// journey is a case on its way through the program.
type journey struct {
	*world
	id, code, number string
}

// report brings a matter as a resident in the demonstration's grid; edit changes it.
func (w *world) report(text string, edit ...func(*casework.Report)) *journey {
	w.t.Helper()
	r := casework.Report{ID: id(w.t), Text: text}
	r.Place.Area = grid
	for _, f := range edit {
		f(&r)
	}
	receipt, err := w.app.Cases.Submit(w.ctx, staff.Resident(lang.ZH), r)
	if err != nil {
		w.t.Fatalf("reporting %q: %v", text, explained(err))
	}
	return &journey{world: w, id: receipt.ID, code: receipt.Code, number: receipt.Number}
}

func byModel(name string) func(*casework.Report) { return func(r *casework.Report) { r.Model = name } }
func urgently(u string) func(*casework.Report)   { return func(r *casework.Report) { r.Urgency = u } }
func inArea(code string) func(*casework.Report) {
	return func(r *casework.Report) { r.Place.Area = code }
}

// light is an ordinary matter under the seven steps.
func (w *world) light() *journey {
	return w.report("小区东门的路灯不亮了", byModel("seven-step"), urgently("normal"))
}

// stalled is a matter for several units, under the whistle.
func (w *world) stalled() *journey {
	return w.report("菜场门口占道经营,流动摊贩把路堵了", byModel("whistle"), urgently("normal"))
}

// try takes an action in somebody's name; the empty login is the reporter with the tracking code.
func (m *journey) try(login, action string, fields form, edit ...func(*casework.Command)) (casework.Outcome, error) {
	m.t.Helper()
	cmd := casework.Command{Case: m.id, Action: action, Form: fields}
	if login == "" {
		cmd.Code = m.code
	}
	for _, f := range edit {
		f(&cmd)
	}
	return m.app.Cases.Act(m.ctx, m.as(login), cmd)
}

func onTask(no int) func(*casework.Command) { return func(c *casework.Command) { c.Task = no } }

// does takes an action that must succeed and gives the case after it.
func (m *journey) does(login, action string, fields form, edit ...func(*casework.Command)) *casework.Case {
	m.t.Helper()
	out, err := m.try(login, action, fields, edit...)
	if err != nil {
		m.t.Fatalf("%s by %q at %s: %v", action, login, m.now().Stage, explained(err))
	}
	return out.Case
}

// refused takes an action that must be refused with the code.
func (m *journey) refused(login, action string, fields form, code string, edit ...func(*casework.Command)) *fault.Error {
	m.t.Helper()
	before := m.now().Version
	_, err := m.try(login, action, fields, edit...)
	if !fault.HasCode(err, code) {
		m.t.Fatalf("%s by %q: want refusal %s, have %v", action, login, code, explained(err))
	}
	if after := m.now().Version; after != before {
		m.t.Fatalf("%s was refused but the case went from version %d to %d", action, before, after)
	}
	return fault.Of(err)
}

// now is the case as it is stored.
func (m *journey) now() *casework.Case { m.t.Helper(); return m.view("system").Case }

// view reads the case as somebody: "system", "" for a stranger, or a login.
func (m *journey) view(login string) casework.View {
	m.t.Helper()
	actor := staff.System()
	if login != "system" {
		actor = m.as(login)
	}
	v, err := m.app.Cases.Read(m.ctx, actor, m.id)
	if err != nil {
		m.t.Fatalf("%q reads %s: %v", login, m.number, explained(err))
	}
	return v
}

// hidden asks that somebody does not even learn that the case exists.
func (m *journey) hidden(login string) {
	m.t.Helper()
	if _, err := m.app.Cases.Read(m.ctx, m.as(login), m.id); !fault.Is(err, fault.NotFound) {
		m.t.Errorf("%q may read %s: %v", login, m.number, err)
	}
}

// track follows the case with its code.
func (m *journey) track() casework.Progress {
	m.t.Helper()
	p, err := m.app.Cases.Track(m.ctx, staff.Resident(lang.ZH), m.code)
	if err != nil {
		m.t.Fatalf("tracking %s: %v", m.number, explained(err))
	}
	return p
}

// at asks where the case is and who answers for it.
func (m *journey) at(stage string, owner staff.Post) *casework.Case {
	m.t.Helper()
	c := m.now()
	if c.Stage != stage || c.Owner != owner || !c.Open() {
		m.t.Fatalf("%s: want %s with %s, have %s with %s, ended %q", m.number, stage, owner, c.Stage, c.Owner, c.Ended)
	}
	return c
}

// ended asks that the case has ended so.
func (m *journey) ended(end string) *casework.Case {
	m.t.Helper()
	c := m.now()
	if c.Ended != end {
		m.t.Fatalf("%s: want the end %q, have %q at %s", m.number, end, c.Ended, c.Stage)
	}
	return c
}

// last is the newest entry of the timeline.
func (m *journey) last() casework.Entry {
	m.t.Helper()
	list := m.view("system").Timeline
	return list[len(list)-1]
}

// entries are those of one action.
func (m *journey) entries(action string) []casework.Entry {
	m.t.Helper()
	return slices.DeleteFunc(m.view("system").Timeline, func(e casework.Entry) bool { return e.Action != action })
}

// offers are the names of the actions somebody may take; "" is the reporter.
func (m *journey) offers(login string) []string {
	m.t.Helper()
	var list []flow.Offer
	if login == "" {
		list = m.track().Offers
	} else {
		list = m.view(login).Offers
	}
	var out []string
	for _, o := range list {
		out = append(out, o.Action.Name)
	}
	return out
}

// task is the newest open hand-over of a kind given to a post.
func (m *journey) task(kind flow.TaskKind, post staff.Post) *casework.Task {
	m.t.Helper()
	c := m.now()
	for i := len(c.Tasks) - 1; i >= 0; i-- {
		if t := &c.Tasks[i]; t.Kind == kind && t.Post == post && t.Open() {
			return t
		}
	}
	m.t.Fatalf("%s has no open %s of %s", m.number, kind, post)
	return nil
}

// rows runs a query that gives one number, beside the program.
func (w *world) rows(query string, args ...any) (n int) {
	w.t.Helper()
	if err := w.app.DB.Read(w.ctx, func(tx *database.Tx) error { return tx.Row(query, args...).Scan(&n) }); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// explained shows a refusal with its fields.
func explained(err error) any {
	var f *fault.Error
	if errors.As(err, &f) {
		return form{"kind": f.Kind, "code": f.Code, "text": f.Text.EN, "fields": f.Fields, "error": err.Error()}
	}
	return err
}

// handled walks a fresh seven-step case to the moment before its verification.
func (m *journey) handled(by string) *journey {
	m.t.Helper()
	m.does("paidan", "here", nil)
	m.does(by, "take", nil)
	m.does(by, "feed_back", form{"result": "已换灯泡,晚上亮了"})
	return m
}

// solved walks a fresh seven-step case to its end.
func (m *journey) solved() *journey {
	m.t.Helper()
	m.handled("wangge")
	m.does("paidan", "accept", nil)
	return m
}

// mustered walks a fresh whistle case to two units on their way: housing leads, farming is a member.
func (m *journey) mustered() *journey {
	m.t.Helper()
	m.does("wangge", "whistle", form{"reason": "摊贩多,一个单位办不了"})
	m.does("zhiban", "muster", form{"lead": housing, "members": []string{farming}})
	return m
}

func equal[T comparable](t *testing.T, what string, have, want T) {
	t.Helper()
	if have != want {
		t.Errorf("%s: have %v, want %v", what, have, want)
	}
}

func has(t *testing.T, what string, list []string, want ...string) {
	t.Helper()
	for _, x := range want {
		if !slices.Contains(list, x) {
			t.Errorf("%s: %v lacks %s", what, list, x)
		}
	}
}

func hasNot(t testing.TB, what string, list []string, not ...string) {
	t.Helper()
	for _, x := range not {
		if slices.Contains(list, x) {
			t.Errorf("%s: %v has %s", what, list, x)
		}
	}
}

func containsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// listed are the numbers on a worklist, in its order.
func (w *world) listed(login string, f casework.Filter) []string {
	w.t.Helper()
	page, err := w.app.Cases.List(w.ctx, w.as(login), f)
	if err != nil {
		w.t.Fatalf("listing %+v: %v", f, explained(err))
	}
	out := []string{}
	for _, c := range page.Cases {
		out = append(out, w.app.Cases.Number(c))
	}
	return out
}

// pointIn is a point inside an area's outline.
func (w *world) pointIn(code string) area.Point {
	w.t.Helper()
	outline, ok := w.app.Areas.Outline(code)
	if !ok {
		w.t.Fatalf("%s has no outline", code)
	}
	box := outline.Shape.Bounds()
	for i := 1; i < 40; i++ {
		for j := 1; j < 40; j++ {
			p := area.Point{Lat: box.Min.Lat + (box.Max.Lat-box.Min.Lat)*float64(i)/40, Lon: box.Min.Lon + (box.Max.Lon-box.Min.Lon)*float64(j)/40}
			if outline.Shape.Contains(p) {
				return p
			}
		}
	}
	w.t.Fatalf("no point found in %s", code)
	return area.Point{}
}
