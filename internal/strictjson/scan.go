// Package strictjson is the one gate for JSON from outside: a strict scan that
// refuses what two readers could understand differently (duplicate keys,
// invalid UTF-8, lone surrogates, NUL, numbers out of range, deep nesting), the
// split of a body into records, and operations on the text of checked JSON that
// keep every value exactly as it was written.
package strictjson

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"sync"
	"unicode/utf8"
	"unsafe"
)

// Limits of the gate.
const (
	MaxDepth       = 100 // nested objects and arrays, the outermost counted
	MaxNumberBytes = 64  // length of one number literal
)

// Check accepts text if it is one whole strict JSON document. A refusal is a
// *[SyntaxError].
func Check(text []byte) error {
	s := scanners.Get().(*scanner)
	s.text = text
	err := s.document()
	s.release()
	if err != nil {
		return err
	}
	return nil
}

// scanner reads one document. It is reused, so that a good document costs no
// allocation.
type scanner struct {
	text     []byte
	keys     []key
	names    []byte // decoded text of keys that had escapes
	sets     []*keySet
	envelope *Envelope // set while Split reads; see split.go
	hasData  bool

	// Set by the first failure; path grows while the recursion unwinds.
	offset int
	reason string
	path   []step
}

type step struct {
	member bool
	name   string
	index  int
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

const maxPooled = 1 << 14

func (s *scanner) release() {
	s.text, s.envelope, s.hasData = nil, nil, false
	s.offset, s.reason, s.path = 0, "", nil
	s.keys, s.names = s.keys[:0], s.names[:0]
	if cap(s.keys) > maxPooled || cap(s.names) > maxPooled {
		return
	}
	scanners.Put(s)
}

func (s *scanner) fail(offset int, reason string) int {
	s.offset, s.reason = offset, reason
	return -1
}

func (s *scanner) syntaxError() *SyntaxError {
	return &SyntaxError{Pointer: pointerOf(s.path), Offset: s.offset, Reason: s.reason}
}

func (s *scanner) document() *SyntaxError {
	if len(s.text) >= 3 && s.text[0] == 0xEF && s.text[1] == 0xBB && s.text[2] == 0xBF {
		s.fail(0, "a byte order mark is not allowed")
		return s.syntaxError()
	}
	i := s.space(0)
	if i == len(s.text) {
		s.fail(i, "the text is empty")
		return s.syntaxError()
	}
	if i = s.value(i, 1); i < 0 {
		return s.syntaxError()
	}
	if i = s.space(i); i < len(s.text) {
		s.fail(i, "there is text after the end of the document")
		return s.syntaxError()
	}
	return nil
}

// space is the first position at or after i that is not whitespace.
func (s *scanner) space(i int) int { return skipSpace(s.text, i) }

func skipSpace(t []byte, i int) int {
	for i < len(t) && (t[i] == ' ' || t[i] == '\n' || t[i] == '\r' || t[i] == '\t') {
		i++
	}
	return i
}

// value reads the value that begins at i, which is not whitespace, and returns
// the position after it, or -1. depth is what an object or array here counts.
func (s *scanner) value(i, depth int) int {
	t := s.text
	if i >= len(t) {
		return s.fail(i, "the text ends where a value is expected")
	}
	switch t[i] {
	case '"':
		end, _ := s.str(i + 1)
		return end
	case '{':
		return s.object(i, depth)
	case '[':
		return s.array(i, depth)
	case 't':
		return s.literal(i, "true")
	case 'f':
		return s.literal(i, "false")
	case 'n':
		return s.literal(i, "null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return s.number(i)
	}
	return s.fail(i, "a value is expected")
}

func (s *scanner) literal(i int, word string) int {
	if end := i + len(word); end <= len(s.text) && string(s.text[i:end]) == word {
		return end
	}
	return s.fail(i, "a value is expected")
}

func (s *scanner) number(from int) int {
	t, i := s.text, from
	if t[i] == '-' {
		i++
	}
	switch {
	case i < len(t) && t[i] == '0':
		i++
		if i < len(t) && t[i]-'0' <= 9 {
			return s.fail(from, "a number must not begin with a zero")
		}
	case i < len(t) && t[i]-'1' <= 8:
		i = digits(t, i)
	default:
		return s.fail(i, "a digit is expected")
	}
	if i < len(t) && t[i] == '.' {
		i++
		if end := digits(t, i); end > i {
			i = end
		} else {
			return s.fail(i, "a digit is expected")
		}
	}
	exponent := i < len(t) && t[i]|0x20 == 'e'
	if exponent {
		i++
		if i < len(t) && (t[i] == '+' || t[i] == '-') {
			i++
		}
		if end := digits(t, i); end > i {
			i = end
		} else {
			return s.fail(i, "a digit is expected")
		}
	}
	if i-from > MaxNumberBytes {
		return s.fail(from, "a number is longer than 64 bytes")
	}
	// Without an exponent 64 bytes cannot leave the range of a float64.
	if exponent {
		if _, err := strconv.ParseFloat(view(t[from:i]), 64); err != nil {
			return s.fail(from, "a number is too large for a 64-bit float")
		}
	}
	return i
}

func digits(t []byte, i int) int {
	for i < len(t) && t[i]-'0' <= 9 {
		i++
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks, in the lowest set bit, the first byte of the little-endian
// word that ends a run of plain string text: a quote, a backslash, a control
// character or a byte of a multi-byte character.
func special(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w - ones*0x20) | w) & highs
}

// str reads the string whose text begins at i, after the quote, and returns the
// position after the closing quote, or -1. plain tells that it has no escapes.
func (s *scanner) str(i int) (end int, plain bool) {
	t := s.text
	plain = true
	for {
		for i+8 <= len(t) {
			m := special(binary.LittleEndian.Uint64(t[i:]))
			if m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		if i >= len(t) {
			return s.fail(i, "the text ends inside a string"), false
		}
		switch c := t[i]; {
		case c == '"':
			return i + 1, plain
		case c == '\\':
			plain = false
			if i = s.escape(i); i < 0 {
				return -1, false
			}
		case c >= utf8.RuneSelf:
			for i < len(t) && t[i] >= utf8.RuneSelf {
				_, size := utf8.DecodeRune(t[i:])
				if size == 1 {
					return s.fail(i, "a string is not valid UTF-8"), false
				}
				i += size
			}
		case c < 0x20:
			return s.fail(i, "a control character in a string must be escaped"), false
		default:
			i++
		}
	}
}

// escape reads the escape whose backslash is at i.
func (s *scanner) escape(i int) int {
	t := s.text
	if i+1 >= len(t) {
		return s.fail(i, "the text ends inside a string")
	}
	switch t[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
	default:
		return s.fail(i, "an unknown escape in a string")
	}
	r := hex4(t, i+2)
	switch {
	case r < 0:
		return s.fail(i, `four hexadecimal digits must follow \u`)
	case r == 0:
		return s.fail(i, `NUL (\u0000) in a string is not allowed`)
	case r < 0xD800 || r > 0xDFFF:
		return i + 6
	case r < 0xDC00 && i+7 < len(t) && t[i+6] == '\\' && t[i+7] == 'u':
		if low := hex4(t, i+8); low >= 0xDC00 && low <= 0xDFFF {
			return i + 12
		}
	}
	return s.fail(i, "a lone surrogate escape in a string is not allowed")
}

// hex4 is the value of the four hexadecimal digits at i, or -1.
func hex4(t []byte, i int) rune {
	if i+4 > len(t) {
		return -1
	}
	var r rune
	for _, c := range t[i : i+4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case (c|0x20)-'a' <= 5:
			c = (c | 0x20) - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

func (s *scanner) array(i, depth int) int {
	if depth > MaxDepth {
		return s.fail(i, "objects and arrays are nested deeper than 100")
	}
	t := s.text
	i = s.space(i + 1)
	if i < len(t) && t[i] == ']' {
		return i + 1
	}
	for n := 0; ; n++ {
		if i = s.value(i, depth+1); i < 0 {
			s.path = append(s.path, step{index: n})
			return -1
		}
		if i < len(t) && t[i] <= ' ' {
			i = s.space(i)
		}
		switch {
		case i < len(t) && t[i] == ',':
			i = s.space(i + 1)
		case i < len(t) && t[i] == ']':
			return i + 1
		default:
			return s.fail(i, `"," or "]" is expected in an array`)
		}
	}
}

func (s *scanner) object(i, depth int) int {
	if depth > MaxDepth {
		return s.fail(i, "objects and arrays are nested deeper than 100")
	}
	t := s.text
	i = s.space(i + 1)
	if i < len(t) && t[i] == '}' {
		return i + 1
	}
	base, names := len(s.keys), len(s.names)
	var set *keySet
	for {
		if i >= len(t) || t[i] != '"' {
			return s.fail(i, "a member name in quotes is expected")
		}
		from := i
		end, plain := s.str(i + 1)
		if end < 0 {
			return -1
		}
		at := len(s.keys)
		if !s.addKey(base, &set, from+1, end-1, plain) {
			s.path = append(s.path, s.memberStep(at))
			return s.fail(from, "the same member name stands twice in one object")
		}
		i = end
		if i < len(t) && t[i] <= ' ' {
			i = s.space(i)
		}
		if i >= len(t) || t[i] != ':' {
			return s.fail(i, `":" is expected after a member name`)
		}
		i++
		if i < len(t) && t[i] <= ' ' {
			i = s.space(i)
		}
		if depth == 1 && s.envelope != nil && string(s.keyText(at)) == "data" {
			i = s.data(i)
		} else {
			i = s.value(i, depth+1)
		}
		if i < 0 {
			s.path = append(s.path, s.memberStep(at))
			return -1
		}
		if i < len(t) && t[i] <= ' ' {
			i = s.space(i)
		}
		switch {
		case i < len(t) && t[i] == ',':
			i = s.space(i + 1)
		case i < len(t) && t[i] == '}':
			s.keys, s.names = s.keys[:base], s.names[:names]
			if set != nil {
				s.freeSet(set)
			}
			return i + 1
		default:
			return s.fail(i, `"," or "}" is expected in an object`)
		}
	}
}

// view is b as a string without a copy, for calls that do not keep it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
