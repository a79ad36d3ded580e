package httpapi

import (
	"net/http"

	"linli/internal/platform/lang"
)

// DemoPage is what the start page of a demonstration shows. Only a program that listens on the machine itself
// may have one: the password on it is published.
type DemoPage struct {
	Password string
	Accounts []DemoAccount
}

// DemoAccount is a ready-made account of the demonstration; without a login none is needed.
type DemoAccount struct {
	Login, Name, Where string
	Title, Try         lang.Text
}

// start is the page at the root: the residents' portal; where the faces were not built, what this is and where to go.
func (s *Server) start(w http.ResponseWriter, r *http.Request) {
	if s.faces.serve(w, r) {
		return
	}
	s.draw(w, r, "start.html", http.StatusOK, s.page(r))
}

// missing is everything outside the API that no route names: the screens and files of the faces, else a page that says so.
func (s *Server) missing(w http.ResponseWriter, r *http.Request) {
	if s.faces.serve(w, r) {
		return
	}
	s.draw(w, r, "missing.html", http.StatusNotFound, s.page(r))
}

// pageRoutes are the pages for people.
func (s *Server) pageRoutes() {
	s.pages = s.readPages()
	s.mux.HandleFunc("GET /{$}", s.start)
	s.mux.Handle("GET /field", http.RedirectHandler("/field/", http.StatusMovedPermanently))
	s.mux.Handle("GET /desk", http.RedirectHandler("/desk/", http.StatusMovedPermanently))
	s.mux.HandleFunc("GET /api/{$}", s.reference)
	s.mux.HandleFunc("GET /api/pages.css", s.style)
	s.mux.HandleFunc("/", s.missing)
	s.mux.HandleFunc("/api/", s.noOperation)
}
