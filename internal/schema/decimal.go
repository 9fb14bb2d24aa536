package schema

import "math/bits"

// decimal is mantissa times ten to the power of exponent.
type decimal struct {
	negative bool
	mantissa uint64
	exponent int
}

// literal is what a scan of a JSON number tells.
type literal struct {
	value    decimal
	exact    bool // value is the number; else it has too many digits
	integral bool // written without a fraction other than zeros, and without exponent
	plain    bool // written without fraction and exponent
}

const maxDigits = 19 // so many decimal digits always fit a uint64

// scanNumber reads the number of checked JSON at i and returns the position
// after it.
func scanNumber(t []byte, i int) (n literal, end int) {
	n = literal{exact: true, integral: true, plain: true}
	if i < len(t) && t[i] == '-' {
		n.value.negative = true
		i++
	}
	used := 0
	fraction := false
	for ; i < len(t); i++ {
		c := t[i]
		if c == '.' {
			fraction, n.plain = true, false
			continue
		}
		c -= '0'
		if c > 9 {
			break
		}
		if used > 0 || c > 0 {
			used++
		}
		if used <= maxDigits {
			n.value.mantissa = n.value.mantissa*10 + uint64(c)
		} else {
			n.exact = false
		}
		if fraction {
			n.value.exponent--
			n.integral = n.integral && c == 0
		}
	}
	if i < len(t) && t[i]|0x20 == 'e' {
		n.plain, n.integral = false, false
		i++
		negative := i < len(t) && t[i] == '-'
		if i < len(t) && (t[i] == '-' || t[i] == '+') {
			i++
		}
		e := 0
		for ; i < len(t) && t[i]-'0' <= 9; i++ {
			if e = e*10 + int(t[i]-'0'); e > 1_000_000 {
				e, n.exact = 0, false
			}
		}
		if negative {
			e = -e
		}
		n.value.exponent += e
	}
	return n, i
}

// compare is -1, 0 or 1 as a is below, equal to or above b, exactly.
func (a decimal) compare(b decimal) int {
	switch {
	case a.mantissa == 0 && b.mantissa == 0:
		return 0
	case a.mantissa == 0:
		return sign(!b.negative)
	case b.mantissa == 0 || a.negative != b.negative:
		return sign(a.negative)
	}
	c := a.compareMagnitude(b)
	if a.negative {
		return -c
	}
	return c
}

// sign is -1 for true, 1 for false.
func sign(below bool) int {
	if below {
		return -1
	}
	return 1
}

func (a decimal) compareMagnitude(b decimal) int {
	if a.exponent < b.exponent {
		return -b.compareMagnitude(a)
	}
	scaled := a.mantissa
	for range min(a.exponent-b.exponent, maxDigits+1) {
		high, low := bits.Mul64(scaled, 10)
		if high != 0 {
			return 1
		}
		scaled = low
	}
	switch {
	case scaled < b.mantissa:
		return -1
	case scaled > b.mantissa:
		return 1
	}
	return 0
}
