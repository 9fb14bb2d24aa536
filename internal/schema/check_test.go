package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

func mustCompile(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := Compile([]byte(text))
	if err != nil {
		t.Fatalf("%.300s: %v", text, err)
	}
	return s
}

// wrap makes a schema whose property v has the given subschema.
func wrap(draft, sub string) string {
	uri := map[string]string{
		"4": "http://json-schema.org/draft-04/schema#", "6": "http://json-schema.org/draft-06/schema#",
		"7": "http://json-schema.org/draft-07/schema#", "2019": "https://json-schema.org/draft/2019-09/schema",
		"2020": "https://json-schema.org/draft/2020-12/schema",
	}[draft]
	return fmt.Sprintf(`{"$schema":%q,"type":"object","properties":{"name":{"type":"string"},"v":%s},
		"definitions":{"positive":{"type":"number","minimum":1}}}`, uri, sub)
}

// messageOf is the list of faults in the message of Check; "" if valid.
func messageOf(t testing.TB, s *Schema, record string) string {
	t.Helper()
	err := s.Check([]byte(record))
	if err == nil {
		return ""
	}
	if fault.CodeOf(err) != fault.CodeSchema || fault.KindOf(err) != fault.Invalid {
		t.Fatalf("%.100s: %v", record, err)
	}
	list, ok := strings.CutPrefix(err.Error(), "Schema validation failed for data: ")
	if !ok {
		t.Fatalf("message %q", err)
	}
	return list
}

const anyDraft = "4 6 7 2019 2020"

