package rule

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// maxTextDepth bounds the nesting of a rule text: 64 levels of conditions take
// at most three JSON levels each, and the values need some room of their own.
const maxTextDepth = 256

// item is one JSON value of a rule text with its position, so that every
// refusal can point at the place.
type item struct {
	kind    kind
	offset  int
	end     int
	str     string // decoded string, or the text of a number
	num     int64  // kindInt
	float   float64
	elems   []*item
	members []member
}

type member struct {
	key    string
	offset int
	end    int // of the key
	value  *item
}

func (n *item) member(key string) *item {
	for i := range n.members {
		if n.members[i].key == key {
			return n.members[i].value
		}
	}
	return nil
}

func (n *item) isBool() bool { return n.kind == kindTrue || n.kind == kindFalse }

func (n *item) isNumber() bool { return n.kind == kindInt || n.kind == kindFloat }

// number is the numeric value of a number.
func (n *item) number() float64 {
	if n.kind == kindInt {
		return float64(n.num)
	}
	return n.float
}

// describe names the sort of value for a message.
func (n *item) describe() string {
	switch n.kind {
	case kindNull:
		return "null"
	case kindTrue, kindFalse:
		return "a boolean"
	case kindInt, kindFloat:
		return "a number"
	case kindString:
		return "a string"
	case kindArray:
		return "an array"
	}
	return "an object"
}

type textReader struct {
	text []byte
	pos  int
	// last is where the token before the position ends.
	last int
	// written takes numbers that are too large for float64 as they are written.
	written bool
}

func (r *textReader) fail(offset int, where *place, format string, args ...any) *Error {
	return errorAt(r.text, offset, where, fmt.Sprintf(format, args...), "")
}

// readText parses a whole rule text strictly: one value, no duplicate keys,
// valid UTF-8, no lone surrogates.
func readText(text []byte) (*item, *Error) { return (&textReader{text: text}).whole() }

func (r *textReader) whole() (*item, *Error) {
	text := r.text
	root := &place{}
	r.space()
	if r.pos == len(text) {
		return nil, r.fail(0, root, "the rule is empty")
	}
	n, err := r.value(root, 0)
	if err != nil {
		return nil, err
	}
	r.space()
	if r.pos < len(text) {
		return nil, r.fail(r.pos, root, "unexpected text after the end of the rule")
	}
	return n, nil
}

func (r *textReader) space() {
	r.last = r.pos
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

func (r *textReader) value(where *place, depth int) (*item, *Error) {
	n, err := r.read(where, depth)
	if err == nil {
		n.end = r.pos
	}
	return n, err
}

func (r *textReader) read(where *place, depth int) (*item, *Error) {
	if depth > maxTextDepth {
		return nil, r.fail(r.pos, where, "the rule is nested deeper than %d levels of JSON", maxTextDepth)
	}
	if r.pos >= len(r.text) {
		return nil, r.fail(r.pos, where, "the text ends where a value is expected")
	}
	n := &item{offset: r.pos}
	switch c := r.text[r.pos]; {
	case c == '{':
		n.kind = kindObject
		return n, r.object(n, where, depth)
	case c == '[':
		n.kind = kindArray
		return n, r.array(n, where, depth)
	case c == '"':
		n.kind = kindString
		s, err := r.str(where)
		n.str = s
		return n, err
	case c == '-' || c >= '0' && c <= '9':
		return n, r.number(n, where)
	}
	for _, w := range [...]struct {
		text string
		kind kind
	}{{"true", kindTrue}, {"false", kindFalse}, {"null", kindNull}} {
		if end := r.pos + len(w.text); end <= len(r.text) && string(r.text[r.pos:end]) == w.text {
			n.kind = w.kind
			r.pos = end
			return n, nil
		}
	}
	return nil, r.fail(r.pos, where, "this is not JSON: unexpected %s", r.seen())
}

// seen describes the character at the position.
func (r *textReader) seen() string {
	if r.pos >= len(r.text) {
		return "end of text"
	}
	c, _ := utf8.DecodeRune(r.text[r.pos:])
	return strconv.QuoteRune(c)
}

func (r *textReader) object(n *item, where *place, depth int) *Error {
	r.pos++
	r.space()
	if r.pos < len(r.text) && r.text[r.pos] == '}' {
		r.pos++
		return nil
	}
	known := map[string]bool{}
	for {
		r.space()
		if r.pos >= len(r.text) || r.text[r.pos] != '"' {
			e := r.fail(r.pos, where, "expected a key in double quotes, found %s", r.seen())
			return r.spareComma(e, len(n.members) > 0)
		}
		m := member{offset: r.pos}
		key, err := r.str(where)
		if err != nil {
			return err
		}
		m.end = r.pos
		if known[key] {
			return r.fail(m.offset, where.child(key), "the key `%s` stands twice in this object", key)
		}
		known[key] = true
		m.key = key
		r.space()
		if r.pos >= len(r.text) || r.text[r.pos] != ':' {
			return r.fail(r.pos, where.child(key), "expected `:` after the key `%s`, found %s", key, r.seen())
		}
		r.pos++
		r.space()
		if m.value, err = r.value(where.child(key), depth+1); err != nil {
			return err
		}
		n.members = append(n.members, m)
		done, err := r.next('}', where)
		if done || err != nil {
			return err
		}
	}
}

func (r *textReader) array(n *item, where *place, depth int) *Error {
	r.pos++
	r.space()
	if r.pos < len(r.text) && r.text[r.pos] == ']' {
		r.pos++
		return nil
	}
	for {
		r.space()
		if r.pos < len(r.text) && (r.text[r.pos] == ',' || r.text[r.pos] == ']' && len(n.elems) > 0) {
			return r.spareComma(r.fail(r.pos, where.at(len(n.elems)), "this is not JSON: unexpected %s", r.seen()), true)
		}
		e, err := r.value(where.at(len(n.elems)), depth+1)
		if err != nil {
			return err
		}
		n.elems = append(n.elems, e)
		done, err := r.next(']', where)
		if done || err != nil {
			return err
		}
	}
}

// next reads the comma before another element, or the closing bracket.
func (r *textReader) next(closing byte, where *place) (bool, *Error) {
	r.space()
	if r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ',':
			r.pos++
			return false, nil
		case closing:
			r.pos++
			return true, nil
		}
	}
	e := r.fail(r.pos, where, "expected `,` or `%c`, found %s", closing, r.seen())
	switch {
	case r.pos >= len(r.text):
		e.fix = &fix{"Add `" + string(closing) + "`", []textChange{{r.last, r.last, string(closing)}}}
	case r.text[r.pos] == '"' || r.text[r.pos] == '{' || r.text[r.pos] == '[' || r.text[r.pos] == '-' || r.text[r.pos]-'0' <= 9:
		e.fix = &fix{"Add a comma", []textChange{{r.last, r.last, ","}}}
	}
	return false, e
}

