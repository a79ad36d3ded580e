// Package fault is the one kind of error that crosses a package border: a kind, a machine code and a
// message that may be shown to the person who asked. What went wrong inside travels as the cause, is
// logged, and is never sent.
package fault

import (
	"errors"
	"fmt"

	"linli/internal/platform/lang"
)

// Kind says what sort of refusal an error is; the HTTP face turns it into a status in one place.
type Kind uint8

const (
	Internal        Kind = iota // a defect or a broken machine: 500
	Invalid                     // the input is wrong and can be corrected: 422
	Unauthenticated             // nobody is signed in: 401
	Forbidden                   // somebody is, but may not: 403
	NotFound                    // no such thing, or none the asker may know of: 404
	Conflict                    // it changed meanwhile, or the step does not fit its state: 409
	TooLarge                    // more than is taken at once: 413
	TooMany                     // too often: 429, with RetryAfter
	Unavailable                 // not now: 503, with RetryAfter
)

// Field is one wrong place of an input.
type Field struct {
	Name string    `json:"field" doc:"path of the field, such as form.reason or rows[12].code"`
	Code string    `json:"code" doc:"machine code of what is wrong"`
	Text lang.Text `json:"text" doc:"what is wrong and what to do"`
}

// Error is a refusal that may be shown. Make one with New and the With methods.
type Error struct {
	Kind       Kind
	Code       string    // machine code in kebab case, stable, such as "stale-version"
	Text       lang.Text // what happened, why, what to do
	Fields     []Field   // the wrong places, when the input is to blame
	Detail     any       // more for the asker, for example what changed meanwhile; must marshal to JSON
	RetryAfter int       // seconds after which to try again; 0: not said
	cause      error
}

// New makes a refusal with its wording in both languages.
func New(kind Kind, code, zh, en string) *Error {
	return &Error{Kind: kind, Code: code, Text: lang.T(zh, en)}
}

// Newf is New with both wordings as formats over the same arguments; use %[1]s to reorder them.
func Newf(kind Kind, code, zh, en string, args ...any) *Error {
	return New(kind, code, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))
}

// At adds a wrong field. It changes and returns the error, for building one in a single expression.
func (e *Error) At(field, code, zh, en string) *Error {
	e.Fields = append(e.Fields, Field{Name: field, Code: code, Text: lang.T(zh, en)})
	return e
}

// With adds something for the asker to read, such as the entries that came meanwhile.
func (e *Error) With(detail any) *Error { e.Detail = detail; return e }

// After says in how many seconds trying again makes sense.
func (e *Error) After(seconds int) *Error { e.RetryAfter = seconds; return e }

// Because keeps the inner error for the log.
func (e *Error) Because(cause error) *Error { e.cause = cause; return e }

// Error gives the English wording, the fields and the cause: for logs and the command line.
func (e *Error) Error() string {
	s := e.Text.EN
	for _, f := range e.Fields {
		s += fmt.Sprintf("; %s: %s", f.Name, f.Text.EN)
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.cause }

// Of gives the refusal inside an error, or an Internal one that hides it.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(Internal, "internal", "系统出错了,已记录,请稍后再试", "Something broke on our side; it is logged. Please try again later").Because(err)
}

// Is tells whether the error is a refusal of this kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// HasCode tells whether the error is a refusal with this machine code.
func HasCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
