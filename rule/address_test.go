package rule

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAddress(t *testing.T) {
	each := Segment{Each: true}
	for _, c := range []struct {
		way  []Segment
		want Address
	}{
		{nil, Address{"$", ""}},
		{[]Segment{{Name: "mfa"}}, Address{"mfa", ""}},
		{[]Segment{{Name: "host"}, {Name: "os"}, {Name: "name"}}, Address{"host", "os.name"}},
		{[]Segment{{Name: "a.b"}, {Name: "c d"}, {Name: "e"}}, Address{"a.b", "$['c d'].e"}},
		{[]Segment{{Name: ""}, {Name: ""}}, Address{"", "$['']"}},
		{[]Segment{{Name: "$"}, {Name: "it's"}}, Address{"$", `$['$']['it\'s']`}},
		{[]Segment{{Name: "disks"}, each, {Name: "size"}}, Address{"disks", "$[*].size"}},
		{[]Segment{each}, Address{"$", "$[*]"}},
	} {
		if got, ok := NewAddress(c.way); !ok || got != c.want {
			t.Errorf("%v: %v %v, want %v", c.way, got, ok, c.want)
		}
	}
	for _, way := range [][]Segment{{{Name: "\xff"}}, {{Name: "a"}, {Name: strings.Repeat("x", 1025)}}} {
		if a, ok := NewAddress(way); ok {
			t.Errorf("%v has the address %v", way, a)
		}
	}
}

// TestAddressesFind walks random documents with hostile names: every value is
// found by the engine under the address of the way to it.
func TestAddressesFind(t *testing.T) {
	r := rand.New(rand.NewPCG(newSeed(t), 5))
	names := []string{"a", "b", "", " ", "$", "a.b", "a[0]", "'", `"`, `\`, "it's", "*", "0", "1", "-1", "length", "ü", "名", "😀", "a b", "@", "?", "~", "/", "\n", "\x00", "\x1f", "\u2028",
		"$.a", "..", "[", "]", "()", ",", "a-b", "-a", "_", "9z", "`", "null", "\ufeff", "\u007f"}
	var document func(depth int) any
	document = func(depth int) any {
		switch n := r.IntN(8); {
		case depth > 0 && n < 3 || depth == 4:
			out := map[string]any{}
			for range 1 + r.IntN(3) {
				out[names[r.IntN(len(names))]] = document(depth - 1)
			}
			return out
		case depth > 0 && n < 5:
			out := make([]any, r.IntN(4))
			for i := range out {
				out[i] = document(depth - 1)
			}
			return out
		case n == 5:
			return nil
		case n == 6:
			return r.IntN(2) == 0
		case n == 7:
			return r.IntN(100)
		}
		return names[r.IntN(len(names))]
	}
	checked := 0
	for range 3000 {
		record, ok := document(4).(map[string]any)
		if !ok {
			continue
		}
		text, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		var visit func(way []Segment, v any)
		visit = func(way []Segment, v any) {
			if len(way) > 0 {
				a, ok := NewAddress(way)
				if !ok {
					t.Fatalf("no address for %v", way)
				}
				isFound(t, Address{"$", a.Rooted()}, text, v, slices.ContainsFunc(way, func(s Segment) bool { return s.Each }))
				isFound(t, a, text, v, slices.ContainsFunc(way, func(s Segment) bool { return s.Each }))
				checked++
			}
			switch v := v.(type) {
			case map[string]any:
				for name, inner := range v {
					visit(append(slices.Clip(way), Segment{Name: name}), inner)
				}
			case []any:
				for _, inner := range v {
					visit(append(slices.Clip(way), Segment{Each: true}), inner)
				}
			}
		}
		visit(nil, record)
	}
	if checked < 10_000 {
		t.Errorf("only %d addresses were tried", checked)
	}
}

// isFound holds a condition at the address against the value that stands there,
// or stands among others.
func isFound(t *testing.T, a Address, record []byte, v any, among bool) {
	t.Helper()
	condition := func(operator string, value any) string {
		text, err := json.Marshal(map[string]any{"fact": a.Fact, "path": a.Path, "operator": operator, "value": value})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	operator, value := "exists", any(true)
	switch v.(type) {
	case map[string]any, []any:
	default:
		operator, value = "equal", v
		if among {
			operator = "contains"
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		probe, err := NewProbe(a)
		if err != nil {
			t.Fatal(err)
		}
		hit := false
		if !probe.Values(record, func(value []byte) { hit = hit || sameText(value, text) }) || !hit {
			t.Fatalf("the probe %q does not find %s in %s", a, text, record)
		}
	}
	if got := runOn(t, condition(operator, value), string(record)); got != Pass {
		t.Fatalf("%s is %s on %s", condition(operator, value), got, record)
	}
}

func sameText(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && fmt.Sprint(x) == fmt.Sprint(y)
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"a", "a.b", "$", "", "'", `\`, "\n", "length", "0"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, outer, inner string) {
		if !utf8.ValidString(outer) || !utf8.ValidString(inner) {
			t.Skip()
		}
		a, ok := NewAddress([]Segment{{Name: outer}, {Name: inner}})
		if !ok {
			t.Skip()
		}
		text, err := json.Marshal(map[string]any{outer: map[string]any{inner: 7}})
		if err != nil {
			t.Fatal(err)
		}
		isFound(t, a, text, 7, false)
	})
}
