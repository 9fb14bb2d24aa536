package schema

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

func TestCompileRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret.json")
	if err := os.WriteFile(file, []byte(`{"type":"string"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	object := func(sub string) string {
		return `{"type":"object","properties":{"name":{"type":"string"},"v":` + sub + `}}`
	}
	for _, c := range []struct{ name, text, says string }{
		{"not JSON", `{"type":`, "byte 8"},
		{"duplicate key", `{"type":"object","type":"object"}`, "twice"},
		{"scalar", `7`, "JSON object"},
		{"array schema", `{"type":"array","items":{"type":"object"}}`, "at /type: a record is one object, but the schema describes an array"},
		{"string schema", `{"type":"string"}`, "does not allow type object"},
		{"neither type nor properties", `{"required":["a"]}`, "must describe an object"},
		{"no usable property", `{"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":["object","null"]},"c":false}}`, "at /properties: at least one top-level property"},
		{"no properties", `{"type":"object"}`, "at least one top-level property"},
		{"unknown draft", `{"$schema":"http://json-schema.org/draft-03/schema#","type":"object"}`, "at /$schema"},
		{"own metaschema", `{"$schema":"https://json-schema.org/draft/2019-09/meta/core","type":"object"}`, "at /$schema"},
		{"nested foreign metaschema", object(`{"$id":"x","$schema":"file://` + file + `"}`), "at /properties/v/$schema"},
		{"bad type", object(`{"type":"strin"}`), "at /properties/v/type"},
		{"bad minimum", object(`{"minimum":"3"}`), "at /properties/v/minimum: must be number"},
		{"multipleOf zero", object(`{"multipleOf":0}`), "at /properties/v/multipleOf: must be > 0"},
		{"lookahead", object(`{"pattern":"a(?=b)"}`), "at /properties/v/pattern: the regular expression is not RE2 syntax"},
		{"backreference", object(`{"patternProperties":{"(a)\\1":{}}}`), `at /properties/v/patternProperties/(a)\1: the regular expression is not RE2`},
		{"large repetition", object(`{"pattern":"((a{100}){100}){100}"}`), "at /properties/v/pattern: the regular expression is"},
		{"wide repetition", object(`{"pattern":"[a-z]{1000}[0-9]{999}x{500}"}`), "too large"},
		{"long pattern", object(`{"pattern":"` + strings.Repeat("a", 6000) + `"}`), "longer than"},
		{"tiny number", object(`{"minimum":1e-10000001}`), "at /properties/v/minimum: the exponent"},
		{"tiny number in an enum", object(`{"enum":[0e-999999999]}`), "at /properties/v/enum/0: the exponent"},
		{"huge count", object(`{"minLength":18446744073709551617}`), "at /properties/v/minLength: the number is too large"},
		{"file reference", object(`{"$ref":"file://` + file + `"}`), "at /properties/v/$ref"},
		{"relative reference", object(`{"$ref":"../../../../../../etc/passwd"}`), "leads out of the document"},
		{"web reference", object(`{"$ref":"https://example.org/schema.json#/definitions/a"}`), "at /properties/v/$ref: \"https://example.org/schema.json\" leads out of the document"},
		{"reference through an id", `{"$id":"file://` + file + `","type":"object","properties":{"name":{"type":"string"},"v":{"$ref":"./other.json"}}}`, "leads out of the document"},
		{"dynamic reference", `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"name":{"type":"string"},"v":{"$dynamicRef":"file://` + file + `#x"}}}`, "leads out of the document"},
		{"missing target", object(`{"$ref":"#/definitions/none"}`), "at /properties/v/$ref: the target of the reference does not exist"},
		{"missing anchor", object(`{"$ref":"#none"}`), "at /properties/v/$ref: the target of the reference does not exist"},
		{"self reference", `{"type":"object","properties":{"name":{"type":"string"}},"allOf":[{"$ref":"#"}]}`, "refers to itself"},
		{"reference to itself alone", object(`{"$ref":"#/properties/v"}`), "refers to itself"},
		{"circle", `{"properties":{"name":{"type":"string"},"v":{"$ref":"#/definitions/a"}},"definitions":{"a":{"anyOf":[{"$ref":"#/definitions/b"}]},"b":{"not":{"$ref":"#/definitions/a"}}}}`, "refers to itself"},
		{"recursive reference", `{"$schema":"https://json-schema.org/draft/2019-09/schema","$recursiveAnchor":true,"properties":{"name":{"type":"string"}},"allOf":[{"$recursiveRef":"#"}]}`, "refers to itself"},
		{"recursive reference among resources", `{"$schema":"https://json-schema.org/draft/2019-09/schema","properties":{"name":{"type":"string"},"v":{"$id":"v","$recursiveAnchor":true,"items":{"$recursiveRef":"#"}}}}`, "at /properties/v/items/$recursiveRef"},
		{"doubling", doubling(18), "subschemas apply to one and the same value"},
		{"long chain", chain(150), "chain of more than 100"},
		{"deep", object(strings.Repeat(`{"items":`, 70) + `{}` + strings.Repeat(`}`, 70)), "nested deeper than 64"},
		{"many subschemas", object(`{"anyOf":[` + strings.Repeat(`{},`, 5001) + `{}]}`), "more than 5000 subschemas"},
		{"many booleans", object(`{"properties":{` + numbered(5001, `"p%d":true`) + `}}`), "more than 5000 subschemas"},
		{"many values", object(`{"enum":[` + strings.Repeat(`[],`, 1500) + `1]}`), "enum and const hold more than"},
		{"long names", object(`{"properties":{"` + strings.Repeat("n", 10_000) + `":{"properties":{` + numbered(1000, `"p%d":{}`) + `}}}}`), "property names are too long"},
		{"too large", `{"title":"` + strings.Repeat("x", MaxTextBytes) + `"}`, "the limit is"},
	} {
		_, err := Compile([]byte(c.text))
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		if fault.CodeOf(err) != fault.CodeInvalidSchema || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %q, want ~%q", c.name, cut(err.Error(), 500), c.says)
		}
		if len(err.Error()) > 2000 {
			t.Errorf("%s: a message of %d bytes", c.name, len(err.Error()))
		}
	}
}

func numbered(n int, format string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(list, ",")
}

// doubling makes a schema in which each level applies the next one twice.
func doubling(levels int) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, `"d%d":{"allOf":[{"$ref":"#/definitions/d%d"},{"$ref":"#/definitions/d%d"}]},`, i, i+1, i+1)
	}
	return fmt.Sprintf(`{"type":"object","properties":{"name":{"type":"string"},"v":{"$ref":"#/definitions/d0"}},"definitions":{%s"d%d":{"type":"string"}}}`, b.String(), levels)
}

func chain(length int) string {
	var b strings.Builder
	for i := range length {
		fmt.Fprintf(&b, `"d%d":{"allOf":[{"$ref":"#/definitions/d%d"}]},`, i, i+1)
	}
	return fmt.Sprintf(`{"type":"object","properties":{"name":{"type":"string"},"v":{"$ref":"#/definitions/d0"}},"definitions":{%s"d%d":{"type":"string"}}}`, b.String(), length)
}

func TestCompileAccepts(t *testing.T) {
	for name, text := range map[string]string{
		"no $schema":             `{"properties":{"a":{"type":"number"}}}`,
		"property without type":  `{"type":"object","properties":{"a":{}}}`,
		"type list":              `{"type":["object","null"],"properties":{"a":{"type":["null","integer"]}}}`,
		"type of a reference":    `{"type":"object","properties":{"a":{"$ref":"#/definitions/id"}},"definitions":{"id":{"type":"string"}}}`,
		"top-level reference":    `{"$ref":"#/definitions/host","definitions":{"host":{"type":"object","properties":{"a":{"type":"string"}}}}}`,
		"reference to an id":     `{"$id":"http://x.example/root.json","type":"object","properties":{"a":{"$ref":"item.json"}},"definitions":{"i":{"$id":"item.json","type":"string"}}}`,
		"metaschema as property": `{"type":"object","properties":{"a":{"type":"string"},"schema":{"$ref":"http://json-schema.org/draft-07/schema#"}}}`,
		"2020 metaschema":        `{"type":"object","properties":{"a":{"type":"string"},"schema":{"$ref":"https://json-schema.org/draft/2020-12/schema"}}}`,
		"modest doubling":        doubling(9),
		"word escapes":           `{"type":"object","properties":{"a":{"type":"string","pattern":"^\\d{1,3}\\.\\w+\\s\\/$"}}}`,
		"many properties":        `{"type":"object","properties":{` + numbered(4000, `"p%d":{"type":"string"}`) + `}}`,
	} {
		if _, err := Compile([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := mustCompile(t, `{"type":"object","properties":{"a":{"type":"string"},"schema":{"$ref":"https://json-schema.org/draft/2020-12/schema"}}}`)
	if got := messageOf(t, s, `{"schema":{"properties":{"x":{"minLength":-1}}}}`); !strings.Contains(got, "/schema/properties/x/minLength") {
		t.Errorf("the metaschema does not reach its depths: %s", got)
	}
	if got := messageOf(t, s, `{"schema":{"items":{"prefixItems":[{"type":"string"}]}}}`); got != "" {
		t.Error(got)
	}
}

func TestDynamicReferences(t *testing.T) {
	tree := mustCompile(t, `{"$schema":"https://json-schema.org/draft/2020-12/schema","$dynamicAnchor":"node","type":"object",
		"properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$dynamicRef":"#node"}}}}`)
	recursive := mustCompile(t, `{"$schema":"https://json-schema.org/draft/2019-09/schema","$recursiveAnchor":true,"type":"object",
		"properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$recursiveRef":"#"}}}}`)
	for _, s := range []*Schema{tree, recursive} {
		if got := messageOf(t, s, `{"name":"a","children":[{"name":"b","children":[]}]}`); got != "" {
			t.Error(got)
		}
		if got := messageOf(t, s, `{"name":"a","children":[{"name":"b","children":[{"name":7}]}]}`); got != `[{"/children/0/children/0/name":"must be string"}]` {
			t.Error(got)
		}
	}
}

func TestTopLevelView(t *testing.T) {
	text := `{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","additionalProperties":false,
		"properties":{"zeta":{"type":"string","format":"email"},"alpha":{"type":["integer","null"]},"any":true,"ref":{"$ref":"#/definitions/d"}},
		"patternProperties":{"^x_":{}},"required":["alpha","undeclared"],"definitions":{"d":{"type":"number"}}}`
	s := mustCompile(t, text)
	want := []Property{{"zeta", []string{"string"}, "email", false}, {"alpha", []string{"integer", "null"}, "", true}, {"any", nil, "", false}, {"ref", []string{"number"}, "", false}}
	if got := s.Properties(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if string(s.Text()) != text {
		t.Error("Text is not the text")
	}
	if !s.Has("zeta") || s.Has("undeclared") || s.Has("type") {
		t.Error("Has")
	}
	if !s.Requires("alpha") || !s.Requires("undeclared") || s.Requires("zeta") {
		t.Error("Requires")
	}
	if !s.Allows("zeta") || !s.Allows("x_1") || s.Allows("id") {
		t.Error("Allows")
	}
	if s.DisplayNameCandidate("zeta") != nil || fault.CodeOf(s.DisplayNameCandidate("x_1")) != fault.CodeValidation {
		t.Error("DisplayNameCandidate")
	}
	for _, open := range []string{`{"properties":{"a":{}}}`, `{"properties":{"a":{}},"additionalProperties":true}`} {
		if !mustCompile(t, open).Allows("id") {
			t.Errorf("%s should allow id", open)
		}
	}
	if mustCompile(t, `{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"a":{}},"unevaluatedProperties":false}`).Allows("id") {
		t.Error("unevaluatedProperties: false should refuse id")
	}
}

// Numbers that stop the library with a panic, and some that nearly do.
func TestHostileNumbers(t *testing.T) {
	s := mustCompile(t, `{"type":"object","properties":{"name":{"type":"string"},"low":{"minimum":0},"high":{"maximum":5},"above":{"exclusiveMinimum":0},
		"step":{"multipleOf":0.5},"whole":{"type":"integer"},"one":{"const":1},"list":{"uniqueItems":true}}}`)
	for record, want := range map[string]string{
		`{"low":1e-10000001}`:                            "",
		`{"low":-1e-10000001}`:                           `[{"/low":"must be >= 0"}]`,
		`{"above":1e-99999999999999999999}`:              "",
		`{"above":0e-10000001}`:                          `[{"/above":"must be > 0"}]`,
		`{"above":0e10000001}`:                           `[{"/above":"must be > 0"}]`,
		`{"low":0e99999999999999999999,"high":0e99999}`:  "",
		`{"high":1.7e308}`:                               `[{"/high":"must be <= 5"}]`,
		`{"step":1e-10000001}`:                           `[{"/step":"must be multiple of 0.5"}]`,
		`{"step":0e-10000001}`:                           "",
		`{"whole":1e-10000001}`:                          `[{"/whole":"must be integer"}]`,
		`{"whole":0e-10000001}`:                          "",
		`{"one":1e-10000001}`:                            `[{"/one":"must be equal to constant"}]`,
		`{"list":[1e-10000001,-1e-10000001,0e-9999999]}`: "",
	} {
		if got := messageOf(t, s, record); got != want {
			t.Errorf("%s: got %s, want %s", record, got, want)
		}
	}
	// The gate refuses this one; without the gate it must still be no panic.
	if err := s.Check([]byte(`{"low":1e10000001}`)); err == nil {
		t.Error("1e10000001 was accepted")
	}
}

// Each record here costs the library far more than it costs to send. It must be
// answered from the count alone.
func TestWorkIsBounded(t *testing.T) {
	const tooMuch = "is too large or too deep to be checked against this schema"
	for name, c := range map[string]struct{ schema, record string }{
		"two branches per level": {
			`{"type":"object","properties":{"name":{"type":"string"},"v":{"allOf":[{"$ref":"#"},{"$ref":"#"}]}}}`,
			strings.Repeat(`{"v":`, 95) + `{"name":1}` + strings.Repeat(`}`, 95),
		},
		"long enum, many elements": {
			`{"type":"object","properties":{"name":{"type":"string"},"v":{"items":{"enum":[` + numbered(20_000, "%d") + `]}}}}`,
			`{"v":[` + strings.Repeat(`20001,`, 100_000) + `1]}`,
		},
		"heavy pattern, long text": {
			`{"type":"object","properties":{"name":{"type":"string"},"v":{"anyOf":[{"pattern":"(x+x+)+y"},{"pattern":"[a-z]{800}[b-y]{800}z"}]}}}`,
			`{"v":"` + strings.Repeat("x", 4_000_000) + `"}`,
		},
		"anyOf over many elements": {
			`{"type":"object","properties":{"name":{"type":"string"},"v":{"items":{"anyOf":[` + strings.Repeat(`{"type":"string"},`, 900) + `{"type":"null"}]}}}}`,
			`{"v":[` + strings.Repeat(`1,`, 100_000) + `1]}`,
		},
		"unevaluated copies": {
			`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"name":{"type":"string"}},
				"allOf":[` + strings.Repeat(`{"title":"x","minProperties":1},`, 400) + `true],"unevaluatedProperties":{"type":"integer"}}`,
			`{` + numbered(50_000, `"m%d":1`) + `}`,
		},
		"nested uniqueItems": {
			`{"type":"object","properties":{"name":{"type":"string"},"v":{"$ref":"#/definitions/u"}},"definitions":{"u":{"uniqueItems":true,"items":{"$ref":"#/definitions/u"}}}}`,
			`{"v":` + strings.Repeat(`[`, 90) + numbered(100_000, `"%d"`) + strings.Repeat(`]`, 90) + `}`,
		},
	} {
		s := mustCompile(t, c.schema)
		if got := messageOf(t, s, c.record); got != `[{"":"`+tooMuch+`"}]` {
			t.Errorf("%s: got %.300s", name, got)
		}
	}
}

// Colliding hashes must not make uniqueItems quadratic: all these arrays have
// one hash in the library.
func TestUniqueItemsWithCollidingHashes(t *testing.T) {
	const bits = 14
	list := make([]string, 1<<bits)
	for i := range list {
		var b strings.Builder
		b.WriteString(`["a`)
		for bit := range bits {
			if i>>bit&1 == 0 {
				b.WriteString(`","a`)
			} else {
				b.WriteString(`\u0004a`)
			}
		}
		list[i] = b.String() + `"]`
	}
	s := mustCompile(t, `{"type":"object","properties":{"name":{"type":"string"},"v":{"uniqueItems":true}}}`)
	if got := messageOf(t, s, `{"v":[`+strings.Join(list, ",")+`]}`); got != "" {
		t.Errorf("got %s", got)
	}
	if got := messageOf(t, s, `{"v":[`+strings.Join(append(list, list[7]), ",")+`]}`); !strings.Contains(got, "(items ## 7 and "+strconv.Itoa(len(list))) {
		t.Errorf("got %s", got)
	}
}

