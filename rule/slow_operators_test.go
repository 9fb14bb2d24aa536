package rule

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

func slowEqual(a, b any) bool {
	x, ok1 := a.(json.Number)
	y, ok2 := b.(json.Number)
	if ok1 && ok2 {
		i, ok1 := slowNumber(x).(int64)
		j, ok2 := slowNumber(y).(int64)
		if ok1 && ok2 {
			return i == j
		}
		return slowFloat(slowNumber(x)) == slowFloat(slowNumber(y))
	}
	switch a.(type) {
	case []any, map[string]any, json.Number:
		// In JavaScript an object is equal to itself.
		p, q := reflect.ValueOf(a), reflect.ValueOf(b)
		return slowAsBase && !ok1 && b != nil && p.Kind() == q.Kind() && p.Pointer() == q.Pointer()
	}
	switch b.(type) {
	case []any, map[string]any, json.Number:
		return false
	}
	return a == b
}

func slowFloat(n any) float64 {
	if i, ok := n.(int64); ok {
		return float64(i)
	}
	return n.(float64)
}

// slowString is String(v) of JavaScript.
func slowString(v any) string {
	switch x := v.(type) {
	case missing:
		return "undefined"
	case nil:
		return "null"
	case string:
		return x
	case json.Number:
		switch n := slowNumber(x).(type) {
		case int64:
			return strconv.FormatInt(n, 10)
		default:
			f := n.(float64)
			switch {
			case f == 0:
				return "0"
			case math.IsInf(f, 1):
				return "Infinity"
			case math.IsInf(f, -1):
				return "-Infinity"
			case math.Abs(f) < 1e-6 || math.Abs(f) >= 1e21:
				s := strconv.FormatFloat(f, 'e', -1, 64)
				return regexp.MustCompile(`e([+-])0(\d)$`).ReplaceAllString(s, "e$1$2")
			}
			return strconv.FormatFloat(f, 'f', -1, 64)
		}
	case []any:
		var parts []string
		for _, e := range x {
			if e == nil {
				parts = append(parts, "")
			} else {
				parts = append(parts, slowString(e))
			}
		}
		return strings.Join(parts, ",")
	case map[string]any:
		return "[object Object]"
	}
	return fmt.Sprint(v)
}

var (
	slowLeading = regexp.MustCompile(`^[+-]?(Infinity|\d+\.?\d*|\.\d+)`)
	slowDecimal = regexp.MustCompile(`^[+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)$`)
	slowBased   = regexp.MustCompile(`^0([xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)$`)
)

// slowNumeric is Number(v); an int64, a float64.
func slowNumeric(v any) any {
	switch x := v.(type) {
	case missing:
		return math.NaN()
	case nil:
		return int64(0)
	case bool:
		if x {
			return int64(1)
		}
		return int64(0)
	case json.Number:
		return slowNumber(x)
	case string:
		s := strings.TrimSpace(x)
		switch {
		case s == "":
			return int64(0)
		case slowBased.MatchString(s):
			n, _ := strconv.ParseInt(s, 0, 64)
			return n
		case slowDecimal.MatchString(s):
			if i, ok := slowInt(s); ok {
				return i
			}
			f, _ := strconv.ParseFloat(s, 64)
			return f
		}
		return math.NaN()
	}
	return slowNumeric(slowString(v))
}

func slowOrder(op string, a, b any) bool {
	if !slowLeading.MatchString(strings.TrimSpace(slowString(a))) {
		return false
	}
	primitive := func(v any) any {
		switch v.(type) {
		case []any, map[string]any:
			return slowString(v)
		}
		return v
	}
	a, b = primitive(a), primitive(b)
	var c int
	x, ok1 := a.(string)
	y, ok2 := b.(string)
	if ok1 && ok2 {
		c = slices.Compare(utf16.Encode([]rune(x)), utf16.Encode([]rune(y)))
	} else {
		n, m := slowNumeric(a), slowNumeric(b)
		i, ok1 := n.(int64)
		j, ok2 := m.(int64)
		f, g := slowFloat(n), slowFloat(m)
		switch {
		case math.IsNaN(f) || math.IsNaN(g):
			return false
		case ok1 && ok2:
			c = int(max(-1, min(1, new64(i, j))))
		case f < g:
			c = -1
		case f > g:
			c = 1
		}
	}
	switch op {
	case "lessThan":
		return c < 0
	case "lessThanInclusive":
		return c <= 0
	case "greaterThan":
		return c > 0
	}
	return c >= 0
}

func new64(i, j int64) int64 {
	switch {
	case i < j:
		return -1
	case i > j:
		return 1
	}
	return 0
}

