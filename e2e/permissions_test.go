package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/staff"
)

// documented is an operation of the API document.
type documented struct {
	id, method, path, permission string
}

func operations(t *testing.T, w *world) []documented {
	t.Helper()
	a := w.call("", "GET", "/api/openapi.json", nil)
	var doc struct {
		Paths map[string]map[string]struct {
			ID         string `json:"operationId"`
			Permission string `json:"x-permission"`
		}
	}
	if err := json.Unmarshal([]byte(a.raw), &doc); err != nil {
		t.Fatalf("the API document: %v", err)
	}
	var out []documented
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if op.Permission == "" {
				t.Errorf("%s %s declares no permission", method, path)
			}
			out = append(out, documented{op.ID, strings.ToUpper(method), path, op.Permission})
		}
	}
	slices.SortFunc(out, func(a, b documented) int { return strings.Compare(a.id, b.id) })
	return out
}

// TestNobodyReachesBeyondTheirPost walks every operation with everybody: an account of every role near and far, narrow
// tokens, a one-time password, a session that was ended, and nobody. Each must be let in or turned away as role and
// place say, and no answer may tell what its reader may not know.
func TestNobodyReachesBeyondTheirPost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		begun := time.Now()
		p := plant(t, w)
		t.Log("planting", time.Since(begun))
		ops := operations(t, w)
		known := map[string]bool{}
		for _, op := range ops {
			known[op.id] = true
			if _, ok := probes[op.id]; !ok {
				t.Errorf("operation %s (%s %s, %s) is new: say in permissions_table_test.go who may use it", op.id, op.method, op.path, op.permission)
			}
		}
		for name := range probes {
			if !known[name] {
				t.Errorf("the table has %s, which is no operation", name)
			}
		}
		slices.SortStableFunc(ops, func(a, b documented) int { return boolOrder(probes[a.id].last, probes[b.id].last) })
		tries, slow := 0, map[string]time.Duration{}
		for _, op := range ops {
			pr, ok := probes[op.id]
			if !ok {
				continue
			}
			begun := time.Now()
			matters := []*matter{p.ordinary}
			if pr.each {
				matters = append(matters, p.hidden)
			}
			let, done := 0, 0
			for _, m := range matters {
				// those to be turned away come first, while everything is as it was planted
				for _, want := range []verdict{refused, either, allowed} {
					for _, a := range p.askers {
						if pr.want(p, a, m) == want {
							status := p.try(t, op, pr, a, m, want)
							tries++
							if want == allowed {
								let++
								if status < 300 {
									done++
								}
							}
						}
					}
				}
			}
			if let > 0 && (done == 0) != pr.misfit {
				t.Errorf("%s let %d in and did it for %d: the probe proves nothing", op.id, let, done)
			}
			slow[op.id] = time.Since(begun)
		}
		for id, d := range slow {
			if d > 500*time.Millisecond {
				t.Log(id, d)
			}
		}
		t.Logf("%d operations, %d askers, %d tries", len(ops), len(p.askers), tries)
	})
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func (p *planted) try(t *testing.T, op documented, pr probe, a *asker, m *matter, want verdict) int {
	t.Helper()
	request := pr.send(t, p, a, m)
	if !fits(op.path, "/api/v1"+request.path) {
		t.Fatalf("the probe of %s asks for %s, not for %s", op.id, request.path, op.path)
	}
	status, body := p.ask(t, a, op.method, request)
	where := op.id + " by " + a.name + map[bool]string{true: " on the confidential matter"}[m == p.hidden]
	turned := status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound
	switch {
	case status >= 500:
		t.Errorf("%s: %d %s", where, status, cut(body))
	case want == refused && !turned:
		t.Errorf("%s was let in: %d %s", where, status, cut(body))
	case want == allowed && turned:
		t.Errorf("%s was turned away: %d %s", where, status, cut(body))
	}
	p.leaks(t, where, op, a, m, turned, body)
	return status
}

// leaks looks for planted words in an answer that its reader may not know.
func (p *planted) leaks(t *testing.T, where string, op documented, a *asker, m *matter, turned bool, body string) {
	t.Helper()
	byCode := op.permission == "by-code"
	for _, other := range []*matter{p.ordinary, p.hidden} {
		reads := !turned && (a.sees(other) || byCode && other == m)
		for _, word := range other.secrets {
			if !reads && strings.Contains(body, word) {
				t.Errorf("%s: the answer tells %q of a matter the asker may not see: %s", where, word, cut(body))
			}
		}
		revealed := op.id == "reveal" && !turned && other == m
		for _, word := range other.persons {
			if !revealed && strings.Contains(body, word) {
				t.Errorf("%s: the answer names the reporter: %q", where, word)
			}
		}
	}
	for name, of := range p.names {
		if !strings.Contains(body, name) {
			continue
		}
		own := of.account == a.account && a.account != ""
		holds := op.id == "read-post" && of.role == nil && of.place == p.post.Place() // everybody of a post knows the others
		if op.id == "field-package" && a.role != nil && of.role == nil {              // the others of a post know one another
			held := staff.MakePost(a.role.Key, a.place)
			holds = held == p.post || held == staff.MakePost("volunteer", village)
		}
		colleague := own || holds || a.mayAt("staff.read", of.place, of.path)
		logged := strings.Contains(op.id, "access-log") && (a.has("case.audit") || a.has("system.admin"))
		decided := op.permission == "model.write" && of.has("model.write") // who put a version into use, to others who do
		posted := of.role != nil && of.role.Expected && (op.id == "notice-board" && of.place == grid ||
			op.id == "field-package" && of.path != "" && strings.HasPrefix(a.path, of.path)) // what hangs out at the corner, of the areas above
		worked := (op.id == "read-case" || strings.HasPrefix(op.id, "export-timeline-") || op.id == "field-package") && p.workedBefore(a, of.account) // who serves a case reads who did what
		if turned || !colleague && !logged && !posted && !worked && !decided {
			t.Errorf("%s: the answer names somebody: %q in %s", where, name, cut(body))
		}
	}
}

