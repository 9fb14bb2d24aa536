package strictjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// The functions of this file take JSON that [Check] or [Split] has accepted.
// On anything else they end early; they never panic.

// Members calls yield for each top-level member of object, in order, until it
// returns false. key is the decoded name, value the text of the value; both are
// parts of object unless the name had escapes.
func Members(object []byte, yield func(key, value []byte) bool) {
	eachMember(object, 0, func(key []byte, from, to int) bool {
		return yield(key, object[from:to:to])
	})
}

// Elements calls yield for each element of array, in order, until it returns
// false. The values are parts of array.
func Elements(array []byte, yield func(value []byte) bool) {
	eachElement(array, 0, func(from, to int) bool {
		return yield(array[from:to:to])
	})
}

// eachMember reads the object that begins at or after i.
func eachMember(t []byte, i int, yield func(key []byte, from, to int) bool) {
	i = skipSpace(t, i)
	if i >= len(t) || t[i] != '{' {
		return
	}
	for {
		i = skipSpace(t, i+1)
		if i >= len(t) || t[i] != '"' {
			return
		}
		end := stringEnd(t, i)
		if end < 0 {
			return
		}
		key := t[i+1 : end-1]
		if !plain(key) {
			key = appendDecoded(nil, key)
		}
		i = skipSpace(t, end)
		if i >= len(t) || t[i] != ':' {
			return
		}
		i = skipSpace(t, i+1)
		if end = valueEnd(t, i); end < 0 || !yield(key, i, end) {
			return
		}
		if i = skipSpace(t, end); i >= len(t) || t[i] != ',' {
			return
		}
	}
}

// eachElement reads the array that begins at or after i.
func eachElement(t []byte, i int, yield func(from, to int) bool) {
	i = skipSpace(t, i)
	if i >= len(t) || t[i] != '[' {
		return
	}
	for {
		i = skipSpace(t, i+1)
		end := valueEnd(t, i)
		if end < 0 || !yield(i, end) {
			return
		}
		if i = skipSpace(t, end); i >= len(t) || t[i] != ',' {
			return
		}
	}
}

// Member is the text of the value of a top-level member.
func Member(object []byte, name string) (value []byte, ok bool) {
	Members(object, func(k, v []byte) bool {
		if string(k) == name {
			value, ok = v, true
		}
		return !ok
	})
	return value, ok
}

// Text is the decoded text of a JSON string; ok is false if value is not one.
func Text(value []byte) (text string, ok bool) {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return "", false
	}
	inner := value[1 : len(value)-1]
	if plain(inner) {
		return string(inner), true
	}
	return string(appendDecoded(make([]byte, 0, len(inner)), inner)), true
}

// SkipSpace is the first position at or after i that is not whitespace, at most
// len(text).
func SkipSpace(text []byte, i int) int { return skipSpace(text, i) }

// SkipValue is the position after the value of checked JSON that begins at i,
// which must not be whitespace, or -1.
func SkipValue(text []byte, i int) int { return valueEnd(text, i) }

// stringEnd is the position after the string whose opening quote is at i, or -1.
func stringEnd(t []byte, i int) int {
	i++
	for {
		for i+8 <= len(t) {
			w := binary.LittleEndian.Uint64(t[i:])
			quote, slash := w^ones*'"', w^ones*'\\'
			if m := ((quote-ones)&^quote | (slash-ones)&^slash) & highs; m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		if i >= len(t) {
			return -1
		}
		switch t[i] {
		case '"':
			return i + 1
		case '\\':
			i += 2
		default:
			i++
		}
	}
}

// valueEnd is the position after the value that begins at i, or -1.
func valueEnd(t []byte, i int) int {
	if i >= len(t) {
		return -1
	}
	switch t[i] {
	case '"':
		return stringEnd(t, i)
	case '{', '[':
		for depth := 0; i < len(t); i++ {
			switch t[i] {
			case '"':
				end := stringEnd(t, i)
				if end < 0 {
					return -1
				}
				i = end - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return -1
	}
	from := i
	for i < len(t) {
		switch t[i] {
		case ',', '}', ']', ':', ' ', '\n', '\r', '\t', '"', '{', '[':
			if i == from {
				return -1
			}
			return i
		}
		i++
	}
	return i
}

// appendDecoded appends the text between the quotes of a JSON string with its
// escapes resolved.
func appendDecoded(dst, text []byte) []byte {
	for len(text) > 0 {
		i := bytes.IndexByte(text, '\\')
		if i < 0 || i+1 >= len(text) {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		c := text[i+1]
		text = text[i+2:]
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r := hex4(text, 0)
			if r < 0 {
				return dst
			}
			text = text[4:]
			if utf16.IsSurrogate(r) && len(text) >= 6 {
				r = utf16.DecodeRune(r, hex4(text, 2))
				text = text[6:]
			}
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// plain tells that the text between quotes holds no escape.
func plain(text []byte) bool { return bytes.IndexByte(text, '\\') < 0 }
