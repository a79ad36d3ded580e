package e2e

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// asker is somebody who tries every operation: an account of one role near or far, a token, or nobody.
type asker struct {
	name      string
	secret    string
	account   string
	role      *staff.Role
	place     string // where the post is
	path      string
	org       bool
	scopes    map[string]bool // of a token; nil: a session
	powerless bool            // nobody, signed out, or a one-time password still to be changed
	signed    bool            // somebody is behind, if only to change the password
	address   string          // every asker has an address of its own, for the limits are by address

	ownAccess string // an access of one's own to end
}

// has tells whether the role, narrowed by the scopes, grants a permission at all.
func (a *asker) has(permission string) bool {
	return a.role != nil && !a.powerless && slices.Contains(a.role.May, permission) && (a.scopes == nil || a.scopes[permission])
}

// may tells whether it is granted at an area path: at the post's area and below; a post at an organisation
// carries for the area only what the table of permissions says.
func (a *asker) may(permission, path string) bool {
	if !a.has(permission) || !strings.HasPrefix(path, a.path) {
		return false
	}
	return !a.org || slices.ContainsFunc(staff.Permissions, func(p staff.Permission) bool { return p.Key == permission && p.Area })
}

func (a *asker) mayOrg(permission, code string) bool {
	return a.has(permission) && a.org && a.place == code
}

// mayAt is for what belongs to a place: the area above it, or the organisation itself.
func (a *asker) mayAt(permission, code, path string) bool {
	return a.may(permission, path) || a.mayOrg(permission, code)
}

// opens tells whether the post opens confidential matters.
func (a *asker) opens() bool {
	return a.role.Confidential && (a.scopes == nil || a.scopes[staff.Confidential])
}

// sees is who may know of a case: by case.read above it or at a unit that has it, or by having a hand-over.
func (a *asker) sees(c *matter) bool {
	if a.role == nil || a.powerless {
		return false
	}
	post := staff.MakePost(a.role.Key, a.place)
	for i := range c.kase.Tasks {
		t := &c.kase.Tasks[i]
		if c.kase.Confidential && !t.Open() {
			continue
		}
		if (t.Post == post || t.Holder == post) && a.has("case.act") {
			return true
		}
		if a.mayOrg("case.read", t.Post.Place()) && (!c.kase.Confidential || a.opens()) {
			return true
		}
	}
	return a.may("case.read", c.kase.Path) && (!c.kase.Confidential || a.opens())
}

// matter is a case planted to be looked for, with the words that must not get out.
type matter struct {
	kase    *casework.Case
	code    string
	file    string
	secrets []string // title, body, address
	persons []string // reporter's name and phone
}

// planted is what the askers come upon.
type planted struct {
	w        *world
	srv      *httptest.Server
	askers   []*asker
	ordinary *matter
	hidden   *matter // confidential

	near, far string // codes of the townships
	victim    staff.Account
	spare     staff.Account
	post      staff.Post // the victim's: a neighbour who helps, whom no notice board names
	scratch   map[string]string
	ending    string            // appointment to be ended
	token     string            // a token of the victim
	names     map[string]*asker // name planted -> where its post is
}

const probePassword = "zhan-dian-ce-shi-7391"

func plant(t *testing.T, w *world) *planted {
	t.Helper()
	p := &planted{w: w, near: township, far: county + "977", scratch: map[string]string{}, names: map[string]*asker{}}
	w.app.Config.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	p.srv = httptest.NewServer(w.app.Server("test").Handler())
	t.Cleanup(p.srv.Close)
	p.plantAreas(t)
	p.plantPeople(t)
	p.plantMatters(t)
	must[casework.ModelChange](t, "a planned version")(w.app.Cases.Activate(context.Background(), staff.System(), casework.ActivateCommand{Name: "legal-service",
		Text: renumbered(t, w, "legal-service", "2099.1"), Since: w.app.DB.Now().Add(24 * time.Hour), Reason: "试"}))
	return p
}

func must[T any](t *testing.T, what string) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return v
	}
}

