package rule

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// generator makes random rules and records that meet often enough to matter.
type generator struct {
	*rand.Rand
	dated bool             // mostly dates and date operators
	base  bool             // only what the base engine has
	named map[string]any   // conditions that others may refer to
	far   map[string][]any // records of other resources
}

var testNow = time.Date(2026, 10, 1, 12, 30, 0, 0, time.UTC)

func (g *generator) pick(list ...any) any { return list[g.IntN(len(list))] }

func (g *generator) word() string {
	return g.pick("", "a", "b", "abc", "ABC", "10", "9", " 7 ", "0x1F", "1e3", "-5", "12px", "true", "null", "é", "日本", "😀", "\uFFFD", "a\"b\\c\n", "1,2", ".5", "5.", "Infinity", "[object Object]").(string)
}

func (g *generator) number() json.Number {
	return json.Number(g.pick("0", "1", "-1", "2", "3", "5", "10", "1.0", "2.5", "-0.5", "1e3", "1000", "1E-7", "0.1", "9007199254740991", "1e21", "123456789012345678901234567890", "-0", "3.0e0", "9007199254740993", "9007199254740992").(string))
}

func (g *generator) date() any {
	t := testNow.Add(time.Duration(g.IntN(41)-20) * 12 * time.Hour)
	switch g.IntN(7) {
	case 0:
		return t.Format(time.DateOnly)
	case 1:
		return json.Number(fmt.Sprint(t.Unix()))
	case 2:
		return json.Number(fmt.Sprint(t.UnixMilli()))
	case 3:
		return t.In(time.FixedZone("", 5400)).Format(time.RFC3339)
	case 4:
		return t.Format("2006-01-02 15:04:05.000000")
	case 5:
		return g.pick("never", "2026-13-01", "2026-02-30", "9999-12-31", "0001-01-01T00:00:00Z", "2026-10-01T12:30:00.000000001Z")
	}
	return t.Format(time.RFC3339)
}

func (g *generator) scalar() any {
	if g.dated && g.IntN(10) < 8 {
		return g.date()
	}
	switch g.IntN(9) {
	case 0:
		return nil
	case 1:
		return g.IntN(2) == 0
	case 2, 3, 4:
		return g.number()
	case 5:
		if !g.base {
			return g.date()
		}
	case 6:
		if !g.base {
			return g.pick("10.1.2.3", "192.168.0.9", "fd00::1", "::ffff:10.0.0.1", "v10.15.6", "11", "10.9-rc1", "1.2.3.4.5")
		}
	}
	return g.word()
}

func (g *generator) value(depth int) any {
	switch g.IntN(6) {
	case 0:
		list := []any{}
		for range g.IntN(4) {
			if depth > 0 {
				list = append(list, g.value(depth-1))
			} else {
				list = append(list, g.scalar())
			}
		}
		return list
	case 1:
		if depth > 0 {
			return g.object(depth - 1)
		}
	}
	return g.scalar()
}

var testNames = []string{"a", "b", "c", "d", "len gth", "0"}

func (g *generator) object(depth int) map[string]any {
	m := map[string]any{}
	for range g.IntN(6) {
		m[testNames[g.IntN(len(testNames))]] = g.value(depth)
	}
	if g.IntN(12) == 0 {
		m["length"] = g.scalar()
	}
	return m
}

func (g *generator) path() string {
	var b strings.Builder
	b.WriteString("$")
	for range 1 + g.IntN(3) {
		switch g.IntN(8) {
		case 0, 1, 2, 3:
			b.WriteString("." + testNames[g.IntN(4)])
		case 4, 5:
			fmt.Fprintf(&b, "[%d]", g.IntN(3))
		case 6:
			b.WriteString("[*]")
		case 7:
			b.WriteString(".length")
		}
	}
	p := b.String()
	if strings.HasPrefix(p, "$.") && g.IntN(2) == 0 {
		p = p[2:]
	}
	return p
}

// source gives fact and perhaps path.
func (g *generator) source(m map[string]any) {
	m["fact"] = g.pick("a", "b", "c", "d", "len gth", "zzz")
	if !g.base && g.IntN(12) == 0 {
		m["fact"] = "$"
	}
	if g.IntN(3) == 0 && !g.dated {
		m["path"] = g.path()
	}
}

func (g *generator) list(of func() any) []any {
	list := []any{}
	for range g.IntN(5) {
		list = append(list, of())
	}
	return list
}

