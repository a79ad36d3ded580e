package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// Problem is a refusal on the wire (RFC 9457), with a machine code, the wrong fields and, for a
// conflict, what changed.
type Problem struct {
	Type      string         `json:"type" doc:"where the code is explained" example:"/api/#problem-stale-version"`
	Title     string         `json:"title" doc:"what happened, in the asker's language"`
	Status    int            `json:"status" example:"409"`
	Detail    string         `json:"detail,omitempty" doc:"more about this occurrence"`
	Code      string         `json:"code" doc:"machine code, stable" example:"stale-version"`
	Errors    []ProblemField `json:"errors,omitempty" doc:"the wrong places of the input"`
	Extra     any            `json:"extra,omitempty" doc:"for a conflict: the entries that came meanwhile"`
	RequestID string         `json:"request_id,omitempty" doc:"to be quoted when asking for help"`

	retryAfter int
}

// ProblemField is one wrong place of an input.
type ProblemField struct {
	Field   string `json:"field" example:"form.reason"`
	Code    string `json:"code" example:"required"`
	Message string `json:"message"`
}

func (p *Problem) Error() string { return p.Title }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problem details.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders says when to try again.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="linli"`)
	}
	return h
}

// statuses is the one place where kinds of faults become HTTP statuses.
var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// defaultRetryAfter is after how many seconds to try again where nobody knows better.
const defaultRetryAfter = 5

// problem turns an error into what is sent. Inner detail is logged with the request id, never sent.
func problem(ctx context.Context, log *slog.Logger, err error) *Problem {
	f := fault.Of(err)
	if f.Kind == fault.Internal && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) {
		f = fault.New(fault.Unavailable, "cancelled", "请求已取消或超时", "The request was cancelled or took too long").Because(err)
	}
	if f.Kind == fault.Unavailable && f.RetryAfter == 0 {
		again := *f // a refusal for now says when to come again; whoever made it had nothing better to say
		again.RetryAfter, f = defaultRetryAfter, &again
	}
	in := from(ctx)
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		log.Error("request failed", "request_id", in.id, "code", f.Code, "error", err)
	}
	p := &Problem{Type: "/api/#problem-" + f.Code, Title: f.Text.In(in.lang), Status: statuses[f.Kind], Code: f.Code,
		Extra: f.Detail, RequestID: in.id, retryAfter: f.RetryAfter}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, ProblemField{Field: field.Name, Code: field.Code, Message: field.Text.In(in.lang)})
	}
	return p
}

// Huma makes its own refusals (a wrong type, a missing field, unreadable JSON) through a variable of its
// package; it is set once for the process, and to the same function always.
var humaErrors sync.Once

func useProblems() {
	humaErrors.Do(func() {
		huma.NewErrorWithContext = func(hc huma.Context, status int, msg string, errs ...error) huma.StatusError {
			ctx := context.Background()
			if hc != nil {
				ctx = hc.Context()
			}
			return decodingProblem(ctx, status, msg, errs)
		}
		huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
			return decodingProblem(context.Background(), status, msg, errs)
		}
	})
}

// decodingProblem words what is wrong with a request that never reached a service.
func decodingProblem(ctx context.Context, status int, msg string, errs []error) *Problem {
	in := from(ctx)
	code, text := "invalid-request", lang.T("请求内容有误,请改正后再试", "The request needs correcting")
	switch status {
	case http.StatusRequestEntityTooLarge:
		code, text = "too-large", lang.T("内容太大", "The content is too large")
	case http.StatusUnsupportedMediaType:
		code, text = "media-type", lang.T("请以 application/json 提交", "Send it as application/json")
	case http.StatusNotFound:
		code, text = "not-found", lang.T("没有这个地址", "There is nothing at this address")
	case http.StatusNotAcceptable:
		code, text = "not-acceptable", lang.T("只提供 application/json", "Only application/json is offered")
	case http.StatusInternalServerError:
		code, text = "internal", lang.T("系统出错了,已记录,请稍后再试", "Something broke on our side; it is logged. Please try again later")
		msg, errs = "", nil
	case http.StatusBadRequest:
		status = http.StatusUnprocessableEntity // one status for "the input is wrong"
	}
	p := &Problem{Type: "/api/#problem-" + code, Title: text.In(in.lang), Status: status, Code: code, RequestID: in.id}
	if len(errs) == 0 && msg != "" {
		_, p.Detail = wordField(msg, in.lang)
	}
	for _, err := range errs {
		if err == nil {
			continue
		}
		var field ProblemField
		message := err.Error()
		if d, ok := err.(huma.ErrorDetailer); ok {
			detail := d.ErrorDetail()
			field.Field, message = detail.Location, detail.Message
		}
		if where, nul := strings.CutPrefix(message, nulIn); nul {
			field.Field = where
		}
		field.Code, field.Message = wordField(message, in.lang)
		p.Errors = append(p.Errors, field)
	}
	return p
}