// plantAreas makes the far township with everything below, a far county, far organisations, and areas to be changed.
func (p *planted) plantAreas(t *testing.T) {
	t.Helper()
	ctx, areas := context.Background(), p.w.app.Areas
	add := func(code, name string, level area.Level, parent, kind string) {
		must[area.Area](t, "area "+code)(areas.Create(ctx, staff.System(), area.CreateArea{Reason: "test", Area: area.Area{Code: code, Name: name, Level: level, Parent: parent, Kind: kind}}))
	}
	far := p.far
	add("320699", "远县", area.County, "", "")
	add(far, "远镇", area.Township, county, "")
	add(far+"001", "远村", area.Village, far, "")
	add(far+"001001", "远一网格", area.Grid, far+"001", area.KindBasic)
	add(far+"001001-g01", "远组", area.Group, far+"001001", "")
	add(far+"001001-b01", "远楼", area.Building, far+"001001", "")
	for _, o := range []area.Org{{Code: far + "-housing", Name: "远镇住建办", Kind: "department", Area: far}, {Code: township + "-scratch", Name: "待改单位", Kind: "team", Area: township},
		{Code: township + "-closing", Name: "待撤单位", Kind: "team", Area: township}} {
		must[area.Org](t, "organisation "+o.Code)(areas.CreateOrg(ctx, staff.System(), area.CreateOrg{Reason: "test", Org: o}))
	}
	for i, what := range []string{"update", "rename", "move", "split", "close", "merge", "merged"} {
		code := fmt.Sprintf("%s%03d", village, 930+i)
		add(code, "待改网格"+what, area.Grid, village, area.KindBasic)
		p.scratch[what] = code
	}
}

