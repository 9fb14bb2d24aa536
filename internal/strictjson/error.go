package strictjson

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrNoData is what [Split] answers for a body that has no member "data".
var ErrNoData = errors.New(`The body has no member "data".`) //nolint:staticcheck // shown to the caller as it is

// SyntaxError says where and why a text was refused.
type SyntaxError struct {
	// Pointer is the JSON Pointer (RFC 6901) of the innermost value that was
	// being read; empty for the whole document. Very long pointers are cut and
	// end in an ellipsis.
	Pointer string
	// Offset is the position in the text, in bytes from 0.
	Offset int
	// Reason is a phrase without a full stop.
	Reason string
}

// Error is one sentence that names the pointer and the byte offset.
func (e *SyntaxError) Error() string {
	if e.Pointer == "" {
		return fmt.Sprintf("The JSON text is not acceptable at byte %d: %s.", e.Offset, e.Reason)
	}
	return fmt.Sprintf("The JSON text is not acceptable at %s, byte %d: %s.", e.Pointer, e.Offset, e.Reason)
}

const (
	maxTokenBytes   = 128
	maxPointerBytes = 512
)

var tokenEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// pointerOf joins the steps of a path, innermost first, into a JSON Pointer.
func pointerOf(steps []step) string {
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		token := strconv.Itoa(steps[i].index)
		if steps[i].member {
			token = tokenEscaper.Replace(cut(steps[i].name, maxTokenBytes))
		}
		if b.Len()+1+len(token) > maxPointerBytes {
			b.WriteString("/…")
			break
		}
		b.WriteByte('/')
		b.WriteString(token)
	}
	return b.String()
}

// cut shortens s to at most limit bytes plus an ellipsis, never inside a
// character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
