package rule

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var exampleNow = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

// runOn is the outcome of one condition on one record; other resources have the
// value ada@example.com.
func runOn(t *testing.T, condition, record string) Outcome {
	t.Helper()
	c, err := ParseEvaluator([]byte(`{"all":[` + condition + `]}`))
	if err != nil {
		t.Fatalf("%s: %v", condition, err)
	}
	p, err := Compile([]Rule{{Evaluator: c}})
	if err != nil {
		t.Fatal(err)
	}
	m := p.Machine()
	for i, l := range p.Lookups() {
		values, err := NewValues(l)
		if err != nil {
			t.Fatal(err)
		}
		other := "ada@example.com"
		if l.Resource == "leavers" {
			other = "grace@example.com"
		}
		values.Add([]byte(`{"email":"`+other+`"}`), exampleNow)
		m.Provide(i, values.Presence)
	}
	m.Run([]byte(record), exampleNow)
	return m.Outcome(0)
}

// TestLanguage makes sure that the language tells all that the parser and the
// evaluator have, and that what it tells of each operator is what it does.
func TestLanguage(t *testing.T) {
	l := NewLanguage()
	var codes []opcode
	for _, o := range operators {
		codes = append(codes, o.code)
	}
	for code := opUnknown + 1; code <= opNotExistsIn; code++ {
		if !slices.Contains(codes, code) {
			t.Errorf("operator %d is not in the table", code)
		}
	}
	for _, o := range l.Operators {
		if (o.Phrase == "") != (len(o.Choices) == 2) || o.Phrase != "" && strings.Count(o.Phrase, "{value}") != 1 ||
			o.Help == "" || (o.Input == "duration") != (o.Unit != "") {
			t.Errorf("%+v is not whole", o)
		}
		if got := runOn(t, string(o.Example), string(o.Passes)); got != Pass {
			t.Errorf("%s on %s is %s", o.Example, o.Passes, got)
		}
		if got := runOn(t, string(o.Example), string(o.Fails)); got != Fail {
			t.Errorf("%s on %s is %s", o.Example, o.Fails, got)
		}
		if _, err := ParseEvaluator([]byte(fmt.Sprintf(`{"all":[{"fact":"a","operator":%q,"value":{"fact":"b"}}]}`, o.Name))); o.Input != "condition" && o.Input != "lookup" && (err == nil) != o.Reference {
			t.Errorf("%s with a value from the record: %v", o.Name, err)
		}
	}
	for _, d := range l.Decorators {
		if _, err := ParseEvaluator([]byte(fmt.Sprintf(`{"all":[{"fact":"a","operator":"%s:equal","value":[1]}]}`, d.Name))); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
	}
	for _, w := range l.Conditions {
		text := map[string]string{"all": `{"all":[]}`, "any": `{"any":[]}`, "not": `{"not":{"all":[]}}`, "condition": `{"condition":"x"}`}[w.Name]
		known, err := ParseConditions(map[string]json.RawMessage{"x": json.RawMessage(`{"all":[]}`)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := known.ParseEvaluator([]byte(text)); err != nil {
			t.Errorf("%s: %v", w.Name, err)
		}
	}
	group := func(more string) string { return `{"groups":[{"evaluator":{"all":[]}` + more + `}]}` }
	for _, c := range []struct {
		list []WordInfo
		text func(name string) string
		read func(*Test) string
	}{
		{l.Logics, func(n string) string { return `{"logic":"` + n + `",` + group("")[1:] }, func(t *Test) string { return string(t.Logic) }},
		{l.OnEmpty, func(n string) string { return group(`,"onEmpty":"` + n + `"`) }, func(t *Test) string { return string(t.Groups[0].OnEmpty) }},
		{l.Filters, func(n string) string {
			return group(`,"filteringCriteria":{"mode":"` + n + `","evaluator":{"any":[]}}`)
		}, func(t *Test) string { return string(t.Groups[0].Filter.Mode) }},
	} {
		defaults := 0
		for _, w := range c.list {
			got, err := ParseTest([]byte(c.text(w.Name)))
			if err != nil || c.read(got) != w.Name || w.Words == "" || w.Help == "" {
				t.Errorf("%s: %v", w.Name, err)
			}
			if w.Default {
				defaults++
				if got, err := ParseTest([]byte(group(`,"filteringCriteria":{"evaluator":{"any":[]}}`))); err != nil || c.read(got) != w.Name {
					t.Errorf("%s is not the default: %v", w.Name, err)
				}
			}
		}
		if defaults != 1 {
			t.Errorf("%d defaults among %v", defaults, c.list)
		}
	}
	for _, a := range l.Assertions {
		full, bare := `{"kind":"`+a.Name+`"`, `{"kind":"`+a.Name+`"`
		for _, p := range a.Parameters {
			v := map[string]string{"count": "1", "percentage": "50", "path": `"a"`}[p.Type]
			full += `,"` + p.Name + `":` + v
			if p.Required {
				bare += `,"` + p.Name + `":` + v
			}
		}
		if _, err := ParseTest([]byte(group(`,"assertion":` + full + `}`))); err != nil {
			t.Errorf("%s: %v", full, err)
		}
		// Of the bounds of count one is needed, whichever.
		if _, err := ParseTest([]byte(group(`,"assertion":` + bare + `}`))); (err == nil) != (a.Name != string(Count)) {
			t.Errorf("%s: %v", bare, err)
		}
		for _, p := range a.Parameters {
			if !p.Required {
				continue
			}
			if _, err := ParseTest([]byte(group(`,"assertion":{"kind":"` + a.Name + `"}`))); err == nil {
				t.Errorf("%s without %s is accepted", a.Name, p.Name)
			}
		}
	}
	l.Operators[0].FactTypes[0], l.Logics[0].Name, l.Assertions[1].Parameters[0].Name = "spoilt", "spoilt", "spoilt"
	if again := NewLanguage(); again.Operators[0].FactTypes[0] == "spoilt" || again.Logics[0].Name == "spoilt" || again.Assertions[1].Parameters[0].Name == "spoilt" {
		t.Error("what a caller changes changes the language")
	}
}

// TestFactTypes tries every operator with many values on facts of every type: it
// is true of some fact of exactly the types that it names.
func TestFactTypes(t *testing.T) {
	facts := map[string][]string{
		"string": {`"a"`, `""`, `"5"`, `"2026-09-30T12:00:00Z"`, `"2026-10-02"`, `"2020-01-01"`, `"10.0.0.1"`, `"192.0.2.1"`, `"1.5"`, `"9.0"`, `"ada@example.com"`},
		"number": {"0", "5", "-5", "0.5", "99", "1790769600", "1790942400", "1500000000"}, "boolean": {"true", "false"}, "null": {"null"},
		"array": {"[]", `["a"]`, "[5]", "[null]", `[{"x":1}]`}, "object": {"{}", `{"x":1}`}, "missing": {""},
	}
	values := []string{`"a"`, `""`, `"b"`, "5", "7", "true", "false", "null", `["a",5,true,null,"b"]`, `["zz"]`, `"2026-06-01"`, `"2030-01-01"`, "30", "100000", `"10.0.0.0/8"`, `"1.5"`, `"99"`, `"^a"`, `"^zz"`,
		`{"all":[]}`, `{"not":{"all":[]}}`, `{"resource":"r","path":"email"}`}
	for _, o := range operators {
		for kind, list := range facts {
			can := false
			for _, fact := range list {
				record := `{"f":` + fact + `}`
				if fact == "" {
					record = "{}"
				}
				for _, v := range values {
					text := `{"all":[{"fact":"f","operator":"` + o.Name + `","value":` + v + `}]}`
					c, err := ParseEvaluator([]byte(text))
					if err != nil {
						continue
					}
					p, err := Compile([]Rule{{Evaluator: c}})
					if err != nil {
						t.Fatal(err)
					}
					m := p.Machine()
					for i := range p.Lookups() {
						m.Provide(i, func(value []byte) (bool, bool) { return o.code == opExistsIn, true })
					}
					m.Run([]byte(record), exampleNow)
					can = can || m.Outcome(0) == Pass
				}
			}
			if kind == "array" && o.Group == "numbers" {
				continue // an array of one number, see FactTypes
			}
			if want := slices.Contains(o.FactTypes, kind); can != want {
				t.Errorf("`%s` on %s can be true: %v; its types say %v", o.Name, kind, can, want)
			}
		}
	}
}

func TestFitting(t *testing.T) {
	for _, c := range []struct {
		types    []string
		format   string
		first    string
		has, not []string
	}{
		{[]string{"string"}, "date-time", "withinLastHours", []string{"equal", "olderThanDays", "matches"}, []string{"any"}},
		{[]string{"string"}, "", "equal", []string{"olderThanDays", "inCidr", "exists"}, []string{"all"}},
		{[]string{"string"}, "ipv4", "inCidr", []string{"equal"}, nil},
		{[]string{"integer", "null"}, "", "equal", []string{"lessThan", "isEmpty"}, []string{"startsWith", "any"}},
		{[]string{"array"}, "", "notEqual", []string{"contains", "any", "none", "exists"}, []string{"equal", "matches", "lessThan"}},
		{nil, "", "equal", operatorNames, nil},
	} {
		got := Fitting(c.types, c.format)
		if got[0] != c.first {
			t.Errorf("%v %s: first is %s", c.types, c.format, got[0])
		}
		for _, name := range c.has {
			if !slices.Contains(got, name) {
				t.Errorf("%v %s: no %s in %v", c.types, c.format, name, got)
			}
		}
		for _, name := range c.not {
			if slices.Contains(got, name) {
				t.Errorf("%v %s: %s does not fit", c.types, c.format, name)
			}
		}
	}
}
