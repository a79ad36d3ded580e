package httpapi

import "net/http"

// workRoutes: what the people at work need beside the loop itself.
func (s *Server) workRoutes() {
	s.fieldRoutes()
	s.sortingRoutes()
	s.hotlineRoutes()
}

// fieldRoutes: working with little or no signal.
func (s *Server) fieldRoutes() {
	add(s, operation{get, v1 + "/field/package", "field-package", signedIn, "field", "What I take along to work without signal", "Areas with outlines, the team, the hand-overs of my posts with what can be done about them, categories. Send the ETag back as If-None-Match: 304 when nothing has changed.", 0, 0}, s.fieldPackage)
	add(s, operation{get, v1 + "/me/budget", "my-budget", signedIn, "field", "How much data I may still send today", "Only attachments are counted.", 0, 0}, s.myBudget)
	add(s, operation{http.MethodHead, v1 + "/cases/{id}/files/{file}", "upload-state", signedIn, "field", "How much of a file is here", "Upload-Offset is where to go on; Range is left out while nothing is here; Upload-Complete is ?1 once the file is whole.", 200, 0}, s.uploadState)
}

// sortingRoutes: what helps to sort a case and to hand it out, and who looked at it.
func (s *Server) sortingRoutes() {
	add(s, operation{get, v1 + "/cases/nearby", "nearby-draft", signedIn, "cases", "Cases that a report being written may repeat", "In the same grid or within 300 m, open or ended within 30 days. Only what I may read.", 0, 0}, s.nearbyDraft)
	add(s, operation{get, v1 + "/cases/earlier", "earlier", signedIn, "cases", "What was reported at a place before, and what came of it", "By an area, an address in words or both; open or ended however long ago. Only what I may read.", 0, 0}, s.earlier)
	add(s, operation{get, v1 + "/cases/{ref}/nearby", "nearby", signedIn, "cases", "Cases that may be the same matter", "In the same grid or within 300 m, open or ended within 30 days, compared by words, place and category. Only what I may read.", 0, 0}, s.nearby)
	add(s, operation{get, v1 + "/cases/{ref}/suggestions", "suggestions", signedIn, "cases", "Whom the case may be given to, best first", "By duty, by experience with the category within a year, by place; with how much they have in hand. For who may take an action now that asks for a unit or a post.", 0, 0}, s.suggestions)
	add(s, operation{get, v1 + "/cases/{ref}/posts", "addressees", signedIn, "cases", "Posts the case may be given to, the nearest first", "For a form that asks for a post: for who may take an action now that does; others get none. No persons are named.", 0, 0}, s.addressees)
	add(s, operation{get, v1 + "/cases/{ref}/audit", "case-audit", "case.audit", "cases", "What was done with the data of a case, and by whom", "Names revealed, and who opened it if it is confidential; newest first.", 0, 0}, s.caseAudit)
}

// hotlineRoutes: for who answers the telephone, and for everybody who is asked something.
func (s *Server) hotlineRoutes() {
	add(s, operation{get, v1 + "/callers", "caller", "hotline.take", "hotline", "What was reported from a telephone number", "Kept in the access log. What was reported within the last minute may be missing.", 0, 0}, s.caller)
	add(s, operation{get, v1 + "/knowledge", "knowledge", signedIn, "hotline", "What is known about a question, with sources", "Categories with their deadlines, offices by duty, public results, and the emergency numbers the words point to.", 0, 0}, s.knowledge)
	add(s, operation{get, v1 + "/emergency", "emergency", anybody, "hotline", "When to hand a call over to 110, 119, 120 and others", "With words for the caller; dated, each with its source.", 0, 0}, s.emergencyNumbers)
}
