package httpapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/plumbline-dev/plumbline/internal/httpapi"
)

var update = flag.Bool("update", false, "write the OpenAPI documents anew")

const (
	documentV2 = "/public/openapi.json"
	documentV1 = "/public/openapi-v1.json"
)

var golden = map[string]string{documentV2: "openapi.json", documentV1: "openapi-v1.json"}

// The documents change only on purpose: run this test with -update and read
// the difference.
func TestDocumentsAreGolden(t *testing.T) {
	for path, file := range golden {
		w := httptest.NewRecorder()
		httpapi.New(httpapi.Options{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
			t.Fatalf("%s: %d %v", path, w.Code, w.Header())
		}
		if *update {
			if err := os.WriteFile(file, w.Body.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, w.Body.Bytes()) {
			t.Errorf("%s is not what the program serves under %s: run go test ./internal/httpapi -run Golden -update", file, path)
		}
	}
}

// documented is one operation of a document.
type documented struct {
	method, path string
	operation    map[string]any
	// schemas validate replies by status.
	schemas map[int]*jsonschema.Schema
}

// find is the operation of a request, nil if none.
func find(all []*documented, method, path string) *documented {
	steps := strings.Split(path, "/")
	for _, d := range all {
		if d.method == method && fits(d.path, steps) {
			return d
		}
	}
	return nil
}

// fits reports whether the steps of a path are those of a documented one, in which a
// placeholder is any step that is not empty.
func fits(path string, steps []string) bool {
	at := 0
	for want := range strings.SplitSeq(path, "/") {
		if at == len(steps) || steps[at] != want && (steps[at] == "" || !strings.HasPrefix(want, "{")) {
			return false
		}
		at++
	}
	return at == len(steps)
}

// operationsOf reads the operations of a document or of facts. prefix stands
// before their paths.
func operationsOf(name string, doc map[string]any, prefix string) []*documented {
	// The compiler finds what stands in $defs at once; for a schema elsewhere it copies all that it knows.
	defs := map[string]any{}
	for _, schemas := range []any{doc["schemas"], object(doc["components"])["schemas"]} {
		for of, schema := range object(schemas) {
			defs[of] = inDefs(schema)
		}
	}
	var out []*documented
	paths := object(doc["paths"])
	// Paths with fewer placeholders first, so that none takes a fixed word.
	for _, path := range slices.SortedFunc(maps.Keys(paths), func(a, b string) int { return strings.Count(a, "{") - strings.Count(b, "{") }) {
		for method, op := range object(paths[path]) {
			d := &documented{method: strings.ToUpper(method), path: prefix + path, operation: object(op), schemas: map[int]*jsonschema.Schema{}}
			for status, response := range object(d.operation["responses"]) {
				code, err := strconv.Atoi(status)
				if err != nil {
					panic(err)
				}
				d.schemas[code] = nil
				if json := object(object(object(response)["content"])["application/json"]); json != nil {
					defs[replyOf(len(out), code)] = inDefs(json["schema"])
				}
			}
			out = append(out, d)
		}
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	url := "mem:///" + name
	if err := c.AddResource(url, map[string]any{"$defs": defs}); err != nil {
		panic(err)
	}
	for i, d := range out {
		for code := range d.schemas {
			if at := replyOf(i, code); defs[at] != nil {
				d.schemas[code] = c.MustCompile(url + "#/$defs/" + at)
			}
		}
	}
	return out
}

// replyOf names the schema of a reply of the i-th operation.
func replyOf(i, code int) string { return fmt.Sprintf("reply-%d-%d", i, code) }

// inDefs is a schema whose references lead into $defs.
func inDefs(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, each := range v {
			if ref, ok := each.(string); ok && key == "$ref" {
				each = "#/$defs/" + ref[strings.LastIndexByte(ref, '/')+1:]
			}
			out[key] = inDefs(each)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, each := range v {
			out[i] = inDefs(each)
		}
		return out
	}
	return v
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func readJSON(file string) map[string]any {
	f, err := os.Open(file)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	v, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		panic(err)
	}
	return object(v)
}

// Ours and the contract's operations; the latter's schemas are of OpenAPI 3.0
// and become JSON Schema first.
var (
	ours = sync.OnceValue(func() []*documented {
		return slices.Concat(operationsOf("v2", readJSON("openapi.json"), ""), operationsOf("v1", readJSON("openapi-v1.json"), ""))
	})
	facts = sync.OnceValue(func() []*documented {
		v2, v1 := readJSON("testdata/facts-v2.json"), factsV1()
		modern(v2)
		modern(v1)
		return slices.Concat(operationsOf("facts-v2", v2, "/public/v2"), operationsOf("facts-v1", v1, "/public"))
	})
)

// modern turns OpenAPI 3.0 schemas into JSON Schema, in place.
func modern(v any) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			v["$ref"] = strings.Replace(ref, "#/components/schemas/", "#/schemas/", 1)
		}
		if v["nullable"] == true {
			if t, ok := v["type"].(string); ok {
				v["type"] = []any{t, "null"}
			} else {
				inner := maps.Clone(v)
				delete(inner, "nullable")
				clear(v)
				v["anyOf"] = []any{inner, map[string]any{"type": "null"}}
			}
		}
		delete(v, "nullable")
		for _, each := range v {
			modern(each)
		}
	case []any:
		for _, each := range v {
			modern(each)
		}
	}
}

