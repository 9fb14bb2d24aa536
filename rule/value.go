package rule

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// kind is the type of a value as the base engine sees it; undefined is the
// value of what is not there.
type kind uint8

const (
	kindUndefined kind = iota
	kindPending        // a query that was not run yet on this record
	kindFailed         // a query that costs too much on this record
	kindNull
	kindFalse
	kindTrue
	kindInt
	kindFloat
	kindString
	kindArray
	kindObject
)

// value is a slice of a record's text with its type. For a string s is the
// decoded text, for numbers, arrays and objects the JSON text. bits holds the
// int64 or the float64 of a number; of a text that was asked for its date, the
// second, if date says that it has one.
type value struct {
	s     []byte
	bits  int64
	nanos int32
	kind  kind
	date  dateState
	flat  bool // an array of scalars, written without escapes
}

// dateState is what is known of a text as a date.
type dateState uint8

const (
	dateUnknown dateState = iota
	isDate
	noDate
)

func (v *value) scalar() bool   { return v.kind < kindArray }
func (v *value) isNumber() bool { return v.kind == kindInt || v.kind == kindFloat }
func (v *value) isBool() bool   { return v.kind == kindTrue || v.kind == kindFalse }

// number is the float64 of a number.
func (v *value) number() float64 {
	if v.kind == kindInt {
		return float64(v.bits)
	}
	return math.Float64frombits(uint64(v.bits))
}

func intValue(n int64) value {
	return value{kind: kindInt, bits: n}
}

func floatValue(f float64) value {
	return value{kind: kindFloat, bits: int64(math.Float64bits(f))}
}

func stringValue(s string) value { return value{kind: kindString, s: []byte(s)} }

// equalValues is strict equality: same type, same value, integers exactly,
// arrays and objects never.
func equalValues(a, b *value) bool {
	switch a.kind {
	case kindInt:
		if b.kind == kindInt {
			return a.bits == b.bits
		}
		return b.kind == kindFloat && float64(a.bits) == b.number()
	case kindFloat:
		return b.isNumber() && a.number() == b.number()
	case kindString:
		return b.kind == kindString && bytes.Equal(a.s, b.s)
	case kindArray, kindObject:
		return false
	}
	return a.kind == b.kind
}

// literal turns a JSON value of a rule text into a value.
func (n *item) literal() value {
	switch n.kind {
	case kindInt:
		return value{kind: kindInt, bits: n.num, s: []byte(n.str)}
	case kindFloat:
		v := floatValue(n.float)
		v.s = []byte(n.str)
		return v
	case kindString:
		return stringValue(n.str)
	case kindArray, kindObject:
		return value{kind: n.kind, s: n.appendJSON(nil)}
	}
	return value{kind: n.kind}
}

// appendValue writes the value as JSON; an undefined value writes nothing.
func appendValue(b []byte, v *value) []byte {
	switch v.kind {
	case kindNull:
		return append(b, "null"...)
	case kindTrue:
		return append(b, "true"...)
	case kindFalse:
		return append(b, "false"...)
	case kindInt:
		return strconv.AppendInt(b, v.bits, 10)
	case kindFloat:
		return appendFloat(b, v)
	case kindString:
		return appendQuoted(b, v.s)
	case kindArray, kindObject:
		return append(b, v.s...)
	}
	return b
}

func appendFloat(b []byte, v *value) []byte {
	f := v.number()
	if math.IsInf(f, 0) {
		return append(b, v.s...)
	}
	return appendNumber(b, f)
}

const hexDigits = "0123456789abcdef"

// appendQuoted writes a JSON string with the least escaping. Halves of
// surrogate pairs, which unescape keeps as three bytes, come out as \u escapes,
// other bytes that are no UTF-8 as U+FFFD.
func appendQuoted[T string | []byte](b []byte, text T) []byte {
	b = append(b, '"')
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
			i++
		case c == '\n':
			b = append(b, '\\', 'n')
			i++
		case c == '\t':
			b = append(b, '\\', 't')
			i++
		case c == '\r':
			b = append(b, '\\', 'r')
			i++
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			i++
		case c < utf8.RuneSelf:
			b = append(b, c)
			i++
		default:
			r, n := decodeUnit(text[i:])
			switch {
			case isSurrogate(r):
				b = append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
			default:
				b = utf8.AppendRune(b, r)
			}
			i += n
		}
	}
	return append(b, '"')
}

func isSurrogate(r rune) bool { return r >= 0xD800 && r < 0xE000 }

// decodeUnit reads one character, or half a surrogate pair in its three-byte
// form.
func decodeUnit[T string | []byte](s T) (rune, int) {
	if c := s[0]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	if len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] <= 0xBF && s[2] >= 0x80 && s[2] <= 0xBF {
		return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	var head [utf8.UTFMax]byte
	return utf8.DecodeRune(head[:copy(head[:], s)])
}

// appendCanonical writes a value so that equal values give equal bytes: members
// sorted by key, numbers in one form, no space, the last of duplicate keys.
func appendCanonical(b []byte, v *value) []byte {
	switch v.kind {
	case kindArray:
		b = append(b, '[')
		first := true
		eachElement(v.s, func(e *value) bool {
			if !first {
				b = append(b, ',')
			}
			first = false
			b = appendCanonical(b, e)
			return true
		})
		return append(b, ']')
	case kindObject:
		type entry struct {
			key string
			val value
			at  int
		}
		var entries []entry
		eachMember(v.s, func(key []byte, e *value) bool {
			entries = append(entries, entry{string(key), *e, len(entries)})
			return true
		})
		slices.SortFunc(entries, func(x, y entry) int {
			if c := bytes.Compare([]byte(x.key), []byte(y.key)); c != 0 {
				return c
			}
			return x.at - y.at
		})
		b = append(b, '{')
		first := true
		for i := range entries {
			if i+1 < len(entries) && entries[i+1].key == entries[i].key {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = append(appendQuoted(b, entries[i].key), ':')
			b = appendCanonical(b, &entries[i].val)
		}
		return append(b, '}')
	}
	return appendValue(b, v)
}