// lookup gives a leaf that asks another resource.
func (g *generator) lookup() map[string]any {
	m := map[string]any{}
	g.source(m)
	op := g.pick("existsIn", "notExistsIn").(string)
	for range g.IntN(3) {
		op = g.pick("not:", "someFact:", "everyFact:").(string) + op
	}
	value := map[string]any{"resource": g.pick("far", json.Number("7")), "path": g.pick("a", "b", "c", "d", "a.b", "c[0]")}
	if g.IntN(2) == 0 {
		plain := &generator{Rand: g.Rand, dated: g.dated}
		value["where"] = plain.condition(1)
	}
	m["operator"], m["value"] = op, value
	return m
}

func (g *generator) leaf(depth int) map[string]any {
	if g.far != nil && g.IntN(4) == 0 {
		return g.lookup()
	}
	m := map[string]any{}
	g.source(m)
	ops := []string{"equal", "notEqual", "in", "notIn", "contains", "doesNotContain", "lessThan", "lessThanInclusive", "greaterThan", "greaterThanInclusive"}
	if !g.base && g.IntN(2) == 0 {
		ops = operatorNames[10 : len(operatorNames)-2]
	}
	if g.dated && g.IntN(10) < 8 {
		ops = []string{"withinLastHours", "withinLastDays", "withinNextHours", "withinNextDays", "olderThanHours", "olderThanDays", "before", "any", "all"}
	}
	op := ops[g.IntN(len(ops))]
	entry := operatorByName[op]
	decs := []string{}
	wraps := 0
	swapped := false
	if g.IntN(3) == 0 {
		for range 1 + g.IntN(3) {
			d := decoratorNames[g.IntN(len(decoratorNames))]
			switch {
			case entry.code.quantifier() && (d == "swap" || d == "someValue" || d == "everyValue"),
				entry.value == valueRegex && d == "swap":
				continue
			case (d == "someValue" || d == "everyValue") && !swapped:
				wraps++
			case d == "swap":
				swapped = true
			}
			decs = append(decs, d)
		}
	}
	m["operator"] = strings.Join(append(decs, op), ":")
	if entry.code.quantifier() {
		if depth > 0 && g.IntN(2) == 0 {
			m["value"] = g.condition(depth - 1)
		} else {
			m["value"] = g.leaf(0)
		}
		return m
	}
	if g.IntN(6) == 0 && entry.value != valueRegex && entry.value != valueCidr {
		ref := map[string]any{}
		g.source(ref)
		m["value"] = ref
		return m
	}
	m["value"] = g.operand(entry, wraps)
	return m
}

func (g *generator) operand(entry *operatorEntry, wraps int) any {
	if wraps > 0 {
		return g.list(func() any { return g.operand(entry, wraps-1) })
	}
	switch entry.value {
	case valueArray:
		return g.list(g.scalar)
	case valueString:
		return g.word()
	case valueRegex:
		return g.pick("^a", "b$", "[0-9]+", "", "(?i)abc", "^$")
	case valueBoolean:
		return g.IntN(2) == 0
	case valueNumber:
		return json.Number(g.pick("0", "1", "0.5", "3", "12", "30", "240").(string))
	case valueDate:
		for {
			d := g.date()
			if _, ok := slowDate(d); ok {
				return d
			}
		}
	case valueCidr:
		return g.pick("10.0.0.0/8", "fd00::/8", []any{"192.168.0.0/16", "10.1.2.3/32"}, "0.0.0.0/0")
	case valueVersion:
		return g.pick("10.15", "11", json.Number("11"), "v1.2.3", "1.2.3.4.5-x")
	}
	return g.value(1)
}

// condition gives an all, any or not.
func (g *generator) condition(depth int) map[string]any {
	m := map[string]any{}
	child := func() any {
		if len(g.named) > 0 && g.IntN(5) == 0 {
			return map[string]any{"condition": slices.Sorted(maps.Keys(g.named))[g.IntN(len(g.named))]}
		}
		if depth > 0 && g.IntN(3) == 0 {
			return g.condition(depth - 1)
		}
		return g.leaf(depth)
	}
	switch g.IntN(5) {
	case 0, 1:
		m["all"] = g.list(child)
	case 2, 3:
		m["any"] = g.list(child)
	default:
		m["not"] = child()
	}
	for _, key := range []string{"all", "any"} {
		list, _ := m[key].([]any)
		for _, c := range list {
			if g.IntN(6) == 0 {
				c.(map[string]any)["priority"] = g.IntN(4)
			}
		}
	}
	return m
}

func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
