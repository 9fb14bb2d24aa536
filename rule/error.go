package rule

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error says why a rule text was refused. Line and Column count from 1
// (columns in characters); Pointer is the RFC 6901 JSON Pointer of the value at
// fault; Message is a plain sentence without position; Suggestion is what was
// probably meant, or empty.
type Error struct {
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Pointer    string `json:"pointer"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"`

	offset int // in bytes
	fix    *fix
}

// fix is a change of a text that would mend something.
type fix struct {
	label   string
	changes []textChange
}

// textChange replaces the bytes from one offset to another.
type textChange struct {
	from, to int
	text     string
}

// Error gives position, message and suggestion as one sentence.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d, column %d: ", e.Line, e.Column)
	}
	b.WriteString(e.Message)
	if e.Suggestion != "" {
		fmt.Fprintf(&b, "; did you mean `%s`?", e.Suggestion)
	}
	return b.String()
}

// place is a position inside a rule text: the byte offset and the way from the
// root, kept as a linked list because it is only needed when something is wrong.
type place struct {
	up  *place
	seg string
}

func (p *place) child(seg string) *place { return &place{up: p, seg: seg} }
func (p *place) at(i int) *place         { return &place{up: p, seg: strconv.Itoa(i)} }

func (p *place) pointer() string {
	var segs []string
	for ; p != nil && p.up != nil; p = p.up {
		segs = append(segs, p.seg)
	}
	var b strings.Builder
	for i := len(segs) - 1; i >= 0; i-- {
		b.WriteByte('/')
		b.WriteString(pointerEscaper.Replace(segs[i]))
	}
	return b.String()
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

func errorAt(text []byte, offset int, where *place, message, suggestion string) *Error {
	line, column := 1, 1
	offset = min(max(offset, 0), len(text))
	for i := 0; i < offset; {
		r, n := utf8.DecodeRune(text[i:])
		if r == '\n' {
			line, column = line+1, 1
		} else {
			column++
		}
		i += n
	}
	return &Error{Line: line, Column: column, Pointer: where.pointer(), Message: message, Suggestion: suggestion, offset: offset}
}

// nearest finds the candidate closest to the word, or "" when none is close
// enough to be a plausible slip of the keyboard.
func nearest(word string, candidates []string) string {
	if len(word) > 64 {
		return ""
	}
	best, bestDistance := "", 1+max(1, min(3, utf8.RuneCountInString(word)/2))
	lower := strings.ToLower(word)
	for _, c := range candidates {
		if d := editDistance(lower, strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	if best != "" {
		return best
	}
	for _, c := range candidates {
		if len(lower) >= 5 && len(c) >= 5 && strings.EqualFold(lower[:5], c[:5]) {
			return c
		}
	}
	return ""
}

// editDistance counts insertions, deletions, substitutions and swaps of
// neighbours (optimal string alignment).
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last := make([]int, len(y)+1), make([]int, len(y)+1)
	now := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(y)]
}
