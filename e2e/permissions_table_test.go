package e2e

import (
	"fmt"
	"slices"
	"testing"

	"linli/internal/board"
	"linli/internal/casework"
	"linli/internal/flow"
	"linli/internal/staff"
)

// verdict is what must become of a try.
type verdict int

const (
	refused verdict = iota // 401, 403 or 404
	allowed                // anything else but a failure: also "the step does not fit" or "the form is wrong"
	either                 // the operation decides by more than permission; only leaks and failures are looked for
)

// try is one request to an operation.
type try struct {
	path string // after /api/v1
	body any    // JSON, or string for a raw body
	kind string // content type of a raw body
}

// probe tries one operation: what to send, and what must become of it.
type probe struct {
	each   bool // once for the ordinary and once for the confidential matter
	send   func(t *testing.T, p *planted, a *asker, m *matter) try
	want   func(p *planted, a *asker, m *matter) verdict
	last   bool // ends the asker's own access, so it comes after all others
	misfit bool // the request does not fit on purpose: whoever is let in is told so, and nothing changes
}

func when(ok bool) verdict {
	if ok {
		return allowed
	}
	return refused
}

// Who may, in the words the table uses.
type rule = func(p *planted, a *asker, m *matter) verdict

func anyone(*planted, *asker, *matter) verdict { return allowed }

func signedIn(_ *planted, a *asker, _ *matter) verdict { return when(a.role != nil && !a.powerless) }

// evenFirst is for what a one-time password allows too.
func evenFirst(_ *planted, a *asker, _ *matter) verdict { return when(a.signed) }

func anywhere(permission string) rule {
	return func(_ *planted, a *asker, _ *matter) verdict { return when(a.has(permission)) }
}

// there is for what belongs to an area or organisation by its code.
func there(permission, code string) rule {
	return func(p *planted, a *asker, _ *matter) verdict {
		return when(a.mayAt(permission, code, p.w.app.Areas.Tree().Path(code)))
	}
}

// reads is for what needs a permission over an area, and nothing at an organisation.
func reads(permission, code string) rule {
	return func(p *planted, a *asker, _ *matter) verdict {
		return when(a.may(permission, p.w.app.Areas.Tree().Path(code)))
	}
}

// freshNotice is one of the near grid that nobody has touched.
func (p *planted) freshNotice(t *testing.T) string {
	t.Helper()
	n := must[board.Notice](t, "a notice")(p.w.app.Board.Post(p.w.ctx, staff.System(), id(t), grid, board.Words{Title: "停水通知", Text: "明日停水。"}))
	return n.ID
}

func seers(_ *planted, a *asker, m *matter) verdict { return when(a.sees(m)) }

// overVictim is for those who may fill the post that the victim holds: staff.write there, and all that the
// post grants unless an administrator.
func overVictim(p *planted, a *asker, _ *matter) verdict {
	path := p.w.app.Areas.Tree().Path(grid)
	role, _ := p.w.app.Staff.RoleTable().Get(p.post.Role())
	if !a.may(staff.StaffWrite, path) {
		return refused
	}
	if a.may(staff.SystemAdmin, path) {
		return allowed
	}
	for _, permission := range role.May {
		if !a.may(permission, path) {
			return refused
		}
	}
	return allowed
}

// plain sends a path that is the same for all.
func plain(path string) func(*testing.T, *planted, *asker, *matter) try {
	return func(*testing.T, *planted, *asker, *matter) try { return try{path: path} }
}

func with(path string, body any) func(*testing.T, *planted, *asker, *matter) try {
	return func(*testing.T, *planted, *asker, *matter) try { return try{path: path, body: body} }
}

// about sends a path with the case in it.
func about(format string, body any) func(*testing.T, *planted, *asker, *matter) try {
	return func(_ *testing.T, _ *planted, _ *asker, m *matter) try {
		return try{path: fmt.Sprintf(format, m.kase.ID), body: body}
	}
}

// on sends a path with the code of a scratch area in it.
func on(what, format string, body any) func(*testing.T, *planted, *asker, *matter) try {
	return func(_ *testing.T, p *planted, _ *asker, _ *matter) try {
		return try{path: fmt.Sprintf(format, p.scratch[what]), body: body}
	}
}

