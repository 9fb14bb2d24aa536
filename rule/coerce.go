package rule

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The conversions of ECMAScript that the ordering operators and `in` on text
// rest on: ToPrimitive, ToString, ToNumber, parseFloat and the relational
// comparison (ECMA-262, sections 7.1 and 7.2.13).

// ordering is the outcome of a comparison; unordered is what NaN gives.
type ordering int8

const (
	less      ordering = -1
	same      ordering = 0
	greater   ordering = 1
	unordered ordering = 2
)

// compareOrder compares as JavaScript's < does: two texts as text, anything
// else as numbers.
func compareOrder(a, b *value, scratch *[]byte) ordering {
	if a.kind == kindInt && b.kind == kindInt {
		return compareInts(a.bits, b.bits)
	}
	mark := len(*scratch)
	pa, pb := toPrimitive(a, scratch), toPrimitive(b, scratch)
	*scratch = (*scratch)[:mark]
	if pa.kind == kindString && pb.kind == kindString {
		return compareText(pa.s, pb.s)
	}
	na, nb := toNumber(&pa), toNumber(&pb)
	if na.kind == kindInt && nb.kind == kindInt {
		return compareInts(na.bits, nb.bits)
	}
	x, y := na.number(), nb.number()
	switch {
	case x < y:
		return less
	case x > y:
		return greater
	case x == y:
		return same
	}
	return unordered
}

func compareInts(a, b int64) ordering {
	switch {
	case a < b:
		return less
	case a > b:
		return greater
	}
	return same
}

// compareText orders by UTF-16 code units. That differs from the order of the
// bytes only from U+D800 on, where a character beyond U+FFFF counts as the
// surrogate pair that JavaScript makes of it.
func compareText(a, b []byte) ordering {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	if i == n {
		return compareInts(int64(len(a)), int64(len(b)))
	}
	if a[i] >= 0xED && b[i] >= 0xED {
		return compareUnits(a[i:], b[i:])
	}
	return compareInts(int64(a[i]), int64(b[i]))
}

func compareUnits(a, b []byte) ordering {
	var ua, ub [4]rune
	na, nb := units(a, &ua), units(b, &ub)
	for i := range min(na, nb) {
		if ua[i] != ub[i] {
			return compareInts(int64(ua[i]), int64(ub[i]))
		}
	}
	return compareInts(int64(na), int64(nb))
}

// units gives the code units of the first two characters.
func units(s []byte, out *[4]rune) int {
	n := 0
	for c := 0; c < 2 && len(s) > 0; c++ {
		r, size := decodeUnit(s)
		s = s[size:]
		if r > 0xFFFF {
			out[n], out[n+1] = 0xD800+(r-0x10000)>>10, 0xDC00+(r-0x10000)&0x3FF
			n += 2
		} else {
			out[n] = r
			n++
		}
	}
	return n
}

// toPrimitive gives arrays and objects as the text that JavaScript makes of
// them, using the end of scratch; other values stay.
func toPrimitive(v *value, scratch *[]byte) value {
	if v.scalar() {
		return *v
	}
	mark := len(*scratch)
	*scratch = appendText(*scratch, v)
	return value{kind: kindString, s: (*scratch)[mark:]}
}

// appendText writes what String(v) gives.
func appendText(b []byte, v *value) []byte {
	switch v.kind {
	case kindUndefined:
		return append(b, "undefined"...)
	case kindString:
		return append(b, v.s...)
	case kindFloat:
		return appendNumber(b, v.number())
	case kindObject:
		return append(b, "[object Object]"...)
	case kindArray:
		first := true
		eachElement(v.s, func(e *value) bool {
			if !first {
				b = append(b, ',')
			}
			first = false
			if e.kind != kindNull {
				b = appendText(b, e)
			}
			return true
		})
		return b
	}
	return appendValue(b, v)
}

