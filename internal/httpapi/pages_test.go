package httpapi

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"linli/internal/platform/lang"
)

func page(t *testing.T, s *Server, path, accept string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if accept != "" {
		r.Header.Set("Accept-Language", accept)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w, w.Body.String()
}

func TestPagesNeedNothingFromElsewhere(t *testing.T) {
	s := serve(t, false)
	for _, path := range []string{"/", "/api/", "/api/?q=areas", "/nowhere", "/?lang=en", "/api/?lang=en"} {
		w, body := page(t, s, path, "")
		if want := map[bool]int{true: 404, false: 200}[path == "/nowhere"]; w.Code != want {
			t.Errorf("%s answers %d", path, w.Code)
		}
		for _, bad := range []string{"<script", "<style", " style=", " onclick=", "<img", "@import"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s has %q, which the content security policy refuses", path, bad)
			}
		}
		for _, link := range regexp.MustCompile(`(?:href|src|action)="([^"]+)"`).FindAllStringSubmatch(body, -1) {
			if strings.Contains(link[1], "//") {
				t.Errorf("%s takes %s from elsewhere", path, link[1])
			}
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s has the policy %q", path, csp)
		}
		if kind := w.Header().Get("Content-Type"); kind != "text/html; charset=utf-8" {
			t.Errorf("%s is of type %q", path, kind)
		}
	}
	w, css := page(t, s, "/api/pages.css", "")
	if w.Code != http.StatusOK || strings.Contains(css, "url(") || strings.Contains(css, "@import") {
		t.Errorf("the style sheet: %d", w.Code)
	}
}

func TestReferenceShowsEveryOperation(t *testing.T) {
	s := serve(t, false)
	_, body := page(t, s, "/api/", "")
	for _, item := range s.OpenAPI().Paths {
		for _, op := range []string{operationID(item.Get), operationID(item.Post), operationID(item.Put), operationID(item.Patch), operationID(item.Delete)} {
			if op != "" && !strings.Contains(body, `<article id="`+op+`"`) {
				t.Errorf("the page lacks the operation %s", op)
			}
		}
	}
	for _, p := range s.pages.problems {
		if !strings.Contains(body, `id="problem-`+p.Code+`"`) {
			t.Errorf("the page lacks the code %s", p.Code)
		}
	}
	for _, anchor := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(body, -1) {
		if !strings.Contains(body, `id="`+anchor[1]+`"`) {
			t.Errorf("the page leads to #%s, which is not there", anchor[1])
		}
	}
	if strings.Contains(body, "{host}") || !strings.Contains(body, "curl -X POST") {
		t.Error("the examples are not filled in")
	}
	if _, narrow := page(t, s, "/api/?q=split-area", ""); strings.Count(narrow, "<article") != 1 {
		t.Errorf("looking for one operation shows %d", strings.Count(narrow, "<article"))
	}
	if _, none := page(t, s, "/api/?q=%3Cb%3Ezzz", ""); strings.Contains(none, "<b>zzz") || !strings.Contains(none, `class="empty"`) {
		t.Error("what was looked for is not escaped, or nothing is said when nothing is found")
	}
}

func TestPagesComeInBothLanguages(t *testing.T) {
	s := serve(t, false)
	for _, c := range []struct{ path, accept, want, html string }{
		{"/", "", "接口说明", "zh-CN"}, {"/", "en-GB", "API reference", "en"}, {"/?lang=en", "zh-CN", "API reference", "en"}, {"/api/?lang=zh", "en", "拒绝代码", "zh-CN"},
	} {
		w, body := page(t, s, c.path, c.accept)
		if !strings.Contains(body, c.want) || !strings.Contains(body, `<html lang="`+c.html+`">`) || !strings.HasPrefix(c.html, w.Header().Get("Content-Language")) {
			t.Errorf("%s for %q is not in %s", c.path, c.accept, c.html)
		}
	}
}

func TestAccountsShowInADemonstrationOnly(t *testing.T) {
	demo := &DemoPage{Password: "pass-wort", Accounts: []DemoAccount{{Login: "wangge", Name: "陈晓燕", Title: lang.T("网格员", "Grid member"), Try: lang.T("上报", "Report")}}}
	for _, on := range []bool{true, false} {
		s := serve(t, on)
		s.Demo = demo
		_, body := page(t, s, "/", "")
		if strings.Contains(body, "pass-wort") != on || strings.Contains(body, "wangge") != on || strings.Contains(body, `class="demo"`) != on {
			t.Errorf("demonstration %v: accounts shown wrongly", on)
		}
	}
}