func slowDate(v any) (time.Time, bool) {
	switch x := v.(type) {
	case string:
		for _, layout := range []string{time.RFC3339Nano, time.DateOnly, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00"} {
			if t, err := time.Parse(layout, x); err == nil {
				return t, true
			}
		}
	case json.Number:
		f := slowFloat(slowNumber(x))
		if math.Abs(f) >= 1e11 {
			at := time.UnixMilli(int64(math.Floor(f))).Add(time.Duration(math.Round((f - math.Floor(f)) * 1e6)))
			return at, math.Abs(f) < 1e15 && at.Unix() >= minSecond && at.Unix() <= maxSecond
		}
		if f >= minSecond && f <= maxSecond {
			whole := math.Floor(f)
			return time.Unix(int64(whole), int64(math.Round((f-whole)*1e9))), true
		}
	}
	return time.Time{}, false
}

func slowOperate(op string, a, b any, now time.Time) (bool, error) {
	s, text := a.(string)
	t, textValue := b.(string)
	list, isList := a.([]any)
	switch op {
	case "equal":
		return slowEqual(a, b), nil
	case "notEqual":
		return !slowEqual(a, b), nil
	case "in", "notIn":
		has := false
		switch x := b.(type) {
		case []any:
			has = slices.ContainsFunc(x, func(e any) bool { return slowEqual(e, a) })
		case string:
			has = strings.Contains(x, slowString(a))
		default:
			return false, errSlow
		}
		return has == (op == "in"), nil
	case "contains", "doesNotContain":
		has := slices.ContainsFunc(list, func(e any) bool { return slowEqual(e, b) })
		if text && textValue && !slowAsBase {
			has = strings.Contains(s, t)
		} else if !isList {
			return false, nil
		}
		return has == (op == "contains"), nil
	case "lessThan", "lessThanInclusive", "greaterThan", "greaterThanInclusive":
		return slowOrder(op, a, b), nil
	case "startsWith":
		return text && textValue && strings.HasPrefix(s, t), nil
	case "endsWith":
		return text && textValue && strings.HasSuffix(s, t), nil
	case "equalIgnoreCase":
		return text && textValue && strings.EqualFold(s, t), nil
	case "matches":
		return text && textValue && regexp.MustCompile(t).MatchString(s), nil
	case "doesNotMatch":
		return text && textValue && !regexp.MustCompile(t).MatchString(s), nil
	case "exists":
		return b == (a != any(missing{})), nil
	case "isEmpty":
		m, isMap := a.(map[string]any)
		empty := a == nil || a == any(missing{}) || text && s == "" || isList && len(list) == 0 || isMap && len(m) == 0
		return b == empty, nil
	case "inCidr", "notInCidr":
		if !text {
			return false, nil
		}
		in, ok := slowNetwork(s)
		nets, isList := b.([]any)
		if textValue {
			nets = []any{t}
		}
		if !ok || !isList && !textValue {
			return false, nil
		}
		has := false
		for _, n := range nets {
			text, _ := n.(string)
			out, ok := slowNetwork(text)
			if !ok {
				return false, nil
			}
			has = has || out.Bits() <= in.Bits() && out.Contains(in.Addr())
		}
		return has == (op == "inCidr"), nil
	case "versionAtLeast", "versionBelow":
		x, ok1 := slowVersion(a)
		y, ok2 := slowVersion(b)
		if !ok1 || !ok2 {
			return false, nil
		}
		return (slices.Compare(x, y) >= 0) == (op == "versionAtLeast"), nil
	}
	at, ok := slowDate(a)
	if !ok {
		return false, nil
	}
	if op == "before" || op == "after" {
		other, ok := slowDate(b)
		return ok && (op == "before" && at.Before(other) || op == "after" && at.After(other)), nil
	}
	n, ok := b.(json.Number)
	if !ok {
		return false, nil
	}
	units := slowFloat(slowNumber(n))
	if units < 0 || units > maxSpan {
		return false, nil
	}
	unit := time.Hour
	if strings.HasSuffix(op, "Days") {
		unit = 24 * time.Hour
	}
	span := time.Duration(units * float64(unit))
	switch {
	case strings.HasPrefix(op, "withinLast"):
		return !at.Before(now.Add(-span)) && !at.After(now), nil
	case strings.HasPrefix(op, "withinNext"):
		return !at.Before(now) && !at.After(now.Add(span)), nil
	}
	return at.Before(now.Add(-span)), nil
}

func slowNetwork(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p, true
	}
	a, err := netip.ParseAddr(s)
	return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), err == nil
}

var slowVersionText = regexp.MustCompile(`^[vV]?(\d+(?:\.\d+)*)(?:[-+~( ].*)?$`)

func slowVersion(v any) ([]int, bool) {
	var s string
	switch x := v.(type) {
	case string:
		s = strings.Trim(x, " \t")
	case json.Number:
		if s = string(x); !regexp.MustCompile(`^\d+(\.\d+)?$`).MatchString(s) {
			return nil, false
		}
	default:
		return nil, false
	}
	m := slowVersionText.FindStringSubmatch(s)
	if m == nil {
		return nil, false
	}
	var out []int
	for _, p := range strings.Split(m[1], ".") {
		n, _ := strconv.Atoi(p)
		out = append(out, n)
	}
	for len(out) < 8 {
		out = append(out, 0)
	}
	return out, true
}
