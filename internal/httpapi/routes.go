package httpapi

import (
	"context"
	"net/http"
	"time"

	"linli/internal/area"
)

const (
	v1   = "/api/v1"
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	pat  = http.MethodPatch
	del  = http.MethodDelete
)

// routes is the route table: every operation with the permission it needs, on one page.
func (s *Server) routes() {
	s.setupRoutes()
	s.sessionRoutes()
	s.viewRoutes()
	s.eventRoutes()
	s.exportRoutes()
	s.publicListRoutes()
	s.caseRoutes()
	s.publicRoutes()
	s.areaRoutes()
	s.boardRoutes()
	s.importRoutes()
	s.peopleRoutes()
	s.ruleRoutes()
	s.workRoutes()
}

// sessionRoutes: signing in.
func (s *Server) sessionRoutes() {
	add(s, operation{post, v1 + "/session", "login", anybody, "session", "Sign in", "Five wrong passwords in fifteen minutes lock the login for a while.", 201, 0}, s.login)
	add(s, operation{del, v1 + "/session", "logout", firstUse, "session", "Sign out", "", 204, 0}, s.logout)
	add(s, operation{get, v1 + "/me", "me", firstUse, "session", "Who I am and which posts I hold", "", 0, 0}, s.me)
	add(s, operation{put, v1 + "/me/password", "change-password", firstUse, "session", "Change my password", "Ends all other sessions.", 204, 0}, s.changePassword)
	add(s, operation{get, v1 + "/me/access", "my-access", signedIn, "session", "My sessions and tokens", "", 0, 0}, s.myAccess)
	add(s, operation{del, v1 + "/me/access/{id}", "revoke-access", signedIn, "session", "End one of my sessions or tokens", "", 204, 0}, s.revokeAccess)
	add(s, operation{post, v1 + "/me/tokens", "issue-token", signedIn, "session", "Make a personal token", "Its secret is shown once.", 201, 0}, s.issueToken)
}

// caseRoutes: the loop.
func (s *Server) caseRoutes() {
	add(s, operation{post, v1 + "/cases", "report", anybody, "cases", "Report a matter", "No account is needed. The answer carries the tracking code.", 201, 0}, s.report)
	add(s, operation{get, v1 + "/cases", "list-cases", signedIn, "cases", "Worklists", "By pages that stay right while cases come and go.", 0, 0}, s.list)
	add(s, operation{get, v1 + "/cases/{ref}", "read-case", signedIn, "cases", "A case with its timeline and what I may do now", "", 0, 0}, s.get)
	add(s, operation{post, v1 + "/cases/{id}/actions/{action}", "act", signedIn, "cases", "Take an action of the case's governance model", "The one way to change a case. Refused with 409 and the entries that came meanwhile when the version is stale.", 0, 0}, s.act)
	add(s, operation{post, v1 + "/cases/bulk", "bulk", "case.bulk", "cases", "Take the same action on several cases", "Each by itself: the answer says which were refused.", 0, 0}, s.bulk)
	add(s, operation{post, v1 + "/cases/{ref}/reveal", "reveal", signedIn, "cases", "See who reported, for a stated purpose", "Kept in the access log. With case.reveal over the case; or by the post that has taken it in hand and works on it, unless it is confidential. reveal in the case says whether the reader may.", 0, 0}, s.reveal)
	add(s, operation{put, v1 + "/cases/{ref}/watch", "watch", signedIn, "cases", "Keep a case on my list", "", 204, 0}, s.watch)
	add(s, operation{del, v1 + "/cases/{ref}/watch", "unwatch", signedIn, "cases", "Take a case off my list", "", 204, 0}, s.unwatch)
	add(s, operation{post, v1 + "/cases/{id}/seen", "seen", signedIn, "cases", "Mark the words about a case as seen", "", 204, 0}, s.seenAlerts)
	add(s, operation{get, v1 + "/counts", "counts", signedIn, "cases", "Numbers over my worklist", "", 0, 0}, s.counts)
	add(s, operation{get, v1 + "/alerts", "alerts", signedIn, "cases", "Reminders and other words left for my posts", "", 0, 0}, s.alerts)
	add(s, operation{put, v1 + "/cases/{id}/files/{file}", "upload", signedIn, "cases", "Add a file to a case", "The body is the file itself; its type is told from its bytes. With Content-Range the body is a part of it: 202 until the file is whole. 413 for a file that is too large, 429 data-budget when I have sent enough for the day.", 201, maxUpload}, s.upload)
	add(s, operation{get, v1 + "/files/{file}", "download", anybody, "cases", "A file of a case", "As it was sent, for those who serve the case; others get public pictures, redrawn.", 0, 0}, s.download)
}