// conforms checks a reply against our document and the contract's facts.
func (s *server) conforms(t testing.TB, method, path string, g got) {
	t.Helper()
	if method == http.MethodHead {
		return
	}
	d := find(ours(), method, path)
	if d == nil {
		return
	}
	if g.status < 300 {
		s.seen[d.method+" "+d.path] = true
	}
	schema, known := d.schemas[g.status]
	media, _, _ := strings.Cut(g.header.Get("Content-Type"), ";")
	content := object(object(object(d.operation["responses"])[strconv.Itoa(g.status)])["content"])
	switch {
	case media != "" && media != "application/json":
		if content[media] == nil {
			t.Errorf("%s %s answered %d with %s, which is not documented", method, d.path, g.status, media)
		}
		return
	case !known:
		t.Errorf("%s %s answered %d, which is not documented: %s", method, d.path, g.status, g.body)
	case schema == nil && len(g.body) > 0:
		t.Errorf("%s %s answered %d with a body: %s", method, d.path, g.status, g.body)
	case schema != nil:
		valid(t, "our document", schema, g)
	}
	// What we add may stand where the contract has the number of an object.
	if f := find(facts(), method, path); f != nil && f.path == d.path && f.schemas[g.status] != nil {
		// The published debugInfo is an object, although it is null in the
		// replies that were seen, and so is an explanation, which is any JSON.
		body := bytes.Replace(g.body, []byte(`,"debugInfo":null`), nil, 1)
		if bytes.Contains(body, []byte("Explanation")) {
			body = explanation.ReplaceAll(body, []byte(`${1}null`))
		}
		if !bytes.Equal(body, g.body) {
			g = newGot(t, g.status, g.header, body)
		}
		valid(t, "the contract", f.schemas[g.status], g)
	}
}

// explanation is one that is no object; those of the tests have neither quotes nor
// brackets within.
var explanation = regexp.MustCompile(`("\w+Explanation": ?)("[^"]*"|\[[^\]]*\]|true|false|\d+)`)

func valid(t testing.TB, which string, schema *jsonschema.Schema, g got) {
	t.Helper()
	if ct := g.header.Get("Content-Type"); ct != "application/json" {
		t.Errorf("Content-Type is %q", ct)
	}
	v, err := g.parsed()
	if err != nil {
		t.Errorf("%v: %s", err, g.body)
		return
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("a reply does not satisfy %s: %v\n%s", which, err, g.body)
	}
}

