package casework

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// Why a post is suggested.
const (
	ReasonLike = "like" // it handled matters of this category
	ReasonDuty = "duty" // the category is its duty
	ReasonNear = "near" // it is the office on the spot
)

const (
	mostSuggested = 8
	mostHandled   = 5000 // hand-overs of a category that are looked at, the newest
)

// Addressed is an action that may be taken now whose form asks whom it goes to.
type Addressed struct {
	Action string
	Field  string
	Type   flow.FieldType // unit, units or post
}

// Suggestion is a post that the case may be given to, with what is known of its experience.
type Suggestion struct {
	Post     staff.Post
	Unit     string // code of its organisation, for fields that ask for a unit; "" for a post at an area
	Reason   string
	Handled  int           // hand-overs of this category in this county that it did within a year
	Median   time.Duration // from being given to being done, half of them took no longer; 0: none
	OnTime   float64       // share of them done before their deadline, 0 to 1; only with Handled
	Open     int           // hand-overs it answers for now
	Category string        // what Handled is about: the case's category, or what it is suggested to be
	Why      lang.Text

	score float64
}

// Suggest says whom the case may be given to, best first: by experience with its category, by duty, by place. It is for who
// may take an action now that asks for a unit or a post; the actions are named, and without one nobody is suggested.
// The figures can be recounted from the hand-overs; they are about posts, never about persons.
//
// Errors: NotFound for a case the actor may not see.
func (s *Service) Suggest(ctx context.Context, actor *staff.Actor, ref string) (asks []Addressed, out []Suggestion, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		var c *Case
		if c, asks, err = s.addressing(tx, actor, ref); err != nil || len(asks) == 0 {
			return err
		}
		out, err = s.suggest(tx, c, asks)
		return err
	})
	return asks, out, err
}

// addressing reads a case and which actions the actor may take now that ask whom it goes to. Errors: NotFound.
func (s *Service) addressing(tx *database.Tx, actor *staff.Actor, ref string) (*Case, []Addressed, error) {
	c, err := s.seen(tx, actor, ref)
	if err != nil {
		return nil, nil, err
	}
	d, err := s.model(tx, c.Model)
	if err != nil {
		return nil, nil, err
	}
	return c, addressed(s.offers(d, actor, c, s.reported(actor, c), c.state(tx.Now, s.level, s.facts(c)))), nil
}

func addressed(offers []flow.Offer) []Addressed {
	out := []Addressed{}
	for _, o := range offers {
		for _, f := range o.Action.Form {
			if f.Type == flow.TypeUnit || f.Type == flow.TypeUnits || f.Type == flow.TypePost {
				out = append(out, Addressed{Action: o.Action.Name, Field: f.Key, Type: f.Type})
			}
		}
	}
	return out
}

func (s *Service) suggest(tx *database.Tx, c *Case, asks []Addressed) ([]Suggestion, error) {
	category := c.Category
	if category == "" {
		if best := s.categories.Suggest(c.Title, c.Body, 1); len(best) > 0 {
			category = best[0].Code
		}
	}
	done, err := s.experience(tx, c, category)
	if err != nil {
		return nil, err
	}
	byPost := map[staff.Post]*Suggestion{}
	var order []staff.Post
	take := func(post staff.Post, reason string, score float64) {
		if post == "" || post == c.Holder || !s.addressable(c, post, asks) {
			return
		}
		if byPost[post] == nil {
			byPost[post] = &Suggestion{Post: post, Reason: reason, Category: category}
			order = append(order, post)
			if org, ok := s.areas.Tree().Org(post.Place()); ok {
				byPost[post].Unit = org.Code
			}
		}
		byPost[post].score += score
	}
	for i, unit := range s.dutyUnits(c, category) {
		post, _ := s.unitPost("unit-officer", unit)
		take(post, ReasonDuty, 0.5/float64(i+1))
	}
	all := 0
	for _, list := range done {
		all += len(list)
	}
	for _, post := range sortedPosts(done) {
		take(post, ReasonLike, 0.6*float64(len(done[post]))/float64(all))
	}
	for i, post := range s.onTheSpot(c) {
		take(post, ReasonNear, 0.1/float64(i+1))
	}
	out := make([]Suggestion, 0, len(order))
	for _, post := range order {
		g := byPost[post]
		g.measure(done[post])
		out = append(out, *g)
	}
	if err := inHand(tx, out); err != nil {
		return nil, err
	}
	for i := range out {
		g := &out[i]
		g.score += 0.2*g.OnTime - 0.1*math.Min(1, float64(g.Open)/100)
		g.Why = g.reasons()
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(b.score, a.score) })
	return out[:min(mostSuggested, len(out))], nil
}