// person sends a path with the victim's account in it.
func person(format string, body any) func(*testing.T, *planted, *asker, *matter) try {
	return func(_ *testing.T, p *planted, _ *asker, _ *matter) try {
		return try{path: fmt.Sprintf(format, p.victim.ID), body: body}
	}
}

func file(path, body string) func(*testing.T, *planted, *asker, *matter) try {
	return func(*testing.T, *planted, *asker, *matter) try {
		return try{path: path, body: body, kind: "application/octet-stream"}
	}
}

func coded(format string, body any) func(*testing.T, *planted, *asker, *matter) try {
	return func(_ *testing.T, _ *planted, _ *asker, m *matter) try {
		return try{path: fmt.Sprintf(format, m.code), body: body}
	}
}

var because = form{"reason": "测试"}

// probes are all operations of the API. One that is not here fails the test.
var probes = map[string]probe{
	// signing in
	"login":           {send: with("/session", form{"login": "niemand-da", "password": 7}), want: anyone, misfit: true},
	"logout":          {send: plain("/session"), want: evenFirst, last: true},
	"me":              {send: plain("/me"), want: evenFirst},
	"change-password": {send: with("/me/password", form{"old": probePassword, "new": "short"}), want: bySession, misfit: true},
	"my-access":       {send: plain("/me/access"), want: signedIn},
	"issue-token":     {send: with("/me/tokens", form{"name": "t", "scopes": []string{"area.read"}, "expires_at": "2026-11-01T00:00:00Z"}), want: sessionsOnly, misfit: true},
	"revoke-access":   {send: ownAccess, want: either_},

	// setting up: there is an administrator, so the code is of no use to anybody
	"setup":         {send: plain("/setup"), want: anyone},
	"setup-account": {send: with("/setup/account", form{"code": "0000-0000-0000", "login": "neu", "name": "新人", "password": probePassword}), want: anyone, misfit: true},
	"setup-done":    {send: plain("/setup/done/models"), want: anywhere(staff.SystemAdmin)},

	// what happens: only the beginning is read
	"events": {send: plain("/events"), want: signedIn},

	// sheets: the permission lets in, the list bounds the rows
	"export-cases-xlsx":         {send: plain("/exports/cases.xlsx?scope=area&state=all"), want: anywhere(staff.Export)},
	"export-cases-csv":          {send: plain("/exports/cases.csv?scope=area&state=all"), want: anywhere(staff.Export)},
	"export-people-xlsx":        {send: plain("/exports/people.xlsx"), want: both(staff.Export, staff.StaffRead)},
	"export-people-csv":         {send: plain("/exports/people.csv"), want: both(staff.Export, staff.StaffRead)},
	"export-areas-xlsx":         {send: plain("/exports/areas.xlsx?parent=" + village), want: anywhere(staff.Export)},
	"export-areas-csv":          {send: plain("/exports/areas.csv?parent=" + village), want: anywhere(staff.Export)},
	"export-organisations-xlsx": {send: plain("/exports/organisations.xlsx?serving=" + grid), want: anywhere(staff.Export)},
	"export-organisations-csv":  {send: plain("/exports/organisations.csv?serving=" + grid), want: anywhere(staff.Export)},
	"export-vacancies-xlsx":     {send: plain("/exports/vacancies.xlsx"), want: both(staff.Export, staff.StaffRead)},
	"export-vacancies-csv":      {send: plain("/exports/vacancies.csv"), want: both(staff.Export, staff.StaffRead)},
	"export-access-log-xlsx":    {send: plain("/exports/access-log.xlsx"), want: anywhere(staff.Export)},
	"export-access-log-csv":     {send: plain("/exports/access-log.csv"), want: anywhere(staff.Export)},
	"export-case-audit-xlsx":    {each: true, send: about("/exports/case-audit.xlsx?case=%s", nil), want: exporting(auditors)},
	"export-case-audit-csv":     {each: true, send: about("/exports/case-audit.csv?case=%s", nil), want: exporting(auditors)},
	"export-alerts-xlsx":        {send: plain("/exports/alerts.xlsx"), want: anywhere(staff.Export)},
	"export-alerts-csv":         {send: plain("/exports/alerts.csv"), want: anywhere(staff.Export)},
	"export-notices-xlsx":       {send: plain("/exports/notices.xlsx"), want: anywhere(staff.Export)},
	"export-notices-csv":        {send: plain("/exports/notices.csv"), want: anywhere(staff.Export)},
	"export-reviews-xlsx":       {send: plain("/exports/reviews.xlsx"), want: anywhere(staff.Export)},
	"export-reviews-csv":        {send: plain("/exports/reviews.csv"), want: anywhere(staff.Export)},
	"export-places-xlsx":        {send: plain("/exports/places.xlsx?area=" + grid), want: anywhere(staff.Export)},
	"export-places-csv":         {send: plain("/exports/places.csv?area=" + grid), want: anywhere(staff.Export)},
	"export-tokens-xlsx":        {send: plain("/exports/tokens.xlsx"), want: anywhere(staff.Export)},
	"export-tokens-csv":         {send: plain("/exports/tokens.csv"), want: anywhere(staff.Export)},
	"export-roles-xlsx":         {send: plain("/exports/roles.xlsx"), want: anywhere(staff.Export)},
	"export-roles-csv":          {send: plain("/exports/roles.csv"), want: anywhere(staff.Export)},
	"export-models-xlsx":        {send: plain("/exports/models.xlsx"), want: both(staff.Export, "model.read")},
	"export-models-csv":         {send: plain("/exports/models.csv"), want: both(staff.Export, "model.read")},
	"export-activations-xlsx":   {send: plain("/exports/activations.xlsx?model=seven-step"), want: both(staff.Export, "model.read")},
	"export-activations-csv":    {send: plain("/exports/activations.csv?model=seven-step"), want: both(staff.Export, "model.read")},
	"export-calendar-days-xlsx": {send: plain("/exports/calendar-days.xlsx?calendar=office&year=2026"), want: anywhere(staff.Export)},
	"export-calendar-days-csv":  {send: plain("/exports/calendar-days.csv?calendar=office&year=2026"), want: anywhere(staff.Export)},
	"export-changes-xlsx":       {send: plain("/exports/changes.xlsx?code=" + village), want: exporting(there("area.read", village))},
	"export-changes-csv":        {send: plain("/exports/changes.csv?code=" + village), want: exporting(there("area.read", village))},
	"export-team-xlsx":          {send: plain("/exports/team.xlsx?code=" + grid), want: exporting(there("staff.read", grid))},
	"export-team-csv":           {send: plain("/exports/team.csv?code=" + grid), want: exporting(there("staff.read", grid))},
	"export-appointments-xlsx":  {send: person("/exports/appointments.xlsx?person=%s", nil), want: exporting(there("staff.read", grid))},
	"export-appointments-csv":   {send: person("/exports/appointments.csv?person=%s", nil), want: exporting(there("staff.read", grid))},
	"export-access-xlsx":        {send: person("/exports/access.xlsx?person=%s", nil), want: exporting(overVictim)},
	"export-access-csv":         {send: person("/exports/access.csv?person=%s", nil), want: exporting(overVictim)},
	"export-timeline-xlsx":      {each: true, send: about("/exports/timeline.xlsx?case=%s", nil), want: exporting(seers)},
	"export-timeline-csv":       {each: true, send: about("/exports/timeline.csv?case=%s", nil), want: exporting(seers)},

	// saved views: everybody their own
	"list-views": {send: plain("/me/views"), want: signedIn},
	"save-view":  {send: with("/me/views/overdue", form{"title": "超期", "query": "state=overdue"}), want: signedIn},
	"drop-view":  {send: plain("/me/views/overdue"), want: signedInPerhaps},

	// the loop
	"report":     {send: newReport, want: anyone},
	"list-cases": {send: plain("/cases?scope=area&state=all&page_size=200"), want: signedIn},
	"read-case":  {each: true, send: about("/cases/%s", nil), want: seers},
	"act":        {each: true, send: about("/cases/%s/actions/note", form{"form": form{"note": "测试"}}), want: seersPerhaps},
	"bulk": {each: true, want: anywhere("case.bulk"), send: func(_ *testing.T, _ *planted, _ *asker, m *matter) try {
		return try{path: "/cases/bulk", body: form{"action": "nothing-such", "cases": []form{{"id": m.kase.ID}}}}
	}},
	"reveal":   {each: true, send: about("/cases/%s/reveal", form{"purpose": "回访"}), want: revealers},
	"watch":    {each: true, send: about("/cases/%s/watch", nil), want: seers},
	"unwatch":  {each: true, send: about("/cases/%s/watch", nil), want: seersPerhaps},
	"seen":     {each: true, send: about("/cases/%s/seen", nil), want: signedInPerhaps},
	"counts":   {send: plain("/counts"), want: signedIn},
	"alerts":   {send: plain("/alerts"), want: signedIn},
	"upload":   {each: true, send: newFile("/cases/%s/files/%s?name=a.txt"), want: seers},
	"download": {each: true, want: seers, send: func(_ *testing.T, _ *planted, _ *asker, m *matter) try { return try{path: "/files/" + m.file} }},

	// the reporter's side: whoever has the code
	"track":     {each: true, send: coded("/track/%s", nil), want: anyone},
	"track-act": {each: true, send: coded("/track/%s/actions/urge", form{}), want: anyone},
	"track-upload": {each: true, want: anyone, send: func(t *testing.T, _ *planted, _ *asker, m *matter) try {
		return try{path: "/track/" + m.code + "/files/" + id(t) + "?name=a.txt", body: "hallo", kind: "text/plain"}
	}},
	"published":      {each: true, send: about("/public/cases/%s", nil), want: nobodyYet},
	"about":          {send: plain("/about"), want: anyone},
	"list-published": {send: plain("/public/cases?q=标题"), want: anyone},
	"locate":         {send: with("/locate", form{"area": grid}), want: anyone},
	"notice-board":   {send: plain("/notice-board/" + grid), want: anyone},

	// the board: one's own place and what is below
	"list-notices": {send: plain("/notices?area=" + grid), want: there(staff.BoardWrite, grid)},
	"post-notice": {want: there(staff.BoardWrite, grid), send: func(t *testing.T, _ *planted, _ *asker, _ *matter) try {
		return try{path: "/notices", body: form{"id": id(t), "area": grid, "title": "停水通知", "text": "明日停水,请储水。"}}
	}},
	"change-notice": {want: there(staff.BoardWrite, grid), send: func(t *testing.T, p *planted, _ *asker, _ *matter) try {
		return try{path: "/notices/" + p.freshNotice(t), body: form{"title": "停水通知", "text": "改为后天停水。"}}
	}},
	"withdraw-notice": {want: there(staff.BoardWrite, grid), send: func(t *testing.T, p *planted, _ *asker, _ *matter) try {
		return try{path: "/notices/" + p.freshNotice(t) + "/withdraw", body: because}
	}},
	"area-notices":   {send: plain("/areas/" + grid + "/notices"), want: reads("area.read", grid)},
	"duty-phones":    {send: plain("/duty-phones/" + grid), want: anyone},
	"set-duty-phone": {send: with("/duty-phones/"+grid, form{"phone": "0513-00002200"}), want: there(staff.BoardWrite, grid)},
	"drop-duty-phone": {want: there(staff.BoardWrite, grid), send: func(t *testing.T, p *planted, _ *asker, _ *matter) try {
		must[board.Duty](t, "a duty phone")(p.w.app.Board.SetDuty(p.w.ctx, staff.System(), board.Duty{Place: grid, Phone: "0513-00002200"}, 0))
		return try{path: "/duty-phones/" + grid}
	}},

	// at work
	"addressees":    {each: true, send: about("/cases/%s/posts", nil), want: seers},
	"field-package": {send: plain("/field/package"), want: signedIn},
	"my-budget":     {send: plain("/me/budget"), want: signedIn},
	"upload-state":  {each: true, send: about("/cases/%s/files/0193a5f0-7c1e-7000-8000-00000000eeee", nil), want: seers},
	"nearby-draft":  {send: plain("/cases/nearby?area=" + grid + "&text=路灯不亮"), want: signedIn},
	"earlier":       {send: plain("/cases/earlier?area=" + grid), want: signedIn},
	"nearby":        {each: true, send: about("/cases/%s/nearby", nil), want: seers},
	"suggestions":   {each: true, send: about("/cases/%s/suggestions", nil), want: seers},
	"case-audit":    {each: true, send: about("/cases/%s/audit", nil), want: auditors},
	"caller":        {send: plain("/callers?phone=13661111111"), want: anywhere("hotline.take")},
	"knowledge":     {send: plain("/knowledge?q=路灯不亮"), want: signedIn},
	"emergency":     {send: plain("/emergency?q=着火了"), want: anyone},

	// areas and organisations
	"list-areas":    {send: plain("/areas?parent=" + village), want: anyone},
	"read-area":     {send: plain("/areas/" + grid), want: anyone},
	"read-outline":  {send: plain("/areas/" + grid + "/outline"), want: anyone},
	"read-outlines": {send: plain("/areas/" + village + "/outlines"), want: anyone},
	"area-history":  {send: plain("/areas/" + village + "/history"), want: there("area.read", village)},
	"area-team":     {send: plain("/areas/" + grid + "/team"), want: there("staff.read", grid)},
	"create-area": {want: there("area.write", village), send: func(_ *testing.T, _ *planted, _ *asker, _ *matter) try {
		return try{path: "/areas", body: form{"code": village + "950", "name": "新网格", "level": "grid", "kind": "basic", "parent": village, "reason": "测试"}}
	}},
	"update-area": {send: on("update", "/areas/%s", form{"population": 5, "reason": "测试"}), want: there("area.write", village)},
	"rename-area": {send: on("rename", "/areas/%s/rename", form{"name": "改名网格", "reason": "测试"}), want: there("area.write", village)},
	"move-area":   {send: on("move", "/areas/%s/move", form{"parent": "320682001002", "reason": "测试"}), want: there("area.write", village)},
	"split-area": {want: there("area.write", village), send: func(_ *testing.T, p *planted, _ *asker, _ *matter) try {
		return try{path: "/areas/" + p.scratch["split"] + "/split", body: form{"reason": "测试", "parts": []form{{"code": p.scratch["split"], "name": "甲"}, {"code": village + "960", "name": "乙"}}}}
	}},
	"merge-areas": {want: there("area.write", village), send: func(_ *testing.T, p *planted, _ *asker, _ *matter) try {
		return try{path: "/areas/merge", body: form{"reason": "测试", "from": []form{{"code": p.scratch["merge"]}, {"code": p.scratch["merged"]}}, "into": form{"code": p.scratch["merge"]}}}
	}},
	"close-area":           {send: on("close", "/areas/%s/close", because), want: there("area.write", village)},
	"list-organisations":   {send: plain("/organisations?serving=" + grid), want: anyone},
	"read-organisation":    {send: plain("/organisations/" + housing), want: anyone},
	"create-organisation":  {send: with("/organisations", form{"code": township + "-made", "name": "新单位", "kind": "team", "area": township, "reason": "测试"}), want: there("area.write", township)},
	"update-organisation":  {send: with("/organisations/"+township+"-scratch", form{"name": "改名单位", "reason": "测试"}), want: there("area.write", township)},
	"close-organisation":   {send: with("/organisations/"+township+"-closing/close", because), want: there("area.write", township)},
	"organisation-history": {send: plain("/organisations/" + housing + "/history"), want: there("area.read", township)},
	"organisation-team":    {send: plain("/organisations/" + housing + "/team"), want: there("staff.read", housing)},
	"list-places":          {send: plain("/places?page_size=5"), want: anyone},

	// imports: whoever may import at all is let in; each row is judged by where it is, see TestImportsStayWithinReach
	"import-areas":         {send: file("/imports/areas?dry_run=true", nearAreaRow), want: anywhere("import")},
	"import-organisations": {send: file("/imports/organisations?dry_run=true", "code,name,area,kind\n"+township+"-new,新办,"+township+",team\n"), want: anywhere("import")},
	"import-places":        {send: file("/imports/places?dry_run=true", "code,name,area\np-new,新菜场,"+grid+"\n"), want: anywhere("import")},
	"import-boundaries":    {send: file("/imports/boundaries?dry_run=true", `{"type":"FeatureCollection","features":[]}`), want: anywhere("import")},
	"import-people":        {send: file("/imports/people?dry_run=true", nearPersonRow), want: both("import", "staff.write")},
	"refused-rows":         {send: file("/imports/areas/refused", nearAreaRow), want: anywhere("import")},

	// people
	"list-people": {send: plain("/people?page_size=500"), want: anywhere("staff.read")},
	"create-person": {want: anywhere("staff.write"), send: func(t *testing.T, _ *planted, _ *asker, _ *matter) try {
		return try{path: "/people", body: form{"login": "neu-" + id(t), "name": "新人"}}
	}},
	"read-person":     {send: person("/people/%s", nil), want: there("staff.read", grid)},
	"rename-person":   {send: person("/people/%s", form{"name": "标记幺幺"}), want: overVictim},
	"set-active":      {send: person("/people/%s/active", form{"active": true, "reason": "测试"}), want: overVictim},
	"reset-password":  {send: person("/people/%s/password", nil), want: overVictim},
	"show-phone":      {send: person("/people/%s/phone", form{"purpose": "联系"}), want: there("staff.read", grid)},
	"appointments-of": {send: person("/people/%s/appointments", nil), want: signedInPerhaps},
	"sessions-of":     {send: person("/people/%s/sessions", nil), want: overVictim},
	"tokens-of":       {send: person("/people/%s/tokens", nil), want: adminOverVictim},
	"revoke-all":      {send: person("/people/%s/access", nil), want: overVictim},
	"revoke-of": {want: adminOverVictim, send: func(t *testing.T, p *planted, _ *asker, _ *matter) try {
		return try{path: "/people/" + p.spare.ID + "/access/" + p.freshToken(t)}
	}},
	"appoint": {want: overVictim, send: func(_ *testing.T, p *planted, _ *asker, _ *matter) try {
		return try{path: "/appointments", body: form{"account": p.victim.ID, "post": "volunteer@" + village}}
	}},
	"list-reviews": {send: plain("/appointments/review"), want: anywhere("staff.read")},
	"end-appointment": {want: overVictim, send: func(_ *testing.T, p *planted, _ *asker, _ *matter) try {
		return try{path: "/appointments/" + p.ending + "/end", body: because}
	}},
	"mark-reviewed": {want: there("staff.write", village), send: func(_ *testing.T, p *planted, _ *asker, _ *matter) try {
		return try{path: "/appointments/" + p.ending + "/reviewed"}
	}},
	"read-post":       {send: plain("/posts/auxiliary@" + grid), want: nearPost},
	"appointments-at": {send: plain("/posts/auxiliary@" + grid + "/appointments"), want: there("staff.read", grid)},
	"list-vacancies":  {send: plain("/vacancies?area=" + village), want: there("staff.read", village)},
	"list-roles":      {send: plain("/roles"), want: signedIn},
	"access-log":      {send: plain("/access-log?page_size=200"), want: signedIn},

	// rules
	"list-categories":  {send: plain("/categories?q=路灯"), want: anyone},
	"read-category":    {send: plain("/categories/02.04.01"), want: anyone},
	"suggest-category": {send: with("/categories/suggest", form{"text": "路灯不亮"}), want: anyone},
	"list-functions":   {send: plain("/functions"), want: anyone},
	"list-models":      {send: plain("/models"), want: anywhere("model.read")},
	"read-model":       {send: plain("/models/seven-step"), want: anywhere("model.read")},
	"model-diagram":    {send: plain("/models/seven-step/diagram"), want: anywhere("model.read")},
	"check-model":      {send: file("/models/check", "flow: x\n"), want: anywhere("model.read")},
	"compare-models":   {send: plain("/models/seven-step/compare?with=seven-step@2026.1"), want: anywhere("model.read")},
	"list-activations": {send: plain("/models/seven-step/activations"), want: anywhere("model.read")},
	"activate-model":   {send: with("/models/seven-step/activations", form{"base": 0, "text": "flow: x", "reason": "试"}), want: anywhere("model.write"), misfit: true},
	"withdraw-model":   {send: with("/models/legal-service/activations/1/withdraw", form{"base": 1, "reason": "试"}), want: anywhere("model.write")},
	"list-calendars":   {send: plain("/calendars"), want: signedIn},
	"calendar-days":    {send: plain("/calendars/office/days/2026"), want: signedIn},
	"explain-deadline": {send: with("/calendars/office/explain", form{"start": "2026-11-16T09:00:00+08:00", "measure": "hours", "amount": "2h"}), want: signedIn},
	"add-year":         {send: file("/calendars/years", "{}"), want: anywhere("calendar.write"), misfit: true},
}

