package httpapi

import (
	"context"
	"net/http"

	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// incoming is what is known of a request before any operation runs.
type incoming struct {
	id      string
	lang    lang.Tag
	address string       // the client's, behind trusted proxies
	actor   *staff.Actor // a resident when nobody is signed in
	secret  string       // the session's or token's, for signing out
	cookie  bool         // it came as a cookie
	why     error        // why the secret that came is not taken
}

// request is an empty request with the context, for the rate limiter, which reads nothing else of it.
func (in *incoming) request(ctx context.Context) *http.Request {
	return (&http.Request{}).WithContext(ctx)
}

type contextKey struct{}

func with(ctx context.Context, in *incoming) context.Context {
	return context.WithValue(ctx, contextKey{}, in)
}

func from(ctx context.Context) *incoming {
	if in, ok := ctx.Value(contextKey{}).(*incoming); ok {
		return in
	}
	return &incoming{lang: lang.ZH, actor: staff.Resident(lang.ZH)}
}

// actor is who asks.
func actor(ctx context.Context) *staff.Actor { return from(ctx).actor }
