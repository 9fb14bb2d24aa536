package httpapi_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func ruleLanguageCase(t *testing.T, s *server) {
	s.call(t, "GET", "/rule-language", "").is(200).has(map[string]any{"operators.0.name": "equal", "operators.0.words": "is", "operators.0.input": "one", "operators.0.reference": true,
		"operators.0.example.operator": "equal", "logics.0.name": "ALL_GROUPS", "logics.0.default": true, "logics.2.name": "AT_MOST_ONE_FAILS", "filters.1.name": "exclusion",
		"onEmpty.0.name": "error", "assertions.1.name": "maxFailing", "assertions.1.parameters.0.name": "value", "limits.groups": 100, "limits.depth": 64,
		"decorators.0.name": "someFact", "conditions.0.name": "all"})
}

func attributesCase(t *testing.T, s *server) {
	r := s.resourceOf(t, `{"type":"object","required":["email"],"properties":{"email":{"type":"string","description":"Who","format":"email"},"role":{"type":["string","null"],"enum":["admin","user",null]},
		"disks":{"type":"array","items":{"type":"object","properties":{"on":{"type":"boolean"}}}}}}`, "email")
	at := r.path + "/attributes"
	s.call(t, "GET", at, "").is(200).has(map[string]any{"resourceId": r.id, "sample.records": 0, "sample.of": 0, "attributes.0.present": 0, "attributes.3": absent, "truncated": false})
	s.call(t, "POST", r.path+"/records", `{"data":[{"email":"a@b.cd","role":"admin","disks":[{"on":true},{"on":false,"size":5}],"we.ird":{"it's":1.50}},
		{"email":"c@b.cd","role":null,"disks":[],"loginAt":"2026-01-01T10:00:00Z"},{"email":"A@b.cd","role":"admin"}]}`).is(200)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"sample.records": 3, "sample.of": 3,
		"attributes.0.name": "email", "attributes.0.own.fact": "email", "attributes.0.own.path": absent, "attributes.0.from.fact": "email", "attributes.0.pointer": "/email", "attributes.0.declared": true,
		"attributes.0.required": true, "attributes.0.description": "Who", "attributes.0.format": "email", "attributes.0.present": 3, "attributes.0.operators.0": "equal", "attributes.0.values.1": "c@b.cd",
		"attributes.1.enum.0": "admin", "attributes.1.enum.2": nil, "attributes.1.nulls": 1, "attributes.1.types.1": "null",
		"attributes.2.elements.pointer": "/disks/*", "attributes.2.elements.own.fact": "$", "attributes.2.elements.from.path": "$[*]",
		"attributes.2.elements.children.0.own.fact": "on", "attributes.2.elements.children.0.own.path": absent,
		"attributes.2.elements.children.0.from.fact": "disks", "attributes.2.elements.children.0.from.path": "$[*].on",
		"attributes.2.elements.children.1.declared": false, "attributes.2.elements.children.1.values.0": 5,
		"attributes.3.name": "we.ird", "attributes.3.declared": false, "attributes.3.children.0.own.fact": "we.ird", "attributes.3.children.0.own.path": `$['it\'s']`,
		"attributes.4.name": "id", "attributes.5.name": "loginAt", "attributes.5.format": "date-time", "attributes.5.operators.0": "withinLastHours", "attributes.6": absent})
	values := at + "/values?fact="
	s.call(t, "GET", values+"role", "").is(200).has(map[string]any{"resourceId": r.id, "sample.records": 3, "sample.of": 3, "present": 3, "different": 2, "values.0.value": "admin", "values.0.records": 2,
		"values.1.value": nil, "values.1.records": 1, "values.2": absent})
	s.call(t, "GET", values+"email&prefix=A", "").is(200).has(map[string]any{"different": 3, "values.0.value": "A@b.cd", "values.1.value": "a@b.cd", "values.2": absent})
	s.call(t, "GET", values+"email&size=1", "").is(200).has(map[string]any{"different": 3, "values.1": absent})
	s.call(t, "GET", values+"disks&path="+url.QueryEscape("$[*].on"), "").is(200).has(map[string]any{"present": 1, "values.0.value": false, "values.1.value": true})
	s.call(t, "GET", values+url.QueryEscape("we.ird")+"&path="+url.QueryEscape(`$['it\'s']`), "").is(200).has(map[string]any{"values.0.value": 1.5, "present": 1})
	s.call(t, "GET", values+"none", "").is(200).has(map[string]any{"present": 0, "values": "[]"})
	s.call(t, "GET", at+"/values", "").refused(400, 40001, "fact")
	s.call(t, "GET", values+"a&path=%5B", "").refused(400, 40001, "path")
	s.call(t, "GET", values+"a&size=1000", "").refused(400, 40001, "size")
	s.call(t, "GET", values+"%ff", "").refused(400, 40001, "fact")
	for _, path := range []string{"/custom-connections/" + r.connection + "/resources/999999/attributes", "/custom-connections/999999/resources/" + r.id + "/attributes"} {
		s.call(t, "GET", path, "").refused(404, 40401, "")
		s.call(t, "GET", path+"/values?fact=a", "").refused(404, 40401, "")
	}
	// Names that are really values do not make the answer large.
	var b strings.Builder
	b.WriteString(`{"data":[{"email":"wide"`)
	for i := range 2000 {
		b.WriteString(`,"p` + strconv.Itoa(i) + `":{"x":1}`)
	}
	s.call(t, "POST", r.path+"/records", b.String()+"}]}").is(200)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"truncated": true, "attributes.300": absent})
}