// appendNumber writes a float64 as JavaScript prints it.
func appendNumber(b []byte, f float64) []byte {
	switch {
	case f == 0:
		return append(b, '0')
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	mark := len(b)
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	// Go pads the exponent to two digits, JavaScript does not.
	if e := mark + bytes.IndexByte(b[mark:], 'e'); len(b) == e+4 && b[e+2] == '0' {
		b = append(b[:e+2], b[e+3])
	}
	return b
}

var nan = floatValue(math.NaN())

// toNumber converts a primitive; the result is kindInt or kindFloat.
func toNumber(v *value) value {
	switch v.kind {
	case kindInt, kindFloat:
		return *v
	case kindNull, kindFalse:
		return intValue(0)
	case kindTrue:
		return intValue(1)
	case kindString:
		return textToNumber(v.s)
	}
	return nan
}

func textToNumber(s []byte) value {
	s = trimText(s)
	if len(s) == 0 {
		return intValue(0)
	}
	if len(s) > 2 && s[0] == '0' {
		base := 0
		switch s[1] | 0x20 {
		case 'x':
			base = 16
		case 'o':
			base = 8
		case 'b':
			base = 2
		}
		if base != 0 {
			return digitsToNumber(s[2:], base)
		}
	}
	end := decimalEnd(s)
	if end != len(s) {
		return nan
	}
	return decimal(s)
}

func digitsToNumber(s []byte, base int) value {
	f := 0.0
	for _, c := range s {
		d := 99
		switch {
		case c >= '0' && c <= '9':
			d = int(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = int(c|0x20-'a') + 10
		}
		if d >= base {
			return nan
		}
		f = f*float64(base) + float64(d)
	}
	if n, err := strconv.ParseInt(string(s), base, 64); err == nil {
		return intValue(n)
	}
	return floatValue(f)
}

// decimal converts a text that decimalEnd accepted whole.
func decimal(s []byte) value {
	if n, err := strconv.ParseInt(string(s), 10, 64); err == nil {
		return intValue(n)
	}
	f, _ := strconv.ParseFloat(string(s), 64)
	return floatValue(f)
}

// decimalEnd is how many bytes of s are a StrDecimalLiteral, 0 for none.
func decimalEnd(s []byte) int {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	if bytes.HasPrefix(s[i:], []byte("Infinity")) {
		return i + len("Infinity")
	}
	whole, fraction := 0, 0
	for i < len(s) && s[i]-'0' <= 9 {
		i, whole = i+1, whole+1
	}
	if i < len(s) && s[i] == '.' {
		j := i + 1
		for j < len(s) && s[j]-'0' <= 9 {
			j, fraction = j+1, fraction+1
		}
		if whole+fraction > 0 {
			i = j
		}
	}
	if whole+fraction == 0 {
		return 0
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		digits := j
		for j < len(s) && s[j]-'0' <= 9 {
			j++
		}
		if j > digits {
			i = j
		}
	}
	return i
}

// looksNumeric is whether parseFloat of the value is not NaN, the test that a
// fact must pass for the ordering operators.
func looksNumeric(v *value, scratch *[]byte) bool {
	switch v.kind {
	case kindInt, kindFloat:
		return true
	case kindString:
		return decimalEnd(trimText(v.s)) > 0
	case kindArray:
		mark := len(*scratch)
		p := toPrimitive(v, scratch)
		*scratch = (*scratch)[:mark]
		return decimalEnd(trimText(p.s)) > 0
	}
	return false
}

// trimText strips what JavaScript calls white space and line ends.
func trimText(s []byte) []byte {
	if len(s) > 0 && s[0] > ' ' && s[0] < utf8.RuneSelf && s[len(s)-1] > ' ' && s[len(s)-1] < utf8.RuneSelf {
		return s
	}
	return bytes.TrimFunc(s, func(r rune) bool {
		switch {
		case r == ' ' || r >= '\t' && r <= '\r':
			return true
		case r < 0xA0:
			return false
		}
		return r >= 0x2000 && r <= 0x200A || strings.ContainsRune("\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff", r)
	})
}

// textLength counts UTF-16 code units, as JavaScript's length does.
func textLength(s []byte) int64 {
	var n int64
	for i := 0; i < len(s); {
		r, size := decodeUnit(s[i:])
		if r > 0xFFFF {
			n++
		}
		n++
		i += size
	}
	return n
}
