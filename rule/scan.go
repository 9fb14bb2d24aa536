package rule

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// maxRecordDepth bounds the nesting of a record; deeper ones are an error of
// the record, because paths and comparisons walk it recursively.
const maxRecordDepth = 1000

func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' {
		i++
	}
	return i
}

// quotes has the top bit of the first byte that is a quote or a backslash, and
// perhaps of later ones.
func quotes(w uint64) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	x, y := w^(ones*'"'), w^(ones*'\\')
	return ((x-ones)&^x | (y-ones)&^y) & tops
}

// stringEnd finds the closing quote of the string whose content begins at i,
// or -1, and whether there are escapes in it.
func stringEnd(b []byte, i int) (end int, escaped bool) {
	for i+16 <= len(b) {
		first, second := quotes(binary.LittleEndian.Uint64(b[i:])), quotes(binary.LittleEndian.Uint64(b[i+8:]))
		if first|second == 0 {
			i += 16
			continue
		}
		// Without a branch: where a text ends cannot be predicted.
		at, other := bits.TrailingZeros64(first), 64+bits.TrailingZeros64(second)
		if first == 0 {
			at = other
		}
		i += at / 8
		if b[i] == '"' {
			return i, escaped
		}
		escaped = true
		i += 2
	}
	for i < len(b) {
		switch b[i] {
		case '"':
			return i, escaped
		case '\\':
			escaped = true
			i++
		}
		i++
	}
	return -1, escaped
}

// numberEnd finds the end of the number at i, or -1, and whether it is written
// as an integer.
func numberEnd(b []byte, i int) (end int, whole bool) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	digits := func() bool {
		start := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		return i > start
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return -1, false
	}
	whole = true
	if i < len(b) && b[i] == '.' {
		whole = false
		i++
		if !digits() {
			return -1, false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		whole = false
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return -1, false
		}
	}
	return i, whole
}

// readNumber reads the number at i into v and returns where it ends, or -1.
func readNumber(b []byte, i int, v *value) int {
	start := i
	negative := b[i] == '-'
	if negative {
		i++
	}
	digits := i
	var n int64
	for i < len(b) && b[i]-'0' <= 9 {
		n = n*10 + int64(b[i]-'0')
		i++
	}
	if count := i - digits; count > 0 && count <= 18 && (i == len(b) || b[i] != '.' && b[i]|0x20 != 'e') {
		if negative {
			n = -n
		}
		v.kind, v.bits, v.s = kindInt, n, b[start:i]
		return i
	}
	end, whole := numberEnd(b, start)
	if end < 0 {
		return -1
	}
	v.s = b[start:end]
	if whole {
		if n, err := strconv.ParseInt(string(v.s), 10, 64); err == nil {
			v.kind, v.bits = kindInt, n
			return end
		}
	}
	f, _ := strconv.ParseFloat(string(v.s), 64) // out of range gives the infinity that JavaScript gives
	v.kind, v.bits = kindFloat, int64(math.Float64bits(f))
	return end
}

// skipValue returns where the value at i ends, or -1.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		end, _ := stringEnd(b, i+1)
		if end < 0 {
			return -1
		}
		return end + 1
	case '{', '[':
		return skipContainer(b, i, 0)
	}
	start := i
	for i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t', ':', '"', '[', '{':
			if i == start {
				return -1
			}
			return i
		}
		i++
	}
	return i
}

// skipList is skipContainer for an array, and tells whether it is flat: nothing
// in it but scalars, and no escapes.
func skipList(b []byte, i, depth int) (end int, flat bool) {
	for j := i + 1; j < len(b); j++ {
		switch b[j] {
		case '"':
			var escaped bool
			if j, escaped = stringEnd(b, j+1); j < 0 {
				return -1, false
			}
			if escaped {
				return skipContainer(b, i, depth), false
			}
		case '{', '[', '}':
			return skipContainer(b, i, depth), false
		case ']':
			return j + 1, depth < maxRecordDepth
		}
	}
	return -1, false
}

// skipContainer returns where the array or object at i ends, or -1 when it does
// not end or is nested too deep; depth is the depth of what is around it.
func skipContainer(b []byte, i, depth int) int {
	base := depth
	for i < len(b) {
		switch b[i] {
		case '"':
			if i, _ = stringEnd(b, i+1); i < 0 {
				return -1
			}
		case '{', '[':
			if depth++; depth > maxRecordDepth {
				return -1
			}
		case '}', ']':
			if depth--; depth == base {
				return i + 1
			}
		}
		i++
	}
	return -1
}

