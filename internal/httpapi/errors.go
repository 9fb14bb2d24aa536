package httpapi

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
	"github.com/plumbline-dev/plumbline/rule"
)

// wireError is the body of every refusal (contract section 1.7, decision 22).
type wireError struct {
	Name       string     `json:"name" doc:"The symbolic name of the code." example:"VALIDATION"`
	StatusCode int        `json:"statusCode" doc:"The HTTP status."`
	Message    string     `json:"message" doc:"A sentence for people."`
	Code       fault.Code `json:"code" doc:"The number for programs; GET /public/v2/error-codes lists all."`
	DebugInfo  nothing    `json:"debugInfo"`
	// The rest tells where the logic of a test is wrong.
	Line       int    `json:"line,omitempty" doc:"With INVALID_RULE: the line in the text of the logic, from 1."`
	Column     int    `json:"column,omitempty" doc:"With INVALID_RULE: the column in characters, from 1."`
	Pointer    string `json:"pointer,omitempty" doc:"The JSON Pointer of the value at fault: with INVALID_RULE, and with VALIDATION of what a group names, from the logic on, with MALFORMED_JSON from the body on."`
	Suggestion string `json:"suggestion,omitempty" doc:"With INVALID_RULE: what was probably meant."`
}

// nothing is always null.
type nothing struct{}

// MarshalJSON implements json.Marshaler.
func (nothing) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// Schema implements huma.SchemaProvider.
func (nothing) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: "null"} }

func errorAnswer(b wireError) answer {
	text, err := encode(b)
	if err != nil {
		// Only strings and numbers: encoding them cannot fail.
		panic(err)
	}
	return answer{status: b.StatusCode, body: text}
}

// errorOf is the one place where an error becomes what a caller sees of it.
// known is false for failures that are nobody's fault but ours.
func errorOf(err error) (b wireError, retryAfter time.Duration, known bool) {
	var f *fault.Error
	var syntax *strictjson.SyntaxError
	var invalid *rule.Error
	switch {
	case errors.As(err, &f) && f.Kind != fault.Internal:
		b = bodyOf(f.Kind.Status(), f.Code, f.Message)
		b.Pointer = f.Pointer
		return b, f.RetryAfter, true
	case errors.As(err, &syntax):
		b = bodyOf(http.StatusBadRequest, fault.CodeMalformedJSON, syntax.Error())
		b.Pointer = syntax.Pointer
		return b, 0, true
	case errors.Is(err, strictjson.ErrNoData):
		return bodyOf(http.StatusBadRequest, fault.CodeMissingData, strictjson.ErrNoData.Error()), 0, true
	case errors.As(err, &invalid):
		b = bodyOf(http.StatusBadRequest, fault.CodeInvalidRule, ruleSentence(invalid))
		b.Line, b.Column, b.Pointer, b.Suggestion = invalid.Line, invalid.Column, invalid.Pointer, invalid.Suggestion
		return b, 0, true
	}
	return bodyOf(http.StatusInternalServerError, fault.CodeInternal,
		"Something failed on our side. The server's log says what, under the id of this request."), 0, false
}

func bodyOf(status int, code fault.Code, message string) wireError {
	return wireError{Name: code.Name(), StatusCode: status, Message: message, Code: code}
}

func ruleSentence(e *rule.Error) string {
	text := "The logic is not acceptable: " + e.Error()
	if e.Pointer != "" {
		text += " (" + e.Pointer + ")"
	}
	return text
}

// refusal is the answer to a failed request. What is not known to be the
// caller's fault goes to the log whole, and opaque to the caller.
func (a *api) refusal(r *http.Request, err error) answer {
	b, retryAfter, known := errorOf(err)
	var p *panicked
	switch {
	case known:
	case r.Context().Err() != nil && !errors.As(err, &p):
		// The client went away: nobody reads this. Drivers have errors of their
		// own for it.
		b = bodyOf(fault.Unavailable.Status(), fault.CodeUnavailable, "The request was cancelled.")
		a.Log.LogAttrs(r.Context(), slog.LevelInfo, "request cancelled", failure(r, err)...)
	default:
		a.Log.LogAttrs(r.Context(), slog.LevelError, "request failed", failure(r, err)...)
	}
	ans := errorAnswer(b)
	if b.StatusCode == http.StatusUnauthorized {
		ans.set("WWW-Authenticate", "Bearer")
	}
	if retryAfter > 0 {
		ans.set("Retry-After", strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
	}
	return ans
}