// Every operation of the facts stands in our documents with the same id,
// parameters, enums and required properties. What we take has all values of an
// enum, and what we answer none that the contract's clients do not know.
func TestDocumentsHoldTheContract(t *testing.T) {
	v2, v1 := readJSON("openapi.json"), readJSON("openapi-v1.json")
	oldV2, oldV1 := readJSON("testdata/facts-v2.json"), factsV1()
	modern(oldV2)
	modern(oldV1)
	for _, f := range facts() {
		t.Run(f.method+" "+f.path, func(t *testing.T) {
			var mine *documented
			for _, d := range ours() {
				if d.method == f.method && d.path == f.path {
					mine = d
				}
			}
			if mine == nil {
				t.Fatal("the operation is missing")
			}
			doc, old := v2, oldV2
			if !strings.HasPrefix(f.path, "/public/v2/") {
				doc, old = v1, oldV1
			}
			if id := f.operation["operationId"]; id != nil && id != mine.operation["operationId"] {
				t.Errorf("operationId is %v, want %v", mine.operation["operationId"], id)
			}
			if got, want := text(mine.operation["x-permissions"]), text(f.operation["permissions"]); got != want {
				t.Errorf("permissions are %s, want %s", got, want)
			}
			for _, p := range list(f.operation["parameters"]) {
				compareParameter(t, doc, old, mine, object(p))
			}
			if body := f.operation["requestBody"]; body != nil {
				compareSchema(t, doc, old, "body", contentOf(mine.operation["requestBody"]), contentOf(body), true)
			}
			for status, response := range object(f.operation["responses"]) {
				mineToo, ok := object(mine.operation["responses"])[status]
				if !ok {
					if leftOut[f.method+" "+f.path+" "+status] == "" {
						t.Errorf("status %s is not documented", status)
					}
					continue
				}
				if status < "300" {
					compareSchema(t, doc, old, status, contentOf(mineToo), contentOf(response), false)
				}
			}
		})
	}
}

// leftOut are published statuses that we never answer with, and why.
var leftOut = map[string]string{
	"POST /public/v2/custom-connections/{connectionId}/resources/{resourceId}/sessions/{sessionId}/actions 201": "an empty object for what 200 says whole",
	"PUT /public/v2/workspaces/{workspaceId}/monitoring-tests/{testId} 204":                                     "a change is answered with what became of it",
	"PUT /public/v2/assets/{assetId} 204":                                                                       "a change is answered with what became of it",
}

// departures are properties that differ from the facts on purpose, and parts that
// cannot be asked for.
var departures = map[string]string{
	"drataTermsAgreedAt": "always null: there are no such terms here",
}

func contentOf(v any) map[string]any {
	return object(object(object(object(v)["content"])["application/json"])["schema"])
}

func compareParameter(t *testing.T, doc, old map[string]any, mine *documented, want map[string]any) {
	t.Helper()
	name, in := want["name"], want["in"]
	for _, p := range list(mine.operation["parameters"]) {
		p := object(p)
		if p["name"] != name || p["in"] != in {
			continue
		}
		// The published text marks these as required; its prose and its
		// clients do not.
		session := strings.HasPrefix(name.(string), "x-session-")
		if got, want := p["required"] == true, want["required"] == true; got != want && !session {
			t.Errorf("parameter %s: required is %v, want %v", name, got, want)
		}
		compareSchema(t, doc, old, "parameter "+name.(string), object(p["schema"]), object(want["schema"]), true)
		return
	}
	t.Errorf("parameter %v in %v is missing", name, in)
}