// Each keyword: values that satisfy it, and values that do not with the fault.
func TestKeywords(t *testing.T) {
	for _, c := range []struct {
		drafts, sub string
		valid       []string
		invalid     map[string]string
	}{
		{anyDraft, `{"type":"string"}`, []string{`""`, `"x"`, `"é\n"`}, map[string]string{`1`: "must be string", `null`: "must be string", `{}`: "must be string"}},
		{anyDraft, `{"type":"integer"}`, []string{`0`, `-5`, `123456789012345678901234567890`}, map[string]string{`1.5`: "must be integer", `"1"`: "must be integer", `1e-1`: "must be integer"}},
		{"6 7 2019 2020", `{"type":"integer"}`, []string{`1.0`, `10e2`, `-0.0`, `1.500e3`}, nil},
		{anyDraft, `{"type":"number"}`, []string{`0`, `1.5`, `-1e300`}, map[string]string{`"1"`: "must be number", `true`: "must be number"}},
		{anyDraft, `{"type":"boolean"}`, []string{`true`, `false`}, map[string]string{`0`: "must be boolean", `null`: "must be boolean"}},
		{anyDraft, `{"type":"null"}`, []string{`null`}, map[string]string{`false`: "must be null"}},
		{anyDraft, `{"type":"array"}`, []string{`[]`, `[1,"x"]`}, map[string]string{`{}`: "must be array"}},
		{anyDraft, `{"type":"object"}`, []string{`{}`, `{"a":[]}`}, map[string]string{`[]`: "must be object"}},
		{anyDraft, `{"type":["string","null"]}`, []string{`"x"`, `null`}, map[string]string{`1`: "must be string,null"}},
		{anyDraft, `{"type":["number","boolean"]}`, []string{`1.5`, `true`}, map[string]string{`"x"`: "must be number,boolean"}},
		{anyDraft, `{"enum":["a",1,null,true,2.5]}`, []string{`"a"`, `1`, `1.0`, `null`, `true`, `2.50`, `25e-1`, `"\u0061"`}, map[string]string{`"b"`: "must be equal to one of the allowed values", `false`: "must be equal to one of the allowed values", `[]`: "must be equal to one of the allowed values"}},
		{anyDraft, `{"enum":[{"a":[1]},[]]}`, []string{`{"a":[1]}`, `{ "a" : [ 1.0 ] }`, `[]`}, map[string]string{`{"a":[2]}`: "must be equal to one of the allowed values"}},
		{anyDraft, `{"enum":["0","1","2","3","4","5","6","7","8","9"]}`, []string{`"7"`}, map[string]string{`"10"`: "must be equal to one of the allowed values"}},
		{"6 7 2019 2020", `{"const":"a"}`, []string{`"a"`}, map[string]string{`"A"`: "must be equal to constant", `1`: "must be equal to constant"}},
		{"6 7 2019 2020", `{"const":9007199254740993}`, []string{`9007199254740993`}, map[string]string{`9007199254740992`: "must be equal to constant"}},
		{"6 7 2019 2020", `{"const":null}`, []string{`null`}, map[string]string{`0`: "must be equal to constant"}},
		{anyDraft, `{"minimum":3}`, []string{`3`, `3.0`, `4`, `"x"`, `1e30`}, map[string]string{`2.999`: "must be >= 3", `-3`: "must be >= 3"}},
		{anyDraft, `{"maximum":-1.5}`, []string{`-1.5`, `-2`, `-15e-1`}, map[string]string{`-1.4999999999999999999999999`: "must be <= -1.5", `0`: "must be <= -1.5"}},
		{"6 7 2019 2020", `{"exclusiveMinimum":0}`, []string{`0.0000001`, `1e-400`}, map[string]string{`0`: "must be > 0", `-0.0`: "must be > 0"}},
		{"6 7 2019 2020", `{"exclusiveMaximum":10,"exclusiveMinimum":1}`, []string{`9.99`}, map[string]string{`10`: "must be < 10", `1.0`: "must be > 1"}},
		{"4", `{"minimum":0,"exclusiveMinimum":true,"maximum":5,"exclusiveMaximum":true}`, []string{`1`, `4.9`}, map[string]string{`0`: "must be > 0", `5`: "must be < 5"}},
		{"4", `{"minimum":0,"exclusiveMinimum":false}`, []string{`0`}, map[string]string{`-1`: "must be >= 0"}},
		{"6 7 2019 2020", `{"minimum":0,"exclusiveMinimum":1}`, []string{`2`}, map[string]string{`1`: "must be > 1"}},
		{anyDraft, `{"multipleOf":0.01}`, []string{`1`, `19.99`, `0`, `-3.5`}, map[string]string{`0.001`: "must be multiple of 0.01"}},
		{anyDraft, `{"minLength":2}`, []string{`"ab"`, `"éé"`, `"\n\n"`, `"😀\ud83d\ude00"`, `1`}, map[string]string{`"a"`: "must NOT have fewer than 2 characters", `"\ud83d\ude00"`: "must NOT have fewer than 2 characters", `"😀"`: "must NOT have fewer than 2 characters"}},
		{anyDraft, `{"maxLength":3}`, []string{`"abc"`, `"😀😀😀"`, `"\u00e9\"\\"`, `"\ud83d\ude00\ud83d\ude00a"`}, map[string]string{`"abcd"`: "must NOT have more than 3 characters"}},
		{anyDraft, `{"pattern":"^[a-z]+\\d$"}`, []string{`"ab1"`, `"\u00611"`, `7`}, map[string]string{`"A1"`: `must match pattern "^[a-z]+\d$"`}},
		{anyDraft, `{"minItems":1,"maxItems":2}`, []string{`[1]`, `[1,2]`, `{}`}, map[string]string{`[]`: "must NOT have fewer than 1 items", `[1,2,3]`: "must NOT have more than 2 items"}},
		{anyDraft, `{"uniqueItems":true}`, []string{`[1,2,"1",[1],{"a":1}]`, `[]`, `[{"a":1,"b":2},{"a":2,"b":1}]`, `[["a","b"],["a\",\"b"]]`}, map[string]string{`[3,1,1.0]`: "must NOT have duplicate items (items ## 1 and 2 are identical)", `[{"a":1,"b":2},{"b":2,"a":1}]`: "must NOT have duplicate items (items ## 0 and 1 are identical)"}},
		{anyDraft, `{"items":{"type":"integer"}}`, []string{`[]`, `[1,2]`, `"x"`}, map[string]string{`[1,"x"]`: "/1|must be integer"}},
		{"4 6 7 2019", `{"items":[{"type":"integer"},{"type":"string"}],"additionalItems":false}`, []string{`[1]`, `[1,"x"]`}, map[string]string{`[1,"x",2,3]`: "must NOT have more than 2 items", `["x"]`: "/0|must be integer"}},
		{"4 6 7 2019", `{"items":[{}],"additionalItems":{"type":"null"}}`, []string{`[1,null]`}, map[string]string{`[1,2]`: "/1|must be null"}},
		{"2020", `{"prefixItems":[{"type":"integer"}],"items":{"type":"string"}}`, []string{`[1,"x"]`, `[]`}, map[string]string{`[1,2]`: "/1|must be string"}},
		{"6 7 2019 2020", `{"contains":{"type":"string"}}`, []string{`[1,"x"]`}, map[string]string{`[1]`: "must contain at least 1 valid item(s)"}},
		{"2019 2020", `{"contains":{"type":"string"},"minContains":2,"maxContains":3}`, []string{`["a","b",1]`}, map[string]string{`["a"]`: "must contain at least 2 valid item(s)", `["a","a","a","a"]`: "must contain no more than 3 valid item(s)"}},
		{anyDraft, `{"required":["a"]}`, []string{`{"a":1}`, `{"\u0061":1}`, `[]`}, map[string]string{`{"b":1}`: "must have required property 'a'"}},
		{anyDraft, `{"properties":{"a":{"type":"string"},"b":{"properties":{"c":{"type":"null"}}}}}`, []string{`{}`, `{"a":"x","z":1}`, `{"b":{"c":null}}`}, map[string]string{`{"a":1}`: "/a|must be string", `{"b":{"c":1}}`: "/b/c|must be null"}},
		{anyDraft, `{"properties":{"a":{}},"additionalProperties":false}`, []string{`{"a":1}`, `{}`, `7`}, map[string]string{`{"b":1}`: "must NOT have additional properties"}},
		{anyDraft, `{"properties":{"a":{}},"additionalProperties":{"type":"integer"}}`, []string{`{"a":"x","b":1}`}, map[string]string{`{"b":"x"}`: "/b|must be integer"}},
		{anyDraft, `{"required":["r"],"additionalProperties":{"type":"integer"}}`, []string{`{"r":1}`}, map[string]string{`{"r":"x"}`: "/r|must be integer"}},
		{anyDraft, `{"patternProperties":{"^n_":{"type":"number"}}}`, []string{`{"n_a":1,"x":"y"}`}, map[string]string{`{"n_a":"x"}`: "/n_a|must be number"}},
		{anyDraft, `{"minProperties":1,"maxProperties":2}`, []string{`{"a":1}`}, map[string]string{`{}`: "must NOT have fewer than 1 properties", `{"a":1,"b":2,"c":3}`: "must NOT have more than 2 properties"}},
		{"6 7 2019 2020", `{"propertyNames":{"maxLength":2}}`, []string{`{"ab":1}`, `{}`}, map[string]string{`{"abc":1}`: "property name must be valid"}},
		{"4 6 7 2019", `{"dependencies":{"a":["b","c"],"d":{"required":["e"]}}}`, []string{`{"x":1}`, `{"a":1,"b":1,"c":1}`, `{"d":1,"e":1}`}, map[string]string{`{"a":1}`: "must have properties b, c when property a is present", `{"d":1}`: "must have required property 'e'"}},
		{"2019 2020", `{"dependentRequired":{"a":["b"]},"dependentSchemas":{"c":{"required":["d"]}}}`, []string{`{"a":1,"b":1}`, `{"c":1,"d":1}`}, map[string]string{`{"a":1}`: "must have property b when property a is present", `{"c":1}`: "must have required property 'd'"}},
		{anyDraft, `{"allOf":[{"minimum":1},{"maximum":3}]}`, []string{`2`}, map[string]string{`4`: "must be <= 3", `0`: "must be >= 1"}},
		{anyDraft, `{"anyOf":[{"type":"string"},{"minimum":5}]}`, []string{`"x"`, `6`}, map[string]string{`1`: "must be >= 5;must be string;must match a schema in anyOf"}},
		{anyDraft, `{"oneOf":[{"minimum":1},{"maximum":5}]}`, []string{`0`, `6`}, map[string]string{`3`: "must match exactly one schema in oneOf"}},
		{anyDraft, `{"not":{"type":"string"}}`, []string{`1`}, map[string]string{`"x"`: "must NOT be valid"}},
		{"7 2019 2020", `{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}}`, []string{`"ab"`, `2`}, map[string]string{`"a"`: "must NOT have fewer than 2 characters", `1`: "must be >= 2"}},
		{"6 7 2019 2020", `false`, nil, map[string]string{`1`: "boolean schema is false"}},
		{"6 7 2019 2020", `true`, []string{`1`, `{}`}, nil},
		{anyDraft, `{"$ref":"#/definitions/positive"}`, []string{`1`, `2.5`}, map[string]string{`0.5`: "must be >= 1", `"x"`: "must be number"}},
		{"4 6 7", `{"$ref":"#/definitions/positive","maximum":2}`, []string{`3`}, nil},
		{"6 7", `{"$ref":"#/definitions/positive","const":7,"contains":false}`, []string{`3`, `7`}, nil},
		{"2019 2020", `{"$ref":"#/definitions/positive","maximum":2}`, []string{`2`}, map[string]string{`3`: "must be <= 2"}},
		{"2019 2020", `{"properties":{"a":true},"unevaluatedProperties":false}`, []string{`{"a":1}`}, map[string]string{`{"b":1}`: "must NOT have unevaluated properties"}},
		{"2020", `{"prefixItems":[true],"unevaluatedItems":false}`, []string{`[1]`}, map[string]string{`[1,2]`: "must NOT have unevaluated items"}},
		{anyDraft, `{"type":"string","format":"email","x-note":1,"title":"t","description":"d","default":7}`, []string{`"not an address"`}, map[string]string{`1`: "must be string"}},
		{anyDraft, `{"format":"ipv4"}`, []string{`"999"`, `1`}, nil},
		{"7 2019 2020", `{"contentEncoding":"base64","contentMediaType":"application/json"}`, []string{`"?"`}, nil},
	} {
		for _, draft := range strings.Fields(c.drafts) {
			s := mustCompile(t, wrap(draft, c.sub))
			for _, value := range c.valid {
				if got := messageOf(t, s, `{"name":"x","v":`+value+`}`); got != "" {
					t.Errorf("draft %s %s: %s is refused: %s", draft, c.sub, value, got)
				}
			}
			for value, want := range c.invalid {
				path, faults, nested := strings.Cut(want, "|")
				if !nested {
					path, faults = "", want
				}
				var list []string
				for _, f := range strings.Split(faults, ";") {
					list = append(list, fmt.Sprintf(`{"/v%s":%q}`, path, f))
				}
				record := `{"name":"x","v":` + value + `}`
				if got, want := messageOf(t, s, record), "["+strings.Join(list, ",")+"]"; got != want {
					t.Errorf("draft %s %s: %s: got %s, want %s", draft, c.sub, value, got, want)
				}
				if s.Fast([]byte(record)) {
					t.Errorf("draft %s %s: the fast accept takes %s", draft, c.sub, value)
				}
			}
		}
	}
}

