package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Codes of refusals that programs care for. All codes stand in the API's
// documentation.
const (
	CodeSchema            = 28022 // a record does not satisfy the JSON Schema of its resource
	CodeUnauthorized      = 26430 // the key is missing, wrong, expired, revoked or not allowed from here
	CodeValidation        = 40001 // a parameter or a property of the body is not acceptable
	CodeForbidden         = 40301 // the key lacks the scope
	CodeNotFound          = 40401 // no such object in reach of the key
	CodeDuplicateName     = 40902 // the name is taken
	CodeSessionOpen       = 40903 // another session is in progress
	CodeEditConflict      = 40906 // somebody else changed the object first
	CodeIdempotencyBusy   = 40905 // a request with this idempotency key is in flight
	CodeTooLarge          = 41301 // the body is too large
	CodeSessionAction     = 42202 // the action does not fit the session's state
	CodeSessionSuperseded = 42203 // a session opened later is already active
	CodeExpectedCount     = 42204 // the staged count differs from the expected one
	CodeMaxDeletePercent  = 42205 // more of the live set would vanish than allowed
)

// Error is a refusal by the server.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Code is the number of the refusal in the server's registry, 0 if the
	// answer was not the server's own (a proxy's page, say). Name is its name.
	Code int
	Name string
	// Message is a sentence for people.
	Message string
	// Line and Column, from 1, and Pointer, a JSON Pointer, say where logic or JSON
	// is refused, and Suggestion what was probably meant; each where it is known.
	Line, Column        int
	Pointer, Suggestion string
	// RequestID finds the request in the server's log.
	RequestID string
	// RetryAfter is how long the server asks to be left alone, 0 if it does not.
	RetryAfter time.Duration
}

func (e *Error) Error() string {
	if e.RequestID == "" {
		return fmt.Sprintf("%s (HTTP %d)", e.Message, e.Status)
	}
	return fmt.Sprintf("%s (HTTP %d, request %s)", e.Message, e.Status, e.RequestID)
}

// IsCode reports whether err is a refusal with one of the codes.
func IsCode(err error, codes ...int) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}

// IsNotFound reports whether err is a refusal because the object is not there.
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound
}

// refusal makes the error of an answer that is not a success.
func (c *Client) refusal(r *http.Response, body []byte) *Error {
	e := &Error{Status: r.StatusCode, RetryAfter: c.retryAfter(r.Header)}
	for _, name := range []string{"X-Request-Id", "Request-Id", "X-Correlation-Id"} {
		if e.RequestID = r.Header.Get(name); e.RequestID != "" {
			break
		}
	}
	if to := r.Header.Get("Location"); r.StatusCode/100 == 3 && to != "" {
		e.Message = "the server redirects to " + to + ": use that address as URL"
		return e
	}
	var told struct {
		Name    string          `json:"name"`
		Message json.RawMessage `json:"message"`
		Code    int             `json:"code"`

		Line, Column        int
		Pointer, Suggestion string
	}
	if json.Unmarshal(body, &told) == nil {
		e.Name, e.Code = told.Name, told.Code
		e.Line, e.Column, e.Pointer, e.Suggestion = told.Line, told.Column, told.Pointer, told.Suggestion
		if json.Unmarshal(told.Message, &e.Message) != nil && len(told.Message) > 0 {
			e.Message = string(told.Message)
		}
	}
	if strings.TrimSpace(e.Message) == "" {
		e.Message = "the server answered " + strings.ToLower(http.StatusText(r.StatusCode))
	}
	return e
}

// retryAfter reads seconds or an HTTP date.
func (c *Client) retryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	if d, err := time.ParseDuration(text + "s"); err == nil {
		return max(d, 0)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(c.o.Now()), 0)
	}
	return 0
}

// NetworkError is a request that got no answer.
type NetworkError struct {
	// URL is that of the server.
	URL string
	Err error
}

func (e *NetworkError) Error() string { return "no answer from " + e.URL + ": " + e.Err.Error() }
func (e *NetworkError) Unwrap() error { return e.Err }
