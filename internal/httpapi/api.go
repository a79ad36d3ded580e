// Package httpapi is the HTTP face: it decodes, asks one service, encodes. Permission and validation are
// the services'. The whole route table is in routes.go.
package httpapi

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"linli/internal/area"
	"linli/internal/board"
	"linli/internal/casework"
	"linli/internal/emergency"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/staff"
)

// Parts are what the face is put in front of.
type Parts struct {
	Config    config.Config
	Log       *slog.Logger
	DB        *database.DB
	Areas     *area.Service
	Staff     *staff.Service
	Cases     *casework.Service
	Board     *board.Service
	Emergency *emergency.List
	Version   string
	Demo      *DemoPage // for the start page of a demonstration
	Faces     fs.FS     // the built portal, field app and desk; nil: without them
}

// Server answers requests.
type Server struct {
	Parts
	mux        *http.ServeMux
	api        huma.API
	metrics    *metrics
	limits     *limits
	overload   *overload
	streams    *streams
	exports    chan struct{}    // a place for each sheet being written
	seen       map[string]bool  // operation ids taken
	order      []string         // the same as the route table has them
	bodyLimits map[string]int64 // largest body by pattern of the route
	pages      *documents
	faces      *faces   // nil when they were not built
	policy     []string // security policy of every answer
}

// New makes the face with all its routes.
func New(p Parts) *Server {
	useProblems()
	s := &Server{Parts: p, mux: http.NewServeMux(), metrics: newMetrics(prometheus.NewRegistry(), p.DB), limits: newLimits(p.Config), seen: map[string]bool{},
		bodyLimits: map[string]int64{}, overload: newOverload(p.Config.Overload.Requests, int64(p.Config.Overload.Bodies), time.Now)} //nolint:forbidigo // how long requests take is measured; nothing is decided by the hour
	s.exports = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
	s.streams = newStreams(p.Config.Overload.Connections / 2)
	s.metrics.watch(s.overload)
	s.metrics.follow(s.streams)
	s.faces = newFaces(p.Faces)
	tiles, err := p.Config.TileHost()
	if err != nil {
		tiles = "" // Load refuses such a setting; a policy never names what is no host
	}
	s.policy = policyOf(tiles)
	cfg := huma.DefaultConfig("Linli", p.Version)
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/api/openapi", "", ""
	cfg.CreateHooks = nil // no $schema links in every answer
	strict := huma.DefaultJSONFormat
	strict.Unmarshal, strict.Marshal = strictJSON, marshalJSON
	cfg.Formats = map[string]huma.Format{"application/json": strict, "json": strict}
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.RejectUnknownQueryParameters = true
	cfg.Info.Description = description
	cfg.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "made by POST /api/v1/session"},
		"token":   {Type: "http", Scheme: "bearer", Description: "a session's secret or a personal token"},
	}
	s.api = humago.New(s.mux, cfg)
	s.routes()
	s.plainRoutes()
	return s
}

// OpenAPI is the document of all operations.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }

// Handler is the face with everything that surrounds an operation.
func (s *Server) Handler() http.Handler { return s.bounded(s.surround(compressed(s.mux))) }

const description = `Linli, 邻里: neighbourhood governance in grids. Every answer is JSON; every refusal is a problem document
(RFC 9457) with a machine code. Identifiers are UUIDv7 made by the sender, so that sending twice is once. Cases carry an
ETag; send it back as If-Match to be refused when somebody changed the case meanwhile. Times are RFC 3339. Texts in both
languages come as {zh, en}; problems come in the language of Accept-Language, Chinese unless English is asked for.`

// operation is one row of the route table.
type operation struct {
	method, path string
	id           string // name of the operation in the document and the metrics
	permission   string // what the asker needs: a permission, or one of the words below
	tag          string
	summary      string
	about        string // more, for the reference
	status       int    // of success; 0: 200, or 204 without a body
	maxBytes     int64  // of the body; 0: 1 MiB
}

// Words for operations that no permission of staff guards.
const (
	anybody  = "anybody"   // open to the world, rate-limited where it writes
	byCode   = "by-code"   // whoever has the tracking code
	signedIn = "signed-in" // any account; the service narrows to what it may see
	firstUse = "first-use" // any account, also one whose one-time password is still to be changed
)

// add registers an operation. It panics on one without a declared permission: such a program must not start.
func add[I, O any](s *Server, o operation, do func(context.Context, *I) (*O, error)) {
	if o.permission == "" || o.id == "" || s.seen[o.id] {
		panic("httpapi: operation " + o.method + " " + o.path + " needs its own id and a declared permission")
	}
	if !staff.KnownPermission(o.permission) && !slices.Contains([]string{anybody, byCode, signedIn, firstUse}, o.permission) {
		panic("httpapi: operation " + o.id + " declares the unknown permission " + o.permission)
	}
	for _, t := range []reflect.Type{reflect.TypeFor[I](), reflect.TypeFor[O]()} {
		if hidden := hiddenEmbedded(t, map[reflect.Type]bool{}); hidden != "" {
			panic("httpapi: operation " + o.id + " embeds the unexported " + hidden + ", which would be passed over")
		}
	}
	s.seen[o.id] = true
	s.order = append(s.order, o.id)
	s.bodyLimits[o.method+" "+o.path] = cmp.Or(o.maxBytes, defaultBody)
	op := huma.Operation{OperationID: o.id, Method: o.method, Path: o.path, Summary: o.summary, Description: o.about,
		Tags: []string{o.tag}, DefaultStatus: o.status, MaxBodyBytes: cmp.Or(o.maxBytes, defaultBody), BodyReadTimeout: bodyTimeout(o),
		Extensions: map[string]any{"x-permission": o.permission}, Errors: []int{422}}
	if o.permission != anybody && o.permission != byCode {
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
		op.Errors = append(op.Errors, 401, 403)
	}
	op.Middlewares = huma.Middlewares{s.door(o.permission)}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, problem(ctx, s.Log, err)
		}
		return out, nil
	})
}

// defaultBody is the largest body of most operations.
const defaultBody = 1 << 20

// bodyTimeout is how long a body may take to arrive: a photo over a slow phone, or some text that anybody may send.
func bodyTimeout(o operation) time.Duration {
	if o.maxBytes > defaultBody {
		return 2 * time.Minute
	}
	return 20 * time.Second
}

// door turns away before the body is read who could not succeed anywhere.
func (s *Server) door(permission string) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		err := s.admit(hc.Context(), permission)
		if err == nil {
			next(hc)
			return
		}
		p := problem(hc.Context(), s.Log, err)
		for key, values := range p.GetHeaders() {
			for _, v := range values {
				hc.SetHeader(key, v)
			}
		}
		hc.SetHeader("Content-Type", p.ContentType(""))
		hc.SetStatus(p.Status)
		writeJSON(hc.BodyWriter(), p)
	}
}

// admit turns away early who could not succeed anywhere; the service decides in the particular case.
func (s *Server) admit(ctx context.Context, permission string) error {
	in := from(ctx)
	if permission == anybody || permission == byCode {
		return nil
	}
	if in.actor.Anonymous() {
		if in.why != nil {
			return in.why
		}
		return errSignIn()
	}
	switch {
	case permission == firstUse:
		return nil
	case in.actor.MustChange():
		return errChangePassword()
	case permission == signedIn, in.actor.Anywhere(permission):
		return nil
	}
	return errNotPermitted(permission)
}
