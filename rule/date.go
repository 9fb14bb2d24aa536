package rule

import (
	"fmt"
	"math"
	"time"
)

// instant is a point in time in nanoseconds, as wide as the calendar from year
// 0 to 9999 needs.
type instant struct {
	sec  int64
	nsec int32
}

func (a instant) compare(b instant) int {
	switch {
	case a.sec != b.sec:
		if a.sec < b.sec {
			return -1
		}
		return 1
	case a.nsec < b.nsec:
		return -1
	case a.nsec > b.nsec:
		return 1
	}
	return 0
}

func (a instant) plus(b instant) instant {
	s := instant{a.sec + b.sec, a.nsec + b.nsec}
	if s.nsec >= 1e9 {
		s.sec, s.nsec = s.sec+1, s.nsec-1e9
	}
	return s
}

func (a instant) minus(b instant) instant {
	s := instant{a.sec - b.sec, a.nsec - b.nsec}
	if s.nsec < 0 {
		s.sec, s.nsec = s.sec-1, s.nsec+1e9
	}
	return s
}

// after is the next moment that the clock can tell from a.
func (a instant) after() instant { return a.plus(instant{0, 1}) }

func instantOf(t time.Time) instant { return instant{t.Unix(), int32(t.Nanosecond())} }

func (a instant) time() time.Time { return time.Unix(a.sec, int64(a.nsec)).UTC() }

const (
	minSecond = -62167219200 // 0000-01-01
	maxSecond = 253402300799 // 9999-12-31T23:59:59
	maxSpan   = 1_000_000    // days or hours in a rule
)

// readInstant reads a date: RFC 3339, the same with a space for T or without
// offset (then UTC), date only (UTC midnight), unix seconds, or, from 10^11 on,
// unix milliseconds.
func readInstant(v *value) (instant, bool) {
	var t instant
	switch v.kind {
	case kindString:
		var ok bool
		if t, ok = parseInstant(v.s); !ok {
			return t, false
		}
	case kindInt:
		n := v.bits
		if n > -1e11 && n < 1e11 {
			t.sec = n
		} else {
			t = instant{floorDiv(n, 1000), int32(n-floorDiv(n, 1000)*1000) * 1e6}
		}
	case kindFloat:
		f := v.number()
		switch a := math.Abs(f); {
		case a < 1e11:
			t = spanOf(f)
		case a < 1e15:
			second := math.Floor(f / 1000)
			t = instant{int64(second), 0}.plus(instant{0, int32(min(math.Round((f-second*1000)*1e6), 999_999_999))})
		default:
			return t, false
		}
	default:
		return t, false
	}
	return t, t.sec >= minSecond && t.sec <= maxSecond
}

// dateOf is readInstant for a value of the record, of which several conditions
// may ask the date. The literal of a rule is shared and stays as it is.
func (l *leaf) dateOf(v *value) (instant, bool) {
	if v.kind != kindString || v == &l.literal {
		return readInstant(v)
	}
	switch v.date {
	case isDate:
		return instant{v.bits, v.nanos}, true
	case noDate:
		return instant{}, false
	}
	t, ok := readInstant(v)
	v.date = noDate
	if ok {
		v.date, v.bits, v.nanos = isDate, t.sec, t.nsec
	}
	return t, ok
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// spanOf turns seconds into an instant, rounded to the nanosecond.
func spanOf(seconds float64) instant {
	whole := math.Floor(seconds)
	return instant{int64(whole), 0}.plus(instant{0, int32(min(math.Round((seconds-whole)*1e9), 999_999_999))})
}

// parseInstant reads the text forms of a date.
func parseInstant(s []byte) (t instant, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return t, false
	}
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return t, false
	}
	t.sec = dayNumber(year, month, day) * 86400
	if len(s) == 10 {
		return t, true
	}
	if len(s) < 19 || s[10]|0x20 != 't' && s[10] != ' ' || s[13] != ':' || s[16] != ':' {
		return t, false
	}
	hour, ok1 := digits(s[11:13])
	minute, ok2 := digits(s[14:16])
	second, ok3 := digits(s[17:19])
	if !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 60 {
		return t, false
	}
	t.sec += hour*3600 + minute*60 + second
	s = s[19:]
	if len(s) > 0 && s[0] == '.' {
		n := 1
		scale := int32(1e8)
		for n < len(s) && s[n]-'0' <= 9 {
			t.nsec += int32(s[n]-'0') * scale
			scale /= 10
			n++
		}
		if n == 1 {
			return t, false
		}
		s = s[n:]
	}
	switch {
	case len(s) == 0:
		return t, true
	case len(s) == 1 && s[0]|0x20 == 'z':
		return t, true
	case len(s) == 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':':
		h, ok1 := digits(s[1:3])
		m, ok2 := digits(s[4:6])
		if !ok1 || !ok2 || h > 23 || m > 59 {
			return t, false
		}
		shift := h*3600 + m*60
		if s[0] == '+' {
			shift = -shift
		}
		t.sec += shift
		return t, true
	}
	return t, false
}

func digits(s []byte) (n int64, ok bool) {
	for _, c := range s {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

func daysIn(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// dayNumber counts the days from 1970-01-01 in the proleptic Gregorian
// calendar, with the year beginning in March so that leap days come last.
func dayNumber(year, month, day int64) int64 {
	if month <= 2 {
		year--
	}
	era := floorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*((month+9)%12)+2)/5 + day - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

// readSpan reads the N of "within N days"; false when it is no usable number.
func readSpan(op opcode, v *value) (instant, bool) {
	if !v.isNumber() {
		return instant{}, false
	}
	n := v.number()
	if !(n >= 0 && n <= maxSpan) {
		return instant{}, false
	}
	switch op {
	case opWithinLastDays, opWithinNextDays, opOlderThanDays:
		return spanOf(n * 86400), true
	}
	return spanOf(n * 3600), true
}

// dated decides a date operator for the moment now. The operator is true for
// now in one interval around t; changes tells at which later moment its truth
// changes next, if it does.
func dated(op opcode, t, span, now instant) (truth bool, next instant, changes bool) {
	var from, until instant // true for from <= now < until
	switch op {
	case opWithinLastHours, opWithinLastDays:
		from, until = t, t.plus(span).after()
	case opWithinNextHours, opWithinNextDays:
		from, until = t.minus(span), t.after()
	default:
		from = t.plus(span).after()
		if now.compare(from) >= 0 {
			return true, instant{}, false
		}
		return false, from, true
	}
	switch {
	case now.compare(from) < 0:
		return false, from, true
	case now.compare(until) < 0:
		return true, until, true
	}
	return false, instant{}, false
}

// formatInstant writes a moment as shortly as it can be said: the date at UTC
// midnight, else RFC 3339.
func formatInstant(t instant) string {
	u := t.time()
	if t.nsec == 0 && u.Hour() == 0 && u.Minute() == 0 && u.Second() == 0 {
		return u.Format(time.DateOnly)
	}
	if y := u.Year(); y < 0 || y > 9999 {
		return fmt.Sprintf("year %d", y)
	}
	return u.Format(time.RFC3339Nano)
}
