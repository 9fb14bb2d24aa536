// Package fault holds the kinds of error that cross package borders and the
// registry of numeric codes that stand in error replies. It imports the
// standard library only, so that every concept package can use it.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of failure happened. Each kind maps to exactly one HTTP
// status, see [Kind.Status].
type Kind uint8

// The kinds. Internal is the zero value, so an error that nobody classified is
// never shown to a caller as his own fault.
const (
	Internal Kind = iota
	Invalid
	Unauthorized
	PaymentRequired
	Forbidden
	NotFound
	MethodNotAllowed
	Conflict
	TermsNotAccepted
	TooLarge
	Unprocessable
	TooManyRequests
	Unavailable
)

// Status is the HTTP status of the kind.
func (k Kind) Status() int {
	switch k {
	case Invalid:
		return 400
	case Unauthorized:
		return 401
	case PaymentRequired:
		return 402
	case Forbidden:
		return 403
	case NotFound:
		return 404
	case MethodNotAllowed:
		return 405
	case Conflict:
		return 409
	case TermsNotAccepted:
		return 412
	case TooLarge:
		return 413
	case Unprocessable:
		return 422
	case TooManyRequests:
		return 429
	case Unavailable:
		return 503
	}
	return 500
}

// Error is a failure that a caller may see. Message is a full sentence for
// people; Code is for programs. Cause is for the log only and never leaves the
// process.
type Error struct {
	Kind    Kind
	Code    Code
	Message string
	// RetryAfter, when above zero, becomes the Retry-After header.
	RetryAfter time.Duration
	// Pointer, unless empty, is the JSON Pointer of the value at fault in what the
	// caller sent, as the message says too.
	Pointer string
	Cause   error
}

// New makes an error of the code's own kind. The message is formatted as by
// [fmt.Sprintf].
func New(code Code, format string, args ...any) *Error {
	return &Error{Kind: code.Kind(), Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap is New with a cause that is kept for the log.
func Wrap(cause error, code Code, format string, args ...any) *Error {
	e := New(code, format, args...)
	e.Cause = cause
	return e
}

// At gives the error a pointer.
func (e *Error) At(pointer string) *Error {
	e.Pointer = pointer
	return e
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Cause }

// Sentence is what an error tells people: its message if it is a failure that a
// caller may see.
func Sentence(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Message
	}
	return "An unknown failure; the log of the server has it."
}

// KindOf is the kind of the first *Error in err's chain, Internal when there
// is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// CodeOf is the code of the first *Error in err's chain, CodeInternal when
// there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
