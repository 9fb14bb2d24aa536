package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// The second oracle: a slow, obvious evaluator over decoded values. It works
// from the JSON text of a rule and shares no code with the package.

type missing struct{}

// slowAsBase makes the slow evaluator follow the base engine where this package
// means to differ (the table in doc.go), so that a difference seen between the
// two engines can be told to be one of those and nothing else.
var slowAsBase bool

var errSlow = errors.New("cannot be evaluated")

func decodeText(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return distinct(v), nil
}

// distinct gives every empty array an address of its own.
func distinct(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			x[k] = distinct(e)
		}
	case []any:
		if len(x) == 0 {
			return make([]any, 0, 1)
		}
		for i, e := range x {
			x[i] = distinct(e)
		}
	}
	return v
}

func slowNumber(n json.Number) any {
	if i, ok := slowInt(string(n)); ok {
		return i
	}
	f, _ := strconv.ParseFloat(string(n), 64)
	return f
}

func slowInt(s string) (int64, bool) {
	i, err := strconv.ParseInt(s, 10, 64)
	return i, err == nil && (!slowAsBase || i >= -1<<53 && i <= 1<<53)
}

// slowEvaluate gives true, false or an error for a condition over a value.
func slowEvaluate(cond map[string]any, record any, now time.Time) (bool, error) {
	if list, ok := cond["all"]; ok {
		return slowList(list.([]any), true, record, now)
	}
	if list, ok := cond["any"]; ok {
		return slowList(list.([]any), false, record, now)
	}
	if child, ok := cond["not"]; ok {
		r, err := slowEvaluate(child.(map[string]any), record, now)
		return !r, err
	}
	if name, ok := cond["condition"]; ok {
		return slowEvaluate(slowNamed[name.(string)], record, now)
	}
	a := slowFact(cond, record)
	names := strings.Split(cond["operator"].(string), ":")
	op := names[len(names)-1]
	if op == "all" || op == "any" || op == "none" {
		return slowDecorate(names[:len(names)-1], a, nil, func(a, _ any) (bool, error) {
			return slowQuantify(op, a, cond["value"].(map[string]any), now)
		})
	}
	if op == "existsIn" || op == "notExistsIn" {
		return slowDecorate(names[:len(names)-1], a, nil, func(a, _ any) (bool, error) {
			return slowLookup(op == "existsIn", a, cond["value"].(map[string]any))
		})
	}
	b := cond["value"]
	if m, ok := b.(map[string]any); ok && m["fact"] != nil {
		b = slowFact(m, record)
	}
	return slowDecorate(names[:len(names)-1], a, b, func(a, b any) (bool, error) { return slowOperate(op, a, b, now) })
}

func slowList(list []any, all bool, record any, now time.Time) (bool, error) {
	if len(list) == 0 {
		return true, nil
	}
	sets := map[int64][]map[string]any{}
	var order []int64
	for _, e := range list {
		m := e.(map[string]any)
		priority := int64(1)
		if p, ok := m["priority"].(json.Number); ok {
			if n, _ := p.Int64(); n != 0 {
				priority = n
			}
		}
		if sets[priority] == nil {
			order = append(order, priority)
		}
		sets[priority] = append(sets[priority], m)
	}
	slices.SortFunc(order, func(a, b int64) int { return int(b - a) })
	for _, p := range order {
		decided, failed := false, false
		for _, m := range sets[p] {
			r, err := slowEvaluate(m, record, now)
			failed = failed || err != nil
			decided = decided || err == nil && r != all
		}
		if failed {
			return false, errSlow
		}
		if decided {
			return !all, nil
		}
	}
	return all, nil
}

func slowFact(ref map[string]any, record any) any {
	var v any = missing{}
	name := ref["fact"].(string)
	if name == "$" {
		v = record
	} else if m, ok := record.(map[string]any); ok {
		if x, ok := m[name]; ok {
			v = x
		}
	}
	path, _ := ref["path"].(string)
	if path == "" {
		return v
	}
	switch x := v.(type) {
	case map[string]any, []any:
	case string:
		if !slowAsBase && (path == "length" || path == "$.length") {
			return json.Number(strconv.Itoa(len(utf16.Encode([]rune(x)))))
		}
		return v
	default:
		return v
	}
	return slowPath(v, strings.TrimPrefix(strings.TrimPrefix(path, "$"), "."))
}

var slowSegment = regexp.MustCompile(`\[(\d+|\*)\]|[^.\[\]]+`)