// workedBefore tells whether an account acted on a matter that the asker sees.
func (p *planted) workedBefore(a *asker, account string) bool {
	for _, m := range []*matter{p.ordinary, p.hidden} {
		v, err := p.w.app.Cases.Read(p.w.ctx, staff.System(), m.kase.ID)
		if err == nil && a.sees(m) && slices.ContainsFunc(v.Timeline, func(e casework.Entry) bool { return e.Account == account }) {
			return true
		}
	}
	return false
}

func (p *planted) ask(t *testing.T, a *asker, method string, q try) (status int, body string) {
	t.Helper()
	var reader io.Reader
	kind := "application/json"
	if raw, ok := q.body.(string); ok {
		reader, kind = strings.NewReader(raw), q.kind
	} else if q.body != nil {
		b, err := json.Marshal(q.body)
		if err != nil {
			t.Fatal(err)
		}
		reader = strings.NewReader(string(b))
	}
	req, err := http.NewRequest(method, p.srv.URL+"/api/v1"+q.path, reader)
	if err != nil {
		t.Fatal(err)
	}
	if reader != nil {
		req.Header.Set("Content-Type", kind)
	}
	if a.secret != "" {
		req.Header.Set("Authorization", "Bearer "+a.secret)
	}
	req.Header.Set("X-Forwarded-For", a.address)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := readAll(res)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// readAll reads an answer; of a stream, which does not end by itself, the first event.
func readAll(res *http.Response) ([]byte, error) {
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return io.ReadAll(res.Body)
	}
	var raw []byte
	for lines := bufio.NewReader(res.Body); ; {
		line, err := lines.ReadBytes('\n')
		if raw = append(raw, line...); err != nil || len(line) == 1 {
			return raw, err
		}
	}
}

// fits tells whether an address belongs to the path of an operation.
func fits(template, address string) bool {
	address, _, _ = strings.Cut(address, "?")
	pattern := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(template), `[^/]+`)
	return regexp.MustCompile("^" + pattern + "$").MatchString(address)
}

func cut(body string) string {
	if r := []rune(body); len(r) > 300 {
		return string(r[:300]) + " …"
	}
	return body
}

// TestImportsStayWithinReach: whoever may import is let in, and each row is judged by where it is.
func TestImportsStayWithinReach(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := plant(t, w)
		far := p.find("far centre-head@" + p.far)
		for _, c := range []struct{ path, near, own string }{
			{"/imports/areas", nearAreaRow, "code,name,level,parent\n" + p.far + "001970,远处新网格,grid," + p.far + "001\n"},
			{"/imports/organisations", "code,name,area,kind\n" + township + "-neu,新办," + township + ",team\n", "code,name,area,kind\n" + p.far + "-neu,新办," + p.far + ",team\n"},
			{"/imports/places", "code,name,area\np-neu,新菜场," + grid + "\n", "code,name,area\np-neu2,新菜场," + p.far + "001001\n"},
			{"/imports/people", nearPersonRow, "login,name,role,place\nneu-fern,新人,auxiliary," + p.far + "001001\n"},
		} {
			before := w.app.Areas.Tree().Version()
			status, body := p.ask(t, far, "POST", try{path: c.path, body: c.near, kind: "text/csv"})
			a := answer{status: status, raw: body, body: decoded([]byte(body))}
			if status != 200 || len(rowsRefused(a)) == 0 || w.app.Areas.Tree().Version() != before {
				t.Errorf("%s: a row beyond the reach: %d %s", c.path, status, cut(body))
			}
			status, body = p.ask(t, far, "POST", try{path: c.path, body: c.own, kind: "text/csv"})
			a = answer{status: status, raw: body, body: decoded([]byte(body))}
			if status != 200 || len(rowsRefused(a)) != 0 {
				t.Errorf("%s: a row within the reach: %d %s", c.path, status, cut(body))
			}
		}
		if _, ok := w.app.Staff.ByLogin("neu-nah"); ok {
			t.Error("an account was made beyond the reach")
		}
	})
}