const (
	nearAreaRow   = "code,name,level,parent\n" + village + "970,近处新网格,grid," + village + "\n"
	nearPersonRow = "login,name,role,place\nneu-nah,新人,auxiliary," + grid + "\n"
)

// bySession is for those signed in by a password, a one-time one included; a token cannot change it.
func bySession(_ *planted, a *asker, _ *matter) verdict { return when(a.signed && a.scopes == nil) }

func sessionsOnly(_ *planted, a *asker, _ *matter) verdict {
	return when(a.signed && !a.powerless && a.scopes == nil)
}

func either_(_ *planted, a *asker, _ *matter) verdict {
	if !a.signed || a.powerless {
		return refused
	}
	return either
}

func seersPerhaps(_ *planted, a *asker, m *matter) verdict {
	if !a.sees(m) {
		return refused
	}
	return either // the model says who of them may
}

func signedInPerhaps(_ *planted, a *asker, _ *matter) verdict {
	if a.role == nil || a.powerless {
		return refused
	}
	return either
}

func revealers(_ *planted, a *asker, m *matter) verdict {
	return when(a.sees(m) && (a.may("case.reveal", m.kase.Path) || a.worksOn(m)))
}

// worksOn tells whether a post has the matter in hand, so that its holder may call who reported it.
func (a *asker) worksOn(m *matter) bool {
	if m.kase.Confidential || a.scopes != nil || !a.has("case.act") || a.has("case.audit") || a.has("system.admin") {
		return false
	}
	return slices.ContainsFunc(m.kase.Tasks, func(k casework.Task) bool {
		return k.State == flow.Taken && k.Kind == flow.KindMain && k.Holder == staff.MakePost(a.role.Key, a.place)
	})
}