// plantPeople makes an account for every role, at every level it can be held, near and far; and tokens.
func (p *planted) plantPeople(t *testing.T) {
	t.Helper()
	p.add(&asker{name: "nobody", powerless: true})
	near := map[string]string{"county": county, "township": township, "village": village, "grid": grid, "group": p.below(t, area.Group), "building": p.below(t, area.Building), "org": housing}
	far := map[string]string{"county": "320699", "township": p.far, "village": p.far + "001", "grid": p.far + "001001", "group": p.far + "001001-g01", "building": p.far + "001001-b01", "org": p.far + "-housing"}
	for _, role := range p.w.app.Staff.RoleTable().All() {
		for _, level := range role.At {
			for side, places := range map[string]map[string]string{"near": near, "far": far} {
				p.account(role, places[level], side)
			}
		}
	}
	p.signInAll(t)
	duty := p.find("near duty-officer@" + township)
	for _, scopes := range [][]string{{"area.read"}, {"case.read"}, {"case.read", "case.act"}, {"case.report"}, {"staff.read"}, {"case.read", "case.reveal", staff.Confidential}} {
		p.tokenOf(t, duty, scopes)
	}
	p.tokenOf(t, p.find("near administrator@"+county), []string{staff.StaffWrite, "area.write", "import"})

	out := *duty
	out.name, out.powerless, out.signed, out.account = "signed out", true, false, ""
	out.secret = p.signIn(t, p.login(duty))
	actor := must[*staff.Actor](t, "session")(p.w.app.Staff.Authenticate(context.Background(), out.secret))
	if err := p.w.app.Staff.Logout(context.Background(), actor); err != nil {
		t.Fatal(err)
	}
	p.add(&out)

	p.victim = p.plainAccount(t, "biaoji-auxiliary", "标记幺幺")
	p.spare = p.plainAccount(t, "biaoji-spare", "标记幺贰")
	p.post = staff.MakePost("auxiliary", grid)
	p.appointTo(t, p.victim.ID, p.post)
	p.appointTo(t, p.spare.ID, p.post)
	p.ending = p.appointTo(t, p.spare.ID, staff.MakePost("volunteer", village))

	first := *duty
	first.name, first.powerless, first.signed = "one-time password", true, true
	created := p.plainAccount(t, "biaoji-first", "标记幺叁")
	first.account = created.ID
	role, _ := p.w.app.Staff.RoleTable().Get("duty-officer")
	p.names["标记幺叁"] = &asker{account: created.ID, role: &role, place: township, path: p.w.app.Areas.Tree().Path(township)}
	p.appointTo(t, created.ID, staff.MakePost("duty-officer", township))
	password := must[string](t, "one-time password")(p.w.app.Staff.SetPassword(context.Background(), staff.System(), created.ID))
	res, err := p.w.app.Staff.Login(context.Background(), staff.LoginCommand{Login: created.Login, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	first.secret = res.Secret
	p.add(&first)
}

// below finds a group or building of the near grid's village.
func (p *planted) below(t *testing.T, level area.Level) string {
	t.Helper()
	for _, a := range p.w.app.Areas.Tree().Under(p.w.app.Areas.Tree().Path(grid)) {
		if a.Level == level {
			return a.Code
		}
	}
	code := grid + "-" + string(level)
	must[area.Area](t, "area")(p.w.app.Areas.Create(context.Background(), staff.System(), area.CreateArea{Reason: "test", Area: area.Area{Code: code, Name: "近" + string(level), Level: level, Parent: grid}}))
	return code
}

func (p *planted) add(a *asker) {
	a.address = fmt.Sprintf("198.51.%d.%d", len(p.askers)/200, len(p.askers)%200+1)
	p.askers = append(p.askers, a)
}

func (p *planted) account(role staff.Role, place, side string) {
	tree := p.w.app.Areas.Tree()
	_, org := tree.Org(place)
	p.add(&asker{name: side + " " + role.Key + "@" + place, role: &role, place: place, path: tree.Path(place), org: org, signed: true})
}

func (p *planted) find(name string) *asker {
	i := slices.IndexFunc(p.askers, func(a *asker) bool { return a.name == name })
	return p.askers[i]
}

func (p *planted) login(a *asker) string {
	return "p-" + strings.NewReplacer("@", "-", " ", "-").Replace(strings.ToLower(a.name))
}

// signInAll makes the accounts with their posts and signs them in, two at a time, for hashing takes its time.
func (p *planted) signInAll(t *testing.T) {
	t.Helper()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 2)
	errs := make([]error, len(p.askers))
	for i, a := range p.askers {
		if a.role == nil {
			continue
		}
		name := fmt.Sprintf("标记%02d号", i)
		p.names[name] = a
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			ctx := context.Background()
			created, err := p.w.app.Staff.CreateAccount(ctx, staff.System(), staff.CreateAccountCommand{Login: p.login(a), Name: name, Phone: fmt.Sprintf("139%08d", 7700000+i), Password: probePassword})
			if err != nil {
				errs[i] = err
				return
			}
			a.account = created.ID
			if _, err := p.w.app.Staff.Appoint(ctx, staff.System(), staff.AppointCommand{Account: created.ID, Post: staff.MakePost(a.role.Key, a.place)}); err != nil {
				errs[i] = err
				return
			}
			res, err := p.w.app.Staff.Login(ctx, staff.LoginCommand{Login: p.login(a), Password: probePassword, Address: a.address})
			a.secret, errs[i] = res.Secret, err
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("%s: %v", p.askers[i].name, err)
		}
	}
}

func (p *planted) signIn(t *testing.T, login string) string {
	t.Helper()
	res, err := p.w.app.Staff.Login(context.Background(), staff.LoginCommand{Login: login, Password: probePassword})
	if err != nil {
		t.Fatalf("signing in as %s: %v", login, err)
	}
	return res.Secret
}

func (p *planted) tokenOf(t *testing.T, owner *asker, scopes []string) {
	t.Helper()
	actor := must[*staff.Actor](t, "owner")(p.w.app.Staff.Authenticate(context.Background(), owner.secret))
	secret, _, err := p.w.app.Staff.IssueToken(context.Background(), actor, staff.IssueTokenCommand{Name: "test", Scopes: scopes, Expires: p.w.now.Load().Add(time.Hour * 24)})
	if err != nil {
		t.Fatal(err)
	}
	a := *owner
	a.name, a.secret, a.scopes = "token of "+owner.name+" for "+strings.Join(scopes, ","), secret, map[string]bool{}
	for _, s := range scopes {
		a.scopes[s] = true
	}
	p.add(&a)
}