func TestLargeErrorsStaySmall(t *testing.T) {
	s := mustCompile(t, doubling(11))
	got := messageOf(t, s, `{"v":7}`)
	if got != `[{"/v":"must be string"}]` {
		t.Errorf("got %s", got)
	}
}

// A panic inside of the library is an internal fault, not the end of the process.
func TestPanicIsCaught(t *testing.T) {
	s := mustCompile(t, `{"type":"object","properties":{"a":{"type":"string"}}}`)
	broken := *s.library
	broken.graph = nil
	s.library = &broken
	if err := s.Check([]byte(`{"a":1}`)); fault.CodeOf(err) != fault.CodeInternal {
		t.Errorf("got %v", err)
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		wrap("7", `{"$ref":"#/definitions/positive"}`), wrap("2020", `{"$dynamicRef":"#x","$dynamicAnchor":"x"}`), doubling(3),
		wrap("4", `{"id":"#a","$ref":"#a"}`), wrap("2019", `{"$recursiveRef":"#","$recursiveAnchor":true}`),
		wrap("6", `{"$id":"a/b","items":[{"$ref":"../c#/d"}],"dependencies":{"a":["b"],"c":false}}`),
		`{"properties":{"a":{"pattern":"(a|b){3,}[^\\d]$","enum":[1e3,"x",null]}},"if":true,"then":{"required":["a"]}}`,
	} {
		f.Add([]byte(seed), []byte(`{"name":"x","v":{"a":[1,2.5,"x",null]}}`))
	}
	f.Fuzz(func(t *testing.T, text, record []byte) {
		s, err := Compile(text)
		if err != nil {
			if fault.CodeOf(err) != fault.CodeInvalidSchema || len(err.Error()) > 4000 {
				t.Fatalf("%.200s: %v", text, err)
			}
			return
		}
		err = s.Check(record)
		if codes := []fault.Code{fault.CodeSchema, fault.CodeMalformedJSON}; err != nil && !slices.Contains(codes, fault.CodeOf(err)) {
			t.Fatalf("%.200s: %.200s: %v", text, record, err)
		}
	})
}