// publicRoutes: the reporter's side, and what stands on the notice board.
func (s *Server) publicRoutes() {
	add(s, operation{get, v1 + "/track/{code}", "track", byCode, "public", "Follow a case by its tracking code", "", 0, 0}, s.track)
	add(s, operation{post, v1 + "/track/{code}/actions/{action}", "track-act", byCode, "public", "Answer, urge, rate or reopen as the reporter", "", 0, 0}, s.trackAct)
	add(s, operation{put, v1 + "/track/{code}/files/{file}", "track-upload", byCode, "public", "Add a file as the reporter", "", 201, maxUpload}, s.trackUpload)
	add(s, operation{get, v1 + "/public/cases/{ref}", "published", anybody, "public", "A public result", "", 0, 0}, s.published)
	add(s, operation{get, v1 + "/about", "about", anybody, "public", "What this installation is", "Its version and place; of a demonstration also its accounts.", 0, 0}, s.about)
	add(s, operation{post, v1 + "/locate", "locate", anybody, "public", "Find the grid of a place", "By position, building, chosen area or address; with a confidence.", 0, 0}, s.locate)
	add(s, operation{get, v1 + "/notice-board/{code}", "notice-board", anybody, "public", "The notice board of an area: its team and what is under way", "Names the holders of the posts that every such area must have, as the board at the corner does; no phones, no neighbours who help.", 0, 0}, s.noticeBoard)
}

// areaRoutes: areas, organisations and places. Which there are is public knowledge; what was changed by whom is not.
func (s *Server) areaRoutes() {
	add(s, operation{get, v1 + "/areas", "list-areas", anybody, "areas", "Areas: children of one, or found by name", "Without parameters: the roots.", 0, 0}, s.listAreas)
	add(s, operation{post, v1 + "/areas", "create-area", "area.write", "areas", "Add an area", "", 201, 0}, s.createArea)
	add(s, operation{post, v1 + "/areas/merge", "merge-areas", "area.write", "areas", "Make one area of several", "What lay below them hangs under the new one; cases and posts go along.", 0, 0}, s.mergeAreas)
	add(s, operation{get, v1 + "/areas/{code}", "read-area", anybody, "areas", "An area with what lies above it and its offices", "", 0, 0}, s.readArea)
	add(s, operation{pat, v1 + "/areas/{code}", "update-area", "area.write", "areas", "Change aliases, kind, centre, calendar or population", "What is left out stays.", 0, 0}, s.updateArea)
	add(s, operation{post, v1 + "/areas/{code}/rename", "rename-area", "area.write", "areas", "Give an area another name", "", 0, 0}, s.renameArea)
	add(s, operation{post, v1 + "/areas/{code}/move", "move-area", "area.write", "areas", "Hang an area under another one", "Everything below goes along.", 0, 0}, s.moveArea)
	add(s, operation{post, v1 + "/areas/{code}/split", "split-area", "area.write", "areas", "Divide an area", "", 0, 0}, s.splitArea)
	add(s, operation{post, v1 + "/areas/{code}/close", "close-area", "area.write", "areas", "End an area that has no successor", "It stays readable, for history hangs on it.", 204, 0}, s.closeArea)
	add(s, operation{get, v1 + "/areas/{code}/outline", "read-outline", anybody, "areas", "The outline of an area as GeoJSON", "", 0, 0}, s.outline)
	add(s, operation{get, v1 + "/areas/{code}/outlines", "read-outlines", anybody, "areas", "The outlines of an area and of those directly below it as GeoJSON", "At most 200.", 0, 0}, s.outlines)
	add(s, operation{get, v1 + "/areas/{code}/history", "area-history", "area.read", "areas", "Who changed an area, when and why", "", 0, 0}, s.areaHistory)
	add(s, operation{get, v1 + "/areas/{code}/team", "area-team", "staff.read", "areas", "The posts of an area with who holds or covers them", "", 0, 0}, s.team)
	add(s, operation{get, v1 + "/organisations", "list-organisations", anybody, "areas", "Organisations", "", 0, 0}, s.listOrgs)
	add(s, operation{post, v1 + "/organisations", "create-organisation", "area.write", "areas", "Attach an organisation to an area", "", 201, 0}, s.createOrg)
	add(s, operation{get, v1 + "/organisations/{code}", "read-organisation", anybody, "areas", "An organisation", "", 0, 0}, s.readOrg)
	add(s, operation{pat, v1 + "/organisations/{code}", "update-organisation", "area.write", "areas", "Change an organisation", "What is left out stays.", 0, 0}, s.updateOrg)
	add(s, operation{post, v1 + "/organisations/{code}/close", "close-organisation", "area.write", "areas", "End an organisation", "", 204, 0}, s.closeOrg)
	add(s, operation{get, v1 + "/organisations/{code}/history", "organisation-history", "area.read", "areas", "Who changed an organisation, when and why", "", 0, 0}, s.orgHistory)
	add(s, operation{get, v1 + "/organisations/{code}/team", "organisation-team", "staff.read", "areas", "The posts of an organisation with who holds or covers them", "", 0, 0}, s.orgTeam)
	add(s, operation{get, v1 + "/places", "list-places", anybody, "areas", "Names of places that addresses use", "", 0, 0}, s.listPlaces)
}

