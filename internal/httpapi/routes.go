package httpapi

import "net/http"

// routes is the route table: every operation with the permission it needs, on one page.
func (s *Server) routes() {
	const v1 = "/api/v1"
	get, post, put, del := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete

	// signing in
	add(s, operation{post, v1 + "/session", "login", anybody, "session", "Sign in", "Five wrong passwords in fifteen minutes lock the login for a while.", 201, 0}, s.login)
	add(s, operation{del, v1 + "/session", "logout", signedIn, "session", "Sign out", "", 204, 0}, s.logout)
	add(s, operation{get, v1 + "/me", "me", signedIn, "session", "Who I am and which posts I hold", "", 0, 0}, s.me)
	add(s, operation{put, v1 + "/me/password", "change-password", signedIn, "session", "Change my password", "Ends all other sessions.", 204, 0}, s.changePassword)
	add(s, operation{get, v1 + "/me/access", "my-access", signedIn, "session", "My sessions and tokens", "", 0, 0}, s.myAccess)
	add(s, operation{del, v1 + "/me/access/{id}", "revoke-access", signedIn, "session", "End one of my sessions or tokens", "", 204, 0}, s.revokeAccess)
	add(s, operation{post, v1 + "/me/tokens", "issue-token", signedIn, "session", "Make a personal token", "Its secret is shown once.", 201, 0}, s.issueToken)

	// the loop
	add(s, operation{post, v1 + "/cases", "report", anybody, "cases", "Report a matter", "No account is needed. The answer carries the tracking code.", 201, 0}, s.report)
	add(s, operation{get, v1 + "/cases", "list-cases", signedIn, "cases", "Worklists", "By pages that stay right while cases come and go.", 0, 0}, s.list)
	add(s, operation{get, v1 + "/cases/{ref}", "read-case", signedIn, "cases", "A case with its timeline and what I may do now", "", 0, 0}, s.get)
	add(s, operation{post, v1 + "/cases/{id}/actions/{action}", "act", signedIn, "cases", "Take an action of the case's governance model", "The one way to change a case. Refused with 409 and the entries that came meanwhile when the version is stale.", 0, 0}, s.act)
	add(s, operation{post, v1 + "/cases/bulk", "bulk", "case.bulk", "cases", "Take the same action on several cases", "Each by itself: the answer says which were refused.", 0, 0}, s.bulk)
	add(s, operation{post, v1 + "/cases/{ref}/reveal", "reveal", "case.reveal", "cases", "See who reported, for a stated purpose", "Kept in the access log.", 0, 0}, s.reveal)
	add(s, operation{put, v1 + "/cases/{ref}/watch", "watch", signedIn, "cases", "Keep a case on my list", "", 204, 0}, s.watch)
	add(s, operation{del, v1 + "/cases/{ref}/watch", "unwatch", signedIn, "cases", "Take a case off my list", "", 204, 0}, s.unwatch)
	add(s, operation{post, v1 + "/cases/{id}/seen", "seen", signedIn, "cases", "Mark the words about a case as seen", "", 204, 0}, s.seenAlerts)
	add(s, operation{get, v1 + "/counts", "counts", signedIn, "cases", "Numbers over my worklist", "", 0, 0}, s.counts)
	add(s, operation{get, v1 + "/alerts", "alerts", signedIn, "cases", "Reminders and other words left for my posts", "", 0, 0}, s.alerts)
	add(s, operation{put, v1 + "/cases/{id}/files/{file}", "upload", signedIn, "cases", "Add a file to a case", "The body is the file itself; its type is told from its bytes.", 201, maxUpload}, s.upload)
	add(s, operation{get, v1 + "/files/{file}", "download", anybody, "cases", "A file of a case", "As it was sent, for those who serve the case; others get public pictures, redrawn.", 0, 0}, s.download)

	// the reporter's side
	add(s, operation{get, v1 + "/track/{code}", "track", byCode, "public", "Follow a case by its tracking code", "", 0, 0}, s.track)
	add(s, operation{post, v1 + "/track/{code}/actions/{action}", "track-act", byCode, "public", "Answer, urge, rate or reopen as the reporter", "", 0, 0}, s.trackAct)
	add(s, operation{put, v1 + "/track/{code}/files/{file}", "track-upload", byCode, "public", "Add a file as the reporter", "", 201, maxUpload}, s.trackUpload)
	add(s, operation{get, v1 + "/public/cases/{ref}", "published", anybody, "public", "A public result", "", 0, 0}, s.published)
	add(s, operation{post, v1 + "/locate", "locate", anybody, "public", "Find the grid of a place", "By position, building, chosen area or address; with a confidence.", 0, 0}, s.locate)
}

// maxUpload bounds the body of an upload; the configured limits per kind of file are narrower.
const maxUpload = 2 << 30

// plainRoutes are the few that are no operations.
func (s *Server) plainRoutes() {
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n")) // the connection may be gone
	})
	s.mux.HandleFunc("GET /readyz", s.readyz)
	s.mux.Handle("GET /metrics", s.metrics.handler())
}

// readyz tells whether requests can be answered: the database can be read.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := s.DB.Ping(r.Context()); err != nil {
		s.Log.Error("not ready", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("the database does not answer\n"))
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}
