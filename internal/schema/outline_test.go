package schema

import (
	"fmt"
	"strings"
	"testing"
)

// lines writes an outline for comparison.
func (a *Attribute) lines(indent string, b *strings.Builder) {
	for _, c := range a.Children {
		c.line(indent, "."+c.Name, b)
	}
	if a.Elements != nil {
		a.Elements.line(indent, "[]", b)
	}
}

func (a *Attribute) line(indent, name string, b *strings.Builder) {
	fmt.Fprintf(b, "%s%s %v declared=%v required=%v %d/%d", indent, name, a.Types, a.Declared, a.Required, a.Present, a.Nulls)
	for _, text := range []string{a.Title, a.Description, a.LikelyFormat()} {
		if text != "" {
			fmt.Fprintf(b, " %q", text)
		}
	}
	if len(a.Enum)+len(a.Values) > 0 {
		fmt.Fprintf(b, " %s %s", a.Enum, a.Values)
	}
	b.WriteByte('\n')
	a.lines(indent+"  ", b)
}

func TestOutline(t *testing.T) {
	o := NewOutline([]byte(`{"type":"object","required":["z","o"],"properties":{
		"z":{"type":"string","title":"Zed","description":"The last","format":"email"},
		"a":{"type":["integer","null"],"enum":[1,2.50,null]},
		"o":{"$ref":"#/definitions/o"},
		"l":{"type":"array","items":{"anyOf":[{"type":"object","required":["k"],"properties":{"k":{"const":"v"}}},{"type":"string"}]}},
		"any":true},"definitions":{"o":{"type":"object","properties":{"in.ner":{"type":"boolean"}},"required":["in.ner"]}}}`))
	for _, record := range []string{
		`{"z":"a@b.cd","a":1,"extra":"2026-01-01T00:00:00Z","o":{"in.ner":true,"more":{"deep":[[1]]}}}`,
		` {"a":null,"extra":"2026-01-02T00:00:00Z","l":[{"k":"v"},{"k":null},"x","x"],"any":1}`,
		`{"a":5,"any":1.5,"extra":"` + strings.Repeat("x", 200) + `"}`, `[]`,
	} {
		o.See([]byte(record))
	}
	var b strings.Builder
	o.Root.lines("", &b)
	const want = `.z [string] declared=true required=true 1/0 "Zed" "The last" "email" [] ["a@b.cd"]
.a [integer null] declared=true required=false 3/1 [1 2.50 null] [1 5]
.o [object] declared=true required=true 1/0
  .in.ner [boolean] declared=true required=true 1/0 [] [true]
  .more [object] declared=false required=false 1/0
    .deep [array] declared=false required=false 1/0
      [] [array] declared=false required=false 1/0
        [] [integer] declared=false required=false 1/0 [] [1]
.l [array] declared=true required=false 1/0
  [] [object string] declared=true required=false 1/0 [] ["x"]
    .k [string null] declared=true required=false 1/1 ["v"] ["v"]
.any [number] declared=true required=false 2/0 [] [1 1.5]
.extra [string] declared=false required=false 3/0 [] ["2026-01-01T00:00:00Z" "2026-01-02T00:00:00Z"]
`
	if b.String() != want || o.Samples != 3 || o.Cut {
		t.Errorf("%d samples, cut: %v, got\n%s\nwant\n%s", o.Samples, o.Cut, b.String(), want)
	}
}

// TestOutlineLimits: whatever schema and records are like, an outline is small.
func TestOutlineLimits(t *testing.T) {
	wide := `{"type":"object","properties":{"id":{"type":"string"}`
	for i := range 2000 {
		wide += fmt.Sprintf(`,"p%d":{"type":"string"}`, i)
	}
	for name, text := range map[string]string{
		"wide":      wide + "}}",
		"recursive": `{"type":"object","properties":{"id":{"type":"string"},"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"type":"array","items":{"$ref":"#"}}}}`,
		"branching": `{"type":"object","properties":{"id":{"type":"string"}},"anyOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]}`,
		"none":      `not a schema`,
	} {
		o := NewOutline([]byte(text))
		if name != "branching" && name != "none" && !o.Cut {
			t.Errorf("%s is not cut", name)
		}
		o.See([]byte(`{"deep":` + strings.Repeat(`{"x":[`, 200) + strings.Repeat("]}", 200) + "}"))
		for i := range 3000 {
			o.See(fmt.Appendf(nil, `{"id":"%d","n%d":{"x%d":1},"list":[%s1]}`, i, i, i, strings.Repeat("1,", 500)))
		}
		if n := places(&o.Root); n > MaxOutlinePlaces || !o.Cut || o.Samples != 3001 {
			t.Errorf("%s: %d places, cut: %v", name, n, o.Cut)
		}
		if len(o.Root.Children) > 0 && o.Root.Children[0].Name == "id" && len(o.Root.Children[0].Values) != maxOutlineValues {
			t.Errorf("%s: %d values", name, len(o.Root.Children[0].Values))
		}
	}
}

func places(a *Attribute) (n int) {
	for _, c := range a.Children {
		n += 1 + places(c)
	}
	if a.Elements != nil {
		n += 1 + places(a.Elements)
	}
	return n
}