// importRoutes: files from elsewhere. Good rows are taken, each wrong one is named; with dry_run nothing is kept.
func (s *Server) importRoutes() {
	const table = "The body is the file, CSV or XLSX, told by its content. Good rows are taken together; the answer names each row that was refused, with its column and what to do."
	add(s, operation{post, v1 + "/imports/areas", "import-areas", "import", "imports", "Import areas", table + " Columns code, name, level, parent and, if there, kind, aliases, lat, lon, calendar, population.", 0, maxSheet}, s.importTable((*area.Service).ImportAreas))
	add(s, operation{post, v1 + "/imports/organisations", "import-organisations", "import", "imports", "Import organisations", table + " Columns code, name, area and, if there, kind, function, parent, calendar.", 0, maxSheet}, s.importTable((*area.Service).ImportOrgs))
	add(s, operation{post, v1 + "/imports/places", "import-places", "import", "imports", "Import names of places", table + " Columns code, name and, if there, aliases, kind, area, lat, lon, datum.", 0, maxSheet}, s.importTable((*area.Service).ImportPlaces))
	add(s, operation{post, v1 + "/imports/boundaries", "import-boundaries", "import", "imports", "Import outlines of areas", "The body is GeoJSON; each feature names its area by the property code or adcode. Features that are broken, cross themselves or overlap a neighbour are refused by themselves.", 0, maxGeoJSON}, s.importBoundaries)
	add(s, operation{post, v1 + "/imports/people", "import-people", "import", "imports", "Import people and who holds which post", table + " Columns login, name and, if there, phone, role, place, from, to, deputy.", 0, maxSheet}, s.importPeople)
	add(s, operation{post, v1 + "/imports/{what}/refused", "refused-rows", "import", "imports", "Try a table and get its refused rows back as a workbook", "Each row as it came, behind its number and what to correct. Nothing is kept.", 0, maxSheet}, s.refusedRows)
}

