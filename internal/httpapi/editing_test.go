package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

const lint = monitoringTests + "/lint"

// edited is a request with a text, which may be any.
func edited(text, what, more string) string {
	return `{"text":` + string(strictjson.AppendText(nil, text)) + `,"what":"` + what + `"` + more + `}`
}

func lintCase(t *testing.T, s *server) {
	r := s.resource(t)
	at := `,"resourceId":` + r.id
	s.call(t, "POST", lint, edited(logic(r), "logic", "")).is(200).has(map[string]any{"valid": true, "diagnostics": "[]", "words.logic": "All groups must pass.", "words.groups.0.resourceId": r.id,
		"words.groups.0.demand.text": "`mfa` is true", "words.groups.0.scope.text": "All records", "words.groups.0.assertion": "Every record must satisfy it.", "formatted": nil})
	s.call(t, "POST", lint, edited("{\n \"evaluator\": {\"all\":[{\"fact\":\"mfaa\",\"operator\":\"equals\",\"value\":1.0}]}}", "group", at+`,"format":true`)).is(200).has(map[string]any{"valid": false, "words": absent,
		"diagnostics.0.severity": "error", "diagnostics.0.line": 2, "diagnostics.0.column": 49, "diagnostics.0.endColumn": 57, "diagnostics.0.from": 50, "diagnostics.0.to": 58,
		"diagnostics.0.pointer": "/evaluator/all/0/operator", "diagnostics.0.suggestion.label": "Change to `equal`", "diagnostics.0.suggestion.edits.0.from": 50, "diagnostics.0.suggestion.edits.0.text": `"equal"`,
		"formatted": "{\n  \"evaluator\": {\n    \"all\": [\n      { \"fact\": \"mfaa\", \"operator\": \"equals\", \"value\": 1.0 }\n    ]\n  }\n}\n"})
	g := s.call(t, "POST", lint, edited(`{"evaluator":{"all":[{"fact":"mfaa","operator":"exists","value":true}]},"filteringCriteria":{"any":[{"fact":"mfa","operator":"equal","value":"yes"}]}}`, "group", at)).is(200)
	g.has(map[string]any{"valid": true, "diagnostics.0.severity": "warning", "diagnostics.0.pointer": "/evaluator/all/0/fact", "diagnostics.0.suggestion.edits.0.text": `"mfa"`,
		"diagnostics.1.pointer": "/filteringCriteria/any/0/value", "diagnostics.2": absent, "words.logic": "", "words.groups.0.scope.items.0.text": "`mfa` is \"yes\""})
	if !strings.Contains(g.text("words.groups.0.resourceName"), "Users") {
		t.Errorf("no name of the resource in %s", g.body)
	}
	s.call(t, "POST", lint, edited(`{"fact":"mfa","operator":"equal","value":true}`, "condition", "")).is(200).has(map[string]any{"valid": true, "condition.text": "`mfa` is true", "words": absent})
	s.call(t, "POST", lint, edited(`{"fact":"mfa","operator":"equal","value":true}`, "evaluator", "")).is(200).has(map[string]any{"valid": false, "diagnostics.0.suggestion.edits.1.text": "]}"})
	// What no rule can know: resources.
	s.call(t, "POST", lint, edited(`{"groups":[{"evaluator":{"all":[]}}]}`, "logic", "")).is(200).has(map[string]any{"valid": false, "diagnostics.0.severity": "error", "diagnostics.0.pointer": "/groups/0/resourceId", "diagnostics.1.severity": "warning"})
	s.call(t, "POST", lint, edited(`{"groups":[{"resourceId":999999,"evaluator":{"any":[{"fact":"a","operator":"exists","value":true}]}}]}`, "logic", "")).is(200).
		has(map[string]any{"valid": false, "diagnostics.0.pointer": "/groups/0/resourceId", "diagnostics.0.column": 26, "diagnostics.0.endColumn": 32})
	s.call(t, "POST", lint, edited(`{"evaluator":{"any":[{"fact":"a","operator":"existsIn","value":{"resource":"no such","path":"p"}}]}}`, "group", at)).is(200).has(map[string]any{"valid": false,
		"diagnostics.0.pointer": "/evaluator/any/0/fact", "diagnostics.1.severity": "error", "diagnostics.1.pointer": "/evaluator/any/0/value/resource", "diagnostics.2": absent})
	s.call(t, "POST", lint, edited(`{"evaluator":{"any":[{"fact":"email","operator":"existsIn","value":{"resource":"\u0000","path":"p"}}]}}`, "group", at)).is(200).has(map[string]any{"valid": false, "diagnostics.0.pointer": "/evaluator/any/0/value/resource"})
	for _, text := range []string{"", "{", "\u0001", strings.Repeat("[", 100000), `{"all":[1e400]}`} {
		s.call(t, "POST", lint, edited(text, "logic", `,"format":true`)).is(200).has(map[string]any{"valid": false, "diagnostics.0.severity": "error"})
	}
	name := s.name("Safe")
	s.call(t, "PUT", conditionAt(name), `{"logic":{"fact":"mfa","operator":"equal","value":true}}`).is(200)
	s.call(t, "POST", lint, edited(fmt.Sprintf(`{"all":[{"condition":%q}]}`, name), "evaluator", "")).is(200).has(map[string]any{"valid": true, "condition.items.0.text": "`mfa` is true"})
	s.call(t, "POST", lint, edited(fmt.Sprintf(`{"all":[{"condition":%q}]}`, name+"x"), "evaluator", "")).is(200).has(map[string]any{"diagnostics.0.suggestion.edits.0.text": `"` + name + `"`})

	s.call(t, "POST", lint, edited("{}", "else", "")).refused(400, 40001, "/what")
	s.call(t, "POST", lint, edited("{}", "logic", `,"resourceId":999999`)).refused(400, 40001, "/resourceId")
	s.call(t, "POST", lint, edited(strings.Repeat(" ", 2<<20+1), "logic", "")).refused(400, 40001, "/text")
	s.call(t, "POST", lint, `{"text":"{}","what":"logic","more":1}`).refused(400, 40002, "/more")
	s.call(t, "POST", "/workspaces/999999/monitoring-tests/lint", edited("{}", "logic", "")).refused(404, 40401, "")
}