// spareComma offers to take away a comma that has nothing before or behind it.
func (r *textReader) spareComma(e *Error, after bool) *Error {
	if r.pos < len(r.text) && r.text[r.pos] == ',' {
		e.fix = &fix{"Remove the comma", []textChange{{r.pos, r.pos + 1, ""}}}
	} else if after && r.pos < len(r.text) && (r.text[r.pos] == '}' || r.text[r.pos] == ']') {
		e.fix = &fix{"Remove the comma", []textChange{{r.last - 1, r.last, ""}}}
	}
	return e
}

func (r *textReader) number(n *item, where *place) *Error {
	start := r.pos
	end, whole := numberEnd(r.text, start)
	if end < 0 {
		return r.fail(start, where, "this is not a JSON number")
	}
	n.str = string(r.text[start:end])
	r.pos = end
	if whole {
		if i, err := strconv.ParseInt(n.str, 10, 64); err == nil {
			n.kind, n.num = kindInt, i
			return nil
		}
	}
	f, err := strconv.ParseFloat(n.str, 64)
	if err != nil && !r.written {
		return r.fail(start, where, "the number %s is too large", clip(n.str, 40))
	}
	n.kind, n.float = kindFloat, f
	return nil
}

func (r *textReader) str(where *place) (string, *Error) {
	start := r.pos
	i := start + 1
	escaped := false
	for {
		if i >= len(r.text) {
			return "", r.fail(start, where, "this string has no closing quote")
		}
		c := r.text[i]
		if c == '"' {
			break
		}
		if c < 0x20 {
			return "", r.fail(i, where, "a control character inside a string must be escaped")
		}
		if c == '\\' {
			escaped = true
			i++
		}
		i++
	}
	raw := r.text[start+1 : i]
	r.pos = i + 1
	if !utf8.Valid(raw) {
		return "", r.fail(start, where, "this string is not valid UTF-8")
	}
	if !escaped {
		return string(raw), nil
	}
	out, ok := unescape(nil, raw)
	if !ok {
		return "", r.fail(start, where, "this string has a wrong escape sequence")
	}
	if !utf8.Valid(out) {
		return "", r.fail(start, where, "this string has half of a surrogate pair")
	}
	return string(out), nil
}

// clip shortens a text for a message.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// appendJSON writes the value compactly, keys and number texts as given.
func (n *item) appendJSON(b []byte) []byte {
	switch n.kind {
	case kindNull:
		return append(b, "null"...)
	case kindTrue:
		return append(b, "true"...)
	case kindFalse:
		return append(b, "false"...)
	case kindInt, kindFloat:
		return append(b, n.str...)
	case kindString:
		return appendQuoted(b, n.str)
	case kindArray:
		b = append(b, '[')
		for i, e := range n.elems {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.appendJSON(b)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for i, m := range n.members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, m.key), ':')
		b = m.value.appendJSON(b)
	}
	return append(b, '}')
}
