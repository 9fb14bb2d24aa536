package document

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Error says why a file cannot be used. Line and Column count from 1, 0 where
// there is none; Suggestion is what was probably meant, or empty.
type Error struct {
	File       string `json:"file"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"`
}

// Error gives place, message and suggestion as one sentence.
func (e *Error) Error() string {
	text := Place(e.File, e.Line, e.Column) + ": " + e.Message
	if e.Suggestion != "" {
		text += "; did you mean `" + e.Suggestion + "`?"
	}
	return text
}

// Place writes a place as file:line:column.
func Place(file string, line, column int) string {
	switch {
	case line == 0:
		return file
	case column == 0:
		return fmt.Sprintf("%s:%d", file, line)
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}

// Source is a file that is being read.
type Source struct{ Name string }

// Fail makes the error of a value; nil stands for the whole file.
func (s Source) Fail(n *Node, format string, args ...any) *Error {
	e := &Error{File: s.Name, Message: fmt.Sprintf(format, args...)}
	if n != nil {
		e.Line, e.Column = n.Line, n.Column
	}
	return e
}

// Keys refuses keys of a mapping that are not among the allowed ones.
func (s Source) Keys(n *Node, what string, allowed []string) *Error {
	known := map[string]bool{}
	for _, a := range allowed {
		known[a] = true
	}
	for _, k := range n.Keys {
		if !known[k.Name] {
			return &Error{File: s.Name, Line: k.Line, Column: k.Column,
				Message: fmt.Sprintf("unknown key `%s` in %s", Clip(k.Name, 60), what), Suggestion: Nearest(k.Name, allowed)}
		}
	}
	return nil
}

// Clip shortens a text for a sentence, which is one line: a line break or another
// character that is not seen stands there as Go writes it, such as \n.
func Clip(s string, n int) string {
	var b strings.Builder
	for i, r := range []rune(s) {
		switch {
		case i == n:
			return b.String() + "…"
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// Nearest is the word that is fewest keystrokes away, "" if none is near.
func Nearest(word string, words []string) string {
	best, least := "", 1+min(3, 1+len(word)/4)
	if len(word) > 64 {
		return ""
	}
	for _, w := range words {
		if d := distance(strings.ToLower(word), strings.ToLower(w)); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance counts insertions, deletions and substitutions.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := above
			if a[i] != b[j] {
				cost++
			}
			above = row[j+1]
			row[j+1] = min(cost, above+1, row[j]+1)
		}
	}
	return row[len(b)]
}