// addressable tells whether one of the forms takes the post and it serves where the case is.
func (s *Service) addressable(c *Case, post staff.Post, asks []Addressed) bool {
	tree := s.areas.Tree()
	org, ofOrg := tree.Org(post.Place())
	fits := slices.ContainsFunc(asks, func(a Addressed) bool { return ofOrg || a.Type == flow.TypePost })
	if !fits || !s.staff.Holdable(post) {
		return false
	}
	if ofOrg {
		return !org.Closed && area.Within(c.Path, org.Path)
	}
	a, ok := tree.Area(post.Place())
	return ok && !a.Closed && (area.Within(c.Path, a.Path) || area.Within(a.Path, c.Path))
}

// dutyUnits are the units whose duty the category is, the nearest first.
func (s *Service) dutyUnits(c *Case, category string) (units []string) {
	cat, ok := s.categories.Get(category)
	if !ok {
		return nil
	}
	tree := s.areas.Tree()
	for _, level := range []area.Level{area.Village, area.Township, area.County} {
		at, ok := tree.At(c.Area, level)
		if function := cat.Duty[string(level)]; ok && function != "" {
			if org, ok := tree.OrgFor(at.Code, function); ok && !slices.Contains(units, org.Code) {
				units = append(units, org.Code)
			}
		}
	}
	return units
}

// onTheSpot are the posts that every place has: of the grid, the village and the township of the case.
func (s *Service) onTheSpot(c *Case) (posts []staff.Post) {
	for _, p := range []struct {
		role  string
		level area.Level
	}{{"grid-member", area.Grid}, {"dispatcher", area.Village}, {"duty-officer", area.Township}} {
		if post, ok := s.staff.Find(p.role, c.Area, p.level); ok {
			posts = append(posts, post)
		}
	}
	return posts
}

// experienced is one hand-over that was done.
type experienced struct {
	post staff.Post
	took time.Duration
	late bool
}

// experience reads what of this category was handled in the county of the case within a year, by post. Stages that only pass
// a matter on are no handling; the model says which are.
func (s *Service) experience(tx *database.Tx, c *Case, category string) (map[staff.Post][]experienced, error) {
	out := map[staff.Post][]experienced{}
	if category == "" {
		return out, nil
	}
	county := "/" + strings.SplitN(strings.TrimPrefix(c.Path, "/"), "/", 2)[0] + "/"
	handles := map[string]bool{}
	rows, err := database.All(tx, func(sc database.Scanner) (e experienced, err error) {
		var model, stage string
		var given, closed int64
		if err := sc.Scan(&e.post, &model, &stage, &given, &closed, &e.late); err != nil {
			return e, err
		}
		key := model + "\x00" + stage
		if _, known := handles[key]; !known {
			handles[key] = s.handlesAt(model, stage)
		}
		if !handles[key] {
			e.post = ""
		}
		e.took = time.Duration(closed-given) * time.Millisecond
		return e, nil
	}, `SELECT post, model, stage, given_at, closed_at, late FROM handled WHERE category = $1 AND closed_at >= $2 AND path >= $3 AND path < $4
		ORDER BY closed_at DESC LIMIT $5`, category, database.Millis(tx.Now.Add(-experienceYear)), county, county[:len(county)-1]+"0", mostHandled)
	if err != nil {
		return nil, fmt.Errorf("experience with %s: %w", category, err)
	}
	for _, e := range rows {
		if e.post != "" {
			out[e.post] = append(out[e.post], e)
		}
	}
	return out, nil
}