// peopleRoutes: accounts, posts and who looked at what.
func (s *Server) peopleRoutes() {
	add(s, operation{get, v1 + "/people", "list-people", "staff.read", "people", "People and the posts they hold", "", 0, 0}, s.listPeople)
	add(s, operation{post, v1 + "/people", "create-person", "staff.write", "people", "Make an account", "Without a post it may nothing.", 201, 0}, s.createPerson)
	add(s, operation{get, v1 + "/people/{id}", "read-person", signedIn, "people", "Somebody with the posts I may see", "", 0, 0}, s.readPerson)
	add(s, operation{pat, v1 + "/people/{id}", "rename-person", signedIn, "people", "Change the name or phone of an account", "One's own, or of somebody all of whose posts I may fill.", 204, 0}, s.renamePerson)
	add(s, operation{post, v1 + "/people/{id}/active", "set-active", "staff.write", "people", "Switch an account off or on", "", 204, 0}, s.setActive)
	add(s, operation{post, v1 + "/people/{id}/password", "reset-password", "staff.write", "people", "Give an account a one-time password", "Ends all its sessions and tokens.", 0, 0}, s.resetPassword)
	add(s, operation{post, v1 + "/people/{id}/phone", "show-phone", signedIn, "people", "See the whole phone number of a colleague, for a stated purpose", "Kept in the access log.", 0, 0}, s.showPhone)
	add(s, operation{get, v1 + "/people/{id}/appointments", "appointments-of", signedIn, "people", "The posts somebody held and holds", "One's own all; of others those I may see.", 0, 0}, s.appointmentsOf)
	add(s, operation{get, v1 + "/people/{id}/sessions", "sessions-of", signedIn, "people", "Where somebody is signed in", "One's own, or of somebody all of whose posts I may fill.", 0, 0}, s.sessionsOf)
	add(s, operation{get, v1 + "/people/{id}/tokens", "tokens-of", signedIn, "people", "Tokens of somebody", "One's own; those of others need system.admin.", 0, 0}, s.tokensOf)
	add(s, operation{del, v1 + "/people/{id}/access", "revoke-all", signedIn, "people", "End all sessions of an account", "The session asking is kept.", 204, 0}, s.revokeAll)
	add(s, operation{del, v1 + "/people/{id}/access/{access}", "revoke-of", signedIn, "people", "End one session or token of an account", "", 204, 0}, s.revokeOf)
	add(s, operation{post, v1 + "/appointments", "appoint", "staff.write", "people", "Give somebody a post", "", 201, 0}, s.appoint)
	add(s, operation{get, v1 + "/appointments/review", "list-reviews", "staff.read", "people", "Appointments somebody should look at", "Areas were split or merged under them.", 0, 0}, s.reviews)
	add(s, operation{post, v1 + "/appointments/{id}/end", "end-appointment", signedIn, "people", "End an appointment", "One's own, or of a post I may fill.", 0, 0}, s.endAppointment)
	add(s, operation{post, v1 + "/appointments/{id}/reviewed", "mark-reviewed", "staff.write", "people", "Take the mark off an appointment", "", 204, 0}, s.reviewed)
	add(s, operation{get, v1 + "/posts/{post}", "read-post", signedIn, "people", "A post: who holds it, and who answers when nobody does", "With the trail of posts that were passed over. One's own, or with staff.read there.", 0, 0}, s.readPost)
	add(s, operation{get, v1 + "/posts/{post}/appointments", "appointments-at", "staff.read", "people", "Everybody who held a post", "", 0, 0}, s.appointmentsAt)
	add(s, operation{get, v1 + "/vacancies", "list-vacancies", "staff.read", "people", "Expected posts that nobody holds", "", 0, 0}, s.vacancies)
	add(s, operation{get, v1 + "/roles", "list-roles", signedIn, "people", "Roles and permissions", "", 0, 0}, s.roles)
	add(s, operation{get, v1 + "/access-log", "access-log", signedIn, "people", "What was done to matters, accounts and names", "With case.audit: what was done to matters there; with system.admin: to accounts, posts, models and calendars; everybody: what they did themselves.", 0, 0}, s.accessLog)
}

// ruleRoutes: categories, governance models and calendars, by which the loop runs.
func (s *Server) ruleRoutes() {
	add(s, operation{get, v1 + "/categories", "list-categories", anybody, "rules", "Categories of matters: the tree, or found by words", "Send the ETag back as If-None-Match: 304 when nothing has changed.", 0, 0}, s.categories)
	add(s, operation{get, v1 + "/categories/{code}", "read-category", anybody, "rules", "A category with what is below it", "", 0, 0}, s.readCategory)
	add(s, operation{post, v1 + "/categories/suggest", "suggest-category", anybody, "rules", "Which category a text is about", "", 0, 0}, s.suggest)
	add(s, operation{get, v1 + "/functions", "list-functions", anybody, "rules", "What units are for", "", 0, 0}, s.functions)
	add(s, operation{get, v1 + "/models", "list-models", "model.read", "rules", "Governance models", "", 0, 0}, s.listModels)
	add(s, operation{get, v1 + "/models/{id}", "read-model", "model.read", "rules", "A governance model: stages, who acts, how long, and its file", "", 0, 0}, s.readModel)
	add(s, operation{get, v1 + "/models/{id}/diagram", "model-diagram", "model.read", "rules", "A model as a picture", "SVG, or Mermaid text.", 0, 0}, s.diagram)
	s.activationRoutes()
	add(s, operation{get, v1 + "/calendars", "list-calendars", signedIn, "rules", "Working calendars", "", 0, 0}, s.listCalendars)
	add(s, operation{get, v1 + "/calendars/{id}/days/{year}", "calendar-days", signedIn, "rules", "Every day of a year: holiday, make-up workday, open time", "", 0, 0}, s.calendarDays)
	add(s, operation{post, v1 + "/calendars/{id}/explain", "explain-deadline", signedIn, "rules", "When an allowance ends, with the arithmetic day by day", "", 0, 0}, s.explain)
	add(s, operation{post, v1 + "/calendars/years", "add-year", "calendar.write", "rules", "Add the holidays of a year", "Open deadlines that had been provisional are computed again.", 201, 0}, s.addYear)
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
	s.pageRoutes()
}

// readyTimeout is how long the database may take to answer: whoever asks wants to know, not to wait.
const readyTimeout = 2 * time.Second

// readyz tells whether requests can be answered: the database can be read, and the program is not stopping.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if s.overload.stopped.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("stopping\n"))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := s.DB.Ping(ctx); err != nil {
		s.Log.Error("not ready", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("the database does not answer\n"))
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}
