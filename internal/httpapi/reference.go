package httpapi

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

//go:embed pages
var pages embed.FS

// problemCode is one machine code of a refusal with its wordings. pages/problems.json holds all; a test
// compares it with the source.
type problemCode struct {
	Code     string      `json:"code"`
	Statuses []int       `json:"statuses"`
	Texts    []lang.Text `json:"texts"`
}

// documents are the few pages that the program draws itself: a start page and the API reference. They need no
// script and take nothing from elsewhere.
type documents struct {
	templates *template.Template
	problems  []problemCode
	sections  []section
}

func (s *Server) readPages() *documents {
	d := &documents{}
	raw, err := pages.ReadFile("pages/problems.json")
	if err == nil {
		err = json.Unmarshal(raw, &d.problems)
	}
	if err == nil {
		d.templates, err = template.ParseFS(pages, "pages/*.html")
	}
	if err != nil {
		panic("httpapi: the built-in pages: " + err.Error()) // a defect of the build, seen by every test
	}
	d.sections = s.sections()
	return d
}

// pageData is what every page is drawn from.
type pageData struct {
	Lang    lang.Tag
	Other   string // address of this page in the other language
	Version string
	Path    string
	Demo    *DemoPage

	// of the reference
	Query    string
	Sections []section
	Problems []problemCode
	Found    int
}

// Say chooses the wording of the page's own words.
func (p pageData) Say(zh, en string) string { return lang.T(zh, en).In(p.Lang) }

// HTMLLang is the language as HTML names it.
func (p pageData) HTMLLang() string {
	return map[lang.Tag]string{lang.ZH: "zh-CN", lang.EN: "en"}[p.Lang]
}

func (s *Server) page(r *http.Request) pageData {
	tag := from(r.Context()).lang
	asked := r.URL.Query()
	switch asked.Get("lang") {
	case "zh":
		tag = lang.ZH
	case "en":
		tag = lang.EN
	}
	other := url.Values{"lang": {map[lang.Tag]string{lang.ZH: "en", lang.EN: "zh"}[tag]}}
	if q := asked.Get("q"); q != "" {
		other.Set("q", q)
	}
	p := pageData{Lang: tag, Other: "?" + other.Encode(), Version: s.Version, Path: r.URL.Path}
	if s.Config.Demo {
		p.Demo = s.Demo
		if p.Demo == nil {
			p.Demo = &DemoPage{}
		}
	}
	return p
}

func (s *Server) draw(w http.ResponseWriter, r *http.Request, name string, status int, p pageData) {
	var b bytes.Buffer
	if err := s.pages.templates.ExecuteTemplate(&b, name, p); err != nil {
		s.refuse(w, r, fmt.Errorf("drawing %s: %w", name, err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", string(p.Lang))
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		s.Log.Debug("the reader went away", "error", err)
	}
}

// reference is the readable page of the API: every operation of the document, grouped, with what it needs and
// an example. ?q= narrows it on the server.
func (s *Server) reference(w http.ResponseWriter, r *http.Request) {
	p := s.page(r)
	p.Query, p.Problems = strings.TrimSpace(r.URL.Query().Get("q")), s.pages.problems
	host := "http://" + r.Host
	if s.Config.PublicURL != "" {
		host = strings.TrimSuffix(s.Config.PublicURL, "/")
	}
	words := strings.Fields(strings.ToLower(p.Query))
	for _, sec := range s.pages.sections {
		kept := section{Tag: sec.Tag, Title: sec.Title}
		for _, o := range sec.Operations {
			if o.has(words) {
				o.Curl = strings.ReplaceAll(o.Curl, "{host}", host)
				kept.Operations = append(kept.Operations, o)
			}
		}
		if len(kept.Operations) > 0 {
			p.Sections = append(p.Sections, kept)
			p.Found += len(kept.Operations)
		}
	}
	s.draw(w, r, "reference.html", http.StatusOK, p)
}

// style serves the one style sheet of the pages.
func (s *Server) style(w http.ResponseWriter, r *http.Request) {
	raw, err := pages.ReadFile("pages/pages.css")
	if err != nil {
		s.refuse(w, r, fault.New(fault.Internal, "internal", "系统出错了,已记录,请稍后再试", "Something broke on our side; it is logged. Please try again later").Because(err))
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=300")
	if _, err := w.Write(raw); err != nil {
		s.Log.Debug("the reader went away", "error", err)
	}
}
