package httpapi

import (
	"net/http"
	"strings"

	"linli/internal/platform/fault"
)

// noOperation answers what the API does not have: 405 with the methods there are when the address is known
// by another one, else 404.
func (s *Server) noOperation(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{get, post, put, pat, del} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := s.mux.Handler(other); pattern != "/api/" && pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		s.refuse(w, r, fault.New(fault.NotFound, "no-operation", "接口里没有这个地址,请看 /api/ 的说明", "The API has nothing at this address; see the reference at /api/"))
		return
	}
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	p := problem(r.Context(), s.Log, fault.Newf(fault.Invalid, "method", "这个地址不支持 %[1]s,可用 %[2]s", "This address does not take %[1]s; use %[2]s", r.Method, list))
	p.Status = http.StatusMethodNotAllowed
	s.send(w, p)
}
