package command

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Paint colours words for a stream that somebody looks at. The zero value leaves
// them as they are.
type Paint struct{ on bool }

// NewPaint makes the paint of a stream. NO_COLOR, set to anything, and
// TERM=dumb keep it plain.
func NewPaint(env Env, w io.Writer) Paint {
	return Paint{IsTerminal(w) && env.Getenv("NO_COLOR") == "" && env.Getenv("TERM") != "dumb"}
}

// Good is for what passes.
func (p Paint) Good(text string) string { return p.in("32", text) }

// Bad is for what fails.
func (p Paint) Bad(text string) string { return p.in("1;31", text) }

// Odd is for what needs a look.
func (p Paint) Odd(text string) string { return p.in("33", text) }

// Faint is for what can be passed over.
func (p Paint) Faint(text string) string { return p.in("2", text) }

func (p Paint) in(code, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Plain makes a text from outside fit for a terminal: what would steer it is
// written out.
func Plain(text string) string {
	if strings.IndexFunc(text, steers) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if steers(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// steers is whether a character moves the cursor or turns the direction of
// writing.
func steers(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u2028' || r == '\u2029'
}

// Plural is a number with the word for one or for many.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