func (p *planted) plainAccount(t *testing.T, login, name string) staff.Account {
	t.Helper()
	p.names[name] = &asker{place: grid, path: p.w.app.Areas.Tree().Path(grid)}
	made := must[staff.Account](t, login)(p.w.app.Staff.CreateAccount(context.Background(), staff.System(), staff.CreateAccountCommand{Login: login, Name: name, Phone: "13977778888"}))
	p.names[name].account = made.ID
	return made
}

func (p *planted) appointTo(t *testing.T, account string, post staff.Post) string {
	t.Helper()
	return must[staff.Appointment](t, string(post))(p.w.app.Staff.Appoint(context.Background(), staff.System(), staff.AppointCommand{Account: account, Post: post})).ID
}

// plantMatters reports an ordinary case, handed to a unit, and a confidential one, both with a file.
func (p *planted) plantMatters(t *testing.T) {
	t.Helper()
	report := func(mark string, confidential bool) *matter {
		m := &matter{secrets: []string{"标题" + mark, "正文" + mark, "住址" + mark}, persons: []string{"报事人" + mark, "1366" + map[bool]string{true: "2222222", false: "1111111"}[confidential]}}
		r, err := p.w.app.Cases.Submit(context.Background(), staff.Resident(lang.ZH), casework.Report{ID: id(t), Title: m.secrets[0], Text: m.secrets[1] + ",路灯不亮", Category: "02.04.01",
			Place: area.Place{Area: grid, Address: m.secrets[2]}, Name: m.persons[0], Phone: m.persons[1], Confidential: confidential})
		if err != nil {
			t.Fatalf("reporting: %v", err)
		}
		m.kase, m.code, m.file = r.Case, r.Code, id(t)
		if _, err := p.w.app.Cases.Attach(context.Background(), staff.System(), casework.Upload{ID: m.file, Case: r.ID, Name: mark + ".txt", Body: strings.NewReader("附件内容" + mark)}); err != nil {
			t.Fatalf("attaching: %v", err)
		}
		m.secrets = append(m.secrets, "附件内容"+mark)
		return m
	}
	p.ordinary, p.hidden = report("寻常幺", false), report("机密幺", true)
	if _, err := p.w.app.Cases.Act(context.Background(), p.w.holder(p.ordinary.kase.Owner), casework.Command{Case: p.ordinary.kase.ID, Action: "assign", Form: map[string]any{"unit": housing}}); err != nil {
		t.Fatalf("handing out: %v", err)
	}
	if _, err := p.w.app.Cases.Act(context.Background(), p.w.holder(staff.MakePost("unit-officer", housing)), casework.Command{Case: p.ordinary.kase.ID, Action: "take"}); err != nil {
		t.Fatalf("taking in hand: %v", err)
	}
	for _, m := range []*matter{p.ordinary, p.hidden} {
		v, err := p.w.app.Cases.Read(context.Background(), staff.System(), m.kase.ID)
		if err != nil {
			t.Fatal(err)
		}
		m.kase = v.Case
	}
	if _, err := p.w.app.Cases.Index(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// freshToken gives a living token of the other, a new one when the last was ended.
func (p *planted) freshToken(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	living := must[[]staff.Access](t, "tokens")(p.w.app.Staff.Tokens(ctx, staff.System(), p.spare.ID))
	if i := slices.IndexFunc(living, func(a staff.Access) bool { return a.ID == p.token }); i >= 0 {
		return p.token
	}
	actor, ok := p.w.app.Staff.ActorOf(p.spare.ID, *p.w.now.Load())
	if !ok {
		t.Fatal("the other may not sign in")
	}
	_, made, err := p.w.app.Staff.IssueToken(ctx, actor, staff.IssueTokenCommand{Name: "test", Scopes: []string{"area.read"}, Expires: p.w.now.Load().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	p.token = made.ID
	return p.token
}