func auditors(_ *planted, a *asker, m *matter) verdict {
	return when(a.sees(m) && a.may(staff.CaseAudit, m.kase.Path))
}

// exporting is for sheets of what a rule guards.
func exporting(inner rule) rule {
	return func(p *planted, a *asker, m *matter) verdict {
		if !a.has(staff.Export) {
			return refused
		}
		return inner(p, a, m)
	}
}

// nobodyYet is for matters under way: a result is published when there is one.
func nobodyYet(*planted, *asker, *matter) verdict { return refused }

func both(permissions ...string) rule {
	return func(_ *planted, a *asker, _ *matter) verdict {
		for _, permission := range permissions {
			if !a.has(permission) {
				return refused
			}
		}
		return allowed
	}
}

func adminOverVictim(p *planted, a *asker, m *matter) verdict {
	return when(a.has(staff.SystemAdmin) && overVictim(p, a, m) == allowed)
}

// nearPost is staff.read at the post, or holding it.
func nearPost(p *planted, a *asker, m *matter) verdict {
	if a.role != nil && !a.powerless && staff.MakePost(a.role.Key, a.place) == p.post {
		return allowed
	}
	return there("staff.read", grid)(p, a, m)
}

func newReport(t *testing.T, _ *planted, _ *asker, _ *matter) try {
	return try{path: "/cases", body: form{"id": id(t), "text": "有一处井盖松动", "channel": "resident", "place": form{"area": grid}}}
}

func newFile(format string) func(*testing.T, *planted, *asker, *matter) try {
	return func(t *testing.T, _ *planted, _ *asker, m *matter) try {
		return try{path: fmt.Sprintf(format, m.kase.ID, id(t)), body: "hallo", kind: "text/plain"}
	}
}

func ownAccess(_ *testing.T, _ *planted, a *asker, _ *matter) try {
	return try{path: "/me/access/" + id_(a)}
}

func id_(a *asker) string {
	if a.ownAccess == "" {
		return "0193a5f0-7c1e-7000-8000-00000000ffff"
	}
	return a.ownAccess
}