func TestMessageForm(t *testing.T) {
	s := mustCompile(t, `{"type":"object","properties":{"name":{"type":"string"},"a/b~c":{"type":"integer"},
		"list":{"type":"array","items":{"type":"integer"}}},"required":["name"]}`)
	if got := messageOf(t, s, `{}`); got != `[{"":"must have required property 'name'"}]` {
		t.Errorf("got %s", got)
	}
	if got := messageOf(t, s, `{"name":"x","a/b~c":"y"}`); got != `[{"/a~1b~0c":"must be integer"}]` {
		t.Errorf("got %s", got)
	}
	many := `{"name":1,"list":[` + strings.Repeat(`"x",`, 30) + `0]}`
	got := messageOf(t, s, many)
	if strings.Count(got, "must be") != maxFaults || !strings.HasPrefix(got, `[{"/list/0":`) || !strings.Contains(got, `{"/list/9":`) {
		t.Errorf("got %s", got)
	}
	for range 20 {
		if again := messageOf(t, s, many); again != got {
			t.Fatalf("the same record gives\n%s\nand\n%s", got, again)
		}
	}
	if got := messageOf(t, s, `[]`); got != `[{"":"must be object"}]` {
		t.Errorf("got %s", got)
	}
	if err := s.Check([]byte(`{"name":`)); fault.CodeOf(err) != fault.CodeMalformedJSON {
		t.Errorf("got %v", err)
	}
	long := messageOf(t, s, `{"name":"x","list":"`+strings.Repeat("y", 1<<20)+`"}`)
	if len(long) > 4096 {
		t.Errorf("a message of %d bytes", len(long))
	}
}

// A member name that is refused must not move the location of other faults.
func TestPropertyNamesLocation(t *testing.T) {
	s := mustCompile(t, `{"type":"object","properties":{"name":{"type":"string"}},
		"additionalProperties":{"propertyNames":{"maxLength":3},"additionalProperties":{"type":"integer"}}}`)
	got := messageOf(t, s, `{"name":"x","b":{"long name":1,"c":"x"},"z":{"longer":2}}`)
	want := `[{"/b":"property name must be valid"},{"/b/c":"must be integer"},{"/z":"property name must be valid"}]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := mustCompile(t, wrap("2020", `{"anyOf":[{"type":"string","pattern":"^a"},{"propertyNames":{"maxLength":1}}],"uniqueItems":true}`))
	done := make(chan string)
	for i := range 8 {
		go func() {
			var got string
			for range 50 {
				got = messageOf(t, s, fmt.Sprintf(`{"name":%d,"v":{"ab":%d}}`, i, i))
			}
			done <- got
		}()
	}
	for range 8 {
		if got := <-done; !strings.Contains(got, `{"/v":"property name must be valid"}`) || !strings.Contains(got, `{"/name":"must be string"}`) {
			t.Errorf("got %s", got)
		}
	}
}