func testWordsCase(t *testing.T, s *server) {
	r := s.resource(t)
	path := s.test(t, r)
	s.call(t, "GET", path, "").is(200).has(map[string]any{"words": absent, "draftWords": absent})
	s.call(t, "PUT", path, `{"logic":`+strings.Replace(logic(r), "true", "false", 1)+`}`).is(200)
	s.call(t, "GET", path+"?expand[]=words", "").is(200).has(map[string]any{"words.groups.0.demand.text": "`mfa` is true", "draftWords.groups.0.demand.text": "`mfa` is false", "words.logic": "All groups must pass."})
}

func completeCase(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "POST", r.path+"/records", `{"data":[{"email":"a@b.cd","mfa":true,"team":"red"},{"email":"c@b.cd","team":"red"},{"email":"d@b.cd","team":"blue"}]}`).is(200)
	name := s.name("Strong")
	s.call(t, "PUT", conditionAt(name), `{"logic":{"fact":"mfa","operator":"equal","value":true}}`).is(200)
	const at = monitoringTests + "/complete"
	ask := func(marked, what string) got {
		t.Helper()
		text, _, _ := strings.Cut(marked, "|")
		return s.call(t, "POST", at, edited(strings.Replace(marked, "|", "", 1), what, fmt.Sprintf(`,"offset":%d,"resourceId":%s`, len(text), r.id))).is(200)
	}
	ask(`{"evaluator":{"all":[{"fact":"m|"}]}}`, "group").has(map[string]any{"from": 29, "to": 32, "items.0.kind": "fact", "items.0.label": "mfa", "items.0.detail": "boolean",
		"items.0.edits.0.from": 29, "items.0.edits.0.to": 32, "items.0.edits.0.text": `"mfa"`, "items.0.caret": 34, "more": false})
	ask(`{"all":[{"fact":"team","operator":"equal","value":|`, "evaluator").has(map[string]any{"items.0.label": "red", "items.0.edits.0.text": `"red"`, "items.1.label": "blue"})
	ask(`{"condition":"`+name[:3]+`|"}`, "condition").has(map[string]any{"items.0.kind": "condition"})
	ask(`{"groups":[{"resourceId":`+r.id+`,"evaluator":{"any":[{"fact":"em|`, "logic").has(map[string]any{"items.0.label": "email"})
	ask(`{"groups":[{"resourceId":999999,"evaluator":{"any":[{"fact":"|`, "logic").has(map[string]any{"items.0.label": "$", "items.1": absent})
	if g := ask(`{"groups":[{"resourceId":|`, "logic"); !strings.Contains(g.text("items.0.kind"), "resource") {
		t.Errorf("no resources: %s", g.body)
	}
	ask(`{"all":[{"fact":"email","operator":"existsIn","value":{"resource":`+r.id+`,"where":{"fact":"te|`, "evaluator").has(map[string]any{"items.0.label": "team"})
	ask(`{"all":[{"fact":"email","operator":"existsIn","value":{"resource":"no such","where":{"fact":"te|`, "evaluator").has(map[string]any{"items": "[]"})
	ask(`{"all":[{"fact":"email","operator":"existsIn","value":{"resource":"\u0000","where":{"fact":"te|`, "evaluator").has(map[string]any{"items": "[]"})
	s.call(t, "POST", at, edited("{}", "logic", `,"offset":-1`)).refused(400, 40001, "/offset")
	s.call(t, "POST", at, edited("{}", "logic", `,"offset":1,"resourceId":999999`)).refused(400, 40001, "/resourceId")
	s.call(t, "POST", at, edited("{}", "", `,"offset":1`)).refused(400, 40001, "/what")
	s.call(t, "POST", "/workspaces/999999/monitoring-tests/complete", edited("{}", "logic", `,"offset":0`)).refused(404, 40401, "")
}