// readValue reads the value at i into v and returns where it ends, or -1.
// Strings with escapes are decoded to the end of arena.
func readValue(b []byte, i int, v *value, arena *[]byte) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		end, escaped := stringEnd(b, i+1)
		if end < 0 {
			return -1
		}
		v.kind, v.date, v.s = kindString, dateUnknown, b[i+1:end]
		if escaped {
			mark := len(*arena)
			out, ok := unescape(*arena, v.s)
			if !ok {
				return -1
			}
			*arena = out
			v.s = out[mark:len(out):len(out)]
		}
		return end + 1
	case '{', '[':
		var end int
		v.kind = kindObject
		if b[i] == '[' {
			v.kind = kindArray
			end, v.flat = skipList(b, i, 0)
		} else {
			end = skipContainer(b, i, 0)
		}
		if end < 0 {
			return -1
		}
		v.s = b[i:end]
		return end
	case 't':
		return readWord(b, i, "true", kindTrue, v)
	case 'f':
		return readWord(b, i, "false", kindFalse, v)
	case 'n':
		return readWord(b, i, "null", kindNull, v)
	}
	if b[i] == '-' || b[i]-'0' <= 9 {
		return readNumber(b, i, v)
	}
	return -1
}

func readWord(b []byte, i int, word string, k kind, v *value) int {
	end := i + len(word)
	if end > len(b) || string(b[i:end]) != word {
		return -1
	}
	v.kind = k
	return end
}

// elements steps through the text of an array.
type elements struct {
	text []byte
	pos  int // of the next element, or -1 at the end
}

func elementsOf(text []byte) elements {
	e := elements{text: text, pos: skipSpace(text, 1)}
	if e.pos >= len(text) || text[e.pos] == ']' {
		e.pos = -1
	}
	return e
}

// next reads one element; false means there are no more.
func (e *elements) next(v *value, arena *[]byte) bool {
	if e.pos < 0 {
		return false
	}
	end := readValue(e.text, e.pos, v, arena)
	e.pos = afterItem(e.text, end)
	return end >= 0
}

// afterItem goes from the end of an element or member to the next one, or -1.
func afterItem(text []byte, end int) int {
	if end < 0 {
		return -1
	}
	end = skipSpace(text, end)
	if end >= len(text) || text[end] != ',' {
		return -1
	}
	return skipSpace(text, end+1)
}

// eachElement and eachMember are the plain walks for code off the hot path;
// the callback returns false to stop.
func eachElement(text []byte, do func(v *value) bool) {
	var arena []byte
	e := elementsOf(text)
	for {
		var v value
		if !e.next(&v, &arena) || !do(&v) {
			return
		}
	}
}

func eachMember(text []byte, do func(key []byte, v *value) bool) {
	var arena []byte
	i := skipSpace(text, 1)
	for i >= 0 && i < len(text) && text[i] == '"' {
		var key, v value
		if i = readValue(text, i, &key, &arena); i < 0 {
			return
		}
		i = skipSpace(text, i)
		if i >= len(text) || text[i] != ':' {
			return
		}
		if i = readValue(text, skipSpace(text, i+1), &v, &arena); i < 0 {
			return
		}
		if !do(key.s, &v) {
			return
		}
		i = afterItem(text, i)
	}
}

// unescape appends the decoded string to out. Half a surrogate pair is kept as
// the three bytes that UTF-8 would use for it, so that different halves stay
// different.
func unescape(out, raw []byte) ([]byte, bool) {
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c != '\\' {
			out = append(out, c)
			continue
		}
		i++
		if i >= len(raw) {
			return out, false
		}
		switch raw[i] {
		case '"', '\\', '/':
			out = append(out, raw[i])
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := hex4(raw, i+1)
			if !ok {
				return out, false
			}
			i += 4
			if r >= 0xD800 && r < 0xDC00 && i+2 < len(raw) && raw[i+1] == '\\' && raw[i+2] == 'u' {
				if low, ok := hex4(raw, i+3); ok && low >= 0xDC00 && low < 0xE000 {
					r = 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
					i += 6
				}
			}
			if isSurrogate(r) {
				out = append(out, 0xE0|byte(r>>12), 0x80|byte(r>>6&0x3F), 0x80|byte(r&0x3F))
			} else {
				out = utf8.AppendRune(out, r)
			}
		default:
			return out, false
		}
	}
	return out, true
}

func hex4(b []byte, i int) (rune, bool) {
	if i+4 > len(b) {
		return 0, false
	}
	var r rune
	for _, c := range b[i : i+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
