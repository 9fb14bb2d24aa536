package rule

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// finding is something wrong at a place of a file.
type finding struct {
	File       string `json:"file"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Pointer    string `json:"pointer"`
	Severity   string `json:"severity"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"`
}

// severityError is the severity of what keeps a rule from being used.
const severityError = "error"

// Error gives the finding as one line.
func (f *finding) Error() string {
	text := fmt.Sprintf("%s:%d:%d: ", f.File, f.Line, f.Column) + f.Message
	if f.Pointer != "" {
		text += " (" + f.Pointer + ")"
	}
	if f.Suggestion != "" {
		text += "; did you mean `" + f.Suggestion + "`?"
	}
	return text
}

// lineOf is the line and the column, in characters and both from 1, of an offset.
func lineOf(text []byte, offset int) (line, column int) {
	line, column = 1, 1
	for i := 0; i < min(offset, len(text)); {
		r, n := utf8.DecodeRune(text[i:])
		if column++; r == '\n' {
			line, column = line+1, 1
		}
		i += n
	}
	return line, column
}

// locate is the offset of the value that a JSON Pointer names in JSON text. Where
// it leads to nothing, it is that of the last value on the way.
func locate(text []byte, pointer string) int {
	at := strictjson.SkipSpace(text, 0)
	if pointer == "" {
		return at
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		next := child(text, at, token)
		if next < 0 {
			return at
		}
		at = next
	}
	return at
}

// child is the offset of a member or an element of the value at an offset, -1
// without such a one.
func child(text []byte, at int, token string) int {
	if at >= len(text) || text[at] != '{' && text[at] != '[' {
		return -1
	}
	object := text[at] == '{'
	want, err := strconv.Atoi(token)
	if !object && err != nil {
		return -1
	}
	for i, n := strictjson.SkipSpace(text, at+1), 0; i >= 0 && i < len(text) && text[i] != '}' && text[i] != ']'; n++ {
		found := n == want
		if object {
			end := strictjson.SkipValue(text, i)
			if end < 0 {
				return -1
			}
			key, _ := strictjson.Text(text[i:end])
			found = key == token
			i = strictjson.SkipSpace(text, strictjson.SkipSpace(text, end)+1) // past the colon
		}
		if found {
			return i
		}
		end := strictjson.SkipValue(text, i)
		if end < 0 {
			return -1
		}
		i = strictjson.SkipSpace(text, end)
		if i < len(text) && text[i] == ',' {
			i = strictjson.SkipSpace(text, i+1)
		}
	}
	return -1
}