// handlesAt tells whether a stage of a model is one where matters are handled; of a model that cannot be read, yes.
func (s *Service) handlesAt(model, stage string) bool {
	d, ok := s.Models().Lookup(model)
	if !ok {
		return true
	}
	st, ok := d.Stage(stage)
	return ok && (st.Handles || st.Joint != nil)
}

func sortedPosts(done map[staff.Post][]experienced) []staff.Post {
	posts := make([]staff.Post, 0, len(done))
	for post := range done {
		posts = append(posts, post)
	}
	slices.SortFunc(posts, func(a, b staff.Post) int {
		return cmp.Or(cmp.Compare(len(done[b]), len(done[a])), cmp.Compare(a, b))
	})
	return posts[:min(3*mostSuggested, len(posts))]
}

func (g *Suggestion) measure(done []experienced) {
	g.Handled = len(done)
	if g.Handled == 0 {
		return
	}
	took, onTime := make([]time.Duration, 0, len(done)), 0
	for _, e := range done {
		took = append(took, e.took)
		if !e.late {
			onTime++
		}
	}
	slices.Sort(took)
	g.Median = took[(len(took)-1)/2]
	g.OnTime = float64(onTime) / float64(len(done))
}

// inHand counts what each answers for now.
func inHand(tx *database.Tx, list []Suggestion) error {
	if len(list) == 0 {
		return nil
	}
	posts := make([]string, len(list))
	for i := range list {
		posts[i] = string(list[i].Post)
	}
	q := &scope{}
	rows, err := tx.Query(`SELECT holder, count(*) FROM task WHERE closed_at = 0 AND holder IN (`+q.List(posts)+`) GROUP BY holder`, q.Args...)
	if err != nil {
		return fmt.Errorf("counting open hand-overs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var holder string
		var n int
		if err := rows.Scan(&holder, &n); err != nil {
			return fmt.Errorf("counting open hand-overs: %w", err)
		}
		list[slices.Index(posts, holder)].Open = n
	}
	return rows.Err()
}

// reasons says in words why the post is suggested.
func (g *Suggestion) reasons() lang.Text {
	var zh, en []string
	switch g.Reason {
	case ReasonDuty:
		zh, en = append(zh, "这类事项归它管"), append(en, "this category is its duty")
	case ReasonNear:
		zh, en = append(zh, "就在当地"), append(en, "it is on the spot")
	}
	if g.Handled > 0 {
		zh = append(zh, fmt.Sprintf("近一年办过 %d 件同类,一半在%s内办完,%.0f%% 没超期", g.Handled, hours(g.Median).ZH, 100*g.OnTime))
		en = append(en, fmt.Sprintf("did %d of this kind within a year, half of them within %s, %.0f%% on time", g.Handled, hours(g.Median).EN, 100*g.OnTime))
	}
	zh, en = append(zh, fmt.Sprintf("手上还有 %d 件", g.Open)), append(en, fmt.Sprintf("has %d in hand", g.Open))
	return lang.T(strings.Join(zh, ";")+"。", upperFirst(strings.Join(en, "; "))+".")
}

// hours words a stretch of time as people do: minutes, hours, days.
func hours(d time.Duration) lang.Text {
	switch {
	case d < time.Hour:
		n := max(1, int(math.Round(d.Minutes())))
		return lang.T(fmt.Sprintf(" %d 分钟", n), fmt.Sprintf("%d min", n))
	case d < 48*time.Hour:
		n := int(math.Round(d.Hours()))
		return lang.T(fmt.Sprintf(" %d 小时", n), fmt.Sprintf("%d h", n))
	}
	n := int(math.Round(d.Hours() / 24))
	return lang.T(fmt.Sprintf(" %d 天", n), fmt.Sprintf("%d days", n))
}