// compareSchema demands that a schema of ours has what the contract's has:
// type, enum and bounds, all properties, and for replies all required ones.
func compareSchema(t *testing.T, doc, old map[string]any, at string, mine, want map[string]any, request bool) {
	t.Helper()
	mine, want = follow(doc, mine), follow(old, want)
	if one := list(want["oneOf"]); one != nil {
		theirs := list(mine["oneOf"])
		for _, w := range one {
			i := slices.IndexFunc(theirs, func(m any) bool { return typeOf(doc, object(m)) == typeOf(old, object(w)) })
			if i < 0 {
				t.Errorf("%s: no form for %s", at, text(w))
				continue
			}
			compareSchema(t, doc, old, at, object(theirs[i]), object(w), request)
		}
		return
	}
	// A form of ours that is one of several must fit the one that is wanted.
	if one := list(mine["oneOf"]); one != nil {
		i := slices.IndexFunc(one, func(m any) bool { return typeOf(doc, object(m)) == typeOf(old, want) })
		if i < 0 {
			t.Errorf("%s: no form for %s", at, text(want))
			return
		}
		mine = follow(doc, object(one[i]))
	}
	if w, m := typeOf(old, want), typeOf(doc, mine); w != "" && m != w && !departs(at, m) {
		t.Errorf("%s: type is %s, want %s", at, m, w)
	}
	taken, given := list(mine["enum"]), list(want["enum"])
	for _, w := range given {
		if part, _ := w.(string); request && !slices.Contains(taken, w) && departures[part] == "" {
			t.Errorf("%s: enum lacks %v", at, w)
		}
	}
	for _, m := range taken {
		if !request && given != nil && !slices.Contains(given, m) {
			t.Errorf("%s: enum has %v, which the contract does not know", at, m)
		}
	}
	for _, bound := range []string{"minimum", "maximum", "minLength", "maxLength", "default"} {
		if w := want[bound]; w != nil && text(w) != text(mine[bound]) {
			t.Errorf("%s: %s is %s, want %s", at, bound, text(mine[bound]), text(w))
		}
	}
	properties := object(mine["properties"])
	for name, w := range object(want["properties"]) {
		m, ok := properties[name]
		if !ok {
			// In v1 a record's own properties stand where v2 has data.
			if mine["additionalProperties"] != true && departures[name] == "" {
				t.Errorf("%s: property %s is missing", at, name)
			}
			continue
		}
		compareSchema(t, doc, old, at+"."+name, object(m), object(w), request)
	}
	for _, name := range list(want["required"]) {
		if !slices.Contains(list(mine["required"]), name) {
			t.Errorf("%s: %v is not required", at, name)
		}
	}
	if w := object(want["items"]); len(w) > 0 {
		compareSchema(t, doc, old, at+"[]", object(mine["items"]), w, request)
	}
}

// departs reports whether a place of a reply may have another type: one that is
// listed, and an explanation, which is any JSON although the published type is
// an object, because the published examples are strings.
func departs(at, mine string) bool {
	last := at[strings.LastIndexByte(at, '.')+1:]
	return departures[last] != "" || strings.HasSuffix(last, "Explanation") && mine == ""
}

// follow is what a schema stands for: what it refers to, or its one form besides
// null.
func follow(doc, schema map[string]any) map[string]any {
	for _, word := range []string{"allOf", "anyOf"} {
		forms := slices.DeleteFunc(slices.Clone(list(schema[word])), func(v any) bool { return object(v)["type"] == "null" })
		if len(forms) == 1 && schema["properties"] == nil {
			return follow(doc, object(forms[0]))
		}
	}
	ref, ok := schema["$ref"].(string)
	if !ok {
		return schema
	}
	var v any = doc
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		v = object(v)[step]
	}
	return follow(doc, object(v))
}

// typeOf is the type of a schema, null aside; our integers are the contract's
// numbers.
func typeOf(doc, schema map[string]any) string {
	schema = follow(doc, schema)
	t, ok := schema["type"].(string)
	for _, each := range list(schema["type"]) {
		if each != "null" && !ok {
			t, _ = each.(string)
		}
	}
	if t == "" && schema["properties"] != nil {
		return "object"
	}
	if t == "integer" {
		return "number"
	}
	return t
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
