package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

const cookieName = "linli_session"

// surround puts around every request what does not depend on the operation: a request id, who asks,
// security headers, protection against other sites, a log line, figures, and a net for panics.
func (s *Server) surround(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now() //nolint:forbidigo // how long it took is measured; nothing is decided by it
		in := s.read(r)
		ctx := with(r.Context(), in)
		r = r.WithContext(ctx)
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		s.headers(rec.Header(), in)
		defer func() {
			if p := recover(); p != nil && !errors.Is(asError(p), http.ErrAbortHandler) {
				s.Log.Error("panic in a request", "request_id", in.id, "panic", p, "stack", string(debug.Stack()))
				if !rec.wrote {
					s.refuse(rec, r, fault.New(fault.Internal, "internal", "系统出错了,已记录,请稍后再试", "Something broke on our side; it is logged. Please try again later"))
				}
			}
			s.note(r, rec, in, time.Since(start))
		}()
		if err := malformed(r); err != nil {
			s.refuse(rec, r, err)
			return
		}
		// another site may not act with the visitor's cookie; a token in a header is nobody's accident
		if in.cookie {
			if err := guard.Check(r); err != nil {
				s.refuse(rec, r, fault.New(fault.Forbidden, "cross-site", "请求来自别的网站,已拒绝", "The request came from another site and was refused").Because(err))
				return
			}
		}
		if err := s.limits.check(rec, r, in); err != nil {
			s.refuse(rec, r, err)
			return
		}
		next.ServeHTTP(rec, r)
	})
}

func asError(p any) error {
	err, _ := p.(error)
	return err
}

// read finds out who asks, in which language and from where.
func (s *Server) read(r *http.Request) *incoming {
	tag := s.Config.Lang
	if accept := r.Header.Get("Accept-Language"); accept != "" {
		tag = lang.Pick(accept)
	}
	in := &incoming{id: requestID(r), lang: tag, address: s.client(r), actor: staff.Resident(tag)}
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, secret, _ := strings.Cut(h, " ")
		if strings.EqualFold(scheme, "bearer") {
			in.secret = strings.TrimSpace(secret)
		} else {
			in.why = fault.New(fault.Unauthenticated, "scheme", "请用 Authorization: Bearer 令牌", "Use Authorization: Bearer with a token")
		}
	} else if c, err := r.Cookie(cookieName); err == nil {
		in.secret, in.cookie = c.Value, true
	}
	if in.secret == "" {
		return in
	}
	who := s.Staff.Authenticate
	if r.URL.Path == eventsPath {
		who = s.Staff.Recognise // a page left open, which comes back by itself, is no use of the session
	}
	actor, err := who(r.Context(), in.secret)
	if err != nil {
		in.why = err
		return in
	}
	in.actor = actor.From(in.address, tag)
	return in
}

// requestID takes the caller's id when it is a plain word, or makes one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if n := len(id); n >= 8 && n <= 64 && strings.IndexFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	}) < 0 {
		return id
	}
	if v7, err := uuid.NewV7(); err == nil {
		return v7.String()
	}
	return "none"
}

// client is the address a request came from: what trusted proxies say, else the connection's.
func (s *Server) client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(host); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		host = hop.Unmap().String()
	}
	return host
}

func (s *Server) trusted(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range s.Config.TrustedProxies {
		if p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// sameHeaders are those of every answer, ready to be put in.
var sameHeaders = []struct {
	key   string // as Go writes it
	value []string
}{
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"X-Frame-Options", []string{"DENY"}},
	{"Referrer-Policy", []string{"same-origin"}},
	{"Cache-Control", []string{"no-store"}},
}

// policyOf is the security policy of every answer: nothing comes from elsewhere but, where they are set, the tiles of maps.
func policyOf(tiles string) []string {
	return []string{strings.TrimSpace("default-src 'self'; img-src 'self' data: blob: "+tiles) + "; worker-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"}
}

func (s *Server) headers(h http.Header, in *incoming) {
	h["Content-Security-Policy"] = s.policy
	for _, same := range sameHeaders {
		h[same.key] = same.value
	}
	h["X-Request-Id"] = []string{in.id}
	h["Content-Language"] = []string{string(in.lang)}
	if s.Config.Demo {
		h.Set("X-Linli-Demo", "true")
	}
}

// refuse answers a request that never reached an operation.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s.send(w, problem(r.Context(), s.Log, err))
}

// send writes a problem document.
func (s *Server) send(w http.ResponseWriter, p *Problem) {
	for key, values := range p.GetHeaders() {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	writeJSON(w, p)
}

// note logs the request and counts it. Query strings and bodies are not logged: they may name people.
func (s *Server) note(r *http.Request, rec *recorder, in *incoming, took time.Duration) {
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	s.metrics.request(route, rec.status, took)
	level := slog.LevelInfo
	if rec.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.Log.Log(context.WithoutCancel(r.Context()), level, "request", "request_id", in.id, "method", r.Method, "route", route,
		"status", rec.status, "ms", float64(took.Microseconds())/1000, "bytes", rec.bytes, "account", in.actor.ID())
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func errSignIn() error {
	return fault.New(fault.Unauthenticated, "sign-in", "请先登录", "Sign in first")
}

func errChangePassword() error {
	return fault.New(fault.Forbidden, "change-password", "请先修改初始密码", "Change the initial password first")
}

func errNotPermitted(permission string) error {
	return fault.Newf(fault.Forbidden, "not-permitted", "您的岗位没有这项权限(%[1]s)", "None of your posts has the permission %[1]s", permission)
}

// etag is a case's version as a header; version reads it back, 0 when there is none.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func version(header string) (int64, error) {
	header = strings.Trim(strings.TrimPrefix(strings.TrimSpace(header), "W/"), `"`)
	if header == "" || header == "*" {
		return 0, nil
	}
	v, err := strconv.ParseInt(header, 10, 64)
	if err != nil || v < 1 {
		return 0, fault.New(fault.Invalid, "invalid-request", "If-Match 不对", "The If-Match header is not right").
			At("If-Match", "etag", "请原样带回事项的 ETag", "Send back the ETag of the case as it was")
	}
	return v, nil
}