// slowPath knows names, indexes and [*].
func slowPath(v any, path string) any {
	nodes, many := []any{v}, false
	for _, seg := range slowSegment.FindAllStringSubmatch(path, -1) {
		name := seg[0]
		if seg[1] != "" {
			name = seg[1]
		}
		var next []any
		for _, n := range nodes {
			switch x := n.(type) {
			case map[string]any:
				if y, ok := x[name]; ok {
					next = append(next, y)
				} else if name == "*" {
					// json.Marshal sorts the keys, so this is the order of the text.
					for _, k := range slices.Sorted(maps.Keys(x)) {
						next = append(next, x[k])
					}
				}
			case []any:
				i, err := strconv.Atoi(name)
				switch {
				case name == "*":
					next = append(next, x...)
				case name == "length":
					next = append(next, json.Number(strconv.Itoa(len(x))))
				case err == nil && i < len(x):
					next = append(next, x[i])
				}
			case string:
				units := utf16.Encode([]rune(x))
				if name == "length" {
					if x != "" || !slowAsBase {
						next = append(next, json.Number(strconv.Itoa(len(units))))
					}
				} else if i, err := strconv.Atoi(name); err == nil && i < len(units) && slowAsBase {
					next = append(next, string(utf16.Decode(units[i:i+1])))
				}
			}
		}
		many = many || name == "*"
		nodes = next
	}
	switch {
	case len(nodes) == 0:
		return missing{}
	case many:
		return nodes
	}
	return nodes[0]
}

// slowNamed and slowFar are what conditions refer to beyond the record.
var (
	slowNamed map[string]map[string]any
	slowFar   map[string][]any
)

// slowLookup looks the other records up as they were at testNow: that time
// changes them, too, is for whoever keeps the set of values.
func slowLookup(want bool, a any, value map[string]any) (bool, error) {
	switch a.(type) {
	case nil, missing, []any, map[string]any:
		return false, nil
	}
	unsure := false
	for _, record := range slowFar[fmt.Sprint(value["resource"])] {
		if where, ok := value["where"].(map[string]any); ok {
			in, err := slowEvaluate(where, record, testNow)
			unsure = unsure || err != nil
			if !in || err != nil {
				continue
			}
		}
		list := []any{slowPath(record, value["path"].(string))}
		if l, ok := list[0].([]any); ok {
			list = l
		}
		for _, x := range list {
			if same, err := slowOperate("equal", a, x, testNow); same && err == nil {
				return want, nil
			}
		}
	}
	if unsure {
		return false, errSlow
	}
	return !want, nil
}

func slowDecorate(decs []string, a, b any, op func(a, b any) (bool, error)) (bool, error) {
	if len(decs) == 0 {
		return op(a, b)
	}
	next := func(a, b any) (bool, error) { return slowDecorate(decs[1:], a, b, op) }
	switch decs[0] {
	case "not":
		r, err := next(a, b)
		return !r, err
	case "swap":
		return next(b, a)
	case "someFact", "everyFact":
		list, ok := a.([]any)
		if !ok {
			return false, nil
		}
		return slowOver(list, decs[0] == "someFact", func(e any) (bool, error) { return next(e, b) })
	}
	list, ok := b.([]any)
	if !ok {
		return false, errSlow
	}
	return slowOver(list, decs[0] == "someValue", func(e any) (bool, error) { return next(a, e) })
}

func slowOver(list []any, some bool, test func(any) (bool, error)) (bool, error) {
	for _, e := range list {
		if r, err := test(e); err != nil || r == some {
			return r, err
		}
	}
	return !some, nil
}

func slowQuantify(op string, a any, cond map[string]any, now time.Time) (bool, error) {
	list, ok := a.([]any)
	if !ok {
		return false, nil
	}
	for _, e := range list {
		r, err := slowEvaluate(cond, e, now)
		if err != nil {
			return false, err
		}
		switch {
		case op == "all" && !r, op == "none" && r:
			return false, nil
		case op == "any" && r:
			return true, nil
		}
	}
	return op != "any", nil
}

// slowExpand puts named conditions in the place of references.
func slowExpand(v any) any {
	switch x := v.(type) {
	case map[string]any:
		if name, ok := x["condition"].(string); ok {
			return slowExpand(slowNamed[name])
		}
		out := map[string]any{}
		for k, e := range x {
			out[k] = slowExpand(e)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = slowExpand(e)
		}
		return out
	}
	return v
}
